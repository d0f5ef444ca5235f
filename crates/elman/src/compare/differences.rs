//! The keys in which recipes differ, and what such a difference means for the figures.

use super::Contender;
use std::collections::{BTreeMap, BTreeSet};

/// A key that not all recipes have with the same value.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The key with its tables, such as `model.hidden_size`; `folder` for the folder of the recipe's files.
    pub key: String,
    /// Its value in each run, as TOML; nothing where the recipe does not have it.
    pub values: Vec<Option<String>>,
    /// What the difference is about.
    pub touches: Touches,
}

/// What a difference between recipes is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// What is learned from and judged by: no figure can be held against the other run's.
    Data,
    /// What is answered or how that is measured: the losses, at least, are not of the same thing.
    Measure,
    /// The network, its training, or what it is given to go by: figures can be compared.
    Model,
}

/// Tables, or keys, that say which data are learned from and judged by, or how answers are scored.
const DATA: [&str; 7] = [
    "dataset", "folder", "data", "generate", "parallel", "score", "split",
];
/// Tables that do not touch what is learned, or that only the network has.
const MODEL: [&str; 4] = ["model", "train", "sample", "search"];
/// Keys of other tables that are about the network, its training or what it reads, whatever the task.
const ITS_OWN: [&str; 16] = [
    "attention",
    "baselines",
    "calendar",
    "columns",
    "jamo",
    "letter_hidden_size",
    "letter_size",
    "lookback",
    "noise",
    "pooling",
    "sampling",
    "size",
    "stretch",
    "stride",
    "together",
    "word_dropout",
];

fn touches(key: &str) -> Touches {
    let mut parts = key.split('.');
    let (table, name) = (parts.next().unwrap_or(key), parts.next().unwrap_or(""));
    match table {
        "train" if name == "loss" => Touches::Measure,
        table if MODEL.contains(&table) => Touches::Model,
        // Their noise and their size are no matter of the network.
        "vocabulary" => Touches::Measure,
        "generate" => Touches::Data,
        _ if ITS_OWN.contains(&name) => Touches::Model,
        table if DATA.contains(&table) => Touches::Data,
        _ => Touches::Measure,
    }
}

/// The keys in which the recipes of runs differ, in the order of their names.
pub(super) fn differences(runs: &[Contender]) -> Vec<Difference> {
    let tables: Vec<BTreeMap<String, String>> = runs.iter().map(keys).collect();
    let names: BTreeSet<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
    let all = names.into_iter().map(|key| Difference {
        key: key.clone(),
        values: tables.iter().map(|table| table.get(key).cloned()).collect(),
        touches: touches(key),
    });
    all.filter(|one| one.values.iter().any(|value| *value != one.values[0]))
        .collect()
}

/// Every key of a recipe and its value.
fn keys(run: &Contender) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let recipe = serde_json::to_value(&run.recipe).expect("a recipe is made of tables");
    if let toml::Value::Table(table) = as_toml(recipe) {
        flatten("", &table, &mut found);
    }
    found.remove("description");
    // A dataset has a name, and its folder is where this machine keeps it.
    if run.recipe.dataset.is_none() && !run.recipe.task.is_generated() {
        found.insert("folder".into(), run.base.display().to_string());
    }
    found
}

/// A value as a recipe writes it; whole numbers that TOML does not have as texts.
fn as_toml(value: serde_json::Value) -> toml::Value {
    match value {
        serde_json::Value::Null => toml::Value::String(String::new()),
        serde_json::Value::Bool(value) => value.into(),
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(values) => {
            toml::Value::Array(values.into_iter().map(as_toml).collect())
        }
        serde_json::Value::Object(table) => {
            let entries = table.into_iter().map(|(key, value)| (key, as_toml(value)));
            toml::Value::Table(entries.collect())
        }
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(real)) if number.is_f64() => real.into(),
            _ => number.to_string().into(),
        },
    }
}

fn flatten(before: &str, table: &toml::Table, found: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = match before {
            "" => key.clone(),
            before => format!("{before}.{key}"),
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, found),
            toml::Value::String(text) => {
                found.insert(key, text.clone());
            }
            value => {
                found.insert(key, value.to_string());
            }
        }
    }
}
