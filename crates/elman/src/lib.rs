//! Recurrent neural networks, from data to deployment, on [Burn](https://docs.rs/burn).
//!
//! - [`layer`]: `SimpleRnn`, `Lstm` and `Gru` over whole sequences, any depth, one or both directions, ragged lengths;
//! - [`model`]: layers in a row, checked and summarised before they are built;
//! - [`train`]: one loop for every task, resumable to the same bits; [`weights`]: parameters as files;
//! - [`ops`]: the recurrent operator beneath them, fused on the CPU.

pub mod cell;
pub mod init;
pub mod layer;
pub mod model;
pub mod ops;
pub mod train;
pub mod weights;

use burn::prelude::Tensor;

/// The values of a tensor, row by row, as `f32`.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .try_into_vec_as()
        .expect("every float type converts to f32")
}
