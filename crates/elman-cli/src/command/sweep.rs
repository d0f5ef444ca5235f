//! `elman sweep`: many recipes from one, trained one after the other and compared.

use super::compare;
use super::train::{Ended, Place, same_recipe, train};
use crate::args::SweepArgs;
use crate::builtin::{Located, locate};
use crate::failure::Failure;
use crate::output::Output;
use crate::signals;
use elman::compare::{Comparison, Contender};
use elman::recipe::Recipe;
use elman::report::{duration, number};
use elman::run::{Lock, RunFolder, safe_name};
use elman::sweep::{Axis, Choice, Planned, plan};
use elman::train::TrainConfig;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a sweep is made of, in its folder.
const PLAN: &str = "sweep.json";

pub fn run(args: &SweepArgs, output: &Output) -> Result<(), Failure> {
    let axes: Result<Vec<Axis>, _> = args.over.iter().map(|text| Axis::parse(text)).collect();
    let axes = axes.map_err(Failure::input)?;
    let fixed = |set: &String| {
        axes.iter()
            .any(|axis| set.split('=').next().map(str::trim) == Some(axis.key()))
    };
    if let Some(twice) = args.recipe.set.iter().find(|set| fixed(set)) {
        return Err(Failure::input(format!(
            "`--set {twice}` gives one value to a key that --over gives several"
        )));
    }
    let choice = match args.random {
        Some(count) => Choice::Random {
            count,
            seed: args.seed,
        },
        None => Choice::All,
    };
    let plan = plan(&axes, choice).map_err(Failure::input)?;
    let all = recipes(args, &plan, output)?;
    let folder = args
        .run
        .clone()
        .unwrap_or_else(|| Path::new("sweeps").join(safe_name(&all[0].name)));
    if RunFolder::is_run(&folder) {
        return Err(Failure::input(format!(
            "`{}` is a run, and a sweep needs a folder of its own: choose another with --run",
            folder.display()
        )));
    }
    let paths: Vec<PathBuf> = plan.iter().map(|one| folder.join(&one.folder)).collect();
    same_sweep(&folder, &plan)?;
    for (located, path) in all.iter().zip(&paths) {
        if RunFolder::is_run(path) {
            same_length(&located.recipe, &RunFolder::existing(path)?)?;
        }
    }
    check(&all, &plan, &paths, output)?;
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::Program(format!("cannot make `{}`: {error}", folder.display()))
    })?;
    let _lock = Lock::take(&folder)?;
    elman_data::remove_partial_files(&folder); // of sweeps that were killed
    same_sweep(&folder, &plan)?; // another may have begun one since
    let _words = {
        let (folder, output) = (folder.clone(), *output);
        signals::last_words(move || stopped(&folder, &output))
    };
    let text = serde_json::to_string_pretty(&plan).expect("made of texts");
    crate::output::write(&folder.join(PLAN), &(text + "\n"))?;
    if !train_all(all, &plan, &paths, output)? {
        stopped(&folder, output);
        return Err(Failure::stopped());
    }
    let comparison = Comparison::read(&paths)?;
    let title = format!("{}, swept", folder.display());
    compare::show(&comparison, &title, &folder, output)?;
    let best = comparison.best().map_or(String::new(), |best| {
        format!("\n  elman eval {}", best.path.display())
    });
    let page = folder.join("report.html");
    output.result(format_args!("next:\n  open {}{best}", page.display()));
    Ok(())
}

/// Says how to go on with an interrupted sweep.
fn stopped(folder: &Path, output: &Output) {
    output.event(&json!({"event": "stopped", "folder": folder.to_string_lossy()}));
    output.result("stopped; everything is kept. The same command goes on");
}

/// The recipes of all combinations; the first that is wrong is refused.
fn recipes(args: &SweepArgs, plan: &[Planned], output: &Output) -> Result<Vec<Located>, Failure> {
    let located = plan.iter().map(|one| {
        let sets = [args.recipe.set.as_slice(), one.changes.as_slice()].concat();
        locate(&args.recipe.recipe, &sets, output).map_err(|failure| with(one, failure))
    });
    located.collect()
}

