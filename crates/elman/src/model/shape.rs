use serde::{Deserialize, Serialize};
use std::fmt;

/// What flows between two layers, apart from the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `[batch, time]`: numbers of words, characters or the like.
    Ids {
        /// Steps, if they are fixed.
        time: Option<usize>,
    },
    /// `[batch, time, features]`
    Sequence {
        /// Steps, if they are fixed.
        time: Option<usize>,
        /// Values of each step.
        features: usize,
    },
    /// `[batch, features]`
    Vector {
        /// Values of each example.
        features: usize,
    },
}

impl Shape {
    /// A sequence of any number of steps.
    pub const fn sequence(features: usize) -> Self {
        Self::Sequence {
            time: None,
            features,
        }
    }

    /// Values of each step, or of each example.
    pub fn features(&self) -> Option<usize> {
        match *self {
            Self::Ids { .. } => None,
            Self::Sequence { features, .. } | Self::Vector { features } => Some(features),
        }
    }

    /// Values of an example, as far as they are known: those of one step where the steps are not.
    pub(super) fn values(&self) -> Option<usize> {
        match *self {
            Self::Ids { .. } => None,
            Self::Sequence { time, features } => Some(features.saturating_mul(time.unwrap_or(1))),
            Self::Vector { features } => Some(features),
        }
    }

    /// What this shape is called in an error.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Ids { .. } => "a sequence of numbers",
            Self::Sequence { .. } => "a sequence of vectors",
            Self::Vector { .. } => "one vector for each sequence",
        }
    }
}

/// As Keras prints it: `(None, 5, 32)`, where `None` is open until data arrives.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = |size: Option<usize>| size.map_or("None".into(), |size| size.to_string());
        match *self {
            Self::Ids { time } => write!(f, "(None, {})", open(time)),
            Self::Sequence { time, features } => write!(f, "(None, {}, {features})", open(time)),
            Self::Vector { features } => write!(f, "(None, {features})"),
        }
    }
}

/// Why a list of layers is not a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to build.
    #[error("the model has no layers; add at least one")]
    Empty,
    /// The input shape cannot be what the first layer reads.
    #[error("the input shape {found} does not suit the first layer `{layer}`: {expected}")]
    Input {
        /// The first layer.
        layer: String,
        /// The shape as given.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A layer cannot read what the one before it gives.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
    /// A layer's own settings are impossible.
    #[error("layer {position} `{layer}`: {problem}")]
    Setting {
        /// Place in the list, from 1.
        position: usize,
        /// The layer.
        layer: String,
        /// What is wrong with which setting.
        problem: String,
    },
    /// More parameters than fit into the memory of the machines this runs on.
    #[error("{}", too_many(*parameters))]
    TooLarge {
        /// Those of all layers.
        parameters: usize,
    },
}

/// Four bytes each, four times in training.
const MOST_PARAMETERS: usize = 1_000_000_000;

fn too_many(parameters: usize) -> String {
    format!(
        "the model would have {parameters} parameters; make its layers smaller (at most {MOST_PARAMETERS})"
    )
}

/// Refuses a model of so many parameters, asked before any memory is.
pub(super) fn check_parameters(parameters: usize) -> Result<(), Error> {
    if parameters > MOST_PARAMETERS {
        return Err(Error::TooLarge { parameters });
    }
    Ok(())
}

/// A layer that cannot read its input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "layer {position} `{layer}` needs {needs}, but {source_layer} gives {noun} {shape}. {remedy}"
)]
pub struct Mismatch {
    /// Place in the list, from 1.
    pub position: usize,
    /// The layer that cannot read its input.
    pub layer: String,
    /// What it needs.
    pub needs: &'static str,
    /// The layer before it, or the input.
    pub source_layer: String,
    /// What that gives, in words.
    pub noun: &'static str,
    /// What that gives, as a shape.
    pub shape: String,
    /// What to do.
    pub remedy: String,
}
