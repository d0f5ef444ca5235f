//! The tasks on series: what is made is learned, nothing is learned from the test part, a run answers as its training did.

mod session;

use elman::recipe::Recipe;
use elman::task::TaskTables;
use elman::task::recognize::{Recognize, RecognizeJob, Recognizer};
use elman::task::transcribe::{Transcribe, Transcriber};
use elman::train::Silent;
use elman_data::random::mix;
use session::{parsed, run};
use std::fmt::Write;
use std::path::Path;

const RECOGNIZE: &str = r#"
    task = "recognize"
    [data]
    files = ["train.ts"]
    valid_files = ["valid.ts"]
    test_files = ["test.ts"]
    [recognize]
    names = { "0" = "상승", "1" = "falling" }
    noise = 0.05
    stretch = 0.1
    [model]
    cell = "gru"
    hidden_size = 12
    dropout = 0.1
    [train]
    epochs = 20
    batch_size = 16
    [train.optimizer]
    learning_rate = 0.01
"#;

fn draw(seed: u64, row: usize, what: u64) -> f64 {
    (mix(&[seed, row as u64, what]) >> 11) as f64 / 2f64.powi(53)
}

/// Two channels of 8 to 15 steps: noise, and in it a jump, up and then down (class 0) or down and then up (class 1). The
/// values of both classes are the same, only their order is not.
fn archive(rows: usize, seed: u64) -> String {
    let mut text = String::from(
        "@problemName jumps\n@timeStamps false\n@univariate false\n@classLabel true 0 1\n@data\n",
    );
    for row in 0..rows {
        let length = 8 + (draw(seed, row, 0) * 8.0) as usize;
        let class = row % 2;
        let at = 1 + (draw(seed, row, 1) * (length - 3) as f64) as usize;
        let value = |step: usize, channel: u64| {
            let noise = 0.3 * (draw(seed, row, 10 + 2 * step as u64 + channel) - 0.5);
            let jump = match (channel, step == at, step == at + 1) {
                (0, true, _) => 2.0,
                (0, _, true) => -2.0,
                _ => 0.0,
            };
            noise + if class == 0 { jump } else { -jump }
        };
        for channel in 0..2 {
            let values: Vec<String> = (0..length)
                .map(|step| format!("{:.3}", value(step, channel)))
                .collect();
            let _ = write!(text, "{}:", values.join(","));
        }
        let _ = writeln!(text, "{class}");
    }
    text
}

fn archives(parts: [String; 3]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, part) in ["train.ts", "valid.ts", "test.ts"].iter().zip(parts) {
        std::fs::write(folder.path().join(name), part).unwrap();
    }
    folder
}

fn jumps() -> tempfile::TempDir {
    archives([archive(160, 1), archive(40, 2), archive(60, 3)])
}

#[test]
fn the_order_of_steps_is_learned_and_a_run_answers_as_its_training_did() {
    let base = jumps();
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(RECOGNIZE, &[]);
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let figures = &outcome.figures;
    let accuracy = |of: &serde_json::Value| of["accuracy"].as_f64().unwrap();
    assert!(accuracy(&figures["metrics"]) > 0.95, "{}", outcome.table);
    let baselines = &figures["baselines"];
    assert_eq!(accuracy(&baselines["majority"]), 0.5);
    // Mean and deviation are the same in both classes.
    assert!(accuracy(&baselines["average"]) < 0.75, "{}", outcome.table);
    assert!(accuracy(&baselines["nearest"]) > 0.6, "{}", outcome.table);
    assert_eq!(outcome.pictures[0].file, "confusion");

    let tables = recipe.of::<Recognize>().unwrap();
    let recognizer = Recognizer::open(&tables, &run).unwrap();
    assert_eq!(recognizer.classes.names, ["상승", "falling"]);
    let predictions = outcome.predictions.unwrap();
    let rows: Vec<&str> = predictions.lines().skip(1).collect();
    let answers = recognizer
        .recognize(&["test.ts".into()], base.path())
        .unwrap()
        .0;
    assert_eq!((rows.len(), answers.len()), (60, 60));
    for (row, answer) in rows.iter().zip(&answers) {
        let cells: Vec<&str> = row.rsplit(',').collect();
        assert_eq!(
            cells[1], recognizer.classes.names[answer.classes[0]],
            "{row}"
        );
        let probability: f64 = cells[0].parse().unwrap();
        assert!((answer.probabilities[0][answer.classes[0]] - probability).abs() < 1e-5);
    }
    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    again.baselines(&Default::default(), &mut Silent).unwrap();
    assert_eq!(&again.judge().unwrap().figures, figures);
}

