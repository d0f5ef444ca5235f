//! Rows of text: labelled texts, and pairs of texts.

mod config;
mod head;
mod lines;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod unlabelled;

use std::path::Path;

pub use config::{Column, RowFormat, RowsConfig};
pub use head::{TableHead, read_head};
use row::Found;
pub use row::Row;
pub(crate) use unlabelled::located;
pub use unlabelled::{Unlabelled, read_labelled, read_unlabelled};

use super::divide::RowSplit;
use super::files::{read_text, read_texts};
use crate::Error;
use crate::source::dialect::{DialectConfig, Header};
use crate::source::files;
use crate::source::load::{self, Loaded, Shape};
use crate::source::numbers::{self, Written};
use crate::source::open::{self, Content};
pub use crate::split::Parts;

/// Reads `columns` of every row of the files that `patterns` name, relative to `base`, in order.
///
/// # Errors
/// As [`read_texts`]; [`Error::NoColumn`] with the columns there are; [`Error::Config`] for keys that do not fit the
/// format; [`Error::Row`] with file and line for a row with other columns than the first, an empty text or no label.
pub fn read_rows(
    config: &RowsConfig,
    patterns: &[String],
    columns: &[Column],
    base: &Path,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for path in files::expand(patterns, base)? {
        let before = rows.len();
        read_file(config, &path, columns, &mut rows)?;
        if rows.len() == before {
            return Err(Error::Empty {
                path,
                what: "has no rows with text",
            });
        }
    }
    Ok(rows)
}

/// The names of the columns of the first file that `patterns` name, relative to `base`: those of its header, or of its first
/// row of JSON; without a header the numbers from 1. `named` says whether there is a header where the configuration does not.
///
/// # Errors
/// As [`read_texts`]; [`Error::Config`] for a format without columns to choose from, [`Error::Empty`], [`Error::DuplicateColumn`].
pub fn read_columns(
    config: &RowsConfig,
    patterns: &[String],
    named: bool,
    base: &Path,
) -> Result<Vec<Column>, Error> {
    let path = files::expand(patterns, base)?.swap_remove(0);
    let format = format(config, &path)?;
    if format.table().is_none() {
        return Err(Error::Config {
            key: "data.format".into(),
            message: format!("rows written as {format} have no columns to choose from"),
        });
    }
    let Table { loaded, keys } = Table::load(config, format, &path)?;
    let is_json = loaded.shape == Shape::JsonLines;
    let found = match is_json {
        true => table::jsonl_head(&loaded.text, &path)?,
        false => table::delimited_head(&loaded.text, &keys, &path)?,
    };
    let Some((line, mut names)) = found else {
        return Err(Error::Empty {
            path,
            what: "has no rows",
        });
    };
    match &config.header {
        Some(Header::Names(given)) if !is_json => names.clone_from(given),
        Some(Header::Present(false)) if !is_json => {
            return Ok((1..=names.len()).map(Column::Number).collect());
        }
        None if !is_json && !named => return Ok((1..=names.len()).map(Column::Number).collect()),
        _ => {}
    }
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let twice = (1..names.len()).find(|at| names[..*at].contains(&names[*at]));
    match twice {
        None => Ok(names.into_iter().map(Column::Name).collect()),
        Some(at) => Err(Error::DuplicateColumn {
            path,
            line,
            name: names[at].clone(),
        }),
    }
}

/// Reads the rows of all parts. Parts without files of their own are divided off `config.files`, by the first of
/// `columns`.
///
/// # Errors
/// As [`read_rows`]; [`Error::Split`] when a part would be empty.
pub fn read_parts(
    config: &RowsConfig,
    columns: &[Column],
    split: &RowSplit,
    base: &Path,
) -> Result<Parts<Row>, Error> {
    let read = |patterns: &[String]| match patterns {
        [] => Ok(None),
        patterns => read_rows(config, patterns, columns, base).map(Some),
    };
    let rows = read_rows(config, &config.files, columns, base)?;
    let (valid, test) = (read(&config.valid_files)?, read(&config.test_files)?);
    split.complete(rows, valid, test, |row| {
        row.fields().next().unwrap_or_default().into()
    })
}

