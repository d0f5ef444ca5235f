//! Tagging: one label for each word of a sentence, from the word, its letters and the words around it.

mod config;
mod input;

pub use config::{CharacterInput, TagOutput, TaggerConfig, WordInput};
pub use input::{Sentence, TaggerInput, hide_rare};

use super::crf::Crf;
use crate::layer::{AnyRecurrent, dropped};
use crate::likeliest;
use crate::ops;
use crate::train::loss::{CrossEntropy, Reduction};
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation::softmax;

/// Reads a word letter by letter, in both directions.
#[derive(Module, Debug)]
pub struct CharacterLayer {
    /// The vectors of letters.
    pub embedding: nn::Embedding,
    /// What reads them; its last state in either direction stands for the word.
    pub rnn: AnyRecurrent,
}

/// A tagger of sentences.
///
/// ```text
/// w_t = [embedding of word t ; last states of a bidirectional layer over the letters of word t]
/// h   = bidirectional layers over dropout(w)
/// x_t = W dropout(h_t) + b                    then a softmax at each step, or a random field over all of them
/// ```
///
/// Built from a [`TaggerConfig`].
///
/// # References
/// Lample et al. (2016), *Neural architectures for named entity recognition*; Plank, Søgaard & Goldberg (2016), *Multilingual
/// part-of-speech tagging with bidirectional LSTM models and auxiliary loss*.
#[derive(Module, Debug)]
pub struct Tagger {
    /// The vectors of words.
    pub words: Option<nn::Embedding>,
    /// What reads their letters.
    pub characters: Option<CharacterLayer>,
    /// What reads sentences.
    pub rnn: AnyRecurrent,
    /// What scores tags.
    pub output: nn::Linear,
    /// How tags follow each other; without it each step has its own softmax.
    pub crf: Option<Crf>,
    dropout: nn::Dropout,
}

/// The tags of one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// The best tag of each word: of the best path, where there is a random field.
    pub tags: Vec<u32>,
    /// `[words × tags]`: the probability of each tag of each word, whatever the others are.
    pub probabilities: Vec<f32>,
}

impl Tagger {
    /// The score of each tag for each word.
    ///
    /// # Shapes
    /// - result `[batch, time, tags]`; what stands at padded steps means nothing
    ///
    /// # Panics
    /// If a number of the input is beyond its vocabulary.
    pub fn forward(&self, input: &TaggerInput) -> Tensor<3> {
        let words = self
            .words
            .iter()
            .map(|layer| ops::embedding(layer.weight.val(), input.words.clone()));
        let letters = self.characters.iter().map(|layer| layer.forward(input));
        let mut parts: Vec<_> = words.chain(letters).collect();
        let vectors = match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 2),
        };
        let vectors = dropped(&self.dropout, vectors);
        let _here = ops::scope(format_args!("words"));
        let (states, _) = self.rnn.forward(vectors, Some(&input.lengths), None);
        ops::dense(&self.output, dropped(&self.dropout, states))
    }

    /// The loss of a batch, a mean over its words, and over how many.
    ///
    /// A word without a target has no loss; with a random field its whole sentence has none.
    ///
    /// # Shapes
    /// - targets `[batch × time]`; at padded steps anything
    /// - result `[1]`
    ///
    /// # Panics
    /// If there is not one target for each step, or one is not a tag; or as [`forward`](Self::forward).
    pub fn loss(&self, input: &TaggerInput, targets: &[Option<u32>]) -> (Tensor<1>, usize) {
        let scores = self.forward(input);
        let [batch, time, _] = scores.dims();
        assert_eq!(targets.len(), batch * time, "one target for each step");
        let rows = || targets.chunks(time.max(1)).zip(&input.lengths);
        let Some(crf) = &self.crf else {
            const NONE: i64 = -1;
            let known =
                |(row, length): (&[Option<u32>], &usize)| row[..*length].iter().flatten().count();
            let ids = targets.iter().map(|tag| tag.map_or(NONE, i64::from));
            let ids = TensorData::new(ids.collect::<Vec<_>>(), [batch, time]);
            let ids = Tensor::from_data(ids, &scores.device());
            let rule = CrossEntropy {
                ignored: Some(NONE),
                ..CrossEntropy::default()
            };
            let reduction = Reduction {
                lengths: Some(&input.lengths),
                ..Reduction::default()
            };
            let loss = rule.forward_sequence(scores, ids, reduction);
            return (loss, rows().map(known).sum());
        };
        let whole = |(row, length): (&[Option<u32>], &usize)| match row[..*length].contains(&None) {
            true => 0,
            false => *length,
        };
        let lengths: Vec<usize> = rows().map(whole).collect();
        let count: usize = lengths.iter().sum();
        let tags: Vec<u32> = targets.iter().map(|tag| tag.unwrap_or(0)).collect();
        let losses = crf.loss(scores, tags, &lengths);
        (losses.sum() / count.max(1) as f64, count)
    }

    /// The tags of each sentence and their probabilities.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    pub fn answer(&self, input: &TaggerInput) -> Vec<Tagged> {
        self.answer_from(self.forward(input), input)
    }

    /// The same from the scores that [`forward`](Self::forward) gave, `[batch, time, tags]`.
    pub(crate) fn answer_from(&self, scores: Tensor<3>, input: &TaggerInput) -> Vec<Tagged> {
        let [_, time, tags] = scores.dims();
        let (paths, probabilities) = match &self.crf {
            Some(crf) => {
                let paths = crf.decode(scores.clone(), &input.lengths);
                (Some(paths.tags), crf.marginals(scores, &input.lengths))
            }
            None => (None, crate::values(softmax(scores, 2))),
        };
        let answer = |(row, length): (usize, &usize)| {
            let probabilities = &probabilities[row * time * tags..][..length * tags];
            let tags = match &paths {
                Some(paths) => paths[row * time..][..*length].to_vec(),
                None => {
                    let rows = probabilities.chunks(tags);
                    rows.map(|row| likeliest(row) as u32).collect()
                }
            };
            Tagged {
                tags,
                probabilities: probabilities.to_vec(),
            }
        };
        input.lengths.iter().enumerate().map(answer).collect()
    }
}

impl CharacterLayer {
    /// The vector of each word, `[batch, time, 2 × hidden_size]`.
    fn forward(&self, input: &TaggerInput) -> Tensor<3> {
        let letters = ops::embedding(self.embedding.weight.val(), input.letters.clone());
        let _here = ops::scope(format_args!("letters"));
        let (_, state) = self.rnn.forward(letters, Some(&input.spelled), None);
        ops::embedding(self.rnn.last(state), input.places.clone())
    }
}
