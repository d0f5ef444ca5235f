//! The simple classifiers of series on the test part.

use super::RecognizeJob;
use super::config::Each;
use super::dataset::{Dataset, Series};
use crate::baseline::text::{Counts, Logistic, majority};
use crate::task::Error;
use crate::task::classes::Scored;
use elman_data::random::spread;
use elman_data::signal::{Neighbour, Signal, nearest_neighbour};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How strongly the logistic regression is fitted.
const STRENGTH: f64 = 0.3;
/// Values that the regression on single steps is fitted to at most: with their copies by row and by column a quarter of a gigabyte.
const MOST_VALUES: usize = 1 << 24;
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
        let Dataset { train, test, .. } = &self.data;
        let labels = train.labels.concat();
        match each {
            Each::Series => {
                let moments =
                    |part: &Series| -> Vec<Vec<f32>> { part.signals.iter().map(moments).collect() };
                let (train, test) = (moments(train), moments(test));
                let train: Vec<&[f32]> = train.iter().map(Vec::as_slice).collect();
                self.regression(&train, &labels, test.iter().map(Vec::as_slice))
            }
            Each::Step => {
                let all: Vec<&[f32]> = train.signals.iter().flat_map(Signal::steps).collect();
                let some = self.steps_alone(all.len());
                let steps: Vec<&[f32]> = some.iter().map(|step| all[*step]).collect();
                let labels: Vec<usize> = some.iter().map(|step| labels[*step]).collect();
                let asked = test.signals.iter().flat_map(Signal::steps);
                self.regression(&steps, &labels, asked)
            }
        }
    }

    /// The training steps that the regression on single steps is fitted to: all of them or, where they would not fit into memory, a
    /// sample that is spread over them.
    fn steps_alone(&self, count: usize) -> Vec<usize> {
        spread(count, MOST_VALUES / self.data.features().max(1), 0)
    }

    /// What a simple classifier is called, with what it was fitted to where that is not all there is.
    pub(super) fn name_of(&self, kind: SignalBaseline) -> String {
        let each = self.config().each;
        let name = kind.name(each);
        let all = self.data.train.lengths().iter().sum();
        match (kind, each) {
            (SignalBaseline::Average, Each::Step) => match self.steps_alone(all).len() {
                some if some < all => format!("{name} (fitted to {some} of {all})"),
                _ => name.into(),
            },
            _ => name.into(),
        }
    }

    /// The answers of a logistic regression to `asked`, and how many numbers it has. Columns are brought to mean 0 and deviation 1
    /// over the training rows, so that the fit treats all alike.
    fn regression<'a>(
        &self,
        train: &[&[f32]],
        labels: &[usize],
        asked: impl Iterator<Item = &'a [f32]>,
    ) -> (Vec<Vec<f64>>, usize) {
        let columns = standards(train);
        let standard = |row: &[f32]| -> Vec<(u32, f32)> {
            let scaled = row.iter().zip(&columns);
            let scaled = scaled
                .map(|(value, [mean, deviation])| ((f64::from(*value) - mean) / deviation) as f32);
            (0..).zip(scaled).collect()
        };
        let counts: Counts = train.iter().map(|row| standard(row)).collect();
        let model = Logistic::fit(&counts, columns.len(), labels, &self.weights, STRENGTH);
        let answers = asked.map(|row| model.probabilities(&standard(row)));
        (
            answers.collect(),
            (columns.len() + 1) * self.data.classes.len(),
        )
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

/// The mean of each column and its deviation, 1 where it is always the same.
fn standards(rows: &[&[f32]]) -> Vec<[f64; 2]> {
    let count = rows.len().max(1) as f64;
    let columns = rows.first().map_or(0, |row| row.len());
    let of = |column: usize| {
        let values = || rows.iter().map(|row| f64::from(row[column]));
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let varies = variance > 1e-12;
        [mean, if varies { variance.sqrt() } else { 1.0 }]
    };
    (0..columns).map(of).collect()
}
