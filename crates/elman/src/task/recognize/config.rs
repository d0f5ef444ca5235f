//! The tables of a recipe with `task = "recognize"`.

use super::baselines::SignalBaseline;
use crate::model::PoolingKind;
use crate::recipe::{Error, ModelConfig};
use crate::task::classes::{ClassWeights, WeightRule};
use crate::task::classify::check_training;
use crate::task::signals::{Varied, check_series, check_varied, check_warping};
use crate::train::TrainConfig;
use elman_data::signal::{SignalConfig, SignalSplit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tables of a recipe with `task = "recognize"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recognize {
    /// The files, and how what they hold is made ready.
    pub data: SignalConfig,
    /// How series without files of their own for validation and test are divided.
    pub split: SignalSplit,
    /// What is told apart, and how.
    pub recognize: RecognizeConfig,
}

/// What has a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// A series as a whole: many to one.
    #[default]
    Series,
    /// Every step of it: many to many, aligned.
    Step,
}

impl Each {
    /// What is counted: "series", "steps".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Step => "steps",
        }
    }
}

/// What is told apart, and how: the keys of `[recognize]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecognizeConfig {
    /// What has a class: each `series`, or each `step` of it.
    pub each: Each,
    /// What labels are called in answers and reports: `names = { "1" = "gun", "2" = "finger" }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// How the outputs of the last recurrent layer become one vector: their `mean`, their `max`imum, or the `last` state.
    pub pooling: PoolingKind,
    /// What the loss of each class is multiplied with: `none`, `balanced`, or a number for each label.
    pub class_weights: ClassWeights,
    /// Standard deviation of the noise that is added to every value in training.
    pub noise: f64,
    /// By how much of its length a series is made longer or shorter in training, at most: 0.1 for a tenth.
    pub stretch: f64,
    /// Steps that a warping path may leave the diagonal, as a share of the longer series; no limit if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warping: Option<f64>,
    /// Which simple classifiers are set beside the model.
    pub baselines: Vec<SignalBaseline>,
}

impl Default for RecognizeConfig {
    fn default() -> Self {
        Self {
            each: Each::Series,
            names: BTreeMap::new(),
            pooling: PoolingKind::Mean,
            class_weights: ClassWeights::Rule(WeightRule::None),
            noise: 0.0,
            stretch: 0.0,
            warping: None,
            baselines: SignalBaseline::ALL.to_vec(),
        }
    }
}

impl Recognize {
    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        check_series(&self.data, model, ["series", "series"])?;
        check_training(train, true)?;
        let own = &self.recognize;
        let default = RecognizeConfig::default();
        if own.pooling != default.pooling && (!model.layers.is_empty() || own.each == Each::Step) {
            return wrong(
                "recognize.pooling",
                match own.each {
                    Each::Series => "does nothing beside model.layers; write a pooling layer there",
                    Each::Step => {
                        "makes one vector of a series; with each = \"step\" every step has its own"
                    }
                },
            );
        }
        check_varied("recognize", Varied::of(own.noise, own.stretch))?;
        check_warping("recognize", own.warping)?;
        let near = own.baselines.contains(&SignalBaseline::Nearest);
        if own.each == Each::Step && near && own.baselines.len() < default.baselines.len() {
            return wrong(
                "recognize.baselines",
                "names `nearest`, which says one thing about a whole series; leave it out",
            );
        }
        if own.warping.is_some() && (own.each == Each::Step || !near) {
            return wrong(
                "recognize.warping",
                "is for the baseline `nearest`, which is not there",
            );
        }
        if self.data.steps.is_some() && own.each == Each::Series {
            return wrong(
                "data.steps",
                "names a label for each step; set recognize.each = \"step\", or leave it out",
            );
        }
        own.class_weights.check("recognize.class_weights")
    }
}
