//! The simple classifiers of texts that always come first: what a recurrent model must beat to be worth its while.
//!
//! They are the steps by which the lecture notes arrive at recurrent networks: the bag of counts ([`CountsModel`]),
//! which does not know the order, and the fixed window ([`Window`]), which does not share what it learns between places. All of
//! them read the same token numbers as the model, and learn from the training part alone.

mod bags;
mod counts;
mod logistic;
mod naive_bayes;
#[cfg(test)]
mod tests;
mod window;

pub use bags::{Bags, Weighting};
pub use counts::{CountFeatures, Counts};
pub use logistic::Logistic;
pub use naive_bayes::NaiveBayes;
pub use window::{Keep, Window};

use elman_data::Ragged;
use std::fmt;

/// Strengths of the fit that [`CountsModel::choose`] tries, the most cautious first.
pub const STRENGTHS: [f64; 5] = [0.01, 0.03, 0.1, 0.3, 1.0];
/// Most weights of a counts model: what its descent remembers of them then takes about 640 MB.
const MOST_WEIGHTS: usize = 4_000_000;

/// A simple classifier of texts, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextBaseline {
    /// The most frequent class of the training part, whatever the text ([`majority`]).
    Majority,
    /// Naive Bayes on the counts of tokens ([`NaiveBayes`]).
    NaiveBayes,
    /// Logistic regression on the counts of tokens ([`CountsModel`]): the notes' bag of words.
    Counts,
    /// The same with pairs of neighbouring tokens.
    PairCounts,
    /// A dense network on a few tokens side by side ([`Window`]): the notes' fixed window.
    Window,
    /// The same on whole texts: the notes' really big fixed window.
    BigWindow,
}

impl TextBaseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 6] = [
        Self::Majority,
        Self::NaiveBayes,
        Self::Counts,
        Self::PairCounts,
        Self::Window,
        Self::BigWindow,
    ];

    /// The key in recipes and results.
    pub fn key(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::NaiveBayes => "naive_bayes",
            Self::Counts => "counts",
            Self::PairCounts => "pair_counts",
            Self::Window => "window",
            Self::BigWindow => "big_window",
        }
    }
}

impl fmt::Display for TextBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Majority => "most frequent class",
            Self::NaiveBayes => "naive Bayes",
            Self::Counts => "bag of counts",
            Self::PairCounts => "bag of counts with pairs",
            Self::Window => "fixed window network",
            Self::BigWindow => "big fixed window network",
        })
    }
}

/// The share of each class among the labels: what the majority baseline says of every text.
///
/// # Panics
/// If a label is not below `classes`.
pub fn majority(labels: &[usize], classes: usize) -> Vec<f64> {
    let mut shares = vec![0.0; classes];
    for label in labels {
        shares[*label] += 1.0 / labels.len() as f64;
    }
    shares
}

/// The class with the highest probability; the first of equals.
///
/// # Panics
/// If there are no classes.
pub fn likeliest(probabilities: &[f64]) -> usize {
    let best = |best: usize, class: usize| match probabilities[class] > probabilities[best] {
        true => class,
        false => best,
    };
    (1..probabilities.len()).fold(0, best)
}

/// Texts as token numbers with the class of each.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// The tokens of each text.
    pub texts: &'a Ragged<u32>,
    /// The class of each text.
    pub labels: &'a [usize],
}

/// Logistic regression on the counts of tokens (Jurafsky & Martin, *Speech and Language Processing*, 3rd edition, chapter 5).
/// Without pairs it cannot tell texts apart that have the same tokens in another order: it gives them the same bits.
#[derive(Debug, Clone)]
pub struct CountsModel {
    features: CountFeatures,
    model: Logistic,
    /// The strength it was fitted with, see [`Logistic`].
    pub strength: f64,
}

impl CountsModel {
    /// Fits the counts of runs of up to `longest` tokens. `class_weights` holds one weight for each class.
    ///
    /// # Panics
    /// As [`Logistic::fit`].
    pub fn fit(
        training: Labelled<'_>,
        longest: usize,
        class_weights: &[f64],
        strength: f64,
    ) -> Self {
        let features = Self::features(training, longest, class_weights.len());
        let counts = features.count_all(training.texts);
        let labels = training.labels;
        let model = Logistic::fit(&counts, features.len(), labels, class_weights, strength);
        Self {
            features,
            model,
            strength,
        }
    }

    /// Fits each of [`STRENGTHS`] and keeps the one with the most right answers on `validation`; the more cautious of equals.
    ///
    /// # Panics
    /// As [`Logistic::fit`].
    pub fn choose(
        training: Labelled<'_>,
        validation: Labelled<'_>,
        longest: usize,
        class_weights: &[f64],
    ) -> Self {
        let features = Self::features(training, longest, class_weights.len());
        let counts = features.count_all(training.texts);
        let unseen = features.count_all(validation.texts);
        let fitted = STRENGTHS.map(|strength| {
            let labels = training.labels;
            let model = Logistic::fit(&counts, features.len(), labels, class_weights, strength);
            let right = (0..unseen.len()).filter(|row| {
                likeliest(&model.probabilities(unseen.row(*row))) == validation.labels[*row]
            });
            (right.count(), strength, model)
        });
        let better = |best: (usize, f64, Logistic), other: (usize, f64, Logistic)| {
            if other.0 > best.0 { other } else { best }
        };
        let (_, strength, model) = fitted
            .into_iter()
            .reduce(better)
            .expect("there are strengths");
        Self {
            features,
            model,
            strength,
        }
    }

    fn features(training: Labelled<'_>, longest: usize, classes: usize) -> CountFeatures {
        CountFeatures::learn(training.texts, longest, MOST_WEIGHTS / classes.max(1))
    }

    /// The probability of each class.
    pub fn probabilities(&self, text: &[u32]) -> Vec<f64> {
        self.model.probabilities(&self.features.count(text))
    }

    /// Numbers that were fitted.
    pub fn parameters(&self) -> usize {
        self.model.parameters()
    }
}
