//! Networks that others trained, against torchvision: features, what the last blocks read, and logits. The weights are made up here as
//! `golden/vision.py` makes them, from the names that torchvision has for them.

use burn::prelude::*;
use elman::vision::Pretrained;
use elman::weights::{Error, TensorFile};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Rows and columns of the picture.
const SIDE: usize = 64;

#[derive(Deserialize)]
struct Case {
    blocks: usize,
    features: [usize; 4],
    before: [usize; 4],
    tensors: BTreeMap<String, Vec<usize>>,
}

fn golden(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file)
}

fn cases() -> BTreeMap<String, Case> {
    let text = std::fs::read_to_string(golden("vision.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Numbers from 0 to 1, exact in f32: splitmix64 of FNV-1a of the name and the place.
fn drawn(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let start = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (1..=count as u64).map(move |place| {
        let mut z = start.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1 << 24)
    })
}

fn made(name: &str, shape: &[usize]) -> Vec<f32> {
    let [least, most] = if shape.len() > 1 {
        let limit = (6.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
        [-limit, limit]
    } else if name.ends_with("running_var") {
        [0.5, 1.5]
    } else if name.ends_with("weight") {
        [0.3, 0.9]
    } else {
        [-0.3, 0.3]
    };
    drawn(name, shape.iter().product())
        .map(|value| (least + (most - least) * value) as f32)
        .collect()
}

fn network(case: &Case) -> Result<Pretrained, Error> {
    let data = |(name, shape): (&String, &Vec<usize>)| {
        let data = TensorData::new(made(name, shape), shape.clone());
        (name.clone(), data)
    };
    let tensors = case.tensors.iter().map(data).collect();
    Pretrained::from_tensors(tensors, Path::new("made.pth"), &Device::default())
}

fn picture() -> Tensor<4> {
    let shape = [1, 3, SIDE * SIDE];
    let scale = (2.0 * (SIDE * SIDE) as f64).sqrt();
    let values = made("picture", &shape).into_iter();
    let values: Vec<f32> = values
        .map(|value| (f64::from(value) * scale) as f32)
        .collect();
    Tensor::from_data(
        TensorData::new(values, [1, 3, SIDE, SIDE]),
        &Device::default(),
    )
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// Within a ten-thousandth of the largest.
fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(0.0f32, |most, value| most.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= 1e-4 * scale,
            "{what}, number {place}: {found} and {expected}, of up to {scale}"
        );
    }
}

#[test]
fn networks_see_and_say_what_they_do_in_torchvision() {
    let numbers = TensorFile::read(&golden("vision.safetensors")).unwrap();
    let names = [
        ("mobilenet_v2", "MobileNetV2"),
        ("resnet101", "ResNet-101"),
        ("resnet152", "ResNet-152"),
        ("resnet18", "ResNet-18"),
        ("resnet34", "ResNet-34"),
        ("resnet50", "ResNet-50"),
        ("squeezenet1_0", "SqueezeNet 1.0"),
        ("squeezenet1_1", "SqueezeNet 1.1"),
    ];
    let cases = cases();
    assert_eq!(cases.len(), names.len());
    for ((name, case), (expected, full)) in cases.iter().zip(names) {
        assert_eq!(name, expected);
        let right = |part: &str| {
            let data = &numbers.tensors[&format!("{name}.{part}")];
            data.iter::<f32>().collect::<Vec<_>>()
        };
        let network = network(case).unwrap();
        assert_eq!((network.name(), network.blocks.len()), (full, case.blocks));

        let before = network.features_before(picture(), 2);
        assert_eq!(before.dims(), case.before, "{name}");
        let every: Vec<f32> = values(before.clone()).into_iter().step_by(97).collect();
        assert_close(&every, &right("before"), &format!("{name}.before"));

        let last = network.last(2).iter();
        let features = last.fold(before, |seen, block| block.forward(seen));
        assert_eq!(features.dims(), case.features, "{name}");
        assert_eq!(network.channels(), case.features[1]);
        let every: Vec<f32> = values(features.clone()).into_iter().step_by(7).collect();
        assert_close(&every, &right("features"), &format!("{name}.features"));

        let logits = values(network.classify(features).unwrap());
        assert_close(&logits, &right("logits"), &format!("{name}.logits"));
    }
}

#[test]
fn how_large_the_grid_is_can_be_told_without_looking() {
    for (name, case) in cases() {
        if ["resnet34", "resnet101", "resnet152"].contains(&name.as_str()) {
            continue; // made of the same blocks as the others
        }
        let network = network(&case).unwrap();
        for sides in [[64, 64], [97, 50], [101, 66], [75, 120]] {
            let [rows, columns] = sides;
            let picture = Tensor::zeros([1, 3, rows, columns], &Device::default());
            // The sides after each block.
            let mut seen = vec![picture];
            for block in &network.blocks {
                seen.push(block.forward(seen[seen.len() - 1].clone()));
            }
            let [_, _, rows, columns] = seen[case.blocks].dims();
            for left in 0..=case.blocks {
                let [_, _, before_rows, before_columns] = seen[case.blocks - left].dims();
                assert_eq!(
                    network.sides(left, [before_rows, before_columns]),
                    [rows, columns],
                    "{name} at {sides:?}, the last {left}"
                );
            }
        }
    }
}

#[test]
fn a_network_is_not_taken_for_another() {
    let cases = cases();
    let says = |case: &Case, parts: &[&str]| {
        let message = network(case).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    };
    let without = |name: &str, lost: &str| {
        let mut case = Case {
            tensors: cases[name].tensors.clone(),
            ..cases[name]
        };
        assert!(case.tensors.remove(lost).is_some());
        case
    };
    let shaped = |name: &str, other: &str, shape: &[usize]| {
        let mut case = Case {
            tensors: cases[name].tensors.clone(),
            ..cases[name]
        };
        case.tensors.insert(other.into(), shape.into());
        case
    };
    says(
        &without("resnet18", "layer3.1.bn2.running_var"),
        &["like a ResNet-18", "no tensor `layer3.1.bn2.running_var`"],
    );
    // One block fewer is none of those that are known.
    says(
        &without("resnet18", "layer4.1.conv1.weight"),
        &["none of the networks", "ResNet-18"],
    );
    // ResNeXt-50 has the names of ResNet-50.
    says(
        &shaped("resnet50", "layer1.0.conv1.weight", &[128, 64, 1, 1]),
        &["like a ResNet-50", "[128, 64, 1, 1]", "[64, 64, 1, 1]"],
    );
    says(
        &shaped("resnet50", "layer1.0.se.weight", &[4]),
        &["like a ResNet-50", "besides", "`layer1.0.se.weight`"],
    );
    says(
        &without("mobilenet_v2", "features.5.conv.1.1.bias"),
        &["like a MobileNetV2", "`features.5.conv.1.1.bias`"],
    );
    says(
        &shaped("squeezenet1_1", "features.0.weight", &[32, 3, 3, 3]),
        &["none of the networks", "`classifier.1.bias`"],
    );
}
