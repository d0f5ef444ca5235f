//! The one driver of all cells: input projection, time loop, back-propagation through time, weight gradients.

#![allow(
    unsafe_code,
    reason = "points are computed through addresses that the caller vouches for"
)]

mod backward;
mod forward;
mod weights;

pub(crate) use backward::{Incoming, backward};
pub(crate) use forward::{PackedWeights, forward, forward_packed};

use std::ops::Range;

use pulp::Simd;

use crate::{Dims, Sequence};

/// Steps × rows whose input projection (or input gradient) is one product: enough rows to reuse a panel of weights from the
/// L1 cache, few enough that the result is still in the L2 cache when the recurrence reads it.
const CHUNK: usize = 96;

/// How the members of a team divide a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Each has rows of the batch and goes its own way.
    Rows,
    /// Each has hidden units of all rows; they meet at every step.
    Units,
}

impl Cut {
    /// The better one for `members`: a member with few rows does little with each weight that it loads.
    fn choose(dims: Dims, members: usize, groups: usize) -> Self {
        /// Rows that make the recurrent product worth its loads.
        const ENOUGH: usize = 12;
        match groups >= members && dims.batch < ENOUGH * members {
            true => Self::Units,
            false => Self::Rows,
        }
    }
}

/// What one member does of each step.
struct Part {
    /// Its batch rows, the longest first.
    rows: Vec<usize>,
    /// Rows of the members before it, where each has its own.
    before: usize,
    /// Groups of units that it computes.
    groups: Range<usize>,
    /// Groups of units whose weights it packs.
    own: Range<usize>,
    /// Whether members meet at every step.
    together: bool,
}

impl Part {
    /// Its hidden units, whole vectors of them.
    fn units(&self, groups: usize, hidden: usize, lanes: usize) -> Range<usize> {
        let all = hidden.div_ceil(lanes);
        let edge = |group| crate::gemm::blocks(group, groups, all) * lanes;
        edge(self.groups.start)..edge(self.groups.end)
    }
}

/// What is computed at every point of a step.
trait Points {
    /// `N` points at once: the units `from` of `rows`, then every `stride` further ones below `to`.
    ///
    /// # Safety
    /// `rows` are active at this step, and the units those of the member.
    unsafe fn run<S: Simd, const N: usize>(
        &self,
        simd: S,
        rows: [usize; N],
        from: [usize; N],
        stride: usize,
        to: usize,
    );

    /// All points of the first `active` rows and these units: two rows side by side, or two vectors of the odd row. (A trait,
    /// since a closure would not be compiled for the instruction set of its caller.)
    ///
    /// # Safety
    /// As for [`Points::run`].
    #[inline(always)]
    unsafe fn each<S: Simd>(&self, simd: S, active: usize, units: Range<usize>) {
        let (Range { start, end }, lanes) = (units, S::F32_LANES);
        // SAFETY: the caller's.
        unsafe {
            for row in (0..active / 2).map(|pair| 2 * pair) {
                self.run(simd, [row, row + 1], [start; 2], lanes, end);
            }
            if active % 2 == 1 {
                let row = active - 1;
                let paired = start + (end - start) / (2 * lanes) * (2 * lanes);
                self.run(simd, [row; 2], [start, start + lanes], 2 * lanes, paired);
                self.run(simd, [row], [paired], lanes, end);
            }
        }
    }
}

/// The part of `0..all` that falls to one of `count`.
fn share(index: usize, count: usize, all: usize) -> Range<usize> {
    index * all / count..(index + 1) * all / count
}

/// Into how many groups units are cut for a team of `members`.
fn groups(hidden: usize, lanes: usize, members: usize) -> usize {
    members.min(hidden.div_ceil(lanes)).max(1)
}

/// Which steps of which rows take part, and in what order.
#[derive(Clone, Copy)]
struct Schedule<'a> {
    dims: Dims,
    lengths: Option<&'a [usize]>,
    reverse: bool,
}

impl<'a> Schedule<'a> {
    fn new(sequence: &Sequence<'a>) -> Self {
        Self {
            dims: sequence.dims,
            lengths: sequence.lengths,
            reverse: sequence.reverse,
        }
    }

    /// Valid steps of batch row `b`.
    fn length(&self, b: usize) -> usize {
        self.lengths.map_or(self.dims.time, |lengths| lengths[b])
    }

    /// Time of the `step`-th step in processing order.
    fn time(&self, step: usize) -> usize {
        if self.reverse {
            self.dims.time - 1 - step
        } else {
            step
        }
    }

    /// The time processed just before `t` in batch row `b`; `None` at its first step.
    fn before(&self, b: usize, t: usize) -> Option<usize> {
        if self.reverse {
            Some(t + 1).filter(|&t| t < self.length(b))
        } else {
            t.checked_sub(1)
        }
    }

    /// What one of `count` members does of each step; `groups` is into how many groups the units are cut.
    fn part(&self, index: usize, count: usize, cut: Cut, groups: usize) -> Part {
        let batch = self.dims.batch;
        let mut order: Vec<usize> = (0..batch).collect();
        if self.lengths.is_some() {
            order.sort_by_key(|&b| std::cmp::Reverse(self.length(b)));
        }
        let own = share(index, count, groups);
        match cut {
            Cut::Units => Part {
                rows: order,
                before: 0,
                groups: own.clone(),
                own,
                together: count > 1,
            },
            Cut::Rows => Part {
                rows: order.into_iter().skip(index).step_by(count).collect(),
                before: (0..index)
                    .map(|w| batch.saturating_sub(w).div_ceil(count))
                    .sum(),
                groups: 0..groups,
                own,
                together: false,
            },
        }
    }

    /// How many of `rows` (longest first) are valid at time `t`: a prefix.
    fn active(&self, rows: &[usize], t: usize) -> usize {
        match self.lengths {
            None => rows.len(),
            Some(_) => rows.partition_point(|&b| self.length(b) > t),
        }
    }

    /// Steps that one chunk of `rows` rows spans.
    fn chunk(&self, rows: usize) -> usize {
        CHUNK.div_ceil(rows.max(1)).min(self.dims.time).max(1)
    }
}
