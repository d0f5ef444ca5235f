//! Language models: text that goes on as the text they learned from would.
//!
//! A [`Corpus`] is a text as numbers, a [`LanguageObjective`] its training, a [`Generator`] makes new text. Beside the
//! network stand n-grams, which only count.

mod config;
mod corpus;
mod job;
mod objective;
mod sample;
mod specimen;
mod steps;

pub use config::{Check, Documents, Generate, SampleConfig, TextConfig};
pub use corpus::{Corpus, Stream};
pub use job::GenerateJob;
pub use objective::{Chunk, LanguageObjective, loss};
pub use sample::{Ended, Generator, Sample, Step};
pub use steps::step_table;

use super::Error;
use crate::init::ParamSource;
use crate::model::{Dropout, LanguageModel, LanguageSpec, Sequential};
use crate::run::RunFolder;
use crate::weights;
use burn::prelude::Device;
use elman_data::text::Vocabulary;

/// A recipe that generates.
pub type Recipe = crate::recipe::Recipe<Generate>;

/// Where a run keeps its vocabulary.
pub const VOCABULARY: &str = "vocabulary.json";

/// The network of a recipe for so many tokens.
pub fn network(recipe: &Recipe, vocabulary: usize) -> LanguageSpec {
    let model = &recipe.model;
    let stack = model.stack(true);
    let stack = stack.layers().iter().cloned();
    let body = stack.fold(model.token_layers(vocabulary), Sequential::add);
    LanguageSpec {
        body: match model.dropout > 0.0 {
            true => body.add(Dropout::new(model.dropout)),
            false => body,
        },
        vocabulary,
        tied: model.tie_weights,
    }
}

/// The vocabulary and the trained model of a run.
///
/// # Errors
/// If a file of the run is missing or does not fit the rest.
pub fn open(recipe: &Recipe, run: &RunFolder) -> Result<(Vocabulary, LanguageModel), Error> {
    let vocabulary = super::vocabulary(run, VOCABULARY)?;
    let spec = network(recipe, vocabulary.len());
    let model = spec.init_from(&mut ParamSource::blank(&Device::default()))?;
    Ok((vocabulary, weights::load(model, &run.model())?))
}
