//! A table that says what files hold: `data.labels`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

use super::open::start;
use crate::source::csv::ragged;
use crate::source::dialect::{DialectConfig, Layout, Purpose, Row, unclosed};
use crate::source::{files, load};
use crate::{Error, names};

/// The rows of a table with a column `file`.
#[derive(Debug)]
pub(super) struct LabelTable {
    path: PathBuf,
    /// In the table's order.
    pub(super) rows: Vec<LabelRow>,
    /// Rows that say of a file what a row before them says already.
    pub(super) repeated: usize,
    by_file: HashMap<PathBuf, usize>,
}

/// What a row says of its file.
#[derive(Debug)]
pub(super) struct LabelRow {
    /// Where the file is.
    pub(super) file: PathBuf,
    /// The line, from 1.
    line: u64,
    fields: BTreeMap<String, String>,
}

impl LabelTable {
    /// Reads the table at `path`. Rows with an empty cell have one field less.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(Error::FileMissing {
                path: path.into(),
                nearby: files::nearby(path),
            });
        }
        let mut loaded = load::load(path, None, "auto", None)?;
        loaded.table(path)?;
        let text = &loaded.text;
        let layout = Layout::find(
            text,
            &loaded.keys(DialectConfig::default()),
            Purpose::Texts,
            path,
        )?;
        let (mut rows, mut header) = (layout.rows(text), Row::default());
        let unclosed = |quote| unclosed(path, quote);
        rows.next(&mut header).map_err(unclosed)?;
        rows.expect(header.cells.len());
        let columns: Vec<&str> = header.cells.iter().map(|cell| cell.trim()).collect();
        let file = columns
            .iter()
            .position(|name| *name == "file")
            .ok_or_else(|| Error::NoColumn {
                key: format!("{}, data.labels", path.display()),
                name: "file".into(),
                nearest: names::nearest_phrase("file", columns.iter().copied()),
                columns: names::list(columns.iter().copied(), 30),
            })?;
        if let Some(twice) = (1..columns.len()).find(|&i| columns[..i].contains(&columns[i])) {
            return Err(Error::DuplicateColumn {
                path: path.into(),
                line: header.line,
                name: start(columns[twice]),
            });
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut table = Self {
            path: path.into(),
            rows: Vec::new(),
            repeated: 0,
            by_file: HashMap::new(),
        };
        let mut record = Row::default();
        while rows.next(&mut record).map_err(unclosed)? {
            if record.cells.len() != columns.len() {
                return Err(ragged(path, &record, columns.len(), false));
            }
            let fail = |message: String| Error::Row {
                path: path.into(),
                line: record.line,
                message,
            };
            let name = record.cells[file].trim();
            if name.is_empty() {
                return Err(fail("the column `file` is empty".into()));
            }
            let row = LabelRow {
                file: folder.join(name),
                line: record.line,
                fields: columns
                    .iter()
                    .zip(&record.cells)
                    .filter(|(column, cell)| !column.is_empty() && !cell.trim().is_empty())
                    .map(|(column, cell)| ((*column).to_owned(), cell.trim().to_owned()))
                    .collect(),
            };
            let before = table.by_file.get(&plain(&row.file));
            if let Some(before) = before.map(|&before| &table.rows[before]) {
                let fields = row.fields.iter().chain(&before.fields);
                let differs = fields
                    .filter(|(name, _)| *name != "file")
                    .find(|(name, _)| row.fields.get(*name) != before.fields.get(*name));
                let Some((column, _)) = differs else {
                    table.repeated += 1;
                    continue;
                };
                let say = |row: &LabelRow| match row.fields.get(column) {
                    Some(text) => format!("\"{}\"", start(text)),
                    None => "nothing".into(),
                };
                return Err(fail(format!(
                    "the file `{name}` is named in line {} already, where the column `{column}` says {} and not {}; keep one \
                     of the lines",
                    before.line,
                    say(before),
                    say(&row)
                )));
            }
            table.by_file.insert(plain(&row.file), table.rows.len());
            table.rows.push(row);
        }
        match table.rows.is_empty() {
            true => Err(Error::Empty {
                path: path.into(),
                what: "has a header but no rows",
            }),
            false => Ok(table),
        }
    }

    /// What is wrong with a row, if its file is missing.
    pub(super) fn missing(&self, row: &LabelRow) -> Option<Error> {
        (!row.file.exists()).then(|| Error::Row {
            path: self.path.clone(),
            line: row.line,
            message: format!(
                "there is no file `{}`{}",
                row.file.display(),
                files::nearby(&row.file)
            ),
        })
    }

    /// What the table says of a file.
    pub(super) fn fields(&self, file: &Path) -> Result<&BTreeMap<String, String>, Error> {
        let row = self.by_file.get(&plain(file)).ok_or_else(|| Error::Signal {
            place: format!("`{}`", file.display()),
            message: format!(
                "no row of `{}` names the file; add one, or leave such files out with data.broken = \"skip\"",
                self.path.display()
            ),
        })?;
        Ok(&self.rows[*row].fields)
    }
}

/// A path without `.` and `..`, so that two ways to write it are one.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
