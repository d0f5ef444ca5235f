//! `data.filter`: one series out of a table that holds several.

use super::config::{FilterValue, SourceConfig};
use super::table::{Cells, Table};
use crate::{Error, names};

/// Keeps the rows whose cells are what `data.filter` says; gives the number of the others.
///
/// # Errors
/// [`Error::NoColumn`] for a column that does not exist, [`Error::Config`] if no row fits.
pub(super) fn apply(table: &mut Table, config: &SourceConfig) -> Result<usize, Error> {
    if config.filter.is_empty() {
        return Ok(0);
    }
    let mut rows: Vec<usize> = (0..table.len()).collect();
    for (name, value) in &config.filter {
        let position = table.position(name, "data.filter")?;
        let cells = &table.columns[position];
        let fitting: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|&row| fits(cells, row, value))
            .collect();
        if fitting.is_empty() {
            let known = known(cells, &rows);
            let known = names::list(known.iter().map(String::as_str), 20);
            return Err(Error::Config {
                key: format!("data.filter.{name}"),
                message: format!("no row has `{name}` = {value}; there is: {known}"),
            });
        }
        rows = fitting;
    }
    let others = table.len() - rows.len();
    if others > 0 {
        table.select(&rows);
    }
    Ok(others)
}

/// Whether a cell is the value: the same text, or for a number in the recipe the same number.
fn fits(cells: &Cells, row: usize, value: &FilterValue) -> bool {
    let number = match value {
        FilterValue::Text(text) => return cells.text(row).is_some_and(|cell| cell == text.trim()),
        FilterValue::Flag(flag) => {
            let cell = cells.text(row);
            return cell.is_some_and(|cell| cell.eq_ignore_ascii_case(&flag.to_string()));
        }
        FilterValue::Integer(number) => *number as f64,
        FilterValue::Number(number) => *number,
    };
    let cell = cells.text(row);
    cell.is_some_and(|cell| cell.parse::<f64>().is_ok_and(|cell| cell == number))
}

/// The different cells of some rows, in the order in which they come.
fn known(cells: &Cells, rows: &[usize]) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for &row in rows {
        let cell = cells.text(row).unwrap_or_default();
        if !known.iter().any(|other| *other == cell) {
            known.push(cell.into_owned());
        }
        if known.len() > 100 {
            break;
        }
    }
    known
}
