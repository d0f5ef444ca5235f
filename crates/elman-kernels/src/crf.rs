//! A linear-chain conditional random field: loss, gradient, marginals and the best path.
//!
//! Scores are read as `f32` and added up in `f64`. A step of the recursion is a product with the exponentials of the
//! transitions, which are taken once a call; where that product would lose its digits, the step is taken in logarithms.

use crate::elementwise::each;
use crate::{check_len, product, threads};

mod chain;
use chain::Chain;

/// Multiply-adds that cost as much as waking a thread for them is worth.
const WORTH: usize = 100_000;

/// Sequences whose gradients of the transitions are summed up before they are added to those of others: what is added
/// up, and in which order, follows from this alone.
const BLOCK: usize = 8;

/// A linear-chain conditional random field over a batch of sequences.
///
/// ```text
/// score(y) = start_{y_1} + Σ_t x_{t, y_t} + Σ_t transitions_{y_t, y_{t+1}} + end_{y_n}
/// loss     = log Σ_y e^{score(y)} − score(target)
/// ```
///
/// # References
/// Lafferty, McCallum & Pereira (2001); as the output of a bidirectional LSTM: Huang, Xu & Yu (2015), Lample et al. (2016).
#[derive(Clone, Copy, Debug)]
pub struct Crf<'a> {
    /// T: steps of the longest sequence.
    pub time: usize,
    /// K
    pub tags: usize,
    /// `[batch]`: valid steps, each `≤ time`, zero allowed. What stands beyond them influences nothing.
    pub lengths: &'a [usize],
    /// `[tags, tags]`: the score of going from the row's tag to the column's.
    pub transitions: &'a [f32],
    /// `[tags]`: the score of beginning with a tag.
    pub start: &'a [f32],
    /// `[tags]`: the score of ending with a tag.
    pub end: &'a [f32],
}

/// The gradients of [`Crf::backward`].
#[derive(Clone, Debug, PartialEq)]
pub struct CrfGradients {
    /// `[batch, time, tags]`, zero at padded steps.
    pub emissions: Vec<f32>,
    /// `[tags, tags]`
    pub transitions: Vec<f32>,
    /// `[tags]`
    pub start: Vec<f32>,
    /// `[tags]`
    pub end: Vec<f32>,
}

/// The best paths of [`Crf::decode`].
#[derive(Clone, Debug, PartialEq)]
pub struct BestPaths {
    /// `[batch, time]`, zero at padded steps.
    pub tags: Vec<u32>,
    /// `[batch]`: `score` of each.
    pub scores: Vec<f64>,
}

