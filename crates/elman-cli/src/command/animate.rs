//! `elman animate`: a movement goes on.

use crate::args::AnimateArgs;
use crate::failure::{self, Failure};
use crate::output::{self, Output};
use crate::precision;
use crate::runs;
use elman::task::animate::{Animate, Animator, Made, SampleConfig, Seed};
use elman_data::media::frames::write_gif;
use serde_json::json;
use std::path::Path;

/// Steps that each kind of picture holds: more would be hundreds of megabytes.
const MOST_DRAWN: usize = 5_000;
const MOST_FILMED: usize = 1_000;

/// What a movement is written as.
#[derive(Clone, Copy)]
enum Form {
    Svg,
    Gif,
    Csv,
}

pub fn run(args: &AnimateArgs, output: &Output) -> Result<(), Failure> {
    let form = form(&args.output)?;
    let output = &output.beside(Some(&args.output))?;
    let run = runs::open(&args.run, output)?;
    let mut recipe = run.recipe()?;
    precision::apply(args.precision, &mut recipe, output)?;
    let other = || failure::other_task(&run, &recipe, "animate");
    let recipe = recipe.of::<Animate>().ok_or_else(other)?;
    let config = config(args, recipe.task.sample.clone());
    config.check()?;
    check_length(form, &config)?;
    let animator = Animator::open(&recipe, &run)?;
    let seeds = match &args.seed_from {
        Some(file) => animator.seeds(std::slice::from_ref(file), Path::new(""))?,
        None => {
            let base = run.base()?;
            if recipe.task.data.files.is_empty() {
                return Err(Failure::input(
                    "--seed-from is missing: name a file with a movement to go on from",
                ));
            }
            animator.seeds(&recipe.task.data.files, &base)?
        }
    };
    let seed = chosen(&seeds, args)?;
    let made = animator.go_on(seed, &config)?;
    write(&made, &animator, form, &seed.place, &args.output)?;
    let steps = made.signal.time() - made.given;
    output.result(format_args!(
        "wrote {}: {} steps of {}, and {steps} that the model made",
        args.output.display(),
        made.given,
        seed.place,
    ));
    output.event(&json!({
        "event": "result", "run": run.path().to_string_lossy(), "output": args.output.to_string_lossy(), "seed": seed.place, "given": made.given, "made": steps,
        "features": made.signal.features,
    }));
    Ok(())
}

fn form(path: &Path) -> Result<Form, Failure> {
    if output::is_standard_output(path) {
        return Ok(Form::Csv);
    }
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(Form::Svg),
        Some("gif") => Ok(Form::Gif),
        Some("csv") => Ok(Form::Csv),
        _ => Err(Failure::input(format!(
            "--output {}: the name must end with .svg (a picture that moves), .gif (a film) or .csv (a table)",
            path.display()
        ))),
    }
}

/// The recipe's settings, changed as the command line asks.
fn config(args: &AnimateArgs, mut config: SampleConfig) -> SampleConfig {
    config.seed_steps = args.seed_steps.unwrap_or(config.seed_steps);
    config.steps = args.steps.unwrap_or(config.steps);
    config.temperature = args.temperature.unwrap_or(config.temperature);
    config.seed = args.seed.unwrap_or(config.seed);
    config
}

fn check_length(form: Form, config: &SampleConfig) -> Result<(), Failure> {
    let (most, what) = match form {
        Form::Csv => return Ok(()),
        Form::Svg => (MOST_DRAWN, "a picture"),
        Form::Gif => (MOST_FILMED, "a film"),
    };
    let steps = config.seed_steps.saturating_add(config.steps);
    match steps <= most {
        true => Ok(()),
        false => Err(Failure::input(format!(
            "{what} of {steps} steps (--seed-steps and --steps together) would be too large: at most {most}, or write a .csv"
        ))),
    }
}

fn chosen<'a>(seeds: &'a [Seed], args: &AnimateArgs) -> Result<&'a Seed, Failure> {
    seeds.get(args.movement - 1).ok_or_else(|| {
        Failure::input(format!(
            "--movement is {}, but there are {} movements to go on from",
            args.movement,
            seeds.len()
        ))
    })
}

fn write(
    made: &Made,
    animator: &Animator,
    form: Form,
    name: &str,
    path: &Path,
) -> Result<(), Failure> {
    match form {
        Form::Svg => output::write(path, animator.svg(made, name).as_str())?,
        Form::Gif => write_gif(path, &animator.film(made))?,
        Form::Csv => output::write(path, animator.csv(made))?,
    }
    Ok(())
}
