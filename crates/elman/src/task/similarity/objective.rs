//! What the training loop makes small: distances within labels, against those between them.

use super::config::{LossKind, SimilarityConfig};
use super::encode::encode;
use super::sample::{Negatives, Triplet, class_batches, triplets};
use super::search::{Items, distance, evaluate};
use crate::model::Model;
use crate::ops;
use crate::task::classify::{Dataset, Texts, batch, drop_words};
use crate::train::loss::{Distance, contrastive, triplet};
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig};
use burn::prelude::*;
use elman_data::random::{mix, shuffled};
use elman_data::text::Special;
use std::collections::BTreeMap;

/// Texts of the validation part that are searched for after each epoch, and texts they are searched among.
const VALIDATED: [usize; 2] = [1_000, 5_000];

/// Texts and their labels, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct SimilarityObjective<'a> {
    pub(super) data: &'a Dataset,
    pub(super) config: &'a SimilarityConfig,
    pub(super) train: &'a TrainConfig,
    pub(super) network: String,
    pub(super) device: Device,
}

/// One batch: these rows in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelBatch {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Its place in the epoch.
    pub place: usize,
    /// Rows of the training part.
    pub rows: Vec<usize>,
}

impl SimilarityObjective<'_> {
    /// The tokens of a training text as they are read in an epoch.
    fn read(&self, row: usize, epoch: usize) -> Vec<u32> {
        let unknown = self.data.vocabulary.special(Special::Unknown);
        let drop = unknown.map(|unknown| (unknown, self.config.word_dropout));
        let mut tokens = self.data.train.tokens[row].clone();
        drop_words(
            &mut tokens,
            drop,
            &[self.train.seed, epoch as u64, row as u64],
        );
        tokens
    }

    /// The loss of texts whose vectors are `[texts, features]`; nothing if no two of them belong together, or all do.
    fn loss_of(
        &self,
        vectors: Tensor<2>,
        labels: &[usize],
        negatives: Negatives,
        seed: u64,
    ) -> Option<Tensor<1>> {
        let distances = all_distances(self.config.distance, &vectors);
        let chosen = triplets(labels, &distances, negatives, seed);
        if chosen.is_empty() {
            return None;
        }
        let rows = |of: fn(&Triplet) -> usize| {
            let places: Vec<i64> = chosen.iter().map(|triplet| of(triplet) as i64).collect();
            let places = TensorData::new(places, [chosen.len(), 1]);
            let places = Tensor::<2, Int>::from_data(places, &vectors.device());
            let [_, features] = vectors.dims();
            ops::embedding(vectors.clone(), places).reshape([chosen.len(), features])
        };
        let anchor = rows(|triplet| triplet.anchor);
        let distance = |other| self.config.distance.between(anchor.clone(), other);
        let (positive, negative) = (
            distance(rows(|triplet| triplet.positive)),
            distance(rows(|triplet| triplet.negative)),
        );
        Some(match self.config.loss {
            LossKind::Triplet => triplet(positive, negative, self.config.margin),
            LossKind::Contrastive => {
                let together = [vec![true; chosen.len()], vec![false; chosen.len()]].concat();
                let distances = Tensor::cat(vec![positive, negative], 0);
                contrastive(distances, &together, self.config.margin)
            }
        })
    }

    /// The mean loss of a part without gradients, over batches that are the same each time; nothing if no two of its texts
    /// belong together.
    fn part_loss(&self, vectors: &[Vec<f32>], texts: &Texts) -> Option<f64> {
        let batches = class_batches(
            &texts.labels,
            self.train.batch_size,
            self.config.together,
            0,
            0,
        );
        let (mut sum, mut count) = (0.0, 0);
        for (place, rows) in batches.iter().enumerate() {
            let labels: Vec<usize> = rows.iter().map(|row| texts.labels[*row]).collect();
            let values: Vec<f32> = rows.iter().flat_map(|row| vectors[*row].clone()).collect();
            let features = values.len() / rows.len().max(1);
            let values = TensorData::new(values, [rows.len(), features]);
            let values = Tensor::from_data(values, &Device::default());
            if let Some(loss) = self.loss_of(values, &labels, Negatives::Random, place as u64) {
                sum += f64::from(loss.into_scalar::<f32>()) * rows.len() as f64;
                count += rows.len();
            }
        }
        (count > 0).then(|| sum / count as f64)
    }
}

