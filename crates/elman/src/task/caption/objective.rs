//! What the training loop makes small: the surprise at each next token of a sentence.

use super::dataset::{Dataset, Shown};
use super::describer::{Search, answers};
use crate::metric::{BleuConfig, bleu_of_many};
use crate::model::Captioner;
use crate::task::translate::{SearchConfig, padded};
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig};
use burn::prelude::*;
use elman_data::text::{Special, batches};
use std::collections::BTreeMap;

/// Sentences that are evaluated in one pass.
const EVALUATION_BATCH: usize = 64;

/// A captioner's training on a [`Dataset`] whose pictures were looked at.
pub struct CaptionObjective<'a> {
    pub(super) data: &'a Dataset,
    pub(super) search: &'a SearchConfig,
    pub(super) longest: usize,
    pub(super) score: BleuConfig,
    pub(super) train: &'a TrainConfig,
    pub(super) device: Device,
    /// What, besides the sentences, a checkpoint belongs to.
    pub(super) network: String,
}

/// Sentences that are learned together.
#[derive(Clone, Debug)]
pub struct PictureBatch {
    rows: Vec<usize>,
}

/// The logits of sentences, and the tokens that are wanted, sentence after sentence.
pub(super) fn surprise(
    data: &Dataset,
    part: &Shown,
    pairs: &[(usize, &[u32])],
    model: &Captioner,
    device: &Device,
) -> (Tensor<2>, Tensor<1, Int>) {
    let special = |special| {
        let token = data.vocabulary.special(special);
        i64::from(token.expect("sentences have a start and an end"))
    };
    let (start, end) = (special(Special::Start), special(Special::End));
    let numbers = |tokens: &[u32]| {
        tokens
            .iter()
            .map(|token| i64::from(*token))
            .collect::<Vec<_>>()
    };
    let told: Vec<Vec<i64>> = pairs
        .iter()
        .map(|(_, tokens)| [vec![start], numbers(tokens)].concat())
        .collect();
    let wanted: Vec<i64> = pairs
        .iter()
        .flat_map(|(_, tokens)| [numbers(tokens), vec![end]].concat())
        .collect();
    let lengths: Vec<usize> = told.iter().map(Vec::len).collect();
    let count = wanted.len();
    let rows: Vec<usize> = pairs.iter().map(|(picture, _)| *picture).collect();
    let grids = part.grids().batch(&rows, device);
    let logits = model.forward(grids, padded(&told, device), &lengths);
    (
        logits,
        Tensor::from_data(TensorData::new(wanted, [count]), device),
    )
}

/// Mean of `−log p` over all tokens and ends of a part's sentences, in nats.
pub(super) fn loss(model: &Captioner, data: &Dataset, part: &Shown) -> f64 {
    let (mut total, mut count) = (0.0, 0);
    let mut pairs: Vec<(usize, Vec<u32>)> = Vec::new();
    for (picture, sentences) in part.sentences.iter().enumerate() {
        let tokens = sentences
            .iter()
            .filter_map(|sentence| data.vocabulary.encode(sentence).ok());
        pairs.extend(tokens.map(|tokens| (picture, tokens)));
    }
    pairs.sort_by_key(|(_, tokens)| tokens.len());
    for chunk in pairs.chunks(EVALUATION_BATCH) {
        let chunk: Vec<(usize, &[u32])> = chunk
            .iter()
            .map(|(picture, tokens)| (*picture, &tokens[..]))
            .collect();
        let (logits, wanted) = surprise(data, part, &chunk, model, &Device::default());
        let tokens = wanted.dims()[0];
        let mean = CrossEntropy::default().forward(logits, wanted);
        total += f64::from(mean.into_scalar::<f32>()) * tokens as f64;
        count += tokens;
    }
    total / count.max(1) as f64
}

impl Objective for CaptionObjective<'_> {
    type Model = Captioner;
    type Batch = PictureBatch;

    fn fingerprint(&self) -> String {
        format!("{} {}", self.data.digest(), self.network)
    }

    fn describe(&self, batch: &PictureBatch) -> String {
        let (picture, _) = &self.data.pairs[batch.rows[0]];
        format!(
            "one of its pictures is `{}`",
            self.data.train.files[*picture].display()
        )
    }

    fn batches(&self, epoch: usize) -> Vec<PictureBatch> {
        let lengths: Vec<usize> = self
            .data
            .pairs
            .iter()
            .map(|(_, tokens)| tokens.len())
            .collect();
        batches(&lengths, self.train.batch_size, self.train.seed, epoch)
            .into_iter()
            .map(|rows| PictureBatch { rows })
            .collect()
    }

    fn loss(&self, model: &Captioner, batch: &PictureBatch, _: Option<Carry>) -> StepLoss {
        let pairs = batch.rows.iter().map(|row| &self.data.pairs[*row]);
        let pairs: Vec<(usize, &[u32])> = pairs
            .map(|(picture, tokens)| (*picture, &tokens[..]))
            .collect();
        let (logits, wanted) = surprise(self.data, &self.data.train, &pairs, model, &self.device);
        let rule = CrossEntropy {
            label_smoothing: self.train.loss.label_smoothing.unwrap_or(0.0),
            ..CrossEntropy::default()
        };
        let examples = wanted.dims()[0];
        StepLoss {
            loss: rule.forward(logits, wanted),
            carry: None,
            examples,
        }
    }

    /// The loss on the validation sentences in nats a token, and the BLEU of greedy answers.
    fn validate(&self, model: &Captioner) -> Option<Evaluation> {
        let valid = &self.data.valid;
        if valid.is_empty() {
            return None;
        }
        let loss = loss(model, self.data, valid);
        let search = Search::new(&self.data.vocabulary, self.search).greedy();
        let found = answers(model, &search, self.longest, valid.grids());
        let texts: Vec<&str> = found.iter().map(|found| found[0].text.as_str()).collect();
        let score = bleu_of_many(&texts, &valid.sentences, self.score);
        Some(Evaluation {
            loss,
            metrics: BTreeMap::from([
                ("perplexity".into(), loss.exp()),
                ("bleu_1".into(), score.by_order[0]),
                ("bleu".into(), score.score),
            ]),
        })
    }
}
