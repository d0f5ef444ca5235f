//! What was read and what was done to it.

use std::fmt;
use std::path::PathBuf;

use jiff::civil::DateTime;
use serde::Serialize;

use super::Known;
use super::config::{Aggregate, Duplicates, Missing};
use crate::{Step, TimeStyle};

/// A path as text: JSON has no other, and not every path is one.
fn shown<S: serde::Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// What [`crate::read_series`] found and did. `Display` gives a table for a terminal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadReport {
    /// The files, in the order in which they were read.
    pub files: Vec<FileReport>,
    /// Rows of the finished series.
    pub rows: usize,
    /// The times, if there are any.
    pub time: Option<TimeReport>,
    /// The rows were the newest first and were turned round (files without times).
    pub reversed: bool,
    /// Rows left out by `filter`.
    pub filtered: usize,
    /// Rows outside `from` and `until`.
    pub cut: usize,
    /// Rows left out because a value was missing (`missing = "drop"`).
    pub dropped: usize,
    /// The columns of the series, without those of the calendar.
    pub columns: Vec<ColumnReport>,
    /// Columns left out because they hold no numbers.
    pub skipped: Vec<SkippedColumn>,
    /// Columns added from the time.
    pub calendar: Vec<String>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReport {
    /// Its path.
    #[serde(serialize_with = "shown")]
    pub path: PathBuf,
    /// "csv", "parquet" or "jsonl".
    pub format: &'static str,
    /// The encoding of a text file.
    pub encoding: Option<&'static str>,
    /// How a text file is written: what stands between its cells, who names its columns, what was passed over. Of a packed
    /// file and of a spreadsheet, what was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Its rows.
    pub rows: usize,
}

/// The times of a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeReport {
    /// The columns they come from.
    pub columns: Vec<String>,
    /// Nobody named the columns: they were found.
    pub found: bool,
    /// The form they were written in.
    pub format: String,
    /// The first time.
    pub first: DateTime,
    /// The last time.
    pub last: DateTime,
    /// How they are shown.
    pub style: TimeStyle,
    /// The offset from UTC of their clock, in seconds, if they were written with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i32>,
    /// What was decided where the file left something open, in sentences.
    pub notes: Vec<String>,
    /// The regular step, if there is one.
    pub step: Option<Step>,
    /// The order in the file; the series is always ascending.
    pub order: Order,
    /// Rows whose time came before, and the rule that dealt with them.
    pub duplicates: usize,
    /// That rule.
    pub duplicates_rule: Duplicates,
    /// Missing time stamps.
    pub gaps: Option<GapReport>,
    /// How values were put on a grid.
    pub resampled: Option<Aggregate>,
    /// How full the steps of that grid are.
    pub steps: Option<StepsReport>,
}

/// How full the steps of a resampling are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepsReport {
    /// The first step, if it is not full.
    pub first: Option<PartialStep>,
    /// The last step, if it is not full.
    pub last: Option<PartialStep>,
    /// Such first and last steps were left out.
    pub dropped: bool,
    /// Steps between them that hold some of their rows, but not all.
    pub between: usize,
    /// The last time in the file, where it cannot be known how full a step is: the rows have no regular step of their own.
    pub unknown: Option<DateTime>,
}

/// A step that holds fewer rows than it has time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PartialStep {
    /// When it begins.
    pub time: DateTime,
    /// Rows that it holds.
    pub rows: usize,
    /// Rows that it would hold.
    pub of: usize,
}

/// The order of times in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
    /// Neither.
    Unsorted,
}

/// Time stamps that the regular step asks for and the file does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GapReport {
    /// Places where time stamps are missing.
    pub gaps: usize,
    /// Time stamps missing in all.
    pub missing: usize,
    /// Time stamps missing in the largest gap.
    pub largest: usize,
    /// The last time before the largest gap.
    pub largest_after: DateTime,
    /// Rows were inserted for them.
    pub filled: bool,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read.
    Input,
    /// Predicted.
    Target,
    /// Read and predicted.
    Both,
}

/// One column of the series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How its numbers are written, where it is not digits with a point: "decimal comma", "`%` left out".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// The decimal mark of its numbers, where marks stand in them.
    #[serde(skip)]
    pub decimal: Option<char>,
    /// Values that were missing, those of inserted rows included.
    pub missing: usize,
    /// Where the first of them is: file and line.
    pub first_missing: Option<String>,
    /// The rule that filled them.
    pub rule: Missing,
    /// Missing values before the first known one, which took it.
    pub at_start: usize,
    /// Missing values after the last known one, which took it (interpolation; filling forward does so anyway).
    pub at_end: usize,
    /// Values that interpolation would have drawn towards a later one that a forecast cannot know: their gap reaches the
    /// end of the training span, or lies behind it, and they took the last value before it.
    pub held: usize,
    /// Smallest value.
    pub min: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Largest value.
    pub max: f64,
    /// All values are equal: nothing can be learned from the column, and scaling leaves it at 0.
    pub constant: bool,
}

