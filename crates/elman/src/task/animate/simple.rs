//! The simple guesses at the next step of a movement.

use super::dataset::{Dataset, Manner};
use super::objective::Said;
use elman_data::signal::Signal;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;
use std::fmt;

/// A simple guess at the next step, by name. Each is a Gaussian, whose deviations are those of the training part, number by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnimateBaseline {
    /// Nothing moves.
    Still,
    /// Everything goes on as it did in the last step, in a straight line; at the beginning nothing moves.
    Straight,
}

impl AnimateBaseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 2] = [Self::Still, Self::Straight];

    /// The key in recipes and results.
    pub fn key(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Straight => "straight",
        }
    }
}

impl fmt::Display for AnimateBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Still => "last step stays",
            Self::Straight => "straight on",
        })
    }
}

/// What a simple guess says of movements: its deviations are learned from the training part, none smaller than `floor`.
pub(super) fn guessed(
    kind: AnimateBaseline,
    data: &Dataset,
    floor: f64,
    signals: &[Signal],
) -> Vec<Said> {
    let still = deviations(AnimateBaseline::Still, data, floor);
    let own = match kind {
        AnimateBaseline::Still => still.clone(),
        AnimateBaseline::Straight => deviations(kind, data, floor),
    };
    let guess = |signal: &Signal| {
        let mut said = Said::default();
        let mut last: Option<Vec<f64>> = None;
        for change in changes(&data.manner, signal) {
            let expected = match (kind, &last) {
                (AnimateBaseline::Straight, Some(last)) => last.clone(),
                _ => vec![0.0; change.len()],
            };
            let deviations = if last.is_some() { &own } else { &still };
            let each = change.iter().zip(&expected).zip(deviations);
            let each = each.map(|((change, expected), deviation)| {
                let off = (change - expected) / deviation;
                0.5 * (off * off + TAU.ln()) + deviation.ln()
            });
            said.surprise.push(each.sum());
            said.expected.extend(expected);
            last = Some(change);
        }
        said
    };
    signals.iter().map(guess).collect()
}

/// The changes of a movement from step to step, counted in the usual ones.
pub(super) fn changes<'a>(
    manner: &'a Manner,
    signal: &'a Signal,
) -> impl Iterator<Item = Vec<f64>> + 'a {
    let pairs = signal.steps().zip(signal.steps().skip(1));
    pairs.map(|(before, after)| manner.change(before, after).map(f64::from).collect())
}

/// How far a guess is off in the training part: the root of the mean square, number by number.
fn deviations(kind: AnimateBaseline, data: &Dataset, floor: f64) -> Vec<f64> {
    let (mut squares, mut count) = (vec![0.0; data.features()], 0usize);
    for signal in &data.train.signals {
        let mut last: Option<Vec<f64>> = None;
        for change in changes(&data.manner, signal) {
            let expected = match kind {
                AnimateBaseline::Still => Some(vec![0.0; change.len()]),
                AnimateBaseline::Straight => last.take(),
            };
            if let Some(expected) = expected {
                count += 1;
                let off = change.iter().zip(expected);
                for (sum, (change, expected)) in squares.iter_mut().zip(off) {
                    *sum += (change - expected).powi(2);
                }
            }
            last = Some(change);
        }
    }
    match count {
        // Movements of two steps have no change before their last.
        0 => vec![1.0; squares.len()],
        count => squares
            .into_iter()
            .map(|sum| (sum / count as f64).sqrt().max(floor))
            .collect(),
    }
}
