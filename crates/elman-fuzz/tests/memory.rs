//! What reading a series holds in memory: not much more than the file and the numbers that are kept.

use elman_data::{SourceConfig, read_series};
use elman_fuzz::meter::{self, Meter};
use std::fmt::Write;
use std::path::Path;

#[global_allocator]
static METER: Meter = Meter;

/// Room for what does not grow with the file: names, reports, time zones.
const CONSTANT: usize = 128 << 10;

/// So many rows, an hour apart, of so many columns.
fn table(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> String) -> String {
    let mut text = String::from("time");
    (0..columns).for_each(|column| write!(text, ",x{column}").unwrap());
    for row in 0..rows {
        let (day, hour) = (row / 24, row % 24);
        let (year, month, day) = (1990 + day / 336, 1 + day % 336 / 28, 1 + day % 28);
        write!(text, "\n{year}-{month:02}-{day:02} {hour:02}:00:00").unwrap();
        (0..columns).for_each(|column| write!(text, ",{}", cell(row, column)).unwrap());
    }
    text
}

fn number(row: usize, column: usize) -> String {
    format!("{}.{:03}", row % 13, (row * 7 + column * 61) % 1000)
}

/// Fails where reading the files of `config` holds more than one and a half times their `bytes`, and `kept` bytes.
fn check(
    name: &str,
    config: &SourceConfig,
    folder: &Path,
    bytes: usize,
    kept: impl Fn(usize) -> usize,
) {
    let start = meter::start(usize::MAX);
    let (series, _) = read_series(config, folder).unwrap();
    let held = start.stop();
    let bound = 3 * bytes / 2 + kept(series.len()) + CONSTANT;
    assert!(
        held <= bound,
        "{name}: {held} bytes were held for a file of {bytes}, more than {bound}"
    );
}

#[test]
fn a_series_is_read_in_half_as_much_again_as_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = |files: &[&str]| SourceConfig {
        files: files.iter().map(|file| file.to_string()).collect(),
        ..SourceConfig::default()
    };
    let save = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // A time has 12 bytes.
    let of = |columns: usize| move |rows: usize| rows * (8 * columns + 12);
    for columns in [1, 6, 40] {
        let rows = 2_000_000 / (20 + 6 * columns);
        let text = table(rows, columns, number);
        save("plain.csv", &text);
        let plain = config(&["plain.csv"]);
        check("plain", &plain, folder.path(), text.len(), of(columns));
        let quoted = table(rows, columns, |row, column| {
            format!("\"{}\"", number(row, column))
        });
        save("quoted.csv", &quoted);
        let quotes = config(&["quoted.csv"]);
        check("quoted", &quotes, folder.path(), quoted.len(), of(columns));
        let half = 1 + text.match_indices('\n').nth(rows / 2).unwrap().0;
        let header = 1 + text.find('\n').unwrap();
        save("first.csv", &text[..half]);
        save("second.csv", &[&text[..header], &text[half..]].concat());
        let two = config(&["first.csv", "second.csv"]);
        check("two files", &two, folder.path(), text.len(), of(columns));
        let lines: Vec<&str> = text.lines().collect();
        let newest_first: Vec<&str> = lines[..1]
            .iter()
            .chain(lines[1..].iter().rev())
            .copied()
            .collect();
        save("down.csv", &newest_first.join("\n"));
        check(
            "newest first",
            &config(&["down.csv"]),
            folder.path(),
            text.len(),
            of(columns),
        );
    }
}
