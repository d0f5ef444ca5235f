//! The forward pass: input projection by chunks, then step by step the recurrent product and the cell's equation.
#![allow(
    unsafe_code,
    reason = "workers write their rows of shared outputs through raw pointers"
)]

mod points;

use pulp::{Simd, WithSimd};

use super::{Schedule, Shared};
use crate::cell::{Cell, with_cell};
use crate::gemm::{Packed, Product, Span, Start};
use crate::scratch::Scratch;
use crate::simd::Tier;
use crate::{CellKind, Forward, Sequence, Weights, threads};

/// Weights in the order in which the forward kernels read them.
pub(crate) struct PackedWeights {
    tier: Tier,
    input: Packed,
    bias_ih: Packed,
    /// Per stage.
    hidden: Vec<Packed>,
    bias_hh: Vec<Packed>,
}

impl PackedWeights {
    pub(crate) fn new(kind: CellKind, input: usize, hidden: usize, weights: &Weights) -> Self {
        with_cell!(kind, cell => Self::of(cell, input, hidden, weights))
    }

    fn of<C: Cell>(_: C, input: usize, hidden: usize, weights: &Weights) -> Self {
        let tier = Tier::current();
        let pack = |matrix: &[f32], depth, gates| {
            Packed::gates(matrix, depth, hidden, C::GATES, gates, tier.lanes())
        };
        let none = vec![0.0; C::GATES * hidden];
        let (bias_ih, bias_hh) = (
            weights.bias_ih.unwrap_or(&none),
            weights.bias_hh.unwrap_or(&none),
        );
        Self {
            tier,
            input: pack(weights.ih, input, 0..C::GATES),
            bias_ih: pack(bias_ih, 1, 0..C::GATES),
            hidden: C::STAGES
                .iter()
                .map(|stage| pack(weights.hh, hidden, stage.gates.clone()))
                .collect(),
            bias_hh: C::STAGES
                .iter()
                .map(|stage| pack(bias_hh, 1, stage.gates.clone()))
                .collect(),
        }
    }
}

/// The whole forward pass; slice lengths are the caller's promise, checked at the crate's entry.
pub(crate) fn forward(
    kind: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    save: bool,
) -> Forward {
    let packed = PackedWeights::new(kind, sequence.dims.input, sequence.dims.hidden, weights);
    forward_packed(kind, &packed, sequence, save)
}

/// As [`forward`] with weights packed before.
pub(crate) fn forward_packed(
    kind: CellKind,
    packed: &PackedWeights,
    sequence: &Sequence,
    save: bool,
) -> Forward {
    with_cell!(kind, cell => run(cell, packed, sequence, save))
}

fn run<C: Cell>(cell: C, packed: &PackedWeights, sequence: &Sequence, save: bool) -> Forward {
    let dims = sequence.dims;
    let (outputs, states) = (
        dims.batch * dims.time * dims.hidden,
        C::STATES * dims.batch * dims.hidden,
    );
    let saves = if save { C::SAVED * outputs } else { 0 };
    let mut result = Forward {
        output: Vec::with_capacity(outputs),
        state: Vec::with_capacity(states),
        saved: Vec::with_capacity(saves),
    };
    let job = Job {
        cell,
        packed,
        sequence,
        schedule: Schedule::new(sequence),
        output: Shared(result.output.as_mut_ptr()),
        state: Shared(result.state.as_mut_ptr()),
        saved: (saves > 0).then_some(Shared(result.saved.as_mut_ptr())),
    };
    let work = outputs * C::GATES * (dims.input + dims.hidden);
    let workers = threads::workers(work, dims.batch);
    let shares = job.schedule.shares(workers);
    threads::run(workers, |worker| {
        packed.tier.run(Worker {
            job: &job,
            rows: &shares[worker],
        })
    });
    // SAFETY: the shares are all rows of the batch, and a worker writes every step (padding as zeros) and state of its rows.
    unsafe {
        result.output.set_len(outputs);
        result.state.set_len(states);
        result.saved.set_len(saves);
    }
    result
}

struct Job<'a, C> {
    cell: C,
    packed: &'a PackedWeights,
    sequence: &'a Sequence<'a>,
    schedule: Schedule<'a>,
    output: Shared,
    state: Shared,
    saved: Option<Shared>,
}

struct Worker<'a, C> {
    job: &'a Job<'a, C>,
    rows: &'a [usize],
}