/// The distance of every row from every row, `[rows, rows]`, without gradients.
fn all_distances(kind: Distance, vectors: &Tensor<2>) -> Vec<f32> {
    let [rows, features] = vectors.dims();
    let values = crate::values(vectors.clone().detach());
    let row = |row: usize| &values[row * features..][..features];
    let pairs = (0..rows).flat_map(|a| (0..rows).map(move |b| (a, b)));
    pairs.map(|(a, b)| distance(kind, row(a), row(b))).collect()
}

impl Objective for SimilarityObjective<'_> {
    type Model = Model;
    type Batch = LabelBatch;

    fn batches(&self, epoch: usize) -> Vec<LabelBatch> {
        let labels = &self.data.train.labels;
        let (size, seed) = (self.train.batch_size, self.train.seed);
        class_batches(labels, size, self.config.together, seed, epoch)
            .into_iter()
            .enumerate()
            .map(|(place, rows)| LabelBatch { epoch, place, rows })
            .collect()
    }

    fn loss(&self, model: &Model, found: &LabelBatch, _: Option<Carry>) -> StepLoss {
        let LabelBatch { epoch, place, rows } = found;
        let texts: Vec<_> = rows.iter().map(|row| self.read(*row, *epoch)).collect();
        let labels: Vec<usize> = rows
            .iter()
            .map(|row| self.data.train.labels[*row])
            .collect();
        let (ids, lengths) = batch(&texts, None, self.data.padding(), &self.device);
        let vectors = model.forward(ids, Some(&lengths)).vector();
        let seed = mix(&[self.train.seed, *epoch as u64, *place as u64]);
        let loss = self.loss_of(vectors.clone(), &labels, self.config.negatives, seed);
        StepLoss {
            // A batch that says nothing pulls at nothing.
            loss: loss.unwrap_or_else(|| vectors.sum().mul_scalar(0.0)),
            carry: None,
            examples: rows.len(),
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        if self.data.valid.is_empty() {
            return None;
        }
        let (valid, train) = (&self.data.valid, &self.data.train);
        let [queries, items] = VALIDATED;
        let padding = self.data.padding();
        let vectors = encode(model, &valid.tokens, padding);
        let queries = valid.len().min(queries);
        let items: Vec<usize> = shuffled(train.len(), 0, 0)
            .into_iter()
            .take(items)
            .collect();
        let texts: Vec<&[u32]> = items
            .iter()
            .map(|row| train.tokens[*row].as_slice())
            .collect();
        let labels: Vec<usize> = items.iter().map(|row| train.labels[*row]).collect();
        let known = encode(model, &texts, padding);
        let among = Items {
            vectors: &known,
            distance: self.config.distance,
        };
        let scores = |query: usize| among.scores(&vectors[query]);
        let found = evaluate(&valid.labels[..queries], &labels, scores);
        let mut metrics = BTreeMap::new();
        if let Some(found) = found.metrics() {
            metrics.insert("recall_1".to_string(), found.recall_1);
            metrics.insert("mrr".to_string(), found.mrr);
        }
        Some(Evaluation {
            loss: self.part_loss(&vectors, valid)?,
            metrics,
        })
    }

    fn describe(&self, batch: &LabelBatch) -> String {
        format!(
            "{} texts, the first of them number {} of the training part",
            batch.rows.len(),
            batch.rows.first().map_or(0, |row| row + 1)
        )
    }

    fn fingerprint(&self) -> String {
        format!("{} {:?} {}", self.data.digest(), self.config, self.network)
    }
}
