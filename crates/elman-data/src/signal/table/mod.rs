//! Sequences in tables: a row each (wide), or a row for each step (long).

mod long;
mod missing;
mod wide;

use std::borrow::Cow;

use super::config::{Columns, Format, Layout};
use super::open::{Contents, Source, is_missing, number, start};
use crate::source::csv::ragged;
use crate::source::dialect::{
    DialectConfig, Header, Layout as TextLayout, Purpose, Row, Rows, unclosed,
};
use crate::source::load::{self, Asked};
use crate::source::numbers::{self, Written};
use crate::text::Column;
use crate::{Error, names};
pub use missing::LearnedTables;

pub(super) fn read(source: Source<'_>, format: Format) -> Result<Contents, Error> {
    let config = source.config;
    let asked = config.format.and(Some(Asked::Delimited));
    let encoding = config.encoding.as_deref().unwrap_or("auto");
    let mut loaded = load::load(source.path, asked, encoding, config.sheet.as_deref())?;
    loaded.table(source.path)?;
    let mut keys = loaded.keys(config.dialect());
    if format == Format::Tsv && config.format.is_some() {
        keys.delimiter = Some('\t');
    }
    let table = Table::new(source, &loaded.text, &keys)?;
    match config.layout() {
        // A file of a single row is a sequence of its cells, not of one step.
        Layout::Long if !config.is_long_by_key() && table.is_single() => wide::read(table),
        Layout::Wide => wide::read(table),
        Layout::Long => long::read(table),
    }
}

/// The rows of a table, and where its columns are.
struct Table<'a> {
    source: Source<'a>,
    rows: Rows<'a>,
    /// The names in the header, or `c1`, `c2`, … without one, as a recipe counts.
    names: Vec<String>,
    has_header: bool,
    /// The line of the header or first row.
    first_line: u64,
    /// The first row, where it is no header.
    pending: Option<Row<'a>>,
    /// Fewest and most cells of the rows that were counted so far, or of the header.
    cells: Option<(usize, usize)>,
    /// Where the column of labels would be, in a table that has none. An empty cell stands in for it, so that all other columns are
    /// where a recipe says.
    unlabelled: Option<usize>,
    /// How the numbers of each column are written.
    written: Vec<Written>,
}

impl<'a> Table<'a> {
    fn new(source: Source<'a>, text: &'a str, keys: &DialectConfig) -> Result<Self, Error> {
        let is_ragged = source.config.layout() == Layout::Wide;
        let purpose = Purpose::Signals { is_ragged };
        let layout = TextLayout::find(text, keys, purpose, source.path)?;
        let mut rows = layout.rows(text);
        let mut first = Row::default();
        let open = |quote| unclosed(source.path, quote);
        if !rows.next(&mut first).map_err(open)? {
            return Err(source.error("holds no rows"));
        }
        let missing = |has_header: bool| -> Result<Option<usize>, Error> {
            missing::place(&source, has_header.then_some(&first), layout.rows(text))
        };
        // Where a column is missing, what stands behind it is asked for by another number than it has here.
        let headless = missing(false);
        let mut cells = first.cells.clone();
        if let Ok(Some(place)) = headless {
            cells.resize(cells.len().max(place), "".into());
            cells.insert(place, "".into());
        }
        let has_header = has_header(&source, &cells, &layout);
        let unlabelled = match has_header {
            true => missing(true)?,
            false => headless?,
        };
        let mut names = match (&source.config.header, &layout.above) {
            (Some(Header::Names(names)), _) => {
                names.iter().map(|name| name.as_str().into()).collect()
            }
            (None, Some(above)) if !has_header => {
                above.iter().map(|name| name.as_str().into()).collect()
            }
            _ => first.cells.clone(),
        };
        let is_named = has_header
            || matches!(source.config.header, Some(Header::Names(_)))
            || source.config.header.is_none() && layout.above.is_some();
        if let Some(place) = unlabelled {
            // The first row may end before.
            names.resize(names.len().max(place), "".into());
            names.insert(place, "(no label)".into());
        }
        let names = names.iter().enumerate();
        let names = names.map(|(i, cell)| match cell.trim() {
            name if (is_named || unlabelled == Some(i)) && !name.is_empty() => name.to_owned(),
            _ => format!("c{}", i + 1),
        });
        let names: Vec<String> = names.collect();
        if !is_ragged {
            rows.expect(first.cells.len());
        }
        Ok(Self {
            written: vec![Written::PLAIN; names.len()],
            source,
            cells: has_header.then_some((first.cells.len(), first.cells.len())),
            names,
            has_header,
            first_line: first.line,
            pending: Some(first).filter(|_| !has_header),
            rows,
            unlabelled,
        })
    }

