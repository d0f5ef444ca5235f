//! Recipes: a task stated in TOML, every key with a default, unknown keys refused.

use crate::init::Initializer;
use crate::model::{LayerSpec, PrecisionName};
use crate::ops::Precision;
use crate::task::forecast::ForecastConfig;
use crate::train::TrainConfig;
use elman_data::{SourceConfig, SplitConfig};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a recipe says: which data, which model, how to train it, for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the model is for.
    pub task: Task,
    /// One line for lists.
    #[serde(default)]
    pub description: String,
    /// A registered dataset whose folder `data.files` are in; without it they are beside the recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The series of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<SourceConfig>,
    /// Series that are generated instead of read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateConfig>,
    /// How the data is divided, in the order of time.
    #[serde(default)]
    pub split: SplitConfig,
    /// What is forecast from what.
    #[serde(default)]
    pub forecast: ForecastConfig,
    /// The network.
    #[serde(default)]
    pub model: ModelConfig,
    /// How it learns.
    #[serde(default)]
    pub train: TrainConfig,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// The next values of a series.
    Forecast,
}

/// Series drawn at random: `generate_time_series` of the lecture notes (Géron, *Hands-On Machine Learning*, chapter 15).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateConfig {
    /// How many series.
    pub series: usize,
    /// Which ones: the seed of the generator.
    pub seed: u64,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            series: 10_000,
            seed: 42,
        }
    }
}

/// The network of a recipe: either `layers`, or one recurrent stack in a few keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelConfig {
    /// `simple_rnn`, `lstm` or `gru`, where there are no `layers`.
    pub cell: CellName,
    /// Units of each layer.
    pub hidden_size: usize,
    /// Layers on top of each other.
    pub num_layers: usize,
    /// Read in both directions.
    pub bidirectional: bool,
    /// Dropout between layers.
    pub dropout: f64,
    /// Dropout of the hidden state, one mask for all steps.
    pub recurrent_dropout: f64,
    /// Keep only the state at every so many steps in training and compute the rest again; every step, if absent. The
    /// fused CPU kernels do so, other backends keep every step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    /// The numbers that the products of the fused CPU kernels multiply: `f32`, `bf16`, or `int8`, which trains as `f32` and
    /// answers with weights of eight bits.
    #[serde(with = "PrecisionName")]
    pub precision: Precision,
    /// What turns the last layer's output into the answer.
    pub head: Head,
    /// Whose first values the parameters have.
    pub initializer: Initializer,
    /// The layers one by one, instead of the keys above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerSpec>,
}

impl ModelConfig {
    /// Has every recurrent layer compute in this precision; whether there is any.
    pub fn set_precision(&mut self, precision: Precision) -> bool {
        let mut found = self.layers.is_empty();
        if found {
            self.precision = precision;
        }
        for layer in &mut self.layers {
            if let LayerSpec::SimpleRnn(spec) | LayerSpec::Lstm(spec) | LayerSpec::Gru(spec) = layer
            {
                spec.precision = precision;
                found = true;
            }
        }
        found
    }
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            cell: CellName::Lstm,
            hidden_size: 32,
            num_layers: 1,
            bidirectional: false,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            checkpoint_every: None,
            precision: Precision::F32,
            head: Head::Dense,
            initializer: Initializer::Keras,
            layers: Vec::new(),
        }
    }
}

/// The cells by the names recipes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellName {
    /// Elman's network.
    SimpleRnn,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit.
    Gru,
}

/// What turns the last layer's output into the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// A linear map to as many values as are asked for.
    Dense,
    /// Nothing: the last layer already gives as many values as are asked for.
    None,
}

/// Why a recipe cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the recipe `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not TOML, a key is unknown, or a value has the wrong type.
    #[error("{place}: {message}")]
    Parse {
        /// File, and line and column where they are known.
        place: String,
        /// What is wrong, and what was probably meant.
        message: String,
    },
    /// An override is not `key=value`.
    #[error("`--set {text}` is not of the form key=value, such as train.epochs=5")]
    Override {
        /// The override as given.
        text: String,
    },
    /// A value of `[train]` is impossible.
    #[error(transparent)]
    Train(#[from] crate::train::ConfigError),
    /// A value is impossible.
    #[error("`{key}` {problem}")]
    Value {
        /// The key, with its table.
        key: String,
        /// What is wrong and what would do.
        problem: String,
    },
}

