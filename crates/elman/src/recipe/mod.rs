//! Recipes: a task stated in TOML, every key with a default, unknown keys refused.

mod keys;
mod meanings;
mod model;
mod narrowed;
mod set;
#[cfg(test)]
mod tests;
pub use keys::OffKey;
pub use model::{CellName, Head, ModelConfig};

use crate::task::Task;
use crate::train::TrainConfig;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// What a recipe says: the network and how to train it, which every task has, and the tables of its own task `T`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipe<T = Task> {
    /// One line for lists.
    pub description: String,
    /// A registered dataset whose folder the files of `[data]` are in; without it they are beside the recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The network.
    pub model: ModelConfig,
    /// How it learns.
    pub train: TrainConfig,
    /// What the model is for: the recipe's `task`, and the tables that belong to it.
    #[serde(flatten)]
    pub task: T,
}

/// What a recipe of any task says; the rest of it is the task's.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Common {
    description: String,
    dataset: Option<String>,
    model: ModelConfig,
    train: TrainConfig,
}

/// The keys of [`Common`].
const COMMON: [&str; 4] = ["description", "dataset", "model", "train"];

/// Why a recipe cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the recipe `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is not TOML, a key is unknown, or a value has the wrong type.
    #[error("{place}: {message}")]
    Parse {
        /// File, and line and column where they are known.
        place: String,
        /// What is wrong, and what was probably meant.
        message: String,
    },
    /// An override is not `key=value`.
    #[error("`--set {text}` is not of the form key=value, such as train.epochs=5")]
    Override {
        /// The override as given.
        text: String,
    },
    /// A value of `[train]` is impossible.
    #[error(transparent)]
    Train(#[from] crate::train::ConfigError),
    /// A value is impossible.
    #[error("`{key}` {problem}")]
    Value {
        /// The key, with its table.
        key: String,
        /// What is wrong and what would do.
        problem: String,
    },
}

impl Recipe {
    /// Reads a recipe from a file and applies `key=value` overrides.
    ///
    /// # Errors
    /// If the file cannot be read or is not a valid recipe.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string(), overrides)
    }

    /// Reads a recipe from text; `name` stands for it in errors.
    ///
    /// # Errors
    /// If the text is not a valid recipe.
    pub fn parse(text: &str, name: &str, overrides: &[String]) -> Result<Self, Error> {
        // As it is written first, for errors with a line; then with its overrides.
        let mut recipe = read(text).map_err(|wrong| wrong.at(name, text))?;
        if !overrides.is_empty() {
            recipe = recipe
                .changed(text, overrides)
                .map_err(|wrong| match wrong {
                    Changed::Override(error) => error,
                    Changed::Read(message) => {
                        let shown: Vec<String> =
                            overrides.iter().map(|one| set::shortened(one)).collect();
                        Error::Parse {
                            place: set::start(
                                &format!("{name} with --set {}", shown.join(" --set ")),
                                300,
                            ),
                            message,
                        }
                    }
                })?;
        }
        recipe.check()?;
        Ok(recipe)
    }

    /// This recipe, which stands in `text`, with overrides.
    fn changed(&self, text: &str, overrides: &[String]) -> Result<Self, Changed> {
        let broken = |wrong: Wrong| Changed::Read(wrong.message);
        let document = DeTable::parse(text).map_err(|error| broken(error.into()))?;
        let whole = document.span();
        let mut tables = document.into_inner();
        for change in overrides {
            set::set(&mut tables, change).map_err(Changed::Override)?;
        }
        read_tables(tables, whole).map_err(|wrong| {
            let mut message = wrong.message;
            // A key that another table has.
            if let Some(key) = wrong.unknown
                && let Ok(all) = toml::Table::try_from(self)
                && let [one] = &set::called(&all, &key)[..]
            {
                message = format!("there is no key `{key}` here; did you mean `{one}`?");
            }
            Changed::Read(message)
        })
    }

    /// The recipe with every key, as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a recipe is made of tables, numbers and texts")
    }

    /// The recipe as one of the task with the tables `T`; nothing if it is of another task.
    pub fn of<T: TryFrom<Task>>(&self) -> Option<Recipe<T>> {
        let task = T::try_from(self.task.clone()).ok()?;
        Some(self.clone().with_task(task))
    }

    /// What no single key can say about itself.
    fn check(&self) -> Result<(), Error> {
        for (key, value, most) in [
            ("train.epochs", self.train.epochs, 10_000_000),
            ("train.batch_size", self.train.batch_size, 10_000_000),
            ("train.accumulate", self.train.accumulate, 1_000_000),
        ] {
            if value > most {
                return Err(Error::value(
                    key,
                    format!("is {value}; at most {most} make sense"),
                ));
            }
        }
        self.model.check()?;
        self.task.check(&self.model, &self.train)?;
        self.train.check()?;
        Ok(())
    }
}

impl<T> Recipe<T> {
    /// The same recipe with other tables of its task.
    pub fn with_task<U>(self, task: U) -> Recipe<U> {
        Recipe {
            description: self.description,
            dataset: self.dataset,
            model: self.model,
            train: self.train,
            task,
        }
    }
}

impl Error {
    /// A value that is impossible: `problem` goes on after the key.
    pub(crate) fn value(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value {
            key: key.into(),
            problem: problem.into(),
        }
    }
}

/// Why overrides cannot be applied: one is not right by itself, or the recipe is not right with them.
enum Changed {
    Override(Error),
    Read(String),
}

/// What is wrong with the text of a recipe, and where in it.
struct Wrong {
    message: String,
    span: Option<Range<usize>>,
    /// A key beside the tables that no recipe has there.
    unknown: Option<String>,
}

