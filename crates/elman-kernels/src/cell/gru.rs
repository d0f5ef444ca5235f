//! Gated recurrent units: Cho et al., *Learning Phrase Representations using RNN Encoder–Decoder* (2014), with the reset gate
//! before the recurrent product as there, or after it as in cuDNN, Keras and PyTorch.

use pulp::Simd;

use super::{Backward, Cell, Forward, Stage};
use crate::math::{sigmoid, tanh};
use crate::simd::Vector;

/// ```text
/// r, z = σ(W_i· x + b_i· + W_h· h + b_h·)
/// n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))          h' = (1 − z) ⊙ n + z ⊙ h
/// ```
/// Slots: `r z n q` with `q = W_hn h + b_hn`.
#[derive(Clone, Copy)]
pub(crate) struct GruAfter;

impl Cell for GruAfter {
    const GATES: usize = 3;
    const STATES: usize = 1;
    const SAVED: usize = 4;
    const SLOTS: usize = 4;
    const STAGES: &'static [Stage] = &[Stage {
        gates: 0..3,
        operand: None,
    }];
    const INPUT_SLOTS: &'static [usize] = &[0, 1, 2];
    const HIDDEN_SLOTS: &'static [usize] = &[0, 1, 3];
    const STATE_SLOTS: &'static [usize] = &[];

    #[inline(always)]
    fn forward<S: Simd>(self, _stage: usize, at: &mut Forward<S>) {
        let r = sigmoid(at.input[0] + at.hidden[0]);
        let z = sigmoid(at.input[1] + at.hidden[1]);
        let q = at.hidden[2];
        let n = tanh(r.mul_add(q, at.input[2]));
        at.state[0] = z.mul_add(at.state[0] - n, n);
        at.slots = [r, z, n, q, q];
    }

    #[inline(always)]
    fn backward<S: Simd>(self, _stage: usize, at: &mut Backward<S>) {
        let [r, z, n, q, _] = at.slots;
        let dh = at.d_state[0];
        let one = Vector::splat(n.0, 1.0);
        let d_n = (dh * (one - z)) * n.neg_mul_add(n, one);
        let d_z = (dh * (at.state[0] - n)) * z.neg_mul_add(z, z);
        let d_r = (d_n * q) * r.neg_mul_add(r, r);
        at.slots = [d_r, d_z, d_n, d_n * r, q];
        at.d_state[0] = dh * z;
    }
}

/// ```text
/// r, z = σ(W_i· x + b_i· + W_h· h + b_h·)
/// n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn)          h' = (1 − z) ⊙ n + z ⊙ h
/// ```
/// Slots: `r z n p` with `p = r ⊙ h`, the operand of the second product.
#[derive(Clone, Copy)]
pub(crate) struct GruBefore;

impl Cell for GruBefore {
    const GATES: usize = 3;
    const STATES: usize = 1;
    const SAVED: usize = 4;
    const SLOTS: usize = 4;
    const STAGES: &'static [Stage] = &[
        Stage {
            gates: 0..2,
            operand: None,
        },
        Stage {
            gates: 2..3,
            operand: Some(3),
        },
    ];
    const INPUT_SLOTS: &'static [usize] = &[0, 1, 2];
    const HIDDEN_SLOTS: &'static [usize] = &[0, 1, 2];
    const STATE_SLOTS: &'static [usize] = &[];

    #[inline(always)]
    fn forward<S: Simd>(self, stage: usize, at: &mut Forward<S>) {
        if stage == 0 {
            let r = sigmoid(at.input[0] + at.hidden[0]);
            let z = sigmoid(at.input[1] + at.hidden[1]);
            at.operand = r * at.operand;
            at.slots = [r, z, z, at.operand, z];
        } else {
            let z = at.slots[1];
            let n = tanh(at.input[2] + at.hidden[2]);
            at.state[0] = z.mul_add(at.state[0] - n, n);
            at.slots[2] = n;
        }
    }

    #[inline(always)]
    fn backward<S: Simd>(self, stage: usize, at: &mut Backward<S>) {
        let [r, z, n, ..] = at.slots;
        let one = Vector::splat(n.0, 1.0);
        if stage == 1 {
            let dh = at.d_state[0];
            at.slots[2] = (dh * (one - z)) * n.neg_mul_add(n, one);
            at.slots[1] = (dh * (at.state[0] - n)) * z.neg_mul_add(z, z);
            at.d_state[0] = dh * z;
        } else {
            let dp = at.d_operand;
            at.slots[0] = (dp * at.operand) * r.neg_mul_add(r, r);
            at.d_operand = dp * r;
        }
    }
}
