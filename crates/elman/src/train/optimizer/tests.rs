//! Against PyTorch 2, which gave the figures by
//!
//! ```python
//! import torch
//! def run(make):
//!     w = torch.tensor([0.5, -1.25, 2.0], requires_grad=True)
//!     o = make([w])
//!     for k in range(4):
//!         o.zero_grad()
//!         ((w - torch.tensor([1.0, 0.5, -0.25]))**2 * torch.tensor([0.5, 2.0, 0.1]) * (k + 1)).sum().backward()
//!         o.step()
//!     print(w.tolist())
//! run(lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.02))
//! run(lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.02))
//! run(lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5, eps=1e-3, weight_decay=0.02))
//! run(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.02))
//! run(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.5))
//! run(lambda p: torch.optim.SGD(p, lr=0.05))
//! ```
#![allow(clippy::excessive_precision)] // Figures as PyTorch printed them.

use super::*;

#[derive(Module, Debug)]
struct Weights {
    w: Param<Tensor<1>>,
    /// Never used, so never given a gradient.
    idle: Param<Tensor<2>>,
}

fn weights() -> Weights {
    let device = Device::default().autodiff();
    Weights {
        w: Param::from_data([0.5f32, -1.25, 2.0], &device),
        idle: Param::from_data([[7.0f32]], &device),
    }
}

const AS_IS: Change = Change {
    scale: 1.0,
    limit: None,
};

fn gradients(model: &Weights, step: usize) -> GradientsParams {
    let device = Device::default().autodiff();
    let target = Tensor::<1>::from_data([1.0f32, 0.5, -0.25], &device);
    let weight = Tensor::<1>::from_data([0.5f32, 2.0, 0.1], &device);
    let loss = ((model.w.val() - target).square() * weight * (step + 1) as f32).sum();
    GradientsParams::from_grads(loss.backward(), model)
}

fn values(model: &Weights) -> Vec<f32> {
    model.w.val().inner().into_data().iter::<f32>().collect()
}

fn four_steps(rule: &Rule, rate: f64) -> Vec<f32> {
    let (mut model, mut optimizer) = (weights(), Optimizer::new(rule));
    for step in 0..4 {
        let gradients = gradients(&model, step);
        model = optimizer.step(rate, AS_IS, model, gradients);
    }
    assert_eq!(
        model
            .idle
            .val()
            .inner()
            .into_data()
            .iter::<f32>()
            .sum::<f32>(),
        7.0
    );
    assert!(model.w.val().is_require_grad());
    values(&model)
}

#[track_caller]
fn assert_close(found: &[f32], expected: [f32; 3]) {
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!(
            (found_one - expected_one).abs() < 2e-6,
            "{found:?}, not {expected:?}"
        );
    }
}

fn rules() -> [(Rule, f64, [f32; 3]); 6] {
    [
        (
            Rule::adam(0.8, 0.95, 1e-3, 0.02),
            0.1,
            [0.89971483, -0.85294658, 1.60304105],
        ),
        (
            Rule::adamw(0.8, 0.95, 1e-3, 0.02),
            0.1,
            [0.89466763, -0.84415311, 1.58916831],
        ),
        (
            Rule::rmsprop(0.9, 0.5, 1e-3, 0.02),
            0.01,
            [0.66775805, -1.0790087, 1.830194],
        ),
        (
            Rule::sgd(0.9, true, 0.02),
            0.05,
            [0.96733803, 0.71811765, 1.41703784],
        ),
        (
            Rule::sgd(0.5, false, 0.0),
            0.05,
            [0.787925, 0.90355003, 1.69897759],
        ),
        (
            Rule::sgd(0.0, false, 0.0),
            0.05,
            [0.70929998, 0.43280002, 1.78276312],
        ),
    ]
}

#[test]
fn every_rule_moves_as_pytorchs() {
    for (rule, rate, expected) in rules() {
        assert_close(&four_steps(&rule, rate), expected);
    }
}

#[test]
fn a_restored_state_goes_on_to_the_same_bits() {
    for (rule, rate, _) in rules() {
        let expected = four_steps(&rule, rate);
        let (mut model, mut optimizer) = (weights(), Optimizer::new(&rule));
        for step in 0..4 {
            // Another module of the same shape has other parameter numbers, as in another process.
            let w = model.w.val().inner().into_data();
            let mut other = weights();
            other.w = Param::from_data(w, &Device::default().autodiff());
            model = other;
            let record = optimizer.record();
            assert!(record.parameters.len() <= 1, "{record:?}");
            optimizer = Optimizer::restore(&rule, &model, record).unwrap();
            let gradients = gradients(&model, step);
            model = optimizer.step(rate, AS_IS, model, gradients);
        }
        assert_eq!(values(&model), expected);
    }
}

#[test]
fn gradients_are_scaled_then_limited() {
    let change = Change {
        scale: 0.5,
        limit: Some(1.0),
    };
    let model = weights();
    // The gradient is −0.5, −7, 0.45; halved and limited −0.25, −1, 0.225.
    let gradients = gradients(&model, 0);
    let model = Optimizer::new(&Rule::sgd(0.0, false, 0.0)).step(1.0, change, model, gradients);
    assert_close(&values(&model), [0.75, -0.25, 1.775]);
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let rule = Rule::adam(0.9, 0.999, 1e-7, 0.0);
    let (model, mut optimizer) = (weights(), Optimizer::new(&rule));
    let gradients = gradients(&model, 0);
    let model = optimizer.step(0.1, AS_IS, model, gradients);
    let record = optimizer.record();
    let refused = |record: OptimizerRecord| {
        Optimizer::restore(&rule, &model, record)
            .map(|_| ())
            .unwrap_err()
    };

    let mut other_shape = record.clone();
    let data = TensorData::from([1.0f32, 2.0]);
    let name = "w.momentum.moment_1".to_owned();
    assert!(
        other_shape.tensors.insert(name, data).is_some(),
        "{record:?}"
    );
    assert!(refused(other_shape).contains("w.momentum.moment_1"));

    let mut incomplete = record.clone();
    incomplete.tensors.remove("w.momentum.moment_2").unwrap();
    assert_eq!(
        refused(incomplete),
        "the optimizer's state of `w` is incomplete"
    );

    let mut uncounted = record.clone();
    uncounted.counters.clear();
    assert_eq!(
        refused(uncounted),
        "the optimizer's state of `w` is incomplete"
    );

    let mut unknown = record;
    unknown.parameters.push("v".to_owned());
    assert_eq!(refused(unknown), "the model has no parameter `v`");
}
