//! What inspection looks at, and where answers stand in a file of which only some steps are read.

mod session;

use elman::inspect::{Choice, Inspection, Reading};
use elman::task::Session;
use elman::task::animate::{Animate, Animator, SampleConfig};
use elman::task::recognize::{Recognize, Recognizer};
use elman::task::transcribe::{Transcribe, Transcriber};
use elman_data::random::Stream;
use session::{parsed, run};
use std::fmt::Write;
use std::path::Path;

fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

fn looked_at(session: &dyn Session, example: usize) -> Inspection {
    let choice = Choice {
        example,
        text: None,
    };
    let told: &mut dyn FnMut(usize, usize) = &mut |_, _| {};
    session.inspect(&choice, Some(told)).unwrap()
}

#[track_caller]
fn no_such(session: &dyn Session, says: &str) {
    let choice = Choice {
        example: 10_000,
        text: None,
    };
    let error = session.inspect(&choice, None).unwrap_err().to_string();
    assert!(
        error.contains("no example 10001") && error.contains(says),
        "{error}"
    );
    let choice = Choice {
        example: 0,
        text: Some("a text".into()),
    };
    assert!(session.inspect(&choice, None).is_err());
}

/// Which step counts most, and how many there are.
fn most(values: &Option<Vec<f64>>) -> (usize, usize) {
    let values = values.as_ref().expect("it was measured");
    let order = |a: &usize, b: &usize| values[*a].abs().total_cmp(&values[*b].abs());
    let most = (0..values.len()).max_by(order);
    (most.expect("there are steps"), values.len())
}

/// Words of the letters a and b, each a channel that is up at one step in six. Only the second of three steps says anything.
fn spelled(rows: usize) -> String {
    let mut text = String::from("series,x,y,text\n");
    for row in 0..rows {
        let mut random = Stream::new(&[8, row as u64]);
        let letters: Vec<bool> = (0..1 + random.below(3))
            .map(|_| random.unit() < 0.5)
            .collect();
        let word: String = letters.iter().map(|b| if *b { 'b' } else { 'a' }).collect();
        for b in letters {
            let (x, y) = if b { (0.0, 1.0) } else { (1.0, 0.0) };
            for (x, y) in [(x, y), (0.0, 0.0)] {
                let mut near = |value: f32| value + random.between(-0.1, 0.1);
                // What `stride` passes over is wrong.
                for (x, y) in [(near(x), near(y)), (9.0, -9.0), (-9.0, 9.0)] {
                    let _ = writeln!(text, "s{row},{x},{y},{word}");
                }
            }
        }
    }
    text
}

const SPELLED: &str = r#"
    task = "transcribe"
    [data]
    files = ["said.csv"]
    id = "series"
    label = "text"
    columns = ["x", "y"]
    stride = 3
    [split]
    valid = 0
    test = 0.2
    [model]
    cell = "gru"
    hidden_size = 16
    bidirectional = true
    [train]
    epochs = 40
    batch_size = 8
    [train.optimizer]
    learning_rate = 0.02
"#;

#[test]
fn a_recording_is_looked_at_as_it_is_heard() {
    let base = folder("said.csv", &spelled(160));
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(SPELLED, &[]);
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let cer = session.judge().unwrap().figures["metrics"]["cer"].clone();
    assert!(cer.as_f64().unwrap() < 0.02, "it has to be learned: {cer}");
    let found = looked_at(session.as_ref(), 0);
    assert!(
        found
            .title
            .starts_with("test recording 1, `said.csv`, line "),
        "{}",
        found.title
    );
    assert_eq!(found.measure, "the logarithm of its probability");
    // It is heard as it was said, and surely.
    let heard = found.said.split('"').nth(1).unwrap();
    let said = found.said.rsplit('"').nth(1).unwrap();
    assert_eq!(heard, said, "{}", found.said);
    let Reading::Series { names, steps } = &found.reading else {
        panic!("{:?}", found.reading)
    };
    assert_eq!(names, &["x", "y"]);
    assert_eq!(steps.len(), 2 * said.len());
    assert!(
        steps
            .iter()
            .enumerate()
            .all(|(at, step)| *step == 3 * at + 1),
        "{steps:?}"
    );
    // Each letter is named where it is heard, by the step of the file.
    let likeliest: Vec<&str> = found
        .steps
        .iter()
        .map(|step| step.likely[0].0.as_str())
        .collect();
    let letters: String = likeliest
        .iter()
        .filter(|name| name.len() == 1)
        .copied()
        .collect();
    assert_eq!(letters, said, "{likeliest:?}");
    assert_eq!(found.steps[1].at, "step 4");
    let share: f64 = found
        .said
        .split("probability ")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(share > 0.5 && share <= 1.0, "{}", found.said);
    // It rests on steps at which a letter is up, not on those between.
    assert_eq!(most(&found.rests.hidden).1, steps.len());
    assert_eq!(
        most(&found.rests.hidden).0 % 2,
        0,
        "{:?}",
        found.rests.hidden
    );
    let [_, (_, rests)] = &found.tables(false)[..] else {
        panic!("gradients and rests")
    };
    let rests = rests.to_csv();
    assert!(rests.lines().nth(2).unwrap().starts_with("4,4,"), "{rests}");
    no_such(session.as_ref(), "test recordings");

    let transcriber = Transcriber::open(&recipe.of::<Transcribe>().unwrap(), &run).unwrap();
    let (answers, _) = transcriber
        .transcribe(&["said.csv".into()], base.path(), 1)
        .unwrap();
    let long = answers
        .iter()
        .find(|answer| answer.tokens.len() == 3)
        .unwrap();
    // In steps of the file, from 1, of which each letter has six.
    assert_eq!(long.steps, 18);
    for (at, (_, step)) in long.tokens.iter().enumerate() {
        assert!(
            (6 * at + 1..6 * at + 7).contains(step) && step % 3 == 1,
            "{:?}",
            long.tokens
        );
    }
}

