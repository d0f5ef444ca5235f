//! What a recurrent layer promises beyond its equations: padding that changes nothing, states that carry on, streams
//! that agree, dropout that acts in training only.

use burn::prelude::*;
use burn::tensor::Distribution;
use elman::cell::{Activation, AnyCell, Cell, CellKind, GruReset};
use elman::init::{Initializer, ParamSource};
use elman::layer::{AnyRecurrent, LstmConfig, Merge, RecurrentConfig};

const CELLS: [CellKind; 6] = [
    CellKind::SimpleRnn(Activation::Tanh),
    CellKind::SimpleRnn(Activation::Relu),
    CellKind::SimpleRnn(Activation::Identity),
    CellKind::Lstm,
    CellKind::Gru(GruReset::After),
    CellKind::Gru(GruReset::Before),
];

fn config(kind: CellKind) -> RecurrentConfig<AnyCell> {
    RecurrentConfig::with_cell(AnyCell(kind), 3, 5)
}

fn build(config: &RecurrentConfig<AnyCell>, device: &Device) -> AnyRecurrent {
    config.init_from(&mut ParamSource::new(7, Initializer::PyTorch, device))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

fn noise<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    // Any fixed values will do; sines keep the test apart from the device's generator, which other tests use.
    let count = shape.iter().product::<usize>();
    let numbers: Vec<f32> = (0..count)
        .map(|k| ((k * k + 3 * k) as f32 * 0.7).sin())
        .collect();
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

#[track_caller]
fn close(a: &[f32], b: &[f32], tolerance: f32) {
    assert_eq!(a.len(), b.len());
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance, "element {index}: {a} and {b}");
    }
}

