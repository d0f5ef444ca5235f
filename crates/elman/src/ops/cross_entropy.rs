//! Softmax cross-entropy: one pass forward, one backward, in which the logits become their own gradient.
//!
//! In plain tensor operations the logits of a large vocabulary are copied half a dozen times.

use super::flex::{tensor, values};
use super::has_own_path;
use super::value::Value;
use burn::backend::{
    Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor,
};
use burn::prelude::*;
use burn::tensor::DType;
use burn_autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_flex::FlexTensor;
use std::sync::Arc;

/// What the cross-entropy of some rows of logits is taken with.
///
/// ```text
/// loss_i = Σ_c o_ic (lse_i − x_ic)      lse_i = log Σ_c e^{x_ic}
/// o_ic   = (1 − ε) w_c [c = y_i] + ε/C w_c
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CrossEntropyRule {
    /// y: the class of each row; a row without one has no loss and no gradient, whatever stands in it.
    pub targets: Arc<[Option<u32>]>,
    /// ε
    pub label_smoothing: f32,
    /// w, one for each class; one when absent.
    pub class_weights: Option<Arc<[f32]>>,
}

/// The cross-entropy of each row.
///
/// # Shapes
/// - logits `[rows, classes]`
/// - result `[rows]`
///
/// # Panics
/// If targets or weights do not fit the logits, or a target is not a class.
pub fn cross_entropy(rule: &CrossEntropyRule, logits: Tensor<2>) -> Tensor<1> {
    let [rows, classes] = logits.dims();
    assert_eq!(
        rule.targets.len(),
        rows,
        "one target for each row of logits"
    );
    if let Some(weights) = &rule.class_weights {
        assert_eq!(weights.len(), classes, "one weight for each class");
    }
    let mut targets = rule.targets.iter().flatten();
    if let Some(target) = targets.find(|target| **target as usize >= classes) {
        panic!("a target is {target}, but there are {classes} classes");
    }
    let logits = logits.into_dispatch();
    let (losses, _) = match has_own_path(&logits.kind) {
        true => <Dispatch as CrossEntropyBackend>::cross_entropy_forward(rule.clone(), logits),
        false => reference::<Dispatch>(rule, logits),
    };
    Tensor::from_dispatch(losses)
}

/// The cross-entropy of a backend, forward and backward. The default bodies are the reference.
#[backend_extension(Autodiff, Flex)]
pub trait CrossEntropyBackend: Backend {
    /// Returns the losses and the `lse` of the rows.
    fn cross_entropy_forward(
        rule: CrossEntropyRule,
        logits: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        reference::<Self>(&rule, logits)
    }

    /// Returns the gradient of the logits, from that of the losses.
    fn cross_entropy_backward(
        rule: CrossEntropyRule,
        logits: FloatTensor<Self>,
        norms: FloatTensor<Self>,
        d_losses: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        reference_backward::<Self>(&rule, logits, norms, d_losses)
    }
}

/// `o`, and the logits with zeros in the rows without a target.
fn spread<B: Backend>(rule: &CrossEntropyRule, logits: FloatTensor<B>) -> (Value<B>, Value<B>) {
    let logits = Value::<B>(logits);
    let [rows, classes] = logits.dims();
    let smoothing = rule.label_smoothing;
    let mut wanted = vec![0.0; rows * classes];
    for (row, target) in wanted.chunks_mut(classes.max(1)).zip(rule.targets.iter()) {
        let Some(target) = target else { continue };
        row.fill(smoothing / classes as f32);
        row[*target as usize] += 1.0 - smoothing;
        let weights = rule.class_weights.iter().flat_map(|weights| weights.iter());
        row.iter_mut().zip(weights).for_each(|(o, w)| *o *= w);
    }
    let counts = rule.targets.iter().map(Option::is_some);
    let counts = counts.flat_map(|counts| std::iter::repeat_n(counts, classes));
    let counts = TensorData::new(counts.collect::<Vec<bool>>(), [rows, classes]);
    let counts = B::bool_from_data(counts, &logits.0.device());
    let wanted = logits.constant(&wanted, [rows, classes]);
    (wanted, logits.or_zero(&counts))
}

