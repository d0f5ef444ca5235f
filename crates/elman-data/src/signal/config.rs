//! The keys of `[data]`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::scale::{MissingValues, Preparation, SignalScaling};
use crate::Error;
use crate::media::Limits;
use crate::media::sound::SoundConfig;
use crate::source::dialect::{DialectConfig, Header};
use crate::text::Column;

/// Where sequences are, how they are written and what is done to them: the keys of `[data]` in a recipe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalConfig {
    /// Paths or patterns (`"recordings/*.npy"`), relative to the base folder: what to learn from. May be left out where
    /// `labels` names the files.
    pub files: Vec<String>,
    /// The same for what the model is chosen by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_files: Vec<String>,
    /// The same for what the model is judged by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_files: Vec<String>,
    /// How the files are written; without it the ending of their names says it. Each may be packed (`.gz`), recordings and films
    /// aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The column or field to learn; without it `label`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Column>,
    /// For tables in long form: the column with a label for each step. For other files: the field (of `labels` or `name`) that holds
    /// the labels of all steps, with spaces between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Column>,
    /// What becomes of sequences that cannot be read.
    pub broken: Broken,

    /// For CSV and TSV: whether a row is a sequence or a step; without it a step where `id`, `time`, `steps` or `labels`
    /// is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// For tables in long form: the column or columns that tell sequences apart; without them a file is one sequence.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub id: Columns,
    /// For tables in long form: the column to put the steps of a sequence in order by, numbers or times; without it
    /// they are in the order of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Column>,
    /// A strptime format for the times, e.g. `"%d.%m.%Y %H:%M"`; without it the common forms are tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// For tables: the columns of values; without them all columns of numbers that are nothing else.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub columns: Columns,
    /// For tables: columns to keep as fields, such as the subject.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub fields: Columns,
    /// For tables: the character between cells (`" "` for any run of blanks); without it a tab where the file's name ends in
    /// `.tsv`, else the one by which the rows agree best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// For tables: what cells that hold the delimiter stand in; `""` if quotes are letters. Without it `"`, or `'` where cells
    /// plainly stand in that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// For tables: the decimal mark, `"."` or `","`; without it each column's own, decided from all its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// For tables: what groups thousands (`","`, `"."`, `" "`, `"'"`, or `""` for nothing); without it as for `decimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<String>,
    /// For tables: lines that begin with this are skipped wherever they stand; `""` skips none. Without it those that begin
    /// with `#` above the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// For tables: whether the first row names the columns, or the names themselves. Without it: it does if a column is asked
    /// for by name, or if it holds texts where values should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// For spreadsheets: the sheet; without it the only one that holds rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// For files of text: a label of the WHATWG encoding standard or `cp949`; without it UTF-8, else what the bytes look like:
    /// CP949 or windows-1252.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,

    /// What the files' names say: a pattern whose parts in braces become fields, e.g. `"{label}_{speaker}_{take}.npy"`;
    /// with a `/` also of the folder's name: `"{label}/{}.npy"`. `{}` stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A CSV file with a column `file` (relative to its own folder), whose other columns become fields of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// For IDX: the files with the labels, one for each of `files`, in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub label_files: Vec<String>,
    /// The same for `valid_files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_label_files: Vec<String>,
    /// The same for `test_files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_label_files: Vec<String>,

    /// How a recording becomes vectors.
    #[serde(skip_serializing_if = "is_default")]
    pub sound: SoundConfig,
    /// How a film becomes vectors.
    #[serde(skip_serializing_if = "is_default")]
    pub frames: FramesConfig,

    /// Cuts every sequence into sequences of so many steps, before all that follows; steps at the end that do not fill one are left
    /// out. The field `window` numbers those of one sequence from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<usize>,
    /// Whether a table is one sequence, a row a step, unless `layout` or `id` say otherwise: as where `labels` says what a
    /// file is. No key; it stays when a trained model is asked about files that nothing names.
    #[serde(skip)]
    pub one_per_file: bool,
    /// How values are scaled.
    pub scale: SignalScaling,
    /// What becomes of missing values.
    pub missing: MissingValues,
    /// For points in space: so many features are the coordinates of one, and at every step the mean of all points becomes the
    /// origin. It then matters no more where someone stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre: Option<usize>,
    /// Adds the difference of each feature to the step before as a further feature.
    pub differences: bool,
    /// Keeps every nth step only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
    /// Cuts sequences to so many steps (after `stride`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
    /// Stretches or shrinks every sequence to so many steps (after `longest`), by straight lines between its steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<usize>,
}

