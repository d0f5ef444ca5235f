//! The keys of `[data]`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::dialect::{DialectConfig, Header};

/// Which files to read, how, and by which rules they become a clean series: the keys of `[data]` in a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceConfig {
    /// Paths or patterns (`"SURFACE_*.csv"`), relative to the base folder. Several files are read one after the other
    /// (those of one pattern in the order of their names) and must have the same columns.
    pub files: Vec<String>,
    /// How the files are read; `auto` goes by the extension.
    pub format: Format,
    /// `auto` (a byte order mark, else UTF-8, else what the bytes look like: CP949 or windows-1252), or any label of the
    /// WHATWG encoding standard: `utf-8`, `cp949`, `euc-kr`, `windows-1252`, `shift_jis`, … Bytes that do not fit are an
    /// error.
    pub encoding: String,
    /// The character between cells (`" "` for any run of blanks); without it the one by which the rows agree best, out of
    /// `,` `;` tab `|` and blanks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What cells that hold the delimiter stand in; `""` if quotes are letters. Without it `"`, or `'` where cells plainly
    /// stand in that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The decimal mark, `"."` or `","`; without it each column's own, decided from all its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// What groups thousands: `","`, `"."`, `" "`, `"'"`, or `""` for nothing; without it as for `decimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
    /// Lines that begin with this are skipped wherever they stand; `""` skips none. Without it those that begin with `#`
    /// above the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the first line names the columns, or the names themselves; without it the first line must name them, unless
    /// a comment just above it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The sheet of a spreadsheet; without it the only one that holds rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Where the times are.
    pub time: TimeColumns,
    /// A strptime format for the times, e.g. `"%d.%m.%Y %H:%M"`, or `unix`, `unix_ms`, `unix_us`, `unix_ns`, `unix_days`, `excel`,
    /// `decimal_year`; without it the form that all rows have is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// A time zone such as `"Europe/Berlin"`: instants (Unix time, times with an offset) become its local time, and times
    /// without an offset are local times of it, of which one that clocks skip is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Rows before this time are left out, e.g. `"2010-01-02"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Rows after this time are left out. A date includes its whole day, a month its whole month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Keeps the rows whose cells have these values and leaves out all others: one series of a table that holds several,
    /// e.g. `filter = { store = "12", item = "milk" }`. A text must be the same text, a number the same number. The
    /// columns are read only if `columns` names them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, FilterValue>,
    /// The rows belong to one series although times repeat or fall back, or a column changes, as if there were several:
    /// they are put in the order of time and `duplicates` deals with repeats.
    pub one_series: bool,
    /// The columns a model reads; none means every column of numbers.
    pub columns: Vec<String>,
    /// The columns a model predicts (they may also be read); none means those it reads, without `calendar`.
    pub targets: Vec<String>,
    /// Texts that mean "no value", besides an empty cell; upper and lower case are the same.
    pub na: Vec<String>,
    /// The rows of files without times are the newest first and are turned round. Files with times are put in order
    /// in any case.
    pub newest_first: bool,
    /// What becomes of missing values.
    pub missing: Missing,
    /// The same for single columns.
    pub missing_by_column: BTreeMap<String, Missing>,
    /// What becomes of rows with the same time.
    pub duplicates: Duplicates,
    /// What becomes of missing time stamps.
    pub gaps: Gaps,
    /// Puts the rows on a coarser (or merely regular) grid of times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<Resample>,
    /// Columns added from the time: each gives a sine and a cosine, so that 23:00 and 0:00 are neighbours.
    pub calendar: Vec<Calendar>,
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            format: Format::Auto,
            encoding: "auto".into(),
            delimiter: None,
            quote: None,
            decimal: None,
            thousands: None,
            comment: None,
            header: None,
            sheet: None,
            time: TimeColumns::Auto,
            time_format: None,
            zone: None,
            from: None,
            until: None,
            filter: BTreeMap::new(),
            one_series: false,
            columns: Vec::new(),
            targets: Vec::new(),
            na: ["NA", "N/A", "NaN", "null", "-", "?"]
                .map(String::from)
                .to_vec(),
            newest_first: false,
            missing: Missing::Error,
            missing_by_column: BTreeMap::new(),
            duplicates: Duplicates::Error,
            gaps: Gaps::Report,
            resample: None,
            calendar: Vec::new(),
        }
    }
}

/// The value of a cell, in a recipe a text, a number or `true` and `false`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a text such as \"A\", a number, true or false")]
pub enum FilterValue {
    /// `true` or `false`, in upper or lower case.
    Flag(bool),
    /// The same whole number, however it is written.
    Integer(i64),
    /// The same number.
    Number(f64),
    /// Exactly this text.
    Text(String),
}

