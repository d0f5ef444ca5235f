//! SqueezeNet 1.0 (Iandola et al., 2016): AlexNet's accuracy with 1.25 million weights.

use crate::weights::{self, Error, TensorFile};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use std::collections::BTreeMap;
use std::path::Path;

/// Channels that each fire module squeezes to, and half of those that it expands to.
const FIRES: [[usize; 2]; 8] = [
    [16, 64],
    [16, 64],
    [32, 128],
    [32, 128],
    [48, 192],
    [48, 192],
    [64, 256],
    [64, 256],
];
/// Fire modules after which the picture is halved, from 0.
const HALVED: [usize; 2] = [2, 6];
/// Classes of ImageNet.
const CLASSES: usize = 1000;

/// Who trained the weights: pictures are prepared as they were then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Caffe: 227 × 227, blue before red, less the mean colour; the last convolution sees a border of zeros.
    Caffe,
    /// torchvision: 224 × 224, red, green and blue from 0 to 1, less their means and over their deviations.
    TorchVision,
}

/// SqueezeNet 1.0 with weights.
#[derive(Module, Debug)]
pub struct SqueezeNet {
    /// 96 filters of 7 × 7, every other place.
    pub first: Conv2d,
    /// The fire modules, 2 to 9 in the paper.
    pub fires: Vec<Fire>,
    /// A map for each class.
    pub last: Conv2d,
    halve: MaxPool2d,
    #[module(skip)]
    style: Style,
}

/// Few channels, then more again: half of them by 1 × 1, half by 3 × 3.
#[derive(Module, Debug)]
pub struct Fire {
    /// To few channels.
    pub squeeze: Conv2d,
    /// To more, place by place.
    pub expand1x1: Conv2d,
    /// To more, with the neighbours.
    pub expand3x3: Conv2d,
}

impl Fire {
    fn new(input: usize, [squeezed, expanded]: [usize; 2], device: &Device) -> Self {
        let conv = |channels, size| Conv2dConfig::new(channels, [size; 2]);
        Self {
            squeeze: conv([input, squeezed], 1).init(device),
            expand1x1: conv([squeezed, expanded], 1).init(device),
            expand3x3: conv([squeezed, expanded], 3)
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let squeezed = relu(self.squeeze.forward(input));
        let near = relu(self.expand1x1.forward(squeezed.clone()));
        let wide = relu(self.expand3x3.forward(squeezed));
        Tensor::cat(vec![near, wide], 1)
    }
}

/// The end of a [`SqueezeNet`] that is trained on with what reads it.
#[derive(Module, Debug)]
pub struct LastFires {
    /// The modules.
    pub fires: Vec<Fire>,
    halve: MaxPool2d,
}

impl LastFires {
    /// From what [`SqueezeNet::features_before`] gives to the features.
    pub fn forward(&self, grid: Tensor<4>) -> Tensor<4> {
        through(
            &self.fires,
            FIRES.len() - self.fires.len(),
            &self.halve,
            grid,
        )
    }
}

/// Through fire modules, the first of which is number `first`.
fn through(fires: &[Fire], first: usize, halve: &MaxPool2d, mut grid: Tensor<4>) -> Tensor<4> {
    for (place, fire) in (first..).zip(fires) {
        grid = fire.forward(grid);
        if HALVED.contains(&place) {
            grid = halve.forward(grid);
        }
    }
    grid
}

impl SqueezeNet {
    /// Reads weights from a safetensors file, with the names of the Caffe model (`fire2.conv1x1_1.weight`) or those of
    /// torchvision (`features.3.squeeze.weight`).
    ///
    /// # Errors
    /// If the file is missing or broken, or holds another network.
    pub fn open(path: &Path, device: &Device) -> Result<Self, Error> {
        let tensors = TensorFile::read(path)?.tensors;
        let style = match tensors.keys().any(|name| name.starts_with("features.")) {
            true => Style::TorchVision,
            false => Style::Caffe,
        };
        let renamed: BTreeMap<String, _> = tensors
            .into_iter()
            .map(|(name, data)| (own_name(&name), data))
            .collect();
        weights::assign(Self::new(style, device), renamed, path)
    }

