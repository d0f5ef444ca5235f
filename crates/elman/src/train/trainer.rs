//! The trainer: a training begun, or taken up again.

use super::checkpoint::{Checkpoint, Identity};
use super::error::Error;
use super::event::{Best, EpochRecord, Observer, StopReason};
use super::optimizer::Optimizer;
use super::progress::Progress;
use super::run::{Disk, Run, device, last_path};
use super::{Objective, ValidConfig};
use crate::weights::assign;
use burn::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Trains models: how, where checkpoints go, and what stops it.
#[derive(Clone, Debug)]
pub struct Trainer {
    pub(super) config: ValidConfig,
    pub(super) folder: Option<PathBuf>,
    pub(super) interval: Duration,
    pub(super) stop: Arc<AtomicBool>,
}

/// A model after training.
#[derive(Clone, Debug)]
pub struct Trained<M> {
    /// With the weights of the best epoch if `early_stopping.restore_best`, otherwise of the last step.
    pub model: M,
    /// One record for each epoch that ended.
    pub history: Vec<EpochRecord>,
    /// The epoch with the lowest loss.
    pub best: Option<Best>,
    /// Optimizer steps made.
    pub steps: usize,
    /// Why training ended.
    pub reason: StopReason,
}

impl<M> Trained<M> {
    /// The model, and how its training went.
    pub fn split(self) -> (M, Trained<()>) {
        let how = Trained {
            model: (),
            history: self.history,
            best: self.best,
            steps: self.steps,
            reason: self.reason,
        };
        (self.model, how)
    }
}

impl Trainer {
    /// A trainer without checkpoints.
    pub fn new(config: ValidConfig) -> Self {
        Self {
            config,
            folder: None,
            interval: Duration::from_secs(1),
            stop: Arc::default(),
        }
    }

    /// Keeps in `folder` (made if missing) `last.safetensors`, to resume from, and `best.safetensors`, the weights of
    /// the best epoch, which [`weights::load`](crate::weights::load) reads.
    pub fn with_checkpoints(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Skips the checkpoint at an epoch's end if the one before is younger than `interval` (1 second otherwise), so that
    /// short epochs do not wait for the disk. `checkpoint_every`, a stop and the training's end are never skipped.
    pub fn with_checkpoint_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Once `stop` is true, training ends after the step under way, with a checkpoint.
    pub fn with_stop_flag(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// The checkpoint that [`resume`](Self::resume) would take up.
    pub fn checkpoint(&self) -> Option<PathBuf> {
        let path = last_path(self.folder.as_ref()?);
        path.exists().then_some(path)
    }

    /// Trains `model` from its present weights.
    ///
    /// # Errors
    /// If the checkpoint folder already holds a checkpoint or cannot be written, there is nothing to train or to train
    /// on, or a loss or gradient is not finite.
    pub fn train<O: Objective>(
        &self,
        objective: &O,
        model: O::Model,
        observer: &mut dyn Observer,
    ) -> Result<Trained<O::Model>, Error> {
        if let Some(path) = self.checkpoint() {
            return Err(Error::CheckpointExists { path });
        }
        let run = Run {
            identity: Identity::new(&self.config, objective.fingerprint()),
            optimizer: Optimizer::new(&self.config.rule),
            progress: Progress::default(),
            carry: None,
            best: None,
            disk: Disk::default(),
            trainer: self,
            objective,
            observer,
        };
        run.go(model)
    }

    /// Goes on from the last checkpoint, to the same bits as if it had never stopped; `model` gives the shape only.
    ///
    /// `epochs` may have grown since, unless the schedule is `cosine`, which is stretched over all of them.
    ///
    /// # Errors
    /// If there is no checkpoint, or it is damaged, or of another model, configuration or objective; and as
    /// [`train`](Self::train).
    pub fn resume<O: Objective>(
        &self,
        objective: &O,
        model: O::Model,
        observer: &mut dyn Observer,
    ) -> Result<Trained<O::Model>, Error> {
        let folder = self.folder.as_ref().ok_or(Error::NoCheckpointFolder)?;
        let path = last_path(folder);
        let saved = Checkpoint::read(&path)?;
        let identity = Identity::new(&self.config, objective.fingerprint());
        saved.identity.demand(&identity, &path)?;
        if let Some(best) = &saved.best {
            // Refused now rather than after hours of training.
            assign(model.clone(), best.clone(), &path)?;
        }
        let model = assign(model, saved.model, &path)?;
        let optimizer = Optimizer::restore(&self.config.rule, &model, saved.optimizer);
        let device = device(&model)?;
        let carry = saved.carry.map(|states| {
            let states = states.into_iter();
            let restored = states.map(|data| {
                let dtype = data.dtype();
                Tensor::from_data(data, (&device, dtype))
            });
            restored.collect()
        });
        let run = Run {
            identity,
            optimizer: optimizer.map_err(|reason| Error::CheckpointForeign { path, reason })?,
            progress: saved.progress,
            carry,
            best: saved.best,
            disk: Disk::default(),
            trainer: self,
            objective,
            observer,
        };
        run.go(model)
    }
}
