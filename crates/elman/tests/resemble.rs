//! Closeness of series: what belongs together comes together, whatever its phase and length, and a run compares as its training did.

mod session;

use elman::recipe::Recipe;
use elman::task::resemble::{Encoder, Resemble};
use elman::task::{Job, TaskTables};
use elman::train::{Objective, Silent};
use elman_data::random::mix;
use session::{parsed, run};
use std::fmt::Write;
use std::path::Path;

const RECIPE: &str = r#"
    task = "resemble"
    [data]
    files = ["train.ts"]
    valid_files = ["valid.ts"]
    test_files = ["test.ts"]
    [resemble]
    noise = 0.05
    stretch = 0.1
    warping = 0.2
    [likeness]
    size = 8
    negatives = "random"
    [model]
    cell = "gru"
    hidden_size = 12
    [train]
    epochs = 25
    batch_size = 24
    [train.optimizer]
    learning_rate = 0.01
"#;

fn draw(seed: u64, row: usize, what: u64) -> f64 {
    (mix(&[seed, row as u64, what]) >> 11) as f64 / 2f64.powi(53)
}

/// A wave from any phase on: it climbs slowly and falls at once (`climb`), falls slowly and climbs at once (`fall`), or both slowly.
fn wave(row: usize, seed: u64) -> (String, &'static str) {
    let kind = row % 3;
    let (length, phase) = (
        20 + (draw(seed, row, 0) * 12.0) as usize,
        draw(seed, row, 1),
    );
    let value = |step: usize| {
        let place = (phase + step as f64 / 9.0).fract();
        let value = match kind {
            0 => 2.0 * place - 1.0,
            1 => 1.0 - 2.0 * place,
            _ => 4.0 * (place - 0.5).abs() - 1.0,
        };
        format!(
            "{:.3}",
            value + 0.2 * (draw(seed, row, 2 + step as u64) - 0.5)
        )
    };
    let values: Vec<String> = (0..length).map(value).collect();
    (values.join(","), ["climb", "fall", "both"][kind])
}

