//! From files to series as a network reads them.

use super::series::Series;
use crate::run::RunFolder;
use crate::task::Error;
use elman_data::signal::{
    Example, LearnedTables, SignalConfig, SignalReport, SignalScaler, SignalSplit,
    read_signal_parts, read_signals,
};
use elman_data::text::Parts;
use std::collections::BTreeMap;
use std::path::Path;

/// What a run remembers of how series were made ready.
pub const SCALER: &str = "scaler.json";

/// The series of the files of a recipe, relative to `base`, divided; and what was left out.
///
/// # Errors
/// If files cannot be read or divided, or there is nothing to judge by.
pub fn read(
    config: &SignalConfig,
    split: &SignalSplit,
    base: &Path,
) -> Result<(Parts<Example>, SignalReport), Error> {
    let (parts, report) = read_signal_parts(config, split, base)?;
    match parts.test.is_empty() {
        false => Ok((parts, report)),
        true => Err(Error::input(
            "there is nothing to judge the model by: name data.test_files, or set split.test above 0",
        )),
    }
}

/// How what is read becomes what the network reads, from the training part alone.
///
/// # Errors
/// If a key cannot be meant, or the series are not alike.
pub fn fitted(
    config: &SignalConfig,
    train: &[Example],
    report: &SignalReport,
) -> Result<SignalScaler, Error> {
    let mut scaler = SignalScaler::fit(&config.preparation(), train)?;
    scaler.tables = LearnedTables::of(config, train, report);
    Ok(scaler)
}

/// How the series of a run were made ready.
///
/// # Errors
/// If the run does not say it, or says what cannot be.
pub fn remembered(run: &RunFolder) -> Result<SignalScaler, Error> {
    let scaler: SignalScaler = run.read_json(SCALER)?;
    match scaler.check() {
        Ok(()) => Ok(scaler),
        Err(error) => Err(run.damaged(SCALER, error))?,
    }
}

/// The parts as the network reads them, to learn from, to choose by and to judge by; `label` says what is to be learned of a series
/// that is scaled.
///
/// # Errors
/// If a series is not like those that the scaler was fitted to, or has no label.
pub fn prepare<L>(
    parts: Parts<Example>,
    scaler: &SignalScaler,
    base: &Path,
    mut label: impl FnMut(&Example<f32>) -> Result<L, Error>,
) -> Result<[Series<L>; 3], Error> {
    let mut part = |examples: Vec<Example>| -> Result<Series<L>, Error> {
        let mut series = Series::of(scaler.preparation);
        let prepared = scaler.prepare_all(&examples)?;
        drop(examples);
        for example in prepared {
            let label = label(&example)?;
            let place = within(base, &example.place);
            series.push(example.signal, label, place, example.span);
        }
        Ok(series)
    };
    let Parts { train, valid, test } = parts;
    Ok([part(train)?, part(valid)?, part(test)?])
}

/// The series of other files than those of the recipe, relative to `base`, as the network reads them, with the fields that say what
/// is known of each; labels are not needed. Beside them what was left out, where `data.broken` is `skip`.
///
/// # Errors
/// If a file cannot be read, or its series are not like those that the scaler was fitted to.
pub fn asked(
    config: &SignalConfig,
    scaler: &SignalScaler,
    base: &Path,
) -> Result<(Series<BTreeMap<String, String>>, SignalReport), Error> {
    let (examples, report) = read_signals(config, scaler.tables.as_ref(), base)?;
    let mut series = Series::of(scaler.preparation);
    for example in scaler.prepare_all(&examples)? {
        series.push(example.signal, example.fields, example.place, example.span);
    }
    Ok((series, report))
}

/// The labelled series of another file than the recipe's, or of the files that it names, read as those of training: what takes the
/// place of a test set. `label` says what is to be learned of a series that is scaled.
///
/// # Errors
/// If a file cannot be read, its series are not like those that the scaler was fitted to, or have no label.
pub fn test_on<L>(
    config: &SignalConfig,
    scaler: &SignalScaler,
    file: &Path,
    mut label: impl FnMut(&Example<f32>) -> Result<L, Error>,
) -> Result<Series<L>, Error> {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let base = file.parent().unwrap_or(Path::new(""));
    let table = config.labels.is_some() && is_table(file);
    let config = SignalConfig {
        labels: table.then(|| name.clone()),
        files: if table { Vec::new() } else { vec![name] },
        valid_files: Vec::new(),
        test_files: Vec::new(),
        label_files: Vec::new(),
        ..config.clone()
    };
    let (examples, _) = read_signals(&config, scaler.tables.as_ref(), base)?;
    let mut series = Series::of(scaler.preparation);
    for example in scaler.prepare_all(&examples)? {
        let label = label(&example)?;
        let place = within(base, &example.place);
        series.push(example.signal, label, place, example.span);
    }
    Ok(series)
}

/// Whether a file may be a table of files and their labels.
fn is_table(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ["csv", "tsv"].contains(&ending.to_ascii_lowercase().as_str()))
}

/// A place as a reader of the figures knows it: its file without the folder of the data.
pub fn within(base: &Path, place: &str) -> String {
    let folder = format!("`{}/", base.display());
    match place.strip_prefix(&folder) {
        Some(rest) => format!("`{rest}"),
        None => place.into(),
    }
}
