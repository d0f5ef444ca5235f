//! The four training steps: model, batch, loss.

use burn::prelude::*;
use burn::tensor::DType;
use elman::cell::Bias;
use elman::init::Initializer;
use elman::model::{Dense, Dropout, Embedding, Lstm, Model, Sequential, Shape, Signal, SimpleRnn};
use elman::train::loss::{CrossEntropy, Reduction, mse};
use elman::train::{Carry, StepLoss};
use elman::weights::{TensorFile, snapshot};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A model, its configuration and the one batch it is trained on again and again.
pub(crate) struct Step {
    config: &'static str,
    layers: Sequential,
    reads: Shape,
    input: Data,
    target: Data,
    /// Whether the recurrent states go on from batch to batch.
    stateful: bool,
}

/// Numbers of words or characters, or values.
enum Data {
    Ids(Tensor<2, Int>),
    Sequence(Tensor<3>),
    Vector(Tensor<2>),
}

fn device() -> Device {
    Device::default().autodiff()
}

impl Step {
    /// The step of that name; `dropout` in place of its own.
    pub(crate) fn named(name: &str, dropout: Option<f64>) -> Option<Self> {
        Some(match name {
            "notes" => Self::notes(),
            "weather" => Self::weather(),
            "characters" => Self::characters(),
            "words" => Self::words(dropout.unwrap_or(0.5)),
            _ => return None,
        })
    }

    /// The lecture notes' deep network: 50 steps of one value to the ten values that follow.
    fn notes() -> Self {
        Self {
            config: "epochs = 1000000\noptimizer = { name = 'adam', learning_rate = 0.001 }",
            layers: Sequential::new()
                .add(SimpleRnn::new(20).bias(Bias::Two).return_sequences(true))
                .add(SimpleRnn::new(20).bias(Bias::Two))
                .add(Dense::new(10)),
            reads: Shape::Sequence {
                time: Some(50),
                features: 1,
            },
            input: Data::Sequence(values([32, 50, 1], 1)),
            target: Data::Vector(values([32, 10], 2)),
            stateful: false,
        }
    }

    /// The weather at Jena: five days of three features to one temperature.
    fn weather() -> Self {
        Self {
            config: "epochs = 1000000\noptimizer = { name = 'rmsprop', learning_rate = 0.001 }",
            layers: Sequential::new()
                .add(Lstm::new(32).bias(Bias::Two))
                .add(Dense::new(1)),
            reads: Shape::Sequence {
                time: Some(120),
                features: 3,
            },
            input: Data::Sequence(values([256, 120, 3], 1)),
            target: Data::Vector(values([256, 1], 2)),
            stateful: false,
        }
    }

    /// A character model of the usual size.
    fn characters() -> Self {
        Self {
            config: "epochs = 1000000\nclip_norm = 5.0\noptimizer = { name = 'adam', learning_rate = 0.001 }",
            layers: Sequential::new()
                .add(Embedding::new(65, 512))
                .add(
                    Lstm::new(512)
                        .bias(Bias::Two)
                        .num_layers(2)
                        .return_sequences(true),
                )
                .add(Dense::new(65)),
            reads: Shape::Ids { time: Some(100) },
            input: Data::Ids(ids([64, 100], 65, 1)),
            target: Data::Ids(ids([64, 100], 65, 2)),
            stateful: false,
        }
    }

    /// The medium word model of Zaremba, Sutskever & Vinyals (2014).
    fn words(dropout: f64) -> Self {
        Self {
            config: "epochs = 1000000\nclip_norm = 5.0\noptimizer = { name = 'sgd', learning_rate = 1.0 }",
            layers: Sequential::new()
                .add(Embedding::new(10_000, 650))
                .add(Dropout::new(dropout))
                .add(
                    Lstm::new(650)
                        .bias(Bias::Two)
                        .num_layers(2)
                        .dropout(dropout)
                        .return_sequences(true),
                )
                .add(Dropout::new(dropout))
                .add(Dense::new(10_000)),
            reads: Shape::Ids { time: Some(35) },
            input: Data::Ids(ids([20, 35], 10_000, 1)),
            target: Data::Ids(ids([20, 35], 10_000, 2)),
            stateful: true,
        }
    }

    /// The `[train]` table.
    pub(crate) fn config(&self) -> &'static str {
        self.config
    }

    pub(crate) fn model(&self) -> Model {
        let built = self
            .layers
            .init(self.reads, Initializer::PyTorch, 7, &device());
        built.expect("the layers fit together")
    }

    /// First weights, input and target, for a program that is to do the same work.
    pub(crate) fn file(&self, model: &Model) -> TensorFile {
        let mut tensors = snapshot(model);
        for (name, data) in [("input", &self.input), ("target", &self.target)] {
            let data = match data {
                Data::Ids(ids) => ids.clone().into_data().convert_dtype(DType::I64),
                Data::Sequence(values) => values.clone().into_data(),
                Data::Vector(values) => values.clone().into_data(),
            };
            tensors.insert(name.to_owned(), data);
        }
        TensorFile {
            metadata: BTreeMap::new(),
            tensors,
        }
    }

    /// The loss, and how long its own part of the forward pass took.
    pub(crate) fn loss(&self, model: &Model, carry: Option<Carry>) -> (StepLoss, Duration) {
        let input = match &self.input {
            Data::Ids(ids) => Signal::Ids(ids.clone()),
            Data::Sequence(values) => Signal::Sequence(values.clone()),
            Data::Vector(values) => Signal::Vector(values.clone()),
        };
        let (answer, states) = model.forward_from(input, None, carry.filter(|_| self.stateful));
        let start = Instant::now();
        let (loss, examples) = match &self.target {
            Data::Ids(target) => {
                let target = target.clone();
                let count = target.shape().num_elements();
                let rule = CrossEntropy::default();
                let loss = rule.forward_sequence(answer.sequence(), target, Reduction::default());
                (loss, count)
            }
            Data::Vector(target) => {
                let count = target.dims()[0];
                (
                    mse(answer.vector(), target.clone(), Reduction::default()),
                    count,
                )
            }
            Data::Sequence(target) => {
                let count = target.dims()[0];
                (
                    mse(answer.sequence(), target.clone(), Reduction::default()),
                    count,
                )
            }
        };
        let step = StepLoss {
            loss,
            carry: self.stateful.then_some(states),
            examples,
        };
        (step, start.elapsed())
    }
}

/// Values from −1 to 1 that follow from `seed`.
fn values<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let mut state = seed;
    let value = |bits: u64| bits as f32 / (1u64 << 23) as f32 - 1.0;
    let count = shape.iter().product();
    let drawn: Vec<f32> = (0..count).map(|_| value(draw(&mut state) >> 40)).collect();
    Tensor::from_data(TensorData::new(drawn, shape), &device())
}

/// Numbers below `limit` that follow from `seed`.
fn ids(shape: [usize; 2], limit: u64, seed: u64) -> Tensor<2, Int> {
    let mut state = seed;
    let count = shape[0] * shape[1];
    let drawn: Vec<i64> = (0..count)
        .map(|_| ((draw(&mut state) >> 33) % limit) as i64)
        .collect();
    Tensor::from_data(TensorData::new(drawn, shape), &device())
}

/// A linear congruential generator (Knuth's constants): good enough for the numbers of a batch.
fn draw(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state
}
