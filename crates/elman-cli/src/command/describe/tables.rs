//! What a table holds: a series, or texts.

use super::show;
use super::text::{about_labels, about_texts};
use crate::content::{Head, Rows, Texts, means_nothing, name};
use crate::facts::{Facts, counted, size};
use crate::failure::Failure;
use crate::output::Output;
use elman_data::text::{Column, Row, RowsConfig, read_columns, read_rows};
use elman_data::{Error, Header, SourceConfig, read_series};
use serde_json::json;
use std::path::Path;

/// A series as a recipe would read it, or a table of texts, pairs or files.
pub fn describe(path: &Path, output: &Output) -> Result<(), Failure> {
    let rows = match Head::read(path) {
        Some(Ok(head)) => head.rows(),
        _ => Rows::Steps,
    };
    match rows {
        Rows::Labelled(texts) => show(path, "labelled texts", labelled(path, &texts)?, output),
        Rows::Pairs(columns) => show(path, "pairs of texts", pairs(path, &columns)?, output),
        Rows::Captions => show(path, "captions", files(path)?, output),
        Rows::Files => show(path, "labels of files", files(path)?, output),
        Rows::Long(long) => show(path, "series", super::signals::long(path, &long)?, output),
        Rows::LabelledFirst => show(path, "series", super::signals::describe(path)?, output),
        Rows::Answered | Rows::Steps => match series(path, output) {
            Err(Failure::Input(why)) => without_numbers(path, &why, output),
            done => done,
        },
    }
}

/// A series as a recipe would read it.
pub fn series(path: &Path, output: &Output) -> Result<(), Failure> {
    let mut config = SourceConfig {
        files: vec![name(path)],
        missing: elman_data::Missing::Interpolate,
        duplicates: elman_data::Duplicates::First,
        ..SourceConfig::default()
    };
    let base = path.parent().unwrap_or(Path::new(""));
    // What a recipe would be given a rule for is read by that rule here.
    let mut read = read_series(&config, base);
    for _ in 0..4 {
        match &read {
            Err(Error::NotANumber { text, .. }) if means_nothing(text) => {
                config.na.push(text.clone())
            }
            Err(Error::HeaderIsData { .. }) if config.header.is_none() => {
                config.header = Some(Header::Present(false))
            }
            _ => break,
        }
        read = read_series(&config, base);
    }
    let (_, report) = read?;
    output.event(&json!({"event": "result", "file": path.to_string_lossy(), "kind": "series", "report": report}));
    output.result(report);
    Ok(())
}

/// A table that is no series: if it is one of texts, its texts; otherwise why it is none.
fn without_numbers(path: &Path, why: &str, output: &Output) -> Result<(), Failure> {
    let texts = match Head::read(path) {
        Some(Ok(head)) => head.texts(),
        _ => None,
    };
    match texts {
        Some(texts) => show(path, "texts", labelled(path, &texts)?, output),
        None => Err(Failure::input(why)),
    }
}

/// The rows of a table of texts, all columns that are asked for.
fn rows(path: &Path, columns: &[Column]) -> Result<(Vec<Row>, Facts), Failure> {
    let config = RowsConfig {
        skip_empty: true,
        ..RowsConfig::default()
    };
    let base = path.parent().unwrap_or(Path::new(""));
    let patterns = [name(path)];
    let named = columns
        .iter()
        .any(|column| matches!(column, Column::Name(_)));
    let known = read_columns(&config, &patterns, named, base)?;
    let rows = read_rows(&config, &patterns, columns, base)?;
    let mut facts = Facts::default();
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let header = if named { "" } else { ", no header" };
    facts.say(
        "file",
        format_args!("{} ({}{header})", path.display(), size(bytes)),
    );
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    facts
        .say(
            "columns",
            format_args!("{}: {}", names.len(), names.join(", ")),
        )
        .figure("columns", json!(names));
    Ok((rows, facts))
}

fn labelled(path: &Path, texts: &Texts) -> Result<Facts, Failure> {
    let columns: Vec<Column> = [Some(&texts.text), texts.label.as_ref()]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let (rows, mut facts) = rows(path, &columns)?;
    facts.say("text", format_args!("the column {}", texts.text));
    if let Some(label) = &texts.label {
        facts.say("label", format_args!("the column {label}"));
    }
    about_texts(&mut facts, rows.iter().map(|row| row.field(0)));
    if texts.label.is_some() {
        about_labels(&mut facts, "labels", rows.iter().map(|row| row.field(1)));
    }
    Ok(facts)
}

fn pairs(path: &Path, columns: &[Column; 2]) -> Result<Facts, Failure> {
    let (rows, mut facts) = rows(path, columns)?;
    let words = |place: usize| {
        let sum: usize = rows
            .iter()
            .map(|row| row.field(place).split_whitespace().count())
            .sum();
        sum as f64 / rows.len().max(1) as f64
    };
    facts.say("pairs", rows.len()).figure("pairs", rows.len());
    for (what, place) in [("source", 0), ("target", 1)] {
        let first = rows.first().map_or("", |row| row.field(place));
        facts.say(
            what,
            format_args!(
                "the column {}: {:.1} words on average, first \"{}\"",
                columns[place],
                words(place),
                short(first)
            ),
        );
    }
    Ok(facts)
}

/// A table that names files.
fn files(path: &Path) -> Result<Facts, Failure> {
    let head = match Head::read(path) {
        Some(head) => head?,
        None => return Err(Failure::input(format!("`{}` is no table", path.display()))),
    };
    let file = head.first_of(&crate::content::PICTURES).unwrap_or("file");
    let about = ["label", "text"].into_iter().find(|name| head.has(name));
    let about = about
        .or(head.first_of(&crate::content::SENTENCES))
        .unwrap_or("label");
    let (rows, mut facts) = rows(path, &[file.into(), about.into()])?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let missing: Vec<&str> = rows
        .iter()
        .map(|row| row.field(0))
        .filter(|name| !folder.join(name).is_file())
        .collect();
    let mut names: Vec<&str> = rows.iter().map(|row| row.field(0)).collect();
    names.sort_unstable();
    names.dedup();
    facts
        .say("rows", rows.len())
        .say(
            "files",
            format_args!("{} named in the column {file}", names.len()),
        )
        .figure("rows", rows.len())
        .figure("files", names.len())
        .figure("missing_files", missing.len());
    if let Some(first) = missing.first() {
        facts.say(
            "missing",
            format_args!(
                "{} are not beside the table, the first `{first}`",
                counted(missing.len(), "row")
            ),
        );
    }
    let values = rows.iter().map(|row| row.field(1));
    match about {
        "label" => about_labels(&mut facts, "labels", values),
        _ => about_texts(&mut facts, values),
    }
    Ok(facts)
}

/// The beginning of a text.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
