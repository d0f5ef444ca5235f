//! Files and settings that ask for too much, or are damaged: exit code 2 and what to do, within memory that follows their size.

mod common;

use common::{elman, project, refused, run, stderr, stdout, succeeds};
use serde_json::{Value, json};
use std::path::Path;

fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), contents).unwrap();
}

const SERIES: &str = "task = \"recognize\"\n[data]\nfiles = [\"train.ts\"]\ntest_files = [\"test.ts\"]\n[split]\nvalid = 0\n\
                      [model]\nhidden_size = 4\n[train]\nepochs = 1\n[recognize]\nbaselines = []\n";

/// Ramps that rise or fall, beginning at `from`.
fn ramps(rows: usize, from: f64) -> String {
    let row = |row: usize| {
        let sign = if row.is_multiple_of(2) { 1.0 } else { -1.0 };
        let value = |step: usize| (from + (row % 7) as f64 + sign * step as f64).to_string();
        let values: Vec<String> = (0..6).map(value).collect();
        format!("{}:{}\n", values.join(","), ["up", "down"][row % 2])
    };
    let rows: String = (0..rows).map(row).collect();
    format!("@classLabel true up down\n@data\n{rows}")
}

/// A folder with a run of [`SERIES`] that is called `run`.
fn trained() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "r.toml", SERIES);
    write(folder.path(), "train.ts", ramps(20, 0.0));
    write(folder.path(), "test.ts", ramps(10, 0.0));
    succeeds(
        folder.path(),
        &["train", "r.toml", "--quiet", "--run", "run"],
    );
    folder
}

/// The run as it is, but for one file.
fn damaged(folder: &Path, name: &str, contents: impl AsRef<[u8]>, says: &[&str]) {
    let whole = std::fs::read(folder.join("run").join(name)).unwrap();
    write(&folder.join("run"), name, contents);
    refused(folder, &["predict", "run", "test.ts"], says);
    write(&folder.join("run"), name, whole);
}

#[test]
fn damaged_files_of_a_run_are_named() {
    let project = trained();
    let folder = project.path();
    let read = |name: &str| std::fs::read(folder.join("run").join(name)).unwrap();
    let json = |name: &str| -> Value { serde_json::from_slice(&read(name)).unwrap() };
    for name in ["scaler.json", "classes.json"] {
        let says = [name, "cannot be understood", "train the recipe again"];
        damaged(folder, name, [&read(name)[..], b"\xff"].concat(), &says);
        damaged(folder, name, &read(name)[..10], &says);
        damaged(folder, name, "null", &says);
        damaged(folder, name, "[".repeat(100_000), &says);
    }
    for features in [0, 2, 1 << 40, u64::MAX] {
        let mut scaler = json("scaler.json");
        scaler["features"] = features.into();
        damaged(
            folder,
            "scaler.json",
            scaler.to_string(),
            &["scaler.json", "it has been changed"],
        );
    }
    let mut scaler = json("scaler.json");
    scaler["scalers"][0]["scale"] = json!(0.0);
    damaged(folder, "scaler.json", scaler.to_string(), &["scaler.json"]);
    let mut scaler = json("scaler.json");
    scaler["preparation"]["resample"] = json!(u64::MAX);
    damaged(
        folder,
        "scaler.json",
        scaler.to_string(),
        &["scaler.json", "data.resample"],
    );
    // A network that is not the one whose weights these are.
    let recipe = String::from_utf8(read("recipe.toml")).unwrap();
    let wide = recipe.replace("hidden_size = 4", "hidden_size = 90000");
    damaged(
        folder,
        "recipe.toml",
        wide,
        &["the model would have", "parameters"],
    );
    damaged(folder, "recipe.toml", b"\xff", &["recipe.toml"]);
    // The last number of the last tensor is no number.
    let mut weights = read("model.safetensors");
    let end = weights.len();
    weights[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    damaged(
        folder,
        "model.safetensors",
        &weights,
        &["parameter `", "no numbers (NaN)"],
    );
    weights[..8].fill(0xff);
    damaged(
        folder,
        "model.safetensors",
        &weights,
        &["not a whole safetensors file"],
    );
    succeeds(folder, &["predict", "run", "test.ts"]);
}

#[test]
fn no_network_is_made_that_memory_cannot_hold() {
    let project = trained();
    let folder = project.path();
    write(
        folder,
        "t.txt",
        "one two three four five six seven eight nine ten ".repeat(40),
    );
    let rows: String = (0..60)
        .map(|row| format!("text number {row},{},word{row} again\n", row % 2))
        .collect();
    write(folder, "rows.csv", format!("text,label,other\n{rows}"));
    let split = "[split]\nvalid = 0\ntest = 10\n";
    let texts = format!("{split}[data]\nfiles = [\"rows.csv\"]\n");
    for (name, recipe) in [
        ("generate", "[data]\nfiles = [\"t.txt\"]\n".into()),
        ("classify", texts.clone()),
        ("similarity", texts.clone()),
        (
            "translate",
            format!("{texts}[translate]\nsource = \"text\"\ntarget = \"other\"\n"),
        ),
        (
            "recognize",
            SERIES
                .split_once('\n')
                .unwrap()
                .1
                .replace("hidden_size = 4", ""),
        ),
        (
            "resemble",
            "[data]\nfiles = [\"train.ts\"]\ntest_files = [\"test.ts\"]\n[split]\nvalid = 0\n"
                .into(),
        ),
    ] {
        write(folder, "big.toml", format!("task = \"{name}\"\n{recipe}"));
        // 4 × 60000 × (60000 + …) weights, 14.4 billion and more.
        let args = [
            "recipe",
            "check",
            "big.toml",
            "--set",
            "model.hidden_size=60000",
        ];
        refused(
            folder,
            &args,
            &["the model would have", "at most 1000000000"],
        );
    }
}

#[test]
fn overrides_that_cannot_be_meant() {
    let project = project();
    let folder = project.path();
    let set = |change: &str, says: &[&str]| {
        refused(
            folder,
            &["recipe", "check", "sales.toml", "--set", change],
            says,
        );
    };
    set(
        "epochs=5",
        &["there is no key `epochs` here; did you mean `train.epochs`?"],
    );
    set(
        "train.epochs=abc",
        &[
            "`train.epochs`",
            "the text \"abc\" is given",
            "a whole number from 0",
        ],
    );
    set(
        "train.epochs=-1",
        &["`train.epochs`", "a whole number from 0"],
    );
    set("train.seed=9223372036854775808", &["train.seed", "2^63"]);
    set("train.seed=99999999999999999999999999", &["train.seed"]);
    set("nothing=1", &["there is no key `nothing` here. Known:"]);
    set("=1", &["is not of the form key=value"]);
    set(
        &format!("{}=1", vec!["a"; 30_000].join(".")),
        &["30000 parts"],
    );
    let long = format!("train.epochs={}", "x".repeat(100_000));
    let output = run(folder, &["recipe", "check", "sales.toml", "--set", &long]);
    assert!(
        stderr(&output).len() < 1000,
        "a message is no copy of what was given"
    );
    set("train.epochs.more=1", &["`epochs` is a value, not a table"]);
    // A key without a value is as if it had not been written.
    let args = [
        "recipe",
        "show",
        "sales.toml",
        "--set",
        "split.valid=20",
        "--set",
        "split.valid=",
    ];
    let changed = succeeds(folder, &args);
    let without = common::RECIPE.replace("valid = 12\n", "");
    assert_ne!(without, common::RECIPE);
    write(folder, "without.toml", &without);
    let plain = succeeds(folder, &["recipe", "show", "without.toml"]);
    assert_eq!(changed, plain);
    // A number that only TOML's signed ones cannot hold is as good with an override as without.
    write(
        folder,
        "film.toml",
        "task = \"recognize\"\n[data]\nfiles = [\"x.gif\"]\n[data.frames.limits]\npixels = 18446744073709551615\n",
    );
    let shown = succeeds(
        folder,
        &["recipe", "show", "film.toml", "--set", "train.epochs=2"],
    );
    assert!(shown.contains("pixels = 18446744073709551615"), "{shown}");
}

/// A tokenizer of three words, with these parts.
fn tokenizer(parts: Value) -> Value {
    let mut whole = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]},
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(parts.as_object().unwrap().clone());
    whole
}