/// A column that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedColumn {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl ColumnReport {
    pub(super) fn new(name: String, role: Role) -> Self {
        Self {
            name,
            role,
            written: None,
            decimal: None,
            missing: 0,
            first_missing: None,
            rule: Missing::Error,
            at_start: 0,
            at_end: 0,
            held: 0,
            min: 0.0,
            mean: 0.0,
            max: 0.0,
            constant: false,
        }
    }

    pub(super) fn measure(&mut self, values: &[f64]) {
        self.min = values.iter().copied().fold(f64::INFINITY, f64::min);
        self.max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.mean = values.iter().sum::<f64>() / values.len() as f64;
        self.constant = self.min == self.max;
    }

    /// What happened to the column, in words; empty when nothing did.
    fn notes(&self) -> String {
        let mut notes: Vec<String> = self.written.iter().cloned().collect();
        let others = self.at_start + self.at_end + self.held;
        let ruled = self.missing.saturating_sub(others);
        let done = match self.rule {
            Missing::Error => "missing",
            Missing::Interpolate => "interpolated",
            Missing::ForwardFill => "filled forward",
            Missing::Drop => "missing (rows dropped)",
            Missing::Zero => "set to 0 (counts as measured)",
        };
        for (count, done) in [
            (ruled, done),
            (self.at_start, "before the first value took it"),
            (self.at_end, "after the last value took it"),
            (
                self.held,
                "not interpolated but set to the last value before them, as a forecast does not know the next",
            ),
        ] {
            if count > 0 {
                notes.push(format!("{count} {done}"));
            }
        }
        if let Some(first) = &self.first_missing {
            notes.push(format!("first {first}"));
        }
        if self.constant {
            notes.push("CONSTANT: nothing can be learned from it".into());
        }
        notes.join(", ")
    }
}

impl fmt::Display for ReadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_files(f)?;
        self.write_dialects(f)?;
        writeln!(f, "rows     {}{}", self.rows, self.row_notes())?;
        match &self.time {
            Some(time) => time.write(f)?,
            None => writeln!(f, "time     none: rows are taken as evenly spaced")?,
        }
        self.write_columns(f)?;
        if !self.calendar.is_empty() {
            writeln!(f, "added    {}", self.calendar.join(", "))?;
        }
        for skipped in &self.skipped {
            writeln!(f, "left out {} ({})", skipped.name, skipped.reason)?;
        }
        Ok(())
    }
}

impl ReadReport {
    /// How the data were written, for later readings by a model that has learned from them.
    pub fn known(&self) -> Known {
        let mut decimals = self.columns.iter().filter_map(|column| column.decimal);
        let first = decimals.next();
        let decimal = first.filter(|first| decimals.all(|other| other == *first));
        let Some(time) = &self.time else {
            return Known {
                decimal,
                ..Known::default()
            };
        };
        Known {
            decimal,
            columns: time.columns.clone(),
            form: time.format.clone(),
            style: time.style.clone(),
            offset: time.offset,
            step: time.step,
        }
    }

    fn write_files(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let describe = |file: &FileReport| match file.encoding {
            Some(encoding) => format!("{}, {encoding}, {} rows", file.format, file.rows),
            None => format!("{}, {} rows", file.format, file.rows),
        };
        const SHOWN: usize = 3;
        for (i, file) in self.files.iter().take(SHOWN).enumerate() {
            writeln!(
                f,
                "{} {} ({})",
                if i == 0 { "file    " } else { "        " },
                file.path.display(),
                describe(file)
            )?;
        }
        if let [.., last] = self.files.get(SHOWN..).unwrap_or_default() {
            let total: usize = self.files[SHOWN..].iter().map(|file| file.rows).sum();
            let more = self.files.len() - SHOWN;
            writeln!(
                f,
                "         … {more} more ({total} rows), the last {}",
                last.path.display()
            )?;
        }
        Ok(())
    }

    /// How the files are written; of several, those that are written unlike the one before.
    fn write_dialects(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commas = self
            .columns
            .iter()
            .filter_map(|column| column.written.as_deref());
        let has_commas = commas
            .clone()
            .any(|written| written.starts_with("decimal comma"));
        let commas = if has_commas { ", decimal comma" } else { "" };
        let mut before = None;
        for file in &self.files {
            if let Some(dialect) = &file.dialect
                && before != Some(dialect)
            {
                let of = match before {
                    Some(_) => format!(" (from {} on)", file.path.display()),
                    None => String::new(),
                };
                writeln!(f, "dialect  {dialect}{commas}{of}")?;
                before = Some(dialect);
            }
        }
        Ok(())
    }