impl SignalConfig {
    /// The name of the field to learn: that of the column, or `label` where it is given by number or not at all.
    pub fn label_name(&self) -> &str {
        match &self.label {
            Some(Column::Name(name)) => name,
            _ => "label",
        }
    }

    /// The same reading of other files, of which nothing else is known: what a trained model is asked about.
    pub fn asking(&self, files: &[String]) -> Self {
        Self {
            files: files.to_vec(),
            one_per_file: self.is_one_per_file(),
            name: None,
            labels: None,
            label_files: Vec::new(),
            ..self.clone()
        }
    }

    /// What is done to sequences after they are read.
    pub fn preparation(&self) -> Preparation {
        Preparation {
            scale: self.scale,
            missing: self.missing,
            centre: self.centre,
            differences: self.differences,
            stride: self.stride,
            longest: self.longest,
            resample: self.resample,
        }
    }

    /// Whether a table of labels says what each file is, which then is one sequence.
    fn is_one_per_file(&self) -> bool {
        self.one_per_file || self.labels.is_some()
    }

    /// Whether a key says that a row of a table is a step.
    pub(super) fn is_long_by_key(&self) -> bool {
        let keyed = !self.id.is_empty() || self.time.is_some() || self.steps.is_some();
        keyed || self.layout.is_some()
    }

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

    /// Whether a row of a table is a step.
    pub(super) fn layout(&self) -> Layout {
        let long = self.is_long_by_key() || self.is_one_per_file();
        self.layout.unwrap_or(match long {
            true => Layout::Long,
            false => Layout::Wide,
        })
    }

    /// Refuses keys that mean nothing to `format`, so that none is ignored unsaid.
    pub(super) fn check(&self, format: Format, file: &str) -> Result<(), Error> {
        let table = matches!(format, Format::Csv | Format::Tsv);
        let long = table && self.layout() == Layout::Long;
        let numbered = matches!(self.label, Some(Column::Number(_)));
        let keys = [
            ("label", numbered, table),
            ("steps", self.steps.is_some(), long || format.is_single()),
            (
                "sound",
                self.sound != SoundConfig::default(),
                format == Format::Wav,
            ),
            (
                "frames",
                self.frames != FramesConfig::default(),
                format == Format::Frames,
            ),
            ("layout", self.layout.is_some(), table),
            ("id", !self.id.is_empty(), table),
            ("time", self.time.is_some(), long),
            (
                "time_format",
                self.time_format.is_some(),
                long && self.time.is_some(),
            ),
            ("columns", !self.columns.is_empty(), table),
            ("fields", !self.fields.is_empty(), table),
            ("delimiter", self.delimiter.is_some(), format == Format::Csv),
            ("quote", self.quote.is_some(), table),
            ("decimal", self.decimal.is_some(), table),
            ("thousands", self.thousands.is_some(), table),
            ("comment", self.comment.is_some(), table),
            ("header", self.header.is_some(), table),
            ("sheet", self.sheet.is_some(), table),
            (
                "encoding",
                self.encoding.is_some(),
                table || format == Format::Ts,
            ),
            (
                "label_files",
                ![
                    &self.label_files,
                    &self.valid_label_files,
                    &self.test_label_files,
                ]
                .iter()
                .all(|files| files.is_empty()),
                format == Format::Idx,
            ),
        ];
        match keys.into_iter().find(|(_, given, fits)| *given && !fits) {
            None => Ok(()),
            Some((key, ..)) => {
                let wide = match table {
                    true => ", a row a sequence",
                    false => "",
                };
                Err(Error::Config {
                    key: format!("data.{key}"),
                    message: format!(
                        "it means nothing to {file}, which is read as {format}{wide}; leave it out"
                    ),
                })
            }
        }
    }
}

