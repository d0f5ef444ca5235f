//! Searching for the likeliest sequence that a model would write: greedily, or with a beam.
//!
//! The search knows nothing of the model but [`NextToken`]: what it finds likely to come next.

mod draw;

pub use draw::agreed;

use std::cmp::Ordering;

/// A model that writes sequences token by token, several at once.
pub trait NextToken {
    /// Tells the model one more token of each open sequence and asks for the next.
    ///
    /// The open sequences of a sentence stand together, sentences in rising order. In the first call each has the start
    /// token and no parent.
    fn next(&mut self, open: &[Open]) -> Next;
}

impl<F: FnMut(&[Open]) -> Next> NextToken for F {
    fn next(&mut self, open: &[Open]) -> Next {
        self(open)
    }
}

/// A sequence that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// What it is an answer to.
    pub sentence: usize,
    /// Which of the open sequences of the call before it goes on from.
    pub parent: Option<usize>,
    /// Its newest token.
    pub token: usize,
}

/// What a model finds likely to come next in each open sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// `[open, vocabulary]`, row by row.
    pub log_probabilities: Vec<f32>,
    /// What the model looked at, `[open, source]` row by row; empty if it does not tell.
    pub attention: Vec<f32>,
}

impl Next {
    fn check(&self, open: usize) {
        assert!(
            self.log_probabilities.len() >= open
                && self.log_probabilities.len().is_multiple_of(open)
                && self.attention.len().is_multiple_of(open),
            "the model must answer for each of {open} open sequences"
        );
    }
}

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search<'a> {
    /// Sequences kept open for each sentence; 1 is greedy search.
    pub width: usize,
    /// α of the length penalty: 0 prefers short sequences, 1 the best mean for each token.
    pub length_penalty: f64,
    /// Sequences that [`draw`](Self::draw) draws for each sentence; [`run`](Self::run) finds the likeliest, whatever this says.
    pub draws: usize,
    /// The token that every sequence starts with.
    pub start: usize,
    /// The token that ends a sequence.
    pub end: usize,
    /// Tokens that are never written: padding, the start, unknown words.
    pub forbidden: &'a [usize],
}

/// A sequence that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Without start and end.
    pub tokens: Vec<usize>,
    /// Of the tokens, and of the end if it came.
    pub log_probability: f64,
    /// `log_probability / ((5 + length) / 6)^α`, the end counted, by which hypotheses are compared; or how much others
    /// [agree](agreed).
    pub score: f64,
    /// Whether it ended by itself, and not because it was too long.
    pub ended: bool,
    /// What the model looked at as it wrote each token; empty if it does not tell.
    pub attention: Vec<Vec<f32>>,
}

impl Search<'_> {
    /// The best sequences of each sentence, best first: one or more, at most `width`.
    ///
    /// A sequence ends with the end token, which must be among the `width` likeliest continuations of its sentence. The search
    /// of a sentence is over as soon as `width` sequences have ended, or no open one can score higher any more, or the open
    /// ones have `max_lengths` tokens, the end counted; only if none had ended by then are those the answer. Equal
    /// scores fall to what was found first and, of one sequence, to the lower token.
    ///
    /// # Panics
    /// If the width is zero, the length penalty negative or not finite, or the model does not answer for each open sequence.
    ///
    /// # References
    /// The length penalty: Wu et al. (2016), *Google's neural machine translation system*, section 7.
    pub fn run(&self, model: &mut impl NextToken, max_lengths: &[usize]) -> Vec<Vec<Hypothesis>> {
        assert!(self.width > 0, "a beam is at least one wide");
        assert!(
            self.length_penalty >= 0.0 && self.length_penalty.is_finite(),
            "a length penalty is a number from 0"
        );
        let mut sentences: Vec<Sentence> = max_lengths
            .iter()
            .map(|length| Sentence::new(*length))
            .collect();
        let mut steps = 0;
        loop {
            let mut open = Vec::new();
            for (index, sentence) in sentences.iter_mut().enumerate() {
                sentence.first_row = open.len();
                open.extend(sentence.open.iter().map(|branch| Open {
                    sentence: index,
                    parent: branch.parent,
                    token: branch.token.unwrap_or(self.start),
                }));
            }
            if open.is_empty() {
                break;
            }
            let next = model.next(&open);
            next.check(open.len());
            steps += 1;
            for sentence in &mut sentences {
                sentence.extend(self, &next, open.len(), steps);
            }
        }
        sentences
            .into_iter()
            .map(|sentence| sentence.best(self.width))
            .collect()
    }

    /// What a log-probability counts for a sequence of so many tokens.
    fn score(&self, log_probability: f64, length: usize) -> f64 {
        log_probability / ((5.0 + length as f64) / 6.0).powf(self.length_penalty)
    }
}

/// A token that was written, and what came before it.
struct Node {
    before: Option<usize>,
    token: usize,
    attention: Vec<f32>,
}

/// An open sequence of a sentence.
struct Branch {
    /// Its newest token and where that is kept; nothing yet at the start.
    token: Option<usize>,
    node: Option<usize>,
    /// Its row in the call in which that token was found.
    parent: Option<usize>,
    log_probability: f64,
}

/// A way to go on.
#[derive(Clone, Copy)]
struct Candidate {
    branch: usize,
    token: usize,
    log_probability: f64,
}

/// The search of one sentence.
struct Sentence {
    max_length: usize,
    nodes: Vec<Node>,
    open: Vec<Branch>,
    /// The row of its first open sequence in the present call.
    first_row: usize,
    ended: Vec<Hypothesis>,
    /// What was open when the search stopped.
    unfinished: Vec<Hypothesis>,
}