#[test]
fn nothing_is_learned_from_the_test_part() {
    let prepared = |base: &Path| -> RecognizeJob {
        Recognize::prepare(parsed(RECOGNIZE, &[]).of().unwrap(), base).unwrap()
    };
    let before = prepared(jumps().path());
    let other = archives([
        archive(160, 1),
        archive(40, 2),
        archive(50, 77).replace("0.1", "900.1"),
    ]);
    let after = prepared(other.path());
    assert_eq!(before.data.scaler, after.data.scaler);
    assert_eq!(before.data.train.signals, after.data.train.signals);
    assert_eq!(before.data.train.labels, after.data.train.labels);
    assert_eq!(before.data.digest(), after.data.digest());
}

#[test]
fn each_step_has_a_class_of_its_own() {
    // Whether more ones than zeros came so far: no step alone knows.
    let mut text = String::from("series,value,state\n");
    for row in 0..120 {
        let mut sum = 0i32;
        for step in 0..6 + row % 5 {
            let one = draw(5, row, step as u64) > 0.5;
            sum += if one { 1 } else { -1 };
            let state = if sum > 0 { "more" } else { "not" };
            let _ = writeln!(text, "s{row},{},{state}", u8::from(one));
        }
    }
    let base = tempfile::tempdir().unwrap();
    std::fs::write(base.path().join("steps.csv"), text).unwrap();
    let recipe = parsed(
        r#"
        task = "recognize"
        [data]
        files = ["steps.csv"]
        id = "series"
        steps = "state"
        [split]
        valid = 0.1
        test = 0.2
        [recognize]
        each = "step"
        stretch = 0.0
        [model]
        hidden_size = 16
        [train]
        epochs = 40
        batch_size = 8
        [train.optimizer]
        learning_rate = 0.02
        "#,
        &[],
    );
    assert_eq!(recipe.task.shape(), "many to many, aligned");
    let place = tempfile::tempdir().unwrap();
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let accuracy = |name: &serde_json::Value| name["accuracy"].as_f64().unwrap();
    let figures = &outcome.figures;
    assert!(accuracy(&figures["metrics"]) > 0.93, "{}", outcome.table);
    assert!(
        accuracy(&figures["metrics"]) > accuracy(&figures["baselines"]["average"]) + 0.05,
        "{}",
        outcome.table
    );
    assert!(figures["baselines"].get("nearest").is_none());
    let recognizer = Recognizer::open(&recipe.of().unwrap(), &run).unwrap();
    std::fs::write(
        base.path().join("new.csv"),
        "series,value\na,1\na,1\na,0\nb,0\n",
    )
    .unwrap();
    let answers = recognizer
        .recognize(&["new.csv".into()], base.path())
        .unwrap()
        .0;
    let counts: Vec<usize> = answers.iter().map(|answer| answer.classes.len()).collect();
    assert_eq!(counts, [3, 1]);
    let said: Vec<&str> = answers[0]
        .classes
        .iter()
        .map(|class| recognizer.classes.names[*class].as_str())
        .collect();
    assert_eq!(said, ["more", "more", "more"]);
}

