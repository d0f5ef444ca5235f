//! A file's bytes, unpacked, and where messages say it is.

use std::path::Path;

use super::config::{Format, SignalConfig};
use super::table::LearnedTables;
use super::{Example, Signal};
use crate::Error;
use crate::source::numbers::Written;
use crate::source::{open, text};

/// A file to read, and by which rules.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) config: &'a SignalConfig,
    pub(super) path: &'a Path,
    /// For IDX: the file with its labels.
    pub(super) label_file: Option<&'a Path>,
    /// Whether a sequence without its label is of no use.
    pub(super) needs_label: bool,
    /// What the tables learned from were like, in reading to answer.
    pub(super) learned: Option<&'a LearnedTables>,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Contents {
    /// Its sequences, and what is wrong with those that are broken.
    pub(super) examples: Vec<Result<Example, Error>>,
    /// Names of the features, where the file gives them.
    pub(super) channels: Option<Vec<String>>,
    /// Of a table, the fewest and the most cells in a row.
    pub(super) columns: Option<(usize, usize)>,
    /// Of a table, whether it has no column of labels where those learned from have one.
    pub(super) is_unlabelled: bool,
    /// Columns that were passed over, and why.
    pub(super) left_out: Vec<String>,
    /// Where an archive says that its labels are numbers to be learned.
    pub(super) numbers: Option<String>,
    /// Steps of NaN at the ends of sequences, which are left out.
    pub(super) padding: usize,
}

impl Source<'_> {
    /// The file as messages name it.
    pub(super) fn file(&self) -> String {
        format!("`{}`", self.path.display())
    }

    /// A line of it.
    pub(super) fn place(&self, line: u64) -> String {
        format!("{}, line {line}", self.file())
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        Error::Signal {
            place: self.file(),
            message: message.into(),
        }
    }

    pub(super) fn row_error(&self, line: u64, message: impl Into<String>) -> Error {
        Error::Row {
            path: self.path.into(),
            line,
            message: message.into(),
        }
    }

    /// The format, by the configuration or by the end of the name.
    pub(super) fn format(&self) -> Result<Format, Error> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let folder = self.path.is_dir().then_some(Format::Frames);
        let format = self
            .config
            .format
            .or(folder)
            .or_else(|| Format::of_name(&name));
        let format = format.ok_or_else(|| Error::Config {
            key: "data.format".into(),
            message: format!(
                "the name of {} does not tell how it is written; set it to {}",
                self.file(),
                Format::NAMES
            ),
        })?;
        self.config.check(format, &self.file())?;
        Ok(format)
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        bytes(self.path)
    }

    pub(super) fn text(&self) -> Result<String, Error> {
        let encoding = self.config.encoding.as_deref().unwrap_or("auto");
        let (text, _) = text::decode(self.bytes()?, encoding, self.path)?;
        if text.trim().is_empty() {
            return Err(Error::Empty {
                path: self.path.into(),
                what: "is empty",
            });
        }
        Ok(text)
    }

    /// A file that is one sequence.
    pub(super) fn single(&self, signal: Signal<f64>) -> Contents {
        let example = Example {
            signal,
            place: self.file(),
            ..Example::default()
        };
        Contents {
            examples: vec![Ok(example)],
            ..Contents::default()
        }
    }
}

/// All bytes of a file, unpacked if it is packed.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    open::open(path).map(|opened| opened.bytes)
}

/// The value a text stands for that is written so, NaN if it means "missing", or what is wrong with it.
pub(super) fn number(text: &str, written: Written) -> Result<f64, String> {
    let text = text.trim();
    if is_missing(text) {
        return Ok(f64::NAN);
    }
    match written.read(text) {
        Some(value) if value.is_nan() => Ok(f64::NAN),
        Some(value) if fits(value) => Ok(value),
        Some(_) => Err(format!(
            "\"{text}\" is infinite, or too large for 32 bits; write ? or NaN where a value is missing"
        )),
        None => Err(format!("\"{}\" is not a number", start(text))),
    }
}

/// Whether a value is missing, or within the range of 32 bits, in which networks compute.
pub(super) fn fits(value: f64) -> bool {
    !(value as f32).is_infinite()
}

/// Whether a text says that there is no value.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "?")
        || ["nan", "na", "n/a", "null"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text at the end of a sequence only makes it as long as others: NaN as pandas and NumPy write it, or nothing. What is
/// said to be missing (`?`, `NA`) is a step all the same.
pub(super) fn is_padding(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("nan")
}

/// The beginning of a text, for a message.
pub(super) fn start(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// Values one channel after the other, to vectors one after the other.
pub(super) fn transpose(channels: &[Vec<f64>]) -> Vec<f64> {
    let time = channels.first().map_or(0, Vec::len);
    let mut values = Vec::with_capacity(time * channels.len());
    for step in 0..time {
        values.extend(channels.iter().map(|channel| channel[step]));
    }
    values
}