    fn new(style: Style, device: &Device) -> Self {
        let mut channels = 96;
        let fires = FIRES.map(|sizes| {
            let fire = Fire::new(channels, sizes, device);
            channels = 2 * sizes[1];
            fire
        });
        let border = match style {
            Style::Caffe => 1,
            Style::TorchVision => 0,
        };
        Self {
            first: Conv2dConfig::new([3, 96], [7, 7])
                .with_stride([2, 2])
                .init(device),
            fires: fires.into(),
            last: Conv2dConfig::new([channels, CLASSES], [1, 1])
                .with_padding(PaddingConfig2d::Explicit(border, border, border, border))
                .init(device),
            halve: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_ceil_mode(true)
                .init(),
            style,
        }
    }

    /// Who trained the weights.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Rows and columns of the pictures that the network was trained with.
    pub fn size(&self) -> [usize; 2] {
        match self.style {
            Style::Caffe => [227, 227],
            Style::TorchVision => [224, 224],
        }
    }

    /// Channels of the feature grid.
    pub fn channels(&self) -> usize {
        2 * FIRES[FIRES.len() - 1][1]
    }

    /// A picture as the network reads it, `[1, 3, rows, columns]`, from red, green and blue of each place, row by row.
    ///
    /// # Panics
    /// If there are not three bytes for each place.
    pub fn input(&self, rgb: &[u8], [rows, columns]: [usize; 2]) -> Tensor<4> {
        assert_eq!(rgb.len(), 3 * rows * columns, "three bytes for each place");
        // The channel that stands here, its mean and its deviation.
        let channels: [(usize, f32, f32); 3] = match self.style {
            Style::Caffe => [(2, 104.0, 1.0), (1, 117.0, 1.0), (0, 123.0, 1.0)],
            Style::TorchVision => [
                (0, 0.485 * 255.0, 0.229 * 255.0),
                (1, 0.456 * 255.0, 0.224 * 255.0),
                (2, 0.406 * 255.0, 0.225 * 255.0),
            ],
        };
        let plane = |(channel, mean, deviation): (usize, f32, f32)| {
            let values = rgb.iter().skip(channel).step_by(3);
            values.map(move |value| (f32::from(*value) - mean) / deviation)
        };
        let values: Vec<f32> = channels.into_iter().flat_map(plane).collect();
        let data = TensorData::new(values, [1, 3, rows, columns]);
        Tensor::from_data(data, &self.first.weight.device())
    }

    /// What the last fire module gives, `[batch, 512, rows, columns]`: 13 × 13 places for the pictures of [`Self::size`].
    pub fn features(&self, pictures: Tensor<4>) -> Tensor<4> {
        self.features_before(pictures, 0)
    }

    /// What the last `left` fire modules would read: with 0 as [`Self::features`].
    ///
    /// # Panics
    /// If there are not so many.
    pub fn features_before(&self, pictures: Tensor<4>, left: usize) -> Tensor<4> {
        let grid = self.halve.forward(relu(self.first.forward(pictures)));
        let count = self.fires.len() - left;
        through(&self.fires[..count], 0, &self.halve, grid)
    }

    /// The last `count` fire modules, to be trained on.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn last_fires(self, count: usize) -> LastFires {
        let before = self.fires.len() - count;
        LastFires {
            fires: self.fires.into_iter().skip(before).collect(),
            halve: self.halve,
        }
    }

    /// A logit for each class of ImageNet, `[batch, 1000]`, from the features.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        let maps = relu(self.last.forward(features));
        let [batch, classes, rows, columns] = maps.dims();
        let places: Tensor<3> = maps.reshape([batch, classes, rows * columns]);
        places.mean_dim(2).reshape([batch, classes])
    }
}

