//! Columns of numbers as JSON, to the last bit: what JSON has no number for is `null`, which is NaN again.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub fn serialize<S: Serializer>(columns: &[Vec<f64>], serializer: S) -> Result<S::Ok, S::Error> {
    let number = |value: &f64| value.is_finite().then_some(*value);
    let column = |column: &Vec<f64>| column.iter().map(number).collect::<Vec<_>>();
    columns
        .iter()
        .map(column)
        .collect::<Vec<_>>()
        .serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
    let columns: Vec<Vec<Option<f64>>> = Deserialize::deserialize(deserializer)?;
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let column = |column: Vec<Option<f64>>| column.into_iter().map(number).collect();
    Ok(columns.into_iter().map(column).collect())
}