#[test]
fn classes_of_steps_stand_at_the_steps_of_the_file() {
    let mut text = String::from("series,value,state\n");
    for row in 0..40 {
        let mut random = Stream::new(&[5, row]);
        for step in 0..12 {
            let up = random.unit() < 0.5;
            let state = if up { "up" } else { "down" };
            let value = if up { 1.0 } else { -1.0 };
            let _ = writeln!(
                text,
                "s{row},{value},{state}{}",
                if step % 4 == 0 { "" } else { "?" }
            );
        }
    }
    let base = folder("steps.csv", &text);
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(
        r#"
        task = "recognize"
        [data]
        files = ["steps.csv"]
        id = "series"
        steps = "state"
        windows = 6
        stride = 4
        [split]
        valid = 0
        test = 0.2
        [recognize]
        each = "step"
        [model]
        hidden_size = 8
        [train]
        epochs = 2
        batch_size = 8
        "#,
        &[],
    );
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    // Of twelve steps two windows of six, and of each its first and fifth step.
    let steps = |predictions: &str| -> Vec<usize> {
        let lines = predictions.lines().skip(1);
        let step = |line: &str| line.rsplit(',').nth(3).unwrap().parse().unwrap();
        lines.map(step).collect()
    };
    let found = steps(&outcome.predictions.unwrap());
    let first = found.iter().filter(|step| **step == 1).count();
    assert!(found.len() >= 16 && first > 0);
    assert!(
        found.iter().all(|step| [1, 5, 7, 11].contains(step)),
        "{found:?}"
    );
    let recognizer = Recognizer::open(&recipe.of::<Recognize>().unwrap(), &run).unwrap();
    let (answers, _) = recognizer
        .recognize(&["steps.csv".into()], base.path())
        .unwrap();
    assert_eq!(
        (&answers[0].steps[..], &answers[1].steps[..]),
        (&[1, 5][..], &[7, 11][..])
    );
    assert!(answers[1].place.ends_with("steps 7 to 12"));
    let looked = looked_at(session.as_ref(), 0);
    let at: Vec<&str> = looked.steps.iter().map(|step| step.at.as_str()).collect();
    assert!(
        at == ["step 1", "step 5"] || at == ["step 7", "step 11"],
        "{at:?}"
    );
}

const LABELLED: &str = r#"
    task = "recognize"
    [data]
    files = ["train.tsv"]
    label = 1
    [split]
    valid = 0
    test = 0.25
    [recognize]
    baselines = ["majority"]
    [model]
    hidden_size = 8
    [train]
    epochs = 2
"#;

#[test]
fn series_without_the_column_of_labels_are_answered_as_with_it() {
    let rows = |label: bool| -> String {
        let row = |row: u64| {
            let mut random = Stream::new(&[3, row]);
            let values: Vec<String> = (0..9).map(|_| format!("{:.4}", random.normal())).collect();
            match label {
                true => format!("{}\t{}\n", 1 + row % 2, values.join("\t")),
                false => values.join("\t") + "\n",
            }
        };
        (0..24).map(row).collect()
    };
    let base = folder("train.tsv", &rows(true));
    std::fs::write(base.path().join("new.tsv"), rows(false)).unwrap();
    std::fs::write(base.path().join("short.tsv"), "0.5\t0.5\n").unwrap();
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(LABELLED, &[]);
    let (run, _) = run(&recipe, base.path(), &place.path().join("run"));
    let recognizer = Recognizer::open(&recipe.of::<Recognize>().unwrap(), &run).unwrap();
    let answered = |file: &str| {
        let found = recognizer.recognize(&[file.into()], base.path());
        found.map(|(answers, _)| answers).map_err(Box::new)
    };
    let (with, without) = (answered("train.tsv").unwrap(), answered("new.tsv").unwrap());
    assert_eq!(with.len(), 24);
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with.probabilities, without.probabilities);
    }
    let error = answered("short.tsv").unwrap_err();
    assert!(error.is_input());
    let message = error.to_string();
    for part in [
        "short.tsv",
        "2 columns",
        "learned from has 10",
        "column 1 is the label",
        "9",
    ] {
        assert!(message.contains(part), "{message} should say {part}");
    }
}

