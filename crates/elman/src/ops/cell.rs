//! One step of each cell and its derivative, in plain tensor operations.

use super::Recurrence;
use super::reference::Inputs;
use super::value::Value;
use burn::backend::Backend;
use elman_kernels::{Activation, CellKind, GruReset};

/// The recurrent half of a cell: `W_hh`, `b_hh` and the dropout mask on the hidden state.
pub(super) struct Recurrent<B: Backend> {
    weight: Value<B>,
    bias: Value<B>,
    mask: Option<Value<B>>,
    hidden: usize,
}

/// The states after a step and what its backward needs, both in the order of the kernels.
pub(super) struct Step<B: Backend> {
    pub(super) states: Vec<Value<B>>,
    pub(super) saved: Vec<Value<B>>,
}

/// The gradients that leave one step.
pub(super) struct StepGradients<B: Backend> {
    /// Of the states before the step.
    pub(super) states: Vec<Value<B>>,
    /// Of `W_ih x + b_ih`.
    pub(super) gates: Value<B>,
    /// Of `W_hh h + b_hh`: differs from `gates` only for a GRU that resets after the product.
    pub(super) recurrent_gates: Value<B>,
    pub(super) weight_hh: Value<B>,
}

/// The derivative with respect to each state after a step, with what flows from one to another within it.
pub(super) fn total<B: Backend>(
    kind: CellKind,
    kept: Option<&Value<B>>,
    d_after: &[Value<B>],
    hidden: usize,
) -> Vec<Value<B>> {
    let mut total = d_after.to_vec();
    if let (CellKind::Lstm, Some(kept)) = (kind, kept) {
        // h = o tanh(c)
        let (o, tanh_c) = (kept.block(3, hidden), kept.block(4, hidden).tanh());
        total[1] = &total[1] + &(&(&d_after[0] * &o) * &(&tanh_c * &tanh_c).complement());
    }
    total
}

/// The states that step `t` left behind, read from the output and what was saved.
pub(super) fn states_after<B: Backend>(
    kind: CellKind,
    output: &Value<B>,
    saved: &Value<B>,
    t: usize,
    hidden: usize,
) -> Vec<Value<B>> {
    match kind {
        CellKind::Lstm => vec![output.entry(1, t), saved.entry(1, t).block(4, hidden)],
        _ => vec![output.entry(1, t)],
    }
}

impl<B: Backend> Recurrent<B> {
    pub(super) fn new(
        recurrence: &Recurrence,
        inputs: &Inputs<B>,
        [batch, hidden]: [usize; 2],
    ) -> Self {
        let weight = Value::<B>(inputs.weight_hh.clone());
        let [_, width] = weight.dims();
        let bias = Value::<B>(inputs.bias_hh.clone()).reshape([1, width]);
        let mask = recurrence
            .mask
            .as_ref()
            .map(|mask| weight.constant(mask, [batch, hidden]));
        Self {
            weight,
            bias,
            mask,
            hidden,
        }
    }

    /// The hidden state as the recurrent product sees it.
    fn masked(&self, hidden: &Value<B>) -> Value<B> {
        match &self.mask {
            Some(mask) => hidden * mask,
            None => hidden.clone(),
        }
    }

    /// `W_hh h + b_hh` for the gates `from..to`.
    fn product(&self, hidden: &Value<B>, from: usize, to: usize) -> Value<B> {
        let (from, to) = (from * self.hidden, to * self.hidden);
        &hidden.matmul(&self.weight.range(1, from, to)) + &self.bias.range(1, from, to)
    }

    /// The gradient of the operand of [`Self::product`].
    fn product_backward(&self, d_gates: &Value<B>, from: usize, to: usize) -> Value<B> {
        d_gates.matmul(
            &self
                .weight
                .range(1, from * self.hidden, to * self.hidden)
                .transpose(),
        )
    }

    /// One step from `gates = W_ih x + b_ih` and the states before it.
    pub(super) fn step(&self, kind: CellKind, gates: &Value<B>, states: &[Value<B>]) -> Step<B> {
        let h = &states[0];
        let operand = self.masked(h);
        let gate = |all: &Value<B>, index: usize| all.block(index, self.hidden);
        match kind {
            // h' = f(W_ih x + b_ih + W_hh h + b_hh)
            CellKind::SimpleRnn(activation) => {
                let pre = gates + &self.product(&operand, 0, 1);
                let h = match activation {
                    Activation::Tanh => pre.tanh(),
                    Activation::Relu => pre.relu(),
                    Activation::Identity => pre,
                };
                Step {
                    states: vec![h],
                    saved: vec![],
                }
            }
            // i, f, o = σ(…), g = tanh(…), c' = f c + i g, h' = o tanh(c')
            CellKind::Lstm => {
                let pre = gates + &self.product(&operand, 0, 4);
                let [i, f, o] = [0, 1, 3].map(|index| gate(&pre, index).sigmoid());
                let g = gate(&pre, 2).tanh();
                let c = &(&f * &states[1]) + &(&i * &g);
                let h = &o * &c.tanh();
                Step {
                    states: vec![h, c.clone()],
                    saved: vec![i, f, g, o, c],
                }
            }
            // r, z = σ(…), n = tanh(x_n + r (W_hn h + b_hn)), h' = (1 - z) n + z h
            CellKind::Gru(GruReset::After) => {
                let recurrent = self.product(&operand, 0, 3);
                let [r, z] =
                    [0, 1].map(|index| (&gate(gates, index) + &gate(&recurrent, index)).sigmoid());
                let q = gate(&recurrent, 2);
                let n = (&gate(gates, 2) + &(&r * &q)).tanh();
                let h = &(&z.complement() * &n) + &(&z * h);
                Step {
                    states: vec![h],
                    saved: vec![r, z, n, q],
                }
            }
            // n = tanh(x_n + W_hn (r h) + b_hn)
            CellKind::Gru(GruReset::Before) => {
                let recurrent = self.product(&operand, 0, 2);
                let [r, z] =
                    [0, 1].map(|index| (&gate(gates, index) + &gate(&recurrent, index)).sigmoid());
                let q = &r * &operand;
                let n = (&gate(gates, 2) + &self.product(&q, 2, 3)).tanh();
                let h = &(&z.complement() * &n) + &(&z * h);
                Step {
                    states: vec![h],
                    saved: vec![r, z, n, q],
                }
            }
        }
    }

