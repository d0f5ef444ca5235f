//! How far back gradients reach.

use crate::cell::{Activation, CellKind};
use crate::ops::Passage;

/// The share of a gradient below which hardly anything is learned from it.
const FADED: f64 = 0.01;
/// The factor from which on a gradient that grows on its way back has exploded.
const EXPLODED: f64 = 10.0;

/// How far one recurrence carries the gradient of an answer back through its steps: what reaches the last step it rests on, and
/// how much of that the recurrence brings to those before. What reaches earlier steps directly, by a pooling or by answers of
/// their own, is not counted: it did not come through time.
///
/// Hochreiter (1991); Bengio, Simard & Frasconi (1994), *Learning long-term dependencies with gradient descent is difficult*;
/// Pascanu, Mikolov & Bengio (2013), *On the difficulty of training recurrent neural networks*.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// For each state (hidden, then an LSTM's cell): the mean norm of its gradient at distance 0, 1, … steps from the last one
    /// that the answer rests on.
    pub norms: Vec<Vec<f64>>,
    /// What that means.
    pub verdict: Verdict,
}

/// What the norms of gradients say about what can be learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// There is no way back of more than one step, or nothing flows.
    Still,
    /// From this distance on less than a hundredth arrives.
    Fading(usize),
    /// It grows by this factor until this distance.
    Exploding {
        /// Steps back.
        distance: usize,
        /// By how much it is larger there.
        factor: f64,
    },
    /// It arrives at the far end: this share of it.
    Healthy(f64),
}

impl Flow {
    /// Nothing, if no gradient came back to the passage.
    pub fn new(passage: &Passage) -> Option<Self> {
        let carried = passage.carried()?;
        let (hidden, states) = (passage.dims.hidden, passage.recurrence.cell.states());
        let mut sums = vec![vec![0.0; passage.dims.time]; states];
        let mut counts = vec![0usize; passage.dims.time];
        for row in 0..passage.dims.batch {
            let norms: Vec<Vec<f64>> = passage
                .order(row)
                .into_iter()
                .map(|step| {
                    let of = |state| {
                        let at = (row * passage.dims.time + step) * states + state;
                        norm(&carried[at * hidden..][..hidden])
                    };
                    (0..states).map(of).collect()
                })
                .collect();
            let Some(last) = norms.iter().rposition(|norms| norms[0] > 0.0) else {
                continue;
            };
            for (distance, norms) in norms[..=last].iter().rev().enumerate() {
                counts[distance] += 1;
                for (sum, norm) in sums.iter_mut().zip(norms) {
                    sum[distance] += norm;
                }
            }
        }
        let reached = counts.iter().take_while(|count| **count > 0).count();
        for sums in &mut sums {
            sums.truncate(reached);
            for (sum, count) in sums.iter_mut().zip(&counts) {
                *sum /= *count as f64;
            }
        }
        Some(Self {
            verdict: Verdict::new(&sums),
            norms: sums,
        })
    }

    /// The norms of one state as shares of what they are at distance 0.
    pub fn shares(&self, state: usize) -> Vec<f64> {
        shares(&self.norms[state])
    }
}