#[test]
fn a_movement_is_looked_at_by_its_last_step() {
    // It goes on as it began: the last change rests on what came just before.
    let mut text = String::from("who,x,y\n");
    for who in 0..40 {
        let mut random = Stream::new(&[6, who]);
        let (dx, dy) = (random.between(-1.0, 1.0), random.between(-1.0, 1.0));
        for t in 0..20 {
            let _ = writeln!(text, "{who},{},{}", dx * t as f32, dy * t as f32);
        }
    }
    let base = folder("lines.csv", &text);
    let place = tempfile::tempdir().unwrap();
    let recipe = parsed(
        r#"
        task = "animate"
        [data]
        files = ["lines.csv"]
        id = "who"
        stride = 2
        [split]
        valid = 0
        test = 0.2
        [sample]
        seed_steps = 3
        steps = 2
        [model]
        cell = "gru"
        hidden_size = 16
        [train]
        epochs = 30
        batch_size = 8
        [train.optimizer]
        learning_rate = 0.01
        "#,
        &[],
    );
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let found = looked_at(session.as_ref(), 1);
    assert!(
        found
            .title
            .starts_with("test movement 2, `lines.csv`, line "),
        "{}",
        found.title
    );
    // Ten of twenty steps are read, and the last is the nineteenth.
    assert!(
        found.said.starts_with("step 19 comes with a surprise of "),
        "{}",
        found.said
    );
    assert_eq!(most(&found.rests.hidden).1, 9);
    let Reading::Series { names, steps } = &found.reading else {
        panic!("{:?}", found.reading)
    };
    assert_eq!(names, &["x", "y", "change of x", "change of y"]);
    assert_eq!(steps, &[1, 3, 5, 7, 9, 11, 13, 15, 17]);
    // Its last step is the one that the judgement has in its table.
    let predictions = session.judge().unwrap().predictions.unwrap();
    let place = found.title.split_once(", ").unwrap().1;
    let line = predictions
        .lines()
        .find(|line| line.contains(place) && line.contains(",19,"));
    let surprise: f64 = line.unwrap().rsplit(',').next().unwrap().parse().unwrap();
    let said = found.said.rsplit(' ').nth(1).unwrap();
    assert_eq!(said, elman::report::number(surprise), "{}", found.said);
    no_such(session.as_ref(), "test movements");

    let tables = recipe.of::<Animate>().unwrap();
    let animator = Animator::open(&tables, &run).unwrap();
    let seeds = animator.seeds(&["lines.csv".into()], base.path()).unwrap();
    let config: &SampleConfig = &tables.task.sample;
    let csv = animator.csv(&animator.go_on(&seeds[0], config).unwrap());
    let steps: Vec<&str> = csv
        .lines()
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(steps, ["step", "1", "3", "5", "7", "9"]);
}

/// One number from two, or a series of four steps from them.
fn rows() -> String {
    let mut text = String::from("a,b,y1,y2,y3,y4\n");
    for row in 0..120 {
        let mut random = Stream::new(&[2, row]);
        let (a, b) = (random.between(-1.0, 1.0), random.between(-1.0, 1.0));
        let _ = writeln!(text, "{a},{b},{},{},{},{}", a + b, a, b, a - b);
    }
    text
}

#[test]
fn a_row_is_looked_at_by_a_number_of_its_answer() {
    let base = folder("rows.csv", &rows());
    let text = |map: &str| {
        format!(
            "task = \"map\"\n[data]\nfiles = [\"rows.csv\"]\n[split]\nvalid = 0\ntest = 0.2\n[map]\ninputs = [\"a\", \"b\"]\n{map}\n\
             [model]\nhidden_size = 16\n[train]\nepochs = 40\n[train.optimizer]\nlearning_rate = 0.01"
        )
    };
    let look = |base: &Path, map: &str, what: &str| -> Inspection {
        let place = tempfile::tempdir().unwrap();
        let (_, session) = run(&parsed(&text(map), &[]), base, &place.path().join("run"));
        let found = looked_at(session.as_ref(), 2);
        assert!(found.title.starts_with("test row 3, "), "{}", found.title);
        assert!(found.said.starts_with(what), "{}", found.said);
        assert_eq!(
            found.reading,
            Reading::Numbers(vec!["a".into(), "b".into()])
        );
        // What is said is near what is right, in the data's own units.
        let numbers = found
            .said
            .split([' ', ','])
            .filter_map(|word| word.parse::<f64>().ok());
        let numbers: Vec<f64> = numbers.collect();
        let [said, right] = numbers[numbers.len() - 2..] else {
            panic!("{}", found.said)
        };
        assert!((said - right).abs() < 0.35, "{}", found.said);
        no_such(session.as_ref(), "test rows");
        found
    };
    let one = look(base.path(), "targets = [\"y1\"]", "y1: ");
    assert!(one.parts.is_empty(), "dense layers have no states");
    let many = look(
        base.path(),
        "targets = [\"y1..y4\"]\nsteps = 4",
        "y at step 4: ",
    );
    // The gradient of the last step comes back to the first.
    let flow = many.parts[0].flow.as_ref().unwrap();
    assert_eq!(flow.shares[0].len(), 4);
}
