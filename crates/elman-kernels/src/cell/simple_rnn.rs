//! The simple recurrent network of Elman, *Finding Structure in Time* (1990).

use pulp::Simd;

use super::{Activation, Backward, Cell, Forward, Stage};
use crate::math::tanh;
use crate::simd::Vector;

/// `h' = φ(W_ih x + b_ih + W_hh h + b_hh)`
#[derive(Clone, Copy)]
pub(crate) struct SimpleRnn(pub Activation);

impl Cell for SimpleRnn {
    const GATES: usize = 1;
    const STATES: usize = 1;
    const SAVED: usize = 0;
    const SLOTS: usize = 1;
    const STAGES: &'static [Stage] = &[Stage {
        gates: 0..1,
        operand: None,
    }];
    const INPUT_SLOTS: &'static [usize] = &[0];
    const HIDDEN_SLOTS: &'static [usize] = &[0];
    const STATE_SLOTS: &'static [usize] = &[];

    #[inline(always)]
    fn forward<S: Simd>(self, _stage: usize, at: &mut Forward<S>) {
        let a = at.input[0] + at.hidden[0];
        let zero = Vector::zero(a.0);
        at.state[0] = match self.0 {
            Activation::Tanh => tanh(a),
            Activation::Relu => a.if_less(zero, zero, a),
            Activation::Identity => a,
        };
    }

    #[inline(always)]
    fn backward<S: Simd>(self, _stage: usize, at: &mut Backward<S>) {
        let (h, dh) = (at.output, at.d_state[0]);
        let zero = Vector::zero(h.0);
        at.slots[0] = match self.0 {
            Activation::Tanh => dh * h.neg_mul_add(h, Vector::splat(h.0, 1.0)),
            Activation::Relu => zero.if_less(h, dh, zero),
            Activation::Identity => dh,
        };
        at.d_state[0] = zero;
    }
}
