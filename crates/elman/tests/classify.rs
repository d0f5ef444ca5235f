//! The tasks on whole texts: nothing is learned from the test part, a run answers as its training did, padding is nothing.

mod session;

use elman::recipe::Recipe;
use elman::task::classify::{Classifier, Classify, ClassifyJob, Dataset};
use elman::task::similarity::{Encoder, Similarity};
use elman::task::{Job, TaskTables};
use elman::train::{Objective, Silent};
use session::{parsed, run};
use std::fmt::Write;
use std::path::Path;

const CLASSIFY: &str = r#"
    task = "classify"
    [data]
    files = ["train.tsv"]
    valid_files = ["valid.tsv"]
    test_files = ["test.tsv"]
    [vocabulary]
    tokens = "words"
    [classify]
    text = 1
    label = 2
    names = { "1" = "칭찬" }
    word_dropout = 0.1
    baselines = ["majority", "naive_bayes", "counts", "pair_counts", "window", "big_window"]
    [model]
    embedding_size = 12
    hidden_size = 12
    bidirectional = true
    dropout = 0.1
    [train]
    epochs = 12
    batch_size = 16
    [train.optimizer]
    learning_rate = 0.01
"#;

const WORDS: [[&str; 5]; 3] = [
    ["bad", "awful", "지루하다", "dull", "poor"],
    ["good", "great", "재미있다", "warm", "fine"],
    ["how", "when", "언제", "where", "why"],
];
const FILLERS: [&str; 6] = ["the", "film", "was", "영화", "and", "so"];

/// Texts of `classes` classes, of 1 to 9 words, one of which says the class.
fn table(classes: usize, rows: usize, seed: u64) -> String {
    let mut text = String::new();
    for row in 0..rows as u64 {
        let draw = |what: u64| elman_data::random::mix(&[seed, row, what]) as usize;
        let class = row as usize % classes;
        let length = draw(0) % 9 + 1;
        let mut words: Vec<&str> = (1..length).map(|k| FILLERS[draw(k as u64) % 6]).collect();
        words.insert(draw(20) % length, WORDS[class][draw(21) % 5]);
        let _ = writeln!(text, "{}\t{class}", words.join(" "));
    }
    text
}

fn write(folder: &Path, parts: [&str; 3]) {
    for (name, part) in ["train.tsv", "valid.tsv", "test.tsv"].iter().zip(parts) {
        std::fs::write(folder.join(name), part).unwrap();
    }
}

fn folder(classes: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let parts = [(120, 1), (40, 2), (60, 3)].map(|(rows, seed)| table(classes, rows, seed));
    write(folder.path(), [&parts[0], &parts[1], &parts[2]]);
    folder
}

fn prepared(folder: &Path, set: &[&str]) -> ClassifyJob {
    let recipe = parsed(CLASSIFY, set).of::<Classify>().unwrap();
    Classify::prepare(recipe, folder).unwrap()
}

#[test]
fn a_run_answers_as_its_training_did() {
    let base = folder(2);
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(CLASSIFY, &[]);
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    assert_eq!(figures["metrics"]["count"], 60);
    let accuracy = |of: &serde_json::Value| of["accuracy"].as_f64().unwrap();
    assert!(accuracy(&figures["metrics"]) > 0.95, "{}", outcome.verdict);
    let baselines = figures["baselines"].as_object().unwrap();
    assert_eq!(baselines.len(), 6);
    assert_eq!(accuracy(&baselines["majority"]), 0.5);
    assert!(accuracy(&baselines["counts"]) > 0.95);
    for name in ["the model", "bag of counts", "big fixed window network"] {
        assert!(
            outcome.table.to_string().contains(name),
            "{}",
            outcome.table
        );
    }
    assert_eq!(outcome.pictures[0].file, "confusion");

    // The finished run, without its texts, gives the probabilities of predictions.csv.
    let tables = recipe.of::<Classify>().unwrap();
    let classifier = Classifier::open(&tables, &run).unwrap();
    assert_eq!(classifier.classes.names, ["0", "칭찬"]);
    let predictions = outcome.predictions.unwrap();
    let mut lines = predictions.lines();
    assert_eq!(
        lines.next().unwrap(),
        "file,line,text,actual,predicted,probability,p(0),p(칭찬)"
    );
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let texts: Vec<&str> = rows.iter().map(|row| row[2]).collect();
    for (row, answer) in rows.iter().zip(classifier.classify(&texts).unwrap()) {
        assert_eq!(row[4], classifier.classes.names[answer.class]);
        let probability: f64 = row[7].parse().unwrap();
        assert!((answer.probabilities[1] - probability).abs() < 1e-5);
    }
    // Alone, or beside longer texts: the same.
    let alone = classifier.classify(&["영화 재미있다"]).unwrap().remove(0);
    let beside = ["the film was and so the film was dull", "영화 재미있다"];
    let beside = classifier.classify(&beside).unwrap().remove(1);
    assert!((alone.probabilities[0] - beside.probabilities[0]).abs() < 1e-5);
    let unknown = classifier.classify(&["무엇 xyz"]).unwrap().remove(0);
    assert_eq!((unknown.tokens, unknown.unknown), (2, 2));

    // Judged again from its files, without the baselines that would have to be trained.
    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    again.baselines(&Default::default(), &mut Silent).unwrap();
    let again = again.judge().unwrap();
    assert_eq!(again.figures["metrics"], figures["metrics"]);
    assert_eq!(again.figures["baselines"].as_object().unwrap().len(), 4);
}

