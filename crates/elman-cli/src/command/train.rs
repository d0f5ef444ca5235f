//! `elman train`: the simple forecasts, the model, and both set side by side.

use crate::args::TrainArgs;
use crate::builtin::{Located, locate};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{Bar, Progress};
use elman::recipe::Recipe;
use elman::run::{ORIGIN, Origin, RunFolder};
use elman::task::forecast::Results;
use elman::task::forecast::report::Finished;
use elman::task::forecast::{Job, Trial};
use elman::train::StopReason;
use elman::weights;
use elman_data::Part;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub fn run(args: &TrainArgs, output: &Output) -> Result<(), Failure> {
    let start = Instant::now();
    let (located, path) = open(args)?;
    let Located { recipe, name, base } = located;
    let job = Job::prepare(recipe, &base)?;
    let trial = Trial::new(&job.data, Part::Test)?;
    let run = RunFolder::create(&path, args.resume)?; // from here on nothing about the recipe is wrong
    if RunFolder::is_run(&path) {
        same_recipe(&job.recipe, &run)?;
    }
    let base = std::fs::canonicalize(&base).unwrap_or(base);
    run.write_json(
        ORIGIN,
        &Origin {
            name: name.clone(),
            base,
            version: elman::VERSION.into(),
        },
    )?;
    run.write_recipe(&job.recipe)?;
    run.write_json("preprocessing.json", &job.data.preprocessing)?;

    if let Some(report) = &job.data.report {
        output.note(report);
    }
    output.note(format_args!("{}\n", job.summary()));
    let stop = stop_flag();
    output.note("the simple forecasts first:");
    let baselines = trial.baselines(&job.data, &job.recipe, &stop, &mut Bar::new(output))?;
    output.note(
        Results {
            data: &job.data,
            trial: &trial,
            baselines: &baselines,
            model: None,
        }
        .table(),
    );

    let mut progress = Progress::new(output, &run);
    let trained = job.train(&run.checkpoints(), args.resume, stop, &mut progress)?;
    if trained.reason == StopReason::Stopped {
        output.event(&json!({"event": "stopped", "run": run.path()}));
        output.result(format_args!(
            "stopped; everything is kept. Go on with:\n  elman train {} --resume",
            run.path().display()
        ));
        return Ok(());
    }
    let model = &trained.model;
    weights::save(model, &run.model(), &Default::default())
        .map_err(elman::task::forecast::Error::from)?;
    let scored = trial.score_model(model, &job.data)?;
    let results = Results {
        data: &job.data,
        trial: &trial,
        baselines: &baselines,
        model: Some(&scored),
    };
    let finished = Finished {
        name: &name,
        run: &run,
        job: &job,
        results,
        history: &trained.history,
        best: restored(&job.recipe)
            .then_some(trained.best.as_ref())
            .flatten()
            .map(|best| best.epoch),
        seconds: start.elapsed().as_secs_f64(),
    };
    let result = finished.write()?;
    output.result(finished.results.table());
    output.result(finished.results.verdict());
    output.result(finished.next());
    output.event(&result);
    Ok(())
}

/// The recipe and where the run goes.
fn open(args: &TrainArgs) -> Result<(Located, PathBuf), Failure> {
    let folder = Path::new(&args.recipe.recipe);
    if RunFolder::is_run(folder) {
        if !args.resume {
            return Err(Failure::input(format!(
                "`{}` is a run; go on with it by --resume, or name a recipe",
                folder.display()
            )));
        }
        if !args.recipe.set.is_empty() || args.run.is_some() {
            return Err(Failure::input(
                "a run goes on as it began: --set and --run do not go with a run folder",
            ));
        }
        let run = RunFolder::existing(folder)?;
        let Origin { name, base, .. } = run.read_json("run.json")?;
        return Ok((
            Located {
                recipe: run.recipe()?,
                name,
                base,
            },
            folder.into(),
        ));
    }
    let located = locate(&args.recipe.recipe, &args.recipe.set)?;
    let path = args.run.clone().unwrap_or_else(|| match args.resume {
        true => Path::new("runs").join(&located.name),
        false => RunFolder::free(&located.name),
    });
    Ok((located, path))
}

/// Whether the model is that of the best epoch rather than of the last.
fn restored(recipe: &Recipe) -> bool {
    recipe
        .train
        .early_stopping
        .as_ref()
        .is_some_and(|stopping| stopping.restore_best)
}

/// Refuses to go on with a run under another recipe; only the number of epochs and of checkpoints may change.
fn same_recipe(recipe: &Recipe, run: &RunFolder) -> Result<(), Failure> {
    let begun = run.recipe()?;
    let mut now = recipe.clone();
    now.train.epochs = begun.train.epochs;
    now.train.checkpoint_every = begun.train.checkpoint_every;
    now.description = begun.description.clone();
    let (now, then) = (now.to_toml(), begun.to_toml());
    let Some((now, then)) = now
        .lines()
        .zip(then.lines())
        .find(|(now, then)| now != then)
    else {
        return Ok(());
    };
    Err(Failure::input(format!(
        "`{}` was begun with `{then}`, not `{now}`: go on with the same recipe, or choose another folder with --run",
        run.path().display()
    )))
}

/// A flag that the first Ctrl-C raises; another, once the first had time to act, ends the program at once.
fn stop_flag() -> Arc<AtomicBool> {
    const PATIENCE: Duration = Duration::from_millis(500); // one key press may arrive as two signals
    let flag = Arc::new(AtomicBool::new(false));
    let (raised, first) = (flag.clone(), OnceLock::new());
    // Without a handler Ctrl-C simply ends the program, and the last checkpoint is there.
    let _ = ctrlc::set_handler(move || {
        if first.get_or_init(Instant::now).elapsed() > PATIENCE {
            std::process::exit(130);
        }
        raised.store(true, Ordering::Relaxed);
    });
    flag
}
