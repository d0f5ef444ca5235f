//! The keys that say where rows of text are.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::dialect::{DialectConfig, Header};
use crate::source::load::Asked;

/// Where rows of text (a text and its label, a question and its answer, …) are and how they are written.
///
/// Which columns a task reads is its own affair: see [`read_rows`](super::read_rows).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RowsConfig {
    /// Paths or patterns (`"reviews/*.tsv"`), relative to the base folder: the rows to learn from.
    pub files: Vec<String>,
    /// The same for the rows to choose the model by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_files: Vec<String>,
    /// The same for the rows to judge the model by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_files: Vec<String>,
    /// How the files are written; without it the extension says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<RowFormat>,
    /// Whether the first row of a table names the columns, or the names themselves. Without it: it does if a column is asked
    /// for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The character between the cells of a table (`" "` for any run of blanks); without it a tab where the file's name ends
    /// in `.tsv`, else the one by which the rows agree best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What cells that hold the delimiter stand in; `""` if quotes are letters. Without it `"`, or `'` where cells plainly
    /// stand in that; a quote that does not begin and end a cell is a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// For numbers in tables: the decimal mark, `"."` or `","`; without it each column's own, decided from all its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// For numbers in tables: what groups thousands (`","`, `"."`, `" "`, `"'"`, or `""` for nothing).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
    /// Lines of a table that begin with this are skipped; without it none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The sheet of a spreadsheet; without it the only one that holds rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// A label of the WHATWG encoding standard (`windows-1252`, `utf-16le`, …) or `cp949`; without it UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// For `label_first` and `fasttext`: labels end before this text; with `":"` the label `DESC:manner` is `DESC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_until: Option<String>,
    /// For `format = "lines"`: the label of every row of a file, by file name or pattern, e.g.
    /// `labels = { "*.pos" = "positive", "*.neg" = "negative" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Leaves out rows with an empty cell, which are an error otherwise.
    pub skip_empty: bool,
}

impl RowsConfig {
    /// How tables are written.
    pub(super) fn dialect(&self) -> DialectConfig {
        DialectConfig {
            delimiter: self.delimiter,
            quote: self.quote.clone(),
            decimal: self.decimal,
            thousands: self.thousands.clone(),
            comment: self.comment.clone(),
            header: self.header.clone(),
            sheet: self.sheet.clone(),
        }
    }
}

/// How rows of text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFormat {
    /// Cells between commas (or another delimiter), in quotes where they hold one.
    Csv,
    /// Cells between tabs, in quotes or not.
    Tsv,
    /// One JSON object per line.
    Jsonl,
    /// One JSON value: a list of objects, or the columns of a table as pandas writes them.
    Json,
    /// A spreadsheet: a sheet of a workbook.
    Xlsx,
    /// A label, white space, a text: the columns are `label` and `text`.
    LabelFirst,
    /// As fastText reads it: `__label__` and a label, white space, a text. The columns are `label` and `text`.
    Fasttext,
    /// One text per line: the column is `text`, and `label` where `labels` gives one for each file.
    Lines,
}

impl RowFormat {
    /// What the file is read as, if rows have columns.
    pub(super) fn table(self) -> Option<Asked> {
        match self {
            Self::Csv | Self::Tsv => Some(Asked::Delimited),
            Self::Jsonl => Some(Asked::JsonLines),
            Self::Json => Some(Asked::Json),
            Self::Xlsx => Some(Asked::Spreadsheet),
            Self::LabelFirst | Self::Fasttext | Self::Lines => None,
        }
    }
}

impl fmt::Display for RowFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::LabelFirst => "label_first",
            Self::Fasttext => "fasttext",
            Self::Lines => "lines",
        })
    }
}

/// A column, by its name or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of a column, or its number from 1")]
pub enum Column {
    /// By number, from 1.
    Number(usize),
    /// By name.
    Name(String),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl From<usize> for Column {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}
