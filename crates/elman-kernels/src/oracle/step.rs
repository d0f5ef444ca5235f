//! One step of one row.

use super::{Real, add};
use crate::{Activation, CellKind, Gradients, GruReset, Weights};

/// Everything one step computes.
pub(super) struct Step<T> {
    x: Vec<T>,
    before: Vec<Vec<T>>,
    pub(super) after: Vec<Vec<T>>,
    /// Values of the gates, `[gates][hidden]`.
    gates: Vec<Vec<T>>,
    /// What each gate's recurrent weights multiply, `[gates][hidden]`.
    operands: Vec<Vec<T>>,
    /// `W_hh operand + b_hh`, per gate.
    hidden: Vec<Vec<T>>,
}

fn sigmoid<T: Real>(x: T) -> T {
    T::ONE / (T::ONE + (-x).exp())
}

fn product<T: Real>(a: &[T], b: &[T]) -> Vec<T> {
    a.iter().zip(b).map(|(&a, &b)| a * b).collect()
}

/// Gate `gate` of `W x + b`, for `W` `[x, gates × hidden]`.
fn affine<T: Real>(
    weight: &[T],
    bias: Option<&[T]>,
    x: &[T],
    hidden: usize,
    gates: usize,
    gate: usize,
) -> Vec<T> {
    let value = |unit: usize| {
        let column = gate * hidden + unit;
        let mut sum = bias.map_or(T::ZERO, |bias| bias[column]);
        for (k, &x) in x.iter().enumerate() {
            sum += x * weight[k * gates * hidden + column];
        }
        sum
    };
    (0..hidden).map(value).collect()
}

/// The transpose of [`affine`]: `to += W d`.
fn transposed<T: Real>(weight: &[T], d: &[T], to: &mut [T], gates: usize, gate: usize) {
    let hidden = d.len();
    for (k, to) in to.iter_mut().enumerate() {
        for (unit, &d) in d.iter().enumerate() {
            *to += weight[(k * gates + gate) * hidden + unit] * d;
        }
    }
}

/// `gradient += x ⊗ d`, in the columns of `gate`.
fn outer<T: Real>(x: &[T], d: &[T], gradient: &mut [T], gates: usize, gate: usize) {
    let hidden = d.len();
    for (k, &x) in x.iter().enumerate() {
        for (unit, &d) in d.iter().enumerate() {
            gradient[(k * gates + gate) * hidden + unit] += x * d;
        }
    }
}

