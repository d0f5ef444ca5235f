//! Series side by side.

use burn::prelude::*;
use elman_data::signal::Signal;
use std::borrow::Borrow;

/// Values answered in one pass, unless one series alone has more.
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

/// Calls `then` with series of like size, at most `at_once` of them, and which of all they are, until it has had each once.
///
/// # Panics
/// If `at_once` is 0.
pub fn in_batches(
    series: &[impl Borrow<Signal>],
    at_once: usize,
    mut then: impl FnMut(&[usize], &[&Signal]),
) {
    assert!(at_once > 0, "in_batches: none at a time");
    let size = |row: usize| series[row].borrow().values.len();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by_key(|row| size(*row));
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let fits = |count: &usize| count * size(rest[count - 1]) <= VALUES_AT_ONCE;
        let most = rest.len().min(at_once);
        let count = (1..=most).rev().find(fits).unwrap_or(1);
        let (rows, others) = rest.split_at(count);
        let chosen: Vec<&Signal> = rows.iter().map(|row| series[*row].borrow()).collect();
        then(rows, &chosen);
        rest = others;
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
    fn every_series_comes_once_and_beside_those_of_like_length() {
        let series = ragged();
        let mut met = Vec::new();
        in_batches(&series, 4, |rows, chosen| {
            assert!(rows.len() <= 4);
            let lengths: Vec<usize> = chosen.iter().map(|signal| signal.time()).collect();
            assert!(lengths.is_sorted(), "{lengths:?}");
            for (row, signal) in rows.iter().zip(chosen) {
                assert_eq!(*signal, &series[*row]);
            }
            met.extend_from_slice(rows);
        });
        assert_eq!(met, [3, 1, 4, 0, 2, 5]);
    }
}
