//! Series and their classes, read, divided, scaled and numbered.

use super::config::{Each, Recognize};
use crate::task::Error;
use crate::task::classes::Classes;
use elman_data::random::mix;
use elman_data::signal::{Example, Signal, SignalReport, SignalScaler, read_signal_parts};
use elman_data::text::{Parts, batches, padded_share};
use std::fmt::Write;
use std::path::Path;

/// The series of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The series as the network reads them.
    pub signals: Vec<Signal>,
    /// Their classes: one each, or one for each step.
    pub labels: Vec<Vec<usize>>,
    /// Where they stand in which file.
    pub places: Vec<String>,
}

impl Series {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// The steps of each.
    pub fn lengths(&self) -> Vec<usize> {
        self.signals.iter().map(Signal::time).collect()
    }
}

/// Everything a recognizer learns from and is judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// How what is read becomes what the network reads, from the training part alone.
    pub scaler: SignalScaler,
    /// The classes of the training part.
    pub classes: Classes,
    /// To learn from.
    pub train: Series,
    /// To choose the model by; may be empty.
    pub valid: Series,
    /// To judge it by.
    pub test: Series,
    /// What was read and what was left out.
    pub read: SignalReport,
}

/// What a run remembers of how series were made ready.
pub(in crate::task) const SCALER: &str = "scaler.json";

impl Dataset {
    /// Reads the files of a recipe, relative to `base`; `known` is what a run that exists remembers.
    ///
    /// # Errors
    /// If files cannot be read or divided, there is one class only, or a label is in the validation or test part only.
    pub fn read(
        tables: &Recognize,
        base: &Path,
        known: Option<(SignalScaler, Classes)>,
    ) -> Result<Self, Error> {
        Self::learn(tables, base, known, false)
    }

    /// The same where a label may be in the validation or test part only, or stand for a single series: it is a class all the same.
    ///
    /// # Errors
    /// If files cannot be read or divided, or there is one class only.
    pub fn read_open(
        tables: &Recognize,
        base: &Path,
        known: Option<(SignalScaler, Classes)>,
    ) -> Result<Self, Error> {
        Self::learn(tables, base, known, true)
    }

    fn learn(
        tables: &Recognize,
        base: &Path,
        known: Option<(SignalScaler, Classes)>,
        open: bool,
    ) -> Result<Self, Error> {
        let (parts, read) = read_signal_parts(&tables.data, &tables.split, base)?;
        if parts.test.is_empty() {
            return Err(Error::input(
                "there is nothing to judge the model by: name data.test_files, or set split.test above 0",
            ));
        }
        let each = tables.recognize.each;
        let labels_of = |example: &Example| labels_of(example, each, tables);
        let (scaler, classes) = match known {
            Some(known) => known,
            None => {
                let scaler = SignalScaler::fit(&tables.data.preparation(), &parts.train)?;
                let all = |part: &[Example]| -> Result<Vec<String>, Error> {
                    let labels: Result<Vec<Vec<String>>, Error> =
                        part.iter().map(labels_of).collect();
                    Ok(labels?.concat())
                };
                let labels = all(&parts.train)?;
                let labels = labels.iter().map(String::as_str);
                let names = ("recognize.names", &tables.recognize.names);
                let classes = match open {
                    false => Classes::learn(labels, tables.data.label_name(), names)?,
                    true => {
                        let mut classes = Classes::learn_open(labels, names)?;
                        let others = [all(&parts.valid)?, all(&parts.test)?].concat();
                        classes.add(others.iter().map(String::as_str));
                        classes
                    }
                };
                (scaler, classes)
            }
        };
        let numbering = classes.numbering();
        let prepare = |examples: Vec<Example>| -> Result<Series, Error> {
            let mut series = Series::default();
            for example in scaler.prepare_all(&examples)? {
                let place = || example.place.clone();
                let labels = labels_of(&example)?;
                let numbers = labels.iter().map(|label| numbering(label, &place));
                series.labels.push(numbers.collect::<Result<_, _>>()?);
                series.signals.push(example.signal);
                series.places.push(within(base, &example.place));
            }
            Ok(series)
        };
        let Parts { train, valid, test } = parts;
        let (train, valid, test) = (prepare(train)?, prepare(valid)?, prepare(test)?);
        drop(numbering);
        Ok(Self {
            scaler,
            classes,
            train,
            valid,
            test,
            read,
        })
    }

    /// Channels of every series, as the network reads them.
    pub fn features(&self) -> usize {
        self.scaler.output_features()
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let part = |part: &Series| -> u64 {
            let series = part.signals.iter().zip(&part.labels);
            let numbers = series.map(|(signal, labels)| {
                let values = signal.values.iter().map(|value| u64::from(value.to_bits()));
                let labels = labels.iter().map(|label| *label as u64);
                mix(&values.chain(labels).collect::<Vec<_>>())
            });
            mix(&numbers.collect::<Vec<_>>())
        };
        let (train, valid) = (part(&self.train), part(&self.valid));
        format!("{:?} {train:016x} {valid:016x}", self.classes.labels)
    }

    /// What was found, in a few lines.
    pub fn report(&self, each: Each, batch_size: usize) -> String {
        let mut text = self.read.to_string();
        let parts = [
            ("training", &self.train),
            ("validation", &self.valid),
            ("test", &self.test),
        ];
        for (name, part) in parts {
            let counted = self.classes.counted(&part.labels.concat());
            let of = match each {
                Each::Series => "",
                Each::Step => "steps: ",
            };
            let _ = writeln!(text, "{name}: {} series ({of}{counted})", part.len());
        }
        let lengths = self.train.lengths();
        let padded = padded_share(&lengths, &batches(&lengths, batch_size.max(1), 0, 0));
        let _ = writeln!(text, "{:.1} % of a batch is padding", 100.0 * padded);
        text.trim_end().into()
    }
}

/// A place as a reader of the figures knows it: its file without the folder of the data.
pub(in crate::task) fn within(base: &Path, place: &str) -> String {
    let folder = format!("`{}/", base.display());
    match place.strip_prefix(&folder) {
        Some(rest) => format!("`{rest}"),
        None => place.into(),
    }
}

/// The labels of an example: its own, or those of its steps.
fn labels_of(example: &Example, each: Each, tables: &Recognize) -> Result<Vec<String>, Error> {
    match (each, &example.steps) {
        (Each::Series, _) => Ok(vec![example.field(tables.data.label_name())?.into()]),
        (Each::Step, Some(steps)) => Ok(steps.clone()),
        (Each::Step, None) => Err(Error::input(format!(
            "{}: its steps have no labels; name the column that holds them as data.steps, or set recognize.each = \"series\"",
            example.place
        ))),
    }
}
