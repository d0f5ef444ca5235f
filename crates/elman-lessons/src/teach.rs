//! Training and asking small networks.

use crate::setup::{Error, Setup};
use crate::words::Words;
use burn::prelude::*;
use elman::init::Initializer;
use elman::model::{Model, Sequential, Shape, Signal};
use elman::train::loss::{CrossEntropy, Reduction, mse};
use elman::train::{
    Carry, Evaluation, Event, Objective, Observer, OptimizerConfig, StepLoss, TrainConfig, Trained,
    Trainer, shuffled,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A target that counts for nothing.
pub(crate) const IGNORED: i64 = -1;
/// Examples that are answered at once.
const AT_ONCE: usize = 256;

/// What a network reads, example after example.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// `[rows, time]` numbers of words, padded with 0 at the end of each.
    Ids { ids: Vec<u32>, time: usize },
    /// `[rows, time, features]`
    Steps {
        values: Vec<f32>,
        time: usize,
        features: usize,
    },
    /// `[rows, features]`
    Vectors { values: Vec<f32>, features: usize },
}

/// What is right, example after example.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// One class for each example.
    Classes(Vec<i64>),
    /// One class for each step, or [`IGNORED`]: `[rows, time]`.
    StepClasses { classes: Vec<i64>, time: usize },
    /// `[rows, width]`
    Values { values: Vec<f32>, width: usize },
    /// `[rows, time, width]`
    StepValues {
        values: Vec<f32>,
        time: usize,
        width: usize,
    },
}

/// Inputs with what is right for each.
#[derive(Clone, Debug)]
pub(crate) struct Examples {
    pub(crate) input: Input,
    /// Valid steps of each example; all, if absent.
    pub(crate) lengths: Option<Vec<usize>>,
    pub(crate) target: Target,
}

/// The rows `picked` of a table of rows of `size` values.
fn rows<T: Copy>(values: &[T], size: usize, picked: &[usize]) -> Vec<T> {
    let row = |row: &usize| values[row * size..(row + 1) * size].iter().copied();
    picked.iter().flat_map(row).collect()
}

impl Examples {
    /// Sentences as numbers, padded at their end to `time` words, and one class for each.
    ///
    /// # Panics
    /// If a sentence is longer.
    pub(crate) fn sentences(sentences: &[Vec<u32>], time: usize, classes: Vec<i64>) -> Self {
        let mut ids = Vec::with_capacity(sentences.len() * time);
        for sentence in sentences {
            assert!(
                sentence.len() <= time,
                "a sentence exceeds the {time} places"
            );
            ids.extend(sentence);
            ids.resize(ids.len() + time - sentence.len(), 0);
        }
        Self {
            input: Input::Ids { ids, time },
            lengths: Some(sentences.iter().map(Vec::len).collect()),
            target: Target::Classes(classes),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match &self.target {
            Target::Classes(classes) => classes.len(),
            Target::StepClasses { classes, time } => classes.len() / time,
            Target::Values { values, width } => values.len() / width,
            Target::StepValues {
                values,
                time,
                width,
            } => values.len() / (time * width),
        }
    }

    /// What a network for them reads. Steps are open, unless a layer needs their number.
    pub(crate) fn shape(&self) -> Shape {
        match self.input {
            Input::Ids { time, .. } => Shape::Ids { time: Some(time) },
            Input::Steps { time, features, .. } => Shape::Sequence {
                time: Some(time),
                features,
            },
            Input::Vectors { features, .. } => Shape::Vector { features },
        }
    }

    /// Some of the inputs, and their lengths.
    pub(crate) fn signal(&self, picked: &[usize], device: &Device) -> (Signal, Option<Vec<usize>>) {
        let count = picked.len();
        let signal = match &self.input {
            Input::Ids { ids, time } => {
                let ids = rows(ids, *time, picked).into_iter().map(i64::from);
                let data = TensorData::new(ids.collect::<Vec<_>>(), [count, *time]);
                Signal::Ids(Tensor::from_data(data, device))
            }
            Input::Steps {
                values,
                time,
                features,
            } => {
                let values = rows(values, time * features, picked);
                let data = TensorData::new(values, [count, *time, *features]);
                Signal::Sequence(Tensor::from_data(data, device))
            }
            Input::Vectors { values, features } => {
                let data = TensorData::new(rows(values, *features, picked), [count, *features]);
                Signal::Vector(Tensor::from_data(data, device))
            }
        };
        let lengths = self.lengths.as_ref();
        let lengths = lengths.map(|lengths| picked.iter().map(|row| lengths[*row]).collect());
        (signal, lengths)
    }

    /// The mean loss of some of them.
    pub(crate) fn loss(&self, model: &Model, picked: &[usize], device: &Device) -> Tensor<1> {
        let (signal, lengths) = self.signal(picked, device);
        let output = model.forward(signal, lengths.as_deref());
        self.loss_of(output, picked, lengths.as_deref(), device)
    }

    /// The mean loss of what was answered to some of them.
    pub(crate) fn loss_of(
        &self,
        output: Signal,
        picked: &[usize],
        lengths: Option<&[usize]>,
        device: &Device,
    ) -> Tensor<1> {
        let count = picked.len();
        let cross_entropy = CrossEntropy {
            ignored: Some(IGNORED),
            ..CrossEntropy::default()
        };
        let reduction = Reduction {
            lengths,
            ..Reduction::default()
        };
        match &self.target {
            Target::Classes(classes) => {
                let data = TensorData::new(rows(classes, 1, picked), [count]);
                cross_entropy.forward(output.vector(), Tensor::from_data(data, device))
            }
            Target::StepClasses { classes, time } => {
                let data = TensorData::new(rows(classes, *time, picked), [count, *time]);
                let target = Tensor::from_data(data, device);
                cross_entropy.forward_sequence(output.sequence(), target, reduction)
            }
            Target::Values { values, width } => {
                let data = TensorData::new(rows(values, *width, picked), [count, *width]);
                let target = Tensor::from_data(data, device);
                mse(output.vector(), target, Reduction::default())
            }
            Target::StepValues {
                values,
                time,
                width,
            } => {
                let values = rows(values, time * width, picked);
                let data = TensorData::new(values, [count, *time, *width]);
                let target = Tensor::from_data(data, device);
                mse(output.sequence(), target, reduction)
            }
        }
    }
}

/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) epochs: usize,
    pub(crate) batch_size: usize,
    pub(crate) learning_rate: f64,
    pub(crate) clip_norm: Option<f64>,
    pub(crate) seed: u64,
    /// The validation loss that is good enough to stop.
    pub(crate) goal: Option<f64>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch_size: 32,
            learning_rate: 3e-3,
            clip_norm: Some(1.0),
            seed: 1,
            goal: None,
        }
    }
}

