//! Whole-sequence recurrences on `f32` slices: simple recurrent networks, LSTM and GRU, forward and backward.
//!
//! The layer below everything else in Elman: no tensors, no graph, only slices whose shapes are stated. All matrices are
//! row-major; `B T I H` are batch, time, input and hidden size, and `G` the gates of the cell.
//!
//! ```
//! use elman_kernels::{CellKind, Dims, Mode, Sequence, Weights, forward};
//!
//! let dims = Dims { batch: 1, time: 3, input: 2, hidden: 4 };
//! let (ih, hh) = (vec![0.1; 2 * 4 * 4], vec![0.1; 4 * 4 * 4]);
//! let weights = Weights { ih: &ih, hh: &hh, bias_ih: None, bias_hh: None };
//! let (input, state) = (vec![1.0; 3 * 2], vec![0.0; 2 * 4]);
//! let sequence = Sequence { dims, input: &input, state: &state, lengths: None, reverse: false, recurrent_mask: None };
//! let run = forward(CellKind::Lstm, &weights, &sequence, Mode::default(), false);
//! assert_eq!(run.output.len(), 3 * 4);
//! assert_eq!(run.output[2 * 4..], run.state[..4]);
//! ```
//!
//! # Guarantees
//! - The same bits for any number of threads.
//! - Padded steps (those from `lengths[b]` on) cost no recurrent arithmetic, give zeros, and nothing that stands there, even
//!   NaN, influences anything.
//! - No `target-cpu` flag is needed: AVX-512, AVX2 and NEON are detected at run time.

mod cell;
mod crf;
mod cross_entropy;
mod dense;
mod dropout;
mod elementwise;
mod gemm;
mod math;
mod mode;
mod numbers;
pub mod oracle;
mod scratch;
mod segments;
mod sequence;
mod simd;
mod stepper;
#[cfg(test)]
mod tests;
mod threads;

pub use cell::{Activation, CellKind, GruReset};
pub use crf::{BestPaths, Crf, CrfGradients};
pub use cross_entropy::CrossEntropy;
pub use dense::Dense;
pub use dropout::dropout;
pub use elementwise::{Magnitude, magnitude, update};
pub use mode::{Mode, Precision};
pub use stepper::Stepper;
pub use threads::{set_threads, threads};

/// Sizes of a batch of sequences. Any of them may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dims {
    /// Sequences in the batch.
    pub batch: usize,
    /// Steps of the longest sequence.
    pub time: usize,
    /// Features of one step.
    pub input: usize,
    /// Units of the hidden state.
    pub hidden: usize,
}

/// The parameters of a cell. Columns are grouped by gate: `i f g o` for LSTM, `r z n` for GRU.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a, T = f32> {
    /// `[input, gates × hidden]`
    pub ih: &'a [T],
    /// `[hidden, gates × hidden]`
    pub hh: &'a [T],
    /// `[gates × hidden]`; zero when absent.
    pub bias_ih: Option<&'a [T]>,
    /// `[gates × hidden]`; zero when absent.
    pub bias_hh: Option<&'a [T]>,
}

/// A batch of sequences and the state they start from.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a, T = f32> {
    /// Sizes of everything below.
    pub dims: Dims,
    /// `[batch, time, input]`
    pub input: &'a [T],
    /// `[states, batch, hidden]`: the hidden state, then the cell state where there is one.
    pub state: &'a [T],
    /// Valid steps per sequence, each `≤ time`, zero allowed; all of them when absent.
    pub lengths: Option<&'a [usize]>,
    /// Runs from each sequence's last valid step to its first.
    pub reverse: bool,
    /// `[batch, hidden]`: factors on the previous hidden state where it enters the recurrent products, the same at every step
    /// (variational dropout, Gal & Ghahramani 2016; Keras' `recurrent_dropout`).
    pub recurrent_mask: Option<&'a [T]>,
}

/// What a forward pass leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Forward<T = f32> {
    /// `[batch, time, hidden]`: the hidden state after each step, zero at padded steps.
    pub output: Vec<T>,
    /// `[states, batch, hidden]`: the state after each sequence's last step.
    pub state: Vec<T>,
    /// [`saved_len`] values for the backward pass, in an order of their own; empty unless asked for.
    pub saved: Vec<T>,
}

/// What a backward pass leaves: derivatives of the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<T = f32> {
    /// `[batch, time, input]`, where it was asked for; zero at padded steps.
    pub input: Option<Vec<T>>,
    /// `[states, batch, hidden]`: with respect to the initial state.
    pub state: Vec<T>,
    /// `[batch, time, states × hidden]`, where it was asked for: with respect to the states after each step, with all that
    /// follows from them; zero at padded steps.
    pub steps: Option<Vec<T>>,
    /// `[input, gates × hidden]`
    pub weight_ih: Vec<T>,
    /// `[hidden, gates × hidden]`
    pub weight_hh: Vec<T>,
    /// `[gates × hidden]`
    pub bias_ih: Vec<T>,
    /// `[gates × hidden]`; differs from `bias_ih` only in the `n` gate of [`GruReset::After`].
    pub bias_hh: Vec<T>,
}

