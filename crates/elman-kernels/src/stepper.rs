//! Streaming: one step at a time with weights packed once.

use crate::numbers::Numbers;
use crate::sequence::{PackedWeights, forward_packed};
use crate::{CellKind, Dims, Sequence, Weights};

/// Runs a cell step by step over a stream, keeping its weights packed.
pub struct Stepper {
    cell: CellKind,
    input: usize,
    hidden: usize,
    weights: PackedWeights,
}

impl Stepper {
    /// Packs the weights of a cell.
    ///
    /// # Panics
    /// If a slice of the weights is not as long as its shape says.
    #[must_use]
    pub fn new(cell: CellKind, input: usize, hidden: usize, weights: &Weights) -> Self {
        Self::of(Numbers::F32, cell, input, hidden, weights)
    }

    /// As [`Stepper::new`] with weights of eight bits: a quarter of the memory, and several times as fast where a step of f32
    /// weights waits for memory. Weights are rounded to 127ths of the largest of their gate's unit, inputs and hidden states at
    /// each step to 127ths of the largest of their row; sums are exact, and everything else stays f32.
    ///
    /// # Panics
    /// As [`Stepper::new`].
    #[must_use]
    pub fn int8(cell: CellKind, input: usize, hidden: usize, weights: &Weights) -> Self {
        Self::of(Numbers::Int8, cell, input, hidden, weights)
    }

    fn of(
        numbers: Numbers,
        cell: CellKind,
        input: usize,
        hidden: usize,
        weights: &Weights,
    ) -> Self {
        crate::check_weights(cell, input, hidden, weights);
        Self {
            cell,
            input,
            hidden,
            weights: PackedWeights::new(cell, numbers, input, hidden, weights),
        }
    }

    /// One step of a batch: `input` `[batch, input]`, `state` `[states, batch, hidden]`, updated in place; its hidden state
    /// is the output. The batch size is that of `state`, and may change from call to call.
    ///
    /// # Panics
    /// If `state` holds no whole number of states, or `input` not one row for each.
    pub fn step(&mut self, input: &[f32], state: &mut [f32]) {
        let size = self.cell.states() * self.hidden;
        let batch = state.len().checked_div(size).unwrap_or(0);
        assert!(
            batch * size == state.len(),
            "`state` holds {} values, but one row's state is {size}",
            state.len()
        );
        crate::check_len("input", input.len(), batch * self.input);
        let dims = Dims {
            batch,
            time: 1,
            input: self.input,
            hidden: self.hidden,
        };
        let sequence = Sequence {
            dims,
            input,
            state,
            lengths: None,
            reverse: false,
            recurrent_mask: None,
        };
        let run = forward_packed(self.cell, &self.weights, &sequence, false);
        state.copy_from_slice(&run.state);
    }
}
