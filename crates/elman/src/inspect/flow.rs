//! How far back gradients reach.

use super::Training;
use crate::cell::{Activation, CellKind};
use crate::init::Initializer;
use crate::ops::Passage;

/// The share of a gradient below which hardly anything is learned from it.
const FADED: f64 = 0.01;
/// The share at the far end below which a longer sequence would lose it.
const WEAK: f64 = 0.1;
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
    /// For each state (hidden, then an LSTM's cell): how much of the norm of its gradient at the last step that the answer rests on
    /// arrives at distance 0, 1, … from there; of several sequences the mean over those that are so long.
    pub shares: Vec<Vec<f64>>,
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
    /// This share of it arrives at the far end: less than a tenth, which a longer sequence would lose.
    Weakening(f64),
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
            let Some(last) = norms.iter().rposition(|norms| norms[0] != 0.0) else {
                continue;
            };
            let first = norms[last].clone();
            for (distance, norms) in norms[..=last].iter().rev().enumerate() {
                counts[distance] += 1;
                for ((sum, norm), first) in sums.iter_mut().zip(norms).zip(&first) {
                    // A state that nothing reaches has no gradient at any step.
                    sum[distance] += if *norm == 0.0 { 0.0 } else { norm / first };
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
            shares: sums,
        })
    }
}

impl Verdict {
    /// From the shares of each state by distance. What remembers is the last state: an LSTM's cell.
    fn new(shares: &[Vec<f64>]) -> Self {
        let memory = shares.last().map_or(&[][..], Vec::as_slice);
        let [_, .., far] = memory[..] else {
            return Self::Still;
        };
        let all = || shares.iter().flat_map(|shares| shares.iter().enumerate());
        if let Some((distance, _)) = all().find(|(_, share)| !share.is_finite()) {
            return Self::Exploding {
                distance,
                factor: f64::INFINITY,
            };
        }
        let largest = all().max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((distance, factor)) = largest.filter(|(_, factor)| **factor > EXPLODED) {
            return Self::Exploding {
                distance,
                factor: *factor,
            };
        }
        let arrived = memory.iter().rposition(|share| *share >= FADED);
        match arrived.map_or(0, |last| last + 1) {
            faded if faded < memory.len() => Self::Fading(faded),
            _ if far < WEAK => Self::Weakening(far),
            _ => Self::Healthy(far),
        }
    }

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Still => "one step",
            Self::Fading(_) => "fading",
            Self::Exploding { .. } => "exploding",
            Self::Weakening(_) => "weakening",
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
        let far = steps.saturating_sub(1);
        let back = |distance: usize| match distance {
            1 => "1 step back".to_owned(),
            _ => format!("{distance} steps back"),
        };
        match self {
            Self::Still => "There is one step only: nothing flows back.".into(),
            Self::Fading(distance) => format!(
                "The gradient fades: from {distance} of {far} steps back on, less than 1 % of it arrives, so that hardly anything is \
                 learned from what lies further back."
            ),
            Self::Exploding { distance, factor } if factor.is_finite() => format!(
                "The gradient explodes: {} it is {} times as large.",
                back(distance),
                crate::report::number(factor.round())
            ),
            Self::Exploding { distance, .. } => format!(
                "The gradient explodes: {} it is beyond all numbers.",
                back(distance)
            ),
            Self::Weakening(share) => {
                // Were it to go on falling so.
                let more = far as f64 * FADED.ln() / share.ln();
                format!(
                    "The gradient weakens: {:.1} % of it arrives {}. At this pace, less than 1 % arrives from {} steps back on.",
                    100.0 * share,
                    back(far),
                    more.ceil()
                )
            }
            Self::Healthy(share) => format!(
                "The gradient is healthy: {:.0} % of it arrives {}.",
                100.0 * share,
                back(far)
            ),
        }
    }

    /// What to try, in the keys of a recipe, beside what `training` has. `forget` is the mean of an LSTM's forget gates.
    pub fn remedies(self, cell: CellKind, forget: Option<f64>, training: &Training) -> Vec<String> {
        let mut remedies = Vec::new();
        let orthogonal = (training.initializer.is_some_and(|known| known != Initializer::Keras)).then(|| {
            "`model.initializer = \"keras\"`: it begins with orthogonal recurrent weights, which neither fade nor explode at first"
                .to_owned()
        });
        match (self, cell) {
            (Self::Still | Self::Weakening(_) | Self::Healthy(_), _) => {}
            (Self::Fading(_), CellKind::SimpleRnn(_)) => {
                remedies.push(
                    "`model.cell = \"lstm\"` or `\"gru\"`: their gates carry a gradient past many steps".into(),
                );
                remedies.extend(orthogonal);
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
                let seen = training.largest_gradient.map_or(String::new(), |largest| {
                    let largest = crate::report::numbers(&[largest]).remove(0);
                    format!(" (the largest gradient of the training: {largest})")
                });
                match training.clip_norm {
                    None => remedies.push(format!("`train.clip_norm = 1.0`{seen}")),
                    Some(limit) => {
                        remedies.push(format!("`train.clip_norm` below {limit}{seen}"));
                    }
                }
                if matches!(cell, CellKind::SimpleRnn(_)) {
                    remedies.push("`model.cell = \"lstm\"` or `\"gru\"`".into());
                    remedies.extend(orthogonal);
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
