//! Networks that were trained on ImageNet: a file each.

mod mobilenet;
mod resnet;
mod squeezenet;

use super::block::Block;
use super::convolution::Convolution;
use super::stored::Stored;
use crate::weights::{Error, TensorFile};
use burn::prelude::*;
use burn::tensor::TensorData;
use std::collections::BTreeMap;
use std::path::Path;

/// What [`Pretrained::open`] knows, for messages.
const KNOWN: &str = "SqueezeNet 1.0 and 1.1, ResNet-18, -34, -50, -101 and -152, and MobileNetV2";

/// What pictures must look like: as they did when the network was trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preparation {
    /// Rows and columns.
    pub size: [usize; 2],
    /// The channel that stands in each place: 0 is red, 1 green, 2 blue.
    pub channels: [usize; 3],
    /// What is taken away from each of them, which is from 0 to 255.
    pub means: [f32; 3],
    /// What it is then divided by.
    pub deviations: [f32; 3],
}

impl Preparation {
    /// Blue before red, less the mean colour.
    pub const CAFFE: Self = Self {
        size: [227, 227],
        channels: [2, 1, 0],
        means: [104.0, 117.0, 123.0],
        deviations: [1.0; 3],
    };
    /// Red, green and blue from 0 to 1, less their means and over their deviations.
    pub const TORCHVISION: Self = Self {
        size: [224, 224],
        channels: [0, 1, 2],
        means: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
        deviations: [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0],
    };
}

/// A convolutional network with weights that others trained: blocks, one after the other.
#[derive(Module, Debug)]
pub struct Pretrained {
    /// The blocks, the first of which sees the picture.
    pub blocks: Vec<Block>,
    /// What makes classes of features.
    pub classes: Option<Convolution>,
    #[module(skip)]
    name: &'static str,
    /// Whether classes are told from the mean of all places, rather than the mean taken of what is told at each.
    #[module(skip)]
    mean_first: bool,
    #[module(skip)]
    preparation: Preparation,
}

impl Pretrained {
    /// Reads weights from a safetensors file or one of PyTorch, as [`TensorFile::read_foreign`] does. Which network it is, its tensors
    /// say: names and shapes are those of torchvision, for SqueezeNet 1.0 also those of the Caffe model.
    ///
    /// Batch normalisations become part of the convolutions before them.
    ///
    /// # Errors
    /// If the file is missing or broken, or holds another network.
    pub fn open(path: &Path, device: &Device) -> Result<Self, Error> {
        Self::from_tensors(TensorFile::read_foreign(path)?.tensors, path, device)
    }

    /// The network of tensors; `path` is for messages.
    ///
    /// # Errors
    /// If they are those of none.
    pub fn from_tensors(
        tensors: BTreeMap<String, TensorData>,
        path: &Path,
        device: &Device,
    ) -> Result<Self, Error> {
        let mut stored = Stored::new(tensors, path, device);
        let families = [squeezenet::read, resnet::read, mobilenet::read];
        let Some(network) = families.iter().find_map(|read| read(&mut stored)) else {
            return Err(Error::UnknownNetwork {
                path: path.to_owned(),
                known: KNOWN.into(),
                found: stored.names(),
            });
        };
        let network = network?;
        stored.finish()?;
        Ok(network)
    }

    /// Which network it is: `ResNet-50`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What pictures must look like.
    pub fn preparation(&self) -> Preparation {
        self.preparation
    }

    /// Channels of the feature grid.
    pub fn channels(&self) -> usize {
        self.blocks.last().map_or(0, Block::channels)
    }

    /// Rows and columns of the feature grid, from those of what the last `left` blocks read.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn sides(&self, left: usize, sides: [usize; 2]) -> [usize; 2] {
        let last = self.last(left);
        last.iter().fold(sides, |sides, block| block.sides(sides))
    }

    /// A picture as the network reads it, `[1, 3, rows, columns]`, from red, green and blue of each place, row by row.
    ///
    /// # Panics
    /// If there are not three bytes for each place.
    pub fn input(&self, rgb: &[u8], [rows, columns]: [usize; 2]) -> Tensor<4> {
        assert_eq!(rgb.len(), 3 * rows * columns, "three bytes for each place");
        let preparation = &self.preparation;
        let plane = |place: usize| {
            let (mean, deviation) = (preparation.means[place], preparation.deviations[place]);
            let values = rgb.iter().skip(preparation.channels[place]).step_by(3);
            values.map(move |value| (f32::from(*value) - mean) / deviation)
        };
        let values: Vec<f32> = (0..3).flat_map(plane).collect();
        let data = TensorData::new(values, [1, 3, rows, columns]);
        let devices = self.devices();
        Tensor::from_data(data, &devices[0])
    }

    /// What the last block gives, `[batch, channels, rows, columns]`.
    pub fn features(&self, pictures: Tensor<4>) -> Tensor<4> {
        self.features_before(pictures, 0)
    }

    /// What the last `left` blocks would read: with 0 as [`Self::features`].
    ///
    /// # Panics
    /// If there are not so many.
    pub fn features_before(&self, pictures: Tensor<4>, left: usize) -> Tensor<4> {
        let first = &self.blocks[..self.blocks.len() - left];
        first
            .iter()
            .fold(pictures, |seen, block| block.forward(seen))
    }

    /// The last `count` blocks.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn last(&self, count: usize) -> &[Block] {
        &self.blocks[self.blocks.len() - count..]
    }

    /// A logit for each class, `[batch, classes]`, from the features; nothing if the file did not say how.
    pub fn classify(&self, features: Tensor<4>) -> Option<Tensor<2>> {
        let classes = self.classes.as_ref()?;
        let told = match self.mean_first {
            true => classes.forward(mean(features)),
            false => mean(classes.forward(features)),
        };
        let [batch, count, ..] = told.dims();
        Some(told.reshape([batch, count]))
    }
}

/// The mean of all places, `[batch, channels, 1, 1]`.
fn mean(grid: Tensor<4>) -> Tensor<4> {
    let [batch, channels, rows, columns] = grid.dims();
    let places: Tensor<3> = grid.reshape([batch, channels, rows * columns]);
    places.mean_dim(2).reshape([batch, channels, 1, 1])
}

#[cfg(test)]
mod tests;
