//! Series and their classes, read, divided, scaled and numbered.

use super::config::{Each, Recognize};
use crate::task::Error;
use crate::task::classes::Classes;
use crate::task::signals::{self, padding};
use elman_data::signal::{Example, SignalReport, SignalScaler};
use std::fmt::Write;
use std::path::Path;

/// The series of one part with their classes: one each, or one for each step.
pub type Series = signals::Series<Vec<usize>>;

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
        let (parts, read) = signals::read(&tables.data, &tables.split, base)?;
        if let Some(place) = &read.numbers {
            return Err(Error::input(format!(
                "{place}: @targetLabel true says that the label of a series is a number to be learned, but `{}` learns classes. Write \
                 each series as a row of a CSV, a column for each step and one for the number, and learn it with task = \"map\"; or \
                 forecast how a series goes on with task = \"forecast\". If the numbers are classes, write @classLabel true and the \
                 classes instead.",
                if open { "resemble" } else { "recognize" }
            )));
        }
        let each = tables.recognize.each;
        let (scaler, classes) = match known {
            Some(known) => known,
            None => {
                let scaler = signals::fitted(&tables.data, &parts.train, &read)?;
                let all = |part: &[Example]| -> Result<Vec<String>, Error> {
                    let labels: Result<Vec<Vec<String>>, Error> = part
                        .iter()
                        .map(|one| labels_of(one, each, tables))
                        .collect();
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
        let [train, valid, test] = signals::prepare(parts, &scaler, base, |example| {
            let place = || example.place.clone();
            let labels = labels_of(example, each, tables)?;
            let numbers = labels.iter().map(|label| numbering(label, &place));
            numbers.collect::<Result<Vec<usize>, _>>()
        })?;
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

    /// Puts the labelled series of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training, or has a label that training does not know.
    pub fn test_on(&mut self, tables: &Recognize, file: &Path) -> Result<(), Error> {
        let numbering = self.classes.numbering();
        let each = tables.recognize.each;
        let test = signals::test_on(&tables.data, &self.scaler, file, |example| {
            let place = || example.place.clone();
            let labels = labels_of(example, each, tables)?;
            let numbers = labels.iter().map(|label| numbering(label, &place));
            numbers.collect::<Result<Vec<usize>, _>>()
        })?;
        drop(numbering);
        self.test = test;
        Ok(())
    }

    /// Channels of every series, as the network reads them.
    pub fn features(&self) -> usize {
        self.scaler.output_features()
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let classes = |labels: &Vec<usize>| labels.iter().map(|label| *label as u64).collect();
        let [train, valid] = [&self.train, &self.valid].map(|part| part.digest(classes));
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
        let padded = padding(&self.train.lengths(), batch_size);
        let _ = writeln!(text, "{:.1} % of a batch is padding", 100.0 * padded);
        text.trim_end().into()
    }
}

/// The labels of an example: its own, or those of its steps.
fn labels_of<T>(
    example: &Example<T>,
    each: Each,
    tables: &Recognize,
) -> Result<Vec<String>, Error> {
    match (each, &example.steps) {
        (Each::Series, _) => Ok(vec![example.field(tables.data.label_name())?.into()]),
        (Each::Step, Some(steps)) => Ok(steps.clone()),
        (Each::Step, None) => Err(Error::input(format!(
            "{}: its steps have no labels; name the column that holds them as data.steps, or set recognize.each = \"series\"",
            example.place
        ))),
    }
}
