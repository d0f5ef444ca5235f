//! `elman eval RUN --data FILE` for forecasts: a run judged on rows of another file.

mod common;

use common::{last_json, months, refused, run, stderr, succeeds, trained};
use serde_json::Value;
use std::path::Path;

/// Rows of [`months`] that the run learns from, and those it is chosen by.
const LEARNED: usize = 48;
const CHOSEN: usize = 12;

/// The figures of the run on a file, and what was said about it.
fn judged(folder: &Path, file: &str) -> (Value, String) {
    let output = run(folder, &["eval", "run", "--data", file, "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let event = last_json(&String::from_utf8_lossy(&output.stdout));
    (event, stderr(&output))
}

fn mae(event: &Value, baseline: &str) -> f64 {
    event["baselines"][baseline]["mae"].as_f64().unwrap()
}

#[test]
fn another_series_is_judged_by_what_was_learned_from_the_first() {
    let run = trained();
    let folder = run.path();
    // 3 more each month: whoever repeats the last value is wrong by 3 after one step, by 18 after six.
    let rows = (0..40).map(|row| format!("{}-{:02},{}\n", 2010 + row / 12, row % 12 + 1, 3 * row));
    let text = format!("month,sales\n{}", rows.collect::<String>());
    std::fs::write(folder.join("other.csv"), text).unwrap();
    let (event, _) = judged(folder, "other.csv");
    assert_eq!(event["forecasts"], 4, "rows 12 to 35, six at a time");
    assert_eq!(mae(&event, "last_value"), 10.5);
    assert_eq!(mae(&event, "seasonal_naive"), 36.0);
    let learned = months();
    let learned = learned.lines().skip(1).take(LEARNED);
    let learned: Vec<f64> = learned
        .map(|line| line.split_once(',').unwrap().1.parse().unwrap())
        .collect();
    let mean = learned.iter().sum::<f64>() / LEARNED as f64;
    let wrong = (12..36)
        .map(|row| (3.0 * f64::from(row) - mean).abs())
        .sum::<f64>()
        / 24.0;
    assert!((mae(&event, "mean") - wrong).abs() < 1e-9, "{event}");
    let steps = (13..=LEARNED).map(|row| (learned[row - 1] - learned[row - 13]).abs());
    let scale = steps.sum::<f64>() / (LEARNED - 12) as f64;
    let mase = event["baselines"]["last_value"]["mase"].as_f64().unwrap();
    assert!(
        (mase - 10.5 / scale).abs() < 1e-9,
        "the season of what was learned: {mase}"
    );
    let said = succeeds(folder, &["eval", "run", "--data", "other.csv"]);
    assert!(
        said.contains("other.csv") && said.contains("test set of the run"),
        "{said}"
    );
}

#[test]
fn rows_that_were_learned_from_are_history() {
    let run = trained();
    let folder = run.path();
    let mut text = months();
    for month in 0..12 {
        text += &format!("2006-{:02},{}\n", month + 1, 200 + month);
    }
    std::fs::write(folder.join("longer.csv"), text).unwrap();
    let (event, _) = judged(folder, "longer.csv");
    assert_eq!(
        event["forecasts"], 4,
        "two years after the five that the run knows"
    );
    let said = common::run(folder, &["eval", "run", "--data", "longer.csv"]);
    let said = stderr(&said);
    let known = LEARNED + CHOSEN;
    assert!(
        said.contains(&format!(
            "the first {known} are history, of which the run knows {known}"
        )),
        "{said}"
    );
    assert!(said.contains("24 rows, 2005-01 to 2006-12"), "{said}");
    let all = months();
    let old: Vec<&str> = all.lines().take(1 + LEARNED).collect();
    std::fs::write(folder.join("old.csv"), old.join("\n")).unwrap();
    refused(
        folder,
        &["eval", "run", "--data", "old.csv"],
        &["`old.csv` has no row that the run did not learn from"],
    );
}

#[test]
fn a_forecast_within_a_gap_does_not_know_how_it_ends() {
    let run = trained();
    let folder = run.path();
    let recipe = folder.join("run/recipe.toml");
    let text = std::fs::read_to_string(&recipe).unwrap();
    let missing = text.lines().find(|line| line.starts_with("missing"));
    let text = match missing {
        Some(line) => text.replace(line, "missing = \"interpolate\""),
        None => text.replacen("[data]\n", "[data]\nmissing = \"interpolate\"\n", 1),
    };
    std::fs::write(&recipe, text).unwrap();
    // Nothing was measured in rows 17 to 19, where the second forecast begins; what ends the gap is none of its business.
    for end in [60.0, 6000.0] {
        let value = |row: usize| match row {
            17..20 => String::new(),
            20 => end.to_string(),
            row => (3 * row).to_string(),
        };
        let rows =
            (0..24).map(|row| format!("{}-{:02},{}\n", 2010 + row / 12, row % 12 + 1, value(row)));
        let text = format!("month,sales\n{}", rows.collect::<String>());
        std::fs::write(folder.join("gap.csv"), text).unwrap();
        let (event, _) = judged(folder, "gap.csv");
        // The first forecast repeats 33 beside 36 to 48, the second 48, the last value that was measured.
        let wrong = 3.0 + 6.0 + 9.0 + 12.0 + 15.0 + (end - 48.0) + 15.0 + 18.0 + 21.0;
        assert!(
            (mae(&event, "last_value") - wrong / 9.0).abs() < 1e-9,
            "{event}"
        );
    }
}
