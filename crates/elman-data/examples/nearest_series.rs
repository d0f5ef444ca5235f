//! How well the nearest training series answers, by dynamic time warping: the baseline of series classification.
//!
//! `nearest_series data.toml [base folder] [window]`: the file holds the keys of `[data]`, and a table `[split]` if parts
//! have no files of their own; the window is a part of the length, e.g. 0.1.

use std::path::Path;
use std::time::Instant;

use elman_data::signal::{
    Example, Signal, SignalConfig, SignalScaler, SignalSplit, nearest_neighbour, read_signal_parts,
};

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let table = arguments
        .next()
        .ok_or("usage: nearest_series data.toml [base folder] [window]")?;
    let base = arguments.next().unwrap_or_else(|| ".".into());
    let window: Option<f64> = arguments.next().map(|text| text.parse()).transpose()?;
    if window.is_some_and(|window| !(0.0..=1.0).contains(&window)) {
        return Err("the window is a part of the length, from 0 to 1".into());
    }
    let mut keys: toml::Table = toml::from_str(&std::fs::read_to_string(table)?)?;
    let split: SignalSplit = keys
        .remove("split")
        .map_or(Ok(SignalSplit::default()), toml::Value::try_into)?;
    let config: SignalConfig = toml::Value::Table(keys).try_into()?;

    let start = Instant::now();
    let (parts, report) = read_signal_parts(&config, &split, Path::new(&base))?;
    println!("{report}read in {:.2} s", start.elapsed().as_secs_f64());
    let scaler = SignalScaler::fit(&config.preparation(), &parts.train)?;
    let [train, test] = [&parts.train, &parts.test].map(|part| scaler.prepare_all(part));
    let (train, test) = (train?, test?);
    let labels = |part: &[Example<f32>]| -> Result<Vec<String>, elman_data::Error> {
        part.iter()
            .map(|one| one.field(config.label_name()).map(str::to_owned))
            .collect()
    };
    let (known, wanted) = (labels(&train)?, labels(&test)?);

    let start = Instant::now();
    let signals = |part: &'_ [Example<f32>]| -> Vec<Signal> {
        part.iter().map(|one| one.signal.clone()).collect()
    };
    let (train, test) = (signals(&train), signals(&test));
    let found = nearest_neighbour(
        &train.iter().collect::<Vec<_>>(),
        &test.iter().collect::<Vec<_>>(),
        window,
    );
    let right = found
        .iter()
        .zip(&wanted)
        .filter(|(found, wanted)| known[found.index] == **wanted)
        .count();
    println!(
        "nearest of {} for each of {}: {right} right, accuracy {:.4}, {:.2} s",
        train.len(),
        test.len(),
        right as f64 / test.len().max(1) as f64,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
