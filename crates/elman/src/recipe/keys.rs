//! Every key that a recipe can have: those that are off are found by asking the reader itself, so that none is forgotten.

use super::meanings::meaning;
use super::narrowed::narrowed;
use super::{Recipe, read};
use serde::Serialize;
use toml::{Table, Value};

/// A key that a recipe does not have, and that has no value then: what it does is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffKey {
    /// The key with its table, such as `data.resample`; layers are counted from 0.
    pub key: String,
    /// What it does; empty where nothing is written about it.
    pub meaning: &'static str,
    /// The keys of it, where it is a table.
    pub keys: Vec<String>,
}

/// A table of a recipe: names, and places in lists of tables.
type Place = Vec<Step>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// A key that no table has.
const UNKNOWN: &str = "key-that-no-table-has";

impl Recipe {
    /// The keys that are not given and have no value then, table by table.
    pub fn keys_left_out(&self) -> Vec<OffKey> {
        self.tables_with_off()
            .into_iter()
            .flat_map(|(_, off)| off)
            .collect()
    }

    /// The recipe with every key there is, as TOML: those that are off as comments that say what they do.
    pub fn to_toml_with_off(&self) -> String {
        let off = self.tables_with_off();
        let mut text = String::new();
        let (mut place, mut block) = (Place::new(), Vec::new());
        for line in self.to_toml().lines() {
            if let Some(next) = header(line, &place) {
                write(&mut text, &block, &place, &off);
                (place, block) = (next, Vec::new());
            }
            block.push(line.to_owned());
        }
        write(&mut text, &block, &place, &off);
        text.trim_end().to_owned() + "\n"
    }

    fn tables_with_off(&self) -> Vec<(Place, Vec<OffKey>)> {
        let whole = narrowed(self);
        let mut places = Vec::new();
        collect(&Value::Table(whole.clone()), &mut Vec::new(), &mut places);
        let found = places.into_iter().map(|place| {
            let off = off(&whole, &place, self.task.name());
            (place, off)
        });
        found.filter(|(_, off)| !off.is_empty()).collect()
    }
}

/// All tables, outermost first.
fn collect(value: &Value, place: &mut Place, places: &mut Vec<Place>) {
    match value {
        Value::Table(table) => {
            places.push(place.clone());
            for (key, value) in table {
                place.push(Step::Key(key.clone()));
                collect(value, place, places);
                place.pop();
            }
        }
        Value::Array(items) => {
            for (item, value) in items.iter().enumerate() {
                place.push(Step::Item(item));
                collect(value, place, places);
                place.pop();
            }
        }
        _ => {}
    }
}

/// What a table of the recipe `whole` could have and does not.
fn off(whole: &Table, place: &Place, task: &'static str) -> Vec<OffKey> {
    let Some(known) = known_keys(whole, place, UNKNOWN, Value::Boolean(true)) else {
        return Vec::new(); // a map, whose keys are the user's
    };
    let here = at(&mut whole.clone(), place).map(|table| table.clone());
    let given = |key: &String| {
        let here = here.as_ref();
        key == "task" || here.is_some_and(|table| table.contains_key(key))
    };
    let absent = known.into_iter().filter(|key| !given(key));
    let off = absent.map(|key| {
        let inner = Table::from_iter([(UNKNOWN.to_owned(), Value::Boolean(true))]);
        let keys = known_keys(whole, place, &key, Value::Table(inner));
        let full = joined(place, &key);
        OffKey {
            meaning: meaning(task, &full),
            key: full,
            keys: keys.unwrap_or_default(),
        }
    });
    off.collect()
}

/// The keys that the reader knows where an unknown one stands, as `key = value` in a table of the recipe puts it there.
fn known_keys(whole: &Table, place: &Place, key: &str, value: Value) -> Option<Vec<String>> {
    let mut changed = whole.clone();
    at(&mut changed, place)?.insert(key.to_owned(), value);
    let text = toml::to_string(&changed).ok()?;
    let message = read(&text).err()?.message;
    if !message.starts_with("there is no key") || !message.contains(UNKNOWN) {
        return None;
    }
    let (_, known) = message.split_once(" Known: ")?;
    Some(known.split(", ").map(str::to_owned).collect())
}

fn at<'a>(whole: &'a mut Table, place: &Place) -> Option<&'a mut Table> {
    let mut steps = place.iter();
    let Some(Step::Key(first)) = steps.next() else {
        return Some(whole);
    };
    let mut value = whole.get_mut(first)?;
    for step in steps {
        value = match step {
            Step::Key(key) => value.as_table_mut()?.get_mut(key)?,
            Step::Item(item) => value.as_array_mut()?.get_mut(*item)?,
        };
    }
    value.as_table_mut()
}

fn joined(place: &Place, key: &str) -> String {
    let steps = place.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Item(item) => item.to_string(),
    });
    let steps: Vec<String> = steps.chain([key.to_owned()]).collect();
    steps.join(".")
}

/// The table that a line of TOML begins, after one of the table `before`.
fn header(line: &str, before: &Place) -> Option<Place> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    let (inner, listed) = match inner.strip_prefix('[').and_then(|i| i.strip_suffix(']')) {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let keys: Vec<String> = inner
        .split('.')
        .map(|key| key.trim_matches(['"', '\'']).to_owned())
        .collect();
    let mut place = Place::new();
    for (depth, key) in keys.iter().enumerate() {
        place.push(Step::Key(key.clone()));
        // Inside the same list: its item, or the next one.
        let same = before.starts_with(&place);
        let item = match before.get(place.len()) {
            Some(Step::Item(item)) if same => Some(*item),
            _ => None,
        };
        match (item, listed && depth + 1 == keys.len()) {
            (Some(item), true) => place.push(Step::Item(item + 1)),
            (None, true) => place.push(Step::Item(0)),
            (Some(item), false) => place.push(Step::Item(item)),
            (None, false) => {}
        }
    }
    Some(place)
}

/// The lines of a table and, after its keys, those that are off.
fn write(text: &mut String, block: &[String], place: &Place, off: &[(Place, Vec<OffKey>)]) {
    let end = block.iter().rposition(|line| !line.trim().is_empty());
    let (lines, blank) = block.split_at(end.map_or(0, |end| end + 1));
    for line in lines {
        *text += &format!("{line}\n");
    }
    for key in off
        .iter()
        .filter(|(at, _)| at == place)
        .flat_map(|(_, off)| off)
    {
        let name = key.key.rsplit('.').next().unwrap_or_default();
        let value = match key.keys.as_slice() {
            [] => "…".to_owned(),
            keys => {
                let keys: Vec<String> = keys.iter().map(|key| format!("{key} = …")).collect();
                format!("{{ {} }}", keys.join(", "))
            }
        };
        let meaning = match key.meaning {
            "" => String::new(),
            meaning => format!("  # {meaning}"),
        };
        *text += &format!("# {name} = {value}{meaning}\n");
    }
    for line in blank {
        *text += &format!("{line}\n");
    }
}
