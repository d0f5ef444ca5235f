//! What the training loop makes small: the surprise at the right tags.

use super::dataset::{Dataset, Part, Spellings};
use crate::model::{Sentence, Tagged, Tagger, TaggerInput, hide_rare};
use crate::task::passes::passes;
use crate::train::{Carry, Evaluation, Objective, StepLoss, TrainConfig};
use burn::prelude::*;
use elman_data::random::mix;
use elman_data::text::batches;
use std::collections::BTreeMap;

/// Sentences answered in one pass.
const AT_ONCE: usize = 128;

/// A tagger's training on a [`Dataset`].
pub struct TagObjective<'a> {
    pub(super) data: &'a Dataset,
    pub(super) train: &'a TrainConfig,
    pub(super) word_dropout: f64,
    pub(super) device: Device,
    /// What, besides the sentences, a checkpoint belongs to.
    pub(super) network: String,
}

/// Sentences of like length.
#[derive(Clone, Debug)]
pub struct Batch {
    rows: Vec<usize>,
    /// Which rare words are hidden.
    seed: u64,
}

impl Batch {
    /// Its sentences.
    pub(super) fn into_rows(self) -> Vec<usize> {
        self.rows
    }
}

/// Sentences side by side, as the tagger reads them; `words` may have been hidden.
fn input(
    part: &Part,
    words: &[impl AsRef<[u32]>],
    rows: &[usize],
    spellings: &Spellings,
    device: &Device,
) -> TaggerInput {
    let sentences: Vec<Sentence<'_>> = rows
        .iter()
        .zip(words)
        .map(|(row, words)| Sentence {
            words: words.as_ref(),
            spellings: &part.spellings[*row],
        })
        .collect();
    TaggerInput::new(&sentences, &spellings.letters, device)
}

/// The right tags, padded as the input is.
fn targets(part: &Part, rows: &[usize], time: usize) -> Vec<Option<u32>> {
    let padded = |row: &usize| {
        let tags = part.tags[*row].iter().copied();
        tags.chain(std::iter::repeat(None)).take(time)
    };
    rows.iter().flat_map(padded).collect()
}

/// What a tagger says about every sentence of a part.
pub fn answers(model: &Tagger, part: &Part, spellings: &Spellings) -> Vec<Tagged> {
    let lengths = part.lengths();
    let mut answers = vec![None; part.words.len()];
    for rows in passes(&lengths, AT_ONCE, usize::MAX) {
        let words: Vec<&[u32]> = rows.iter().map(|row| &part.words[*row]).collect();
        let input = input(part, &words, &rows, spellings, &Device::default());
        for (row, answer) in rows.iter().zip(model.answer(&input)) {
            answers[*row] = Some(answer);
        }
    }
    answers.into_iter().flatten().collect()
}

impl Objective for TagObjective<'_> {
    type Model = Tagger;
    type Batch = Batch;

    fn fingerprint(&self) -> String {
        let lexicon = &self.data.lexicon;
        let mut digest = 0u64;
        for part in [&self.data.train, &self.data.valid] {
            for (words, tags) in part.words.iter().zip(part.tags.iter()) {
                let tags = tags.iter().map(|tag| tag.map_or(u64::MAX, u64::from));
                let numbers = words.iter().map(|word| u64::from(*word));
                let sentence: Vec<u64> =
                    std::iter::once(digest).chain(numbers).chain(tags).collect();
                digest = mix(&sentence);
            }
        }
        format!(
            "{digest:016x} {} {}",
            lexicon.letters.digest(),
            self.network
        )
    }

    fn describe(&self, batch: &Batch) -> String {
        let first = &self.data.train.sentences[batch.rows[0]];
        format!("one of its sentences begins at {}", first.place())
    }

    fn batches(&self, epoch: usize) -> Vec<Batch> {
        let lengths = self.data.train.lengths();
        let (size, seed) = (self.train.batch_size, self.train.seed);
        let rows = batches(&lengths, size, seed, epoch);
        let batch = |(number, rows): (u64, Vec<usize>)| Batch {
            rows,
            seed: mix(&[seed, epoch as u64, number]),
        };
        (0..).zip(rows).map(batch).collect()
    }

    fn loss(&self, model: &Tagger, batch: &Batch, _carry: Option<Carry>) -> StepLoss {
        let (data, part) = (self.data, &self.data.train);
        let mut words: Vec<Vec<u32>> = batch
            .rows
            .iter()
            .map(|row| part.words[*row].to_vec())
            .collect();
        let rare = |word: u32| data.counts[word as usize] == 1;
        for (number, words) in (0..).zip(&mut words) {
            let seed = mix(&[batch.seed, number]);
            hide_rare(words, rare, data.lexicon.unknown(), self.word_dropout, seed);
        }
        let input = input(part, &words, &batch.rows, &data.spellings, &self.device);
        let targets = targets(part, &batch.rows, input.time());
        let (loss, examples) = model.loss(&input, &targets);
        StepLoss {
            loss,
            carry: None,
            examples,
        }
    }

    /// The loss of each word, and the share of words with the right tag.
    fn validate(&self, model: &Tagger) -> Option<Evaluation> {
        let (data, part) = (self.data, &self.data.valid);
        if part.words.is_empty() {
            return None;
        }
        let lengths = part.lengths();
        let (mut loss, mut count) = (0.0, 0);
        for rows in passes(&lengths, AT_ONCE, usize::MAX) {
            let words: Vec<&[u32]> = rows.iter().map(|row| &part.words[*row]).collect();
            let input = input(part, &words, &rows, &data.spellings, &Device::default());
            let (mean, words) = model.loss(&input, &targets(part, &rows, input.time()));
            loss += f64::from(mean.into_scalar::<f32>()) * words as f64;
            count += words;
        }
        let answers = answers(model, part, &data.spellings);
        let pairs = part.tags.iter().zip(&answers);
        let right = pairs.map(|(tags, answer)| {
            let pairs = tags.iter().zip(&answer.tags);
            pairs
                .filter(|(tag, said)| tag.as_ref() == Some(said))
                .count()
        });
        let accuracy = right.sum::<usize>() as f64 / part.count().max(1) as f64;
        Some(Evaluation {
            loss: loss / count.max(1) as f64,
            metrics: BTreeMap::from([("accuracy".into(), accuracy)]),
        })
    }
}
