//! The tables of a recipe with `task = "map"`.

use crate::model::LayerSpec;
use crate::recipe::{CellName, Error, ModelConfig};
use crate::task::classify::check_network;
use crate::train::{LossName, TrainConfig};
use elman_data::text::{Column, RowSplit, RowsConfig};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The tables of a recipe with `task = "map"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Map {
    /// The files.
    pub data: RowsConfig,
    /// Rows that are made instead of read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateConfig>,
    /// How rows without files of their own for validation and test are divided: rows with the same inputs stay together.
    pub split: RowSplit,
    /// What becomes what.
    pub map: MapConfig,
}

/// What becomes what: the keys of `[map]`.
///
/// An entry of `inputs` and `targets` is the name of a column, its number from 1, the first and the last of columns side by
/// side (`"y1..y50"`, `"3..12"`), or a pattern (`"y*"`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapConfig {
    /// The columns that are read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Column>,
    /// The columns that are answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Column>,
    /// Steps of the series that the targets are, one step after the other; without it they are one vector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Which simple answers are set beside the model's.
    pub baselines: Vec<MapBaseline>,
}

impl Default for MapConfig {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            targets: Vec::new(),
            steps: None,
            baselines: MapBaseline::ALL.to_vec(),
        }
    }
}

/// A simple answer, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapBaseline {
    /// The mean of the training part, whatever the inputs.
    Mean,
    /// Linear least squares on the inputs.
    Linear,
}

impl MapBaseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 2] = [Self::Mean, Self::Linear];

    /// The key in recipes and results.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Linear => "linear",
        }
    }
}

impl fmt::Display for MapBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "training mean",
            Self::Linear => "linear regression",
        })
    }
}

/// Rows that are made: the keys of `[generate]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateConfig {
    /// What is made.
    pub what: Made,
    /// How many rows.
    pub rows: usize,
    /// `oscillation`: steps of each series.
    pub steps: usize,
    /// Standard deviation of the noise on every target.
    pub noise: f64,
    /// Another number gives other rows.
    pub seed: u64,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            what: Made::Friedman,
            rows: 2_000,
            steps: 40,
            noise: 0.0,
            seed: 42,
        }
    }
}

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// Ten numbers and one that five of them make: [`elman_data::generate::friedman`].
    Friedman,
    /// The numbers of a damped oscillation and its course: [`elman_data::generate::oscillations`].
    Oscillation,
}

/// Most numbers that are made, or steps of a series.
const MOST: usize = 100_000_000;

impl GenerateConfig {
    fn check(&self) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("generate.{key}"), problem));
        let steps = match self.what {
            Made::Friedman => 1,
            Made::Oscillation => self.steps,
        };
        if steps == 0 {
            return wrong("steps", "is 0; it must be at least 1".into());
        }
        if self.rows == 0 || self.rows.saturating_mul(steps.saturating_add(10)) > MOST {
            let problem = format!(
                "is {}; it must be at least 1, and rows × steps at most about {MOST}",
                self.rows
            );
            return wrong("rows", problem);
        }
        match self.noise.is_finite() && (0.0..=1e6).contains(&self.noise) {
            true => Ok(()),
            false => wrong("noise", format!("is {}; it must be from 0", self.noise)),
        }
    }
}

impl Map {
    /// Steps of the series that is answered; nothing where it is one vector.
    pub fn steps(&self) -> Option<usize> {
        match &self.generate {
            Some(made) => (made.what == Made::Oscillation).then_some(made.steps),
            None => self.map.steps,
        }
    }

    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        let own = &self.map;
        match &self.generate {
            Some(made) => {
                made.check()?;
                if self.data != RowsConfig::default() {
                    return wrong("data", "does nothing beside [generate]; keep one of them");
                }
                for (key, given) in [
                    ("map.inputs", !own.inputs.is_empty()),
                    ("map.targets", !own.targets.is_empty()),
                    ("map.steps", own.steps.is_some()),
                ] {
                    if given {
                        return wrong(key, "is what [generate] says; leave it out");
                    }
                }
            }
            None => {
                if self.data.files.is_empty() {
                    return wrong(
                        "data.files",
                        "is missing: say which files hold the rows, or have some made by [generate]",
                    );
                }
                if own.inputs.is_empty() {
                    return wrong("map.inputs", "is missing: say which columns are read");
                }
                if own.targets.is_empty() {
                    return wrong("map.targets", "is missing: say which columns are answered");
                }
            }
        }
        if own.steps == Some(0) {
            return wrong(
                "map.steps",
                "is 0; it must be at least 1, or left out where the answer is one vector",
            );
        }
        check_network(model)?;
        check_model(model, self.steps().is_some())?;
        if train.bptt_len.is_some() {
            return wrong("train.bptt_len", "cuts long streams; a row is read whole");
        }
        match train.loss.name {
            None | Some(LossName::Mse | LossName::Mae | LossName::Huber) => Ok(()),
            Some(_) => wrong("train.loss.name", "must be mse, mae or huber for numbers"),
        }
    }
}

/// Keys of `[model]` that no network of numbers can have, or that do nothing without recurrence.
fn check_model(model: &ModelConfig, series: bool) -> Result<(), Error> {
    let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
    let tokens =
        |layer: &LayerSpec| matches!(layer, LayerSpec::Embedding(_) | LayerSpec::OneHot(_));
    if model.embedding_size.is_some() || model.layers.iter().any(tokens) {
        return wrong(
            "model.embedding_size",
            "(or an embedding layer) is for tokens; a row has numbers already",
        );
    }
    let default = ModelConfig::default();
    let recurrent = [
        ("model.cell", model.cell != CellName::Lstm),
        ("model.bidirectional", model.bidirectional),
        ("model.recurrent_dropout", model.recurrent_dropout > 0.0),
        ("model.checkpoint_every", model.checkpoint_every.is_some()),
        ("model.precision", model.precision != default.precision),
    ];
    match recurrent.into_iter().find(|(_, given)| *given && !series) {
        Some((key, _)) => wrong(
            key,
            "is about recurrent layers, and from a vector to a vector there are none (map.steps asks for a series)",
        ),
        None => Ok(()),
    }
}
