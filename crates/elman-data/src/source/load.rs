//! A file as the text of a table, whatever it is: delimited text, JSON, a workbook; packed or from standard input.

use std::path::Path;

use super::dialect::DialectConfig;
use super::open::{self, Content, Opened};
use super::{json, jsonl, sheet, text};
use crate::Error;

/// How the text of a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Cells between delimiters.
    Delimited,
    /// A JSON object on each line.
    JsonLines,
}

/// The text of a table.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) text: String,
    pub(crate) shape: Shape,
    pub(crate) encoding: Option<&'static str>,
    /// What the file is, as reports name it.
    pub(crate) format: &'static str,
    /// What was done to come to the text, in words.
    pub(crate) said: Vec<String>,
    /// What stands between cells, where the file's name says it, or this program wrote them.
    pub(crate) delimiter: Option<char>,
    /// Its rows are not the lines of a file, and its numbers are written by this program.
    pub(crate) is_made: bool,
}

impl Loaded {
    /// The text as a delimited table: objects in JSON become rows between commas, under their keys.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub(crate) fn table(&mut self, path: &Path) -> Result<(), Error> {
        if self.shape == Shape::JsonLines {
            self.text = jsonl::to_csv(&self.text, path)?;
            self.shape = Shape::Delimited;
            self.delimiter = Some(',');
            self.is_made = true;
        }
        Ok(())
    }

    /// How its cells are written: what the file itself says comes after `keys`, but no key changes what this program wrote.
    pub(crate) fn keys(&self, mut keys: DialectConfig) -> DialectConfig {
        keys.delimiter = match self.is_made {
            true => self.delimiter,
            false => keys.delimiter.or(self.delimiter),
        };
        keys
    }
}

/// What a file is to be read as, where it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Delimited,
    JsonLines,
    Json,
    Spreadsheet,
}

/// Reads the file at `path`. Without `asked`, its first bytes say whether it is a workbook or one JSON value, else the end of
/// its name what it is.
///
/// # Errors
/// As [`open::open`], [`text::decode`], [`sheet::read`] and [`json::lines`]; [`Error::UnknownFormat`].
pub(crate) fn load(
    path: &Path,
    asked: Option<Asked>,
    encoding: &str,
    of_sheet: Option<&str>,
) -> Result<Loaded, Error> {
    let Opened {
        bytes,
        name,
        packed,
    } = open::open(path)?;
    refuse_page(&bytes, path)?;
    let asked = match asked {
        // No text begins so.
        Some(Asked::Delimited) if Content::of(&bytes) == Content::Spreadsheet => Asked::Spreadsheet,
        Some(asked) => asked,
        None => {
            asked_by(&bytes, &name).ok_or_else(|| Error::UnknownFormat { path: path.into() })?
        }
    };
    let mut said: Vec<String> = packed
        .map(|packed| format!("unpacked ({packed})"))
        .into_iter()
        .collect();
    if asked == Asked::Spreadsheet {
        let (text, name) = sheet::read(&bytes, of_sheet, path)?;
        said.push(format!("sheet `{name}`"));
        return Ok(Loaded {
            text,
            shape: Shape::Delimited,
            encoding: None,
            format: "xlsx",
            said,
            delimiter: Some(','),
            is_made: true,
        });
    }
    if let Some(sheet) = of_sheet {
        return Err(Error::Config {
            key: "data.sheet".into(),
            message: format!(
                "`{}` is no workbook, so it has no sheet `{sheet}`; leave the key out",
                path.display()
            ),
        });
    }
    let (text, encoding) = text::decode(bytes, encoding, path)?;
    let loaded = |text: String, shape, format, is_made| Loaded {
        delimiter: is_tabbed(&name, &text).then_some('\t'),
        text,
        shape,
        encoding: Some(encoding),
        format,
        said: said.clone(),
        is_made,
    };
    Ok(match asked {
        Asked::Json => loaded(json::lines(&text, path)?, Shape::JsonLines, "json", true),
        Asked::JsonLines => loaded(text, Shape::JsonLines, "jsonl", false),
        _ => loaded(text, Shape::Delimited, "csv", false),
    })
}

/// A page is what a download leaves where there was no table.
fn refuse_page(bytes: &[u8], path: &Path) -> Result<(), Error> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let begins = |mark: &[u8]| {
        text.get(..mark.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(mark))
    };
    // A cell may hold a page.
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_row = line.iter().any(|byte| matches!(byte, b',' | b';' | b'\t'));
    match (begins(b"<!doctype html") || begins(b"<html")) && !is_row {
        false => Ok(()),
        true => Err(Error::Row {
            path: path.into(),
            line: 1,
            message: "the file is a web page, not a table: download the table itself".into(),
        }),
    }
}

fn asked_by(bytes: &[u8], name: &Path) -> Option<Asked> {
    let ending = ending(name);
    match Content::of(bytes) {
        // Who names a file so means an object on each line.
        Content::Json | Content::JsonLines if matches!(ending.as_str(), "jsonl" | "ndjson") => {
            return Some(Asked::JsonLines);
        }
        Content::Spreadsheet => return Some(Asked::Spreadsheet),
        Content::Json => return Some(Asked::Json),
        Content::JsonLines => return Some(Asked::JsonLines),
        Content::Parquet => return None,
        Content::Other => {}
    }
    match ending.as_str() {
        "csv" | "tsv" | "txt" | "tab" | "data" | "dat" | "psv" => Some(Asked::Delimited),
        "jsonl" | "ndjson" | "json" => Some(Asked::JsonLines),
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => Some(Asked::Spreadsheet),
        // Nothing is said: text with rows, if it has some.
        _ if is_text(bytes) => Some(Asked::Delimited),
        _ => None,
    }
}

/// Whether a file's name says that tabs stand between cells, and its first line does not say otherwise.
fn is_tabbed(name: &Path, text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    matches!(ending(name).as_str(), "tsv" | "tab")
        && lines.next().is_some_and(|line| line.contains('\t'))
}

/// The end of a file's name, in small letters.
pub(crate) fn ending(name: &Path) -> String {
    let ending = name
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    ending.unwrap_or_default()
}

/// Whether the first lines could be those of a table: text, with the same delimiter in each.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4 << 10)];
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if head.is_empty() || head.iter().any(is_control) {
        return false;
    }
    let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').take(10).collect();
    let lines = &lines[..lines.len().saturating_sub(1).max(1)];
    [b',', b';', b'\t', b'|'].iter().any(|delimiter| {
        let has =
            |line: &&[u8]| line.is_empty() || line.starts_with(b"#") || line.contains(delimiter);
        lines.len() > 1 && lines.iter().all(has) && lines[0].len() > 1
    })
}
