//! Back-propagation through time: step by step the derivative of the equation and the transposed recurrent product; by chunks the
//! gradient of the input; weight gradients afterwards, in one go.
#![allow(
    unsafe_code,
    reason = "workers write their rows of shared gradients through raw pointers"
)]

use pulp::{Simd, WithSimd};

use super::forward::padded;
use super::{Schedule, Shared, weights::weight_gradients};
use crate::cell::{self, Cell, MAX_SLOTS, MAX_STATES, with_cell};
use crate::gemm::{Packed, Product, Span, Start};
use crate::scratch::Scratch;
use crate::simd::{Tier, Vector};
use crate::{CellKind, Gradients, Sequence, Weights, threads};

/// What flows back into the sequence.
pub(crate) struct Incoming<'a> {
    pub d_output: Option<&'a [f32]>,
    pub d_state: Option<&'a [f32]>,
    pub want_input: bool,
}

/// The whole backward pass; slice lengths are the caller's promise, checked at the crate's entry.
pub(crate) fn backward(
    kind: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    output: &[f32],
    saved: &mut [f32],
    incoming: &Incoming,
) -> Gradients {
    with_cell!(kind, cell => run(cell, weights, sequence, output, saved, incoming))
}

fn run<C: Cell>(
    cell: C,
    weights: &Weights,
    sequence: &Sequence,
    output: &[f32],
    saved: &mut [f32],
    incoming: &Incoming,
) -> Gradients {
    let dims = sequence.dims;
    let tier = Tier::current();
    let points = dims.batch * dims.time * dims.hidden;
    let mut own = Scratch::new(if C::SAVED == 0 { C::SLOTS * points } else { 0 });
    let slots = if C::SAVED == 0 { &mut own[..] } else { saved };
    assert_eq!(slots.len(), C::SLOTS * points);

    let hidden = C::STAGES.iter().map(|stage| {
        Packed::transposed(
            weights.hh,
            dims.hidden,
            dims.hidden,
            C::GATES,
            stage.gates.clone(),
            tier.lanes(),
        )
    });
    let inputs = dims.batch * dims.time * dims.input;
    let states = C::STATES * dims.batch * dims.hidden;
    let mut d_input = Vec::with_capacity(if incoming.want_input { inputs } else { 0 });
    let mut d_state = Vec::with_capacity(states);
    let job = Job {
        cell,
        sequence,
        schedule: Schedule::new(sequence),
        output,
        incoming,
        slots: Shared(slots.as_mut_ptr()),
        d_state: Shared(d_state.as_mut_ptr()),
        d_input: incoming.want_input.then_some(Shared(d_input.as_mut_ptr())),
        hidden: hidden.collect(),
        hidden_spans: C::STAGES
            .iter()
            .map(|s| spans(&C::HIDDEN_SLOTS[s.gates.clone()], dims.hidden))
            .collect(),
        input: incoming.want_input.then(|| {
            Packed::transposed(
                weights.ih,
                dims.input,
                dims.hidden,
                C::GATES,
                0..C::GATES,
                tier.lanes(),
            )
        }),
        input_spans: spans(C::INPUT_SLOTS, dims.hidden),
    };
    let work = points * C::GATES * (dims.hidden + if incoming.want_input { dims.input } else { 0 });
    let workers = threads::workers(work, dims.batch);
    let shares = job.schedule.shares(workers);
    threads::run(workers, |worker| {
        tier.run(Worker {
            job: &job,
            rows: &shares[worker],
        })
    });
    drop(job);
    // SAFETY: the shares are all rows of the batch; a worker writes the gradients of every state and, where asked for, every
    // step (padding as zeros) of its rows.
    unsafe {
        d_state.set_len(states);
        d_input.set_len(if incoming.want_input { inputs } else { 0 });
    }
    let [weight_ih, weight_hh, bias_ih, bias_hh] =
        weight_gradients::<C>(tier, sequence, output, slots);
    Gradients {
        input: incoming.want_input.then_some(d_input),
        state: d_state,
        weight_ih,
        weight_hh,
        bias_ih,
        bias_hh,
    }
}

