//! What the training loop makes small: the surprise at each next token of the target.

use super::config::Translate;
use super::pairs::{Pair, PairList, Pairs};
use super::translator::{Search, answers};
use crate::metric::bleu;
use crate::model::EncoderDecoder;
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig};
use burn::module::Module;
use burn::prelude::*;
use elman_data::random::digest;
use elman_data::text::{Special, batches};
use std::collections::BTreeMap;

/// Pairs that are evaluated in one pass.
const EVALUATION_BATCH: usize = 64;

/// An encoder–decoder's training on [`Pairs`], in batches of like length.
pub struct TranslationObjective<'a> {
    pairs: &'a Pairs,
    tables: &'a Translate,
    train: &'a TrainConfig,
    device: Device,
    /// What, besides the pairs, a checkpoint belongs to.
    network: String,
}

/// Pairs that are learned together.
#[derive(Clone, Debug)]
pub struct Batch {
    rows: Vec<usize>,
    epoch: usize,
}

impl<'a> TranslationObjective<'a> {
    pub(super) fn new(
        pairs: &'a Pairs,
        tables: &'a Translate,
        train: &'a TrainConfig,
        network: String,
        device: Device,
    ) -> Self {
        Self {
            pairs,
            tables,
            train,
            device,
            network,
        }
    }

    /// How often, in an epoch, the decoder is told its own guess.
    fn sampling(&self, epoch: usize) -> f64 {
        let last = self.train.epochs.saturating_sub(1).max(1);
        self.tables.translate.sampling * (epoch.min(last) as f64 / last as f64)
    }
}

/// Pairs as tensors.
pub(super) struct Tensors {
    pub(super) source: Tensor<2, Int>,
    pub(super) source_lengths: Vec<usize>,
    /// What the decoder is told: the start and all tokens.
    told: Tensor<2, Int>,
    /// What it is to write: all tokens and the end, pair after pair.
    wanted: Tensor<1, Int>,
    target_lengths: Vec<usize>,
}

impl Tensors {
    pub(super) fn new(pairs: &[Pair<'_>], pairs_of: &Pairs, device: &Device) -> Self {
        let target = &pairs_of.vocabularies.target;
        let special = |special| {
            let token = target.special(special);
            i64::from(token.expect("targets have a start and an end"))
        };
        let (start, end) = (special(Special::Start), special(Special::End));
        let written = |pair: &Pair<'_>| -> Vec<i64> {
            pair.written.iter().map(|token| i64::from(*token)).collect()
        };
        let told = pairs.iter().map(|pair| {
            let mut told = vec![start];
            told.extend(written(pair));
            told
        });
        let told: Vec<Vec<i64>> = told.collect();
        let wanted = pairs.iter().flat_map(|pair| {
            let mut wanted = written(pair);
            wanted.push(end);
            wanted
        });
        let wanted: Vec<i64> = wanted.collect();
        let count = wanted.len();
        let sources: Vec<&[u32]> = pairs.iter().map(|pair| pair.read).collect();
        let (source, source_lengths) = sources_of(&sources, device);
        Self {
            source,
            source_lengths,
            target_lengths: told.iter().map(Vec::len).collect(),
            told: padded(&told, device),
            wanted: Tensor::from_data(TensorData::new(wanted, [count]), device),
        }
    }

    pub(super) fn logits(&self, model: &EncoderDecoder) -> Tensor<2> {
        model.forward(
            self.source.clone(),
            &self.source_lengths,
            self.told.clone(),
            &self.target_lengths,
        )
    }
}

/// Sources as one tensor, and their lengths.
pub(super) fn sources_of(sources: &[&[u32]], device: &Device) -> (Tensor<2, Int>, Vec<usize>) {
    let rows: Vec<Vec<i64>> = sources
        .iter()
        .map(|source| source.iter().map(|token| i64::from(*token)).collect())
        .collect();
    let lengths = rows.iter().map(Vec::len).collect();
    (padded(&rows, device), lengths)
}

/// Rows of numbers, zeros after the shorter ones.
pub(in crate::task) fn padded(rows: &[Vec<i64>], device: &Device) -> Tensor<2, Int> {
    let time = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut values = Vec::with_capacity(rows.len() * time);
    for row in rows {
        values.extend_from_slice(row);
        values.resize(values.len() + time - row.len(), 0);
    }
    Tensor::from_data(TensorData::new(values, [rows.len(), time]), device)
}

