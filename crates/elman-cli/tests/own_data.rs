//! A file of one's own, from `data describe` to answers, without editing: as spreadsheets, databases, instruments and pandas write them.

mod common;

use common::{refused, run, stderr, stdout, succeeds};
use std::fmt::Write;
use std::path::Path;

/// A number that follows from another, with a period of 7.
fn value(row: usize) -> f64 {
    50.0 + 10.0 * (row as f64 * std::f64::consts::TAU / 7.0).sin() + (row as f64 * 0.618).fract()
}

/// The day so many days after 2021-01-01, as year, month and day.
fn day(row: usize) -> [usize; 3] {
    let (mut month, mut day) = (0, row);
    let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while day >= days[month] {
        day -= days[month];
        month += 1;
    }
    [2021, month + 1, day + 1]
}

/// Describes a file, begins a recipe, trains it for an epoch; the recipe and what was said of it.
#[track_caller]
fn begun(folder: &Path, file: &str, more: &[&str]) -> (String, String) {
    succeeds(folder, &["data", "describe", file]);
    let init = run(
        folder,
        &[&["recipe", "init", file, "-o", "own.toml", "--force"], more].concat(),
    );
    assert!(init.status.success(), "{file}: {}", stderr(&init));
    std::fs::remove_dir_all(folder.join("run")).ok();
    let train = [
        "train",
        "own.toml",
        "--quiet",
        "--run",
        "run",
        "--set",
        "train.epochs=1",
    ];
    succeeds(folder, &train);
    let recipe = std::fs::read_to_string(folder.join("own.toml")).unwrap();
    (recipe, stderr(&init))
}

/// The first time and the number of values that a run forecasts.
fn forecast(folder: &Path) -> (String, usize) {
    let text = succeeds(folder, &["forecast", "run", "--steps", "2", "--json"]);
    let event = common::last_json(&text);
    let steps = event["forecast"].as_array().unwrap();
    let values = steps[0]["values"].as_object().unwrap().len();
    (steps[0]["time"].as_str().unwrap().to_owned(), values)
}

// Expected targets, times and rules: read off the files by hand; the next day of a table that ends on 2021-05-20 is 2021-05-21.

#[test]
fn a_spreadsheet_of_days() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("date,sales,weekend\n");
    for row in 0..140 {
        let [year, month, day] = day(row);
        let _ = writeln!(
            text,
            "{year}-{month:02}-{day:02},{:.2},{}",
            value(row),
            usize::from(row % 7 < 2)
        );
    }
    std::fs::write(folder.join("sales.csv"), &text).unwrap();
    let (recipe, said) = begun(folder, "sales.csv", &[]);
    assert!(recipe.contains("targets = [\"sales\"]"), "{recipe}");
    assert!(
        said.contains("target   sales: the only column of measurements"),
        "{said}"
    );
    assert_eq!(forecast(folder), ("2021-05-21".to_owned(), 1));
    // What else it is called, a column of 0 and 1 is not what is forecast.
    std::fs::write(folder.join("data.csv"), text.replace("sales", "units")).unwrap();
    let (recipe, _) = begun(folder, "data.csv", &[]);
    assert!(recipe.contains("targets = [\"units\"]"), "{recipe}");
    let (recipe, _) = begun(folder, "data.csv", &["--target", "weekend"]);
    assert!(recipe.contains("targets = [\"weekend\"]"), "{recipe}");
}

#[test]
fn an_export_of_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("\"id\",\"read_at\",\"kwh\",\"note\"\n");
    for row in 0..240 {
        let [year, month, day] = day(row / 24);
        let kwh = match row {
            30 | 31 => "NULL".to_owned(),
            row => format!("{:.3}", value(row)),
        };
        let _ = writeln!(
            text,
            "\"{}\",\"{year}-{month:02}-{day:02} {:02}:00:00+00\",\"{kwh}\",\"NULL\"",
            1000 + row,
            row % 24
        );
    }
    std::fs::write(folder.join("meter.csv"), text).unwrap();
    let (recipe, said) = begun(folder, "meter.csv", &[]);
    assert!(
        recipe.contains("targets = [\"kwh\"]") && recipe.contains("columns = [\"kwh\"]"),
        "{recipe}"
    );
    assert!(
        recipe.contains("missing = \"interpolate\"   # 2 values of `kwh` are missing"),
        "{recipe}"
    );
    assert!(said.contains("left out id: numbers the rows"), "{said}");
    assert_eq!(forecast(folder).0, "2021-01-11 00:00");
}

