//! Translation as a user sees it: learn pairs, answer texts, files and bad input.

mod common;

use common::{elman, refused, run, stderr, stdout, succeeds};
use serde_json::Value;
use std::process::Stdio;

const RECIPE: &str = r#"
task = "translate"
[data]
files = ["pairs.tsv"]
[split]
valid = 0.1
test = 0.1
[vocabulary]
tokens = "words"
[translate]
source = "question"
target = "answer"
[model]
hidden_size = 8
[train]
epochs = 40
batch_size = 8
"#;

fn pairs() -> String {
    let pair = |i: usize| {
        format!(
            "frage {} nummer {}?\t답 {} \u{c785}니다.\n",
            i,
            i % 7,
            i % 5
        )
    };
    format!(
        "question\tanswer\n{}",
        (0..60).map(pair).collect::<String>()
    )
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pairs.tsv"), pairs()).unwrap();
    std::fs::write(folder.path().join("chat.toml"), RECIPE).unwrap();
    folder
}

#[test]
fn a_trained_run_answers_texts_lines_and_files() {
    let project = project();
    let folder = project.path();
    let shown = succeeds(folder, &["train", "chat.toml"]);
    for part in [
        "BLEU",
        "exact %",
        "the answer to the likest source",
        "beam of 5",
        "reference",
    ] {
        assert!(shown.contains(part), "{part} is printed: {shown}");
    }
    let run_folder = folder.join("runs/chat");
    for file in [
        "report.html",
        "predictions.csv",
        "source_vocabulary.json",
        "plots/alignment-1.svg",
    ] {
        assert!(run_folder.join(file).exists(), "{file}");
    }
    let again = succeeds(folder, &["eval", "runs/chat", "--json"]);
    let again: Value = serde_json::from_str(again.lines().last().unwrap()).unwrap();
    let result = std::fs::read_to_string(run_folder.join("result.json")).unwrap();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(again["metrics"], result["metrics"]);
    assert_eq!(again["search"], result["search"]);

    // One answer: the same from an argument, from a file and from standard input.
    let text = "frage 3 nummer 3?";
    let one = succeeds(folder, &["translate", "runs/chat", text]);
    assert_eq!(one.lines().count(), 1);
    std::fs::write(
        folder.join("questions.txt"),
        format!("\u{feff}{text}\r\n\nfrage 4\n"),
    )
    .unwrap();
    let lines = succeeds(
        folder,
        &["translate", "runs/chat", "--input", "questions.txt"],
    );
    assert_eq!(lines.lines().next(), one.lines().next());
    assert_eq!(lines.lines().count(), 2);
    let mut command = elman(folder);
    let command = command
        .args(["translate", "runs/chat"])
        .stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output), one);
    // The file keeps its blank line.
    let wrote = [
        "translate",
        "runs/chat",
        "--input",
        "questions.txt",
        "--output",
        "answers.txt",
    ];
    assert!(succeeds(folder, &wrote).contains("2 texts"));
    let answers = std::fs::read_to_string(folder.join("answers.txt")).unwrap();
    assert_eq!(
        answers.lines().collect::<Vec<_>>()[..2],
        [one.trim_end(), ""]
    );
    assert_eq!(answers.lines().count(), 3);

    let drawn = [
        "translate",
        "runs/chat",
        text,
        "--plot",
        "look.svg",
        "--alternatives",
        "3",
        "--json",
    ];
    let answer: Value = serde_json::from_str(&succeeds(folder, &drawn)).unwrap();
    let found = answer["answers"].as_array().unwrap();
    assert!((1..=3).contains(&found.len()) && answer["source"][5] == "</s>");
    let scores: Vec<f64> = found.iter().map(|a| a["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
    let sums = found[0]["attention"].as_array().unwrap().iter().map(|row| {
        let row = row.as_array().unwrap();
        assert_eq!(row.len(), 6);
        row.iter()
            .map(|weight| weight.as_f64().unwrap())
            .sum::<f64>()
    });
    assert!(sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-4));
    let svg = std::fs::read_to_string(folder.join("look.svg")).unwrap();
    assert!(svg.contains(">frage<") && svg.contains("nummer"));

    let unseen = run(folder, &["translate", "runs/chat", "völlig anders"]);
    assert!(stderr(&unseen).contains("never saw 2 of its tokens"));
    let long = "frage ".repeat(200_000); // 1.2 MB
    std::fs::write(folder.join("long.txt"), &long).unwrap();
    let long = run(folder, &["translate", "runs/chat", "--input", "long.txt"]);
    assert!(
        stderr(&long).contains("only its beginning was read"),
        "{}",
        stderr(&long)
    );

    refused(
        folder,
        &["translate", "runs/chat", " "],
        &["text 1", "no token"],
    );
    refused(
        folder,
        &["translate", "runs/chat", "a", "b", "--plot", "x.svg"],
        &["give one"],
    );
    refused(
        folder,
        &["translate", "runs/chat", "a", "--beam", "0"],
        &["search.beam"],
    );
    refused(
        folder,
        &["translate", "runs/chat", "a", "--length-penalty", "nan"],
        &["length_penalty"],
    );
    refused(
        folder,
        &["translate", "runs/chat", "--input", "none.txt"],
        &["none.txt"],
    );
    refused(
        folder,
        &["generate", "runs/chat"],
        &["is a run of the task `translate`"],
    );
    std::fs::write(folder.join("bad.txt"), b"frage 1\nfr\xffage 2\n").unwrap();
    refused(
        folder,
        &["translate", "runs/chat", "--input", "bad.txt"],
        &["bad.txt`, line 2", "UTF-8"],
    );
    let mut vocabulary =
        std::fs::read_to_string(run_folder.join("target_vocabulary.json")).unwrap();
    vocabulary = vocabulary.replacen("\"답\"", "\"답\", \"밥\"", 1);
    std::fs::write(run_folder.join("target_vocabulary.json"), vocabulary).unwrap();
    refused(folder, &["translate", "runs/chat", "a"], &["has shape"]);
}

#[test]
fn pairs_that_cannot_be_used_are_refused_with_their_place() {
    let project = project();
    let folder = project.path();
    let train = |set: &[&str], says: &[&str]| {
        let mut args = vec!["train", "chat.toml"];
        set.iter().for_each(|set| args.extend(["--set", set]));
        refused(folder, &args, says);
    };
    train(&["translate.target=reply"], &["reply", "answer"]);
    train(&["vocabulary.tokens=wordz"], &["wordz", "words"]);
    let write = |text: &str| std::fs::write(folder.join("pairs.tsv"), text).unwrap();
    write("question\tanswer\nab\tcd\nef\n");
    train(&[], &["pairs.tsv", "line 3"]);
    write("question\tanswer\nab\tcd\nef\t\n");
    train(&[], &["line 3", "answer", "empty"]);
    write("");
    train(&[], &["pairs.tsv", "empty"]);
    std::fs::write(folder.join("a.de"), "eins\nzwei\n").unwrap();
    std::fs::write(folder.join("a.en"), "one\ntwo\nthree\n").unwrap();
    let parallel = RECIPE.replace(
        "[data]\nfiles = [\"pairs.tsv\"]",
        "[parallel]\nsource = [\"a.de\"]\ntarget = [\"a.en\"]",
    );
    std::fs::write(folder.join("chat.toml"), &parallel).unwrap();
    train(&[], &["a.de", "a.en", "2", "3"]);
    std::fs::write(folder.join("a.en"), "one\n\n").unwrap();
    train(&[], &["a.en", "line 2"]);
}
