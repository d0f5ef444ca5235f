//! What a model says about texts.

use crate::model::Model;
use crate::task::passes::passes;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use elman_data::Ragged;
use elman_data::random::mix;

/// Texts answered in one pass.
const AT_ONCE: usize = 256;
/// Tokens answered in one pass, unless one text alone has more.
const TOKENS_AT_ONCE: usize = 65_536;

/// Texts side by side as a model reads them: numbers `[batch, time]` and their lengths. `time` is `width`, or else the length of
/// the longest text, at least 1; longer texts are cut.
pub fn batch(
    texts: &[impl AsRef<[u32]>],
    width: Option<usize>,
    padding: u32,
    device: &Device,
) -> (Tensor<2, Int>, Vec<usize>) {
    let lengths = texts.iter().map(|text| text.as_ref().len());
    let time = width.unwrap_or_else(|| lengths.clone().max().unwrap_or(0).max(1));
    let lengths = lengths.map(|length| length.min(time)).collect();
    let mut ids = vec![i64::from(padding); texts.len() * time];
    for (row, text) in ids.chunks_exact_mut(time).zip(texts) {
        for (place, token) in row.iter_mut().zip(text.as_ref()) {
            *place = i64::from(*token);
        }
    }
    let ids = TensorData::new(ids, [texts.len(), time]);
    (Tensor::from_data(ids, device), lengths)
}

/// The probability of each class for each text, by a model without gradients. `width` is that of [`batch`].
pub fn answers(
    model: &Model,
    texts: &Ragged<u32>,
    width: Option<usize>,
    padding: u32,
) -> Vec<Vec<f64>> {
    let shares = in_batches(model, texts, width, padding, |logits| softmax(logits, 1));
    let wide = |shares: &Vec<f32>| shares.iter().map(|share| f64::from(*share)).collect();
    shares.iter().map(wide).collect()
}

/// What a model without gradients gives for each text, after `then`. Texts of like length are answered together.
pub(in crate::task) fn in_batches(
    model: &Model,
    texts: &Ragged<u32>,
    width: Option<usize>,
    padding: u32,
    then: impl Fn(Tensor<2>) -> Tensor<2>,
) -> Vec<Vec<f32>> {
    let lengths = texts.lengths();
    let mut answers = vec![Vec::new(); texts.len()];
    for rows in passes(&lengths, AT_ONCE, TOKENS_AT_ONCE) {
        let chosen: Vec<&[u32]> = rows.iter().map(|row| &texts[*row]).collect();
        let (ids, lengths) = batch(&chosen, width, padding, &Device::default());
        let vectors = then(model.forward(ids, Some(&lengths)).vector());
        let [_, features] = vectors.dims();
        let vectors = crate::values(vectors);
        for (row, vector) in rows.iter().zip(vectors.chunks_exact(features.max(1))) {
            answers[*row] = vector.to_vec();
        }
    }
    answers
}

/// Puts the unknown token in the place of some tokens, each with a probability (word dropout: Iyyer et al., *Deep unordered
/// composition rivals syntactic methods for text classification*, 2015). So unknown words are learned too. Which tokens follows
/// from `seeds`.
pub(in crate::task) fn drop_words(tokens: &mut [u32], drop: Option<(u32, f64)>, seeds: &[u64]) {
    let Some((unknown, rate)) = drop.filter(|(_, rate)| *rate > 0.0) else {
        return;
    };
    let (limit, text) = ((rate * 2f64.powi(64)) as u64, mix(seeds));
    for (place, token) in (0u64..).zip(tokens) {
        if mix(&[text, place]) < limit {
            *token = unknown;
        }
    }
}
