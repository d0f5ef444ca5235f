//! Delimited text as a table.

use std::path::Path;

use super::dialect::{DialectConfig, Header, Layout, Purpose, Row, Rows, unclosed};
use super::places::Place;
use super::table::{Cells, Table};
use super::texts::Columns;
use crate::Error;

/// A table, and in words how it is written.
pub(super) fn read(
    text: String,
    keys: &DialectConfig,
    path: &Path,
) -> Result<(Table, String), Error> {
    let layout = Layout::find(&text, keys, Purpose::Series, path)?;
    let mut reader = Reader {
        path,
        rows: layout.rows(&text),
        row: Row::default(),
        is_named: matches!(keys.header, Some(Header::Names(_))),
        drops_last: layout.is_trailing,
        drops_first: false,
    };
    if !reader.next()? {
        return Err(empty(path, "is empty"));
    }
    let head = reader.head(&layout, keys)?;
    let mut table = Table::new(path, false, head.names, layout.line)?;
    table.delimiter = Some(layout.dialect.delimiter);
    let width = table.names.len();
    if width == 0 {
        return Err(ragged(path, &reader.row, 0, reader.is_named));
    }
    reader.rows.expect(width + usize::from(reader.drops_first));
    let mut columns = Columns::new(width, most_rows(&text, width));
    let mut is_pending = head.is_row;
    let mut blank = 0;
    while std::mem::take(&mut is_pending) || reader.next()? {
        if layout
            .units
            .as_ref()
            .is_some_and(|(line, _)| *line == reader.row.line)
        {
            continue;
        }
        let cells = reader.cells(width)?;
        let is_blank = cells.iter().all(|cell| cell.trim().is_empty());
        blank = if is_blank { blank + 1 } else { 0 };
        columns.push(&text, reader.row.at, cells);
        table.places.push(Place {
            file: 0,
            line: reader.row.line,
        });
    }
    // Spreadsheets end with rows in which nothing stands.
    if width > 1 && blank > 0 {
        let rows = table.len() - blank;
        table.places.truncate(rows);
        columns.truncate(rows);
    }
    if table.len() == 0 {
        return Err(empty(path, "has a header but no rows"));
    }
    let mut found = layout.clone();
    found.comments += reader.rows.comments;
    let mut words = found.describe(&head.words);
    if width > 1 && blank > 0 {
        words += &format!(", {blank} empty rows at the end passed over");
    }
    table.columns = columns.finish(text).map(Cells::Text).collect();
    Ok((table, words))
}

/// More rows of `width` cells than a text can hold: each ends with a line, and has a delimiter between its cells.
fn most_rows(text: &str, width: usize) -> usize {
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    1 + lines.min(text.len() / width)
}

fn empty(path: &Path, what: &'static str) -> Error {
    Error::Empty {
        path: path.into(),
        what,
    }
}

struct Reader<'t> {
    path: &'t Path,
    rows: Rows<'t>,
    row: Row<'t>,
    /// `data.header` gives the names.
    is_named: bool,
    /// Nothing stands behind the last delimiter.
    drops_last: bool,
    /// The first cell of each row is its name, which is no value.
    drops_first: bool,
}

/// The names of the columns.
struct Head {
    names: Vec<String>,
    /// The first row is not them.
    is_row: bool,
    words: String,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<bool, Error> {
        let found = self.rows.next(&mut self.row);
        found.map_err(|quote| unclosed(self.path, quote))
    }

    /// Who names the columns: the first row, a comment above it, or the configuration.
    fn head(&mut self, layout: &Layout, keys: &DialectConfig) -> Result<Head, Error> {
        let line = layout.line;
        let mut first: Vec<String> = self.row.cells.iter().map(|cell| cell.to_string()).collect();
        if layout.is_trailing && first.last().is_some_and(|cell| cell.trim().is_empty()) {
            first.pop();
        }
        let numbered = (1..=first.len()).map(|i| format!("c{i}")).collect();
        let head = |names, is_row, words: String| Head {
            names,
            is_row,
            words,
        };
        Ok(match (&keys.header, &layout.above) {
            (None, Some(above)) if layout.is_data => {
                let mut above = above.clone();
                above.truncate(first.len());
                let words = format!("names in the comment above line {line}");
                head(above, true, words)
            }
            (None, _) if layout.is_data => {
                return Err(Error::HeaderIsData {
                    path: self.path.into(),
                    line,
                    names: proposed(&first),
                });
            }
            (None | Some(Header::Present(true)), _) => {
                let words = format!("header on line {line}");
                if layout.has_row_names {
                    self.next()?;
                    let name = self.row.cells.first().map_or("", |cell| cell.trim());
                    // Names that are numbers count the rows; others may be times.
                    self.drops_first = name.parse::<f64>().is_ok();
                    if !self.drops_first {
                        first.insert(0, "row".into());
                    }
                    let words = match self.drops_first {
                        true => words + ", the numbers of the rows passed over",
                        false => words + ", the names of the rows in column `row`",
                    };
                    return Ok(head(first, true, words));
                }
                head(first, false, words)
            }
            (Some(Header::Present(false)), _) => head(numbered, true, "no header".into()),
            (Some(Header::Names(names)), _) => {
                let is_header = layout.names_columns && names.len() == first.len();
                let words = match is_header {
                    true => format!("names in data.header, not those on line {line}"),
                    false => "names in data.header".into(),
                };
                head(names.clone(), !is_header, words)
            }
        })
    }

    /// The cells of the row that are values, which are `width`.
    fn cells(&self, width: usize) -> Result<&[std::borrow::Cow<'_, str>], Error> {
        let mut cells = &self.row.cells[usize::from(self.drops_first)..];
        if self.drops_last
            && cells.len() == width + 1
            && cells.last().is_some_and(|cell| cell.trim().is_empty())
        {
            cells = &cells[..width];
        }
        if cells.len() == width {
            Ok(cells)
        } else {
            Err(ragged(self.path, &self.row, width, self.is_named))
        }
    }
}

/// Places for the names of a file without a header.
fn proposed(first: &[String]) -> String {
    match first.len() {
        more @ 4.. => format!("\"…\", \"…\", … ({more} names)"),
        few => vec!["\"…\""; few].join(", "),
    }
}

/// The error for a row of more or fewer cells than the header has.
pub(crate) fn ragged(path: &Path, row: &Row<'_>, expected: usize, named: bool) -> Error {
    let found = row.cells.len();
    let begins_as_comment = row
        .cells
        .first()
        .is_some_and(|cell| cell.trim_start().starts_with('#'));
    let hint = if begins_as_comment {
        "; below the header a line that begins with # is a row; if it is a comment, set data.comment = \"#\""
    } else if named {
        " (data.header gives the names)"
    } else if found == 1 {
        "; if the delimiter is another one, set data.delimiter"
    } else if found > expected {
        "; a cell that holds the delimiter must stand in quotes"
    } else {
        ""
    };
    Error::Ragged {
        path: path.into(),
        line: row.line,
        expected,
        found,
        hint: hint.into(),
    }
}
