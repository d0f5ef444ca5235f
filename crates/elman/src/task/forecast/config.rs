use crate::baseline::Baseline;
use crate::recipe::{Error, ModelConfig};
use crate::train::loss::OverTime;
use crate::train::{LossName, TrainConfig};
use elman_data::{ScalerKind, SourceConfig, SplitConfig, WindowConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "forecast"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Forecast {
    /// The series of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<SourceConfig>,
    /// Series that are generated instead of read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateConfig>,
    /// How the data is divided, in the order of time.
    pub split: SplitConfig,
    /// What is forecast from what.
    pub forecast: ForecastConfig,
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

impl Forecast {
    /// What no single key can say about itself.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
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
            (Some(source), None) => check_targets(&source.targets)?,
            (None, Some(generate)) => self.check_generated(generate.series)?,
        }
        for (key, given) in [
            ("model.embedding_size", model.embedding_size.is_some()),
            ("model.tie_weights", model.tie_weights),
        ] {
            if given {
                return wrong(key, "is about tokens; a series has none");
            }
        }
        if model.dropout > 0.0 && model.num_layers == 1 {
            return wrong(
                "model.dropout",
                "acts between layers: it needs model.num_layers = 2 or more",
            );
        }
        self.check_loss(train)?;
        self.forecast.check()
    }

    /// Sizes that no memory holds, and keys that would do nothing.
    fn check_generated(&self, series: usize) -> Result<(), Error> {
        let forecast = &self.forecast;
        let steps = forecast
            .lookback
            .saturating_add(forecast.horizon)
            .saturating_add(forecast.offset);
        if series > 10_000_000 || series.saturating_mul(steps) > 1_000_000_000 {
            return Err(Error::value(
                "generate.series",
                format!("is {series}, of {steps} steps each: more than memory holds"),
            ));
        }
        match forecast.stride != 1 || forecast.test_stride != 0 {
            true => Err(Error::value(
                "forecast.stride",
                "does nothing for generated series: each is one window",
            )),
            false => Ok(()),
        }
    }

    /// Keys of `[train.loss]` that would do nothing.
    fn check_loss(&self, train: &TrainConfig) -> Result<(), Error> {
        let loss = &train.loss;
        let idle = [
            (
                "label_smoothing",
                loss.label_smoothing.is_some(),
                "is for classes; a forecast has none",
            ),
            (
                "delta",
                loss.delta.is_some() && loss.name != Some(LossName::Huber),
                "does nothing without train.loss.name = \"huber\"",
            ),
            (
                "over_time",
                loss.over_time == OverTime::Sum && self.forecast.strategy != Strategy::Sequence,
                "sums over the steps of strategy = \"sequence\"; others have one",
            ),
        ];
        match idle.into_iter().find(|(_, idle, _)| *idle) {
            Some((key, _, problem)) => Err(Error::value(format!("train.loss.{key}"), problem)),
            None => Ok(()),
        }
    }
}

fn check_targets(targets: &[String]) -> Result<(), Error> {
    let twice = |name: &&String| targets.iter().filter(|other| other == name).count() > 1;
    match targets.iter().find(twice) {
        Some(name) => Err(Error::value(
            "data.targets",
            format!("names `{name}` twice; once is enough"),
        )),
        None => Ok(()),
    }
}

/// What is forecast from what: the keys of `[forecast]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ForecastConfig {
    /// Rows of the past that a forecast looks at.
    pub lookback: usize,
    /// Every how many rows of the past one is read: 6 reads 120 of 720.
    pub step: usize,
    /// Rows of the future that are forecast.
    pub horizon: usize,
    /// Rows between the last input and the first forecast.
    pub offset: usize,
    /// Rows between one training window and the next.
    pub stride: usize,
    /// Rows between one forecast of the test span and the next; 0 means `horizon`: each row is forecast once.
    pub test_stride: usize,
    /// How several steps ahead are forecast.
    pub strategy: Strategy,
    /// How columns are brought to a common size, from the training span.
    pub scaling: ScalerKind,
    /// What is applied to the series before everything else.
    pub transform: Transform,
    /// What each window is made relative to.
    pub relative_to: RelativeTo,
    /// Rows of one season, for the seasonal naive forecast and MASE; 0 finds it from the step of the series.
    pub season: usize,
    /// Which simple forecasts are set beside the model.
    pub baselines: Vec<Baseline>,
}