impl Wrong {
    fn at(self, name: &str, text: &str) -> Error {
        let place = match self.span {
            Some(span) => {
                let before = &text[..span.start.min(text.len())];
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                format!("{name}, line {line}, column {column}")
            }
            None => name.into(),
        };
        Error::Parse {
            place,
            message: self.message,
        }
    }
}

impl From<toml::de::Error> for Wrong {
    fn from(error: toml::de::Error) -> Self {
        Self {
            message: with_nearest(error.message(), &[]),
            span: error.span(),
            unknown: None,
        }
    }
}

/// A recipe as it stands in a text: `task` says which tables may be in it beside the common ones.
fn read(text: &str) -> Result<Recipe, Wrong> {
    let document = DeTable::parse(text)?;
    let whole = document.span();
    read_tables(document.into_inner(), whole)
}

/// A recipe by its tables.
fn read_tables(mut tables: DeTable<'_>, whole: Range<usize>) -> Result<Recipe, Wrong> {
    let mut common = DeTable::new();
    for key in COMMON {
        if let Some((key, value)) = tables.remove_entry(key) {
            common.insert(key, value);
        }
    }
    let name = tables.remove("task").ok_or_else(|| Wrong {
        message: format!(
            "`task` is missing: say what the model is for, one of {}",
            Task::NAMES.join(", ")
        ),
        span: None,
        unknown: None,
    })?;
    let span = Some(name.span());
    let DeValue::String(name) = name.into_inner() else {
        let message = format!(
            "`task` is the name of a task, one of {}",
            Task::NAMES.join(", ")
        );
        return Err(Wrong {
            message,
            span,
            unknown: None,
        });
    };
    let Common {
        description,
        dataset,
        model,
        train,
    } = from_table(common, &whole, &[])?;
    let task = match Task::read(&name, Tables { tables, whole }) {
        Some(read) => read.map_err(|TablesError(wrong)| wrong)?,
        None => {
            let message = unknown("value", &name, &Task::NAMES);
            return Err(Wrong {
                message,
                span,
                unknown: None,
            });
        }
    };
    Ok(Recipe {
        description,
        dataset,
        model,
        train,
        task,
    })
}

/// The tables of a recipe that belong to its task, as they stand in its text.
pub(crate) struct Tables<'a> {
    tables: DeTable<'a>,
    whole: Range<usize>,
}

/// Why the tables of a task are not right.
pub(crate) struct TablesError(Wrong);

impl Tables<'_> {
    /// The tables as a task knows them.
    ///
    /// # Errors
    /// If one has a key that the task does not know, or a value of another type.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, TablesError> {
        from_table(self.tables, &self.whole, &COMMON).map_err(TablesError)
    }
}

/// A part of a recipe; `more` are keys beside it that are known too, for the sake of messages.
fn from_table<T: DeserializeOwned>(
    table: DeTable<'_>,
    whole: &Range<usize>,
    more: &[&str],
) -> Result<T, Wrong> {
    let keys: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
    T::deserialize(Deserializer::from(Spanned::new(whole.clone(), table))).map_err(|error| {
        let outermost = quoted(error.message()).filter(|found| keys.iter().any(|key| key == found));
        let more = if outermost.is_some() { more } else { &[] };
        let mut message = with_nearest(error.message(), more);
        // Where a value stands whose type is wrong; of an unknown key the message says it.
        let key = error.to_string();
        let key = key
            .lines()
            .last()
            .and_then(|line| line.strip_prefix("in `"));
        if let Some(key) = key.and_then(|line| line.strip_suffix('`'))
            && quoted(error.message()).is_none()
        {
            message = format!("`{}`: {message}", set::shortened(key));
        }
        Wrong {
            message,
            span: error.span(),
            unknown: outermost.map(str::to_owned),
        }
    })
}

/// The name that serde's "unknown field `a`, expected one of `b`, `c`" is about.
fn quoted(message: &str) -> Option<&str> {
    message.strip_prefix("unknown ")?.split('`').nth(1)
}

/// An unknown key or value with the nearest right one, from serde's "unknown field `a`, expected one of `b`, `c`".
fn with_nearest(message: &str, more: &[&str]) -> String {
    let Some(found) = quoted(message) else {
        return of_type(message.trim_end());
    };
    let expected = message.split("expected").nth(1).unwrap_or("");
    let named = expected.split('`').skip(1).step_by(2);
    let known: Vec<&str> = named.chain(more.iter().copied()).collect();
    let what = match message.starts_with("unknown field") {
        true => "key",
        false => "value",
    };
    unknown(what, found, &known)
}

/// serde's "invalid type: string "a", expected usize" in words that a recipe's author knows.
fn of_type(message: &str) -> String {
    let rest = ["invalid type: ", "invalid value: "];
    let rest = rest.iter().find_map(|start| message.strip_prefix(start));
    let Some((found, expected)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return set::start(message, 600);
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        other if other.starts_with("struct ") => "a table of keys",
        other => other,
    };
    let found = match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {number}"),
        None if found == "map" => "a table of keys, or a date without quotes,".into(),
        None if found == "sequence" => "a list".into(),
        _ => found
            .strip_prefix("floating point")
            .map_or(found.into(), |number| format!("the number{number}")),
    };
    format!(
        "{} is given, but {expected} is expected",
        set::shortened(&found)
    )
}

/// That there is no key or value of a name, and which was probably meant.
fn unknown(what: &str, found: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(found, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map_or(".".into(), |(_, near)| format!("; did you mean `{near}`?"));
    format!(
        "there is no {what} `{}` here{hint} Known: {}",
        set::shortened(found),
        known.join(", ")
    )
}
