//! The beginning of a table, whatever its columns hold.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::config::{Column, RowFormat, RowsConfig};
use super::table::{fields, filled};
use super::{Table, format};
use crate::Error;
use crate::source::csv::ragged;
use crate::source::dialect::{DialectConfig, Layout, Purpose, Row, unclosed};
use crate::source::load::Shape;
use crate::source::{open, text};

/// Bytes that are read at first; more where they do not hold two rows.
const BYTES: u64 = 1 << 20;

/// The first rows of a table, cells as they stand there.
#[derive(Debug, Default)]
pub struct TableHead {
    /// The names in the first row or, where it holds none, the numbers from 1.
    pub columns: Vec<Column>,
    /// Rows, the one with the names not among them. Of JSON lines, the values of the first row's keys.
    pub rows: Vec<Vec<String>>,
    /// What is wrong with the first of them that has more or fewer cells than the first row.
    pub ragged: Option<Error>,
}

/// Reads at most `most` rows of a table, and no more of a plain file than holds them. A first row of numbers, or one that says
/// the same twice, has no names.
///
/// # Errors
/// [`Error::FileMissing`] and [`Error::Io`]; [`Error::Undecodable`]; [`Error::Empty`]; [`Error::Json`] with its line;
/// [`Error::Config`] where neither name nor content of the file tells that it is a table.
pub fn read_head(file: &Path, most: usize) -> Result<TableHead, Error> {
    let config = RowsConfig {
        encoding: Some("auto".into()),
        ..RowsConfig::default()
    };
    let format = format(&config, file)?;
    let is_plain = matches!(format, RowFormat::Csv | RowFormat::Tsv | RowFormat::Jsonl)
        && !open::is_stdin(file)
        && open::peek(file)?.1 == file;
    if !is_plain {
        let table = Table::load(&config, format, file)?;
        let mut head = TableHead::default();
        let is_json = table.loaded.shape == Shape::JsonLines;
        head.read(&table.loaded.text, is_json, &table.keys, file, most)?;
        return head.finish(is_json, file, most);
    }
    let is_json = format == RowFormat::Jsonl;
    let mut bytes = BYTES;
    loop {
        let (beginning, is_whole) = beginning(file, bytes)?;
        let (text, _) = text::decode(beginning, "auto", file)?;
        let mut keys = DialectConfig::default();
        let first = text.lines().next().unwrap_or_default();
        if format == RowFormat::Tsv && first.contains('\t') {
            keys.delimiter = Some('\t');
        }
        let mut head = TableHead::default();
        let found = head.read(&text, is_json, &keys, file, most);
        // One row more than is asked for: the last may go on, in quotes, behind what was read.
        if !is_whole && head.rows.len() < most + 2 {
            bytes *= 2;
            continue;
        }
        found?;
        return head.finish(is_json, file, most);
    }
}

/// So many bytes of a file, less the line that they end in, and whether that is all of it.
fn beginning(file: &Path, most: u64) -> Result<(Vec<u8>, bool), Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: file.into(),
        source,
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(failed)?;
    opened.take(most).read_to_end(&mut bytes).map_err(failed)?;
    let is_whole = (bytes.len() as u64) < most;
    // A line of UTF-16 ends with two bytes.
    let is_wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if is_wide && !is_whole {
        return std::fs::read(file)
            .map(|bytes| (bytes, true))
            .map_err(failed);
    }
    if !is_whole && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
        bytes.truncate(end + 1);
    }
    Ok((bytes, is_whole))
}

impl TableHead {
    fn read(
        &mut self,
        text: &str,
        is_json: bool,
        keys: &DialectConfig,
        file: &Path,
        most: usize,
    ) -> Result<(), Error> {
        match is_json {
            true => self.json(text, file, most),
            false => self.delimited(text, keys, file, most),
        }
    }

    fn finish(mut self, is_json: bool, file: &Path, most: usize) -> Result<Self, Error> {
        self.rows.truncate(most + 1);
        self.take_names(is_json);
        match self.columns.is_empty() {
            false => Ok(self),
            true => Err(Error::Empty {
                path: file.into(),
                what: "has no rows",
            }),
        }
    }

