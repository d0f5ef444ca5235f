//! A dense layer: its products write where the result is to be.
//!
//! Burn's CPU backend clears and copies the memory of every product before it is written, which for the logits of a
//! large vocabulary costs as much memory again and a fifth of the product's time.

use super::flex::{contiguous, tensor, values};
use super::has_own_path;
use super::value::Value;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::module::Param;
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
/// - input `[…, inputs]`, weight `[inputs, outputs]`, bias `[outputs]`, if there is one
/// - result `[…, outputs]`
///
/// # Panics
/// If the input's last dimension is not the weight's first.
pub fn dense<const D: usize>(layer: &Linear, input: Tensor<D>) -> Tensor<D> {
    let bias = layer.bias.as_ref().map(Param::val);
    product(Stored::Straight, layer.weight.val(), bias, input)
}

/// `x Eᵀ + b` over the last dimension of `input`: an output layer that shares the table of an embedding (Press & Wolf, 2017;
/// Inan, Khosravi & Socher, 2017).
///
/// # Shapes
/// - input `[…, features]`, table `[vocabulary, features]`, bias `[vocabulary]`
/// - result `[…, vocabulary]`
///
/// # Panics
/// If the input's last dimension is not the table's.
pub fn tied<const D: usize>(table: Tensor<2>, bias: Tensor<1>, input: Tensor<D>) -> Tensor<D> {
    product(Stored::Transposed, table, Some(bias), input)
}

/// How the weights of a dense layer are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// `[inputs, outputs]`
    Straight,
    /// `[outputs, inputs]`, as the table of an embedding.
    Transposed,
}

impl Stored {
    /// Inputs and outputs.
    fn sizes(self, [rows, columns]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Straight => [rows, columns],
            Self::Transposed => [columns, rows],
        }
    }
}

fn product<const D: usize>(
    stored: Stored,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    input: Tensor<D>,
) -> Tensor<D> {
    let ([inputs, outputs], mut shape) = (stored.sizes(weight.dims()), input.shape());
    assert_eq!(
        shape[D - 1],
        inputs,
        "the input has {} features, but the layer reads {inputs}",
        shape[D - 1]
    );
    let bias = bias.unwrap_or_else(|| Tensor::zeros([outputs], (&weight.device(), weight.dtype())));
    let rows = shape.num_elements() / inputs.max(1);
    let input = match D {
        2 => input.into_dispatch(),
        _ => input.reshape([rows, inputs]).into_dispatch(),
    };
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    let output = match has_own_path(&input.kind) {
        true => <Dispatch as DenseBackend>::dense_forward(stored, input, weight, bias),
        false => reference::<Dispatch>(stored, input, weight, bias),
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
        stored: Stored,
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        reference::<Self>(stored, input, weight, bias)
    }

    /// Returns the gradients of input, weight and bias. What is not wanted, of the input or of the other two, may be anything.
    fn dense_backward(
        stored: Stored,
        want: [bool; 2],
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        d_output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let _ = want; // Products of a reference: not worth a branch here.
        reference_backward::<Self>(stored, input, weight, d_output)
    }
}

fn reference<B: Backend>(
    stored: Stored,
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    let weight = Value::<B>(weight);
    let [_, outputs] = stored.sizes(weight.dims());
    let bias = Value::<B>(bias).reshape([1, outputs]);
    let product = match stored {
        Stored::Straight => Value::<B>(input).matmul(&weight),
        Stored::Transposed => Value::<B>(input).matmul(&weight.transpose()),
    };
    (&product + &bias).0
}

fn reference_backward<B: Backend>(
    stored: Stored,
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    d_output: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let (input, weight) = (Value::<B>(input), Value::<B>(weight));
    let d_output = Value::<B>(d_output);
    let (d_input, d_weight) = match stored {
        Stored::Straight => (
            d_output.matmul(&weight.transpose()),
            input.transpose().matmul(&d_output),
        ),
        Stored::Transposed => (
            d_output.matmul(&weight),
            d_output.transpose().matmul(&input),
        ),
    };
    (d_input.0, d_weight.0, d_output.sum_rows().0)
}

fn sizes(stored: Stored, input: &FlexTensor, weight: &FlexTensor) -> Dense {
    let [rows, _] = input.layout().shape().dims();
    let [inputs, outputs] = stored.sizes(weight.layout().shape().dims());
    Dense {
        rows,
        inputs,
        outputs,
    }
}

impl DenseBackend for Flex {
    fn dense_forward(
        stored: Stored,
        input: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
    ) -> FlexTensor {
        if input.dtype() != DType::F32 {
            return reference::<Self>(stored, input, weight, bias);
        }
        let [input, weight, bias] = [input, weight, bias].map(contiguous);
        let sizes = sizes(stored, &input, &weight);
        let (x, w, b) = (values(&input), values(&weight), Some(values(&bias)));
        let output = match stored {
            Stored::Straight => sizes.forward(x, w, b),
            Stored::Transposed => sizes.forward_transposed(x, w, b),
        };
        tensor(output, [sizes.rows, sizes.outputs])
    }

