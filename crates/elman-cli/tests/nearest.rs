//! `elman nearest` on series: files, names and pairs, and what users get wrong with them.

mod common;

use common::{last_json, refused, run, stderr, stdout, succeeds};
use std::fmt::Write;
use std::path::Path;

const RECIPE: &str = r#"
task = "resemble"

[data]
files = ["prices.csv"]
id = "ticker"
label = "ticker"
time = "day"
windows = 8

[split]
valid = 0
by = "window"
test_values = ["5..6"]

[likeness]
size = 4
negatives = "random"

[model]
hidden_size = 8

[train]
epochs = 25
batch_size = 12

[train.optimizer]
learning_rate = 0.02
"#;

/// The prices of a ticker on so many days: one that climbs, one that climbs alike but less smoothly, and one that swings.
fn prices(tickers: &[&str], days: usize) -> String {
    let mut text = String::from("ticker,day,price\n");
    for ticker in tickers {
        for day in 0..days {
            let value = match *ticker {
                "AAA" => 0.1 * (day % 8) as f64,
                "AAB" => 0.1 * (day % 8) as f64 + 0.05 * (day % 2) as f64,
                _ => 3.0 + (day % 2) as f64,
            };
            let _ = writeln!(text, "{ticker},{day},{value:.2}");
        }
    }
    text
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn series_are_found_by_file_and_by_name_and_pairs_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "prices.toml", RECIPE);
    write(folder, "prices.csv", &prices(&["AAA", "AAB", "ZZZ"], 50));
    let text = succeeds(folder, &["train", "prices.toml", "--run", "run"]);
    for part in [
        "nearest by time warping",
        "AUC of pairs",
        "elman nearest run FILE",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let predictions = std::fs::read_to_string(folder.join("run/predictions.csv")).unwrap();
    assert_eq!(
        predictions.lines().next(),
        Some("series,label,nearest,nearest_label,rank_of_label")
    );
    assert_eq!(predictions.lines().count(), 7);

    // The names by how far they are, and where that was looked up.
    let output = run(folder, &["nearest", "run", "AAA"]);
    let text = stdout(&output);
    assert!(
        text.find("AAB").unwrap() < text.find("ZZZ").unwrap(),
        "{text}"
    );
    assert!(
        stderr(&output).contains("searched 18 series of") && stderr(&output).contains("prices.csv"),
        "{}",
        stderr(&output)
    );
    let far = |to: &str| {
        let found = last_json(&succeeds(
            folder,
            &["nearest", "run", "AAA", "--to", to, "--json"],
        ));
        assert_eq!(found["pairs"], 36);
        let own = found["within"][0].as_f64().unwrap();
        (found["distance"].as_f64().unwrap(), own)
    };
    let (near, own) = far("AAB");
    assert!(near < far("ZZZ").0 && own < far("ZZZ").0);
    let text = succeeds(folder, &["nearest", "run", "AAA", "--to", "AAB"]);
    for part in [
        "the mean of 36 pairs",
        "within AAA it is",
        "within AAB it is",
    ] {
        assert!(text.contains(part), "{text}");
    }

    // A file of its own: its series one by one, without labels.
    write(folder, "new.csv", &prices(&["QQQ"], 16));
    let found = succeeds(folder, &["nearest", "run", "new.csv", "-n", "2", "--json"]);
    assert_eq!(found.lines().count(), 2);
    let found = last_json(&found);
    assert_eq!(found["count"], 18);
    let nearest = found["nearest"].as_array().unwrap();
    assert_eq!((nearest.len(), &nearest[0]["label"]), (2, &"ZZZ".into()));
    assert!(
        nearest[0]["series"]
            .as_str()
            .unwrap()
            .contains("prices.csv`, line")
    );
    let text = succeeds(folder, &["nearest", "run", "new.csv"]);
    assert!(text.contains("new.csv`, line 2, steps 9 to 16"), "{text}");
    // Another file to search among; what it says of names counts.
    let among = [
        "nearest",
        "run",
        "QQQ",
        "--file",
        "new.csv",
        "--to",
        "prices.csv",
        "--json",
    ];
    assert_eq!(last_json(&succeeds(folder, &among))["pairs"], 36);

    refused(
        folder,
        &["nearest", "run", "AAC"],
        &["no file `AAC`", "did you mean `AA", "AAA, AAB, ZZZ"],
    );
    refused(
        folder,
        &["nearest", "run", "AAA", "--to", "none.csv"],
        &["no file `none.csv`"],
    );
    refused(
        folder,
        &["nearest", "run", "AAA", "--file", "none.csv"],
        &["none.csv"],
    );
    refused(
        folder,
        &["nearest", "run", "QQQ", "--file", "new.csv"],
        &["nothing else", "new.csv"],
    );
    refused(folder, &["nearest", "run"], &["QUERY"]);
    refused(folder, &["predict", "run", "new.csv"], &["elman nearest"]);
    write(
        folder,
        "wide.csv",
        "ticker,day,price,more\nA,1,2,3\nA,2,3,4\n",
    );
    refused(
        folder,
        &["nearest", "run", "wide.csv"],
        &["wide.csv", "2 features"],
    );
    write(folder, "broken.csv", "ticker,day,price\nA,1,2\nA,2,x\n");
    refused(
        folder,
        &["nearest", "run", "broken.csv"],
        &["broken.csv", "line 3", "\"x\""],
    );
    write(folder, "empty.csv", "");
    refused(folder, &["nearest", "run", "empty.csv"], &["empty.csv"]);
}

#[test]
fn recordings_of_files_are_compared_with_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for row in 0..12 {
        let kind = ["up", "down"][row % 2];
        let sign = if row % 2 == 0 { 1.0 } else { -1.0 };
        let values = |step: usize| format!("{:.2}", sign * (step + row) as f64);
        let values: Vec<String> = (0..6 + row % 3).map(values).collect();
        let text = format!("value\n{}\n", values.join("\n"));
        write(folder, &format!("{kind}_{row}.csv"), &text);
    }
    let recipe = "task = \"resemble\"\n[data]\nfiles = [\"*_*.csv\"]\nname = \"{label}_{take}.csv\"\nlayout = \"long\"\n\
                  [split]\nvalid = 0\ntest = 4\n[likeness]\ntogether = 2\n[model]\nhidden_size = 4\n[train]\nepochs = 5\nbatch_size = 4\n";
    write(folder, "files.toml", recipe);
    succeeds(folder, &["train", "files.toml", "--quiet", "--run", "run"]);
    let pair = ["nearest", "run", "up_0.csv", "--to", "up_2.csv"];
    let text = succeeds(folder, &pair);
    assert!(
        text.starts_with("distance ") && text.lines().count() == 1,
        "{text}"
    );
    let own = last_json(&succeeds(
        folder,
        &["nearest", "run", "up_0.csv", "--to", "up_0.csv", "--json"],
    ));
    assert!(own["distance"].as_f64().unwrap() < 1e-5);
    let found = succeeds(folder, &["nearest", "run", "down_*.csv", "--json"]);
    assert_eq!(found.lines().count(), 6);
    refused(folder, &["nearest", "run", "*.npy"], &["*.npy"]);
    // By any field: here the number of the take.
    let text = succeeds(folder, &["nearest", "run", "7", "-n", "3"]);
    assert!(
        text.contains("take") && text.trim_end().lines().count() == 5,
        "{text}"
    );
    let found = last_json(&succeeds(folder, &["nearest", "run", "up_0.csv", "--json"]));
    assert_eq!(found["nearest"][0]["label"], "up");
}
