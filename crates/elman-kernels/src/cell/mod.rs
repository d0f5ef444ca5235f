//! The cells: one file of equations each, written point by point; `sequence` drives them all.

mod gru;
mod lstm;
mod simple_rnn;

use pulp::Simd;
use std::ops::Range;

pub(crate) use gru::{GruAfter, GruBefore};
pub(crate) use lstm::Lstm;
pub(crate) use simple_rnn::SimpleRnn;

use crate::simd::Vector;

pub(crate) const MAX_GATES: usize = 4;
pub(crate) const MAX_STATES: usize = 2;
pub(crate) const MAX_SLOTS: usize = 5;
pub(crate) const MAX_STAGES: usize = 2;

/// The nonlinearity of a simple recurrent network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Hyperbolic tangent.
    Tanh,
    /// `max(0, x)`, with derivative 0 at 0.
    Relu,
    /// The value itself: a linear recurrence.
    Identity,
}

/// Where a gated recurrent unit applies its reset gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GruReset {
    /// After the recurrent product, as Keras, cuDNN and PyTorch: `n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))`.
    After,
    /// Before it, as Cho et al. (2014): `n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn)`.
    Before,
}

/// A recurrent cell and its variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// `h' = activation(W_ih x + b_ih + W_hh h + b_hh)` (Elman 1990).
    SimpleRnn(Activation),
    /// Long short-term memory, gates `i f g o` (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000).
    Lstm,
    /// Gated recurrent unit, gates `r z n`, `h' = (1 − z) ⊙ n + z ⊙ h` (Cho et al. 2014).
    Gru(GruReset),
}

/// Calls `$body` with `$cell` bound to the cell's own type.
macro_rules! with_cell {
    ($kind:expr, $cell:ident => $body:expr) => {
        match $kind {
            $crate::CellKind::SimpleRnn(activation) => {
                let $cell = $crate::cell::SimpleRnn(activation);
                $body
            }
            $crate::CellKind::Lstm => {
                let $cell = $crate::cell::Lstm;
                $body
            }
            $crate::CellKind::Gru($crate::GruReset::After) => {
                let $cell = $crate::cell::GruAfter;
                $body
            }
            $crate::CellKind::Gru($crate::GruReset::Before) => {
                let $cell = $crate::cell::GruBefore;
                $body
            }
        }
    };
}
pub(crate) use with_cell;

/// Reads constant `$name` of the cell's own type, where traits cannot be called: in a constant function.
macro_rules! constant {
    ($kind:expr, $name:ident) => {
        match $kind {
            CellKind::SimpleRnn(_) => SimpleRnn::$name,
            CellKind::Lstm => Lstm::$name,
            CellKind::Gru(GruReset::After) => GruAfter::$name,
            CellKind::Gru(GruReset::Before) => GruBefore::$name,
        }
    };
}

impl CellKind {
    /// Gates: the factor by which the weights are wider than the hidden state.
    #[must_use]
    pub const fn gates(self) -> usize {
        constant!(self, GATES)
    }

    /// State vectors carried from step to step: the hidden state, then the cell state where there is one.
    #[must_use]
    pub const fn states(self) -> usize {
        constant!(self, STATES)
    }

    /// Values kept for the backward pass, per hidden unit and step.
    #[must_use]
    pub const fn saved(self) -> usize {
        constant!(self, SAVED)
    }
}

/// Gates whose recurrent product is one product, because their operand is known at the same time.
pub(crate) struct Stage {
    pub gates: Range<usize>,
    /// The slot that holds the operand of the product; `None` for the (masked) hidden state. Stage 0 has `None`.
    pub operand: Option<usize>,
}

/// A recurrent cell, as the driver sees it.
///
/// Each point keeps `SLOTS` values, the *slots*, from the forward to the backward pass, which replaces some of them by the
/// derivatives of the loss with respect to the pre-activations. A slot is one column block of the matrix of all steps.
pub(crate) trait Cell: Copy + Send + Sync + 'static {
    const GATES: usize;
    const STATES: usize;
    /// Slots that the forward pass fills: all of them or none.
    const SAVED: usize;
    const SLOTS: usize;
    const STAGES: &'static [Stage];
    /// For each gate the slot where backward leaves the derivative with respect to `W_ih x + b_ih`.
    const INPUT_SLOTS: &'static [usize];
    /// For each gate the slot where backward leaves the derivative with respect to `W_hh h + b_hh`.
    const HIDDEN_SLOTS: &'static [usize];
    /// For each state after the hidden state the slot that keeps it.
    const STATE_SLOTS: &'static [usize];

    /// One stage of the equation at one point (`N` vectors wide).
    fn forward<S: Simd, const N: usize>(self, stage: usize, at: &mut Forward<S, N>);

    /// The derivative of one stage; stages come in reverse.
    fn backward<S: Simd, const N: usize>(self, stage: usize, at: &mut Backward<S, N>);
}

/// What a cell reads and writes at one point of the forward pass.
pub(crate) struct Forward<S: Simd, const N: usize> {
    /// `W_ih x + b_ih`, per gate (those of the stage).
    pub input: [Vector<S, N>; MAX_GATES],
    /// `W_hh h + b_hh`, per gate (those of the stage).
    pub hidden: [Vector<S, N>; MAX_GATES],
    /// In: the state before the step. Out, by the last stage: after it.
    pub state: [Vector<S, N>; MAX_STATES],
    /// In: this stage's operand, for stage 0 the hidden state with the recurrent mask. Out: the next stage's.
    pub operand: Vector<S, N>,
    /// Written by the stages, readable by those after.
    pub slots: [Vector<S, N>; MAX_SLOTS],
}

/// What a cell reads and writes at one point of the backward pass.
pub(crate) struct Backward<S: Simd, const N: usize> {
    /// The hidden state after the step.
    pub output: Vector<S, N>,
    /// The state before the step.
    pub state: [Vector<S, N>; MAX_STATES],
    /// The hidden state before the step with the recurrent mask.
    pub operand: Vector<S, N>,
    /// In: the derivative of the loss with respect to the state after the step.
    /// Out: with respect to the state before it, without what flows through operands.
    pub d_state: [Vector<S, N>; MAX_STATES],
    /// In, except at the last stage: the derivative with respect to the next stage's operand.
    /// Out: with respect to this stage's operand, without what flows through the product.
    pub d_operand: Vector<S, N>,
    /// In: `d_state` as it came. Out, at the last stage: the same with what flows from one state to another within the step.
    pub total: [Vector<S, N>; MAX_STATES],
    pub slots: [Vector<S, N>; MAX_SLOTS],
}
