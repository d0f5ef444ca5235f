//! Rows with columns: CSV, TSV, JSON lines.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::config::Column;
use super::lines::start;
use super::{Found, Sink};
use crate::source::csv::ragged;
use crate::source::dialect::{DialectConfig, Header, Layout, Purpose, Row, unclosed};
use crate::source::jsonl;
use crate::{Error, names};

pub(super) fn delimited(
    keys: &DialectConfig,
    columns: &[Column],
    mut sink: Sink<'_>,
) -> Result<Found, Error> {
    let layout = Layout::find(sink.text, keys, Purpose::Texts, sink.file)?;
    let (mut rows, mut row) = (layout.rows(sink.text), Row::default());
    let mut chosen: Option<Chosen> = None;
    while rows
        .next(&mut row)
        .map_err(|quote| unclosed(sink.file, quote))?
    {
        let chosen = match &chosen {
            Some(chosen) => chosen,
            None => {
                rows.expect(row.cells.len());
                let first = chosen.insert(Chosen::new(columns, &row.cells, &sink)?);
                if first.header {
                    continue;
                }
                first
            }
        };
        if row.cells.len() != chosen.width {
            return Err(ragged(sink.file, &row, chosen.width, false));
        }
        chosen.take(&row, columns, &mut sink)?;
    }
    Ok(sink.found)
}

pub(super) fn jsonl(columns: &[Column], mut sink: Sink<'_>) -> Result<Found, Error> {
    for (line, content) in filled(sink.text) {
        let failed = |message: String| Error::Json {
            path: sink.file.to_path_buf(),
            line,
            message,
        };
        let fields = fields(content, sink.file, line)?;
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
                Value::Null => Cow::Borrowed(""),
                // Without escapes it stands in the line as it is, and need not be kept twice.
                Value::String(text) => Cow::Borrowed(match content.find(text.as_str()) {
                    Some(start) => &content[start..start + text.len()],
                    None => text.as_str(),
                }),
                Value::Bool(_) | Value::Number(_) => Cow::Owned(value.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    return Err(failed(format!(
                        "the value of `{name}` is a list or an object; a text is needed"
                    )));
                }
            });
        }
        sink.push(line, columns, cells.iter().map(|cell| cell.trim()))?;
    }
    Ok(sink.found)
}

/// The lines that hold more than white space, with their numbers from 1.
pub(super) fn filled(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let lines = (1u64..).zip(text.lines());
    lines.filter(|(_, line)| !line.trim().is_empty())
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

pub(super) fn delimited_head(text: &str, keys: &DialectConfig, path: &Path) -> Result<Head, Error> {
    let layout = Layout::find(text, keys, Purpose::Texts, path)?;
    let mut row = Row::default();
    let found = layout.rows(text).next(&mut row);
    let found = found.map_err(|quote| unclosed(path, quote))?;
    let cells = || row.cells.iter().map(|cell| cell.to_string()).collect();
    Ok(found.then(|| (row.line, cells())))
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
    fn new(columns: &[Column], first: &[Cow<'_, str>], sink: &Sink<'_>) -> Result<Self, Error> {
        let named = columns
            .iter()
            .find(|column| matches!(column, Column::Name(_)));
        let (header, names) = match &sink.config.header {
            None => (named.is_some(), None),
            Some(Header::Present(header)) => (*header, None),
            Some(Header::Names(names)) => (false, Some(names)),
        };
        if let Some(names) = names
            && names.len() != first.len()
        {
            return Err(Error::Config {
                key: "data.header".into(),
                message: format!(
                    "it gives {} names, but `{}` has {} columns",
                    names.len(),
                    sink.file.display(),
                    first.len()
                ),
            });
        }
        if let (false, None, Some(column)) = (header, names, named) {
            return Err(Error::Config {
                key: "data.header".into(),
                message: format!(
                    "without a header there is no column `{column}`; give its number, from 1"
                ),
            });
        }
        let shown: Vec<String> = match names {
            Some(names) => names.clone(),
            None if header => first.iter().map(|cell| start(cell.trim())).collect(),
            None => (1..=first.len()).map(|number| number.to_string()).collect(),
        };
        let place = |column: &Column| {
            let place = match column {
                Column::Number(number) => {
                    number.checked_sub(1).filter(|&place| place < first.len())
                }
                Column::Name(name) => match names {
                    Some(names) => names.iter().position(|known| known == name),
                    None => first.iter().position(|cell| cell.trim() == name),
                },
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

    fn take(&self, row: &Row<'_>, columns: &[Column], sink: &mut Sink<'_>) -> Result<(), Error> {
        let cells = self.places.iter().map(|&place| row.cells[place].trim());
        sink.push(row.line, columns, cells)
    }
}
