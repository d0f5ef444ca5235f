//! The operator on Burn's CPU backend: the fused kernels, on the tensors' own memory.

use super::{Inputs, Outputs, Recurrence, RecurrentBackend, reference};
use burn::backend::Flex;
use burn::tensor::{Bytes, DType, Shape};
use burn_flex::{FlexTensor, Layout};
use elman_kernels::{Dims, Sequence, Want, Weights, saved_len};

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::new(
        Bytes::from_elems(values),
        Layout::contiguous(Shape::from(shape)),
        DType::F32,
    )
}

/// What was asked for, or one zero in the place of what was not.
fn wanted<const D: usize>(values: Option<Vec<f32>>, shape: [usize; D]) -> FlexTensor {
    match values {
        Some(values) => tensor(values, shape),
        None => tensor(vec![0.0], [1]),
    }
}

pub(super) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    tensor
        .as_slice()
        .expect("made contiguous, and f32 was checked")
}

/// The numbers of a gradient, unless it is the single zero that stands for an absent one.
fn present(gradient: &FlexTensor) -> Option<&[f32]> {
    (gradient.layout().shape().num_dims() > 1).then(|| values(gradient))
}

/// The inputs as the kernels read them. Only `f32`: for other types the reference answers.
struct Slices([FlexTensor; 6]);

impl Slices {
    fn new(inputs: [FlexTensor; 6]) -> Self {
        Self(inputs.map(contiguous))
    }

    fn dims(&self) -> Dims {
        let [batch, time, input]: [usize; 3] = self.0[0].layout().shape().dims();
        let [hidden, _]: [usize; 2] = self.0[3].layout().shape().dims();
        Dims {
            batch,
            time,
            input,
            hidden,
        }
    }

    fn weights(&self) -> Weights<'_> {
        let [_, _, ih, hh, bias_ih, bias_hh] = self.0.each_ref().map(values);
        Weights {
            ih,
            hh,
            bias_ih: Some(bias_ih),
            bias_hh: Some(bias_hh),
        }
    }

    fn sequence<'a>(&'a self, recurrence: &'a Recurrence) -> Sequence<'a> {
        Sequence {
            dims: self.dims(),
            input: values(&self.0[0]),
            state: values(&self.0[1]),
            lengths: recurrence.lengths.as_deref(),
            reverse: recurrence.reverse,
            recurrent_mask: recurrence.mask.as_deref(),
        }
    }
}

impl RecurrentBackend for Flex {
    fn recurrent_forward(
        recurrence: Recurrence,
        save: bool,
        input: FlexTensor,
        state: FlexTensor,
        weight_ih: FlexTensor,
        weight_hh: FlexTensor,
        bias_ih: FlexTensor,
        bias_hh: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        if input.dtype() != DType::F32 {
            let inputs = Inputs {
                input,
                state,
                weight_ih,
                weight_hh,
                bias_ih,
                bias_hh,
            };
            let Outputs {
                output,
                state,
                saved,
            } = reference::forward::<Self>(&recurrence, inputs, save);
            return (output, state, saved);
        }
        let slices = Slices::new([input, state, weight_ih, weight_hh, bias_ih, bias_hh]);
        let Dims {
            batch,
            time,
            hidden,
            ..
        } = slices.dims();
        let cell = recurrence.cell;
        let run = elman_kernels::forward(
            cell,
            &slices.weights(),
            &slices.sequence(&recurrence),
            recurrence.mode,
            save,
        );
        let saved = match run.saved.len() {
            0 => tensor(vec![0.0], [1]),
            len => tensor(run.saved, [len]),
        };
        (
            tensor(run.output, [batch, time, hidden]),
            tensor(run.state, [cell.states(), batch, hidden]),
            saved,
        )
    }

    fn recurrent_backward(
        recurrence: Recurrence,
        want: Want,
        input: FlexTensor,
        state: FlexTensor,
        weight_ih: FlexTensor,
        weight_hh: FlexTensor,
        bias_ih: FlexTensor,
        bias_hh: FlexTensor,
        output: FlexTensor,
        final_state: FlexTensor,
        saved: FlexTensor,
        d_output: FlexTensor,
        d_state: FlexTensor,
    ) -> (
        FlexTensor,
        FlexTensor,
        FlexTensor,
        FlexTensor,
        FlexTensor,
        FlexTensor,
        FlexTensor,
    ) {
        if input.dtype() != DType::F32 {
            let inputs = Inputs {
                input,
                state,
                weight_ih,
                weight_hh,
                bias_ih,
                bias_hh,
            };
            let outputs = Outputs {
                output,
                state: final_state,
                saved,
            };
            let found =
                reference::backward::<Self>(&recurrence, inputs, outputs, d_output, d_state, want);
            let g = found.inputs;
            return (
                g.input,
                g.state,
                g.weight_ih,
                g.weight_hh,
                g.bias_ih,
                g.bias_hh,
                found.steps,
            );
        }
        let slices = Slices::new([input, state, weight_ih, weight_hh, bias_ih, bias_hh]);
        let [output, d_output, d_state] = [output, d_output, d_state].map(contiguous);
        let mut saved = saved;
        let scratch = match saved_len(recurrence.cell, slices.dims(), recurrence.mode) {
            0 => &mut [],
            _ => saved.storage_mut::<f32>(),
        };
        let gradients = elman_kernels::backward(
            recurrence.cell,
            &slices.weights(),
            &slices.sequence(&recurrence),
            recurrence.mode,
            values(&output),
            scratch,
            present(&d_output),
            present(&d_state),
            want,
        );
        let Dims {
            batch,
            time,
            input,
            hidden,
        } = slices.dims();
        let width = recurrence.cell.gates() * hidden;
        let states = recurrence.cell.states();
        let of_weights = |values: Vec<f32>| want.weights.then_some(values);
        (
            wanted(gradients.input, [batch, time, input]),
            tensor(gradients.state, [states, batch, hidden]),
            wanted(of_weights(gradients.weight_ih), [input, width]),
            wanted(of_weights(gradients.weight_hh), [hidden, width]),
            wanted(of_weights(gradients.bias_ih), [width]),
            wanted(of_weights(gradients.bias_hh), [width]),
            wanted(gradients.steps, [batch, time, states * hidden]),
        )
    }
}
