//! The learning rate that a recipe learns with.

mod common;

use common::{last_json, project, refused, run, stderr, succeeds};
use serde_json::Value;
use std::path::Path;

/// The validation loss after a short training with a rate; infinite if it is no number.
fn trained(folder: &Path, rate: f64, name: &str) -> f64 {
    let rate = format!("train.optimizer.learning_rate={rate}");
    let set = ["--set", &rate, "--set", "train.epochs=40"];
    let args = [
        &["train", "air-passengers", "--quiet", "--run", name],
        &set[..],
    ]
    .concat();
    let output = run(folder, &args);
    let history = std::fs::read_to_string(folder.join(name).join("metrics.jsonl"));
    let history = history.unwrap_or_default();
    match history.lines().last().filter(|_| output.status.success()) {
        Some(last) => {
            let last: Value = serde_json::from_str(last).unwrap();
            last["valid_loss"].as_f64().unwrap()
        }
        None => f64::INFINITY,
    }
}

#[test]
fn the_suggested_rate_trains_better_than_one_a_hundred_times_as_large_or_small() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let found = last_json(&succeeds(folder, &["find-lr", "air-passengers", "--json"]));
    let rate = found["suggestion"].as_f64().expect("it learns");
    assert!((1e-5..1.0).contains(&rate), "{rate}");
    let [losses, rates] = ["losses", "rates"].map(|key| found[key].as_array().unwrap().len());
    assert!(losses == rates && (100..=200).contains(&rates), "{rates}");
    let kept: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "cache")
        .collect();
    assert_eq!(kept, ["air-passengers-find-lr.svg"], "nothing else is kept");
    let [good, large, small] = [
        trained(folder, rate, "good"),
        trained(folder, 100.0 * rate, "large"),
        trained(folder, 0.01 * rate, "small"),
    ];
    assert!(
        good < large,
        "{good} with {rate}, {large} with a hundred times that"
    );
    assert!(
        good < small,
        "{good} with {rate}, {small} with a hundredth of that"
    );
}

#[test]
fn it_is_for_recipes_of_other_tasks_too_and_says_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let args = [
        "find-lr",
        "hello",
        "--set",
        "model.hidden_size=12",
        "--out",
        "rates/a.svg",
    ];
    let said = succeeds(folder, &args);
    assert!(
        said.contains(
            "elman train hello --set 'model.hidden_size=12' --set train.optimizer.learning_rate="
        ),
        "{said}"
    );
    assert!(said.contains("falls most steeply"), "{said}");
    let picture = std::fs::read_to_string(folder.join("rates/a.svg")).unwrap();
    assert!(picture.contains(">learning rate<") && picture.contains(">use "));
}

#[test]
fn nothing_is_suggested_where_nothing_is_learned() {
    let folder = project();
    let folder = folder.path();
    let args = ["find-lr", "sales.toml", "--from", "1e-14", "--to", "1e-12"];
    let said = succeeds(folder, &args);
    assert!(said.contains("At no learning rate"), "{said}");
    assert!(!said.contains("--set"), "{said}");
    let found = last_json(&succeeds(
        folder,
        &[&args[..], &["--json", "--force"]].concat(),
    ));
    assert!(found["suggestion"].is_null());
}

#[test]
fn bad_input_is_refused() {
    let folder = project();
    let folder = folder.path();
    let with = |more: &[&'static str]| [&["find-lr", "sales.toml"], more].concat();
    refused(
        folder,
        &with(&["--from", "1", "--to", "0.1"]),
        &["--from 1", "--to 0.1"],
    );
    refused(folder, &with(&["--from", "0"]), &["above zero"]);
    refused(folder, &with(&["--to", "nan"]), &["above zero"]);
    refused(folder, &with(&["--steps", "3"]), &["--steps"]);
    refused(folder, &with(&["--set", "model.cel=gru"]), &["cel"]);
    refused(folder, &["find-lr", "nothing"], &["nothing"]);
    let none = run(folder, &with(&["--set", "forecast.lookback=1000"]));
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
}
