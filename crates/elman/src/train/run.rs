//! The loop.

use super::checkpoint::{Checkpoint, Identity};
use super::diagnose::{Sighting, first_unsound};
use super::error::{Error, NonFinite};
use super::event::{Event, Observer, StopReason};
use super::optimizer::Optimizer;
use super::progress::{Progress, StepFigures};
use super::step::{Bad, Clock, pull};
use super::trainer::{Trained, Trainer};
use super::{Carry, Objective};
use crate::weights::{Error as WeightsError, TensorFile, assign, parameter_count, snapshot};
use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::TensorData;
use elman_data::random::mix;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// One training under way.
pub(super) struct Run<'a, O: Objective> {
    pub(super) trainer: &'a Trainer,
    pub(super) objective: &'a O,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) identity: Identity,
    pub(super) optimizer: Optimizer,
    pub(super) progress: Progress,
    pub(super) carry: Option<Carry>,
    /// The weights of the best epoch so far.
    pub(super) best: Option<BTreeMap<String, TensorData>>,
    pub(super) disk: Disk,
}

/// A validation that takes longer begins with a checkpoint.
const SLOW: Duration = Duration::from_millis(500);

/// What the checkpoint folder lacks.
#[derive(Default)]
pub(super) struct Disk {
    saved: Option<Instant>,
    /// The last checkpoint is not of the present step.
    behind: bool,
    /// The best weights have changed since they were written.
    best_behind: bool,
    /// How long the last validation took.
    validation: Option<Duration>,
}

