//! The derivative of the cell's equation at every point of a step.
#![allow(
    unsafe_code,
    reason = "points are read and written through raw rows of the buffers"
)]

use pulp::Simd;

use super::super::Points;
use super::{Buffers, Job, Step, Worker};
use crate::cell::{Backward, Cell, MAX_SLOTS, MAX_STATES};
use crate::simd::{Lanes, Vector, map, map2};

/// Runs the derivative of stage `STAGE` at all points of the first `active` rows at time `t`.
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
    let (n, hidden) = (worker.part.rows.len(), worker.job.schedule.dims.hidden);
    let half = n * C::SLOTS * hidden;
    let wide = (!buffers.slots.is_empty()).then(|| {
        let (first, second) = buffers.slots.split_at_mut(half);
        let (first, second) = (first.as_mut_ptr(), second.as_mut_ptr());
        match step.turn {
            0 => (first, second),
            _ => (second, first),
        }
    });
    let group = Group::<_, STAGE> {
        worker,
        t: step.t,
        wide: wide.map(|(now, before)| (now, before.cast_const())),
        width: worker
            .job
            .schedule
            .dims
            .hidden
            .next_multiple_of(S::F32_LANES),
        d_state: buffers.d_state.as_mut_ptr(),
        d_incoming: buffers.d_operand[(STAGE + 1) % C::STAGES.len()].as_ptr(),
        d_operand: buffers.d_operand[STAGE].as_mut_ptr(),
        mask: buffers.mask.as_ref().map(|mask| mask.as_ptr()),
    };
    assert!(step.active <= n);
    let units = worker.part.units(worker.job.groups, hidden, S::F32_LANES);
    // SAFETY: the rows are below `active ≤ n`, the units those of this member, and the buffers its own.
    unsafe {
        group.each(simd, step.active, units);
    }
}

