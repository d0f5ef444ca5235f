//! `elman inspect` and `elman draw`: on runs of more than one task, and what users get wrong with them.

mod common;

use common::{last_json, refused, succeeds};
use std::path::Path;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_language_model_is_looked_into_and_drawn_with_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(folder, &["train", "hello", "--quiet", "--run", "run"]);
    let page = read(&folder.join("run/report.html"));
    assert!(
        page.contains("Inside the network") && page.contains("box cell"),
        "the run's own report has them"
    );

    let text = succeeds(folder, &["inspect", "run", "hell", "--states"]);
    for part in [
        "How far back gradients reach",
        "What the answer rests on",
        "spectral radius",
        "What is said, step by step",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for file in [
        "report.html",
        "gradient-h.svg",
        "rests.svg",
        "states-1.svg",
        "gradients.csv",
        "states.csv",
        "rests.csv",
    ] {
        assert!(
            !read(&folder.join("run/inspect").join(file)).is_empty(),
            "{file}"
        );
    }
    // Three tokens are read, and each of eight units has one state after each.
    let states = read(&folder.join("run/inspect/states.csv"));
    assert_eq!(states.lines().count(), 1 + 3 * 8);
    let tables = [
        "inspect",
        "run",
        "hell",
        "--states",
        "--parquet",
        "--no-hiding",
        "--out",
        "tables",
    ];
    succeeds(folder, &tables);
    for name in ["gradients", "rests", "states"] {
        let table = std::fs::read(folder.join(format!("tables/{name}.parquet"))).unwrap();
        assert!(
            table.starts_with(b"PAR1") && table.ends_with(b"PAR1"),
            "{name}"
        );
        assert!(!folder.join(format!("tables/{name}.csv")).exists());
    }

    let found = last_json(&succeeds(
        folder,
        &["--json", "inspect", "run", "hell", "--out", "seen"],
    ));
    assert_eq!(found["event"], "inspection");
    let part = &found["parts"][0];
    assert_eq!(
        (part["steps"].as_u64(), part["units"].as_u64()),
        (Some(3), Some(8))
    );
    assert_eq!(part["gradient"]["shares"][0][0], 1.0);
    assert_eq!(found["steps"][0]["right"][0], "e");
    // Four letters, none of which stands for nothing: none is hidden.
    assert!(found["rests_on"]["fall_when_hidden"].is_null());
    assert_eq!(
        found["rests_on"]["gradient_times_input"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert!(folder.join("seen/report.html").is_file());

    succeeds(
        folder,
        &[
            "draw",
            "run",
            "--values",
            "--text",
            "hell",
            "--out",
            "hello.svg",
        ],
    );
    let svg = read(&folder.join("hello.svg"));
    assert!(
        svg.contains("W_hh [8 × 8]") && svg.contains(">h<") && svg.contains("l 1.00")
            || svg.contains("l 0.9"),
        "{svg}"
    );
}

#[test]
fn a_forecast_is_looked_into_and_any_recipe_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(
        folder,
        &[
            "train",
            "air-passengers",
            "--quiet",
            "--run",
            "run",
            "--set",
            "train.epochs=3",
        ],
    );
    let found = last_json(&succeeds(
        folder,
        &["--json", "inspect", "run", "--example", "1", "--no-hiding"],
    ));
    assert_eq!(found["example"], "test window 1");
    assert!(found["rests_on"]["fall_when_hidden"].is_null());
    assert_eq!(
        found["rests_on"]["gradient_times_input"]
            .as_array()
            .unwrap()
            .len(),
        24
    );
    for (recipe, sign) in [
        ("air-passengers", ">LSTM<"),
        ("damped-oscillation", ">copy<"),
        ("friedman", ">y, numbers<"),
    ] {
        succeeds(folder, &["draw", recipe]);
        assert!(
            read(&folder.join(format!("{recipe}.svg"))).contains(sign),
            "{recipe}"
        );
    }

    refused(
        folder,
        &["inspect", "run", "--example", "100000"],
        &["no example 100000", "test windows"],
    );
    refused(
        folder,
        &["inspect", "run", "a text"],
        &["text of one's own"],
    );
    refused(
        folder,
        &["draw", "air-passengers", "--values"],
        &["only a trained network has values"],
    );
    refused(
        folder,
        &["draw", "run", "--set", "train.epochs=1"],
        &["draw the recipe instead"],
    );
}
