//! Which class series are of.

use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::output::Output;
use elman::recipe::Recipe;
use elman::report::Table;
use elman::run::RunFolder;
use elman::task::recognize::{Answer, Each, Recognize, Recognizer};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Classes that are shown of a single series.
const SHOWN: usize = 10;

pub fn run(
    args: &PredictArgs,
    recipe: &Recipe<Recognize>,
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
            "name the files that hold the series, for example: elman predict {} FILE",
            args.run.display()
        )));
    }
    let recognizer = Recognizer::open(recipe, run)?;
    let (answers, report) = recognizer.recognize(&files, Path::new(""))?;
    if report.is_notable() {
        output.note(&report);
    }
    for answer in &answers {
        output.event(&event(answer, &recognizer));
        match (recognizer.each, answers.as_slice()) {
            (Each::Series, [_]) => output.result(table(answer, &recognizer)),
            (Each::Series, _) => output.result(format_args!(
                "{}\t{:.1} %\t{}",
                recognizer.classes.names[answer.classes[0]],
                100.0 * answer.probabilities[0][answer.classes[0]],
                answer.place
            )),
            (Each::Step, _) => {
                output.result(format_args!("{}", answer.place));
                output.result(spans(answer, &recognizer));
            }
        }
    }
    Ok(())
}

fn event(answer: &Answer, recognizer: &Recognizer) -> Value {
    let names = &recognizer.classes.names;
    match recognizer.each {
        Each::Series => {
            let shares = names.iter().zip(&answer.probabilities[0]);
            let shares: Map<String, Value> = shares
                .map(|(name, share)| (name.clone(), json!(share)))
                .collect();
            let class = answer.classes[0];
            json!({
                "event": "prediction",
                "series": answer.place,
                "class": names[class],
                "label": recognizer.classes.labels[class],
                "probability": answer.probabilities[0][class],
                "probabilities": shares,
            })
        }
        Each::Step => {
            let classes: Vec<&String> = answer.classes.iter().map(|class| &names[*class]).collect();
            let sure = answer.classes.iter().zip(&answer.probabilities);
            let sure: Vec<f64> = sure.map(|(class, shares)| shares[*class]).collect();
            json!({
                "event": "prediction", "series": answer.place, "steps": answer.steps, "classes": classes, "probabilities": sure,
            })
        }
    }
}

/// The likeliest classes of a series.
fn table(answer: &Answer, recognizer: &Recognizer) -> Table {
    let shares = &answer.probabilities[0];
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    let mut table = Table::new(["class", "probability %"]);
    for class in order.into_iter().take(SHOWN) {
        let name = recognizer.classes.names[class].as_str();
        table.row([name.into(), (100.0 * shares[class]).into()]);
    }
    table
}

/// Steps side by side that have the same class, as one row.
fn spans(answer: &Answer, recognizer: &Recognizer) -> Table {
    let mut table = Table::new(["from", "to", "class", "probability %"]);
    let mut first = 0;
    for same in answer.classes.chunk_by(|a, b| a == b) {
        let steps = first..first + same.len();
        let sure: f64 = steps
            .clone()
            .map(|step| answer.probabilities[step][same[0]])
            .sum();
        table.row([
            answer.steps[first].into(),
            answer.steps[steps.end - 1].into(),
            recognizer.classes.names[same[0]].as_str().into(),
            (100.0 * sure / same.len() as f64).into(),
        ]);
        first = steps.end;
    }
    table
}
