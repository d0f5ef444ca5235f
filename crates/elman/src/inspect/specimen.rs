//! What is looked at: one example, and how a network answers it.

use crate::task::Error;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use std::fmt;
use std::ops::Range;

/// Which example is to be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its number in the part that the model is judged by, from 0.
    pub example: usize,
    /// A text of one's own instead, where the task reads texts.
    pub text: Option<String>,
}

impl Choice {
    /// The chosen one of so many examples, which are `what` (`test sentences`).
    ///
    /// # Errors
    /// If there are not so many.
    pub fn of(&self, count: usize, what: &str) -> Result<usize, Error> {
        match self.example < count {
            true => Ok(self.example),
            false => Err(Error::input(format!(
                "there is no example {}: {what} are numbered from 1 to {count}",
                self.example + 1
            ))),
        }
    }

    /// Refuses a text where the task does not read texts of one's own.
    ///
    /// # Errors
    /// If there is one.
    pub fn no_text(&self) -> Result<(), Error> {
        match self.text {
            None => Ok(()),
            Some(_) => Err(Error::input(
                "this task does not look at a text of one's own: choose one of its examples by its number",
            )),
        }
    }
}

/// What stands at the steps of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Words, letters, pieces of words.
    Tokens(Vec<String>),
    /// Numbers; the names of the features, as far as they have any.
    Numbers(Vec<String>),
    /// Numbers at steps of a file, some of which may have been passed over.
    Series {
        /// The names of the features, as far as they have any.
        names: Vec<String>,
        /// Which steps of the file they are, from 1.
        steps: Vec<usize>,
    },
}

/// One example, and how a network answers it.
pub struct Specimen<'a, M> {
    /// Which it is: `test sentence 3`.
    pub title: String,
    /// How many steps are read.
    pub steps: usize,
    /// What is read at them.
    pub reading: Reading,
    /// Whether steps can be hidden from the network.
    pub hides: bool,
    /// What the answer is measured in: `the logarithm of its probability`.
    pub measure: &'static str,
    /// Answers it by a network on a device; the steps of the range, if there is one, hidden.
    pub ask: Box<Ask<'a, M>>,
}

/// How a network answers an example on a device, with some of its steps hidden or none.
pub type Ask<'a, M> = dyn Fn(&M, Option<&Range<usize>>, &Device) -> Asked + 'a;

impl<M> fmt::Debug for Specimen<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specimen")
            .field("title", &self.title)
            .field("steps", &self.steps)
            .field("reading", &self.reading)
            .field("hides", &self.hides)
            .finish_non_exhaustive()
    }
}

/// An answer that can be differentiated.
#[derive(Debug)]
pub struct Asked {
    /// `[1]`: how sure the answer is, or how large. What is looked at is what makes it larger.
    pub value: Tensor<1>,
    /// The answer, and what [`value`](Self::value) is of it.
    pub said: String,
    /// What was said at each step, where something was.
    pub steps: Vec<StepSaid>,
}

/// What a network says at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSaid {
    /// What it had read last, or what it speaks of.
    pub at: String,
    /// What was right, and its probability.
    pub right: Option<(String, f64)>,
    /// The likeliest answers with their probabilities, the likeliest first.
    pub likely: Vec<(String, f64)>,
}

/// The logarithm of the probability of a class in one row of `[rows, classes]` logits: `[1]`.
pub(crate) fn log_probability(logits: &Tensor<2>, row: usize, class: usize) -> Tensor<1> {
    let row = logits.clone().narrow(0, row, 1);
    log_softmax(row, 1).narrow(1, class, 1).reshape([1])
}

/// The logarithm of the probability of all wanted tokens together, one in each row of `[rows, vocabulary]` logits: `[1]`.
///
/// # Panics
/// If none is wanted.
pub(crate) fn log_probability_of_all(logits: &Tensor<2>, wanted: &[u32]) -> Tensor<1> {
    let each = wanted.iter().enumerate();
    each.map(|(row, token)| log_probability(logits, row, *token as usize))
        .reduce(|a, b| a + b)
        .expect("something is wanted: at least an end")
}

/// What is said in each row of `[rows, vocabulary]` logits: `read` names what was read before, `wanted` is what was right, and
/// `name` says what a token is.
pub(crate) fn said_in_rows(
    logits: &Tensor<2>,
    read: &[String],
    wanted: &[u32],
    name: impl Fn(u32) -> String,
) -> Vec<StepSaid> {
    let steps = read.iter().zip(wanted).enumerate();
    let said = |(row, (read, wanted)): (usize, (&String, &u32))| {
        let shares = probabilities(logits, row);
        StepSaid::new(read, &shares, Some(*wanted as usize), |token| {
            name(token as u32)
        })
    };
    steps.map(said).collect()
}

/// The part that a model is judged by, with its name: the test part; or the validation part, or even the training part, where
/// nothing is held back for it.
pub(crate) fn judged<P>(
    [train, valid, test]: [&P; 3],
    is_empty: impl Fn(&P) -> bool,
) -> (&'static str, &P) {
    let held = [("test", test), ("validation", valid)];
    let held = held.into_iter().find(|(_, part)| !is_empty(part));
    held.unwrap_or(("training", train))
}

/// The probabilities in one row of `[rows, classes]` logits.
pub(crate) fn probabilities(logits: &Tensor<2>, row: usize) -> Vec<f32> {
    let row = log_softmax(logits.clone().narrow(0, row, 1), 1).exp();
    crate::values(row)
}

/// Hides steps of `[time, features]` values: what stands in their place is the mean of each feature over the others, which says
/// nothing of them, however the values are scaled.
pub(crate) fn hide_steps(values: &mut [f32], features: usize, steps: &Range<usize>) {
    let time = values.len() / features.max(1);
    for feature in 0..features {
        let kept = (0..time).filter(|step| !steps.contains(step));
        let (mut sum, mut count) = (0.0f64, 0usize);
        for step in kept {
            sum += f64::from(values[step * features + feature]);
            count += 1;
        }
        let mean = (sum / count.max(1) as f64) as f32;
        steps
            .clone()
            .for_each(|step| values[step * features + feature] = mean);
    }
}

impl StepSaid {
    /// From the probabilities of all answers; `name` says what each is.
    pub fn new(
        at: impl Into<String>,
        probabilities: &[f32],
        right: Option<usize>,
        name: impl Fn(usize) -> String,
    ) -> Self {
        /// Answers that are kept.
        const LIKELY: usize = 3;
        // A vocabulary is long and there are many steps: no sorting of all of it.
        let mut likely: Vec<usize> = Vec::with_capacity(LIKELY + 1);
        for (place, share) in probabilities.iter().enumerate() {
            if likely.len() == LIKELY && *share <= probabilities[likely[LIKELY - 1]] {
                continue;
            }
            let after = likely.partition_point(|known| probabilities[*known] >= *share);
            likely.insert(after, place);
            likely.truncate(LIKELY);
        }
        let of = |index: usize| (name(index), f64::from(probabilities[index]));
        Self {
            at: at.into(),
            right: right.map(of),
            likely: likely.into_iter().map(of).collect(),
        }
    }
}
