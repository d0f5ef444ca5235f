//! `elman nearest`: the texts or series nearest to another, and how close two are.

mod series;
mod texts;

use crate::args::NearestArgs;
use crate::failure::{self, Failure};
use crate::output::Output;
use crate::precision;
use crate::runs;
use elman::recipe::Recipe;
use elman::run::RunFolder;
use elman::task::Task;

pub fn run(args: &NearestArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let origin = run.origin()?;
    let mut recipe: Recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let asked = Asked {
        args,
        run: &run,
        base: &origin.base,
        output,
    };
    match recipe.task.clone() {
        Task::Similarity(tables) => texts::run(&asked, &recipe.with_task(tables)),
        Task::Resemble(tables) => series::run(&asked, &recipe.with_task(tables)),
        _ => Err(failure::other_task(&run, &recipe, "nearest")),
    }
}

/// What is asked of which run.
struct Asked<'a> {
    args: &'a NearestArgs,
    run: &'a RunFolder,
    /// The folder of the files that the run was trained on.
    base: &'a std::path::Path,
    output: &'a Output,
}
