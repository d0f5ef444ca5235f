//! What the loop tells while it runs.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Listens to a training: draws its progress, writes its metrics.
pub trait Observer {
    /// Called in order, on the training thread.
    fn on(&mut self, event: &Event<'_>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&mut self, _event: &Event<'_>) {}
}

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something before training is under way.
    Work {
        /// What, as the beginning of a line.
        what: &'static str,
        /// How much of it is done.
        done: usize,
        /// All of it.
        total: usize,
    },
    /// Training starts or goes on.
    Start {
        /// Epochs in all.
        epochs: usize,
        /// Optimizer steps in one epoch.
        steps_per_epoch: usize,
        /// Numbers to learn.
        parameters: usize,
        /// Optimizer steps already done, by the run that is resumed.
        resumed_at: usize,
    },
    /// An optimizer step was made.
    Step {
        /// From 0.
        epoch: usize,
        /// Over all epochs, from 0.
        step: usize,
        /// The mean loss of the step's batches.
        loss: f64,
        /// The gradient's norm over all parameters, before clipping.
        gradient_norm: f64,
        /// The rate of this step.
        learning_rate: f64,
        /// Whether the gradient was clipped.
        clipped: bool,
        /// Where the step's time went.
        times: StepTimes,
    },
    /// An epoch ended.
    Epoch(&'a EpochRecord),
    /// A checkpoint is on the disk.
    Checkpoint {
        /// The file.
        path: &'a Path,
        /// Optimizer steps done so far.
        step: usize,
    },
    /// Training ended.
    Stop {
        /// Why.
        reason: StopReason,
    },
}

/// The wall time of the parts of one optimizer step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepTimes {
    /// From the batch to its loss: reading it, the model, the loss.
    pub forward: Duration,
    /// From the loss to the gradient of every parameter.
    pub backward: Duration,
    /// Adding up the batches of an accumulated step, and measuring the gradient.
    pub measure: Duration,
    /// Clipping, and the optimizer's update of the weights.
    pub update: Duration,
}

/// One epoch in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 0.
    pub epoch: usize,
    /// Mean over the epoch's examples, while the weights changed.
    pub train_loss: f64,
    /// On validation data, with the weights at the epoch's end.
    pub valid_loss: Option<f64>,
    /// Further validation figures. One that is not finite is written as text (`"inf"`), which JSON has no number for.
    #[serde(with = "any_number")]
    pub metrics: BTreeMap<String, f64>,
    /// The rate of the last step.
    pub learning_rate: f64,
    /// Mean over the steps of the gradient's norm before clipping.
    pub gradient_norm_mean: f64,
    /// The largest of them.
    pub gradient_norm_max: f64,
    /// The share of steps whose gradient was clipped, 0 to 1.
    pub clipped_share: f64,
    /// Wall time of training and validation, in seconds.
    pub seconds: f64,
    /// Optimizer steps per second of training, validation not counted.
    pub steps_per_second: f64,
}

impl EpochRecord {
    /// What early stopping and schedules follow: the validation loss, or without one the training loss.
    pub fn score(&self) -> f64 {
        self.valid_loss.unwrap_or(self.train_loss)
    }

    /// Whether everything but the timings is the same.
    pub fn same_but_time(&self, other: &Self) -> bool {
        let timeless = |record: &Self| Self {
            seconds: 0.0,
            steps_per_second: 0.0,
            ..record.clone()
        };
        // As text, because a metric may be NaN.
        format!("{:?}", timeless(self)) == format!("{:?}", timeless(other))
    }
}

/// The epoch with the lowest loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// From 0.
    pub epoch: usize,
    /// Its loss.
    pub score: f64,
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All epochs are done.
    Completed,
    /// No improvement for `early_stopping.patience` epochs.
    EarlyStopping,
    /// The stop flag was raised; training can be resumed.
    Stopped,
}

/// Numbers as numbers, and as text what JSON has none for.
mod any_number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Number {
        Finite(f64),
        Other(String),
    }

    pub(super) fn serialize<S: Serializer>(
        metrics: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(metrics.iter().map(|(name, value)| match value.is_finite() {
            true => (name, Number::Finite(*value)),
            false => (name, Number::Other(value.to_string())),
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let numbers = BTreeMap::<String, Number>::deserialize(deserializer)?;
        let parse = |(name, number)| match number {
            Number::Finite(value) => Ok((name, value)),
            Number::Other(text) => match text.parse() {
                Ok(value) => Ok((name, value)),
                Err(_) => Err(serde::de::Error::custom(format!("`{text}` is no number"))),
            },
        };
        numbers.into_iter().map(parse).collect()
    }
}
