//! Forecasts from a trained model: one pass where the model reaches far enough, fed back where it does not.

use super::config::Strategy;
use super::dataset::{Dataset, Inputs};
use super::error::Error;
use crate::model::{Model, Signal};
use burn::prelude::*;

/// Windows that are forecast in one pass through the model.
const BATCH: usize = 256;

/// The `steps` rows after each of the rows `origins` (the newest known ones), `[origins, steps, targets]`, in the
/// data's own units.
///
/// Where the model gives fewer steps than asked for, its forecasts are read as if they had happened.
///
/// # Errors
/// If an origin has too little history, or forecasts must be fed back and an input is neither forecast nor known.
pub fn forecast(
    model: &Model,
    data: &Dataset,
    origins: &[usize],
    steps: usize,
) -> Result<Vec<f64>, Error> {
    let config = data.config();
    if steps > config.model_horizon() {
        let why = match config.strategy {
            Strategy::Iterative => "strategy = \"iterative\"",
            _ => "a forecast beyond forecast.horizon",
        };
        data.check_feedback(why)?;
        if config.step != 1 || config.offset != 0 {
            return Err(Error::Beyond {
                horizon: config.horizon,
                steps,
            });
        }
    }
    if let Some(origin) = origins.iter().find(|origin| **origin + 1 < config.lookback) {
        return Err(Error::History {
            needed: config.lookback,
            found: origin + 1,
        });
    }
    let mut answer = Vec::with_capacity(origins.len() * steps * data.target_size());
    for batch in origins.chunks(BATCH) {
        answer.extend(data.restored(&Feedback::new(data, batch).run(model, steps)));
    }
    match answer.iter().position(|value| !value.is_finite()) {
        Some(bad) => Err(Error::NotFinite {
            step: bad / data.target_size() % steps,
        }),
        None => Ok(answer),
    }
}

/// A batch of windows that move forward with their own forecasts.
struct Feedback<'a> {
    data: &'a Dataset,
    origins: &'a [usize],
    /// `[windows, steps, columns]`, scaled
    inputs: Vec<f32>,
    /// `[windows, steps, targets]`, scaled
    history: Vec<f32>,
}

impl<'a> Feedback<'a> {
    fn new(data: &'a Dataset, origins: &'a [usize]) -> Self {
        let config = data.config();
        let rows = |origin: usize| {
            (0..config.input_steps())
                .rev()
                .map(move |back| origin - back * config.step)
        };
        let gather = |row: &dyn Fn(usize) -> &'a [f32]| {
            origins
                .iter()
                .flat_map(|origin| rows(*origin))
                .flat_map(row)
                .copied()
                .collect()
        };
        let inputs = gather(&|row| data.input_row(row));
        let history = gather(&|row| data.target_row(row));
        Self {
            data,
            origins,
            inputs,
            history,
        }
    }

    /// `[windows, steps, targets]`, scaled.
    fn run(mut self, model: &Model, steps: usize) -> Vec<f32> {
        let (windows, width) = (self.origins.len(), self.data.target_size());
        let mut answer = vec![0.0; windows * steps * width];
        let mut done = 0;
        loop {
            let block = self.predict(model);
            let block_steps = block.len() / (windows * width).max(1);
            let used = block_steps.min(steps - done);
            for window in 0..windows {
                let from = &block[window * block_steps * width..][..used * width];
                answer[(window * steps + done) * width..][..used * width].copy_from_slice(from);
            }
            if done + used == steps {
                return answer;
            }
            self.advance(&block, block_steps, done);
            done += used;
        }
    }

    /// The model's next steps, `[windows, model_horizon, targets]`, scaled, levels added.
    fn predict(&self, model: &Model) -> Vec<f32> {
        let (config, windows) = (self.data.config(), self.origins.len());
        let steps = config.input_steps();
        let Inputs { values, levels } =
            self.data
                .levelled(self.inputs.clone(), &self.history, steps);
        let shape = [windows, steps, self.data.input_size()];
        let input = Tensor::<3>::from_data(TensorData::new(values, shape), &Device::default());
        let mut block = crate::values(last_step(model.forward(input, None)));
        self.data.add_levels(&mut block, &levels);
        block
    }

    /// Drops the oldest rows of each window and adds the forecast ones.
    fn advance(&mut self, block: &[f32], block_steps: usize, done: usize) {
        let (columns, width) = (self.data.input_size(), self.data.target_size());
        let steps = self.data.config().input_steps();
        for (window, &origin) in self.origins.iter().enumerate() {
            for step in 0..block_steps {
                let forecast = &block[(window * block_steps + step) * width..][..width];
                let row = self.data.future_row(forecast, origin + 1 + done + step);
                push(
                    &mut self.inputs[window * steps * columns..][..steps * columns],
                    &row,
                );
                push(
                    &mut self.history[window * steps * width..][..steps * width],
                    forecast,
                );
            }
        }
    }
}

/// What the model says at the end of each window: `[windows, outputs]`.
pub(super) fn last_step(signal: Signal) -> Tensor<2> {
    match signal {
        Signal::Sequence(sequence) => {
            let last = sequence.dims()[1] - 1;
            sequence.narrow(1, last, 1).squeeze_dim(1)
        }
        signal => signal.vector(),
    }
}

fn push(rows: &mut [f32], row: &[f32]) {
    rows.copy_within(row.len().., 0);
    let end = rows.len() - row.len();
    rows[end..].copy_from_slice(row);
}
