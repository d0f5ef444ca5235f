//! Which columns are meant.

use crate::task::Error;
use elman_data::text::{Column, RowsConfig, read_columns};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The columns that are read and those that are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Read.
    pub inputs: Vec<Column>,
    /// Answered.
    pub targets: Vec<Column>,
}

impl Columns {
    /// Finds the columns that the entries of a recipe mean in its first file.
    ///
    /// # Errors
    /// If the file cannot be read, an entry means no column, or a column is meant twice.
    pub fn find(
        data: &RowsConfig,
        inputs: &[Column],
        targets: &[Column],
        base: &Path,
    ) -> Result<Self, Error> {
        let named = inputs.iter().chain(targets).any(is_name);
        let known = read_columns(data, &data.files, named, base)?;
        let mut found: Vec<(usize, &'static str)> = Vec::new();
        let mut list = |key: &'static str, entries: &[Column]| -> Result<Vec<Column>, Error> {
            let mut columns = Vec::new();
            for entry in entries {
                for at in places(entry, &known, key)? {
                    if let Some((_, before)) = found.iter().find(|(other, _)| *other == at) {
                        let column = &known[at];
                        return Err(Error::input(match *before == key {
                            true => format!("`{key}` names the column `{column}` twice"),
                            false => format!(
                                "`{key}` names the column `{column}`, which is one of {before} already: what is answered \
                                 must not be read"
                            ),
                        }));
                    }
                    found.push((at, key));
                    columns.push(known[at].clone());
                }
            }
            Ok(columns)
        };
        Ok(Self {
            inputs: list("map.inputs", inputs)?,
            targets: list("map.targets", targets)?,
        })
    }

    /// The names of columns, as answers and reports have them.
    pub fn names(columns: &[Column]) -> Vec<String> {
        let name = |column: &Column| match column {
            Column::Name(name) => name.clone(),
            Column::Number(number) => format!("column {number}"),
        };
        columns.iter().map(name).collect()
    }
}

/// Whether an entry asks for columns by name.
fn is_name(entry: &Column) -> bool {
    let number = |text: &str| text.trim().parse::<usize>().is_ok();
    match entry {
        Column::Number(_) => false,
        Column::Name(name) => match name.split_once("..") {
            Some((first, last)) => !(number(first) && number(last)),
            None => true,
        },
    }
}

/// The places of the columns that an entry means, in the order of the file.
fn places(entry: &Column, known: &[Column], key: &str) -> Result<Vec<usize>, Error> {
    let name = match entry {
        Column::Number(number) => return Ok(vec![numbered(*number, known, key)?]),
        Column::Name(name) => name,
    };
    if let Some(at) = known.iter().position(|column| column == entry) {
        return Ok(vec![at]);
    }
    if let Some((first, last)) = name.split_once("..") {
        let [first, last] = [first, last].map(str::trim);
        let end = |end: &str| {
            let named = known.iter().position(|column| column.to_string() == end);
            match (named, end.parse()) {
                (Some(at), _) => Ok(at),
                (None, Ok(number)) => numbered(number, known, key),
                (None, Err(_)) => Err(none(end, known, key)),
            }
        };
        let (first, last) = (end(first)?, end(last)?);
        return match first <= last {
            true => Ok((first..=last).collect()),
            false => Err(Error::input(format!(
                "`{key}`: in \"{name}\" the last column stands before the first"
            ))),
        };
    }
    let fits = |column: &&Column| matches!(column, Column::Name(other) if matches(name, other));
    let found = known.iter().enumerate();
    let found: Vec<usize> = found
        .filter(|(_, column)| name.contains('*') && fits(column))
        .map(|(at, _)| at)
        .collect();
    match found.is_empty() {
        true => Err(none(name, known, key)),
        false => Ok(found),
    }
}

fn numbered(number: usize, known: &[Column], key: &str) -> Result<usize, Error> {
    let place = number.checked_sub(1).filter(|place| *place < known.len());
    place.ok_or_else(|| none(&number.to_string(), known, key))
}

fn none(name: &str, known: &[Column], key: &str) -> Error {
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let near = elman_data::nearest(name, names.iter().map(String::as_str));
    let hint = near.map_or(".".into(), |near| format!("; did you mean `{near}`?"));
    let mut shown = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        shown += &format!(", … ({} in all)", names.len());
    }
    Error::input(format!(
        "`{key}`: there is no column `{name}`{hint} The columns are: {shown}"
    ))
}

/// Columns that a message lists.
const SHOWN: usize = 30;

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut left) = name.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or("");
    for part in parts {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(entries: &[&str], file: &str) -> Result<Vec<String>, String> {
        let known: Vec<Column> = file.split(' ').map(Column::from).collect();
        let mut found = Vec::new();
        for entry in entries {
            let entry = match entry.parse::<usize>() {
                Ok(number) => Column::Number(number),
                Err(_) => Column::from(*entry),
            };
            let places =
                places(&entry, &known, "map.targets").map_err(|error| error.to_string())?;
            found.extend(places.into_iter().map(|at| known[at].to_string()));
        }
        Ok(found)
    }

    #[test]
    fn names_numbers_ranges_and_patterns() {
        let file = "x y10 y2 z y* a..b 7";
        let good = |entries: &[&str]| columns(entries, file).unwrap().join(" ");
        assert_eq!(good(&["z", "x"]), "z x");
        assert_eq!(good(&["4"]), "z");
        assert_eq!(good(&["y10..z"]), "y10 y2 z");
        assert_eq!(good(&["2..3"]), "y10 y2");
        assert_eq!(good(&["y1*", "*2"]), "y10 y2");
        // A column that is called so comes first.
        assert_eq!(good(&["y*", "a..b"]), "y* a..b");
        assert_eq!(good(&["*"]), file);
        assert_eq!(good(&["7..7"]), "7");
        let bad = |entry: &str, says: &str| {
            let message = columns(&[entry], file).unwrap_err();
            assert!(message.contains(says), "{message}");
        };
        bad("zz", "did you mean `z`?");
        bad("8", "no column `8`");
        bad("0", "no column `0`");
        bad("z..x", "stands before");
        bad("q*", "no column `q*`");
        bad("x..q", "no column `q`");
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, fits) in [
            ("y*", "y", true),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("값*", "값1", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
