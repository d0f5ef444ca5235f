//! Text generation as a user sees it: learn a text, make more of it, look at each step.

mod common;

use common::{last_json, refused, succeeds};

/// The notes' example: after "hell" comes "ello", and the model is sure of it.
#[test]
fn hello_is_learned_to_certainty() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let shown = succeeds(folder, &["train", "hello"]);
    for part in ["h_t 1", "y_t h", "softmax h", "says"] {
        assert!(shown.contains(part), "the steps are printed: {shown}");
    }
    assert_eq!(
        succeeds(folder, &["generate", "runs/hello"]).trim(),
        "hello"
    );
    let steps = succeeds(
        folder,
        &["generate", "runs/hello", "--show-steps", "hello", "--json"],
    );
    let steps = last_json(&steps);
    let wanted = ["e", "l", "l", "o"];
    for (step, wanted) in steps["steps"].as_array().unwrap().iter().zip(wanted) {
        assert_eq!(step["next"][0], *wanted);
        assert!(step["next"][1].as_f64().unwrap() >= 0.99, "{step}");
        let sum: f64 = step["probabilities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert_eq!(step["hidden"].as_array().unwrap().len(), 8);
    }
    refused(
        folder,
        &["generate", "runs/hello", "--prompt", "hat"],
        &["\"a\""],
    );
    refused(
        folder,
        &["forecast", "runs/hello"],
        &["is a run of the task `generate`", "elman generate"],
    );
    refused(
        folder,
        &["generate", "runs/hello", "--temperature=-1"],
        &["sample.temperature"],
    );
    refused(
        folder,
        &["generate", "runs/hello", "--top-p", "0"],
        &["sample.top_p"],
    );
    refused(
        folder,
        &["generate", "runs/hello", "--show-steps", ""],
        &["holds no token"],
    );
}

const VERSES: &str = r#"
task = "generate"
[data]
files = ["verses.txt"]
documents = "blank_line"
[split]
valid = 0.2
test = 0.2
[model]
hidden_size = 24
tie_weights = true
[train]
epochs = 30
batch_size = 2
bptt_len = 16
clip_norm = 1.0
[train.optimizer]
learning_rate = 0.01
[sample]
length = 200
"#;

fn verses() -> String {
    let verse = |k: usize| {
        let animal = ["고양이", "강아지", "송아지"][k % 3];
        format!("{animal} {k} 마리\r\n{animal} 두 마리\r\n\r\n")
    };
    (0..30).map(verse).collect()
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("verses.txt"), verses()).unwrap();
    std::fs::write(folder.path().join("verses.toml"), VERSES).unwrap();
    folder
}

/// Korean documents: learned whole, made whole, ended by the model itself; the same seed makes the same text.
#[test]
fn documents_are_made_whole() {
    let folder = project();
    let folder = folder.path();
    // Equal verses are in one part, so that with three of them a part may stay empty: other verses, by number.
    let numbered: String = (0..40).map(|k| format!("{k} 마리\n고양이\n\n")).collect();
    std::fs::write(folder.join("verses.txt"), numbered).unwrap();
    let trained = last_json(&succeeds(folder, &["train", "verses.toml", "--json"]));
    let model = trained["metrics"]["nats_per_token"].as_f64().unwrap();
    let alone = trained["baselines"]["1_gram"]["nats_per_token"]
        .as_f64()
        .unwrap();
    assert!(
        model < alone,
        "it has learned something: {model} against {alone}"
    );
    assert_eq!(trained["part"], "test");
    let again = last_json(&succeeds(folder, &["eval", "runs/verses", "--json"]));
    assert_eq!(
        again["metrics"], trained["metrics"],
        "eval measures the same"
    );

    let make = |seed: &str| {
        let args = [
            "generate",
            "runs/verses",
            "--count",
            "3",
            "--json",
            "--seed",
            seed,
        ];
        last_json(&succeeds(folder, &args))["samples"].clone()
    };
    let samples = make("5");
    assert_eq!(samples, make("5"));
    assert_ne!(samples, make("6"));
    for sample in samples.as_array().unwrap() {
        assert_eq!(sample["ended"], "document", "{sample}");
    }
    let args = [
        "generate",
        "runs/verses",
        "--count",
        "2",
        "--output",
        "made.txt",
    ];
    assert!(succeeds(folder, &args).contains("2 texts"));
    let made = std::fs::read_to_string(folder.join("made.txt")).unwrap();
    assert!(made.contains("\n\n") && made.ends_with('\n'), "{made:?}");
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let folder = project();
    let folder = folder.path();
    let set = |change: &str, says: &[&str]| {
        refused(
            folder,
            &["train", "verses.toml", "--quiet", "--set", change],
            says,
        );
    };
    set("model.bidirectional=true", &["model.bidirectional"]);
    set("model.head=none", &["model.head"]);
    set(
        "model.embedding_size=7",
        &["tied weights", "model.embedding_size = 24"],
    );
    set(
        "train.batch_size=5000",
        &["train.batch_size = 5000", "lower it"],
    );
    set("train.loss.name=mse", &["train.loss", "label_smoothing"]);
    set("data.text=hello", &["data.text", "keep one"]);
    set(
        "data.documents=chapter",
        &["no value `chapter`", "blank_line"],
    );
    set("split.valid=1.5", &["`valid` is 1.5"]);
    set("vocabulary.size=2", &["vocabulary.size"]);
    std::fs::write(folder.join("verses.txt"), "").unwrap();
    set("train.epochs=1", &["verses.txt", "empty"]);
    std::fs::write(folder.join("verses.txt"), b"\xea\xb0\x80\n\xeb\x82 x\n").unwrap();
    set("train.epochs=1", &["verses.txt", "line 2"]);
    std::fs::remove_file(folder.join("verses.txt")).unwrap();
    set("train.epochs=1", &["verses.txt"]);
}
