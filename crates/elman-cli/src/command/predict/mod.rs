//! `elman predict`: which class texts or series are of, what rows of numbers give.

mod rows;
mod series;
mod texts;

use crate::args::PredictArgs;
use crate::failure::{self, Failure};
use crate::output::Output;
use crate::precision;
use crate::runs;
use elman::recipe::Recipe;
use elman::task::Task;

pub fn run(args: &PredictArgs, output: &Output) -> Result<(), Failure> {
    let run = runs::open(&args.run, output)?;
    let mut recipe: Recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    match recipe.task.clone() {
        Task::Classify(tables) => texts::run(args, &recipe.with_task(tables), &run, output),
        Task::Map(tables) => rows::run(args, &recipe.with_task(tables), &run, output),
        Task::Recognize(tables) => series::run(args, &recipe.with_task(tables), &run, output),
        _ => Err(failure::other_task(&run, &recipe, "predict")),
    }
}
