//! What the training loop makes small: the surprise at what was said, over all ways to lay it along the steps.

use super::answers::{answers, surprise, text};
use super::dataset::{Said, Spoken};
use super::results::Scores;
use crate::ctc;
use crate::model::Model;
use crate::task::signals::{SeriesBatch, Training, in_batches};
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::prelude::*;
use elman_data::signal::Signal;
use elman_data::text::Vocabulary;
use std::collections::BTreeMap;

/// Recordings and what is said in them, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct TranscribeObjective<'a> {
    /// What is learned from.
    pub training: Training<'a, Said>,
    /// What the epochs are judged by.
    pub validation: Option<&'a Spoken>,
    /// What the labels stand for, less one.
    pub vocabulary: &'a Vocabulary,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

impl Objective for TranscribeObjective<'_> {
    type Model = Model;
    type Batch = SeriesBatch;

    fn batches(&self, epoch: usize) -> Vec<SeriesBatch> {
        self.training.batches(epoch)
    }

    /// Nats for each label, on average.
    fn loss(
        &self,
        model: &Model,
        SeriesBatch { epoch, rows }: &SeriesBatch,
        _: Option<Carry>,
    ) -> StepLoss {
        let said: Vec<&Said> = rows
            .iter()
            .map(|row| &self.training.series.labels[*row])
            .collect();
        let read = |(row, said): (&usize, &&Said)| self.training.read(*row, *epoch, said.needed());
        let signals: Vec<_> = rows.iter().zip(&said).map(read).collect();
        let signals: Vec<&Signal> = signals.iter().map(AsRef::as_ref).collect();
        let examples: usize = said.iter().map(|said| said.labels.len().max(1)).sum();
        StepLoss {
            loss: surprise(model, &signals, &said, &self.device).sum() / examples as f64,
            carry: None,
            examples,
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let part = self.validation?;
        let (mut loss, mut count) = (0.0, 0);
        // What is shorter than its text has no way to be said, and no loss.
        let long = |row: &usize| part.signals[*row].time() >= part.labels[*row].needed().max(1);
        let long: Vec<usize> = (0..part.len()).filter(long).collect();
        let signals: Vec<&Signal> = long.iter().map(|row| &part.signals[*row]).collect();
        in_batches(&signals, |rows, chosen| {
            let said: Vec<&Said> = rows.iter().map(|row| &part.labels[long[*row]]).collect();
            let losses = surprise(model, chosen, &said, &Device::default());
            loss += f64::from(losses.sum().into_scalar::<f32>());
            count += said
                .iter()
                .map(|said| said.labels.len().max(1))
                .sum::<usize>();
        });
        let labels = self.vocabulary.len() + 1;
        let greedy = |said: &[f32]| text(self.vocabulary, &ctc::greedy(said, labels).labels);
        let scores = Scores::measure(&answers(model, &part.signals, greedy), &part.labels);
        Some(Evaluation {
            loss: loss / count.max(1) as f64,
            metrics: BTreeMap::from([
                ("cer".to_string(), scores.characters.rate()),
                ("wer".to_string(), scores.words.rate()),
            ]),
        })
    }

    fn describe(&self, batch: &SeriesBatch) -> String {
        self.training.describe(batch, "recordings")
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
