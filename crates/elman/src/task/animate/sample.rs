//! A movement goes on, step after step.

use super::config::SampleConfig;
use super::dataset::Manner;
use crate::mixture::Mixture;
use crate::model::Model;
use burn::prelude::*;
use elman_data::random::Stream;
use elman_data::signal::{Signal, SignalScaler};

/// How far beyond what the training part saw of a number it may go, as a share of its range.
const MARGIN: f64 = 0.25;

/// The beginning of a movement and what follows it: `steps` steps, each drawn from what a model without gradients says after the
/// one before. All is on the scale that the model reads. A number that would leave what training saw by more than a quarter of
/// its range stays there, so that a movement cannot run away.
///
/// # Panics
/// If the beginning has no step, or other numbers than the model reads.
pub fn go_on(
    model: &Model,
    mixture: &Mixture,
    manner: &Manner,
    beginning: &Signal,
    config: &SampleConfig,
) -> Signal {
    let features = manner.usual.len();
    assert_eq!(beginning.features, features, "go_on: other numbers");
    assert!(
        beginning.time() > 0,
        "go_on: there is nothing to go on from"
    );
    let mut random = Stream::new(&[config.seed]);
    let mut values = beginning.values.clone();
    let device = Device::default();
    let (mut states, mut read) = (None, 0);
    for _ in 0..config.steps {
        let time = values.len() / features;
        let step = |at: usize| &values[at * features..(at + 1) * features];
        let mut inputs = Vec::with_capacity((time - read) * 2 * features);
        for at in read..time {
            inputs.extend_from_slice(step(at));
            match at {
                0 => inputs.resize(inputs.len() + features, 0.0),
                _ => inputs.extend(manner.change(step(at - 1), step(at))),
            }
        }
        let inputs = TensorData::new(inputs, [1, time - read, 2 * features]);
        let inputs = Tensor::<3>::from_data(inputs, &device);
        let (said, after) = model.forward_from(inputs, None, states.take());
        let said = said.sequence();
        let last = said.dims()[1] - 1;
        let said = crate::values(said.narrow(1, last, 1));
        let change = mixture
            .density(&said)
            .sample(config.temperature, &mut random);
        let next = (0..features).map(|feature| {
            let (low, high) = (manner.low[feature], manner.high[feature]);
            let room = MARGIN * (high - low);
            let value =
                f64::from(step(time - 1)[feature]) + change[feature] * manner.usual[feature];
            value.clamp(low - room, high + room) as f32
        });
        let next: Vec<f32> = next.collect();
        values.extend(next);
        (states, read) = (Some(after), time);
    }
    Signal { values, features }
}

/// A movement in the data's own units.
pub(super) fn restored(scaler: &SignalScaler, signal: &Signal) -> Signal {
    let values = signal.values.iter().enumerate().map(|(at, value)| {
        let scaler = scaler.scalers.get(at % signal.features);
        scaler.map_or(*value, |scaler| scaler.inverse(f64::from(*value)) as f32)
    });
    Signal {
        values: values.collect(),
        features: signal.features,
    }
}

/// The first steps of a movement, at most so many.
pub(super) fn beginning(signal: &Signal, steps: usize) -> Signal {
    let steps = steps.min(signal.time());
    Signal {
        values: signal.values[..steps * signal.features].to_vec(),
        features: signal.features,
    }
}
