//! Dropout: the share it drops, and that it repeats.

use crate::simd::{Tier, with_tier};
use crate::{dropout, set_threads};

#[test]
fn the_wished_share_is_dropped_and_the_mean_stays() {
    for rate in [0.0, 0.1, 0.5, 0.9] {
        let count = 200_000;
        let mut values = vec![3.0f32; count];
        dropout(11, rate, &mut values);
        let dropped = values.iter().filter(|value| **value == 0.0).count() as f64;
        // Five standard deviations of a binomial.
        let spread = 5.0 * (count as f64 * rate * (1.0 - rate)).sqrt();
        assert!(
            (dropped - rate * count as f64).abs() <= spread,
            "{rate}: {dropped}"
        );
        let kept = 3.0 / (1.0 - rate) as f32;
        assert!(
            values
                .iter()
                .all(|value| *value == 0.0 || (value - kept).abs() < 1e-5 * kept)
        );
    }
}

#[test]
fn neighbouring_values_and_seeds_are_independent() {
    let draws = |seed: u64| -> Vec<bool> {
        let mut values = vec![1.0f32; 100_000];
        dropout(seed, 0.5, &mut values);
        values.iter().map(|value| *value > 0.0).collect()
    };
    let (one, other) = (draws(1), draws(2));
    let agree = |left: &[bool], right: &[bool]| {
        let same = left.iter().zip(right).filter(|(l, r)| l == r).count();
        same as f64 / left.len() as f64
    };
    // Half agree, with a standard deviation of 0.0016.
    assert!((agree(&one, &other) - 0.5).abs() < 0.008);
    for lag in [1, 2, 16, 64, 650] {
        let found = agree(&one[lag..], &one[..one.len() - lag]);
        assert!((found - 0.5).abs() < 0.008, "{lag}: {found}");
    }
}

#[test]
fn a_seed_gives_the_same_bits_on_any_tier_and_threads() {
    let start: Vec<f32> = (0..70_001).map(|i| (i as f32 * 0.37).sin()).collect();
    let mut expected = start.clone();
    set_threads(1);
    with_tier(Tier::Portable, || dropout(5, 0.3, &mut expected));
    for threads in [1, 2, 3, 7] {
        for &tier in Tier::available() {
            set_threads(threads);
            let mut found = start.clone();
            with_tier(tier, || dropout(5, 0.3, &mut found));
            assert!(found == expected, "{threads} {tier:?}");
        }
    }
}

#[test]
#[should_panic(expected = "the rate of dropout is 1")]
fn everything_cannot_be_dropped() {
    dropout(1, 1.0, &mut [1.0]);
}