impl<O: Objective> Run<'_, O> {
    /// Epochs of steps, each epoch ended by a validation, until there is a reason to stop.
    pub(super) fn go(mut self, mut model: O::Model) -> Result<Trained<O::Model>, Error> {
        let device = device(&model)?;
        let mut announced = false;
        let reason = loop {
            if let Some(reason) = self.progress.finished(&self.trainer.config) {
                break reason;
            }
            let batches = self.objective.batches(self.progress.epoch);
            self.begin_epoch(&batches)?;
            if !std::mem::replace(&mut announced, true) {
                self.announce(&model);
            }
            while self.progress.batch < batches.len() && !self.stopping() {
                model = self.step(model, &batches, &device)?;
            }
            if self.stopping() {
                self.disk.behind = true;
                break StopReason::Stopped;
            }
            self.end_epoch(&model)?;
        };
        if self.disk.behind {
            self.save(&model)?;
        }
        self.observer.on(&Event::Stop { reason });
        self.finish(model, reason)
    }

    fn stopping(&self) -> bool {
        self.trainer.stop.load(Ordering::Relaxed)
    }

    fn begin_epoch(&mut self, batches: &[O::Batch]) -> Result<(), Error> {
        let progress = &mut self.progress;
        if batches.is_empty() {
            let epoch = progress.epoch;
            return Err(Error::NoBatches { epoch });
        }
        if progress.batch == 0 {
            self.carry = None;
        }
        if progress.steps_per_epoch == 0 {
            progress.steps_per_epoch = batches.len().div_ceil(self.trainer.config.accumulate);
        }
        Ok(())
    }

    fn announce(&mut self, model: &O::Model) {
        self.observer.on(&Event::Start {
            epochs: self.trainer.config.epochs,
            steps_per_epoch: self.progress.steps_per_epoch,
            parameters: parameter_count(model),
            resumed_at: self.progress.step,
        });
    }

    /// One optimizer step, with its checkpoint if one is due.
    fn step(
        &mut self,
        model: O::Model,
        batches: &[O::Batch],
        device: &Device,
    ) -> Result<O::Model, Error> {
        let (start, config) = (Instant::now(), &self.trainer.config);
        let (epoch, batch, step) = (self.progress.epoch, self.progress.batch, self.progress.step);
        let learning_rate = self.learning_rate();
        let group = &batches[batch..batches.len().min(batch + config.accumulate)];
        // Dropout follows from where training stands, so that no generator's state need be kept.
        device.seed(mix(&[config.seed, epoch as u64, step as u64]));
        let pull = match pull(config, self.objective, &model, group, self.carry.clone()) {
            Ok(pull) => pull,
            Err(bad) => return Err(self.give_up(&model, bad, Some(group))),
        };
        let (mut times, mut clock) = (pull.times, Clock::start());
        let model = self
            .optimizer
            .step(learning_rate, pull.change, model, pull.gradients);
        times.update = clock.lap();
        self.carry = pull.carry;
        let figures = StepFigures {
            loss: pull.loss,
            examples: pull.examples,
            batches: group.len(),
            norm: pull.norm,
            clipped: pull.clipped,
            learning_rate,
            seconds: start.elapsed().as_secs_f64(),
        };
        self.progress.add_step(&figures);
        self.observer.on(&Event::Step {
            epoch,
            step,
            loss: figures.loss,
            gradient_norm: figures.norm,
            learning_rate,
            clipped: figures.clipped,
            times,
        });
        let due = |every: usize| self.progress.step.is_multiple_of(every);
        if self.progress.batch < batches.len() && config.checkpoint_every.is_some_and(due) {
            self.save(&model)?;
        }
        Ok(model)
    }

    fn learning_rate(&self) -> f64 {
        let (progress, config) = (&self.progress, &self.trainer.config);
        let steps = progress.steps_per_epoch * config.epochs;
        let (step, epoch) = (progress.step, progress.epoch);
        config.rates.rate(step, steps, epoch, &progress.plateau)
    }

    /// Validates, takes note of the epoch, and saves.
    fn end_epoch(&mut self, model: &O::Model) -> Result<(), Error> {
        let recent = |saved: Instant| saved.elapsed() < self.trainer.interval;
        let slow = self.disk.validation.is_some_and(|took| took > SLOW);
        if slow && !self.disk.saved.is_some_and(recent) {
            self.save(model)?; // so that whoever is told to end meanwhile need not wait for its end
        }
        let start = Instant::now();
        let evaluation = self.objective.validate(&model.valid());
        self.disk.validation = Some(start.elapsed());
        if let Some(loss) = evaluation.as_ref().map(|found| found.loss)
            && !loss.is_finite()
        {
            let bad = Bad {
                what: "the validation loss",
                value: loss,
                index: 0,
                gradients: Vec::new(),
            };
            return Err(self.give_up(model, bad, None));
        }
        let (config, seconds) = (&self.trainer.config, start.elapsed().as_secs_f64());
        let is_best = self.progress.end_epoch(config, evaluation, seconds);
        self.carry = None;
        let restores = config.early_stopping.as_ref();
        let restores = restores.is_some_and(|early| early.restore_best);
        // As large as the model: kept where a file or the end of training asks for them.
        if is_best && (restores || self.trainer.folder.is_some()) {
            self.best = Some(snapshot(model));
            self.disk.best_behind = true;
        }
        if let Some(record) = self.progress.history.last() {
            self.observer.on(&Event::Epoch(record));
        }
        self.disk.behind = true;
        let recent = |saved: Instant| saved.elapsed() < self.trainer.interval;
        match self.disk.saved.is_some_and(recent) {
            true => Ok(()),
            false => self.save(model),
        }
    }

    /// Writes the checkpoint, and the best weights where they have changed; nothing without a folder.
    fn save(&mut self, model: &O::Model) -> Result<(), Error> {
        let Some(folder) = &self.trainer.folder else {
            return Ok(());
        };
        make_folder(folder)?;
        if self.disk.best_behind
            && let Some((best, weights)) = self.progress.best.zip(self.best.as_ref())
        {
            let metadata = [
                ("epoch", best.epoch.to_string()),
                ("loss", best.score.to_string()),
            ];
            let metadata = metadata.map(|(key, value)| (key.to_owned(), value));
            let file = TensorFile {
                metadata: BTreeMap::from(metadata),
                tensors: weights.clone(),
            };
            file.write(&best_path(folder))?;
        }
        let path = last_path(folder);
        let carry = self.carry.iter().flatten();
        let carry = carry.map(|state| state.clone().inner().into_data());
        let checkpoint = Checkpoint {
            identity: self.identity.clone(),
            progress: self.progress.clone(),
            model: snapshot(model),
            optimizer: self.optimizer.record(),
            carry: self.carry.as_ref().map(|_| carry.collect()),
            best: self.best.clone(),
        };
        checkpoint.write(&path)?;
        self.disk = Disk {
            saved: Some(Instant::now()),
            behind: false,
            best_behind: false,
            ..self.disk
        };
        self.observer.on(&Event::Checkpoint {
            path: &path,
            step: self.progress.step,
        });
        Ok(())
    }

    /// Explains a number that is not finite, and keeps the weights from before it where they are sound.
    fn give_up(&mut self, model: &O::Model, bad: Bad, group: Option<&[O::Batch]>) -> Error {
        let batch = group.and_then(|group| group.get(bad.index));
        let unsound = first_unsound(model);
        let kept = match (&self.trainer.folder, &unsound) {
            (None, _) => "No checkpoint folder was given, so the weights are lost".to_owned(),
            (Some(folder), Some(_)) => format!(
                "The last good weights are those of the last checkpoint in `{}`, if one was written",
                folder.display()
            ),
            (Some(_), None) => match self.save(model) {
                Ok(()) => "The checkpoint has the weights from before".to_owned(),
                Err(error) => {
                    format!("The weights from before could not be saved: {error}")
                }
            },
        };
        let sighting = Sighting {
            what: bad.what,
            value: bad.value,
            epoch: self.progress.epoch,
            step: self.progress.step,
            batch: self.progress.batch + bad.index,
            batch_name: batch.map_or_else(String::new, |batch| self.objective.describe(batch)),
            unsound,
            bad_gradients: bad.gradients,
            explanation: batch.and_then(|batch| self.objective.explain_non_finite(model, batch)),
            clips: self.trainer.config.clip_norm.is_some(),
            learning_rate: self.learning_rate(),
            kept,
        };
        Error::NonFinite(Box::<NonFinite>::new(sighting.explain()))
    }

    /// Chooses the weights to end with.
    fn finish(self, model: O::Model, reason: StopReason) -> Result<Trained<O::Model>, Error> {
        let early = &self.trainer.config.early_stopping;
        let restore = early.as_ref().is_some_and(|early| early.restore_best);
        let model = match (self.best, reason) {
            (Some(best), StopReason::Completed | StopReason::EarlyStopping) if restore => {
                assign(model, best, Path::new("the best weights"))?
            }
            _ => model,
        };
        Ok(Trained {
            model,
            history: self.progress.history,
            best: self.progress.best,
            steps: self.progress.step,
            reason,
        })
    }
}

pub(super) fn last_path(folder: &Path) -> PathBuf {
    folder.join("last.safetensors")
}

fn best_path(folder: &Path) -> PathBuf {
    folder.join("best.safetensors")
}

fn make_folder(folder: &Path) -> Result<(), WeightsError> {
    std::fs::create_dir_all(folder).map_err(|source| WeightsError::Io {
        action: "create the folder",
        path: folder.to_owned(),
        source,
    })
}

/// The device of the first parameter that can be trained.
pub(super) fn device<M: Module>(model: &M) -> Result<Device, Error> {
    struct First(Option<Device>);
    impl ModuleVisitor for First {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.0.is_none() && param.val().is_require_grad() {
                self.0 = Some(param.lazy_device());
            }
        }
    }
    let mut first = First(None);
    model.visit(&mut first);
    first.0.ok_or(Error::NothingToTrain)
}
