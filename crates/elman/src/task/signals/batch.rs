//! Series side by side.

use crate::inspect::hide_steps;
use crate::task::passes::passes;
use burn::prelude::*;
use elman_data::signal::Signal;
use std::borrow::Borrow;
use std::ops::Range;

/// Steps answered in one pass, those of padding included, unless one series alone has more: at each of them every layer keeps what
/// it says.
const STEPS_AT_ONCE: usize = 1 << 15;
/// Values answered in one pass, likewise.
const VALUES_AT_ONCE: usize = 4 << 20;

/// Series side by side as a model reads them: `[batch, time, features]`, zeros behind the shorter ones, and their lengths.
///
/// # Panics
/// If there are none, or they differ in features.
pub fn batch(series: &[impl Borrow<Signal>], device: &Device) -> (Tensor<3>, Vec<usize>) {
    let lengths: Vec<usize> = series.iter().map(|series| series.borrow().time()).collect();
    let features = series[0].borrow().features;
    let time = lengths.iter().copied().max().unwrap_or(0).max(1);
    let mut values = vec![0.0f32; series.len() * time * features];
    for (row, series) in values.chunks_exact_mut(time * features).zip(series) {
        let series = series.borrow();
        assert_eq!(
            series.features, features,
            "series of one batch have the same features"
        );
        row[..series.values.len()].copy_from_slice(&series.values);
    }
    let values = TensorData::new(values, [series.len(), time, features]);
    (Tensor::from_data(values, device), lengths)
}

/// A series with some of its steps hidden, as inspection asks about it, or none.
pub(in crate::task) fn with_hidden(signal: &Signal, hidden: Option<&Range<usize>>) -> Signal {
    let mut read = signal.clone();
    if let Some(range) = hidden {
        hide_steps(&mut read.values, signal.features, range);
    }
    read
}

/// Calls `then` with series of like length and which of all they are, until it has had each once. How many come together follows
/// from the longest of them, so that memory does not grow with it.
pub fn in_batches(series: &[impl Borrow<Signal>], mut then: impl FnMut(&[usize], &[&Signal])) {
    let lengths: Vec<usize> = series.iter().map(|series| series.borrow().time()).collect();
    let features = series.first().map_or(1, |series| series.borrow().features);
    let most = STEPS_AT_ONCE.min(VALUES_AT_ONCE / features.max(1));
    for rows in passes(&lengths, most, most) {
        let chosen: Vec<&Signal> = rows.iter().map(|row| series[*row].borrow()).collect();
        then(&rows, &chosen);
    }
}

/// Series of unequal lengths with two channels, none of them zero, in no order.
#[cfg(test)]
pub(in crate::task) fn ragged() -> Vec<Signal> {
    let series = [7usize, 2, 11, 1, 5, 11].into_iter().enumerate();
    let of = |(row, time): (usize, usize)| Signal {
        values: (0..2 * time)
            .map(|at| 0.2 + ((at + 3 * row) as f32 * 1.7).sin())
            .collect(),
        features: 2,
    };
    series.map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_comes_once_and_no_batch_is_larger_than_memory() {
        let long = STEPS_AT_ONCE / 3;
        let lengths = [5, long, 2 * STEPS_AT_ONCE, 7, long + 1, 1, long - 2, long];
        let of = |time: &usize| Signal {
            values: vec![0.0; *time],
            features: 1,
        };
        let series: Vec<Signal> = lengths.iter().map(of).collect();
        let mut met = Vec::new();
        in_batches(&series, |rows, chosen| {
            let steps: Vec<usize> = chosen.iter().map(|signal| signal.time()).collect();
            let padded = steps.iter().max().unwrap() * steps.len();
            assert!(padded <= STEPS_AT_ONCE || steps.len() == 1, "{steps:?}");
            for (row, steps) in rows.iter().zip(&steps) {
                assert_eq!(*steps, lengths[*row]);
            }
            met.push(rows.to_vec());
        });
        // Three of a third fit, and the one that is longer than all that fits comes alone.
        assert_eq!(met, [vec![5, 0, 3], vec![6, 1, 7], vec![4], vec![2]]);

        let wide = Signal {
            values: vec![0.0; VALUES_AT_ONCE / 2],
            features: VALUES_AT_ONCE / 4,
        };
        let mut sizes = Vec::new();
        in_batches(&[&wide, &wide, &wide], |rows, _| sizes.push(rows.len()));
        assert_eq!(sizes, [2, 1]);
        in_batches(&[] as &[Signal], |_, _| panic!("there is nothing"));
    }
}
