//! From one text to another: translations, answers to questions.
//!
//! [`Pairs`] are texts and their answers as numbers, a [`TranslationObjective`] is their training, a [`Translator`] answers.
//! Beside the network stand two answers that learn nothing: the source itself, and the answer to the likest source.

mod config;
mod job;
mod objective;
mod pairs;
mod results;
mod specimen;
mod translator;

pub use config::{ParallelConfig, SearchConfig, Translate, TranslateConfig};
pub use job::TranslateJob;
pub(super) use objective::padded;
pub use objective::{Batch, TranslationObjective};
pub use pairs::{Pair, Pairs, Vocabularies};
pub use results::Scores;
pub(super) use translator::Search;
pub use translator::{Answer, Source, Translation, Translator};

use crate::model::EncoderDecoderConfig;

/// A recipe that translates.
pub type Recipe = crate::recipe::Recipe<Translate>;

/// The network of a recipe for so many source and target tokens.
pub fn network(recipe: &Recipe, vocabularies: [usize; 2]) -> EncoderDecoderConfig {
    let model = &recipe.model;
    EncoderDecoderConfig::new(
        model.cell.kind(),
        vocabularies,
        model.embedding_size(),
        model.hidden_size,
    )
    .with_num_layers(model.num_layers)
    .with_bidirectional(model.bidirectional)
    .with_attention(recipe.task.translate.attention)
    .with_dropout(model.dropout)
    .with_tied_output(model.tie_weights)
    .with_precision(model.precision)
}
