//! Dropout whose choice follows from a seed: one pass, and nothing kept for the backward pass.

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

/// Sets values to zero, each with probability `rate` by itself, and scales the others by `1 / (1 − rate)`. The same seed
/// drops the same places.
///
/// # Panics
/// If `rate` is not from 0 to below 1.
pub fn dropout<const D: usize>(input: Tensor<D>, rate: f64, seed: u64) -> Tensor<D> {
    let input = input.into_dispatch();
    Tensor::from_dispatch(match has_own_path(&input.kind) {
        true => <Dispatch as DropoutBackend>::seeded_dropout(rate, seed, input),
        false => reference::<Dispatch>(rate, seed, input),
    })
}

/// The dropout of a backend. Its derivative is itself. The default body is the reference.
#[backend_extension(Autodiff, Flex)]
pub trait DropoutBackend: Backend {
    /// The values that are kept, scaled.
    fn seeded_dropout(rate: f64, seed: u64, input: FloatTensor<Self>) -> FloatTensor<Self> {
        reference::<Self>(rate, seed, input)
    }
}

/// The mask is drawn where the seed is, and multiplied with.
fn reference<B: Backend>(rate: f64, seed: u64, input: FloatTensor<B>) -> FloatTensor<B> {
    let shape = input.shape();
    let input = Value::<B>(input).reshape([shape.num_elements()]);
    let mut mask = vec![1.0; shape.num_elements()];
    elman_kernels::dropout(seed, rate, &mut mask);
    let mask = input.constant(&mask, [mask.len()]);
    (&input * &mask).reshape(shape).0
}

impl DropoutBackend for Flex {
    fn seeded_dropout(rate: f64, seed: u64, input: FlexTensor) -> FlexTensor {
        if input.dtype() != DType::F32 {
            return reference::<Self>(rate, seed, input);
        }
        // The only owner's memory is used again; otherwise this is a copy.
        let mut data = input.into_data();
        let numbers = data.as_mut_slice().expect("f32 was checked");
        elman_kernels::dropout(seed, rate, numbers);
        FlexTensor::from_data(data)
    }
}

#[derive(Debug)]
struct Step;

impl<B: DropoutBackend> Backward<B, 1> for Step {
    type State = (f64, u64);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let ([parent], (rate, seed)) = (ops.parents, ops.state);
        if let Some(parent) = parent {
            gradients.register::<B>(parent.id, B::seeded_dropout(rate, seed, gradient));
        }
    }
}

impl<B: DropoutBackend, C: CheckpointStrategy> DropoutBackend for Autodiff<B, C> {
    fn seeded_dropout(rate: f64, seed: u64, input: FloatTensor<Self>) -> FloatTensor<Self> {
        let (input, node) = input.into_parts();
        let output = B::seeded_dropout(rate, seed, input);
        match Backward::<B, 1>::prepare::<C>(Step, [node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((rate, seed), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(device: &Device) -> Tensor<2> {
        let values = (0..60).map(|i| (i as f32 * 0.7).sin()).collect();
        Tensor::from_data(TensorData::new::<f32, _>(values, [12, 5]), device)
    }

    #[test]
    fn fused_equals_the_reference_forward_and_backward() {
        let device = Device::default().autodiff();
        let run = |f: &dyn Fn(Tensor<2>) -> Tensor<2>| {
            let input = input(&device).require_grad();
            // Not contiguous, and another tensor holds the memory.
            let output = f(input.clone().transpose());
            let gradients = (output.clone() * output.clone()).sum().backward();
            let gradient = input.grad(&gradients).unwrap();
            (crate::values(output.inner()), crate::values(gradient))
        };
        let fused = run(&|input| dropout(input, 0.4, 9));
        let plain = run(&|input| {
            Tensor::from_dispatch(reference::<Dispatch>(0.4, 9, input.into_dispatch()))
        });
        assert_eq!(fused, plain);
        let dropped = fused.0.iter().filter(|value| **value == 0.0).count();
        assert!((10..40).contains(&dropped), "{dropped}");
        assert_ne!(fused, run(&|input| dropout(input, 0.4, 10)));
    }

    #[test]
    fn the_input_keeps_its_numbers_while_it_is_in_use() {
        let kept = input(&Device::default());
        let before = crate::values(kept.clone());
        let output = crate::values(dropout(kept.clone(), 0.5, 1));
        assert_eq!(crate::values(kept), before);
        assert_ne!(output, before);
    }
}
