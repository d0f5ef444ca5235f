//! Missing values: told, filled or dropped, by a stated rule per column.

use super::config::{Missing, SourceConfig};
use super::frame::Frame;
use super::report::ColumnReport;
use super::table::Table;
use crate::{Error, Measured, names};

/// What became of missing values.
pub(super) struct Handled {
    /// Rows that were dropped.
    pub(super) dropped: usize,
    /// Of each column, the rows (of those that are left) whose value was taken from later ones.
    pub(super) bridged: Vec<Vec<usize>>,
    /// Of each column, the rows that were not filled in.
    pub(super) measured: Vec<Measured>,
}

/// Fills or drops missing values and notes in `reports` what was done.
pub(super) fn handle(
    frame: &mut Frame,
    reports: &mut [ColumnReport],
    config: &SourceConfig,
    table: &Table,
) -> Result<Handled, Error> {
    for name in config.missing_by_column.keys() {
        names::position(&frame.names, name, "data.missing_by_column")?;
    }
    let rules: Vec<Missing> = frame
        .names
        .iter()
        .map(|name| {
            config
                .missing_by_column
                .get(name)
                .copied()
                .unwrap_or(config.missing)
        })
        .collect();
    let mut bridged: Vec<Vec<usize>> = vec![Vec::new(); rules.len()];
    let mut measured: Vec<Measured> = vec![Measured::all(); rules.len()];
    let mut keep = vec![true; frame.len()];
    for (column, rule) in frame.columns.iter().zip(&rules) {
        if *rule == Missing::Drop {
            keep.iter_mut()
                .zip(column)
                .for_each(|(keep, value)| *keep &= !value.is_nan());
        }
    }
    for (i, &rule) in rules.iter().enumerate() {
        let count = frame.columns[i]
            .iter()
            .filter(|value| value.is_nan())
            .count();
        let report = &mut reports[i];
        report.rule = rule;
        report.missing = count;
        if count == 0 {
            continue;
        }
        let first = frame.columns[i]
            .iter()
            .position(|value| value.is_nan())
            .expect("counted above");
        report.first_missing = Some(match frame.row_read(first) {
            Some(row) => table.mention(row),
            None => frame.describe(first, table),
        });
        if count == frame.len() && rule != Missing::Zero {
            return Err(Error::AllMissing {
                column: frame.names[i].clone(),
                rows: count,
            });
        }
        // Where a blank means that nothing happened, zero is what was measured.
        if rule != Missing::Zero {
            measured[i] = Measured::of(&frame.columns[i]);
        }
        if rule == Missing::Interpolate {
            let missing = frame.columns[i].iter().enumerate();
            let missing = missing.filter(|(_, value)| value.is_nan());
            bridged[i] = missing.map(|(row, _)| row).collect();
        }
        match rule {
            Missing::Error => refuse(frame, i, &keep, table)?,
            Missing::Interpolate => {
                [report.at_start, report.at_end] = interpolate(&mut frame.columns[i]);
            }
            Missing::ForwardFill => report.at_start = forward_fill(&mut frame.columns[i]),
            Missing::Zero => frame.columns[i]
                .iter_mut()
                .filter(|value| value.is_nan())
                .for_each(|value| *value = 0.0),
            Missing::Drop => {}
        }
    }
    let rows: Vec<usize> = (0..keep.len()).filter(|&row| keep[row]).collect();
    let dropped = keep.len() - rows.len();
    if dropped > 0 {
        for bridged in &mut bridged {
            let place = |row: &usize| rows.binary_search(row).ok();
            *bridged = bridged.iter().filter_map(place).collect();
        }
        for measured in &mut measured {
            *measured = measured.select(&rows);
        }
        frame.select(&rows);
    }
    if rows.is_empty() {
        return Err(Error::NothingLeft {
            what: "rows with missing values were dropped (data.missing = \"drop\")".into(),
        });
    }
    Ok(Handled {
        dropped,
        bridged,
        measured,
    })
}

/// An error for the missing values of a column, unless they all lie in rows that another column's rule drops.
fn refuse(frame: &Frame, column: usize, keep: &[bool], table: &Table) -> Result<(), Error> {
    let mut missing =
        (0..keep.len()).filter(|&row| keep[row] && frame.columns[column][row].is_nan());
    let Some(first) = missing.next() else {
        return Ok(());
    };
    Err(Error::MissingValues {
        column: frame.names[column].clone(),
        count: 1 + missing.count(),
        rows: frame.len(),
        first: frame.describe(first, table),
    })
}

/// Straight lines across gaps; the ends take the nearest value. Gives the number of values at the start and at the end.
fn interpolate(values: &mut [f64]) -> [usize; 2] {
    let mut last: Option<usize> = None;
    let (mut at_start, mut at_end) = (0, 0);
    for row in 0..values.len() {
        if values[row].is_nan() {
            continue;
        }
        match last {
            None => {
                at_start = row;
                let value = values[row];
                values[..row].fill(value);
            }
            Some(before) => {
                let (from, to, span) = (values[before], values[row], (row - before) as f64);
                for (k, value) in (1..).zip(&mut values[before + 1..row]) {
                    let weight = f64::from(k) / span;
                    *value = from * (1.0 - weight) + to * weight; // does not overflow where to - from would
                }
            }
        }
        last = Some(row);
    }
    if let Some(before) = last {
        at_end = values.len() - 1 - before;
        let value = values[before];
        values[before + 1..].fill(value);
    }
    [at_start, at_end]
}

/// The last known value; before the first, the first. Gives the number of values before the first.
fn forward_fill(values: &mut [f64]) -> usize {
    let Some(first) = values.iter().position(|value| !value.is_nan()) else {
        return 0;
    };
    let mut last = values[first];
    for value in values.iter_mut() {
        if value.is_nan() {
            *value = last;
        } else {
            last = *value;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: f64 = f64::NAN;

    #[test]
    fn gaps_are_bridged_and_ends_take_the_nearest() {
        let mut values = [N, N, 1.0, N, N, N, 3.0, N];
        assert_eq!(interpolate(&mut values), [2, 1]);
        assert_eq!(values, [1.0, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]);
        let mut values = [N, 1.0, N, 3.0, N];
        assert_eq!(forward_fill(&mut values), 1);
        assert_eq!(values, [1.0, 1.0, 1.0, 3.0, 3.0]);
    }
}
