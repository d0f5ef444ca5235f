//! The forward pass: input projection by chunks, then step by step the recurrent product and the cell's equation.
#![allow(
    unsafe_code,
    reason = "workers write their rows of shared outputs through raw pointers"
)]

mod points;

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::{Cut, Part, Schedule};
use crate::cell::{Cell, MAX_STAGES, with_cell};
use crate::gemm::{Packed, Product, Span, Start};
use crate::numbers::bf16::narrow;
use crate::numbers::{Numbers, Operand};
use crate::scratch::Scratch;
use crate::simd::{MAX_LANES, Tier, prefetch};
use crate::threads::{self, Member, Shared};
use crate::{CellKind, Dims, Forward, Sequence, Weights};

/// Weights in the order in which the forward kernels read them.
pub(crate) struct PackedWeights {
    tier: Tier,
    numbers: Numbers,
    input: Packed,
    bias_ih: Packed,
    /// Per stage.
    hidden: Vec<Packed>,
    bias_hh: Vec<Packed>,
}

impl PackedWeights {
    pub(crate) fn new(
        kind: CellKind,
        numbers: Numbers,
        input: usize,
        hidden: usize,
        weights: &Weights,
    ) -> Self {
        with_cell!(kind, cell => {
            let groups = super::groups(hidden, Tier::current().lanes(), threads::threads());
            let packed = Self::unfilled(cell, numbers, input, hidden, groups);
            // SAFETY: nobody else knows it yet.
            unsafe { packed.fill(cell, 0..groups, weights) };
            packed
        })
    }

    /// Room for the weights of a cell, the hidden units in groups.
    fn unfilled<C: Cell>(
        _: C,
        numbers: Numbers,
        input: usize,
        hidden: usize,
        groups: usize,
    ) -> Self {
        let tier = Tier::current();
        let room = |numbers, depth, gates| {
            Packed::unfilled(numbers, depth, gates, hidden, tier.lanes(), groups)
        };
        let stages = |numbers, depth| {
            C::STAGES
                .iter()
                .map(move |stage| room(numbers, depth, stage.gates.len()))
                .collect()
        };
        Self {
            tier,
            numbers,
            input: room(numbers, input, C::GATES),
            bias_ih: room(Numbers::F32, 1, C::GATES),
            hidden: stages(numbers, hidden),
            bias_hh: stages(Numbers::F32, 1),
        }
    }

    /// Packs the weights of these groups.
    ///
    /// # Safety
    /// Nobody else reads or writes them meanwhile.
    unsafe fn fill<C: Cell>(&self, _: C, groups: Range<usize>, weights: &Weights) {
        let fill = |packed: &Packed, matrix, gates| {
            // SAFETY: the caller's.
            unsafe { packed.fill_gates(groups.clone(), matrix, C::GATES, gates) }
        };
        fill(&self.input, Some(weights.ih), 0..C::GATES);
        fill(&self.bias_ih, weights.bias_ih, 0..C::GATES);
        for (stage, (hidden, bias)) in C::STAGES.iter().zip(self.hidden.iter().zip(&self.bias_hh)) {
            fill(hidden, Some(weights.hh), stage.gates.clone());
            fill(bias, weights.bias_hh, stage.gates.clone());
        }
    }
}

/// The whole forward pass; slice lengths are the caller's promise, checked at the crate's entry.
pub(crate) fn forward(
    kind: CellKind,
    weights: &Weights,
    sequence: &Sequence,
    save: bool,
    numbers: Numbers,
) -> Forward {
    with_cell!(kind, cell => {
        let members = members(cell, sequence.dims, Tier::current().lanes());
        let Dims { input, hidden, .. } = sequence.dims;
        let groups = super::groups(hidden, Tier::current().lanes(), members);
        let packed = PackedWeights::unfilled(cell, numbers, input, hidden, groups);
        run(cell, &packed, Some(weights), sequence, save, members)
    })
}

