//! What a watch sees of the way back is what differentiating the rest of the sequence by its first state gives.

use burn::prelude::*;
use elman::cell::{AnyCell, CellKind, GruReset};
use elman::layer::RecurrentConfig;
use elman::ops::{Precision, watch};

const CELLS: [CellKind; 4] = [
    CellKind::SimpleRnn(elman::cell::Activation::Tanh),
    CellKind::Lstm,
    CellKind::Gru(GruReset::After),
    CellKind::Gru(GruReset::Before),
];
const TIME: usize = 7;
const INPUT: usize = 3;
const HIDDEN: usize = 5;

/// A wave that is never the same twice.
fn wave(shape: [usize; 3], device: &Device) -> Tensor<3> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

#[test]
fn gradients_of_steps_are_those_of_the_state_that_the_rest_begins_with() {
    for dtype in [burn::tensor::DType::F32, burn::tensor::DType::F64] {
        for cell in CELLS {
            let device = Device::default().autodiff();
            let layer = RecurrentConfig::with_cell(AnyCell(cell), INPUT, HIDDEN)
                .with_precision(Precision::Bf16) // a watch computes in f32 all the same
                .with_checkpoint_every(Some(3))
                .init(&device);
            let layer = layer.map(&mut Cast(dtype));
            let input = wave([2, TIME, INPUT], &device).cast(dtype);
            let weights = wave([2, TIME, HIDDEN], &device).cast(dtype);
            let (_, passages) = watch(|| {
                let (output, _) = layer.forward(input.clone(), None, None);
                (output * weights.clone()).sum().backward()
            });
            let [passage] = &passages[..] else {
                panic!("one layer, one passage")
            };
            assert_eq!(passage.name, "layer 1.forward");
            for step in 0..TIME - 1 {
                let rest = TIME - step - 1;
                let before = input.clone().narrow(1, 0, step + 1);
                let (_, state) = watch(|| layer.forward(before, None, None)).0;
                let state = state.detach().require_grad();
                let after = input.clone().narrow(1, step + 1, rest);
                let (output, _) = watch(|| layer.forward(after, None, Some(state.clone()))).0;
                let loss = (output * weights.clone().narrow(1, step + 1, rest)).sum();
                let gradients = loss.backward();
                let later = values(state.grad(&gradients).unwrap().narrow(0, 0, 1));
                let own = values(weights.clone().narrow(1, step, 1));
                for row in 0..2 {
                    let found = passage.gradient(row, step, 0).unwrap();
                    for (unit, found) in found.iter().enumerate() {
                        let truth = later[row * HIDDEN + unit] + own[row * HIDDEN + unit];
                        assert!(
                            (found - truth).abs() < 1e-5,
                            "{cell:?} {dtype:?}, step {step}: {found}, {truth}"
                        );
                    }
                }
            }
            if cell == CellKind::Lstm {
                // At the last step all that reaches the cell state comes through h = o tanh(c).
                for row in 0..2 {
                    let at = |index| passage.kept_at(row, TIME - 1, index);
                    let h = passage.gradient(row, TIME - 1, 0).unwrap();
                    let c = passage.gradient(row, TIME - 1, 1).unwrap();
                    for unit in 0..HIDDEN {
                        let slope = 1.0 - at(4)[unit].tanh().powi(2);
                        let truth = h[unit] * at(3)[unit] * slope;
                        assert!((c[unit] - truth).abs() < 1e-6, "{} {truth}", c[unit]);
                    }
                }
            }
        }
    }
}

struct Cast(burn::tensor::DType);

impl burn::module::ModuleMapper for Cast {
    fn map_float<const D: usize>(
        &mut self,
        param: burn::module::Param<Tensor<D>>,
    ) -> burn::module::Param<Tensor<D>> {
        let (id, tensor, _) = param.consume();
        let tensor = Tensor::from_inner(tensor.inner().cast(self.0)).require_grad();
        burn::module::Param::initialized(id, tensor)
    }
}

