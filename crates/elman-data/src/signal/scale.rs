//! What is done to sequences before a network reads them: missing values, length, differences, scale.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Example, LearnedTables, Signal, Span};
use crate::scale::Moments;
use crate::{Error, Scaler};

/// Steps that sequences may be stretched to.
const MOST_STEPS: usize = 1 << 20;

/// Features that a sequence may have: a picture of 16,384 × 16,384.
const MOST_FEATURES: usize = 1 << 28;

/// How values are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalScaling {
    /// Not at all.
    None,
    /// Each feature of each sequence to mean 0 and deviation 1 (the z-normalisation of the UCR archive): level and size
    /// mean nothing, the course does.
    Series,
    /// Each feature to mean 0 and deviation 1 over all sequences to learn from.
    #[default]
    Set,
}

/// What becomes of missing values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingValues {
    /// A straight line between the neighbours; at the ends the nearest value; 0, after scaling, for a feature of which
    /// the sequence has no value at all.
    #[default]
    Interpolate,
    /// Zero, before scaling: where a blank means that nothing happened.
    Zero,
    /// They are an error.
    Refuse,
}

/// What is done to a sequence, in this order: missing values, `centre`, `stride`, `longest`, `resample`, `differences`, `scale`.
/// The keys are those of `[data]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preparation {
    /// How values are scaled.
    pub scale: SignalScaling,
    /// What becomes of missing values.
    pub missing: MissingValues,
    /// Points of so many coordinates get their mean as origin, at every step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre: Option<usize>,
    /// Adds the difference of each feature to the step before (0 at the first) as a further feature.
    pub differences: bool,
    /// Keeps every nth step only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
    /// Cuts to so many steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
    /// Stretches or shrinks to so many steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<usize>,
}

impl Preparation {
    /// # Errors
    /// [`Error::Config`] for numbers that cannot be meant.
    pub fn check(&self) -> Result<(), Error> {
        let bounds = [
            ("stride", self.stride, 1, usize::MAX),
            ("longest", self.longest, 1, usize::MAX),
            ("resample", self.resample, 2, MOST_STEPS),
        ];
        for (key, given, least, most) in bounds {
            if let Some(given) = given.filter(|given| !(least..=most).contains(given)) {
                let range = match most {
                    usize::MAX => format!("{least} or more"),
                    most => format!("from {least} to {most}"),
                };
                return Err(Error::Config {
                    key: format!("data.{key}"),
                    message: format!(
                        "it is {given}, but must be {range}; leave it out to do without"
                    ),
                });
            }
        }
        Ok(())
    }

    /// All but scaling. A feature without any value stays NaN.
    fn shape(&self, signal: &Signal<f64>, place: &str) -> Result<Signal<f64>, Error> {
        self.bend(self.fill(signal, place)?, place)
    }

