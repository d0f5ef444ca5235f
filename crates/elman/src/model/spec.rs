//! The layers as descriptions: what a program or a recipe says, before anything is allocated.

use crate::cell::{
    self, AnyCell, Bias, Cell, CellKind, GruCell, GruReset, LstmCell, SimpleRnnCell,
};
use crate::layer::{Merge, RecurrentConfig};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// One layer of a [`Sequential`](super::Sequential); in a recipe, a `[[model.layers]]` table with its `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LayerSpec {
    /// Numbers to vectors.
    Embedding(Embedding),
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
    /// Finds where sequences end.
    Masking(Masking),
}

/// What the three recurrent layers have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurrentSpec {
    /// Units of each direction.
    pub hidden_size: usize,
    /// Layers on top of each other.
    #[serde(default = "one")]
    pub num_layers: usize,
    /// Read in both directions.
    #[serde(default)]
    pub bidirectional: bool,
    /// How two directions are joined.
    #[serde(default)]
    pub merge: Merge,
    /// Give the output of every step, not only the last.
    #[serde(default)]
    pub return_sequences: bool,
    /// Read from the end.
    #[serde(default)]
    pub reverse: bool,
    /// Biases; the cell's usual ones, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bias: Option<Bias>,
    /// Dropout between layers.
    #[serde(default)]
    pub dropout: f64,
    /// Dropout of the hidden state, one mask for all steps.
    #[serde(default)]
    pub recurrent_dropout: f64,
    /// The function of a `simple_rnn`: `tanh`, `relu` or `identity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<RecurrentActivation>,
    /// Where the reset gate of a `gru` acts: `after` the product (Keras, PyTorch) or `before` it (the paper).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// First value of the forget bias of an `lstm`; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forget_bias: Option<f32>,
}

fn one() -> usize {
    1
}

/// The function of a simple recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecurrentActivation {
    /// Hyperbolic tangent.
    Tanh,
    /// max(0, x).
    Relu,
    /// f(x) = x.
    Identity,
}

/// Where the reset gate of a GRU acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// After the recurrent product.
    After,
    /// Before it.
    Before,
}

impl RecurrentSpec {
    /// One forward layer that gives its last output.
    pub fn new(hidden_size: usize) -> Self {
        Self {
            hidden_size,
            num_layers: 1,
            bidirectional: false,
            merge: Merge::Concat,
            return_sequences: false,
            reverse: false,
            bias: None,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            activation: None,
            reset: None,
            forget_bias: None,
        }
    }

    /// The layer's configuration for an input of this many features.
    pub(super) fn config(&self, kind: CellKind, input_size: usize) -> RecurrentConfig<AnyCell> {
        let kind = match kind {
            CellKind::SimpleRnn(_) => CellKind::SimpleRnn(match self.activation {
                None | Some(RecurrentActivation::Tanh) => cell::Activation::Tanh,
                Some(RecurrentActivation::Relu) => cell::Activation::Relu,
                Some(RecurrentActivation::Identity) => cell::Activation::Identity,
            }),
            CellKind::Gru(_) => CellKind::Gru(match self.reset {
                None | Some(Reset::After) => GruReset::After,
                Some(Reset::Before) => GruReset::Before,
            }),
            CellKind::Lstm => CellKind::Lstm,
        };
        let cell = AnyCell(kind);
        RecurrentConfig::with_cell(cell, input_size, self.hidden_size)
            .with_num_layers(self.num_layers)
            .with_bidirectional(self.bidirectional)
            .with_merge(self.merge)
            .with_reverse(self.reverse)
            .with_bias(self.bias.unwrap_or(cell.default_bias()))
            .with_dropout(self.dropout)
            .with_recurrent_dropout(self.recurrent_dropout)
            .with_forget_bias(self.forget_bias.unwrap_or(1.0))
    }
}

/// A recurrent layer of a [`Sequential`](super::Sequential): [`SimpleRnn`], [`Lstm`] or [`Gru`].
#[derive(Clone, Debug)]
pub struct Rnn<C> {
    spec: RecurrentSpec,
    cell: PhantomData<C>,
}

/// Elman's network.
pub type SimpleRnn = Rnn<SimpleRnnCell>;
/// Long short-term memory.
pub type Lstm = Rnn<LstmCell>;
/// Gated recurrent unit.
pub type Gru = Rnn<GruCell>;

impl<C> Rnn<C> {
    /// One forward layer that gives its last output.
    pub fn new(hidden_size: usize) -> Self {
        Self {
            spec: RecurrentSpec::new(hidden_size),
            cell: PhantomData,
        }
    }

    /// Give the output of every step: what a recurrent layer on top of this one needs.
    pub fn return_sequences(mut self, return_sequences: bool) -> Self {
        self.spec.return_sequences = return_sequences;
        self
    }

    /// Layers on top of each other.
    pub fn num_layers(mut self, num_layers: usize) -> Self {
        self.spec.num_layers = num_layers;
        self
    }

    /// Read from the end.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.spec.reverse = reverse;
        self
    }

    /// Which biases the cell has.
    pub fn bias(mut self, bias: Bias) -> Self {
        self.spec.bias = Some(bias);
        self
    }

    /// Dropout between layers, in training.
    pub fn dropout(mut self, dropout: f64) -> Self {
        self.spec.dropout = dropout;
        self
    }

    /// Dropout of the hidden state, one mask for all steps, in training.
    pub fn recurrent_dropout(mut self, recurrent_dropout: f64) -> Self {
        self.spec.recurrent_dropout = recurrent_dropout;
        self
    }
}

impl SimpleRnn {
    /// The cell's function.
    pub fn activation(mut self, activation: RecurrentActivation) -> Self {
        self.spec.activation = Some(activation);
        self
    }
}

impl Gru {
    /// Where the reset gate acts.
    pub fn reset(mut self, reset: Reset) -> Self {
        self.spec.reset = Some(reset);
        self
    }
}

impl<C: Cell + Default> From<Rnn<C>> for LayerSpec {
    fn from(layer: Rnn<C>) -> Self {
        match C::default().kind() {
            CellKind::SimpleRnn(_) => Self::SimpleRnn(layer.spec),
            CellKind::Lstm => Self::Lstm(layer.spec),
            CellKind::Gru(_) => Self::Gru(layer.spec),
        }
    }
}

/// A recurrent layer that reads both ways.
#[derive(Clone, Debug)]
pub struct Bidirectional<C> {
    layer: Rnn<C>,
}

impl<C> Bidirectional<C> {
    /// Both directions of `layer`, side by side.
    pub fn new(mut layer: Rnn<C>) -> Self {
        layer.spec.bidirectional = true;
        Self { layer }
    }

    /// How the directions are joined.
    pub fn merge(mut self, merge: Merge) -> Self {
        self.layer.spec.merge = merge;
        self
    }
}

impl<C: Cell + Default> From<Bidirectional<C>> for LayerSpec {
    fn from(layer: Bidirectional<C>) -> Self {
        layer.layer.into()
    }
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