/// How a film becomes vectors: the keys of `[data.frames]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FramesConfig {
    /// Pixels of each side that frames are brought to; as they are, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<usize>,
    /// Whether colours count, three numbers for each pixel, or brightness alone.
    pub colour: bool,
    /// How large a film may be.
    pub limits: Limits,
}

impl Default for FramesConfig {
    fn default() -> Self {
        Self {
            side: Some(32),
            colour: false,
            limits: Limits::default(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a file of sequences is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The format of the UCR and UEA archives (`.ts`): a header of lines with `@`, then a line for each sequence.
    Ts,
    /// Cells between commas (or another delimiter); also a workbook, and objects in JSON, if the file is that.
    Csv,
    /// Cells between tabs.
    Tsv,
    /// An array of NumPy (`.npy`), one sequence: `[time]`, `[time, features]`, or more axes, which are laid flat behind
    /// time.
    Npy,
    /// The format of MNIST: an array `[sequences, time, features]`. Bytes are divided by 255.
    Idx,
    /// A recording (`.wav`), as the logarithms of the bands of a mel filter bank: `data.sound` says how.
    Wav,
    /// A film: an animated GIF or PNG, a `.y4m` file, or a folder of pictures; a vector holds the brightness of a frame's
    /// pixels: `data.frames` says how.
    Frames,
}

impl Format {
    /// Whether a file is one sequence, of which the file itself says nothing.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Npy | Self::Wav | Self::Frames)
    }

    /// All of them, as recipes name them.
    pub(super) const NAMES: &str =
        "\"ts\", \"csv\", \"tsv\", \"npy\", \"idx\", \"wav\" or \"frames\"";

    /// The format that the end of a file's name tells, `.gz` and `.zst` aside.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let unpacked = name.strip_suffix(".gz").or(name.strip_suffix(".zst"));
        let packed = unpacked.is_some();
        let name = unpacked.unwrap_or(&name);
        match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "ts" => Some(Self::Ts),
            "csv" | "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" | "json" | "jsonl" | "ndjson" => {
                Some(Self::Csv)
            }
            "tsv" | "tab" => Some(Self::Tsv),
            "npy" => Some(Self::Npy),
            "wav" if !packed => Some(Self::Wav),
            "gif" | "apng" | "png" | "y4m" | "jpg" | "jpeg" | "bmp" if !packed => {
                Some(Self::Frames)
            }
            "idx" | "idx1" | "idx2" | "idx3" | "idx4" => Some(Self::Idx),
            // As MNIST's own files are called: `train-images-idx3-ubyte`, in places `train-images.idx3-ubyte`.
            _ if name.ends_with("-ubyte") => Some(Self::Idx),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ts => "ts",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Npy => "npy",
            Self::Idx => "idx",
            Self::Wav => "wav",
            Self::Frames => "frames",
        })
    }
}

/// What a row of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A sequence of single values. Empty cells at its end make it shorter.
    Wide,
    /// A step.
    Long,
}

/// What becomes of sequences, files and rows of `labels` that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// They stop the reading.
    #[default]
    Refuse,
    /// They are left out, and the report counts them and names the first.
    Skip,
}

/// Columns, by names or numbers: in a recipe one, or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrMany", into = "OneOrMany")]
pub struct Columns(pub Vec<Column>);

impl Columns {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a column or a list of columns, by name or by number from 1"
)]
enum OneOrMany {
    One(Column),
    Many(Vec<Column>),
}

impl From<OneOrMany> for Columns {
    fn from(value: OneOrMany) -> Self {
        match value {
            OneOrMany::One(column) => Self(vec![column]),
            OneOrMany::Many(columns) => Self(columns),
        }
    }
}

impl From<Columns> for OneOrMany {
    fn from(value: Columns) -> Self {
        match <[Column; 1]>::try_from(value.0) {
            Ok([column]) => Self::One(column),
            Err(columns) => Self::Many(columns),
        }
    }
}
