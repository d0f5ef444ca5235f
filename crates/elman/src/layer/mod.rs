//! Recurrent layers: depth, direction, lengths and dropout, written once for every cell.

mod config;
mod recurrent;
mod stored;
mod stream;

pub use config::{Merge, RecurrentConfig, RecurrentShape};
pub use recurrent::{Direction, Recurrent};
pub use stream::Stream;

use crate::init::drawn_seed;
use crate::ops;
use burn::nn::Dropout;
use burn::prelude::*;

use crate::cell::{AnyCell, GruCell, LstmCell, SimpleRnnCell};

/// Elman's network: see [`SimpleRnnCell`].
#[doc(alias = "Elman")]
#[doc(alias = "vanilla RNN")]
pub type SimpleRnn = Recurrent<SimpleRnnCell>;
/// Long short-term memory: see [`LstmCell`].
pub type Lstm = Recurrent<LstmCell>;
/// Gated recurrent unit: see [`GruCell`].
pub type Gru = Recurrent<GruCell>;
/// A recurrent layer whose cell is chosen at run time.
pub type AnyRecurrent = Recurrent<AnyCell>;

/// Configuration of a [`SimpleRnn`].
pub type SimpleRnnConfig = RecurrentConfig<SimpleRnnCell>;
/// Configuration of an [`Lstm`].
pub type LstmConfig = RecurrentConfig<LstmCell>;
/// Configuration of a [`Gru`].
pub type GruConfig = RecurrentConfig<GruCell>;

/// Drops values in training, when Burn's own layer would.
pub(crate) fn dropped<const D: usize>(layer: &Dropout, input: Tensor<D>) -> Tensor<D> {
    let device = input.device();
    if !layer.training.is_enabled() || !device.is_autodiff() || layer.prob == 0.0 {
        return input;
    }
    ops::dropout(input, layer.prob, drawn_seed(&device))
}
