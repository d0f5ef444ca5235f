//! A recipe for the next values of a series.

use super::quoted;
use crate::args::InitArgs;
use crate::failure::Failure;
use crate::output::Output;
use elman_data::{Calendar, Missing, Series, SourceConfig, Step, read_series};
use std::path::Path;

/// A recipe whose lookback, horizon and calendar follow from how far apart the rows are.
pub fn forecast(
    args: &InitArgs,
    file: &str,
    folder: &Path,
    output: &Output,
) -> Result<String, Failure> {
    let mut source = SourceConfig {
        files: vec![file.into()],
        missing: Missing::Interpolate,
        targets: args.target.iter().cloned().collect(),
        ..SourceConfig::default()
    };
    let (read, report) = read_series(&source, folder)?;
    output.note(&report);
    if source.targets.is_empty() {
        let last = read.target_names().last().map(ToString::to_string);
        source.targets = last.into_iter().collect();
    }
    let gaps = report.columns.iter().any(|column| column.missing > 0);
    Ok(series(&read, &source, gaps, args.horizon))
}

fn series(series: &Series, source: &SourceConfig, gaps: bool, horizon: Option<usize>) -> String {
    let season = series.step.map_or(1, Step::season);
    let calendar: Vec<String> = Calendar::suited_to(series.step)
        .iter()
        .map(|feature| quoted(feature.name()))
        .collect();
    let calendar = calendar.join(", ");
    let rows = series.len();
    let horizon = horizon.unwrap_or(season.clamp(1, (rows / 10).max(1)));
    let lookback = (2 * season).max(2 * horizon).clamp(2, (rows / 4).max(2));
    let quoted = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        names.join(", ")
    };
    let missing = if gaps {
        "missing = \"interpolate\"   # the file has gaps\n"
    } else {
        ""
    };
    format!(
        "task = \"forecast\"\n\n\
         [data]\n\
         files = [{files}]\n\
         targets = [{targets}]\n\
         calendar = [{calendar}]\n\
         {missing}\n\
         [split]                  # in the order of time\n\
         valid = 0.1\n\
         test = 0.2\n\n\
         [forecast]\n\
         lookback = {lookback}\n\
         horizon = {horizon}\n\
         relative_to = \"last\"     # follows a level that drifts\n\n\
         [model]\n\
         cell = \"lstm\"            # or \"gru\", \"simple_rnn\"\n\
         hidden_size = 32\n\n\
         [train]\n\
         epochs = 100\n\
         clip_norm = 1.0\n\n\
         [train.early_stopping]\n\
         patience = 10\n",
        files = quoted(&source.files),
        targets = quoted(&source.targets),
    )
}