#[test]
fn nothing_is_learned_from_the_test_part() {
    let base = folder(2);
    let before = prepared(base.path(), &[]);
    let read = |name| std::fs::read_to_string(base.path().join(name)).unwrap();
    let other = "words never seen anywhere\t1\n여기만 있는 말\t0\n";
    write(base.path(), [&read("train.tsv"), &read("valid.tsv"), other]);
    let after = prepared(base.path(), &[]);
    assert_eq!(before.data.vocabulary, after.data.vocabulary);
    assert_eq!(before.weights, after.weights);
    let device = burn::prelude::Device::default().autodiff();
    let batches = |job: &ClassifyJob| job.objective(&device).unwrap().batches(3);
    assert_eq!(batches(&before), batches(&after));
    let fingerprint = |job: &ClassifyJob| job.objective(&device).unwrap().fingerprint();
    assert_eq!(fingerprint(&before), fingerprint(&after));
    assert_eq!(after.data.test.tokens[0], [1; 4], "all unknown");
}

#[test]
fn weights_follow_the_training_part() {
    let base = tempfile::tempdir().unwrap();
    let rare = "a b\tno\nc\tno\nd\tno\ne f\tyes\n";
    write(base.path(), [rare, rare, rare]);
    let job = |set: &str| prepared(base.path(), &["classify.names={}", set]);
    assert_eq!(job("classify.class_weights='none'").weights, [1.0, 1.0]);
    // 4 texts / (2 classes × 3 texts), 4 / (2 × 1)
    let balanced = job("classify.class_weights='balanced'").weights;
    assert_eq!(balanced, [4.0 / 6.0, 2.0]);
    assert_eq!(
        job("classify.class_weights={yes = 3.5}").weights,
        [1.0, 3.5]
    );
    let about = job("train.epochs=1").about();
    let report = about.report.unwrap();
    assert!(
        report.contains("4 of 4 test texts are word for word"),
        "{report}"
    );
    assert!(report.contains("no 3, yes 1"), "{report}");
}

#[test]
fn long_texts_and_texts_without_tokens_do_not_end_a_training() {
    let base = tempfile::tempdir().unwrap();
    let long = "word ".repeat(200_000); // a line of a megabyte
    let text = format!("{long}\t1\ngood\t1\nbad\t0\n\u{200b}\t0\n");
    write(base.path(), [&text, &text, &text]);
    let job = prepared(base.path(), &["train.epochs=1", "classify.longest=50"]);
    assert_eq!(job.data.train.tokens[0].len(), 50);
    assert_eq!(job.data.train.cut, 1);
    let report = job.about().report.unwrap();
    assert!(
        report.contains("3 texts are longer than `longest`"),
        "{report}"
    );
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(CLASSIFY, &["train.epochs=1", "classify.longest=50"]);
    let (_, session) = run(&recipe, base.path(), &place.path().join("run"));
    assert_eq!(session.judge().unwrap().figures["metrics"]["count"], 4);
}

#[track_caller]
fn refused(parts: [&str; 3], set: &[&str], says: &[&str]) {
    let base = tempfile::tempdir().unwrap();
    write(base.path(), parts);
    let recipe = parsed(CLASSIFY, &[&["classify.names={}"], set].concat());
    let tables = recipe.of::<Classify>().unwrap().task;
    let error = match Dataset::read(&tables, base.path()) {
        Ok(data) => data.weights(&tables.classify.class_weights).unwrap_err(),
        Err(error) => error,
    };
    assert!(error.is_input());
    let message = error.to_string();
    for part in says {
        assert!(message.contains(part), "{message} should say {part}");
    }
}