#[test]
fn tokenizers_that_are_broken_or_ask_for_nonsense() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    let recipe = "task = \"generate\"\n[data]\nfiles = [\"t.txt\"]\n[vocabulary]\ntokens = \"bpe\"\nfile = \"tokenizer.json\"\n\
                  [model]\nhidden_size = 2\n[train]\nepochs = 1\nbatch_size = 2\n";
    write(folder, "gen.toml", recipe);
    write(folder, "t.txt", "ab ab a b ba ab\n".repeat(40));
    let check = ["recipe", "check", "gen.toml"];
    let strip =
        tokenizer(json!({"decoder": {"type": "Strip", "content": "a", "start": 1, "stop": 1}}));
    write(folder, "tokenizer.json", strip.to_string());
    succeeds(folder, &["train", "gen.toml", "--quiet", "--run", "run"]);
    let text = strip.to_string();
    for length in (0..text.len()).step_by(7) {
        write(folder, "tokenizer.json", &text[..length]);
        refused(folder, &check, &["tokenizer.json"]);
    }
    for parts in [
        json!({"pre_tokenizer": {"type": "FixedLength", "length": 0}}),
        json!({"model": {"type": "BPE", "continuing_subword_prefix": "########", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}),
        json!({"decoder": {"type": "Unknown"}}),
        json!({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}}),
        json!({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "////fwAAAAA="}}),
    ] {
        write(folder, "tokenizer.json", tokenizer(parts).to_string());
        refused(folder, &check, &["tokenizer.json"]);
    }
    // The same text in a run.
    let file = folder.join("run/vocabulary.json");
    let mut saved: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    saved["tokenizer"] = Value::String(text[..text.len() - 20].into());
    std::fs::write(&file, saved.to_string()).unwrap();
    refused(
        folder,
        &["generate", "run"],
        &["vocabulary.json", "cannot be understood"],
    );
}

#[test]
fn numbers_to_be_learned_are_no_classes() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    let archive = ramps(20, 0.0).replace("@classLabel true up down", "@targetLabel true");
    write(
        folder,
        "train.ts",
        archive.replace(":up", ":2.5").replace(":down", ":7.25"),
    );
    write(
        folder,
        "test.ts",
        archive.replace(":up", ":2.5").replace(":down", ":7.25"),
    );
    write(folder, "r.toml", SERIES);
    refused(
        folder,
        &["train", "r.toml"],
        &[
            "`./train.ts`, line 1: @targetLabel true",
            "a number to be learned",
            "task = \"map\"",
        ],
    );
}

#[cfg(unix)]
#[test]
fn threads_that_the_system_does_not_give_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("sh");
    let line = format!(
        "ulimit -v 2000000; '{}' --threads 1024 recipe list",
        env!("CARGO_BIN_EXE_elman")
    );
    let output = command
        .arg("-c")
        .arg(line)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("1024 threads") && message.contains("--threads"),
        "{message}"
    );
    assert!(!message.contains("panicked"), "{message}");
    let output = elman(folder.path())
        .args(["recipe", "list"])
        .output()
        .unwrap();
    assert!(output.status.success() && !stdout(&output).is_empty());
}