impl Recipe {
    /// Reads a recipe from a file and applies `key=value` overrides.
    ///
    /// # Errors
    /// If the file cannot be read or is not a valid recipe.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string(), overrides)
    }

    /// Reads a recipe from text; `name` stands for it in errors.
    ///
    /// # Errors
    /// If the text is not a valid recipe.
    pub fn parse(text: &str, name: &str, overrides: &[String]) -> Result<Self, Error> {
        // The text first, for errors with a line; then the table with its overrides.
        toml::from_str::<Self>(text).map_err(|error| parse_error(&error, text, name))?;
        let mut table: toml::Table =
            toml::from_str(text).map_err(|error| parse_error(&error, text, name))?;
        for change in overrides {
            set(&mut table, change)?;
        }
        let recipe = Self::deserialize(table).map_err(|error| Error::Parse {
            place: format!("{name} with --set {}", overrides.join(" --set ")),
            message: with_nearest(error.message()),
        })?;
        recipe.check()?;
        Ok(recipe)
    }

    /// The recipe with every key, as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a recipe is made of tables, numbers and texts")
    }

    /// The keys that are not given and have no value then: what they do is not done.
    pub fn keys_left_out(&self) -> Vec<&'static str> {
        let (model, train) = (&self.model, &self.train);
        let keys = [
            (
                "model.checkpoint_every",
                model.checkpoint_every.is_none() && model.layers.is_empty(),
            ),
            ("train.clip_norm", train.clip_norm.is_none()),
            ("train.clip_value", train.clip_value.is_none()),
            ("train.bptt_len", train.bptt_len.is_none()),
            ("train.checkpoint_every", train.checkpoint_every.is_none()),
            ("train.early_stopping", train.early_stopping.is_none()),
        ];
        let absent = keys.into_iter().filter(|(_, absent)| *absent);
        absent.map(|(key, _)| key).collect()
    }

    /// Keys of `[model]` that would do nothing.
    fn check_model(&self) -> Result<(), Error> {
        let model = &self.model;
        let problem = if !model.layers.is_empty() {
            let plain = ModelConfig {
                layers: model.layers.clone(),
                head: model.head,
                initializer: model.initializer,
                ..ModelConfig::default()
            };
            (*model != plain).then_some((
                "model.layers",
                "says all about the layers; remove cell, hidden_size, num_layers, bidirectional, the dropouts, checkpoint_every and precision",
            ))
        } else {
            let idle = model.dropout > 0.0 && model.num_layers == 1;
            idle.then_some((
                "model.dropout",
                "acts between layers: it needs model.num_layers = 2 or more",
            ))
        };
        match problem {
            Some((key, problem)) => Err(Error::Value {
                key: key.into(),
                problem: problem.into(),
            }),
            None => Ok(()),
        }
    }

    /// Sizes that no machine could serve, and keys of `[train.loss]` and `[generate]` that would do nothing.
    fn check_sizes(&self) -> Result<(), Error> {
        let wrong = |key: &str, problem: String| {
            Err(Error::Value {
                key: key.into(),
                problem,
            })
        };
        let series = self.generate.as_ref().map_or(0, |generate| generate.series);
        for (key, value, most) in [
            ("train.epochs", self.train.epochs, 10_000_000),
            ("train.batch_size", self.train.batch_size, 10_000_000),
            ("train.accumulate", self.train.accumulate, 1_000_000),
            ("model.hidden_size", self.model.hidden_size, 100_000),
            ("model.num_layers", self.model.num_layers, 1_000),
            ("generate.series", series, 10_000_000),
        ] {
            if value > most {
                return wrong(key, format!("is {value}; at most {most} make sense"));
            }
        }
        let (forecast, loss) = (&self.forecast, &self.train.loss);
        let cells = forecast
            .lookback
            .saturating_add(forecast.horizon)
            .saturating_add(forecast.offset);
        if series.saturating_mul(cells) > 1_000_000_000 {
            return wrong(
                "generate.series",
                format!("is {series}, of {cells} steps each: more than memory holds"),
            );
        }
        if self.generate.is_some() && (forecast.stride != 1 || forecast.test_stride != 0) {
            return wrong(
                "forecast.stride",
                "does nothing for generated series: each is one window".into(),
            );
        }
        if loss.label_smoothing.is_some() {
            return wrong(
                "train.loss.label_smoothing",
                "is for classes; a forecast has none".into(),
            );
        }
        if loss.delta.is_some() && loss.name != Some(crate::train::LossName::Huber) {
            return wrong(
                "train.loss.delta",
                "does nothing without train.loss.name = \"huber\"".into(),
            );
        }
        if loss.over_time == crate::train::loss::OverTime::Sum
            && forecast.strategy != crate::task::forecast::Strategy::Sequence
        {
            return wrong(
                "train.loss.over_time",
                "sums over the steps of strategy = \"sequence\"; others have one".into(),
            );
        }
        Ok(())
    }

    /// What no single key can say about itself.
    fn check(&self) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| {
            Err(Error::Value {
                key: key.into(),
                problem: problem.into(),
            })
        };
        match (&self.data, &self.generate) {
            (None, None) => {
                return wrong(
                    "data",
                    "is missing: say which files to read, or add a [generate] table",
                );
            }
            (Some(_), Some(_)) => {
                return wrong("generate", "and [data] exclude each other: keep one");
            }
            _ => {}
        }
        if let Some(source) = &self.data {
            let twice =
                |name: &&String| source.targets.iter().filter(|other| other == name).count() > 1;
            if let Some(name) = source.targets.iter().find(twice) {
                return wrong(
                    "data.targets",
                    &format!("names `{name}` twice; once is enough"),
                );
            }
        }
        self.check_model()?;
        self.check_sizes()?;
        if self.model.hidden_size == 0 || self.model.num_layers == 0 {
            return wrong("model.hidden_size, model.num_layers", "must be at least 1");
        }
        if self.model.checkpoint_every == Some(0) {
            return wrong(
                "model.checkpoint_every",
                "is 0; it must be at least 1, or left out",
            );
        }
        for (key, rate) in [
            ("model.dropout", self.model.dropout),
            ("model.recurrent_dropout", self.model.recurrent_dropout),
        ] {
            if !(0.0..1.0).contains(&rate) {
                return wrong(
                    key,
                    &format!("is {rate}; it must be at least 0 and below 1"),
                );
            }
        }
        self.forecast.check()?;
        match self.train.check() {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::Train(error)),
        }
    }
}

