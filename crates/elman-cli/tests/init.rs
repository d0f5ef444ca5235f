//! `elman recipe init`: every recipe that it writes trains as it is. `elman recipe show`: needs no data.

mod common;

use common::{elman, refused, stdout, succeeds};
use std::fmt::Write;
use std::path::Path;

/// Writes a recipe for a file and trains it for an epoch; the recipe.
#[track_caller]
fn begun(folder: &Path, file: &str, more: &[&str]) -> String {
    let init = [&["recipe", "init", file], more].concat();
    succeeds(folder, &init);
    let recipe = Path::new(file).with_extension("toml");
    let recipe = recipe.to_str().unwrap();
    let run = format!("run-{file}-{}", more.len());
    let train = [
        "train",
        recipe,
        "--quiet",
        "--run",
        &run,
        "--set",
        "train.epochs=1",
    ];
    succeeds(folder, &train);
    let text = std::fs::read_to_string(folder.join(recipe)).unwrap();
    std::fs::remove_file(folder.join(recipe)).unwrap();
    text
}

/// A number from 0 to 1 that follows from another.
fn draw(number: usize) -> f64 {
    (number as f64 * 0.618_033_988_7).fract()
}

#[test]
fn a_table_of_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("name,width,height,colour,y\n");
    let mut plain = String::new();
    for row in 0..60 {
        let (a, b) = (draw(row), draw(7 * row + 3));
        let _ = writeln!(text, "row {row},{a},{b},{},{}", row % 3, a * b);
        let _ = writeln!(plain, "{a};{b};{}", a + b);
    }
    std::fs::write(folder.join("rows.csv"), &text).unwrap();
    let written = begun(folder, "rows.csv", &["--task", "map"]);
    assert!(
        written.contains("inputs = [\"width\", \"height\", \"colour\"]"),
        "{written}"
    );
    assert!(written.contains("targets = [\"y\"]"), "{written}");
    let written = begun(
        folder,
        "rows.csv",
        &["--task", "map", "--target", "colour", "--input", "width"],
    );
    assert!(
        written.contains("inputs = [\"width\"]\ntargets = [\"colour\"]"),
        "{written}"
    );
    // Numbers alone, the last of which is called `y`: what else can it be.
    let numbers = text
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n");
    std::fs::write(folder.join("numbers.csv"), numbers.collect::<String>()).unwrap();
    assert!(begun(folder, "numbers.csv", &[]).contains("task = \"map\""));
    // Without a header columns have numbers.
    std::fs::write(folder.join("plain.csv"), plain).unwrap();
    let written = begun(folder, "plain.csv", &["--task", "map"]);
    assert!(
        written.contains("inputs = [1, 2]\ntargets = [3]"),
        "{written}"
    );

    std::fs::write(folder.join("words.csv"), "a,b\nx,y\nz,w\n").unwrap();
    refused(
        folder,
        &["recipe", "init", "words.csv", "--task", "map"],
        &["words.csv", "no column", "number"],
    );
    std::fs::write(folder.join("one.csv"), "a,b\nx,1\nz,2\n").unwrap();
    refused(
        folder,
        &["recipe", "init", "one.csv", "--task", "map"],
        &["one.csv", "beside `b`"],
    );
    let none = [
        "recipe", "init", "rows.csv", "--task", "map", "--target", "none",
    ];
    refused(folder, &none, &["none"]);
    refused(
        folder,
        &[
            "recipe",
            "init",
            "rows.csv",
            "--task",
            "map",
            "--horizon",
            "3",
        ],
        &["--horizon"],
    );
    refused(folder, &["recipe", "init", "."], &["is a folder", "table"]);
    assert!(!folder.join("words.toml").exists() && !folder.join("one.toml").exists());
}

/// A picture of one colour, as Windows writes it.
fn bitmap(side: u32, [red, green, blue]: [u8; 3]) -> Vec<u8> {
    let size = side * side * 4;
    let mut bytes = b"BM".to_vec();
    for number in [54 + size, 0, 54, 40, side, side] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([1, 0, 32, 0]);
    for number in [0, size, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([blue, green, red, 255].repeat((side * side) as usize));
    bytes
}

#[test]
fn a_table_of_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("file,sentence\n");
    for row in 0..40u32 {
        let (name, colour) = [("red", [200, 0, 0]), ("green", [0, 200, 0])][row as usize % 2];
        std::fs::write(folder.join(format!("{row}.bmp")), bitmap(20 + row, colour)).unwrap();
        let _ = writeln!(text, "{row}.bmp,\"a {name} square, alone\"");
    }
    std::fs::write(folder.join("shown.csv"), &text).unwrap();
    let written = begun(folder, "shown.csv", &[]);
    for part in [
        "task = \"caption\"",
        "picture = \"file\"\nsentence = \"sentence\"",
        "eye = \"learned\"",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    std::fs::write(
        folder.join("own.csv"),
        text.replace("file,sentence", "what,said"),
    )
    .unwrap();
    let own = ["--task", "caption", "--input", "what", "--target", "said"];
    let written = begun(folder, "own.csv", &own);
    assert!(
        written.contains("picture = \"what\"\nsentence = \"said\""),
        "{written}"
    );
    refused(
        folder,
        &["recipe", "init", "own.csv", "--task", "caption"],
        &["image"],
    );
}

#[test]
fn an_archive_with_its_labels_first() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let row = |row: usize| {
        let values =
            (0..12).map(|step| format!("\t{:.3}", draw(row * 12 + step) + (row % 2 * step) as f64));
        format!("{}{}\n", 1 + row % 2, values.collect::<String>())
    };
    let text: String = (0..40).map(row).collect();
    std::fs::write(folder.join("train.tsv"), text).unwrap();
    let written = begun(folder, "train.tsv", &[]);
    assert!(
        written.contains("task = \"recognize\"") && written.contains("label = 1\n"),
        "{written}"
    );
    let written = begun(folder, "train.tsv", &["--task", "resemble"]);
    assert!(
        written.contains("task = \"resemble\"") && written.contains("label = 1\n"),
        "{written}"
    );
    // Series of a table by their names.
    let mut text = String::from("who,t,value\n");
    for who in 0..30 {
        for t in 0..8 {
            let _ = writeln!(text, "{},{t},{}", ["a", "b"][who % 2], draw(who + t));
        }
    }
    std::fs::write(folder.join("named.csv"), text).unwrap();
    refused(
        folder,
        &[
            "recipe",
            "init",
            "named.csv",
            "--task",
            "resemble",
            "--input",
            "t",
        ],
        &["--input"],
    );
}

#[test]
fn a_recipe_is_shown_without_its_dataset() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["beijing-hourly", "spoken-strings"] {
        let show = succeeds(
            folder.path(),
            &["recipe", "show", name, "--set", "train.epochs=3"],
        );
        assert!(
            show.contains("dataset = ") && show.contains("epochs = 3"),
            "{show}"
        );
        let check = ["recipe", "check", name];
        refused(folder.path(), &check, &["elman data get"]);
    }
    // Nothing was written or fetched for it.
    let left = elman(folder.path())
        .args(["recipe", "show", "hello"])
        .output()
        .unwrap();
    assert!(stdout(&left).contains("task = \"generate\""));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
