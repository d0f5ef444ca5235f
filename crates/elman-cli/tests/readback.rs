//! What `predictions.csv` says happened is what an independent reader finds in the file: sixty series in other dialects, encodings,
//! forms of time, steps and orders, whose times and values pandas read (`readback/generate.py` says how).

mod common;

use common::{run, stderr};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    file: String,
    target: String,
    /// Lines of `[data]`, where a person would have to say more than the file does.
    keys: Vec<String>,
    /// In order, as `2020-01-31 13:00:00`; rows without a value are left out.
    times: Vec<String>,
    values: Vec<f64>,
}

fn folder() -> &'static Path {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readback").as_ref()
}

/// Rows at the beginning that nothing is forecast for.
const TRAINING: usize = 8;

fn recipe(case: &Case) -> String {
    format!(
        "task = \"forecast\"\n[data]\nfiles = [{:?}]\ntargets = [{:?}]\n{}\n[split]\ntrain = {TRAINING}\nvalid = 0\n\
         [forecast]\nlookback = 2\nhorizon = 1\nbaselines = [\"last_value\"]\n\
         [model]\nhidden_size = 2\n[train]\nepochs = 1\nbatch_size = 64\n",
        case.file,
        case.target,
        case.keys.join("\n"),
    )
}

/// Whether a label, as coarse as the series' step, is that of this time.
fn says(label: &str, time: &str) -> bool {
    let (year, month) = (&time[..4], time[5..7].parse::<u32>().unwrap());
    let quarter = format!("{}", month.div_ceil(3));
    match label.len() {
        4 => label == year,
        6 | 7 if label.contains('Q') => label.starts_with(year) && label.ends_with(&quarter),
        8 if label.contains("-W") => label == week(time),
        7 => label == &time[..7],
        10 => label == &time[..10] && time.ends_with("00:00:00"),
        16 => label == &time[..16] && time.ends_with(":00"),
        _ => label == time,
    }
}

/// The week of ISO 8601 that a day is in, as `2019-W09`: that of its Thursday, counted from the first of the Thursday's year.
fn week(time: &str) -> String {
    let part = |place: std::ops::Range<usize>| time[place].parse::<i64>().unwrap();
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, month) = (part(0..4), part(5..7) as usize);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1];
    let mut day = before + part(8..10) + i64::from(month > 2 && leap(year)); // of the year, from 1
    let years = year - 1;
    let weekday = (years * 365 + years / 4 - years / 100 + years / 400 + day - 1) % 7; // 0 is Monday
    day += 3 - weekday;
    let length = |year: i64| 365 + i64::from(leap(year));
    if day < 1 {
        year -= 1;
        day += length(year);
    } else if day > length(year) {
        day -= length(year);
        year += 1;
    }
    format!("{year}-W{:02}", (day - 1) / 7 + 1)
}

/// What is wrong with a case, if anything is.
fn wrong(case: &Case, scratch: &Path) -> Option<String> {
    std::fs::copy(
        folder().join("data").join(&case.file),
        scratch.join(&case.file),
    )
    .unwrap();
    std::fs::write(scratch.join("recipe.toml"), recipe(case)).unwrap();
    let output = run(
        scratch,
        &[
            "train",
            "recipe.toml",
            "--quiet",
            "--run",
            &case.file.replace('.', "-"),
        ],
    );
    if !output.status.success() {
        return Some(stderr(&output));
    }
    let path = scratch
        .join(case.file.replace('.', "-"))
        .join("predictions.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    // The name of the target, the one text that may hold a comma, is the same on each line.
    let quoted = format!("\"{}\"", case.target.replace('"', "\"\""));
    let rows = lines.map(|line| line.replacen(&quoted, "target", 1));
    let rows: Vec<Vec<String>> = rows
        .map(|row| row.split(',').map(str::to_owned).collect())
        .collect();
    let measured = |row: &&Vec<String>| match header.iter().position(|column| *column == "measured")
    {
        Some(column) => row[column] != "false",
        None => !row[place("actual")].is_empty(),
    };
    let rows: Vec<&Vec<String>> = rows.iter().filter(measured).collect();
    if rows.len() + TRAINING > case.times.len() || rows.len() + TRAINING + 8 < case.times.len() {
        return Some(format!(
            "{} rows are judged, of {} in the file",
            rows.len(),
            case.times.len()
        ));
    }
    let first = case.times.len() - rows.len();
    let expected = case.times[first..].iter().zip(&case.values[first..]);
    for (row, (time, value)) in rows.iter().zip(expected) {
        let (label, actual) = (&row[place("time")], &row[place("actual")]);
        if !says(label, time) || actual.parse::<f64>() != Ok(*value) {
            return Some(format!("{label} {actual}, but pandas reads {time} {value}"));
        }
    }
    None
}

#[test]
fn predictions_say_what_pandas_reads() {
    let text = std::fs::read_to_string(folder().join("cases.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 60);
    let scratch = tempfile::tempdir().unwrap();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| wrong(case, scratch.path()).map(|why| format!("{}: {why}", case.file)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} files differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn labels_are_held_against_times() {
    for (label, time) in [
        ("1950", "1950-01-01 00:00:00"),
        ("2015-02", "2015-02-28 00:00:00"),
        ("2001-Q4", "2001-10-01 00:00:00"),
        ("2020-02-29", "2020-02-29 00:00:00"),
        // date.isocalendar of Python
        ("2019-W09", "2019-02-25 00:00:00"),
        ("2019-W01", "2018-12-31 00:00:00"),
        ("2020-W53", "2021-01-03 00:00:00"),
        ("2021-03-01 13:45", "2021-03-01 13:45:00"),
    ] {
        assert!(says(label, time), "{label}");
    }
    for (label, time) in [
        ("1951", "1950-01-01 00:00:00"),
        ("2015-02", "2015-03-01 00:00:00"),
        ("2001-Q3", "2001-10-01 00:00:00"),
        ("2020-02-29", "2020-02-29 01:00:00"),
        ("2019-W09", "2019-03-04 00:00:00"),
        ("2021-03-01 13:45", "2021-03-01 13:45:30"),
    ] {
        assert!(!says(label, time), "{label}");
    }
}
