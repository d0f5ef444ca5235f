//! The `elman` command.

mod args;
mod builtin;
mod command;
mod content;
mod facts;
mod failure;
mod given;
mod lines;
mod output;
mod precision;
mod progress;
mod runs;
mod signals;
mod usage;

use args::Command;
use failure::Failure;
use output::Output;
use std::process::ExitCode;

/// Burn allocates a buffer for each operation; this allocator hands them out again without asking the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Starts the threads that everything shares: so many, or as many as the machine has cores.
fn start_threads(count: Option<usize>) -> Result<(), Failure> {
    if let Some(count) = count {
        elman::set_threads(count);
    }
    // Nothing has made the pool yet, and without it whoever first needs it would panic.
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count.unwrap_or_else(cores));
    pool.build_global().map_err(|error| {
        let threads = count.map_or("as many threads as there are cores".into(), |count| format!("{count} threads"));
        Failure::Program(format!(
            "the system does not let elman start {threads} ({error}); set --threads to a smaller number, such as 1"
        ))
    })
}

fn main() -> ExitCode {
    signals::listen();
    let arguments = usage::parse(); // wrong usage ends here with exit code 2
    let output = Output::new(arguments.json, arguments.quiet).of_maker(arguments.command.makes());
    if arguments.json || arguments.quiet {
        signals::quiet();
    }
    if let Err(failure) = start_threads(arguments.threads) {
        output.failure(&failure);
        return ExitCode::from(failure.exit_code());
    }
    let done = match arguments.command {
        Command::Train(args) => command::train::run(&args, &output),
        Command::Eval(args) => command::eval::run(&args, &output),
        Command::Forecast(args) => command::forecast::run(&args, &output),
        Command::Animate(args) => command::animate::run(&args, &output),
        Command::Generate(args) => command::generate::run(&args, &output),
        Command::Translate(args) => command::translate::run(&args, &output),
        Command::Tag(args) => command::tag::run(&args, &output),
        Command::Predict(args) => command::predict::run(&args, &output),
        Command::Caption(args) => command::caption::run(&args, &output),
        Command::Transcribe(args) => command::transcribe::run(&args, &output),
        Command::Compare(args) => command::compare::run(&args, &output),
        Command::Sweep(args) => command::sweep::run(&args, &output),
        Command::FindLr(args) => command::find_lr::run(&args, &output),
        Command::Draw(args) => command::draw::run(&args, &output),
        Command::Inspect(args) => command::inspect::run(&args, &output),
        Command::Nearest(args) => command::nearest::run(&args, &output),
        Command::Lesson(args) => command::lesson::run(&args, &output),
        Command::Summary(args) => command::summary::run(&args, &output),
        Command::Recipe(args) => command::recipe::run(&args, &output),
        Command::Data(args) => command::data::run(&args, &output),
    };
    builtin::tidy();
    match done.and_then(|()| output::lost()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