#[test]
fn what_cannot_be_told_apart_is_refused() {
    let good = "a\tgood\nb\tbad\n";
    refused(
        ["a\tgood\nb\tgood\n", good, good],
        &[],
        &["all 2 rows", "`good`", "`label`"],
    );
    refused(
        [good, good, "a\tgood\nb\tgod\n"],
        &[],
        &["test.tsv", "line 2", "`god`", "did you mean `good`?"],
    );
    refused(
        [good, "a\tworse\n", good],
        &[],
        &["valid.tsv", "line 1", "`worse`"],
    );
    let texts: String = (0..80).map(|k| format!("text\tanswer {k}\n")).collect();
    refused(
        [&texts, good, good],
        &[],
        &["80 different labels in 80 rows"],
    );
    refused(
        [good, good, good],
        &["classify.class_weights={goood = 2.0}"],
        &["goood", "bad, good"],
    );
    refused(["", good, good], &[], &["train.tsv", "empty"]);
    refused(
        [good, good, good],
        &["classify.label=7"],
        &["train.tsv", "7"],
    );
}

#[test]
fn impossible_keys_are_refused_before_anything_is_read() {
    for (set, says) in [
        ("classify.word_dropout=1.0", "word_dropout"),
        ("classify.longest=0", "longest"),
        ("classify.label=1", "same column"),
        ("classify.class_weights='even'", "none`, `balanced"),
        ("train.bptt_len=5", "bptt_len"),
        ("train.loss.name='mse'", "train.loss"),
        ("model.tie_weights=true", "tie_weights"),
        ("classify.pooling='sum'", "pooling"),
    ] {
        let error = Recipe::parse(CLASSIFY, "test", &[set.to_string()]).unwrap_err();
        assert!(error.to_string().contains(says), "{set}: {error}");
    }
}

const SIMILARITY: &str = r#"
    task = "similarity"
    [data]
    files = ["train.tsv"]
    valid_files = ["valid.tsv"]
    test_files = ["test.tsv"]
    [vocabulary]
    tokens = "words"
    [similarity]
    text = 1
    label = 2
    [likeness]
    size = 8
    [model]
    embedding_size = 12
    hidden_size = 12
    [train]
    epochs = 15
    batch_size = 24
    [train.optimizer]
    learning_rate = 0.01
"#;

#[test]
fn texts_of_one_label_come_near_each_other() {
    let base = folder(3);
    for set in [
        &[][..],
        &[
            "likeness.loss=contrastive",
            "likeness.distance=euclidean",
            "likeness.margin=1.0",
        ],
        &["likeness.negatives=random", "similarity.pooling=last"],
    ] {
        let place = tempfile::tempdir().unwrap();
        let recipe = parsed(SIMILARITY, set);
        let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
        let outcome = session.judge().unwrap();
        let figure = |of: &serde_json::Value, name: &str| of[name].as_f64().unwrap();
        let model = &outcome.figures["metrics"];
        assert!(
            figure(model, "recall_1") > 0.9,
            "{set:?}: {}",
            outcome.table
        );
        // The bags share fillers, not what the words mean.
        let bags = &outcome.figures["baselines"]["bag of counts"];
        assert!(
            figure(model, "auc") > 0.95 && figure(bags, "auc") < 0.8,
            "{set:?}: {}",
            outcome.table
        );

        let encoder = Encoder::open(&recipe.of::<Similarity>().unwrap(), &run).unwrap();
        let items = [
            "the film was dull",
            "so great and warm",
            "when was the film",
            "영화 지루하다",
        ];
        let found = encoder.nearest("awful", &items, 2).unwrap();
        let mut places: Vec<usize> = found.iter().map(|(item, _)| *item).collect();
        assert!(found[0].1 <= found[1].1);
        places.sort_unstable();
        assert_eq!(places, [0, 3], "{set:?}");
        let near = encoder.between("awful", "영화 지루하다").unwrap();
        let far = encoder.between("awful", "so great and warm").unwrap();
        assert!(near < far);
        assert!(encoder.nearest("", &items, 2).is_err());
    }
}

#[test]
fn labels_of_their_own_show_nothing_of_likeness() {
    let base = tempfile::tempdir().unwrap();
    let own = "a\tx\nb\ty\nc\tz\n";
    write(base.path(), [own, own, own]);
    let error = parsed(SIMILARITY, &[]).prepare(base.path()).err().unwrap();
    assert!(error.to_string().contains("a label of its own"), "{error}");
    // A label that only the test part has is searched for in vain, and nothing breaks.
    write(
        base.path(),
        ["a\tx\nb\tx\nc\ty\nd\ty\n", "a\tx\n", "q\tnew\na\tx\n"],
    );
    let place = tempfile::tempdir().unwrap();
    let (_, session) = run(
        &parsed(SIMILARITY, &["train.epochs=1"]),
        base.path(),
        &place.path().join("run"),
    );
    let outcome = session.judge().unwrap();
    assert!(outcome.figures["metrics"]["recall_5"].as_f64().unwrap() <= 0.5);
}
