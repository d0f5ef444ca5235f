//! Many recipes from one: trained, compared, gone on with.

mod common;

use common::{elman, last_json, project, refused, run, stderr, succeeds};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

fn runs(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut runs: Vec<PathBuf> = inside.map(|entry| entry.path()).collect();
    runs.retain(|path| path.join("recipe.toml").exists());
    runs.sort();
    runs
}

fn models(folder: &Path) -> Vec<Vec<u8>> {
    let read = |run: &PathBuf| std::fs::read(run.join("model.safetensors")).unwrap();
    runs(folder).iter().map(read).collect()
}

/// The validation loss of the last epoch, as the run itself wrote it.
fn validation(run: &Path) -> f64 {
    let history = std::fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let last: Value = serde_json::from_str(history.lines().last().unwrap()).unwrap();
    last["valid_loss"].as_f64().unwrap()
}

const GRID: [&str; 6] = [
    "sweep",
    "sales.toml",
    "--over",
    "model.hidden_size=4,8",
    "--over",
    "train.optimizer.learning_rate=0.001,0.01",
];

#[test]
fn a_grid_is_trained_once_and_the_best_is_named_by_validation() {
    let folder = project();
    let folder = folder.path();
    let json = last_json(&succeeds(folder, &[&GRID[..], &["--json"]].concat()));
    let sweep = folder.join("sweeps/sales");
    let names: Vec<String> = runs(&sweep)
        .iter()
        .map(|run| run.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "001-hidden_size=4-learning_rate=0.001",
            "002-hidden_size=4-learning_rate=0.01",
            "003-hidden_size=8-learning_rate=0.001",
            "004-hidden_size=8-learning_rate=0.01",
        ]
    );
    let by_validation = |a: &PathBuf, b: &PathBuf| validation(a).total_cmp(&validation(b));
    let best = runs(&sweep).into_iter().min_by(by_validation).unwrap();
    assert_eq!(folder.join(json["best"].as_str().unwrap()), best);
    let keys: Vec<&String> = json["runs"][0]["recipe"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(keys, ["model.hidden_size", "train.optimizer.learning_rate"]);
    assert!(sweep.join("report.html").is_file() && sweep.join("validation.svg").is_file());

    // Whatever the test part says: it is not asked.
    for run in runs(&sweep) {
        let path = run.join("result.json");
        let mut result: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        result["metrics"]["mae"] = validation(&run).recip().into();
        std::fs::write(&path, result.to_string()).unwrap();
    }
    let before = models(&sweep);
    let again = run(folder, &GRID);
    assert_eq!(stderr(&again).matches("finished before").count(), 4);
    assert_eq!(models(&sweep), before);
    let said = String::from_utf8_lossy(&again.stdout);
    let name = best.file_name().unwrap().to_string_lossy();
    assert!(said.contains(&format!("The best of 4 is {name}")), "{said}");
}

#[test]
fn a_killed_sweep_goes_on_to_the_same_weights() {
    let folder = project();
    let folder = folder.path();
    let args = |name: &'static str| {
        let long = [
            "--quiet",
            "--set",
            "train.epochs=60",
            "--set",
            "train.checkpoint_every=2",
        ];
        [&GRID[..], &long, &["--run", name]].concat()
    };
    let start = Instant::now();
    succeeds(folder, &args("whole"));
    let length = start.elapsed().as_secs_f64();
    for share in [0.3, 0.4, 0.6] {
        let mut child = elman(folder)
            .args(args("killed"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs_f64(length * share));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
    }
    let partial = folder.join("killed/.aB3dE6.partial"); // as a kill in the middle of writing leaves one
    std::fs::write(&partial, "{").unwrap();
    succeeds(folder, &args("killed"));
    assert!(!partial.exists());
    assert_eq!(
        models(&folder.join("killed")),
        models(&folder.join("whole"))
    );
    assert_eq!(runs(&folder.join("killed")).len(), 4);
}

