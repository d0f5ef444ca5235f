use super::Error;
use crate::recipe;
use crate::train::{Objective, Observer, TrainConfig, Trained, Trainer};
use burn::module::Module;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Trains `model`, with checkpoints in a folder; goes on from the last one if `resume` and there is one. The trained
/// model has no gradients and drops nothing any more.
///
/// # Errors
/// If a value of `[train]` is impossible, training fails, or checkpoints cannot be written or read.
pub fn fit<O: Objective>(
    objective: &O,
    model: O::Model,
    config: &TrainConfig,
    checkpoints: &Path,
    resume: bool,
    stop: Arc<AtomicBool>,
    observer: &mut dyn Observer,
) -> Result<Trained<O::Model>, Error> {
    let config = config.check().map_err(recipe::Error::from)?;
    let trainer = Trainer::new(config)
        .with_checkpoints(checkpoints)
        .with_stop_flag(stop);
    let mut trained = match resume && trainer.checkpoint().is_some() {
        true => trainer.resume(objective, model, observer)?,
        false => trainer.train(objective, model, observer)?,
    };
    trained.model = trained.model.valid(); // it is done learning: no gradients from here on
    Ok(trained)
}
