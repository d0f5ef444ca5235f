//! Cross-entropy against its equation in f64, its gradient against finite differences.

use proptest::prelude::*;

use crate::simd::{Tier, with_tier};
use crate::{CrossEntropy, set_threads};

/// The losses, as the documentation of [`CrossEntropy`] has them.
fn oracle(rule: &CrossEntropy, logits: &[f64]) -> Vec<f64> {
    let rows = logits.chunks(rule.classes).zip(rule.targets);
    rows.map(|(row, target)| {
        let Some(target) = target else { return 0.0 };
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|x| (x - largest).exp()).sum();
        let norm = largest + sum.ln();
        let smoothing = f64::from(rule.label_smoothing);
        let terms = row.iter().enumerate().map(|(class, x)| {
            let weight = rule.class_weights.map_or(1.0, |all| f64::from(all[class]));
            let own = if class == *target as usize {
                1.0 - smoothing
            } else {
                0.0
            };
            (own + smoothing / rule.classes as f64) * weight * (norm - x)
        });
        terms.sum()
    })
    .collect()
}

fn close(found: f32, expected: f64, scale: f64) -> bool {
    (f64::from(found) - expected).abs() <= 1e-5 * scale.max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn losses_and_gradients_equal_the_equation(
        rows in 1usize..6,
        classes in 1usize..150,
        seed in 0u32..1000,
        smoothing in prop_oneof![Just(0.0f32), 0.0f32..0.9],
        weighted: bool,
        spread in 0.1f32..60.0,
        tier in prop::sample::select(Tier::available().to_vec()),
    ) {
        let wave = |i: usize, pace: f32| ((i as f32 + seed as f32) * pace).sin();
        let logits: Vec<f32> = (0..rows * classes).map(|i| spread * wave(i, 0.73)).collect();
        let targets: Vec<Option<u32>> = (0..rows)
            .map(|row| (row % 3 != 2).then_some((row as u32 * 7 + seed) % classes as u32))
            .collect();
        let weights: Vec<f32> = (0..classes).map(|i| 1.5 + wave(i, 0.3)).collect();
        let rule = CrossEntropy {
            classes,
            targets: &targets,
            label_smoothing: smoothing,
            class_weights: weighted.then_some(&weights[..]),
        };
        let exact: Vec<f64> = logits.iter().copied().map(f64::from).collect();
        let expected = oracle(&rule, &exact);
        let upstream: Vec<f32> = (0..rows).map(|row| 0.5 + wave(row, 0.9)).collect();
        let (losses, gradient) = with_tier(tier, || {
            let (losses, norms) = rule.forward(&logits);
            let mut gradient = logits.clone();
            rule.backward(&mut gradient, &norms, &upstream);
            (losses, gradient)
        });
        for (found, expected) in losses.iter().zip(&expected) {
            prop_assert!(close(*found, *expected, expected.abs()), "{found} {expected}");
        }
        let step = 1e-5;
        for at in 0..logits.len() {
            let row = at / classes;
            let nudged = |by: f64| {
                let mut nudged = exact[row * classes..][..classes].to_vec();
                nudged[at % classes] += by;
                let alone = CrossEntropy { targets: &targets[row..=row], ..rule };
                oracle(&alone, &nudged)[0]
            };
            let slope = (nudged(step) - nudged(-step)) / (2.0 * step);
            prop_assert!(
                close(gradient[at], slope * f64::from(upstream[row]), 3.0),
                "{at}: {} {slope}", gradient[at]
            );
        }
    }
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let (rows, classes) = (37, 1003);
    let logits: Vec<f32> = (0..rows * classes)
        .map(|i| 9.0 * (i as f32 * 0.37).sin())
        .collect();
    let targets: Vec<_> = (0..rows as u32)
        .map(|row| (row % 5 != 4).then_some(row * 13))
        .collect();
    let rule = CrossEntropy {
        classes,
        targets: &targets,
        label_smoothing: 0.1,
        class_weights: None,
    };
    let run = |threads| {
        set_threads(threads);
        let (losses, norms) = rule.forward(&logits);
        let mut gradient = logits.clone();
        rule.backward(&mut gradient, &norms, &vec![0.25; rows]);
        (losses, norms, gradient)
    };
    let expected = run(1);
    for threads in [2, 3, 7] {
        assert!(run(threads) == expected, "{threads}");
    }
}

#[test]
fn rows_without_a_target_may_hold_anything_and_others_show_what_is_not_finite() {
    let rule = |targets| CrossEntropy {
        classes: 3,
        targets,
        label_smoothing: 0.1,
        class_weights: None,
    };
    let mut logits = [f32::NAN, f32::INFINITY, 0.0, 1.0, 2.0, 3.0];
    let (losses, norms) = rule(&[None, Some(1)]).forward(&logits);
    assert_eq!((losses[0], norms[0]), (0.0, 0.0));
    assert!(losses[1].is_finite());
    rule(&[None, Some(1)]).backward(&mut logits, &norms, &[1.0, 1.0]);
    assert_eq!(logits[..3], [0.0; 3]);
    assert!(logits[3..].iter().all(|d| d.is_finite()));
    for value in [f32::NAN, f32::INFINITY] {
        let (losses, _) = rule(&[Some(0)]).forward(&[1.0, value, 2.0]);
        assert!(losses[0].is_nan());
    }
    // Far apart, and a class that is impossible: nothing overflows.
    let (losses, _) = rule(&[Some(2)]).forward(&[-1e4, 0.0, 1e4]);
    assert!(losses[0].is_finite());
}

#[test]
#[should_panic(expected = "the target of row 1 is 3, but there are 3 classes")]
fn a_target_beyond_the_classes_is_refused() {
    let rule = CrossEntropy {
        classes: 3,
        targets: &[Some(0), Some(3)],
        label_smoothing: 0.0,
        class_weights: None,
    };
    let _ = rule.forward(&[0.0; 6]);
}
