//! The chosen columns as numbers, before they are clean.

use std::num::NonZeroU32;

use jiff::civil::DateTime;

use super::config::SourceConfig;
use super::numbers::{Written, is_number};
use super::report::{ColumnReport, Role, SkippedColumn};
use super::scan::{Found, Scan};
use super::table::{Cells, Table};
use super::texts::Texts;
use super::time::Times;
use crate::{Error, names};

/// Numeric columns (NaN is missing) with their times, row by row in step, and the rows of the table that they were.
pub(super) struct Frame {
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) times: Option<Vec<DateTime>>,
    /// Once rows were moved, the number of the table's row, from 1, that each was; `None` for one that cleaning inserted.
    moved: Option<Vec<Option<NonZeroU32>>>,
}

impl Frame {
    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Keeps the given rows in the given order.
    pub(super) fn select(&mut self, rows: &[usize]) {
        for column in &mut self.columns {
            *column = rows.iter().map(|&row| column[row]).collect();
        }
        if let Some(times) = &mut self.times {
            *times = rows.iter().map(|&row| times[row]).collect();
        }
        self.renumber(rows.iter().copied().map(Some));
    }

    /// The row of the table that a row was; `None` if it was inserted.
    pub(super) fn row_read(&self, row: usize) -> Option<usize> {
        match &self.moved {
            Some(numbers) => numbers[row].map(|number| number.get() as usize - 1),
            None => Some(row),
        }
    }

    /// Notes which of its rows each row is from now on; `None` is one that was inserted.
    pub(super) fn renumber(&mut self, rows: impl Iterator<Item = Option<usize>>) {
        let number = |row: Option<usize>| {
            let number = u32::try_from(self.row_read(row?)? + 1);
            NonZeroU32::new(number.ok()?)
        };
        self.moved = Some(rows.map(number).collect());
    }

    /// Where a row is, for a message: its line, or its time if it was inserted.
    pub(super) fn describe(&self, row: usize, table: &Table) -> String {
        match (self.row_read(row), &self.times) {
            (Some(read), _) => table.place(read),
            (None, Some(times)) => format!(
                "the inserted time {}",
                times[row].to_string().replace('T', " ")
            ),
            (None, None) => format!("row {}", row + 1),
        }
    }
}

/// The frame of the columns that are read or predicted, and what there is to report about columns.
pub(super) struct Chosen {
    pub(super) frame: Frame,
    pub(super) reports: Vec<ColumnReport>,
    pub(super) skipped: Vec<SkippedColumn>,
}

