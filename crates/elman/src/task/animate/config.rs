//! The tables of a recipe with `task = "animate"`.

use super::sample::Rigid;
use super::simple::AnimateBaseline;
use crate::recipe::{Error, Head, ModelConfig};
use crate::report::plot::Skeleton;
use crate::task::signals::check_series;
use crate::train::{LossConfig, TrainConfig};
use elman_data::signal::{SignalConfig, SignalScaler, SignalScaling, SignalSplit};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "animate"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Animate {
    /// The files, and how what they hold is made ready.
    pub data: SignalConfig,
    /// How movements without files of their own for validation and test are divided.
    pub split: SignalSplit,
    /// What is learned of a movement, and how it is drawn.
    pub animate: AnimateConfig,
    /// How a movement goes on.
    pub sample: SampleConfig,
}

/// What is learned of a movement, and how it is drawn: the keys of `[animate]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnimateConfig {
    /// Gaussians of the mixture.
    pub components: usize,
    /// The smallest deviation of a Gaussian, where 1 is the usual change of a number from step to step.
    pub deviation_floor: f64,
    /// Standard deviation of the noise that is added in training to what is read, on the same scale. It lingers from step to step;
    /// what is to come stays as it is, so that the network learns to find back from its own errors.
    pub noise: f64,
    /// Numbers that are the place of a joint: 2 or 3, or 1 for a curve; without it those of `data.centre`, or else 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<usize>,
    /// Which coordinates, from 0, go across and up in pictures.
    pub view: [usize; 2],
    /// Joints, from 0, that a line connects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bones: Vec<[usize; 2]>,
    /// Whether bones keep the length that they have in the beginning that a movement goes on from.
    pub rigid: bool,
    /// Steps a second, in pictures.
    pub rate: f64,
    /// Which simple answers are set beside the model's.
    pub baselines: Vec<AnimateBaseline>,
}

impl Default for AnimateConfig {
    fn default() -> Self {
        Self {
            components: 5,
            deviation_floor: 0.05,
            noise: 0.0,
            coordinates: None,
            view: [0, 1],
            bones: Vec::new(),
            rigid: false,
            rate: 15.0,
            baselines: AnimateBaseline::ALL.to_vec(),
        }
    }
}

/// How a movement goes on: the keys of `[sample]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleConfig {
    /// Steps at the beginning of a movement that are read, at most.
    pub seed_steps: usize,
    /// Steps that are made.
    pub steps: usize,
    /// Below 1 keeps to the likely, 0 takes the mean of the likeliest Gaussian.
    pub temperature: f64,
    /// Another number gives another movement.
    pub seed: u64,
}

impl Default for SampleConfig {
    fn default() -> Self {
        Self {
            seed_steps: 10,
            steps: 60,
            temperature: 0.5,
            seed: 0,
        }
    }
}

/// Most steps that are made at once.
pub const MOST_STEPS: usize = 1_000_000;

impl SampleConfig {
    /// # Errors
    /// The first value that is impossible.
    pub fn check(&self) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("sample.{key}"), problem));
        for (key, value) in [("seed_steps", self.seed_steps), ("steps", self.steps)] {
            if !(1..=MOST_STEPS).contains(&value) {
                let problem = format!("is {value}; it must be at least 1 and at most {MOST_STEPS}");
                return wrong(key, problem);
            }
        }
        match (0.0..=100.0).contains(&self.temperature) {
            true => Ok(()),
            false => wrong(
                "temperature",
                format!("is {}; it must be from 0 to 100", self.temperature),
            ),
        }
    }
}

impl Animate {
    /// How vectors are drawn.
    pub fn skeleton(&self) -> Skeleton {
        let own = &self.animate;
        Skeleton {
            coordinates: own.coordinates.or(self.data.centre).unwrap_or(1),
            view: own.view,
            bones: own.bones.clone(),
        }
    }

    /// The bones that keep their length, if they do.
    pub(super) fn rigid<'a>(&'a self, scaler: &'a SignalScaler) -> Option<Rigid<'a>> {
        self.animate.rigid.then(|| Rigid {
            bones: &self.animate.bones,
            coordinates: self.skeleton().coordinates,
            scaler,
        })
    }

    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        let (data, own) = (&self.data, &self.animate);
        check_series(data, model, ["movement", "movements"])?;
        if model.head == Head::None {
            return wrong(
                "model.head",
                "must be dense: the mixture of Gaussians has a layer of its own",
            );
        }
        if train.loss != LossConfig::default() {
            return wrong(
                "train.loss",
                "has no keys here: it is the surprise at each step",
            );
        }
        if data.scale == SignalScaling::Series {
            return wrong(
                "data.scale",
                "must be \"set\" or \"none\": what goes on has no scale of its own",
            );
        }
        for (key, given) in [
            ("data.differences", data.differences),
            ("data.resample", data.resample.is_some()),
        ] {
            if given {
                return wrong(
                    key,
                    "does not go with movements that go on: steps must be as far apart, and as they are",
                );
            }
        }
        if !(1..=1_000).contains(&own.components) {
            return wrong("animate.components", "must be from 1 to 1,000");
        }
        if !(1e-4..=1.0).contains(&own.deviation_floor) {
            return wrong("animate.deviation_floor", "must be from 0.0001 to 1");
        }
        if !(0.0..=10.0).contains(&own.noise) {
            return wrong("animate.noise", "must be from 0 to 10");
        }
        if !(0.1..=50.0).contains(&own.rate) {
            return wrong("animate.rate", "must be from 0.1 to 50 steps a second");
        }
        let skeleton = self.skeleton();
        if !(1..=16).contains(&skeleton.coordinates) {
            return wrong("animate.coordinates", "must be from 1 to 16");
        }
        if skeleton.coordinates > 1 && own.view.iter().any(|axis| *axis >= skeleton.coordinates) {
            return wrong(
                "animate.view",
                "names a coordinate that a joint does not have; they are counted from 0",
            );
        }
        if own.rigid && (own.bones.is_empty() || skeleton.coordinates < 2) {
            return wrong(
                "animate.rigid",
                "does nothing without animate.bones between joints of 2 coordinates or more",
            );
        }
        self.sample.check()
    }
}
