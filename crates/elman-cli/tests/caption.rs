//! `elman train` and `elman caption` with a network that others trained, and what users get wrong with its weights.

mod common;

use common::{refused, run, stderr, stdout};
use elman_data::media::made::{CaptionShapes, write_caption_shapes};
use std::path::Path;

const RECIPE: &str = r#"
task = "caption"

[data]
files = ["shapes/captions.csv"]

[split]
valid = 0.2
test = 0.2

[caption]
folder = "shapes"
picture = "file"
sentence = "english"
eye = "pretrained"
weights = "weights.safetensors"
finetune = 1
grid = 3

[vocabulary]
tokens = "words"

[model]
cell = "gru"
embedding_size = 6
hidden_size = 8

[train]
epochs = 1
batch_size = 4
"#;

/// A SqueezeNet 1.1 with weights that follow from `seed`, as a safetensors file without the part that tells classes.
fn write_weights(path: &Path, seed: u32) {
    let (mut header, mut bytes) = (Vec::new(), Vec::new());
    let mut state = seed;
    let mut add = |name: String, shape: &[usize]| {
        let inputs: usize = shape[1..].iter().product();
        let limit = (6.0 / inputs as f32).sqrt();
        let begin = bytes.len();
        for _ in 0..shape.iter().product() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = limit * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0);
            let value = if shape.len() > 1 { value } else { 0.1 };
            bytes.extend(value.to_le_bytes());
        }
        header.push(format!(
            r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{begin},{}]}}"#,
            bytes.len()
        ));
    };
    let mut conv = |name: &str, [input, output]: [usize; 2], side: usize| {
        add(format!("{name}.weight"), &[output, input, side, side]);
        add(format!("{name}.bias"), &[output]);
    };
    conv("features.0", [3, 64], 3);
    let mut channels = 64;
    let squeezed = [16, 16, 32, 32, 48, 48, 64, 64];
    for (place, squeezed) in [3, 4, 6, 7, 9, 10, 11, 12].into_iter().zip(squeezed) {
        let part = |part: &str| format!("features.{place}.{part}");
        conv(&part("squeeze"), [channels, squeezed], 1);
        conv(&part("expand1x1"), [squeezed, 4 * squeezed], 1);
        conv(&part("expand3x3"), [squeezed, 4 * squeezed], 3);
        channels = 8 * squeezed;
    }
    let header = format!("{{{}}}", header.join(","));
    let length = (header.len() as u64).to_le_bytes();
    let file = [length.as_slice(), header.as_bytes(), &bytes].concat();
    std::fs::write(path, file).unwrap();
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = CaptionShapes {
        side: 32,
        shapes: 1,
        ..CaptionShapes::default()
    };
    write_caption_shapes(&folder.path().join("shapes"), &settings, 20).unwrap();
    std::fs::write(folder.path().join("shapes.toml"), RECIPE).unwrap();
    write_weights(&folder.path().join("weights.safetensors"), 1);
    folder
}

#[test]
fn a_network_that_others_trained_is_trained_on_and_remembered() {
    let project = project();
    let folder = project.path();
    let output = run(folder, &["train", "shapes.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    // What the frozen blocks see is kept: a file for each part.
    let features = std::fs::read_dir(folder.join("cache/elman/features")).unwrap();
    assert_eq!(features.count(), 3);
    let output = run(folder, &["summary", "shapes.toml"]);
    assert!(
        stdout(&output).contains("last blocks"),
        "{}",
        stdout(&output)
    );

    let predictions = std::fs::read_to_string(folder.join("run/predictions.csv")).unwrap();
    let row: Vec<&str> = predictions.lines().nth(1).unwrap().split(',').collect();
    let output = run(folder, &["caption", "run", row[0], "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains(&format!("\"{}\"", row[2])),
        "{row:?} {}",
        stdout(&output)
    );

    write_weights(&folder.join("weights.safetensors"), 2);
    let says = ["not those with which the run was trained"];
    refused(folder, &["caption", "run", row[0]], &says);
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let project = project();
    let folder = project.path();
    let says = |set: &str, parts: &[&str]| {
        refused(folder, &["train", "shapes.toml", "--set", set], parts);
    };
    says(
        "caption.finetune=9",
        &[
            "caption.finetune is 9",
            "SqueezeNet 1.1",
            "9 blocks",
            "from 0 to 8",
        ],
    );
    says(
        "caption.eye=\"squeeze_net\"",
        &["caption.eye", "pretrained"],
    );
    says("caption.weights=\"none.pth\"", &["none.pth", "cannot read"]);
    says("caption.weights=\"resnet18\"", &["resnet18"]);
    std::fs::write(folder.join("text.pth"), "not weights\n").unwrap();
    says("caption.weights=\"text.pth\"", &["text.pth", "torch.save"]);
    let whole = std::fs::read(folder.join("weights.safetensors")).unwrap();
    let cut = &whole[..whole.len() / 2];
    std::fs::write(folder.join("cut.safetensors"), cut).unwrap();
    says(
        "caption.weights=\"cut.safetensors\"",
        &["cut.safetensors", "copy it again"],
    );
}

#[test]
fn how_large_a_picture_may_be_can_be_said() {
    let project = project();
    let folder = project.path();
    refused(
        folder,
        &[
            "train",
            "shapes.toml",
            "--set",
            "caption.limits.pixels=1000",
        ],
        &["32 × 32 pixels", "raise limits.pixels"],
    );
    refused(
        folder,
        &["train", "shapes.toml", "--set", "caption.limits.frames=3"],
        &["caption.limits.frames"],
    );
    let enough = "caption.limits.pixels=1024";
    let output = run(
        folder,
        &["train", "shapes.toml", "--run", "run", "--set", enough],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    // A run is as strict as its training was.
    let settings = CaptionShapes {
        side: 33,
        shapes: 1,
        ..CaptionShapes::default()
    };
    write_caption_shapes(&folder.join("larger"), &settings, 1).unwrap();
    let picture = "larger/pictures/00000.png";
    refused(folder, &["caption", "run", picture], &["33 × 33 pixels"]);
}