struct Course<'a> {
    examples: &'a Examples,
    valid: Option<&'a Examples>,
    plan: Plan,
    device: Device,
}

impl Objective for Course<'_> {
    type Model = Model;
    type Batch = Vec<usize>;

    fn batches(&self, epoch: usize) -> Vec<Vec<usize>> {
        let order = shuffled(self.examples.len(), self.plan.seed, epoch);
        order
            .chunks(self.plan.batch_size)
            .map(<[usize]>::to_vec)
            .collect()
    }

    fn loss(&self, model: &Model, batch: &Vec<usize>, _carry: Option<Carry>) -> StepLoss {
        StepLoss {
            loss: self.examples.loss(model, batch, &self.device),
            carry: None,
            examples: batch.len(),
        }
    }

    fn validate(&self, model: &Model) -> Option<Evaluation> {
        Some(Evaluation {
            loss: mean_loss(model, self.valid?),
            ..Evaluation::default()
        })
    }
}

/// Stops a training that is good enough.
struct Stopping<'a, 'b> {
    setup: &'a mut Setup<'b>,
    goal: Option<f64>,
    stop: Arc<AtomicBool>,
}

impl Observer for Stopping<'_, '_> {
    fn on(&mut self, event: &Event<'_>) {
        if let (Event::Epoch(record), Some(goal)) = (event, self.goal) {
            let reached = record.valid_loss.is_some_and(|loss| loss < goal);
            self.stop.fetch_or(reached, Ordering::Relaxed);
        }
        self.setup.on(event);
    }
}

/// The network with its first values.
///
/// # Panics
/// If its layers do not fit the examples, which is the lesson's fault.
pub(crate) fn built(network: &Sequential, shape: Shape, seed: u64) -> Model {
    let device = Device::default().autodiff();
    let model = network.init(shape, Initializer::Keras, seed, &device);
    model.unwrap_or_else(|error| panic!("a lesson's network: {error}"))
}

