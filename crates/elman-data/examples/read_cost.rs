//! What reading a file costs: seconds, and the most memory the process held.
//!
//! ```console
//! $ cargo run --release -p elman-data --example read_cost -- series big.csv
//! $ cargo run --release -p elman-data --example read_cost -- texts big.txt
//! $ cargo run --release -p elman-data --example read_cost -- rows reviews.tsv text label
//! ```

use std::path::Path;
use std::time::Instant;

use elman_data::text::{Column, RowsConfig, read_rows, read_texts};
use elman_data::{Missing, SourceConfig, read_series};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, file, columns @ ..] = arguments.as_slice() else {
        return Err("name what to read (series, texts, rows) and a file".into());
    };
    let files = std::slice::from_ref(file);
    let start = Instant::now();
    let kept = match what.as_str() {
        "series" => {
            let config = SourceConfig {
                files: files.to_vec(),
                missing: Missing::Interpolate,
                ..SourceConfig::default()
            };
            let (series, _) = read_series(&config, Path::new(""))?;
            8 * series.columns.iter().map(Vec::len).sum::<usize>()
        }
        "texts" => read_texts(files, None, Path::new(""))?
            .iter()
            .map(|file| file.text.len())
            .sum(),
        "rows" => {
            let columns: Vec<Column> = columns.iter().map(|name| name.as_str().into()).collect();
            let rows = read_rows(&RowsConfig::default(), files, &columns, Path::new(""))?;
            rows.iter().flat_map(|row| row.fields()).map(str::len).sum()
        }
        other => return Err(format!("there is no reading called {other}").into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "{file}: {} bytes, {kept} bytes kept, {seconds:.2} s, at most {} in memory",
        std::fs::metadata(file)?.len(),
        peak.unwrap_or("?").trim()
    );
    Ok(())
}
