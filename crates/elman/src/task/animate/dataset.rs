//! Movements, read, divided and scaled.

use super::config::Animate;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::signals::{self, SCALER, padding};
use elman_data::signal::{Signal, SignalReport, SignalScaler};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::Path;

/// The movements of one part, scaled, of two steps or more.
pub type Movements = signals::Series<()>;

impl Movements {
    /// The changes of each: steps less one.
    pub fn changes(&self) -> Vec<usize> {
        self.lengths().iter().map(|steps| steps - 1).collect()
    }
}

/// How the movements of the training part move, on the scale that they are read in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manner {
    /// The root of the mean square of each number's change from step to step: what changes are counted in. 1 where it never
    /// changes.
    pub usual: Vec<f64>,
    /// The smallest value of each number.
    pub low: Vec<f64>,
    /// The largest.
    pub high: Vec<f64>,
    /// The names of the numbers, where files have them.
    #[serde(default)]
    pub channels: Vec<String>,
}

/// What a run remembers of how its movements move.
const MANNER: &str = "manner.json";
/// Below this a number does not change.
const NOTHING: f64 = 1e-9;

impl Manner {
    fn learn(train: &[Signal], features: usize, channels: &[String]) -> Self {
        let (mut squares, mut count) = (vec![0.0f64; features], 0usize);
        let (mut low, mut high) = (vec![f64::MAX; features], vec![f64::MIN; features]);
        for signal in train {
            for step in signal.steps() {
                for (feature, value) in step.iter().enumerate() {
                    low[feature] = low[feature].min(f64::from(*value));
                    high[feature] = high[feature].max(f64::from(*value));
                }
            }
            let next = signal.steps().skip(1);
            for (before, after) in signal.steps().zip(next) {
                count += 1;
                for (sum, (before, after)) in squares.iter_mut().zip(before.iter().zip(after)) {
                    *sum += (f64::from(*after) - f64::from(*before)).powi(2);
                }
            }
        }
        let usual = squares.into_iter().map(|sum| {
            let root = (sum / count.max(1) as f64).sqrt();
            if root > NOTHING { root } else { 1.0 }
        });
        Self {
            usual: usual.collect(),
            low,
            high,
            channels: channels.to_vec(),
        }
    }

    /// The change from one step to another, of 1 where it is the usual one.
    pub fn change<'a>(
        &'a self,
        before: &'a [f32],
        after: &'a [f32],
    ) -> impl Iterator<Item = f32> + 'a {
        let pairs = before.iter().zip(after).zip(&self.usual);
        pairs.map(|((before, after), usual)| {
            let change = (f64::from(*after) - f64::from(*before)) / usual;
            change.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
        })
    }

    /// The names of the numbers, or `f1`, `f2`, …
    pub fn names(&self) -> Vec<String> {
        match self.channels.len() == self.usual.len() {
            true => self.channels.clone(),
            false => (1..=self.usual.len()).map(|k| format!("f{k}")).collect(),
        }
    }
}

/// Everything that is learned from and judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// How what is read becomes what the network reads, from the training part alone.
    pub scaler: SignalScaler,
    /// How the movements of the training part move.
    pub manner: Manner,
    /// To learn from.
    pub train: Movements,
    /// To choose the model by; may be empty.
    pub valid: Movements,
    /// To judge it by.
    pub test: Movements,
    /// Movements of a single step, which do not move.
    pub too_short: usize,
    /// What was read and what was left out.
    pub read: SignalReport,
}

