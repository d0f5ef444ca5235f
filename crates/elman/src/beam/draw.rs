//! Sequences that are drawn, and the answer that they agree with most.

use super::{Hypothesis, Next, NextToken, Open, Search, falling};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};

/// Longest runs of tokens that two sequences are compared by. Drawn sentences share few longer ones: on the validation pictures
/// of `caption-flickr`, pairs chose sentences of a higher BLEU, of every order, than single tokens or runs of four.
const ORDERS: usize = 2;

/// A sequence as far as it is drawn.
#[derive(Clone)]
struct Drawn {
    /// Its row in the call before.
    row: Option<usize>,
    /// Whether more can follow.
    open: bool,
    sequence: Hypothesis,
}

impl Search<'_> {
    /// Draws `draws` sequences for each sentence, each token with the probability that the model gives it. The same model and
    /// sentence draw the same.
    ///
    /// # Panics
    /// If the model does not answer for each open sequence.
    pub fn draw(&self, model: &mut impl NextToken, max_lengths: &[usize]) -> Vec<Vec<Hypothesis>> {
        let nothing = |length: &usize| Drawn {
            row: None,
            open: *length > 0,
            sequence: Hypothesis {
                tokens: Vec::new(),
                log_probability: 0.0,
                score: 0.0,
                ended: false,
                attention: Vec::new(),
            },
        };
        let drawn = |length: &usize| vec![nothing(length); self.draws];
        let mut sentences: Vec<Vec<Drawn>> = max_lengths.iter().map(drawn).collect();
        let mut chance = vec![ChaCha8Rng::seed_from_u64(0); max_lengths.len()];
        loop {
            let mut open = Vec::new();
            for (sentence, drawn) in sentences.iter_mut().enumerate() {
                for one in drawn.iter_mut().filter(|one| one.open) {
                    let token = one.sequence.tokens.last().copied();
                    let parent = one.row.replace(open.len());
                    open.push(Open {
                        sentence,
                        parent,
                        token: token.unwrap_or(self.start),
                    });
                }
            }
            if open.is_empty() {
                break;
            }
            let next = model.next(&open);
            next.check(open.len());
            for (sentence, drawn) in sentences.iter_mut().enumerate() {
                for one in drawn.iter_mut().filter(|one| one.open) {
                    self.extend(one, &next, open.len(), &mut chance[sentence]);
                    one.open &= one.sequence.tokens.len() < max_lengths[sentence];
                }
            }
        }
        let sequences = |drawn: Vec<Drawn>| drawn.into_iter().map(|one| one.sequence).collect();
        sentences.into_iter().map(sequences).collect()
    }

    /// Goes on by one token.
    fn extend(&self, one: &mut Drawn, next: &Next, rows: usize, chance: &mut ChaCha8Rng) {
        let row = one.row.expect("it was open in the call");
        let vocabulary = next.log_probabilities.len() / rows;
        let of_row = &next.log_probabilities[row * vocabulary..][..vocabulary];
        let shares = of_row.iter().enumerate().map(|(token, value)| {
            let share = f64::from(*value).exp();
            match share.is_finite() && !self.forbidden.contains(&token) {
                true => share,
                false => 0.0,
            }
        });
        let shares: Vec<f64> = shares.collect();
        let mut left = chance.random::<f64>() * shares.iter().sum::<f64>();
        let drawn = shares.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        let sequence = &mut one.sequence;
        let Some(token) = drawn else {
            one.open = false;
            return;
        };
        sequence.log_probability += f64::from(of_row[token]);
        if token == self.end {
            sequence.ended = true;
            one.open = false;
            return;
        }
        sequence.tokens.push(token);
        if !next.attention.is_empty() {
            let looked_at = next.attention.len() / rows;
            let weights = &next.attention[row * looked_at..][..looked_at];
            sequence.attention.push(weights.to_vec());
        }
    }
}

/// Different sequences in the order of how much others agree with them, and scored so: by the mean BLEU of single tokens and
/// pairs, smoothed, with each of the others as the reference, but for one copy of itself. From 0 to 1.
///
/// # References
/// Kumar & Byrne (2004), *Minimum Bayes-risk decoding for statistical machine translation*; Eikema & Aziz (2020), *Is MAP decoding
/// all you need?*; the smoothing: Lin & Och (2004), *ORANGE*.
pub fn agreed(mut candidates: Vec<Hypothesis>, drawn: &[Hypothesis]) -> Vec<Hypothesis> {
    let mut known = HashSet::new();
    candidates.retain(|candidate| known.insert(candidate.tokens.clone()));
    let others: Vec<Grams> = drawn.iter().map(|one| Grams::new(&one.tokens)).collect();
    for candidate in &mut candidates {
        let own = Grams::new(&candidate.tokens);
        let scores = drawn.iter().zip(&others);
        let itself = scores
            .clone()
            .position(|(one, _)| one.tokens == candidate.tokens);
        let others = scores
            .enumerate()
            .filter(|(place, _)| Some(*place) != itself);
        let sum: f64 = others.map(|(_, (_, other))| own.bleu(other)).sum();
        let count = drawn.len() - usize::from(itself.is_some());
        candidate.score = sum / count.max(1) as f64;
    }
    candidates.sort_by(|a, b| falling(a.score, b.score));
    candidates
}

/// How often each run of tokens occurs.
struct Grams<'a> {
    length: usize,
    counts: [HashMap<&'a [usize], usize>; ORDERS],
}

impl<'a> Grams<'a> {
    fn new(tokens: &'a [usize]) -> Self {
        let mut counts: [HashMap<&[usize], usize>; ORDERS] = Default::default();
        for (order, counts) in (1..).zip(&mut counts) {
            for gram in tokens.windows(order) {
                *counts.entry(gram).or_default() += 1;
            }
        }
        Self {
            length: tokens.len(),
            counts,
        }
    }

    /// How much of this is in a reference, and how much shorter it is: from 0 to 1.
    fn bleu(&self, reference: &Self) -> f64 {
        if self.length == 0 || reference.length == 0 {
            return f64::from(u8::from(self.length == reference.length));
        }
        let mut product = 1.0;
        for (order, (own, other)) in self.counts.iter().zip(&reference.counts).enumerate() {
            let shared = own.iter().map(|(gram, count)| {
                let there = other.get(gram).copied().unwrap_or(0);
                there.min(*count)
            });
            // One pair more on both sides, so that a sequence without a shared one is not worth nothing.
            let more = usize::from(order > 0);
            let total = self.length - order.min(self.length) + more;
            product *= (shared.sum::<usize>() + more) as f64 / total as f64;
        }
        let shorter = (1.0 - reference.length as f64 / self.length as f64).min(0.0);
        product.powf(1.0 / ORDERS as f64) * shorter.exp()
    }
}
