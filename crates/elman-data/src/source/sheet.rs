//! A sheet of a workbook, as the text that a table would be.

use std::fmt::Write;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Sheets, open_workbook_auto_from_rs};
use zip::ZipArchive;

use super::open::Packing;
use crate::caught::caught;
use crate::columns::csv_cell;
use crate::{Error, names};

/// Empty rows and columns that may stand between cells, for each byte of the file.
const EMPTY: usize = 4;

/// The rows of a sheet, between commas, and the sheet's name. Rows without cells are blank lines, so that row and line agree.
///
/// # Errors
/// [`Error::Sheet`] if the workbook is damaged, has no such sheet, or several that hold rows.
pub(super) fn read(
    bytes: &[u8],
    sheet: Option<&str>,
    path: &Path,
) -> Result<(String, String), Error> {
    check(bytes, path)?;
    // Damaged workbooks break what the reader assumes here and there; a file must never end the program.
    caught(|| decode(bytes, sheet, path))
        .unwrap_or_else(|| Err(error(path, "is a damaged workbook")))
}

fn error(path: &Path, message: impl Into<String>) -> Error {
    Error::Sheet {
        path: path.into(),
        message: message.into(),
    }
}

/// Refuses a workbook that unpacks to far more than it should, or repeats cells without end.
fn check(bytes: &[u8], path: &Path) -> Result<(), Error> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Ok(()); // An old workbook is not packed.
    };
    let mut most = Packing::most(bytes.len());
    for place in 0..archive.len() {
        let file = archive
            .by_index(place)
            .map_err(|reason| error(path, format!("is a damaged workbook: {reason}")))?;
        let is_content = file.name().is_ok_and(|name| name == "content.xml");
        let mut unpacked = Vec::new();
        let mut reader = file.take(most + 1);
        let size = match is_content {
            true => reader.read_to_end(&mut unpacked).map(|size| size as u64),
            false => std::io::copy(&mut reader, &mut std::io::sink()),
        };
        let size =
            size.map_err(|reason| error(path, format!("is a damaged workbook: {reason}")))?;
        if size > most {
            return Err(Packing::too_large(bytes.len(), path));
        }
        most -= size;
        if is_content && repeats(&unpacked) > EMPTY * (unpacked.len() + (1 << 20)) {
            return Err(error(path, "repeats cells without end; save it as CSV"));
        }
    }
    Ok(())
}

/// Cells that the rows of an OpenDocument sheet stand for, empty ones at the ends aside.
fn repeats(content: &[u8]) -> usize {
    let text = String::from_utf8_lossy(content);
    let count = |tag: &str, key: &str| -> usize {
        let value = tag
            .split_once(key)
            .and_then(|(_, rest)| rest.strip_prefix("=\""));
        let digits = value.and_then(|value| value.split('"').next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
    };
    let (mut all, mut rows, mut open_rows) = (0usize, 1usize, 0usize);
    let (mut width, mut open) = (0usize, 0usize);
    for tag in text.split('<') {
        if tag.starts_with("table:table-row") {
            (rows, width, open) = (count(tag, "number-rows-repeated"), 0, 0);
        } else if tag.starts_with("table:table-cell") || tag.starts_with("table:covered-table-cell")
        {
            open = open.saturating_add(count(tag, "number-columns-repeated"));
            if tag.contains("office:value-type") || !tag.contains("/>") {
                width = width.saturating_add(std::mem::take(&mut open));
            }
        } else if tag.starts_with("/table:table-row") {
            if width == 0 {
                open_rows = open_rows.saturating_add(rows);
                continue;
            }
            let height = rows.saturating_add(std::mem::take(&mut open_rows));
            all = all.saturating_add(height.saturating_mul(width));
        } else if tag.starts_with("/table:table") {
            open_rows = 0;
        }
    }
    all
}

fn decode(bytes: &[u8], sheet: Option<&str>, path: &Path) -> Result<(String, String), Error> {
    let damaged =
        |reason: calamine::Error| error(path, format!("is no workbook that can be read: {reason}"));
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(damaged)?;
    let known = book.sheet_names();
    let list = || names::list(known.iter().map(String::as_str), 20);
    if let Some(asked) = sheet {
        let Some(name) = known.iter().find(|name| *name == asked) else {
            let near = names::nearest_phrase(asked, known.iter().map(String::as_str));
            return Err(Error::Config {
                key: "data.sheet".into(),
                message: format!(
                    "`{}` has no sheet `{asked}`{near}; its sheets are: {}",
                    path.display(),
                    list()
                ),
            });
        };
        let text = rows(&mut book, name, bytes.len(), path)?;
        return Ok((text, name.clone()));
    }
    let mut found: Option<(String, String)> = None;
    for name in &known {
        let text = rows(&mut book, name, bytes.len(), path)?;
        if text.trim().is_empty() {
            continue;
        }
        if let Some((_, first)) = &found {
            return Err(Error::Config {
                key: "data.sheet".into(),
                message: format!(
                    "`{}` has several sheets with rows (`{first}`, `{name}`); set it to the one that is meant; all are: {}",
                    path.display(),
                    list()
                ),
            });
        }
        found = Some((text, name.clone()));
    }
    found.ok_or_else(|| error(path, "is a workbook without rows"))
}

/// The rows of a sheet, between commas.
fn rows(
    book: &mut Sheets<Cursor<&[u8]>>,
    name: &str,
    size: usize,
    path: &Path,
) -> Result<String, Error> {
    let damaged = |reason: &dyn std::fmt::Display| {
        error(path, format!("sheet `{name}` cannot be read: {reason}"))
    };
    let mut out = Text {
        text: String::new(),
        row: 0,
        column: 0,
        most: EMPTY * (size + (1 << 20)),
        path,
    };
    // A range is a rectangle over all cells, which two far from each other make immense; so cells are read one by one.
    match book {
        Sheets::Xlsx(book) => {
            let mut cells = book.worksheet_cells_reader(name).map_err(|e| damaged(&e))?;
            while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
                let (row, column) = cell.get_position();
                out.push(
                    row as usize,
                    column as usize,
                    &shown_ref(cell.get_value(), name, (row, column), path)?,
                )?;
            }
        }
        Sheets::Xlsb(book) => {
            let mut cells = book.worksheet_cells_reader(name).map_err(|e| damaged(&e))?;
            while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
                let (row, column) = cell.get_position();
                out.push(
                    row as usize,
                    column as usize,
                    &shown_ref(cell.get_value(), name, (row, column), path)?,
                )?;
            }
        }
        book => {
            let range = book.worksheet_range(name).map_err(|e| damaged(&e))?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, cell) in range.used_cells() {
                let at = (top + row as u32, left + column as u32);
                out.push(at.0 as usize, at.1 as usize, &shown(cell, name, at, path)?)?;
            }
        }
    }
    Ok(out.finish())
}

