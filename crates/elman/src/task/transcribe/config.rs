//! The tables of a recipe with `task = "transcribe"`.

use crate::recipe::{Error, Head, ModelConfig};
use crate::task::classify::check_training;
use crate::task::signals::{Varied, check_series, check_varied};
use crate::train::TrainConfig;
use elman_data::signal::{SignalConfig, SignalSplit};
use elman_data::text::VocabularyConfig;
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "transcribe"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transcribe {
    /// The files, and how what they hold is made ready; `label` names what is said.
    pub data: SignalConfig,
    /// How recordings without files of their own for validation and test are divided.
    pub split: SignalSplit,
    /// How texts become numbers.
    pub vocabulary: VocabularyConfig,
    /// How it is learned and answered.
    pub transcribe: TranscribeConfig,
}

/// How it is learned and answered: the keys of `[transcribe]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TranscribeConfig {
    /// Texts that are kept while the likeliest is searched for; 1 takes the likeliest path.
    pub beam: usize,
    /// Standard deviation of the noise that is added to every value in training.
    pub noise: f64,
    /// By how much of its length a recording is made longer or shorter in training, at most: 0.1 for a tenth.
    pub stretch: f64,
}

impl Default for TranscribeConfig {
    fn default() -> Self {
        Self {
            beam: 8,
            noise: 0.0,
            stretch: 0.0,
        }
    }
}

impl Transcribe {
    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        check_series(&self.data, model, ["recording", "recordings"])?;
        check_training(train, false)?;
        if model.head == Head::None {
            return wrong(
                "model.head",
                "must be dense: it gives a label, or none, for each step",
            );
        }
        if self.data.steps.is_some() {
            return wrong("data.steps", "names a label for each step; a text has none");
        }
        if self.data.windows.is_some() {
            return wrong(
                "data.windows",
                "cuts recordings, and what is said in each part is not known; leave it out",
            );
        }
        let own = &self.transcribe;
        if !(1..=1000).contains(&own.beam) {
            return wrong("transcribe.beam", "must be from 1 to 1000");
        }
        check_varied("transcribe", Varied::of(own.noise, own.stretch))
    }
}
