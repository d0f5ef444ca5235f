//! `elman draw`: a network unrolled in time.

use crate::args::DrawArgs;
use crate::builtin::locate;
use crate::failure::Failure;
use crate::output::{self, Output};
use elman::inspect::Choice;
use elman::report::plot::{Unrolled, UnrolledWords, unrolled};
use elman::run::RunFolder;
use serde_json::json;
use std::path::{Path, PathBuf};

pub fn run(args: &DrawArgs, output: &Output) -> Result<(), Failure> {
    let path = Path::new(&args.recipe);
    let is_run = RunFolder::is_run(path);
    if args.values && !is_run {
        return Err(Failure::input(format!(
            "`{}` is no run, and only a trained network has values: train the recipe, then draw its run",
            path.display()
        )));
    }
    if is_run && !args.set.is_empty() {
        return Err(Failure::input(
            "--set changes a recipe, and a run has been trained with its own: draw the recipe instead",
        ));
    }
    let (session, ends, name, values) = if is_run {
        let run = RunFolder::open(path)?;
        let recipe = run.recipe()?;
        let ends = recipe.task.ends();
        let session = recipe.trained(&run)?;
        let choice = Choice {
            example: args.example - 1,
            text: args.text.clone(),
        };
        let values = match args.values {
            true => Some(session.inspect(&choice, None)?.values(&session.summary())),
            false => None,
        };
        (session, ends, run.origin()?.name, values)
    } else {
        let located = locate(&args.recipe, &args.set, output)?;
        let ends = located.recipe.task.ends();
        let session = located.recipe.prepare(&located.base)?;
        (session, ends, located.name, None)
    };
    let svg = unrolled(&Unrolled {
        title: &name,
        summary: &session.summary(),
        ends,
        values: values.as_ref(),
        words: UnrolledWords::ENGLISH,
    });
    let file = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{name}.svg")));
    output::write(&file, svg.as_str())?;
    output.result(format_args!("wrote {}", file.display()));
    output.event(&json!({"event": "result", "file": file}));
    Ok(())
}
