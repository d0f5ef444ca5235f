//! What the training loop makes small: the error of the forecasts on the training windows.

use super::Recipe;
use super::config::Strategy;
use super::dataset::{Dataset, Inputs};
use super::error::Error;
use super::predict::last_step;
use crate::model::Model;
use crate::train::loss::OverTime;
use crate::train::{Carry, Evaluation, LossName, Objective, StepLoss, TrainConfig, loss, shuffled};
use burn::prelude::*;
use elman_data::{Part, Windows};
use std::collections::BTreeMap;

/// Windows evaluated in one pass.
const EVALUATION_BATCH: usize = 512;

/// The forecast of a [`Dataset`], as the training loop sees it.
pub struct ForecastObjective<'a> {
    data: &'a Dataset,
    strategy: Strategy,
    train: &'a TrainConfig,
    /// Rows of a chunk, where the training span is read as streams.
    streams: Option<usize>,
    training: Windows,
    /// The training windows with a target that was measured.
    usable: Vec<usize>,
    validation: Option<Windows>,
    device: Device,
    /// What, besides the data, a checkpoint belongs to.
    network: String,
}

/// One batch of training.
#[derive(Clone, Debug)]
pub enum Batch {
    /// Independent windows.
    Windows(Vec<usize>),
    /// The next `rows` rows of parallel streams that begin at these rows; truncated back-propagation through time.
    Chunk {
        /// First row of each stream's chunk.
        starts: Vec<usize>,
        /// Rows of the chunk.
        rows: usize,
        /// Whether the streams begin here.
        first: bool,
    },
}

impl<'a> ForecastObjective<'a> {
    /// The forecast `strategy` over the windows of `data`, on `device`.
    ///
    /// # Errors
    /// If a part of the data is too short for a window, or `bptt_len` does not go with the strategy.
    pub fn new(
        data: &'a Dataset,
        strategy: Strategy,
        recipe: &'a Recipe,
        device: Device,
    ) -> Result<Self, Error> {
        let (config, train) = (data.config(), &recipe.train);
        let horizon = if strategy == Strategy::Iterative {
            1
        } else {
            config.horizon
        };
        let training = data.windows(Part::Train, horizon, config.stride)?;
        let validation = match data.splits.valid.is_empty() {
            true => None,
            false => Some(data.windows(Part::Valid, horizon, config.stride)?),
        };
        if !matches!(
            train.loss.name,
            None | Some(LossName::Mse | LossName::Mae | LossName::Huber)
        ) {
            return Err(Error::Config(
                "`train.loss.name` must be mse, mae or huber for a forecast".into(),
            ));
        }
        let all: Vec<usize> = (0..training.len()).collect();
        let usable = match data.counted(&training, &all) {
            None => all,
            Some(counted) => {
                let each = counted.chunks(horizon * data.target_size());
                let any = each.map(|window| window.contains(&true));
                all.into_iter()
                    .zip(any)
                    .filter_map(|(window, any)| any.then_some(window))
                    .collect()
            }
        };
        let seen = |windows: &Windows| {
            let all: Vec<usize> = (0..windows.len()).collect();
            let counted = data.counted(windows, &all);
            counted.is_none_or(|counted| counted.contains(&true))
        };
        for (part, measured) in [
            (Part::Train, !usable.is_empty()),
            (Part::Valid, validation.as_ref().is_none_or(seen)),
        ] {
            if !measured {
                return Err(Error::NoneMeasured {
                    column: data.preprocessing.targets.join("`, `"),
                    part,
                    rows: data.rows_of(part).len(),
                });
            }
        }
        let streams = train.bptt_len.filter(|_| strategy == config.strategy);
        let objective = Self {
            data,
            strategy,
            train,
            streams,
            training,
            usable,
            validation,
            device,
            network: format!("{:?} {strategy:?}", recipe.model),
        };
        if streams.is_some() {
            objective.check_streams()?;
        }
        Ok(objective)
    }

    fn horizon(&self) -> usize {
        self.training.config().horizon
    }

