//! The keys that say where rows of text are.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Whether the first row of a CSV or TSV file names the columns. Without it: it does if a column is asked for by
    /// name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The character between the cells of a CSV file; without it the commonest of `,` `;` tab `|` in the first row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
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

/// How rows of text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFormat {
    /// Cells between commas (or another delimiter), in quotes where they hold one.
    Csv,
    /// Cells between tabs; quotes are characters like others.
    Tsv,
    /// One JSON object per line.
    Jsonl,
    /// A label, white space, a text: the columns are `label` and `text`.
    LabelFirst,
    /// As fastText reads it: `__label__` and a label, white space, a text. The columns are `label` and `text`.
    Fasttext,
    /// One text per line: the column is `text`, and `label` where `labels` gives one for each file.
    Lines,
}

impl fmt::Display for RowFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
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