impl<T: Real> Step<T> {
    pub(super) fn forward(
        cell: CellKind,
        weights: &Weights<T>,
        x: &[T],
        before: Vec<Vec<T>>,
        mask: Option<&[T]>,
    ) -> Self {
        let h = &before[0];
        let size = h.len();
        let gates = cell.gates();
        let operand = mask.map_or_else(|| h.clone(), |mask| product(h, mask));
        let mut operands = vec![operand; gates];
        let input = |gate| affine(weights.ih, weights.bias_ih, x, size, gates, gate);
        let hidden =
            |operand: &[T], gate| affine(weights.hh, weights.bias_hh, operand, size, gates, gate);
        let inputs: Vec<Vec<T>> = (0..gates).map(input).collect();
        let mut hiddens: Vec<Vec<T>> = (0..gates)
            .map(|gate| hidden(&operands[gate], gate))
            .collect();
        let sum = |hiddens: &[Vec<T>], gate: usize, u: usize| inputs[gate][u] + hiddens[gate][u];
        let (values, after) = match cell {
            CellKind::SimpleRnn(activation) => {
                let activate = |u| {
                    let a = sum(&hiddens, 0, u);
                    match activation {
                        Activation::Tanh => a.tanh(),
                        Activation::Relu => {
                            if a < T::ZERO {
                                T::ZERO
                            } else {
                                a
                            }
                        }
                        Activation::Identity => a,
                    }
                };
                let after: Vec<T> = (0..size).map(activate).collect();
                (vec![after.clone()], vec![after])
            }
            CellKind::Lstm => {
                let gate = |k: usize, f: fn(T) -> T| -> Vec<T> {
                    (0..size).map(|u| f(sum(&hiddens, k, u))).collect()
                };
                let (i, f, g, o) = (
                    gate(0, sigmoid),
                    gate(1, sigmoid),
                    gate(2, T::tanh),
                    gate(3, sigmoid),
                );
                let c: Vec<T> = (0..size)
                    .map(|u| f[u] * before[1][u] + i[u] * g[u])
                    .collect();
                let h = (0..size).map(|u| o[u] * c[u].tanh()).collect();
                (vec![i, f, g, o], vec![h, c])
            }
            CellKind::Gru(reset) => {
                let r: Vec<T> = (0..size).map(|u| sigmoid(sum(&hiddens, 0, u))).collect();
                let z: Vec<T> = (0..size).map(|u| sigmoid(sum(&hiddens, 1, u))).collect();
                let n: Vec<T> = match reset {
                    GruReset::After => (0..size)
                        .map(|u| (inputs[2][u] + r[u] * hiddens[2][u]).tanh())
                        .collect(),
                    GruReset::Before => {
                        operands[2] = product(&r, &operands[2]);
                        hiddens[2] = hidden(&operands[2], 2);
                        (0..size).map(|u| sum(&hiddens, 2, u).tanh()).collect()
                    }
                };
                let h = (0..size)
                    .map(|u| (T::ONE - z[u]) * n[u] + z[u] * h[u])
                    .collect();
                (vec![r, z, n], vec![h])
            }
        };
        Self {
            x: x.to_vec(),
            before,
            after,
            gates: values,
            operands,
            hidden: hiddens,
        }
    }

    /// From the derivative with respect to the state after the step to those before it and of the input; adds to the weights'.
    pub(super) fn backward(
        &self,
        cell: CellKind,
        weights: &Weights<T>,
        mask: Option<&[T]>,
        d_after: &[Vec<T>],
        gradients: &mut Gradients<T>,
    ) -> (Vec<Vec<T>>, Vec<T>) {
        let size = self.after[0].len();
        let gates = cell.gates();
        let Derivatives {
            d_input,
            d_hidden,
            mut d_before,
        } = self.derivatives(cell, weights, mask, d_after);
        let mut d_x = vec![T::ZERO; self.x.len()];
        let mut d_operand = vec![T::ZERO; size];
        for gate in 0..gates {
            outer(
                &self.x,
                &d_input[gate],
                &mut gradients.weight_ih,
                gates,
                gate,
            );
            outer(
                &self.operands[gate],
                &d_hidden[gate],
                &mut gradients.weight_hh,
                gates,
                gate,
            );
            add(&mut gradients.bias_ih[gate * size..], &d_input[gate]);
            add(&mut gradients.bias_hh[gate * size..], &d_hidden[gate]);
            transposed(weights.ih, &d_input[gate], &mut d_x, gates, gate);
            if (cell, gate) != (CellKind::Gru(GruReset::Before), 2) {
                transposed(weights.hh, &d_hidden[gate], &mut d_operand, gates, gate);
            }
        }
        add(&mut d_before[0], &masked(d_operand, mask));
        (d_before, d_x)
    }

    /// The derivative with respect to each state after the step, with what flows from one to another within it.
    pub(super) fn total(&self, cell: CellKind, d_after: &[Vec<T>]) -> Vec<Vec<T>> {
        let mut total = d_after.to_vec();
        if cell == CellKind::Lstm {
            // h = o tanh(c)
            for (u, dc) in total[1].iter_mut().enumerate() {
                let tanh = self.after[1][u].tanh();
                *dc += d_after[0][u] * self.gates[3][u] * (T::ONE - tanh * tanh);
            }
        }
        total
    }

