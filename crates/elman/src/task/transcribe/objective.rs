//! What the training loop makes small: the surprise at what was said, over all ways to lay it along the steps.

use super::dataset::Spoken;
use super::results::Scores;
use crate::ctc::{self, BLANK};
use crate::model::{Dense, Dropout, Model, Sequential, Shape};
use crate::recipe::ModelConfig;
use crate::task::Error;
use crate::task::recognize::{batch, check_steps, input, varied};
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::nn::loss::{CTCLoss, CTCLossConfig};
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use elman_data::random::mix;
use elman_data::signal::Signal;
use elman_data::text::Vocabulary;
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

/// Recordings answered in one pass.
const AT_ONCE: usize = 32;

/// Recordings and what is said in them, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct TranscribeObjective<'a> {
    /// What is learned from.
    pub training: &'a Spoken,
    /// What the epochs are judged by.
    pub validation: Option<&'a Spoken>,
    /// What the labels stand for, less one.
    pub vocabulary: &'a Vocabulary,
    /// Recordings in one batch.
    pub batch_size: usize,
    /// What the batches, the noise and the stretching follow from.
    pub seed: u64,
    /// Standard deviation of the noise that is added in training.
    pub noise: f64,
    /// By how much of its length a recording is stretched in training, at most.
    pub stretch: f64,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

/// One batch: these rows in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenBatch {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Rows of the training part.
    pub rows: Vec<usize>,
}

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
        layers.output_shape(input(features))?,
        Shape::Sequence { .. }
    ) {
        return Err(Error::input(
            "model: the layers give one vector for each recording, but a text needs every step: set return_sequences = true on the \
             recurrent layers, and leave pooling out",
        ));
    }
    check_steps(&layers, input(features))?;
    if model.dropout > 0.0 {
        layers = layers.add(Dropout::new(model.dropout));
    }
    Ok(layers.add(Dense::new(labels)))
}

impl TranscribeObjective<'_> {
    fn read(&self, row: usize, epoch: usize) -> Cow<'_, Signal> {
        let signal = &self.training.signals[row];
        let seed = mix(&[self.seed, epoch as u64, row as u64]);
        let least = super::dataset::needed(&self.training.labels[row]);
        varied(signal, self.noise, self.stretch, least, seed)
    }

    fn loss_of(
        &self,
        model: &Model,
        signals: &[impl Borrow<Signal>],
        labels: &[&[usize]],
        device: &Device,
    ) -> Tensor<1> {
        let (values, lengths) = batch(signals, device);
        let logits = model.forward(values, Some(&lengths)).sequence();
        let rule: CTCLoss = CTCLossConfig::new()
            .with_blank(BLANK)
            .with_zero_infinity(true)
            .init();
        let width = labels
            .iter()
            .map(|labels| labels.len())
            .max()
            .unwrap_or(0)
            .max(1);
        let mut padded = vec![1i64; labels.len() * width];
        for (row, labels) in padded.chunks_exact_mut(width).zip(labels) {
            for (place, label) in row.iter_mut().zip(*labels) {
                *place = *label as i64;
            }
        }
        let numbers = |values: Vec<i64>| {
            let count = values.len();
            Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
        };
        let targets = TensorData::new(padded, [labels.len(), width]);
        rule.forward(
            log_softmax(logits, 2).swap_dims(0, 1),
            Tensor::from_data(targets, device),
            numbers(lengths.iter().map(|length| *length as i64).collect()),
            numbers(labels.iter().map(|labels| labels.len() as i64).collect()),
        )
    }
}

/// What a model without gradients says about each recording: the log probabilities `[steps, labels]` of each, row by row.
pub(super) fn answers(model: &Model, signals: &[impl Borrow<Signal>]) -> Vec<Vec<f32>> {
    let time = |row: usize| signals[row].borrow().time();
    let mut order: Vec<usize> = (0..signals.len()).collect();
    order.sort_by_key(|row| time(*row));
    let mut answers = vec![Vec::new(); signals.len()];
    for rows in order.chunks(AT_ONCE) {
        let chosen: Vec<&Signal> = rows.iter().map(|row| signals[*row].borrow()).collect();
        let (values, lengths) = batch(&chosen, &Device::default());
        let said = log_softmax(model.forward(values, Some(&lengths)).sequence(), 2);
        let [_, steps, labels] = said.dims();
        let said = crate::values(said);
        for ((row, length), said) in rows
            .iter()
            .zip(lengths)
            .zip(said.chunks_exact(steps * labels))
        {
            answers[*row] = said[..length * labels].to_vec();
        }
    }
    answers
}

/// The text of labels.
pub(super) fn text(vocabulary: &Vocabulary, labels: &[usize]) -> String {
    let tokens: Vec<u32> = labels.iter().map(|label| (label - 1) as u32).collect();
    vocabulary.decode(&tokens)
}

impl Objective for TranscribeObjective<'_> {
    type Model = Model;
    type Batch = SpokenBatch;

    fn batches(&self, epoch: usize) -> Vec<SpokenBatch> {
        elman_data::text::batches(&self.training.lengths(), self.batch_size, self.seed, epoch)
            .into_iter()
            .map(|rows| SpokenBatch { epoch, rows })
            .collect()
    }

    /// Nats for each label, on average.
    fn loss(
        &self,
        model: &Model,
        SpokenBatch { epoch, rows }: &SpokenBatch,
        _: Option<Carry>,
    ) -> StepLoss {
        let signals: Vec<_> = rows.iter().map(|row| self.read(*row, *epoch)).collect();
        let signals: Vec<&Signal> = signals.iter().map(AsRef::as_ref).collect();
        let labels: Vec<&[usize]> = rows
            .iter()
            .map(|row| &self.training.labels[*row][..])
            .collect();
        let examples: usize = labels.iter().map(|labels| labels.len().max(1)).sum();
        StepLoss {
            loss: self.loss_of(model, &signals, &labels, &self.device).sum() / examples as f64,
            carry: None,
            examples,
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let part = self.validation?;
        let (mut loss, mut count) = (0.0, 0);
        // What is shorter than its text has no way to be said, and no loss.
        let long = |row: &usize| {
            part.signals[*row].time() >= super::dataset::needed(&part.labels[*row]).max(1)
        };
        let mut order: Vec<usize> = (0..part.len()).filter(long).collect();
        order.sort_by_key(|row| part.signals[*row].time());
        for rows in order.chunks(AT_ONCE) {
            let signals: Vec<&Signal> = rows.iter().map(|row| &part.signals[*row]).collect();
            let labels: Vec<&[usize]> = rows.iter().map(|row| &part.labels[*row][..]).collect();
            let losses = self.loss_of(model, &signals, &labels, &Device::default());
            loss += f64::from(losses.sum().into_scalar::<f32>());
            count += labels
                .iter()
                .map(|labels| labels.len().max(1))
                .sum::<usize>();
        }
        let labels = self.vocabulary.len() + 1;
        let said = answers(model, &part.signals);
        let texts = said
            .iter()
            .map(|said| text(self.vocabulary, &ctc::greedy(said, labels).labels));
        let scores = Scores::measure(&texts.collect::<Vec<_>>(), &part.texts);
        Some(Evaluation {
            loss: loss / count.max(1) as f64,
            metrics: BTreeMap::from([
                ("cer".to_string(), scores.characters.rate()),
                ("wer".to_string(), scores.words.rate()),
            ]),
        })
    }

    fn describe(&self, batch: &SpokenBatch) -> String {
        format!(
            "one of its recordings is {}",
            self.training.places[batch.rows[0]]
        )
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