/// Addresses that all points of a step share. `[n][width]` unless stated.
struct Group<'a, C, const STAGE: usize> {
    worker: &'a Worker<'a, C>,
    t: usize,
    width: usize,
    /// `[n][slots × hidden]` of this step and of the one before it, where slots are kept as bf16.
    wide: Option<(*mut f32, *const f32)>,
    /// `[states][n][width]`
    d_state: *mut f32,
    /// Derivative with respect to the operand that this stage made: the next stage's, or after the last stage the next step's.
    d_incoming: *const f32,
    /// Derivative with respect to this stage's operand.
    d_operand: *mut f32,
    mask: Option<*const f32>,
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
        let Job {
            cell,
            sequence,
            schedule,
            output,
            incoming,
            slots,
            steps,
            ..
        } = self.worker.job;
        let dims = schedule.dims;
        let hidden = dims.hidden;
        let last = STAGE + 1 == C::STAGES.len();
        let other = self.worker.part.rows.len() * self.width;
        let b = map(rows, |r| self.worker.part.rows[r]);
        let points = map(b, |b| b * dims.time + self.t);
        let before = map(b, |b| {
            (b, schedule.before(b, self.t).map(|t| b * dims.time + t))
        });
        let h_before = map(before, |(b, before)| match before {
            Some(point) => output[point * hidden..][..hidden].as_ptr(),
            None => sequence.state[b * hidden..][..hidden].as_ptr(),
        });
        let h_after = map(points, |point| output[point * hidden..][..hidden].as_ptr());
        let d_output = incoming
            .d_output
            .map(|d| map(points, |point| d[point * hidden..][..hidden].as_ptr()));
        let size = C::SLOTS * hidden;
        // SAFETY: points are steps of this member's rows; `r` is a row of its buffers.
        let here = unsafe {
            match self.wide {
                Some((now, _)) => map(rows, |r| now.add(r * size)),
                None => map(points, |point| slots.0.add(point * size)),
            }
        };
        let mut others = [[std::ptr::null(); N]; MAX_STATES];
        for s in 1..C::STATES {
            let slot = C::STATE_SLOTS[s - 1] * hidden;
            others[s] = map2(rows, before, |r, (b, before)| match (before, self.wide) {
                (None, _) => sequence.state[(s * dims.batch + b) * hidden..][..hidden].as_ptr(),
                // SAFETY: as above, for the step before.
                (Some(_), Some((_, before))) => unsafe { before.add(r * size + slot) },
                // SAFETY: as above.
                (Some(point), None) => unsafe { slots.0.add(point * size + slot).cast_const() },
            });
        }
        let mut units = from;
        while units[N - 1] < to {
            let some = map(units, |unit| Lanes::first(simd, hidden - unit));
            // SAFETY: `r < n` and `unit + lanes ≤ width`, so padded buffers hold a whole vector there; rows of outputs, states and
            // slots hold `some` values from `unit`.
            unsafe {
                let at = |base: *const f32| map2(rows, units, |r, u| base.add(r * self.width + u));
                let at_mut =
                    |base: *mut f32| map2(rows, units, |r, u| base.add(r * self.width + u));
                let of = |rows: [*const f32; N]| map2(rows, units, |row, unit| row.add(unit));
                let zero = Vector::zero(simd);
                let mut x = Backward {
                    output: Vector::load_first(simd, of(h_after), some),
                    state: [zero; MAX_STATES],
                    operand: zero,
                    d_state: [zero; MAX_STATES],
                    d_operand: Vector::load(simd, at(self.d_incoming)),
                    total: [zero; MAX_STATES],
                    slots: [zero; MAX_SLOTS],
                };
                x.state[0] = Vector::load_first(simd, of(h_before), some);
                for s in 1..C::STATES {
                    x.state[s] = Vector::load_first(simd, of(others[s]), some);
                }
                for s in 0..C::STATES {
                    x.d_state[s] = Vector::load(simd, at(self.d_state.add(s * other)));
                }
                if C::SAVED > 0 {
                    for s in 0..C::SLOTS {
                        let row = map(here, |row| row.add(s * hidden).cast_const());
                        x.slots[s] = Vector::load_first(simd, of(row), some);
                    }
                }
                let mask = match self.mask {
                    Some(mask) => Vector::load(simd, at(mask)),
                    None => Vector::splat(simd, 1.0),
                };
                x.operand = x.state[0] * mask;
                if last {
                    // The next step's operand was this step's hidden state with the mask.
                    x.d_state[0] = x.d_operand.mul_add(mask, x.d_state[0]);
                    if let Some(d_output) = d_output {
                        x.d_state[0] = x.d_state[0] + Vector::load_first(simd, of(d_output), some);
                    }
                }
                x.total = x.d_state;
                cell.backward(STAGE, &mut x);
                if let Some(steps) = steps.filter(|_| last) {
                    for s in 0..C::STATES {
                        let row =
                            |point, unit| steps.0.add((point * C::STATES + s) * hidden + unit);
                        x.total[s].store_first(map2(points, units, row), some);
                    }
                }
                for s in 0..C::STATES {
                    x.d_state[s].store(at_mut(self.d_state.add(s * other)));
                }
                if !last {
                    x.d_operand.store(at_mut(self.d_operand));
                }
                for s in 0..C::SLOTS {
                    if derivative::<C>(STAGE, s) {
                        let at = map2(here, units, |row, unit| row.add(s * hidden + unit));
                        x.slots[s].store_first(at, some);
                    }
                }
            }
            units = map(units, |unit| unit + stride);
        }
    }
}

/// Whether `slot` holds a derivative of this stage's gates, or of those before it once it has run. Those of later stages are
/// final, and another member may be reading them.
#[inline(always)]
pub(super) fn derivative<C: Cell>(stage: usize, slot: usize) -> bool {
    let gates = C::STAGES[stage].gates.end;
    C::INPUT_SLOTS[..gates].contains(&slot) || C::HIDDEN_SLOTS[..gates].contains(&slot)
}
