//! Reads the series a `[data]` table describes and prints the report: `read_series data.toml [base folder]`.

use std::path::Path;

use elman_data::{SourceConfig, read_series};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let recipe = arguments
        .next()
        .ok_or("usage: read_series data.toml [base folder]")?;
    let base = arguments.next().unwrap_or_else(|| ".".into());
    let config: SourceConfig = toml::from_str(&std::fs::read_to_string(recipe)?)?;
    let (series, report) = read_series(&config, Path::new(&base))?;
    print!("{report}");
    let next = series.next_times(3).unwrap_or_default();
    println!(
        "next     {}",
        next.into_iter()
            .map(|time| series.label(time))
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(())
}
