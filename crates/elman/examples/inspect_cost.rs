//! Prints how long an inspection of one sequence takes, as a multiple of one forward and backward pass of that sequence:
//!
//! ```text
//! inspect_cost <simple_rnn|lstm|gru> <time> <hidden> [layers] [repetitions] [last|every]
//! ```
//!
//! The answer is given after the last step, or after every one.

use burn::module::Module;
use burn::prelude::*;
use elman::init::Initializer;
use elman::inspect::{Asked, Reading, Specimen, inspect};
use elman::model::{Dense, Gru, Lstm, Model, Sequential, Shape, SimpleRnn};
use std::time::Instant;

const FEATURES: usize = 32;

/// The command's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = |place: usize, usual: usize| {
        arguments
            .get(place)
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let cell = arguments.first().map_or("lstm", String::as_str);
    let (time, hidden, layers, repetitions) = (size(1, 200), size(2, 256), size(3, 1), size(4, 9));
    let every = arguments.get(5).is_some_and(|answers| answers == "every");
    let network = Sequential::new();
    let network = match cell {
        "simple_rnn" => network.add(
            SimpleRnn::new(hidden)
                .num_layers(layers)
                .return_sequences(every),
        ),
        "gru" => network.add(Gru::new(hidden).num_layers(layers).return_sequences(every)),
        _ => network.add(Lstm::new(hidden).num_layers(layers).return_sequences(every)),
    };
    let shape = Shape::Sequence {
        time: None,
        features: FEATURES,
    };
    let built = network
        .add(Dense::new(1))
        .init(shape, Initializer::Keras, 1, &Device::default());
    let model = built.expect("the layers fit");
    let values: Vec<f32> = (0..time * FEATURES)
        .map(|at| (at as f32 * 0.7).sin())
        .collect();
    let specimen = Specimen {
        title: String::new(),
        steps: time,
        measure: "",
        reading: Reading::Numbers(Vec::new()),
        hides: false,
        ask: Box::new(move |model: &Model, _, device| {
            let input = TensorData::new(values.clone(), [1, time, FEATURES]);
            let input = Tensor::<3>::from_data(input, device);
            let output = model.forward(input, None);
            Asked {
                value: match every {
                    true => output.sequence().sum(),
                    false => output.vector().sum(),
                },
                said: String::new(),
                steps: Vec::new(),
            }
        }),
    };
    let device = Device::default().autodiff();
    let trained = model.clone().train();
    let plain = || drop((specimen.ask)(&trained, None, &device).value.backward());
    let inspected = || drop(inspect(&model, &specimen, None));
    let timed = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..repetitions {
        times[0].push(timed(&plain)); // in turn, so that both meet the same machine
        times[1].push(timed(&inspected));
    }
    let [plain, inspected] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    let answers = if every { "every step" } else { "the last" };
    println!(
        "{cell} {time} steps, {hidden} units, {layers} layers, answers after {answers}: pass {plain:.2} ms, inspection {inspected:.2} ms, {:.2} times",
        inspected / plain
    );
}
