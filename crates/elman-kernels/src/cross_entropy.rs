//! Softmax cross-entropy from logits, without ever holding the probabilities.
//!
//! Forward leaves one number for each row, `log Σ eˣ`; backward turns the logits themselves into their gradient.
#![allow(unsafe_code, reason = "vector loads and stores within rows")]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::elementwise::each;
use crate::math::exp;
use crate::simd::{MAX_LANES, Tier, Vector, map};
use crate::{check_len, check_optional, product, threads};

/// Exponentials that cost as much as waking a thread for them is worth.
const WORTH: usize = 16_384;

/// The cross-entropy of one class out of several.
///
/// ```text
/// loss_i = Σ_c o_ic (lse_i − x_ic)      lse_i = log Σ_c e^{x_ic}
/// o_ic   = (1 − ε) w_c [c = y_i] + ε/C w_c
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy<'a> {
    /// C: values in a row of logits.
    pub classes: usize,
    /// `[rows]`: y, each below C; a row without a target has no loss and no gradient, whatever stands in it.
    pub targets: &'a [Option<u32>],
    /// ε
    pub label_smoothing: f32,
    /// `[classes]`: w; one when absent.
    pub class_weights: Option<&'a [f32]>,
}

impl CrossEntropy<'_> {
    /// From logits `[rows, classes]` the loss of each row, and `lse`, which [`backward`](Self::backward) needs; 0 both
    /// where there is no target.
    ///
    /// # Panics
    /// If a slice is not as long as its shape says, or a target is not a class.
    #[must_use]
    pub fn forward(&self, logits: &[f32]) -> (Vec<f32>, Vec<f32>) {
        self.check(logits.len());
        let rows = self.targets.len();
        let (mut losses, mut norms) = (vec![0.0; rows], vec![0.0; rows]);
        let share = self.share();
        let (tier, weight_sum) = (Tier::current(), self.weight_sum());
        let results = losses.chunks_mut(share).zip(norms.chunks_mut(share));
        let parts = results.enumerate().map(|(index, (losses, norms))| {
            let first = index * share;
            (first..first + losses.len(), losses, norms)
        });
        each(parts.collect(), |(rows, losses, norms)| {
            tier.run(Forward {
                rule: self,
                weight_sum,
                rows,
                logits,
                losses,
                norms,
            });
        });
        (losses, norms)
    }

    /// Replaces logits by their gradient, from `lse` as [`forward`](Self::forward) left it and the gradient of each
    /// row's loss.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    pub fn backward(&self, logits: &mut [f32], norms: &[f32], d_losses: &[f32]) {
        self.check(logits.len());
        check_len("norms", norms.len(), self.targets.len());
        check_len("d_losses", d_losses.len(), self.targets.len());
        let share = self.share();
        let (tier, weight_sum) = (Tier::current(), self.weight_sum());
        let parts = logits.chunks_mut((share * self.classes).max(1));
        let parts = parts.enumerate().map(|(index, logits)| {
            let first = index * share;
            (first..first + logits.len() / self.classes, logits)
        });
        each(parts.collect(), |(rows, logits)| {
            tier.run(Backward {
                rule: self,
                weight_sum,
                rows,
                logits,
                norms,
                d_losses,
            });
        });
    }

    fn check(&self, logits: usize) {
        check_len(
            "logits",
            logits,
            product(&[self.targets.len(), self.classes]),
        );
        check_optional("class_weights", self.class_weights, self.classes);
        for (row, target) in self.targets.iter().enumerate() {
            assert!(
                target.is_none_or(|target| (target as usize) < self.classes),
                "the target of row {row} is {}, but there are {} classes",
                target.unwrap_or(0),
                self.classes
            );
        }
    }

    /// Rows of one thread.
    fn share(&self) -> usize {
        let rows = self.targets.len();
        let workers = threads::threads().min(rows * self.classes / WORTH).max(1);
        rows.div_ceil(workers).max(1)
    }

    /// Σ_c w_c
    fn weight_sum(&self) -> f64 {
        match self.class_weights {
            Some(weights) => weights.iter().copied().map(f64::from).sum(),
            None => self.classes as f64,
        }
    }

    /// (1 − ε) w_y
    fn target_weight(&self, target: u32) -> f32 {
        let weight = self.class_weights.map_or(1.0, |all| all[target as usize]);
        (1.0 - self.label_smoothing) * weight
    }

    /// ε/C
    fn spread(&self) -> f32 {
        self.label_smoothing / self.classes as f32
    }

    /// Σ_c w_c x_c
    fn weighted_sum(&self, row: &[f32]) -> f64 {
        match self.class_weights {
            Some(weights) => {
                let terms = row.iter().zip(weights);
                terms.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum()
            }
            None => row.iter().copied().map(f64::from).sum(),
        }
    }
}

/// Vectors of a row taken together.
const STEP: usize = 4;

/// Calls `f` with the address and the number of values of each stretch of a row of `len` values.
#[inline(always)]
fn stretches<S: Simd>(len: usize, mut f: impl FnMut(usize, usize)) {
    let width = STEP * S::F32_LANES;
    let mut at = 0;
    while at < len {
        f(at, width.min(len - at));
        at += width;
    }
}

