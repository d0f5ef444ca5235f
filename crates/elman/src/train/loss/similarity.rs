//! Losses that bring like sequences near each other and unlike ones apart.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

/// Below this a norm or a distance counts as none: no gradient is divided by it.
const NOTHING: f64 = 1e-8;

/// How far two vectors are from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// `1 − cos`: 0 for the same direction, 1 for a right angle, 2 for opposite directions.
    #[default]
    Cosine,
    /// The length of the difference.
    Euclidean,
}

impl Distance {
    /// The distance of each row of `left` from the same row of `right`.
    ///
    /// # Shapes
    /// - left and right `[batch, features]`, result `[batch]`
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn between(self, left: Tensor<2>, right: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Cosine => -cosine_similarity(left, right) + 1.0,
            Self::Euclidean => euclidean(left, right),
        }
    }
}

/// The cosine of the angle between each row of `left` and the same row of `right`; 0 where either is nothing.
///
/// # Shapes
/// - left and right `[batch, features]`, result `[batch]`
///
/// # Panics
/// If the shapes differ.
pub fn cosine_similarity(left: Tensor<2>, right: Tensor<2>) -> Tensor<1> {
    assert_eq!(left.dims(), right.dims(), "left and right differ in shape");
    let [batch, _] = left.dims();
    let norm = |rows: Tensor<2>| root(rows.powi_scalar(2).sum_dim(1));
    let norms = norm(left.clone()) * norm(right.clone());
    ((left * right).sum_dim(1) / norms).reshape([batch])
}

/// The length of the difference of each row of `left` from the same row of `right`. Its gradient at equal rows is 0.
///
/// # Shapes
/// - left and right `[batch, features]`, result `[batch]`
///
/// # Panics
/// If the shapes differ.
pub fn euclidean(left: Tensor<2>, right: Tensor<2>) -> Tensor<1> {
    assert_eq!(left.dims(), right.dims(), "left and right differ in shape");
    let [batch, _] = left.dims();
    root((left - right).powi_scalar(2).sum_dim(1)).reshape([batch])
}

/// The root, with neither an infinite derivative nor a zero to divide by.
fn root(squares: Tensor<2>) -> Tensor<2> {
    squares.clamp_min(NOTHING * NOTHING).sqrt()
}

/// Contrastive loss of pairs (Hadsell, Chopra & LeCun, *Dimensionality reduction by learning an invariant mapping*, 2006),
/// their equation 4:
///
/// ```text
/// d²/2                    of a pair that belongs together
/// max(0, margin − d)²/2   of one that does not
/// ```
///
/// averaged over the pairs.
///
/// # Shapes
/// - distances `[batch]`, `together` one for each
///
/// # Panics
/// If their numbers differ.
pub fn contrastive(distances: Tensor<1>, together: &[bool], margin: f64) -> Tensor<1> {
    assert_eq!(distances.dims(), [together.len()], "one distance a pair");
    let apart = together.iter().map(|together| !together).collect();
    let apart = TensorData::new::<bool, _>(apart, [together.len()]);
    let apart = Tensor::<1, Bool>::from_data(apart, &distances.device());
    let missing = (-distances.clone() + margin).clamp_min(0.0);
    distances
        .mask_where(apart, missing)
        .powi_scalar(2)
        .mean()
        .mul_scalar(0.5)
}

/// Triplet loss (Schroff, Kalenichenko & Philbin, *FaceNet*, 2015): the mean of `max(0, positive − negative + margin)`, with the
/// distances of an anchor from one of its own kind and from one of another.
///
/// # Shapes
/// - positive and negative `[batch]`
///
/// # Panics
/// If the shapes differ.
pub fn triplet(positive: Tensor<1>, negative: Tensor<1>, margin: f64) -> Tensor<1> {
    assert_eq!(
        positive.dims(),
        negative.dims(),
        "positive and negative differ in shape"
    );
    (positive - negative + margin).clamp_min(0.0).mean()
}

/// Against PyTorch 2, which gave the figures by
///
/// ```python
/// import torch, torch.nn.functional as F
/// a, b, c = torch.tensor(A, requires_grad=True), torch.tensor(B, requires_grad=True), torch.tensor(C, requires_grad=True)
/// d, same = lambda x, y: (x - y).norm(dim=1), torch.tensor([1., 0., 0.])
/// F.cosine_similarity(a, b)
/// (same * d(a, b).square() / 2 + (1 - same) * (2 - d(a, b)).clamp_min(0).square() / 2).mean()
/// F.triplet_margin_with_distance_loss(a, b, c, distance_function=d, margin=1.0)
/// F.triplet_margin_with_distance_loss(a, b, c, distance_function=lambda x, y: 1 - F.cosine_similarity(x, y), margin=0.2)
/// ```
/// and `torch.autograd.grad` of each.
#[cfg(test)]
#[allow(clippy::excessive_precision)] // Figures as PyTorch prints them.
mod tests {
    use super::*;

    const A: [[f32; 3]; 3] = [[1.0, -2.0, 0.5], [0.3, 0.1, -0.4], [2.0, 1.0, 1.0]];
    const B: [[f32; 3]; 3] = [[0.5, -1.0, 1.5], [-0.2, 0.6, 0.9], [2.0, 1.5, 0.5]];
    const C: [[f32; 3]; 3] = [[1.0, 0.4, -0.3], [0.4, 0.2, -0.5], [-1.0, 0.0, 2.0]];

    fn leaf(values: [[f32; 3]; 3]) -> Tensor<2> {
        Tensor::from_data(values, &Device::default().autodiff()).require_grad()
    }

