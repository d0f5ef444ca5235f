//! The tables of a recipe with `task = "resemble"`.

use crate::model::PoolingKind;
use crate::recipe::{Error, ModelConfig};
use crate::task::classify::check_training;
use crate::task::likeness::LikenessConfig;
use crate::task::recognize::{Recognize, RecognizeConfig};
use crate::task::signals::{Varied, check_series, check_varied, check_warping};
use crate::train::TrainConfig;
use elman_data::signal::{SignalConfig, SignalSplit};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "resemble"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resemble {
    /// The files, and how what they hold is made ready; series of one `label` are close.
    pub data: SignalConfig,
    /// How series without files of their own for validation and test are divided.
    pub split: SignalSplit,
    /// How a series is read.
    pub resemble: ResembleConfig,
    /// How closeness is learned.
    pub likeness: LikenessConfig,
}

/// How a series is read: the keys of `[resemble]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResembleConfig {
    /// How the outputs of the last recurrent layer become one vector: their `mean`, their `max`imum, or the `last` state.
    pub pooling: PoolingKind,
    /// Standard deviation of the noise that is added to every value in training.
    pub noise: f64,
    /// By how much of its length a series is made longer or shorter in training, at most: 0.1 for a tenth.
    pub stretch: f64,
    /// For the search by time warping that the model is set beside: steps that a warping path may leave the diagonal, as a share of
    /// the longer series; no limit if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warping: Option<f64>,
}

impl Default for ResembleConfig {
    fn default() -> Self {
        Self {
            pooling: PoolingKind::Mean,
            noise: 0.0,
            stretch: 0.0,
            warping: None,
        }
    }
}

impl Resemble {
    /// The same files as series with labels.
    pub(super) fn series(&self) -> Recognize {
        Recognize {
            data: self.data.clone(),
            split: self.split.clone(),
            recognize: RecognizeConfig::default(),
        }
    }

    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        check_series(&self.data, model, ["series", "series"])?;
        check_training(train, false)?;
        let own = &self.resemble;
        if !model.layers.is_empty() && own.pooling != ResembleConfig::default().pooling {
            return Err(Error::value(
                "resemble.pooling",
                "does nothing beside model.layers; write a pooling layer there",
            ));
        }
        if self.data.steps.is_some() {
            return Err(Error::value(
                "data.steps",
                "names a label for each step; what is compared are whole series: leave it out, and name data.label",
            ));
        }
        check_varied("resemble", Varied::of(own.noise, own.stretch))?;
        check_warping("resemble", own.warping)?;
        self.likeness.check(train)
    }
}