/// As [`forward`] with weights packed before.
pub(crate) fn forward_packed(
    kind: CellKind,
    packed: &PackedWeights,
    sequence: &Sequence,
    save: bool,
) -> Forward {
    with_cell!(kind, cell => {
        // The units were cut for as many threads as there were then.
        let most = sequence.dims.batch.max(packed.input.groups());
        let members = members(cell, sequence.dims, packed.tier.lanes()).min(most);
        run(cell, packed, None, sequence, save, members)
    })
}

/// How many threads a forward pass deserves.
fn members<C: Cell>(_: C, dims: Dims, lanes: usize) -> usize {
    let work = dims.batch * dims.time * dims.hidden * C::GATES * (dims.input + dims.hidden);
    threads::workers(work, dims.batch.max(dims.hidden.div_ceil(lanes)))
}

/// Runs the cell; packs `weights` first where they are given.
fn run<C: Cell>(
    cell: C,
    packed: &PackedWeights,
    weights: Option<&Weights>,
    sequence: &Sequence,
    save: bool,
    members: usize,
) -> Forward {
    let dims = sequence.dims;
    let (outputs, states) = (
        dims.batch * dims.time * dims.hidden,
        C::STATES * dims.batch * dims.hidden,
    );
    let row = packed.numbers.words(C::SAVED * dims.hidden);
    let saves = if save {
        dims.batch * dims.time * row
    } else {
        0
    };
    let mut result = Forward {
        output: Vec::with_capacity(outputs),
        state: Vec::with_capacity(states),
        saved: Vec::with_capacity(saves),
    };
    let width = dims.hidden.next_multiple_of(packed.tier.lanes());
    let mut rows = Scratch::new(dims.batch * width * Rows::vectors::<C>(sequence));
    let job = Job {
        cell,
        packed,
        weights,
        sequence,
        schedule: Schedule::new(sequence),
        cut: Cut::choose(dims, members, packed.input.groups()),
        rows: Shared(rows.as_mut_ptr()),
        output: Shared(result.output.as_mut_ptr()),
        state: Shared(result.state.as_mut_ptr()),
        saved: (saves > 0).then_some(Shared(result.saved.as_mut_ptr())),
    };
    let work = outputs * C::GATES * (dims.input + dims.hidden);
    threads::team(members, work, |member| {
        let part = job
            .schedule
            .part(member.index, member.count, job.cut, packed.input.groups());
        packed.tier.run(Worker {
            job: &job,
            member,
            part: &part,
        })
    });
    // SAFETY: the parts are all rows and units of the batch, and a member writes every step (padding as zeros) and state of its
    // part.
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
    /// To be packed first.
    weights: Option<&'a Weights<'a>>,
    sequence: &'a Sequence<'a>,
    schedule: Schedule<'a>,
    cut: Cut,
    /// Room for the [`Rows`] of the whole batch.
    rows: Shared,
    output: Shared,
    state: Shared,
    saved: Option<Shared>,
}

struct Worker<'a, C> {
    job: &'a Job<'a, C>,
    member: &'a Member<'a>,
    part: &'a Part,
}

/// What `n` rows carry from step to step, hidden units padded to whole vectors (`width`). Members who divide the units of the
/// same rows share it.
struct Rows {
    /// `[2][n][width]`: before and after a step, in turns.
    hidden: *mut f32,
    /// `[states − 1][n][width]`
    others: *mut f32,
    /// `[n][width]`
    mask: Option<*mut f32>,
    /// Operand of stage 0, `[2][n][width]` in turns: the hidden state, with the mask where there is one.
    operand: *mut f32,
    /// Operand of the stage after it, `[n][width]`.
    second: *mut f32,
    /// Addresses of the rows of each stage's operand, for each turn.
    operands: [[Vec<*const f32>; 2]; MAX_STAGES],
}