#[track_caller]
fn refused(base: &Path, recipe: &str, set: &[&str], says: &[&str]) {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let message = match Recipe::parse(recipe, "test", &set) {
        Err(error) => error.to_string(),
        Ok(recipe) => match recipe.prepare(base) {
            Ok(_) => panic!("it was taken"),
            Err(error) => {
                assert!(error.is_input(), "{error}");
                error.to_string()
            }
        },
    };
    for part in says {
        assert!(message.contains(part), "{message} should say {part}");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let base = jumps();
    let refused = |set: &[&str], says: &[&str]| refused(base.path(), RECOGNIZE, set, says);
    refused(
        &["recognize.each=\"step\""],
        &["steps have no labels", "data.steps"],
    );
    refused(
        &["recognize.pooling=\"max\"", "recognize.each=\"step\""],
        &["recognize.pooling"],
    );
    refused(
        &["recognize.names={\"7\"=\"seven\"}"],
        &["recognize.names", "`7`"],
    );
    refused(
        &["recognize.class_weights={\"7\"=2.0}"],
        &["recognize.class_weights"],
    );
    refused(&["recognize.noise=-1"], &["recognize.noise"]);
    refused(&["recognize.stretch=2"], &["recognize.stretch"]);
    refused(&["recognize.warping=2"], &["recognize.warping"]);
    refused(&["model.embedding_size=4"], &["model.embedding_size"]);
    refused(&["train.bptt_len=4"], &["train.bptt_len"]);
    refused(&["data.files=[\"none.ts\"]"], &["none.ts"]);
    let one = archive(20, 1).replace(":1\n", ":0\n");
    let one = archives([one, archive(4, 2), archive(4, 3)]);
    self::refused(
        one.path(),
        RECOGNIZE,
        &[],
        &["there is nothing to tell apart"],
    );
    let strange = archives([
        archive(20, 1),
        archive(4, 2),
        archive(4, 3)
            .replace("true 0 1", "true 0 1 9")
            .replacen(":1\n", ":9\n", 1),
    ]);
    self::refused(
        strange.path(),
        RECOGNIZE,
        &[],
        &["test.ts", "line 7", "`9`"],
    );
}

const TRANSCRIBE: &str = r#"
    task = "transcribe"
    [data]
    files = ["said.csv"]
    id = "series"
    label = "text"
    columns = ["x", "y", "z"]
    [split]
    valid = 0.1
    test = 0.2
    [model]
    cell = "gru"
    hidden_size = 24
    bidirectional = true
    [train]
    epochs = 25
    batch_size = 8
    [train.optimizer]
    learning_rate = 0.01
"#;

/// Texts of the letters a, b and c, each letter a channel that is up for two to four steps, with silence between.
fn said(rows: usize, seed: u64) -> String {
    let mut text = String::from("series,x,y,z,text\n");
    for row in 0..rows {
        let length = 1 + (draw(seed, row, 0) * 4.0) as usize;
        let letters: Vec<usize> = (0..length)
            .map(|k| (draw(seed, row, 1 + k as u64) * 3.0) as usize)
            .collect();
        let word: String = letters
            .iter()
            .map(|letter| ['a', 'b', 'c'][*letter])
            .collect();
        let mut what = 100;
        let mut step = |up: Option<usize>| {
            what += 3;
            let value = |channel: usize| {
                let noise = 0.4 * (draw(seed, row, what + channel as u64) - 0.5);
                noise + f64::from(u8::from(up == Some(channel)))
            };
            let _ = writeln!(
                text,
                "s{row},{:.3},{:.3},{:.3},{word}",
                value(0),
                value(1),
                value(2)
            );
        };
        for (place, letter) in letters.iter().enumerate() {
            (0..1 + (draw(seed, row, 20 + place as u64) * 3.0) as usize).for_each(|_| step(None));
            (0..2 + (draw(seed, row, 40 + place as u64) * 3.0) as usize)
                .for_each(|_| step(Some(*letter)));
        }
        step(None);
    }
    text
}

#[test]
fn a_text_is_learned_without_being_told_where_its_letters_are() {
    let base = tempfile::tempdir().unwrap();
    std::fs::write(base.path().join("said.csv"), said(200, 4)).unwrap();
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(TRANSCRIBE, &[]);
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    let rate = outcome.figures["metrics"]["cer"].as_f64().unwrap();
    assert!(rate < 0.03, "{}", outcome.table);
    assert!(outcome.figures["most_frequent"]["cer"].as_f64().unwrap() > 0.5);

    let transcriber = Transcriber::open(&recipe.of::<Transcribe>().unwrap(), &run).unwrap();
    let new = "series,x,y,z\n".to_string()
        + &[
            "0,0,0", "1,0,0", "1,0,0", "0,0,0", "0,0,1", "0,0,1", "0,0,1", "0,0,0", "0,0,1",
            "0,0,1", "0,0,0",
        ]
        .map(|row| format!("n,{row}\n"))
        .concat();
    std::fs::write(base.path().join("new.csv"), new).unwrap();
    let answer = transcriber
        .transcribe(&["new.csv".into()], base.path(), 8)
        .unwrap()
        .0
        .remove(0);
    assert_eq!(answer.text, "acc");
    assert_eq!(answer.steps, 11);
    let steps: Vec<usize> = answer.tokens.iter().map(|(_, step)| *step).collect();
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
    let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
    again.load(&run.model()).unwrap();
    assert_eq!(
        again.judge().unwrap().figures["metrics"],
        outcome.figures["metrics"]
    );
}

#[test]
fn recordings_that_are_too_short_for_their_text_are_left_out_or_refused() {
    let base = tempfile::tempdir().unwrap();
    let long = said(40, 4) + "short,1,0,0,aab\nshort,1,0,0,aab\nshort,0,1,0,aab\n";
    std::fs::write(base.path().join("said.csv"), &long).unwrap();
    let set = ["split.valid=0", "data.test_files=[\"said.csv\"]"];
    let recipe = parsed(TRANSCRIBE, &set).of::<Transcribe>().unwrap();
    let job = Transcribe::prepare(recipe, base.path()).unwrap();
    // `aab` needs a blank between its equal letters.
    assert_eq!(
        (
            job.data.too_short,
            job.data.train.len(),
            job.data.test.len()
        ),
        (1, 40, 41)
    );
    let short = "series,x,y,z,text\ns,1,0,0,abc\nt,1,0,0,ab\n";
    std::fs::write(base.path().join("said.csv"), short).unwrap();
    refused(
        base.path(),
        TRANSCRIBE,
        &set,
        &["fewer steps than its text has tokens"],
    );
    refused(
        base.path(),
        TRANSCRIBE,
        &["model.head=\"none\""],
        &["model.head"],
    );
    refused(
        base.path(),
        TRANSCRIBE,
        &["transcribe.beam=0"],
        &["transcribe.beam"],
    );
    refused(
        base.path(),
        TRANSCRIBE,
        &["data.windows=5"],
        &["data.windows", "what is said in each part"],
    );
}