/// Says which combination is wrong.
fn with(one: &Planned, failure: Failure) -> Failure {
    let changes = one.changes.join(", ");
    match failure {
        Failure::Input(message) => Failure::Input(format!("with {changes}: {message}")),
        Failure::Program(message) => Failure::Program(format!("with {changes}: {message}")),
        other => other,
    }
}

/// Refuses to go on with another sweep in the same folder; more combinations may have come to it.
fn same_sweep(folder: &Path, plan: &[Planned]) -> Result<(), Failure> {
    let path = folder.join(PLAN);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(());
    };
    let begun: Vec<Planned> = serde_json::from_str(&text).map_err(|error| {
        let path = path.display();
        Failure::input(format!(
            "`{path}` cannot be understood: {error}. Choose another folder with --run"
        ))
    })?;
    match plan.starts_with(&begun) {
        true => Ok(()),
        false => Err(Failure::input(format!(
            "`{}` holds another sweep: choose another folder with --run, or go on with the same --over, --random and --seed",
            folder.display()
        ))),
    }
}

/// Refuses to go on with a run under another recipe. A longer training would be a good one by itself, but beside others that
/// were not it would be compared for its length.
fn same_length(recipe: &Recipe, run: &RunFolder) -> Result<(), Failure> {
    same_recipe(recipe, run)?;
    let (begun, now) = (run.recipe()?.train.epochs, recipe.train.epochs);
    match begun == now {
        true => Ok(()),
        false => Err(Failure::input(format!(
            "`{}` was begun with train.epochs = {begun}, not {now}: go on with the same recipe, or choose another folder \
             with --run",
            run.path().display()
        ))),
    }
}

/// Fits every network to its data before any of them is trained. What `[train]` says has been checked already, so that of
/// recipes that differ in it alone one is enough.
fn check(
    all: &[Located],
    plan: &[Planned],
    paths: &[PathBuf],
    output: &Output,
) -> Result<(), Failure> {
    let mut known: Vec<Recipe> = Vec::new();
    for ((located, one), path) in all.iter().zip(plan).zip(paths) {
        let mut recipe = located.recipe.clone();
        recipe.train = TrainConfig {
            seed: recipe.train.seed,
            batch_size: recipe.train.batch_size,
            bptt_len: recipe.train.bptt_len,
            loss: recipe.train.loss.clone(),
            ..TrainConfig::default()
        };
        if is_finished(path) || known.contains(&recipe) {
            continue;
        }
        output.note(format_args!("checking {}", one.changes.join(", ")));
        let prepared = located.recipe.clone().prepare(&located.base);
        prepared.map_err(|error| with(one, error.into()))?;
        known.push(recipe);
    }
    Ok(())
}

fn is_finished(path: &Path) -> bool {
    RunFolder::is_run(path) && path.join("result.json").exists()
}

/// Trains what is not finished yet; false if it was stopped.
fn train_all(
    all: Vec<Located>,
    plan: &[Planned],
    paths: &[PathBuf],
    output: &Output,
) -> Result<bool, Failure> {
    let count = all.len();
    for (index, ((located, one), path)) in all.into_iter().zip(plan).zip(paths).enumerate() {
        let what = format!("{}/{count} {}", index + 1, one.changes.join(" "));
        if is_finished(path) {
            output.note(format_args!("{what}: finished before"));
            continue;
        }
        output.note(format_args!("{what} …"));
        let ended = train(located, Place::Folder(path.clone()), true, &output.muted());
        let said = match ended.map_err(|failure| with(one, failure))? {
            Ended::Stopped(_) => return Ok(false),
            Ended::Diverged(why) => {
                output.event(
                    &json!({"event": "diverged", "run": path.to_string_lossy(), "message": why}),
                );
                format!("did not come to its end: {why}")
            }
            Ended::Finished(_) => {
                let run = Contender::read(path)?;
                let (loss, seconds) = (run.validation(), run.fit_seconds());
                output.event(&json!({"event": "run", "run": path.to_string_lossy(), "changes": one.changes, "validation_loss": loss}));
                let loss = loss.map_or("none".into(), number);
                format!("validation loss {loss}, {}", duration(seconds))
            }
        };
        output.note(format_args!(
            "{:>width$} {said}",
            "",
            width = what.find(' ').unwrap_or(0)
        ));
    }
    Ok(true)
}
