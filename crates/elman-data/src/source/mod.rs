//! Reading a series: files, text, columns, times, order, gaps, missing values, in that order.

mod calendar;
pub(crate) mod clock;
mod config;
pub(crate) mod csv;
pub(crate) mod dialect;
pub(crate) mod files;
mod filter;
mod frame;
mod fullness;
mod grid;
mod guess;
mod json;
pub(crate) mod jsonl;
pub(crate) mod load;
mod missing;
pub(crate) mod numbers;
pub(crate) mod open;
mod parquet;
mod parts;
mod places;
mod report;
mod scan;
pub(crate) mod several;
mod sheet;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod texts;
mod time;
mod time_columns;
mod time_names;

use std::path::{Path, PathBuf};

use jiff::civil::DateTime;

pub use config::{
    Aggregate, Calendar, Duplicates, FilterValue, Format, Gaps, Missing, PartialSteps, Resample,
    SourceConfig, TimeColumns,
};
pub use dialect::Header;
pub use report::{
    ColumnReport, FileReport, GapReport, Order, PartialStep, ReadReport, Role, SkippedColumn,
    StepsReport, TimeReport,
};

pub(crate) use clock::period;
pub use numbers::are_numbers;
use time::Axis;
pub use time::Known;
pub use time_names::is_called_like_a_time;

use crate::{Error, Measured, Series, Step, TimeStyle};
use frame::{Chosen, Frame};
use load::Shape;
use table::Table;

/// Reads and cleans the series that `config` describes, from files relative to `base`.
///
/// # Errors
/// Whatever is wrong with the files, with file, line and column; see [`Error`].
pub fn read_series(config: &SourceConfig, base: &Path) -> Result<(Series, ReadReport), Error> {
    read_series_like(config, base, None)
}

/// The same for data of a trained model: numbers and times are read in the form and the columns, and at the step that it
/// knows, however few rows there are. Where the rows contradict the step, the series has the step of its own.
///
/// # Errors
/// As [`read_series`].
pub fn read_series_like(
    config: &SourceConfig,
    base: &Path,
    known: Option<&Known>,
) -> Result<(Series, ReadReport), Error> {
    let (mut table, files) = read_tables(config, base)?;
    table.decimal = known.and_then(|known| known.decimal);
    let filtered = filter::apply(&mut table, config)?;
    let Axis { mut times, passed } = time::extract(&table, config, known)?;
    let clock = times
        .as_ref()
        .and_then(|times| time_columns::clock_that_tells_apart(&table, times));
    if clock.is_none() || config.duplicates != Duplicates::Error {
        several::refuse(&table, times.as_ref(), config)?;
    }
    let Chosen {
        mut frame,
        mut reports,
        skipped,
    } = frame::choose(&table, times.as_mut(), &passed, config)?;
    // Of the cells only those of rows that repeat a time are asked for again, where that is an error.
    let repeats = |times: &[DateTime]| !time_columns::are_distinct(times);
    if config.duplicates != Duplicates::Error || !frame.times.as_deref().is_some_and(repeats) {
        table.columns.clear();
    }
    let reversed = config.newest_first && times.is_none();
    if reversed {
        let rows: Vec<usize> = (0..frame.len()).rev().collect();
        frame.select(&rows);
    }
    let style = times
        .as_ref()
        .map(|times| times.style.clone())
        .unwrap_or_default();
    let cut = cut(&mut frame, config, &style)?;
    let order = grid::sort(&mut frame);
    let duplicates = grid::deduplicate(&mut frame, config.duplicates, &table)
        .map_err(|error| advise_clock(error, &table, times.as_ref().zip(clock)))?;
    let mut step = frame.times.as_deref().and_then(|times| step(times, known));
    let (gaps, steps) = match &config.resample {
        None => (grid::gaps(&mut frame, step, config.gaps)?, None),
        Some(resample) => {
            let (regular, gaps, steps) = grid::resample(&mut frame, resample, step)?;
            step = Some(regular);
            (gaps, Some(steps))
        }
    };
    let missing::Handled {
        dropped,
        bridged,
        mut measured,
    } = missing::handle(&mut frame, &mut reports, config, &table)?;
    refuse_overflow(&frame)?;
    for (report, column) in reports.iter_mut().zip(&frame.columns) {
        report.measure(column);
    }
    let added = calendar::columns(&frame, &config.calendar, &style)?;
    let time = times
        .zip(frame.times.as_deref())
        .map(|(read, times)| TimeReport {
            notes: notes(read.notes, times, step),
            style: style.clone(),
            offset: read.offset,
            columns: read.names,
            found: read.found,
            format: read.format,
            first: times[0],
            last: times[times.len() - 1],
            step,
            order,
            duplicates,
            duplicates_rule: config.duplicates,
            gaps,
            resampled: config.resample.as_ref().map(|resample| resample.how),
            steps,
        });
    let calendar = added.iter().map(|(name, _)| name.clone()).collect();
    let report = ReadReport {
        files,
        rows: frame.len(),
        time,
        reversed,
        filtered,
        cut,
        dropped,
        columns: reports,
        skipped,
        calendar,
    };
    measured.resize(frame.columns.len() + added.len(), Measured::all());
    let series = Series {
        measured,
        bridged,
        style,
        ..series(frame, step, &report.columns, added)
    };
    Ok((series, report))
}

/// The step of sorted, distinct times: the one that is known, unless the rows contradict it, or their own.
fn step(times: &[DateTime], known: Option<&Known>) -> Option<Step> {
    let own = Step::detect(times);
    match known {
        Some(known) if !known.step.is_some_and(|step| step.is_contradicted(times)) => known.step,
        _ => own,
    }
}

