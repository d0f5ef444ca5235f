//! A trained classifier at work.

use super::answers::answers;
use super::config::Classify;
use super::job::remembered;
use super::network::{INPUT, classifier};
use crate::baseline::text::likeliest;
use crate::init::ParamSource;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::classes::Classes;
use crate::weights;
use burn::prelude::Device;
use elman_data::Ragged;
use elman_data::text::{Special, Vocabulary};

/// A trained classifier with all that it needs to answer: nothing of its training texts.
#[derive(Debug)]
pub struct Classifier {
    /// Tokens and their numbers.
    pub vocabulary: Vocabulary,
    /// The classes.
    pub classes: Classes,
    longest: usize,
    model: Model,
}

/// What a classifier says about one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The likeliest class.
    pub class: usize,
    /// The probability of each class.
    pub probabilities: Vec<f64>,
    /// Tokens that were read.
    pub tokens: usize,
    /// Tokens among them that training never saw.
    pub unknown: usize,
    /// Whether the text is longer than what was read.
    pub cut: bool,
}

impl Classifier {
    /// The classifier of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Classify>, run: &RunFolder) -> Result<Self, Error> {
        let (vocabulary, classes) = remembered(run)?;
        let own = &recipe.task.classify;
        let layers = classifier(&recipe.model, vocabulary.len(), own.pooling, classes.len())?;
        let model = layers.init_from(INPUT, &mut ParamSource::blank(&Device::default()))?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            longest: own.longest,
            vocabulary,
            classes,
        })
    }

    /// Classifies texts.
    ///
    /// # Errors
    /// If a text cannot be cut into tokens, or has none.
    pub fn classify(&self, texts: &[impl AsRef<str>]) -> Result<Vec<Answer>, Error> {
        let unknown = self.vocabulary.special(Special::Unknown);
        let padding = self.vocabulary.special(Special::Padding).unwrap_or(0);
        let mut tokens = Ragged::with_capacity(texts.len());
        let mut cut = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let numbers = self.vocabulary.encode(text.as_ref())?;
            if numbers.is_empty() {
                return Err(Error::input(format!(
                    "text {} has no token: there is nothing to classify",
                    index + 1
                )));
            }
            cut.push(numbers.len() > self.longest);
            tokens.push(&numbers[..numbers.len().min(self.longest)]);
        }
        let answers = answers(&self.model, &tokens, None, padding);
        let answer = |((probabilities, tokens), cut): ((Vec<f64>, &[u32]), bool)| Answer {
            class: likeliest(&probabilities),
            probabilities,
            tokens: tokens.len(),
            unknown: tokens
                .iter()
                .filter(|token| Some(**token) == unknown)
                .count(),
            cut,
        };
        Ok(answers
            .into_iter()
            .zip(tokens.iter())
            .zip(cut)
            .map(answer)
            .collect())
    }
}
