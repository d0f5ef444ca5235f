//! A dense layer: its products write where the result is to be.
//!
//! Burn's CPU backend clears and copies the memory of every product before it is written, which for the logits of a
//! large vocabulary costs as much memory again and a fifth of the product's time.

use super::flex::{contiguous, tensor, values};
use super::has_own_path;
use super::value::Value;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::nn::Linear;
use burn::prelude::*;
use burn::tensor::DType;
use burn_autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_flex::FlexTensor;
use elman_kernels::Dense;

/// `x W + b` over the last dimension of `input`.
///
/// # Shapes
/// - input `[…, inputs]`, weight `[inputs, outputs]`, bias `[outputs]`
/// - result `[…, outputs]`
///
/// # Panics
/// If the input's last dimension is not the weight's first.
pub fn dense<const D: usize>(layer: &Linear, input: Tensor<D>) -> Tensor<D> {
    let Some(bias) = &layer.bias else {
        return layer.forward(input);
    };
    let weight = layer.weight.val();
    let ([inputs, outputs], mut shape) = (weight.dims(), input.shape());
    assert_eq!(
        shape[D - 1],
        inputs,
        "the input has {} features, but the layer reads {inputs}",
        shape[D - 1]
    );
    let rows = shape.num_elements() / inputs.max(1);
    let input = match D {
        2 => input.into_dispatch(),
        _ => input.reshape([rows, inputs]).into_dispatch(),
    };
    let (weight, bias) = (weight.into_dispatch(), bias.val().into_dispatch());
    let output = match has_own_path(&input.kind) {
        true => <Dispatch as DenseBackend>::dense_forward(input, weight, bias),
        false => reference::<Dispatch>(input, weight, bias),
    };
    if D == 2 {
        return Tensor::from_dispatch(output);
    }
    shape[D - 1] = outputs;
    Tensor::<2>::from_dispatch(output).reshape(shape)
}

/// The dense layer of a backend, forward and backward. The default bodies are the reference.
#[backend_extension(Autodiff, Flex)]
#[allow(clippy::type_complexity)] // The dispatch macro returns tensors one by one.
pub trait DenseBackend: Backend {
    /// Returns `x W + b`, `[rows, outputs]`.
    fn dense_forward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        reference::<Self>(input, weight, bias)
    }

    /// Returns the gradients of input, weight and bias; the first may be anything unless it is wanted.
    fn dense_backward(
        want_input: bool,
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        d_output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let _ = want_input; // One product of three: not worth a branch here.
        reference_backward::<Self>(input, weight, d_output)
    }
}

fn reference<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    let weight = Value::<B>(weight);
    let [_, outputs] = weight.dims();
    let bias = Value::<B>(bias).reshape([1, outputs]);
    (&Value::<B>(input).matmul(&weight) + &bias).0
}

fn reference_backward<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    d_output: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let (input, weight) = (Value::<B>(input), Value::<B>(weight));
    let d_output = Value::<B>(d_output);
    (
        d_output.matmul(&weight.transpose()).0,
        input.transpose().matmul(&d_output).0,
        d_output.sum_rows().0,
    )
}

fn sizes(input: &FlexTensor, weight: &FlexTensor) -> Dense {
    let [rows, inputs] = input.layout().shape().dims();
    let [_, outputs] = weight.layout().shape().dims();
    Dense {
        rows,
        inputs,
        outputs,
    }
}

impl DenseBackend for Flex {
    fn dense_forward(input: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        if input.dtype() != DType::F32 {
            return reference::<Self>(input, weight, bias);
        }
        let [input, weight, bias] = [input, weight, bias].map(contiguous);
        let sizes = sizes(&input, &weight);
        let output = sizes.forward(values(&input), values(&weight), Some(values(&bias)));
        tensor(output, [sizes.rows, sizes.outputs])
    }

    fn dense_backward(
        want_input: bool,
        input: FlexTensor,
        weight: FlexTensor,
        d_output: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        if input.dtype() != DType::F32 {
            return reference_backward::<Self>(input, weight, d_output);
        }
        let [input, weight, d_output] = [input, weight, d_output].map(contiguous);
        let sizes = sizes(&input, &weight);
        let (x, w, dy) = (values(&input), values(&weight), values(&d_output));
        (
            match want_input {
                true => tensor(sizes.backward_input(w, dy), [sizes.rows, sizes.inputs]),
                false => tensor(vec![0.0], [1]),
            },
            tensor(sizes.backward_weight(x, dy), [sizes.inputs, sizes.outputs]),
            tensor(sizes.backward_bias(dy), [sizes.outputs]),
        )
    }
}

