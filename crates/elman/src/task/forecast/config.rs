use crate::baseline::Baseline;
use crate::recipe::Error;
use elman_data::{ScalerKind, WindowConfig};
use serde::{Deserialize, Serialize};

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
