//! A small recurrent model over a stream, written in plain tensor operations, with dropout.
#![allow(dead_code, unreachable_pub)] // Each test binary uses its own part of this.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::tanh;
use elman::train::loss::{Reduction, mse};
use elman::train::{Carry, Evaluation, Event, Objective, Observer, StepLoss, shuffled};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The device's random generator is one for the process: tests that repeat exactly take turns.
pub fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that is gone when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let name = format!("elman-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::remove_dir_all(&path).ok();
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[derive(Module, Debug)]
pub struct Tiny {
    input: Linear,
    recurrent: Linear,
    dropout: Dropout,
    output: Linear,
}

const HIDDEN: usize = 6;

impl Tiny {
    pub fn new(seed: u64) -> Self {
        let device = Device::default().autodiff();
        device.seed(seed);
        let model = Self {
            input: LinearConfig::new(1, HIDDEN).init(&device),
            recurrent: LinearConfig::new(HIDDEN, HIDDEN).init(&device),
            dropout: DropoutConfig::new(0.2).init(),
            output: LinearConfig::new(HIDDEN, 1).init(&device),
        };
        model.num_params();
        // Burn draws weights when they are first looked at: look now, while the generator is as seeded.
        elman::weights::snapshot(&model);
        model
    }

    pub fn without_dropout(mut self) -> Self {
        self.dropout = DropoutConfig::new(0.0).init();
        self
    }

    /// `[batch, time, 1]` and the state `[1, batch, hidden]`.
    pub fn forward(&self, input: Tensor<3>, state: Option<Tensor<3>>) -> (Tensor<3>, Tensor<3>) {
        let [batch, time, _] = input.dims();
        let zeros = || Tensor::zeros([1, batch, HIDDEN], &input.device());
        let mut hidden = state.unwrap_or_else(zeros).reshape([batch, HIDDEN]);
        let mut outputs = Vec::new();
        for step in 0..time {
            let x = input.clone().narrow(1, step, 1).reshape([batch, 1]);
            hidden = tanh(self.input.forward(x) + self.recurrent.forward(hidden));
            let y = self.output.forward(self.dropout.forward(hidden.clone()));
            outputs.push(y.reshape([batch, 1, 1]));
        }
        let state = hidden.reshape([1, batch, HIDDEN]);
        (Tensor::cat(outputs, 1), state)
    }
}

/// Predicts the next value of a wave, from chunks of it.
pub struct Wave {
    pub seed: u64,
    /// Chunks in order, the state carried along; otherwise in shuffled order, each from nothing.
    pub carry: bool,
    pub validates: bool,
    /// Replaces one input value of this chunk.
    pub spoiled: Option<(usize, f32)>,
    pub fingerprint: String,
}

impl Default for Wave {
    fn default() -> Self {
        Self {
            seed: 3,
            carry: true,
            validates: true,
            spoiled: None,
            fingerprint: String::new(),
        }
    }
}

const CHUNK: usize = 5;
const STREAMS: usize = 2;
/// The chunks of one epoch; an odd number, so that accumulated groups end unevenly.
pub const CHUNKS: usize = 7;

impl Wave {
    fn chunk(&self, chunk: usize, device: &Device) -> (Tensor<3>, Tensor<3>) {
        let value = |stream: usize, step: usize| {
            let t = (chunk * CHUNK + step) as f32;
            (0.4 * t + stream as f32).sin() * 0.8
        };
        let values = |shift: usize| {
            let mut values = Vec::new();
            for stream in 0..STREAMS {
                values.extend((0..CHUNK).map(|step| value(stream, step + shift)));
            }
            values
        };
        let mut inputs = values(0);
        if let Some((spoiled, with)) = self.spoiled
            && spoiled == chunk
        {
            inputs[3] = with;
        }
        let shape = [STREAMS, CHUNK, 1];
        (
            Tensor::from_data(TensorData::new(inputs, shape), device),
            Tensor::from_data(TensorData::new(values(1), shape), device),
        )
    }
}

impl Objective for Wave {
    type Model = Tiny;
    type Batch = usize;

    fn batches(&self, epoch: usize) -> Vec<usize> {
        match self.carry {
            true => (0..CHUNKS).collect(),
            false => shuffled(CHUNKS, self.seed, epoch),
        }
    }

    fn loss(&self, model: &Tiny, chunk: &usize, carry: Option<Carry>) -> StepLoss {
        let (input, target) = self.chunk(*chunk, &Device::default().autodiff());
        let state = carry.map(|mut states| states.remove(0));
        let (output, state) = model.forward(input, state);
        StepLoss {
            loss: mse(output, target, Reduction::default()),
            carry: self.carry.then(|| vec![state]),
            // Unequal, so that weighing by examples matters.
            examples: STREAMS * (1 + chunk % 2),
        }
    }

    fn validate(&self, model: &Tiny) -> Option<Evaluation> {
        self.validates.then(|| {
            let (input, target) = self.chunk(CHUNKS + 1, &Device::default());
            let (output, _) = model.forward(input, None);
            let loss = mse(output, target, Reduction::default());
            let loss = f64::from(loss.into_scalar::<f32>());
            Evaluation {
                loss,
                metrics: BTreeMap::from([
                    ("rmse".to_owned(), loss.sqrt()),
                    ("nothing".to_owned(), f64::NEG_INFINITY),
                ]),
            }
        })
    }

    fn describe(&self, chunk: &usize) -> String {
        format!("chunk {chunk}")
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}

/// Raises a stop flag after given steps, and keeps a copy of every checkpoint.
#[derive(Default)]
pub struct Watch {
    pub stop: Arc<AtomicBool>,
    /// Stop once so many steps are done.
    pub stop_after: Option<usize>,
    pub copies: Option<PathBuf>,
    pub seen: Vec<String>,
    pub norms: Vec<f64>,
    pub rates: Vec<f64>,
    pub losses: Vec<f64>,
    pub clipped: Vec<bool>,
}

impl Observer for Watch {
    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Start { resumed_at, .. } => self.seen.push(format!("start at {resumed_at}")),
            Event::Step {
                step,
                loss,
                gradient_norm,
                learning_rate,
                clipped,
                ..
            } => {
                self.losses.push(*loss);
                self.norms.push(*gradient_norm);
                self.rates.push(*learning_rate);
                self.clipped.push(*clipped);
                if self.stop_after == Some(step + 1) {
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
            Event::Epoch(record) => self.seen.push(format!("epoch {}", record.epoch)),
            Event::Checkpoint { path, step } => {
                self.seen.push(format!("checkpoint at {step}"));
                if let Some(folder) = &self.copies {
                    let copy = folder.join(format!("{:03}", self.seen.len()));
                    std::fs::create_dir_all(&copy).unwrap();
                    std::fs::copy(path, copy.join("last.safetensors")).unwrap();
                }
            }
            Event::Stop { reason } => self.seen.push(format!("{reason:?}")),
            _ => {}
        }
    }
}

/// The bits of all weights.
pub fn bits(model: &Tiny) -> Vec<u8> {
    let weights = elman::weights::snapshot(model);
    let bytes = weights.values().flat_map(|data| data.as_bytes().to_vec());
    bytes.collect()
}
