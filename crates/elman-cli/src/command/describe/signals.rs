//! What archives and arrays of series hold.

use super::text::about_labels;
use crate::content::{Long, name};
use crate::facts::{Facts, size};
use crate::failure::Failure;
use elman_data::signal::{Columns, Layout, SignalConfig, read_signals};
use elman_data::text::Column;
use std::path::Path;

/// Series, steps, features, labels of an archive or an array.
pub fn describe(path: &Path) -> Result<Facts, Failure> {
    let config = SignalConfig {
        files: vec![name(path)],
        ..SignalConfig::default()
    };
    series(path, &config, "label")
}

/// The same of a table whose rows are steps of several series.
pub fn long(path: &Path, long: &Long) -> Result<Facts, Failure> {
    let column = |name: &String| Column::Name(name.clone());
    let config = SignalConfig {
        files: vec![name(path)],
        layout: Some(Layout::Long),
        label: Some(column(&long.label)),
        id: Columns(vec![column(&long.id)]),
        time: long.time.as_ref().map(column),
        columns: Columns(long.values.iter().map(column).collect()),
        ..SignalConfig::default()
    };
    series(path, &config, &long.label)
}

fn series(path: &Path, config: &SignalConfig, label: &str) -> Result<Facts, Failure> {
    let (series, report) = read_signals(config, None, path.parent().unwrap_or(Path::new("")))?;
    let mut facts = Facts::default();
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    facts.say("file", format_args!("{} ({})", path.display(), size(bytes)));
    facts.say("series", report.to_string().trim_end());
    let labels: Option<Vec<&str>> = series
        .iter()
        .map(|example| example.fields.get(label).map(String::as_str))
        .collect();
    match labels {
        Some(labels) => about_labels(&mut facts, "labels", labels.into_iter()),
        None => {
            facts.say("labels", "none in the file");
        }
    }
    let values = || {
        series
            .iter()
            .flat_map(|example| example.signal.values.iter().copied())
    };
    let known = || values().filter(|value| value.is_finite());
    let (all, found) = (values().count(), known().count());
    if found > 0 {
        let mean = known().sum::<f64>() / found as f64;
        let least = known().fold(f64::INFINITY, f64::min);
        let most = known().fold(f64::NEG_INFINITY, f64::max);
        let number = elman::report::number;
        facts.say(
            "values",
            format_args!(
                "{} to {}, {} on average",
                number(least),
                number(most),
                number(mean)
            ),
        );
    }
    if found < all {
        facts.say("missing", format_args!("{} of {all} values", all - found));
    }
    facts
        .figure("series", report.examples)
        .figure("features", report.features)
        .figure("steps", serde_json::json!(report.lengths))
        .figure("missing", all - found);
    Ok(facts)
}
