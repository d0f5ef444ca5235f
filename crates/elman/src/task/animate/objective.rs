//! What the training loop makes small: the surprise at each step of a movement.

use super::dataset::{Manner, Movements};
use crate::mixture::Mixture;
use crate::model::Model;
use crate::task::passes::passes;
use crate::train::{Carry, Evaluation, Objective, StepLoss};
use burn::prelude::*;
use elman_data::random::Stream;
use elman_data::signal::Signal;
use std::collections::BTreeMap;

/// Movements, and steps of each, that are evaluated in one pass.
const AT_ONCE: usize = 32;
const STEPS_AT_ONCE: usize = 128;

/// How much of the noise at a step is left of that at the one before (an autoregressive process of deviation 1).
const LINGERING: f64 = 0.9;

/// Movements, as the training loop sees them.
#[derive(Clone, Debug)]
pub struct AnimateObjective<'a> {
    /// What is learned from.
    pub training: &'a Movements,
    /// What the epochs are judged by.
    pub validation: Option<&'a Movements>,
    /// What changes are counted in.
    pub manner: &'a Manner,
    /// What the network says.
    pub mixture: Mixture,
    /// Movements in one batch.
    pub batch_size: usize,
    /// Steps of truncated back-propagation; whole movements, if absent.
    pub bptt_len: Option<usize>,
    /// What the batches and the noise follow from.
    pub seed: u64,
    /// Standard deviation of the noise on what is read.
    pub noise: f64,
    /// What, besides the training configuration, a checkpoint belongs to.
    pub fingerprint: String,
    /// Where it is computed.
    pub device: Device,
}

/// Some steps of some movements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The epoch, from 0.
    pub epoch: usize,
    /// The movements.
    pub rows: Vec<usize>,
    /// The first step that is read.
    pub from: usize,
    /// Steps that are read, of those that are long enough.
    pub steps: usize,
}

/// Steps of movements side by side: what is read, and the changes that come.
pub(super) struct Read {
    /// `[batch, steps, 2 × features]`
    pub(super) inputs: Vec<f32>,
    /// `[valid steps, features]`, movement by movement.
    changes: Vec<f32>,
    /// Steps of each movement that are read.
    lengths: Vec<usize>,
    steps: usize,
}

impl Read {
    /// `steps` steps from step `from` on. What is read is `noisy` where that differs from the movement itself.
    pub(super) fn new(
        signals: &[&Signal],
        noisy: Option<&[Signal]>,
        manner: &Manner,
        (from, steps): (usize, usize),
    ) -> Self {
        let features = manner.usual.len();
        let mut inputs = vec![0.0; signals.len() * steps * 2 * features];
        let (mut changes, mut lengths) = (Vec::new(), Vec::new());
        for (row, signal) in signals.iter().enumerate() {
            let read = noisy.map_or(*signal, |noisy| &noisy[row]);
            let at = |step: usize| step * features..(step + 1) * features;
            let length = (signal.time() - 1).saturating_sub(from).min(steps);
            for step in from..from + length {
                let now = &read.values[at(step)];
                let place = (row * steps + step - from) * 2 * features;
                let (frame, last) = inputs[place..place + 2 * features].split_at_mut(features);
                frame.copy_from_slice(now);
                if step > 0 {
                    let before = &read.values[at(step - 1)];
                    let pairs = last.iter_mut().zip(manner.change(before, now));
                    pairs.for_each(|(last, change)| *last = change);
                }
                changes.extend(manner.change(now, &signal.values[at(step + 1)]));
            }
            lengths.push(length);
        }
        Self {
            inputs,
            changes,
            lengths,
            steps,
        }
    }

    /// What the network says of each valid step, and the changes that came: `[valid steps, …]`; and its states.
    pub(super) fn run(
        self,
        model: &Model,
        states: Option<Carry>,
        device: &Device,
    ) -> (Tensor<2>, Tensor<2>, Carry) {
        let (batch, valid) = (self.lengths.len(), self.lengths.iter().sum::<usize>());
        let inputs = self.inputs.len() / (batch * self.steps).max(1);
        let features = inputs / 2;
        let input = TensorData::new(self.inputs, [batch, self.steps, inputs]);
        let input = Tensor::<3>::from_data(input, device);
        let full = self.lengths.iter().all(|length| *length == self.steps);
        let lengths = (!full).then_some(&self.lengths[..]);
        let (signal, states) = model.forward_from(input, lengths, states);
        let said = signal.sequence();
        let outputs = said.dims()[2];
        let said = said.reshape([batch * self.steps, outputs]);
        let said = match full {
            true => said,
            false => {
                let rows = self.lengths.iter().enumerate();
                let rows: Vec<i64> = rows
                    .flat_map(|(row, length)| {
                        (0..*length).map(move |step| (row * self.steps + step) as i64)
                    })
                    .collect();
                let rows = TensorData::new(rows, [valid]);
                let rows = Tensor::from_data(rows, &said.device());
                said.select(0, rows)
            }
        };
        let changes = TensorData::new(self.changes, [valid, features]);
        (said, Tensor::from_data(changes, device), states)
    }
}

