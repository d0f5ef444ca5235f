//! Facts about a file, a line each: what, and what it is.

use serde_json::{Map, Value, json};
use std::fmt;

/// Facts in order: for people as aligned lines, for machines as an object.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    rows: Vec<(&'static str, String)>,
    figures: Map<String, Value>,
}

impl Facts {
    /// Adds a line; of several lines the later ones stand under the first.
    pub fn say(&mut self, what: &'static str, text: impl fmt::Display) -> &mut Self {
        // Names and labels come from files: nothing in them reaches a terminal but what it can show.
        let shown = |c: char| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        };
        self.rows
            .push((what, text.to_string().chars().map(shown).collect()));
        self
    }

    /// Adds a figure for machines.
    pub fn figure(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.figures.insert(key.into(), value.into());
        self
    }

    /// The figures, and the lines as `facts`.
    pub fn json(&self) -> Value {
        let lines = self.rows.iter().map(|(what, text)| json!([what, text]));
        let mut all = self.figures.clone();
        all.insert("facts".into(), lines.collect());
        Value::Object(all)
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(what, _)| what.len()).max();
        let width = width.unwrap_or(0).max(8);
        for (place, (what, text)) in self.rows.iter().enumerate() {
            let what = match place.checked_sub(1).map(|before| self.rows[before].0) {
                Some(before) if before == *what => "",
                _ => what,
            };
            for (line, text) in text.lines().enumerate() {
                let what = if line == 0 { what } else { "" };
                if place + line > 0 {
                    writeln!(f)?;
                }
                write!(f, "{what:width$} {text}")?;
            }
        }
        Ok(())
    }
}

/// `1 row`, `2 rows`.
pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// At most so many items, and how many there are more.
pub fn listed<T: fmt::Display>(items: impl IntoIterator<Item = T>, most: usize) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let shown = items[..items.len().min(most)].join(", ");
    match items.len().saturating_sub(most) {
        0 => shown,
        rest => format!("{shown}, … ({rest} more)"),
    }
}

/// A size in bytes as people say it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}
