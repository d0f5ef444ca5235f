//! `elman transcribe`: what is said in recordings.

use crate::args::TranscribeArgs;
use crate::failure::{self, Failure};
use crate::output::Output;
use crate::precision;
use crate::runs;
use elman::report::Table;
use elman::task::transcribe::{Answer, Transcribe, Transcriber};
use serde_json::json;
use std::path::Path;

pub fn run(args: &TranscribeArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "transcribe");
    let recipe = recipe.of::<Transcribe>().ok_or_else(other)?;
    let transcriber = Transcriber::open(&recipe, &run)?;
    let beam = args.beam.unwrap_or(recipe.task.transcribe.beam);
    let (answers, report) = transcriber.transcribe(&args.files, Path::new(""), beam)?;
    if report.is_notable() {
        output.note(&report);
    }
    for answer in &answers {
        output.event(&json!({
            "event": "transcript",
            "recording": answer.place,
            "text": answer.text,
            "log_probability": answer.log_probability,
            "tokens": answer.tokens,
            "steps": answer.steps,
        }));
        match answers.as_slice() {
            [_] => {
                output.result(&answer.text);
                if args.steps {
                    output.result(table(answer));
                }
            }
            _ => output.result(format_args!("{}\t{}", answer.text, answer.place)),
        }
    }
    Ok(())
}

/// Each token and where it begins.
fn table(answer: &Answer) -> Table {
    let mut table = Table::new(["token", "from step", "% of the way"]);
    for (token, step) in &answer.tokens {
        table.row([
            token.as_str().into(),
            (*step).into(),
            (100.0 * (step - 1) as f64 / answer.steps.max(1) as f64).into(),
        ]);
    }
    table
}
