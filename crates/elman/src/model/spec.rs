//! The layers as descriptions: what a program or a recipe says, before anything is allocated.

use super::pooling::PoolingKind;
use super::recurrent::RecurrentSpec;
use serde::{Deserialize, Serialize};

/// One layer of a [`Sequential`](super::Sequential); in a recipe, a `[[model.layers]]` table with its `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LayerSpec {
    /// Numbers to vectors.
    Embedding(Embedding),
    /// Numbers to vectors of a single one.
    OneHot(OneHot),
    /// Elman's network.
    SimpleRnn(RecurrentSpec),
    /// Long short-term memory.
    Lstm(RecurrentSpec),
    /// Gated recurrent unit.
    Gru(RecurrentSpec),
    /// A linear map, at every step where it reads a sequence (Keras' `TimeDistributed`).
    Dense(Dense),
    /// Drops values in training.
    Dropout(Dropout),
    /// Normalises the features of each step.
    LayerNorm(LayerNorm),
    /// A function of each value.
    Activation(Activation),
    /// One vector, repeated as the steps of a sequence.
    RepeatVector(RepeatVector),
    /// A convolution over time.
    Conv1d(Conv1d),
    /// A sequence of fixed length as one vector.
    Flatten(Flatten),
    /// The steps of a sequence as one vector, however many they are.
    Pooling(Pooling),
    /// Finds where sequences end.
    Masking(Masking),
}

/// Declares a layer with its settings, and how it becomes a [`LayerSpec`].
macro_rules! layer {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl From<$name> for LayerSpec {
            fn from(layer: $name) -> Self {
                Self::$name(layer)
            }
        }
    };
}

layer! {
    /// Numbers to vectors: a row of a table each.
    Embedding {
        /// Rows: how many different numbers there are.
        vocabulary: usize,
        /// Features of each row.
        features: usize,
    }
}

layer! {
    /// Numbers to vectors that are one at the number's place and zero elsewhere.
    OneHot {
        /// Features: how many different numbers there are.
        vocabulary: usize,
    }
}

layer! {
    /// `y = activation(W x + b)`, at every step where it reads a sequence.
    Dense {
        /// Features of the output.
        units: usize,
        /// What is applied to the result.
        #[serde(default)]
        activation: ActivationKind,
    }
}

layer! {
    /// Sets values to zero with this probability, in training, and scales the others up.
    Dropout {
        /// The probability.
        rate: f64,
    }
}

layer! {
    /// Mean zero and variance one over the features of each step, then a learned scale and shift (Ba, Kiros & Hinton, 2016).
    LayerNorm {}
}

layer! {
    /// A function of each value.
    Activation {
        /// Which.
        function: ActivationKind,
    }
}

layer! {
    /// One vector as a sequence of equal steps: from an encoder to a decoder.
    RepeatVector {
        /// Steps.
        times: usize,
    }
}

layer! {
    /// A convolution over time.
    Conv1d {
        /// Features of the output.
        filters: usize,
        /// Steps that each output sees.
        kernel_size: usize,
        /// What is beyond the ends.
        #[serde(default)]
        padding: Padding,
        /// What is applied to the result.
        #[serde(default)]
        activation: ActivationKind,
    }
}

layer! {
    /// A sequence of fixed length as one vector: the fixed window of the lecture notes.
    Flatten {}
}

layer! {
    /// The valid steps of a sequence as one vector: their mean, their maximum or the last. A sequence without steps gives zeros.
    Pooling {
        /// Which.
        function: PoolingKind,
    }
}

layer! {
    /// A sequence ends after its last step that holds another value than this (Keras' `Masking`).
    Masking {
        /// The value that fills padded steps.
        #[serde(default)]
        value: f32,
    }
}

impl Embedding {
    /// A table of `vocabulary` rows.
    pub fn new(vocabulary: usize, features: usize) -> Self {
        Self {
            vocabulary,
            features,
        }
    }
}

impl OneHot {
    /// Vectors of `vocabulary` features.
    pub fn new(vocabulary: usize) -> Self {
        Self { vocabulary }
    }
}

impl Dense {
    /// A linear map to `units` values.
    pub fn new(units: usize) -> Self {
        Self {
            units,
            activation: ActivationKind::Linear,
        }
    }

    /// Squashed to 0 … 1.
    pub fn sigmoid(self) -> Self {
        self.activation(ActivationKind::Sigmoid)
    }

    /// Probabilities that sum to one.
    pub fn softmax(self) -> Self {
        self.activation(ActivationKind::Softmax)
    }

    /// Followed by a function.
    pub fn activation(mut self, activation: ActivationKind) -> Self {
        self.activation = activation;
        self
    }
}

impl Dropout {
    /// Drops with probability `rate`.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }
}

impl Pooling {
    /// Pools by this function.
    pub fn new(function: PoolingKind) -> Self {
        Self { function }
    }
}

impl Conv1d {
    /// Without padding: each output sees `kernel_size` steps of the input.
    pub fn new(filters: usize, kernel_size: usize) -> Self {
        Self {
            filters,
            kernel_size,
            padding: Padding::Valid,
            activation: ActivationKind::Linear,
        }
    }

    /// What is beyond the ends.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }
}

/// What a convolution sees beyond the ends of a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Nothing: the output is shorter.
    #[default]
    Valid,
    /// Zeros on both sides: as many steps as the input.
    Same,
    /// Zeros before the beginning: as many steps, and none sees the future.
    Causal,
}

/// A function of each value, or (softmax) of each step's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationKind {
    /// f(x) = x
    #[default]
    Linear,
    /// Hyperbolic tangent.
    Tanh,
    /// max(0, x)
    Relu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// eˣ / Σ eˣ over the features
    Softmax,
}