impl Verdict {
    /// From the norms of each state by distance. What remembers is the last state: an LSTM's cell.
    fn new(norms: &[Vec<f64>]) -> Self {
        let memory = norms.last().map(|norms| shares(norms)).unwrap_or_default();
        let [_, .., far] = memory[..] else {
            return Self::Still;
        };
        let all = norms
            .iter()
            .flat_map(|norms| shares(norms).into_iter().enumerate());
        let largest = all.max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((distance, factor)) = largest.filter(|(_, factor)| *factor > EXPLODED) {
            return Self::Exploding { distance, factor };
        }
        let arrived = memory.iter().rposition(|share| *share >= FADED);
        match arrived.map_or(0, |last| last + 1) {
            faded if faded < memory.len() => Self::Fading(faded),
            _ => Self::Healthy(far),
        }
    }

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Still => "one step",
            Self::Fading(_) => "fading",
            Self::Exploding { .. } => "exploding",
            Self::Healthy(_) => "healthy",
        }
    }

    /// The distance from which on less than a hundredth arrives.
    pub fn horizon(self) -> Option<usize> {
        match self {
            Self::Fading(distance) => Some(distance),
            _ => None,
        }
    }

    /// What is seen, in a sentence.
    pub fn sentence(self, steps: usize) -> String {
        let percent = |share: f64| crate::report::number((1000.0 * share).round() / 10.0);
        match self {
            Self::Still => "There is one step only: nothing flows back.".into(),
            Self::Fading(distance) => format!(
                "The gradient fades: from {distance} of {steps} steps back on, less than 1 % of it arrives, so that hardly \
                 anything is learned from what lies further back."
            ),
            Self::Exploding { distance, factor } => format!(
                "The gradient explodes: {distance} steps back it is {} times as large.",
                crate::report::number(factor)
            ),
            Self::Healthy(far) => format!(
                "The gradient is healthy: {} % of it arrives {} steps back.",
                percent(far),
                steps.saturating_sub(1)
            ),
        }
    }

    /// What to try, in the keys of a recipe. `forget` is the mean of an LSTM's forget gates, `largest` the largest norm of the
    /// whole gradient that a training has met.
    pub fn remedies(
        self,
        cell: CellKind,
        forget: Option<f64>,
        largest: Option<f64>,
    ) -> Vec<String> {
        let mut remedies = Vec::new();
        match (self, cell) {
            (Self::Still | Self::Healthy(_), _) => {}
            (Self::Fading(_), CellKind::SimpleRnn(_)) => {
                remedies.push(
                    "`model.cell = \"lstm\"` or `\"gru\"`: their gates carry a gradient past many steps".into(),
                );
                remedies.push(
                    "`model.initializer = \"keras\"`: it begins with orthogonal recurrent weights, which neither fade nor \
                     explode at first"
                        .into(),
                );
            }
            (Self::Fading(_), CellKind::Lstm) => {
                if let Some(forget) = forget.filter(|forget| *forget < 0.9) {
                    remedies.push(format!(
                        "a larger `forget_bias` of the layer (in `model.layers`): the forget gates keep {:.2} of the memory at \
                         each step on average, {:.3} of it over ten steps",
                        forget,
                        forget.powi(10)
                    ));
                }
                remedies.push("attention, or a pooling over all steps, which is a short way back to each of them".into());
            }
            (Self::Fading(_), CellKind::Gru(_)) => remedies.push(
                "`model.cell = \"lstm\"`, or a pooling over all steps, which is a short way back to each of them".into(),
            ),
            (Self::Exploding { .. }, cell) => {
                let seen = largest.map_or(String::new(), |largest| {
                    format!(" (the largest gradient of the training: {})", crate::report::number(largest))
                });
                remedies.push(format!("`train.clip_norm = 1.0`{seen}"));
                if matches!(cell, CellKind::SimpleRnn(_)) {
                    remedies.push("`model.cell = \"lstm\"` or `\"gru\"`".into());
                    remedies.push("`model.initializer = \"keras\"`: orthogonal recurrent weights".into());
                }
                if matches!(cell, CellKind::SimpleRnn(Activation::Relu | Activation::Identity)) {
                    remedies.push("`activation = \"tanh\"` in the layer: it bounds the state".into());
                }
                remedies.push("a smaller learning rate; shorter sequences or a shorter `train.bptt_len`".into());
            }
        }
        remedies
    }
}

fn norm(values: &[f32]) -> f64 {
    let squares = values.iter().map(|value| f64::from(*value).powi(2));
    squares.sum::<f64>().sqrt()
}

fn shares(norms: &[f64]) -> Vec<f64> {
    let first = norms.first().copied().unwrap_or(0.0);
    norms.iter().map(|norm| norm / first).collect()
}
