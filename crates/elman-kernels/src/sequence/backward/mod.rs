//! Back-propagation through time: step by step the derivative of the equation and the transposed recurrent product; by chunks the
//! gradient of the input; weight gradients afterwards, in one go.
#![allow(
    unsafe_code,
    reason = "workers write their rows of shared gradients through raw pointers"
)]

mod points;

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::forward::padded;
use super::{Cut, Part, Schedule, share, weights::weight_gradients};
use crate::cell::{Cell, with_cell};
use crate::gemm::{Packed, Product, Span, Start};
use crate::numbers::bf16::{narrow, widen};
use crate::numbers::{Numbers, Operand};
use crate::scratch::Scratch;
use crate::simd::{MAX_LANES, Tier, prefetch};
use crate::threads::{self, Member, Shared};
use crate::{CellKind, Gradients, Sequence, Want, Weights};

/// What flows back into the sequence.
pub(crate) struct Incoming<'a> {
    pub d_output: Option<&'a [f32]>,
    pub d_state: Option<&'a [f32]>,
    pub want: Want,
}

/// The whole backward pass; slice lengths are the caller's promise, checked at the crate's entry.
pub(crate) fn backward(
    kind: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    output: &[f32],
    saved: &mut [f32],
    incoming: &Incoming,
    numbers: Numbers,
) -> Gradients {
    with_cell!(kind, cell => run(cell, weights, sequence, output, saved, incoming, numbers))
}

fn run<C: Cell>(
    cell: C,
    weights: &Weights,
    sequence: &Sequence,
    output: &[f32],
    saved: &mut [f32],
    incoming: &Incoming,
    numbers: Numbers,
) -> Gradients {
    let dims = sequence.dims;
    let tier = Tier::current();
    let points = dims.batch * dims.time * dims.hidden;
    let slots_len = dims.batch * dims.time * numbers.words(C::SLOTS * dims.hidden);
    let mut own = Scratch::new(if C::SAVED == 0 { slots_len } else { 0 });
    let slots = if C::SAVED == 0 { &mut own[..] } else { saved };
    assert_eq!(slots.len(), slots_len);

    let inputs = dims.batch * dims.time * dims.input;
    let states = C::STATES * dims.batch * dims.hidden;
    let mut d_input = Vec::with_capacity(if incoming.want.input { inputs } else { 0 });
    let mut steps = incoming.want.steps.then(|| vec![0.0; C::STATES * points]);
    let mut d_state = Vec::with_capacity(states);
    let side = dims.hidden + if incoming.want.input { dims.input } else { 0 };
    let work = points * C::GATES * side;
    let vectors = dims.hidden.div_ceil(tier.lanes());
    let members = threads::workers(work, dims.batch.max(vectors));
    let groups = super::groups(dims.hidden, tier.lanes(), members);
    let room = |columns, gates| {
        Packed::unfilled(
            numbers,
            gates * dims.hidden,
            1,
            columns,
            tier.lanes(),
            groups,
        )
    };
    let job = Job {
        cell,
        numbers,
        weights,
        sequence,
        schedule: Schedule::new(sequence),
        cut: Cut::choose(dims, members, groups),
        groups,
        output,
        incoming,
        slots: Shared(slots.as_mut_ptr()),
        d_state: Shared(d_state.as_mut_ptr()),
        d_input: incoming.want.input.then_some(Shared(d_input.as_mut_ptr())),
        steps: steps.as_mut().map(|steps| Shared(steps.as_mut_ptr())),
        hidden: C::STAGES
            .iter()
            .map(|stage| room(dims.hidden, stage.gates.len()))
            .collect(),
        hidden_spans: C::STAGES
            .iter()
            .map(|s| spans(&C::HIDDEN_SLOTS[s.gates.clone()], dims.hidden))
            .collect(),
        input: incoming.want.input.then(|| room(dims.input, C::GATES)),
        input_spans: spans(C::INPUT_SLOTS, dims.hidden),
    };
    threads::team(members, work, |member| {
        let part = job
            .schedule
            .part(member.index, member.count, job.cut, groups);
        tier.run(Worker {
            job: &job,
            member,
            part: &part,
        })
    });
    drop(job);
    // SAFETY: the parts are all rows and units of the batch; a member writes the gradients of every state and, where asked for,
    // every step (padding as zeros) of its part.
    unsafe {
        d_state.set_len(states);
        d_input.set_len(if incoming.want.input { inputs } else { 0 });
    }
    let [weight_ih, weight_hh, bias_ih, bias_hh] = match incoming.want.weights {
        true => weight_gradients::<C>(tier, numbers, sequence, output, slots),
        false => Default::default(),
    };
    Gradients {
        input: incoming.want.input.then_some(d_input),
        state: d_state,
        steps,
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
    numbers: Numbers,
    /// To be packed first.
    weights: &'a Weights<'a>,
    sequence: &'a Sequence<'a>,
    schedule: Schedule<'a>,
    cut: Cut,
    groups: usize,
    output: &'a [f32],
    incoming: &'a Incoming<'a>,
    slots: Shared,
    d_state: Shared,
    d_input: Option<Shared>,
    /// `[batch, time, states, hidden]`
    steps: Option<Shared>,
    /// Per stage, `W_hhᵀ` of its gates.
    hidden: Vec<Packed>,
    hidden_spans: Vec<Vec<Span>>,
    /// `W_ihᵀ`
    input: Option<Packed>,
    input_spans: Vec<Span>,
}

struct Worker<'a, C> {
    job: &'a Job<'a, C>,
    member: &'a Member<'a>,
    part: &'a Part,
}