    fn delimited(
        &mut self,
        text: &str,
        keys: &DialectConfig,
        file: &Path,
        most: usize,
    ) -> Result<(), Error> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let layout = Layout::find(text, keys, Purpose::Series, file)?;
        let (mut rows, mut row) = (layout.rows(text), Row::default());
        while self.rows.len() < most + 2
            && rows.next(&mut row).map_err(|quote| unclosed(file, quote))?
        {
            let cells = row.cells.iter().map(|cell| cell.to_string()).collect();
            self.add(cells, most, |expected| ragged(file, &row, expected, false));
            rows.expect(self.rows[0].len());
        }
        Ok(())
    }

    /// The keys of the first row, and of all rows what those hold.
    fn json(&mut self, text: &str, file: &Path, most: usize) -> Result<(), Error> {
        for (line, content) in filled(text).take(most + 1) {
            let fields = fields(content, file, line)?;
            if self.rows.is_empty() {
                let keys = fields.iter().map(|(key, _)| key.clone());
                self.rows.push(keys.collect());
            }
            let cell = |key: &String| {
                let value = fields.iter().find(|(other, _)| other == key);
                match value {
                    None | Some((_, Value::Null)) => String::new(),
                    Some((_, Value::String(text))) => text.clone(),
                    Some((_, value)) => value.to_string(),
                }
            };
            let cells = self.rows[0].iter().map(cell).collect();
            self.rows.push(cells);
        }
        Ok(())
    }

    fn add(&mut self, cells: Vec<String>, most: usize, error: impl FnOnce(usize) -> Error) {
        let expected = self.rows.first().map_or(cells.len(), Vec::len);
        if expected != cells.len() && self.ragged.is_none() && self.rows.len() <= most {
            self.ragged = Some(error(expected));
        }
        self.rows.push(cells);
    }

    /// Makes the names of columns of the first row, if it has some.
    fn take_names(&mut self, is_json: bool) {
        let Some(first) = self.rows.first() else {
            return;
        };
        let names: Vec<&str> = first.iter().map(|cell| cell.trim()).collect();
        let twice = (1..names.len()).any(|at| names[..at].contains(&names[at]));
        let numbers = names.iter().all(|name| name.parse::<f64>().is_ok());
        if !is_json && (twice || numbers) {
            self.columns = (1..=names.len()).map(Column::Number).collect();
            return;
        }
        self.columns = names.into_iter().map(Column::from).collect();
        self.rows.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::support::with_files;

    fn head(name: &str, text: &str, most: usize) -> Result<TableHead, String> {
        with_files(&[(name, text.as_bytes())], |base| {
            read_head(&base.join(name), most)
        })
    }

    #[test]
    fn names_numbers_and_rows_that_differ() {
        let found = head("a.csv", "x,y\n1,\n\n3,4,5\n6,7\n", 2).unwrap();
        assert_eq!(found.columns, ["x", "y"].map(Column::from));
        assert_eq!(found.rows, [vec!["1", ""], vec!["3", "4", "5"]]);
        let message = found.ragged.unwrap().to_string();
        assert!(message.contains("line 4: expected 2 cells"), "{message}");
        let found = head("a.tsv", "1\t2\n3\t4\n", 9).unwrap();
        assert_eq!(found.columns, [1, 2].map(Column::from));
        assert_eq!((found.rows.len(), found.ragged.is_none()), (2, true));
        // Who says the same twice gives no names.
        let found = head("a.csv", "a,a\nb,b\n", 9).unwrap();
        assert_eq!(found.columns, [1, 2].map(Column::from));
        let found = head("a.jsonl", "{\"x\": 1, \"1\": \"z\"}\n{\"1\": null}\n", 9).unwrap();
        assert_eq!(found.columns, ["x", "1"].map(Column::from));
        assert_eq!(found.rows, [["1", "z"], ["", ""]]);
        let fails = |name: &str, text: &str, says: &str| {
            let message = head(name, text, 9).unwrap_err();
            assert!(message.contains(says), "{message}");
        };
        fails("a.csv", "\n \n", "has no rows");
        fails("a.jsonl", "{\"x\": 1}\n{\n", "line 2");
        fails("a.wav", "x", "a.wav");
        assert!(read_head(Path::new("none.csv"), 1).is_err());
    }

    #[test]
    fn no_more_is_read_than_is_asked_for() {
        // What is broken far behind the beginning is not seen; a cell longer than what is read at first is whole.
        let long = "x".repeat(BYTES as usize + 100);
        let text = format!(
            "a,b\n1,\"{long}\n{long}\"\n{}",
            "2,y\n".repeat(2 * BYTES as usize)
        );
        let mut bytes = text.into_bytes();
        bytes.extend(b"\xff\xff,1,1,1\n");
        let found = with_files(&[("a.csv", &bytes)], |base| {
            read_head(&base.join("a.csv"), 3)
        });
        let found = found.unwrap();
        assert_eq!(found.rows[0][1].len(), 2 * long.len() + 1);
        assert_eq!(found.rows[1..], [["2", "y"], ["2", "y"]]);
        assert!(found.ragged.is_none());
    }
}
