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

/// Bones that keep their length.
#[derive(Clone, Debug)]
pub struct Rigid<'a> {
    /// Joints that a bone connects.
    pub bones: &'a [[usize; 2]],
    /// Numbers that are the place of a joint.
    pub coordinates: usize,
    /// From the scale that the model reads to the data's own, in which bones have lengths.
    pub scaler: &'a SignalScaler,
}

/// Rounds in which bones pull at their joints.
const ROUNDS: usize = 30;

impl Rigid<'_> {
    /// A step in the data's own units.
    fn own(&self, step: &[f32]) -> Vec<f64> {
        let scaled = step.iter().enumerate();
        scaled
            .map(|(feature, value)| {
                let (scaler, value) = (self.scaler.scalers.get(feature), f64::from(*value));
                scaler.map_or(value, |scaler| scaler.inverse(value))
            })
            .collect()
    }

    /// From joint `from` to joint `to`, and how far that is.
    fn bone(&self, step: &[f64], [from, to]: [usize; 2]) -> (Vec<f64>, f64) {
        let joint = |joint: usize| &step[joint * self.coordinates..][..self.coordinates];
        let pairs = joint(from).iter().zip(joint(to));
        let way: Vec<f64> = pairs.map(|(from, to)| to - from).collect();
        let length = way.iter().map(|x| x * x).sum::<f64>().sqrt();
        (way, length)
    }

    /// The mean length of each bone in a movement.
    fn lengths(&self, movement: &Signal) -> Vec<f64> {
        let mut lengths = vec![0.0; self.bones.len()];
        for step in movement.steps() {
            let step = self.own(step);
            for (sum, bone) in lengths.iter_mut().zip(self.bones) {
                *sum += self.bone(&step, *bone).1 / movement.time() as f64;
            }
        }
        lengths
    }

    /// Moves the joints of a step until bones have these lengths, or nearly so: again and again both joints of a bone go half of
    /// the way that it is too long or too short (Jakobsen, "Advanced character physics", 2001). The mean of all joints stays.
    fn settle(&self, step: &mut [f32], lengths: &[f64]) {
        let mut own = self.own(step);
        for _ in 0..ROUNDS {
            for (bone, right) in self.bones.iter().zip(lengths) {
                let (way, length) = self.bone(&own, *bone);
                if length < 1e-12 {
                    continue; // it points nowhere
                }
                let share = 0.5 * (length - right) / length;
                for (axis, way) in way.iter().enumerate() {
                    own[bone[0] * self.coordinates + axis] += share * way;
                    own[bone[1] * self.coordinates + axis] -= share * way;
                }
            }
        }
        for (feature, (value, own)) in step.iter_mut().zip(own).enumerate() {
            let scaler = self.scaler.scalers.get(feature);
            *value = scaler.map_or(own, |scaler| scaler.transform(own)) as f32;
        }
    }
}

/// The beginning of a movement and what follows it: `steps` steps, each drawn from what a model without gradients says after the
/// one before, its bones brought back to their length where they are rigid. All is on the scale that the model reads. A number that would leave what training saw by more than a quarter of
/// its range stays there, so that a movement cannot run away.
///
/// # Panics
/// If the beginning has no step, or other numbers than the model reads.
pub fn go_on(
    model: &Model,
    mixture: &Mixture,
    manner: &Manner,
    beginning: &Signal,
    rigid: Option<&Rigid<'_>>,
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
    let lengths = rigid.map(|rigid| rigid.lengths(beginning));
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
        let mut next: Vec<f32> = next.collect();
        if let (Some(rigid), Some(lengths)) = (rigid, &lengths) {
            rigid.settle(&mut next, lengths);
        }
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
