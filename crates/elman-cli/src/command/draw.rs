//! `elman draw`: a network unrolled in time.

use crate::args::DrawArgs;
use crate::builtin::{self, locate};
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::runs;
use elman::inspect::Choice;
use elman::model::Summary;
use elman::recipe::Recipe;
use elman::report::plot::{Unrolled, UnrolledValues, UnrolledWords, unrolled};
use elman::run::{RunFolder, safe_name};
use serde_json::json;
use std::path::PathBuf;

pub fn run(args: &DrawArgs, output: &Output) -> Result<(), Failure> {
    let path = args.recipe.as_path();
    let is_run = RunFolder::is_run(path) && !builtin::hides(path);
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
    let file = |name: &str| {
        let named = || PathBuf::from(format!("{}.svg", safe_name(name)));
        let file = args.out.clone().unwrap_or_else(named);
        output::may_write(&file, args.force).map(|()| file)
    };
    let (summary, ends, name, file, values) = if is_run {
        let run = runs::open(path, output)?;
        let name = run.origin()?.name;
        let file = file(&name)?;
        let recipe = run.recipe()?;
        let ends = recipe.task.ends();
        let kept = match args.values {
            true => None,
            false => run.summary(),
        };
        match kept {
            Some(summary) => (summary, ends, name, file, None),
            None => {
                let (summary, values) = trained(&run, recipe, args)?;
                (summary, ends, name, file, values)
            }
        }
    } else {
        let located = locate(&args.recipe, &args.set, output)?;
        let file = file(&located.name)?;
        let ends = located.recipe.task.ends();
        let session = located.recipe.prepare(&located.base)?;
        (session.summary(), ends, located.name, file, None)
    };
    let output = &output.beside(Some(&file))?;
    let svg = unrolled(&Unrolled {
        title: &name,
        summary: &summary,
        ends,
        values: values.as_ref(),
        words: UnrolledWords::ENGLISH,
    });
    output::write(&file, svg.as_str())?;
    output.result(format_args!("wrote {}", file.display()));
    output.event(&json!({"event": "result", "file": file.to_string_lossy()}));
    Ok(())
}

/// The network of a run whose data are needed, with the numbers of an example if they are asked for.
fn trained(
    run: &RunFolder,
    recipe: Recipe,
    args: &DrawArgs,
) -> Result<(Summary, Option<UnrolledValues>), Failure> {
    let session = recipe.trained(run).map_err(|error| {
        runs::without_data(
            run,
            error,
            "Put them back, or draw the run without --values",
        )
    })?;
    let choice = Choice {
        example: args.example - 1,
        text: args.text.clone(),
    };
    let summary = session.summary();
    let values = match args.values {
        true => Some(session.inspect(&choice, None)?.values(&summary)),
        false => None,
    };
    Ok((summary, values))
}