impl Rows {
    /// Vectors of the hidden size that each row takes.
    fn vectors<C: Cell>(sequence: &Sequence) -> usize {
        let masked = sequence.recurrent_mask.is_some();
        2 + (C::STATES - 1) + if masked { 3 } else { 0 } + (C::STAGES.len() - 1)
    }

    /// Cuts `n` rows out of memory for as many.
    ///
    /// # Safety
    /// `memory` holds `n × width × vectors` values.
    unsafe fn at<C: Cell>(memory: *mut f32, n: usize, width: usize, masked: bool) -> Self {
        let mut used = 0;
        let mut take = |vectors: usize| {
            used += vectors;
            // SAFETY: the caller's; `vectors` counts what is taken here.
            unsafe { memory.add((used - vectors) * n * width) }
        };
        let hidden = take(2);
        let others = take(C::STATES - 1);
        let mask = masked.then(|| take(1));
        let operand = if masked { take(2) } else { hidden };
        let second = take(C::STAGES.len() - 1);
        let addresses = |base: *mut f32, turn: usize| {
            // SAFETY: rows of the memory just cut out.
            let row = |r| unsafe { base.add((turn * n + r) * width).cast_const() };
            (0..n).map(row).collect::<Vec<_>>()
        };
        let mut operands = [
            [addresses(operand, 0), addresses(operand, 1)],
            Default::default(),
        ];
        if C::STAGES.len() > 1 {
            operands[1] = [addresses(second, 0), addresses(second, 0)];
        }
        Self {
            hidden,
            others,
            mask,
            operand,
            second,
            operands,
        }
    }
}

/// A member's own memory.
struct Buffers {
    rows: Rows,
    /// `[n][slots × hidden]` of the current step, where it is not saved as it is but stages hand on values or save them as bf16.
    slots: Scratch,
    /// `[chunk × n][gates × width]`: `W_ih x + b_ih`
    input: Scratch,
    /// `[n][gates of the stage × width]`: `W_hh h + b_hh`
    product: Scratch,
    /// The rows of a chunk's input, and of a step's hidden operand, as words.
    input_words: Operand,
    hidden_words: Operand,
}

/// One step of a member: the first `active` rows.
#[derive(Clone, Copy)]
struct Step {
    t: usize,
    turn: usize,
    active: usize,
    /// This step's rows of the input projection.
    input: *const f32,
}

impl<C: Cell> WithSimd for Worker<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Job {
            cell,
            packed,
            weights,
            schedule,
            ..
        } = self.job;
        if let Some(weights) = weights {
            // SAFETY: every member packs its own groups, and none reads them before all have met below.
            unsafe { packed.fill(*cell, self.part.own.clone(), weights) };
        }
        let time = schedule.dims.time;
        let mut buffers = self.buffers::<S>();
        self.member.wait();
        let chunk = schedule.chunk(self.part.rows.len());
        for first in (0..time).step_by(chunk) {
            let steps = first..(first + chunk).min(time);
            self.project(simd, steps.clone(), &mut buffers);
            let mut row = 0;
            for step in steps {
                let t = schedule.time(step);
                let active = schedule.active(&self.part.rows, t);
                if active == 0 {
                    continue;
                }
                let step = Step {
                    t,
                    turn: step % 2,
                    active,
                    input: buffers.input[row * packed.input.width()..].as_ptr(),
                };
                for stage in 0..C::STAGES.len() {
                    self.stage(simd, stage, step, &mut buffers);
                }
                self.save::<S>(step, &buffers.slots);
                row += active;
            }
        }
        self.finish::<S>(&buffers.rows);
    }
}

