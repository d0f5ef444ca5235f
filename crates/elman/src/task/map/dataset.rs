//! Rows of numbers, read or made, divided and scaled.

use super::columns::Columns;
use super::config::Map;
use super::read::{Raw, generated, read_parts, read_test};
use crate::run::RunFolder;
use crate::task::Error;
use elman_data::random::mix;
use elman_data::text::{Column, Parts};
use elman_data::{Scaler, ScalerKind};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

/// The rows of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// What the network reads: `[rows, inputs]`, scaled.
    pub inputs: Vec<f32>,
    /// What it is to say: `[rows, targets]`, scaled.
    pub wanted: Vec<f32>,
    /// The same in the data's own units.
    pub actual: Vec<f64>,
    /// Where they stand.
    pub places: Vec<String>,
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// What a run remembers of its rows: which columns they have, and how these are scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    /// The columns.
    pub columns: Columns,
    /// Steps of the series that the targets are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// One for each input.
    pub inputs: Vec<Scaler>,
    /// One for each target; of a series one for each value of a step, whatever the step.
    pub targets: Vec<Scaler>,
}

/// What a run remembers of its rows.
const PREPROCESSING: &str = "preprocessing.json";

impl Preprocessing {
    /// That of a run.
    ///
    /// # Errors
    /// If the file is missing or has been changed.
    pub fn remembered(run: &RunFolder) -> Result<Self, Error> {
        let known: Self = run.read_json(PREPROCESSING)?;
        let usable = |scaler: &Scaler| scaler.shift.is_finite() && scaler.scale.is_normal();
        let fits = known.inputs.len() == known.columns.inputs.len()
            && !known.targets.is_empty()
            && known.steps.is_none_or(|steps| steps > 0)
            && known
                .targets
                .len()
                .checked_mul(known.steps.unwrap_or(1))
                .is_some_and(|count| count == known.columns.targets.len());
        match fits && known.inputs.iter().chain(&known.targets).all(usable) {
            true => Ok(known),
            false => {
                Err(run.damaged(PREPROCESSING, "its columns and scalers do not fit together"))?
            }
        }
    }

    /// Writes it to a run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        Ok(run.write_json(PREPROCESSING, self)?)
    }

    /// `[steps, values]` of an answer; 1 step where it is one vector.
    pub fn shape(&self) -> [usize; 2] {
        [self.steps.unwrap_or(1), self.targets.len()]
    }

    /// What the values of a step are called.
    pub fn names(&self) -> Vec<String> {
        let names = Columns::names(&self.columns.targets[..self.targets.len()]);
        let stem = |name: String| {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || "_-. ".contains(c));
            match self.columns.targets.first() {
                Some(Column::Name(_)) if !stem.is_empty() => stem.to_string(),
                _ => "value".into(),
            }
        };
        match (self.steps, names.as_slice()) {
            (Some(_), [_]) => names.into_iter().map(stem).collect(),
            (Some(_), _) => (1..=names.len()).map(|k| format!("value {k}")).collect(),
            (None, _) => names,
        }
    }

    /// Rows as the network reads them.
    fn rows(&self, raw: &[Raw]) -> Rows {
        let actual: Vec<f64> = raw.iter().flat_map(|row| row.targets.clone()).collect();
        let inputs = raw.iter().flat_map(|row| self.scaled(&row.inputs));
        Rows {
            inputs: inputs.collect(),
            wanted: scaled(&actual, &self.targets),
            actual,
            places: raw.iter().map(|row| row.place.clone()).collect(),
        }
    }

    /// Inputs as the network reads them.
    pub fn scaled(&self, inputs: &[f64]) -> Vec<f32> {
        scaled(inputs, &self.inputs)
    }

    /// What the network says, in the data's own units.
    pub fn restored(&self, answers: &[f32]) -> Vec<f64> {
        let scalers = self.targets.iter().cycle();
        let pairs = answers.iter().zip(scalers);
        pairs
            .map(|(answer, scaler)| scaler.inverse(f64::from(*answer)))
            .collect()
    }
}

/// Values `[…, columns]` on the scales of their columns.
fn scaled(values: &[f64], scalers: &[Scaler]) -> Vec<f32> {
    let pairs = values.iter().zip(scalers.iter().cycle());
    // What is far outside the training part may leave the range of 32 bits.
    let range = [f32::MIN, f32::MAX].map(f64::from);
    pairs
        .map(|(value, scaler)| scaler.transform(*value).clamp(range[0], range[1]) as f32)
        .collect()
}

/// Everything that is learned from and judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Columns and scalers.
    pub preprocessing: Preprocessing,
    /// To learn from.
    pub train: Rows,
    /// To choose the model by; may be empty.
    pub valid: Rows,
    /// To judge it by.
    pub test: Rows,
    /// Test rows whose inputs are in the training part, too.
    pub again: usize,
}

