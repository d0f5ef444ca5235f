//! The tables of a recipe with `task = "classify"`.

use crate::baseline::text::TextBaseline;
use crate::model::{LayerSpec, PoolingKind};
use crate::recipe::{Error, Head, ModelConfig};
use crate::task::classes::{ClassWeights, WeightRule};
use crate::train::{LossConfig, TrainConfig};
use elman_data::text::{Column, RowSplit, RowsConfig, Tokens, VocabularyConfig};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tables of a recipe with `task = "classify"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Classify {
    /// The files.
    pub data: RowsConfig,
    /// How rows without files of their own for validation and test are divided.
    pub split: RowSplit,
    /// How a text becomes numbers.
    pub vocabulary: VocabularyConfig,
    /// What is told apart, and how.
    pub classify: ClassifyConfig,
}

/// What is told apart, and how: the keys of `[classify]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassifyConfig {
    /// The column of the text, by its name or its number from 1.
    pub text: Column,
    /// The column of its class.
    pub label: Column,
    /// What labels are called in answers and reports: `names = { "0" = "negative", "1" = "positive" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// How the outputs of the last recurrent layer become one vector: their `mean`, their `max`imum, or the `last` state.
    pub pooling: PoolingKind,
    /// How often, in training, the unknown token stands in for a known one.
    pub word_dropout: f64,
    /// How often, in training, a strand of DNA is read as the other strand would be, from its end (with tokens = "dna"): where a
    /// class holds for both strands.
    pub reverse_complement: f64,
    /// What the loss of each class is multiplied with: `none`, `balanced`, or a number for each label.
    pub class_weights: ClassWeights,
    /// Tokens of a text that are read; the rest of longer texts is not.
    pub longest: usize,
    /// Tokens that the fixed window sees.
    pub window: usize,
    /// Which simple classifiers are set beside the model.
    pub baselines: Vec<TextBaseline>,
}

impl Default for ClassifyConfig {
    fn default() -> Self {
        Self {
            text: "text".into(),
            label: "label".into(),
            names: BTreeMap::new(),
            pooling: PoolingKind::Max,
            word_dropout: 0.0,
            reverse_complement: 0.0,
            class_weights: ClassWeights::Rule(WeightRule::None),
            longest: 500,
            window: 10,
            baselines: TextBaseline::ALL.to_vec(),
        }
    }
}

impl Classify {
    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        if self.data.files.is_empty() {
            return wrong("data.files", "is missing: say which files hold the texts");
        }
        check_training(train, true)?;
        check_network(model)?;
        let own = &self.classify;
        if !model.layers.is_empty() && own.pooling != ClassifyConfig::default().pooling {
            return wrong(
                "classify.pooling",
                "does nothing beside model.layers; write a pooling layer there",
            );
        }
        if !(0.0..=1.0).contains(&own.reverse_complement) {
            return wrong(
                "classify.reverse_complement",
                "is a probability, from 0 to 1",
            );
        }
        if own.reverse_complement > 0.0 && self.vocabulary.tokens != Tokens::Dna {
            return wrong(
                "classify.reverse_complement",
                "is for strands of DNA: set vocabulary.tokens = \"dna\"",
            );
        }
        if !(0.0..1.0).contains(&own.word_dropout) {
            return wrong("classify.word_dropout", "must be at least 0 and below 1");
        }
        for (key, value) in [
            ("classify.longest", own.longest),
            ("classify.window", own.window),
        ] {
            if !(1..=1_000_000).contains(&value) {
                return Err(Error::value(
                    key,
                    format!("is {value}; it must be at least 1 and at most 1,000,000 tokens"),
                ));
            }
        }
        if own.text == own.label {
            return wrong(
                "classify.label",
                "names the same column as classify.text; the class must be in another",
            );
        }
        own.class_weights.check("classify.class_weights")
    }
}

/// Label smoothing is a share.
pub(in crate::task) fn check_smoothing(loss: &LossConfig) -> Result<(), Error> {
    match loss.label_smoothing {
        Some(share) if !(0.0..1.0).contains(&share) => Err(Error::value(
            "train.loss.label_smoothing",
            "must be from 0 to below 1",
        )),
        _ => Ok(()),
    }
}

/// Keys of `[train]` that would do nothing for whole texts; only the loss of classes has label smoothing.
pub(in crate::task) fn check_training(train: &TrainConfig, smoothing: bool) -> Result<(), Error> {
    let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
    if train.bptt_len.is_some() {
        return wrong("train.bptt_len", "cuts long streams; texts are read whole");
    }
    let loss = &train.loss;
    if loss
        .label_smoothing
        .is_some_and(|share| !(0.0..1.0).contains(&share))
    {
        return wrong("train.loss.label_smoothing", "must be from 0 to below 1");
    }
    let plain = LossConfig {
        label_smoothing: loss.label_smoothing.filter(|_| smoothing),
        ..LossConfig::default()
    };
    match (*loss == plain, smoothing) {
        (true, _) => Ok(()),
        (_, true) => wrong(
            "train.loss",
            "is the cross-entropy of the class; only label_smoothing can be set",
        ),
        (_, false) => wrong(
            "train.loss",
            "has no keys here: the task's own table says what the loss is",
        ),
    }
}

/// Keys of `[model]` that no network of texts can have.
pub(in crate::task) fn check_network(model: &ModelConfig) -> Result<(), Error> {
    if model.tie_weights {
        return Err(Error::value(
            "model.tie_weights",
            "is for models that say tokens; this one says one thing about a whole text",
        ));
    }
    let embedded = matches!(model.layers.first(), Some(LayerSpec::Embedding(_)));
    if embedded && model.embedding_size.is_some() {
        return Err(Error::value(
            "model.embedding_size",
            "and an embedding layer say the same thing: keep one",
        ));
    }
    if model.head == Head::None && model.layers.is_empty() {
        return Err(Error::value(
            "model.head",
            "must be dense, unless model.layers ends with as many units as there are classes",
        ));
    }
    Ok(())
}
