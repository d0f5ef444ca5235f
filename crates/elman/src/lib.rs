//! Recurrent neural networks, from data to deployment, on [Burn](https://docs.rs/burn).
//!
//! - [`layer`]: `SimpleRnn`, `Lstm` and `Gru` over whole sequences, any depth, one or both directions, ragged lengths;
//! - [`model`]: layers in a row, checked and summarised before they are built;
//! - [`beam`]: what a model that writes token by token would write;
//! - [`mixture`]: a network's output as a distribution over vectors;
//! - [`train`]: one loop for every task, which resumes to the same bits;
//! - [`task`]: what a model is for, beginning with [`task::forecast`];
//! - [`recipe`] and [`run`]: a task as a TOML file, and the folder that its training makes;
//! - [`baseline`], [`metric`], [`report`]: what it is compared with, how, and how that is shown;
//! - [`sweep`] and [`compare`]: many recipes from one, and runs side by side;
//! - [`inspect`]: why a trained network works, or does not;
//! - [`weights`]: parameters as safetensors;
//! - [`ops`]: the recurrent operator beneath it all, fused on the CPU.

pub mod baseline;
pub mod beam;
pub mod cell;
pub mod compare;
pub mod ctc;
pub mod init;
pub mod inspect;
pub mod layer;
pub mod metric;
pub mod mixture;
pub mod model;
pub mod ops;
pub mod recipe;
pub mod report;
pub mod run;
pub mod sweep;
pub mod task;
pub mod train;
pub mod vision;
pub mod weights;

pub use elman_kernels::{set_threads, threads};

use burn::prelude::Tensor;

/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The place of the largest value, the first of equals; 0 where there are none.
pub(crate) fn likeliest(values: &[f32]) -> usize {
    let places = values.iter().enumerate().rev();
    places
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(place, _)| place)
}

/// The values of a tensor, row by row, as `f32`.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .try_into_vec_as()
        .expect("every float type converts to f32")
}