#[test]
fn a_log_with_notes_before_it_and_one_repeated_time() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("# Logger 4711\n# Station: roof\ntime,temperature,humidity\n");
    for row in 0..288 {
        let _ = writeln!(
            text,
            "2021-05-{:02} {:02}:{:02},{:.2},{:.1}",
            1 + row / 144,
            row / 6 % 24,
            row % 6 * 10,
            value(row),
            60.0 - value(row)
        );
    }
    let again = text.lines().nth(50).unwrap().to_owned() + "\n";
    let at = text.find(&again).unwrap();
    text.insert_str(at, &again);
    std::fs::write(folder.join("logger.csv"), text).unwrap();
    let (recipe, said) = begun(folder, "logger.csv", &[]);
    assert!(
        recipe.contains("duplicates = \"first\"   # 1 row with a time that came before"),
        "{recipe}"
    );
    assert!(recipe.contains("targets = [\"temperature\"]"), "{recipe}");
    assert!(said.contains("season   144 rows"), "{said}");
    let (recipe, _) = begun(folder, "logger.csv", &["--set", "data.duplicates=mean"]);
    assert!(
        recipe.contains("duplicates = \"mean\"   # given with --set"),
        "{recipe}"
    );
}

#[test]
fn numbers_without_names_and_numbers_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows: String = (0..100)
        .map(|row| format!("{:.3},{:.3}\n", value(row), value(row + 3)))
        .collect();
    std::fs::write(folder.join("scan.csv"), rows).unwrap();
    let (recipe, said) = begun(folder, "scan.csv", &["--target", "c2"]);
    assert!(recipe.contains("header = "), "{recipe}");
    assert!(said.contains("the first row holds data"), "{said}");
    // pandas writes the number of each row before it, and no name over it.
    let rows: String = (0..140)
        .map(|row| {
            let [year, month, day] = day(row);
            format!(
                "{row},{year}-{month:02}-{day:02},{:.2},{:.1}\n",
                value(row),
                value(row) / 3.0
            )
        })
        .collect();
    std::fs::write(
        folder.join("frame.csv"),
        format!(",date,demand,degrees\n{rows}"),
    )
    .unwrap();
    let (recipe, _) = begun(folder, "frame.csv", &[]);
    assert!(
        recipe.contains("targets = [\"demand\"]") && !recipe.contains("c1"),
        "{recipe}"
    );
    assert_eq!(forecast(folder).0, "2021-05-21");
    // Nothing says which of two is meant: one flag does.
    std::fs::write(folder.join("x.csv"), format!("n,date,a,b\n{rows}")).unwrap();
    refused(
        folder,
        &["recipe", "init", "x.csv"],
        &["a, b", "--target a"],
    );
    begun(folder, "x.csv", &["--target", "b"]);
}

#[test]
fn json_lines_and_texts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let lines: String = (0..140)
        .map(|row| {
            let [year, month, day] = day(row);
            format!(
                "{{\"date\":\"{year}-{month:02}-{day:02}\",\"visits\":{:.0}}}\n",
                value(row)
            )
        })
        .collect();
    std::fs::write(folder.join("visits.jsonl"), lines).unwrap();
    begun(folder, "visits.jsonl", &[]);
    assert_eq!(forecast(folder).0, "2021-05-21");

    let mut reviews = String::from(",review,sentiment\n");
    for row in 0..120 {
        let word = [["bad", "awful"], ["good", "great"]][row % 2][row / 2 % 2];
        let _ = writeln!(
            reviews,
            "{row},\"the {} was {word}, number {row}\",{}",
            ["film", "book", "meal"][row % 3],
            row % 2
        );
    }
    std::fs::write(folder.join("reviews.csv"), &reviews).unwrap();
    let (recipe, said) = begun(folder, "reviews.csv", &[]);
    assert!(
        recipe.contains("text = \"review\"\nlabel = \"sentiment\""),
        "{recipe}"
    );
    assert!(said.contains("task     classify"), "{said}");
    std::fs::write(
        folder.join("new.csv"),
        "review\n\"the song was good\"\n\"the song was bad\"\n",
    )
    .unwrap();
    let answers = succeeds(folder, &["predict", "run", "new.csv"]);
    assert_eq!(answers.lines().count(), 2, "{answers}");
}

