use std::path::PathBuf;

/// Everything that can go wrong between a file and a batch.
///
/// A message says what is wrong, where (file, line, column or key) and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `files` names nothing.
    #[error("`data.files` is empty: name at least one file, e.g. files = [\"series.csv\"]")]
    NoFiles,
    /// A named file does not exist.
    #[error("there is no file `{path}`{nearby}")]
    FileMissing {
        /// The file asked for.
        path: PathBuf,
        /// What the folder holds instead, as a phrase.
        nearby: String,
    },
    /// A pattern matches nothing, or is not a pattern.
    #[error("no file matches `{pattern}`{nearby}")]
    NoMatch {
        /// The pattern, joined to the base folder.
        pattern: String,
        /// What the folder holds instead, as a phrase.
        nearby: String,
    },
    /// The operating system refused to read or write.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried: "read", "write", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A key of the configuration holds something that cannot be meant.
    #[error("`{key}`: {message}")]
    Config {
        /// The key, dotted as in the recipe.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The extension does not say how to read a file.
    #[error(
        "`{path}`: cannot tell the format from the file's name or beginning; set data.format to csv, parquet, jsonl, json or xlsx"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are not text in the stated (or found) encoding.
    #[error(
        "`{path}`, line {line}, column {column}: bytes that are not {encoding} text{looks}; set data.encoding to the file's encoding (utf-8, cp949, windows-1252, …)"
    )]
    Undecodable {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: u64,
        /// The encoding tried.
        encoding: String,
        /// "; they read well as …", or nothing.
        looks: String,
    },
    /// A packed file that cannot be unpacked.
    #[error("`{path}`: {message}")]
    Packed {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A workbook that cannot be read as a table.
    #[error("`{path}`: {message}")]
    Sheet {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A file without a single row.
    #[error("`{path}` {what}: there is nothing to learn from")]
    Empty {
        /// The file.
        path: PathBuf,
        /// "is empty", "has a header but no rows", …
        what: &'static str,
    },
    /// The header line is a row like those below it.
    #[error(
        "`{path}`, line {line}: the first row is one of data, numbers or a time with numbers; if the file has no header, set data.header = false (columns c1, c2, …) or give the names: data.header = [{names}]"
    )]
    HeaderIsData {
        /// The file.
        path: PathBuf,
        /// Line of the header, from 1.
        line: u64,
        /// Names to propose.
        names: String,
    },
    /// Two columns share a name.
    #[error(
        "`{path}`, line {line}: two columns are named `{name}`; give every column its own name, in the file or with data.header = [\"…\", …]"
    )]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// Line of the header, from 1.
        line: u64,
        /// The name.
        name: String,
    },
    /// Files that are to be read one after the other disagree about a column that is needed.
    #[error(
        "`{with}` has a column `{name}` that `{without}` lacks; name the columns that all files have in data.columns"
    )]
    HeaderMismatch {
        /// The column.
        name: String,
        /// A file that has it.
        with: PathBuf,
        /// A file that lacks it.
        without: PathBuf,
    },
    /// A column that holds one type in one file and another in the next.
    #[error(
        "column `{name}` holds {kind} in `{path}` but {first_kind} in `{first}`; write the files alike"
    )]
    TypeMismatch {
        /// The column.
        name: String,
        /// The later file.
        path: PathBuf,
        /// "text", "numbers", …
        kind: String,
        /// The first file.
        first: PathBuf,
        /// "text", "numbers", …
        first_kind: String,
    },
    /// A row with more or fewer cells than the header.
    #[error(
        "`{path}`, line {line}: expected {expected} cells as in the header, found {found}{hint}"
    )]
    Ragged {
        /// The file.
        path: PathBuf,
        /// Line on which the row begins, from 1.
        line: u64,
        /// Cells in the header.
        expected: usize,
        /// Cells in this row.
        found: usize,
        /// The likely cause, as a phrase; may be empty.
        hint: String,
    },
    /// A column that is asked for does not exist.
    #[error("`{key}`: there is no column `{name}`{nearest}; the columns are: {columns}")]
    NoColumn {
        /// The key that asks for it.
        key: String,
        /// The name asked for.
        name: String,
        /// "; did you mean `…`?" or nothing.
        nearest: String,
        /// All columns, separated by commas.
        columns: String,
    },
    /// None of the columns holds numbers.
    #[error("`{path}` has no column of numbers; besides the time it has: {columns}")]
    NoNumericColumn {
        /// The first file.
        path: PathBuf,
        /// The other columns and why they are none, separated by commas.
        columns: String,
    },
    /// A cell of a numeric column holds text.
    #[error("{place}, column `{column}`: \"{text}\" is not a number{hint}")]
    NotANumber {
        /// File and line.
        place: String,
        /// Column name.
        column: String,
        /// The cell.
        text: String,
        /// What to do, as a phrase.
        hint: String,
    },
    /// A cell holds an infinite number, or one too large for 64 bits.
    #[error(
        "{place}, column `{column}`: \"{text}\" is infinite; correct it or add it to data.na so that it counts as missing"
    )]
    Infinite {
        /// File and line.
        place: String,
        /// Column name.
        column: String,
        /// The cell.
        text: String,
    },
    /// A cell of the time column is not a time.
    #[error("{place}, column `{column}`: cannot read \"{text}\" as a time; {tried}")]
    BadTime {
        /// File and line.
        place: String,
        /// The time column or columns.
        column: String,
        /// The cell.
        text: String,
        /// Which formats were tried and what to set.
        tried: String,
    },
    /// Day and month cannot be told apart anywhere in the column.
    #[error(
        "column `{column}`: \"{text}\" reads as {first} and as {second}; set data.time_format to \"{first}\" or \"{second}\""
    )]
    AmbiguousTime {
        /// The time column.
        column: String,
        /// An example.
        text: String,
        /// One reading.
        first: String,
        /// The other.
        second: String,
    },
    /// A table with the rows of several series.
    #[error(
        "{what} several series: {signs}. {remedy}. If the rows are one series all the same, set data.one_series = true"
    )]
    SeveralSeries {
        /// What holds them, with its verb: "`file` holds".
        what: String,
        /// What tells so.
        signs: String,
        /// How one of them is chosen.
        remedy: String,
    },
    /// The same time twice while `duplicates = "error"`.
    #[error(
        "{place}: the time {time} comes twice (before that: {other}; {count} such rows in all){advice}"
    )]
    DuplicateTime {
        /// File and line of the second.
        place: String,
        /// The time.
        time: String,
        /// File and line of the first.
        other: String,
        /// Rows whose time came before.
        count: usize,
        /// What may be the reason and what to do, as the end of the sentence.
        advice: String,
    },
    /// Missing time stamps while `gaps = "error"`.
    #[error(
        "{count} time stamps are missing from the regular step of {step}, the first after {after}; set data.gaps to \"fill\" (then data.missing fills the values) or \"report\""
    )]
    Gaps {
        /// Missing time stamps.
        count: usize,
        /// The regular step.
        step: String,
        /// The last time before the first gap.
        after: String,
    },
    /// Filling the gaps would invent most of the series.
    #[error(
        "filling the gaps would insert {inserted} rows into {rows}: the largest gap follows {after}; leave stray rows out with data.from and data.until, or set data.gaps = \"report\""
    )]
    GapTooLarge {
        /// Rows that would be inserted.
        inserted: usize,
        /// Rows there are.
        rows: usize,
        /// The last time before the largest gap.
        after: String,
    },
    /// Missing values while `missing = "error"`.
    #[error(
        "column `{column}`: {count} of {rows} values are missing, the first at {first}; set data.missing (or data.missing_by_column.\"{column}\") to \"interpolate\", \"forward_fill\", \"drop\" or \"zero\" (blank means nothing happened)"
    )]
    MissingValues {
        /// Column name.
        column: String,
        /// Missing values.
        count: usize,
        /// Rows in all.
        rows: usize,
        /// Where the first is.
        first: String,
    },
    /// A column without a single value.
    #[error(
        "column `{column}`: all {rows} values are missing; leave the column out of data.columns and data.targets"
    )]
    AllMissing {
        /// Column name.
        column: String,
        /// Rows in all.
        rows: usize,
    },
    /// Cleaning left no rows.
    #[error("no rows are left after {what}")]
    NothingLeft {
        /// Which rule removed the last of them.
        what: String,
    },
    /// A Parquet file that cannot be read.
    #[error("`{path}` is not a readable Parquet file: {message}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        message: String,
    },
    /// A Parquet column of a type that holds neither numbers nor times.
    #[error(
        "`{path}`, column `{column}`: the Parquet type {kind} is neither a number nor a time nor text; leave the column out"
    )]
    ParquetType {
        /// The file.
        path: PathBuf,
        /// Column name.
        column: String,
        /// The type.
        kind: String,
    },
    /// A row of text, or a line of a tagged sentence, that cannot be used.
    #[error("`{path}`, line {line}: {message}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A recording, picture or film that cannot be used.
    #[error("`{path}`: {message}")]
    Media {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A sequence, or a file of sequences, that cannot be used.
    #[error("{place}: {message}")]
    Signal {
        /// File and line.
        place: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Parallel files that do not pair up.
    #[error("{source_side}, {target_side}: every source needs its target, line by line")]
    Unpaired {
        /// How many there are of the source.
        source_side: String,
        /// How many of the target.
        target_side: String,
    },
    /// A line that is not a JSON object of plain values.
    #[error("`{path}`, line {line}: {message}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// Parts of a split that cannot be had from the rows there are.
    #[error("split: {message}")]
    Split {
        /// What is wrong and what would be right.
        message: String,
    },
    /// A span too short for a single window.
    #[error(
        "{need} needs {needed} rows, {have}: shorten lookback or horizon, or give the span more rows"
    )]
    TooShort {
        /// The parts of a window, as a sum.
        need: String,
        /// Their sum in rows.
        needed: usize,
        /// What there is instead, in words.
        have: String,
    },
    /// A vocabulary that cannot be made, read or used.
    #[error("vocabulary: {message}")]
    Vocabulary {
        /// What is wrong and what would be right.
        message: String,
    },
    /// A token that is not in a vocabulary without a token for the unknown.
    #[error("{place}: the vocabulary does not hold {token:?}; it was not in the training texts")]
    UnknownToken {
        /// The token.
        token: String,
        /// Line and column, or the number of the word, from 1.
        place: String,
    },
    /// A dataset the registry does not know.
    #[error("there is no dataset `{name}`{nearest}; the datasets are: {known}")]
    NoDataset {
        /// The name asked for.
        name: String,
        /// "; did you mean `…`?" or nothing.
        nearest: String,
        /// All datasets, separated by commas.
        known: String,
    },
    /// A dataset that was made here and is not the one of the registry.
    #[error(
        "`{file}` of the dataset `{name}` was made here and is not what the registry lists (the sum is {found}); nothing was kept. Report it, with this message and the version of elman"
    )]
    Made {
        /// The dataset.
        name: String,
        /// The file.
        file: String,
        /// Its sum, or why there is none.
        found: String,
    },
    /// What a dataset is made from is not as its maker expects it.
    #[error("`{file}` is not what the dataset is made from: {message}")]
    Upstream {
        /// The file.
        file: String,
        /// What is wrong, with the line where there are lines.
        message: String,
    },
    /// A folder that is filled by another process.
    #[error("another process is filling `{path}`; wait until it is done")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A download that did not arrive.
    #[error("cannot fetch {url}: {message}")]
    Download {
        /// The address.
        url: String,
        /// The reason and what to do.
        message: String,
    },
    /// A download that is not the file the registry describes.
    #[error(
        "{url}: the sha256 is {found}, but the registry says {expected}; nothing was kept. Upstream may have changed the file, or the connection altered it"
    )]
    Checksum {
        /// The address.
        url: String,
        /// Sum in the registry.
        expected: String,
        /// Sum of what arrived.
        found: String,
    },
}

impl Error {
    /// Whether a file that is to be read is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::FileMissing { .. } | Self::NoMatch { .. })
    }

    /// Whether the user's files or settings are to blame, rather than the disk or the network.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Io { action, .. } => *action == "read",
            Self::Download { .. }
            | Self::Checksum { .. }
            | Self::Made { .. }
            | Self::Upstream { .. } => false,
            _ => true,
        }
    }
}
