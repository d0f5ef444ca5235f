//! Tagging as a user sees it: learn tagged sentences, tag new ones; and what cannot be learned.

mod common;

use common::{last_json, refused, run, stderr, stdout, succeeds};
use std::collections::BTreeSet;

const RECIPE: &str = r#"
task = "tag"
[data]
files = ["corpus.conllu"]
[split]
valid = 0.1
test = 0.2
[tag]
letter_size = 8
letter_hidden_size = 8
[model]
embedding_size = 12
hidden_size = 16
bidirectional = true
[train]
epochs = 12
batch_size = 8
clip_norm = 5.0
[train.optimizer]
learning_rate = 0.02
"#;

/// Sentences of a subject, a verb and an object; a word in -이 or -가 is the subject, whatever it is.
fn corpus() -> String {
    let nouns = ["개", "곰", "새", "말", "소", "닭", "양", "용", "뱀", "쥐"];
    let mut text = String::from("# text = \n");
    for k in 0..60 {
        let (a, b) = (nouns[k % 10], nouns[(k / 10 + 3 * k) % 10]);
        let ends = |noun: &str| !(noun.chars().next().unwrap() as u32 - 0xAC00).is_multiple_of(28);
        let subject = format!("{a}{}", if ends(a) { "이" } else { "가" });
        let object = format!("{b}{}", if ends(b) { "을" } else { "를" });
        let words = [
            (subject, "SUBJ"),
            (object, "OBJ"),
            (format!("본다{}", k % 7), "VERB"),
        ];
        text += "1-2\t_\t_\t_\t_\t_\t_\t_\t_\t_\n";
        for (place, (word, tag)) in words.iter().enumerate() {
            text += &format!("{}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t_\n", place + 1);
        }
        text += "\n";
    }
    text
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("corpus.conllu"), corpus()).unwrap();
    std::fs::write(folder.path().join("pos.toml"), RECIPE).unwrap();
    folder
}

/// The letters of a word say what it is, so that words which training never showed are tagged rightly.
#[test]
fn new_words_are_tagged_by_their_letters() {
    for output in ["softmax", "crf"] {
        let folder = project();
        let folder = folder.path();
        let set = format!("tag.output={output}");
        let trained = last_json(&succeeds(
            folder,
            &["train", "pos.toml", "--json", "--set", &set],
        ));
        let model = trained["metrics"]["accuracy"].as_f64().unwrap();
        assert!(model > 0.9, "{output}: {model}");
        assert!(trained["baselines"]["most_frequent"]["accuracy"].is_f64());
        // One way through the network and one way back: each recurrence once, and with its gradient.
        let seen = last_json(&succeeds(folder, &["inspect", "runs/pos", "--json"]));
        let parts = seen["parts"].as_array().unwrap();
        let names: BTreeSet<&str> = parts
            .iter()
            .map(|part| part["part"].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), parts.len(), "{names:?}");
        assert!(
            parts.iter().all(|part| part["gradient"].is_object()),
            "{output}"
        );
        assert!(seen["rests_on"]["gradient_times_input"].is_array());
        let again = last_json(&succeeds(folder, &["eval", "runs/pos", "--json"]));
        assert_eq!(
            again["metrics"], trained["metrics"],
            "eval measures the same"
        );

        let tagged = last_json(&succeeds(
            folder,
            &["tag", "runs/pos", "범이 꿩을 본다9", "--json"],
        ));
        let words = tagged["words"].as_array().unwrap();
        for (word, tag) in words.iter().zip(["SUBJ", "OBJ", "VERB"]) {
            assert_eq!(
                (&word["tag"], &word["known"]),
                (&tag.into(), &false.into()),
                "{output}: {word}"
            );
            let listed = word["likeliest"].as_array().unwrap();
            let sum: f64 = listed.iter().map(|pair| pair[1].as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{word}");
        }
        let shown = succeeds(folder, &["tag", "runs/pos", "개가 곰을 본다1"]);
        assert!(
            shown.contains("SUBJ") && shown.contains("not in training") == shown.contains("범"),
            "{shown}"
        );
        let predictions = std::fs::read_to_string(folder.join("runs/pos/predictions.csv")).unwrap();
        assert_eq!(
            predictions.lines().count() as u64,
            1 + trained["metrics"]["words"].as_u64().unwrap()
        );
        assert!(folder.join("runs/pos/plots/confusion.svg").exists());
        refused(
            folder,
            &["generate", "runs/pos"],
            &["is a run of the task `tag`"],
        );
    }
}