/// A worker's memory. `n` rows, hidden units padded to whole vectors (`width`).
struct Buffers {
    /// `[2][n][width]`: before and after a step, in turns.
    hidden: Scratch,
    /// `[states − 1][n][width]`
    others: Scratch,
    /// `[n][width]`
    mask: Option<Scratch>,
    /// Operand of each stage: `[2][n][width]` in turns for stage 0 where there is a mask, `[n][width]` for those after it.
    operands: Vec<Scratch>,
    /// `[n][slots × hidden]` of the current step, where nothing is saved but stages hand on values.
    slots: Scratch,
    /// `[chunk × n][gates × width]`: `W_ih x + b_ih`
    input: Scratch,
    /// `[n][gates of the stage × width]`: `W_hh h + b_hh`
    product: Scratch,
}

/// One step of a worker: the first `active` rows.
#[derive(Clone, Copy)]
struct Step<'a> {
    t: usize,
    turn: usize,
    active: usize,
    /// This step's rows of the input projection.
    input: &'a [f32],
}

impl<C: Cell> WithSimd for Worker<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let schedule = &self.job.schedule;
        let time = schedule.dims.time;
        let mut buffers = self.buffers::<S>();
        let chunk = schedule.chunk(self.rows.len());
        for first in (0..time).step_by(chunk) {
            let steps = first..(first + chunk).min(time);
            let mut input = std::mem::replace(&mut buffers.input, Scratch::new(0));
            self.project(simd, steps.clone(), &mut input);
            let mut row = 0;
            for step in steps {
                let t = schedule.time(step);
                let active = schedule.active(self.rows, t);
                let from = row * self.job.packed.input.width();
                if active == 0 {
                    continue;
                }
                let step = Step {
                    t,
                    turn: step % 2,
                    active,
                    input: &input[from..],
                };
                for stage in 0..C::STAGES.len() {
                    self.stage(simd, stage, step, &mut buffers);
                }
                row += active;
            }
            buffers.input = input;
        }
        self.finish::<S>(&buffers);
    }
}