/// Picks the columns the configuration names, or every column of numbers. The frame takes the times over.
pub(super) fn choose(
    table: &Table,
    times: Option<&mut Times>,
    passed: &[(usize, String)],
    config: &SourceConfig,
) -> Result<Chosen, Error> {
    let of_times = times.as_ref().map_or(&[][..], |times| &times.positions);
    let is_time = |column: usize| of_times.contains(&column);
    let named = |names: &[String], key: &str| -> Result<Vec<usize>, Error> {
        names.iter().map(|name| table.position(name, key)).collect()
    };
    let targets = named(&config.targets, "data.targets")?;
    let mut skipped = Vec::new();
    let mut columns: Vec<(usize, Numbers, Role)> = Vec::new();
    if config.columns.is_empty() {
        if let Some(partial) = table.partial.first() {
            return Err(partial.error());
        }
        for position in (0..table.names.len()).filter(|&position| !is_time(position)) {
            if let Some(value) = config.filter.get(&table.names[position]) {
                skipped.push(SkippedColumn {
                    name: table.names[position].clone(),
                    reason: format!("{value} in every row, by data.filter"),
                });
                continue;
            }
            let reason = passed.iter().find(|(column, _)| *column == position);
            if let Some((_, reason)) = reason.filter(|_| !targets.contains(&position)) {
                skipped.push(SkippedColumn {
                    name: table.names[position].clone(),
                    reason: reason.clone(),
                });
                continue;
            }
            match any_numbers(table, position, config)? {
                Ok((numbers, _))
                    if table.unnamed.contains(&table.names[position])
                        && counts_rows(&numbers)
                        && !targets.contains(&position) =>
                {
                    skipped.push(SkippedColumn {
                        name: table.names[position].clone(),
                        reason: "the numbers of the rows, without a name".into(),
                    });
                }
                Ok(numbers) => columns.push((position, numbers, Role::Input)),
                Err(_) if targets.contains(&position) => {}
                Err(reason) => skipped.push(SkippedColumn {
                    name: table.names[position].clone(),
                    reason,
                }),
            }
        }
    } else {
        for position in named(&config.columns, "data.columns")? {
            if columns.iter().any(|(known, ..)| *known == position) {
                let message = format!("`{}` is named twice", table.names[position]);
                return Err(Error::Config {
                    key: "data.columns".into(),
                    message,
                });
            }
            columns.push((position, numbers(table, position, config)?, Role::Input));
        }
    }
    for &target in &targets {
        match columns
            .iter_mut()
            .find(|(position, ..)| *position == target)
        {
            Some((_, _, role)) => *role = Role::Both,
            None => columns.push((target, numbers(table, target, config)?, Role::Target)),
        }
    }
    if targets.is_empty() {
        columns
            .iter_mut()
            .for_each(|(_, _, role)| *role = Role::Both);
    }
    if columns.is_empty() {
        let reasons: Vec<String> = skipped
            .iter()
            .map(|column| format!("{} ({})", column.name, column.reason))
            .collect();
        return Err(Error::NoNumericColumn {
            path: table.sources[0].path.clone(),
            columns: names::list(reasons.iter().map(String::as_str), 30),
        });
    }
    let name = |position: usize| table.names[position].clone();
    let reports = columns
        .iter()
        .map(|(position, (_, how), role)| ColumnReport {
            written: how.words.clone(),
            decimal: how.decimal,
            ..ColumnReport::new(name(*position), *role)
        })
        .collect();
    let frame = Frame {
        names: columns
            .iter()
            .map(|(position, ..)| name(*position))
            .collect(),
        columns: columns
            .into_iter()
            .map(|(_, (numbers, _), _)| numbers)
            .collect(),
        times: times.map(|times| std::mem::take(&mut times.times)),
        moved: None,
    };
    Ok(Chosen {
        frame,
        reports,
        skipped,
    })
}

/// The numbers of a column, and how they are written.
type Numbers = (Vec<f64>, How);

/// How numbers are written.
#[derive(Default)]
struct How {
    /// In words, where it is not as a program writes them.
    words: Option<String>,
    /// Their decimal mark, where marks stand in them.
    decimal: Option<char>,
}

impl How {
    fn new(written: Written, has_marks: bool) -> Self {
        Self {
            words: (written != Written::PLAIN).then(|| written.to_string()),
            decimal: has_marks.then_some(written.form.decimal),
        }
    }
}

/// The numbers of a column somebody asked for: every cell must be one, or missing.
fn numbers(table: &Table, position: usize, config: &SourceConfig) -> Result<Numbers, Error> {
    let name = &table.names[position];
    match &table.columns[position] {
        Cells::Text(texts) => match Scan::new(table, position, config).find()? {
            Found::Numbers(numbers, written, marks) => Ok((numbers, How::new(written, marks))),
            Found::Truths(numbers) => {
                let words = Some("true or yes as 1, false or no as 0".into());
                Ok((
                    numbers,
                    How {
                        words,
                        decimal: None,
                    },
                ))
            }
            Found::AllMissing => Ok((vec![f64::NAN; texts.len()], How::default())),
            Found::Texts { first, .. } => Err(not_a_number(table, position, first)),
        },
        Cells::Numbers(numbers) => Ok((finite(table, position, numbers.clone())?, How::default())),
        Cells::Times(times) => Err(Error::NotANumber {
            place: table.place(0),
            column: name.clone(),
            text: times
                .first()
                .copied()
                .flatten()
                .map_or(String::new(), |time| time.to_string()),
            hint: "; the column holds times: name it in data.time".into(),
        }),
        Cells::Other(kind) => Err(Error::ParquetType {
            path: table.sources[0].path.clone(),
            column: name.clone(),
            kind: kind.clone(),
        }),
    }
}

