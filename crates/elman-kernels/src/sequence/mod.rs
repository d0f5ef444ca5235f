//! The one driver of all cells: input projection, time loop, back-propagation through time, weight gradients.

mod backward;
mod forward;
mod weights;

pub(crate) use backward::{Incoming, backward};
pub(crate) use forward::{PackedWeights, forward, forward_packed};

use crate::{Dims, Sequence};

/// Steps × rows whose input projection (or input gradient) is one product: enough rows to reuse a panel of weights from the
/// L1 cache, few enough that the result is still in the L2 cache when the recurrence reads it.
const CHUNK: usize = 96;

/// An output that several workers fill, each its own part.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

#[allow(unsafe_code, reason = "workers write disjoint rows of one allocation")]
// SAFETY: a bare address; every write through it states which part is its own.
unsafe impl Send for Shared {}
#[allow(unsafe_code, reason = "as above")]
// SAFETY: as above.
unsafe impl Sync for Shared {}

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

    /// Batch rows for `workers`, each worker's longest first, the work spread evenly.
    fn shares(&self, workers: usize) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.dims.batch).collect();
        if self.lengths.is_some() {
            order.sort_by_key(|&b| std::cmp::Reverse(self.length(b)));
        }
        (0..workers)
            .map(|w| order.iter().copied().skip(w).step_by(workers).collect())
            .collect()
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
