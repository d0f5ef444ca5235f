//! A job and its trained network, whatever its task.

use super::{About, Error, Job, Outcome};
use crate::init::ParamSource;
use crate::inspect::{Choice, Inspection, inspect};
use crate::model::Summary;
use crate::report::Table;
use crate::run::RunFolder;
use crate::train::{Observer, RangeFound, RangeTest, TrainConfig, Trained, Trainer};
use crate::{recipe, weights};
use burn::module::Module;
use burn::prelude::Device;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A recipe with its data and its network, ready to be trained, or trained and ready to be judged: a [`Job`] of any task.
pub trait Session {
    /// The network's layers and parameters.
    fn summary(&self) -> Summary;

    /// What was read.
    fn about(&self) -> About;

    /// See [`Job::remember`].
    ///
    /// # Errors
    /// If a file cannot be written.
    fn remember(&self, run: &RunFolder) -> Result<(), Error>;

    /// See [`Job::baselines`].
    ///
    /// # Errors
    /// If a baseline cannot be made.
    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error>;

    /// See [`Job::test_on`].
    ///
    /// # Errors
    /// If the file cannot be read as those of training, or the task has no use for it.
    fn test_on(&mut self, file: &Path) -> Result<String, Error>;

    /// Trains the network and keeps it, with checkpoints in a folder; goes on from the last one if `resume` and there is
    /// one.
    ///
    /// # Errors
    /// If training fails, or checkpoints cannot be written or read.
    fn train(
        &mut self,
        checkpoints: &Path,
        resume: bool,
        stop: Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Trained<()>, Error>;

    /// Trains a network of its own for a few steps with a learning rate that grows from one to the next, to see which rates
    /// it learns with; nothing of it is kept. See [`Trainer::range_test`].
    ///
    /// # Errors
    /// If the data cannot be used or there is nothing to train on.
    fn range_test(
        &mut self,
        test: &RangeTest,
        stop: Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<RangeFound, Error>;

    /// Writes the parameters of the trained network, with `metadata` in the file's header.
    ///
    /// # Errors
    /// If the file cannot be written.
    ///
    /// # Panics
    /// If the network has neither been trained nor loaded.
    fn save(&self, path: &Path, metadata: &BTreeMap<String, String>) -> Result<(), Error>;

    /// Reads the parameters of a trained network.
    ///
    /// # Errors
    /// If the file cannot be read or belongs to another network.
    fn load(&mut self, path: &Path) -> Result<(), Error>;

    /// See [`Job::judge`].
    ///
    /// # Errors
    /// If the answers cannot be measured.
    ///
    /// # Panics
    /// If the network has neither been trained nor loaded.
    fn judge(&self) -> Result<Outcome, Error>;

    /// Looks at the trained network at work on one example: see [`inspect`].
    ///
    /// # Errors
    /// If there is no such example.
    ///
    /// # Panics
    /// If the network has neither been trained nor loaded.
    fn inspect(
        &self,
        choice: &Choice,
        hide: Option<&mut dyn FnMut(usize, usize)>,
    ) -> Result<Inspection, Error>;
}

/// A session of a job whose network is not trained yet.
pub(super) fn hold<J: Job + 'static>(job: J) -> Box<dyn Session> {
    Box::new(Held { job, model: None })
}

struct Held<J: Job> {
    job: J,
    model: Option<J::Model>,
}

impl<J: Job> Held<J> {
    fn model(&self) -> &J::Model {
        self.model.as_ref().expect("the network is trained")
    }
}

impl<J: Job> Session for Held<J> {
    fn summary(&self) -> Summary {
        self.job.summary()
    }

    fn about(&self) -> About {
        self.job.about()
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        self.job.remember(run)
    }

    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        self.job.baselines(stop, observer)
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.job.test_on(file)
    }

    fn train(
        &mut self,
        checkpoints: &Path,
        resume: bool,
        stop: Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Trained<()>, Error> {
        let (model, how) = fit(&self.job, checkpoints, resume, stop, observer)?.split();
        self.model = Some(model);
        Ok(how)
    }

    fn range_test(
        &mut self,
        test: &RangeTest,
        stop: Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<RangeFound, Error> {
        self.job.ready(observer)?;
        let device = Device::default().autodiff();
        let (objective, model) = (self.job.objective(&device)?, self.job.build(&device)?);
        let trainer = trainer(self.job.training())?.with_stop_flag(stop);
        Ok(trainer.range_test(&objective, model, test, observer)?)
    }

    fn save(&self, path: &Path, metadata: &BTreeMap<String, String>) -> Result<(), Error> {
        Ok(weights::save(self.model(), path, metadata)?)
    }

    fn load(&mut self, path: &Path) -> Result<(), Error> {
        let model = self
            .job
            .network(&mut ParamSource::blank(&Device::default()))?;
        self.model = Some(weights::load(model, path)?);
        Ok(())
    }

    fn judge(&self) -> Result<Outcome, Error> {
        self.job.judge(self.model())
    }

    fn inspect(
        &self,
        choice: &Choice,
        hide: Option<&mut dyn FnMut(usize, usize)>,
    ) -> Result<Inspection, Error> {
        let specimen = self.job.specimen(choice)?;
        Ok(inspect(self.model(), &specimen, hide))
    }
}

/// Trains the network of a job, with checkpoints in a folder; goes on from the last one if `resume` and there is one. The
/// trained model has no gradients and drops nothing any more.
///
/// # Errors
/// If training fails, or checkpoints cannot be written or read.
pub fn fit<J: Job>(
    job: &J,
    checkpoints: &Path,
    resume: bool,
    stop: Arc<AtomicBool>,
    observer: &mut dyn Observer,
) -> Result<Trained<J::Model>, Error> {
    let device = Device::default().autodiff();
    let (objective, model) = (job.objective(&device)?, job.build(&device)?);
    let trainer = trainer(job.training())?
        .with_checkpoints(checkpoints)
        .with_stop_flag(stop);
    let mut trained = match resume && trainer.checkpoint().is_some() {
        true => trainer.resume(&objective, model, observer)?,
        false => trainer.train(&objective, model, observer)?,
    };
    trained.model = trained.model.valid(); // it is done learning: no gradients from here on
    Ok(trained)
}

/// A trainer without checkpoints.
///
/// # Errors
/// If a value of `[train]` is impossible.
pub(crate) fn trainer(config: &TrainConfig) -> Result<Trainer, Error> {
    Ok(Trainer::new(config.check().map_err(recipe::Error::from)?))
}