/// A member's memory. `n` rows, hidden units padded to whole vectors (`width`); of members who divide the units each uses its own.
struct Buffers {
    /// `[states][n][width]`
    d_state: Scratch,
    /// Derivative with respect to the operand of each stage, `[n][width]`.
    d_operand: Vec<Scratch>,
    /// `[n][width]`
    mask: Option<Scratch>,
    /// `[2][n][slots × hidden]`: the slots of this step and of the one before it, in turns, where they are kept as bf16.
    slots: Scratch,
    /// The rows of each stage's derivatives, and of a chunk's for the input, as words.
    words: Vec<Operand>,
    input_words: Operand,
}

/// One step of a member: the first `active` rows.
#[derive(Clone, Copy)]
struct Step {
    t: usize,
    turn: usize,
    active: usize,
}

impl<C: Cell> WithSimd for Worker<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.pack();
        let schedule = &self.job.schedule;
        let time = schedule.dims.time;
        let mut buffers = self.buffers::<S>();
        self.member.wait();
        let chunk = schedule.chunk(self.part.rows.len());
        let (mut end, mut widened) = (time, 0);
        while end > 0 {
            let first = end.saturating_sub(chunk);
            for step in (first..end).rev() {
                let t = schedule.time(step);
                let active = schedule.active(&self.part.rows, t);
                if active == 0 {
                    continue;
                }
                let step = Step {
                    t,
                    turn: step % 2,
                    active,
                };
                self.widen::<S>(step, widened, &mut buffers.slots);
                widened = active;
                for stage in (0..C::STAGES.len()).rev() {
                    self.stage(simd, stage, step, &mut buffers);
                }
            }
            self.input_gradient(simd, first..end, &mut buffers.input_words);
            end = first;
        }
        self.finish::<S>(&buffers);
    }
}

