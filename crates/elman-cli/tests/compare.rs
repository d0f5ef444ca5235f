//! Runs side by side.

mod common;

use common::{last_json, project, refused, run, succeeds};
use std::path::Path;

fn train(folder: &Path, name: &str, sets: &[&str]) {
    let run = format!("runs/{name}");
    let mut args = vec!["train", "sales.toml", "--quiet", "--run", &run];
    args.extend(sets.iter().flat_map(|set| ["--set", set]));
    succeeds(folder, &args);
}

#[test]
fn runs_are_ranked_by_validation_and_only_differing_keys_are_shown() {
    let folder = project();
    let folder = folder.path();
    train(folder, "a", &["model.hidden_size=4"]);
    train(folder, "b", &["model.hidden_size=8", "train.epochs=12"]);
    let said = succeeds(folder, &["compare", "runs/a", "runs/b"]);
    for part in [
        "model.hidden_size",
        "train.epochs",
        "validation",
        "µs a step",
        "The best of 2 is",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(
        !said.contains("train.batch_size"),
        "the same in both: {said}"
    );

    let json = last_json(&succeeds(folder, &["compare", "runs", "--json"]));
    let runs = json["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "the folder stands for both");
    let losses: Vec<f64> = runs
        .iter()
        .map(|run| run["validation_loss"].as_f64().unwrap())
        .collect();
    assert!(losses[0] < losses[1], "the best first");
    assert_eq!(json["best"], runs[0]["run"]);
    assert_eq!(json["ranked_by"], "validation_loss");
    for run in runs {
        let path = folder.join(run["run"].as_str().unwrap());
        let result = std::fs::read_to_string(path.join("result.json")).unwrap();
        let result: serde_json::Value = serde_json::from_str(&result).unwrap();
        assert_eq!(run["metrics"], result["metrics"]);
        assert_eq!(run["skill"], result["skill"]);
        assert_eq!(run["parameters"], result["parameters"]);
        let history = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
        let last: serde_json::Value =
            serde_json::from_str(history.lines().last().unwrap()).unwrap();
        assert_eq!(
            run["validation_loss"], last["valid_loss"],
            "no epoch is restored"
        );
        assert_eq!(run["epochs"], history.lines().count());
    }
    let page = std::fs::read_to_string(folder.join("compare/report.html")).unwrap();
    assert!(page.contains("model.hidden_size") && page.contains("data-name=\"b\""));
    assert!(folder.join("compare/validation.svg").is_file());
}

#[test]
fn what_cannot_be_held_against_each_other_is_said() {
    let folder = project();
    let folder = folder.path();
    train(folder, "a", &[]);
    train(folder, "b", &["split.valid=18"]);
    train(folder, "c", &["forecast.scaling=\"min_max\""]);
    let other = last_json(&succeeds(
        folder,
        &["compare", "runs/a", "runs/b", "--json"],
    ));
    assert!(other["best"].is_null(), "{other}");
    assert_eq!(other["data_differ"], serde_json::json!(["split.valid"]));
    let said = succeeds(folder, &["compare", "runs/a", "runs/b"]);
    assert!(said.contains("Their data differ (split.valid)"), "{said}");
    // Losses in other units: a forecast has no figure of the validation part that both share.
    let units = last_json(&succeeds(
        folder,
        &["compare", "runs/a", "runs/c", "--json"],
    ));
    assert!(units["best"].is_null() && units["ranked_by"].is_null());

    // A run that was interrupted is shown with what it has.
    std::fs::remove_file(folder.join("runs/b/result.json")).unwrap();
    std::fs::remove_file(folder.join("runs/b/model.safetensors")).unwrap();
    train(folder, "d", &["model.hidden_size=4"]);
    let said = succeeds(folder, &["compare", "runs/a", "runs/d", "runs/b"]);
    assert!(
        said.contains("`b` is not finished (6 of 6 epochs)"),
        "{said}"
    );
    let json = last_json(&succeeds(
        folder,
        &["compare", "runs/a", "runs/b", "--json"],
    ));
    let unfinished = &json["runs"][1];
    assert_eq!(
        (&unfinished["finished"], &unfinished["epochs"]),
        (&false.into(), &6.into())
    );
    assert!(unfinished["metrics"].is_null() && unfinished["validation_loss"].is_number());
}

#[test]
fn bad_input_is_refused() {
    let folder = project();
    let folder = folder.path();
    refused(folder, &["compare"], &["RUN"]);
    refused(
        folder,
        &["compare", "nowhere", "no"],
        &["nowhere", "not a run folder"],
    );
    train(folder, "a", &["train.epochs=1"]);
    refused(
        folder,
        &["compare", "runs/a"],
        &["only one run", "at least two"],
    );
    refused(
        folder,
        &["compare", "runs/a", "./runs/a"],
        &["only one run"],
    );
    let hello = ["train", "hello", "--quiet", "--set", "train.epochs=1"];
    assert!(run(folder, &hello).status.success());
    let says = ["forecast", "generate", "compare runs of one task"];
    refused(folder, &["compare", "runs/a", "runs/hello"], &says);
    std::fs::write(folder.join("runs/a/result.json"), "{").unwrap();
    train(folder, "b", &["train.epochs=1"]);
    let says = ["result.json", "cannot be understood"];
    refused(folder, &["compare", "runs/a", "runs/b"], &says);
}