    fn check_streams(&self) -> Result<(), Error> {
        let config = self.data.config();
        let plain = config.relative_to == super::RelativeTo::Nothing;
        if self.strategy != Strategy::Sequence || self.data.panel.is_some() || !plain {
            return Err(Error::Streams);
        }
        if self.chunks().is_empty() {
            let needed = self.train.batch_size * (1 + self.horizon());
            return Err(Error::History {
                needed,
                found: self.data.splits.train.len(),
            });
        }
        Ok(())
    }

    /// The training span as `batch_size` parallel streams, cut into chunks of `bptt_len` rows.
    fn chunks(&self) -> Vec<Batch> {
        let Some(bptt_len) = self.streams else {
            return Vec::new();
        };
        let span = &self.data.splits.train;
        // The last row whose targets are still in the training span bounds every stream.
        let usable = span.len().saturating_sub(self.horizon());
        let length = usable / self.train.batch_size;
        let starts: Vec<usize> = (0..self.train.batch_size)
            .map(|stream| span.start + stream * length)
            .collect();
        let chunk = |at: usize| Batch::Chunk {
            starts: starts.iter().map(|start| start + at).collect(),
            rows: bptt_len.min(length - at),
            first: at == 0,
        };
        (0..length).step_by(bptt_len).map(chunk).collect()
    }

    fn tensor<const D: usize>(
        &self,
        values: Vec<f32>,
        shape: [usize; D],
        device: &Device,
    ) -> Tensor<D> {
        Tensor::from_data(
            TensorData::new(values, shape),
            (device, burn::tensor::DType::F32),
        )
    }

    /// What a model says about some windows, and what it should have said: `[windows, steps, outputs]`, with one
    /// step where the answer is one vector; and which of these were measured, where not all were.
    fn windows(&self, model: &Model, windows: &Windows, batch: &[usize], device: &Device) -> Pair {
        let (steps, outputs) = (
            windows.config().input_len(),
            self.horizon() * self.data.target_size(),
        );
        let Inputs { values, levels } = self.data.inputs(windows, batch);
        let input = self.tensor(values, [batch.len(), steps, self.data.input_size()], device);
        let answer = model.forward(input, None);
        match self.strategy {
            Strategy::Sequence => {
                let wanted = self.data.step_targets(windows, batch, &levels);
                Pair {
                    answer: answer.sequence(),
                    wanted: self.tensor(wanted, [batch.len(), steps, outputs], device),
                    counted: self.data.step_counted(windows, batch),
                }
            }
            Strategy::Vector | Strategy::Iterative => {
                let wanted = self.data.targets(windows, batch, &levels);
                Pair {
                    answer: answer.vector().unsqueeze_dim(1),
                    wanted: self.tensor(wanted, [batch.len(), 1, outputs], device),
                    counted: self.data.counted(windows, batch),
                }
            }
        }
    }

    /// The same for the next rows of parallel streams, from the states in which the last chunk left them.
    fn chunk(
        &self,
        model: &Model,
        starts: &[usize],
        rows: usize,
        carry: Option<Carry>,
    ) -> (Pair, Carry) {
        let (horizon, width) = (self.horizon(), self.data.target_size());
        let mut values = Vec::new();
        let mut wanted = Vec::new();
        let read = || starts.iter().flat_map(|start| *start..start + rows);
        for row in read() {
            values.extend_from_slice(self.data.input_row(row));
            (row + 1..=row + horizon)
                .for_each(|row| wanted.extend_from_slice(self.data.target_row(row)));
        }
        let input = self.tensor(
            values,
            [starts.len(), rows, self.data.input_size()],
            &self.device,
        );
        let (answer, states) = model.forward_from(input, None, carry);
        let wanted = self.tensor(wanted, [starts.len(), rows, horizon * width], &self.device);
        let pair = Pair {
            answer: answer.sequence(),
            wanted,
            counted: (self.data).marks(read().flat_map(|row| row + 1..=row + horizon)),
        };
        (pair, states)
    }

