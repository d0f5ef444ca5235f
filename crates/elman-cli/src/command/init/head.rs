//! The beginning of a table, from which it can be guessed what it is for.

use crate::args::InitTask;
use elman_data::Error;
use elman_data::text::{Column, read_head};
use std::path::Path;

/// How the names of tables end that are looked into.
const TABLES: [&str; 6] = ["csv", "tsv", "tab", "jsonl", "ndjson", "json"];
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
    ragged: Option<Error>,
    is_json: bool,
}

impl Head {
    /// The beginning of a table; nothing where the name of the file says that it is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(file: &Path) -> Option<Result<Self, Error>> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        if !TABLES.contains(&ending.as_str()) {
            return None;
        }
        Some(read_head(file, ROWS).map(|head| Self {
            columns: head.columns,
            rows: head.rows,
            ragged: head.ragged,
            is_json: ending.contains("json"),
        }))
    }

    /// Whether its rows are written in JSON.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// What is wrong with the first row that has other columns than the first, taken out of it.
    pub fn take_ragged(&mut self) -> Option<Error> {
        self.ragged.take()
    }

    /// The columns in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
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
            !self.rows.is_empty()
                && self
                    .rows
                    .iter()
                    .all(|row| row.get(*place).is_some_and(number))
        };
        let places = (0..self.columns.len()).filter(is);
        places.map(|place| self.columns[place].clone()).collect()
    }

    /// Whether rows are series without names of their columns, each with its label first: a whole number, one of a few.
    pub fn is_labelled_first(&self) -> bool {
        let labels: Vec<&str> = self
            .rows
            .iter()
            .map(|row| row.first().map_or("", |cell| cell.trim()))
            .collect();
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
            let cell = self
                .rows
                .first()
                .zip(place)
                .and_then(|(row, place)| row.get(place));
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
