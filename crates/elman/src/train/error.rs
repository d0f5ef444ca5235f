//! Why a training ended early.

use crate::weights;
use std::path::PathBuf;

/// Why training did not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to train on.
    #[error("epoch {epoch} has no batch; the training data hold no sequence, or none long enough")]
    NoBatches {
        /// From 0.
        epoch: usize,
    },
    /// The model has no parameter that could be trained.
    #[error(
        "the model has no trainable parameter; its parameters must be on an autodiff device and not frozen"
    )]
    NothingToTrain,
    /// A number was NaN or infinite.
    #[error(transparent)]
    NonFinite(Box<NonFinite>),
    /// The folder holds a checkpoint that a new training would destroy.
    #[error(
        "`{}` holds a checkpoint of an earlier training; resume it, or remove it, or choose another folder",
        path.display()
    )]
    CheckpointExists {
        /// The checkpoint.
        path: PathBuf,
    },
    /// There is nothing to resume from.
    #[error("there is no checkpoint `{}` to resume from; start the training anew", path.display())]
    CheckpointMissing {
        /// Where it would be.
        path: PathBuf,
    },
    /// A resume was asked for, but no folder was given.
    #[error("no checkpoint folder was given to resume from")]
    NoCheckpointFolder,
    /// The file is whole but is no checkpoint, or not of this model.
    #[error(
        "`{}` is not a checkpoint of this training: {reason}; start anew in another folder, or restore the model as \
         it was", path.display()
    )]
    CheckpointForeign {
        /// The checkpoint.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The checkpoint was made with another configuration.
    #[error(
        "`{}` was made with {key} = {then}, which is now {now}; change it back to go on to the same result, or start \
         anew in another folder", path.display()
    )]
    CheckpointDiffers {
        /// The checkpoint.
        path: PathBuf,
        /// The first key that differs.
        key: String,
        /// Its value in the checkpoint.
        then: String,
        /// Its value now.
        now: String,
    },
    /// A file could not be written or read.
    #[error(transparent)]
    Weights(#[from] weights::Error),
}

impl Error {
    /// Whether the folder or the configuration is to blame, rather than the disk or the training itself.
    pub fn is_input(&self) -> bool {
        match self {
            Self::CheckpointExists { .. }
            | Self::CheckpointForeign { .. }
            | Self::CheckpointDiffers { .. }
            | Self::CheckpointMissing { .. } => true,
            Self::Weights(error) => error.is_input(),
            _ => false,
        }
    }
}

/// A NaN or an infinity: where it was seen first, and what probably made it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{what} is {value} at step {step} (epoch {epoch}, batch {batch}{}){}. {cause}. {advice}. {kept}",
    in_parentheses(batch_name),
    first(parameter)
)]
pub struct NonFinite {
    /// `the loss`, `the gradient` or `the validation loss`.
    pub what: &'static str,
    /// NaN, inf or -inf.
    pub value: f64,
    /// Optimizer steps done before, over all epochs.
    pub step: usize,
    /// From 0.
    pub epoch: usize,
    /// From 0, within the epoch.
    pub batch: usize,
    /// The task's name for the batch, or nothing.
    pub batch_name: String,
    /// The first parameter that has, or whose gradient has, a number that is not finite.
    pub parameter: Option<String>,
    /// The likely cause.
    pub cause: String,
    /// What to try.
    pub advice: String,
    /// Which weights are left.
    pub kept: String,
}

fn in_parentheses(name: &str) -> String {
    match name {
        "" => String::new(),
        name => format!(": {name}"),
    }
}

fn first(parameter: &Option<String>) -> String {
    parameter
        .as_ref()
        .map_or_else(String::new, |name| format!(", first seen in `{name}`"))
}
