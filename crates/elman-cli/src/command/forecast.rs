//! `elman forecast`: what a trained run says about the future.

use crate::args::ForecastArgs;
use crate::failure::{self, Failure};
use crate::given;
use crate::output::{self, Output};
use crate::precision;
use crate::runs;
use elman::report::{Table, csv_cell};
use elman::task::forecast::{self, Dataset, Forecast, Forecaster, Preprocessing};
use serde_json::json;
use std::path::Path;

pub fn run(args: &ForecastArgs, output: &Output) -> Result<(), Failure> {
    let output = &output.beside(args.output.as_deref())?;
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "forecast");
    let recipe = recipe.of::<Forecast>().ok_or_else(other)?;
    let known = Preprocessing::remembered(&run)?;
    let steps = args.steps.unwrap_or(recipe.task.forecast.horizon);
    if let Some(input) = args
        .input
        .as_deref()
        .filter(|input| *input != Path::new("-"))
    {
        given::exists(input)?;
    }
    let (data, from) = forecast::newest(&recipe, &run, args.input.as_deref(), known)?;
    if let Some(from) = from {
        output.note(from);
    }
    let calendar = recipe
        .task
        .data
        .as_ref()
        .map_or(&[][..], |source| &source.calendar);
    let data = data.extended(steps + recipe.task.forecast.offset, calendar)?;
    let job = Forecaster::with_data(recipe, data)?;
    let model = job.load(&run.model())?;
    let newest = job.data.series.len() - 1;
    let values = forecast::forecast(&model, &job.data, &[newest], steps)?;
    if let Some(gaps) = open_gaps(&job.data) {
        output.note(gaps);
    }
    let labels = labels(&job.data, steps, job.recipe.task.forecast.offset);
    let names = &job.data.preprocessing.targets;

    let rows: Vec<(&String, &[f64])> = labels.iter().zip(values.chunks(names.len())).collect();
    let forecast: Vec<_> = rows
        .iter()
        .map(|(label, values)| {
            let values: serde_json::Map<_, _> = names
                .iter()
                .zip(*values)
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            json!({"time": label, "values": values})
        })
        .collect();
    if let Some(path) = &args.output {
        output::write(path, csv(names, &rows))?;
    }
    let mut table = Table::new(std::iter::once("time").chain(names.iter().map(String::as_str)));
    for (label, values) in &rows {
        table.row(
            std::iter::once(label.as_str().into())
                .chain(values.iter().map(|value| (*value).into())),
        );
    }
    output.result(table);
    output.event(&json!({"event": "result", "run": run.path().to_string_lossy(), "history_ends": job.data.series.labels(newest..newest + 1)[0], "forecast": forecast}));
    Ok(())
}

/// A sentence about time stamps that the history lacks and that nothing fills.
fn open_gaps(data: &Dataset) -> Option<String> {
    let time = data.report.as_ref()?.time.as_ref()?;
    let gaps = time.gaps.as_ref().filter(|gaps| !gaps.filled)?;
    Some(format!(
        "The history lacks {} time stamps at its step of {}: its rows are read as neighbours. data.gaps = \"fill\" in a recipe fills \
         them.",
        gaps.missing, time.step?
    ))
}

/// Times of the steps, or how many rows they lie ahead.
fn labels(data: &Dataset, steps: usize, offset: usize) -> Vec<String> {
    match data.series.next_times(steps + offset) {
        Some(times) => times[offset..]
            .iter()
            .map(|time| data.series.label(*time))
            .collect(),
        None => (1..=steps)
            .map(|step| format!("+{}", step + offset))
            .collect(),
    }
}

fn csv(names: &[String], rows: &[(&String, &[f64])]) -> String {
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let head = line(
        std::iter::once("time".into())
            .chain(names.iter().map(|name| csv_cell(name).into_owned()))
            .collect(),
    );
    let body = rows.iter().map(|(label, values)| {
        line(
            std::iter::once(csv_cell(label).into_owned())
                .chain(values.iter().map(ToString::to_string))
                .collect(),
        )
    });
    head + &body.collect::<String>()
}