    /// Through the equation alone; the products with the hidden state are the caller's.
    fn derivatives(
        &self,
        cell: CellKind,
        weights: &Weights<T>,
        mask: Option<&[T]>,
        d_after: &[Vec<T>],
    ) -> Derivatives<T> {
        let size = self.after[0].len();
        let one = T::ONE;
        let dh = &d_after[0];
        let each = |f: &dyn Fn(usize) -> T| -> Vec<T> { (0..size).map(f).collect() };
        match cell {
            CellKind::SimpleRnn(activation) => {
                let h = &self.after[0];
                let d = each(&|u| match activation {
                    Activation::Tanh => dh[u] * (one - h[u] * h[u]),
                    Activation::Relu => {
                        if h[u] > T::ZERO {
                            dh[u]
                        } else {
                            T::ZERO
                        }
                    }
                    Activation::Identity => dh[u],
                });
                Derivatives {
                    d_input: vec![d.clone()],
                    d_hidden: vec![d],
                    d_before: vec![vec![T::ZERO; size]],
                }
            }
            CellKind::Lstm => {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| &self.gates[gate]);
                let (c_before, c) = (&self.before[1], &self.after[1]);
                let dc = &self.total(cell, d_after)[1];
                let d = vec![
                    each(&|u| dc[u] * g[u] * i[u] * (one - i[u])),
                    each(&|u| dc[u] * c_before[u] * f[u] * (one - f[u])),
                    each(&|u| dc[u] * i[u] * (one - g[u] * g[u])),
                    each(&|u| dh[u] * c[u].tanh() * o[u] * (one - o[u])),
                ];
                let dc_before = each(&|u| dc[u] * f[u]);
                Derivatives {
                    d_input: d.clone(),
                    d_hidden: d,
                    d_before: vec![vec![T::ZERO; size], dc_before],
                }
            }
            CellKind::Gru(reset) => {
                let [r, z, n] = [0, 1, 2].map(|gate| &self.gates[gate]);
                let h = &self.before[0];
                let d_n = each(&|u| dh[u] * (one - z[u]) * (one - n[u] * n[u]));
                let d_z = each(&|u| dh[u] * (h[u] - n[u]) * z[u] * (one - z[u]));
                let mut d_before = each(&|u| dh[u] * z[u]);
                match reset {
                    GruReset::After => {
                        let q = &self.hidden[2];
                        let d_r = each(&|u| d_n[u] * q[u] * r[u] * (one - r[u]));
                        let d_q = each(&|u| d_n[u] * r[u]);
                        let d_input = vec![d_r.clone(), d_z.clone(), d_n];
                        Derivatives {
                            d_input,
                            d_hidden: vec![d_r, d_z, d_q],
                            d_before: vec![d_before],
                        }
                    }
                    GruReset::Before => {
                        let mut d_p = vec![T::ZERO; size];
                        transposed(weights.hh, &d_n, &mut d_p, 3, 2);
                        let d_r = each(&|u| d_p[u] * self.operands[0][u] * r[u] * (one - r[u]));
                        add(&mut d_before, &masked(product(&d_p, r), mask));
                        let d = vec![d_r, d_z, d_n];
                        Derivatives {
                            d_input: d.clone(),
                            d_hidden: d,
                            d_before: vec![d_before],
                        }
                    }
                }
            }
        }
    }
}

fn masked<T: Real>(values: Vec<T>, mask: Option<&[T]>) -> Vec<T> {
    match mask {
        Some(mask) => product(&values, mask),
        None => values,
    }
}

struct Derivatives<T> {
    /// With respect to `W_ih x + b_ih`, per gate.
    d_input: Vec<Vec<T>>,
    /// With respect to `W_hh operand + b_hh`, per gate.
    d_hidden: Vec<Vec<T>>,
    /// With respect to the state before, without what flows through the recurrent products of stage one.
    d_before: Vec<Vec<T>>,
}
