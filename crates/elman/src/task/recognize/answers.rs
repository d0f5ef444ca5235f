//! What a model says about series.

use super::config::Each;
use crate::model::{Model, Signal as Flow};
use burn::prelude::*;
use burn::tensor::activation::softmax;
use elman_data::signal::Signal;
use std::borrow::Borrow;

/// Series answered in one pass.
const AT_ONCE: usize = 128;
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

/// The logits of a batch, a row each for what has a class: `[series, classes]`, or `[valid steps, classes]` in the order of
/// the series.
pub(super) fn logits(
    model: &Model,
    (values, lengths): (Tensor<3>, Vec<usize>),
    each: Each,
) -> Tensor<2> {
    let time = values.dims()[1];
    match model.forward(values, Some(&lengths)) {
        Flow::Vector(logits) => {
            debug_assert_eq!(each, Each::Series);
            logits
        }
        flow => {
            let logits = flow.sequence();
            let [batch, steps, classes] = logits.dims();
            assert_eq!(time, steps, "a class for every step that was read");
            let rows = logits.reshape([batch * steps, classes]);
            if lengths.iter().all(|length| *length == time) {
                return rows;
            }
            let valid = lengths
                .iter()
                .enumerate()
                .flat_map(|(row, length)| (0..*length).map(move |step| (row * time + step) as i64));
            let valid: Vec<i64> = valid.collect();
            let count = valid.len();
            let places = TensorData::new(valid, [count]);
            rows.clone()
                .select(0, Tensor::from_data(places, &rows.device()))
        }
    }
}

/// The probabilities of each class, by a model without gradients: a row for each series, or one for each of its steps, in the
/// order of the series.
pub fn answers(model: &Model, series: &[impl Borrow<Signal>], each: Each) -> Vec<Vec<Vec<f64>>> {
    let mut answers = vec![Vec::new(); series.len()];
    in_batches(series, |rows, chosen| {
        let logits = logits(model, batch(chosen, &Device::default()), each);
        let classes = logits.dims()[1];
        let shares = crate::values(softmax(logits, 1));
        let mut shares = shares.chunks_exact(classes);
        for (row, chosen) in rows.iter().zip(chosen) {
            let count = match each {
                Each::Series => 1,
                Each::Step => chosen.time(),
            };
            let wide = |row: &[f32]| row.iter().map(|share| f64::from(*share)).collect();
            answers[*row] = shares.by_ref().take(count).map(wide).collect();
        }
    });
    answers
}

/// The vector of each series, by a model without gradients that makes one of it.
pub fn vectors(model: &Model, series: &[impl Borrow<Signal>]) -> Vec<Vec<f32>> {
    let mut vectors = vec![Vec::new(); series.len()];
    in_batches(series, |rows, chosen| {
        let (values, lengths) = batch(chosen, &Device::default());
        let made = model.forward(values, Some(&lengths)).vector();
        let [_, size] = made.dims();
        let made = crate::values(made);
        for (row, vector) in rows.iter().zip(made.chunks_exact(size.max(1))) {
            vectors[*row] = vector.to_vec();
        }
    });
    vectors
}

/// Calls `then` with series of like size and which of all they are, until it has had each once.
fn in_batches(series: &[impl Borrow<Signal>], mut then: impl FnMut(&[usize], &[&Signal])) {
    let size = |row: usize| series[row].borrow().values.len();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by_key(|row| size(*row));
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let fits = |count: &usize| count * size(rest[count - 1]) <= VALUES_AT_ONCE;
        let most = rest.len().min(AT_ONCE);
        let count = (1..=most).rev().find(fits).unwrap_or(1);
        let (rows, others) = rest.split_at(count);
        let chosen: Vec<&Signal> = rows.iter().map(|row| series[*row].borrow()).collect();
        then(rows, &chosen);
        rest = others;
    }
}
