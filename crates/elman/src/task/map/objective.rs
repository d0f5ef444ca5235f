//! What the training loop makes small: how far answers are from what was right.

use super::dataset::{Dataset, Rows};
use crate::model::{Model, Signal};
use crate::train::{Carry, Evaluation, LossName, Objective, StepLoss, TrainConfig, loss, shuffled};
use burn::prelude::*;
use std::collections::BTreeMap;

/// Rows answered in one pass, unless the answers are longer than so many numbers together.
const AT_ONCE: usize = 1024;
const VALUES_AT_ONCE: usize = 1 << 20;

/// Rows of numbers and what belongs to them, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct MapObjective<'a> {
    /// The rows.
    pub data: &'a Dataset,
    /// How to train.
    pub train: &'a TrainConfig,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

/// The rows `[batch, width]` of a table, as a tensor.
pub(super) fn gathered(values: &[f32], width: usize, rows: &[usize], device: &Device) -> Tensor<2> {
    let chosen = rows
        .iter()
        .flat_map(|row| &values[row * width..(row + 1) * width]);
    let chosen: Vec<f32> = chosen.copied().collect();
    Tensor::from_data(
        TensorData::new(chosen, [rows.len(), width]),
        (device, burn::tensor::DType::F32),
    )
}

/// What a model says of some rows: `[batch, steps, values]`.
pub(super) fn said(model: &Model, inputs: Tensor<2>) -> Tensor<3> {
    match model.forward(inputs, None) {
        Signal::Vector(answer) => answer.unsqueeze_dim(1),
        answer => answer.sequence(),
    }
}

/// What a model without gradients says of all rows: `[rows, steps × values]`, scaled.
pub(super) fn answers(model: &Model, inputs: &[f32], width: usize, outputs: usize) -> Vec<f32> {
    let rows: Vec<usize> = (0..inputs.len() / width.max(1)).collect();
    let at_once = (VALUES_AT_ONCE / outputs.max(1)).clamp(1, AT_ONCE);
    let device = Device::default();
    rows.chunks(at_once)
        .flat_map(|rows| crate::values(said(model, gathered(inputs, width, rows, &device))))
        .collect()
}

impl MapObjective<'_> {
    fn shape(&self) -> [usize; 2] {
        self.data.preprocessing.shape()
    }

    fn loss_of(&self, model: &Model, part: &Rows, rows: &[usize], device: &Device) -> Tensor<1> {
        let [steps, values] = self.shape();
        let width = self.data.preprocessing.inputs.len();
        let answer = said(model, gathered(&part.inputs, width, rows, device));
        let wanted = gathered(&part.wanted, steps * values, rows, device);
        let wanted = wanted.reshape([rows.len(), steps, values]);
        let settings = &self.train.loss;
        let reduction = loss::Reduction {
            over_time: settings.over_time,
            lengths: None,
            counted: None,
        };
        match settings.name {
            Some(LossName::Mae) => loss::mae(answer, wanted, reduction),
            Some(LossName::Huber) => {
                loss::huber(answer, wanted, settings.delta.unwrap_or(1.0), reduction)
            }
            _ => loss::mse(answer, wanted, reduction),
        }
    }
}

impl Objective for MapObjective<'_> {
    type Model = Model;
    type Batch = Vec<usize>;

    fn batches(&self, epoch: usize) -> Vec<Vec<usize>> {
        let order = shuffled(self.data.train.len(), self.train.seed, epoch);
        order
            .chunks(self.train.batch_size)
            .map(<[usize]>::to_vec)
            .collect()
    }

    fn loss(&self, model: &Model, rows: &Vec<usize>, _: Option<Carry>) -> StepLoss {
        StepLoss {
            loss: self.loss_of(model, &self.data.train, rows, &self.device),
            carry: None,
            examples: rows.len(),
        }
    }

    /// The loss, and the mean absolute error in deviations of the training part.
    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let part = &self.data.valid;
        if part.is_empty() {
            return None;
        }
        let rows: Vec<usize> = (0..part.len()).collect();
        let [steps, values] = self.shape();
        let at_once = (VALUES_AT_ONCE / (steps * values)).clamp(1, AT_ONCE);
        let losses = rows.chunks(at_once).map(|rows| {
            let loss = self.loss_of(model, part, rows, &Device::default());
            f64::from(loss.into_scalar::<f32>()) * rows.len() as f64
        });
        let loss = losses.sum::<f64>() / part.len() as f64;
        let width = self.data.preprocessing.inputs.len();
        let answers = answers(model, &part.inputs, width, steps * values);
        let off = answers.iter().zip(&part.wanted);
        let off: f64 = off.map(|(a, b)| f64::from((a - b).abs())).sum();
        let mae = off / part.wanted.len().max(1) as f64;
        Some(Evaluation {
            loss,
            metrics: BTreeMap::from([("mae".to_string(), mae)]),
        })
    }

    fn describe(&self, rows: &Vec<usize>) -> String {
        let place = rows.first().map(|row| &self.data.train.places[*row]);
        place.map_or(String::new(), |place| format!("one of its rows is {place}"))
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
