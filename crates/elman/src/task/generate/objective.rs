//! What the training loop makes small: the surprise at each next token.

use super::corpus::Corpus;
use crate::model::LanguageModel;
use crate::task::Error;
use crate::train::loss::CrossEntropy;
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig, shuffled};
use burn::prelude::*;
use elman_data::random::digest;
use elman_data::text::Special;
use std::collections::BTreeMap;

/// Steps of truncated back-propagation, where the recipe does not say.
const BPTT_LEN: usize = 64;
/// Steps that are evaluated in one pass.
const EVALUATION_STEPS: usize = 128;
/// Streams that a text is evaluated in, and the fewest tokens that each of them has.
const EVALUATION_STREAMS: usize = 32;
const EVALUATION_LENGTH: usize = 1024;

/// A language model's training on a [`Corpus`]: `batch_size` parallel streams, read in chunks of `bptt_len` tokens, each
/// from the states in which the one before left the network (Mikolov et al., 2010; Zaremba et al., 2014).
pub struct LanguageObjective<'a> {
    corpus: &'a Corpus,
    train: &'a TrainConfig,
    device: Device,
    /// What, besides the text, a checkpoint belongs to.
    network: String,
}

/// The next `steps` tokens of parallel streams.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where each stream goes on.
    starts: Vec<usize>,
    steps: usize,
    /// Whether the streams begin here.
    first: bool,
}

impl<'a> LanguageObjective<'a> {
    /// The training of `corpus`, on `device`; `network` tells one network from another.
    ///
    /// # Errors
    /// If the training text is too short to be read as so many streams.
    pub fn new(
        corpus: &'a Corpus,
        train: &'a TrainConfig,
        network: String,
        device: Device,
    ) -> Result<Self, Error> {
        let tokens = corpus.train.tokens.len();
        if tokens.saturating_sub(1) < train.batch_size {
            return Err(Error::input(format!(
                "the text to learn from has {tokens} tokens, too few to be read as train.batch_size = {} streams: lower \
                 it, or give more text",
                train.batch_size
            )));
        }
        Ok(Self {
            corpus,
            train,
            device,
            network,
        })
    }

    /// Where the document begins that a place is in. Streams begin there, so that a network without a past has always read the
    /// end of a document and nothing else, as it has when it is to make one.
    fn beginning(&self, place: usize) -> usize {
        let Some(end) = self.corpus.vocabulary.special(Special::End) else {
            return place;
        };
        let before = &self.corpus.train.tokens[..=place];
        before
            .iter()
            .rposition(|token| *token == end)
            .unwrap_or(place)
    }

    fn ids(&self, starts: &[usize], steps: usize) -> Tensor<2, Int> {
        ids(&self.corpus.train.tokens, starts, steps, &self.device)
    }
}

pub(super) fn ids(
    tokens: &[u32],
    starts: &[usize],
    steps: usize,
    device: &Device,
) -> Tensor<2, Int> {
    let rows = starts
        .iter()
        .flat_map(|start| &tokens[*start..*start + steps]);
    let values: Vec<i64> = rows.map(|token| i64::from(*token)).collect();
    Tensor::from_data(TensorData::new(values, [starts.len(), steps]), device)
}

/// Mean of `−log p` over all tokens but the first, in nats.
pub fn loss(model: &LanguageModel, tokens: &[u32]) -> f64 {
    let targets = tokens.len().saturating_sub(1);
    let streams = (targets / EVALUATION_LENGTH).clamp(1, EVALUATION_STREAMS);
    let length = targets / streams;
    let starts: Vec<usize> = (0..streams).map(|stream| stream * length).collect();
    let mut total = 0.0;
    let mut read = |starts: &[usize], steps: usize, states: Option<Carry>| {
        let device = Device::default();
        let (logits, states) = model.forward_from(ids(tokens, starts, steps, &device), states);
        let next: Vec<usize> = starts.iter().map(|start| start + 1).collect();
        let wanted = ids(tokens, &next, steps, &device).reshape([starts.len() * steps]);
        let mean = CrossEntropy::default().forward(logits, wanted);
        total += f64::from(mean.into_scalar::<f32>()) * (starts.len() * steps) as f64;
        states
    };
    let mut states = None;
    for at in (0..length).step_by(EVALUATION_STEPS) {
        let starts: Vec<usize> = starts.iter().map(|start| start + at).collect();
        states = Some(read(&starts, EVALUATION_STEPS.min(length - at), states));
    }
    // What the division into equal streams left over, after the last of them.
    let rest = targets - streams * length;
    if rest > 0 {
        let last = states.map(|states| {
            let last = |state: Tensor<3>| state.narrow(1, streams - 1, 1);
            states.into_iter().map(last).collect()
        });
        read(&[streams * length], rest, last);
    }
    total / targets.max(1) as f64
}