    /// The derivative of [`Self::step`], given the gradients of the states after it.
    pub(super) fn backward(
        &self,
        kind: CellKind,
        states: &[Value<B>],
        output: &Value<B>,
        saved: Option<&Value<B>>,
        d_after: &[Value<B>],
    ) -> StepGradients<B> {
        let operand = self.masked(&states[0]);
        let dh = &d_after[0];
        let kept = |index: usize| {
            saved
                .expect("cells with gates save them")
                .block(index, self.hidden)
        };
        let all_at_once = |d_pre: Value<B>, gates: usize, rest: Vec<Value<B>>| {
            let mut states = vec![self.masked(&self.product_backward(&d_pre, 0, gates))];
            states.extend(rest);
            let weight_hh = operand.transpose().matmul(&d_pre);
            StepGradients {
                states,
                recurrent_gates: d_pre.clone(),
                gates: d_pre,
                weight_hh,
            }
        };
        match kind {
            CellKind::SimpleRnn(activation) => {
                let d_pre = match activation {
                    Activation::Tanh => dh * &(output * output).complement(),
                    Activation::Relu => output.relu_backward(dh),
                    Activation::Identity => dh.clone(),
                };
                all_at_once(d_pre, 1, vec![])
            }
            CellKind::Lstm => {
                let [i, f, g, o, c] = [0, 1, 2, 3, 4].map(kept);
                let tanh_c = c.tanh();
                let dc = total(kind, saved, d_after, self.hidden).swap_remove(1);
                let d_pre = Value::cat(
                    vec![
                        &(&dc * &g) * &sigmoid_slope(&i),
                        &(&dc * &states[1]) * &sigmoid_slope(&f),
                        &(&dc * &i) * &(&g * &g).complement(),
                        &(dh * &tanh_c) * &sigmoid_slope(&o),
                    ],
                    1,
                );
                all_at_once(d_pre, 4, vec![&dc * &f])
            }
            CellKind::Gru(reset) => {
                let [r, z, n, q] = [0, 1, 2, 3].map(kept);
                let dz = &(dh * &(&states[0] - &n)) * &sigmoid_slope(&z);
                let dn = &(dh * &z.complement()) * &(&n * &n).complement();
                let carried = dh * &z;
                self.gru_backward(reset, &operand, [r, q], [dz, dn], carried)
            }
        }
    }

    fn gru_backward(
        &self,
        reset: GruReset,
        operand: &Value<B>,
        [r, q]: [Value<B>; 2],
        [dz, dn]: [Value<B>; 2],
        carried: Value<B>,
    ) -> StepGradients<B> {
        match reset {
            GruReset::After => {
                let dr = &(&dn * &q) * &sigmoid_slope(&r);
                let recurrent_gates = Value::cat(vec![dr.clone(), dz.clone(), &dn * &r], 1);
                let d_operand = self.product_backward(&recurrent_gates, 0, 3);
                StepGradients {
                    states: vec![&carried + &self.masked(&d_operand)],
                    weight_hh: operand.transpose().matmul(&recurrent_gates),
                    gates: Value::cat(vec![dr, dz, dn], 1),
                    recurrent_gates,
                }
            }
            GruReset::Before => {
                let dq = self.product_backward(&dn, 2, 3);
                let dr = &(&dq * operand) * &sigmoid_slope(&r);
                let d_rz = Value::cat(vec![dr, dz], 1);
                let d_operand = &self.product_backward(&d_rz, 0, 2) + &(&dq * &r);
                let weight_rz = operand.transpose().matmul(&d_rz);
                let weight_n = q.transpose().matmul(&dn);
                let gates = Value::cat(vec![d_rz, dn], 1);
                StepGradients {
                    states: vec![&carried + &self.masked(&d_operand)],
                    weight_hh: Value::cat(vec![weight_rz, weight_n], 1),
                    recurrent_gates: gates.clone(),
                    gates,
                }
            }
        }
    }
}

/// σ′ from σ: `s (1 - s)`.
fn sigmoid_slope<B: Backend>(s: &Value<B>) -> Value<B> {
    s * &s.complement()
}