impl<C: Cell> Worker<'_, C> {
    fn buffers<S: Simd>(&self) -> Buffers {
        let (n, lanes) = (self.rows.len(), S::F32_LANES);
        let Job {
            packed,
            schedule,
            sequence,
            saved,
            ..
        } = self.job;
        let dims = schedule.dims;
        let width = dims.hidden.next_multiple_of(lanes);
        let stages = C::STAGES.len();
        let masked = sequence.recurrent_mask.is_some();
        let mut buffers = Buffers {
            hidden: Scratch::zeroed(2 * n * width),
            others: Scratch::zeroed((C::STATES - 1) * n * width),
            mask: sequence
                .recurrent_mask
                .map(|mask| padded(mask, self.rows, dims.hidden, width)),
            operands: (0..stages)
                .map(|stage| {
                    Scratch::zeroed(
                        if stage > 0 {
                            n
                        } else {
                            2 * n * usize::from(masked)
                        } * width,
                    )
                })
                .collect(),
            slots: Scratch::zeroed(if saved.is_none() && stages > 1 {
                n * C::SLOTS * dims.hidden
            } else {
                0
            }),
            input: Scratch::new(schedule.chunk(n) * n * packed.input.width()),
            product: Scratch::new(
                packed
                    .hidden
                    .iter()
                    .map(|hidden| n * hidden.width())
                    .max()
                    .unwrap_or(0),
            ),
        };
        let (h0, others) = sequence.state.split_at(dims.batch * dims.hidden);
        let h0 = padded(h0, self.rows, dims.hidden, width);
        for turn in buffers.hidden.chunks_exact_mut((n * width).max(1)) {
            turn.copy_from_slice(&h0);
        }
        for s in 0..C::STATES - 1 {
            let state = padded(
                &others[s * dims.batch * dims.hidden..],
                self.rows,
                dims.hidden,
                width,
            );
            buffers.others[s * n * width..][..n * width].copy_from_slice(&state);
        }
        if let Some(mask) = &buffers.mask {
            for turn in buffers.operands[0].chunks_exact_mut((n * width).max(1)) {
                for (i, value) in turn.iter_mut().enumerate() {
                    *value = h0[i] * mask[i];
                }
            }
        }
        buffers
    }

    /// `W_ih x + b_ih` for the valid rows of these steps, one after the other.
    #[inline(always)]
    fn project<S: Simd>(&self, simd: S, steps: std::ops::Range<usize>, out: &mut Scratch) {
        let Job {
            packed,
            schedule,
            sequence,
            ..
        } = self.job;
        let dims = schedule.dims;
        let mut rows = Vec::with_capacity(steps.len() * self.rows.len());
        for step in steps {
            let t = schedule.time(step);
            for &b in &self.rows[..schedule.active(self.rows, t)] {
                rows.push(sequence.input[(b * dims.time + t) * dims.input..].as_ptr());
            }
        }
        if rows.is_empty() {
            return;
        }
        let width = packed.input.width();
        assert!(
            rows.len() * width <= out.len(),
            "the projection of a chunk must fit its buffer"
        );
        for index in 0..packed.input.panels() {
            let panel = packed.input.panel(index);
            let product = Product {
                rows: &rows,
                step: 1,
                spans: &[Span {
                    at: 0,
                    from: 0,
                    len: dims.input,
                }],
                panel: panel.data,
                vectors: panel.vectors,
                start: Start::Row(packed.bias_ih.panel(index).data),
                out: out[panel.column..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: each row is `dims.input` values of the input; the output holds all rows, asserted above, and a panel lies
            // within its width; `panel` is of depth `dims.input` and the bias of the same gates.
            unsafe { product.run(simd) };
        }
    }

    /// One stage of one step: recurrent product, then equation.
    #[inline(always)]
    fn stage<S: Simd>(&self, simd: S, stage: usize, step: Step, buffers: &mut Buffers) {
        let packed = &self.job.packed.hidden[stage];
        let hidden = self.job.schedule.dims.hidden;
        let width = hidden.next_multiple_of(S::F32_LANES);
        let n = self.rows.len();
        let operand = match (stage, &buffers.mask) {
            (0, None) => &buffers.hidden[step.turn * n * width..][..n * width],
            (0, Some(_)) => &buffers.operands[0][step.turn * n * width..][..n * width],
            _ => &buffers.operands[stage][..n * width],
        };
        let rows = operand.chunks_exact(width.max(1)).take(step.active);
        let rows: Vec<*const f32> = rows.map(<[f32]>::as_ptr).collect();
        let out = &mut buffers.product[..rows.len() * packed.width()];
        for index in 0..packed.panels() {
            let panel = packed.panel(index);
            let product = Product {
                rows: &rows,
                step: 1,
                spans: &[Span {
                    at: 0,
                    from: 0,
                    len: hidden,
                }],
                panel: panel.data,
                vectors: panel.vectors,
                start: Start::Row(self.job.packed.bias_hh[stage].panel(index).data),
                out: out[panel.column..].as_mut_ptr(),
                out_stride: packed.width(),
            };
            // SAFETY: each row is `width ≥ hidden` values; the output holds all rows, and a panel lies within its width; `panel` is
            // of depth `hidden` and the bias of the same gates.
            unsafe { product.run(simd) };
        }
        match stage {
            0 => points::run::<S, C, 0>(simd, self, step, buffers),
            _ => points::run::<S, C, 1>(simd, self, step, buffers),
        }
    }

    /// Final states, and zeros at padded steps.
    fn finish<S: Simd>(&self, buffers: &Buffers) {
        let Job {
            schedule,
            output,
            state,
            saved,
            ..
        } = self.job;
        let dims = schedule.dims;
        let (n, hidden) = (self.rows.len(), dims.hidden);
        let width = hidden.next_multiple_of(S::F32_LANES);
        for (r, &b) in self.rows.iter().enumerate() {
            let length = schedule.length(b);
            let turn = if schedule.reverse { dims.time } else { length } % 2;
            let h = &buffers.hidden[(turn * n + r) * width..][..hidden];
            // SAFETY: row `b` belongs to this worker alone; the state holds `STATES` times `batch` rows, the output and the saved
            // values `batch × time`.
            unsafe {
                state
                    .0
                    .add(b * hidden)
                    .copy_from_nonoverlapping(h.as_ptr(), hidden);
                for s in 1..C::STATES {
                    let other = &buffers.others[((s - 1) * n + r) * width..][..hidden];
                    state
                        .0
                        .add((s * dims.batch + b) * hidden)
                        .copy_from_nonoverlapping(other.as_ptr(), hidden);
                }
                let padding = (dims.time - length) * hidden;
                let from = (b * dims.time + length) * hidden;
                output.0.add(from).write_bytes(0, padding);
                if let Some(saved) = saved {
                    saved
                        .0
                        .add(C::SAVED * from)
                        .write_bytes(0, C::SAVED * padding);
                }
            }
        }
    }
}

/// The rows of a `[batch, hidden]` matrix that `rows` names, each padded with zeros to `width`.
pub(super) fn padded(matrix: &[f32], rows: &[usize], hidden: usize, width: usize) -> Scratch {
    let mut out = Scratch::zeroed(rows.len() * width);
    for (row, &b) in out.chunks_exact_mut(width.max(1)).zip(rows) {
        row[..hidden].copy_from_slice(&matrix[b * hidden..][..hidden]);
    }
    out
}
