//! Tagging: a label for each word of a sentence, such as its part of speech or the name it belongs to.
//!
//! A [`Dataset`] is tagged sentences as numbers, a [`TagObjective`] their training, [`Tagging`] a trained run that answers.
//! Beside the network stands the most frequent tag of each word.

mod answer;
mod config;
mod dataset;
mod job;
mod objective;
mod results;
mod specimen;

pub use answer::{Answer, Tagging};
pub use config::{Tag, TagConfig};
pub use dataset::{Dataset, Lexicon, Part, Spellings};
pub use job::TagJob;
pub use objective::{Batch, TagObjective, answers};

use crate::model::{CharacterInput, TaggerConfig, WordInput};

/// A recipe that tags.
pub type Recipe = crate::recipe::Recipe<Tag>;

/// The network of a recipe.
pub fn network(recipe: &Recipe, lexicon: &Lexicon) -> TaggerConfig {
    let (model, own) = (&recipe.model, &recipe.task.tag);
    let words = (model.embedding_size() > 0).then(|| WordInput {
        vocabulary: lexicon.words.len(),
        features: model.embedding_size(),
    });
    let letters = (own.letter_size > 0).then(|| CharacterInput {
        vocabulary: lexicon.letters.len(),
        features: own.letter_size,
        hidden_size: own.letter_hidden_size,
    });
    TaggerConfig::new(lexicon.tags.len(), model.hidden_size)
        .with_words(words)
        .with_characters(letters)
        .with_cell(model.cell.kind())
        .with_num_layers(model.num_layers)
        .with_dropout(model.dropout)
        .with_recurrent_dropout(model.recurrent_dropout)
        .with_checkpoint_every(model.checkpoint_every)
        .with_precision(model.precision)
        .with_output(own.output)
}
