//! What the training loop makes small: the surprise at the right class.

use super::answers::{answers, batch, drop_words};
use crate::baseline::text::Labelled;
use crate::model::Model;
use crate::task::classes::evaluation;
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::prelude::*;
use elman_data::random::mix;
use elman_data::text::Vocabulary;

/// Tells the draw of the strand from those of the dropped words.
const OTHER_STRAND: u64 = 0x0DA;

/// Texts and their classes, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct ClassifyObjective<'a> {
    /// What is learned from.
    pub training: Labelled<'a>,
    /// What the epochs are judged by.
    pub validation: Option<Labelled<'a>>,
    /// The loss, with the weights of the classes.
    pub criterion: CrossEntropy,
    /// How many classes there are.
    pub classes: usize,
    /// Texts in one batch.
    pub batch_size: usize,
    /// What the batches, and the words that are dropped, follow from.
    pub seed: u64,
    /// The token that fills the ends of shorter texts.
    pub padding: u32,
    /// The token of unknown words and how often, in training, it stands in for a known one.
    pub word_dropout: Option<(u32, f64)>,
    /// For DNA: what the letters are, and how often, in training, the other strand is read.
    pub other_strand: Option<(&'a Vocabulary, f64)>,
    /// All texts as long as this, for a network with a fixed window; otherwise as long as the longest of each batch.
    pub width: Option<usize>,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

/// One batch: these rows in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBatch {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Rows of the training part.
    pub rows: Vec<usize>,
}

impl ClassifyObjective<'_> {
    /// The tokens of a training text as they are read in an epoch.
    fn read(&self, row: usize, epoch: usize) -> Vec<u32> {
        let mut tokens = self.training.texts[row].to_vec();
        let seeds = [self.seed, epoch as u64, row as u64];
        if let Some((letters, rate)) = self.other_strand
            && (mix(&[&seeds[..], &[OTHER_STRAND]].concat()) as f64) < rate * 2f64.powi(64)
        {
            tokens = letters.reverse_complement(&tokens);
        }
        drop_words(&mut tokens, self.word_dropout, &seeds);
        tokens
    }
}

impl Objective for ClassifyObjective<'_> {
    type Model = Model;
    type Batch = TextBatch;

    fn batches(&self, epoch: usize) -> Vec<TextBatch> {
        let lengths = self.training.texts.lengths();
        elman_data::text::batches(&lengths, self.batch_size, self.seed, epoch)
            .into_iter()
            .map(|rows| TextBatch { epoch, rows })
            .collect()
    }

    fn loss(
        &self,
        model: &Model,
        TextBatch { epoch, rows }: &TextBatch,
        _: Option<Carry>,
    ) -> StepLoss {
        let device = &self.device;
        let texts: Vec<_> = rows.iter().map(|row| self.read(*row, *epoch)).collect();
        let (ids, lengths) = batch(&texts, self.width, self.padding, device);
        let logits = model.forward(ids, Some(&lengths)).vector();
        let labels = rows.iter().map(|row| self.training.labels[*row] as i64);
        let labels = TensorData::new(labels.collect::<Vec<_>>(), [rows.len()]);
        StepLoss {
            loss: self
                .criterion
                .forward(logits, Tensor::from_data(labels, device)),
            carry: None,
            examples: rows.len(),
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let Labelled { texts, labels } = self.validation?;
        let answers = answers(model, texts, self.width, self.padding);
        evaluation(&answers, labels, &self.criterion, self.classes)
    }

    fn describe(&self, batch: &TextBatch) -> String {
        let rows: Vec<_> = batch
            .rows
            .iter()
            .take(5)
            .map(|row| (row + 1).to_string())
            .collect();
        format!("texts {} …", rows.join(", "))
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
