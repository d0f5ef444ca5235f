//! Weight gradients: for all steps at once, `[x | 1 | h]ᵀ · dpre`.
//!
//! The row of ones makes the bias gradient a row of the same product, and one pass over the derivatives serves the input weights,
//! both biases and the recurrent weights. Threads share the columns; the summed dimension is never split.
#![allow(
    unsafe_code,
    reason = "workers write their columns of shared gradients through raw pointers"
)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Schedule;
use crate::Sequence;
use crate::cell::Cell;
use crate::gemm::{DEPTH, MAX_VECTORS, Product, Span, Start};
use crate::numbers::Numbers;
use crate::numbers::bf16::{pair_rows, widen};
use crate::scratch::Scratch;
use crate::simd::Tier;
use crate::threads::{self, Shared};

/// Neighbouring slots whose derivatives belong to neighbouring gates and meet the same operands.
struct Run {
    slot: usize,
    gate: usize,
    gates: usize,
    /// Whether they are derivatives with respect to the input's side.
    input: bool,
    /// The stage whose operand they meet, where they are derivatives with respect to the hidden side.
    stage: Option<usize>,
}

fn runs<C: Cell>() -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for slot in 0..C::SLOTS {
        let position = |slots: &[usize]| slots.iter().position(|&s| s == slot);
        let (input, hidden) = (position(C::INPUT_SLOTS), position(C::HIDDEN_SLOTS));
        let Some(gate) = input.or(hidden) else {
            continue;
        };
        let input = input.is_some();
        let stage = hidden.and_then(|gate| {
            C::STAGES
                .iter()
                .position(|stage| stage.gates.contains(&gate))
        });
        match runs.last_mut() {
            Some(last)
                if (last.input, last.stage) == (input, stage)
                    && (last.slot + last.gates, last.gate + last.gates) == (slot, gate) =>
            {
                last.gates += 1;
            }
            _ => runs.push(Run {
                slot,
                gate,
                gates: 1,
                input,
                stage,
            }),
        }
    }
    runs
}

/// Some columns of one run: at most a panel's width.
struct Task {
    run: usize,
    /// Of the run's `gates × hidden`.
    columns: Range<usize>,
    vectors: usize,
}

fn tasks(runs: &[Run], hidden: usize, lanes: usize, workers: usize) -> Vec<Task> {
    let vectors = |run: &Run| (run.gates * hidden).div_ceil(lanes);
    let total: usize = runs.iter().map(vectors).sum();
    let widest = total.div_ceil(workers).clamp(1, MAX_VECTORS);
    let mut tasks = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let columns = run.gates * hidden;
        let parts = vectors(run).div_ceil(widest);
        let mut first = 0;
        for part in 0..parts {
            let count = vectors(run) / parts + usize::from(part < vectors(run) % parts);
            tasks.push(Task {
                run: index,
                columns: first..(first + count * lanes).min(columns),
                vectors: count,
            });
            first += count * lanes;
        }
    }
    tasks
}

/// Gradients of `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, from the slots that the time loop has filled.
pub(super) fn weight_gradients<C: Cell>(
    tier: Tier,
    numbers: Numbers,
    sequence: &Sequence,
    output: &[f32],
    slots: &[f32],
) -> [Vec<f32>; 4] {
    let dims = sequence.dims;
    let columns = C::GATES * dims.hidden;
    let mut results = [
        dims.input * columns,
        dims.hidden * columns,
        columns,
        columns,
    ]
    .map(|len| vec![0.0; len]);
    let runs = runs::<C>();
    let work = dims.batch * dims.time * columns * (dims.input + dims.hidden + 1);
    let workers = threads::workers(work, columns.div_ceil(tier.lanes()));
    let schedule = Schedule::new(sequence);
    let steps = (0..dims.batch)
        .flat_map(|b| (0..schedule.length(b)).map(move |t| (b, t)))
        .collect();
    let [ih, hh, bias_ih, bias_hh] = &mut results;
    let job = Job {
        numbers,
        sequence,
        schedule,
        output,
        slots,
        width: numbers.words(C::SLOTS * dims.hidden),
        operands: C::STAGES.iter().map(|stage| stage.operand).collect(),
        steps,
        tasks: tasks(&runs, dims.hidden, tier.lanes(), workers),
        runs,
        columns,
        weight_ih: Shared(ih.as_mut_ptr()),
        weight_hh: Shared(hh.as_mut_ptr()),
        bias_ih: Shared(bias_ih.as_mut_ptr()),
        bias_hh: Shared(bias_hh.as_mut_ptr()),
    };
    threads::run(workers, |worker| {
        tier.run(Worker {
            job: &job,
            index: worker,
            workers,
        })
    });
    drop(job);
    results
}