impl Dataset {
    /// Reads the files of a recipe, relative to `base`; `known` is what a run that exists remembers.
    ///
    /// # Errors
    /// If files cannot be read or divided, nothing moves, or vectors are not joints of so many coordinates.
    pub fn read(
        tables: &Animate,
        base: &Path,
        known: Option<(SignalScaler, Manner)>,
    ) -> Result<Self, Error> {
        let (parts, read) = signals::read(&tables.data, &tables.split, base)?;
        let (scaler, manner) = match known {
            Some((scaler, manner)) => (scaler, Some(manner)),
            None => {
                let scaler = signals::fitted(&tables.data, &parts.train, &read)?;
                (scaler, None)
            }
        };
        check_joints(tables, scaler.output_features())?;
        let mut parts = signals::prepare(parts, &scaler, base, |_| Ok(()))?;
        let moves = |signal: &Signal, _: &()| signal.time() > 1;
        let too_short = parts.iter_mut().map(|part| part.keep(moves)).sum();
        let [train, valid, test] = parts;
        if train.is_empty() {
            return Err(Error::input(
                "there is nothing to learn: every movement of the training part has a single step only",
            ));
        }
        if test.is_empty() {
            return Err(Error::input(
                "there is nothing to judge the model by: name data.test_files, or set split.test above 0 (a movement has two steps or more)",
            ));
        }
        let features = scaler.output_features();
        let learn = || Manner::learn(&train.signals, features, &read.channels);
        Ok(Self {
            manner: manner.unwrap_or_else(learn),
            scaler,
            train,
            valid,
            test,
            too_short,
            read,
        })
    }

    /// Numbers in a vector.
    pub fn features(&self) -> usize {
        self.scaler.output_features()
    }

    /// Writes to a run what it remembers.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write_json(SCALER, &self.scaler)?;
        Ok(run.write_json(MANNER, &self.manner)?)
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let [train, valid] = [&self.train, &self.valid].map(|part| part.digest(|()| Vec::new()));
        format!("{train:016x} {valid:016x}")
    }

    /// What was found, in a few lines.
    pub fn report(&self, batch_size: usize) -> String {
        let mut text = self.read.to_string();
        for (name, part) in [
            ("training", &self.train),
            ("validation", &self.valid),
            ("test", &self.test),
        ] {
            let steps: usize = part.signals.iter().map(Signal::time).sum();
            let _ = writeln!(text, "{name}: {} movements of {steps} steps", part.len());
        }
        if self.too_short > 0 {
            let _ = writeln!(
                text,
                "left out: {} movements of a single step",
                self.too_short
            );
        }
        let padded = padding(&self.train.changes(), batch_size);
        let _ = writeln!(text, "{:.1} % of a batch is padding", 100.0 * padded);
        text.trim_end().into()
    }
}

/// Whether vectors of so many numbers are what the recipe draws.
fn check_joints(tables: &Animate, features: usize) -> Result<(), Error> {
    let skeleton = tables.skeleton();
    if !features.is_multiple_of(skeleton.coordinates) {
        return Err(Error::input(format!(
            "animate.coordinates is {}, but the {features} numbers of a step are not joints of so many",
            skeleton.coordinates
        )));
    }
    let joints = features / skeleton.coordinates;
    match skeleton
        .bones
        .iter()
        .flatten()
        .find(|joint| **joint >= joints)
    {
        Some(joint) => Err(Error::input(format!(
            "animate.bones names joint {joint}, but there are {joints}; they are counted from 0"
        ))),
        None => Ok(()),
    }
}

/// What a run remembers of its movements.
pub(super) fn remembered(run: &RunFolder) -> Result<(SignalScaler, Manner), Error> {
    let scaler = signals::remembered(run)?;
    let manner: Manner = run.read_json(MANNER)?;
    let features = scaler.output_features();
    let usable = |value: &f64| value.is_finite();
    let fits = [&manner.usual, &manner.low, &manner.high]
        .iter()
        .all(|values| values.len() == features && values.iter().all(usable));
    let bounds = manner.low.iter().zip(&manner.high);
    match fits
        && features > 0
        && manner.usual.iter().all(|usual| *usual > 0.0)
        && bounds.into_iter().all(|(low, high)| low <= high)
    {
        true => Ok((scaler, manner)),
        false => Err(run.damaged(MANNER, "it does not fit the scaler of the run"))?,
    }
}
