//! A recipe from numbers to numbers.

use super::{Begin, column, filled, written};
use crate::facts::listed;
use crate::failure::Failure;
use elman::task::map::Columns;
use elman_data::text::{Column, RowsConfig};

/// A recipe that answers `--target`, else the last column of numbers, from `--input`, else all others.
pub fn map(begin: &mut Begin) -> Result<String, Failure> {
    let file = begin.file.display().to_string();
    if let Some(Ok(head)) = &mut begin.head
        && let Some(ragged) = head.take_ragged()
    {
        return Err(ragged.into());
    }
    let head = begin.table()?;
    let numbers = head.numbers();
    let Some(last) = numbers.last() else {
        return Err(Failure::input(format!(
            "`{file}` has no column that holds a number in every row; --task map reads numbers and answers numbers"
        )));
    };
    // A number means the place of a column, whether it has a name or not.
    let known = head.columns();
    let meant = |asked: &String| match column(asked, known) {
        Column::Number(number) => {
            let found = number.checked_sub(1).and_then(|place| known.get(place));
            found.cloned().unwrap_or(Column::Number(number))
        }
        named => named,
    };
    let target = begin
        .args
        .target
        .as_ref()
        .map_or_else(|| last.clone(), meant);
    let data = RowsConfig {
        files: vec![begin.named(&begin.file)],
        ..RowsConfig::default()
    };
    let answered = Columns::find(&data, &[], std::slice::from_ref(&target), &begin.base)?.targets;
    let inputs: Vec<String> = match &begin.args.input {
        Some(input) => vec![written(&meant(input))],
        None => {
            let read = numbers.iter().filter(|column| !answered.contains(column));
            read.map(written).collect()
        }
    };
    if inputs.is_empty() {
        return Err(Failure::input(format!(
            "`{file}` has no column of numbers beside `{target}`, which is answered: there is nothing to answer it from"
        )));
    }
    let values = [
        ("FILE", begin.files() + &begin.split_files()),
        ("SHARES", begin.shares("0.1", "0.2")),
        ("INPUT", inputs.join(", ")),
        ("TARGET", written(&target)),
    ];
    begin
        .facts
        .say(
            "target",
            format_args!("{target}; --target COLUMN for another"),
        )
        .say(
            "reads",
            format_args!("{}; --input COLUMN for one alone", listed(&inputs, 12)),
        )
        .figure("target", target.to_string());
    Ok(filled(MAP, &values))
}

const MAP: &str = r#"task = "map"

[data]
files = FILE

[split]                  # rows with the same inputs stay together
SHARES

[map]
inputs = [INPUT]
targets = [TARGET]       # a series of 50 steps: targets = ["y1..y50"], steps = 50

[model]
hidden_size = 32
num_layers = 2

[train]
epochs = 60
batch_size = 32

[train.optimizer]
learning_rate = 0.005

[train.schedule]
name = "cosine"

[train.early_stopping]
patience = 20
"#;