#[test]
fn steps_taken_one_by_one_are_one_passage_and_nobody_is_seen_unwatched() {
    let device = Device::default().autodiff();
    let config = RecurrentConfig::with_cell(AnyCell(CellKind::Lstm), INPUT, HIDDEN);
    let layer = config.with_num_layers(2).init(&device);
    let input = wave([1, TIME, INPUT], &device);
    let whole = watch(|| layer.forward(input.clone(), None, None).0.sum().backward()).1;
    let steps = watch(|| {
        let (mut state, mut sum) = (None, Tensor::<1>::zeros([1], &device));
        for step in 0..TIME {
            let at = input.clone().narrow(1, step, 1);
            let (output, after) = layer.forward(at, None, state);
            state = Some(after);
            sum = sum + output.sum();
        }
        sum.backward()
    })
    .1;
    assert_eq!((whole.len(), steps.len()), (2, 2));
    for (whole, steps) in whole.iter().zip(&steps) {
        assert_eq!(whole.name, steps.name);
        for step in 0..TIME {
            for (a, b) in whole.hidden(0, step).iter().zip(steps.hidden(0, step)) {
                assert!((a - b).abs() < 1e-6);
            }
            let (a, b) = (whole.gradient(0, step, 1), steps.gradient(0, step, 1));
            for (a, b) in a.unwrap().iter().zip(b.unwrap()) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
    }
    let (_, nested) = watch(|| watch(|| layer.forward(input.clone(), None, None)).1);
    assert!(nested.is_empty(), "the inner watch has seen it");
}

#[test]
fn what_a_loss_of_one_step_carries_back_is_what_came_back() {
    type Loss = fn(Tensor<3>, Tensor<3>) -> Tensor<1>;
    let cases: [(Loss, bool); 5] = [
        (|output, _| output.narrow(1, 2, 1).sum(), true),
        (|_, state| state.narrow(0, 0, 1).sum(), true),
        (|output, _| output.sum(), false),
        // The final state of the second sequence is that of its third step.
        (
            |output, state| output.narrow(1, 2, 1).sum() + state.narrow(0, 0, 1).sum(),
            false,
        ),
        (|_, state| state.powi_scalar(2).sum(), false),
    ];
    for cell in CELLS {
        let device = Device::default().autodiff();
        for reverse in [false, true] {
            let layer = RecurrentConfig::with_cell(AnyCell(cell), INPUT, HIDDEN)
                .with_reverse(reverse)
                .init(&device);
            for (place, (loss, one_step)) in cases.iter().enumerate() {
                let (_, passages) = watch(|| {
                    let input = wave([2, TIME, INPUT], &device);
                    let (output, state) = layer.forward(input, Some(&[TIME, 3]), None);
                    loss(output, state).backward()
                });
                let mut passage = passages.into_iter().next().unwrap();
                let states_are_hidden = cell != CellKind::Lstm && place == 4;
                let found = passage.gradients.as_ref().unwrap().of_one_step;
                assert_eq!(found, *one_step || states_are_hidden, "{cell:?} {place}");
                let carried = passage.carried().unwrap().into_owned();
                passage.gradients.as_mut().unwrap().of_one_step = false;
                let again = passage.carried().unwrap();
                assert!(carried.iter().any(|value| *value != 0.0));
                for (a, b) in carried.iter().zip(again.iter()) {
                    assert!((a - b).abs() < 1e-6, "{cell:?} {place}: {a} {b}");
                }
            }
        }
    }
}

#[test]
fn a_layer_that_learns_nothing_is_seen_all_the_same() {
    let device = Device::default().autodiff();
    let layer = RecurrentConfig::with_cell(AnyCell(CellKind::Lstm), INPUT, HIDDEN)
        .with_num_layers(2)
        .init(&device);
    let seen = |layer: &elman::layer::AnyRecurrent| {
        let input = wave([2, TIME, INPUT], &device);
        watch(|| layer.forward(input, None, None).0.sum().backward()).1
    };
    let (learning, frozen) = (seen(&layer), seen(&layer.clone().freeze()));
    assert_eq!(frozen.len(), 2);
    for (a, b) in learning.iter().zip(&frozen) {
        assert!(a.gradients.is_some() && a.gradients == b.gradients);
    }
}