fn reference<B: Backend>(
    rule: &CrossEntropyRule,
    logits: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (wanted, logits) = spread::<B>(rule, logits);
    let [rows, _] = logits.dims();
    let largest = logits.largest_of_rows();
    let norms = &(&logits - &largest).exp().sum_columns().log() + &largest;
    let losses = (&wanted * &(&norms - &logits)).sum_columns();
    (losses.reshape([rows]).0, norms.reshape([rows]).0)
}

/// `d x_ic = (Σ_c o_ic · p_ic − o_ic) d loss_i` with `p_ic = e^{x_ic − lse_i}`.
fn reference_backward<B: Backend>(
    rule: &CrossEntropyRule,
    logits: FloatTensor<B>,
    norms: FloatTensor<B>,
    d_losses: FloatTensor<B>,
) -> FloatTensor<B> {
    let (wanted, logits) = spread::<B>(rule, logits);
    let [rows, _] = logits.dims();
    let column = |values: FloatTensor<B>| Value::<B>(values).reshape([rows, 1]);
    let probabilities = (&logits - &column(norms)).exp();
    let gradient = &(&wanted.sum_columns() * &probabilities) - &wanted;
    (&gradient * &column(d_losses)).0
}

fn fused<'a>(rule: &'a CrossEntropyRule, classes: usize) -> elman_kernels::CrossEntropy<'a> {
    elman_kernels::CrossEntropy {
        classes,
        targets: &rule.targets,
        label_smoothing: rule.label_smoothing,
        class_weights: rule.class_weights.as_deref(),
    }
}

impl CrossEntropyBackend for Flex {
    fn cross_entropy_forward(
        rule: CrossEntropyRule,
        logits: FlexTensor,
    ) -> (FlexTensor, FlexTensor) {
        if logits.dtype() != DType::F32 {
            return reference::<Self>(&rule, logits);
        }
        let [rows, classes] = logits.layout().shape().dims();
        let logits = super::flex::contiguous(logits);
        let (losses, norms) = fused(&rule, classes).forward(values(&logits));
        (tensor(losses, [rows]), tensor(norms, [rows]))
    }

    fn cross_entropy_backward(
        rule: CrossEntropyRule,
        logits: FlexTensor,
        norms: FlexTensor,
        d_losses: FlexTensor,
    ) -> FlexTensor {
        if logits.dtype() != DType::F32 {
            return reference_backward::<Self>(&rule, logits, norms, d_losses);
        }
        let [_, classes] = logits.layout().shape().dims();
        let d_losses = super::flex::contiguous(d_losses);
        // The only owner of the logits gives them away; others keep theirs, and a copy is made.
        let mut gradient = logits.into_data();
        let numbers = gradient.as_mut_slice().expect("f32 was checked");
        fused(&rule, classes).backward(numbers, values(&norms), values(&d_losses));
        FlexTensor::from_data(gradient)
    }
}

#[derive(Debug)]
struct Step;

impl<B: CrossEntropyBackend> Backward<B, 1> for Step {
    type State = (CrossEntropyRule, FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let d_losses = gradients.consume::<B>(&ops.node);
        let ([parent], (rule, logits, norms)) = (ops.parents, ops.state);
        if let Some(parent) = parent {
            let gradient = B::cross_entropy_backward(rule, logits, norms, d_losses);
            gradients.register::<B>(parent.id, gradient);
        }
    }
}

