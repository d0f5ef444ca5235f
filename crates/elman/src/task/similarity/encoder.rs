//! A trained encoder at work.

use super::config::Similarity;
use super::texts::network;
use crate::init::ParamSource;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::classify::{INPUT, in_batches, remembered};
use crate::task::likeness::{Among, distance};
use crate::train::loss::Distance;
use crate::weights;
use burn::prelude::Device;
use elman_data::Ragged;
use elman_data::text::{Special, Vocabulary};

/// A trained encoder with all that it needs to compare texts.
#[derive(Debug)]
pub struct Encoder {
    /// Tokens and their numbers.
    pub vocabulary: Vocabulary,
    /// How far apart two texts are.
    pub distance: Distance,
    longest: usize,
    model: Model,
}

impl Encoder {
    /// The encoder of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Similarity>, run: &RunFolder) -> Result<Self, Error> {
        let (vocabulary, _) = remembered(run)?;
        let layers = network(recipe, vocabulary.len())?;
        let model = layers.init_from(INPUT, &mut ParamSource::blank(&Device::default()))?;
        let own = &recipe.task.similarity;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            distance: recipe.task.likeness.distance,
            longest: own.longest,
            vocabulary,
        })
    }

    /// The vector of each text. One without tokens is like any other of that kind.
    ///
    /// # Errors
    /// If a text cannot be cut into tokens.
    pub fn encode(&self, texts: &[impl AsRef<str>]) -> Result<Vec<Vec<f32>>, Error> {
        let padding = self.vocabulary.special(Special::Padding).unwrap_or(0);
        let mut tokens = Ragged::with_capacity(texts.len());
        for text in texts {
            let numbers = self.vocabulary.encode(text.as_ref())?;
            tokens.push(&numbers[..numbers.len().min(self.longest)]);
        }
        Ok(in_batches(&self.model, &tokens, None, padding, |vectors| {
            vectors
        }))
    }

    /// The `count` nearest of `items` to a query, the nearest first, with their distances; the earlier of equals first.
    ///
    /// # Errors
    /// If the query has no token, or a text cannot be cut into tokens.
    pub fn nearest(
        &self,
        query: &str,
        items: &[impl AsRef<str>],
        count: usize,
    ) -> Result<Vec<(usize, f32)>, Error> {
        self.check(query)?;
        let asked = self.encode(&[query])?.remove(0);
        let vectors = self.encode(items)?;
        let among = Among {
            vectors: &vectors,
            distance: self.distance,
        };
        Ok(among.nearest(&asked, count))
    }

    /// How far two texts are from each other.
    ///
    /// # Errors
    /// If a text has no token, or cannot be cut into tokens.
    pub fn between(&self, left: &str, right: &str) -> Result<f32, Error> {
        self.check(left)?;
        self.check(right)?;
        let vectors = self.encode(&[left, right])?;
        Ok(distance(self.distance, &vectors[0], &vectors[1]))
    }

    /// Refuses a text of which nothing would be read.
    fn check(&self, text: &str) -> Result<(), Error> {
        match self.vocabulary.encode(text)?.is_empty() {
            true => Err(Error::input(format!(
                "the text `{text}` has no token: nothing is near to it"
            ))),
            false => Ok(()),
        }
    }
}
