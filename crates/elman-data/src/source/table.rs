//! What a file holds before anyone decides what it means.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::places::{Place, Places};
use super::texts::Texts;
use crate::{Error, names};

/// The rows of one or several files, column by column.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Cells>,
    /// Where every row begins.
    pub(super) places: Places,
    pub(super) sources: Vec<Source>,
    /// Columns that some of the files lack.
    pub(super) partial: Vec<Partial>,
    /// What stands between the cells of delimited text.
    pub(super) delimiter: Option<u8>,
    /// The decimal mark that is known from elsewhere: it decides where a column can be read in two ways.
    pub(super) decimal: Option<char>,
    /// Columns of times that are instants, and the zone that the file gives for them.
    pub(super) zones: HashMap<String, Option<TimeZone>>,
    /// Columns without a name, which are called by their position.
    pub(super) unnamed: Vec<String>,
}

/// A column that one file has and another has not.
#[derive(Debug)]
pub(super) struct Partial {
    name: String,
    with: PathBuf,
    without: PathBuf,
}

impl Partial {
    pub(super) fn error(&self) -> Error {
        Error::HeaderMismatch {
            name: self.name.clone(),
            with: self.with.clone(),
            without: self.without.clone(),
        }
    }
}

/// A file that rows came from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// Rows of a binary file are numbered by row, not by line.
    pub(super) binary: bool,
}

impl Source {
    fn unit(&self) -> &'static str {
        if self.binary { "row" } else { "line" }
    }
}

/// The cells of one column.
#[derive(Debug)]
pub(super) enum Cells {
    Text(Texts),
    /// NaN is missing.
    Numbers(Vec<f64>),
    Times(Vec<Option<DateTime>>),
    /// Something else, by name.
    Other(String),
}

impl Cells {
    fn append(&mut self, other: Self) -> Result<(), Self> {
        match (self, other) {
            (Self::Text(mine), Self::Text(theirs)) => mine.append(theirs),
            (Self::Numbers(mine), Self::Numbers(theirs)) => mine.extend(theirs),
            (Self::Times(mine), Self::Times(theirs)) => mine.extend(theirs),
            (Self::Other(_), Self::Other(_)) => {}
            (_, theirs) => return Err(theirs),
        }
        Ok(())
    }

    /// Rows; `None` where the cells are not kept.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Text(texts) => Some(texts.len()),
            Self::Numbers(numbers) => Some(numbers.len()),
            Self::Times(times) => Some(times.len()),
            Self::Other(_) => None,
        }
    }

    /// The text of a cell, as whoever wrote the file would know it; `None` where the cells are not kept.
    pub(super) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(texts) => Some(texts.get(row).into()),
            Self::Numbers(numbers) if numbers[row].is_nan() => Some("".into()),
            Self::Numbers(numbers) => Some(numbers[row].to_string().into()),
            Self::Times(times) => {
                let time = times[row].map(|time| time.to_string());
                Some(time.unwrap_or_default().into())
            }
            Self::Other(_) => None,
        }
    }

    /// The given rows in the given order.
    fn select(&mut self, rows: &[usize]) {
        match self {
            Self::Text(texts) => texts.select(rows),
            Self::Numbers(numbers) => *numbers = rows.iter().map(|&row| numbers[row]).collect(),
            Self::Times(times) => *times = rows.iter().map(|&row| times[row]).collect(),
            Self::Other(_) => {}
        }
    }

    fn kind(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Numbers(_) => "numbers",
            Self::Times(_) => "times",
            Self::Other(kind) => kind,
        }
    }
}

impl Table {
    /// Names must differ; a column without a name is called by its position.
    pub(super) fn new(
        path: &Path,
        binary: bool,
        header: Vec<String>,
        header_line: u64,
    ) -> Result<Self, Error> {
        let names: Vec<String> = header
            .iter()
            .enumerate()
            .map(|(i, name)| {
                if name.trim().is_empty() {
                    format!("c{}", i + 1)
                } else {
                    name.trim().to_owned()
                }
            })
            .collect();
        let unnamed = names.iter().zip(&header);
        let unnamed = unnamed.filter(|(_, given)| given.trim().is_empty());
        let unnamed = unnamed.map(|(name, _)| name.clone()).collect();
        if let Some((_, name)) = names
            .iter()
            .enumerate()
            .find(|(i, name)| names[..*i].contains(name))
        {
            return Err(Error::DuplicateColumn {
                path: path.into(),
                line: header_line,
                name: name.clone(),
            });
        }
        Ok(Self {
            names,
            columns: Vec::new(),
            places: Places::default(),
            sources: vec![Source {
                path: path.into(),
                binary,
            }],
            partial: Vec::new(),
            delimiter: None,
            decimal: None,
            zones: HashMap::new(),
            unnamed,
        })
    }

