//! `elman train`, `predict` and `transcribe` on series, recordings and films, and what users get wrong with them.

mod common;

use common::{refused, run, stderr, stdout};
use std::fmt::Write;
use std::path::Path;

const RECIPE: &str = r#"
task = "recognize"

[data]
files = ["train.ts"]
test_files = ["test.ts"]

[split]
valid = 0

[recognize]
names = { up = "rising", down = "falling" }

[model]
hidden_size = 8

[train]
epochs = 15
batch_size = 8

[train.optimizer]
learning_rate = 0.02
"#;

/// Ramps that rise or fall, from different heights and of different lengths.
fn archive(rows: usize) -> String {
    let mut text = String::from("@univariate true\n@classLabel true up down\n@data\n");
    for row in 0..rows {
        let sign = if row % 2 == 0 { 1.0 } else { -1.0 };
        let length = 6 + row % 5;
        let value = |step: usize| format!("{:.2}", (row % 7) as f64 + sign * 0.5 * step as f64);
        let values: Vec<String> = (0..length).map(value).collect();
        let _ = writeln!(text, "{}:{}", values.join(","), ["up", "down"][row % 2]);
    }
    text
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ramps.toml"), RECIPE).unwrap();
    std::fs::write(folder.path().join("train.ts"), archive(40)).unwrap();
    std::fs::write(folder.path().join("test.ts"), archive(20)).unwrap();
    folder
}

