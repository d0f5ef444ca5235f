//! Training: one loop for every task.
//!
//! A task implements [`Objective`]: its batches, the loss of one batch, the validation of a model. A [`Trainer`] does
//! the rest: accumulation, clipping, the optimizer and its schedule, early stopping, checkpoints, and resuming from
//! them to the same bits. What happens is told to an [`Observer`]; the loop itself prints nothing.
//!
//! The same objective, configuration, seed and thread count give the same weights, bit for bit, whether trained in one
//! go or stopped and resumed any number of times. For that, everything random must come from `(seed, epoch)` (batches;
//! see [`shuffled`]) or from the device's generator, which is seeded anew before each step (dropout). The device's
//! generator is one for the whole process: what must repeat exactly must not train beside another random computation.

mod checkpoint;
mod config;
mod diagnose;
mod error;
mod event;
mod gradients;
mod hints;
pub mod loss;
mod optimizer;
mod progress;
mod range;
mod run;
mod schedule;
mod step;
mod trainer;

pub use config::{
    ConfigError, EarlyStoppingConfig, LossConfig, LossName, OptimizerConfig, OptimizerName,
    ScheduleConfig, ScheduleName, TrainConfig, ValidConfig,
};
pub use elman_data::random::shuffled;
pub use error::{Error, NonFinite};
pub use event::{Best, EpochRecord, Event, Observer, Silent, StepTimes, StopReason};
pub use hints::{Hint, hints};
pub use range::{RangeFound, RangeTest};
pub use trainer::{Trained, Trainer};

use burn::module::Module;
use burn::prelude::*;
use std::collections::BTreeMap;

/// Whether a folder of checkpoints holds one that a training can be resumed from.
pub fn has_checkpoint(folder: &std::path::Path) -> bool {
    run::last_path(folder).exists()
}

/// The states of a model's recurrent layers between two chunks of one long stream (truncated backpropagation through
/// time); a task decides what each tensor is. The loop cuts them from the graph between batches.
pub type Carry = Vec<Tensor<3>>;

/// What a task hands to the loop.
pub trait Objective {
    /// The module that is trained. Its parameters must be on an autodiff device.
    type Model: Module;
    /// One batch, or how to make it: a list of row numbers is enough, and cheaper to list for a whole epoch.
    type Batch: 'static;

    /// The batches of one epoch, in order.
    ///
    /// They must follow from the epoch's number alone (see [`shuffled`]), so that an epoch can be taken up again in its
    /// middle.
    fn batches(&self, epoch: usize) -> Vec<Self::Batch>;

    /// The loss of one batch, on the autodiff device, and the states to carry into the next batch, if any.
    ///
    /// `carry` is what the batch before returned; nothing at an epoch's start.
    fn loss(&self, model: &Self::Model, batch: &Self::Batch, carry: Option<Carry>) -> StepLoss;

    /// Evaluates on validation data a model without gradients, dropout off; nothing if there are none.
    fn validate(&self, model: &Self::Model) -> Option<Evaluation>;

    /// Names a batch in messages: rows, files.
    fn describe(&self, _batch: &Self::Batch) -> String {
        String::new()
    }

    /// Looks for what made the loss of a batch non-finite where the loop cannot look: the input, a layer's output.
    fn explain_non_finite(&self, _model: &Self::Model, _batch: &Self::Batch) -> Option<String> {
        None
    }

    /// What, apart from the training configuration, must be unchanged for a checkpoint to be gone on from: a digest of
    /// the data and of the rest of the recipe.
    fn fingerprint(&self) -> String {
        String::new()
    }
}

/// The loss of one batch.
#[derive(Debug)]
pub struct StepLoss {
    /// `[1]`, tracked by autodiff.
    pub loss: Tensor<1>,
    /// The states to begin the next batch with.
    pub carry: Option<Carry>,
    /// How many things the loss is a mean over: sequences, steps or tokens. It weighs the batch in the epoch's mean and,
    /// with accumulation, in the step, so that batches of unequal size act as the one big batch would.
    pub examples: usize,
}

/// The outcome of a validation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The loss, lower is better; early stopping, `reduce_on_plateau` and the choice of the best weights follow it.
    pub loss: f64,
    /// Further figures by name.
    pub metrics: BTreeMap<String, f64>,
}
