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
    let digits = |cell: &Cow<'_, str>| {
        !cell.is_empty() && cell.len() <= 4 && cell.bytes().all(|byte| byte.is_ascii_digit())
    };
    // 0, 30, 100, …, 2330: hours and minutes without leading noughts.
    if hours && cells.iter().all(digits) && cells.iter().any(|cell| cell.len() > 2) {
        return cells
            .iter()
            .map(|cell| clock::time_of_day(&format!("{cell:0>4}"), hours))
            .collect();
    }
    cells
        .iter()
        .map(|cell| clock::time_of_day(cell, hours))
        .collect()
}

/// The columns of hours, minutes and seconds, if there is one of hours and another.
pub(super) fn clock_parts(table: &Table) -> Option<Vec<usize>> {
    let part = |position: usize| Part::of(&table.names[position]).filter(|part| part.is_of_a_day());
    let mut parts: Vec<(Part, usize)> = (0..table.names.len())
        .filter_map(|position| Some((part(position)?, position)))
        .collect();
    parts.sort_unstable();
    parts.dedup_by_key(|(part, _)| *part);
    let is_enough = parts.len() > 1 && parts[0].0 == Part::Hour;
    is_enough.then(|| parts.into_iter().map(|(_, position)| position).collect())
}

/// The time of day that columns of hours, minutes and seconds make up; the row where they make none.
pub(super) fn time_of_parts(
    table: &Table,
    positions: &[usize],
) -> Result<Vec<SignedDuration>, usize> {
    let of = |position: usize, row: usize| -> Option<i64> {
        let text = cell(table, position, row);
        let value: i64 = text.strip_suffix(".0").unwrap_or(&text).parse().ok()?;
        let [most, seconds] = match Part::of(&table.names[position])? {
            Part::Hour => [24, 3600],
            Part::Minute => [59, 60],
            Part::Second => [59, 1],
            _ => return None,
        };
        (0..=most).contains(&value).then_some(value * seconds)
    };
    let time = |row: usize| {
        let parts: Option<Vec<i64>> = positions.iter().map(|&at| of(at, row)).collect();
        let sum: i64 = parts.ok_or(row)?.iter().sum();
        Ok(SignedDuration::from_secs(sum))
    };
    (0..table.len()).map(time).collect()
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
