//! `elman train`: the simple forecasts, the model, and both set side by side.

use crate::args::TrainArgs;
use crate::builtin::{self, Located, locate};
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{Bar, Progress};
use crate::signals;
use elman::inspect::Choice;
use elman::recipe::Recipe;
use elman::run::{Held, ORIGIN, Origin, RunFolder, SUMMARY, provenance, safe_name};
use elman::task::{self, Finished};
use elman::train::StopReason;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

pub fn run(args: &TrainArgs, output: &Output) -> Result<(), Failure> {
    let (located, place) = open(args, output)?;
    match train(located, place, args.resume, output)? {
        Ended::Stopped(path) => {
            stopped(&path, output);
            return Err(Failure::stopped());
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

/// Says how to go on with an interrupted training.
fn stopped(path: &Path, output: &Output) {
    let kept = RunFolder::is_run(path);
    output.event(&json!({"event": "stopped", "run": path.to_string_lossy(), "kept": kept}));
    if !kept {
        let path = path.display();
        output.result(format_args!(
            "stopped; `{path}` was removed meanwhile, and nothing is kept"
        ));
        return;
    }
    output.result(format_args!(
        "stopped; everything is kept. Go on with:\n  elman train {} --resume",
        builtin::argument(path)
    ));
}

/// Where a run goes.
pub enum Place {
    /// Into this folder.
    Folder(PathBuf),
    /// Into a folder of its own in `runs`, called as the recipe.
    Numbered,
}

/// How a training ended.
pub enum Ended {
    /// A signal stopped it; everything is kept in this folder.
    Stopped(PathBuf),
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
    place: Place,
    resume: bool,
    output: &Output,
) -> Result<Ended, Failure> {
    let start = Instant::now();
    let Located { recipe, name, base } = located;
    let mut job = recipe.clone().prepare(&base)?;
    let mut held = hold(&place, &name, resume, &recipe)?; // from here on nothing about the recipe is wrong
    let run = held.run().clone();
    let first = Path::new("runs").join(safe_name(&name));
    if matches!(place, Place::Numbered) && run.path() != first {
        let (first, path) = (first.display(), run.path().display());
        output.note(format_args!(
            "{first} is there already: this run goes to {path}"
        ));
    }
    let _words = {
        let (path, output) = (run.path().to_path_buf(), *output);
        signals::last_words(move || stopped(&path, &output))
    };
    run.write_json(ORIGIN, &Origin::new(&name, &base, run.path()))?;
    run.write_recipe(&recipe)?;
    if !run.has_checkpoint() {
        job.remember(&run)?; // a training that goes on has it, and it must stay as the weights know it
    }
    let (about, summary) = (job.about(), job.summary());
    run.write_json(SUMMARY, &summary)?;
    held.keep();
    if let Some(report) = &about.report {
        output.note(report);
    }
    output.note(format_args!("{summary}\n"));
    if let Some(table) = job.baselines(
        &Default::default(),
        &mut Bar::new("fixed window network", output),
    )? {
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
    let stop = Arc::new(AtomicBool::new(false));
    let mut progress = Progress::new(output, &mut held, &recipe.train, stop.clone());
    let trained = job.train(&run.checkpoints(), resume, stop, &mut progress);
    let left = progress.end();
    let trained = match trained {
        Err(task::Error::Train(elman::train::Error::NonFinite(why))) => {
            return Ok(Ended::Diverged(why.to_string()));
        }
        trained => trained?,
    };
    left?;
    if trained.reason == StopReason::Stopped {
        return Ok(Ended::Stopped(run.path().into()));
    }
    held.restore()?;
    job.save(&run.model(), &provenance(&recipe))?;
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

/// Takes the folder of a training, which nobody else may train into from then on.
fn hold(place: &Place, name: &str, resume: bool, recipe: &Recipe) -> Result<Held, Failure> {
    let Place::Folder(path) = place else {
        return Ok(Held::take(RunFolder::create_numbered(name)?)?);
    };
    let held = Held::take(RunFolder::create(path, resume)?)?;
    if RunFolder::is_run(path) {
        if !resume {
            let path = path.clone();
            return Err(elman::run::Error::Taken { path }.into()); // by one that just ended
        }
        same_recipe(recipe, held.run())?;
    }
    Ok(held)
}

/// The recipe and where the run goes.
fn open(args: &TrainArgs, output: &Output) -> Result<(Located, Place), Failure> {
    let folder = args.recipe.recipe.as_path();
    if RunFolder::is_run(folder) && !builtin::hides(folder) {
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
        let origin = run.origin()?;
        let located = Located {
            recipe: run.recipe()?,
            base: builtin::base_of(&run, &origin)?,
            name: origin.name,
        };
        return Ok((located, Place::Folder(folder.into())));
    }
    let located = locate(&args.recipe.recipe, &args.recipe.set, output)?;
    let place = match (&args.run, args.resume) {
        (Some(path), _) => Place::Folder(path.clone()),
        (None, true) => Place::Folder(Path::new("runs").join(safe_name(&located.name))),
        (None, false) => Place::Numbered,
    };
    Ok((located, place))
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
