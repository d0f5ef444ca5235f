//! One JSON value that is a table, as JSON lines: a list of objects, or a table as pandas writes it.

use std::fmt::Write;
use std::path::Path;

use serde_json::value::RawValue;

use super::jsonl::Fields;
use crate::Error;

/// The rows of a table, an object on each line: from a list of objects (`orient="records"`), or from an object with the rows
/// in `data` (`"split"`, `"table"`) or with a list or an object for each column (`"list"`, `"columns"`).
///
/// # Errors
/// [`Error::Json`].
pub(super) fn lines(text: &str, path: &Path) -> Result<String, Error> {
    let failed = |line: u64, message: String| Error::Json {
        path: path.into(),
        line,
        message,
    };
    if text.trim_start().starts_with('[') {
        let rows: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
            failed(
                error.line() as u64,
                format!("not a JSON list of objects: {error}"),
            )
        })?;
        let mut lines = String::with_capacity(text.len());
        for (row, value) in (1..).zip(rows) {
            let value = value.get();
            if !value.starts_with('{') {
                let message = format!(
                    "the list's element {row} is no object such as {{\"time\": \"2020-01-01\", \"value\": 1.5}}"
                );
                return Err(failed(line_of(text, value), message));
            }
            // Line ends in JSON stand between its parts only.
            lines.extend(
                value
                    .chars()
                    .map(|letter| if letter == '\n' { ' ' } else { letter }),
            );
            lines.push('\n');
        }
        return Ok(lines);
    }
    let table: Fields<Raw> = serde_json::from_str(text)
        .map_err(|error| failed(error.line() as u64, format!("not a JSON object: {error}")))?;
    let unfit = |what: &str| {
        failed(
            1,
            format!(
                "{what}; a table is a list of objects ([{{\"time\": …, \"value\": …}}, …]), an object on each line, or an \
                 object with a list for each column"
            ),
        )
    };
    let get = |name: &str| {
        let found = table.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    };
    let rows = get("data").and_then(|rows| list(rows));
    match (get("columns").and_then(|names| list(names)), rows) {
        (Some(names), Some(rows)) => {
            let names: Vec<String> = names.iter().map(name).collect();
            let index = get("index").and_then(|index| list(index));
            split(&names, &rows, index)
                .ok_or_else(|| unfit("its rows differ in length from `columns`"))
        }
        (None, Some(rows)) if rows.iter().all(|row| row.get().starts_with('{')) => Ok(rows
            .iter()
            .map(|row| row.get().replace('\n', " ") + "\n")
            .collect()),
        _ => columns(&table).ok_or_else(|| unfit("its values are no columns of one length")),
    }
}

/// A part of a JSON text as it is written.
type Raw = Box<RawValue>;

/// The line of a part of a text, from 1.
fn line_of(text: &str, part: &str) -> u64 {
    let offset = part.as_ptr() as usize - text.as_ptr() as usize;
    1 + text.as_bytes()[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count() as u64
}

fn list(value: &RawValue) -> Option<Vec<Raw>> {
    serde_json::from_str(value.get()).ok()
}

fn name(value: &Raw) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().into())
}

/// Rows as lists, with the index as a first column where it says more than the number of the row.
fn split(names: &[String], rows: &[Raw], index: Option<Vec<Raw>>) -> Option<String> {
    let counts = |index: &Vec<Raw>| {
        (0u64..)
            .zip(index)
            .all(|(row, value)| value.get() == row.to_string())
    };
    let index = index.filter(|index| index.len() == rows.len() && !counts(index));
    let mut lines = String::new();
    for (place, row) in rows.iter().enumerate() {
        let cells = list(row).filter(|cells| cells.len() == names.len())?;
        let mut fields = Vec::new();
        if let Some(index) = &index {
            fields.push(("index", &index[place]));
        }
        fields.extend(names.iter().map(String::as_str).zip(&cells));
        push(&fields, &mut lines);
    }
    Some(lines)
}

