//! Reads the series a `[data]` table describes and prints the report: `read_series data.toml [base folder]`.

use std::path::Path;

use elman_data::{SourceConfig, read_series};

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
        .ok_or("usage: read_series data.toml [base folder]")?;
    let base = arguments.next().unwrap_or_else(|| ".".into());
    let config: SourceConfig = toml::from_str(&std::fs::read_to_string(table)?)?;
    let (series, report) = read_series(&config, Path::new(&base))?;
    print!("{report}");
    if let Some(next) = series.next_times(3) {
        println!(
            "next     {}",
            next.into_iter()
                .map(|time| series.label(time))
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    Ok(())
}
