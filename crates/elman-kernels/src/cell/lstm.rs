//! Long short-term memory: Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins (2000).

use pulp::Simd;

use super::{Backward, Cell, Forward, Stage};
use crate::math::{sigmoid, tanh};
use crate::simd::Vector;

/// ```text
/// i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·)      g = tanh(same form)
/// c' = f ⊙ c + i ⊙ g          h' = o ⊙ tanh(c')
/// ```
/// Slots: `i f g o c'`.
#[derive(Clone, Copy)]
pub(crate) struct Lstm;

impl Cell for Lstm {
    const GATES: usize = 4;
    const STATES: usize = 2;
    const SAVED: usize = 5;
    const SLOTS: usize = 5;
    const STAGES: &'static [Stage] = &[Stage {
        gates: 0..4,
        operand: None,
    }];
    const INPUT_SLOTS: &'static [usize] = &[0, 1, 2, 3];
    const HIDDEN_SLOTS: &'static [usize] = &[0, 1, 2, 3];
    const STATE_SLOTS: &'static [usize] = &[4];

    #[inline(always)]
    fn forward<S: Simd, const N: usize>(self, _stage: usize, at: &mut Forward<S, N>) {
        let i = sigmoid(at.input[0] + at.hidden[0]);
        let f = sigmoid(at.input[1] + at.hidden[1]);
        let g = tanh(at.input[2] + at.hidden[2]);
        let o = sigmoid(at.input[3] + at.hidden[3]);
        let c = f.mul_add(at.state[1], i * g);
        at.state = [o * tanh(c), c];
        at.slots = [i, f, g, o, c];
    }

    #[inline(always)]
    fn backward<S: Simd, const N: usize>(self, _stage: usize, at: &mut Backward<S, N>) {
        let [i, f, g, o, c] = at.slots;
        let [dh, dc] = at.d_state;
        let one = Vector::splat(c.0, 1.0);
        let t = tanh(c);
        // σ' = σ (1 − σ) and tanh' = 1 − tanh²
        let dc = (dh * o).mul_add(t.neg_mul_add(t, one), dc);
        let d_i = (dc * g) * i.neg_mul_add(i, i);
        let d_f = (dc * at.state[1]) * f.neg_mul_add(f, f);
        let d_g = (dc * i) * g.neg_mul_add(g, one);
        let d_o = (dh * t) * o.neg_mul_add(o, o);
        at.slots = [d_i, d_f, d_g, d_o, c];
        at.total[1] = dc;
        at.d_state = [Vector::zero(c.0), dc * f];
    }
}
