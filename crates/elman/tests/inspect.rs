//! Whether an inspection sees what was put there.

use burn::module::{Module, Param};
use burn::prelude::*;
use elman::cell::{Activation, AnyCell, CellKind, GruReset};
use elman::init::Initializer;
use elman::inspect::{
    Asked, Choice, Flow, Inspection, Reading, Specimen, Verdict, inspect, spectral_radius,
};
use elman::layer::RecurrentConfig;
use elman::model::{Dense, Gru, Model, Sequential, Shape};
use elman::ops::watch;
use elman::train::loss::{Reduction, mse};
use elman::train::{Carry, Evaluation, Objective, Silent, StepLoss, TrainConfig, Trainer};
use elman_data::random::mix;

const HIDDEN: usize = 8;

/// A number from −1 to 1 that follows from others.
fn number(seeds: &[u64]) -> f32 {
    (mix(seeds) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// The gradient of the last of `time` steps, through a recurrence whose weights and biases were set.
fn flow(
    cell: CellKind,
    time: usize,
    weight: impl Fn(usize, usize) -> f32,
    bias: impl Fn(usize) -> f32,
) -> Flow {
    let device = Device::default().autodiff();
    let mut layer = RecurrentConfig::with_cell(AnyCell(cell), 2, HIDDEN).init(&device);
    let width = cell.gates() * HIDDEN;
    let weights: Vec<f32> = (0..HIDDEN * width)
        .map(|i| weight(i / width, i % width))
        .collect();
    let biases: Vec<f32> = (0..width).map(|column| bias(column / HIDDEN)).collect();
    let own = &mut layer.directions[0];
    own.weight_hh = Param::from_tensor(Tensor::from_data(
        TensorData::new(weights, [HIDDEN, width]),
        &device,
    ));
    own.bias_ih = Some(Param::from_tensor(Tensor::from_data(
        TensorData::new(biases, [width]),
        &device,
    )));
    let values: Vec<f32> = (0..2 * time as u64).map(|i| 0.1 * number(&[i])).collect();
    let input = Tensor::<3>::from_data(TensorData::new(values, [1, time, 2]), &device);
    let (_, passages) = watch(|| {
        let (output, _) = layer.forward(input.clone(), None, None);
        output.narrow(1, time - 1, 1).sum().backward()
    });
    Flow::new(&passages[0]).unwrap()
}

/// `factor` on the diagonal of each gate's block.
fn diagonal(factor: f32) -> impl Fn(usize, usize) -> f32 {
    move |row, column| if column % HIDDEN == row { factor } else { 0.0 }
}

/// A turn of each pair of units: orthogonal.
fn turn(angle: f32) -> impl Fn(usize, usize) -> f32 {
    move |row, column| match (row / 2 == column / 2, row % 2, column % 2) {
        (false, ..) => 0.0,
        (true, 0, 1) => angle.sin(),
        (true, 1, 0) => -angle.sin(),
        _ => angle.cos(),
    }
}

#[test]
fn the_verdict_is_right_on_networks_made_to_fade_to_explode_or_to_be_healthy() {
    let identity = CellKind::SimpleRnn(Activation::Identity);
    let no_bias = |_| 0.0;

    // h' = W h + …: at distance k the gradient is that of the last step times 0.8^k, which is below 1 % from 21 on.
    let fading = flow(identity, 50, diagonal(0.8), no_bias);
    assert_eq!(fading.verdict, Verdict::Fading(21));
    for (distance, share) in fading.shares[0].iter().enumerate() {
        assert!(
            (share - 0.8f64.powi(distance as i32)).abs() < 1e-5,
            "{distance}: {share}"
        );
    }

    let exploding = flow(identity, 50, diagonal(1.2), no_bias);
    let Verdict::Exploding { distance, factor } = exploding.verdict else {
        panic!("{:?}", exploding.verdict)
    };
    assert_eq!(distance, 49);
    assert!((factor / 1.2f64.powi(49) - 1.0).abs() < 1e-3, "{factor}");

    let orthogonal = flow(identity, 200, turn(0.3), no_bias);
    let Verdict::Healthy(far) = orthogonal.verdict else {
        panic!("{:?}", orthogonal.verdict)
    };
    assert!((far - 1.0).abs() < 1e-3, "{far}");

    let saturated = flow(
        CellKind::SimpleRnn(Activation::Tanh),
        50,
        diagonal(0.9),
        |_| 2.0,
    );
    assert!(
        matches!(saturated.verdict, Verdict::Fading(1..=3)),
        "{:?}",
        saturated.verdict
    );

    // An LSTM keeps the share f = σ(bias) of its memory: 0.5^7 is below 1 %, 0.9999^199 is 98 %.
    let forgetful = flow(CellKind::Lstm, 50, |_, _| 0.0, |_| 0.0);
    assert_eq!(forgetful.verdict, Verdict::Fading(7));
    let remembering = flow(
        CellKind::Lstm,
        200,
        |_, _| 0.0,
        |gate| if gate == 1 { 9.21 } else { 0.0 },
    );
    let Verdict::Healthy(far) = remembering.verdict else {
        panic!("{:?}", remembering.verdict)
    };
    assert!((far - 0.98).abs() < 0.005, "{far}");

    // A GRU keeps the share z.
    let kept = flow(
        CellKind::Gru(GruReset::After),
        200,
        |_, _| 0.0,
        |gate| if gate == 1 { 9.21 } else { 0.0 },
    );
    assert!(
        matches!(kept.verdict, Verdict::Healthy(_)),
        "{:?}",
        kept.verdict
    );
    let lost = flow(CellKind::Gru(GruReset::Before), 50, |_, _| 0.0, |_| 0.0);
    assert_eq!(lost.verdict, Verdict::Fading(7));
}

#[test]
fn a_gradient_beyond_all_numbers_has_exploded_and_a_tenth_that_is_left_is_weak() {
    let identity = CellKind::SimpleRnn(Activation::Identity);
    let beyond = flow(identity, 400, diagonal(2.0), |_| 0.0);
    assert!(
        matches!(beyond.verdict, Verdict::Exploding { .. }),
        "{:?}",
        beyond.verdict
    );
    // 0.8^19 is 1.4 %: not faded yet, but it will.
    let weak = flow(identity, 20, diagonal(0.8), |_| 0.0);
    assert!(
        matches!(weak.verdict, Verdict::Weakening(_)),
        "{:?}",
        weak.verdict
    );
    let sentence = weak.verdict.sentence(20);
    assert!(
        sentence.contains("1.4 % of it arrives 19 steps back")
            && sentence.contains("from 21 steps"),
        "{sentence}"
    );
}

#[test]
fn sequences_of_a_batch_are_each_measured_by_their_own_last_step() {
    // Two sequences, the longer one with a gradient a thousand times as large: the mean share is that of either.
    let device = Device::default().autodiff();
    let cell = CellKind::SimpleRnn(Activation::Identity);
    for reverse in [false, true] {
        let config = RecurrentConfig::with_cell(AnyCell(cell), 2, HIDDEN).with_reverse(reverse);
        let mut layer = config.init(&device);
        let weights: Vec<f32> = (0..HIDDEN * HIDDEN)
            .map(|i| diagonal(0.5)(i / HIDDEN, i % HIDDEN))
            .collect();
        let weights = TensorData::new(weights, [HIDDEN, HIDDEN]);
        layer.directions[0].weight_hh = Param::from_tensor(Tensor::from_data(weights, &device));
        let (_, passages) = watch(|| {
            let input = Tensor::<3>::ones([2, 6, 2], &device);
            let (_, state) = layer.forward(input, Some(&[6, 3]), None);
            let last: Tensor<2> = layer.last(state);
            let scale = TensorData::new(vec![1000.0f32, 1.0], [2, 1]);
            (last * Tensor::from_data(scale, &device)).sum().backward()
        });
        let flow = Flow::new(&passages[0]).unwrap();
        assert_eq!(flow.shares[0].len(), 6);
        for (distance, share) in flow.shares[0].iter().enumerate() {
            assert!(
                (share - 0.5f64.powi(distance as i32)).abs() < 1e-5,
                "{distance}: {share}"
            );
        }
    }
}

#[test]
fn the_spectral_radius_is_the_largest_magnitude_of_an_eigenvalue() {
    let device = Device::default();
    let of = |values: &[f32], size: usize| {
        spectral_radius(Tensor::from_data(
            TensorData::new(values.to_vec(), [size, size]),
            &device,
        ))
    };
    assert!(
        (of(&[0.0, -2.0, 2.0, 0.0], 2) - 2.0).abs() < 1e-3,
        "a turn has no real eigenvalue"
    );
    assert!(
        (of(&[0.5, 100.0, 0.0, 0.25], 2) - 0.5).abs() < 0.01,
        "the norm is two hundred times as large"
    );
    assert_eq!(of(&[0.0, 1.0, 0.0, 0.0], 2), 0.0, "nothing comes back");
}

const TIME: usize = 20;

/// One step is marked; the answer is what stands there.
struct Marked;

impl Marked {
    /// Numbers and marks, `[batch, TIME, 2]`, what is right, `[batch, 1]`, and which steps are marked.
    fn cases(seed: u64, batch: usize, device: &Device) -> (Tensor<3>, Tensor<2>, Vec<usize>) {
        let (mut values, mut right, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch as u64 {
            let marked = (mix(&[seed, row]) % TIME as u64) as usize;
            // Far enough from zero to be worth resting on.
            let numbers = (0..TIME as u64).map(|step| {
                let value = number(&[seed, row, step]);
                value.signum() * (0.3 + 0.7 * value.abs())
            });
            let numbers: Vec<f32> = numbers.collect();
            for (step, value) in numbers.iter().enumerate() {
                values.extend([*value, f32::from(u8::from(step == marked))]);
            }
            right.push(numbers[marked]);
            places.push(marked);
        }
        (
            Tensor::from_data(TensorData::new(values, [batch, TIME, 2]), device),
            Tensor::from_data(TensorData::new(right, [batch, 1]), device),
            places,
        )
    }
}

impl Objective for Marked {
    type Model = Model;
    type Batch = u64;

    fn batches(&self, epoch: usize) -> Vec<u64> {
        (0..150).map(|step| mix(&[1, epoch as u64, step])).collect()
    }

    fn loss(&self, model: &Model, seed: &u64, _: Option<Carry>) -> StepLoss {
        let (input, right, _) = Self::cases(*seed, 32, &Device::default().autodiff());
        let answer = model.forward(input, None).vector();
        StepLoss {
            loss: mse(
                answer.unsqueeze_dim::<3>(1),
                right.unsqueeze_dim::<3>(1),
                Reduction::default(),
            ),
            carry: None,
            examples: 32,
        }
    }

    fn validate(&self, _: &Model) -> Option<Evaluation> {
        None
    }
}

fn looked_at(model: &Model, seed: u64) -> (Inspection, usize) {
    let (input, _, places) = Marked::cases(seed, 1, &Device::default());
    let specimen = Specimen {
        title: "one".into(),
        steps: TIME,
        measure: "the number",
        reading: Reading::Numbers(vec!["number".into(), "mark".into()]),
        hides: true,
        ask: Box::new(move |model: &Model, hidden, device| {
            let mut values: Vec<f32> = input.clone().try_into_vec_as().unwrap();
            if let Some(range) = hidden {
                values[2 * range.start..2 * range.end].fill(0.0);
            }
            let input = Tensor::<3>::from_data(TensorData::new(values, [1, TIME, 2]), device);
            Asked {
                value: model.forward(input, None).vector().reshape([1]),
                said: String::new(),
                steps: Vec::new(),
            }
        }),
    };
    (inspect(model, &specimen, Some(&mut |_, _| {})), places[0])
}

#[test]
fn the_step_that_an_answer_rests_on_ranks_first() {
    let layers = Sequential::new().add(Gru::new(24)).add(Dense::new(1));
    let device = Device::default().autodiff();
    let model = layers
        .init(
            Shape::Sequence {
                time: None,
                features: 2,
            },
            Initializer::Keras,
            5,
            &device,
        )
        .unwrap();
    let config: TrainConfig =
        toml::from_str("epochs = 12\nclip_norm = 1.0\noptimizer = { learning_rate = 0.005 }")
            .unwrap();
    let trained = Trainer::new(config.check().unwrap())
        .train(&Marked, model, &mut Silent)
        .unwrap();
    let loss = trained.history.last().unwrap().train_loss;
    assert!(
        loss < 0.01,
        "it has to be learned to rest on anything: {loss}"
    );
    let model = trained.model.valid();
    const CASES: u64 = 100;
    let mut first = [0; 2];
    for seed in 0..CASES {
        let (found, marked) = looked_at(&model, 1_000_000 + seed);
        let largest = |values: &Option<Vec<f64>>| {
            let values = values.as_ref().unwrap();
            assert_eq!(values.len(), TIME);
            let order = |a: &usize, b: &usize| values[*a].abs().total_cmp(&values[*b].abs());
            (0..TIME).max_by(order).unwrap()
        };
        first[0] += usize::from(largest(&found.rests.gradient) == marked);
        first[1] += usize::from(largest(&found.rests.hidden) == marked);
        assert_eq!(found.rests.order()[0], largest(&found.rests.hidden));
    }
    assert!(
        first.iter().all(|count| *count >= 95),
        "gradient and hiding: {first:?} of {CASES}"
    );
}

#[test]
fn a_choice_beyond_the_data_says_how_much_there_is() {
    let choice = Choice {
        example: 7,
        text: None,
    };
    let error = choice.of(7, "test texts").unwrap_err().to_string();
    assert!(
        error.contains("no example 8") && error.contains("test texts are numbered from 1 to 7"),
        "{error}"
    );
}