/// How the numbers in the columns of rows are written, decided from all of them.
#[derive(Clone, Debug)]
pub struct NumberForms(Vec<Written>);

impl NumberForms {
    /// Looks at every field of `rows`, which are what `columns` hold.
    ///
    /// # Errors
    /// [`Error::Config`] for a column whose numbers can be read in two ways that give different values.
    pub fn find(config: &RowsConfig, rows: &[Row], columns: &[Column]) -> Result<Self, Error> {
        let mut found = vec![numbers::Column::default(); columns.len()];
        for row in rows {
            for (column, field) in found.iter_mut().zip(row.fields()) {
                column.add(field);
            }
        }
        let delimiter = config.delimiter.map(|delimiter| delimiter as u8);
        let asked = numbers::Asked {
            allowed: numbers::allowed(config.decimal, config.thousands.as_deref()),
            // What was found in the file is no more known; a tab says nothing about marks.
            delimiter: delimiter.or(Some(b'\t')),
        };
        asked.decide(&found).map(Self).map_err(|at| Error::Config {
            key: "data.decimal".into(),
            message: format!(
                "in column `{}` every mark has three digits behind it, so that \"1.005\" can be a decimal or a thousand; set it \
                 to \".\" or \",\" (data.thousands says what groups digits)",
                columns[at]
            ),
        })
    }

    /// The number that a field in column `at` writes, if it does.
    pub fn read(&self, at: usize, field: &str) -> Option<f64> {
        self.0.get(at)?.read(field)
    }
}

/// Reads parallel files: line by line a row of two fields, the source and its target. Lines that are blank in both are
/// left out.
///
/// # Errors
/// As [`read_texts`]; [`Error::Config`] with both counts when the files do not pair up; [`Error::Row`] for a line that
/// is blank in one file only.
pub fn read_parallel(
    source: &[String],
    target: &[String],
    encoding: Option<&str>,
    base: &Path,
) -> Result<Vec<Row>, Error> {
    let (sources, targets) = (
        read_texts(source, encoding, base)?,
        read_texts(target, encoding, base)?,
    );
    if sources.len() != targets.len() {
        return Err(Error::Unpaired {
            source_side: format!("there are {} source files", sources.len()),
            target_side: format!("{} target files", targets.len()),
        });
    }
    let mut rows = Vec::new();
    for (source, target) in sources.into_iter().zip(targets) {
        rows.extend(lines::pair(source, target)?);
    }
    Ok(rows)
}

/// A file of rows with columns.
struct Table {
    loaded: Loaded,
    /// How it is written, where that is known.
    keys: DialectConfig,
}

impl Table {
    fn load(config: &RowsConfig, format: RowFormat, path: &Path) -> Result<Self, Error> {
        let encoding = config.encoding.as_deref().unwrap_or("utf-8");
        let loaded = load::load(path, format.table(), encoding, config.sheet.as_deref())?;
        let mut keys = loaded.keys(config.dialect());
        if config.format == Some(RowFormat::Tsv) {
            keys.delimiter = Some('\t');
        }
        Ok(Self { loaded, keys })
    }
}

fn read_file(
    config: &RowsConfig,
    path: &Path,
    columns: &[Column],
    rows: &mut Vec<Row>,
) -> Result<(), Error> {
    let format = format(config, path)?;
    refuse_unused(config, format, path)?;
    let sink = |text| Sink {
        config,
        file: path,
        text,
        found: Found::within(text, columns.len()),
    };
    let (text, found) = if format.table().is_some() {
        let Table { loaded, keys } = Table::load(config, format, path)?;
        if loaded.text.trim().is_empty() {
            return Err(Error::Empty {
                path: path.into(),
                what: if loaded.text.is_empty() {
                    "is empty"
                } else {
                    "holds only white space"
                },
            });
        }
        let sink = sink(&loaded.text);
        let found = match loaded.shape {
            Shape::JsonLines => table::jsonl(columns, sink)?,
            Shape::Delimited => table::delimited(&keys, columns, sink)?,
        };
        (loaded.text, found)
    } else {
        let text = read_text(path, config.encoding.as_deref())?.text;
        let sink = sink(&text);
        let found = match format {
            RowFormat::LabelFirst => lines::label_first(columns, "", sink)?,
            RowFormat::Fasttext => lines::label_first(columns, "__label__", sink)?,
            _ => lines::texts(columns, sink)?,
        };
        (text, found)
    };
    rows.reserve_exact(found.len());
    rows.extend(found.rows(path.into(), text));
    Ok(())
}

