//! What rows of numbers give.

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;
use elman::report::{Table, csv_cell};
use elman::run::RunFolder;
use elman::task::map::{Answer, Map, Mapper};
use serde_json::{Map as Object, Value, json};
use std::path::Path;

pub fn run(
    args: &PredictArgs,
    recipe: &Recipe<Map>,
    run: &RunFolder,
    output: &Output,
) -> Result<(), Failure> {
    let files: Vec<String> = args
        .input
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .chain(args.inputs.iter().cloned())
        .collect();
    if files.is_empty() {
        return Err(Failure::input(format!(
            "name the files that hold the rows, for example: elman predict {} FILE.csv",
            args.run.display()
        )));
    }
    let mapper = Mapper::open(recipe, run)?;
    let answers = mapper.answer(&files, Path::new(""))?;
    for answer in &answers {
        output.event(&event(answer, &mapper));
    }
    match answers.as_slice() {
        [answer] => output.result(table(answer, &mapper)),
        answers => output.result(csv(answers, &mapper).trim_end()),
    }
    Ok(())
}

fn event(answer: &Answer, mapper: &Mapper) -> Value {
    let values = match mapper.preprocessing.steps {
        Some(_) => json!(answer.values),
        None => {
            let names = mapper.targets().into_iter();
            let pairs = names.zip(answer.values.concat());
            Value::Object(
                pairs
                    .map(|(name, value)| (name, json!(value)))
                    .collect::<Object<_, _>>(),
            )
        }
    };
    json!({"event": "prediction", "row": answer.place, "values": values})
}

/// The answer to a single row.
fn table(answer: &Answer, mapper: &Mapper) -> Table {
    let names = mapper.preprocessing.names();
    if mapper.preprocessing.steps.is_none() {
        let mut table = Table::new(["target", "value"]);
        for (name, value) in names.iter().zip(&answer.values[0]) {
            table.row([name.as_str().into(), (*value).into()]);
        }
        return table;
    }
    let mut table = Table::new(std::iter::once("step").chain(names.iter().map(String::as_str)));
    for (step, values) in answer.values.iter().enumerate() {
        let values = values.iter().map(|value| (*value).into());
        table.row(std::iter::once((step + 1).into()).chain(values));
    }
    table
}

/// The answers to several rows: a line for each, under the names of the targets.
fn csv(answers: &[Answer], mapper: &Mapper) -> String {
    let names = mapper.targets();
    let names: Vec<_> = names.iter().map(|name| csv_cell(name)).collect();
    let mut text = names.join(",") + "\n";
    for answer in answers {
        let values = answer.values.concat();
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        text += &(values.join(",") + "\n");
    }
    text
}