/// The stretches of a row of slots that hold the derivatives of these gates, neighbours joined.
fn spans(slots: &[usize], hidden: usize) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (gate, &slot) in slots.iter().enumerate() {
        match spans.last_mut() {
            Some(last) if last.at + last.len == slot * hidden => last.len += hidden,
            _ => spans.push(Span {
                at: slot * hidden,
                from: gate * hidden,
                len: hidden,
            }),
        }
    }
    spans
}

struct Job<'a, C> {
    cell: C,
    sequence: &'a Sequence<'a>,
    schedule: Schedule<'a>,
    output: &'a [f32],
    incoming: &'a Incoming<'a>,
    slots: Shared,
    d_state: Shared,
    d_input: Option<Shared>,
    /// Per stage, `W_hhᵀ` of its gates.
    hidden: Vec<Packed>,
    hidden_spans: Vec<Vec<Span>>,
    input: Option<Packed>,
    input_spans: Vec<Span>,
}

struct Worker<'a, C> {
    job: &'a Job<'a, C>,
    rows: &'a [usize],
}

/// A worker's memory. `n` rows, hidden units padded to whole vectors (`width`).
struct Buffers {
    /// `[states][n][width]`
    d_state: Scratch,
    /// Derivative with respect to the operand of each stage, `[n][width]`.
    d_operand: Vec<Scratch>,
    /// `[n][width]`
    mask: Option<Scratch>,
}

impl<C: Cell> WithSimd for Worker<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let schedule = &self.job.schedule;
        let time = schedule.dims.time;
        let mut buffers = self.buffers::<S>();
        let chunk = schedule.chunk(self.rows.len());
        let mut end = time;
        while end > 0 {
            let first = end.saturating_sub(chunk);
            for step in (first..end).rev() {
                let t = schedule.time(step);
                let active = schedule.active(self.rows, t);
                if active == 0 {
                    continue;
                }
                for stage in (0..C::STAGES.len()).rev() {
                    self.stage(simd, stage, t, active, &mut buffers);
                }
            }
            self.input_gradient(simd, first..end);
            end = first;
        }
        self.finish::<S>(&buffers);
    }
}

