//! ResNet (He, Zhang, Ren & Sun, 2016, *Deep residual learning for image recognition*). Where a bottleneck halves the picture, its
//! convolution of 3 × 3 does so, as in torchvision.

use super::{Preparation, Pretrained};
use crate::vision::block::{Block, Part, Residual};
use crate::vision::convolution::{Rectifier, border, filters};
use crate::vision::stored::{Stored, plain};
use crate::weights::Error;
use burn::nn::pool::MaxPool2dConfig;

/// Blocks of each of the four layers, and whether they are bottlenecks.
const DEPTHS: [(&str, [usize; 4], bool); 5] = [
    ("ResNet-18", [2, 2, 2, 2], false),
    ("ResNet-34", [3, 4, 6, 3], false),
    ("ResNet-50", [3, 4, 6, 3], true),
    ("ResNet-101", [3, 4, 23, 3], true),
    ("ResNet-152", [3, 8, 36, 3], true),
];
/// Channels of the blocks of the first layer; each further one has twice as many.
const WIDTH: usize = 64;
/// How many times more a bottleneck gives.
const WIDER: usize = 4;

/// The network, if the file holds one with the names of torchvision (`layer1.0.conv1`).
pub(super) fn read(stored: &mut Stored<'_>) -> Option<Result<Pretrained, Error>> {
    stored.shape("conv1.weight")?;
    let bottleneck = stored.shape("layer1.0.conv3.weight").is_some();
    let depths = [1, 2, 3, 4].map(|layer| {
        let there = |block: &usize| {
            let name = format!("layer{layer}.{block}.conv1.weight");
            stored.shape(&name).is_some()
        };
        (0..).take_while(there).count()
    });
    let (name, ..) = DEPTHS
        .into_iter()
        .find(|(_, known, wide)| *known == depths && *wide == bottleneck)?;
    Some(build(stored, name, depths, bottleneck))
}

fn build(
    stored: &mut Stored<'_>,
    name: &'static str,
    depths: [usize; 4],
    bottleneck: bool,
) -> Result<Pretrained, Error> {
    stored.is(name);
    let first = filters([3, WIDTH], 7)
        .with_stride([2, 2])
        .with_padding(border(3));
    let first = stored.normalised(&first, ["conv1", "bn1"], Rectifier::Relu)?;
    let halve = MaxPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(border(1))
        .init();
    let mut blocks = vec![plain(first).halved(halve)];
    let mut channels = WIDTH;
    for (layer, depth) in depths.into_iter().enumerate() {
        for number in 0..depth {
            let stride = if layer > 0 && number == 0 { 2 } else { 1 };
            let width = WIDTH << layer;
            let output = if bottleneck { WIDER * width } else { width };
            let shapes = match bottleneck {
                true => vec![
                    filters([channels, width], 1),
                    filters([width, width], 3)
                        .with_stride([stride; 2])
                        .with_padding(border(1)),
                    filters([width, output], 1),
                ],
                false => vec![
                    filters([channels, width], 3)
                        .with_stride([stride; 2])
                        .with_padding(border(1)),
                    filters([width, output], 3).with_padding(border(1)),
                ],
            };
            let module = format!("layer{}.{number}", layer + 1);
            let mut path = Vec::with_capacity(shapes.len());
            for (place, shape) in (1..).zip(&shapes) {
                // What is above 0 is taken of the sum, not of its last part.
                let rectifier = match place == shapes.len() {
                    true => Rectifier::None,
                    false => Rectifier::Relu,
                };
                let names = ["conv", "bn"].map(|kind| format!("{module}.{kind}{place}"));
                path.push(stored.normalised(shape, names, rectifier)?);
            }
            let shortcut = match stride == 1 && channels == output {
                true => None,
                false => {
                    let shape = filters([channels, output], 1).with_stride([stride; 2]);
                    let names = [0, 1].map(|part| format!("{module}.downsample.{part}"));
                    Some(stored.normalised(&shape, names, Rectifier::None)?)
                }
            };
            blocks.push(Block::new(Part::Residual(Residual {
                path,
                shortcut,
                adds: true,
                rectified: true,
            })));
            channels = output;
        }
    }
    Ok(Pretrained {
        name,
        blocks,
        classes: stored.classes(
            |classes| filters([channels, classes], 1),
            "fc",
            Rectifier::None,
        )?,
        mean_first: true,
        preparation: Preparation::TORCHVISION,
    })
}