/// The numbers of a column nobody asked for, or why it is left out.
///
/// A column most of whose values are numbers is one of numbers, and a text in it is a slip to be told, not skipped.
fn any_numbers(
    table: &Table,
    position: usize,
    config: &SourceConfig,
) -> Result<Result<Numbers, String>, Error> {
    match &table.columns[position] {
        Cells::Text(texts) => match Scan::new(table, position, config).find()? {
            Found::Numbers(numbers, written, marks) => Ok(Ok((numbers, How::new(written, marks)))),
            Found::Truths(_) => Ok(Err(
                "true and false; named in data.columns it is read as 1 and 0".into(),
            )),
            Found::AllMissing => Ok(Err("all values missing".into())),
            Found::Texts {
                first,
                is_slip: true,
            } => Err(not_a_number(table, position, first)),
            Found::Texts { .. } => Ok(Err(about(texts))),
        },
        Cells::Numbers(numbers) if numbers.iter().all(|n| n.is_nan()) => {
            Ok(Err("all values missing".into()))
        }
        Cells::Numbers(numbers) => Ok(Ok((
            finite(table, position, numbers.clone())?,
            How::default(),
        ))),
        Cells::Times(_) => Ok(Err("times".into())),
        Cells::Other(kind) => Ok(Err(format!("Parquet type {kind}"))),
    }
}

/// What a column of texts could be for.
fn about(texts: &Texts) -> String {
    let mut different: Vec<&str> = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        if !different.contains(&text) {
            different.push(text);
        }
        if different.len() > FEW_VALUES {
            break;
        }
    }
    let first = shorten(different.first().copied().unwrap_or_default());
    if different.len() > FEW_VALUES || different.len() * 2 > texts.len() {
        return format!("text, e.g. \"{first}\"");
    }
    let shown: Vec<String> = different.iter().map(|text| shorten(text)).collect();
    format!(
        "text, {} values: {}; it may tell series apart (data.filter), or be a class",
        different.len(),
        names::list(shown.iter().map(String::as_str), 5)
    )
}

/// More different texts than this are no names of series or classes, as far as a report goes.
const FEW_VALUES: usize = 50;
/// Whether a column only numbers the rows, as an index that was written with a table does.
fn counts_rows(numbers: &[f64]) -> bool {
    let first = numbers.first().copied().unwrap_or(f64::NAN);
    (first == 0.0 || first == 1.0)
        && numbers.len() > 1
        && numbers
            .iter()
            .enumerate()
            .all(|(row, number)| *number == first + row as f64)
}

fn finite(table: &Table, position: usize, numbers: Vec<f64>) -> Result<Vec<f64>, Error> {
    match numbers.iter().position(|n| n.is_infinite()) {
        Some(row) => Err(infinite(table, position, row, numbers[row].to_string())),
        None => Ok(numbers),
    }
}

fn infinite(table: &Table, position: usize, row: usize, text: String) -> Error {
    Error::Infinite {
        place: table.place(row),
        column: table.names[position].clone(),
        text,
    }
}

fn not_a_number(table: &Table, position: usize, row: usize) -> Error {
    let Cells::Text(texts) = &table.columns[position] else {
        unreachable!("only texts are scanned")
    };
    let text = texts.get(row);
    let hint = if is_number(text) {
        "; it is one, but not written as most of the column or as data.decimal and data.thousands say: write all alike"
    } else {
        "; correct it, add it to data.na if it means \"no value\", or leave the column out of data.columns"
    };
    Error::NotANumber {
        place: table.place(row),
        column: table.names[position].clone(),
        text: shorten(text),
        hint: hint.into(),
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.into()
    } else {
        text.chars().take(39).chain(['…']).collect()
    }
}