/// What was decided about the times, with what the report says of rows that come in sessions.
fn notes(mut notes: Vec<String>, times: &[DateTime], step: Option<Step>) -> Vec<String> {
    if step.is_none()
        && let Some((first, last)) = crate::step::session(times)
    {
        notes.push(format!(
            "rows come in sessions, from {first} to {last} of some days: there is no regular step, and forecasts are numbered +1, +2, …"
        ));
    }
    notes
}

/// Where a time comes twice although a column of clock times was not read with it, that column is the way out.
fn advise_clock(error: Error, table: &Table, clock: Option<(&time::Times, usize)>) -> Error {
    match (error, clock) {
        (
            Error::DuplicateTime {
                place,
                time,
                other,
                count,
                ..
            },
            Some((times, clock)),
        ) => Error::DuplicateTime {
            place,
            time,
            other,
            count,
            advice: format!(
                "; `{1}` holds clock times: set data.time to [\"{0}\", \"{1}\"]",
                table.names[times.positions[0]], table.names[clock]
            ),
        },
        (error, _) => error,
    }
}

fn read_tables(config: &SourceConfig, base: &Path) -> Result<(Table, Vec<FileReport>), Error> {
    let mut whole: Option<Table> = None;
    let mut reports = Vec::new();
    for path in files::expand(&config.files, base)? {
        let (table, report) = match files::is_parquet(config, &path)? {
            true => read_parquet(path)?,
            false => read_text(config, path)?,
        };
        reports.push(report);
        match &mut whole {
            Some(whole) => whole.append(table)?,
            None => whole = Some(table),
        }
    }
    Ok((whole.ok_or(Error::NoFiles)?, reports))
}

fn read_parquet(path: PathBuf) -> Result<(Table, FileReport), Error> {
    let table = parquet::read(&path)?;
    let report = FileReport {
        path,
        format: "parquet",
        encoding: None,
        dialect: None,
        rows: table.len(),
    };
    Ok((table, report))
}

fn read_text(config: &SourceConfig, path: PathBuf) -> Result<(Table, FileReport), Error> {
    let sheet = config.sheet.as_deref();
    let mut loaded = load::load(&path, files::asked(config), &config.encoding, sheet)?;
    let text = std::mem::take(&mut loaded.text);
    let mut said = loaded.said.clone();
    let table = match loaded.shape {
        Shape::JsonLines => jsonl::read(&text, loaded.is_made, &path)?,
        Shape::Delimited => {
            let keys = loaded.keys(config.dialect());
            let (mut table, words) = csv::read(text, &keys, &path)?;
            if loaded.is_made {
                table.is_made();
            }
            said.push(words);
            table
        }
    };
    let report = FileReport {
        path,
        format: loaded.format,
        encoding: loaded.encoding,
        dialect: (!said.is_empty()).then(|| said.join(", ")),
        rows: table.len(),
    };
    Ok((table, report))
}

/// Sums and means of finite numbers may leave the range of 64 bits.
fn refuse_overflow(frame: &Frame) -> Result<(), Error> {
    let bad = frame
        .columns
        .iter()
        .position(|column| !column.iter().all(|value| value.is_finite()));
    bad.map_or(Ok(()), |column| {
        let message = format!(
            "the sums or means of column `{}` are infinite; scale the column down first",
            frame.names[column]
        );
        Err(Error::Config {
            key: "data.resample, data.duplicates".into(),
            message,
        })
    })
}

/// Leaves out the rows outside `from` and `until`; gives their number.
fn cut(frame: &mut Frame, config: &SourceConfig, style: &TimeStyle) -> Result<usize, Error> {
    if config.from.is_none() && config.until.is_none() {
        return Ok(0);
    }
    let bound = |text: &Option<String>, key: &str| -> Result<Option<(DateTime, DateTime)>, Error> {
        text.as_deref()
            .map(|text| {
                let (first, last) = clock::period(text, key)?;
                Ok((style.kept(first), style.kept(last)))
            })
            .transpose()
    };
    let from = bound(&config.from, "data.from")?.map_or(DateTime::MIN, |(first, _)| first);
    let until = bound(&config.until, "data.until")?.map_or(DateTime::MAX, |(_, last)| last);
    let Some(times) = &frame.times else {
        let message = "there is no time column to cut by; name it in data.time".into();
        return Err(Error::Config {
            key: "data.from, data.until".into(),
            message,
        });
    };
    let rows: Vec<usize> = (0..times.len())
        .filter(|&row| (from..=until).contains(&times[row]))
        .collect();
    let count = frame.len() - rows.len();
    frame.select(&rows);
    if rows.is_empty() {
        return Err(Error::NothingLeft {
            what: "data.from and data.until".into(),
        });
    }
    Ok(count)
}

fn series(
    frame: Frame,
    step: Option<Step>,
    reports: &[ColumnReport],
    added: Vec<(String, Vec<f64>)>,
) -> Series {
    let with_role = |wanted: Role| {
        let fits = move |role: Role| role == wanted || role == Role::Both;
        reports
            .iter()
            .enumerate()
            .filter(move |(_, report)| fits(report.role))
            .map(|(i, _)| i)
    };
    let targets = with_role(Role::Target).collect();
    let mut inputs: Vec<usize> = with_role(Role::Input).collect();
    let Frame {
        mut names,
        mut columns,
        times,
        ..
    } = frame;
    for (name, column) in added {
        inputs.push(columns.len());
        names.push(name);
        columns.push(column);
    }
    Series {
        names,
        columns,
        times,
        step,
        style: TimeStyle::Plain,
        inputs,
        targets,
        measured: Vec::new(),
        bridged: Vec::new(),
    }
}