#[test]
fn series_are_recognized_one_by_one_and_by_the_file() {
    let project = project();
    let folder = project.path();
    let output = run(folder, &["train", "ramps.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("nearest series by time warping"),
        "{}",
        stdout(&output)
    );
    for file in [
        "report.html",
        "plots/confusion.svg",
        "predictions.csv",
        "scaler.json",
        "classes.json",
    ] {
        assert!(folder.join("run").join(file).is_file(), "{file}");
    }
    let new = "@univariate true\n@classLabel false\n@data\n1,2,3,4,5\n";
    std::fs::write(folder.join("one.ts"), new).unwrap();
    let output = run(folder, &["predict", "run", "one.ts"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.find("rising").unwrap() < text.find("falling").unwrap(),
        "{text}"
    );
    let output = run(folder, &["predict", "run", "test.ts", "one.ts", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines: Vec<serde_json::Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[20]["class"], "rising");
    assert!(lines[1]["series"].as_str().unwrap().contains("test.ts"));
    let output = run(folder, &["eval", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_recognized_is_refused() {
    let project = project();
    let folder = project.path();
    let output = run(
        folder,
        &[
            "train",
            "ramps.toml",
            "--quiet",
            "--run",
            "run",
            "--set",
            "train.epochs=1",
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    refused(folder, &["predict", "run"], &["name the files"]);
    refused(folder, &["predict", "run", "none.ts"], &["none.ts"]);
    let plain = run(folder, &["predict", "run", "test.ts"]);
    let flagged = run(folder, &["predict", "run", "--input", "test.ts"]);
    assert_eq!(stdout(&plain), stdout(&flagged));
    refused(
        folder,
        &["tag", "run", "text"],
        &["recognize", "elman predict"],
    );
    refused(
        folder,
        &["transcribe", "run", "test.ts"],
        &["recognize", "elman predict"],
    );
    std::fs::write(
        folder.join("wide.ts"),
        "@univariate false\n@classLabel false\n@data\n1,2:3,4\n",
    )
    .unwrap();
    refused(
        folder,
        &["predict", "run", "wide.ts"],
        &["wide.ts", "2 features", "1"],
    );
    std::fs::write(
        folder.join("cut.ts"),
        "@univariate true\n@classLabel true a b\n",
    )
    .unwrap();
    refused(folder, &["predict", "run", "cut.ts"], &["cut.ts"]);
    std::fs::write(folder.join("empty.ts"), "").unwrap();
    refused(folder, &["predict", "run", "empty.ts"], &["empty.ts"]);
    let train = |set: &[&str], says: &[&str]| {
        let set: Vec<&str> = set.iter().flat_map(|set| ["--set", *set]).collect();
        let args = [&["train", "ramps.toml", "--run", "other"], &set[..]].concat();
        refused(folder, &args, says);
        assert!(!folder.join("other").exists());
    };
    train(&["data.longest=0"], &["data.longest"]);
    train(&["data.sound.rate=8000"], &["data.sound"]);
    train(&["data.steps=\"x\""], &["data.steps"]);
    train(&["split.valid=0.99"], &["split"]);
    std::fs::write(
        folder.join("train.ts"),
        archive(40).replace("1.00", "1,nonsense"),
    )
    .unwrap();
    train(&[], &["train.ts", "line", "nonsense"]);
}

/// A tone of so many samples as a WAV file.
fn tone(path: &Path, hertz: f32) {
    let spec = [
        &b"RIFF"[..],
        &(36 + 2 * 1600u32).to_le_bytes(),
        b"WAVEfmt ",
        &16u32.to_le_bytes(),
        &1u16.to_le_bytes(),
        &1u16.to_le_bytes(),
        &8000u32.to_le_bytes(),
        &16000u32.to_le_bytes(),
        &2u16.to_le_bytes(),
        &16u16.to_le_bytes(),
        b"data",
        &(2 * 1600u32).to_le_bytes(),
    ]
    .concat();
    let sample =
        |k: u32| ((k as f32 * hertz * std::f32::consts::TAU / 8000.0).sin() * 9000.0) as i16;
    let samples = (0..1600).flat_map(|k| sample(k).to_le_bytes());
    std::fs::write(path, spec.into_iter().chain(samples).collect::<Vec<u8>>()).unwrap();
}

#[test]
fn recordings_with_labels_in_a_table_are_learned_and_broken_ones_named_or_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("wav")).unwrap();
    let mut labels = String::from("file,label\n");
    for k in 0..24 {
        let high = k % 2 == 1;
        let name = format!("wav/{k}.wav");
        tone(
            &folder.join(&name),
            if high { 1800.0 } else { 400.0 } + 10.0 * k as f32,
        );
        let _ = writeln!(labels, "{name},{}", if high { "high" } else { "low" });
    }
    std::fs::write(folder.join("labels.csv"), &labels).unwrap();
    let recipe = r#"
        task = "recognize"
        [data]
        labels = "labels.csv"
        [data.sound]
        rate = 8000
        [split]
        valid = 0
        test = 0.25
        [model]
        hidden_size = 8
        [train]
        epochs = 10
        batch_size = 4
        [train.optimizer]
        learning_rate = 0.02
    "#;
    std::fs::write(folder.join("tones.toml"), recipe).unwrap();
    let output = run(folder, &["train", "tones.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(folder, &["predict", "run", "wav/3.wav"]);
    let text = stdout(&output);
    assert!(
        text.find("high").unwrap() < text.find("low").unwrap(),
        "{text}"
    );

    let whole = std::fs::read(folder.join("wav/5.wav")).unwrap();
    std::fs::write(folder.join("wav/5.wav"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.join("wav/6.wav"), b"not a sound").unwrap();
    std::fs::write(folder.join("labels.csv"), labels + "wav/99.wav,low\n").unwrap();
    refused(
        folder,
        &["train", "tones.toml", "--run", "other"],
        &["99.wav", "line 26"],
    );
    std::fs::write(
        folder.join("labels.csv"),
        std::fs::read_to_string(folder.join("labels.csv"))
            .unwrap()
            .replace("wav/99.wav,low\n", ""),
    )
    .unwrap();
    refused(
        folder,
        &["train", "tones.toml", "--run", "other"],
        &["5.wav"],
    );
    let skip = [
        "train",
        "tones.toml",
        "--run",
        "other",
        "--set",
        "data.broken=\"skip\"",
    ];
    let output = run(folder, &skip);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output) + &stderr(&output);
    assert!(
        said.contains("left out as broken: 2") && said.contains("6.wav"),
        "{said}"
    );
}

#[test]
fn a_recipe_for_an_archive_of_ones_own() {
    let project = project();
    let folder = project.path();
    let output = run(folder, &["recipe", "init", "train.ts"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(folder, &["recipe", "check", "train.toml"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut labels = String::from("file,kind\n");
    for k in 0..20 {
        tone(&folder.join(format!("{k}.wav")), 300.0 + 100.0 * k as f32);
        let _ = writeln!(
            labels,
            "{k}.wav,{}",
            if k % 2 == 0 { "low" } else { "high" }
        );
    }
    std::fs::write(folder.join("mine.csv"), labels).unwrap();
    let init = [
        "recipe",
        "init",
        "mine.csv",
        "--task",
        "recognize",
        "--target",
        "kind",
    ];
    let output = run(folder, &init);
    assert!(output.status.success(), "{}", stderr(&output));
    let written = std::fs::read_to_string(folder.join("mine.toml")).unwrap();
    assert!(
        written.contains("labels = \"mine.csv\"\nlabel = \"kind\""),
        "{written}"
    );
    refused(
        folder,
        &["recipe", "init", "test.ts", "--horizon", "3"],
        &["--horizon"],
    );
}

#[test]
fn files_of_any_name_are_answered_where_names_said_the_label() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for k in 0..12 {
        let (label, hertz) = if k % 2 == 0 {
            ("low", 400.0)
        } else {
            ("high", 1800.0)
        };
        tone(
            &folder.join(format!("{label}_{k}.wav")),
            hertz + 10.0 * k as f32,
        );
    }
    let recipe = r#"
        task = "recognize"
        [data]
        files = ["*.wav"]
        name = "{label}_{take}.wav"
        [data.sound]
        rate = 8000
        [split]
        by = "take"
        valid = 0
        test_values = ["0..3"]
        [model]
        hidden_size = 8
        [train]
        epochs = 12
        batch_size = 4
        [train.optimizer]
        learning_rate = 0.02
    "#;
    std::fs::write(folder.join("tones.toml"), recipe).unwrap();
    let output = run(folder, &["train", "tones.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    std::fs::create_dir(folder.join("new")).unwrap();
    tone(&folder.join("new/hello.wav"), 1700.0);
    let output = run(folder, &["predict", "run", "new/hello.wav"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.find("high").unwrap() < text.find("low").unwrap(),
        "{text}"
    );

    let narrowing = recipe.replace(
        "hidden_size = 8",
        "layers = [{ type = \"conv1d\", filters = 4, kernel_size = 3 }, { type = \"gru\", hidden_size = 4, return_sequences = true }]",
    );
    let said = narrowing.replace("\"recognize\"", "\"transcribe\"");
    std::fs::write(folder.join("said.toml"), said).unwrap();
    refused(
        folder,
        &["train", "said.toml", "--run", "other"],
        &["padding = \"same\""],
    );
}