/// Cells in the order of rows, as text between commas.
struct Text<'a> {
    text: String,
    row: usize,
    column: usize,
    /// Empty cells and rows that may yet be written.
    most: usize,
    path: &'a Path,
}

impl Text<'_> {
    fn push(&mut self, row: usize, column: usize, cell: &str) -> Result<(), Error> {
        if cell.is_empty() {
            return Ok(());
        }
        let gap = match row == self.row {
            true => column.saturating_sub(self.column),
            false => row.saturating_sub(self.row) + column,
        };
        self.most = self.most.checked_sub(gap).ok_or_else(|| {
            error(
                self.path,
                "has cells too far from each other to be a table; save the table alone, as CSV",
            )
        })?;
        while self.row < row {
            self.text.push('\n');
            self.row += 1;
            self.column = 0;
        }
        while self.column < column {
            self.text.push(',');
            self.column += 1;
        }
        self.text.push_str(&csv_cell(cell));
        Ok(())
    }

    /// The text, with as many cells in each row as in the widest.
    fn finish(self) -> String {
        let Self { text, .. } = self;
        let dialect = super::dialect::Dialect::default();
        let (mut widths, mut row) = (Vec::new(), super::dialect::Row::default());
        let mut rows = super::dialect::Rows::new(&text, dialect);
        while rows.next(&mut row) == Ok(true) {
            widths.push((row.line, row.lines, row.cells.len()));
        }
        let most = widths.iter().map(|(.., width)| *width).max().unwrap_or(0);
        let mut missing = widths
            .iter()
            .map(|(line, lines, width)| (line + lines - 1, most - width));
        let mut next = missing.next();
        let mut even = String::with_capacity(text.len());
        for (line, content) in (1u64..).zip(text.split('\n')) {
            even.push_str(content);
            if let Some((_, cells)) = next.filter(|(last, _)| *last == line) {
                even.extend(std::iter::repeat_n(',', cells));
                next = missing.next();
            }
            even.push('\n');
        }
        even
    }
}

fn shown_ref(
    cell: &DataRef<'_>,
    sheet: &str,
    at: (u32, u32),
    path: &Path,
) -> Result<String, Error> {
    match cell {
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        cell => shown(&Data::from(cell.clone()), sheet, at, path),
    }
}

/// A cell as a table would have it: numbers with all their digits, times in ISO 8601.
fn shown(
    cell: &Data,
    sheet: &str,
    (row, column): (u32, u32),
    path: &Path,
) -> Result<String, Error> {
    Ok(match cell {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::DateTime(time) => shown_time(time),
        Data::Error(calamine::CellErrorType::NA | calamine::CellErrorType::Null) => String::new(),
        Data::Error(kind) => {
            let message = format!(
                "sheet `{sheet}`, row {}, column {}: the cell holds the error {kind}; correct its formula, or clear it",
                row + 1,
                letters(column)
            );
            return Err(error(path, message));
        }
    })
}

fn shown_time(time: &ExcelDateTime) -> String {
    if !time.is_datetime() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if time.as_f64() < 1.0 {
        text.clear(); // A clock time alone.
    }
    if (hour, minute, second, milli) != (0, 0, 0, 0) || text.is_empty() {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{hour:02}:{minute:02}:{second:02}");
        if milli != 0 {
            let _ = write!(text, ".{milli:03}");
        }
    }
    text
}

/// The letters of a column, from 0: A, B, …, Z, AA.
fn letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.insert(0, char::from(b'A' + (column % 26) as u8));
        if column < 26 {
            return letters.into_iter().collect();
        }
        column = column / 26 - 1;
    }
}
