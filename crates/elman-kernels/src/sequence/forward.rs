//! The forward pass: input projection by chunks, then step by step the recurrent product and the cell's equation.
#![allow(
    unsafe_code,
    reason = "workers write their rows of shared outputs through raw pointers"
)]

use pulp::{Simd, WithSimd};

use super::{Schedule, Shared};
use crate::cell::{self, Cell, MAX_GATES, MAX_SLOTS, MAX_STATES, with_cell};
use crate::gemm::{MAX_VECTORS, Packed, Panel, Product, Span, Start};
use crate::scratch::Scratch;
use crate::simd::{Tier, Vector};
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
    /// `[n][panel]`: `W_hh h + b_hh`
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
            product: Scratch::new(n * MAX_VECTORS.max(C::GATES) * lanes),
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
                out: out[panel.block * C::GATES * S::F32_LANES..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: each row is `dims.input` values of the input; the output holds all rows, asserted above, and a panel lies
            // within its width; `panel` is of depth `dims.input` and the bias of the same gates.
            unsafe { product.run(simd) };
        }
    }

    /// One stage of one step: recurrent product and equation, panel by panel.
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
        let rows: Vec<*const f32> = operand
            .chunks_exact(width.max(1))
            .take(step.active)
            .map(<[f32]>::as_ptr)
            .collect();
        for index in 0..packed.panels() {
            let panel = packed.panel(index);
            assert!(
                rows.len() * panel.vectors * S::F32_LANES <= buffers.product.len(),
                "a panel's product must fit its buffer"
            );
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
                out: buffers.product.as_mut_ptr(),
                out_stride: panel.vectors * S::F32_LANES,
            };
            // SAFETY: each row is `width ≥ hidden` values; the output holds all rows, asserted above; `panel` is of depth
            // `hidden` and the bias of the same gates.
            unsafe { product.run(simd) };
            match stage {
                0 => self.points::<S, 0>(simd, panel, step, buffers),
                _ => self.points::<S, 1>(simd, panel, step, buffers),
            }
        }
    }

    /// The cell's equation at every point of a panel.
    #[inline(always)]
    fn points<S: Simd, const STAGE: usize>(
        &self,
        simd: S,
        panel: Panel,
        step: Step,
        buffers: &mut Buffers,
    ) {
        let Job {
            cell,
            schedule,
            output,
            saved,
            ..
        } = self.job;
        let (n, lanes, hidden) = (self.rows.len(), S::F32_LANES, schedule.dims.hidden);
        let width = hidden.next_multiple_of(lanes);
        let Some(stage) = C::STAGES.get(STAGE) else {
            return;
        };
        let gates = stage.gates.clone();
        let last = STAGE + 1 == C::STAGES.len();
        let masked = buffers.mask.is_some();
        let before = buffers.hidden[step.turn * n * width..].as_ptr();
        let after = buffers.hidden[(1 - step.turn) * n * width..].as_mut_ptr();
        let operand = match STAGE {
            0 if masked => buffers.operands[0][step.turn * n * width..].as_ptr(),
            0 => before,
            _ => buffers.operands[STAGE].as_ptr(),
        };
        let next_operand = match last {
            true if masked => Some(buffers.operands[0][(1 - step.turn) * n * width..].as_mut_ptr()),
            true => None,
            false => Some(buffers.operands[STAGE + 1].as_mut_ptr()),
        };
        let mask = buffers.mask.as_ref().map(|mask| mask.as_ptr());
        let others = buffers.others.as_mut_ptr();
        let kept = buffers.slots.as_mut_ptr();
        let keeps = saved.is_some() || C::STAGES.len() > 1;
        assert!(step.input.len() >= step.active * C::GATES * width && step.active <= n);
        for (r, &b) in self.rows[..step.active].iter().enumerate() {
            let point = b * schedule.dims.time + step.t;
            // SAFETY: row `b` belongs to this worker alone, and `point` is one of its steps in the output.
            let output = unsafe { output.0.add(point * hidden) };
            let slots = match saved {
                // SAFETY: as above, in the saved values.
                Some(saved) => unsafe { saved.0.add(point * C::SLOTS * hidden) },
                // SAFETY: the buffer holds `n` rows where there are stages to hand on values; else it is not touched.
                None if keeps => unsafe { kept.add(r * C::SLOTS * hidden) },
                None => kept,
            };
            for index in 0..panel.blocks {
                let unit = (panel.block + index) * lanes;
                let at = r * width + unit;
                let count = lanes.min(hidden - unit);
                // SAFETY: `r < n` and `unit + lanes ≤ width`, so padded buffers hold a whole vector at `at`; rows of the output and of
                // the slots hold `count` values from `unit`; the projection of row `r` and the product of row `r` were just written.
                unsafe {
                    let zero = Vector::zero(simd);
                    let mut x = cell::Forward {
                        input: [zero; MAX_GATES],
                        hidden: [zero; MAX_GATES],
                        state: [zero; MAX_STATES],
                        operand: Vector::load(simd, operand.add(at)),
                        slots: [zero; MAX_SLOTS],
                    };
                    let input = step
                        .input
                        .as_ptr()
                        .add(r * C::GATES * width + unit * C::GATES);
                    let product = buffers
                        .product
                        .as_ptr()
                        .add((r * panel.vectors + index * gates.len()) * lanes);
                    for (i, gate) in gates.clone().enumerate() {
                        x.input[gate] = Vector::load(simd, input.add(gate * lanes));
                        x.hidden[gate] = Vector::load(simd, product.add(i * lanes));
                    }
                    x.state[0] = Vector::load(simd, before.add(at));
                    for s in 1..C::STATES {
                        x.state[s] = Vector::load(simd, others.add((s - 1) * n * width + at));
                    }
                    if STAGE > 0 {
                        for s in 0..C::SLOTS {
                            x.slots[s] =
                                Vector::load_up_to(simd, slots.add(s * hidden + unit), count);
                        }
                    }
                    cell.forward(STAGE, &mut x);
                    if last {
                        x.state[0].store(after.add(at));
                        x.state[0].store_up_to(output.add(unit), count);
                        for s in 1..C::STATES {
                            x.state[s].store(others.add((s - 1) * n * width + at));
                        }
                        if let Some(mask) = mask {
                            x.operand = x.state[0] * Vector::load(simd, mask.add(at));
                        }
                    }
                    if let Some(next) = next_operand {
                        x.operand.store(next.add(at));
                    }
                    if keeps && C::SAVED > 0 {
                        for s in 0..C::SLOTS {
                            x.slots[s].store_up_to(slots.add(s * hidden + unit), count);
                        }
                    }
                }
            }
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