impl<C: Cell> Worker<'_, C> {
    fn buffers<S: Simd>(&self) -> Buffers {
        let Job {
            packed,
            schedule,
            sequence,
            saved,
            ..
        } = self.job;
        let (n, dims) = (self.part.rows.len(), schedule.dims);
        let width = dims.hidden.next_multiple_of(S::F32_LANES);
        let masked = sequence.recurrent_mask.is_some();
        let vectors = Rows::vectors::<C>(sequence);
        // SAFETY: the memory holds this many values for each row of the batch, those of the members before come first.
        let rows = unsafe {
            let own = self.job.rows.0.add(self.part.before * width * vectors);
            Rows::at::<C>(own, n, width, masked)
        };
        let hidden = dims.batch * dims.hidden;
        for (r, &b) in self.part.rows.iter().enumerate() {
            if !self.owns(r) {
                continue;
            }
            let copy = |to: *mut f32, matrix: &[f32]| {
                let source = &matrix[b * dims.hidden..][..dims.hidden];
                // SAFETY: row `r` of memory cut for `n` rows, which this member alone sets up.
                let to = unsafe { std::slice::from_raw_parts_mut(to.add(r * width), width) };
                to[..dims.hidden].copy_from_slice(source);
                to[dims.hidden..].fill(0.0);
            };
            // SAFETY: offsets within what was cut out; rows as above.
            unsafe {
                for turn in 0..2 {
                    copy(rows.hidden.add(turn * n * width), sequence.state);
                }
                for s in 1..C::STATES {
                    copy(
                        rows.others.add((s - 1) * n * width),
                        &sequence.state[s * hidden..],
                    );
                }
                if let (Some(mask), Some(values)) = (rows.mask, sequence.recurrent_mask) {
                    copy(mask, values);
                    for i in 0..width {
                        let factor = *mask.add(r * width + i);
                        for turn in 0..2 {
                            let at = (turn * n + r) * width + i;
                            *rows.operand.add(at) = *rows.hidden.add(at) * factor;
                        }
                    }
                }
                if C::STAGES.len() > 1 {
                    rows.second.add(r * width).write_bytes(0, width);
                }
            }
        }
        let widest = packed.hidden.iter().map(Packed::width).max().unwrap_or(0);
        let handed_on = match saved {
            None => C::STAGES.len() > 1,
            Some(_) => packed.numbers != Numbers::F32,
        };
        Buffers {
            rows,
            slots: Scratch::zeroed(if handed_on {
                n * C::SLOTS * dims.hidden
            } else {
                0
            }),
            input: Scratch::new(schedule.chunk(n) * n * packed.input.width()),
            product: Scratch::new(n * widest),
            input_words: Operand::new(packed.numbers, schedule.chunk(n) * n, dims.input),
            hidden_words: Operand::new(packed.numbers, n, dims.hidden),
        }
    }

    /// Whether row `r` is this member's to set up and to finish.
    fn owns(&self, r: usize) -> bool {
        !self.part.together || r % self.member.count == self.member.index
    }

    /// `W_ih x + b_ih` for the valid rows of these steps, one after the other.
    #[inline(always)]
    fn project<S: Simd>(&self, simd: S, steps: Range<usize>, buffers: &mut Buffers) {
        let Job {
            packed,
            schedule,
            sequence,
            ..
        } = self.job;
        let dims = schedule.dims;
        let mut rows = Vec::with_capacity(steps.len() * self.part.rows.len());
        for step in steps {
            let t = schedule.time(step);
            for &b in &self.part.rows[..schedule.active(&self.part.rows, t)] {
                rows.push(sequence.input[(b * dims.time + t) * dims.input..].as_ptr());
            }
        }
        if rows.is_empty() {
            return;
        }
        let (width, out) = (packed.input.width(), &mut buffers.input);
        let whole = [Span {
            at: 0,
            from: 0,
            len: dims.input,
        }];
        // SAFETY: each row is `dims.input` values of the input.
        let (rows, spans) = unsafe { buffers.input_words.words(&rows, &whole) };
        assert!(
            rows.len() * width <= out.len(),
            "the projection of a chunk must fit its buffer"
        );
        for index in packed.input.group(self.part.groups.clone()) {
            let panel = packed.input.panel(index);
            let product = Product {
                numbers: packed.numbers,
                rows,
                step: 1,
                spans,
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
        let rows = &buffers.rows.operands[stage][step.turn][..step.active];
        let out = &mut buffers.product;
        assert!(step.active * packed.width() <= out.len());
        if self.part.together {
            // Most of it was written by other processors: all transfers at once, not one by one as the product comes to them.
            for row in rows {
                for line in (0..hidden).step_by(MAX_LANES) {
                    prefetch(row.wrapping_add(line));
                }
            }
        }
        let whole = [Span {
            at: 0,
            from: 0,
            len: hidden,
        }];
        // SAFETY: each row is `width ≥ hidden` values, which nobody writes before all have met again.
        let (rows, spans) = unsafe { buffers.hidden_words.words(rows, &whole) };
        for index in packed.group(self.part.groups.clone()) {
            let panel = packed.panel(index);
            let product = Product {
                numbers: self.job.packed.numbers,
                rows,
                step: 1,
                spans,
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
        if self.part.together {
            self.member.wait();
        }
    }

    /// Saves this step's slots as bf16, where they are to be.
    fn save<S: Simd>(&self, step: Step, slots: &[f32]) {
        let Job {
            packed,
            schedule,
            saved: Some(saved),
            ..
        } = self.job
        else {
            return;
        };
        if packed.numbers == Numbers::F32 {
            return;
        }
        let dims = schedule.dims;
        let units = self
            .part
            .units(packed.input.groups(), dims.hidden, S::F32_LANES);
        let units = units.start..units.end.min(dims.hidden);
        let row = packed.numbers.words(C::SAVED * dims.hidden);
        for (r, b) in self.part.rows[..step.active].iter().enumerate() {
            for s in 0..C::SAVED {
                let values = &slots[(r * C::SLOTS + s) * dims.hidden..][units.clone()];
                // SAFETY: these units of row `b` belong to this member alone; a row has room for all slots as halves.
                unsafe {
                    let row: *mut u16 = saved.0.add((b * dims.time + step.t) * row).cast();
                    narrow(values, row.add(s * dims.hidden + units.start));
                }
            }
            if units.end == dims.hidden && C::SAVED * dims.hidden % 2 == 1 {
                // SAFETY: the odd half at the end of the row belongs to whoever has the last units.
                unsafe {
                    let row: *mut u16 = saved.0.add((b * dims.time + step.t) * row).cast();
                    row.add(C::SAVED * dims.hidden).write(0);
                }
            }
        }
    }

    /// Final states, and zeros at padded steps.
    fn finish<S: Simd>(&self, rows: &Rows) {
        let Job {
            packed,
            schedule,
            output,
            state,
            saved,
            ..
        } = self.job;
        let dims = schedule.dims;
        let (n, hidden) = (self.part.rows.len(), dims.hidden);
        let width = hidden.next_multiple_of(S::F32_LANES);
        for (r, &b) in self.part.rows.iter().enumerate() {
            if !self.owns(r) {
                continue;
            }
            let length = schedule.length(b);
            let turn = if schedule.reverse { dims.time } else { length } % 2;
            // SAFETY: row `b` is finished by this member alone, after the last step of all; the state holds `STATES` times `batch`
            // rows, the output and the saved values `batch × time`.
            unsafe {
                for s in 0..C::STATES {
                    let from = match s {
                        0 => rows.hidden.add((turn * n + r) * width),
                        _ => rows.others.add(((s - 1) * n + r) * width),
                    };
                    state
                        .0
                        .add((s * dims.batch + b) * hidden)
                        .copy_from_nonoverlapping(from, hidden);
                }
                let (first, padding) = (b * dims.time + length, dims.time - length);
                output
                    .0
                    .add(first * hidden)
                    .write_bytes(0, padding * hidden);
                if let Some(saved) = saved {
                    let row = packed.numbers.words(C::SAVED * hidden);
                    saved.0.add(first * row).write_bytes(0, padding * row);
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
