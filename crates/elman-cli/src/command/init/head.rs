//! The beginning of a table, from which it can be guessed what it is for.

use crate::args::InitTask;
use elman_data::text::{Column, RowsConfig, read_columns, read_rows};
use std::path::Path;

/// Rows that are looked at.
const ROWS: usize = 200;
/// What columns of pictures' names are usually called.
pub const PICTURES: [&str; 5] = ["image", "picture", "file", "filename", "path"];
/// What columns of sentences about them are usually called.
pub const SENTENCES: [&str; 4] = ["caption", "sentence", "description", "text"];
/// What a column that is to be answered is usually called.
const ANSWERS: [&str; 4] = ["y", "target", "output", "answer"];
/// How the names of pictures end.
const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".bmp", ".webp"];
/// Fewer columns of a table without a header are no series with its label.
const FEWEST_STEPS: usize = 8;
/// More different labels than this are none.
const MOST_LABELS: usize = 100;

/// The columns of a table and its first rows.
#[derive(Debug)]
pub struct Head {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Head {
    /// The beginning of a table; nothing where a file is none, or is broken: whoever reads it in earnest says what is wrong.
    pub fn read(file: &str, folder: &Path) -> Option<Self> {
        let config = RowsConfig {
            files: vec![file.into()],
            skip_empty: true,
            ..RowsConfig::default()
        };
        let columns = |named| read_columns(&config, &config.files, named, folder).ok();
        let number = |column: &Column| column.to_string().trim().parse::<f64>().is_ok();
        // A first row of numbers, or one that says the same twice, has no names.
        let named = columns(true).filter(|names| !names.iter().all(number));
        let found = named.or_else(|| columns(false))?;
        let mut rows = read_rows(&config, &config.files, &found, folder).unwrap_or_default();
        rows.truncate(ROWS);
        Some(Self {
            columns: found,
            rows: rows.into_iter().map(|row| row.fields).collect(),
        })
    }

    /// Whether there is a column of this name.
    pub fn has(&self, name: &str) -> bool {
        self.first_of(&[name]).is_some()
    }

    /// The first of these names that a column has.
    pub fn first_of<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        let is = |name: &&&str| self.columns.contains(&Column::Name((**name).into()));
        names.iter().find(is).copied()
    }

    /// The columns that hold a number in every row.
    pub fn numbers(&self) -> Vec<Column> {
        let number = |text: &String| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
        let is = |place: &usize| {
            !self.rows.is_empty() && self.rows.iter().all(|row| number(&row[*place]))
        };
        let places = (0..self.columns.len()).filter(is);
        places.map(|place| self.columns[place].clone()).collect()
    }

    /// Whether rows are series without names of their columns, each with its label first: a whole number, one of a few.
    pub fn is_labelled_first(&self) -> bool {
        let labels: Vec<&str> = self.rows.iter().map(|row| row[0].trim()).collect();
        let mut kinds = labels.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let whole = |label: &&str| label.parse::<f64>().is_ok_and(|label| label.fract() == 0.0);
        self.columns.first() == Some(&Column::Number(1))
            && self.columns.len() >= FEWEST_STEPS
            && labels.iter().all(whole)
            && (2..=MOST_LABELS.min(labels.len() / 2)).contains(&kinds.len())
    }

    /// What the table is probably for.
    pub fn task(&self) -> InitTask {
        let first = |name: &str| {
            let place = self
                .columns
                .iter()
                .position(|column| column.to_string() == name);
            let cell = self.rows.first().zip(place).map(|(row, place)| &row[place]);
            cell.map(|cell| cell.to_lowercase()).unwrap_or_default()
        };
        if let Some(name) = self.first_of(&PICTURES)
            && ENDINGS.iter().any(|ending| first(name).ends_with(ending))
            && self.first_of(&SENTENCES).is_some()
        {
            return InitTask::Caption;
        }
        if self.has("file") && self.has("label") {
            return InitTask::Recognize;
        }
        if self.has("file") && self.has("text") {
            return InitTask::Transcribe;
        }
        let answered = self
            .columns
            .last()
            .map(|column| column.to_string().to_lowercase());
        let answered = answered.is_some_and(|name| ANSWERS.contains(&name.as_str()));
        match () {
            () if self.is_labelled_first() => InitTask::Recognize,
            () if answered
                && self.columns.len() > 1
                && self.numbers().len() == self.columns.len() =>
            {
                InitTask::Map
            }
            () => InitTask::Forecast,
        }
    }
}