/// Applies `key=value`; the value is TOML, or else a text.
fn set(table: &mut toml::Table, change: &str) -> Result<(), Error> {
    let broken = || Error::Override {
        text: change.into(),
    };
    let (key, value) = change.split_once('=').ok_or_else(broken)?;
    let value = match toml::from_str::<toml::Table>(&format!("value = {value}")) {
        Ok(mut parsed) => parsed.remove("value").ok_or_else(broken)?,
        Err(_) => toml::Value::String(value.into()),
    };
    let mut parts: Vec<&str> = key.split('.').map(str::trim).collect();
    let last = parts
        .pop()
        .filter(|last| !last.is_empty())
        .ok_or_else(broken)?;
    let mut inner = table;
    for part in parts {
        let entry = inner
            .entry(part)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        inner = entry.as_table_mut().ok_or_else(|| Error::Value {
            key: key.into(),
            problem: format!("cannot be set: `{part}` is a value, not a table"),
        })?;
    }
    inner.insert(last.into(), value);
    Ok(())
}

fn parse_error(error: &toml::de::Error, text: &str, name: &str) -> Error {
    let place = match error.span() {
        Some(span) => {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("{name}, line {line}, column {column}")
        }
        None => name.into(),
    };
    Error::Parse {
        place,
        message: with_nearest(error.message()),
    }
}

/// An unknown key or value with the nearest right one, from serde's "unknown field `a`, expected one of `b`, `c`".
fn with_nearest(message: &str) -> String {
    let Some(found) = message
        .strip_prefix("unknown ")
        .and_then(|rest| rest.split('`').nth(1))
    else {
        return message.trim_end().into();
    };
    let known: Vec<&str> = message
        .split("expected")
        .nth(1)
        .unwrap_or("")
        .split('`')
        .skip(1)
        .step_by(2)
        .collect();
    let what = if message.starts_with("unknown field") {
        "key"
    } else {
        "value"
    };
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(found, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map_or(String::new(), |(_, near)| {
        format!("; did you mean `{near}`?")
    });
    format!(
        "there is no {what} `{found}` here{hint} Known: {}",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests;
