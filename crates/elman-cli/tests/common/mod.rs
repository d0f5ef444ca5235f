//! The command as a user runs it.
#![allow(dead_code)] // Each test file uses its share.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A small series: three years of months with a season and a trend.
pub fn months() -> String {
    let value = |month: usize| {
        100.0 + month as f64 + 20.0 * (month as f64 * std::f64::consts::TAU / 12.0).sin()
    };
    let line = |month: usize| {
        format!(
            "{}-{:02},{:.3}\n",
            2000 + month / 12,
            month % 12 + 1,
            value(month)
        )
    };
    format!("month,sales\n{}", (0..72).map(line).collect::<String>())
}

/// A recipe for [`months`] that trains in a moment.
pub const RECIPE: &str = r#"
task = "forecast"

[data]
files = ["sales.csv"]

[split]
valid = 12
test = 12

[forecast]
lookback = 12
horizon = 6
baselines = ["last_value", "seasonal_naive", "mean", "linear"]

[model]
hidden_size = 8

[train]
epochs = 6
batch_size = 8
"#;

pub fn elman(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elman"));
    command
        .current_dir(folder)
        .env_remove("ELMAN_DATA")
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .arg("--threads=1");
    command
}

pub fn run(folder: &Path, args: &[&str]) -> Output {
    elman(folder)
        .args(args)
        .output()
        .expect("the command starts")
}

/// A folder with a good recipe and its data.
pub fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sales.csv"), months()).unwrap();
    std::fs::write(folder.path().join("sales.toml"), RECIPE).unwrap();
    folder
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs the command, which must refuse with code 2 and say each of these things.
#[track_caller]
pub fn refused(folder: &Path, args: &[&str], says: &[&str]) {
    let output = run(folder, args);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(!message.contains("panicked"), "{message}");
    for part in says {
        assert!(
            message.contains(part),
            "{args:?} should say {part:?}: {message}"
        );
    }
    let runs = std::fs::read_dir(folder.join("runs"));
    let mut runs = runs.into_iter().flatten().flatten();
    let trained = runs.find(|run| run.path().join("model.safetensors").exists());
    assert!(
        trained.is_none() || args[0] != "train",
        "nothing was trained"
    );
}

/// Runs the command, which must succeed; what it printed.
#[track_caller]
pub fn succeeds(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

/// The last line of what a command printed with `--json`.
pub fn last_json(text: &str) -> Value {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// A folder of a good recipe whose training has come to its end, in `run`.
pub fn trained() -> tempfile::TempDir {
    let folder = project();
    succeeds(
        folder.path(),
        &["train", "sales.toml", "--run", "run", "--quiet"],
    );
    folder
}

/// Every file below a folder, relative to it, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, below: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let below = below.join(entry.file_name());
            if entry.path().is_dir() {
                walk(&entry.path(), &below, found);
            } else {
                found.push(below.to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, Path::new(""), &mut found);
    found.sort();
    found
}

/// No file of a run is half written, and nobody holds it any more.
#[track_caller]
pub fn is_tidy(run: &Path) {
    let litter = |name: &String| name.ends_with(".partial") || name.ends_with("lock");
    let litter: Vec<String> = files(run).into_iter().filter(litter).collect();
    assert!(litter.is_empty(), "{litter:?}");
}
