//! Times whole training steps, run by the library's own loop:
//!
//! ```text
//! train_step <notes|weather|characters|words> [--threads N] [--dropout P] [--steps N] [--save FILE] [--serve]
//! ```
//!
//! Without `--serve` it prints the milliseconds of a step and where they went. With it, a script that takes turns with
//! other programs sends a line and reads one that begins with `ok`: `steps N` (the milliseconds of each step), `losses N`
//! (the loss of each), `profile N` (a median step and its parts), `quit`. A command that trains goes on from the weights
//! of the one before; a carried state begins anew. `--save` writes the first weights and the batch.

mod steps {
    pub(crate) mod models;
    pub(crate) mod session;
}

use elman::train::{TrainConfig, Trainer};
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use steps::models::Step;
use steps::session::{Commands, Session};

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: train_step <notes|weather|characters|words> [--threads N] [--dropout P] [--steps N] \
                     [--save FILE] [--serve]";

struct Arguments {
    name: String,
    threads: usize,
    dropout: Option<f64>,
    steps: usize,
    save: Option<PathBuf>,
    serve: bool,
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("{problem}");
        std::process::exit(2);
    }
}

fn run() -> Result<(), String> {
    let arguments = parse(std::env::args().skip(1))?;
    elman::set_threads(arguments.threads);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads);
    pool.build_global().map_err(|error| error.to_string())?;
    let step = Step::named(&arguments.name, arguments.dropout).ok_or(USAGE)?;
    let config: TrainConfig = toml::from_str(step.config()).map_err(|error| error.to_string())?;
    let config = config.check().map_err(|error| error.to_string())?;
    let model = step.model();
    if let Some(path) = &arguments.save {
        let file = step.file(&model);
        file.write(path).map_err(|error| error.to_string())?;
    }
    let (commands, prefix): (Commands, _) = match arguments.serve {
        true => {
            let lines = std::io::stdin().lock().lines();
            (Box::new(lines.map_while(Result::ok)), "ok ")
        }
        false => {
            let steps = arguments.steps;
            let all = [
                "warm 3".to_owned(),
                format!("profile {steps}"),
                "memory".to_owned(),
            ];
            (Box::new(all.into_iter()), "")
        }
    };
    let stop = Arc::new(AtomicBool::new(false));
    let session = Session::new(commands, prefix, stop.clone());
    let trainer = Trainer::new(config).with_stop_flag(stop);
    let trained = trainer.train(&session.objective(step), model, &mut session.observer());
    trained.map(drop).map_err(|error| error.to_string())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments {
        name: words.next().ok_or(USAGE)?,
        threads: 2,
        dropout: None,
        steps: 20,
        save: None,
        serve: false,
    };
    while let Some(flag) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--threads" => arguments.threads = number(&value()?)?,
            "--steps" => arguments.steps = number(&value()?)?,
            "--dropout" => {
                let text = value()?;
                let share = text.parse().ok().filter(|p| (0.0..1.0).contains(p));
                let share: Option<f64> = share;
                arguments.dropout =
                    Some(share.ok_or(format!("`{text}` is not from 0 to below 1"))?);
            }
            "--save" => arguments.save = Some(value()?.into()),
            "--serve" => arguments.serve = true,
            _ => return Err(format!("`{flag}` is unknown; {USAGE}")),
        }
    }
    Ok(arguments)
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{text}` is not a count"))
}