impl<C: Cell> Worker<'_, C> {
    fn buffers<S: Simd>(&self) -> Buffers {
        let Job {
            sequence,
            schedule,
            incoming,
            ..
        } = self.job;
        let (n, dims) = (self.rows.len(), schedule.dims);
        let width = dims.hidden.next_multiple_of(S::F32_LANES);
        let mut d_state = Scratch::zeroed(C::STATES * n * width);
        if let Some(given) = incoming.d_state {
            for s in 0..C::STATES {
                let state = padded(
                    &given[s * dims.batch * dims.hidden..],
                    self.rows,
                    dims.hidden,
                    width,
                );
                d_state[s * n * width..][..n * width].copy_from_slice(&state);
            }
        }
        Buffers {
            d_state,
            d_operand: C::STAGES
                .iter()
                .map(|_| Scratch::zeroed(n * width))
                .collect(),
            mask: sequence
                .recurrent_mask
                .map(|mask| padded(mask, self.rows, dims.hidden, width)),
        }
    }

    /// One stage of one step: derivative of the equation, then the transposed product.
    #[inline(always)]
    fn stage<S: Simd>(
        &self,
        simd: S,
        stage: usize,
        t: usize,
        active: usize,
        buffers: &mut Buffers,
    ) {
        match stage {
            0 => self.points::<S, 0>(simd, t, active, buffers),
            _ => self.points::<S, 1>(simd, t, active, buffers),
        }
        let Job {
            schedule,
            slots,
            hidden: packed,
            hidden_spans,
            ..
        } = self.job;
        let dims = schedule.dims;
        let width = dims.hidden.next_multiple_of(S::F32_LANES);
        let row = |&b: &usize| {
            // SAFETY: row `b` at time `t` is one of the `batch × time` rows of the slots.
            unsafe {
                slots
                    .0
                    .add((b * dims.time + t) * C::SLOTS * dims.hidden)
                    .cast_const()
            }
        };
        let rows: Vec<*const f32> = self.rows[..active].iter().map(row).collect();
        let out = &mut buffers.d_operand[stage];
        assert!(active * width <= out.len());
        for index in 0..packed[stage].panels() {
            let panel = packed[stage].panel(index);
            let product = Product {
                rows: &rows,
                step: 1,
                spans: &hidden_spans[stage],
                panel: panel.data,
                vectors: panel.vectors,
                start: if stage + 1 == C::STAGES.len() {
                    Start::Zero
                } else {
                    Start::Output
                },
                out: out[panel.block * S::F32_LANES..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: the spans lie within a row of slots, which this worker alone writes; the panel's depth is the sum of the
            // spans; the output holds `active` rows of `width`, asserted above, and a panel lies within the width.
            unsafe { product.run(simd) };
        }
    }

    /// The derivative of the cell's equation at every point of a step.
    #[inline(always)]
    fn points<S: Simd, const STAGE: usize>(
        &self,
        simd: S,
        t: usize,
        active: usize,
        buffers: &mut Buffers,
    ) {
        let Job {
            cell,
            sequence,
            schedule,
            output,
            incoming,
            slots,
            ..
        } = self.job;
        let dims = schedule.dims;
        let (n, lanes, hidden) = (self.rows.len(), S::F32_LANES, dims.hidden);
        let width = hidden.next_multiple_of(lanes);
        let last = STAGE + 1 == C::STAGES.len();
        let mask = buffers.mask.as_ref().map(|mask| mask.as_ptr());
        let d_state = buffers.d_state.as_mut_ptr();
        let d_operand = buffers.d_operand[0].as_mut_ptr();
        let d_next = buffers.d_operand.get(STAGE + 1).map(|d| d.as_ptr());
        for (r, &b) in self.rows[..active].iter().enumerate() {
            let point = b * dims.time + t;
            let before = schedule.before(b, t).map(|t| b * dims.time + t);
            let h_before = match before {
                Some(point) => &output[point * hidden..][..hidden],
                None => &sequence.state[b * hidden..][..hidden],
            };
            let h_after = &output[point * hidden..][..hidden];
            let d_output = incoming.d_output.map(|d| &d[point * hidden..][..hidden]);
            // SAFETY: row `b` belongs to this worker alone, and `point` is one of its steps.
            let row = unsafe { slots.0.add(point * C::SLOTS * hidden) };
            let mut others = [std::ptr::null(); MAX_STATES];
            for s in 1..C::STATES {
                others[s] = match before {
                    // SAFETY: as above, for another step of the same row.
                    Some(point) => unsafe {
                        slots
                            .0
                            .add((point * C::SLOTS + C::STATE_SLOTS[s - 1]) * hidden)
                            .cast_const()
                    },
                    None => sequence.state[(s * dims.batch + b) * hidden..][..hidden].as_ptr(),
                };
            }
            for unit in (0..hidden).step_by(lanes) {
                let at = r * width + unit;
                let count = lanes.min(hidden - unit);
                // SAFETY: `r < n` and `unit + lanes ≤ width`, so padded buffers hold a whole vector at `at`; the rows of outputs,
                // states and slots hold `count` values from `unit`.
                unsafe {
                    let zero = Vector::zero(simd);
                    let mut x = cell::Backward {
                        output: Vector::load_up_to(simd, h_after.as_ptr().add(unit), count),
                        state: [zero; MAX_STATES],
                        operand: zero,
                        d_state: [zero; MAX_STATES],
                        d_operand: zero,
                        slots: [zero; MAX_SLOTS],
                    };
                    x.state[0] = Vector::load_up_to(simd, h_before.as_ptr().add(unit), count);
                    for s in 1..C::STATES {
                        x.state[s] = Vector::load_up_to(simd, others[s].add(unit), count);
                    }
                    for s in 0..C::STATES {
                        x.d_state[s] = Vector::load(simd, d_state.add(s * n * width + at));
                    }
                    if C::SAVED > 0 {
                        for s in 0..C::SLOTS {
                            x.slots[s] =
                                Vector::load_up_to(simd, row.add(s * hidden + unit), count);
                        }
                    }
                    let mask = match mask {
                        Some(mask) => Vector::load(simd, mask.add(at)),
                        None => Vector::splat(simd, 1.0),
                    };
                    x.operand = x.state[0] * mask;
                    if last {
                        x.d_state[0] =
                            Vector::load(simd, d_operand.add(at)).mul_add(mask, x.d_state[0]);
                        if let Some(d_output) = d_output {
                            x.d_state[0] = x.d_state[0]
                                + Vector::load_up_to(simd, d_output.as_ptr().add(unit), count);
                        }
                    } else if let Some(d_next) = d_next {
                        x.d_operand = Vector::load(simd, d_next.add(at));
                    }
                    cell.backward(STAGE, &mut x);
                    for s in 0..C::STATES {
                        x.d_state[s].store(d_state.add(s * n * width + at));
                    }
                    if !last {
                        x.d_operand
                            .store(buffers.d_operand[STAGE].as_mut_ptr().add(at));
                    }
                    for s in 0..C::SLOTS {
                        if C::INPUT_SLOTS.contains(&s) || C::HIDDEN_SLOTS.contains(&s) {
                            x.slots[s].store_up_to(row.add(s * hidden + unit), count);
                        }
                    }
                }
            }
        }
    }

    /// `dX = dpre · W_ihᵀ` for the valid rows of these steps, where it is wanted.
    #[inline(always)]
    fn input_gradient<S: Simd>(&self, simd: S, steps: std::ops::Range<usize>) {
        let Job {
            schedule,
            slots,
            d_input: Some(d_input),
            input: Some(packed),
            input_spans,
            ..
        } = self.job
        else {
            return;
        };
        let dims = schedule.dims;
        let mut points = Vec::with_capacity(steps.len() * self.rows.len());
        for step in steps {
            let t = schedule.time(step);
            points.extend(
                self.rows[..schedule.active(self.rows, t)]
                    .iter()
                    .map(|b| b * dims.time + t),
            );
        }
        if points.is_empty() {
            return;
        }
        // SAFETY: every point is one of the `batch × time` rows of the slots.
        let row =
            |point: &usize| unsafe { slots.0.add(point * C::SLOTS * dims.hidden).cast_const() };
        let rows: Vec<*const f32> = points.iter().map(row).collect();
        let width = packed.width();
        let mut out = Scratch::new(rows.len() * width);
        for index in 0..packed.panels() {
            let panel = packed.panel(index);
            let product = Product {
                rows: &rows,
                step: 1,
                spans: input_spans,
                panel: panel.data,
                vectors: panel.vectors,
                start: Start::Zero,
                out: out[panel.block * S::F32_LANES..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: the spans lie within a row of slots, which this worker alone writes; the panel's depth is the sum of the
            // spans; the output was made to hold these rows.
            unsafe { product.run(simd) };
        }
        for (&point, row) in points.iter().zip(out.chunks_exact(width.max(1))) {
            // SAFETY: the point is a step of a row that belongs to this worker alone.
            unsafe {
                d_input
                    .0
                    .add(point * dims.input)
                    .copy_from_nonoverlapping(row.as_ptr(), dims.input)
            };
        }
    }

    /// Gradients of the initial state, and zeros at padded steps of the input's gradient.
    fn finish<S: Simd>(&self, buffers: &Buffers) {
        let Job {
            schedule,
            d_state,
            d_input,
            ..
        } = self.job;
        let dims = schedule.dims;
        let (n, hidden) = (self.rows.len(), dims.hidden);
        let width = hidden.next_multiple_of(S::F32_LANES);
        for (r, &b) in self.rows.iter().enumerate() {
            for s in 0..C::STATES {
                for unit in 0..hidden {
                    let at = r * width + unit;
                    let mut d = buffers.d_state[s * n * width + at];
                    if s == 0 {
                        d += buffers.d_operand[0][at]
                            * buffers.mask.as_ref().map_or(1.0, |mask| mask[at]);
                    }
                    // SAFETY: row `b` of the states belongs to this worker alone.
                    unsafe { d_state.0.add((s * dims.batch + b) * hidden + unit).write(d) };
                }
            }
            if let Some(d_input) = d_input {
                let length = schedule.length(b);
                // SAFETY: row `b` of the input's gradient belongs to this worker alone.
                unsafe {
                    let padding = d_input.0.add((b * dims.time + length) * dims.input);
                    padding.write_bytes(0, (dims.time - length) * dims.input);
                }
            }
        }
    }
}
