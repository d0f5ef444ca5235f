//! What the training loop makes small: the surprise at the right class.

use super::answers::{answers, logits};
use super::config::Each;
use super::dataset::Series;
use crate::model::Model;
use crate::task::classes::evaluation;
use crate::task::signals::{SeriesBatch, Training, batch};
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::prelude::*;
use elman_data::signal::Signal;
use std::borrow::Cow;

/// Series and their classes, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct RecognizeObjective<'a> {
    /// What is learned from.
    pub training: Training<'a, Vec<usize>>,
    /// What the epochs are judged by.
    pub validation: Option<&'a Series>,
    /// What has a class.
    pub each: Each,
    /// The loss, with the weights of the classes.
    pub criterion: CrossEntropy,
    /// How many classes there are.
    pub classes: usize,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

impl RecognizeObjective<'_> {
    /// A training series and its classes as they are read in an epoch.
    fn read(&self, row: usize, epoch: usize) -> (Cow<'_, Signal>, Cow<'_, [usize]>) {
        let read = self.training.read(row, epoch, 1);
        let Series {
            signals, labels, ..
        } = self.training.series;
        let (signal, labels) = (&signals[row], labels[row].as_slice());
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
        self.training.batches(epoch)
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
        self.training.describe(batch, "series")
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