/// Mean of `−log p` over all tokens and ends of the targets, in nats.
pub(super) fn loss(model: &EncoderDecoder, pairs: &Pairs, of: &PairList) -> f64 {
    let (mut total, mut count) = (0.0, 0);
    let mut order: Vec<Pair<'_>> = of.iter().collect();
    order.sort_by_key(|pair| pair.read.len() + pair.written.len());
    for batch in order.chunks(EVALUATION_BATCH) {
        let tensors = Tensors::new(batch, pairs, &Device::default());
        let tokens = tensors.wanted.dims()[0];
        let mean = CrossEntropy::default().forward(tensors.logits(model), tensors.wanted.clone());
        total += f64::from(mean.into_scalar::<f32>()) * tokens as f64;
        count += tokens;
    }
    total / count.max(1) as f64
}

impl Objective for TranslationObjective<'_> {
    type Model = EncoderDecoder;
    type Batch = Batch;

    fn fingerprint(&self) -> String {
        let pairs = self.pairs.train.iter().chain(self.pairs.valid.iter());
        let digest = digest(pairs.flat_map(|pair| {
            let pair = pair.read.iter().chain(&[u32::MAX]).chain(pair.written);
            pair.copied()
        }));
        // How often the decoder is told its own guess depends on how many epochs there are to be.
        let epochs = match self.tables.translate.sampling > 0.0 {
            true => self.train.epochs,
            false => 0,
        };
        let vocabularies = &self.pairs.vocabularies;
        format!(
            "{digest:016x} {} {} {} {epochs} {:?}",
            vocabularies.source.digest(),
            vocabularies.target.digest(),
            self.network,
            self.tables.translate
        )
    }

    fn describe(&self, batch: &Batch) -> String {
        let first = self.pairs.train.get(batch.rows[0]);
        format!(
            "its first pair reads {:?} and {:?}",
            first.source(),
            first.target()
        )
    }

    fn batches(&self, epoch: usize) -> Vec<Batch> {
        let pairs = &self.pairs.train;
        let lengths = pairs.lengths();
        let longest_first = |mut rows: Vec<usize>| {
            // The kernels pass over padded steps where the shorter sequences stand last.
            rows.sort_by_key(|row| std::cmp::Reverse(pairs.get(*row).read.len()));
            Batch { rows, epoch }
        };
        batches(&lengths, self.train.batch_size, self.train.seed, epoch)
            .into_iter()
            .map(longest_first)
            .collect()
    }

    fn loss(&self, model: &EncoderDecoder, batch: &Batch, _: Option<Carry>) -> StepLoss {
        let rows = batch.rows.iter().map(|row| self.pairs.train.get(*row));
        let rows: Vec<Pair<'_>> = rows.collect();
        let mut tensors = Tensors::new(&rows, self.pairs, &self.device);
        let sampling = self.sampling(batch.epoch);
        if sampling > 0.0 {
            let valid = model.valid();
            let source = tensors.source.clone().inner();
            let (memory, state) = valid.encode(source, &tensors.source_lengths);
            let mixed = valid.decoder.sampled(
                &memory,
                state,
                &tensors.told.clone().inner(),
                &tensors.target_lengths,
                sampling,
            );
            tensors.told = Tensor::from_data(mixed.into_data(), &self.device);
        }
        let rule = CrossEntropy {
            label_smoothing: self.train.loss.label_smoothing.unwrap_or(0.0),
            ..CrossEntropy::default()
        };
        StepLoss {
            loss: rule.forward(tensors.logits(model), tensors.wanted.clone()),
            carry: None,
            examples: tensors.wanted.dims()[0],
        }
    }

    /// The loss on the validation pairs in nats a token, its perplexity, and the BLEU of greedy answers.
    fn validate(&self, model: &EncoderDecoder) -> Option<Evaluation> {
        let valid = &self.pairs.valid;
        if valid.is_empty() {
            return None;
        }
        let loss = loss(model, self.pairs, valid);
        let search = Search::new(&self.pairs.vocabularies.target, &self.tables.search).greedy();
        let sources: Vec<&[u32]> = valid.iter().map(|pair| pair.read).collect();
        let found = answers(model, &search, &sources);
        let texts: Vec<String> = found
            .into_iter()
            .map(|mut found| found.remove(0).text)
            .collect();
        let references: Vec<&str> = valid.iter().map(|pair| pair.target()).collect();
        let score = bleu(&texts, &references, self.tables.score).score;
        Some(Evaluation {
            loss,
            metrics: BTreeMap::from([("perplexity".into(), loss.exp()), ("bleu".into(), score)]),
        })
    }
}
