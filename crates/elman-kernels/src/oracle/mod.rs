//! The plain twin of the kernels: one row, one step, one equation at a time, generic over `f32` and `f64`.
//!
//! Slow and meant to be read; every test of the fast kernels compares with it, and it is itself held against finite differences.

mod step;

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::{CellKind, Dims, Forward, Gradients, Sequence, Weights};
use step::Step;

/// The arithmetic that the equations need.
pub trait Real:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;
    /// `eˣ`
    #[must_use]
    fn exp(self) -> Self;
    /// Hyperbolic tangent.
    #[must_use]
    fn tanh(self) -> Self;
}

macro_rules! real {
    ($t:ident) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn exp(self) -> Self {
                $t::exp(self)
            }
            fn tanh(self) -> Self {
                $t::tanh(self)
            }
        }
    };
}
real!(f32);
real!(f64);

/// The times of batch row `b` in processing order.
fn times<T>(sequence: &Sequence<T>, b: usize) -> Vec<usize> {
    let length = sequence
        .lengths
        .map_or(sequence.dims.time, |lengths| lengths[b]);
    if sequence.reverse {
        (0..length).rev().collect()
    } else {
        (0..length).collect()
    }
}

/// Row `b` of each state of a `[states, batch, hidden]` array.
fn rows<T: Real>(cell: CellKind, values: &[T], dims: Dims, b: usize) -> Vec<Vec<T>> {
    let row = |s: usize| values[(s * dims.batch + b) * dims.hidden..][..dims.hidden].to_vec();
    (0..cell.states()).map(row).collect()
}

/// All steps of batch row `b`, in processing order.
fn run_row<T: Real>(
    cell: CellKind,
    weights: &Weights<T>,
    sequence: &Sequence<T>,
    b: usize,
) -> Vec<Step<T>> {
    let dims = sequence.dims;
    let mut state = rows(cell, sequence.state, dims, b);
    let mask = sequence
        .recurrent_mask
        .map(|mask| &mask[b * dims.hidden..][..dims.hidden]);
    let mut steps = Vec::new();
    for t in times(sequence, b) {
        let x = &sequence.input[(b * dims.time + t) * dims.input..][..dims.input];
        let step = Step::forward(cell, weights, x, state, mask);
        state = step.after.clone();
        steps.push(step);
    }
    steps
}

/// The twin of [`crate::forward`]; `saved` stays empty.
///
/// # Panics
/// As [`crate::forward`].
#[must_use]
pub fn forward<T: Real>(
    cell: CellKind,
    weights: &Weights<T>,
    sequence: &Sequence<T>,
) -> Forward<T> {
    crate::check(cell, weights, sequence);
    let dims = sequence.dims;
    let mut output = vec![T::ZERO; dims.batch * dims.time * dims.hidden];
    let mut state = sequence.state.to_vec();
    for b in 0..dims.batch {
        let steps = run_row(cell, weights, sequence, b);
        for (step, t) in steps.iter().zip(times(sequence, b)) {
            output[(b * dims.time + t) * dims.hidden..][..dims.hidden]
                .copy_from_slice(&step.after[0]);
        }
        if let Some(last) = steps.last() {
            for (s, value) in last.after.iter().enumerate() {
                state[(s * dims.batch + b) * dims.hidden..][..dims.hidden].copy_from_slice(value);
            }
        }
    }
    Forward {
        output,
        state,
        saved: Vec::new(),
    }
}

/// The twin of [`crate::backward`]; it runs the forward pass again and always returns all gradients.
///
/// # Panics
/// As [`crate::backward`].
#[must_use]
pub fn backward<T: Real>(
    cell: CellKind,
    weights: &Weights<T>,
    sequence: &Sequence<T>,
    d_output: Option<&[T]>,
    d_state: Option<&[T]>,
) -> Gradients<T> {
    crate::check(cell, weights, sequence);
    let dims = sequence.dims;
    let (batch, hidden) = (dims.batch, dims.hidden);
    let columns = cell.gates() * hidden;
    let mut gradients = Gradients {
        input: Some(vec![T::ZERO; sequence.input.len()]),
        state: vec![T::ZERO; sequence.state.len()],
        steps: Some(vec![T::ZERO; batch * dims.time * cell.states() * hidden]),
        weight_ih: vec![T::ZERO; weights.ih.len()],
        weight_hh: vec![T::ZERO; weights.hh.len()],
        bias_ih: vec![T::ZERO; columns],
        bias_hh: vec![T::ZERO; columns],
    };
    let none = vec![T::ZERO; sequence.state.len()];
    for b in 0..batch {
        let mask = sequence
            .recurrent_mask
            .map(|mask| &mask[b * hidden..][..hidden]);
        let mut d = rows(cell, d_state.unwrap_or(&none), dims, b);
        let steps = run_row(cell, weights, sequence, b);
        for (step, t) in steps.iter().zip(times(sequence, b)).rev() {
            let point = b * dims.time + t;
            if let Some(d_output) = d_output {
                add(&mut d[0], &d_output[point * hidden..][..hidden]);
            }
            if let Some(steps) = &mut gradients.steps {
                let total = step.total(cell, &d).concat();
                steps[point * total.len()..][..total.len()].copy_from_slice(&total);
            }
            let (d_before, d_x) = step.backward(cell, weights, mask, &d, &mut gradients);
            d = d_before;
            if let Some(d_input) = &mut gradients.input {
                d_input[point * dims.input..][..dims.input].copy_from_slice(&d_x);
            }
        }
        for (s, value) in d.iter().enumerate() {
            gradients.state[(s * batch + b) * hidden..][..hidden].copy_from_slice(value);
        }
    }
    gradients
}

/// `to += from`
fn add<T: Real>(to: &mut [T], from: &[T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += *from;
    }
}
