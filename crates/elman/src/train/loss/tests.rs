//! Against PyTorch 2, which gave the figures by
//!
//! ```python
//! import torch, torch.nn.functional as F
//! def show(loss, x): print(loss.item(), torch.autograd.grad(loss, x)[0].flatten().tolist())
//! x = torch.tensor([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]], requires_grad=True)
//! y = torch.tensor([[1.0, -1.0, 0.0], [0.5, 0.75, -0.5]])
//! show(F.mse_loss(x, y), x); show(F.l1_loss(x, y), x); show(F.huber_loss(x, y, delta=0.6), x)
//! show(F.binary_cross_entropy_with_logits(x, torch.tensor([[1.0, 0.0, 0.3], [0.0, 1.0, 0.8]])), x)
//! z = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0], [100.0, -50.0, 20.0], [0.3, 0.2, 0.1]], requires_grad=True)
//! c, w = torch.tensor([2, 1, 0, -100]), torch.tensor([0.5, 2.0, 1.5])
//! show(F.cross_entropy(z[:3], c[:3]), z)
//! show(F.cross_entropy(z, c, weight=w), z)
//! show(F.cross_entropy(z, torch.tensor([2, 1, 0, 1]), label_smoothing=0.1), z)
//! show(F.cross_entropy(z, c, weight=w, label_smoothing=0.2), z)
//! ```
#![allow(clippy::approx_constant)] // Figures as PyTorch printed them.

use super::*;

fn device() -> Device {
    Device::default().autodiff()
}

/// A leaf that keeps its gradient.
fn leaf<const D: usize>(values: impl Into<TensorData>) -> Tensor<D> {
    Tensor::from_data(values, &device()).require_grad()
}

fn prediction() -> Tensor<2> {
    leaf([[0.5f32, -1.5, 2.0], [3.0, 0.25, -0.75]])
}

fn target() -> Tensor<2> {
    Tensor::from_data([[1.0f32, -1.0, 0.0], [0.5, 0.75, -0.5]], &device())
}

fn logits() -> Tensor<2> {
    leaf([
        [1.0f32, -2.0, 0.5],
        [0.0, 3.0, -1.0],
        [100.0, -50.0, 20.0],
        [0.3, 0.2, 0.1],
    ])
}

fn classes(targets: &[i64]) -> Tensor<1, Int> {
    Tensor::from_data(
        TensorData::new(targets.to_vec(), [targets.len()]),
        &device(),
    )
}

fn value(loss: &Tensor<1>) -> f64 {
    loss.clone().inner().into_data().iter::<f64>().sum()
}

#[track_caller]
fn assert_loss<const D: usize>(loss: Tensor<1>, leaf: &Tensor<D>, expected: f64, gradient: &[f64]) {
    assert!(
        (value(&loss) - expected).abs() < 1e-6 * expected.abs().max(1.0),
        "loss {}, not {expected}",
        value(&loss)
    );
    let found = leaf.grad(&loss.backward()).unwrap().into_data();
    let found: Vec<f64> = found.iter::<f64>().collect();
    assert_eq!(found.len(), gradient.len());
    for (found_one, expected) in found.iter().zip(gradient) {
        assert!(
            (found_one - expected).abs() < 1e-6,
            "gradient {found:?}, not {gradient:?}"
        );
    }
}

#[test]
fn regression_losses_match_pytorch() {
    let mean = Reduction::default();
    let x = prediction();
    let sixth = 1.0 / 6.0;
    let gradient = [
        -sixth,
        -sixth,
        4.0 * sixth,
        5.0 * sixth,
        -sixth,
        -sixth / 2.0,
    ];
    assert_loss(mse(x.clone(), target(), mean), &x, 1.84375, &gradient);
    let x = prediction();
    let gradient = [-sixth, -sixth, sixth, sixth, -sixth, -sixth];
    assert_loss(mae(x.clone(), target(), mean), &x, 1.04166663, &gradient);
    let x = prediction();
    let gradient = [-0.08333334, -0.08333334, 0.1, 0.1, -0.08333334, -0.04166667];
    assert_loss(
        huber(x.clone(), target(), 0.6, mean),
        &x,
        0.45770836,
        &gradient,
    );
}

