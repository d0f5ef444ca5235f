//! Sentences as tensors: words by number, and each distinct word of the batch spelled once.

use burn::prelude::*;
use elman_data::random::mix;
use std::collections::BTreeMap;

/// Most letters of a word that are read: one line of a megabyte without a space must not fill the memory.
const LONGEST: usize = 64;

/// One sentence as numbers, both for each of its words.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    /// Which vector.
    pub words: &'a [u32],
    /// Which spelling.
    pub spellings: &'a [u32],
}

/// A batch of sentences as a [`Tagger`](super::Tagger) reads it.
#[derive(Clone, Debug)]
pub struct TaggerInput {
    /// Words of each sentence.
    pub(super) lengths: Vec<usize>,
    /// `[batch, time]`
    pub(super) words: Tensor<2, Int>,
    /// `[distinct words, longest]`
    pub(super) letters: Tensor<2, Int>,
    /// Letters of each distinct word.
    pub(super) spelled: Vec<usize>,
    /// `[batch, time]`: which of the distinct words.
    pub(super) places: Tensor<2, Int>,
}

impl TaggerInput {
    /// Puts sentences side by side. `spellings` are the letters of all words there are; of a word with more than 64 the first
    /// and the last 32 are read.
    ///
    /// # Panics
    /// If a sentence has not one spelling for each word, or one that does not exist.
    pub fn new(sentences: &[Sentence<'_>], spellings: &[Vec<u32>], device: &Device) -> Self {
        let lengths: Vec<usize> = sentences.iter().map(|s| s.words.len()).collect();
        let shape = [lengths.len(), longest(&lengths)];
        for sentence in sentences {
            let [words, spelled] = [sentence.words, sentence.spellings].map(<[u32]>::len);
            assert_eq!(words, spelled, "one spelling for each word");
        }
        let distinct: BTreeMap<u32, ()> = sentences
            .iter()
            .flat_map(|sentence| sentence.spellings.iter().map(|spelling| (*spelling, ())))
            .collect();
        let letters = distinct.keys();
        let mut letters: Vec<Vec<u32>> = letters
            .map(|spelling| read(&spellings[*spelling as usize]))
            .collect();
        if letters.is_empty() {
            // What padding refers to.
            letters.push(Vec::new());
        }
        let spelled: Vec<usize> = letters.iter().map(Vec::len).collect();
        let places: BTreeMap<u32, u32> = distinct.into_keys().zip(0..).collect();
        let place = |s: &Sentence<'_>| s.spellings.iter().map(|s| places[s]).collect();
        let numbers: Vec<Vec<u32>> = sentences.iter().map(place).collect();
        Self {
            words: padded(sentences.iter().map(|s| s.words), shape, device),
            letters: padded(
                letters.iter().map(Vec::as_slice),
                [spelled.len(), longest(&spelled)],
                device,
            ),
            places: padded(numbers.iter().map(Vec::as_slice), shape, device),
            lengths,
            spelled,
        }
    }

    /// Words of each sentence.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Words of the longest sentence, at least one: how far the others are padded.
    pub fn time(&self) -> usize {
        self.words.dims()[1]
    }
}

/// At least one step, as there are no tensors without any.
fn longest(lengths: &[usize]) -> usize {
    lengths.iter().copied().max().unwrap_or(0).max(1)
}

/// The letters of a word that are read.
fn read(letters: &[u32]) -> Vec<u32> {
    match letters.len() {
        0..=LONGEST => letters.to_vec(),
        len => [&letters[..LONGEST / 2], &letters[len - LONGEST / 2..]].concat(),
    }
}

/// Rows of numbers, filled up with zeros.
fn padded<'a>(
    rows: impl Iterator<Item = &'a [u32]>,
    [count, time]: [usize; 2],
    device: &Device,
) -> Tensor<2, Int> {
    let mut values = vec![0i32; count * time];
    for (values, row) in values.chunks_mut(time).zip(rows) {
        for (value, number) in values.iter_mut().zip(row) {
            *value = *number as i32;
        }
    }
    Tensor::from_data(TensorData::new(values, [count, time]), device)
}

/// Replaces rare words by `unknown`, each with probability `rate`, so that a model learns what to make of words that it
/// does not know (Lample et al., 2016: of the words seen once, every second). The same seed hides the same places.
pub fn hide_rare(
    words: &mut [u32],
    rare: impl Fn(u32) -> bool,
    unknown: u32,
    rate: f64,
    seed: u64,
) {
    // 2⁵³: as many steps as an f64 tells apart below 1.
    let below = |place: usize| (mix(&[seed, place as u64]) >> 11) as f64 / 9_007_199_254_740_992.0;
    for (place, word) in words.iter_mut().enumerate() {
        if rare(*word) && below(place) < rate {
            *word = unknown;
        }
    }
}