impl Dataset {
    /// Reads (or makes) the rows of a recipe, whose files are relative to `base`; `known` is what a run that exists remembers.
    ///
    /// # Errors
    /// If files cannot be read or divided, a cell is no number, or the targets are no series of so many steps.
    pub fn read(tables: &Map, base: &Path, known: Option<Preprocessing>) -> Result<Self, Error> {
        let (columns, parts) = match (&tables.generate, &known) {
            (Some(made), _) => generated(made, tables)?,
            (None, Some(known)) => (
                known.columns.clone(),
                read_parts(tables, &known.columns, base)?,
            ),
            (None, None) => {
                let own = &tables.map;
                let columns = Columns::find(&tables.data, &own.inputs, &own.targets, base)?;
                let parts = read_parts(tables, &columns, base)?;
                (columns, parts)
            }
        };
        let Parts { train, valid, test } = parts;
        if test.is_empty() {
            return Err(Error::input(
                "there is nothing to judge the model by: name data.test_files, or set split.test above 0",
            ));
        }
        let preprocessing = match known {
            Some(known) => known,
            None => fitted(columns, tables.steps(), &train)?,
        };
        // The same numbers, however they are written.
        let bits =
            |row: &Raw| -> Vec<u64> { row.inputs.iter().map(|x| (x + 0.0).to_bits()).collect() };
        let known: HashSet<Vec<u64>> = train.iter().map(bits).collect();
        let again = test.iter().filter(|row| known.contains(&bits(row)));
        let again = again.count();
        Ok(Self {
            train: preprocessing.rows(&train),
            valid: preprocessing.rows(&valid),
            test: preprocessing.rows(&test),
            preprocessing,
            again,
        })
    }

    /// Puts the rows of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training.
    pub fn test_on(&mut self, tables: &Map, file: &Path) -> Result<(), Error> {
        let raw = read_test(&tables.data, &self.preprocessing.columns, file)?;
        self.test = self.preprocessing.rows(&raw);
        self.again = 0; // which of them training has seen is not known here
        Ok(())
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let part = |rows: &Rows| -> u64 {
            let values = rows.inputs.iter().chain(&rows.wanted);
            let bits: Vec<u64> = values.map(|value| u64::from(value.to_bits())).collect();
            mix(&bits)
        };
        format!("{:016x} {:016x}", part(&self.train), part(&self.valid))
    }

    /// What was found, in a few lines.
    pub fn report(&self) -> String {
        let known = &self.preprocessing;
        let list = |names: Vec<String>| match names.as_slice() {
            [first, .., last] if names.len() > 8 => {
                format!("{first} … {last} ({} columns)", names.len())
            }
            names => names.join(", "),
        };
        let mut text = format!(
            "read: {}\nanswered: {}",
            list(Columns::names(&known.columns.inputs)),
            list(Columns::names(&known.columns.targets))
        );
        if let [steps, values] = known.shape()
            && known.steps.is_some()
        {
            let values = if values == 1 { "value" } else { "values each" };
            let _ = match known.targets.len() {
                1 => write!(text, ", a series of {steps} steps of one {values}"),
                count => write!(text, ", a series of {steps} steps of {count} {values}"),
            };
        }
        let constant = known.inputs.iter().zip(&known.columns.inputs);
        for (at, (_, column)) in constant.enumerate() {
            let width = known.inputs.len();
            let first = self.train.inputs.get(at);
            let mut values = self.train.inputs.iter().skip(at).step_by(width);
            if values.all(|value| Some(value) == first) {
                let _ = write!(
                    text,
                    "\n`{column}` is CONSTANT in the training part: it says nothing"
                );
            }
        }
        if self.again > 0 {
            let _ = write!(
                text,
                "\n{} of {} test rows have inputs that are in the training part too: figures on the test part flatter",
                self.again,
                self.test.len()
            );
        }
        text
    }
}

/// Scalers from the training part.
fn fitted(columns: Columns, steps: Option<usize>, train: &[Raw]) -> Result<Preprocessing, Error> {
    let (width, count) = (columns.targets.len(), steps.unwrap_or(1));
    if !width.is_multiple_of(count) {
        return Err(Error::input(format!(
            "map.steps is {count}, but the {width} columns of map.targets are not {count} steps of equally many values"
        )));
    }
    let values = width / count;
    let fit = |column: Vec<f64>| Scaler::fit(ScalerKind::Standard, &column);
    let inputs = (0..columns.inputs.len())
        .map(|at| fit(train.iter().map(|row| row.inputs[at]).collect()))
        .collect();
    let targets = (0..values).map(|at| {
        let each = |row: &Raw| row.targets[at..].iter().step_by(values).copied().collect();
        fit(train.iter().flat_map::<Vec<f64>, _>(each).collect())
    });
    Ok(Preprocessing {
        targets: targets.collect(),
        columns,
        steps,
        inputs,
    })
}