/// Which of the gradients that cost extra a backward pass computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// [`Gradients::input`]
    pub input: bool,
    /// [`Gradients::steps`]
    pub steps: bool,
    /// Those of weights and biases; the vectors are empty without.
    pub weights: bool,
}

/// Runs a cell over whole sequences. With `save`, keeps what [`backward`] needs.
///
/// # Panics
/// If a slice is not as long as its shape says, or a length exceeds `time`.
#[must_use]
pub fn forward(
    cell: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    mode: Mode,
    save: bool,
) -> Forward {
    check(cell, weights, sequence);
    segments::forward(cell, weights, sequence, mode, save)
}

/// How many values [`forward`] keeps for [`backward`]: `batch × time × saved × hidden`, or with `checkpoint_every` those of the
/// states between the segments.
///
/// # Panics
/// If they cannot be counted.
#[must_use]
pub fn saved_len(cell: CellKind, dims: Dims, mode: Mode) -> usize {
    product(&[cell.saved().max(1), dims.batch, dims.time, dims.hidden]);
    segments::saved_len(cell, dims, mode)
}

/// Back-propagates through time, from `d_output` `[batch, time, hidden]` and `d_state` `[states, batch, hidden]` (the final
/// state's); an absent one is zero. `output` and `saved` are those of [`forward`] with `save` on the same arguments, and the same
/// `mode`.
///
/// `saved` is used as scratch: its contents are destroyed.
///
/// # Panics
/// If a slice is not as long as its shape says, or a length exceeds `time`.
#[must_use]
#[allow(
    clippy::too_many_arguments,
    reason = "each argument is a tensor of the operation's derivative"
)]
pub fn backward(
    cell: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    mode: Mode,
    output: &[f32],
    saved: &mut [f32],
    d_output: Option<&[f32]>,
    d_state: Option<&[f32]>,
    want: Want,
) -> Gradients {
    check(cell, weights, sequence);
    let Dims {
        batch,
        time,
        hidden,
        ..
    } = sequence.dims;
    let points = batch * time * hidden;
    check_len("output", output.len(), points);
    check_len("saved", saved.len(), saved_len(cell, sequence.dims, mode));
    check_optional("d_output", d_output, points);
    check_optional("d_state", d_state, cell.states() * batch * hidden);
    let incoming = sequence::Incoming {
        d_output,
        d_state,
        want,
    };
    segments::backward(cell, weights, sequence, mode, output, saved, &incoming)
}

/// Panics unless every slice is as long as its shape says. All `unsafe` below relies on it.
fn check<T>(cell: CellKind, weights: &Weights<T>, sequence: &Sequence<T>) {
    let Dims {
        batch,
        time,
        input,
        hidden,
    } = sequence.dims;
    check_weights(cell, input, hidden, weights);
    check_len(
        "input",
        sequence.input.len(),
        product(&[batch, time, input]),
    );
    product(&[cell.saved().max(1), batch, time, hidden]); // what is allocated below fits as well
    check_len(
        "state",
        sequence.state.len(),
        product(&[cell.states(), batch, hidden]),
    );
    check_optional("recurrent_mask", sequence.recurrent_mask, batch * hidden);
    check_optional("lengths", sequence.lengths, batch);
    for (b, &length) in sequence.lengths.unwrap_or(&[]).iter().enumerate() {
        assert!(
            length <= time,
            "lengths[{b}] is {length}, but there are {time} time steps"
        );
    }
}

fn check_weights<T>(cell: CellKind, input: usize, hidden: usize, weights: &Weights<T>) {
    let columns = product(&[cell.gates(), hidden]);
    check_len("weight_ih", weights.ih.len(), product(&[input, columns]));
    check_len("weight_hh", weights.hh.len(), product(&[hidden, columns]));
    check_optional("bias_ih", weights.bias_ih, columns);
    check_optional("bias_hh", weights.bias_hh, columns);
}

/// The size of an array; panics where it cannot be counted.
fn product(sizes: &[usize]) -> usize {
    let size = sizes
        .iter()
        .try_fold(1usize, |size, next| size.checked_mul(*next));
    size.expect("a shape has more elements than can be counted")
}

fn check_optional<T>(name: &str, slice: Option<&[T]>, expected: usize) {
    if let Some(slice) = slice {
        check_len(name, slice.len(), expected);
    }
}

fn check_len(name: &str, found: usize, expected: usize) {
    assert!(
        found == expected,
        "`{name}` holds {found} values, but its shape needs {expected}"
    );
}
