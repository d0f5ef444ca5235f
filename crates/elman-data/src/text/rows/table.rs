//! Rows with columns: CSV, TSV, JSON lines.

use std::path::Path;

use serde_json::Value;

use super::Sink;
use super::config::Column;
use super::lines::start;
use crate::source::csv::{Records, ragged};
use crate::source::jsonl;
use crate::{Error, names};

pub(super) fn csv(text: &str, columns: &[Column], sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut records = Records::new(text, "", sink.config.delimiter)?;
    let mut chosen: Option<Chosen> = None;
    while let Some(record) = records.next() {
        let Some(chosen) = &chosen else {
            let first = Chosen::new(columns, &record.cells, sink)?;
            if !first.header {
                first.take(record.line, &record.cells, columns, sink)?;
            }
            chosen = Some(first);
            continue;
        };
        if record.cells.len() != chosen.width {
            return Err(ragged(
                &sink.file,
                &record,
                chosen.width,
                false,
                records.at_end(),
            ));
        }
        chosen.take(record.line, &record.cells, columns, sink)?;
    }
    Ok(())
}

pub(super) fn tsv(text: &str, columns: &[Column], sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut chosen: Option<Chosen> = None;
    for (line, content) in filled(text) {
        let cells = tabbed(content);
        let Some(chosen) = &chosen else {
            let first = Chosen::new(columns, &cells, sink)?;
            if !first.header {
                first.take(line, &cells, columns, sink)?;
            }
            chosen = Some(first);
            continue;
        };
        if cells.len() != chosen.width {
            return Err(sink.error(line, uneven(chosen.width, cells.len())));
        }
        chosen.take(line, &cells, columns, sink)?;
    }
    Ok(())
}

pub(super) fn jsonl(text: &str, columns: &[Column], sink: &mut Sink<'_>) -> Result<(), Error> {
    for (line, content) in filled(text) {
        let failed = |message: String| Error::Json {
            path: sink.file.to_path_buf(),
            line,
            message,
        };
        let fields = fields(content, &sink.file, line)?;
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let Column::Name(name) = column else {
                return Err(Error::Config {
                    key: "data".into(),
                    message: format!("JSON lines have no column {column}; give the name of a key"),
                });
            };
            let Some((_, value)) = fields.iter().find(|(key, _)| key == name) else {
                let keys = || fields.iter().map(|(key, _)| key.as_str());
                return Err(failed(format!(
                    "there is no key `{name}`{}; the keys are: {}",
                    names::nearest_phrase(name, keys()),
                    names::list(keys(), 30)
                )));
            };
            cells.push(match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    return Err(failed(format!(
                        "the value of `{name}` is a list or an object; a text is needed"
                    )));
                }
            });
        }
        sink.push(line, columns, cells)?;
    }
    Ok(())
}

/// The lines that hold more than white space, with their numbers from 1.
pub(super) fn filled(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let lines = (1u64..).zip(text.lines());
    lines.filter(|(_, line)| !line.trim().is_empty())
}

/// The cells of a line between tabs.
pub(super) fn tabbed(line: &str) -> Vec<String> {
    line.split('\t').map(str::to_owned).collect()
}

/// What is wrong with a line of so many cells.
pub(super) fn uneven(expected: usize, found: usize) -> String {
    format!("expected {expected} cells between tabs as in the first row, found {found}")
}

/// Keys and values of a line of JSON.
pub(super) fn fields(content: &str, path: &Path, line: u64) -> Result<Vec<(String, Value)>, Error> {
    jsonl::fields(content).map_err(|message| Error::Json {
        path: path.into(),
        line,
        message,
    })
}

/// The cells of the first row, and its line.
type Head = Option<(u64, Vec<String>)>;

pub(super) fn csv_head(text: &str, delimiter: Option<char>) -> Result<Head, Error> {
    let first = Records::new(text, "", delimiter)?.next();
    Ok(first.map(|record| (record.line, record.cells)))
}

pub(super) fn tsv_head(text: &str) -> Head {
    filled(text)
        .next()
        .map(|(line, first)| (line, tabbed(first)))
}

pub(super) fn jsonl_head(text: &str, path: &Path) -> Result<Head, Error> {
    let Some((line, first)) = filled(text).next() else {
        return Ok(None);
    };
    let keys = fields(first, path, line)?.into_iter().map(|(key, _)| key);
    Ok(Some((line, keys.collect())))
}

/// Where the columns asked for are.
struct Chosen {
    header: bool,
    width: usize,
    places: Vec<usize>,
}

impl Chosen {
    /// From the first row, which may be the header.
    fn new(columns: &[Column], first: &[String], sink: &Sink<'_>) -> Result<Self, Error> {
        let named = columns
            .iter()
            .find(|column| matches!(column, Column::Name(_)));
        let header = sink.config.header.unwrap_or(named.is_some());
        if let (false, Some(column)) = (header, named) {
            return Err(Error::Config {
                key: "data.header".into(),
                message: format!(
                    "without a header there is no column `{column}`; give its number, from 1"
                ),
            });
        }
        let shown: Vec<String> = match header {
            true => first.iter().map(|cell| start(cell.trim())).collect(),
            false => (1..=first.len()).map(|number| number.to_string()).collect(),
        };
        let place = |column: &Column| {
            let place = match column {
                Column::Number(number) => {
                    number.checked_sub(1).filter(|&place| place < first.len())
                }
                Column::Name(name) => first.iter().position(|cell| cell.trim() == name),
            };
            place.ok_or_else(|| {
                let name = column.to_string();
                let known = || shown.iter().map(String::as_str);
                let mut nearest = names::nearest_phrase(&name, known());
                if sink.config.header.is_none() && header && nearest.is_empty() {
                    nearest =
                        "; if the file has no header, give the column's number, from 1".into();
                }
                Error::NoColumn {
                    key: sink.file.display().to_string(),
                    name,
                    nearest,
                    columns: names::list(known(), 30),
                }
            })
        };
        Ok(Self {
            header,
            width: first.len(),
            places: columns.iter().map(place).collect::<Result<_, _>>()?,
        })
    }

    fn take(
        &self,
        line: u64,
        cells: &[String],
        columns: &[Column],
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let cells = self.places.iter().map(|&place| cells[place].clone());
        sink.push(line, columns, cells.collect())
    }
}