struct Job<'a> {
    numbers: Numbers,
    sequence: &'a Sequence<'a>,
    schedule: Schedule<'a>,
    output: &'a [f32],
    slots: &'a [f32],
    /// Values in a row of slots.
    width: usize,
    /// Per stage, the slot of its operand.
    operands: Vec<Option<usize>>,
    /// All valid steps, (batch row, time).
    steps: Vec<(usize, usize)>,
    runs: Vec<Run>,
    tasks: Vec<Task>,
    /// Values in a row of the weights: gates × hidden.
    columns: usize,
    weight_ih: Shared,
    weight_hh: Shared,
    bias_ih: Shared,
    bias_hh: Shared,
}

struct Worker<'a> {
    job: &'a Job<'a>,
    index: usize,
    workers: usize,
}

impl WithSimd for Worker<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let job = self.job;
        let dims = job.schedule.dims;
        let lanes = S::F32_LANES;
        let mine: Vec<&Task> = job
            .tasks
            .iter()
            .skip(self.index)
            .step_by(self.workers)
            .collect();
        let side = dims.input + 1 + dims.hidden;
        let depth = DEPTH * job.numbers.per_word();
        let mut sums: Vec<Scratch> = mine
            .iter()
            .map(|task| Scratch::zeroed(side * task.vectors * lanes))
            .collect();
        let mut operands: Vec<Scratch> = job
            .operands
            .iter()
            .map(|_| Scratch::new(depth * side))
            .collect();
        let mut panel = Scratch::new(depth * MAX_VECTORS * lanes);
        for steps in job.steps.chunks(depth) {
            for (stage, operand) in operands.iter_mut().enumerate() {
                job.pack_operand(stage, steps, operand);
                if job.numbers == Numbers::Bf16 {
                    pair_rows(operand, steps.len(), side);
                }
            }
            for (task, sums) in mine.iter().zip(&mut sums) {
                job.pack_panel(task, steps, task.vectors * lanes, &mut panel);
                if job.numbers == Numbers::Bf16 {
                    pair_rows(&mut panel, steps.len(), task.vectors * lanes);
                }
                job.accumulate(simd, task, steps.len(), &operands, &panel, sums);
            }
        }
        for (task, sums) in mine.iter().zip(&sums) {
            job.write(task, task.vectors * lanes, sums);
        }
    }
}