impl Sentence {
    fn new(max_length: usize) -> Self {
        let start = Branch {
            token: None,
            node: None,
            parent: None,
            log_probability: 0.0,
        };
        let mut sentence = Self {
            max_length,
            nodes: Vec::new(),
            open: vec![start],
            first_row: 0,
            ended: Vec::new(),
            unfinished: Vec::new(),
        };
        if max_length == 0 {
            let nothing = sentence.hypothesis(None, 0.0, 0.0, false);
            sentence.unfinished.push(nothing);
            sentence.open.clear();
        }
        sentence
    }

    /// Goes on by one token: `length` tokens then.
    fn extend(&mut self, search: &Search<'_>, next: &Next, rows: usize, length: usize) {
        if self.open.is_empty() {
            return;
        }
        let candidates = self.candidates(search, &next.log_probabilities, rows);
        let looked_at = next.attention.len() / rows;
        let (mut open, before) = (Vec::new(), std::mem::take(&mut self.open));
        for (rank, candidate) in candidates.into_iter().enumerate() {
            let (branch, log_probability) = (&before[candidate.branch], candidate.log_probability);
            if candidate.token == search.end {
                if rank < search.width {
                    let score = search.score(log_probability, length);
                    let ended = self.hypothesis(branch.node, log_probability, score, true);
                    self.ended.push(ended);
                }
            } else if open.len() < search.width {
                let row = self.first_row + candidate.branch;
                self.nodes.push(Node {
                    before: branch.node,
                    token: candidate.token,
                    attention: next.attention[row * looked_at..][..looked_at].to_vec(),
                });
                open.push(Branch {
                    token: Some(candidate.token),
                    node: Some(self.nodes.len() - 1),
                    parent: Some(row),
                    log_probability,
                });
            }
        }
        // Nothing to go on with: every token is forbidden or impossible.
        let stuck = open.is_empty() && self.ended.is_empty();
        if stuck || (length == self.max_length && self.ended.is_empty()) {
            let last = if stuck { &before } else { &open };
            let length = if stuck { length - 1 } else { length };
            let unfinished = last.iter().map(|branch| {
                let score = search.score(branch.log_probability, length.max(1));
                self.hypothesis(branch.node, branch.log_probability, score, false)
            });
            self.unfinished = unfinished.collect();
            return;
        }
        let best_ended = self.ended.iter().map(|ended| ended.score);
        let best_ended = best_ended.fold(f64::NEG_INFINITY, f64::max);
        let best_open = open.first().map_or(f64::NEG_INFINITY, |branch| {
            // More tokens only lower the probability, and the penalty forgives most at full length.
            search.score(branch.log_probability, self.max_length)
        });
        let over = length == self.max_length
            || self.ended.len() >= search.width
            || best_ended >= best_open;
        if !over {
            self.open = open;
        }
    }

    /// The best ways to go on, best first: enough of them that `width` stay open whatever ends.
    fn candidates(
        &self,
        search: &Search<'_>,
        log_probabilities: &[f32],
        rows: usize,
    ) -> Vec<Candidate> {
        let vocabulary = log_probabilities.len() / rows;
        let mut all = Vec::new();
        for (index, branch) in self.open.iter().enumerate() {
            let row = &log_probabilities[(self.first_row + index) * vocabulary..][..vocabulary];
            // A sequence of candidates cannot hold more than one end of the same branch.
            for (token, value) in likeliest(row, search.width + 1, search.forbidden) {
                all.push(Candidate {
                    branch: index,
                    token,
                    log_probability: branch.log_probability + f64::from(value),
                });
            }
        }
        // Stable: of equals, the branch that was better before comes first.
        all.sort_by(|a, b| falling(a.log_probability, b.log_probability));
        all.truncate(2 * search.width);
        all
    }

    fn hypothesis(
        &self,
        mut node: Option<usize>,
        log_probability: f64,
        score: f64,
        ended: bool,
    ) -> Hypothesis {
        let (mut tokens, mut attention) = (Vec::new(), Vec::new());
        while let Some(index) = node {
            let Node {
                before,
                token,
                attention: weights,
            } = &self.nodes[index];
            tokens.push(*token);
            if !weights.is_empty() {
                attention.push(weights.clone());
            }
            node = *before;
        }
        tokens.reverse();
        attention.reverse();
        Hypothesis {
            tokens,
            log_probability,
            score,
            ended,
            attention,
        }
    }

    fn best(self, width: usize) -> Vec<Hypothesis> {
        let mut found = match self.ended.is_empty() {
            true => self.unfinished,
            false => self.ended,
        };
        found.sort_by(|a, b| falling(a.score, b.score));
        found.truncate(width);
        found
    }
}

/// The larger first. Nothing here is NaN.
fn falling(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// The `count` likeliest tokens, likeliest first, of equals the lower; impossible ones and NaN are left out.
fn likeliest(row: &[f32], count: usize, forbidden: &[usize]) -> Vec<(usize, f32)> {
    let mut best: Vec<(usize, f32)> = Vec::with_capacity(count.min(row.len()) + 1);
    let mut least = f32::NEG_INFINITY;
    for (token, value) in row.iter().enumerate() {
        // NaN is above nothing.
        if *value > least && !forbidden.contains(&token) {
            let place = best.partition_point(|(_, other)| other >= value);
            best.insert(place, (token, *value));
            best.truncate(count);
            if best.len() == count {
                least = best[count - 1].1;
            }
        }
    }
    best
}

#[cfg(test)]
mod tests;
