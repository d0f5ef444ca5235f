//! What a file holds before anyone decides what it means.

use std::path::{Path, PathBuf};

use jiff::civil::DateTime;

use crate::{Error, names};

/// The rows of one or several files, column by column.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Cells>,
    /// Where every row begins.
    pub(super) places: Vec<Place>,
    pub(super) sources: Vec<Source>,
}

/// A file that rows came from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// Rows of a binary file are numbered by row, not by line.
    pub(super) binary: bool,
}

/// File and line (or row), both needed to find a cell again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) line: u64,
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

/// Many short texts in one allocation.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell.trim());
        self.ends.push(self.text.len());
    }

    pub(super) fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[row]]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl Cells {
    fn append(&mut self, other: Self) -> Result<(), Self> {
        match (self, other) {
            (Self::Text(mine), Self::Text(theirs)) => {
                theirs.iter().for_each(|cell| mine.push(cell))
            }
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
            places: Vec::new(),
            sources: vec![Source {
                path: path.into(),
                binary,
            }],
        })
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// "`file`, line 12".
    pub(super) fn place(&self, row: usize) -> String {
        self.describe(self.places[row])
    }

    pub(super) fn describe(&self, place: Place) -> String {
        let source = &self.sources[place.file as usize];
        let unit = if source.binary { "row" } else { "line" };
        format!("`{}`, {unit} {}", source.path.display(), place.line)
    }

    /// Adds the rows of the next file, whose columns must be the same in any order.
    pub(super) fn append(&mut self, mut next: Self) -> Result<(), Error> {
        let differs = |difference: String| Error::HeaderMismatch {
            path: next.sources[0].path.clone(),
            first: self.sources[0].path.clone(),
            difference,
        };
        if let Some(extra) = next.names.iter().find(|name| !self.names.contains(name)) {
            return Err(differs(format!("the first does not have `{extra}`")));
        }
        if let Some(absent) = self.names.iter().find(|name| !next.names.contains(name)) {
            return Err(differs(format!("`{absent}` is absent")));
        }
        for (name, mine) in self.names.iter().zip(&mut self.columns) {
            let theirs = next
                .names
                .iter()
                .position(|other| other == name)
                .expect("checked above");
            let theirs = std::mem::replace(&mut next.columns[theirs], Cells::Numbers(Vec::new()));
            let kind = mine.kind().to_owned();
            if let Err(theirs) = mine.append(theirs) {
                return Err(Error::HeaderMismatch {
                    path: next.sources[0].path.clone(),
                    first: self.sources[0].path.clone(),
                    difference: format!(
                        "`{name}` holds {} there and {kind} in the first",
                        theirs.kind()
                    ),
                });
            }
        }
        let file = self.sources.len() as u32;
        self.places
            .extend(next.places.iter().map(|place| Place { file, ..*place }));
        self.sources.append(&mut next.sources);
        Ok(())
    }

    pub(super) fn position(&self, name: &str, key: &str) -> Result<usize, Error> {
        names::position(&self.names, name, key)
    }
}