fn archive(rows: usize, seed: u64) -> String {
    let mut text = String::from("@univariate true\n@classLabel true climb fall both\n@data\n");
    for row in 0..rows {
        let (values, label) = wave(row, seed);
        let _ = writeln!(text, "{values}:{label}");
    }
    text
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn waves() -> tempfile::TempDir {
    let [train, valid, test] = [archive(120, 1), archive(30, 2), archive(60, 3)];
    folder(&[
        ("train.ts", &train),
        ("valid.ts", &valid),
        ("test.ts", &test),
    ])
}

#[test]
fn series_of_one_label_come_near_each_other_and_a_run_compares_as_its_training_did() {
    let base = waves();
    for set in [
        &[][..],
        &[
            "likeness.loss=contrastive",
            "likeness.distance=euclidean",
            "likeness.margin=1.0",
        ],
    ] {
        let place = tempfile::tempdir().unwrap();
        let recipe = parsed(RECIPE, set);
        assert_eq!(recipe.task.shape(), "many to one, twice");
        let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
        let outcome = session.judge().unwrap();
        let figure = |of: &serde_json::Value, name: &str| of[name].as_f64().unwrap();
        let (model, baselines) = (&outcome.figures["metrics"], &outcome.figures["baselines"]);
        assert!(figure(model, "recall_1") > 0.93, "{}", outcome.table);
        assert!(figure(model, "auc") > 0.93, "{}", outcome.table);
        // They see phases, not kinds; time warping mends some of it.
        for name in ["nearest by Euclidean distance", "nearest by cosine"] {
            assert!(figure(&baselines[name], "auc") < 0.7, "{}", outcome.table);
        }
        assert!(baselines["nearest by time warping"]["recall_1"].is_number());

        let encoder = Encoder::open(&recipe.of::<Resemble>().unwrap(), &run).unwrap();
        let (known, _) = encoder.known(base.path()).unwrap();
        let (asked, _) = encoder.read(&["test.ts".into()], base.path()).unwrap();
        assert_eq!((known.len(), asked.len()), (120, 60));
        // The run finds what the judgement found.
        let predictions = outcome.predictions.unwrap();
        for (line, one) in predictions.lines().skip(1).zip(&asked) {
            let (row, distance) = encoder.nearest(&one.vector, &known, 1)[0];
            assert!(distance >= 0.0);
            assert!(
                line.contains(&known[row].place),
                "{line}: {}",
                known[row].place
            );
            let label = encoder.label(&known[row]).unwrap();
            assert!(line.contains(&format!(",{label},")), "{line}");
        }
        let groups = encoder.groups(&known, "fall").unwrap();
        assert_eq!(groups.len(), 3);
        let of = |name: &str| {
            let group = groups.iter().find(|group| group.name == name).unwrap();
            assert_eq!((group.field.as_str(), group.rows.len()), ("label", 40));
            group.rows.iter().map(|row| &known[*row])
        };
        let near = encoder.between(of("fall"), of("fall"));
        assert!(near < 0.5 * encoder.between(of("fall"), of("climb")));
        assert!(encoder.groups(&known, "nobody").is_none());

        let mut again = recipe.clone().reopen(base.path(), &run).unwrap();
        again.load(&run.model()).unwrap();
        again.baselines(&Default::default(), &mut Silent).unwrap();
        assert_eq!(again.judge().unwrap().figures, outcome.figures);
    }
}

/// Three names whose values swing about their own means, for 48 steps each.
fn named() -> String {
    let mut text = String::from("name,day,value\n");
    for (at, name) in ["one", "two", "three"].iter().enumerate() {
        for day in 0..48 {
            let value = 2.0 * at as f64 + draw(9, at, day as u64);
            let _ = writeln!(text, "{name},{day},{value:.3}");
        }
    }
    text
}

const NAMED: &str = r#"
    task = "resemble"
    [data]
    files = ["named.csv"]
    id = "name"
    label = "name"
    time = "day"
    windows = 6
    [split]
    valid = 0
    by = "window"
    test_values = ["7..8"]
    [likeness]
    size = 4
    negatives = "random"
    [model]
    hidden_size = 8
    [train]
    epochs = 20
    batch_size = 9
    [train.optimizer]
    learning_rate = 0.01
"#;

#[test]
fn windows_of_named_series_are_alike() {
    let base = folder(&[("named.csv", &named())]);
    let recipe = parsed(NAMED, &[]);
    let job = Resemble::prepare(recipe.of().unwrap(), base.path()).unwrap();
    let (train, test) = (&job.data.data.train, &job.data.data.test);
    assert_eq!((train.len(), test.len()), (18, 6));
    assert!(train.signals.iter().all(|signal| signal.time() == 6));
    // Validation there is none; the objective says so.
    let device = burn::prelude::Device::default();
    let model = job.build(&device).unwrap();
    assert!(job.objective(&device).unwrap().validate(&model).is_none());

    let place = tempfile::tempdir().unwrap();
    let (run, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    assert!(
        outcome.figures["metrics"]["auc"].as_f64().unwrap() > 0.9,
        "{}",
        outcome.table
    );
    let encoder = Encoder::open(&recipe.of::<Resemble>().unwrap(), &run).unwrap();
    let (known, _) = encoder.known(base.path()).unwrap();
    assert_eq!(known.len(), 24);
    assert!(known[1].place.ends_with("line 2, steps 7 to 12"));
    // A number of a window is no name.
    assert!(encoder.groups(&known, "3").is_none());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let waves = waves();
    let refused = |base: &Path, text: &str, set: &[&str], says: &[&str]| {
        let set: Vec<String> = set.iter().map(ToString::to_string).collect();
        let message = match Recipe::parse(text, "test", &set) {
            Err(error) => error.to_string(),
            Ok(recipe) => match recipe.prepare(base) {
                Ok(_) => panic!("{set:?} was taken"),
                Err(error) => {
                    assert!(error.is_input(), "{error}");
                    error.to_string()
                }
            },
        };
        for part in says {
            assert!(message.contains(part), "{message} should say {part}");
        }
    };
    let base = waves.path();
    for (set, says) in [
        ("likeness.margin=0", &["likeness.margin", "above 0"][..]),
        ("likeness.margin=3", &["likeness.margin", "end at 2"]),
        ("likeness.together=1", &["likeness.together"]),
        ("likeness.size=0", &["likeness.size"]),
        ("train.batch_size=7", &["train.batch_size", "at least 8"]),
        ("resemble.noise=-1", &["resemble.noise"]),
        ("resemble.stretch=1", &["resemble.stretch"]),
        ("resemble.warping=2", &["resemble.warping"]),
        ("resemble.loss=triplet", &["no key `loss`"]),
        ("data.files=[]", &["data.files", "missing"]),
        ("data.windows=0", &["data.windows"]),
        ("data.steps=\"x\"", &["data.steps", "data.label"]),
        ("model.embedding_size=4", &["model.embedding_size"]),
        ("train.loss.label_smoothing=0.1", &["train.loss"]),
    ] {
        refused(base, RECIPE, &[set], says);
    }
    let named = folder(&[("named.csv", &named())]);
    let kind = ["data.label=\"kind\""];
    refused(
        named.path(),
        NAMED,
        &kind,
        &["data.label", "`kind`", "name"],
    );
    // Each series by itself is like no other.
    let whole = NAMED
        .replace("windows = 6\n", "")
        .replace("by = \"window\"\n    test_values = [\"7..8\"]", "test = 1");
    assert!(!whole.contains("window"));
    let says = ["a label of its own", "data.label", "data.windows"];
    refused(named.path(), &whole, &[], &says);
    let one = folder(&[("one.csv", "label,1,2\na,1,2\na,2,3\na,5,6\n")]);
    let text = "task = \"resemble\"\n[data]\nfiles = [\"one.csv\"]\n[split]\nvalid = 0\ntest = 1\n[model]\nhidden_size = 4";
    refused(one.path(), text, &[], &["with one class"]);
}

#[test]
fn a_label_of_the_test_part_alone_is_searched_for_in_vain() {
    let [train, test] = [archive(30, 1), archive(12, 3).replace("climb", "other")];
    let base = folder(&[
        ("train.ts", &train),
        ("valid.ts", &train),
        ("test.ts", &test),
    ]);
    let recipe = parsed(RECIPE, &["train.epochs=1"]);
    let place = tempfile::tempdir().unwrap();
    let (_, session) = run(&recipe, base.path(), &place.path().join("run"));
    let outcome = session.judge().unwrap();
    assert!(outcome.figures["metrics"]["recall_5"].as_f64().unwrap() <= 8.0 / 12.0);
}
