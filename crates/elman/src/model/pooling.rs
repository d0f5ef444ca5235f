//! The steps of a sequence as one vector.

use crate::ops;
use burn::prelude::*;
use serde::{Deserialize, Serialize};

/// How the steps of a sequence become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolingKind {
    /// The mean of each feature over the steps.
    Mean,
    /// The largest value of each feature.
    Max,
    /// The last step.
    Last,
}

/// Pools the valid steps of each sequence; one without steps gives zeros. What padded steps hold is without effect, NaN
/// included, and they get no gradient.
///
/// # Shapes
/// - sequence `[batch, time, features]`, `lengths` one for each sequence (all steps, if absent)
/// - result `[batch, features]`
///
/// # Panics
/// If the lengths do not fit the sequence.
pub(super) fn pooled(
    kind: PoolingKind,
    sequence: Tensor<3>,
    lengths: Option<&[usize]>,
) -> Tensor<2> {
    let [batch, time, features] = sequence.dims();
    let device = sequence.device();
    let full = vec![time; batch];
    let lengths = lengths.unwrap_or(&full);
    assert_eq!(lengths.len(), batch, "one length for each sequence");
    assert!(
        lengths.iter().all(|length| *length <= time),
        "a length exceeds the {time} steps of the sequence"
    );
    let vector = |sequence: Tensor<3>| sequence.reshape([batch, features]);
    let result = match kind {
        _ if time == 0 => return Tensor::zeros([batch, features], &device),
        PoolingKind::Mean => {
            let sum = vector(filled(sequence, lengths, 0.0).sum_dim(1));
            let shares = lengths.iter().map(|length| 1.0 / (*length).max(1) as f32);
            let shares = TensorData::new(shares.collect::<Vec<_>>(), [batch, 1]);
            return sum * Tensor::from_data(shares, &device);
        }
        PoolingKind::Max => vector(filled(sequence, lengths, f32::NEG_INFINITY).max_dim(1)),
        PoolingKind::Last => {
            let place = |(row, length): (usize, &usize)| (row * time + length.max(&1) - 1) as i64;
            let places: Vec<i64> = lengths.iter().enumerate().map(place).collect();
            let places = Tensor::from_data(TensorData::new(places, [batch, 1]), &device);
            vector(ops::embedding(
                sequence.reshape([batch * time, features]),
                places,
            ))
        }
    };
    let empty: Vec<bool> = lengths.iter().map(|length| *length == 0).collect();
    if !empty.contains(&true) {
        return result;
    }
    let empty = Tensor::<2, Bool>::from_data(TensorData::new(empty, [batch, 1]), &device);
    result.mask_fill(empty.expand([batch, features]), 0.0)
}

