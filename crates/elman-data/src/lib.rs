//! Files to sequences: readers, scalers, splits in time, windows, texts and their vocabularies, sequences of vectors, sound
//! and pictures, generators and a registry of public datasets.
//!
//! The way from a file to a batch, each step one module deep:
//!
//! ```no_run
//! use elman_data::{Part, ScalerKind, SourceConfig, SplitConfig, WindowConfig, Windows, read_series};
//! # fn main() -> Result<(), elman_data::Error> {
//! let source = SourceConfig { files: vec!["airline-passengers.csv".into()], ..SourceConfig::default() };
//! let (series, report) = read_series(&source, "data".as_ref())?;
//! println!("{report}");
//! let splits = SplitConfig::default().resolve(&series)?;
//! let scalers = series.fit_scalers(ScalerKind::Standard, splits.train.clone()); // the training span only
//! let rows = series.scaled(&series.inputs, &scalers);
//! let windows = Windows::new(&WindowConfig { lookback: 12, horizon: 1, ..WindowConfig::default() }, Part::Train, &splits)?;
//! let inputs: Vec<f32> = windows.gather_inputs(&rows, &[0, 1, 2]); // [3, 12, columns]
//! # Ok(()) }
//! ```

mod atomic;
mod caught;
mod columns;
pub mod dataset;
mod error;
pub mod generate;
mod kept;
mod measured;
pub mod media;
mod names;
mod panel;
mod ragged;
pub mod random;
mod scale;
mod series;
pub mod signal;
mod source;
mod split;
mod step;
mod style;
pub mod text;
mod window;

pub use atomic::{
    AtomicFile, keep_at_end, remove_at_end, remove_partial_files, remove_temporary_files,
    write_atomic,
};
pub use columns::{Column, Columns, csv_cell};
pub use error::Error;
pub use measured::Measured;
pub use names::nearest;
pub use panel::Panel;
pub use ragged::Ragged;
pub use scale::{ColumnScalers, Scaler, ScalerKind};
pub use series::{Rows, Series};
pub use source::{
    Aggregate, Calendar, ColumnReport, Duplicates, FileReport, FilterValue, Format, GapReport,
    Gaps, Header, Known, Missing, Order, PartialStep, PartialSteps, ReadReport, Resample, Role,
    SkippedColumn, SourceConfig, StepsReport, TimeColumns, TimeReport, are_numbers,
    is_called_like_a_time, read_series, read_series_like,
};
pub use split::{Amount, Part, Parts, SplitConfig, Splits};
pub use step::{Step, WeekdaySet};
pub use style::TimeStyle;
pub use window::{WindowConfig, Windows};
