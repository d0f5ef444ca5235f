//! What a model says about series.

use super::config::Each;
use crate::model::{Model, Signal as Flow};
use crate::task::signals::{batch, in_batches};
use burn::prelude::*;
use burn::tensor::activation::softmax;
use elman_data::signal::Signal;
use std::borrow::Borrow;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PoolingKind, Shape};
    use crate::recipe::ModelConfig;
    use crate::task::recognize::recognizer;
    use crate::task::signals::ragged;

    #[test]
    fn answers_to_a_padded_batch_are_those_to_each_series_alone() {
        const CELLS: [&str; 3] = ["lstm", "gru", "simple_rnn"];
        let poolings = [PoolingKind::Mean, PoolingKind::Max, PoolingKind::Last];
        for (cell, pooling) in CELLS.into_iter().zip(poolings) {
            for each in [Each::Series, Each::Step] {
                let config = format!(
                    "cell = {cell:?}\nhidden_size = 5\nnum_layers = 2\nbidirectional = true"
                );
                let config: ModelConfig = toml::from_str(&config).unwrap();
                let layers = recognizer(&config, 2, each, pooling, 3).unwrap();
                let model = layers.init(
                    Shape::sequence(2),
                    config.initializer,
                    4,
                    &Device::default(),
                );
                let (model, series) = (model.unwrap(), ragged());
                let together = answers(&model, &series, each);
                for (signal, together) in series.iter().zip(&together) {
                    let rows = match each {
                        Each::Series => 1,
                        Each::Step => signal.time(),
                    };
                    let alone = answers(&model, &[signal], each).remove(0);
                    assert_eq!((together.len(), alone.len()), (rows, rows));
                    for (together, alone) in together.concat().iter().zip(alone.concat()) {
                        assert!(
                            (together - alone).abs() < 1e-6,
                            "{cell}, {each:?}: {together} beside others, {alone} alone"
                        );
                    }
                }
                // Not all alike, or nothing was compared.
                assert!((together[0][0][0] - together[2][0][0]).abs() > 1e-4);
            }
        }
    }
}
