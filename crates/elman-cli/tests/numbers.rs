//! Rows of numbers and movements as a user sees them: learn, ask, have go on, bad input.

mod common;

use common::{last_json, refused, succeeds};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

const MAP: &str = r#"
task = "map"
[data]
files = ["rows.csv"]
[map]
inputs = ["a", "b"]
targets = ["sum", "far"]
[model]
hidden_size = 4
[train]
epochs = 3
"#;

fn rows() -> String {
    let row = |k: usize| {
        let (a, b) = ((k % 7) as f64 / 7.0, (k % 11) as f64 / 11.0);
        format!("{a},{b},{},{}\n", a + b, 100.0 * a)
    };
    format!("a,b,sum,far\n{}", (0..77).map(row).collect::<String>())
}

const ANIMATE: &str = r#"
task = "animate"
[data]
files = ["walks.csv"]
id = "who"
[split]
valid = 4
test = 6
[animate]
coordinates = 2
bones = [[0, 1]]
components = 2
[sample]
seed_steps = 3
steps = 5
[model]
hidden_size = 4
[train]
epochs = 2
"#;

fn walks() -> String {
    let mut text = String::from("who,ax,ay,bx,by\n");
    for who in 0..30 {
        for t in 0..6 + who % 3 {
            let (x, y) = (who as f64 + 0.3 * t as f64, 0.1 * (t * who) as f64);
            let _ = writeln!(text, "{who},{x},{y},{},{}", x + 1.0, y - 1.0);
        }
    }
    text
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("rows.csv", &rows());
    write("map.toml", MAP);
    write("walks.csv", &walks());
    write("walk.toml", ANIMATE);
    folder
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_run_on_rows_answers_files() {
    let project = project();
    let folder = project.path();
    let shown = succeeds(folder, &["train", "map.toml"]);
    for part in [
        "training mean",
        "linear regression",
        "MAE (deviations)",
        "far",
        "R²",
    ] {
        assert!(shown.contains(part), "{part} is printed: {shown}");
    }
    let run_folder = folder.join("runs/map");
    for file in ["report.html", "plots/scatter-1.svg", "preprocessing.json"] {
        assert!(run_folder.join(file).exists(), "{file}");
    }
    let head = "row,step,value,actual,mean,linear,model\n";
    assert!(text(&run_folder.join("predictions.csv")).starts_with(head));
    let again = last_json(&succeeds(folder, &["eval", "runs/map", "--json"]));
    let result: Value = serde_json::from_str(&text(&run_folder.join("result.json"))).unwrap();
    assert_eq!(again["metrics"], result["metrics"]);
    assert_eq!(again["baselines"], result["baselines"]);

    std::fs::write(folder.join("new.csv"), "b,a\n0.5,0.25\n0.1,0.9\n").unwrap();
    let csv = succeeds(folder, &["predict", "runs/map", "new.csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines.len()), ("sum,far", 3));
    let events = succeeds(folder, &["predict", "runs/map", "new.csv", "--json"]);
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (event, line) in events.iter().zip(&lines[1..]) {
        let (sum, far) = line.split_once(',').unwrap();
        assert_eq!(event["values"]["sum"], sum.parse::<f64>().unwrap());
        assert_eq!(event["values"]["far"], far.parse::<f64>().unwrap());
    }
    assert!(events[1]["row"].as_str().unwrap().contains("line 3"));
    std::fs::write(folder.join("one.csv"), "a,b\n0.25,0.5\n").unwrap();
    let one = succeeds(folder, &["predict", "runs/map", "one.csv"]);
    assert!(one.contains("target") && one.contains("far"), "{one}");

    let refused = |file: &str, contents: &str, says: &[&str]| {
        std::fs::write(folder.join(file), contents).unwrap();
        refused(folder, &["predict", "runs/map", file], says);
    };
    refused("bad.csv", "a,c\n1,2\n", &["bad.csv", "no column `b`"]);
    refused(
        "bad.csv",
        "a,b\n1,2\n1,x\n",
        &["line 3", "column `b`", "\"x\""],
    );
    refused("bad.csv", "a,b\n1,1e300\n", &["line 2", "too large"]);
    refused("bad.csv", "a,b\n1,\n", &["line 2", "`b` is empty"]);
    refused("bad.csv", "", &["bad.csv", "empty"]);
    refused("bad.csv", "a,b\n", &["bad.csv", "no rows"]);
    common::refused(folder, &["predict", "runs/map"], &["FILE.csv"]);
    common::refused(folder, &["predict", "runs/map", "none.csv"], &["none.csv"]);
    let flagged = succeeds(folder, &["predict", "runs/map", "--input", "new.csv"]);
    assert_eq!(flagged, csv);
    common::refused(
        folder,
        &["animate", "runs/map", "--output", "x.svg"],
        &["task `map`", "`elman predict`"],
    );
    let known = run_folder.join("preprocessing.json");
    std::fs::write(
        &known,
        text(&known).replacen("\"scale\": ", "\"scale\": 1e999, \"x\": ", 1),
    )
    .unwrap();
    common::refused(
        folder,
        &["predict", "runs/map", "new.csv"],
        &["preprocessing.json"],
    );
}

#[test]
fn a_row_becomes_a_series_without_a_file() {
    let project = project();
    let folder = project.path();
    let recipe = "task = \"map\"\n[generate]\nwhat = \"oscillation\"\nrows = 60\nsteps = 5\n[model]\nhidden_size = 4\n[train]\nepochs = 2\n";
    std::fs::write(folder.join("bell.toml"), recipe).unwrap();
    succeeds(folder, &["train", "bell.toml"]);
    for file in ["plots/series.svg", "plots/error-per-step.svg"] {
        assert!(folder.join("runs/bell").join(file).exists(), "{file}");
    }
    let new = "decay,phase,amplitude,frequency\n1,0,1,2\n";
    std::fs::write(folder.join("new.csv"), new).unwrap();
    let table = succeeds(folder, &["predict", "runs/bell", "new.csv"]);
    assert!(table.contains("step") && table.contains("y"), "{table}");
    let event = last_json(&succeeds(
        folder,
        &["predict", "runs/bell", "new.csv", "--json"],
    ));
    assert_eq!(event["values"].as_array().unwrap().len(), 5);
}

#[test]
fn each_shape_of_the_notes_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let list = succeeds(folder.path(), &["recipe", "list", "--json"]);
    let recipes: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (name, task, shape, data) in [
        ("friedman", "map", "one to one", "generated"),
        ("damped-oscillation", "map", "one to many", "generated"),
        (
            "skeleton-dance",
            "animate",
            "many to many, aligned",
            "skeleton_msraction3d",
        ),
    ] {
        let recipe = recipes.iter().find(|recipe| recipe["name"] == name);
        let recipe = recipe.unwrap_or_else(|| panic!("{name} is listed"));
        assert_eq!(
            [&recipe["task"], &recipe["shape"], &recipe["data"]],
            [task, shape, data]
        );
    }
    succeeds(folder.path(), &["recipe", "check", "friedman"]);
    let checked = succeeds(folder.path(), &["recipe", "check", "damped-oscillation"]);
    assert!(checked.contains("40 steps of one value"), "{checked}");
}

#[test]
fn a_movement_goes_on_as_a_picture_a_film_and_a_table() {
    let project = project();
    let folder = project.path();
    let shown = succeeds(folder, &["train", "walk.toml"]);
    for part in ["last step stays", "straight on", "nats a step", "the model"] {
        assert!(shown.contains(part), "{part} is printed: {shown}");
    }
    let run_folder = folder.join("runs/walk");
    for file in [
        "report.html",
        "manner.json",
        "plots/movement-3.svg",
        "plots/loss.svg",
    ] {
        assert!(run_folder.join(file).exists(), "{file}");
    }
    assert!(text(&run_folder.join("report.html")).contains("<animate"));
    let again = last_json(&succeeds(folder, &["eval", "runs/walk", "--json"]));
    let result: Value = serde_json::from_str(&text(&run_folder.join("result.json"))).unwrap();
    assert_eq!(again["metrics"], result["metrics"]);

    let animate = |more: &[&str]| {
        let args: Vec<&str> = ["animate", "runs/walk"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        succeeds(folder, &args)
    };
    let said = animate(&["--output", "a.svg"]);
    assert!(
        said.contains("3 steps of") && said.contains("5 that the model made"),
        "{said}"
    );
    let svg = text(&folder.join("a.svg"));
    assert!(svg.starts_with("<svg") && svg.contains("values=\""));
    let from = [
        "--seed-from",
        "walks.csv",
        "--movement",
        "4",
        "--seed-steps",
        "4",
    ];
    let table = [&from[..], &["--steps", "7", "--output", "a.csv"]].concat();
    let event = last_json(&animate(&[&table[..], &["--json"]].concat()));
    assert_eq!((&event["given"], &event["made"]), (&4.into(), &7.into()));
    let csv = text(&folder.join("a.csv"));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines.len()), ("step,made,ax,ay,bx,by", 12));
    // What was given is as it was: the first step of who = 3.
    let given: Vec<f64> = lines[1]
        .split(',')
        .map(|cell| cell.parse().unwrap())
        .collect();
    for (cell, exact) in given.iter().zip([1.0, 0.0, 3.0, 0.0, 4.0, -1.0]) {
        assert!((cell - exact).abs() < 1e-4, "{}", lines[1]);
    }
    animate(&table);
    assert_eq!(
        text(&folder.join("a.csv")),
        csv,
        "the same seed, the same movement"
    );
    animate(&[&table[..], &["--seed", "5"]].concat());
    assert_ne!(text(&folder.join("a.csv")), csv);
    animate(&[&from[..], &["--output", "a.gif"]].concat());
    let gif = std::fs::read(folder.join("a.gif")).unwrap();
    assert!(gif.starts_with(b"GIF89a"));

    let refused = |more: &[&str], says: &[&str]| {
        let args: Vec<&str> = ["animate", "runs/walk"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        refused(folder, &args, says);
    };
    refused(&["--output", "a.mp4"], &["a.mp4", ".svg", ".gif", ".csv"]);
    refused(&[], &["--output"]);
    refused(
        &["--output", "b.svg", "--movement", "31"],
        &["--movement is 31", "30"],
    );
    refused(&["--output", "b.svg", "--steps", "0"], &["sample.steps"]);
    refused(
        &["--output", "b.svg", "--temperature=-1"],
        &["sample.temperature"],
    );
    refused(
        &["--output", "b.svg", "--temperature=nan"],
        &["sample.temperature"],
    );
    refused(&["--output", "b.gif", "--steps", "5000"], &["1000", ".csv"]);
    refused(
        &["--output", "b.svg", "--steps", "18446744073709551615"],
        &["sample.steps"],
    );
    refused(
        &["--output", "b.svg", "--seed-from", "none.csv"],
        &["none.csv"],
    );
    let bad = |text: &str, says: &[&str]| {
        std::fs::write(folder.join("bad.csv"), text).unwrap();
        refused(&["--output", "b.svg", "--seed-from", "bad.csv"], says);
    };
    bad("who,ax,ay,bx\n1,2,3,4\n", &["bad.csv", "3 features", "4"]);
    bad(
        "who,ax,ay,bx,by\n1,2,3,4,5\n1,2,3,4,x\n",
        &["bad.csv", "line 3"],
    );
    bad("who,ax,ay,bx,by\n", &["bad.csv"]);
    bad("", &["bad.csv"]);
    common::refused(
        folder,
        &["predict", "runs/walk", "walks.csv"],
        &["`elman animate`"],
    );
    let manner = run_folder.join("manner.json");
    std::fs::write(
        &manner,
        text(&manner).replacen("\"usual\": [", "\"usual\": [0,", 1),
    )
    .unwrap();
    refused(&["--output", "b.svg"], &["manner.json"]);
}