    /// Whether there is one row and no header.
    fn is_single(&self) -> bool {
        let mut second = Row::default();
        !self.has_header && self.rows.clone().next(&mut second) == Ok(false)
    }

    fn next(&mut self) -> Result<Option<Row<'a>>, Error> {
        let mut row = Row::default();
        if let Some(first) = self.pending.take() {
            row = first;
        } else {
            let found = self.rows.next(&mut row);
            if !found.map_err(|quote| unclosed(self.source.path, quote))? {
                return Ok(None);
            }
        }
        if let Some(place) = self.unlabelled.filter(|place| *place <= row.cells.len()) {
            row.cells.insert(place, "".into());
        }
        Ok(Some(row))
    }

    /// Decides from all rows how the numbers in the columns that hold values are written: each column by itself, or, where all
    /// are the steps of one series, all together.
    fn find_written(
        &mut self,
        is_value: impl Fn(usize) -> bool,
        are_alike: bool,
    ) -> Result<(), Error> {
        let (rows, pending) = (self.rows.clone(), self.pending.clone());
        let mut columns =
            vec![numbers::Column::default(); if are_alike { 1 } else { self.names.len() }];
        while let Some(row) = self.next()? {
            for (place, cell) in row.cells.iter().enumerate() {
                let cell = cell.trim();
                let at = if are_alike { 0 } else { place };
                if at < columns.len() && is_value(place) && !is_missing(cell) {
                    columns[at].add(cell);
                }
            }
        }
        (self.rows, self.pending) = (rows, pending);
        let config = self.source.config;
        let asked = numbers::Asked {
            allowed: numbers::allowed(config.decimal, config.thousands.as_deref()),
            delimiter: Some(self.rows.delimiter()),
        };
        let written = asked.decide(&columns).map_err(|at| {
            let name = if are_alike { "its values".into() } else { format!("column `{}`", start(&self.names[at])) };
            self.source.error(format!(
                "{name}: every mark has three digits behind it, so that \"1.005\" can be a decimal or a thousand; set \
                 data.decimal to \".\" or \",\" (data.thousands says what groups digits)"
            ))
        })?;
        self.written = match are_alike {
            true => vec![written[0]; self.names.len().max(1)],
            false => written,
        };
        Ok(())
    }

    /// How the numbers of a column are written.
    fn written(&self, place: usize) -> Written {
        let last = self.written.last().copied().unwrap_or(Written::PLAIN);
        self.written.get(place).copied().unwrap_or(last)
    }

    /// Counts the cells of a row that fits the others.
    fn count(&mut self, record: &Row<'_>) {
        if !self.has_header {
            let count = record.cells.len();
            let (fewest, most) = self.cells.unwrap_or((count, count));
            self.cells = Some((fewest.min(count), most.max(count)));
        }
    }

    /// A column as whoever wrote the file counts.
    fn shown(&self, place: usize) -> String {
        match self.unlabelled {
            Some(missing) if !self.has_header && place > missing => format!("c{place}"),
            _ => {
                let name = self.names.get(place);
                name.map_or_else(|| format!("c{}", place + 1), String::clone)
            }
        }
    }

    /// The error for a row with more or fewer cells than the first.
    fn ragged(&self, record: &Row<'_>) -> Error {
        let (mut record, mut expected) = (record.clone(), self.names.len());
        if let Some(place) = self.unlabelled {
            expected -= 1;
            if place < record.cells.len() {
                record.cells.remove(place);
            }
        }
        ragged(self.source.path, &record, expected, false)
    }

    /// Where a column is that `data.key` asks for.
    fn place(&self, column: &Column, key: &str) -> Result<usize, Error> {
        let place = match column {
            Column::Number(number) => number
                .checked_sub(1)
                .filter(|&place| place < self.names.len()),
            Column::Name(name) => self.names.iter().position(|known| known == name),
        };
        let place = place.ok_or_else(|| {
            let known = || self.names.iter().map(String::as_str);
            let name = column.to_string();
            Error::NoColumn {
                key: format!("{}, data.{key}", self.source.path.display()),
                nearest: match self.has_header {
                    true => names::nearest_phrase(&name, known()),
                    false => "; the first row is not taken for a header (see data.header)".into(),
                },
                name,
                columns: names::list(
                    known().map(|name| if name.is_empty() { "(no name)" } else { name }),
                    30,
                ),
            }
        })?;
        let name = &self.names[place];
        if self.names.iter().filter(|known| *known == name).count() > 1 {
            return Err(Error::DuplicateColumn {
                path: self.source.path.into(),
                line: self.first_line,
                name: start(name),
            });
        }
        Ok(place)
    }

    fn places(&self, columns: &Columns, key: &str) -> Result<Vec<usize>, Error> {
        columns
            .0
            .iter()
            .map(|column| self.place(column, key))
            .collect()
    }

    /// Where the column to learn is. It may be absent where it is not asked for, and where nothing is learned.
    fn label(&self) -> Result<Option<usize>, Error> {
        let config = self.source.config;
        let default = Column::Name("label".into());
        match self.place(config.label.as_ref().unwrap_or(&default), "label") {
            Err(Error::NoColumn { .. }) if config.label.is_none() || !self.source.needs_label => {
                Ok(None)
            }
            place => place.map(Some),
        }
    }

    /// The fields that rows have: the names they get and the columns they come from.
    fn fields(&self) -> Result<Vec<Field>, Error> {
        let config = self.source.config;
        let mut fields = Vec::new();
        let mut add = |name: &str, place: usize, is_label: bool| {
            if !fields.iter().any(|field: &Field| field.place == place) {
                fields.push(Field {
                    name: name.into(),
                    place,
                    is_label,
                });
            }
        };
        if let Some(place) = self.label()? {
            add(config.label_name(), place, true);
        }
        for (columns, key) in [(&config.id, "id"), (&config.fields, "fields")] {
            for column in &columns.0 {
                match self.place(column, key) {
                    Ok(place) => add(&self.names[place], place, false),
                    // Where nothing is learned, nothing need be known.
                    Err(Error::NoColumn { .. }) if key == "fields" && !self.source.needs_label => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(fields)
    }

    /// What a cell says of a sequence; `None` for an empty one that may be so.
    fn field(&self, field: &Field, record: &Row<'_>) -> Result<Option<String>, Error> {
        let text = record.cells.get(field.place).map_or("", |cell| cell.trim());
        match text {
            "" if field.is_label && !self.source.needs_label => Ok(None),
            "" => Err(self.source.row_error(
                record.line,
                format!("the column `{}` is empty", self.shown(field.place)),
            )),
            text => Ok(Some(text.to_owned())),
        }
    }

    /// The value in a cell; NaN for a missing one.
    fn value(&self, record: &Row<'_>, place: usize) -> Result<f64, Error> {
        let text = record.cells.get(place).map_or("", |cell| cell.trim());
        number(text, self.written(place)).map_err(|what| {
            let column = self.shown(place);
            let hint = match (text.trim().parse::<f64>(), self.source.config.columns.is_empty()) {
                (Err(_), true) => {
                    "; if the column holds no values, name it in data.label, data.id or data.fields, or those that do \
                     in data.columns"
                }
                _ => "",
            };
            self.source.row_error(record.line, format!("column `{}`: {what}{hint}", start(&column)))
        })
    }
}

/// A column that becomes a field.
struct Field {
    name: String,
    place: usize,
    is_label: bool,
}

fn has_header(source: &Source<'_>, first: &[Cow<'_, str>], layout: &TextLayout) -> bool {
    let config = source.config;
    match &config.header {
        Some(Header::Present(header)) => return *header,
        // Names that are given stand for those in the file.
        Some(Header::Names(names)) => return layout.names_columns && names.len() == first.len(),
        None if layout.is_data && layout.above.is_some() => return false,
        None => {}
    }
    let single = [&config.label, &config.steps, &config.time];
    let lists = [&config.id, &config.columns, &config.fields];
    let asked: Vec<&Column> = single
        .into_iter()
        .flatten()
        .chain(lists.into_iter().flat_map(|columns| &columns.0))
        .collect();
    // The label is asked for by its name in a table to predict, too, where the column may be absent.
    let has = |name: &str| first.iter().any(|cell| cell.trim() == name);
    let named = |column: &Column| match column {
        Column::Name(name) => {
            config.label.as_ref() != Some(column) || source.needs_label || has(name)
        }
        Column::Number(_) => false,
    };
    let is_text = |(place, cell): (usize, &Cow<'_, str>)| {
        let is_value = is_missing(cell.trim()) || numbers::is_number(cell);
        !asked.contains(&&Column::Number(place + 1)) && !is_value && !layout.is_data
    };
    asked.iter().any(|&column| named(column))
        || has("label")
        || first.iter().enumerate().any(is_text)
}
