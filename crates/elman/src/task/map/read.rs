//! Rows as they are read or made: numbers by columns.

use super::columns::Columns;
use super::config::{GenerateConfig, Made, Map};
use crate::task::Error;
use elman_data::Header;
use elman_data::generate::{friedman, oscillations};
use elman_data::text::{Column, NumberForms, Parts, Row, RowsConfig, read_labelled, read_rows};
use std::path::Path;

/// A row as it was read.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) inputs: Vec<f64>,
    pub(super) targets: Vec<f64>,
    pub(super) place: String,
    /// Its inputs as text: rows that read the same are in the same part.
    pub(super) text: String,
}

/// Reads the rows of all parts.
pub(super) fn read_parts(
    tables: &Map,
    columns: &Columns,
    base: &Path,
) -> Result<Parts<Raw>, Error> {
    let all: Vec<Column> = [&columns.inputs[..], &columns.targets[..]].concat();
    let data = with_header(&tables.data, &all);
    let read = |patterns: &[String]| -> Result<Vec<Raw>, Error> {
        let rows = read_rows(&data, patterns, &all, base)?;
        let forms = NumberForms::find(&data, &rows, &all)?;
        rows.iter()
            .map(|row| raw(row, &all, columns.inputs.len(), &forms))
            .collect()
    };
    let optional = |patterns: &[String]| match patterns {
        [] => Ok(None),
        patterns => read(patterns).map(Some),
    };
    let rows = read(&data.files)?;
    let (valid, test) = (optional(&data.valid_files)?, optional(&data.test_files)?);
    let parts = tables
        .split
        .complete(rows, valid, test, |row| row.text.as_str().into());
    Ok(parts?)
}

/// Reads the rows of another file than the recipe's.
pub(super) fn read_test(
    data: &RowsConfig,
    columns: &Columns,
    file: &Path,
) -> Result<Vec<Raw>, Error> {
    let all: Vec<Column> = [&columns.inputs[..], &columns.targets[..]].concat();
    let data = with_header(data, &all);
    let rows = read_labelled(&data, &all, file)?;
    let forms = NumberForms::find(&data, &rows, &all)?;
    let row = |row| raw(row, &all, columns.inputs.len(), &forms);
    rows.iter().map(row).collect()
}

/// Reads the inputs of rows without looking at their targets: where each stands, and `[inputs]` of it.
pub(super) fn read_inputs(
    data: &RowsConfig,
    inputs: &[Column],
    files: &[String],
    base: &Path,
) -> Result<Vec<(String, Vec<f64>)>, Error> {
    let data = with_header(data, inputs);
    let rows = read_rows(&data, files, inputs, base)?;
    let forms = NumberForms::find(&data, &rows, inputs)?;
    let row = |row: &Row| Ok((row.place(), raw(row, inputs, inputs.len(), &forms)?.inputs));
    rows.iter().map(row).collect()
}

/// Columns that were found in a file with a header are asked for by name, others by number; where there is a choice it has been
/// made.
fn with_header(data: &RowsConfig, columns: &[Column]) -> RowsConfig {
    let named = columns
        .iter()
        .any(|column| matches!(column, Column::Name(_)));
    let mut data = data.clone();
    let is_names = |header: &Header| matches!(header, Header::Names(_));
    data.header = data.header.filter(|header| !named || is_names(header));
    data
}

fn raw(row: &Row, columns: &[Column], inputs: usize, forms: &NumberForms) -> Result<Raw, Error> {
    let mut numbers = Vec::with_capacity(columns.len());
    for (at, (cell, column)) in row.fields().zip(columns).enumerate() {
        numbers.push(number(cell, forms.read(at, cell), column, row)?);
    }
    let targets = numbers.split_off(inputs);
    Ok(Raw {
        inputs: numbers,
        targets,
        place: row.place(),
        text: row.fields().take(inputs).collect::<Vec<_>>().join("\u{1f}"),
    })
}

/// Values from here on are refused: their squares would overflow.
const LARGEST: f64 = 1e150;

fn number(cell: &str, value: Option<f64>, column: &Column, row: &Row) -> Result<f64, Error> {
    let hint = match value {
        Some(value) if value.abs() < LARGEST => return Ok(value),
        Some(value) if value.is_finite() => "; it is too large to be calculated with",
        Some(_) => "; take the row out, or write what it should be",
        None if cell.replacen(',', ".", 1).parse::<f64>().is_ok() => {
            "; the other rows are written otherwise: write all alike"
        }
        None if row.line() == 1 && matches!(column, Column::Number(_)) => {
            "; if the first row names the columns, set data.header = true"
        }
        None => "; leave the column out of map.inputs and map.targets, or correct the cell",
    };
    Err(elman_data::Error::NotANumber {
        place: row.place(),
        column: column.to_string(),
        text: cell.chars().take(40).collect(),
        hint: hint.into(),
    })?
}

/// Rows that are made.
pub(super) fn generated(
    made: &GenerateConfig,
    tables: &Map,
) -> Result<(Columns, Parts<Raw>), Error> {
    let GenerateConfig {
        what,
        rows,
        steps,
        noise,
        seed,
    } = *made;
    let mapping = match what {
        Made::Friedman => friedman(rows, noise, seed),
        Made::Oscillation => oscillations(rows, steps, noise, seed),
    };
    let named = |names: Vec<String>| names.into_iter().map(Column::Name).collect();
    let (inputs, targets) = (mapping.inputs.len(), mapping.targets.len());
    let pairs = mapping.x.chunks(inputs).zip(mapping.y.chunks(targets));
    let raw = pairs.enumerate().map(|(row, (x, y))| Raw {
        inputs: x.to_vec(),
        targets: y.to_vec(),
        place: format!("row {}", row + 1),
        text: format!("{x:?}"),
    });
    let parts = tables
        .split
        .complete(raw.collect(), None, None, |row| row.text.as_str().into())?;
    let columns = Columns {
        inputs: named(mapping.inputs),
        targets: named(mapping.targets),
    };
    Ok((columns, parts))
}
