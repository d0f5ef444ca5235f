//! Columns that hold times or a time of day: looked at before they are read.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::clock;
use super::parts::Part;
use super::table::{Cells, Table};
use super::time::Times;

/// Whether the first value of a column is a number.
pub(super) fn is_numeric(table: &Table, position: usize) -> bool {
    match &table.columns[position] {
        Cells::Text(texts) => texts
            .iter()
            .find(|text| !text.is_empty())
            .is_none_or(|text| text.parse::<f64>().is_ok()),
        Cells::Numbers(_) => true,
        Cells::Times(_) | Cells::Other(_) => false,
    }
}

/// Whether all cells are a year and a month in six digits: 201801.
pub(super) fn are_months(table: &Table, position: usize) -> bool {
    let is_month = |cell: &str| {
        let digits = cell.strip_suffix(".0").unwrap_or(cell);
        let number = digits.parse::<u32>().unwrap_or(0);
        digits.len() == 6
            && (1700..2200).contains(&(number / 100))
            && (1..=12).contains(&(number % 100))
    };
    (0..table.len()).all(|row| is_month(&cell(table, position, row)))
}

/// Whether no time comes twice.
pub(super) fn are_distinct(times: &[DateTime]) -> bool {
    let ascending = times.windows(2).all(|pair| pair[0] < pair[1]);
    if ascending || times.windows(2).all(|pair| pair[0] > pair[1]) {
        return true;
    }
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// The columns, besides the one of dates, whose cells are all clock times.
pub(super) fn clock_columns(table: &Table, date: usize) -> Vec<usize> {
    (0..table.names.len())
        .filter(|&position| position != date && clock_cells(table, position).is_some())
        .collect()
}

/// The column of clock times that tells apart the rows of dates that repeat, if it was not read with them.
pub(super) fn clock_that_tells_apart(table: &Table, times: &Times) -> Option<usize> {
    let [date] = times.positions[..] else {
        return None;
    };
    if are_distinct(&times.times) {
        return None;
    }
    clock_columns(table, date).into_iter().find(|&clock| {
        let clocks = clock_cells(table, clock).unwrap_or_default();
        let both = times.times.iter().zip(&clocks);
        let whole: Vec<DateTime> = both
            .filter_map(|(time, (since, _))| time.checked_add(*since).ok())
            .collect();
        whole.len() == times.times.len() && are_distinct(&whole)
    })
}

/// The clock times of a column: texts such as `13:00`, or hours (`1300`, `13`) in a column that is called so.
pub(super) fn clock_cells(
    table: &Table,
    position: usize,
) -> Option<Vec<(SignedDuration, Option<jiff::tz::Offset>)>> {
    let name = table.names[position].to_lowercase();
    let hours = Part::of(&name) == Some(Part::Hour)
        || matches!(
            name.as_str(),
            "time" | "hhmm" | "hrmn" | "clock" | "시간" | "시각"
        );
    if is_numeric(table, position) && !hours {
        return None;
    }
    let cells = texts(table, position);
    cells
        .iter()
        .map(|cell| clock::time_of_day(cell, hours))
        .collect()
}

/// A cell as a text.
pub(super) fn cell(table: &Table, position: usize, row: usize) -> String {
    match &table.columns[position] {
        Cells::Text(texts) => texts.get(row).into(),
        Cells::Numbers(numbers) => numbers[row].to_string(),
        Cells::Times(times) => times[row].map_or(String::new(), |time| time.to_string()),
        Cells::Other(_) => String::new(),
    }
}

/// The cells of a column as texts.
pub(super) fn texts(table: &Table, position: usize) -> Vec<Cow<'_, str>> {
    match &table.columns[position] {
        Cells::Text(texts) => texts.iter().map(Cow::Borrowed).collect(),
        Cells::Numbers(numbers) => numbers.iter().map(|n| Cow::Owned(n.to_string())).collect(),
        Cells::Times(times) => times
            .iter()
            .map(|t| Cow::Owned(t.map_or(String::new(), |t| t.to_string())))
            .collect(),
        Cells::Other(_) => vec![Cow::Borrowed(""); table.len()],
    }
}
