//! Sequences of vectors with what is known about them: series archives, tables, arrays.
//!
//! ```no_run
//! use elman_data::signal::{Preparation, SignalConfig, SignalScaler, SignalSplit, read_signal_parts};
//! # fn main() -> Result<(), elman_data::Error> {
//! let config = SignalConfig {
//!     files: vec!["GunPoint_TRAIN.ts".into()],
//!     test_files: vec!["GunPoint_TEST.ts".into()],
//!     ..SignalConfig::default()
//! };
//! let (parts, report) = read_signal_parts(&config, &SignalSplit::default(), "data".as_ref())?;
//! println!("{report}");
//! let scaler = SignalScaler::fit(&Preparation::default(), &parts.train)?; // the training part only
//! let first = scaler.prepare(&parts.test[0])?;
//! println!("{}: {} steps of {} features", first.field("label")?, first.signal.time(), first.signal.features);
//! # Ok(()) }
//! ```
//!
//! The way of a file: `open` (bytes, unpacked) → a reader of its format (`ts`, `table`, `npy`, `idx`) → `read` (what
//! its name and the table of labels say of it, and whether it fits the others) → `divide` → `scale`.

mod config;
mod divide;
mod dtw;
mod film;
mod idx;
mod labels;
mod name;
mod neighbour;
mod npy;
mod open;
mod read;
mod report;
mod scale;
mod shape;
#[cfg(test)]
mod support;
mod table;
#[cfg(test)]
mod tests;
mod ts;
mod window;

use std::collections::BTreeMap;

pub use config::{Broken, Columns, Format, FramesConfig, Layout, SignalConfig};
pub use divide::{GroupValue, SignalSplit};
pub use dtw::{dtw, dtw_below, dtw_distances};
pub use neighbour::{Neighbour, nearest_neighbour};
pub use read::{read_signal_parts, read_signals};
pub use report::{SharedIds, SignalReport};
pub use scale::{MissingValues, Preparation, SignalScaler, SignalScaling};
pub use table::LearnedTables;
pub use window::WINDOW_FIELD;

use crate::{Error, names};

/// A sequence of vectors, `[time, features]`: of 64 bits as files hold it, of 32 as a network reads it. In between stands the
/// [`SignalScaler`], so that a small change of a large number is not lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal<T = f32> {
    /// The vectors one after the other; NaN where a value is missing.
    pub values: Vec<T>,
    /// Numbers in a vector; at least 1.
    pub features: usize,
}

impl Signal {
    /// The same course in so many steps, by straight lines between its own; the ends stay where they are.
    ///
    /// # Panics
    /// If there are no steps, or none are asked for.
    pub fn resampled(&self, steps: usize) -> Self {
        assert!(
            steps > 0 && self.time() > 0,
            "resampled: there is no course without steps"
        );
        scale::resample(self, steps)
    }
}

impl<T: Copy> Signal<T> {
    /// Steps.
    pub fn time(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// The vectors in order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &[T]> + DoubleEndedIterator + Clone {
        self.values.chunks_exact(self.features.max(1))
    }

    /// The values of one feature in order.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn channel(&self, feature: usize) -> impl Iterator<Item = T> + '_ {
        assert!(feature < self.features, "channel: there are fewer features");
        self.values[feature.min(self.values.len())..]
            .iter()
            .step_by(self.features)
            .copied()
    }
}

/// A sequence and what is known about it: of 64 bits as it is read, of 32 as [`SignalScaler::prepare`] makes it ready.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example<T = f64> {
    /// The sequence, of at least one step.
    pub signal: Signal<T>,
    /// Texts that hold for all of it: its label, the subject, …
    pub fields: BTreeMap<String, String>,
    /// A label for each step, as many as the sequence has.
    pub steps: Option<Vec<String>>,
    /// File and line, as messages name them.
    pub place: String,
    /// Which steps of its file it is made of.
    pub span: Span,
}

/// Which steps of a sequence in a file an example is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Steps of the sequence that come before: those of earlier windows.
    pub before: usize,
    /// Steps that it was made of when it was prepared, before any was left out; 0 until then.
    pub steps: usize,
    /// The number of that sequence among all that were read, from 1; 0 if it was not read. Windows of one sequence have the
    /// same.
    pub sequence: usize,
}

impl<T> Example<T> {
    /// What the field `name` says.
    ///
    /// # Errors
    /// [`Error::Signal`] with the fields there are.
    pub fn field(&self, name: &str) -> Result<&str, Error> {
        self.fields.get(name).map(String::as_str).ok_or_else(|| {
            let known = || self.fields.keys().map(String::as_str);
            let there = match self.fields.len() {
                0 => "it has none".into(),
                _ => format!("it has: {}", names::list(known(), 30)),
            };
            Error::Signal {
                place: self.place.clone(),
                message: format!(
                    "the sequence has no field `{name}`{}; {there} (fields come from columns of the file, from \
                     data.name and from data.labels; data.label names the one to learn)",
                    names::nearest_phrase(name, known())
                ),
            }
        })
    }
}
