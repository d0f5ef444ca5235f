//! What the processor can do at most: fused multiply-adds on registers alone.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// Independent sums of a thread: enough to cover the latency of two units that take four to five cycles, few enough for 16
/// registers.
const SUMS: usize = 12;

/// Multiply-adds on each sum: tens of milliseconds.
const STEPS: usize = 8_000_000;

/// Multiplies and adds `STEPS` times on `SUMS` vectors. The first sums pass through `black_box`, so that the compiler can
/// neither foresee them nor find two alike, and so do the last, so that no step can be left out.
type Chain = fn(f32, f32);

/// GFLOP/s of `threads` threads, each multiplying and adding without touching memory. The best of three measurements: what
/// else runs on the machine can only lower them.
pub fn gflops(threads: usize) -> f64 {
    let (lanes, chain) = widest();
    let flops = (2 * lanes * SUMS * STEPS * threads) as f64;
    let measure = |_| flops / seconds(threads, chain) / 1e9;
    (0..3).map(measure).fold(0.0, f64::max)
}

/// From the first thread's start to the last one's end.
fn seconds(threads: usize, chain: Chain) -> f64 {
    let barrier = Barrier::new(threads);
    let work = || {
        barrier.wait();
        let start = Instant::now();
        chain(black_box(0.999), black_box(0.001));
        (start, Instant::now())
    };
    let times: Vec<(Instant, Instant)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined = handles.into_iter().map(|handle| handle.join());
        joined
            .map(|times| times.expect("nothing in it panics"))
            .collect()
    });
    let first = times.iter().map(|(start, _)| *start).min();
    let last = times.iter().map(|(_, end)| *end).max();
    match (first, last) {
        (Some(first), Some(last)) => (last - first).as_secs_f64(),
        _ => f64::NAN,
    }
}

/// Values in the widest vector that this processor multiplies and adds, and the loop over them.
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "a function for a CPU feature is called where the CPU has it"
)]
fn widest() -> (usize, Chain) {
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the feature was just detected.
        (16, |factor, term| unsafe { x86::avx512(factor, term) })
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: both features were just detected.
        (8, |factor, term| unsafe { x86::avx2(factor, term) })
    } else {
        (8, portable)
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(
    unsafe_code,
    reason = "a function for a CPU feature is called where the CPU has it"
)]
fn widest() -> (usize, Chain) {
    // SAFETY: NEON is part of every processor that this target stands for.
    (4, |factor, term| unsafe { neon::neon(factor, term) })
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn widest() -> (usize, Chain) {
    (8, portable)
}

/// For processors without fused multiply-adds: a product and a sum, as wide as the compiler makes them.
#[cfg(not(target_arch = "aarch64"))]
fn portable(factor: f32, term: f32) {
    let mut sums = black_box([[0.0f32; 8]; SUMS]);
    for _ in 0..STEPS {
        for sum in sums.as_flattened_mut() {
            *sum = *sum * factor + term;
        }
    }
    black_box(sums);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{STEPS, SUMS, black_box};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f")]
    pub fn avx512(factor: f32, term: f32) {
        let (factor, term) = (_mm512_set1_ps(factor), _mm512_set1_ps(term));
        let mut sums = black_box([_mm512_setzero_ps(); SUMS]);
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, factor, term);
            }
        }
        black_box(sums);
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2(factor: f32, term: f32) {
        let (factor, term) = (_mm256_set1_ps(factor), _mm256_set1_ps(term));
        let mut sums = black_box([_mm256_setzero_ps(); SUMS]);
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, factor, term);
            }
        }
        black_box(sums);
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use super::{STEPS, SUMS, black_box};
    use std::arch::aarch64::*;

    #[target_feature(enable = "neon")]
    pub fn neon(factor: f32, term: f32) {
        let (factor, term) = (vdupq_n_f32(factor), vdupq_n_f32(term));
        let mut sums = black_box([vdupq_n_f32(0.0); SUMS]);
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = vfmaq_f32(term, *sum, factor);
            }
        }
        black_box(sums);
    }
}
