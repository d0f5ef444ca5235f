//! Dense products against plain sums, for any number of threads and instruction set.

use proptest::prelude::*;

use crate::simd::{Tier, with_tier};
use crate::{Dense, set_threads};

fn wave(len: usize, pace: f32) -> Vec<f32> {
    (0..len).map(|i| ((i + 1) as f32 * pace).sin()).collect()
}

/// `[y, dx, dw, db]` in f64.
fn oracle(dense: Dense, x: &[f32], weight: &[f32], bias: &[f32], dy: &[f32]) -> [Vec<f64>; 4] {
    let Dense {
        rows,
        inputs,
        outputs,
    } = dense;
    let v = |slice: &[f32], at: usize| f64::from(slice[at]);
    let mut y: Vec<f64> = (0..rows * outputs)
        .map(|at| v(bias, at % outputs))
        .collect();
    let (mut dx, mut dw) = (vec![0.0; rows * inputs], vec![0.0; inputs * outputs]);
    let mut db = vec![0.0; outputs];
    for r in 0..rows {
        for o in 0..outputs {
            let d = v(dy, r * outputs + o);
            db[o] += d;
            for i in 0..inputs {
                y[r * outputs + o] += v(x, r * inputs + i) * v(weight, i * outputs + o);
                dx[r * inputs + i] += d * v(weight, i * outputs + o);
                dw[i * outputs + o] += v(x, r * inputs + i) * d;
            }
        }
    }
    [y, dx, dw, db]
}

fn run(dense: Dense, x: &[f32], weight: &[f32], bias: &[f32], dy: &[f32]) -> [Vec<f32>; 4] {
    [
        dense.forward(x, weight, Some(bias)),
        dense.backward_input(weight, dy),
        dense.backward_weight(x, dy),
        dense.backward_bias(dy),
    ]
}

fn check(dense: Dense, tier: Tier) {
    let Dense {
        rows,
        inputs,
        outputs,
    } = dense;
    let (x, weight) = (wave(rows * inputs, 0.7), wave(inputs * outputs, 0.31));
    let (bias, dy) = (wave(outputs, 0.9), wave(rows * outputs, 0.53));
    let expected = oracle(dense, &x, &weight, &bias, &dy);
    let found = with_tier(tier, || run(dense, &x, &weight, &bias, &dy));
    for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error < 1e-4 * expected.abs().max(1.0),
                "{dense:?} {part}: {found} {expected}"
            );
        }
    }
    if tier == Tier::current() {
        let all = [1, 2, 3, 7].map(|threads| {
            set_threads(threads);
            run(dense, &x, &weight, &bias, &dy)
        });
        assert!(all.iter().all(|one| *one == all[0]), "{dense:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn products_equal_plain_sums(
        rows in 0usize..130,
        inputs in 0usize..80,
        outputs in 0usize..150,
        tier in prop::sample::select(Tier::available().to_vec()),
    ) {
        check(Dense { rows, inputs, outputs }, tier);
    }
}

/// Each dimension in turn is summed over more than a block.
#[test]
fn long_sums_are_joined_in_order() {
    for &tier in Tier::available() {
        for [rows, inputs, outputs] in [[5, 3, 2100], [2100, 5, 3], [3, 2100, 70]] {
            check(
                Dense {
                    rows,
                    inputs,
                    outputs,
                },
                tier,
            );
        }
    }
}

#[test]
fn without_a_bias_the_sum_starts_from_zero() {
    let dense = Dense {
        rows: 2,
        inputs: 1,
        outputs: 2,
    };
    assert_eq!(
        dense.forward(&[2.0, 3.0], &[1.0, 10.0], None),
        [2.0, 20.0, 3.0, 30.0]
    );
}

#[test]
#[should_panic(expected = "`weight` holds 5 values, but its shape needs 6")]
fn a_slice_of_another_size_is_refused() {
    let dense = Dense {
        rows: 1,
        inputs: 2,
        outputs: 3,
    };
    let _ = dense.forward(&[0.0; 2], &[0.0; 5], None);
}