impl Job<'_> {
    /// Rows of `[x | 1 | h]` (or the stage's other operand) of these steps.
    fn pack_operand(&self, stage: usize, steps: &[(usize, usize)], out: &mut [f32]) {
        let dims = self.schedule.dims;
        let (input, hidden) = (dims.input, dims.hidden);
        for (&(b, t), row) in steps.iter().zip(out.chunks_exact_mut(input + 1 + hidden)) {
            let point = b * dims.time + t;
            row[..input].copy_from_slice(&self.sequence.input[point * input..][..input]);
            row[input] = 1.0;
            let row = &mut row[input + 1..];
            if let Some(slot) = self.operands[stage] {
                self.copy_slots(point, slot * hidden, row);
                continue;
            }
            row.copy_from_slice(match self.schedule.before(b, t) {
                Some(t) => &self.output[(b * dims.time + t) * hidden..][..hidden],
                None => &self.sequence.state[b * hidden..][..hidden],
            });
            if let Some(mask) = self.sequence.recurrent_mask {
                for (value, mask) in row.iter_mut().zip(&mask[b * hidden..]) {
                    *value *= mask;
                }
            }
        }
    }

    /// The task's columns of the derivatives of these steps, padded with zeros to `width`.
    #[inline(always)]
    fn pack_panel(&self, task: &Task, steps: &[(usize, usize)], width: usize, out: &mut [f32]) {
        let dims = self.schedule.dims;
        let first = self.runs[task.run].slot * dims.hidden + task.columns.start;
        for (&(b, t), row) in steps.iter().zip(out.chunks_exact_mut(width)) {
            let (columns, rest) = row.split_at_mut(task.columns.len());
            self.copy_slots(b * dims.time + t, first, columns);
            rest.fill(0.0);
        }
    }

    /// Values of a row of slots from `first`.
    #[inline(always)]
    fn copy_slots(&self, point: usize, first: usize, out: &mut [f32]) {
        let row = &self.slots[point * self.width..][..self.width];
        match self.numbers {
            Numbers::F32 => out.copy_from_slice(&row[first..][..out.len()]),
            Numbers::Bf16 | Numbers::Int8 => {
                assert!(first + out.len() <= 2 * row.len());
                // SAFETY: two halves in each word of the row, which nobody writes any more.
                unsafe { widen(row.as_ptr().cast::<u16>().add(first), out) }
            }
        }
    }

    /// Which of the rows `[x | 1 | h]` the task's columns meet.
    fn sides(&self, task: &Task) -> Range<usize> {
        let (run, dims) = (&self.runs[task.run], self.schedule.dims);
        let first = if run.input { 0 } else { dims.input };
        let last = if run.stage.is_some() {
            dims.input + 1 + dims.hidden
        } else {
            dims.input + 1
        };
        first..last
    }

    #[inline(always)]
    fn accumulate<S: Simd>(
        &self,
        simd: S,
        task: &Task,
        steps: usize,
        operands: &[Scratch],
        panel: &[f32],
        sums: &mut [f32],
    ) {
        let dims = self.schedule.dims;
        let side = dims.input + 1 + dims.hidden;
        let width = task.vectors * S::F32_LANES;
        let operand = &operands[self.runs[task.run].stage.unwrap_or(0)];
        let sides = self.sides(task);
        let rows: Vec<*const f32> = sides.clone().map(|row| operand[row..].as_ptr()).collect();
        assert!(
            operand.len() >= steps * side
                && panel.len() >= steps * width
                && sums.len() >= side * width
        );
        let product = Product {
            numbers: self.numbers,
            rows: &rows,
            step: side,
            spans: &[Span {
                at: 0,
                from: 0,
                len: self.numbers.words(steps),
            }],
            panel: panel.as_ptr(),
            vectors: task.vectors,
            start: Start::Output,
            out: sums[sides.start * width..].as_mut_ptr(),
            out_stride: width,
        };
        // SAFETY: the operand holds `steps` rows of `side` values, the panel `steps` rows of `width`, the sums `side` rows of
        // `width`, all asserted above, and `sides` is within `0..side`.
        unsafe { product.run(simd) };
    }

    fn write(&self, task: &Task, width: usize, sums: &[f32]) {
        let (run, dims) = (&self.runs[task.run], self.schedule.dims);
        let column = run.gate * dims.hidden + task.columns.start;
        let count = task.columns.len();
        for side in self.sides(task) {
            let source = &sums[side * width..][..count];
            let copy = |target: Shared, row: usize| {
                // SAFETY: the columns of a task belong to it alone, per side of the recurrence, and `row` is one of the target's.
                unsafe {
                    target
                        .0
                        .add(row * self.columns + column)
                        .copy_from_nonoverlapping(source.as_ptr(), count)
                };
            };
            if side < dims.input {
                copy(self.weight_ih, side);
            } else if side > dims.input {
                copy(self.weight_hh, side - dims.input - 1);
            } else {
                if run.input {
                    copy(self.bias_ih, 0);
                }
                if run.stage.is_some() {
                    copy(self.bias_hh, 0);
                }
            }
        }
    }
}
