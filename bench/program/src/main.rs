//! Times one implementation of the recurrent layers, a line per command, so that a script can let several take turns:
//!
//! ```text
//! elman-bench kernels|bf16|int8|autodiff|burn|candle [--threads N]
//! ```
//!
//! | Command on standard input | Answer on standard output |
//! |---|---|
//! | `case <lstm\|gru\|simple_rnn> B T I H <layers> <directions> FILE` | `ok` once the case is built |
//! | `forward REPS` | `ok` and milliseconds of each whole sequence, nothing kept for a backward pass |
//! | `train REPS` | `ok` and milliseconds of each forward pass and every gradient of `output.sum()` |
//! | `step REPS` | `ok` and milliseconds of each single step of a stream |
//! | `save FILE` | `ok` once the results stand in a safetensors file |
//! | `peak` | `ok` and the GFLOP/s that N threads reach on fused multiply-adds alone |
//! | `quit` | nothing |
//!
//! What cannot be done is answered with `no` and the reason.

mod burn_layers;
mod candle_layers;
mod case;
mod fused_layers;
mod kernels;
mod peak;
mod server;

use elman_kernels::Precision;
use std::process::ExitCode;

/// The allocator of the `elman` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: elman-bench kernels|bf16|int8|autodiff|burn|candle [--threads N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, threads) = match arguments[..] {
        [name] => (name, available()),
        [name, "--threads", count] => match count.parse() {
            Ok(threads @ 1..=256) => (name, threads),
            _ => return failed(&format!("`--threads {count}`: a number from 1 to 256")),
        },
        _ => return failed(USAGE),
    };
    use_threads(threads);
    let precision = match name {
        "bf16" => Precision::Bf16,
        "int8" => Precision::Int8,
        _ => Precision::F32,
    };
    let _ = kernels::PRECISION.set(precision);
    let done = match name {
        "kernels" | "bf16" | "int8" => server::run::<kernels::Kernels>(threads),
        "autodiff" => server::run::<fused_layers::FusedLayers>(threads),
        "burn" => server::run::<burn_layers::BurnLayers>(threads),
        "candle" => server::run::<candle_layers::CandleLayers>(threads),
        _ => return failed(USAGE),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("the other side is gone: {error}")),
    }
}

fn failed(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}

fn available() -> usize {
    std::thread::available_parallelism().map_or(1, |threads| threads.get())
}

/// Every implementation computes on rayon's threads; candle counts them by the environment.
#[allow(unsafe_code, reason = "the environment is set before any thread runs")]
fn use_threads(threads: usize) {
    // SAFETY: called first thing, while this is the only thread.
    unsafe { std::env::set_var("RAYON_NUM_THREADS", threads.to_string()) };
    elman::set_threads(threads);
}