    /// What of a shaped signal was measured: the same with NaN in place of what was filled in, and of what follows from it.
    fn measured<'a>(
        &self,
        signal: &Signal<f64>,
        shaped: &'a Signal<f64>,
        place: &str,
    ) -> Result<Cow<'a, Signal<f64>>, Error> {
        let filled = self.missing == MissingValues::Interpolate
            && signal.values.iter().any(|value| value.is_nan());
        Ok(if filled {
            Cow::Owned(self.bend(signal.clone(), place)?)
        } else {
            Cow::Borrowed(shaped)
        })
    }

    /// All that is done after missing values are filled, but scaling.
    fn bend(&self, mut signal: Signal<f64>, place: &str) -> Result<Signal<f64>, Error> {
        if let Some(coordinates) = self.centre {
            centre(&mut signal, coordinates, place)?;
        }
        let kept = self.kept(signal.time());
        if kept.len() < signal.time() {
            let values = kept
                .iter()
                .flat_map(|&step| row(&signal, step).iter().copied());
            signal.values = values.collect();
        }
        if let Some(steps) = self.resample {
            signal = resample(&signal, steps);
        }
        if self.differences {
            signal = differences(&signal);
        }
        Ok(signal)
    }

    /// The steps that `stride` and `longest` leave.
    fn kept(&self, time: usize) -> Vec<usize> {
        let steps = (0..time).step_by(self.stride.unwrap_or(1));
        steps.take(self.longest.unwrap_or(time)).collect()
    }

    /// The labels of the steps that `shape` leaves; of stretched or shrunk ones the nearest.
    fn labels(&self, labels: &[String]) -> Vec<String> {
        let kept = self.kept(labels.len());
        let steps: Vec<usize> = match self.resample {
            None => kept,
            Some(steps) => (0..steps)
                .map(|step| kept[position(step, steps, kept.len()).round() as usize])
                .collect(),
        };
        steps.into_iter().map(|step| labels[step].clone()).collect()
    }

    /// Which step of its file, from 0, a step of a prepared sequence is; of stretched or shrunk ones the nearest.
    pub fn own_step(&self, span: Span, step: usize) -> usize {
        let kept = match self.resample {
            None => step,
            Some(steps) => {
                let kept = self.kept(span.steps).len();
                position(step, steps, kept.max(1)).round() as usize
            }
        };
        span.before + kept * self.stride.unwrap_or(1)
    }

    fn fill(&self, signal: &Signal<f64>, place: &str) -> Result<Signal<f64>, Error> {
        let mut filled = signal.clone();
        let Some(missing) = signal.values.iter().position(|value| value.is_nan()) else {
            return Ok(filled);
        };
        match self.missing {
            MissingValues::Interpolate => {
                (0..signal.features).for_each(|feature| interpolate(&mut filled, feature))
            }
            MissingValues::Zero => filled
                .values
                .iter_mut()
                .filter(|value| value.is_nan())
                .for_each(|value| *value = 0.0),
            MissingValues::Refuse => {
                return Err(Error::Signal {
                    place: place.into(),
                    message: format!(
                        "step {}, feature {}: the value is missing; set data.missing to \"interpolate\" or \"zero\" \
                         (blank means nothing happened)",
                        missing / signal.features + 1,
                        missing % signal.features + 1
                    ),
                });
            }
        }
        Ok(filled)
    }
}

/// A preparation with what it learned from the training part; saved with a run and applied to whatever comes later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalScaler {
    /// What is done.
    pub preparation: Preparation,
    /// Features of the sequences as they are read.
    pub features: usize,
    /// Of tables whose label is told by its number: what tells one without labels from one with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<LearnedTables>,
    /// For `scale = "set"` the scalers of all features, differences last; else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scalers: Vec<Scaler>,
}

impl SignalScaler {
    /// Fits to the training part.
    ///
    /// # Errors
    /// [`Error::Config`] for a preparation that cannot be meant; [`Error::Signal`] for no sequences, sequences with
    /// different features, and missing values that are refused.
    pub fn fit(preparation: &Preparation, train: &[Example]) -> Result<Self, Error> {
        preparation.check()?;
        let Some(first) = train.first() else {
            return Err(Error::Signal {
                place: "data.files".into(),
                message: "there are no sequences to fit the scale to".into(),
            });
        };
        let mut scaler = Self {
            preparation: *preparation,
            features: first.signal.features,
            tables: None,
            scalers: Vec::new(),
        };
        if preparation.scale != SignalScaling::Set {
            train
                .iter()
                .try_for_each(|example| scaler.check_signal(&example.signal, &example.place))?;
            return Ok(scaler);
        }
        let mut moments = vec![Moments::of(std::iter::empty()); scaler.output_features()];
        for example in train {
            scaler.check_signal(&example.signal, &example.place)?;
            let shaped = preparation.shape(&example.signal, &example.place)?;
            let measured = preparation.measured(&example.signal, &shaped, &example.place)?;
            for (feature, moments) in moments.iter_mut().enumerate() {
                moments.extend(known(&measured, feature));
            }
        }
        scaler.scalers = moments.iter().map(Moments::scaler).collect();
        Ok(scaler)
    }