    fn dense_backward(
        stored: Stored,
        want: [bool; 2],
        input: FlexTensor,
        weight: FlexTensor,
        d_output: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [want_input, want_weights] = want;
        if input.dtype() != DType::F32 {
            return reference_backward::<Self>(stored, input, weight, d_output);
        }
        let [input, weight, d_output] = [input, weight, d_output].map(contiguous);
        let sizes = sizes(stored, &input, &weight);
        let (x, w, dy) = (values(&input), values(&weight), values(&d_output));
        let d_input = || match stored {
            Stored::Straight => sizes.backward_input(w, dy),
            Stored::Transposed => sizes.reversed().forward(dy, w, None),
        };
        let none = || tensor(vec![0.0], [1]);
        let d_weight = || match stored {
            Stored::Straight => tensor(sizes.backward_weight(x, dy), [sizes.inputs, sizes.outputs]),
            Stored::Transposed => tensor(
                sizes.reversed().backward_weight(dy, x),
                [sizes.outputs, sizes.inputs],
            ),
        };
        (
            match want_input {
                true => tensor(d_input(), [sizes.rows, sizes.inputs]),
                false => none(),
            },
            if want_weights { d_weight() } else { none() },
            match want_weights {
                true => tensor(sizes.backward_bias(dy), [sizes.outputs]),
                false => none(),
            },
        )
    }
}

#[derive(Debug)]
struct Step;

impl<B: DenseBackend> Backward<B, 3> for Step {
    type State = (Stored, FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let d_output = gradients.consume::<B>(&ops.node);
        let (parents, (stored, input, weight)) = (ops.parents, ops.state);
        let want = [
            parents[0].is_some(),
            parents[1..].iter().any(Option::is_some),
        ];
        let computed = B::dense_backward(stored, want, input, weight, d_output);
        for (parent, gradient) in parents.into_iter().zip(<[_; 3]>::from(computed)) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}

impl<B: DenseBackend, C: CheckpointStrategy> DenseBackend for Autodiff<B, C> {
    fn dense_forward(
        stored: Stored,
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [(input, x), (weight, w), (bias, b)] =
            [input, weight, bias].map(|tensor| tensor.into_parts());
        let output = B::dense_forward(stored, input.clone(), weight.clone(), bias);
        match Backward::<B, 3>::prepare::<C>(Step, [x, w, b])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((stored, input, weight), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
            let y = reference::<Dispatch>(Stored::Straight, x, weight, bias);
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
        let (_, d_weight, d_bias) =
            reference_backward::<Dispatch>(Stored::Straight, inner(x), weight, dy);
        let d_weight = crate::values(Tensor::<2>::from_dispatch(d_weight));
        let d_bias = crate::values(Tensor::<1>::from_dispatch(d_bias));
        let own = d_weight.into_iter().chain(d_bias);
        for (found, expected) in fused[2..].iter().flatten().zip(own) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn a_layer_tied_to_a_table_is_the_layer_of_its_transpose() {
        let device = Device::default().autodiff();
        let mut layer = LinearConfig::new(5, 7).init(&device);
        layer.bias = Some(Param::from_tensor(wave([7], &device)));
        let input = wave([3, 5, 4], &device);
        let mut expected = run(input.clone(), &layer, |x| layer.forward(x));
        // The table's gradient is that of the weight, transposed.
        let turned = |values: &[f32], [rows, columns]: [usize; 2]| -> Vec<f32> {
            let at = |index: usize| values[index % rows * columns + index / rows];
            (0..rows * columns).map(at).collect()
        };
        expected[2] = turned(&expected[2], [5, 7]);
        let mut table = layer.clone();
        let values = turned(&crate::values(layer.weight.val().inner()), [5, 7]);
        table.weight = Param::from_data(TensorData::new(values, [7, 5]), &device);
        let bias = |layer: &Linear| layer.bias.as_ref().unwrap().val();
        let fused = run(input.clone(), &table, |x| {
            tied(table.weight.val(), bias(&table), x)
        });
        let plain = run(input.clone(), &table, |x| {
            let x = x.reshape([12, 5]).into_dispatch();
            let (weight, bias) = (table.weight.val(), bias(&table));
            let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
            let y = reference::<Dispatch>(Stored::Transposed, x, weight, bias);
            Tensor::<2>::from_dispatch(y).reshape([3, 4, 7])
        });
        for other in [fused, plain] {
            for (found, expected) in other.iter().flatten().zip(expected.iter().flatten()) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
        let inner = |tensor: Tensor<2>| tensor.inner().into_dispatch();
        let x = input.swap_dims(1, 2).reshape([12, 5]);
        let (weight, dy) = (inner(table.weight.val()), inner(wave([12, 7], &device)));
        let (d_x, d_table, _) =
            reference_backward::<Dispatch>(Stored::Transposed, inner(x), weight, dy);
        let d_x = Tensor::<2>::from_dispatch(d_x)
            .reshape([3, 4, 5])
            .swap_dims(1, 2);
        let own = [
            crate::values(d_x),
            crate::values(Tensor::<2>::from_dispatch(d_table)),
        ]
        .concat();
        for (found, expected) in own.iter().zip(expected[1..3].iter().flatten()) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn a_layer_without_a_bias_adds_nothing() {
        let device = Device::default().autodiff();
        let layer = LinearConfig::new(5, 7).with_bias(false).init(&device);
        let input = wave([3, 5], &device);
        let [found, expected] = [dense(&layer, input.clone()), layer.forward(input)];
        for (found, expected) in crate::values(found).iter().zip(crate::values(expected)) {
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
