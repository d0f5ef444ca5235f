//! What the training loop makes small: the surprise at the right class.

use super::answers::{answers, batch, logits};
use super::config::Each;
use super::dataset::Series;
use super::vary::varied;
use crate::model::Model;
use crate::task::classes::evaluation;
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::prelude::*;
use elman_data::random::mix;
use elman_data::signal::Signal;
use std::borrow::Cow;

/// Series and their classes, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct RecognizeObjective<'a> {
    /// What is learned from.
    pub training: &'a Series,
    /// What the epochs are judged by.
    pub validation: Option<&'a Series>,
    /// What has a class.
    pub each: Each,
    /// The loss, with the weights of the classes.
    pub criterion: CrossEntropy,
    /// How many classes there are.
    pub classes: usize,
    /// Series in one batch.
    pub batch_size: usize,
    /// What the batches, the noise and the stretching follow from.
    pub seed: u64,
    /// Standard deviation of the noise that is added in training.
    pub noise: f64,
    /// By how much of its length a series is stretched in training, at most.
    pub stretch: f64,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

/// One batch: these rows in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesBatch {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Rows of the training part.
    pub rows: Vec<usize>,
}

impl RecognizeObjective<'_> {
    /// A training series and its classes as they are read in an epoch.
    fn read(&self, row: usize, epoch: usize) -> (Cow<'_, Signal>, Cow<'_, [usize]>) {
        let seed = mix(&[self.seed, epoch as u64, row as u64]);
        let signal = &self.training.signals[row];
        let read = varied(signal, self.noise, self.stretch, 1, seed);
        let labels = self.training.labels[row].as_slice();
        let (steps, before) = (read.time(), signal.time());
        let labels = match self.each == Each::Step && steps != before {
            true => (0..steps)
                .map(|step| labels[(2 * step + 1) * before / (2 * steps)])
                .collect(),
            false => Cow::Borrowed(labels),
        };
        (read, labels)
    }
}

impl Objective for RecognizeObjective<'_> {
    type Model = Model;
    type Batch = SeriesBatch;

    fn batches(&self, epoch: usize) -> Vec<SeriesBatch> {
        elman_data::text::batches(&self.training.lengths(), self.batch_size, self.seed, epoch)
            .into_iter()
            .map(|rows| SeriesBatch { epoch, rows })
            .collect()
    }

    fn loss(
        &self,
        model: &Model,
        SeriesBatch { epoch, rows }: &SeriesBatch,
        _: Option<Carry>,
    ) -> StepLoss {
        let device = &self.device;
        let read: Vec<_> = rows.iter().map(|row| self.read(*row, *epoch)).collect();
        let signals: Vec<&Signal> = read.iter().map(|(signal, _)| signal.as_ref()).collect();
        let labels = read.iter().flat_map(|(_, labels)| labels.iter());
        let labels: Vec<i64> = labels.map(|label| *label as i64).collect();
        let examples = labels.len();
        let labels = Tensor::from_data(TensorData::new(labels, [examples]), device);
        let logits = logits(model, batch(&signals, device), self.each);
        StepLoss {
            loss: self.criterion.forward(logits, labels),
            carry: None,
            examples,
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let part = self.validation?;
        let answers = answers(model, &part.signals, self.each).concat();
        evaluation(
            &answers,
            &part.labels.concat(),
            &self.criterion,
            self.classes,
        )
    }

    fn describe(&self, batch: &SeriesBatch) -> String {
        format!(
            "one of its series is {}",
            self.training.places[batch.rows[0]]
        )
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
