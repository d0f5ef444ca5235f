//! The numbers of a column of texts, by the form in which most of them are written.

use super::config::SourceConfig;
use super::numbers::{self, Column, Verdict, Written};
use super::table::{Cells, Table};
use super::texts::Texts;
use crate::Error;

/// One pass over a column of texts.
pub(super) struct Scan<'a> {
    table: &'a Table,
    position: usize,
    texts: &'a Texts,
    missing: Vec<String>,
    config: &'a SourceConfig,
    column: Column,
    /// Cells that say true or false, yes or no.
    truths: usize,
}

/// What a column of texts holds.
pub(super) enum Found {
    /// Numbers, how they are written, and whether decimal marks or others stand in them.
    Numbers(Vec<f64>, Written, bool),
    /// True and false, as 1 and 0.
    Truths(Vec<f64>),
    AllMissing,
    /// Something else; the first row that is no number, if most are.
    Texts {
        first: usize,
        is_slip: bool,
    },
}

impl<'a> Scan<'a> {
    /// # Panics
    /// If the column does not hold texts.
    pub(super) fn new(table: &'a Table, position: usize, config: &'a SourceConfig) -> Self {
        let Cells::Text(texts) = &table.columns[position] else {
            panic!("only texts are scanned")
        };
        let mut scan = Self {
            table,
            position,
            texts,
            missing: config.na.iter().map(|na| na.trim().to_owned()).collect(),
            config,
            column: Column::default(),
            truths: 0,
        };
        for cell in texts.iter() {
            if scan.is_missing(cell) {
                continue;
            }
            scan.column.add(cell);
            scan.truths += usize::from(truth(cell).is_some());
        }
        scan
    }

    fn is_missing(&self, cell: &str) -> bool {
        cell.is_empty() || self.missing.iter().any(|na| na.eq_ignore_ascii_case(cell))
    }

    /// What the column holds.
    ///
    /// # Errors
    /// If its numbers can be read in two ways that give different values, or one is infinite.
    pub(super) fn find(self) -> Result<Found, Error> {
        let cells = self.column.cells();
        if cells == 0 {
            return Ok(Found::AllMissing);
        }
        if self.truths == cells {
            return Ok(Found::Truths(self.read(truth)));
        }
        let allowed = numbers::allowed(self.config.decimal, self.config.thousands.as_deref());
        let written = match self.column.verdict(allowed) {
            Verdict::Sure(written) => written,
            Verdict::Either(one, other) => self.choose(one, other)?,
            Verdict::Mostly(written, count) => {
                let unread = |cell: &str| !self.is_missing(cell) && written.read(cell).is_none();
                let first = self.texts.iter().position(unread).unwrap_or(0);
                let is_slip = 2 * (cells - count.min(cells)) < cells;
                return Ok(Found::Texts { first, is_slip });
            }
        };
        let numbers = self.read(|cell| written.read(cell));
        let infinite = numbers.iter().position(|number| number.is_infinite());
        match infinite {
            Some(row) => Err(Error::Infinite {
                place: self.table.place(row),
                column: self.table.names[self.position].clone(),
                text: self.texts.get(row).into(),
            }),
            None => Ok(Found::Numbers(numbers, written, self.column.has_marks())),
        }
    }

    fn read(&self, number: impl Fn(&str) -> Option<f64>) -> Vec<f64> {
        let value = |cell: &str| match self.is_missing(cell) {
            true => f64::NAN,
            false => number(cell).unwrap_or(f64::NAN),
        };
        self.texts.iter().map(value).collect()
    }

    /// One of two readings, by what the rest of the file says.
    fn choose(&self, one: Written, other: Written) -> Result<Written, Error> {
        let asked = numbers::Asked {
            allowed: u8::MAX,
            delimiter: self.table.delimiter,
        };
        let elsewhere = self.decimal_elsewhere();
        if let Some(written) = asked.choose(&self.column, [one, other], elsewhere) {
            return Ok(written);
        }
        if let Some(known) = self.table.decimal {
            return Ok(if one.form.decimal == known {
                one
            } else {
                other
            });
        }
        let is_comma = one.form.decimal == ',';
        let differs = |cell: &str| !self.is_missing(cell) && one.read(cell) != other.read(cell);
        let row = self.texts.iter().position(differs).unwrap_or(0);
        let cell = self.texts.get(row);
        let values = [one, other].map(|form| form.read(cell).unwrap_or(f64::NAN));
        let decimals = if is_comma { [",", "."] } else { [".", ","] };
        Err(Error::Config {
            key: "data.decimal".into(),
            message: format!(
                "{}, column `{}`: \"{cell}\" can be {} or {}, since every mark in the column has three digits behind it; set \
                 data.decimal = \"{}\" for {}, data.decimal = \"{}\" for {} (data.thousands says what groups digits)",
                self.table.place(row),
                self.table.names[self.position],
                values[0],
                values[1],
                decimals[0],
                values[0],
                decimals[1],
                values[1],
            ),
        })
    }

    /// The decimal mark that other columns make certain, where they agree.
    fn decimal_elsewhere(&self) -> Option<char> {
        let others = (0..self.table.names.len()).filter(|other| *other != self.position);
        let mut found = others.filter_map(|other| match &self.table.columns[other] {
            Cells::Text(texts) => {
                let mut column = Column::default();
                let cells = texts.iter().filter(|cell| !self.is_missing(cell));
                cells.for_each(|cell| column.add(cell));
                column.sure_decimal()
            }
            _ => None,
        });
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

/// 1 for what says yes, 0 for what says no.
pub(super) fn truth(cell: &str) -> Option<f64> {
    let is = |words: [&str; 2]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is(["true", "yes"]) {
        Some(1.0)
    } else if is(["false", "no"]) {
        Some(0.0)
    } else {
        None
    }
}
