//! Time and memory of a training step of an Lstm on long sequences, with and without checkpoints in time:
//!
//! ```text
//! long_sequence <batch> <time> <input_size> <hidden_size> [num_layers] [checkpoint_every] [steps]
//! ```
//!
//! `checkpoint_every` 0 keeps every step. Prints the milliseconds of each step (forward, loss, backward), then the most memory
//! that the process has held. Compare two runs: a process never forgets its peak.

use burn::prelude::*;
use burn::tensor::Distribution;
use elman::layer::LstmConfig;
use std::time::Instant;

const USAGE: &str = "usage: long_sequence <batch> <time> <input_size> <hidden_size> [num_layers] [checkpoint_every] [steps]";

fn main() {
    let numbers: Option<Vec<usize>> = std::env::args().skip(1).map(|a| a.parse().ok()).collect();
    let Some([batch, time, input_size, hidden_size, rest @ ..]) = numbers.as_deref() else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let optional = |index: usize, default: usize| rest.get(index).copied().unwrap_or(default);
    let every = Some(optional(1, 0)).filter(|every| *every > 0);
    let device = Device::flex().autodiff();
    device.seed(1); // two runs compare the same weights and input
    let lstm = LstmConfig::new(*input_size, *hidden_size)
        .with_num_layers(optional(0, 1))
        .with_checkpoint_every(every)
        .init(&device);
    let shape = [*batch, *time, *input_size];
    let input = Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), &device);
    println!("before the first step: {}", peak());
    for _ in 0..optional(2, 3) {
        let start = Instant::now();
        let (_, state) = lstm.forward(input.clone(), None, None);
        let gradients = state.hidden.powi_scalar(2).mean().backward();
        let weight = lstm.directions[0].weight_hh.val();
        let norm = weight
            .grad(&gradients)
            .map(|g| g.powi_scalar(2).sum().sqrt());
        let norm = norm.expect("the loss depends on it").into_scalar::<f32>();
        println!(
            "{:.0} ms, gradient norm of weight_hh {norm:.6}",
            start.elapsed().as_secs_f64() * 1e3
        );
    }
    println!("peak: {}", peak());
}

/// The most memory that this process has held, as the system counts it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown on this system".into(), |line| line.trim().into())
}
