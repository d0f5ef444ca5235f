//! The gradient of one optimizer step: forward, backward, accumulation, clipping.

use super::optimizer::Change;
use super::{Carry, Objective, StepTimes, ValidConfig, gradients};
use burn::optim::GradientsParams;
use burn::prelude::*;
use std::time::{Duration, Instant};

/// What a group of batches pulls the weights by.
pub(crate) struct Pull {
    /// Mean over the examples.
    pub(crate) loss: f64,
    pub(crate) examples: usize,
    /// Of the mean gradient, before clipping.
    pub(crate) norm: f64,
    pub(crate) clipped: bool,
    /// What makes the summed gradients the clipped mean.
    pub(crate) change: Change,
    pub(crate) gradients: GradientsParams,
    /// Cut from the graph.
    pub(crate) carry: Option<Carry>,
    /// Without the update, which is still to come.
    pub(crate) times: StepTimes,
}

/// Measures one part of a step after the other.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Since the start, or the last call.
    pub(crate) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// A number that is not finite.
pub(crate) struct Bad {
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    /// Which batch of the group.
    pub(crate) index: usize,
    /// The parameters whose gradients are not finite.
    pub(crate) gradients: Vec<String>,
}

/// Runs a group of batches forward and backward; each weighs in the mean as much as it has examples.
pub(crate) fn pull<O: Objective>(
    config: &ValidConfig,
    objective: &O,
    model: &O::Model,
    group: &[O::Batch],
    mut carry: Option<Carry>,
) -> Result<Pull, Bad> {
    let alone = group.len() == 1;
    let (mut total, mut loss_sum, mut examples) = (None, 0.0, 0);
    let (mut clock, mut times) = (Clock::start(), StepTimes::default());
    for (index, batch) in group.iter().enumerate() {
        let step = objective.loss(model, batch, carry);
        let loss = number(&step.loss);
        if !loss.is_finite() {
            return Err(Bad {
                what: "the loss",
                value: loss,
                index,
                gradients: Vec::new(),
            });
        }
        times.forward += clock.lap();
        let own = GradientsParams::from_grads(step.loss.backward(), model);
        times.backward += clock.lap();
        let weight = step.examples.max(1);
        total = Some(match alone {
            true => own,
            false => gradients::add(model, total, own, weight as f64),
        });
        loss_sum += loss * weight as f64;
        examples += weight;
        carry = step.carry.map(detached);
        times.measure += clock.lap();
    }
    let mut gradients = total.unwrap_or_default();
    let size = gradients::size(model, &mut gradients);
    let mean = if alone { 1.0 } else { 1.0 / examples as f64 };
    let (norm, largest) = (size.norm * mean, size.largest * mean);
    if !norm.is_finite() {
        return Err(Bad {
            what: "the gradient",
            value: norm,
            index: group.len() - 1,
            gradients: size.non_finite,
        });
    }
    let shrink = config.clip_norm.filter(|limit| norm > *limit);
    let cut = config.clip_value.is_some_and(|limit| largest > limit);
    times.measure += clock.lap();
    Ok(Pull {
        loss: loss_sum / examples as f64,
        examples,
        norm,
        clipped: shrink.is_some() || cut,
        change: Change {
            scale: mean * shrink.map_or(1.0, |limit| limit / norm),
            limit: config.clip_value,
        },
        gradients,
        carry,
        times,
    })
}

fn number(loss: &Tensor<1>) -> f64 {
    let data = loss.clone().inner().into_data();
    data.iter::<f64>().sum()
}

fn detached(states: Carry) -> Carry {
    states.into_iter().map(Tensor::detach).collect()
}