impl Default for ForecastConfig {
    fn default() -> Self {
        Self {
            lookback: 24,
            step: 1,
            horizon: 1,
            offset: 0,
            stride: 1,
            test_stride: 0,
            strategy: Strategy::Vector,
            scaling: ScalerKind::Standard,
            transform: Transform::None,
            relative_to: RelativeTo::Nothing,
            season: 0,
            baselines: Baseline::ALL.to_vec(),
        }
    }
}

/// The three ways of the lecture notes to forecast several steps ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// All steps at once, from the last state: sequence to vector.
    #[default]
    Vector,
    /// The next steps at every step of the input, of which the last is the forecast: sequence to sequence.
    Sequence,
    /// One step, which is then read as if it had happened, and so on.
    Iterative,
}

/// What is applied to the values of a series before scaling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// The natural logarithm of inputs and targets, for positive series that grow by percentages.
    Log,
}

/// What the values of a window are made relative to, so that a model can follow a level it never saw in training
/// (reversible instance normalisation: Kim et al., 2022). It is added again to the forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelativeTo {
    /// Nothing: values as they are scaled.
    #[default]
    Nothing,
    /// The mean of the window's inputs, column by column.
    Mean,
    /// The last of the window's inputs, column by column.
    Last,
}

impl ForecastConfig {
    /// Steps that the model itself gives: the rest is fed back.
    pub fn model_horizon(&self) -> usize {
        match self.strategy {
            Strategy::Iterative => 1,
            Strategy::Vector | Strategy::Sequence => self.horizon,
        }
    }

    /// Inputs of one window.
    pub fn input_steps(&self) -> usize {
        self.lookback / self.step
    }

    /// Windows of the given horizon, `stride` rows apart.
    pub fn windows(&self, horizon: usize, stride: usize) -> WindowConfig {
        WindowConfig {
            lookback: self.lookback,
            horizon,
            stride,
            step: self.step,
            offset: self.offset,
        }
    }

    /// Rows between two forecasts of the test span.
    pub fn test_stride(&self) -> usize {
        if self.test_stride == 0 {
            self.horizon
        } else {
            self.test_stride
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |key: &str, problem: String| {
            Err(Error::Value {
                key: format!("forecast.{key}"),
                problem,
            })
        };
        for (key, value) in [
            ("lookback", self.lookback),
            ("step", self.step),
            ("horizon", self.horizon),
            ("stride", self.stride),
        ] {
            if value == 0 {
                return wrong(key, "must be at least 1".into());
            }
        }
        if !self.lookback.is_multiple_of(self.step) {
            let problem = format!(
                "is {}; it must be a multiple of step = {}",
                self.lookback, self.step
            );
            return wrong("lookback", problem);
        }
        let iterative = self.strategy == Strategy::Iterative;
        if iterative && (self.step != 1 || self.offset != 0) {
            return wrong(
                "strategy",
                "`iterative` feeds each forecast back as the next row: it needs step = 1 and offset = 0".into(),
            );
        }
        if self.strategy == Strategy::Sequence && (self.step != 1 || self.offset != 0) {
            return wrong(
                "strategy",
                "`sequence` forecasts from every row: it needs step = 1 and offset = 0".into(),
            );
        }
        if self.strategy == Strategy::Sequence && self.relative_to != RelativeTo::Nothing {
            return wrong(
                "relative_to",
                "must be `nothing` with strategy = \"sequence\": the level of a whole window is the future of its first rows".into(),
            );
        }
        for (key, value) in [
            ("lookback", self.lookback),
            ("horizon", self.horizon),
            ("offset", self.offset),
        ] {
            if value > 10_000_000 {
                return wrong(key, format!("is {value}; at most 10,000,000 rows"));
            }
        }
        Ok(())
    }
}