/// Runs a batch of ragged sequences with garbage in the padding, and each of them alone without any.
#[test]
fn padded_equals_unpadded_in_values_and_gradients() {
    let device = Device::default().autodiff();
    let lengths = [4, 7, 1];
    for kind in CELLS {
        for bidirectional in [false, true] {
            let layer = build(
                &config(kind)
                    .with_num_layers(2)
                    .with_bidirectional(bidirectional),
                &device,
            );
            let clean = noise([3, 7, 3], &device);
            let mut garbage = values(clean.clone());
            for (row, length) in lengths.iter().enumerate() {
                garbage[(row * 7 + length) * 3..(row + 1) * 21].fill(f32::NAN);
            }
            let input =
                Tensor::<3>::from_data(TensorData::new(garbage, [3, 7, 3]), &device).require_grad();
            let (output, state) = layer.forward(input.clone(), Some(&lengths), None);
            let width = output.dims()[2];
            let weight = noise([3, 7, width], &device);
            let together =
                (output.clone() * weight.clone()).sum() + state.clone().powi_scalar(2).sum();
            let grads = together.backward();
            let d_input = values(input.grad(&grads).unwrap());
            let d_weights: Vec<Vec<f32>> = layer
                .directions
                .iter()
                .map(|d| values(d.weight_hh.val().grad(&grads).unwrap()))
                .collect();

            let mut summed: Vec<Vec<f32>> = d_weights.iter().map(|g| vec![0.0; g.len()]).collect();
            for (row, &length) in lengths.iter().enumerate() {
                let alone = clean
                    .clone()
                    .slice([row..row + 1, 0..length])
                    .detach()
                    .require_grad();
                let (one, last) = layer.forward(alone.clone(), None, None);
                let padded = values(output.clone().narrow(0, row, 1));
                close(&values(one.clone()), &padded[..length * width], 1e-5);
                assert!(
                    padded[length * width..].iter().all(|v| *v == 0.0),
                    "padding gives zero"
                );
                close(
                    &values(last.clone()),
                    &values(state.clone().narrow(1, row, 1)),
                    1e-5,
                );
                let weight = weight.clone().slice([row..row + 1, 0..length]);
                let grads = ((one * weight).sum() + last.powi_scalar(2).sum()).backward();
                let d_alone = values(alone.grad(&grads).unwrap());
                close(&d_alone, &d_input[row * 21..row * 21 + length * 3], 1e-4);
                assert!(
                    d_input[row * 21 + length * 3..(row + 1) * 21]
                        .iter()
                        .all(|v| *v == 0.0),
                    "no gradient there"
                );
                for (sum, direction) in summed.iter_mut().zip(&layer.directions) {
                    let own = values(direction.weight_hh.val().grad(&grads).unwrap());
                    sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
            }
            for (summed, together) in summed.iter().zip(&d_weights) {
                close(summed, together, 2e-4);
            }
        }
    }
}

#[test]
fn a_sequence_in_two_parts_is_the_whole_sequence() {
    let device = Device::default();
    for kind in CELLS {
        let layer = build(&config(kind).with_num_layers(2), &device);
        let input = noise([2, 9, 3], &device);
        let (whole, last) = layer.forward(input.clone(), None, None);
        let (first, state) = layer.forward(input.clone().narrow(1, 0, 4), None, None);
        let (second, state) = layer.forward(input.clone().narrow(1, 4, 5), None, Some(state));
        close(
            &values(Tensor::cat(vec![first, second], 1)),
            &values(whole.clone()),
            1e-6,
        );
        close(&values(state), &values(last), 1e-6);

        let mut state = layer.zero_state(2, &device);
        let mut stream = layer.stream(2);
        for t in 0..9 {
            let x = input.clone().narrow(1, t, 1).squeeze_dim::<2>(1);
            let (output, next) = layer.step(x.clone(), Some(state));
            state = next;
            let expected = values(whole.clone().narrow(1, t, 1));
            close(&values(output), &expected, 1e-6);
            close(stream.step(&values(x)), &expected, 1e-5);
        }
        stream.reset();
        close(
            stream.step(&values(input.narrow(1, 0, 1))),
            &values(whole.narrow(1, 0, 1)),
            1e-5,
        );
    }
}

#[test]
fn two_directions_are_two_layers_merged() {
    let device = Device::default();
    let input = noise([2, 6, 3], &device);
    let both = build(&config(CellKind::Lstm).with_bidirectional(true), &device);
    let one = |index: usize, reverse: bool| {
        let mut layer = build(&config(CellKind::Lstm).with_reverse(reverse), &device);
        layer.directions = vec![both.directions[index].clone()];
        layer.forward(input.clone(), Some(&[6, 3]), None).0
    };
    let (forward, backward) = (one(0, false), one(1, true));
    let merged = |merge: Merge| {
        let mut layer = build(
            &config(CellKind::Lstm)
                .with_bidirectional(true)
                .with_merge(merge),
            &device,
        );
        layer.directions = both.directions.clone();
        layer.forward(input.clone(), Some(&[6, 3]), None)
    };
    let expected = [
        (
            Merge::Concat,
            Tensor::cat(vec![forward.clone(), backward.clone()], 2),
        ),
        (Merge::Sum, forward.clone() + backward.clone()),
        (Merge::Mul, forward.clone() * backward.clone()),
        (Merge::Average, (forward.clone() + backward.clone()) * 0.5),
    ];
    for (merge, expected) in expected {
        close(&values(merged(merge).0), &values(expected), 1e-6);
    }
    // The last answer: the forward direction's at each sequence's end, the backward direction's at its beginning.
    let last = values(both.last(merged(Merge::Concat).1));
    let ends = [
        forward.clone().slice([0..1, 5..6]),
        forward.slice([1..2, 2..3]),
    ];
    let begins = [
        backward.clone().slice([0..1, 0..1]),
        backward.slice([1..2, 0..1]),
    ];
    for row in 0..2 {
        close(
            &last[row * 10..row * 10 + 5],
            &values(ends[row].clone()),
            1e-6,
        );
        close(
            &last[row * 10 + 5..row * 10 + 10],
            &values(begins[row].clone()),
            1e-6,
        );
    }
}

#[test]
fn dropout_acts_in_training_only() {
    let training = Device::default().autodiff();
    let layer = build(
        &config(CellKind::Lstm)
            .with_num_layers(2)
            .with_dropout(0.5)
            .with_recurrent_dropout(0.5),
        &training,
    );
    let input = noise([4, 6, 3], &training);
    let run = |layer: &AnyRecurrent, input: Tensor<3>| values(layer.forward(input, None, None).0);
    assert_ne!(
        run(&layer, input.clone()),
        run(&layer, input.clone()),
        "two draws differ"
    );
    let still = layer.valid();
    let plain = input.inner();
    assert_eq!(run(&still, plain.clone()), run(&still, plain));
}

#[test]
fn first_values_follow_keras_or_pytorch() {
    let device = Device::default();
    let keras = LstmConfig::new(8, 16).init(&device);
    let bias = values(keras.directions[0].bias_ih.as_ref().unwrap().val());
    assert!(
        bias[..16].iter().chain(&bias[32..]).all(|b| *b == 0.0)
            && bias[16..32].iter().all(|b| *b == 1.0)
    );
    let limit = (6.0f32 / (8.0 + 64.0)).sqrt();
    let weights = values(keras.directions[0].weight_ih.val());
    assert!(
        weights.iter().all(|w| w.abs() <= limit) && weights.iter().any(|w| w.abs() > 0.8 * limit)
    );
    let torch = LstmConfig::new(8, 16)
        .with_initializer(Initializer::PyTorch)
        .init(&device);
    assert!(
        values(torch.directions[0].weight_ih.val())
            .iter()
            .all(|w| w.abs() <= 0.25)
    );
}

#[test]
fn a_seeded_device_builds_the_same_layer() {
    let device = Device::default();
    let _: Tensor<1> = Tensor::random([1], Distribution::Default, &device);
    let a = LstmConfig::new(2, 3).init_from(&mut ParamSource::new(1, Initializer::Keras, &device));
    let b = LstmConfig::new(2, 3).init_from(&mut ParamSource::new(1, Initializer::Keras, &device));
    assert_eq!(
        values(a.directions[0].weight_hh.val()),
        values(b.directions[0].weight_hh.val())
    );
    assert_eq!(AnyCell(CellKind::Lstm).kind().states(), 2);
}

/// Sums over segments come in another order: other bits show that the layer was computed in segments, near ones that it
/// was computed right.
#[test]
fn segments_are_summed_to_the_same_gradients() {
    let device = Device::default().autodiff();
    for kind in CELLS {
        let gradients = |every: Option<usize>| {
            let layer = build(
                &config(kind)
                    .with_num_layers(2)
                    .with_bidirectional(true)
                    .with_checkpoint_every(every),
                &device,
            );
            let input = noise([3, 9, 3], &device).require_grad();
            let (output, state) = layer.forward(input.clone(), Some(&[9, 4, 0]), None);
            let answer = [values(output.clone()), values(state.clone())].concat();
            let loss = output.powi_scalar(2).sum() + state.powi_scalar(3).sum();
            let grads = loss.backward();
            let d_weights = layer.directions.iter().flat_map(|d| {
                let ih = values(d.weight_ih.val().grad(&grads).unwrap());
                ih.into_iter()
                    .chain(values(d.weight_hh.val().grad(&grads).unwrap()))
            });
            let d_weights: Vec<f32> = d_weights.collect();
            (answer, values(input.grad(&grads).unwrap()), d_weights)
        };
        let whole = gradients(None);
        for every in [1, 2, 4] {
            let segments = gradients(Some(every));
            assert_eq!(segments.0, whole.0, "{kind:?}");
            close(&segments.1, &whole.1, 1e-5);
            close(&segments.2, &whole.2, 1e-5);
            assert_ne!(segments.2, whole.2, "{kind:?}: not in segments");
        }
        let one = gradients(Some(9));
        assert_eq!(one, whole, "{kind:?}: one segment");
    }
}

#[test]
#[should_panic(expected = "checkpoint_every must be at least one step")]
fn a_segment_of_no_steps_is_the_callers_bug() {
    let _ = LstmConfig::new(2, 3)
        .with_checkpoint_every(0)
        .init(&Device::default());
}