#[test]
fn binary_cross_entropy_matches_pytorch_and_stays_finite() {
    let x = prediction();
    let target = Tensor::from_data([[1.0f32, 0.0, 0.3], [0.0, 1.0, 0.8]], &device());
    let gradient = [
        -0.06292344,
        0.03040425,
        0.0967995,
        0.15876235,
        -0.07297058,
        -0.07986312,
    ];
    let loss = binary_cross_entropy(x.clone(), target, Reduction::default());
    assert_loss(loss, &x, 1.13563597, &gradient);

    let x: Tensor<1> = leaf([200.0f32, -200.0]);
    let target = Tensor::from_data([0.0f32, 1.0], &device());
    let loss = binary_cross_entropy(x.clone(), target, Reduction::default());
    assert_loss(loss, &x, 200.0, &[0.5, -0.5]);
}

#[test]
fn cross_entropy_matches_pytorch() {
    let z = logits();
    let gradient = [
        0.20124964,
        0.01001963,
        -0.21126926,
        0.01553754,
        -0.02125349,
        0.00571594,
    ];
    let gradient = [gradient.as_slice(), &[0.0; 6]].concat();
    let loss = CrossEntropy::default().forward(z.clone().narrow(0, 0, 3), classes(&[2, 1, 0]));
    assert_loss(loss, &z, 0.35682693, &gradient);
}

#[test]
fn cross_entropy_weighs_classes_and_ignores_like_pytorch() {
    let weighted = CrossEntropy {
        class_weights: Some(vec![0.5, 2.0, 1.5]),
        ignored: Some(-100),
        ..CrossEntropy::default()
    };
    let z = logits();
    let gradient = [
        0.22640584,
        0.01127208,
        -0.23767792,
        0.02330631,
        -0.03188023,
        0.00857391,
    ];
    let gradient = [gradient.as_slice(), &[0.0; 6]].concat();
    let loss = weighted.forward(z.clone(), classes(&[2, 1, 0, -100]));
    assert_loss(loss, &z, 0.40966582, &gradient);

    let z = logits();
    let all = CrossEntropy {
        label_smoothing: 0.2,
        ..weighted.clone()
    };
    let gradient = [
        0.21304128,
        -0.02231174,
        -0.19072953,
        0.01341922,
        0.00357845,
        -0.01699769,
        0.05833334,
        -0.03333334,
        -0.025,
        0.0,
        0.0,
        0.0,
    ];
    let loss = all.forward(z.clone(), classes(&[2, 1, 0, -100]));
    assert_loss(loss, &z, 7.60326481, &gradient);

    let z = logits();
    let loss = weighted.forward(z.clone(), classes(&[-100; 4]));
    assert_loss(loss, &z, 0.0, &[0.0; 12]);
}

#[test]
fn label_smoothing_matches_pytorch() {
    let smoothed = CrossEntropy {
        label_smoothing: 0.1,
        ..CrossEntropy::default()
    };
    let z = logits();
    let gradient = [
        0.14260389,
        -0.00081861,
        -0.14178528,
        0.00331982,
        0.00072655,
        -0.00404638,
        0.01666667,
        -0.00833333,
        -0.00833333,
        0.08345803,
        -0.15027708,
        0.06681907,
    ];
    let loss = smoothed.forward(z.clone(), classes(&[2, 1, 0, 1]));
    assert_loss(loss, &z, 2.53477263, &gradient);
}

/// Two sequences of three steps and two features; the errors are 1, 2, 3, …, 12.
fn ragged() -> (Tensor<3>, Tensor<3>) {
    let errors = TensorData::new((1..=12).map(|e| e as f32).collect::<Vec<_>>(), [2, 3, 2]);
    (leaf(errors), Tensor::zeros([2, 3, 2], &device()))
}

#[test]
fn the_sum_over_time_is_averaged_over_sequences_and_features() {
    let sum = Reduction {
        over_time: OverTime::Sum,
        lengths: None,
        counted: None,
    };
    let (x, y) = ragged();
    // 78 in all, over 2 sequences × 2 features.
    assert_loss(mae(x.clone(), y, sum), &x, 19.5, &[0.25; 12]);
}

