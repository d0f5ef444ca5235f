//! SqueezeNet (Iandola et al., 2016): AlexNet's accuracy with 1.25 million weights. 1.1, of the authors' own repository, does with less
//! than half the work.

use super::{Preparation, Pretrained};
use crate::vision::block::{Block, Fire, Part};
use crate::vision::convolution::{Rectifier, border, filters};
use crate::vision::stored::{Stored, plain};
use crate::weights::Error;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};

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

/// What the two differ in.
struct Version {
    name: &'static str,
    /// Filters of the first convolution, and their side.
    first: [usize; 2],
    /// Fire modules after which the picture is halved, from 0.
    halved: [usize; 2],
    /// Where torchvision has the fire modules.
    places: [usize; 8],
}

const VERSIONS: [Version; 2] = [
    Version {
        name: "SqueezeNet 1.0",
        first: [96, 7],
        halved: [2, 6],
        places: [3, 4, 5, 7, 8, 9, 10, 12],
    },
    Version {
        name: "SqueezeNet 1.1",
        first: [64, 3],
        halved: [1, 3],
        places: [3, 4, 6, 7, 9, 10, 11, 12],
    },
];

/// The network, if the file holds one: with the names of torchvision (`features.3.squeeze`), or those of the Caffe model
/// (`fire2.conv1x1_1`), of which there is 1.0 alone.
pub(super) fn read(stored: &mut Stored<'_>) -> Option<Result<Pretrained, Error>> {
    if stored.shape("fire2.conv1x1_1.weight").is_some() {
        return Some(build(stored, &VERSIONS[0], true));
    }
    stored.shape("features.3.squeeze.weight")?;
    let filters = *stored.shape("features.0.weight")?.first()?;
    let version = VERSIONS.iter().find(|known| known.first[0] == filters)?;
    Some(build(stored, version, false))
}

fn build(stored: &mut Stored<'_>, version: &Version, caffe: bool) -> Result<Pretrained, Error> {
    stored.is(version.name);
    let [mut channels, side] = version.first;
    let name = if caffe { "conv1" } else { "features.0" };
    let first = filters([3, channels], side).with_stride([2, 2]);
    let first = stored.biased(&first, name, Rectifier::Relu)?;
    let mut blocks = vec![plain(first).halved(halve())];
    for (number, [squeezed, expanded]) in FIRES.into_iter().enumerate() {
        let (module, parts) = match caffe {
            true => (
                format!("fire{}", number + 2),
                ["conv1x1_1", "conv1x1_2", "conv3x3_2"],
            ),
            false => (
                format!("features.{}", version.places[number]),
                ["squeeze", "expand1x1", "expand3x3"],
            ),
        };
        let [squeeze, near, wide] = parts.map(|part| format!("{module}.{part}"));
        let wider = filters([squeezed, expanded], 3).with_padding(border(1));
        let mut next = |shape, name: &str| stored.biased(shape, name, Rectifier::Relu);
        let fire = Fire {
            squeeze: next(&filters([channels, squeezed], 1), &squeeze)?,
            expand: vec![
                next(&filters([squeezed, expanded], 1), &near)?,
                next(&wider, &wide)?,
            ],
        };
        let block = Block::new(Part::Fire(fire));
        blocks.push(match version.halved.contains(&number) {
            true => block.halved(halve()),
            false => block,
        });
        channels = 2 * expanded;
    }
    // The Caffe model has a border around its last convolution.
    let width = usize::from(caffe);
    let name = if caffe { "conv_final" } else { "classifier.1" };
    let shape = |classes| filters([channels, classes], 1).with_padding(border(width));
    Ok(Pretrained {
        name: version.name,
        blocks,
        classes: stored.classes(shape, name, Rectifier::Relu)?,
        mean_first: false,
        preparation: match caffe {
            true => Preparation::CAFFE,
            false => Preparation::TORCHVISION,
        },
    })
}

fn halve() -> MaxPool2d {
    MaxPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_ceil_mode(true)
        .init()
}
