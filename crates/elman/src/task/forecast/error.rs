use crate::model;

/// Why a forecast cannot be learned or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data cannot be read, divided or cut into windows.
    #[error(transparent)]
    Data(#[from] elman_data::Error),
    /// The layers do not fit together, or not the data.
    #[error("model: {0}")]
    Model(#[from] model::Error),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] crate::train::Error),
    /// Parameters cannot be stored or read.
    #[error(transparent)]
    Weights(#[from] crate::weights::Error),
    /// The model's last layer does not give what is to be forecast.
    #[error("the model gives {found}, but {needs}: {remedy}")]
    Output {
        /// What the last layer gives.
        found: String,
        /// What the strategy needs.
        needs: String,
        /// What to change.
        remedy: &'static str,
    },
    /// A forecast that cannot be measured.
    #[error(transparent)]
    Metric(#[from] crate::metric::MetricError),
    /// Neither the data of a run are there nor what it kept of them.
    #[error(
        "`{run}` was trained on data that are not there now: {missing}. Put them back, or name newer ones with --input",
        run = run.display()
    )]
    NoHistory {
        /// The run's folder.
        run: std::path::PathBuf,
        /// What is missing.
        missing: String,
    },
    /// A value of the recipe that does not go with the rest.
    #[error("{0}")]
    Config(String),
    /// A run folder that cannot be used.
    #[error(transparent)]
    Run(#[from] crate::run::Error),
    /// A logarithm of something that has none.
    #[error(
        "forecast.transform = \"log\" needs positive values, but column `{column}` is {value} at {label}; \
         leave the transform out, or the column"
    )]
    NotPositive {
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// Its time or row.
        label: String,
    },
    /// An input that is neither forecast nor known.
    #[error(
        "{why} needs the future of every input, and column `{column}` is neither forecast nor made from the time; \
         add it to data.targets, leave it out of data.columns, or use strategy = \"vector\""
    )]
    UnknownFuture {
        /// The column.
        column: String,
        /// What needs it.
        why: &'static str,
    },
    /// New data with other columns.
    #[error("the model was trained on the columns {expected}; this data has {found}")]
    OtherColumns {
        /// What the model knows.
        expected: String,
        /// What the data has.
        found: String,
    },
    /// New data at other intervals.
    #[error("the model was trained on rows at intervals of {expected}; this data has {found}")]
    OtherStep {
        /// What the model knows.
        expected: String,
        /// What the data has.
        found: String,
    },
    /// Data that a run was trained on are no longer all there.
    #[error(
        "the run was trained and judged on {needed} rows, and its data now have {found}; restore the file, or train again"
    )]
    Shrunk {
        /// Rows then.
        needed: usize,
        /// Rows now.
        found: usize,
    },
    /// A value that no network can learn from.
    #[error(
        "column `{column}` is {value:e} at {label}: too large to compute with; correct it, or add it to data.na"
    )]
    TooLarge {
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// Its time or row.
        label: String,
    },
    /// A part in which nothing of a column was measured.
    #[error(
        "column `{column}` has no measured value in the {rows} rows of the {part} span: all were missing and were filled in. \
         Move the split (split.train, split.valid, split.test) so that the span holds measured values, or leave the column out"
    )]
    NoneMeasured {
        /// The column.
        column: String,
        /// The part.
        part: elman_data::Part,
        /// Rows of the part.
        rows: usize,
    },
    /// A future without times.
    #[error(
        "the model reads the calendar, and the times of the next {steps} rows are not known: the history has no regular \
         step, or its calendar ends. Set data.gaps = \"fill\" or data.resample, or ask for fewer steps"
    )]
    NoFutureTimes {
        /// Rows asked for.
        steps: usize,
    },
    /// A forecast that is not a number.
    #[error(
        "the forecast becomes infinite or NaN after {step} steps: the model was not made to be fed back so far; ask for fewer"
    )]
    NotFinite {
        /// Steps that are numbers.
        step: usize,
    },
    /// Too little history for a forecast.
    #[error("a forecast looks back {needed} rows, and there are only {found}; give more history")]
    History {
        /// Rows needed.
        needed: usize,
        /// Rows there are.
        found: usize,
    },
    /// Further than a model with spaced inputs can be fed back.
    #[error(
        "this model forecasts {horizon} rows; {steps} would need its own forecasts as inputs, which works only with \
         forecast.step = 1 and forecast.offset = 0. Ask for at most {horizon}, or train with that horizon"
    )]
    Beyond {
        /// Rows that the model gives.
        horizon: usize,
        /// Rows asked for.
        steps: usize,
    },
    /// Streams where windows are needed.
    #[error(
        "train.bptt_len reads the training span as long streams: it goes with forecast.strategy = \"sequence\", \
         forecast.relative_to = \"nothing\" and one series, not a panel. Remove train.bptt_len, or change those"
    )]
    Streams,
    /// A file to be judged on that holds nothing but what was learned from.
    #[error(
        "`{file}` has no row that the run did not learn from: name a file with rows that are new to it",
        file = file.display()
    )]
    NothingNew {
        /// The file.
        file: std::path::PathBuf,
    },
    /// Generated series have no file whose future could be forecast.
    #[error("this run learned from generated series: give it a series of your own with --input")]
    NoSeries,
}

impl Error {
    /// Whether the user's data or settings are to blame, rather than the disk or the training.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Data(error) => error.is_input(),
            Self::Run(error) => error.is_input(),
            Self::Train(error) => error.is_input(),
            Self::Weights(error) => error.is_input(),
            Self::Metric(error) => matches!(error, crate::metric::MetricError::NoneMeasured { .. }),
            _ => true,
        }
    }
}