/// What a loss in nats a token means: perplexity and bits a character.
pub(super) fn figures(loss: f64, tokens: usize, characters: usize) -> [f64; 2] {
    let nats = loss * tokens.saturating_sub(1) as f64;
    let bits = nats / std::f64::consts::LN_2 / characters.max(1) as f64;
    [loss.exp(), bits]
}

impl Objective for LanguageObjective<'_> {
    type Model = LanguageModel;
    type Batch = Chunk;

    fn fingerprint(&self) -> String {
        let parts = [&self.corpus.train, &self.corpus.valid];
        let digest = digest(parts.iter().flat_map(|part| part.tokens.iter().copied()));
        format!(
            "{digest:016x} {} {}",
            self.corpus.vocabulary.digest(),
            self.network
        )
    }

    fn describe(&self, batch: &Chunk) -> String {
        let start = batch.starts[0];
        let text = &self.corpus.train.tokens[start..start + batch.steps.min(40)];
        format!(
            "its first stream reads {:?}",
            self.corpus.vocabulary.decode(text)
        )
    }

    /// The streams begin a little later in each epoch, so that they are not always cut at the same places.
    fn batches(&self, epoch: usize) -> Vec<Chunk> {
        let bptt_len = self.train.bptt_len.unwrap_or(BPTT_LEN);
        let (streams, targets) = (self.train.batch_size, self.corpus.train.tokens.len() - 1);
        let shift = match targets / streams > 2 * bptt_len {
            true => shuffled(bptt_len, self.train.seed, epoch)[0],
            false => 0,
        };
        let length = (targets - shift) / streams;
        let starts = (0..streams).map(|stream| self.beginning(shift + stream * length));
        let starts: Vec<usize> = starts.collect();
        let chunk = |at: usize| Chunk {
            starts: starts.iter().map(|start| start + at).collect(),
            steps: bptt_len.min(length - at),
            first: at == 0,
        };
        (0..length).step_by(bptt_len).map(chunk).collect()
    }

    fn loss(&self, model: &LanguageModel, batch: &Chunk, carry: Option<Carry>) -> StepLoss {
        let Chunk {
            starts,
            steps,
            first,
        } = batch;
        let carry = carry.filter(|_| !first);
        let (logits, states) = model.forward_from(self.ids(starts, *steps), carry);
        let next: Vec<usize> = starts.iter().map(|start| start + 1).collect();
        let examples = starts.len() * steps;
        let wanted = self.ids(&next, *steps).reshape([examples]);
        let rule = CrossEntropy {
            label_smoothing: self.train.loss.label_smoothing.unwrap_or(0.0),
            ..CrossEntropy::default()
        };
        StepLoss {
            loss: rule.forward(logits, wanted),
            carry: Some(states),
            examples,
        }
    }

    /// The loss on the validation text in nats a token, its perplexity and its bits a character.
    fn validate(&self, model: &LanguageModel) -> Option<Evaluation> {
        let valid = &self.corpus.valid;
        if valid.tokens.len() < 2 {
            return None;
        }
        let loss = loss(model, &valid.tokens);
        let [perplexity, bits] = figures(loss, valid.tokens.len(), valid.characters);
        Some(Evaluation {
            loss,
            metrics: BTreeMap::from([
                ("perplexity".into(), perplexity),
                ("bits_per_character".into(), bits),
            ]),
        })
    }
}
