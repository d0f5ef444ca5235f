//! The command line, and what is said where it is wrong.

use crate::args::Arguments;
use crate::builtin::BUILTINS;
use crate::output::{self, Output};
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use elman::recipe::Recipe;
use std::collections::BTreeSet;

/// Commands whose recipe can be changed with `--set`.
const WITH_RECIPE: [&str; 7] = [
    "train", "sweep", "find-lr", "draw", "summary", "check", "show",
];
/// The exit code of a command line that cannot be understood.
const WRONG: u8 = 2;
/// What keys are called elsewhere.
const ALIASES: [(&str, &str); 3] = [
    ("lr", "learning_rate"),
    ("batch", "batch_size"),
    ("hidden", "hidden_size"),
];

/// The arguments of the program; wrong ones end it with exit code 2. A flag that is a key of recipes is answered with how keys are
/// set.
pub fn parse() -> Arguments {
    let error = match Arguments::try_parse() {
        Ok(arguments) => return arguments,
        Err(error) => error,
    };
    let given: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) if error.kind() == ErrorKind::UnknownArgument => flag,
        _ => explain(&error),
    };
    match advice(flag, &given) {
        Some(advice) => {
            output::say(format_args!("error: {advice}"));
            output::end(WRONG)
        }
        None => explain(&error),
    }
}

/// Ends with help or the version, which are results, or with why the arguments cannot be understood.
fn explain(unusual: &clap::Error) -> ! {
    let text = unusual.render().to_string();
    if unusual.use_stderr() {
        output::say(text.trim_end());
        output::end(WRONG)
    }
    Output::new(false, false).result(text.trim_end());
    output::end(0)
}

/// How the key of recipes is set that was given as a flag, if there is one.
fn advice(flag: &str, given: &[String]) -> Option<String> {
    let command = given
        .iter()
        .find(|argument| WITH_RECIPE.contains(&argument.as_str()))?;
    let name = flag.split('=').next().unwrap_or(flag);
    let key = name.trim_start_matches('-').replace('-', "_");
    let alias = ALIASES.iter().find(|(alias, _)| *alias == key);
    let key = alias.map_or(key.as_str(), |(_, key)| key);
    let keys = keys();
    let found: Vec<&String> = keys
        .iter()
        .filter(|known| known.rsplit('.').next() == Some(key))
        .collect();
    // A key of the training or of the network, whatever else is called so.
    let first = |table: &str| found.iter().find(|key| key.starts_with(table));
    let key = first("train.")
        .or_else(|| first("model."))
        .or(found.first())?;
    let place = given
        .iter()
        .position(|argument| argument.split('=').next() == Some(name));
    let value = place.and_then(|place| match given[place].split_once('=') {
        Some((_, value)) => Some(value.to_owned()),
        None => given
            .get(place + 1)
            .filter(|next| !next.starts_with('-'))
            .cloned(),
    });
    let value = value.unwrap_or("VALUE".into());
    Some(format!(
        "there is no flag `{name}`: `elman {command}` sets keys of its recipe with --set {key}={value}"
    ))
}

/// The keys that recipes have, with their tables.
fn keys() -> BTreeSet<String> {
    let recipes = BUILTINS
        .iter()
        .filter_map(|builtin| Recipe::parse(builtin.text, builtin.name, &[]).ok());
    let mut keys = BTreeSet::new();
    for recipe in recipes {
        if let Ok(toml::Value::Table(table)) = toml::Value::try_from(&recipe) {
            collect(&table, "", &mut keys);
        }
        keys.extend(recipe.keys_left_out().into_iter().map(|off| off.key));
    }
    keys
}

fn collect(table: &toml::Table, before: &str, keys: &mut BTreeSet<String>) {
    for (key, value) in table {
        let key = format!("{before}{key}");
        match value {
            toml::Value::Table(inner) => collect(inner, &format!("{key}."), keys),
            _ => {
                keys.insert(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_is_a_key_says_how_it_is_set() {
        let given = |text: &str| -> Vec<String> { text.split(' ').map(Into::into).collect() };
        for (line, flag, expected) in [
            ("train hello --epochs 3", "--epochs", "--set train.epochs=3"),
            ("train hello --epochs=3", "--epochs", "--set train.epochs=3"),
            (
                "train hello --lr 0.1 --quiet",
                "--lr",
                "--set train.optimizer.learning_rate=0.1",
            ),
            (
                "summary hello --hidden-size 8",
                "--hidden-size",
                "--set model.hidden_size=8",
            ),
            (
                "train hello --clip-norm",
                "--clip-norm",
                "--set train.clip_norm=VALUE",
            ),
        ] {
            let found = advice(flag, &given(line)).unwrap();
            assert!(found.ends_with(expected), "{found}");
        }
        assert_eq!(advice("--nonsense", &given("train hello --nonsense")), None);
        assert_eq!(advice("--epochs", &given("data list --epochs")), None);
    }
}