    /// Features of the sequences that [`SignalScaler::apply`] gives.
    pub fn output_features(&self) -> usize {
        self.features
            .saturating_mul(if self.preparation.differences { 2 } else { 1 })
    }

    /// The sequence as a network reads it: every value is a finite number, rounded to 32 bits once it is scaled. `place` says
    /// where it is from.
    ///
    /// # Errors
    /// [`Error::Signal`] for a sequence with other features or no steps, missing values that are refused, and a scaler
    /// that was saved and changed since.
    pub fn apply(&self, signal: &Signal<f64>, place: &str) -> Result<Signal, Error> {
        self.check()?;
        self.check_signal(signal, place)?;
        let shaped = self.preparation.shape(signal, place)?;
        let measured = self.preparation.measured(signal, &shaped, place)?;
        let mut values = vec![0.0; shaped.values.len()];
        for feature in 0..shaped.features {
            let scaler = match self.preparation.scale {
                SignalScaling::None => None,
                SignalScaling::Series => Some(Moments::of(known(&measured, feature)).scaler()),
                SignalScaling::Set => self.scalers.get(feature).copied(),
            };
            let of_feature = values[feature..].iter_mut().step_by(shaped.features);
            for (into, value) in of_feature.zip(shaped.channel(feature)) {
                // A feature without any value is neither high nor low.
                if !value.is_nan() {
                    let scaled = scaler.map_or(value, |scaler| scaler.transform(value));
                    // What is far outside the training part may leave the range of 32 bits.
                    *into = scaled.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
                }
            }
        }
        Ok(Signal {
            values,
            features: shaped.features,
        })
    }

    /// An example as a network reads it, with the labels of the steps that are left.
    ///
    /// # Errors
    /// As [`SignalScaler::apply`].
    pub fn prepare(&self, example: &Example) -> Result<Example<f32>, Error> {
        Ok(Example {
            signal: self.apply(&example.signal, &example.place)?,
            fields: example.fields.clone(),
            steps: example
                .steps
                .as_ref()
                .map(|labels| self.preparation.labels(labels)),
            place: example.place.clone(),
            span: Span {
                steps: example.signal.time(),
                ..example.span
            },
        })
    }

    /// All of `examples`, as [`SignalScaler::prepare`] does each.
    ///
    /// # Errors
    /// As [`SignalScaler::apply`], for the first that cannot be used.
    pub fn prepare_all(&self, examples: &[Example]) -> Result<Vec<Example<f32>>, Error> {
        let prepared: Vec<_> = examples
            .par_iter()
            .map(|example| self.prepare(example))
            .collect();
        prepared.into_iter().collect()
    }

    /// Whether this can be one that was fitted: what is saved may have been changed by hand, or damaged.
    ///
    /// # Errors
    /// [`Error::Config`] and [`Error::Signal`].
    pub fn check(&self) -> Result<(), Error> {
        self.preparation.check()?;
        if !(1..=MOST_FEATURES).contains(&self.features) {
            return Err(Error::Signal {
                place: "the saved scaler".into(),
                message: format!(
                    "it is for sequences of {} features; it has been changed, train again",
                    self.features
                ),
            });
        }
        let expected = match self.preparation.scale {
            SignalScaling::Set => self.output_features(),
            _ => 0,
        };
        let usable = |scaler: &Scaler| scaler.shift.is_finite() && scaler.scale.is_normal();
        match self.scalers.len() == expected && self.scalers.iter().all(usable) {
            true => Ok(()),
            false => Err(Error::Signal {
                place: "the saved scaler".into(),
                message: format!(
                    "it must have {expected} scalers of finite numbers; it has been changed, train again"
                ),
            }),
        }
    }

    fn check_signal(&self, signal: &Signal<f64>, place: &str) -> Result<(), Error> {
        let wrong = if signal.features != self.features {
            format!(
                "the sequence has {} features, but those to learn from have {}",
                signal.features, self.features
            )
        } else if signal.time() == 0 || signal.time() * signal.features != signal.values.len() {
            "the sequence has no steps, or half a step".into()
        } else {
            return Ok(());
        };
        Err(Error::Signal {
            place: place.into(),
            message: wrong,
        })
    }
}