    fn value(loss: &Tensor<1>) -> f64 {
        f64::from(crate::values(loss.clone().inner())[0])
    }

    /// The loss of leaves at the three constants, its value and its gradients.
    #[track_caller]
    fn assert_loss(
        loss: impl Fn([Tensor<2>; 3]) -> Tensor<1>,
        expected: f64,
        expected_gradients: &[[f32; 9]],
    ) {
        let leaves = [A, B, C].map(leaf);
        let found = loss(leaves.clone());
        assert!((value(&found) - expected).abs() < 1e-6, "{found}");
        let gradients = found.backward();
        for (leaf, expected) in leaves.iter().zip(expected_gradients) {
            let found = crate::values(leaf.grad(&gradients).unwrap());
            for (one, other) in found.iter().zip(expected) {
                assert!((one - other).abs() < 1e-6, "{found:?} and {expected:?}");
            }
        }
        // And by finite differences, the leaves that PyTorch was not asked about among them.
        const STEP: f32 = 3e-3;
        for which in 0..3 {
            let Some(found) = leaves[which].grad(&gradients) else {
                continue;
            };
            for (place, found) in crate::values(found).iter().enumerate() {
                let moved = |by: f32| {
                    let mut values = [A, B, C];
                    values[which].as_flattened_mut()[place] += by;
                    value(&loss(values.map(leaf)))
                };
                let slope = (moved(STEP) - moved(-STEP)) / (2.0 * f64::from(STEP));
                assert!(
                    (f64::from(*found) - slope).abs() < 2e-3,
                    "{found} and {slope}"
                );
            }
        }
    }

    #[test]
    fn cosine_similarity_is_that_of_pytorch() {
        let found = crate::values(cosine_similarity(leaf(A), leaf(B)).inner());
        for (found, expected) in found.iter().zip([0.758_175_4, -0.641_834_5, 0.960_768_9]) {
            assert!((found - expected).abs() < 1e-6, "{found}");
        }
        assert_loss(
            |[a, b, _]| cosine_similarity(a, b).sum(),
            1.077_109_8,
            &[
                [
                    -0.027_771_987,
                    0.055_543_974,
                    0.277_719_885,
                    0.384_003_46,
                    1.316_583_75,
                    0.617_148_64,
                    0.0,
                    0.080_064_073,
                    -0.080_064_073,
                ],
                [
                    0.124_973_953,
                    -0.249_947_906,
                    -0.208_289_891,
                    0.428_773_82,
                    0.496_552_408,
                    -0.235_751_957,
                    0.024_635_106,
                    -0.061_587_736,
                    0.086_222_85,
                ],
            ],
        );
    }

    #[test]
    fn contrastive_loss_is_that_of_pytorch() {
        assert_loss(
            |[a, b, _]| contrastive(euclidean(a, b), &[true, false, false], 2.0),
            0.698_685_586,
            &[[
                0.166_666_67,
                -0.333_333_34,
                -0.333_333_34,
                -0.058_579_132,
                0.058_579_132,
                0.152_305_737,
                0.0,
                0.304_737_866,
                -0.304_737_866,
            ]],
        );
    }

    #[test]
    fn triplet_loss_is_that_of_pytorch() {
        let loss = |distance: Distance, margin| {
            move |[a, b, c]: [Tensor<2>; 3]| {
                let positive = distance.between(a.clone(), b);
                triplet(positive, distance.between(a, c), margin)
            }
        };
        assert_loss(
            loss(Distance::Euclidean, 1.0),
            0.768_886_566,
            &[
                [
                    0.0,
                    0.0,
                    0.0,
                    0.305_072_993,
                    0.079_827_189,
                    -0.485_269_606,
                    0.0,
                    0.0,
                    0.0,
                ],
                [
                    0.0,
                    0.0,
                    0.0,
                    -0.112_622_902,
                    0.112_622_902,
                    0.292_819_53,
                    0.0,
                    0.0,
                    0.0,
                ],
                [
                    0.0,
                    0.0,
                    0.0,
                    -0.192_450_091,
                    -0.192_450_091,
                    0.192_450_091,
                    0.0,
                    0.0,
                    0.0,
                ],
            ],
        );
        assert_loss(
            loss(Distance::Cosine, 0.2),
            0.611_944_497,
            &[
                [
                    0.0,
                    0.0,
                    0.0,
                    -0.120_504_901,
                    -0.371_395_23,
                    -0.183_227_569,
                    0.0,
                    0.0,
                    0.0,
                ],
                [
                    0.0,
                    0.0,
                    0.0,
                    -0.142_924_607,
                    -0.165_517_494,
                    0.078_583_986,
                    0.0,
                    0.0,
                    0.0,
                ],
                [
                    0.0,
                    0.0,
                    0.0,
                    -0.002_165_556,
                    -0.049_808_234,
                    -0.021_655_768,
                    0.0,
                    0.0,
                    0.0,
                ],
            ],
        );
    }

    #[test]
    fn equal_rows_and_nothing_have_finite_gradients() {
        for distance in [Distance::Cosine, Distance::Euclidean] {
            for (left, right) in [(A, A), ([[0.0; 3]; 3], B), ([[0.0; 3]; 3], [[0.0; 3]; 3])] {
                let (left, right) = (leaf(left), leaf(right));
                let distances = distance.between(left.clone(), right.clone());
                let gradients = contrastive(distances, &[false; 3], 1.0).backward();
                for leaf in [left, right] {
                    let found = crate::values(leaf.grad(&gradients).unwrap());
                    assert!(found.iter().all(|g| g.is_finite()), "{found:?}");
                }
            }
        }
    }
}