#[test]
fn steps_beyond_a_length_count_for_nothing() {
    let lengths = [1, 3];
    let mean = Reduction {
        over_time: OverTime::Mean,
        lengths: Some(&lengths),
        counted: None,
    };
    let (x, y) = ragged();
    // 1 + 2 of the first sequence, 7 + … + 12 of the second: 60 over 8 valid numbers.
    let eighth = [
        0.125, 0.125, 0.0, 0.0, 0.0, 0.0, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125,
    ];
    assert_loss(mae(x.clone(), y, mean), &x, 7.5, &eighth);
    let (x, y) = ragged();
    let sum = Reduction {
        over_time: OverTime::Sum,
        ..mean
    };
    assert_loss(mae(x.clone(), y, sum), &x, 15.0, &eighth.map(|g| g * 2.0));
    // Nothing valid at all is no loss, and no NaN.
    let (x, y) = ragged();
    let none = Reduction {
        lengths: Some(&[0, 0]),
        ..mean
    };
    assert_loss(mae(x.clone(), y, none), &x, 0.0, &[0.0; 12]);
}

#[test]
fn padding_reaches_no_loss_even_as_nan() {
    let lengths = [1, 2];
    let mean = Reduction {
        over_time: OverTime::Mean,
        lengths: Some(&lengths),
        counted: None,
    };
    let nan = f32::NAN;
    let x: Tensor<2> = leaf([[1.0f32, nan], [2.0, 3.0]]);
    let y = Tensor::from_data([[0.0f32, 0.0], [0.0, 0.0]], &device());
    let loss = mean.reduce(x.clone() - y);
    assert_loss(loss, &x, 2.0, &[1.0 / 3.0, 0.0, 1.0 / 3.0, 1.0 / 3.0]);

    let z: Tensor<3> = leaf([[[1.0f32, 2.0], [nan, nan]], [[0.0, 0.0], [3.0, -1.0]]]);
    let targets = Tensor::from_data([[1, 77], [0, 1]], &device());
    let loss = CrossEntropy::default().forward_sequence(z.clone(), targets.clone(), mean);
    // −log σ(1), log 2 and −log σ(−4), over three steps.
    let expected = (0.31326169 + 0.69314718 + 4.01814993) / 3.0;
    let [a, b, c] = [0.26894142, 0.5, 0.98201379].map(|p| p / 3.0);
    let gradient = [a, -a, 0.0, 0.0, -b, b, c, -c];
    assert_loss(loss, &z, expected, &gradient);

    let z: Tensor<3> = leaf([[[1.0f32, 2.0], [nan, nan]], [[0.0, 0.0], [3.0, -1.0]]]);
    let sum = Reduction {
        over_time: OverTime::Sum,
        ..mean
    };
    let loss = CrossEntropy::default().forward_sequence(z.clone(), targets, sum);
    assert_loss(loss, &z, expected * 1.5, &gradient.map(|g| g * 1.5));
}

#[test]
fn a_class_that_is_not_there_is_a_callers_bug() {
    let result = std::panic::catch_unwind(|| {
        CrossEntropy::default().forward(logits(), classes(&[0, 1, 2, 3]))
    });
    assert!(result.is_err());
}

/// numpy: `e = x - y; c = [1, 0, 1, 1, 0, 1]; (e**2 * c).sum() / 4 == 2.640625`, gradient `2 * e * c / 4`.
#[test]
fn what_is_not_counted_adds_nothing() {
    let x = prediction();
    let counted = [true, false, true, true, false, true];
    let reduction = Reduction {
        counted: Some(&counted),
        ..Reduction::default()
    };
    let loss = mse(x.clone(), target(), reduction);
    assert_loss(loss, &x, 2.640625, &[-0.25, 0.0, 1.0, 1.25, 0.0, -0.125]);
    let nothing = Reduction {
        counted: Some(&[false; 6]),
        ..Reduction::default()
    };
    assert_eq!(value(&mae(prediction(), target(), nothing)), 0.0);
}