impl fmt::Display for FilterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

impl SourceConfig {
    /// How the files are written.
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

/// How a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// By the extension, `.gz` and `.zst` aside: `.csv .tsv .txt .tab .data`, `.parquet .pq`, `.jsonl .ndjson .json`,
    /// `.xlsx .xls .ods`; else by how the file begins.
    #[default]
    Auto,
    /// Text with one row per line and a delimiter between cells.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// One JSON object per line.
    Jsonl,
    /// One JSON value: a list of objects, or the columns of a table as pandas writes them.
    Json,
    /// A spreadsheet: a sheet of a workbook.
    Xlsx,
}

/// Which columns hold the time.
///
/// In a recipe: `"auto"`, `"none"`, a name, or a list of names. The names of a list are either parts (`year`, `month`,
/// `day`, `hour`, `minute`, `second`, or `quarter`) or texts that are read together, such as a date and a clock time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrMany", into = "OneOrMany")]
pub enum TimeColumns {
    /// The first column that is not numeric, or is called `date`, `time` or the like, and reads as times throughout.
    #[default]
    Auto,
    /// There are none: rows are in time order (or the reverse, with `newest_first`).
    None,
    /// These.
    Columns(Vec<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "\"auto\", \"none\", a column name or a list of column names"
)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for TimeColumns {
    fn from(value: OneOrMany) -> Self {
        match value {
            OneOrMany::One(name) => match name.as_str() {
                "auto" => Self::Auto,
                "none" | "" => Self::None,
                _ => Self::Columns(vec![name]),
            },
            OneOrMany::Many(names) if names.is_empty() => Self::None,
            OneOrMany::Many(names) => Self::Columns(names),
        }
    }
}

impl From<TimeColumns> for OneOrMany {
    fn from(value: TimeColumns) -> Self {
        match value {
            TimeColumns::Auto => Self::One("auto".into()),
            TimeColumns::None => Self::One("none".into()),
            TimeColumns::Columns(names) => match <[String; 1]>::try_from(names) {
                Ok([name]) if !["auto", "none", ""].contains(&name.as_str()) => Self::One(name),
                Ok([name]) => Self::Many(vec![name]),
                Err(names) => Self::Many(names),
            },
        }
    }
}

/// What becomes of missing values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// They stop the reading, with a message that names the rules.
    #[default]
    Error,
    /// A straight line between the neighbours (in rows); at the ends the nearest value.
    Interpolate,
    /// The last known value; before the first, the first.
    ForwardFill,
    /// The row is left out.
    Drop,
    /// Zero: for columns in which a blank means that nothing happened, such as rain.
    Zero,
}

/// What becomes of rows with the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// They stop the reading.
    #[default]
    Error,
    /// The first row (in the file's order) stays.
    First,
    /// The last row stays.
    Last,
    /// One row with the mean of the values that are not missing.
    Mean,
}

/// What becomes of missing time stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// They are counted in the report, and the rows stay as they are.
    #[default]
    Report,
    /// Rows of missing values are inserted, which `missing` then handles.
    Fill,
    /// They stop the reading.
    Error,
}

/// Puts rows on a regular grid of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resample {
    /// Length of a step: a number and a unit out of `s`, `min`, `h`, `d`, `w`, `mo`, `y`, e.g. `"15min"`, `"1mo"`.
    pub every: String,
    /// How the values of one step become one; missing ones do not count, and a step without values is missing.
    #[serde(default)]
    pub how: Aggregate,
    /// What becomes of a first or last step that holds fewer rows than the others: a file that begins or ends in the
    /// middle of a day.
    #[serde(default)]
    pub partial: PartialSteps,
}

/// What becomes of a first or last step of a resampling that does not hold all of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialSteps {
    /// Sums are left out, because a part of a sum is too small; everything else is kept.
    #[default]
    Auto,
    /// Left out.
    Drop,
    /// Kept.
    Keep,
}

impl Resample {
    /// Whether an incomplete first or last step is left out.
    pub(crate) fn drops_partial(&self) -> bool {
        match self.partial {
            PartialSteps::Auto => self.how == Aggregate::Sum,
            PartialSteps::Drop => true,
            PartialSteps::Keep => false,
        }
    }
}

/// How several values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Arithmetic mean.
    #[default]
    Mean,
    /// Sum.
    Sum,
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// A periodic feature of the time, added as two columns `<name>_sin` and `<name>_cos` of one turn per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Time of day; one turn a day.
    Hour,
    /// Day of the week from Monday; one turn a week.
    Weekday,
    /// Month of the year; one turn a year in twelve steps.
    Month,
    /// Day of the year; one turn a year.
    DayOfYear,
}
