//! `--set key=value`: changes of a recipe from outside.

use super::Error;
use std::borrow::Cow;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables within tables that a key may name; recipes have four.
const DEEPEST: usize = 20;
/// Characters of what a user wrote that a message repeats.
const SHOWN: usize = 100;

/// Applies `key=value`; the value is TOML, or else a text. Without a value the key is taken away, so that its default holds.
pub(super) fn set<'a>(table: &mut DeTable<'a>, change: &'a str) -> Result<(), Error> {
    let broken = || Error::Override {
        text: shortened(change),
    };
    let (key, value) = change.split_once('=').ok_or_else(broken)?;
    let impossible = |problem: String| Error::value(shortened(key.trim()), problem);
    let mut parts: Vec<&str> = key.split('.').map(str::trim).collect();
    if parts.len() > DEEPEST {
        return Err(impossible(format!(
            "cannot be set: it has {} parts, and no key of a recipe has more than {DEEPEST}",
            parts.len()
        )));
    }
    let last = parts
        .pop()
        .filter(|last| !last.is_empty())
        .ok_or_else(broken)?;
    let spanned = |value| Spanned::new(0..0, value);
    let name = |part: &'a str| Spanned::new(0..0, Cow::Borrowed(part));
    let mut inner = table;
    for part in parts {
        if !inner.contains_key(part) {
            inner.insert(name(part), spanned(DeValue::Table(DeTable::new())));
        }
        let entry = inner.get_mut(part).map(Spanned::get_mut);
        let Some(DeValue::Table(found)) = entry else {
            return Err(impossible(format!(
                "cannot be set: `{}` is a value, not a table",
                shortened(part)
            )));
        };
        inner = found;
    }
    if value.trim().is_empty() {
        inner.remove(last);
        return Ok(());
    }
    let value = match DeValue::parse(value.trim()) {
        Ok(parsed) => parsed.into_inner(),
        Err(_) => DeValue::String(Cow::Borrowed(value)),
    };
    inner.insert(name(last), spanned(value));
    Ok(())
}

/// The beginning of what a user wrote.
pub(super) fn shortened(text: &str) -> String {
    start(text, SHOWN)
}

/// So many characters of a text.
pub(super) fn start(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// The keys with values of a recipe that are called `name`, with their tables.
pub(super) fn called(recipe: &toml::Table, name: &str) -> Vec<String> {
    fn walk(table: &toml::Table, name: &str, path: &str, found: &mut Vec<String>) {
        for (key, value) in table {
            let path = match path {
                "" => key.clone(),
                path => format!("{path}.{key}"),
            };
            if key == name && path != *name {
                found.push(path.clone());
            }
            if let toml::Value::Table(inner) = value {
                walk(inner, name, &path, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(recipe, name, "", &mut found);
    found
}
