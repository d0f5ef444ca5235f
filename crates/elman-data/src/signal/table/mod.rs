//! Sequences in tables: a row each (wide), or a row for each step (long).

mod long;
mod missing;
mod wide;

use super::config::{Columns, Format, Layout};
use super::open::{Contents, Source, number, start};
use crate::source::csv::{Record, Records, ragged};
use crate::text::Column;
use crate::{Error, names};
pub use missing::LearnedTables;

pub(super) fn read(source: Source<'_>, format: Format) -> Result<Contents, Error> {
    let text = source.text()?;
    let table = Table::new(source, &text, format)?;
    match source.config.layout() {
        // A file of a single row is a sequence of its cells, not of one step.
        Layout::Long if !source.config.is_long_by_key() && !table.has_header => {
            let mut rows = Records::new(&text, "#", delimiter(&source, format))?;
            rows.next();
            match rows.next() {
                Some(_) => long::read(table),
                None => wide::read(table),
            }
        }
        Layout::Wide => wide::read(table),
        Layout::Long => long::read(table),
    }
}

fn delimiter(source: &Source<'_>, format: Format) -> Option<char> {
    match format {
        Format::Tsv => Some('\t'),
        _ => source.config.delimiter,
    }
}

/// The rows of a table, and where its columns are.
struct Table<'a> {
    source: Source<'a>,
    records: Records<'a>,
    /// The names in the header, or `c1`, `c2`, … without one, as a recipe counts.
    names: Vec<String>,
    has_header: bool,
    /// The line of the header or first row.
    first_line: u64,
    /// The first row, where it is no header.
    pending: Option<Record>,
    /// Fewest and most cells of the rows that were counted so far, or of the header.
    cells: Option<(usize, usize)>,
    /// Where the column of labels would be, in a table that has none. An empty cell stands in for it, so that all other columns are
    /// where a recipe says.
    unlabelled: Option<usize>,
}

impl<'a> Table<'a> {
    fn new(source: Source<'a>, text: &'a str, format: Format) -> Result<Self, Error> {
        let delimiter = delimiter(&source, format);
        let mut records = Records::new(text, "#", delimiter)?;
        let first = records.next().ok_or_else(|| Error::Empty {
            path: source.path.into(),
            what: "holds only comments",
        })?;
        let missing = |has_header: bool| -> Result<Option<usize>, Error> {
            let rows = || Records::new(text, "#", delimiter);
            missing::place(&source, has_header.then_some(&first), rows)
        };
        // Where a column is missing, what stands behind it is asked for by another number than it has here.
        let headless = missing(false);
        let mut cells = first.cells.clone();
        if let Ok(Some(place)) = headless {
            cells.resize(cells.len().max(place), String::new());
            cells.insert(place, String::new());
        }
        let has_header = has_header(&source, &cells);
        let unlabelled = match has_header {
            true => missing(true)?,
            false => headless?,
        };
        let mut names = first.cells.clone();
        if let Some(place) = unlabelled {
            // The first row may end before.
            names.resize(names.len().max(place), String::new());
            names.insert(place, "(no label)".into());
        }
        let names = names.iter().enumerate();
        let names = names.map(|(i, cell)| match cell.trim() {
            name if (has_header || unlabelled == Some(i)) && !name.is_empty() => name.to_owned(),
            _ => format!("c{}", i + 1),
        });
        let names = names.collect();
        Ok(Self {
            source,
            cells: has_header.then_some((first.cells.len(), first.cells.len())),
            names,
            has_header,
            first_line: first.line,
            pending: Some(first).filter(|_| !has_header),
            records,
            unlabelled,
        })
    }

    fn next(&mut self) -> Option<Record> {
        let mut record = self.pending.take().or_else(|| self.records.next())?;
        if let Some(place) = self.unlabelled.filter(|place| *place <= record.cells.len()) {
            record.cells.insert(place, String::new());
        }
        Some(record)
    }

    /// Counts the cells of a row that fits the others.
    fn count(&mut self, record: &Record) {
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
    fn ragged(&self, record: &Record) -> Error {
        let (mut record, mut expected) = (record.clone(), self.names.len());
        if let Some(place) = self.unlabelled {
            expected -= 1;
            if place < record.cells.len() {
                record.cells.remove(place);
            }
        }
        ragged(
            self.source.path,
            &record,
            expected,
            false,
            self.records.at_end(),
        )
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
    fn field(&self, field: &Field, record: &Record) -> Result<Option<String>, Error> {
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
    fn value(&self, record: &Record, place: usize) -> Result<f64, Error> {
        let text = record.cells.get(place).map_or("", String::as_str);
        number(text).map_err(|what| {
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

fn has_header(source: &Source<'_>, first: &[String]) -> bool {
    let config = source.config;
    if let Some(header) = config.header {
        return header;
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
    let is_text = |(place, cell): (usize, &String)| {
        !asked.contains(&&Column::Number(place + 1)) && number(cell).is_err()
    };
    asked.iter().any(|&column| named(column))
        || has("label")
        || first.iter().enumerate().any(is_text)
}
