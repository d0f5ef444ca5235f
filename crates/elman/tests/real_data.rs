//! What can only be told on the real files: they are looked for in the folder that `ELMAN_DATA` names.

use elman::vision::Pretrained;
use elman_data::media::Limits;
use elman_data::media::picture::read_picture;
use serde_json::Value;
use std::path::PathBuf;

/// The folder of a dataset; nothing, said aloud, if it is not there.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ELMAN_DATA").filter(|root| !root.is_empty());
    let folder = root.map(|root| PathBuf::from(root).join(name));
    let found = folder.filter(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: set ELMAN_DATA to a folder that holds `{name}` to run this test");
    }
    found
}

#[test]
fn squeezenet_says_of_three_pictures_what_it_said_in_training() {
    let Some(folder) = folder("squeezenet1_0") else {
        return;
    };
    let network = Pretrained::open(
        &folder.join("squeezenet1_0.safetensors"),
        &Default::default(),
    )
    .unwrap();
    let Ok(expected) = std::fs::read_to_string(folder.join("expected.json")) else {
        return eprintln!(
            "SKIPPED: `squeezenet1_0` is here without `expected.json`, which is no part of the dataset"
        );
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let labels = std::fs::read_to_string(folder.join("imagenet_labels_1001.txt")).unwrap();
    let labels: Vec<&str> = labels.lines().collect();
    let pictures = expected
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| !name.starts_with('_'));
    let mut count = 0;
    // Decoders of JPEG may round differently (ITU-T T.83), by some levels where colours change: this much in a logit.
    let tolerance = |name: &str| if name.ends_with(".jpg") { 5e-2 } else { 1e-3 };
    for (name, expected) in pictures {
        let picture =
            read_picture(&folder.join("test_images").join(name), &Limits::default()).unwrap();
        let [rows, columns] = network.preparation().size;
        let input = network.input(&picture.resize(columns, rows).rgb, [rows, columns]);
        let grid = network.features(input);
        let values = grid.clone().into_data().try_to_vec::<f32>().unwrap();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let most = values.iter().copied().fold(f32::MIN, f32::max);
        let said = network
            .classify(grid)
            .unwrap()
            .into_data()
            .try_to_vec::<f32>()
            .unwrap();
        let mut order: Vec<usize> = (0..said.len()).collect();
        order.sort_by(|a, b| said[*b].total_cmp(&said[*a]));
        for (found, right) in order.iter().zip(expected["top5"].as_array().unwrap()) {
            println!(
                "{name}: {} {:.3}, expected {right}",
                labels[found + 1],
                said[*found]
            );
            assert_eq!(Some(*found as u64), right[0].as_u64(), "{name}");
            let logit = right[2].as_f64().unwrap();
            assert!(
                (f64::from(said[*found]) - logit).abs() < tolerance(name),
                "{name}: {} and {logit}",
                said[*found]
            );
        }
        let close = |found: f32, right: &Value| {
            let right = right.as_f64().unwrap();
            assert!(
                (f64::from(found) - right).abs() < tolerance(name) * right,
                "{name}: {found} and {right}"
            );
        };
        close(mean, &expected["fire9_concat_mean"]);
        close(most, &expected["fire9_concat_max"]);
        count += 1;
    }
    assert_eq!(count, 3);
}