    fn loss_of(&self, pair: Pair) -> Tensor<1> {
        let Pair {
            answer,
            wanted,
            counted,
        } = pair;
        let settings = &self.train.loss;
        let reduction = loss::Reduction {
            over_time: settings.over_time,
            lengths: None,
            counted: counted.as_deref(),
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

/// What a model says, `[windows, steps, outputs]`, and what it should have said.
#[derive(Clone)]
struct Pair {
    answer: Tensor<3>,
    wanted: Tensor<3>,
    /// Which of the wanted values were measured; all when absent.
    counted: Option<Vec<bool>>,
}

impl Pair {
    /// What the loss is a mean over: windows (or rows of streams), or measured values where not all were.
    fn weight(&self, windows: usize, over_time: OverTime) -> usize {
        match &self.counted {
            Some(counted) if over_time == OverTime::Mean => {
                counted.iter().filter(|counts| **counts).count()
            }
            _ => windows,
        }
    }
}

impl Objective for ForecastObjective<'_> {
    type Model = Model;
    type Batch = Batch;

    fn fingerprint(&self) -> String {
        format!("{:016x} {}", self.data.digest(), self.network)
    }

    fn describe(&self, batch: &Batch) -> String {
        let label = |row: usize| self.data.series.labels(row..row + 1).remove(0);
        match batch {
            Batch::Windows(windows) => {
                let first = windows
                    .iter()
                    .map(|window| self.training.origin(*window))
                    .min();
                first.map_or(String::new(), |row| {
                    format!("the earliest of its windows ends at {}", label(row))
                })
            }
            Batch::Chunk { starts, rows, .. } => {
                format!(
                    "{rows} rows from {}",
                    starts.first().map_or(String::new(), |row| label(*row))
                )
            }
        }
    }

    fn batches(&self, epoch: usize) -> Vec<Batch> {
        if self.streams.is_some() {
            return self.chunks();
        }
        let order = shuffled(self.usable.len(), self.train.seed, epoch);
        let order: Vec<usize> = order.into_iter().map(|place| self.usable[place]).collect();
        order
            .chunks(self.train.batch_size)
            .map(|batch| Batch::Windows(batch.to_vec()))
            .collect()
    }

    fn loss(&self, model: &Model, batch: &Batch, carry: Option<Carry>) -> StepLoss {
        match batch {
            Batch::Windows(batch) => {
                let pair = self.windows(model, &self.training, batch, &self.device);
                StepLoss {
                    examples: pair.weight(batch.len(), self.train.loss.over_time),
                    loss: self.loss_of(pair),
                    carry: None,
                }
            }
            Batch::Chunk {
                starts,
                rows,
                first,
            } => {
                let carry = carry.filter(|_| !first);
                let (pair, states) = self.chunk(model, starts, *rows, carry);
                StepLoss {
                    examples: pair.weight(starts.len() * rows, self.train.loss.over_time),
                    loss: self.loss_of(pair),
                    carry: Some(states),
                }
            }
        }
    }

    /// The loss on the validation windows, and the squared and absolute error of the forecast proper (of a sequence,
    /// its last step), all in scaled units.
    fn validate(&self, model: &Model) -> Option<Evaluation> {
        let windows = self.validation.as_ref()?;
        let all: Vec<usize> = (0..windows.len()).collect();
        let (mut loss, mut weight) = (0.0, 0.0);
        let (mut squares, mut absolute, mut count) = (0.0, 0.0, 0usize);
        for batch in all.chunks(EVALUATION_BATCH) {
            let pair = self.windows(model, windows, batch, &Device::default());
            let own = pair.weight(batch.len(), self.train.loss.over_time) as f64;
            loss += f64::from(self.loss_of(pair.clone()).into_scalar::<f32>()) * own;
            weight += own;
            let last = |tensor: Tensor<3>| crate::values(last_step(tensor.into()));
            let counted = self.data.counted(windows, batch);
            let pairs = last(pair.answer).into_iter().zip(last(pair.wanted));
            for (at, (answer, wanted)) in pairs.enumerate() {
                if counted.as_ref().is_some_and(|counted| !counted[at]) {
                    continue;
                }
                let error = f64::from(answer - wanted);
                (squares, absolute, count) =
                    (squares + error * error, absolute + error.abs(), count + 1);
            }
        }
        let metrics = BTreeMap::from([
            ("mse".to_string(), squares / count.max(1) as f64),
            ("mae".to_string(), absolute / count.max(1) as f64),
        ]);
        Some(Evaluation {
            loss: loss / weight.max(f64::MIN_POSITIVE),
            metrics,
        })
    }
}