/// Trains a network from its first values.
pub(crate) fn train(
    setup: &mut Setup<'_>,
    what: Words,
    network: &Sequential,
    examples: &Examples,
    valid: Option<&Examples>,
    plan: Plan,
) -> Result<Trained<Model>, Error> {
    let model = built(network, examples.shape(), plan.seed);
    train_from(setup, what, model, examples, valid, plan)
}

/// Trains a model on; the one that is returned is without gradients.
pub(crate) fn train_from(
    setup: &mut Setup<'_>,
    what: Words,
    model: Model,
    examples: &Examples,
    valid: Option<&Examples>,
    plan: Plan,
) -> Result<Trained<Model>, Error> {
    let config = TrainConfig {
        epochs: plan.epochs,
        batch_size: plan.batch_size,
        seed: plan.seed,
        clip_norm: plan.clip_norm,
        optimizer: OptimizerConfig {
            learning_rate: plan.learning_rate,
            ..OptimizerConfig::default()
        },
        ..TrainConfig::default()
    };
    let config = config.check();
    let config = config.unwrap_or_else(|error| panic!("a lesson's plan: {error}"));
    setup.watcher.begin(&what);
    let course = Course {
        examples,
        valid,
        plan,
        device: Device::default().autodiff(),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let trainer = Trainer::new(config).with_stop_flag(stop.clone());
    let goal = plan.goal;
    let mut observer = Stopping { setup, goal, stop };
    let (model, how) = trainer.train(&course, model, &mut observer)?.split();
    Ok(Trained {
        model: model.valid(),
        history: how.history,
        best: how.best,
        steps: how.steps,
        reason: how.reason,
    })
}

/// What a model without gradients answers to every example, one after the other.
pub(crate) fn answers(model: &Model, examples: &Examples) -> Vec<f32> {
    let device = Device::default();
    let all: Vec<usize> = (0..examples.len()).collect();
    let answer = |picked: &[usize]| {
        let (signal, lengths) = examples.signal(picked, &device);
        match model.forward(signal, lengths.as_deref()) {
            Signal::Vector(tensor) => numbers(tensor),
            Signal::Sequence(tensor) => numbers(tensor),
            Signal::Ids(_) => unreachable!("a network answers with vectors"),
        }
    };
    all.chunks(AT_ONCE).flat_map(answer).collect()
}

/// The values of a tensor, row by row.
pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let values = tensor.into_data().try_to_vec();
    values.expect("lessons compute in f32")
}

/// The mean loss over all examples.
pub(crate) fn mean_loss(model: &Model, examples: &Examples) -> f64 {
    let device = Device::default();
    let all: Vec<usize> = (0..examples.len()).collect();
    let of = |picked: &[usize]| {
        let loss = numbers(examples.loss(model, picked, &device))[0];
        f64::from(loss) * picked.len() as f64
    };
    all.chunks(AT_ONCE).map(of).sum::<f64>() / examples.len() as f64
}

/// The share of classes that are right.
pub(crate) fn accuracy(model: &Model, examples: &Examples) -> f64 {
    let hits = hits(model, examples);
    hits.iter().flatten().filter(|hit| **hit).count() as f64 / hits.iter().flatten().count() as f64
}

/// Whether each class is right; nothing where the target counts for nothing.
pub(crate) fn hits(model: &Model, examples: &Examples) -> Vec<Option<bool>> {
    let (Target::Classes(classes) | Target::StepClasses { classes, .. }) = &examples.target else {
        panic!("values are not right or wrong");
    };
    let answers = answers(model, examples);
    let width = answers.len() / classes.len();
    let hit = |(answer, class): (&[f32], &i64)| {
        (*class != IGNORED).then(|| likeliest(answer) as i64 == *class)
    };
    answers.chunks(width).zip(classes).map(hit).collect()
}

/// The place of the largest value.
pub(crate) fn likeliest(values: &[f32]) -> usize {
    let places = values.iter().enumerate();
    let largest = places.max_by(|left, right| left.1.total_cmp(right.1));
    largest.map_or(0, |(place, _)| place)
}

/// Probabilities of logits.
pub(crate) fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.iter().map(|logit| f64::from(logit - largest).exp());
    let powers: Vec<f64> = powers.collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The mean squared error of answers.
pub(crate) fn squared_error(answers: &[f32], right: &[f32]) -> f64 {
    assert_eq!(answers.len(), right.len(), "one answer for each target");
    let squares = answers.iter().zip(right);
    let sum: f64 = squares.map(|(a, b)| f64::from(a - b).powi(2)).sum();
    sum / right.len() as f64
}