/// This value in place of whatever the padded steps hold.
pub(super) fn filled(sequence: Tensor<3>, lengths: &[usize], value: f32) -> Tensor<3> {
    let [batch, time, features] = sequence.dims();
    if lengths.iter().all(|length| *length >= time) {
        return sequence;
    }
    let padded = lengths
        .iter()
        .flat_map(|length| (0..time).map(move |step| step >= *length))
        .collect::<Vec<_>>();
    let mask = Tensor::<3, Bool>::from_data(
        TensorData::new(padded, [batch, time, 1]),
        &sequence.device(),
    );
    sequence.mask_fill(mask.expand([batch, time, features]), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use PoolingKind::{Last, Max, Mean};

    const LENGTHS: [usize; 4] = [3, 1, 0, 2];

    /// `[4, 3, 2]`; the padded steps hold what must not show.
    fn values() -> Vec<f32> {
        let bad = f32::NAN;
        vec![
            1.0, -2.0, 5.0, -1.0, 3.0, -6.0, // three steps
            -4.0, 7.0, 9.0, 9.0, bad, bad, // one
            bad, 8.0, 8.0, 8.0, 8.0, bad, // none
            2.0, 0.5, -3.0, 1.5, 9.0, 9.0, // two
        ]
    }

    fn run(kind: PoolingKind, values: Vec<f32>, lengths: Option<&[usize]>) -> [Vec<f32>; 2] {
        let device = Device::default().autodiff();
        let sequence =
            Tensor::<3>::from_data(TensorData::new(values, [4, 3, 2]), &device).require_grad();
        let output = pooled(kind, sequence.clone(), lengths);
        let weights = (1..=8).map(|weight| weight as f32).collect();
        let weights = Tensor::from_data(TensorData::new::<f32, _>(weights, [4, 2]), &device);
        let gradients = (output.clone() * weights).sum().backward();
        [
            crate::values(output.inner()),
            crate::values(sequence.grad(&gradients).unwrap()),
        ]
    }

    #[test]
    fn valid_steps_alone_are_pooled_and_get_the_gradient() {
        let [mean, gradient] = run(Mean, values(), Some(&LENGTHS));
        assert_eq!(mean, [3.0, -3.0, -4.0, 7.0, 0.0, 0.0, -0.5, 1.0]);
        let third = |weight: f32| weight * (1.0 / 3.0);
        let expected = [
            [
                third(1.0),
                third(2.0),
                third(1.0),
                third(2.0),
                third(1.0),
                third(2.0),
            ],
            [3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
            [0.0; 6],
            [3.5, 4.0, 3.5, 4.0, 0.0, 0.0],
        ];
        assert_eq!(gradient, expected.as_flattened());

        let [max, gradient] = run(Max, values(), Some(&LENGTHS));
        assert_eq!(max, [5.0, -1.0, -4.0, 7.0, 0.0, 0.0, 2.0, 1.5]);
        let expected = [
            [0.0, 0.0, 1.0, 2.0, 0.0, 0.0],
            [3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
            [0.0; 6],
            [7.0, 0.0, 0.0, 8.0, 0.0, 0.0],
        ];
        assert_eq!(gradient, expected.as_flattened());

        let [last, gradient] = run(Last, values(), Some(&LENGTHS));
        assert_eq!(last, [3.0, -6.0, -4.0, 7.0, 0.0, 0.0, -3.0, 1.5]);
        let expected = [
            [0.0, 0.0, 0.0, 0.0, 1.0, 2.0],
            [3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
            [0.0; 6],
            [0.0, 0.0, 7.0, 8.0, 0.0, 0.0],
        ];
        assert_eq!(gradient, expected.as_flattened());
    }

    #[test]
    fn gradients_equal_finite_differences() {
        let values: Vec<f32> = (0..24).map(|k| (k as f32 * 1.3).sin() * 2.0).collect();
        let scalar = |kind, values: Vec<f32>| -> f64 {
            let [output, _] = run(kind, values, Some(&LENGTHS));
            let weighted = output
                .iter()
                .zip(1..)
                .map(|(y, w)| f64::from(*y) * f64::from(w));
            weighted.sum()
        };
        const STEP: f32 = 1e-2;
        for kind in [Mean, Max, Last] {
            let [_, gradient] = run(kind, values.clone(), Some(&LENGTHS));
            for (index, found) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut values = values.clone();
                    values[index] += by;
                    scalar(kind, values)
                };
                let expected = (moved(STEP) - moved(-STEP)) / (2.0 * f64::from(STEP));
                assert!(
                    (f64::from(*found) - expected).abs() < 1e-3,
                    "{kind:?} {index}: {found} and {expected}"
                );
            }
        }
    }

    #[test]
    fn without_lengths_every_step_counts() {
        let values: Vec<f32> = (0..24).map(|k| (k as f32 * 1.3).sin()).collect();
        for kind in [Mean, Max, Last] {
            let all = run(kind, values.clone(), None);
            assert_eq!(all, run(kind, values.clone(), Some(&[3; 4])));
        }
    }
}