impl<C: Cell> Worker<'_, C> {
    /// Packs this member's groups of the weights.
    fn pack(&self) {
        let Job { weights, .. } = self.job;
        let fill = |packed: &Packed, matrix, gates| {
            // SAFETY: every member packs its own groups, and none reads them before all have met.
            unsafe { packed.fill_transposed(self.part.own.clone(), matrix, C::GATES, gates) }
        };
        for (stage, packed) in C::STAGES.iter().zip(&self.job.hidden) {
            fill(packed, weights.hh, stage.gates.clone());
        }
        if let Some(packed) = &self.job.input {
            fill(packed, weights.ih, 0..C::GATES);
        }
    }

    fn buffers<S: Simd>(&self) -> Buffers {
        let Job {
            numbers,
            sequence,
            schedule,
            incoming,
            ..
        } = self.job;
        let (rows, dims) = (&self.part.rows, schedule.dims);
        let n = rows.len();
        let width = dims.hidden.next_multiple_of(S::F32_LANES);
        let mut d_state = Scratch::zeroed(C::STATES * n * width);
        if let Some(given) = incoming.d_state {
            for s in 0..C::STATES {
                let state = padded(
                    &given[s * dims.batch * dims.hidden..],
                    rows,
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
                .map(|mask| padded(mask, rows, dims.hidden, width)),
            slots: Scratch::new(match numbers {
                Numbers::F32 => 0,
                Numbers::Bf16 | Numbers::Int8 => 2 * n * C::SLOTS * dims.hidden,
            }),
            words: C::STAGES
                .iter()
                .map(|stage| Operand::new(*numbers, n, stage.gates.len() * dims.hidden))
                .collect(),
            input_words: Operand::new(*numbers, schedule.chunk(n) * n, C::GATES * dims.hidden),
        }
    }

    /// The row of slots of a step.
    ///
    /// # Safety
    /// `point` is one of the `batch × time` steps.
    unsafe fn slots(&self, point: usize) -> *mut f32 {
        let Job {
            numbers,
            schedule,
            slots,
            ..
        } = self.job;
        let row = numbers.words(C::SLOTS * schedule.dims.hidden);
        // SAFETY: the caller's.
        unsafe { slots.0.add(point * row) }
    }

    /// This member's units.
    fn units<S: Simd>(&self) -> Range<usize> {
        let hidden = self.job.schedule.dims.hidden;
        let units = self.part.units(self.job.groups, hidden, S::F32_LANES);
        units.start..units.end.min(hidden)
    }

    /// Widens the slots that the points of this step read, where they are kept as bf16: those of the step before it, and its own
    /// in rows that begin here, beyond the `widened` ones.
    fn widen<S: Simd>(&self, step: Step, widened: usize, slots: &mut [f32]) {
        if self.job.numbers == Numbers::F32 || C::SAVED == 0 {
            return;
        }
        let schedule = &self.job.schedule;
        let dims = schedule.dims;
        let (n, size) = (self.part.rows.len(), C::SLOTS * dims.hidden);
        for (r, &b) in self.part.rows[..step.active].iter().enumerate() {
            let own = (r >= widened).then_some(step.t);
            let before = schedule.before(b, step.t);
            for (t, turn) in [(own, step.turn), (before, 1 - step.turn)] {
                let Some(t) = t else { continue };
                let row = &mut slots[(turn * n + r) * size..][..size];
                for values in row.chunks_exact_mut(dims.hidden).enumerate() {
                    let (units, (s, values)) = (self.units::<S>(), values);
                    // SAFETY: a row has all slots as halves; these units of it belong to this member alone.
                    unsafe {
                        let row: *const u16 = self.slots(b * dims.time + t).cast();
                        let from = row.add(s * dims.hidden + units.start);
                        widen(from, &mut values[units]);
                    }
                }
            }
        }
    }

    /// Keeps the derivatives of this stage as bf16, where slots are.
    fn narrow<S: Simd>(&self, stage: usize, step: Step, slots: &[f32]) {
        if self.job.numbers == Numbers::F32 {
            return;
        }
        let dims = self.job.schedule.dims;
        let (n, units) = (self.part.rows.len(), self.units::<S>());
        for (r, &b) in self.part.rows[..step.active].iter().enumerate() {
            let row = &slots[(step.turn * n + r) * C::SLOTS * dims.hidden..];
            for s in (0..C::SLOTS).filter(|&s| points::derivative::<C>(stage, s)) {
                // SAFETY: these units of the row belong to this member alone; the row has room for all slots as halves.
                unsafe {
                    let out: *mut u16 = self.slots(b * dims.time + step.t).cast();
                    let values = &row[s * dims.hidden..][units.clone()];
                    narrow(values, out.add(s * dims.hidden + units.start));
                }
            }
        }
    }

    /// One stage of one step: derivative of the equation, then the transposed product.
    #[inline(always)]
    fn stage<S: Simd>(&self, simd: S, stage: usize, step: Step, buffers: &mut Buffers) {
        match stage {
            0 => points::run::<S, C, 0>(simd, self, step, buffers),
            _ => points::run::<S, C, 1>(simd, self, step, buffers),
        }
        self.narrow::<S>(stage, step, &buffers.slots);
        let Step { t, active, .. } = step;
        if self.part.together {
            self.member.wait();
        }
        let Job {
            numbers,
            schedule,
            hidden: packed,
            hidden_spans,
            ..
        } = self.job;
        let dims = schedule.dims;
        let width = dims.hidden.next_multiple_of(S::F32_LANES);
        let row = |&b: &usize| {
            // SAFETY: row `b` at time `t` is one of the `batch × time` rows of the slots.
            unsafe { self.slots(b * dims.time + t).cast_const() }
        };
        let rows: Vec<*const f32> = self.part.rows[..active].iter().map(row).collect();
        let out = &mut buffers.d_operand[stage];
        assert!(active * width <= out.len());
        if self.part.together {
            // As in the forward pass: most of it was written by other processors.
            for (row, span) in rows
                .iter()
                .flat_map(|row| hidden_spans[stage].iter().map(move |span| (row, span)))
            {
                for line in (0..span.len).step_by(MAX_LANES) {
                    prefetch(row.wrapping_add(span.at + line));
                }
            }
        }
        // SAFETY: the spans lie within a row of slots, whose derivatives of this stage nobody writes any more.
        let (rows, spans) = unsafe { buffers.words[stage].slots(&rows, &hidden_spans[stage]) };
        for index in packed[stage].group(self.part.groups.clone()) {
            let panel = packed[stage].panel(index);
            let product = Product {
                numbers: *numbers,
                rows,
                step: 1,
                spans,
                panel: panel.data,
                vectors: panel.vectors,
                start: if stage + 1 == C::STAGES.len() {
                    Start::Zero
                } else {
                    Start::Output
                },
                out: out[panel.column..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: the spans lie within a row of slots, whose derivatives of this stage nobody writes any more; the panel's depth is
            // the sum of the spans; the output holds `active` rows of `width`, asserted above, and a panel lies within the width.
            unsafe { product.run(simd) };
        }
    }

    /// `dX = dpre · W_ihᵀ` for the valid rows of these steps, where it is wanted.
    #[inline(always)]
    fn input_gradient<S: Simd>(&self, simd: S, steps: Range<usize>, words: &mut Operand) {
        let Job {
            numbers,
            schedule,
            d_input: Some(d_input),
            input: Some(packed),
            input_spans,
            ..
        } = self.job
        else {
            return;
        };
        let dims = schedule.dims;
        let mut points = Vec::with_capacity(steps.len() * self.part.rows.len());
        for step in steps {
            let t = schedule.time(step);
            points.extend(
                self.part.rows[..schedule.active(&self.part.rows, t)]
                    .iter()
                    .map(|b| b * dims.time + t),
            );
        }
        if self.part.together {
            // All have these steps' derivatives since they last met: each takes some of the rows.
            let own = share(self.member.index, self.member.count, points.len());
            points.truncate(own.end);
            points.drain(..own.start);
        }
        if points.is_empty() {
            return;
        }
        // SAFETY: every point is one of the `batch × time` rows of the slots.
        let row = |&point: &usize| unsafe { self.slots(point).cast_const() };
        let rows: Vec<*const f32> = points.iter().map(row).collect();
        // SAFETY: the spans lie within a row of slots, whose derivatives nobody writes any more.
        let (rows, spans) = unsafe { words.slots(&rows, input_spans) };
        let width = packed.width();
        let mut out = Scratch::new(rows.len() * width);
        for index in packed.group(0..packed.groups()) {
            let panel = packed.panel(index);
            let product = Product {
                numbers: *numbers,
                rows,
                step: 1,
                spans,
                panel: panel.data,
                vectors: panel.vectors,
                start: Start::Zero,
                out: out[panel.column..].as_mut_ptr(),
                out_stride: width,
            };
            // SAFETY: the spans lie within a row of slots, whose derivatives nobody writes any more; the panel's depth is the sum of
            // the spans; the output was made to hold these rows.
            unsafe { product.run(simd) };
        }
        for (&point, row) in points.iter().zip(out.chunks_exact(width.max(1))) {
            // SAFETY: the point is a step that this member alone has taken.
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
        let (n, hidden) = (self.part.rows.len(), dims.hidden);
        let width = hidden.next_multiple_of(S::F32_LANES);
        let units = self.units::<S>();
        for (r, &b) in self.part.rows.iter().enumerate() {
            for s in 0..C::STATES {
                for unit in units.clone() {
                    let at = r * width + unit;
                    let mut d = buffers.d_state[s * n * width + at];
                    if s == 0 {
                        d += buffers.d_operand[0][at]
                            * buffers.mask.as_ref().map_or(1.0, |mask| mask[at]);
                    }
                    // SAFETY: these units of row `b` belong to this member alone.
                    unsafe { d_state.0.add((s * dims.batch + b) * hidden + unit).write(d) };
                }
            }
            let owned = !self.part.together || r % self.member.count == self.member.index;
            if let (Some(d_input), true) = (d_input, owned) {
                let length = schedule.length(b);
                // SAFETY: the padding of row `b` is written by this member alone.
                unsafe {
                    let padding = d_input.0.add((b * dims.time + length) * dims.input);
                    padding.write_bytes(0, (dims.time - length) * dims.input);
                }
            }
        }
    }
}