    /// Its rows are not the lines of a file, and its numbers were written with a point.
    pub(super) fn is_made(&mut self) {
        self.delimiter = None;
        self.sources
            .iter_mut()
            .for_each(|source| source.binary = true);
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Keeps the given rows in the given order.
    pub(super) fn select(&mut self, rows: &[usize]) {
        self.columns.iter_mut().for_each(|cells| cells.select(rows));
        self.places = rows.iter().map(|&row| self.places.get(row)).collect();
    }

    /// "`file`, line 12".
    pub(super) fn place(&self, row: usize) -> String {
        let Place { file, line } = self.places.get(row);
        let source = &self.sources[file as usize];
        format!("`{}`, {} {line}", source.path.display(), source.unit())
    }

    /// "file, line 12", without the folder: for reports.
    pub(super) fn mention(&self, row: usize) -> String {
        let Place { file, line } = self.places.get(row);
        let source = &self.sources[file as usize];
        let name = source.path.file_name().unwrap_or_default();
        format!("{}, {} {line}", name.to_string_lossy(), source.unit())
    }

    /// Adds the rows of the next file. Columns that only one of them has are set aside.
    pub(super) fn append(&mut self, mut next: Self) -> Result<(), Error> {
        self.set_aside(&next);
        for (name, mine) in self.names.iter().zip(&mut self.columns) {
            let theirs = next
                .names
                .iter()
                .position(|other| other == name)
                .expect("others are set aside");
            let theirs = std::mem::replace(&mut next.columns[theirs], Cells::Numbers(Vec::new()));
            let kind = mine.kind().to_owned();
            let [is_instant, other] =
                [&self.zones, &next.zones].map(|zones| zones.contains_key(name));
            if is_instant != other {
                let kind = |is_instant| {
                    if is_instant {
                        "instants"
                    } else {
                        "times of a place"
                    }
                };
                return Err(Error::TypeMismatch {
                    name: name.clone(),
                    path: next.sources[0].path.clone(),
                    kind: kind(other).into(),
                    first: self.sources[0].path.clone(),
                    first_kind: kind(is_instant).into(),
                });
            }
            mine.append(theirs).map_err(|theirs| Error::TypeMismatch {
                name: name.clone(),
                path: next.sources[0].path.clone(),
                kind: theirs.kind().into(),
                first: self.sources[0].path.clone(),
                first_kind: kind,
            })?;
        }
        let file = self.sources.len() as u32;
        let rows = 0..next.places.len();
        rows.map(|row| next.places.get(row))
            .for_each(|place| self.places.push(Place { file, ..place }));
        self.sources.append(&mut next.sources);
        Ok(())
    }

    fn set_aside(&mut self, next: &Self) {
        let (first, other) = (self.sources[0].path.clone(), next.sources[0].path.clone());
        let mut position = 0;
        while let Some(name) = self.names.get(position) {
            if next.names.contains(name) {
                position += 1;
                continue;
            }
            let name = self.names.remove(position);
            self.columns.remove(position);
            self.partial.push(Partial {
                name,
                with: first.clone(),
                without: other.clone(),
            });
        }
        for name in &next.names {
            if !self.names.contains(name)
                && !self.partial.iter().any(|partial| partial.name == *name)
            {
                self.partial.push(Partial {
                    name: name.clone(),
                    with: other.clone(),
                    without: first.clone(),
                });
            }
        }
    }

    /// The column of that name, which all files must have.
    pub(super) fn position(&self, name: &str, key: &str) -> Result<usize, Error> {
        match self.partial.iter().find(|partial| partial.name == name) {
            Some(partial) => Err(partial.error()),
            None => names::position(&self.names, name, key),
        }
    }
}
