//! `--set` of `recipe init`: keys of the recipe that is written.

use crate::failure::Failure;
use std::ops::Range;
use toml::{Table, Value};

/// Keys and values, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<(Vec<String>, Option<Value>)>);

impl Changes {
    /// Reads `KEY=VALUE` each; a value is TOML, or else a text, and none takes the key away.
    ///
    /// # Errors
    /// If one is no key and value.
    pub fn read(given: &[String]) -> Result<Self, Failure> {
        let read = |text: &String| {
            let broken = || {
                Failure::input(format!(
                    "`--set {text}` is not of the form key=value, such as data.duplicates=first"
                ))
            };
            let (key, value) = text.split_once('=').ok_or_else(broken)?;
            let value = match toml::from_str::<Table>(&format!("value = {value}")) {
                _ if value.trim().is_empty() => None,
                Ok(mut parsed) => Some(parsed.remove("value").ok_or_else(broken)?),
                Err(_) => Some(Value::String(value.into())),
            };
            let parts: Vec<String> = key.split('.').map(|part| part.trim().to_owned()).collect();
            match parts.iter().any(String::is_empty) {
                true => Err(broken()),
                false => Ok((parts, value)),
            }
        };
        given.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The keys of one table, such as `data`.
    pub fn of(&self, table: &str) -> Table {
        let mut found = Table::new();
        for (key, value) in &self.0 {
            if let Some(value) = value
                && key[0] == table
                && key.len() > 1
            {
                insert(&mut found, &key[1..], value.clone());
            }
        }
        found
    }

    /// Whether a key, or one inside of it, is given.
    pub fn has(&self, key: &str) -> bool {
        let parts: Vec<&str> = key.split('.').collect();
        self.0.iter().any(|(given, _)| {
            given.iter().zip(&parts).filter(|(a, b)| a == b).count() == parts.len()
        })
    }

    /// Writes the keys into the text of a recipe, whose comments stay.
    pub fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (key, value)| {
            let (name, table) = key.split_last().expect("a key has a name");
            let table = table.join(".");
            match value {
                Some(value) => {
                    with_key(&text, &table, name, &value.to_string(), "given with --set")
                }
                None => without_key(&text, &table, name),
            }
        })
    }
}

fn insert(table: &mut Table, key: &[String], value: Value) {
    match key {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = table
                .entry(first.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Some(inner) = inner.as_table_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

/// The text of a recipe with a key of a table (none: before all tables): in the place of its line, or after the last key of its table,
/// or in a table of its own at the end.
pub fn with_key(text: &str, table: &str, name: &str, value: &str, why: &str) -> String {
    let line = format!("{name} = {value}   # {why}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let Some(block) = block(&lines, table) else {
        return format!("{}\n\n[{table}]\n{line}\n", text.trim_end());
    };
    match place(&lines, &block, name) {
        Some(at) => lines[at] = line,
        None => {
            let last = lines[block.clone()]
                .iter()
                .rposition(|line| !line.trim().is_empty())
                .map_or(block.start, |at| block.start + at + 1);
            lines.insert(last, line);
        }
    }
    lines.join("\n") + "\n"
}

/// The text of a recipe without a key of a table.
fn without_key(text: &str, table: &str, name: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Some(at) = block(&lines, table).and_then(|block| place(&lines, &block, name)) {
        lines.remove(at);
    }
    lines.join("\n") + "\n"
}

/// The lines of a table, without its header.
fn block(lines: &[String], table: &str) -> Option<Range<usize>> {
    let header = format!("[{table}]");
    let is_header = |line: &String| line.split('#').next().unwrap_or_default().trim() == header;
    let start = match table {
        "" => 0,
        _ => lines.iter().position(is_header)? + 1,
    };
    let end = lines[start..]
        .iter()
        .position(|line| line.starts_with('['))
        .map_or(lines.len(), |length| start + length);
    Some(start..end)
}

/// The line of a key in a table.
fn place(lines: &[String], block: &Range<usize>, name: &str) -> Option<usize> {
    let is_key = |line: &String| {
        line.split_once('=')
            .is_some_and(|(key, _)| key.trim() == name)
    };
    lines[block.clone()]
        .iter()
        .position(is_key)
        .map(|at| block.start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_where_they_belong() {
        let text = "task = \"forecast\"\n\n[data]\nfiles = [\"a.csv\"]\ncalendar = []   # none\n\n[split]                  # in order\nvalid = 0.1\n";
        let given = [
            "data.calendar=[\"hour\"]",
            "data.header=false",
            "split.test=0.3",
            "split.valid=",
            "data.resample.every=1h",
            "dataset=x",
        ];
        let changes = Changes::read(&given.map(String::from)).unwrap();
        let changed = changes.apply(text);
        let table: Table = toml::from_str(&changed).unwrap();
        assert_eq!(
            table["data"]["calendar"][0].as_str(),
            Some("hour"),
            "{changed}"
        );
        assert_eq!(table["data"]["header"].as_bool(), Some(false));
        assert_eq!(table["data"]["resample"]["every"].as_str(), Some("1h"));
        assert_eq!(table["split"]["test"].as_float(), Some(0.3));
        assert_eq!(table["dataset"].as_str(), Some("x"));
        assert!(!table["split"].as_table().unwrap().contains_key("valid"));
        assert!(changes.has("data.resample") && !changes.has("data.resample.how"));
        assert_eq!(changes.of("data")["header"].as_bool(), Some(false));
        assert!(Changes::read(&["data.header".into()]).is_err());
    }
}
