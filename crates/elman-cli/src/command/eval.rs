//! `elman eval`: a trained run on its test part again.

use crate::args::EvalArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::precision;
use elman::run::RunFolder;
use elman::train::Silent;
use std::time::Instant;

pub fn run(args: &EvalArgs, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let run = RunFolder::open(&args.run)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let mut job = recipe.clone().trained(&run)?;
    job.baselines(&Default::default(), &mut Silent)?;
    let outcome = job.judge()?;
    output.result(outcome.text());
    output.event(&outcome.event(
        run.path(),
        &recipe,
        job.summary().parameters(),
        start.elapsed().as_secs_f64(),
    ));
    Ok(())
}
