//! The recurrent layers as descriptions.

use super::spec::LayerSpec;
use crate::cell::{
    self, AnyCell, Bias, Cell, CellKind, GruCell, GruReset, LstmCell, SimpleRnnCell,
};
use crate::layer::{Merge, RecurrentConfig};
use crate::ops::Precision;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

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
    /// Keep only the state at every so many steps in training and compute the rest again; every step, if absent. The
    /// fused CPU kernels do so, other backends keep every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    /// The numbers that the products of the fused CPU kernels multiply: `f32`, `bf16`, or `int8`, which trains as `f32` and
    /// answers with weights of eight bits.
    #[serde(default, with = "PrecisionName")]
    pub precision: Precision,
}

/// [`Precision`] by the names recipes use.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Precision", rename_all = "snake_case")]
pub(crate) enum PrecisionName {
    F32,
    Bf16,
    Int8,
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
            checkpoint_every: None,
            precision: Precision::F32,
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
            .with_checkpoint_every(self.checkpoint_every)
            .with_precision(self.precision)
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

    /// Keep only the state at every so many steps, in training: [`RecurrentConfig::with_checkpoint_every`].
    pub fn checkpoint_every(mut self, steps: impl Into<Option<usize>>) -> Self {
        self.spec.checkpoint_every = steps.into();
        self
    }

    /// The numbers that products multiply: [`RecurrentConfig::with_precision`].
    pub fn precision(mut self, precision: Precision) -> Self {
        self.spec.precision = precision;
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
