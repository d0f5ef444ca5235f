//! `elman train`, `elman predict` and `elman nearest` on texts, and what users get wrong with them.

mod common;

use common::{elman, last_json, refused, run, stderr, stdout, succeeds};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const RECIPE: &str = r#"
task = "classify"

[data]
files = ["train.csv"]
test_files = ["test.csv"]

[split]
valid = 0.0

[vocabulary]
tokens = "words"

[classify]
names = { neg = "blame", pos = "praise" }
baselines = ["majority", "counts"]

[model]
hidden_size = 8

[train]
epochs = 20
batch_size = 8

[train.optimizer]
learning_rate = 0.02
"#;

fn rows() -> String {
    let mut text = String::from("text,label\n");
    for noun in ["film", "food", "room", "영화"] {
        for (word, label) in [
            ("good", "pos"),
            ("great", "pos"),
            ("bad", "neg"),
            ("awful", "neg"),
        ] {
            text += &format!("\"{noun}, {word}\",{label}\n");
        }
    }
    text
}

fn project(recipe: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("texts.toml"), recipe).unwrap();
    for name in ["train.csv", "test.csv"] {
        std::fs::write(folder.path().join(name), rows()).unwrap();
    }
    folder
}

fn json(output: &std::process::Output) -> Vec<Value> {
    let text = stdout(output);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_text_is_classified_from_the_command_line_a_file_and_standard_input() {
    let folder = project(RECIPE);
    let folder = folder.path();
    let output = run(folder, &["train", "texts.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("bag of counts"),
        "{}",
        stdout(&output)
    );
    for file in [
        "vocabulary.json",
        "classes.json",
        "predictions.csv",
        "report.html",
        "plots/confusion.svg",
    ] {
        assert!(folder.join("run").join(file).is_file(), "{file}");
    }

    let output = run(folder, &["predict", "run", "food, great"]);
    let text = stdout(&output);
    assert!(
        text.find("praise").unwrap() < text.find("blame").unwrap(),
        "{text}"
    );
    let events = json(&run(
        folder,
        &["predict", "run", "--json", "room, awful", "영화, good"],
    ));
    let classes: Vec<&str> = events
        .iter()
        .map(|event| event["class"].as_str().unwrap())
        .collect();
    assert_eq!(classes, ["blame", "praise"]);
    assert_eq!(events[0]["label"], "neg");

    std::fs::write(folder.join("new.txt"), "food, bad\n\n  room, good\r\n").unwrap();
    let from_file = json(&run(
        folder,
        &["predict", "run", "--json", "--input", "new.txt"],
    ));
    assert_eq!(
        from_file[1]["line"], 3,
        "blank lines are left out, not counted out"
    );
    assert_eq!(from_file[1]["text"], "room, good");
    let mut child = elman(folder)
        .args(["predict", "run"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all("food, bad\nroom, good\n".as_bytes())
        .unwrap();
    let answers = stdout(&child.wait_with_output().unwrap());
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), 2);
    assert!(
        answers[0].starts_with("blame\t") && answers[1].ends_with("\troom, good"),
        "{answers:?}"
    );

    let output = run(folder, &["predict", "run", "xyzzy"]);
    assert!(
        stderr(&output).contains("saw none of its 1 tokens"),
        "{}",
        stderr(&output)
    );
    assert!(run(folder, &["eval", "run", "--quiet"]).status.success());

    refused(folder, &["predict", "run", " "], &["no token"]);
    std::fs::write(folder.join("bad.txt"), b"good\nb\xe9d\n").unwrap();
    refused(
        folder,
        &["predict", "run", "--input", "bad.txt"],
        &["bad.txt", "line 2", "UTF-8"],
    );
    std::fs::write(folder.join("bad.txt"), "\n \n").unwrap();
    refused(
        folder,
        &["predict", "run", "--input", "bad.txt"],
        &["bad.txt", "only white space"],
    );
    refused(
        folder,
        &["predict", "run", "--input", "none.txt"],
        &["none.txt"],
    );
    refused(
        folder,
        &["nearest", "run", "good"],
        &["task `classify`", "elman predict"],
    );
    refused(folder, &["forecast", "run"], &["elman predict"]);
    // A vocabulary that does not fit the run.
    let known = std::fs::read_to_string(folder.join("run/vocabulary.json")).unwrap();
    std::fs::write(
        folder.join("run/vocabulary.json"),
        known.replace("\"good\",", ""),
    )
    .unwrap();
    refused(folder, &["predict", "run", "good"], &["model.safetensors"]);
    std::fs::write(folder.join("run/vocabulary.json"), "{").unwrap();
    let output = run(folder, &["predict", "run", "good"]);
    assert!(
        !output.status.success() && stderr(&output).contains("vocabulary.json"),
        "{}",
        stderr(&output)
    );
}

/// The texts of a file are classified, and never its name, its header, or its labels. The classes of the texts are those of the words
/// in them, which training shows.
#[test]
fn a_file_is_read_as_those_of_training_are() {
    let folder = project(RECIPE);
    let folder = folder.path();
    succeeds(folder, &["train", "texts.toml", "--quiet", "--run", "run"]);
    for (name, contents) in [
        ("new.txt", "food, bad\n\nroom, good\n"),
        ("new.csv", "text\n\"food, bad\"\n\"room, good\"\n"),
        (
            "labelled.csv",
            "id,label,text\n1,neg,\"food, bad\"\n2,pos,\"room, good\"\n",
        ),
        ("other.csv", "id;text\n1;food, bad\n2;room, good\n"),
        ("new.tsv", "text\tlabel\nfood, bad\t\nroom, good\t\n"),
        (
            "new.jsonl",
            "{\"text\": \"food, bad\"}\n{\"text\": \"room, good\"}\n",
        ),
    ] {
        std::fs::write(folder.join(name), contents).unwrap();
        for args in [&[name][..], &["--input", name]] {
            let output = run(folder, &[&["predict", "run", "--json"], args].concat());
            let events = json(&output);
            let found: Vec<_> = events
                .iter()
                .map(|event| (&event["text"], &event["class"]))
                .collect();
            assert_eq!(
                found,
                [
                    (&"food, bad".into(), &"blame".into()),
                    (&"room, good".into(), &"praise".into())
                ],
                "{name}"
            );
        }
    }
    let said = stderr(&run(folder, &["predict", "run", "new.txt"]));
    assert!(
        said.contains("`new.txt` is a file: its 2 lines are classified"),
        "{said}"
    );
    let said = stderr(&run(folder, &["predict", "run", "labelled.csv"]));
    assert!(
        said.contains("`label` is not read") && said.contains("--data labelled.csv"),
        "{said}"
    );
    // A text that happens to be called like a file.
    let text = json(&run(
        folder,
        &["predict", "run", "--text", "new.txt", "--json"],
    ));
    assert_eq!((text.len(), &text[0]["text"]), (1, &"new.txt".into()));
    // Two texts keep their probabilities.
    let two = stdout(&run(folder, &["predict", "run", "food, bad", "room, good"]));
    assert_eq!(two.matches("probability %").count(), 2, "{two}");

    refused(
        folder,
        &["predict", "run", "nwe.txt"],
        &["no file `nwe.txt`", "did you mean `new.txt`?", "--text"],
    );
    refused(
        folder,
        &["predict", "run", "new.txt", "good"],
        &["`new.txt` is a file", "`good` is not"],
    );
    std::fs::write(folder.join("wrong.csv"), "txt,label\ngood,pos\n").unwrap();
    refused(
        folder,
        &["predict", "run", "wrong.csv"],
        &["wrong.csv", "`text`", "did you mean `txt`?"],
    );
}

/// Of the four texts of the other file, three are labelled as their words say and one is not: three of four are right.
#[test]
fn a_run_is_evaluated_on_another_file() {
    let folder = project(RECIPE);
    let folder = folder.path();
    let trained = last_json(&succeeds(
        folder,
        &["train", "texts.toml", "--json", "--run", "run"],
    ));
    assert_eq!(trained["metrics"]["accuracy"], 1.0, "{trained}");
    let other = "label,text\nneg,\"food, bad\"\npos,\"room, good\"\npos,\"film, great\"\npos,\"room, awful\"\n";
    std::fs::write(folder.join("other.csv"), other).unwrap();
    let output = run(folder, &["eval", "run", "--data", "other.csv", "--json"]);
    let event = last_json(&stdout(&output));
    assert_eq!(event["metrics"]["accuracy"], 0.75, "{event}");
    assert_eq!(event["test_set"]["accuracy"], 1.0, "{event}");
    let shown = succeeds(folder, &["eval", "run", "--data", "other.csv"]);
    assert!(
        shown.contains("test set of the run") && shown.contains("other.csv"),
        "{shown}"
    );
    refused(
        folder,
        &["eval", "run", "--data", "othr.csv"],
        &["othr.csv", "did you mean `other.csv`?"],
    );
    std::fs::write(folder.join("strange.csv"), "text,label\ngood,fine\n").unwrap();
    refused(
        folder,
        &["eval", "run", "--data", "strange.csv"],
        &["strange.csv", "line 2", "fine"],
    );
}

#[test]
fn texts_that_cannot_be_learned_from_are_refused() {
    let folder = project(RECIPE);
    let folder = folder.path();
    let train = |contents: &[u8], says: &[&str]| {
        std::fs::write(folder.join("train.csv"), contents).unwrap();
        refused(folder, &["train", "texts.toml", "--quiet"], says);
    };
    train(b"", &["train.csv", "empty"]);
    train(b"text,label\n", &["train.csv"]);
    train(b"text,label\na,pos\nb,pos\n", &["all 2 rows", "`pos`"]);
    train(b"text,label\na,pos\nb\n", &["train.csv", "line 3"]);
    train(
        b"text,label\na,pos\n,neg\n",
        &["train.csv", "line 3", "empty"],
    );
    train(b"words,label\na,pos\nb,neg\n", &["text", "words"]);
    train(b"text,label\na,pos\nb\xff,neg\n", &["train.csv", "line 3"]);
    train(
        b"text,label\na,pos\nb,negative\n",
        &["`classify.names`", "`neg`", "negative, pos"],
    );
    std::fs::write(folder.join("test.csv"), "text,label\na,pos\nb,nge\n").unwrap();
    train(
        b"text,label\na,pos\nb,neg\n",
        &["test.csv", "line 3", "`nge`", "did you mean `neg`?"],
    );
}

#[test]
fn the_nearest_texts_are_found_in_a_file_and_in_what_was_learned_from() {
    let recipe = RECIPE
        .replace("task = \"classify\"", "task = \"similarity\"")
        .replace("[classify]\nnames = { neg = \"blame\", pos = \"praise\" }\nbaselines = [\"majority\", \"counts\"]", "[likeness]\nsize = 8");
    let folder = project(&recipe);
    let folder = folder.path();
    let output = run(folder, &["train", "texts.toml", "--quiet", "--run", "run"]);
    assert!(output.status.success(), "{}", stderr(&output));
    std::fs::write(
        folder.join("items.txt"),
        "room, good\nfood, awful\nfilm, great\n",
    )
    .unwrap();
    let events = json(&run(
        folder,
        &[
            "nearest",
            "run",
            "영화, bad",
            "--file",
            "items.txt",
            "-n",
            "1",
            "--json",
        ],
    ));
    let nearest = events[0]["nearest"].as_array().unwrap();
    assert_eq!(nearest.len(), 1);
    assert_eq!(
        (nearest[0]["line"].as_u64(), nearest[0]["text"].as_str()),
        (Some(2), Some("food, awful"))
    );
    // Without a file, it says which were searched, and the labels they have.
    let output = run(folder, &["nearest", "run", "영화, bad"]);
    let text = stdout(&output);
    assert!(
        text.lines().count() > 5 && text.contains("bad") && text.contains("label"),
        "{text}"
    );
    let says = stderr(&output);
    assert!(
        says.contains("searched") && says.contains("texts of"),
        "{says}"
    );
    let events = json(&run(folder, &["nearest", "run", "영화, bad", "--json"]));
    let searched = events[0]["searched"][0].as_str().unwrap();
    assert!(says.contains(searched), "{says}");
    assert_eq!(events[0]["nearest"][0]["file"], searched);
    let far = |to: &str| {
        let events = json(&run(
            folder,
            &["nearest", "run", "영화, bad", "--to", to, "--json"],
        ));
        events[0]["distance"].as_f64().unwrap()
    };
    assert!(far("food, awful") < far("film, great"));
    let text = stdout(&run(folder, &["nearest", "run", "good", "--to", "good"]));
    assert_eq!(text, "distance 0.0000\n");
    refused(folder, &["nearest", "run", ""], &["no token"]);
    refused(
        folder,
        &["nearest", "run", "good", "--to", ""],
        &["no token"],
    );
    refused(
        folder,
        &[
            "nearest",
            "run",
            "good",
            "--to",
            "bad",
            "--file",
            "items.txt",
        ],
        &["--file", "--to", "leave one out"],
    );
    refused(folder, &["predict", "run", "good"], &["elman nearest"]);
    refused(
        folder,
        &["nearest", "run", "good", "--file", "none.txt"],
        &["none.txt"],
    );
}
