//! What the gates of a cell do, and how its recurrent weights stretch a state.

use crate::cell::{Activation, CellKind};
use crate::ops::Passage;
use burn::prelude::*;
use elman_data::random::mix;

/// A gate is shut below this and open above one minus this: Karpathy, Johnson & Li (2015), *Visualizing and understanding
/// recurrent networks*.
const SHUT: f32 = 0.1;
/// A unit whose state moves less than this over all steps says nothing.
const STILL: f32 = 1e-3;
/// Vectors that are multiplied to find a spectral radius, products between two looks at their size, and looks: the first so
/// many are not counted.
const VECTORS: usize = 4;
const PRODUCTS: usize = 8;
const SETTLED: usize = 4;
const ROUNDS: usize = 14;

/// One gate, or one state, over all steps of a passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Its name and its letter in the equations.
    pub name: &'static str,
    /// Its place among what the cell [keeps](Passage::kept); nothing for the hidden state.
    pub index: Option<usize>,
    /// The mean of its values.
    pub mean: f64,
    /// The share of values at the lower end of what it can be: of a gate below 0.1, of a tanh below −0.9.
    pub low: f64,
    /// The share at the upper end: above 0.9.
    pub high: f64,
}

/// The gates of a cell, by their place among what it keeps; whether each lies between −1 and 1 rather than 0 and 1.
fn names(cell: CellKind) -> Vec<(&'static str, Option<usize>, bool)> {
    match cell {
        CellKind::SimpleRnn(Activation::Tanh) => vec![("hidden state h", None, true)],
        CellKind::SimpleRnn(_) => Vec::new(),
        CellKind::Lstm => vec![
            ("input gate i", Some(0), false),
            ("forget gate f", Some(1), false),
            ("candidate g", Some(2), true),
            ("output gate o", Some(3), false),
        ],
        CellKind::Gru(_) => vec![
            ("reset gate r", Some(0), false),
            ("update gate z", Some(1), false),
            ("candidate n", Some(2), true),
        ],
    }
}

/// What each gate of a passage did.
pub fn gates(passage: &Passage) -> Vec<Gate> {
    let of = |(name, index, signed): (&'static str, Option<usize>, bool)| {
        let (mut sum, mut low, mut high, mut count) = (0.0, 0usize, 0usize, 0usize);
        for row in 0..passage.dims.batch {
            for step in 0..passage.length(row) {
                let values = match index {
                    Some(index) => passage.kept_at(row, step, index),
                    None => passage.hidden(row, step),
                };
                for value in values {
                    let ends = if signed {
                        [SHUT - 1.0, 1.0 - SHUT]
                    } else {
                        [SHUT, 1.0 - SHUT]
                    };
                    sum += f64::from(*value);
                    low += usize::from(*value < ends[0]);
                    high += usize::from(*value > ends[1]);
                }
                count += values.len();
            }
        }
        let share = |part: usize| part as f64 / count.max(1) as f64;
        Gate {
            name,
            index,
            mean: sum / count.max(1) as f64,
            low: share(low),
            high: share(high),
        }
    };
    names(passage.recurrence.cell).into_iter().map(of).collect()
}

/// Units whose hidden state is the same at every step of every sequence.
pub fn still_units(passage: &Passage) -> usize {
    let hidden = passage.dims.hidden;
    let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; hidden];
    for row in 0..passage.dims.batch {
        for step in 0..passage.length(row) {
            for ([low, high], value) in ranges.iter_mut().zip(passage.hidden(row, step)) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
    }
    let still = |[low, high]: &&[f32; 2]| high - low < STILL;
    ranges.iter().filter(still).count()
}

/// How much `W_hh` can stretch a state again and again: the largest magnitude of an eigenvalue of each gate's block.
///
/// See [`spectral_radius`].
pub fn spectral_radii(passage: &Passage) -> Vec<(&'static str, f64)> {
    let names: &[&str] = match passage.recurrence.cell {
        CellKind::SimpleRnn(_) => &["W_hh"],
        CellKind::Lstm => &["W_hi", "W_hf", "W_hg", "W_ho"],
        CellKind::Gru(_) => &["W_hr", "W_hz", "W_hn"],
    };
    let hidden = passage.dims.hidden;
    let width = names.len() * hidden;
    let all = TensorData::new(passage.weights.hh.clone(), [hidden, width]);
    let all = Tensor::<2>::from_data(all, &Device::default());
    let block = |(gate, name): (usize, &&'static str)| {
        (
            *name,
            spectral_radius(all.clone().narrow(1, gate * hidden, hidden)),
        )
    };
    names.iter().enumerate().map(block).collect()
}

/// The largest magnitude of an eigenvalue of a square matrix, to about a hundredth: the mean growth of some vectors under
/// multiplication by it, again and again, once what dies out has died out.
pub fn spectral_radius(matrix: Tensor<2>) -> f64 {
    let [size, _] = matrix.dims();
    let start =
        (0..size * VECTORS).map(|at| (mix(&[at as u64]) >> 40) as f32 - (1u64 << 23) as f32);
    let start = TensorData::new(start.collect::<Vec<f32>>(), [size, VECTORS]);
    let mut vectors = Tensor::<2>::from_data(start, &matrix.device());
    let mut growth = 0.0;
    for round in 0..=ROUNDS {
        let squares = vectors.clone().powi_scalar(2).sum();
        let norm = f64::from(squares.into_scalar::<f32>()).sqrt();
        if norm == 0.0 || !norm.is_finite() {
            return norm;
        }
        if round > SETTLED {
            growth += norm.ln();
        }
        vectors = vectors.div_scalar(norm);
        if round < ROUNDS {
            for _ in 0..PRODUCTS {
                vectors = matrix.clone().matmul(vectors);
            }
        }
    }
    (growth / ((ROUNDS - SETTLED) * PRODUCTS) as f64).exp()
}