/// Refuses keys that mean nothing to `format`, so that none is ignored unsaid.
fn refuse_unused(config: &RowsConfig, format: RowFormat, path: &Path) -> Result<(), Error> {
    let labelled = matches!(format, RowFormat::LabelFirst | RowFormat::Fasttext);
    let delimited = matches!(format, RowFormat::Csv | RowFormat::Tsv);
    let table = delimited || format == RowFormat::Xlsx;
    let is_tab = format == RowFormat::Tsv && config.format.is_some();
    for (key, given, fits) in [
        ("label_until", config.label_until.is_some(), labelled),
        (
            "labels",
            !config.labels.is_empty(),
            format == RowFormat::Lines,
        ),
        (
            "delimiter",
            config.delimiter.is_some(),
            delimited && !is_tab,
        ),
        ("quote", config.quote.is_some(), delimited),
        ("comment", config.comment.is_some(), delimited),
        ("header", config.header.is_some(), table),
    ] {
        if given && !fits {
            return Err(Error::Config {
                key: format!("data.{key}"),
                message: format!(
                    "it means nothing to `{}`, which is read as {format}; leave it out",
                    path.display()
                ),
            });
        }
    }
    Ok(())
}

fn format(config: &RowsConfig, path: &Path) -> Result<RowFormat, Error> {
    if let Some(format) = config.format {
        return Ok(format);
    }
    let named = |name: &Path| match load::ending(name).as_str() {
        "csv" => Some(RowFormat::Csv),
        "tsv" | "tab" => Some(RowFormat::Tsv),
        "jsonl" | "ndjson" => Some(RowFormat::Jsonl),
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => Some(RowFormat::Xlsx),
        _ => None,
    };
    if let Some(format) = named(path) {
        return Ok(format);
    }
    let (content, name) = open::peek(path)?;
    let format = named(&name).or(match content {
        Content::Json => Some(RowFormat::Json),
        Content::JsonLines => Some(RowFormat::Jsonl),
        Content::Spreadsheet => Some(RowFormat::Xlsx),
        _ if load::ending(&name) == "json" => Some(RowFormat::Jsonl),
        _ => None,
    });
    format.ok_or_else(|| Error::Config {
        key: "data.format".into(),
        message: format!(
            "neither the name nor the beginning of `{}` tells how its rows are written; set it to \"csv\", \"tsv\", \"jsonl\", \
             \"json\", \"xlsx\", \"label_first\", \"fasttext\" or \"lines\"",
            path.display()
        ),
    })
}

/// Takes the rows of one file.
struct Sink<'a> {
    config: &'a RowsConfig,
    file: &'a Path,
    text: &'a str,
    found: Found,
}

impl Sink<'_> {
    /// Adds a row with these cells, which have no white space around them, or says which is empty.
    fn push<'c>(
        &mut self,
        line: u64,
        columns: &[Column],
        cells: impl Iterator<Item = &'c str> + Clone,
    ) -> Result<(), Error> {
        match cells.clone().position(str::is_empty) {
            None => self.found.push(self.text, line as usize, cells),
            Some(_) if self.config.skip_empty => {}
            Some(empty) => {
                return Err(self.error(
                    line,
                    format!(
                        "the column `{}` is empty; write something there, or leave such rows out with data.skip_empty = true",
                        columns[empty]
                    ),
                ));
            }
        }
        Ok(())
    }

    fn error(&self, line: u64, message: String) -> Error {
        Error::Row {
            path: self.file.to_path_buf(),
            line,
            message,
        }
    }
}
