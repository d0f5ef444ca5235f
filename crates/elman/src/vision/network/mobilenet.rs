//! MobileNetV2 (Sandler et al., 2018, *Inverted residuals and linear bottlenecks*).

use super::{Preparation, Pretrained};
use crate::vision::block::{Block, Part, Residual};
use crate::vision::convolution::{Rectifier, border, filters};
use crate::vision::stored::{Stored, plain};
use crate::weights::Error;

const NAME: &str = "MobileNetV2";
/// Table 2 of the paper: how many times wider inside, channels, how many blocks, the stride of the first of them.
const LAYERS: [[usize; 4]; 7] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
];
/// Channels of the first convolution and of the last.
const FIRST: usize = 32;
const LAST: usize = 1280;

/// The network, if the file holds one with the names of torchvision (`features.1.conv.0.0`).
pub(super) fn read(stored: &mut Stored<'_>) -> Option<Result<Pretrained, Error>> {
    stored.shape("features.0.0.weight")?;
    stored.shape("features.1.conv.0.0.weight")?;
    stored.shape("features.18.0.weight")?;
    Some(build(stored))
}

fn build(stored: &mut Stored<'_>) -> Result<Pretrained, Error> {
    stored.is(NAME);
    let first = filters([3, FIRST], 3)
        .with_stride([2, 2])
        .with_padding(border(1));
    let names = ["features.0.0", "features.0.1"];
    let mut blocks = vec![plain(stored.normalised(&first, names, Rectifier::Relu6)?)];
    let mut channels = FIRST;
    for [wider, output, count, stride] in LAYERS {
        for number in 0..count {
            let stride = if number == 0 { stride } else { 1 };
            let module = format!("features.{}.conv", blocks.len());
            blocks.push(inverted(
                stored,
                &module,
                [channels, output],
                wider,
                stride,
            )?);
            channels = output;
        }
    }
    let module = format!("features.{}", blocks.len());
    let names = [0, 1].map(|part| format!("{module}.{part}"));
    let last = filters([channels, LAST], 1);
    blocks.push(plain(stored.normalised(&last, names, Rectifier::Relu6)?));
    Ok(Pretrained {
        name: NAME,
        blocks,
        classes: stored.classes(
            |classes| filters([LAST, classes], 1),
            "classifier.1",
            Rectifier::None,
        )?,
        mean_first: true,
        preparation: Preparation::TORCHVISION,
    })
}

/// More channels, each of them looked at alone, and few again.
fn inverted(
    stored: &mut Stored<'_>,
    module: &str,
    [input, output]: [usize; 2],
    wider: usize,
    stride: usize,
) -> Result<Block, Error> {
    let inside = wider * input;
    let mut path = Vec::new();
    let widen = filters([input, inside], 1);
    let alone = filters([inside, inside], 3)
        .with_stride([stride; 2])
        .with_padding(border(1))
        .with_groups(inside);
    let inner = if wider > 1 {
        vec![widen, alone]
    } else {
        vec![alone]
    };
    for shape in &inner {
        let names = [0, 1].map(|part| format!("{module}.{}.{part}", path.len()));
        path.push(stored.normalised(shape, names, Rectifier::Relu6)?);
    }
    let names = [0, 1].map(|part| format!("{module}.{}", path.len() + part));
    path.push(stored.normalised(&filters([inside, output], 1), names, Rectifier::None)?);
    Ok(Block::new(Part::Residual(Residual {
        path,
        shortcut: None,
        adds: stride == 1 && input == output,
        rectified: false,
    })))
}
