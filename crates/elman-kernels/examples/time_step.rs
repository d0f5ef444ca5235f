//! Prints the milliseconds that one call takes, a line per repetition:
//!
//! ```text
//! time_step <simple_rnn|lstm|gru|gru_before> <batch> <time> <input> <hidden> [threads] [repetitions]
//! ```
//!
//! Columns: forward without saving, forward with saving, backward (all gradients), one streaming step, one with weights of eight bits. A script that compares
//! with another program reads the lines and takes the minimum or the median.

use std::hint::black_box;
use std::time::Instant;

use elman_kernels::{
    Activation, CellKind, Dims, GruReset, Mode, Sequence, Stepper, Want, Weights, backward,
    forward, set_threads,
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(setting) = Setting::parse(&arguments) else {
        eprintln!(
            "usage: time_step <simple_rnn|lstm|gru|gru_before> <batch> <time> <input> <hidden> [threads] [repetitions]"
        );
        std::process::exit(2);
    };
    setting.run();
}

struct Setting {
    cell: CellKind,
    dims: Dims,
    threads: usize,
    repetitions: usize,
}

impl Setting {
    fn parse(arguments: &[String]) -> Option<Self> {
        let cell = match arguments.first()?.as_str() {
            "simple_rnn" => CellKind::SimpleRnn(Activation::Tanh),
            "lstm" => CellKind::Lstm,
            "gru" => CellKind::Gru(GruReset::After),
            "gru_before" => CellKind::Gru(GruReset::Before),
            _ => return None,
        };
        let numbers: Vec<usize> = arguments[1..]
            .iter()
            .map(|a| a.parse().ok())
            .collect::<Option<_>>()?;
        let [batch, time, input, hidden, ref rest @ ..] = numbers[..] else {
            return None;
        };
        Some(Self {
            cell,
            dims: Dims {
                batch,
                time,
                input,
                hidden,
            },
            threads: rest.first().copied().unwrap_or(2),
            repetitions: rest.get(1).copied().unwrap_or(10),
        })
    }

    fn run(&self) {
        set_threads(self.threads);
        let mode = Mode::default();
        let Self { cell, dims, .. } = *self;
        let columns = cell.gates() * dims.hidden;
        let wave =
            |len: usize| -> Vec<f32> { (0..len).map(|i| 0.1 * (i as f32 * 0.7).sin()).collect() };
        let (ih, hh, bias) = (
            wave(dims.input * columns),
            wave(dims.hidden * columns),
            wave(columns),
        );
        let weights = Weights {
            ih: &ih,
            hh: &hh,
            bias_ih: Some(&bias),
            bias_hh: Some(&bias),
        };
        let input = wave(dims.batch * dims.time * dims.input);
        let mut state = vec![0.0; cell.states() * dims.batch * dims.hidden];
        let d_output = wave(dims.batch * dims.time * dims.hidden);
        let initial = state.clone();
        let sequence = Sequence {
            dims,
            input: &input,
            state: &initial,
            lengths: None,
            reverse: false,
            recurrent_mask: None,
        };
        let mut stepper = Stepper::new(cell, dims.input, dims.hidden, &weights);
        /// A stream runs on; its first step finds the weights far away.
        const STEPS: u32 = 50;
        let mut int8 = Stepper::int8(cell, dims.input, dims.hidden, &weights);
        println!("forward_ms forward_save_ms backward_ms step_ms int8_step_ms");
        for _ in 0..self.repetitions {
            let (inference, _) = timed(|| forward(cell, &weights, &sequence, mode, false));
            let (saving, mut run) = timed(|| forward(cell, &weights, &sequence, mode, true));
            let (back, _) = timed(|| {
                backward(
                    cell,
                    &weights,
                    &sequence,
                    mode,
                    &run.output,
                    &mut run.saved,
                    Some(&d_output),
                    None,
                    Want {
                        input: true,
                        steps: false,
                        weights: true,
                    },
                )
            });
            let (steps, ()) = timed(|| {
                for _ in 0..STEPS {
                    stepper.step(&input[..dims.batch * dims.input], &mut state);
                }
            });
            let (small, ()) = timed(|| {
                for _ in 0..STEPS {
                    int8.step(&input[..dims.batch * dims.input], &mut state);
                }
            });
            let (step, small) = (steps / f64::from(STEPS), small / f64::from(STEPS));
            println!("{inference:.4} {saving:.4} {back:.4} {step:.5} {small:.5}");
        }
    }
}

/// Milliseconds, and the result so that dropping it is not timed.
fn timed<R>(f: impl FnOnce() -> R) -> (f64, R) {
    let start = Instant::now();
    let result = black_box(f());
    (start.elapsed().as_secs_f64() * 1e3, result)
}
