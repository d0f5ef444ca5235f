//! What a network says of recordings, and how surprising what was said is to it.

use super::dataset::Said;
use crate::ctc::BLANK;
use crate::model::{Dense, Dropout, Model, Sequential, Shape};
use crate::recipe::ModelConfig;
use crate::task::Error;
use crate::task::signals::{batch, check_steps, in_batches};
use burn::nn::loss::{CTCLoss, CTCLossConfig};
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use elman_data::signal::Signal;
use elman_data::text::Vocabulary;
use rayon::prelude::*;
use std::borrow::Borrow;

/// The layers that give a logit for the blank and each label, at every step.
///
/// # Errors
/// If the layers do not fit together, or give one vector for each recording.
pub(super) fn transcriber(
    model: &ModelConfig,
    features: usize,
    labels: usize,
) -> Result<Sequential, Error> {
    let mut layers = model.stack(true);
    if !matches!(
        layers.output_shape(Shape::sequence(features))?,
        Shape::Sequence { .. }
    ) {
        return Err(Error::input(
            "model: the layers give one vector for each recording, but a text needs every step: set return_sequences = true on the \
             recurrent layers, and leave pooling out",
        ));
    }
    check_steps(&layers, Shape::sequence(features))?;
    if model.dropout > 0.0 {
        layers = layers.add(Dropout::new(model.dropout));
    }
    Ok(layers.add(Dense::new(labels)))
}

/// How surprising what is said in each recording is, over all ways to lay it along the steps: nats, `[recordings]`.
pub(super) fn surprise(
    model: &Model,
    signals: &[impl Borrow<Signal>],
    said: &[&Said],
    device: &Device,
) -> Tensor<1> {
    let (values, lengths) = batch(signals, device);
    let logits = model.forward(values, Some(&lengths)).sequence();
    surprise_of(log_softmax(logits, 2), &lengths, said)
}

/// The same from log probabilities `[recordings, steps, labels]`.
pub(super) fn surprise_of(
    log_probabilities: Tensor<3>,
    lengths: &[usize],
    said: &[&Said],
) -> Tensor<1> {
    let device = &log_probabilities.device();
    let rule: CTCLoss = CTCLossConfig::new()
        .with_blank(BLANK)
        .with_zero_infinity(true)
        .init();
    let counts: Vec<usize> = said.iter().map(|said| said.labels.len()).collect();
    let width = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut padded = vec![1i64; said.len() * width];
    for (row, said) in padded.chunks_exact_mut(width).zip(said) {
        for (place, label) in row.iter_mut().zip(&said.labels) {
            *place = *label as i64;
        }
    }
    let numbers = |values: &[usize]| {
        let values: Vec<i64> = values.iter().map(|value| *value as i64).collect();
        let count = values.len();
        Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
    };
    let targets = TensorData::new(padded, [said.len(), width]);
    rule.forward(
        log_probabilities.swap_dims(0, 1),
        Tensor::from_data(targets, device),
        numbers(lengths),
        numbers(&counts),
    )
}

/// What `read` makes of what a model without gradients says about each recording: of log probabilities `[steps, labels]`, row by
/// row.
pub(super) fn answers<T: Send>(
    model: &Model,
    signals: &[impl Borrow<Signal>],
    read: impl Fn(&[f32]) -> T + Sync,
) -> Vec<T> {
    let mut answers: Vec<Option<T>> = signals.iter().map(|_| None).collect();
    in_batches(signals, |rows, chosen| {
        let (values, lengths) = batch(chosen, &Device::default());
        let said = log_softmax(model.forward(values, Some(&lengths)).sequence(), 2);
        let [_, steps, labels] = said.dims();
        let said = crate::values(said);
        let said = said.par_chunks_exact(steps * labels).zip(&lengths);
        let made: Vec<T> = said
            .map(|(said, length)| read(&said[..length * labels]))
            .collect();
        for (row, made) in rows.iter().zip(made) {
            answers[*row] = Some(made);
        }
    });
    let each = answers.into_iter();
    each.map(|made| made.expect("in_batches has each once"))
        .collect()
}

/// The text of labels.
pub(super) fn text(vocabulary: &Vocabulary, labels: &[usize]) -> String {
    let tokens: Vec<u32> = labels.iter().map(|label| (label - 1) as u32).collect();
    vocabulary.decode(&tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::signals::ragged;

    #[test]
    fn answers_to_a_padded_batch_are_those_to_each_recording_alone() {
        for cell in ["lstm", "gru", "simple_rnn"] {
            let config =
                format!("cell = {cell:?}\nhidden_size = 5\nnum_layers = 2\nbidirectional = true");
            let config: ModelConfig = toml::from_str(&config).unwrap();
            let layers = transcriber(&config, 2, 4).unwrap();
            let device = Device::default();
            let model = layers.init(Shape::sequence(2), config.initializer, 4, &device);
            let (model, signals) = (model.unwrap(), ragged());
            let said = |row: usize| Said {
                text: String::new(),
                labels: (0..signals[row].time().div_ceil(3))
                    .map(|at| 1 + (row + at) % 3)
                    .collect(),
            };
            let said: Vec<Said> = (0..signals.len()).map(said).collect();
            let together = answers(&model, &signals, <[f32]>::to_vec);
            let right: Vec<&Said> = said.iter().collect();
            let surprises = crate::values(surprise(&model, &signals, &right, &device));
            for (row, signal) in signals.iter().enumerate() {
                let alone = answers(&model, &[signal], <[f32]>::to_vec).remove(0);
                assert_eq!(together[row].len(), 4 * signal.time());
                assert_eq!(alone.len(), together[row].len());
                for (together, alone) in together[row].iter().zip(alone) {
                    assert!(
                        (together - alone).abs() < 1e-5,
                        "{cell}: {together} beside others, {alone} alone"
                    );
                }
                let alone = surprise(&model, &[signal], &[&said[row]], &device);
                let alone: f32 = alone.into_scalar();
                assert!((surprises[row] - alone).abs() < 1e-4 && alone > 0.1);
            }
            assert!((together[0][0] - together[2][0]).abs() > 1e-4);
        }
    }
}