#[derive(Debug)]
struct Step;

impl<B: DenseBackend> Backward<B, 3> for Step {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let d_output = gradients.consume::<B>(&ops.node);
        let (parents, (input, weight)) = (ops.parents, ops.state);
        let computed = B::dense_backward(parents[0].is_some(), input, weight, d_output);
        for (parent, gradient) in parents.into_iter().zip(<[_; 3]>::from(computed)) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}

impl<B: DenseBackend, C: CheckpointStrategy> DenseBackend for Autodiff<B, C> {
    fn dense_forward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [(input, x), (weight, w), (bias, b)] =
            [input, weight, bias].map(|tensor| tensor.into_parts());
        let output = B::dense_forward(input.clone(), weight.clone(), bias);
        match Backward::<B, 3>::prepare::<C>(Step, [x, w, b])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((input, weight), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Param;
    use burn::nn::LinearConfig;

    fn wave<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
        let count = shape.iter().product::<usize>();
        let values = (0..count).map(|i| ((i + 1) as f32 * 0.7).sin()).collect();
        Tensor::from_data(TensorData::new::<f32, _>(values, shape), device)
    }

    /// The output, and the gradients of input, weight and bias.
    fn run(input: Tensor<3>, layer: &Linear, f: impl Fn(Tensor<3>) -> Tensor<3>) -> Vec<Vec<f32>> {
        let input = input.require_grad();
        // Not contiguous: the last two dimensions change places.
        let output = f(input.clone().swap_dims(1, 2));
        let upstream = wave(output.dims(), &output.device());
        let gradients = (output.clone() * upstream).sum().backward();
        let bias = layer.bias.as_ref().unwrap().val();
        vec![
            crate::values(output.inner()),
            crate::values(input.grad(&gradients).unwrap()),
            crate::values(layer.weight.val().grad(&gradients).unwrap()),
            crate::values(bias.grad(&gradients).unwrap()),
        ]
    }

    #[test]
    fn fused_equals_burns_layer_and_the_reference() {
        let device = Device::default().autodiff();
        let mut layer = LinearConfig::new(5, 7).init(&device);
        layer.bias = Some(Param::from_tensor(wave([7], &device)));
        let input = wave([3, 5, 4], &device);
        let fused = run(input.clone(), &layer, |x| dense(&layer, x));
        let burns = run(input.clone(), &layer, |x| layer.forward(x));
        let plain = run(input, &layer, |x| {
            let (weight, bias) = (layer.weight.val(), layer.bias.as_ref().unwrap().val());
            let x = x.reshape([12, 5]).into_dispatch();
            let y = reference::<Dispatch>(x, weight.into_dispatch(), bias.into_dispatch());
            Tensor::<2>::from_dispatch(y).reshape([3, 4, 7])
        });
        for other in [burns, plain] {
            for (found, expected) in fused.iter().flatten().zip(other.iter().flatten()) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
        let inner = |tensor: Tensor<2>| tensor.inner().into_dispatch();
        let x = wave([3, 5, 4], &device).swap_dims(1, 2).reshape([12, 5]);
        let (weight, dy) = (inner(layer.weight.val()), inner(wave([12, 7], &device)));
        let (_, d_weight, d_bias) = reference_backward::<Dispatch>(inner(x), weight, dy);
        let d_weight = crate::values(Tensor::<2>::from_dispatch(d_weight));
        let d_bias = crate::values(Tensor::<1>::from_dispatch(d_bias));
        let own = d_weight.into_iter().chain(d_bias);
        for (found, expected) in fused[2..].iter().flatten().zip(own) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    #[should_panic(expected = "the input has 4 features, but the layer reads 5")]
    fn an_input_of_another_width_is_refused() {
        let layer = LinearConfig::new(5, 7).init(&Device::default());
        dense(&layer, Tensor::<2>::zeros([3, 4], &Device::default()));
    }
}
