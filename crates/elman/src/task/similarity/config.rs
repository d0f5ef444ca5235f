//! The tables of a recipe with `task = "similarity"`.

use crate::model::PoolingKind;
use crate::recipe::{Error, ModelConfig};
use crate::task::classify::{Classify, ClassifyConfig, check_network, check_training};
use crate::task::likeness::LikenessConfig;
use crate::train::TrainConfig;
use elman_data::text::{Column, RowSplit, RowsConfig, VocabularyConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "similarity"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Similarity {
    /// The files.
    pub data: RowsConfig,
    /// How rows without files of their own for validation and test are divided.
    pub split: RowSplit,
    /// How a text becomes numbers.
    pub vocabulary: VocabularyConfig,
    /// What is close to what, and how a text is read.
    pub similarity: SimilarityConfig,
    /// How closeness is learned.
    pub likeness: LikenessConfig,
}

/// What is close to what, and how a text is read: the keys of `[similarity]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimilarityConfig {
    /// The column of the text, by its name or its number from 1.
    pub text: Column,
    /// The column of its label: texts of one label are close.
    pub label: Column,
    /// How the outputs of the last recurrent layer become one vector: their `mean`, their `max`imum, or the `last` state.
    pub pooling: PoolingKind,
    /// How often, in training, the unknown token stands in for a known one.
    pub word_dropout: f64,
    /// Tokens of a text that are read; the rest of longer texts is not.
    pub longest: usize,
}

impl Default for SimilarityConfig {
    fn default() -> Self {
        Self {
            text: "text".into(),
            label: "label".into(),
            pooling: PoolingKind::Max,
            word_dropout: 0.0,
            longest: 500,
        }
    }
}

impl Similarity {
    /// The same files as texts with labels.
    pub(super) fn texts(&self) -> Classify {
        let own = &self.similarity;
        Classify {
            data: self.data.clone(),
            split: self.split.clone(),
            vocabulary: self.vocabulary.clone(),
            classify: ClassifyConfig {
                text: own.text.clone(),
                label: own.label.clone(),
                longest: own.longest,
                ..ClassifyConfig::default()
            },
        }
    }

    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("similarity.{key}"), problem));
        if self.data.files.is_empty() {
            return Err(Error::value(
                "data.files",
                "is missing: say which files hold the texts",
            ));
        }
        check_training(train, false)?;
        check_network(model)?;
        let own = &self.similarity;
        if !model.layers.is_empty() && own.pooling != SimilarityConfig::default().pooling {
            return wrong(
                "pooling",
                "does nothing beside model.layers; write a pooling layer there".into(),
            );
        }
        if !(0.0..1.0).contains(&own.word_dropout) {
            return wrong("word_dropout", "must be at least 0 and below 1".into());
        }
        if !(1..=1_000_000).contains(&own.longest) {
            return wrong(
                "longest",
                format!(
                    "is {}; it must be at least 1 and at most 1000000",
                    own.longest
                ),
            );
        }
        self.likeness.check(train)?;
        match own.text == own.label {
            true => wrong(
                "label",
                "names the same column as similarity.text; the label must be in another".into(),
            ),
            false => Ok(()),
        }
    }
}
