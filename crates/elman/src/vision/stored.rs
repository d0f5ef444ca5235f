//! The tensors of a file, taken one after the other by the network that they are of.

use super::block::{Block, Part};
use super::convolution::{Convolution, Rectifier};
use crate::weights::{Error, shortened};
use burn::module::Param;
use burn::nn::conv::Conv2dConfig;
use burn::prelude::*;
use burn::tensor::TensorData;
use std::collections::BTreeMap;
use std::path::Path;

/// What PyTorch adds to a variance before its root is taken.
const EPSILON: f64 = 1e-5;

/// Tensors by name; `path` is for messages.
pub(super) struct Stored<'a> {
    tensors: BTreeMap<String, TensorData>,
    path: &'a Path,
    device: &'a Device,
    network: &'static str,
}

impl<'a> Stored<'a> {
    pub(super) fn new(
        tensors: BTreeMap<String, TensorData>,
        path: &'a Path,
        device: &'a Device,
    ) -> Self {
        Self {
            tensors,
            path,
            device,
            network: "",
        }
    }

    /// Says what the tensors were recognised as, for messages.
    pub(super) fn is(&mut self, network: &'static str) {
        self.network = network;
    }

    /// The shape of a tensor, if there is one of this name.
    pub(super) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.get(name)?.shape().to_vec())
    }

    /// The first names.
    pub(super) fn names(&self) -> String {
        shortened(self.tensors.keys().map(String::as_str))
    }

    fn problem(&self, problem: String) -> Error {
        Error::OtherNetwork {
            path: self.path.to_owned(),
            network: self.network,
            problem,
        }
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let Some(data) = self.tensors.remove(name) else {
            return Err(self.problem(format!("it has no tensor `{name}`")));
        };
        let found = data.shape().to_vec();
        if found != shape {
            return Err(self.problem(format!(
                "its tensor `{name}` has shape {found:?} where {shape:?} is needed"
            )));
        }
        let values = data.convert::<f32>().try_to_vec::<f32>();
        match values {
            Ok(values) if values.iter().all(|value| value.is_finite()) => Ok(values),
            _ => Err(self.problem(format!(
                "its tensor `{name}` holds values that are no numbers, or infinite"
            ))),
        }
    }

    /// The convolution of a name with the bias of the file.
    pub(super) fn biased(
        &mut self,
        shape: &Conv2dConfig,
        name: &str,
        rectifier: Rectifier,
    ) -> Result<Convolution, Error> {
        let weight = self.take(&format!("{name}.weight"), &weight_shape(shape))?;
        let bias = self.take(&format!("{name}.bias"), &[shape.channels[1]])?;
        Ok(self.convolution(shape, weight, bias, rectifier))
    }

    /// The convolution of a name with the batch normalisation that follows it in it (Ioffe & Szegedy, 2015), by the means and variances of
    /// the whole training:
    ///
    /// ```text
    /// s = γ / √(σ² + ε)      W' = s W      b' = β − s μ
    /// ```
    pub(super) fn normalised(
        &mut self,
        shape: &Conv2dConfig,
        names: [impl AsRef<str>; 2],
        rectifier: Rectifier,
    ) -> Result<Convolution, Error> {
        let [name, norm] = names.each_ref().map(AsRef::as_ref);
        let channels = shape.channels[1];
        let mut weight = self.take(&format!("{name}.weight"), &weight_shape(shape))?;
        let mut of = |kind: &str| self.take(&format!("{norm}.{kind}"), &[channels]);
        let (scale, mut bias) = (of("weight")?, of("bias")?);
        let (mean, variance) = (of("running_mean")?, of("running_var")?);
        if variance.iter().any(|variance| *variance < 0.0) {
            return Err(self.problem(format!(
                "its tensor `{norm}.running_var` holds a negative variance"
            )));
        }
        let size = weight.len() / channels;
        for channel in 0..channels {
            let deviation = (f64::from(variance[channel]) + EPSILON).sqrt();
            let scale = f64::from(scale[channel]) / deviation;
            for value in &mut weight[channel * size..(channel + 1) * size] {
                *value = (f64::from(*value) * scale) as f32;
            }
            bias[channel] = (f64::from(bias[channel]) - scale * f64::from(mean[channel])) as f32;
        }
        Ok(self.convolution(shape, weight, bias, rectifier))
    }

    /// What makes classes of channels: a matrix, as filters of one place. Nothing if the file has none; it may be of any number of classes.
    pub(super) fn classes(
        &mut self,
        shape: impl Fn(usize) -> Conv2dConfig,
        name: &str,
        rectifier: Rectifier,
    ) -> Result<Option<Convolution>, Error> {
        let weight = format!("{name}.weight");
        let Some(mut found) = self.tensors.remove(&weight) else {
            return Ok(None);
        };
        let classes = found.shape().first().copied().unwrap_or(0);
        // A dense layer has no sides.
        if let [classes, channels] = *found.shape().as_slice() {
            let (bytes, _, dtype) = found.into_parts();
            found = TensorData::from_bytes(bytes, [classes, channels, 1, 1], dtype);
        }
        self.tensors.insert(weight, found);
        self.biased(&shape(classes), name, rectifier).map(Some)
    }

    fn convolution(
        &self,
        shape: &Conv2dConfig,
        weight: Vec<f32>,
        bias: Vec<f32>,
        rectifier: Rectifier,
    ) -> Convolution {
        let mut conv = shape.init(self.device);
        let data = TensorData::new(weight, weight_shape(shape));
        conv.weight = Param::from_data(data, self.device);
        let data = TensorData::new(bias, [shape.channels[1]]);
        conv.bias = Some(Param::from_data(data, self.device));
        Convolution::new(conv, rectifier)
    }

    /// # Errors
    /// If something is left that the network did not take.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.tensors.is_empty() {
            true => Ok(()),
            false => Err(self.problem(format!(
                "it has tensors besides those of one: {}",
                self.names()
            ))),
        }
    }
}

/// A block that is one convolution.
pub(super) fn plain(convolution: Convolution) -> Block {
    Block::new(Part::Plain(convolution))
}

fn weight_shape(shape: &Conv2dConfig) -> [usize; 4] {
    let [input, output] = shape.channels;
    let [rows, columns] = shape.kernel_size;
    [output, input / shape.groups, rows, columns]
}
