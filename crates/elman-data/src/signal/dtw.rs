//! Dynamic time warping.

use rayon::prelude::*;

use super::Signal;

/// The distance of two sequences under the best of all monotone alignments: dependent dynamic time warping, one path
/// for all features.
///
/// ```text
/// D(i, j) = |aᵢ − bⱼ|² + min(D(i−1, j), D(i, j−1), D(i−1, j−1))        distance = √D(n, m)
/// ```
///
/// `window` is the width of the Sakoe-Chiba band: only steps at most so large a part of the longer sequence apart are
/// aligned (widened to the difference of the lengths, without which no path leads to the end); `None` for any. With a
/// window of 0 and equal lengths it is the Euclidean distance.
///
/// # Panics
/// If the sequences have no steps or different features, or the window is negative or NaN.
///
/// # References
/// Sakoe & Chiba (1978); for several features Shokoohi-Yekta et al. (2017), DTW_D.
pub fn dtw(a: &Signal, b: &Signal, window: Option<f64>) -> f64 {
    match squared(
        a,
        b,
        band(a.time(), b.time(), window),
        f64::INFINITY,
        &mut Rows::default(),
    ) {
        Some(distance) => distance.sqrt(),
        // Only values that are not finite exceed the infinite.
        None => f64::INFINITY,
    }
}

/// How far each of `others` is from `one`, as [`dtw`] measures. All cores work on it; the answer does not depend on how many
/// there are.
///
/// # Panics
/// As [`dtw`].
pub fn dtw_distances(one: &Signal, others: &[&Signal], window: Option<f64>) -> Vec<f64> {
    let distance = |rows: &mut Rows, other: &&Signal| {
        let band = band(one.time(), other.time(), window);
        squared(one, other, band, f64::INFINITY, rows).map_or(f64::INFINITY, f64::sqrt)
    };
    others
        .par_iter()
        .map_init(Rows::default, distance)
        .collect()
}

/// As [`dtw`], or `None` as soon as the distance is seen to exceed `best`.
///
/// # Panics
/// As [`dtw`].
pub fn dtw_below(a: &Signal, b: &Signal, window: Option<f64>, best: f64) -> Option<f64> {
    // The square root is rounded, so that its square may fall short of what it came from.
    let limit = best * best * (1.0 + 1e-12);
    let distance = squared(
        a,
        b,
        band(a.time(), b.time(), window),
        limit,
        &mut Rows::default(),
    )?;
    Some(distance.sqrt()).filter(|&distance| distance <= best)
}

/// Steps by which aligned steps may differ.
pub(super) fn band(n: usize, m: usize, window: Option<f64>) -> usize {
    let longest = n.max(m);
    let width = window.map_or(longest, |window| {
        assert!(window >= 0.0, "dtw: the window is negative or not a number");
        // 0.1 × 150 is to be 15 steps, whatever the rounding of 0.1.
        ((window * longest as f64 + 1e-9) as usize).min(longest)
    });
    width.max(n.abs_diff(m))
}

/// The two rows of D that are alive, kept from one pair of sequences to the next.
#[derive(Default)]
pub(super) struct Rows {
    above: Vec<f64>,
    here: Vec<f64>,
}

/// The square of the distance, or `None` if it exceeds `limit`.
pub(super) fn squared(
    a: &Signal,
    b: &Signal,
    band: usize,
    limit: f64,
    rows: &mut Rows,
) -> Option<f64> {
    assert_eq!(a.features, b.features, "dtw: the features differ");
    let (n, m) = (a.time(), b.time());
    assert!(n > 0 && m > 0, "dtw: a sequence has no steps");
    // D(i, j) is in column j + 1; column 0 and row −1 are outside, but for the corner that a path begins at.
    rows.above.clear();
    rows.above.resize(m + 1, f64::INFINITY);
    rows.above[0] = 0.0;
    rows.here.clear();
    rows.here.resize(m + 1, f64::INFINITY);
    for (i, from) in a.steps().enumerate() {
        let (first, last) = (i.saturating_sub(band), (i + band).min(m - 1));
        let (above, here) = (&rows.above[..=m], &mut rows.here[..=m]);
        // Cells beside the band may be left from two rows before.
        here[first] = f64::INFINITY;
        let mut least = f64::INFINITY;
        let mut left = f64::INFINITY;
        let others = b.values[first * b.features..(last + 1) * b.features].chunks_exact(b.features);
        for (j, to) in (first..).zip(others) {
            let cost = distance(from, to);
            left = cost + above[j].min(above[j + 1]).min(left);
            here[j + 1] = left;
            least = least.min(left);
        }
        if last + 2 <= m {
            here[last + 2] = f64::INFINITY;
        }
        if least > limit {
            return None;
        }
        std::mem::swap(&mut rows.above, &mut rows.here);
    }
    Some(rows.above[m]).filter(|&distance| distance <= limit)
}

/// The square of the Euclidean distance of two vectors. Four sums side by side need not wait for one another.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let square = |a: f32, b: f32| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    };
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += square(a, b);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(&a, &b)| square(a, b)).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests;
