//! The simple classifiers of series on the test part.

use super::RecognizeJob;
use super::config::Each;
use super::dataset::Series;
use crate::baseline::text::{Counts, Logistic, majority};
use crate::task::Error;
use crate::task::classes::Scored;
use elman_data::signal::{Neighbour, Signal, nearest_neighbour};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How strongly the logistic regression is fitted.
const STRENGTH: f64 = 0.3;
/// Comparisons of one step with another, `Σ T · T' · features`, that the nearest series may cost: some minutes.
const COMPARISONS: f64 = 3e12;

/// A simple classifier of series, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignalBaseline {
    /// The most frequent class of the training part, whatever the series.
    Majority,
    /// Logistic regression on the mean and the deviation of each channel, which know nothing of the order of steps; where
    /// each step has a class, on the step alone.
    Average,
    /// The class of the training series that is nearest by dynamic time warping (Sakoe & Chiba, 1978); not where each step
    /// has a class.
    Nearest,
}

impl SignalBaseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 3] = [Self::Majority, Self::Average, Self::Nearest];

    /// The key in recipes and results.
    pub fn key(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::Average => "average",
            Self::Nearest => "nearest",
        }
    }

    pub(super) fn name(self, each: Each) -> &'static str {
        match (self, each) {
            (Self::Majority, _) => "most frequent class",
            (Self::Average, Each::Series) => "mean and deviation of the steps",
            (Self::Average, Each::Step) => "each step alone",
            (Self::Nearest, _) => "nearest series by time warping",
        }
    }
}

impl fmt::Display for SignalBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl RecognizeJob {
    /// A simple classifier's answers on the test part, learned from the training part alone; nothing where it does not apply, or
    /// where it would take too long.
    pub(super) fn baseline(&self, kind: SignalBaseline) -> Result<Option<Scored>, Error> {
        let data = &self.data;
        let (train, test, each) = (&data.train, &data.test, self.config().each);
        let classes = data.classes.len();
        let right = test.labels.concat();
        let (answers, parameters) = match (kind, each) {
            (SignalBaseline::Majority, _) => {
                let shares = majority(&train.labels.concat(), classes);
                (vec![shares; right.len()], classes)
            }
            (SignalBaseline::Average, _) => self.average(each),
            (SignalBaseline::Nearest, Each::Step) => return Ok(None),
            (SignalBaseline::Nearest, Each::Series) => {
                if comparisons(train, test) > COMPARISONS {
                    return Ok(None);
                }
                fn all(part: &Series) -> Vec<&Signal> {
                    part.signals.iter().collect()
                }
                let window = self.config().warping;
                let nearest = nearest_neighbour(&all(train), &all(test), window);
                let answer = |nearest: &Neighbour| -> Vec<f64> {
                    let said = train.labels[nearest.index][0];
                    (0..classes)
                        .map(|class| f64::from(u8::from(class == said)))
                        .collect()
                };
                (nearest.iter().map(answer).collect(), 0)
            }
        };
        Ok(Some(Scored::new(answers, &right, classes, parameters)?))
    }

    fn average(&self, each: Each) -> (Vec<Vec<f64>>, usize) {
        let data = &self.data;
        let rows = |part: &Series| -> Vec<Vec<f32>> {
            match each {
                Each::Series => part.signals.iter().map(moments).collect(),
                Each::Step => {
                    let steps = |signal: &Signal| -> Vec<Vec<f32>> {
                        signal
                            .values
                            .chunks_exact(signal.features)
                            .map(<[f32]>::to_vec)
                            .collect()
                    };
                    part.signals.iter().flat_map(steps).collect()
                }
            }
        };
        let (mut train, mut test) = (rows(&data.train), rows(&data.test));
        let features = train.first().map_or(0, Vec::len);
        standardise(&mut train, &mut test, features);
        let numbered = |row: Vec<f32>| -> Vec<(u32, f32)> { (0..).zip(row).collect() };
        let counts: Counts = train.into_iter().map(numbered).collect();
        let model = Logistic::fit(
            &counts,
            features,
            &data.train.labels.concat(),
            &self.weights,
            STRENGTH,
        );
        let answers = test
            .into_iter()
            .map(|row| model.probabilities(&numbered(row)));
        (answers.collect(), (features + 1) * data.classes.len())
    }
}

fn comparisons(train: &Series, test: &Series) -> f64 {
    let steps = |part: &Series| part.lengths().iter().sum::<usize>() as f64;
    let features = train.signals.first().map_or(1, |signal| signal.features);
    steps(train) * steps(test) * features as f64
}

/// The mean of each channel and its standard deviation.
fn moments(signal: &Signal) -> Vec<f32> {
    let (features, time) = (signal.features, signal.time().max(1) as f64);
    let mut sums = vec![[0.0f64; 2]; features];
    for step in signal.values.chunks_exact(features) {
        for (sums, value) in sums.iter_mut().zip(step) {
            let value = f64::from(*value);
            sums[0] += value;
            sums[1] += value * value;
        }
    }
    let means = sums.iter().map(|[sum, _]| (sum / time) as f32);
    let deviation = |[sum, squares]: &[f64; 2]| {
        let mean = sum / time;
        (squares / time - mean * mean).max(0.0).sqrt() as f32
    };
    means.chain(sums.iter().map(deviation)).collect()
}

/// Brings every column to mean 0 and deviation 1 over the training rows, so that the fit treats all alike.
fn standardise(train: &mut [Vec<f32>], test: &mut [Vec<f32>], features: usize) {
    let count = train.len().max(1) as f64;
    for column in 0..features {
        let values = || train.iter().map(|row| f64::from(row[column]));
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let deviation = if variance > 1e-12 {
            variance.sqrt()
        } else {
            1.0
        };
        for row in train.iter_mut().chain(test.iter_mut()) {
            row[column] = ((f64::from(row[column]) - mean) / deviation) as f32;
        }
    }
}