    fn row_notes(&self) -> String {
        let mut notes = Vec::new();
        if self.reversed {
            notes.push("turned round: the file has the newest first".to_owned());
        }
        if self.filtered > 0 {
            notes.push(format!("{} others left out by data.filter", self.filtered));
        }
        if self.cut > 0 {
            notes.push(format!("{} outside from/until left out", self.cut));
        }
        if self.dropped > 0 {
            notes.push(format!("{} with missing values dropped", self.dropped));
        }
        if notes.is_empty() {
            String::new()
        } else {
            format!(" ({})", notes.join("; "))
        }
    }

    fn write_columns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .columns
            .iter()
            .map(|c| display_width(&c.name))
            .max()
            .unwrap_or(0)
            .max(6);
        writeln!(
            f,
            "column   {} {:>10} {:>10} {:>10}",
            pad("name", width),
            "min",
            "mean",
            "max"
        )?;
        for column in &self.columns {
            let role = match column.role {
                Role::Input => "input",
                Role::Target => "target",
                Role::Both => "in+out",
            };
            let line = format!(
                "  {role:<6} {}  {:>10} {:>10} {:>10}  {}",
                pad(&column.name, width),
                short(column.min),
                short(column.mean),
                short(column.max),
                column.notes()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl TimeReport {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = if self.found { ", found" } else { "" };
        writeln!(
            f,
            "time     {} to {} (column {}{found}; {})",
            self.text(self.first),
            self.text(self.last),
            self.columns.join(", "),
            self.format
        )?;
        let how = self.resampled.map_or(String::new(), |how| {
            format!(" (resampled: {how:?})").to_lowercase()
        });
        match self.step {
            Some(step) => writeln!(f, "step     {step}{how}")?,
            None => writeln!(f, "step     irregular")?,
        }
        if let Some(steps) = &self.steps {
            steps.write(f, self.last)?;
        }
        match self.order {
            Order::Ascending => {}
            Order::Descending => writeln!(f, "order    newest first in the file; turned round")?,
            Order::Unsorted => writeln!(f, "order    not in time order in the file; sorted")?,
        }
        if self.duplicates > 0 {
            let rule = match self.duplicates_rule {
                Duplicates::Error => "kept",
                Duplicates::First => "the first kept",
                Duplicates::Last => "the last kept",
                Duplicates::Mean => "their mean taken",
            };
            writeln!(f, "twice    {} rows repeat a time; {rule}", self.duplicates)?;
        }
        if let Some(gaps) = &self.gaps {
            let done = if gaps.filled {
                "rows inserted"
            } else {
                "left as they are; data.gaps = \"fill\" inserts rows"
            };
            writeln!(
                f,
                "gaps     {} time stamps missing in {} places, most ({}) after {}; {done}",
                gaps.missing,
                gaps.gaps,
                gaps.largest,
                self.text(gaps.largest_after)
            )?;
        }
        for note in &self.notes {
            writeln!(f, "note     {note}")?;
        }
        Ok(())
    }

    fn text(&self, time: DateTime) -> String {
        match self.style {
            TimeStyle::Plain => text(time),
            _ => self.style.label(time, None),
        }
    }
}

impl StepsReport {
    fn write(&self, f: &mut fmt::Formatter<'_>, last: DateTime) -> fmt::Result {
        let kept = if self.dropped {
            "left out (data.resample.partial = \"keep\" keeps it)"
        } else {
            "kept (data.resample.partial = \"drop\" leaves it out)"
        };
        for (which, step) in [("first", self.first), ("last", self.last)] {
            if let Some(PartialStep { time, rows, of }) = step {
                let time = text(time);
                writeln!(
                    f,
                    "partial  the {which} step, {time}, holds {rows} of {of} rows; {kept}"
                )?;
            }
        }
        if self.between > 0 {
            writeln!(
                f,
                "partial  steps between that hold some of their rows, but not all: {}; kept",
                self.between
            )?;
        }
        if let Some(time) = self.unknown {
            writeln!(
                f,
                "partial  the last step, {}, may not be whole: the rows, which have no regular step, end at {}",
                text(last),
                text(time)
            )?;
        }
        Ok(())
    }
}

fn text(time: DateTime) -> String {
    if time.time() == jiff::civil::Time::midnight() {
        time.date().to_string()
    } else {
        format!("{} {}", time.date(), time.time())
    }
}

/// Six significant digits, plain where that is short.
fn short(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (5 - magnitude.log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

/// Columns a text takes in a terminal: Korean, Chinese and Japanese letters take two.
fn display_width(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60);
    text.chars().map(|c| 1 + usize::from(wide(c))).sum()
}

fn pad(text: &str, width: usize) -> String {
    format!(
        "{text}{}",
        " ".repeat(width.saturating_sub(display_width(text)))
    )
}
