//! Passes over long slices, value by value, on all threads and in the widest vectors of the machine.
//!
//! The loops are plain Rust: compiled once for each instruction set, they come out as vectors, and since no multiplication is
//! fused with an addition unless the source says so, as the same bits on all of them.

use std::sync::Mutex;

use pulp::{Simd, WithSimd};

use crate::simd::Tier;
use crate::{check_len, threads};

/// A thread with fewer values than this costs more to wake than it saves.
const WORTH: usize = 32_768;

/// Values measured in one go by [`magnitude`]: what is added up, and in which order, follows from this alone.
const BLOCK: usize = 16_384;

fn workers(len: usize) -> usize {
    threads::threads().min(len / WORTH).max(1)
}

/// Calls `f` with matching parts of `values` and `gradient` until all have had their turn: an optimizer's update of weights and
/// their state, in place.
///
/// `f` must treat each value by itself, as it sees parts of any size in any order; then the results are the same bits for any
/// number of threads. Mark what it calls `#[inline(always)]`, or it will not be compiled for vectors.
///
/// # Panics
/// If the slices are not of one length.
#[inline]
pub fn update<const N: usize>(
    values: [&mut [f32]; N],
    gradient: &[f32],
    f: impl Fn([&mut [f32]; N], &[f32]) + Sync,
) {
    for slice in &values {
        check_len("values", slice.len(), gradient.len());
    }
    let (tier, workers) = (Tier::current(), workers(gradient.len()));
    if workers == 1 {
        return tier.run(Part {
            values,
            gradient,
            f: &f,
        });
    }
    let share = gradient.len().div_ceil(workers);
    let mut rest = values;
    let parts = gradient.chunks(share).map(|gradient| {
        let values = rest.each_mut().map(|slice| {
            let (part, tail) = std::mem::take(slice).split_at_mut(gradient.len());
            *slice = tail;
            part
        });
        Part {
            values,
            gradient,
            f: &f,
        }
    });
    each(parts.collect(), |part| tier.run(part));
}

/// Calls `f` with each of `parts`, in parallel.
pub(crate) fn each<T: Send>(parts: Vec<T>, f: impl Fn(T) + Sync) {
    let count = parts.len();
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| Mutex::new(Some(part)))
        .collect();
    if count == 0 {
        return;
    }
    threads::run(count, |worker| {
        let part = parts[worker].lock().expect("taken, not held").take();
        f(part.expect("each worker takes its own part, once"));
    });
}

/// What one thread updates.
struct Part<'a, F, const N: usize> {
    values: [&'a mut [f32]; N],
    gradient: &'a [f32],
    f: &'a F,
}

impl<F: Fn([&mut [f32]; N], &[f32]), const N: usize> WithSimd for Part<'_, F, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        (self.f)(self.values, self.gradient);
    }
}

/// The size of many values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Magnitude {
    /// The sum of their squares; not finite if one of them is not.
    pub squares: f64,
    /// The largest absolute value, NaN aside.
    pub largest: f32,
}

/// The size of `values`, measured in 64 bits; the same bits for any number of threads.
#[must_use]
pub fn magnitude(values: &[f32]) -> Magnitude {
    let (tier, workers) = (Tier::current(), workers(values.len()));
    if workers == 1 {
        return joined(values.chunks(BLOCK).map(|block| tier.run(Block(block))));
    }
    let share = values.len().div_ceil(BLOCK).div_ceil(workers) * BLOCK;
    let mut found = vec![Magnitude::default(); values.len().div_ceil(BLOCK)];
    let parts = values.chunks(share).zip(found.chunks_mut(share / BLOCK));
    each(parts.collect(), |(values, found)| {
        for (block, found) in values.chunks(BLOCK).zip(found) {
            *found = tier.run(Block(block));
        }
    });
    joined(found.into_iter())
}

fn joined(parts: impl Iterator<Item = Magnitude>) -> Magnitude {
    parts.fold(Magnitude::default(), |all, part| Magnitude {
        squares: all.squares + part.squares,
        largest: all.largest.max(part.largest),
    })
}

struct Block<'a>(&'a [f32]);

impl WithSimd for Block<'_> {
    type Output = Magnitude;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Magnitude {
        const LANES: usize = 32;
        let (mut squares, mut largest) = ([0.0f64; LANES], [0.0f32; LANES]);
        let (chunks, rest) = self.0.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                let value = f64::from(chunk[lane]);
                squares[lane] += value * value;
                largest[lane] = if chunk[lane].abs() > largest[lane] {
                    chunk[lane].abs()
                } else {
                    largest[lane]
                };
            }
        }
        for (lane, value) in rest.iter().enumerate() {
            squares[lane] += f64::from(*value) * f64::from(*value);
            largest[lane] = largest[lane].max(value.abs());
        }
        Magnitude {
            squares: squares.iter().sum(),
            largest: largest.iter().copied().fold(0.0, f32::max),
        }
    }
}