#[test]
fn sets_of_their_own_files_and_data_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let archive = |from: usize| {
        let mut text = String::from(
            "@problemName x\n@timeStamps false\n@univariate true\n@classLabel true a b\n@data\n",
        );
        for row in from..from + 20 {
            let values: Vec<String> = (0..12)
                .map(|step| format!("{:.3}", value(row * 12 + step) + (row % 2 * step) as f64))
                .collect();
            let _ = writeln!(text, "{}:{}", values.join(","), ["a", "b"][row % 2]);
        }
        text
    };
    std::fs::create_dir(folder.join("data")).unwrap();
    std::fs::write(folder.join("data/X_TRAIN.ts"), archive(0)).unwrap();
    std::fs::write(folder.join("data/X_TEST.ts"), archive(20)).unwrap();
    let (recipe, said) = begun(folder, "data/X_TRAIN.ts", &[]);
    assert!(
        recipe.contains("files = [\"data/X_TRAIN.ts\"]\ntest_files = [\"data/X_TEST.ts\"]"),
        "{recipe}"
    );
    assert!(said.contains("X_TEST.ts, beside it"), "{said}");
    // The recipe beside other things than its data.
    std::fs::create_dir(folder.join("recipes")).unwrap();
    succeeds(
        folder,
        &["recipe", "init", "data/X_TRAIN.ts", "-o", "recipes/x.toml"],
    );
    succeeds(folder, &["recipe", "check", "recipes/x.toml"]);
    refused(
        folder,
        &["recipe", "init", "data/X_TRAIN.ts", "-o", "recipes/x.toml"],
        &["exists already", "--force"],
    );
    succeeds(
        folder,
        &[
            "recipe",
            "init",
            "data/X_TRAIN.ts",
            "-o",
            "recipes/x.toml",
            "--force",
        ],
    );
    // A fifth series that training did not see is judged by its label.
    let event = common::last_json(&succeeds(
        folder,
        &["eval", "run", "--data", "data/X_TEST.ts", "--json"],
    ));
    assert_eq!(
        event["metrics"], event["test_set"],
        "the test set again: {event}"
    );
}

#[test]
fn dna_korean_and_words_on_lines() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut dna = String::from("sequence,name,label\n");
    let mut korean = String::from("id\tdocument\tlabel\n");
    let mut words = String::new();
    for row in 0..80 {
        let letters: String = (0..20)
            .map(|k| ["A", "C", "G", "T"][(row * (k + 3) + k + row % 2) % 4])
            .collect();
        let _ = writeln!(dna, "{letters},s{row},{}", ["EI", "N"][row % 2]);
        let _ = writeln!(
            korean,
            "{row}\t이 영화 정말 {} {row}\t{}",
            ["재미있어요", "지루해요"][row % 2],
            row % 2
        );
        let _ = writeln!(
            words,
            "the\tDET\n{}\tNOUN\nsleeps\tVERB\n",
            ["dog", "cat", "cow"][row % 3].to_owned() + &row.to_string()
        );
    }
    std::fs::write(folder.join("dna.csv"), dna).unwrap();
    let (recipe, _) = begun(folder, "dna.csv", &[]);
    assert!(
        recipe.contains("tokens = \"dna\"")
            && recipe.contains("text = \"sequence\"\nlabel = \"label\""),
        "{recipe}"
    );
    std::fs::write(folder.join("movies.tsv"), korean).unwrap();
    let (recipe, said) = begun(folder, "movies.tsv", &[]);
    assert!(
        recipe.contains("tokens = \"characters\"") && recipe.contains("text = \"document\""),
        "{recipe}"
    );
    assert!(said.contains("Korean"), "{said}");
    std::fs::write(folder.join("corpus.tsv"), words).unwrap();
    let (recipe, _) = begun(folder, "corpus.tsv", &[]);
    assert!(recipe.contains("task = \"tag\""), "{recipe}");
    std::fs::write(folder.join("new.txt"), "the dog sleeps\n").unwrap();
    let tags = succeeds(folder, &["tag", "run", "new.txt"]);
    assert!(tags.starts_with("the\t"), "{tags}");
}

/// Three shops on every day: what would go into one series is a question, not a rule.
#[test]
fn most_times_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("date,shop,sales\n");
    for row in 0..120 {
        let [year, month, day] = day(row / 3);
        let _ = writeln!(
            text,
            "{year}-{month:02}-{day:02},{},{:.1}",
            ["north", "south", "west"][row % 3],
            value(row)
        );
    }
    std::fs::write(folder.join("stores.csv"), text).unwrap();
    refused(
        folder,
        &["recipe", "init", "stores.csv"],
        &["stores.csv", "shop"],
    );
    assert!(!folder.join("stores.toml").exists());
}

#[test]
fn too_little_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(
        folder.join("few.csv"),
        "text,label\nit was good,pos\nit was bad,neg\nso so it was,neg\n",
    )
    .unwrap();
    let output = run(folder, &["recipe", "init", "few.csv"]);
    let said = stderr(&output) + &stdout(&output);
    assert!(said.contains("3 texts"), "{said}");
    let rows: String = (0..10)
        .map(|row| format!("2021-01-{:02},{row}\n", row + 1))
        .collect();
    std::fs::write(folder.join("ten.csv"), format!("date,sales\n{rows}")).unwrap();
    let output = run(folder, &["recipe", "init", "ten.csv"]);
    let said = stderr(&output);
    assert!(
        output.status.success() && said.contains("10 rows: a network learns little"),
        "{said}"
    );
}