/// `STEP` vectors at `at`, of which `count` values are within the row; the others are `filler`.
#[inline(always)]
fn load<S: Simd>(simd: S, row: &[f32], at: usize, count: usize, filler: f32) -> Vector<S, STEP> {
    let lanes = S::F32_LANES;
    if count == STEP * lanes {
        let whole = &row[at..at + count];
        let places = map([0, 1, 2, 3], |j| whole[j * lanes..].as_ptr());
        // SAFETY: `whole` is STEP vectors long, so each place is the start of a whole one.
        return unsafe { Vector::load(simd, places) };
    }
    let mut padded = [filler; STEP * MAX_LANES];
    padded[..count].copy_from_slice(&row[at..at + count]);
    let places = map([0, 1, 2, 3], |j| padded[j * lanes..].as_ptr());
    // SAFETY: the buffer is STEP vectors of the widest kind long.
    unsafe { Vector::load(simd, places) }
}

/// The values of `STEP` vectors.
#[inline(always)]
fn values<S: Simd>(vectors: Vector<S, STEP>) -> [f32; STEP * MAX_LANES] {
    let mut out = [0.0; STEP * MAX_LANES];
    let start = out.as_mut_ptr();
    let lanes = S::F32_LANES;
    // SAFETY: the buffer is STEP vectors of the widest kind long, and nothing else refers to it.
    unsafe { vectors.store(map([0, 1, 2, 3], |j| start.add(j * lanes))) };
    out
}

struct Forward<'a> {
    rule: &'a CrossEntropy<'a>,
    weight_sum: f64,
    rows: Range<usize>,
    logits: &'a [f32],
    losses: &'a mut [f32],
    norms: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rule = self.rule;
        for (index, row) in self.rows.enumerate() {
            let Some(target) = rule.targets[row] else {
                continue;
            };
            let logits = &self.logits[row * rule.classes..][..rule.classes];
            let norm = log_sum_exp(simd, logits);
            let chosen = f64::from(logits[target as usize]);
            let mut loss = f64::from(rule.target_weight(target)) * (norm - chosen);
            if rule.label_smoothing > 0.0 {
                let all = self.weight_sum * norm - rule.weighted_sum(logits);
                loss += f64::from(rule.spread()) * all;
            }
            self.losses[index] = loss as f32;
            self.norms[index] = norm as f32;
        }
    }
}

#[inline(always)]
fn log_sum_exp<S: Simd>(simd: S, row: &[f32]) -> f64 {
    let lanes = STEP * S::F32_LANES;
    let mut largest = Vector::<S, STEP>::splat(simd, f32::NEG_INFINITY);
    stretches::<S>(row.len(), |at, count| {
        let x = load(simd, row, at, count, f32::NEG_INFINITY);
        largest = largest.if_less(x, x, largest);
    });
    let largest = values(largest);
    let largest = largest[..lanes]
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    let shift = Vector::splat(simd, largest);
    let mut sums = Vector::<S, STEP>::zero(simd);
    stretches::<S>(row.len(), |at, count| {
        let x = load(simd, row, at, count, f32::NEG_INFINITY);
        sums = sums + exp(x - shift);
    });
    let sums = values(sums);
    let sum: f64 = sums[..lanes].iter().copied().map(f64::from).sum();
    f64::from(largest) + sum.ln()
}

struct Backward<'a> {
    rule: &'a CrossEntropy<'a>,
    weight_sum: f64,
    rows: Range<usize>,
    /// Of these rows.
    logits: &'a mut [f32],
    norms: &'a [f32],
    d_losses: &'a [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rule = self.rule;
        for (row, logits) in self.rows.zip(self.logits.chunks_exact_mut(rule.classes)) {
            let Some(target) = rule.targets[row] else {
                logits.fill(0.0);
                continue;
            };
            let (upstream, own) = (self.d_losses[row], rule.target_weight(target));
            let smoothed = f64::from(rule.spread()) * self.weight_sum;
            let scale = upstream * (own + smoothed as f32);
            probabilities(simd, logits, self.norms[row], scale);
            logits[target as usize] -= upstream * own;
            if rule.label_smoothing > 0.0 {
                let spread = upstream * rule.spread();
                match rule.class_weights {
                    Some(weights) => {
                        for (d, w) in logits.iter_mut().zip(weights) {
                            *d -= spread * w;
                        }
                    }
                    None => logits.iter_mut().for_each(|d| *d -= spread),
                }
            }
        }
    }
}

/// `x ← scale · e^{x − norm}`
#[inline(always)]
fn probabilities<S: Simd>(simd: S, row: &mut [f32], norm: f32, scale: f32) {
    let (norm, scale) = (Vector::splat(simd, norm), Vector::splat(simd, scale));
    stretches::<S>(row.len(), |at, count| {
        let p = exp(load(simd, row, at, count, f32::NEG_INFINITY) - norm) * scale;
        let part = &mut row[at..at + count];
        let (start, lanes) = (part.as_mut_ptr(), S::F32_LANES);
        if count == STEP * lanes {
            // SAFETY: the part is STEP vectors long, and nothing else refers to it.
            unsafe { p.store(map([0, 1, 2, 3], |j| start.add(j * lanes))) };
        } else {
            part.copy_from_slice(&values(p)[..count]);
        }
    });
}