/// The name of a parameter here, from its name in a file; as it is if it is none of this network's.
fn own_name(name: &str) -> String {
    let Some((module, kind)) = name.rsplit_once('.') else {
        return name.into();
    };
    let own = match module {
        "conv1" | "features.0" => Some("first".into()),
        "conv_final" | "classifier.1" => Some("last".into()),
        _ => fire_name(module),
    };
    own.map_or_else(|| name.into(), |own: String| format!("{own}.{kind}"))
}

fn fire_name(module: &str) -> Option<String> {
    /// Where torchvision has the fire modules.
    const PLACES: [usize; 8] = [3, 4, 5, 7, 8, 9, 10, 12];
    let (fire, part) = match module.strip_prefix("features.") {
        Some(rest) => {
            let (place, part) = rest.split_once('.')?;
            let place: usize = place.parse().ok()?;
            (PLACES.iter().position(|known| *known == place)?, part)
        }
        None => {
            let (number, part) = module.strip_prefix("fire")?.split_once('.')?;
            let number: usize = number.parse().ok()?;
            (number.checked_sub(2)?, part)
        }
    };
    let part = match part {
        "conv1x1_1" | "squeeze" => "squeeze",
        "conv1x1_2" | "expand1x1" => "expand1x1",
        "conv3x3_2" | "expand3x3" => "expand3x3",
        _ => return None,
    };
    Some(format!("fires.{fire}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_files_are_known() {
        let names = [
            ("conv1.bias", "first.bias"),
            ("features.0.weight", "first.weight"),
            ("fire2.conv1x1_1.weight", "fires.0.squeeze.weight"),
            ("fire9.conv3x3_2.bias", "fires.7.expand3x3.bias"),
            ("features.3.expand1x1.weight", "fires.0.expand1x1.weight"),
            ("features.12.squeeze.bias", "fires.7.squeeze.bias"),
            ("classifier.1.weight", "last.weight"),
            ("layer1.0.conv1.weight", "layer1.0.conv1.weight"),
            ("fire1.conv1x1_1.weight", "fire1.conv1x1_1.weight"),
            ("features.6.squeeze.bias", "features.6.squeeze.bias"),
        ];
        for (file, own) in names {
            assert_eq!(own_name(file), own);
        }
    }

    #[test]
    fn the_grid_has_the_size_of_the_paper_and_weights_survive_a_file() {
        let device = Device::default();
        let network = SqueezeNet::new(Style::Caffe, &device);
        assert_eq!(weights::parameter_count(&network), 1_248_424);
        let [rows, columns] = network.size();
        let picture: Vec<u8> = (0..3 * rows * columns)
            .map(|k| (k * 7 % 251) as u8)
            .collect();
        let grid = network.features(network.input(&picture, network.size()));
        assert_eq!(grid.dims(), [1, network.channels(), 13, 13]);
        let said = crate::values(network.classify(grid));
        assert_eq!(said.len(), CLASSES);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let mut file = TensorFile {
            metadata: BTreeMap::new(),
            tensors: weights::snapshot(&network),
        };
        file.write(&path).unwrap();
        let again = SqueezeNet::open(&path, &device).unwrap();
        let grid = again.features(again.input(&picture, again.size()));
        assert_eq!(crate::values(again.classify(grid)), said);

        file.tensors.remove("fires.3.squeeze.bias");
        file.write(&path).unwrap();
        let message = SqueezeNet::open(&path, &device).unwrap_err().to_string();
        assert!(message.contains("fires.3.squeeze.bias"), "{message}");
    }

    #[test]
    fn pictures_are_prepared_as_they_were_in_training() {
        let device = Device::default();
        let rgb = [255, 0, 10, 1, 2, 3];
        let read = |style| crate::values(SqueezeNet::new(style, &device).input(&rgb, [1, 2]));
        assert_eq!(
            read(Style::Caffe),
            [-94.0, -101.0, -117.0, -115.0, 132.0, -122.0]
        );
        let torch = read(Style::TorchVision);
        let red = (1.0 - 0.485) / 0.229;
        assert!((torch[0] - red).abs() < 1e-5, "{torch:?}");
    }
}
