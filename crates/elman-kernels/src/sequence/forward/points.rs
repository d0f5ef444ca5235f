//! The cell's equation at every point of a step.
#![allow(
    unsafe_code,
    reason = "points are read and written through raw rows of the buffers"
)]

use pulp::Simd;

use super::super::Points;
use super::{Buffers, Job, Step, Worker};
use crate::cell::{Cell, Forward, MAX_GATES, MAX_SLOTS, MAX_STATES};
use crate::numbers::Numbers;
use crate::simd::{Lanes, Vector, map, map2};

/// Runs stage `STAGE` of the cell at all points of a step, whose recurrent product has just been computed.
#[inline(always)]
pub(super) fn run<S: Simd, C: Cell, const STAGE: usize>(
    simd: S,
    worker: &Worker<C>,
    step: Step,
    buffers: &mut Buffers,
) {
    if STAGE >= C::STAGES.len() {
        return;
    }
    let Job {
        schedule,
        saved,
        output,
        packed,
        ..
    } = worker.job;
    let (n, hidden) = (worker.part.rows.len(), schedule.dims.hidden);
    let width = hidden.next_multiple_of(S::F32_LANES);
    let (now, next) = (step.turn * n * width, (1 - step.turn) * n * width);
    let rows = &buffers.rows;
    let masked = rows.mask.is_some();
    assert!(step.active <= n);
    // SAFETY: two turns of the hidden state, and of the operand where there is a mask.
    let group = unsafe {
        Group::<_, STAGE> {
            worker,
            step,
            width,
            product: buffers.product.as_ptr(),
            before: rows.hidden.add(now),
            after: rows.hidden.add(next),
            others: rows.others,
            operand: match STAGE {
                0 => rows.operand.add(now),
                _ => rows.second,
            },
            next_operand: match STAGE + 1 == C::STAGES.len() {
                true if masked => Some(rows.operand.add(next)),
                true => None,
                false => Some(rows.second),
            },
            mask: rows.mask.map(<*mut f32>::cast_const),
            output: output.0,
            saved: match saved {
                Some(saved) if packed.numbers == Numbers::F32 => Some(saved.0),
                _ => None,
            },
            slots: (!buffers.slots.is_empty()).then(|| buffers.slots.as_mut_ptr()),
        }
    };
    let units = worker
        .part
        .units(packed.input.groups(), hidden, S::F32_LANES);
    // SAFETY: the rows are below `active ≤ n`, the units those of this member, and the buffers those of its rows for this step.
    unsafe {
        group.each(simd, step.active, units);
    }
}

/// Addresses that all points of a step share. `[n][width]` unless stated.
struct Group<'a, C, const STAGE: usize> {
    worker: &'a Worker<'a, C>,
    step: Step,
    width: usize,
    /// `[n][gates of the stage × width]`
    product: *const f32,
    before: *const f32,
    after: *mut f32,
    /// `[states − 1][n][width]`
    others: *mut f32,
    operand: *const f32,
    next_operand: Option<*mut f32>,
    mask: Option<*const f32>,
    /// `[batch, time, hidden]`
    output: *mut f32,
    /// `[batch, time, slots × hidden]`, where values are saved as they are.
    saved: Option<*mut f32>,
    /// `[n][slots × hidden]`, where they are handed on.
    slots: Option<*mut f32>,
}

impl<C: Cell, const STAGE: usize> Points for Group<'_, C, STAGE> {
    #[inline(always)]
    #[allow(
        clippy::needless_range_loop,
        reason = "indexed arrays of vectors stay in registers"
    )]
    unsafe fn run<S: Simd, const N: usize>(
        &self,
        simd: S,
        rows: [usize; N],
        from: [usize; N],
        stride: usize,
        to: usize,
    ) {
        let Job { cell, schedule, .. } = self.worker.job;
        let (lanes, hidden) = (S::F32_LANES, schedule.dims.hidden);
        let gates = C::STAGES[STAGE].gates.clone();
        let last = STAGE + 1 == C::STAGES.len();
        let other = self.worker.part.rows.len() * self.width;
        let points = map(rows, |r| {
            self.worker.part.rows[r] * schedule.dims.time + self.step.t
        });
        let (base, kept) = match self.saved {
            Some(saved) => (Some(saved), points),
            None => (self.slots, rows),
        };
        // SAFETY: points are steps of this member's rows in the output and the saved values; `r` is a row of the buffer.
        let (output, slots) = unsafe {
            (
                map(points, |point| self.output.add(point * hidden)),
                base.map(|slots| map(kept, |row| slots.add(row * C::SLOTS * hidden))),
            )
        };
        let mut units = from;
        while units[N - 1] < to {
            let some = map(units, |unit| Lanes::first(simd, hidden - unit));
            // SAFETY: `r < n` and `unit + lanes ≤ width`, so padded buffers hold a whole vector there; rows of the output and of
            // the slots hold `some` values from `unit`; projection and product of these points were just written.
            unsafe {
                let at = |base: *const f32| map2(rows, units, |r, u| base.add(r * self.width + u));
                let at_mut =
                    |base: *mut f32| map2(rows, units, |r, u| base.add(r * self.width + u));
                let slot = |slots: [*mut f32; N], s: usize| {
                    map2(slots, units, |row, unit| row.add(s * hidden + unit))
                };
                let zero = Vector::zero(simd);
                let mut x = Forward {
                    input: [zero; MAX_GATES],
                    hidden: [zero; MAX_GATES],
                    state: [zero; MAX_STATES],
                    operand: Vector::load(simd, at(self.operand)),
                    slots: [zero; MAX_SLOTS],
                };
                for gate in gates.clone() {
                    let input = map2(rows, units, |r, unit| {
                        self.step
                            .input
                            .add(r * C::GATES * self.width + unit * C::GATES + gate * lanes)
                    });
                    let product = map2(rows, units, |r, unit| {
                        let gate = gate - gates.start;
                        self.product
                            .add(r * gates.len() * self.width + unit * gates.len() + gate * lanes)
                    });
                    x.input[gate] = Vector::load(simd, input);
                    x.hidden[gate] = Vector::load(simd, product);
                }
                x.state[0] = Vector::load(simd, at(self.before));
                for s in 1..C::STATES {
                    x.state[s] = Vector::load(simd, at(self.others.add((s - 1) * other)));
                }
                if let (1.., Some(slots)) = (STAGE, slots) {
                    for s in 0..C::SLOTS {
                        x.slots[s] =
                            Vector::load_first(simd, map(slot(slots, s), |s| s.cast_const()), some);
                    }
                }
                cell.forward(STAGE, &mut x);
                if last {
                    x.state[0].store(at_mut(self.after));
                    x.state[0].store_first(map2(output, units, |row, unit| row.add(unit)), some);
                    for s in 1..C::STATES {
                        x.state[s].store(at_mut(self.others.add((s - 1) * other)));
                    }
                    if let Some(mask) = self.mask {
                        x.operand = x.state[0] * Vector::load(simd, at(mask));
                    }
                }
                if let Some(next) = self.next_operand {
                    x.operand.store(at_mut(next));
                }
                if let (1.., Some(slots)) = (C::SAVED, slots) {
                    for s in 0..C::SLOTS {
                        x.slots[s].store_first(slot(slots, s), some);
                    }
                }
            }
            units = map(units, |unit| unit + stride);
        }
    }
}
