//! Rows of text: labelled texts, and pairs of texts.

mod config;
mod head;
mod lines;
mod table;
#[cfg(test)]
mod tests;
mod unlabelled;

use std::path::Path;
use std::sync::Arc;

pub use config::{Column, RowFormat, RowsConfig};
pub use head::{TableHead, read_head};
pub(crate) use unlabelled::located;
pub use unlabelled::{Unlabelled, read_labelled, read_unlabelled};

use super::divide::RowSplit;
use super::files::{TextFile, read_texts};
use crate::Error;
pub use crate::split::Parts;

/// The cells of one row that were asked for, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One for each column asked for; none is empty.
    pub fields: Vec<String>,
    /// The file.
    pub file: Arc<Path>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

impl Row {
    /// File and line, as messages name them.
    pub fn place(&self) -> String {
        format!("`{}`, line {}", self.file.display(), self.line)
    }
}

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
    for file in read_texts(patterns, config.encoding.as_deref(), base)? {
        let before = rows.len();
        read_file(config, &file, columns, &mut rows)?;
        if rows.len() == before {
            return Err(Error::Empty {
                path: file.path,
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
    let file = read_texts(patterns, config.encoding.as_deref(), base)?.swap_remove(0);
    let found = match format(config, &file.path)? {
        RowFormat::Csv => table::csv_head(&file.text, config.delimiter)?,
        RowFormat::Tsv => table::tsv_head(&file.text),
        RowFormat::Jsonl => table::jsonl_head(&file.text, &file.path)?,
        other => {
            return Err(Error::Config {
                key: "data.format".into(),
                message: format!("rows written as {other} have no columns to choose from"),
            });
        }
    };
    let Some((line, names)) = found else {
        return Err(Error::Empty {
            path: file.path,
            what: "has no rows",
        });
    };
    let is_json = format(config, &file.path)? == RowFormat::Jsonl;
    if !is_json && !config.header.unwrap_or(named) {
        return Ok((1..=names.len()).map(Column::Number).collect());
    }
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let twice = (1..names.len()).find(|at| names[..*at].contains(&names[*at]));
    match twice {
        None => Ok(names.into_iter().map(Column::Name).collect()),
        Some(at) => Err(Error::DuplicateColumn {
            path: file.path,
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
        row.fields.first().map_or("", String::as_str)
    })
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
    for (source, target) in sources.iter().zip(&targets) {
        lines::pair(source, target, &mut rows)?;
    }
    Ok(rows)
}

fn read_file(
    config: &RowsConfig,
    file: &TextFile,
    columns: &[Column],
    rows: &mut Vec<Row>,
) -> Result<(), Error> {
    let format = format(config, &file.path)?;
    let labelled = matches!(format, RowFormat::LabelFirst | RowFormat::Fasttext);
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
            format == RowFormat::Csv,
        ),
        (
            "header",
            config.header.is_some(),
            matches!(format, RowFormat::Csv | RowFormat::Tsv),
        ),
    ] {
        if given && !fits {
            return Err(Error::Config {
                key: format!("data.{key}"),
                message: format!(
                    "it means nothing to `{}`, which is read as {format}; leave it out",
                    file.path.display()
                ),
            });
        }
    }
    let mut sink = Sink {
        config,
        file: file.path.as_path().into(),
        rows,
    };
    match format {
        RowFormat::Csv => table::csv(&file.text, columns, &mut sink),
        RowFormat::Tsv => table::tsv(&file.text, columns, &mut sink),
        RowFormat::Jsonl => table::jsonl(&file.text, columns, &mut sink),
        RowFormat::LabelFirst => lines::label_first(&file.text, columns, "", &mut sink),
        RowFormat::Fasttext => lines::label_first(&file.text, columns, "__label__", &mut sink),
        RowFormat::Lines => lines::texts(&file.text, columns, &mut sink),
    }
}

fn format(config: &RowsConfig, path: &Path) -> Result<RowFormat, Error> {
    if let Some(format) = config.format {
        return Ok(format);
    }
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    match extension.as_str() {
        "csv" => Ok(RowFormat::Csv),
        "tsv" | "tab" => Ok(RowFormat::Tsv),
        "jsonl" | "ndjson" | "json" => Ok(RowFormat::Jsonl),
        _ => Err(Error::Config {
            key: "data.format".into(),
            message: format!(
                "the name of `{}` does not tell how its rows are written; set it to \"csv\", \"tsv\", \"jsonl\", \"label_first\", \"fasttext\" or \"lines\"",
                path.display()
            ),
        }),
    }
}

/// Takes the rows of one file.
struct Sink<'a> {
    config: &'a RowsConfig,
    file: Arc<Path>,
    rows: &'a mut Vec<Row>,
}

impl Sink<'_> {
    /// Adds a row with these cells, less the white space around them, or says which is empty.
    fn push(&mut self, line: u64, columns: &[Column], cells: Vec<String>) -> Result<(), Error> {
        let cells: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let empty = cells.iter().position(String::is_empty);
        match empty {
            None => self.rows.push(Row {
                fields: cells,
                file: self.file.clone(),
                line: line as usize,
            }),
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
