//! The tables of a recipe with `task = "similarity"`.

use super::sample::Negatives;
use crate::model::PoolingKind;
use crate::recipe::{Error, ModelConfig};
use crate::task::classify::{Classify, ClassifyConfig, check_network, check_training};
use crate::train::TrainConfig;
use crate::train::loss::Distance;
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
    /// What is close to what, and how that is learned.
    pub similarity: SimilarityConfig,
}

/// What is close to what, and how that is learned: the keys of `[similarity]`.
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
    /// Numbers that stand for a text, where `model.head = "dense"`.
    pub size: usize,
    /// `triplet` or `contrastive`.
    pub loss: LossKind,
    /// How far apart two texts are.
    pub distance: Distance,
    /// By how much texts of other labels must be farther.
    pub margin: f64,
    /// Which texts of other labels a text is compared with.
    pub negatives: Negatives,
    /// Texts of one label that come together in a batch.
    pub together: usize,
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
            size: 64,
            loss: LossKind::Triplet,
            distance: Distance::Cosine,
            margin: 0.3,
            negatives: Negatives::SemiHard,
            together: 4,
            longest: 500,
        }
    }
}

/// The losses there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// A text, one of its label and one of another: [`triplet`](crate::train::loss::triplet).
    Triplet,
    /// Pairs: [`contrastive`](crate::train::loss::contrastive).
    Contrastive,
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
        if !(own.margin > 0.0 && own.margin.is_finite()) {
            return wrong("margin", format!("is {}; it must be above 0", own.margin));
        }
        if own.distance == Distance::Cosine && own.margin > 2.0 {
            return wrong(
                "margin",
                format!("is {}, but cosine distances end at 2", own.margin),
            );
        }
        for (key, value, least, most) in [
            ("size", own.size, 1, 100_000),
            ("together", own.together, 2, 1_000),
            ("longest", own.longest, 1, 1_000_000),
        ] {
            if !(least..=most).contains(&value) {
                return wrong(
                    key,
                    format!("is {value}; it must be at least {least} and at most {most}"),
                );
            }
        }
        if train.batch_size < 2 * own.together {
            return Err(Error::value(
                "train.batch_size",
                format!(
                    "is {}; with similarity.together = {} a batch needs at least {} texts to hold two labels",
                    train.batch_size,
                    own.together,
                    2 * own.together
                ),
            ));
        }
        match own.text == own.label {
            true => wrong(
                "label",
                "names the same column as similarity.text; the label must be in another".into(),
            ),
            false => Ok(()),
        }
    }
}
