//! The cells: which equations, which state, which parameters. The numbers are in [`crate::ops`].

use burn::prelude::*;
pub use elman_kernels::{Activation, CellKind, GruReset};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Which biases a cell has.
///
/// The lecture notes write one `b`; PyTorch keeps two, which only the GRU can tell apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// No bias at all.
    None,
    /// One bias, added to the input's product.
    #[default]
    One,
    /// One added to the input's product and one to the hidden state's.
    Two,
}

/// A recurrent cell, as a type that knows its state.
pub trait Cell: Clone + Copy + Debug + Send + Sync + 'static {
    /// The state that the cell hands from step to step, for all layers and directions.
    type State: State;

    /// The cell's equations.
    fn kind(self) -> CellKind;

    /// The biases the field's frameworks give this cell: one, but two for the GRU that resets after the product
    /// (Keras' `reset_after`, cuDNN).
    fn default_bias(self) -> Bias {
        match self.kind() {
            CellKind::Gru(GruReset::After) => Bias::Two,
            _ => Bias::One,
        }
    }
}

/// A state that can be packed into one tensor: each part is `[layers × directions, batch, hidden_size]`, and the
/// parts follow each other along the first dimension.
pub trait State: Clone + Debug + Send {
    /// Splits the packed state.
    fn unpack(packed: Tensor<3>) -> Self;
    /// Packs the state.
    fn pack(self) -> Tensor<3>;
}

/// The simple recurrent network of Elman (1990), *Finding structure in time*.
///
/// ```text
/// h' = f(W_ih x + b_ih + W_hh h + b_hh)        f: tanh, relu, or the identity
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SimpleRnnCell {
    /// The function `f`.
    pub activation: Activation,
}

impl Default for SimpleRnnCell {
    fn default() -> Self {
        Self {
            activation: Activation::Tanh,
        }
    }
}

/// Long short-term memory: Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins (2000).
///
/// ```text
/// i = σ(W_ii x + b_ii + W_hi h + b_hi)      f, o: same form
/// g = tanh(W_ig x + b_ig + W_hg h + b_hg)
/// c' = f ⊙ c + i ⊙ g          h' = o ⊙ tanh(c')
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LstmCell;

/// Gated recurrent unit: Cho et al. (2014).
///
/// ```text
/// r = σ(W_ir x + b_ir + W_hr h + b_hr)      z: same form
/// n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))       reset after the product (Keras, cuDNN, PyTorch)
/// n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn)       reset before it (the paper)
/// h' = (1 - z) ⊙ n + z ⊙ h
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GruCell {
    /// Where the reset gate acts.
    pub reset: GruReset,
}

impl Default for GruCell {
    fn default() -> Self {
        Self {
            reset: GruReset::After,
        }
    }
}

/// Any cell, chosen when the program runs. Its state stays packed.
#[derive(Clone, Copy, Debug)]
pub struct AnyCell(pub CellKind);

/// The state of a [`SimpleRnnCell`].
#[derive(Clone, Debug)]
pub struct SimpleRnnState {
    /// `[layers × directions, batch, hidden_size]`
    pub hidden: Tensor<3>,
}

/// The state of a [`GruCell`].
#[derive(Clone, Debug)]
pub struct GruState {
    /// `[layers × directions, batch, hidden_size]`
    pub hidden: Tensor<3>,
}

/// The state of an [`LstmCell`].
#[derive(Clone, Debug)]
pub struct LstmState {
    /// `[layers × directions, batch, hidden_size]`
    pub hidden: Tensor<3>,
    /// `[layers × directions, batch, hidden_size]`
    pub cell: Tensor<3>,
}

impl Cell for SimpleRnnCell {
    type State = SimpleRnnState;
    fn kind(self) -> CellKind {
        CellKind::SimpleRnn(self.activation)
    }
}

impl Cell for LstmCell {
    type State = LstmState;
    fn kind(self) -> CellKind {
        CellKind::Lstm
    }
}

impl Cell for GruCell {
    type State = GruState;
    fn kind(self) -> CellKind {
        CellKind::Gru(self.reset)
    }
}

impl Cell for AnyCell {
    type State = Tensor<3>;
    fn kind(self) -> CellKind {
        self.0
    }
}

impl State for SimpleRnnState {
    fn unpack(packed: Tensor<3>) -> Self {
        Self { hidden: packed }
    }
    fn pack(self) -> Tensor<3> {
        self.hidden
    }
}

impl State for GruState {
    fn unpack(packed: Tensor<3>) -> Self {
        Self { hidden: packed }
    }
    fn pack(self) -> Tensor<3> {
        self.hidden
    }
}

impl State for LstmState {
    fn unpack(packed: Tensor<3>) -> Self {
        let half = packed.dims()[0] / 2;
        Self {
            hidden: packed.clone().narrow(0, 0, half),
            cell: packed.narrow(0, half, half),
        }
    }
    fn pack(self) -> Tensor<3> {
        Tensor::cat(vec![self.hidden, self.cell], 0)
    }
}

impl State for Tensor<3> {
    fn unpack(packed: Tensor<3>) -> Self {
        packed
    }
    fn pack(self) -> Tensor<3> {
        self
    }
}
