//! One JSON object per line.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::places::{Place, Places};
use super::table::{Cells, Table};
use super::texts::Texts;
use crate::Error;
use crate::columns::csv_cell;

/// Numbers, texts, booleans (1 and 0) and nulls become cells; a key that a row lacks is missing there. `is_list`: the lines are
/// the elements of a list in the file.
pub(super) fn read(text: &str, is_list: bool, path: &Path) -> Result<Table, Error> {
    let mut names: Vec<String> = Vec::new();
    let mut columns: Vec<Texts> = Vec::new();
    let mut places = Places::default();
    for (line, content) in (1u64..)
        .zip(text.lines())
        .filter(|(_, content)| !content.trim().is_empty())
    {
        let failed = |message: String| Error::Json {
            path: path.into(),
            line,
            message,
        };
        let fields = fields(content).map_err(failed)?;
        for (name, value) in fields {
            let cell = match value {
                Value::Null => String::new(),
                Value::Bool(yes) => u8::from(yes).to_string(),
                Value::Number(number) => number.to_string(),
                Value::String(text) => text,
                Value::Array(_) | Value::Object(_) => {
                    return Err(failed(format!(
                        "the value of `{name}` is a list or an object; only plain values can become columns"
                    )));
                }
            };
            let column = names
                .iter()
                .position(|known| *known == name)
                .unwrap_or_else(|| {
                    names.push(name.clone());
                    columns.push(Texts::default());
                    names.len() - 1
                });
            if columns[column].len() > places.len() {
                return Err(failed(format!("the key `{name}` comes twice")));
            }
            pad(&mut columns[column], places.len());
            columns[column].push(&cell);
        }
        places.push(Place { file: 0, line });
        columns
            .iter_mut()
            .for_each(|column| pad(column, places.len()));
    }
    if places.len() == 0 {
        return Err(Error::Empty {
            path: path.into(),
            what: "is empty",
        });
    }
    let mut table = Table::new(path, is_list, names, 1)?;
    table.columns = columns.into_iter().map(Cells::Text).collect();
    table.places = places;
    Ok(table)
}

/// The rows of JSON lines between commas, under the keys in the order in which they come.
///
/// # Errors
/// [`Error::Json`].
pub(super) fn to_csv(text: &str, path: &Path) -> Result<String, Error> {
    let table = read(text, false, path)?;
    let row = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<_> = cells.map(csv_cell).collect();
        cells.join(",") + "\n"
    };
    let mut csv = row(&mut table.names.iter().map(String::as_str));
    for place in 0..table.len() {
        csv += &row(&mut table.columns.iter().map(|column| match column {
            Cells::Text(texts) => texts.get(place),
            _ => "",
        }));
    }
    Ok(csv)
}

fn pad(column: &mut Texts, rows: usize) {
    while column.len() < rows {
        column.push("");
    }
}

/// The keys and values of a line in the order in which they are written, or what is wrong with it.
pub(crate) fn fields(line: &str) -> Result<Vec<(String, Value)>, String> {
    let Fields(fields) = serde_json::from_str(line).map_err(|error| {
        format!(
            "not a JSON object of plain values: {}",
            error
                .to_string()
                .replace(" at line 1 column", " at character")
        )
    })?;
    Ok(fields)
}

/// The keys and values of an object, in the order in which they are written.
pub(crate) struct Fields<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Fields<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object such as {\"time\": \"2020-01-01\", \"value\": 1.5}")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<T>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}
