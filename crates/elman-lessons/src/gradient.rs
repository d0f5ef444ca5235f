//! Gradients through time.

use crate::teach::Examples;
use burn::prelude::*;
use elman::model::Model;
use elman::ops::{Passage, watch};

/// The model on the device that keeps what a gradient needs.
pub(crate) fn with_gradients(model: &Model) -> Model {
    let device = Device::default().autodiff();
    model.clone().train().to_device(&device)
}

/// What the recurrent layers did on some examples, and what came back to them from the loss.
pub(crate) fn watched(model: &Model, examples: &Examples, picked: &[usize]) -> Vec<Passage> {
    let device = Device::default().autodiff();
    let (_, passages) = watch(|| {
        examples.loss(model, picked, &device).backward();
    });
    passages
}

/// ‖∂L/∂s_t‖ of every step t of the first recurrent layer, `s` its whole state (h, and c of an LSTM), the mean over examples.
pub(crate) fn through_time(model: &Model, examples: &Examples, picked: &[usize]) -> Vec<f64> {
    let passages = watched(model, examples, picked);
    let passage = &passages[0];
    let states = passage.recurrence.cell.states();
    let norm = |row: usize, step: usize| {
        let of = |state| passage.gradient(row, step, state).unwrap_or_default();
        let values = (0..states).flat_map(of);
        let sum: f64 = values.map(|value| f64::from(*value).powi(2)).sum();
        sum.sqrt()
    };
    let rows = picked.len();
    let mean = |step| (0..rows).map(|row| norm(row, step)).sum::<f64>() / rows as f64;
    (0..passage.dims.time).map(mean).collect()
}