/// A list, or an object with a value for each row, for each column.
fn columns(table: &Fields<Raw>) -> Option<String> {
    let mut keys: Option<Vec<String>> = None;
    let mut columns: Vec<(&str, Vec<Raw>)> = Vec::new();
    for (name, column) in &table.0 {
        let values = match list(column) {
            Some(values) => values,
            None => {
                let Fields(fields) = serde_json::from_str::<Fields<Raw>>(column.get()).ok()?;
                let (these, values): (Vec<String>, Vec<Raw>) = fields.into_iter().unzip();
                if *keys.get_or_insert_with(|| these.clone()) != these {
                    return None;
                }
                values
            }
        };
        columns.push((name, values));
    }
    let rows = columns.first()?.1.len();
    if rows == 0 || columns.iter().any(|(_, values)| values.len() != rows) {
        return None;
    }
    // The keys of rows are their numbers, unless a program put times there.
    let counts = |keys: &Vec<String>| {
        (0..)
            .zip(keys)
            .all(|(row, key): (usize, _)| key.parse() == Ok(row))
    };
    let index: Option<Vec<Raw>> = keys.filter(|keys| !counts(keys)).and_then(|keys| {
        keys.iter()
            .map(|key| serde_json::value::to_raw_value(key).ok())
            .collect()
    });
    let mut lines = String::new();
    for row in 0..rows {
        let mut fields = Vec::new();
        if let Some(index) = &index {
            fields.push(("index", &index[row]));
        }
        fields.extend(columns.iter().map(|(name, values)| (*name, &values[row])));
        push(&fields, &mut lines);
    }
    Some(lines)
}

fn push(fields: &[(&str, &Raw)], lines: &mut String) {
    lines.push('{');
    for (place, (name, value)) in fields.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        let value = value.get().replace('\n', " ");
        let _ = write!(lines, "{comma}{}: {value}", serde_json::Value::from(*name));
    }
    lines.push_str("}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        lines(text, Path::new("a.json")).map_err(|error| error.to_string())
    }

    #[test]
    fn every_orient_of_pandas() {
        // The texts are what DataFrame({"date": ["a", "b"], "y": [0.5, 2.25]}).to_json(orient=…) gives.
        let rows = "{\"date\":\"a\",\"y\":0.5}\n{\"date\":\"b\",\"y\":2.25}\n";
        let spaced = rows.replace(':', ": ").replace(",\"", ", \"");
        assert_eq!(
            read("[{\"date\":\"a\",\"y\":0.5},\n{\"date\":\"b\",\"y\":2.25}]").unwrap(),
            rows
        );
        let split =
            "{\"columns\":[\"date\",\"y\"],\"index\":[0,1],\"data\":[[\"a\",0.5],[\"b\",2.25]]}";
        assert_eq!(read(split).unwrap(), spaced);
        let columns = "{\"date\":{\"0\":\"a\",\"1\":\"b\"},\"y\":{\"0\":0.5,\"1\":2.25}}";
        assert_eq!(read(columns).unwrap(), spaced);
        assert_eq!(
            read("{\"date\":[\"a\",\"b\"],\"y\":[0.5,2.25]}").unwrap(),
            spaced
        );
        let indexed = "{\"y\":{\"2021-01-01\":0.5,\"2021-01-02\":2.25}}";
        assert_eq!(
            read(indexed).unwrap(),
            "{\"index\": \"2021-01-01\", \"y\": 0.5}\n{\"index\": \"2021-01-02\", \"y\": 2.25}\n"
        );
    }

    #[test]
    fn values_that_are_no_table() {
        for (text, says) in [
            ("[1, 2]", "element 1 is no object"),
            ("[{\"a\": 1},\n[2]]", "line 2"),
            ("[{\"a\": 1}", "not a JSON list"),
            ("{\"a\": 1}", "no columns of one length"),
            ("{\"a\": [1], \"b\": [1, 2]}", "no columns of one length"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(says), "{message}");
        }
    }
}
