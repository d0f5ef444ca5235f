//! The recurrent operator, [`recurrent`]: one function over tensors, whatever the cell and the backend; and what else of a
//! training step is worth an operator of its own.
//!
//! Each function chooses the path before it dispatches. A backend with fused kernels runs them, forward and backward; any
//! other runs the reference in plain tensor operations (see [`RecurrentBackend`]), differentiated by Burn.

mod autodiff;
mod backend;
mod cell;
mod crf;
mod cross_entropy;
mod dense;
mod dropout;
mod embedding;
mod flex;
mod reference;
mod value;
mod watch;

pub use backend::RecurrentBackend;
pub use crf::{BestPaths, CrfBackend, CrfRule, CrfScores, crf, crf_decode, crf_marginals};
pub use cross_entropy::{CrossEntropyBackend, CrossEntropyRule, cross_entropy};
pub use dense::{DenseBackend, Stored, dense, tied};
pub use dropout::{DropoutBackend, dropout};
pub use elman_kernels::{Mode, Precision, Want};
pub use embedding::{EmbeddingBackend, embedding};
pub use reference::{Gradients, Inputs, Outputs};
pub(crate) use watch::scope;
pub use watch::{Passage, PassageGradients, PassageWeights, watch};

use burn::backend::{Dispatch, DispatchTensorKind};
use burn::prelude::*;
use elman_kernels::CellKind;
use std::sync::Arc;

/// Which recurrence to run, apart from its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    /// The cell's equations.
    pub cell: CellKind,
    /// Run from the last step to the first; each sequence begins at its own last valid step.
    pub reverse: bool,
    /// Valid steps of each sequence of the batch; all of them when absent.
    pub lengths: Option<Arc<[usize]>>,
    /// `[batch, hidden_size]`: what the hidden state is multiplied with before every recurrent product, the same at
    /// each step (variational dropout, Gal & Ghahramani 2016).
    pub mask: Option<Arc<[f32]>>,
    /// What it may cost in time, memory and accuracy. The fused kernels follow it; the reference path keeps every step and
    /// computes in the tensors' own type, whatever it says.
    pub mode: Mode,
}

impl Recurrence {
    /// A forward recurrence over sequences of full length.
    pub fn new(cell: CellKind) -> Self {
        Self {
            cell,
            reverse: false,
            lengths: None,
            mask: None,
            mode: Mode::default(),
        }
    }
}

/// The parameters of one cell. Gates stand side by side in the columns: `i f g o` (LSTM), `r z n` (GRU).
#[derive(Clone, Debug)]
pub struct RecurrentWeights {
    /// `[input_size, gates × hidden_size]`
    pub ih: Tensor<2>,
    /// `[hidden_size, gates × hidden_size]`
    pub hh: Tensor<2>,
    /// `[gates × hidden_size]`
    pub bias_ih: Option<Tensor<1>>,
    /// `[gates × hidden_size]`
    pub bias_hh: Option<Tensor<1>>,
}

/// Runs a recurrence over whole sequences and returns its output and its final state.
///
/// # Shapes
/// - `input`: `[batch, time, input_size]`
/// - `state`, and the final state: `[states, batch, hidden_size]`, hidden first, then (LSTM) cell
/// - output: `[batch, time, hidden_size]`, zero at padded steps
///
/// # Panics
/// If shapes, lengths or the mask do not fit together.
pub fn recurrent(
    recurrence: &Recurrence,
    input: Tensor<3>,
    state: Tensor<3>,
    weights: &RecurrentWeights,
) -> (Tensor<3>, Tensor<3>) {
    check(recurrence, &input, &state, weights);
    let width = weights.hh.dims()[1];
    let bias = |bias: &Option<Tensor<1>>| match bias {
        Some(bias) => bias.clone().into_dispatch(),
        None => Tensor::<1>::zeros([width], (&input.device(), input.dtype())).into_dispatch(),
    };
    let (bias_ih, bias_hh) = (bias(&weights.bias_ih), bias(&weights.bias_hh));
    let inputs = Inputs::<Dispatch> {
        state: state.into_dispatch(),
        weight_ih: weights.ih.clone().into_dispatch(),
        weight_hh: weights.hh.clone().into_dispatch(),
        input: input.into_dispatch(),
        bias_ih,
        bias_hh,
    };
    let outputs = match has_own_path(&inputs.input.kind) {
        true => backend::forward(recurrence, inputs, false),
        false => reference::forward::<Dispatch>(recurrence, inputs, false),
    };
    (
        Tensor::from_dispatch(outputs.output),
        Tensor::from_dispatch(outputs.state),
    )
}

/// Whether the traits of this module list the backend that holds a tensor.
fn has_own_path(kind: &DispatchTensorKind) -> bool {
    match kind {
        DispatchTensorKind::Flex(_) => true,
        DispatchTensorKind::Autodiff(inner) => has_own_path(inner),
        #[allow(unreachable_patterns)] // Reachable as soon as another backend is compiled in.
        _ => false,
    }
}

fn check(
    recurrence: &Recurrence,
    input: &Tensor<3>,
    state: &Tensor<3>,
    weights: &RecurrentWeights,
) {
    let [batch, time, input_size] = input.dims();
    let [hidden_size, width] = weights.hh.dims();
    let (gates, states) = (recurrence.cell.gates(), recurrence.cell.states());
    assert_eq!(
        width,
        gates * hidden_size,
        "weight_hh must be [hidden_size, {gates} × hidden_size]"
    );
    assert_eq!(
        weights.ih.dims(),
        [input_size, width],
        "the input has {input_size} features; weight_ih must be [input_size, gates × hidden_size]"
    );
    assert_eq!(
        state.dims(),
        [states, batch, hidden_size],
        "the state must be [states, batch, hidden_size]"
    );
    for bias in [&weights.bias_ih, &weights.bias_hh].into_iter().flatten() {
        assert_eq!(bias.dims(), [width], "a bias must be [gates × hidden_size]");
    }
    if let Some(lengths) = &recurrence.lengths {
        assert_eq!(
            lengths.len(),
            batch,
            "one length for each sequence of the batch"
        );
        assert!(
            lengths.iter().all(|n| *n <= time),
            "a length exceeds the {time} steps of the input"
        );
    }
    if let Some(mask) = &recurrence.mask {
        assert_eq!(
            mask.len(),
            batch * hidden_size,
            "the mask must be [batch, hidden_size]"
        );
    }
}