/// Neither comments, nor numbers, nor the tags of a file are words of its sentences.
#[test]
fn a_file_is_tagged_by_its_words() {
    let folder = project();
    let folder = folder.path();
    succeeds(
        folder,
        &[
            "train",
            "pos.toml",
            "--quiet",
            "--run",
            "run",
            "--set",
            "train.epochs=2",
        ],
    );
    let conllu = "# sent_id = 1\n# text = 개가 곰을\n1\t개가\t_\tSUBJ\t_\t_\t_\t_\t_\t_\n2\t곰을\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\t본다1\t_\t_\t_\t_\t_\t_\t_\t_\n";
    for (name, text) in [
        ("new.conllu", conllu),
        ("new.txt", "개가 곰을\n본다1\n"),
        ("words.txt", "개가\n곰을\n\n본다1\n"),
        ("tagged.tsv", "개가\tSUBJ\n곰을\tOBJ\n\n본다1\tVERB\n"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        let found = succeeds(folder, &["tag", "run", name]);
        let words: Vec<&str> = found
            .lines()
            .map(|line| line.split('\t').next().unwrap())
            .collect();
        assert_eq!(words, ["개가", "곰을", "", "본다1", ""], "{name}: {found}");
        assert_eq!(
            found.lines().next().unwrap().split('\t').count(),
            3,
            "a probability: {found}"
        );
    }
    let two = succeeds(folder, &["tag", "run", "개가 곰을", "본다1"]);
    assert_eq!(two.matches("probability %").count(), 2, "{two}");
    refused(folder, &["tag", "run", "new.conlu"], &["new.conlu"]);
    refused(
        folder,
        &["tag", "run", "nex.conllu"],
        &["did you mean `new.conllu`?"],
    );

    // The same sentences, and one whose only tag no tagger can give.
    std::fs::write(folder.join("other.conllu"), corpus()).unwrap();
    let event = last_json(&succeeds(
        folder,
        &["eval", "run", "--data", "other.conllu", "--json"],
    ));
    assert_eq!(
        event["metrics"]["words"], 180,
        "60 sentences of 3 words: {event}"
    );
    refused(
        folder,
        &["eval", "run", "--data", "new.conllu"],
        &["new.conllu", "line 4", "no tag"],
    );
}

#[test]
fn a_tag_of_the_test_part_alone_is_named_and_can_only_be_got_wrong() {
    let folder = project();
    let folder = folder.path();
    std::fs::write(folder.join("test.tsv"), "개가\tSUBJ\n아\tINTJ\n").unwrap();
    let args = [
        "train",
        "pos.toml",
        "--set",
        "train.epochs=1",
        "--set",
        "data.test_files=[\"test.tsv\"]",
    ];
    let output = run(folder, &args);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.contains("the tag `INTJ`") && said.contains("test.tsv`, line 1"),
        "{said}"
    );
    assert!(!stdout(&output).contains("NaN"));
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let folder = project();
    let folder = folder.path();
    let set = |change: &str, says: &[&str]| {
        refused(
            folder,
            &["train", "pos.toml", "--quiet", "--set", change],
            says,
        );
    };
    set(
        "model.bidirectional=false",
        &["model.bidirectional", "both ends"],
    );
    let nothing = [
        "train",
        "pos.toml",
        "--set",
        "tag.letter_size=0",
        "--set",
        "model.embedding_size=0",
    ];
    refused(folder, &nothing, &["tag.letter_size", "nothing is read"]);
    set("tag.word_dropout=2", &["tag.word_dropout"]);
    set("train.bptt_len=5", &["train.bptt_len"]);
    set("tag.output=crv", &["no value `crv`", "did you mean `crf`"]);
    set("data.tag=2", &["column"]);
    let broken = corpus().replacen("\tSUBJ\t_\t_\t_\t_\t_\t_\n", "\tSUBJ\t_\n", 1);
    std::fs::write(folder.join("corpus.conllu"), broken).unwrap();
    set("train.epochs=1", &["corpus.conllu", "line 3", "columns"]);
    std::fs::write(folder.join("corpus.conllu"), "").unwrap();
    set("train.epochs=1", &["corpus.conllu", "empty"]);
    let one = corpus().replace("OBJ", "SUBJ").replace("VERB", "SUBJ");
    std::fs::write(folder.join("corpus.conllu"), one).unwrap();
    set("train.epochs=1", &["the tag `SUBJ`", "at least two"]);
}
