//! `elman train`: the simple forecasts, the model, and both set side by side.

use crate::args::TrainArgs;
use crate::builtin::{Located, locate};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{Bar, Progress};
use elman::inspect::Choice;
use elman::recipe::Recipe;
use elman::run::{ORIGIN, Origin, RunFolder};
use elman::task::{self, Finished};
use elman::train::StopReason;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub fn run(args: &TrainArgs, output: &Output) -> Result<(), Failure> {
    let (located, path) = open(args, output)?;
    let taken = Path::new("runs").join(&located.name);
    if args.run.is_none() && !args.resume && path != taken {
        output.note(format_args!(
            "{} holds a run already: this one goes to {}",
            taken.display(),
            path.display()
        ));
    }
    match train(located, &path, args.resume, stop_flag(), output)? {
        Ended::Stopped => {
            output.event(&json!({"event": "stopped", "run": path}));
            output.result(format_args!(
                "stopped; everything is kept. Go on with:\n  elman train {} --resume",
                path.display()
            ));
        }
        Ended::Diverged(why) => return Err(Failure::Program(why)),
        Ended::Finished(done) => {
            output.result(done.text);
            output.advice(done.next);
            output.event(&done.result);
        }
    }
    Ok(())
}

/// How a training ended.
pub enum Ended {
    /// The stop flag was raised; everything is kept.
    Stopped,
    /// A loss or a gradient was no number any more, and why.
    Diverged(String),
    /// It is done.
    Finished(Box<Done>),
}

/// A training that is done.
pub struct Done {
    /// What it came to, as `result.json` has it.
    pub result: Value,
    /// The same as text.
    pub text: String,
    /// What to do next, as commands.
    pub next: String,
}

/// Trains a recipe into a folder, with everything that a run has; goes on with one that is there if `resume`.
pub fn train(
    located: Located,
    path: &Path,
    resume: bool,
    stop: Arc<AtomicBool>,
    output: &Output,
) -> Result<Ended, Failure> {
    let start = Instant::now();
    let Located { recipe, name, base } = located;
    let mut job = recipe.clone().prepare(&base)?;
    let run = RunFolder::create(path, resume)?; // from here on nothing about the recipe is wrong
    if RunFolder::is_run(path) {
        same_recipe(&recipe, &run)?;
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
    run.write_recipe(&recipe)?;
    if !run.has_checkpoint() {
        job.remember(&run)?; // a training that goes on has it, and it must stay as the weights know it
    }

    let (about, summary) = (job.about(), job.summary());
    if let Some(report) = &about.report {
        output.note(report);
    }
    output.note(format_args!("{summary}\n"));
    if let Some(table) = job.baselines(&stop, &mut Bar::new("fixed window network", output))? {
        output.note(format_args!("what the model must beat:\n{table}"));
    }
    // Pictures are looked at only now: what was left out of them is known now.
    let (before, about) = (about, job.about());
    if let Some(report) = about
        .report
        .as_ref()
        .filter(|_| about.report != before.report)
    {
        output.note(report);
    }
    let mut progress = Progress::new(output, &run, &recipe.train);
    let trained = match job.train(&run.checkpoints(), resume, stop, &mut progress) {
        Err(task::Error::Train(elman::train::Error::NonFinite(why))) => {
            return Ok(Ended::Diverged(why.to_string()));
        }
        trained => trained?,
    };
    if trained.reason == StopReason::Stopped {
        return Ok(Ended::Stopped);
    }
    job.save(&run.model())?;
    let outcome = job.judge()?;
    let mut finished = Finished {
        name: &name,
        run: &run,
        recipe: &recipe,
        about: &about,
        summary: &summary,
        trained: &trained,
        outcome: &outcome,
        inspection: None,
        seconds: start.elapsed().as_secs_f64(),
    };
    let mut result = finished.write()?;
    // A look inside is worth a second, but no run is to be lost for want of it: the run is whole before.
    let inspection = job.inspect(&Choice::default(), None);
    match &inspection {
        Ok(seen) => {
            finished.inspection = Some(seen);
            result = finished.write()?;
        }
        Err(error) => output.note(format_args!("the network was not looked into: {error}")),
    }
    let hints = finished.hints();
    let hints = hints
        .iter()
        .map(|hint| format!("hint: {}; try {}\n", hint.seen, hint.remedy));
    Ok(Ended::Finished(Box::new(Done {
        result,
        text: outcome.text(),
        next: hints.collect::<String>() + &finished.next(),
    })))
}

/// The recipe and where the run goes.
fn open(args: &TrainArgs, output: &Output) -> Result<(Located, PathBuf), Failure> {
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
        let Origin { name, base, .. } = run.origin()?;
        return Ok((
            Located {
                recipe: run.recipe()?,
                name,
                base,
            },
            folder.into(),
        ));
    }
    let located = locate(&args.recipe.recipe, &args.recipe.set, output)?;
    let path = args.run.clone().unwrap_or_else(|| match args.resume {
        true => Path::new("runs").join(&located.name),
        false => RunFolder::free(&located.name),
    });
    Ok((located, path))
}

/// Refuses to go on with a run under another recipe; only the number of epochs and of checkpoints may change.
pub fn same_recipe(recipe: &Recipe, run: &RunFolder) -> Result<(), Failure> {
    let begun = run.recipe()?;
    let mut now = recipe.clone();
    now.train.epochs = begun.train.epochs;
    now.train.checkpoint_every = begun.train.checkpoint_every;
    now.description = begun.description.clone();
    let (now, then) = (now.to_toml(), begun.to_toml());
    let end = || std::iter::once("the end of the recipe");
    let pairs = now.lines().chain(end()).zip(then.lines().chain(end()));
    let Some((now, then)) = pairs.into_iter().find(|(now, then)| now != then) else {
        return Ok(());
    };
    Err(Failure::input(format!(
        "`{}` was begun with `{then}`, not `{now}`: go on with the same recipe, or choose another folder with --run",
        run.path().display()
    )))
}

/// A flag that the first Ctrl-C raises; another, once the first had time to act, ends the program at once.
pub fn stop_flag() -> Arc<AtomicBool> {
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