/// What a model without gradients says of the steps of a movement from the second on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// How surprised it is at each, in nats, changes counted in the usual ones.
    pub surprise: Vec<f64>,
    /// What it expected, `[changes, features]`, counted likewise.
    pub expected: Vec<f64>,
}

/// What a model without gradients says of movements.
pub fn said(model: &Model, mixture: &Mixture, manner: &Manner, signals: &[Signal]) -> Vec<Said> {
    let lengths: Vec<usize> = signals.iter().map(Signal::time).collect();
    let mut all = vec![Said::default(); signals.len()];
    let device = Device::default();
    for rows in passes(&lengths, AT_ONCE, usize::MAX) {
        let chosen: Vec<&Signal> = rows.iter().map(|row| &signals[*row]).collect();
        let longest = chosen.iter().map(|signal| signal.time() - 1).max();
        let mut states = None;
        for from in (0..longest.unwrap_or(0)).step_by(STEPS_AT_ONCE) {
            let steps = STEPS_AT_ONCE.min(longest.unwrap_or(0) - from);
            let read = Read::new(&chosen, None, manner, (from, steps));
            let lengths = read.lengths.clone();
            let (outputs, changes, after) = read.run(model, states.take(), &device);
            states = Some(after);
            let surprise = crate::values(mixture.surprise(outputs.clone(), changes));
            let outputs = crate::values(outputs);
            let width = outputs.len() / surprise.len().max(1);
            let mut steps = surprise.iter().zip(outputs.chunks_exact(width.max(1)));
            for (row, length) in rows.iter().zip(lengths) {
                for (surprise, outputs) in steps.by_ref().take(length) {
                    all[*row].surprise.push(f64::from(*surprise));
                    all[*row].expected.extend(mixture.density(outputs).mean());
                }
            }
        }
    }
    all
}

impl AnimateObjective<'_> {
    /// A movement with noise on every value, the same at every time within an epoch. The noise lingers, as the errors of a
    /// movement that is made do: what is wrong at a step is mostly still wrong at the next.
    fn noisy(&self, row: usize, epoch: usize) -> Signal {
        let mut random = Stream::new(&[self.seed, epoch as u64, row as u64]);
        let mut signal = self.training.signals[row].clone();
        let usual = &self.manner.usual;
        let fresh = (1.0 - LINGERING * LINGERING).sqrt();
        let mut noise: Vec<f64> = usual.iter().map(|_| f64::from(random.normal())).collect();
        for step in signal.values.chunks_exact_mut(usual.len()) {
            for ((value, usual), noise) in step.iter_mut().zip(usual).zip(&mut noise) {
                *value += (self.noise * usual * *noise) as f32;
                *noise = LINGERING * *noise + fresh * f64::from(random.normal());
            }
        }
        signal
    }
}

impl Objective for AnimateObjective<'_> {
    type Model = Model;
    type Batch = Chunk;

    fn batches(&self, epoch: usize) -> Vec<Chunk> {
        let lengths = self.training.changes();
        let groups = elman_data::text::batches(&lengths, self.batch_size, self.seed, epoch);
        let chunks = |rows: Vec<usize>| -> Vec<Chunk> {
            let longest = rows.iter().map(|row| lengths[*row]).max().unwrap_or(0);
            let each = self.bptt_len.unwrap_or(longest).max(1);
            (0..longest)
                .step_by(each)
                .map(|from| Chunk {
                    epoch,
                    rows: rows.clone(),
                    from,
                    steps: each.min(longest - from),
                })
                .collect()
        };
        groups.into_iter().flat_map(chunks).collect()
    }

    fn loss(&self, model: &Model, chunk: &Chunk, carry: Option<Carry>) -> StepLoss {
        let Chunk {
            epoch,
            rows,
            from,
            steps,
        } = chunk;
        let signals: Vec<&Signal> = rows
            .iter()
            .map(|row| &self.training.signals[*row])
            .collect();
        let noisy = (self.noise > 0.0).then(|| {
            let noisy = rows.iter().map(|row| self.noisy(*row, *epoch));
            noisy.collect::<Vec<Signal>>()
        });
        let read = Read::new(&signals, noisy.as_deref(), self.manner, (*from, *steps));
        let examples = read.lengths.iter().sum();
        let carry = carry.filter(|_| *from > 0);
        let (outputs, changes, states) = read.run(model, carry, &self.device);
        StepLoss {
            loss: self.mixture.surprise(outputs, changes).mean(),
            carry: self.bptt_len.map(|_| states),
            examples,
        }
    }

    /// The surprise at a step of the validation part, in nats.
    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let part = self.validation?;
        let said = said(model, &self.mixture, self.manner, &part.signals);
        let steps = || said.iter().flat_map(|said| &said.surprise);
        let features = self.manner.usual.len() as f64;
        let loss = steps().sum::<f64>() / steps().count().max(1) as f64;
        Some(Evaluation {
            loss,
            metrics: BTreeMap::from([("nats_per_value".to_string(), loss / features)]),
        })
    }

    fn describe(&self, chunk: &Chunk) -> String {
        let row = chunk.rows[0];
        let step = |step| self.training.own_step(row, step);
        format!(
            "steps {} to {} of {} and others",
            step(chunk.from),
            step(chunk.from + chunk.steps - 1),
            self.training.places[row]
        )
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}