fn row<T>(signal: &Signal<T>, step: usize) -> &[T] {
    &signal.values[step * signal.features..(step + 1) * signal.features]
}

/// The values of a feature that are not missing.
fn known(signal: &Signal<f64>, feature: usize) -> impl Iterator<Item = f64> + '_ {
    signal.channel(feature).filter(|value| !value.is_nan())
}

/// Straight lines over the gaps of a feature; beyond its first and last value these themselves.
fn interpolate(signal: &mut Signal<f64>, feature: usize) {
    let (time, features) = (signal.time(), signal.features);
    let mut before: Option<usize> = None;
    for step in 0..=time {
        let at = |step: usize| step * features + feature;
        if step < time && signal.values[at(step)].is_nan() {
            continue;
        }
        let gap = before.map_or(0, |before| before + 1)..step;
        for missing in gap {
            signal.values[at(missing)] = match (before, step < time) {
                (Some(before), true) => {
                    let share = (missing - before) as f64 / (step - before) as f64;
                    between(signal.values[at(before)], signal.values[at(step)], share)
                }
                (Some(before), false) => signal.values[at(before)],
                (None, true) => signal.values[at(step)],
                (None, false) => f64::NAN,
            };
        }
        before = Some(step);
    }
}

/// So far on the way from `a` to `b`; `a` and `b` themselves where they are equal.
fn between(a: f64, b: f64, share: f64) -> f64 {
    a + (b - a) * share
}

/// Where step `step` of `steps` lies among `time` others, from 0.
fn position(step: usize, steps: usize, time: usize) -> f64 {
    step as f64 * (time - 1) as f64 / (steps - 1).max(1) as f64
}

/// The same course in so many steps.
pub(super) fn resample<T: Real>(signal: &Signal<T>, steps: usize) -> Signal<T> {
    let mut values = Vec::with_capacity(steps * signal.features);
    for step in 0..steps {
        let at = position(step, steps, signal.time());
        let below = at.floor() as usize;
        let (low, high) = (row(signal, below), row(signal, at.ceil() as usize));
        let share = at - below as f64;
        let pairs = low.iter().zip(high);
        values
            .extend(pairs.map(|(&low, &high)| T::rounded(between(low.into(), high.into(), share))));
    }
    Signal {
        values,
        features: signal.features,
    }
}

/// Numbers of 32 or 64 bits.
pub(super) trait Real: Copy + Into<f64> {
    fn rounded(value: f64) -> Self;
}

impl Real for f32 {
    fn rounded(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn rounded(value: f64) -> Self {
        value
    }
}

/// Moves the mean of all points to the origin.
fn centre(signal: &mut Signal<f64>, coordinates: usize, place: &str) -> Result<(), Error> {
    if coordinates == 0 || !signal.features.is_multiple_of(coordinates) {
        return Err(Error::Config {
            key: "data.centre".into(),
            message: format!(
                "it is {coordinates}, but the {} features of {place} are no points of so many coordinates",
                signal.features
            ),
        });
    }
    for step in signal.values.chunks_exact_mut(signal.features) {
        for coordinate in 0..coordinates {
            let known = || {
                step[coordinate..]
                    .iter()
                    .step_by(coordinates)
                    .filter(|value| !value.is_nan())
            };
            let count = known().count().max(1) as f64;
            let mean = known().sum::<f64>() / count;
            step[coordinate..]
                .iter_mut()
                .step_by(coordinates)
                .for_each(|value| *value -= mean);
        }
    }
    Ok(())
}

fn differences(signal: &Signal<f64>) -> Signal<f64> {
    let mut values = Vec::with_capacity(2 * signal.values.len());
    let mut before = row(signal, 0);
    for step in signal.steps() {
        values.extend_from_slice(step);
        values.extend(step.iter().zip(before).map(|(now, before)| now - before));
        before = step;
    }
    Signal {
        values,
        features: 2 * signal.features,
    }
}

#[cfg(test)]
mod tests;
