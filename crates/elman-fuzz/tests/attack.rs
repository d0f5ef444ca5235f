//! The harness finds what is wrong with readers that are made to go wrong, and nothing with Elman's.

use std::path::Path;
use std::process::{Command, Output};

fn fuzz(args: &[&str], found: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elman-fuzz"));
    command
        .args(args)
        .arg("--found")
        .arg(found)
        .output()
        .expect("the harness starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The figures of a reader: inputs, read, refused, panics, hangs, memory, garbage.
fn figures(text: &str, reader: &str) -> Vec<usize> {
    let line = text
        .lines()
        .find(|line| line.split_whitespace().next() == Some(reader));
    let line = line.unwrap_or_else(|| panic!("no line for {reader}: {text}"));
    line.split_whitespace()
        .skip(1)
        .take(7)
        .map(|figure| figure.parse().unwrap())
        .collect()
}

#[test]
fn each_way_of_going_wrong_is_found_kept_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let wrong: [(&str, &str, usize); 7] = [
        ("own-panic", "panic", 3),
        ("own-abort", "panic", 3),
        ("own-overflow", "panic", 3),
        ("own-memory", "memory", 5),
        ("own-tried-memory", "memory", 5),
        ("own-slow", "hang", 4),
        ("own-garbage", "garbage", 6),
    ];
    for (reader, kind, column) in wrong {
        let found = folder.path().join(reader);
        let inputs = if reader == "own-slow" { "8" } else { "60" };
        let output = fuzz(
            &["--reader", reader, "--inputs", inputs, "--threads", "1"],
            &found,
        );
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        let figures = figures(&text(&output), reader);
        assert!(figures[column] > 0, "{reader}: {}", text(&output));
        assert_eq!(
            figures[1] + figures[2],
            figures[0],
            "each input was read or refused: {}",
            text(&output)
        );
        let others: usize = (3..7)
            .filter(|other| *other != column)
            .map(|other| figures[other])
            .sum();
        assert!(
            others == 0 || reader == "own-tried-memory" || reader == "own-panic",
            "{reader}: {}",
            text(&output)
        );
        let kept = std::fs::read_dir(&found)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let kept: Vec<_> = kept
            .filter(|path| path.to_string_lossy().ends_with(kind))
            .collect();
        assert!(!kept.is_empty(), "{reader}");
        let again = Command::new(env!("CARGO_BIN_EXE_elman-fuzz"))
            .arg("replay")
            .arg(&kept[0])
            .output()
            .unwrap();
        assert!(!again.status.success(), "{reader}: {}", text(&again));
    }
}

/// What makes a reader fail is made as small as it can be by leaving things out.
#[test]
fn a_finding_is_made_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let output = fuzz(
        &["--reader", "own-panic", "--inputs", "40", "--threads", "1"],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let small = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let small: Vec<_> = small
        .filter(|path| path.to_string_lossy().ends_with(".panic.small"))
        .collect();
    assert!(!small.is_empty());
    // Without any byte there is no first byte P either.
    assert!(
        small
            .iter()
            .all(|path| std::fs::metadata(path).unwrap().len() == 0),
        "{small:?}"
    );
}

#[test]
fn a_reader_without_fault_is_not_found_fault_with() {
    let folder = tempfile::tempdir().unwrap();
    let output = fuzz(
        &["--reader", "own-good", "--inputs", "500"],
        &folder.path().join("found"),
    );
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(
        figures(&text(&output), "own-good"),
        [500, 0, 500, 0, 0, 0, 0]
    );
    assert!(!folder.path().join("found").exists());
    let output = fuzz(&["--reader", "nothing"], &folder.path().join("found"));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output).contains("there is no reader `nothing`"),
        "{}",
        text(&output)
    );
}

/// A file that is refused before anything was changed would hide what is behind the refusal.
#[test]
fn the_files_that_inputs_are_made_of_are_read() {
    let output = Command::new(env!("CARGO_BIN_EXE_elman-fuzz"))
        .arg("seeds")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

/// CI's share. Readers that take long are given fewer inputs (`Reader::every`); `just fuzz` gives a million.
#[test]
fn nothing_that_is_read_panics_hangs_fills_the_memory_or_accepts_garbage() {
    let found = std::env::temp_dir().join(format!("elman-fuzz-findings-{}", std::process::id()));
    let output = fuzz(&["--inputs", "10000"], &found);
    println!("{}", text(&output));
    assert!(output.status.success(), "{}", text(&output));
}
