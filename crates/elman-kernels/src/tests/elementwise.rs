//! Elementwise passes against plain loops, for any number of threads and instruction set.

use crate::simd::{Tier, with_tier};
use crate::{Magnitude, magnitude, update};

fn wave(len: usize, pace: f32) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * pace).sin() * 3.0).collect()
}

/// Lengths around the vectors, the blocks and the shares of several threads.
const LENGTHS: [usize; 7] = [0, 1, 33, 16_384, 70_001, 131_072, 300_007];

#[test]
fn an_update_reaches_every_value_once_on_any_tier_and_threads() {
    for len in LENGTHS {
        let (start, gradient) = (wave(len, 0.37), wave(len, 0.11));
        let moved: Vec<f32> = start
            .iter()
            .zip(&gradient)
            .map(|(w, g)| w - 0.1 * (g * 0.5))
            .collect();
        let summed: Vec<f32> = gradient.iter().map(|g| 1.0 + g * g).collect();
        for threads in [1, 2, 3, 7] {
            for &tier in Tier::available() {
                let (mut weight, mut state) = (start.clone(), vec![1.0; len]);
                crate::set_threads(threads);
                with_tier(tier, || {
                    update([&mut weight, &mut state], &gradient, |[w, s], g| {
                        for ((w, s), g) in w.iter_mut().zip(s).zip(g) {
                            *w -= 0.1 * (g * 0.5);
                            *s += g * g;
                        }
                    });
                });
                assert!(
                    weight == moved && state == summed,
                    "{len} {threads} {tier:?}"
                );
            }
        }
    }
}

#[test]
#[should_panic(expected = "`values` holds 3 values, but its shape needs 4")]
fn an_update_of_unequal_slices_is_refused() {
    update([&mut [0.0; 3]], &[0.0; 4], |_, _| {});
}

#[test]
fn a_magnitude_is_exact_and_the_same_bits_for_any_tier_and_threads() {
    for len in LENGTHS {
        let mut values = wave(len, 0.37);
        if let Some(last) = values.last_mut() {
            *last = -5.0; // the largest, where a share or a vector ends
        }
        let squares: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
        let mut seen: Vec<Magnitude> = Vec::new();
        for threads in [1, 2, 3, 7] {
            for &tier in Tier::available() {
                crate::set_threads(threads);
                seen.push(with_tier(tier, || magnitude(&values)));
            }
        }
        for found in &seen {
            assert_eq!(found, &seen[0], "{len}");
            assert!((found.squares - squares).abs() <= 1e-12 * squares, "{len}");
            assert_eq!(found.largest, if len == 0 { 0.0 } else { 5.0 });
        }
    }
}

#[test]
fn what_is_not_finite_shows_in_the_squares() {
    for (value, largest) in [(f32::NAN, 1.0), (f32::NEG_INFINITY, f32::INFINITY)] {
        for at in [0, 40_000, 99_999] {
            let mut values = vec![1.0; 100_000];
            values[at] = value;
            let found = magnitude(&values);
            assert!(!found.squares.is_finite());
            assert_eq!(found.largest, largest);
        }
    }
    // Squares of f32 are far from the end of f64.
    assert!(magnitude(&[f32::MAX; 100]).squares.is_finite());
}