impl<B: CrossEntropyBackend, C: CheckpointStrategy> CrossEntropyBackend for Autodiff<B, C> {
    fn cross_entropy_forward(
        rule: CrossEntropyRule,
        logits: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (logits, node) = logits.into_parts();
        let (losses, norms) = B::cross_entropy_forward(rule.clone(), logits.clone());
        let losses = match Backward::<B, 1>::prepare::<C>(Step, [node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((rule, logits, norms.clone()), losses),
            OpsKind::UnTracked(prep) => prep.finish(losses),
        };
        (losses, FloatTensor::<Self>::new(norms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(weighted: bool, label_smoothing: f32) -> CrossEntropyRule {
        CrossEntropyRule {
            targets: [Some(2), None, Some(0), Some(4)].into(),
            label_smoothing,
            class_weights: weighted.then(|| [0.5, 1.0, 2.0, 0.1, 3.0].into()),
        }
    }

    fn logits(device: &Device) -> Tensor<2> {
        let values = (0..20).map(|i| (i as f32 * 0.7).sin() * 4.0).collect();
        Tensor::from_data(TensorData::new::<f32, _>(values, [4, 5]), device)
    }

    fn close(found: Tensor<2>, expected: Tensor<2>) {
        let difference = (found - expected).abs().max().into_scalar::<f32>();
        assert!(difference < 1e-5, "{difference}");
    }

    /// The fused path, the reference's own gradient, and Burn's gradient of the reference.
    #[test]
    fn fused_equals_the_reference_in_losses_and_gradients() {
        let device = Device::default().autodiff();
        let upstream = Tensor::<1>::from_floats([0.3, 5.0, -1.5, 2.0], &device);
        for (weighted, smoothing) in [(false, 0.0), (true, 0.0), (false, 0.2), (true, 0.2)] {
            let rule = rule(weighted, smoothing);
            let run = |f: &dyn Fn(Tensor<2>) -> Tensor<1>| {
                let logits = logits(&device).require_grad();
                let losses = f(logits.clone());
                let gradients = (losses.clone() * upstream.clone()).sum().backward();
                let gradient = logits.grad(&gradients).unwrap();
                (losses.inner().reshape([4, 1]), gradient)
            };
            let fused = run(&|logits| cross_entropy(&rule, logits));
            let plain = run(&|logits| {
                Tensor::from_dispatch(reference::<Dispatch>(&rule, logits.into_dispatch()).0)
            });
            close(fused.0, plain.0);
            close(fused.1.clone(), plain.1);
            let inner = logits(&device).inner().into_dispatch();
            let (_, norms) = reference::<Dispatch>(&rule, inner.clone());
            let d_losses = upstream.clone().inner().into_dispatch();
            let own = reference_backward::<Dispatch>(&rule, inner, norms, d_losses);
            close(fused.1, Tensor::from_dispatch(own));
        }
    }

    #[test]
    fn logits_that_are_still_in_use_keep_their_numbers() {
        let device = Device::default().autodiff();
        let kept = logits(&device).require_grad();
        let before = crate::values(kept.clone().inner());
        let gradients = cross_entropy(&rule(false, 0.0), kept.clone())
            .sum()
            .backward();
        assert!(kept.grad(&gradients).is_some());
        assert_eq!(crate::values(kept.inner()), before);
    }

    #[test]
    fn a_row_without_a_target_may_hold_anything() {
        let device = Device::default().autodiff();
        let mut spoiled = logits(&device).into_data();
        spoiled.as_mut_slice::<f32>().unwrap()[7] = f32::NAN;
        let spoiled = Tensor::<2>::from_data(spoiled, &device).require_grad();
        let losses = cross_entropy(&rule(false, 0.1), spoiled.clone());
        let gradients = losses.clone().sum().backward();
        assert!(
            crate::values(losses.inner())
                .iter()
                .all(|loss| loss.is_finite())
        );
        let gradient = crate::values(spoiled.grad(&gradients).unwrap());
        assert!(gradient.iter().all(|d| d.is_finite()));
        assert_eq!(gradient[5..10], [0.0; 5]);
    }

    #[test]
    #[should_panic(expected = "a target is 4, but there are 3 classes")]
    fn a_target_beyond_the_classes_is_refused() {
        let logits = Tensor::<2>::zeros([4, 3], &Device::default());
        cross_entropy(&rule(false, 0.0), logits);
    }
}
