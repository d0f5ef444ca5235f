//! What the training loop makes small: distances within labels, against those between them.

use super::Alike;
use super::config::{LikenessConfig, LossKind};
use super::sample::{Negatives, Triplet, class_batches, triplets};
use super::search::{Among, distance, evaluate};
use crate::model::Model;
use crate::ops;
use crate::train::loss::{Distance, contrastive, triplet};
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig};
use burn::prelude::*;
use elman_data::Part;
use elman_data::random::{mix, shuffled};
use elman_data::text::Parts;
use std::collections::BTreeMap;

/// Things of the validation part that are searched for after each epoch, and things they are searched among.
const VALIDATED: [usize; 2] = [1_000, 5_000];

/// Things and their labels, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct LikenessObjective<'a, D> {
    pub(super) data: &'a D,
    pub(super) labels: &'a Parts<usize>,
    pub(super) config: &'a LikenessConfig,
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

impl<D: Alike> LikenessObjective<'_, D> {
    /// The loss of things whose vectors are `[things, features]`; nothing if no two of them belong together, or all do.
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

    /// The mean loss of a part without gradients, over batches that are the same each time; nothing if no two of its things
    /// belong together.
    fn part_loss(&self, vectors: &[Vec<f32>], labels: &[usize]) -> Option<f64> {
        let (size, together) = (self.train.batch_size, self.config.together);
        let batches = class_batches(labels, size, together, 0, 0);
        let (mut sum, mut count) = (0.0, 0);
        for (place, rows) in batches.iter().enumerate() {
            let labels: Vec<usize> = rows.iter().map(|row| labels[*row]).collect();
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

impl<D: Alike> Objective for LikenessObjective<'_, D> {
    type Model = Model;
    type Batch = LabelBatch;

    fn batches(&self, epoch: usize) -> Vec<LabelBatch> {
        let (size, seed) = (self.train.batch_size, self.train.seed);
        class_batches(&self.labels.train, size, self.config.together, seed, epoch)
            .into_iter()
            .enumerate()
            .map(|(place, rows)| LabelBatch { epoch, place, rows })
            .collect()
    }

    fn loss(&self, model: &Model, found: &LabelBatch, _: Option<Carry>) -> StepLoss {
        let LabelBatch { epoch, place, rows } = found;
        let seed = self.train.seed;
        let labels: Vec<usize> = rows.iter().map(|row| self.labels.train[*row]).collect();
        let vectors = self.data.learned(model, rows, seed, *epoch, &self.device);
        let seed = mix(&[seed, *epoch as u64, *place as u64]);
        let loss = self.loss_of(vectors.clone(), &labels, self.config.negatives, seed);
        StepLoss {
            // A batch that says nothing pulls at nothing.
            loss: loss.unwrap_or_else(|| vectors.sum().mul_scalar(0.0)),
            carry: None,
            examples: rows.len(),
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let Parts { train, valid, .. } = self.labels;
        if valid.is_empty() {
            return None;
        }
        let [queries, items] = VALIDATED;
        let all: Vec<usize> = (0..valid.len()).collect();
        let vectors = self.data.vectors(model, Part::Valid, &all);
        let queries = valid.len().min(queries);
        let items: Vec<usize> = shuffled(train.len(), 0, 0)
            .into_iter()
            .take(items)
            .collect();
        let known = self.data.vectors(model, Part::Train, &items);
        let labels: Vec<usize> = items.iter().map(|row| train[*row]).collect();
        let among = Among {
            vectors: &known,
            distance: self.config.distance,
        };
        let scores = |query: usize| among.scores(&vectors[query]);
        let found = evaluate(&valid[..queries], &labels, scores);
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
        let [one, many] = D::NOUNS;
        match batch.rows.first() {
            Some(row) => format!(
                "{} {many}, the first {one}: {}",
                batch.rows.len(),
                self.data.name(Part::Train, *row)
            ),
            None => format!("no {many}"),
        }
    }

    fn fingerprint(&self) -> String {
        format!(
            "{} {:?} {}",
            self.data.fingerprint(),
            self.config,
            self.network
        )
    }
}
