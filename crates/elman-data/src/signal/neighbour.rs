//! The nearest of a set of sequences: the baseline that series classifiers are held against.

use rayon::prelude::*;

use super::Signal;
use super::dtw::{Rows, band, squared};

/// The sequence nearest to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which it is.
    pub index: usize,
    /// How far it is, as [`dtw`](super::dtw) measures.
    pub distance: f64,
}

/// For each of `queries` the nearest of `train` by dynamic time warping ([`dtw`](super::dtw)); of several equally near
/// the first. Sequences should be scaled alike and hold no missing values.
///
/// All cores work on it; the answer does not depend on how many there are. What cannot be nearest is passed over by the
/// lower bound of Keogh, or left as soon as its distance exceeds the best so far.
///
/// # Panics
/// If there is no sequence in `train`, one has no steps, missing or infinite values, or other features than the others,
/// or the window is negative or NaN.
///
/// # References
/// Keogh & Ratanamahatana (2005), exact indexing of dynamic time warping.
pub fn nearest_neighbour(
    train: &[&Signal],
    queries: &[&Signal],
    window: Option<f64>,
) -> Vec<Neighbour> {
    assert!(
        !train.is_empty(),
        "nearest_neighbour: there is nothing to be near to"
    );
    let finite = |signals: &[&Signal]| {
        signals
            .par_iter()
            .all(|one| one.values.iter().all(|value| value.is_finite()))
    };
    assert!(
        finite(train) && finite(queries),
        "nearest_neighbour: values are missing or infinite"
    );
    let envelopes: Vec<Envelope> = train
        .par_iter()
        .map(|signal| Envelope::new(signal, window))
        .collect();
    queries
        .par_iter()
        .map(|query| nearest(train, &envelopes, query, window))
        .collect()
}

fn nearest(
    train: &[&Signal],
    envelopes: &[Envelope],
    query: &Signal,
    window: Option<f64>,
) -> Neighbour {
    let bounds = envelopes
        .iter()
        .zip(train)
        .map(|(envelope, signal)| envelope.bound(signal, query));
    let mut order: Vec<(f64, usize)> = bounds.zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut rows = Rows::default();
    let mut best: Option<(f64, usize)> = None;
    for (bound, index) in order {
        let limit = best.map_or(f64::INFINITY, |(distance, _)| distance);
        // The bound and the distance are rounded differently.
        if bound > limit * (1.0 + 1e-9) {
            break;
        }
        let band = band(query.time(), train[index].time(), window);
        let found =
            squared(query, train[index], band, limit, &mut rows).map(|distance| (distance, index));
        best = match (best, found) {
            (Some(best), Some(found)) if best <= found => Some(best),
            (best, None) => best,
            (_, found) => found,
        };
    }
    // Finite values have a distance, so that the first was taken.
    let (distance, index) = best.unwrap_or((f64::INFINITY, 0));
    Neighbour {
        index,
        distance: distance.sqrt(),
    }
}

/// The least and the greatest value of each feature that a step may be aligned with.
enum Envelope {
    /// The same for every step.
    Whole { low: Vec<f32>, high: Vec<f32> },
    /// `[time, features]`, for sequences of the same length.
    Steps { low: Vec<f32>, high: Vec<f32> },
}

impl Envelope {
    fn new(signal: &Signal, window: Option<f64>) -> Self {
        let (time, features) = (signal.time(), signal.features);
        let width = band(time, time, window);
        let bounds = |from: usize, to: usize| {
            let (mut low, mut high) = (
                vec![f32::INFINITY; features],
                vec![f32::NEG_INFINITY; features],
            );
            for step in signal.values[from * features..to * features].chunks_exact(features) {
                low.iter_mut()
                    .zip(step)
                    .for_each(|(low, &value)| *low = low.min(value));
                high.iter_mut()
                    .zip(step)
                    .for_each(|(high, &value)| *high = high.max(value));
            }
            (low, high)
        };
        if window.is_none() || width + 1 >= time {
            let (low, high) = bounds(0, time);
            return Self::Whole { low, high };
        }
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for step in 0..time {
            let (lowest, highest) =
                bounds(step.saturating_sub(width), (step + width + 1).min(time));
            low.extend(lowest);
            high.extend(highest);
        }
        Self::Steps { low, high }
    }

    /// A number that the squared distance of `query` does not fall below.
    fn bound(&self, signal: &Signal, query: &Signal) -> f64 {
        let outside = |value: f32, low: f32, high: f32| {
            let [value, low, high] = [value, low, high].map(f64::from);
            let beyond = (low - value).max(value - high).max(0.0);
            beyond * beyond
        };
        let sum = |low: &[f32], high: &[f32], values: &[f32]| -> f64 {
            values
                .iter()
                .zip(low.iter().zip(high))
                .map(|(&value, (&low, &high))| outside(value, low, high))
                .sum()
        };
        match self {
            Self::Whole { low, high } => query.steps().map(|step| sum(low, high, step)).sum(),
            Self::Steps { low, high } if query.values.len() == signal.values.len() => {
                sum(low, high, &query.values)
            }
            Self::Steps { .. } => 0.0,
        }
    }
}

#[cfg(test)]
mod tests;
