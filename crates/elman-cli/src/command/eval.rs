//! `elman eval`: a trained run on its test span again.

use crate::args::EvalArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::precision;
use elman::baseline::Baseline;
use elman::run::{Origin, RunFolder};
use elman::task::forecast::Results;
use elman::task::forecast::{Job, Preprocessing, Trial};
use elman::train::Silent;
use elman_data::Part;
use std::time::Instant;

pub fn run(args: &EvalArgs, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let run = RunFolder::open(&args.run)?;
    let origin: Origin = run.read_json("run.json")?;
    let mut recipe = run.recipe()?;
    recipe
        .forecast
        .baselines
        .retain(|kind| *kind != Baseline::Window); // it would have to be trained again
    precision::apply(args.precision, &mut recipe, output)?;
    let known: Preprocessing = run.read_json("preprocessing.json")?;
    let job = Job::reload(recipe, &origin.base, known)?;
    let model = job.load(&run.model())?;
    let trial = Trial::new(&job.data, Part::Test)?;
    let baselines = trial.baselines(&job.data, &job.recipe, &Default::default(), &mut Silent)?;
    let scored = trial.score_model(&model, &job.data)?;
    let results = Results {
        data: &job.data,
        trial: &trial,
        baselines: &baselines,
        model: Some(&scored),
    };
    output.result(results.table());
    output.result(results.verdict());
    output.event(&results.event(
        run.path(),
        job.summary().parameters(),
        start.elapsed().as_secs_f64(),
    ));
    Ok(())
}