impl Crf<'_> {
    /// The loss of each sequence, from emissions `[batch, time, tags]` and targets `[batch, time]`; 0 for one of length 0.
    ///
    /// # Panics
    /// If a slice is not as long as its shape says, a length exceeds `time`, or a target of a valid step is not a tag.
    #[must_use]
    pub fn forward(&self, emissions: &[f32], targets: &[u32]) -> Vec<f32> {
        self.check(emissions.len());
        self.check_targets(targets);
        let chain = self.chain();
        let mut losses = vec![0.0; self.lengths.len()];
        let parts = losses.chunks_mut(self.share()).enumerate();
        let parts = parts.map(|(index, losses)| (index * self.share(), losses));
        each(parts.collect(), |(first, losses)| {
            let mut alphas = Vec::new();
            for (sequence, loss) in (first..).zip(losses) {
                let (x, y) = (
                    self.valid(emissions, sequence),
                    self.path(targets, sequence),
                );
                if !y.is_empty() {
                    *loss = (chain.alphas(x, &mut alphas) - chain.score(x, y)) as f32;
                }
            }
        });
        losses
    }

    /// The gradients of the sum of all losses, each times its own `d_losses`: what is expected under the model less what
    /// the target has.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[must_use]
    pub fn backward(&self, emissions: &[f32], targets: &[u32], d_losses: &[f32]) -> CrfGradients {
        self.check(emissions.len());
        self.check_targets(targets);
        check_len("d_losses", d_losses.len(), self.lengths.len());
        let (chain, batch, tags) = (self.chain(), self.lengths.len(), self.tags);
        let mut d_emissions = vec![0.0; emissions.len()];
        let mut sums: Vec<_> = (0..batch.div_ceil(BLOCK))
            .map(|_| vec![0.0; (tags + 2) * tags])
            .collect();
        let (share, width) = (self.share(), self.time * tags);
        let parts = sums.chunks_mut(share.div_ceil(BLOCK));
        let parts = parts.zip(d_emissions.chunks_mut((share * width).max(1)));
        let parts = parts.enumerate().map(|(index, part)| (index * share, part));
        each(parts.collect(), |(first, (sums, d_emissions))| {
            let mut room = chain::Room::default();
            let rows = d_emissions.chunks_mut(width.max(1));
            for ((place, sequence), d) in (first..batch).enumerate().zip(rows) {
                let (x, y) = (
                    self.valid(emissions, sequence),
                    self.path(targets, sequence),
                );
                let weight = f64::from(d_losses[sequence]);
                chain.gradient(x, y, weight, d, &mut sums[place / BLOCK], &mut room);
            }
        });
        let mut total = vec![0.0f64; (tags + 2) * tags];
        for sums in &sums {
            total.iter_mut().zip(sums).for_each(|(sum, d)| *sum += d);
        }
        let total: Vec<f32> = total.into_iter().map(|sum| sum as f32).collect();
        let (transitions, ends) = total.split_at(tags * tags);
        CrfGradients {
            emissions: d_emissions,
            transitions: transitions.to_vec(),
            start: ends[..tags].to_vec(),
            end: ends[tags..].to_vec(),
        }
    }

    /// The probability of each tag at each step under all paths, `[batch, time, tags]`; zero at padded steps.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[must_use]
    pub fn marginals(&self, emissions: &[f32]) -> Vec<f32> {
        self.check(emissions.len());
        let (chain, width) = (self.chain(), self.time * self.tags);
        let mut marginals = vec![0.0; emissions.len()];
        let parts = marginals.chunks_mut((self.share() * width).max(1));
        let parts = parts.enumerate();
        let parts = parts.map(|(index, part)| (index * self.share(), part));
        each(parts.collect(), |(first, marginals)| {
            let mut room = chain::Room::default();
            for (sequence, out) in (first..).zip(marginals.chunks_mut(width.max(1))) {
                chain.marginals(self.valid(emissions, sequence), out, &mut room);
            }
        });
        marginals
    }

    /// The path of the highest score (Viterbi, 1967); of equals, the one whose last differing tag is lower.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    #[must_use]
    pub fn decode(&self, emissions: &[f32]) -> BestPaths {
        self.check(emissions.len());
        let (chain, batch) = (self.chain(), self.lengths.len());
        let (mut tags, mut scores) = (vec![0; batch * self.time], vec![0.0; batch]);
        let parts = tags.chunks_mut((self.share() * self.time).max(1));
        let parts = parts.zip(scores.chunks_mut(self.share())).enumerate();
        let parts = parts.map(|(index, part)| (index * self.share(), part));
        each(parts.collect(), |(first, (tags, scores))| {
            let rows = tags.chunks_mut(self.time.max(1)).zip(scores);
            for (sequence, (tags, score)) in (first..).zip(rows) {
                *score = chain.best(self.valid(emissions, sequence), tags);
            }
        });
        BestPaths { tags, scores }
    }

    fn check(&self, emissions: usize) {
        let (batch, tags) = (self.lengths.len(), self.tags);
        check_len("emissions", emissions, product(&[batch, self.time, tags]));
        check_len(
            "transitions",
            self.transitions.len(),
            product(&[tags, tags]),
        );
        check_len("start", self.start.len(), tags);
        check_len("end", self.end.len(), tags);
        for (sequence, length) in self.lengths.iter().enumerate() {
            assert!(
                *length <= self.time,
                "lengths[{sequence}] is {length}, but there are {} time steps",
                self.time
            );
            assert!(
                *length == 0 || tags > 0,
                "there are steps to tag, but no tags"
            );
        }
    }

    fn check_targets(&self, targets: &[u32]) {
        let batch = self.lengths.len();
        check_len("targets", targets.len(), product(&[batch, self.time]));
        for sequence in 0..batch {
            let path = self.path(targets, sequence);
            let wrong = path.iter().position(|tag| *tag as usize >= self.tags);
            assert!(
                wrong.is_none(),
                "the target of step {} of sequence {sequence} is {}, but there are {} tags",
                wrong.unwrap_or(0),
                path[wrong.unwrap_or(0)],
                self.tags
            );
        }
    }

    /// The valid emissions of a sequence.
    fn valid<'e>(&self, emissions: &'e [f32], sequence: usize) -> &'e [f32] {
        let first = sequence * self.time * self.tags;
        &emissions[first..][..self.lengths[sequence] * self.tags]
    }

    /// The valid targets of a sequence.
    fn path<'t>(&self, targets: &'t [u32], sequence: usize) -> &'t [u32] {
        &targets[sequence * self.time..][..self.lengths[sequence]]
    }

    /// Sequences of one thread: whole blocks.
    fn share(&self) -> usize {
        let steps: usize = self.lengths.iter().sum();
        let work = steps.saturating_mul(self.tags).saturating_mul(self.tags);
        let workers = threads::threads().min(work / WORTH).max(1);
        let blocks = self.lengths.len().div_ceil(BLOCK).div_ceil(workers);
        blocks.max(1) * BLOCK
    }

    fn chain(&self) -> Chain {
        Chain::new(self.tags, self.transitions, self.start, self.end)
    }
}
