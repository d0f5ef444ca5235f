//! Dropout whose choice follows from a seed and a place alone: nothing is kept for the backward pass, which is the same pass over
//! the gradient.

use pulp::{Simd, WithSimd};

use crate::elementwise::each;
use crate::simd::Tier;
use crate::threads;

/// A thread with fewer values than this costs more to wake than it saves.
const WORTH: usize = 16_384;

/// Sets values to zero, each with probability `rate` by itself, and scales the others by `1 / (1 − rate)`, in place; the same bits
/// for any number of threads.
///
/// Srivastava et al. (2014), *Dropout: a simple way to prevent neural networks from overfitting*.
///
/// # Panics
/// If `rate` is not from 0 to below 1.
pub fn dropout(seed: u64, rate: f64, values: &mut [f32]) {
    assert!(
        (0.0..1.0).contains(&rate),
        "the rate of dropout is {rate}, not from 0 to below 1"
    );
    let workers = threads::threads().min(values.len() / WORTH).max(1);
    let (tier, share) = (Tier::current(), values.len().div_ceil(workers).max(1));
    let parts: Vec<_> = values.chunks_mut(share).enumerate().collect();
    each(parts, |(index, values)| {
        tier.run(Drop {
            seed,
            first: (index * share) as u64,
            // Below 2³², as the rate is below 1.
            threshold: (rate * 4_294_967_296.0) as u32,
            scale: (1.0 / (1.0 - rate)) as f32,
            values,
        });
    });
}

struct Drop<'a> {
    seed: u64,
    /// The place of the first value.
    first: u64,
    threshold: u32,
    scale: f32,
    values: &'a mut [f32],
}

impl WithSimd for Drop<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (value, place) in self.values.iter_mut().zip(self.first..) {
            let keeps = (draw(self.seed, place) >> 32) as u32 >= self.threshold;
            *value = if keeps { *value * self.scale } else { 0.0 };
        }
    }
}

/// The `place`-th output of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
#[inline(always)]
fn draw(seed: u64, place: u64) -> u64 {
    let state = seed.wrapping_add((place.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}
