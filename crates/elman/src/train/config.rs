//! The `[train]` table of a recipe: as read ([`TrainConfig`]), and as checked ([`ValidConfig`]).

use super::optimizer::Rule;
use super::schedule::Schedule;
use serde::{Deserialize, Serialize};

mod check;
pub use check::ConfigError;
#[cfg(test)]
mod tests;

/// How to train, as read from the `[train]` table of a recipe. Every key has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Passes over the training data.
    pub epochs: usize,
    /// Sequences in one batch.
    pub batch_size: usize,
    /// What initialisation, shuffling and dropout follow from.
    pub seed: u64,
    /// Batches to one optimizer step (gradient accumulation): the step of one batch that is as many times as large.
    pub accumulate: usize,
    /// Upper limit of the gradient's norm over all parameters together (Pascanu, Mikolov & Bengio, 2013).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Upper limit of every component of the gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,
    /// Steps in one chunk of a long stream (truncated backpropagation through time), where a task has streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bptt_len: Option<usize>,
    /// Optimizer steps between two checkpoints within an epoch, beside those at the ends of epochs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    /// `[train.optimizer]`
    pub optimizer: OptimizerConfig,
    /// `[train.schedule]`
    pub schedule: ScheduleConfig,
    /// `[train.loss]`
    pub loss: LossConfig,
    /// `[train.early_stopping]`; training runs through all epochs without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStoppingConfig>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch_size: 32,
            seed: 0,
            accumulate: 1,
            clip_norm: None,
            clip_value: None,
            bptt_len: None,
            checkpoint_every: None,
            optimizer: OptimizerConfig::default(),
            schedule: ScheduleConfig::default(),
            loss: LossConfig::default(),
            early_stopping: None,
        }
    }
}

/// The update rule. A key that the named rule does not have is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Which rule.
    pub name: OptimizerName,
    /// The rate before the schedule.
    pub learning_rate: f64,
    /// Adam, AdamW: decay of the gradient's mean. Default 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta_1: Option<f64>,
    /// Adam, AdamW: decay of the squared gradient's mean. Default 0.999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta_2: Option<f64>,
    /// Adam, AdamW, RMSprop: what keeps the quotient finite. Default 1e-7, as in Keras.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// RMSprop: decay of the squared gradient's mean. Default 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rho: Option<f64>,
    /// SGD, RMSprop: momentum. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// SGD with momentum: Nesterov's form. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nesterov: Option<bool>,
    /// L2 penalty; decoupled from the gradient in AdamW. Default 0, AdamW 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            name: OptimizerName::Adam,
            learning_rate: 1e-3,
            beta_1: None,
            beta_2: None,
            epsilon: None,
            rho: None,
            momentum: None,
            nesterov: None,
            weight_decay: None,
        }
    }
}

/// The update rules there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerName {
    /// Kingma & Ba (2015).
    Adam,
    /// Loshchilov & Hutter (2019).
    AdamW,
    /// Tieleman & Hinton (2012).
    RmsProp,
    /// Stochastic gradient descent, with momentum if wished.
    Sgd,
}

/// How the learning rate changes. A key that the named schedule does not have is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Which schedule.
    pub name: ScheduleName,
    /// Optimizer steps over which the rate first rises evenly from 0, under any schedule.
    pub warm_up: usize,
    /// `step`: epochs from one reduction to the next. Default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<usize>,
    /// `step`, `reduce_on_plateau`: what the rate is multiplied by. Default 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// `cosine`: the rate at the end. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// `reduce_on_plateau`: epochs without improvement before a reduction. Default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// `reduce_on_plateau`: the lowest rate. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
}

/// The schedules there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleName {
    /// The same rate throughout.
    #[default]
    Constant,
    /// `learning_rate × factor^⌊epoch / every⌋`
    Step,
    /// From `learning_rate` to `to` along half a cosine over all steps after the warm-up (Loshchilov & Hutter, 2017,
    /// without restarts).
    Cosine,
    /// Times `factor` after `patience` epochs without improvement.
    ReduceOnPlateau,
}

/// Which loss, where a task leaves the choice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// The loss; the task's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LossName>,
    /// Losses of the steps of a sequence: their mean, or their sum.
    pub over_time: super::loss::OverTime,
    /// `huber`: where the square becomes a line. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<f64>,
    /// `cross_entropy`: share of the target spread evenly over the classes. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_smoothing: Option<f64>,
}

/// The losses there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossName {
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
    /// Square near zero, line beyond `delta`.
    Huber,
    /// Of one class out of several.
    CrossEntropy,
    /// Of independent yes-or-no targets.
    BinaryCrossEntropy,
}

/// When to stop before the last epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStoppingConfig {
    /// Epochs without improvement before training stops.
    pub patience: usize,
    /// How much lower a loss must be to be an improvement.
    pub min_delta: f64,
    /// End with the weights of the best epoch rather than with the last.
    pub restore_best: bool,
}

impl Default for EarlyStoppingConfig {
    fn default() -> Self {
        Self {
            patience: 5,
            min_delta: 0.0,
            restore_best: true,
        }
    }
}

/// A [`TrainConfig`] whose every value is in its range, with defaults filled in.
#[derive(Clone, Debug)]
pub struct ValidConfig {
    config: TrainConfig,
    pub(super) rule: Rule,
    pub(super) rates: Schedule,
}

impl ValidConfig {
    /// The configuration with every applicable default written out, as a run records it.
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }
}

impl std::ops::Deref for ValidConfig {
    type Target = TrainConfig;

    fn deref(&self) -> &TrainConfig {
        &self.config
    }
}
