//! The way of a user: check, train, eval, forecast.

mod common;

use common::{project, run, stderr, stdout};
use serde_json::Value;

#[test]
fn a_recipe_trains_evaluates_and_forecasts() {
    let folder = project();
    let train = run(folder.path(), &["train", "sales.toml", "--json"]);
    assert!(train.status.success(), "{}", stderr(&train));
    let lines: Vec<Value> = stdout(&train)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let result = lines.last().unwrap();
    assert_eq!(result["event"], "result");
    for key in [
        "run",
        "metrics",
        "baselines",
        "skill",
        "parameters",
        "seconds",
    ] {
        assert!(!result[key].is_null(), "{key} is missing in {result}");
    }
    assert!(result["metrics"]["mae"].as_f64().unwrap() > 0.0);
    assert!(
        result["baselines"]["seasonal_naive"]["mae"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    // 4 gates of 8 units over 1 input, 8 states and a bias, then a linear map to 6 steps.
    assert_eq!(result["parameters"], 4 * 8 * (1 + 8 + 1) + 6 * (8 + 1));
    assert_eq!(
        lines.iter().filter(|line| line["event"] == "epoch").count(),
        6
    );

    let run_folder = folder.path().join("runs/sales");
    for file in [
        "recipe.toml",
        "model.safetensors",
        "metrics.jsonl",
        "predictions.csv",
        "report.html",
        "result.json",
    ] {
        assert!(run_folder.join(file).is_file(), "{file} is missing");
    }
    for plot in ["loss", "forecast", "error-per-step"] {
        let svg = std::fs::read_to_string(run_folder.join(format!("plots/{plot}.svg"))).unwrap();
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{plot}"
        );
    }

    let eval = run(folder.path(), &["eval", "runs/sales", "--json"]);
    let again: Value = serde_json::from_str(stdout(&eval).lines().last().unwrap()).unwrap();
    assert_eq!(
        again["metrics"], result["metrics"],
        "the stored model answers as the trained one did"
    );
    assert_eq!(again["baselines"], result["baselines"]);

    let forecast = run(
        folder.path(),
        &[
            "forecast",
            "runs/sales",
            "--steps",
            "9",
            "--output",
            "next.csv",
            "--json",
        ],
    );
    assert!(forecast.status.success(), "{}", stderr(&forecast));
    let forecast: Value = serde_json::from_str(stdout(&forecast).trim()).unwrap();
    let steps = forecast["forecast"].as_array().unwrap();
    assert_eq!(steps.len(), 9, "further than the horizon of 6: fed back");
    assert_eq!(steps[0]["time"], "2006-01");
    assert_eq!(steps[8]["time"], "2006-09");
    let csv = std::fs::read_to_string(folder.path().join("next.csv")).unwrap();
    assert_eq!(csv.lines().count(), 10);
    assert!(csv.starts_with("time,sales\n2006-01,"));
}

#[test]
fn new_history_moves_the_forecast_on() {
    let folder = project();
    assert!(
        run(folder.path(), &["train", "sales.toml", "--quiet"])
            .status
            .success()
    );
    let longer = common::months() + "2006-01,180.5\n2006-02,190.5\n";
    std::fs::write(folder.path().join("longer.csv"), longer).unwrap();
    let forecast = run(
        folder.path(),
        &["forecast", "runs/sales", "--input", "longer.csv", "--json"],
    );
    assert!(forecast.status.success(), "{}", stderr(&forecast));
    let forecast: Value = serde_json::from_str(stdout(&forecast).trim()).unwrap();
    assert_eq!(forecast["history_ends"], "2006-02");
    assert_eq!(forecast["forecast"][0]["time"], "2006-03");
}

#[test]
fn the_same_seed_gives_the_same_model_and_another_seed_another() {
    let folder = project();
    let model = |name: &str, seed: &str| {
        let run = run(
            folder.path(),
            &[
                "train",
                "sales.toml",
                "--quiet",
                "--run",
                name,
                "--set",
                seed,
            ],
        );
        assert!(run.status.success(), "{}", stderr(&run));
        std::fs::read(folder.path().join(name).join("model.safetensors")).unwrap()
    };
    let first = model("a", "train.seed=1");
    assert_eq!(first, model("b", "train.seed=1"));
    assert_ne!(first, model("c", "train.seed=2"));
}

#[test]
fn a_starter_recipe_for_ones_own_file_works_as_it_is() {
    let folder = project();
    std::fs::remove_file(folder.path().join("sales.toml")).unwrap();
    let init = run(folder.path(), &["recipe", "init", "sales.csv"]);
    assert!(init.status.success(), "{}", stderr(&init));
    let check = run(folder.path(), &["recipe", "check", "sales.toml"]);
    assert!(check.status.success(), "{}", stderr(&check));
    let train = run(
        folder.path(),
        &["train", "sales.toml", "--set", "train.epochs=1", "--quiet"],
    );
    assert!(train.status.success(), "{}", stderr(&train));
    let again = run(folder.path(), &["recipe", "init", "sales.csv"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("exists already"));
}

#[test]
fn every_recipe_that_comes_along_is_valid_and_shows_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let list = stdout(&run(folder.path(), &["recipe", "list", "--json"]));
    let recipes: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(recipes.len() >= 13);
    for recipe in recipes
        .iter()
        .filter(|recipe| recipe["data"] == "generated" || recipe["data"] == "comes with elman")
    {
        let name = recipe["name"].as_str().unwrap();
        let generated = recipe["data"] == "generated";
        let set = match recipe["task"].as_str() {
            Some("map") if generated => "generate.rows=1000",
            _ if generated => "generate.series=10000",
            _ => "train.epochs=1",
        };
        let check = run(folder.path(), &["recipe", "check", name, "--set", set]);
        assert!(check.status.success(), "{name}: {}", stderr(&check));
        let show = stdout(&run(folder.path(), &["recipe", "show", name]));
        assert!(
            [
                "hidden_size = ",
                "learning_rate = ",
                "precision = \"f32\"",
                "# checkpoint_every = …"
            ]
            .iter()
            .all(|key| show.contains(key)),
            "{show}"
        );
    }
}

#[test]
fn the_five_layer_stack_of_the_notes_is_summarised() {
    let folder = project();
    let summary = stdout(&run(folder.path(), &["summary", "sales.toml"]));
    assert!(
        summary.contains("lstm (lstm)") && summary.contains("(None, 8)"),
        "{summary}"
    );
    assert!(summary.contains("374"), "{summary}");
}
