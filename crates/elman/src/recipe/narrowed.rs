//! A recipe as a table of [`toml`], whose whole numbers have a sign.

use super::Recipe;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// The tables and keys of a recipe with their values; whole numbers of 2^63 and more, which a recipe may hold and
/// [`Value`] may not, are the largest there is.
pub(super) fn narrowed(recipe: &Recipe) -> Table {
    let text = recipe.to_toml();
    let written = DeTable::parse(&text).expect("a recipe is written as TOML");
    table(written.get_ref())
}

fn table(entries: &DeTable<'_>) -> Table {
    let entries = entries.iter();
    entries
        .map(|(key, inner)| (key.get_ref().to_string(), value(inner.get_ref())))
        .collect()
}

fn value(found: &DeValue<'_>) -> Value {
    match found {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            Value::Integer(number.unwrap_or(i64::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(values) => {
            Value::Array(values.iter().map(|inner| value(inner.get_ref())).collect())
        }
        DeValue::Table(entries) => Value::Table(table(entries)),
    }
}
