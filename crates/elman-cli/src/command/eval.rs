//! `elman eval`: a trained run on its test set again, or on another labelled file.

use crate::args::EvalArgs;
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use crate::precision;
use crate::runs;
use elman::report::{Cell, Table, number};
use elman::train::Silent;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

const PUT_BACK: &str = "Put them back where they were";

pub fn run(args: &EvalArgs, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let mut job = recipe
        .clone()
        .trained(&run)
        .map_err(|error| runs::without_data(&run, error, PUT_BACK))?;
    if let Some(file) = &args.data {
        given::exists(file)?;
        let found = job.test_on(file)?;
        output.note(format_args!(
            "`{}` takes the place of the test set: {found}",
            file.display()
        ));
    }
    job.baselines(&Default::default(), &mut Silent)?;
    let outcome = job.judge()?;
    output.result(outcome.text());
    let mut event = outcome.event(
        run.path(),
        &recipe,
        job.summary().parameters(),
        start.elapsed().as_secs_f64(),
    );
    if let Some(file) = &args.data {
        event["data"] = json!(file.to_string_lossy());
        if let Ok(result) = run.read_json::<Value>("result.json") {
            output.result(format_args!("\n{}", beside(&event, &result, file)));
            event["test_set"] = result["metrics"].clone();
        }
    }
    output.event(&event);
    Ok(())
}

/// The figures of a file next to those of the run's own test set.
fn beside(event: &Value, result: &Value, file: &Path) -> Table {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let name = name.to_string_lossy();
    let mut table = Table::new(["the model", &name, "test set of the run"]);
    let metrics = event["metrics"].as_object();
    let measured = metrics.into_iter().flatten();
    for (metric, value) in measured.filter(|(metric, _)| *metric != "parameters") {
        let before = result["metrics"][metric].as_f64();
        if let (Some(value), Some(before)) = (value.as_f64(), before) {
            table.row([metric.as_str().into(), figure(value), figure(before)]);
        }
    }
    table
}

/// Rows hold unlike things, so that each figure has its own decimals.
fn figure(value: f64) -> Cell {
    number(value).into()
}