#[test]
fn draws_stay_in_their_range_and_more_can_be_added() {
    let folder = project();
    let folder = folder.path();
    let over = "train.optimizer.learning_rate=1e-4..1e-2";
    let args = |count: &'static str| {
        [
            "sweep",
            "sales.toml",
            "--over",
            over,
            "--random",
            count,
            "--seed",
            "3",
            "--run",
            "drawn",
        ]
    };
    succeeds(folder, &args("2"));
    let sweep = folder.join("drawn");
    let first = models(&sweep);
    succeeds(folder, &args("3"));
    let rates: Vec<f64> = runs(&sweep)
        .iter()
        .map(|run| {
            let recipe = std::fs::read_to_string(run.join("recipe.toml")).unwrap();
            let line = recipe
                .lines()
                .find(|line| line.starts_with("learning_rate"))
                .unwrap();
            line.split_once('=').unwrap().1.trim().parse().unwrap()
        })
        .collect();
    assert!(
        rates.len() == 3 && rates.iter().all(|rate| (1e-4..=1e-2).contains(rate)),
        "{rates:?}"
    );
    assert_eq!(models(&sweep)[..2], first);
    refused(
        folder,
        &[
            "sweep",
            "sales.toml",
            "--over",
            over,
            "--random",
            "3",
            "--seed",
            "4",
            "--run",
            "drawn",
        ],
        &["holds another sweep", "--run"],
    );
}

#[test]
fn a_training_that_diverges_does_not_end_the_sweep() {
    let folder = project();
    let folder = folder.path();
    let over = "train.optimizer.learning_rate=1e30,0.01,0.001";
    let output = run(folder, &["sweep", "sales.toml", "--over", over]);
    let (said, noted) = (common::stdout(&output), stderr(&output));
    assert!(output.status.success(), "{noted}");
    assert!(noted.contains("did not come to its end"), "{noted}");
    assert!(
        said.contains("The best of 2 is") && said.contains("is not finished"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_in_any_combination_is_refused_before_anything_is_trained() {
    let folder = project();
    let folder = folder.path();
    let sweep = |over: &'static str| ["sweep", "sales.toml", "--over", over];
    for (over, says) in [
        (
            "model.hiden_size=4,8",
            vec!["hiden_size", "did you mean `hidden_size`"],
        ),
        (
            "model.hidden_size=4,8,0",
            vec!["with model.hidden_size=0", "model.hidden_size"],
        ),
        ("model.cell=gru,lstn", vec!["with model.cell=lstn", "lstm"]),
        (
            "train.optimizer.learning_rate=0.01,-1",
            vec!["learning_rate=-1"],
        ),
        (
            "forecast.lookback=12,1000",
            vec!["with forecast.lookback=1000"],
        ),
        ("model.hidden_size", vec!["has no `=`"]),
        ("model.hidden_size=4", vec!["one run only"]),
        (
            "train.optimizer.learning_rate=1e-4..1e-2",
            vec!["is a range", "--random"],
        ),
    ] {
        refused(folder, &sweep(over), &says);
        assert!(
            !folder.join("sweeps").exists(),
            "{over} has trained something"
        );
    }
    let both = [
        "--over",
        "model.hidden_size=4,8",
        "--set",
        "model.hidden_size=3",
    ];
    refused(
        folder,
        &[&["sweep", "sales.toml"], &both[..]].concat(),
        &["--set model.hidden_size=3"],
    );
    refused(folder, &["sweep", "sales.toml"], &["--over"]);
    refused(
        folder,
        &["sweep", "nothing.toml", "--over", "a=1,2"],
        &["nothing.toml"],
    );

    succeeds(folder, &GRID);
    let other = sweep("model.hidden_size=4,8");
    refused(folder, &other, &["holds another sweep"]);
    let longer = [&GRID[..], &["--set", "train.epochs=7"]].concat();
    refused(folder, &longer, &["train.epochs = 6, not 7"]);
    let run = "sweeps/sales/001-hidden_size=4-learning_rate=0.001";
    refused(
        folder,
        &[&other[..], &["--run", run]].concat(),
        &["is a run"],
    );
}
