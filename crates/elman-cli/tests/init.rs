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
    std::fs::remove_dir_all(folder.join(&run)).unwrap();
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
    // By their places, and by names that are numbers.
    for (target, inputs, answered) in [
        ("5", "[\"width\", \"height\", \"colour\"]", "[\"y\"]"),
        ("2", "[\"height\", \"colour\", \"y\"]", "[\"width\"]"),
    ] {
        let written = begun(folder, "rows.csv", &["--task", "map", "--target", target]);
        let expected = format!("inputs = {inputs}\ntargets = {answered}");
        assert!(written.contains(&expected), "{written}");
    }
    std::fs::write(
        folder.join("years.csv"),
        text.replace("name,width", "name,2020"),
    )
    .unwrap();
    let written = begun(folder, "years.csv", &["--task", "map", "--target", "2020"]);
    assert!(written.contains("targets = [\"2020\"]"), "{written}");
    // A column in which nothing stands is none of numbers.
    let gap: String = text.lines().map(|line| format!(",{line}\n")).collect();
    std::fs::write(folder.join("gap.csv"), gap.replacen(',', "empty,", 1)).unwrap();
    let written = begun(folder, "gap.csv", &["--task", "map"]);
    assert!(
        written.contains("inputs = [\"width\", \"height\", \"colour\"]"),
        "{written}"
    );
    // Numbers alone, the last of which is called `y`: what else can it be.
    let numbers = text
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n");
    std::fs::write(folder.join("numbers.csv"), numbers.collect::<String>()).unwrap();
    assert!(begun(folder, "numbers.csv", &[]).contains("task = \"map\""));
    // Who asks for a horizon wants a forecast.
    let written = begun(folder, "numbers.csv", &["--horizon", "3"]);
    assert!(
        written.contains("task = \"forecast\"") && written.contains("horizon = 3"),
        "{written}"
    );
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
    std::fs::write(folder.join("ragged.csv"), "a,b\n1,2\n3\n").unwrap();
    refused(
        folder,
        &["recipe", "init", "ragged.csv", "--task", "map"],
        &["ragged.csv", "line 3", "2 cells"],
    );
    refused(
        folder,
        &["recipe", "init", "missing.csv", "--task", "map"],
        &["no file `missing.csv`"],
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

/// A tone of 0.1 s as a WAV file.
fn tone(hertz: f64) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36u32 + 1600).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    for number in [8000u32, 16000, 0x0010_0002] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(1600u32.to_le_bytes());
    let sample = |k: u32| (f64::from(k) * hertz * std::f64::consts::TAU / 8000.0).sin() * 9000.0;
    bytes.extend((0..800).flat_map(|k| (sample(k) as i16).to_le_bytes()));
    bytes
}

#[test]
fn a_table_of_recordings_and_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut text, mut json) = (String::from("file,text\n"), String::new());
    for row in 0..40 {
        let said = ["ab", "ba"][row % 2];
        std::fs::write(
            folder.join(format!("{row}.wav")),
            tone(300.0 + 20.0 * row as f64),
        )
        .unwrap();
        let _ = writeln!(text, "{row}.wav,{said}");
        let _ = writeln!(json, "{{\"file\": \"{row}.wav\", \"text\": \"{said}\"}}");
    }
    std::fs::write(folder.join("said.csv"), text).unwrap();
    for task in [&[][..], &["--task", "transcribe"]] {
        let written = begun(folder, "said.csv", task);
        assert!(
            written.contains("task = \"transcribe\"")
                && written.contains("labels = \"said.csv\"\nlabel = \"text\""),
            "{written}"
        );
    }
    std::fs::write(folder.join("said.jsonl"), json).unwrap();
    refused(
        folder,
        &["recipe", "init", "said.jsonl"],
        &["said.jsonl", "CSV or TSV"],
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
