//! The beginning of a table, whatever its columns hold.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::config::{Column, RowFormat, RowsConfig};
use super::format;
use super::table::{fields, filled, tabbed, uneven};
use crate::Error;
use crate::source::csv::{Records, ragged};
use crate::source::{files, text};

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

/// Reads at most `most` rows of a CSV, TSV or JSON lines file in UTF-8, and no more of the file than holds them. A first row of
/// numbers, or one that says the same twice, has no names.
///
/// # Errors
/// [`Error::FileMissing`] and [`Error::Io`]; [`Error::Undecodable`]; [`Error::Empty`]; [`Error::Json`] with its line;
/// [`Error::Config`] where the name of the file tells of another format.
pub fn read_head(file: &Path, most: usize) -> Result<TableHead, Error> {
    let format = format(&RowsConfig::default(), file)?;
    let mut bytes = BYTES;
    loop {
        let (beginning, is_whole) = beginning(file, bytes)?;
        let (text, _) = text::decode(&beginning, "utf-8", file)?;
        let mut head = TableHead::default();
        let found = match format {
            RowFormat::Csv => head.commas(&text, file, most),
            RowFormat::Tsv => {
                head.tabs(&text, file, most);
                Ok(())
            }
            _ => head.json(&text, file, most),
        };
        // One row more than is asked for: the last may go on, in quotes, behind what was read.
        if !is_whole && head.rows.len() < most + 2 {
            bytes *= 2;
            continue;
        }
        found?;
        head.rows.truncate(most + 1);
        head.take_names(format);
        return match head.columns.is_empty() {
            false => Ok(head),
            true => Err(Error::Empty {
                path: file.into(),
                what: "has no rows",
            }),
        };
    }
}

/// So many bytes of a file, less the line that they end in, and whether that is all of it.
fn beginning(file: &Path, most: u64) -> Result<(Vec<u8>, bool), Error> {
    if !file.is_file() {
        return files::read(file).map(|bytes| (bytes, true));
    }
    let failed = |source| Error::Io {
        action: "read",
        path: file.into(),
        source,
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(failed)?;
    opened.take(most).read_to_end(&mut bytes).map_err(failed)?;
    let is_whole = (bytes.len() as u64) < most;
    if !is_whole && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
        bytes.truncate(end + 1);
    }
    Ok((bytes, is_whole))
}

impl TableHead {
    fn commas(&mut self, text: &str, file: &Path, most: usize) -> Result<(), Error> {
        let mut records = Records::new(text, "", None)?;
        while self.rows.len() < most + 2
            && let Some(record) = records.next()
        {
            let at_end = records.at_end();
            self.add(record.cells.clone(), most, |expected| {
                ragged(file, &record, expected, false, at_end)
            });
        }
        Ok(())
    }

    fn tabs(&mut self, text: &str, file: &Path, most: usize) {
        for (line, content) in filled(text).take(most + 2) {
            let cells = tabbed(content);
            let found = cells.len();
            self.add(cells, most, |expected| Error::Row {
                path: file.into(),
                line,
                message: uneven(expected, found),
            });
        }
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
    fn take_names(&mut self, format: RowFormat) {
        let Some(first) = self.rows.first() else {
            return;
        };
        let names: Vec<&str> = first.iter().map(|cell| cell.trim()).collect();
        let twice = (1..names.len()).any(|at| names[..at].contains(&names[at]));
        let numbers = names.iter().all(|name| name.parse::<f64>().is_ok());
        if format != RowFormat::Jsonl && (twice || numbers) {
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
