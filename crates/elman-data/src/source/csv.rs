//! Delimited text.
//!
//! Records are found by `csv-core`; comments, blank lines and line numbers are kept here, because a message must name
//! the line a person sees in an editor, and quoted cells may hold line ends.

use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::config::{Header, SourceConfig};
use super::table::{Cells, Place, Table, Texts};
use crate::Error;

pub(super) fn read(text: &str, config: &SourceConfig, path: &Path) -> Result<Table, Error> {
    let mut records = Records::new(text, &config.comment, config.delimiter)?;
    let empty = |what| Error::Empty {
        path: path.into(),
        what,
    };
    let Some(first) = records.next() else {
        return Err(empty(if text.trim().is_empty() {
            "is empty"
        } else {
            "holds only comments"
        }));
    };
    let (names, mut pending) = match &config.header {
        Header::Present(true)
            if first
                .cells
                .iter()
                .all(|cell| cell.trim().parse::<f64>().is_ok()) =>
        {
            let names = records.proposed_names(&first);
            return Err(Error::HeaderIsData {
                path: path.into(),
                line: first.line,
                names,
            });
        }
        Header::Present(true) => (first.cells.clone(), None),
        Header::Present(false) => (
            (1..=first.cells.len()).map(|i| format!("c{i}")).collect(),
            Some(first.clone()),
        ),
        Header::Names(names) => (names.clone(), Some(first.clone())),
    };
    let mut table = Table::new(path, false, names, first.line)?;
    let mut columns: Vec<Texts> = table.names.iter().map(|_| Texts::default()).collect();
    while let Some(record) = pending.take().or_else(|| records.next()) {
        if record.cells.len() != columns.len() {
            return Err(ragged(
                path,
                &record,
                columns.len(),
                matches!(config.header, Header::Names(_)),
                records.at_end(),
            ));
        }
        columns
            .iter_mut()
            .zip(&record.cells)
            .for_each(|(column, cell)| column.push(cell));
        table.places.push(Place {
            file: 0,
            line: record.line,
        });
    }
    if table.places.is_empty() {
        return Err(empty("has a header but no rows"));
    }
    table.columns = columns.into_iter().map(Cells::Text).collect();
    Ok(table)
}

pub(crate) fn ragged(
    path: &Path,
    record: &Record,
    expected: usize,
    named: bool,
    at_end: bool,
) -> Error {
    let hint = if at_end && record.lines > 1 {
        "; a quote is opened there and never closed"
    } else if named {
        " (data.header gives the names)"
    } else if record.cells.len() == 1 {
        "; if the delimiter is another one, set data.delimiter"
    } else if record.cells.len() > expected {
        "; a cell that holds the delimiter must stand in quotes"
    } else {
        ""
    };
    Error::Ragged {
        path: path.into(),
        line: record.line,
        expected,
        found: record.cells.len(),
        hint: hint.into(),
    }
}

#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) cells: Vec<String>,
    /// Line on which it begins, from 1.
    pub(crate) line: u64,
    /// Lines it spans.
    lines: u64,
}

/// The records of a text with `\n` line ends.
pub(crate) struct Records<'a> {
    text: &'a str,
    position: usize,
    line: u64,
    comment: &'a str,
    delimiter: u8,
    reader: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(
        text: &'a str,
        comment: &'a str,
        delimiter: Option<char>,
    ) -> Result<Self, Error> {
        let mut records = Self {
            text,
            position: 0,
            line: 1,
            comment,
            delimiter: b',',
            reader: Reader::new(),
            bytes: vec![0; 1024],
            ends: vec![0; 64],
        };
        records.skip_to_record();
        let delimiter = match delimiter {
            Some(given) => u8::try_from(given).ok().filter(|b| b.is_ascii() && !matches!(b, b'"' | b'\n' | b'\r')).ok_or_else(|| {
                Error::Config { key: "data.delimiter".into(), message: format!("{given:?} cannot separate cells; use an ASCII character such as \",\" or \"\\t\"") }
            })?,
            None => guess_delimiter(records.text[records.position..].lines().next().unwrap_or_default()),
        };
        records.delimiter = delimiter;
        records.reader = ReaderBuilder::new().delimiter(delimiter).build();
        Ok(records)
    }

    pub(crate) fn at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    /// Names for a file without a header: the comment just above the first row, if it has as many cells as the row.
    fn proposed_names(&self, first: &Record) -> String {
        let above = self
            .text
            .lines()
            .take(first.line as usize - 1)
            .filter(|line| !line.trim().is_empty())
            .last();
        let cells: Vec<&str> = above.map_or(Vec::new(), |line| {
            let words = line.trim_start().trim_start_matches(self.comment);
            words
                .split(char::from(self.delimiter))
                .map(str::trim)
                .collect()
        });
        if cells.len() == first.cells.len() && cells.iter().all(|cell| !cell.is_empty()) {
            cells
                .iter()
                .map(|cell| format!("{cell:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        } else {
            "\"open\", \"high\", …".into()
        }
    }

    /// Passes blank lines and comments.
    fn skip_to_record(&mut self) {
        while !self.at_end() {
            let rest = &self.text[self.position..];
            let line = rest.split('\n').next().unwrap_or_default();
            let comment = !self.comment.is_empty() && line.trim_start().starts_with(self.comment);
            if !comment && !line.trim().is_empty() {
                return;
            }
            self.position = (self.position + line.len() + 1).min(self.text.len());
            self.line += 1;
        }
    }

    pub(crate) fn next(&mut self) -> Option<Record> {
        self.skip_to_record();
        if self.at_end() {
            return None;
        }
        let (start, line) = (self.position, self.line);
        let (mut written, mut cells) = (0, 0);
        loop {
            let input = &self.text.as_bytes()[self.position..];
            let (result, read, out, ends) =
                self.reader
                    .read_record(input, &mut self.bytes[written..], &mut self.ends[cells..]);
            self.position += read;
            written += out;
            cells += ends;
            match result {
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                // The end of the text also ends the record; the reader asks once more, with no input left.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let lines = self.text[start..self.position].matches('\n').count() as u64;
        self.line += lines;
        let cell = |i: usize| {
            let from = if i == 0 { 0 } else { self.ends[i - 1] };
            String::from_utf8_lossy(&self.bytes[from..self.ends[i]]).into_owned()
        };
        Some(Record {
            cells: (0..cells).map(cell).collect(),
            line,
            lines,
        })
    }
}

/// The commonest of the usual delimiters outside quotes; a comma when there is none.
fn guess_delimiter(header: &str) -> u8 {
    let count = |delimiter: char| {
        let mut quoted = false;
        header
            .chars()
            .filter(|&c| {
                quoted ^= c == '"';
                c == delimiter && !quoted
            })
            .count()
    };
    // The first of equals wins, so they stand from the likeliest to the least likely.
    [',', ';', '\t', '|']
        .into_iter()
        .rev()
        .max_by_key(|&d| count(d))
        .filter(|&d| count(d) > 0)
        .unwrap_or(',') as u8
}
