//! How a command fails: because of what it was given, or for a reason of its own.

use elman::recipe::Recipe;
use elman::run::RunFolder;
use std::fmt;
use std::io;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// What the user gave is wrong: exit code 2.
    Input(String),
    /// Everything else, such as a full disk: exit code 1.
    Program(String),
    /// A result cannot be written to standard output: exit code 1, or 141 where its reader went away.
    Unshown(io::Error),
    /// The same, of a command that came to its end all the same.
    Lost(&'static io::Error),
    /// A signal stopped the command, which has said what it has to say: exit code 128 and the signal's number.
    Stopped(u8),
}

/// As shells have it for a program that ends because nobody reads what it writes: 128 and SIGPIPE.
const UNREAD: u8 = 141;

impl Failure {
    /// The exit code, which is never 0.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unshown(error) if error.kind() == io::ErrorKind::BrokenPipe => UNREAD,
            Self::Lost(error) if error.kind() == io::ErrorKind::BrokenPipe => UNREAD,
            Self::Program(_) | Self::Unshown(_) | Self::Lost(_) => 1,
            Self::Input(_) => 2,
            Self::Stopped(code) => *code,
        }
    }

    /// Whether there is nothing to say about it: a reader that goes away in the middle knows why.
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Unshown(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Stopped(_) => true,
            _ => false,
        }
    }

    /// That the command was stopped by the signal that was heard.
    pub fn stopped() -> Self {
        Self::Stopped(crate::signals::exit_code().unwrap_or(1))
    }

    /// What the user gave is wrong.
    pub fn input(message: impl fmt::Display) -> Self {
        Self::Input(message.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) | Self::Program(message) => f.write_str(message),
            Self::Unshown(error) => write!(f, "cannot write to standard output: {error}"),
            Self::Lost(error) => write!(
                f,
                "cannot write to standard output: {error}. Not all results were shown; the files are written"
            ),
            Self::Stopped(_) => f.write_str("stopped"),
        }
    }
}

impl From<elman::recipe::Error> for Failure {
    fn from(error: elman::recipe::Error) -> Self {
        Self::input(error)
    }
}

impl From<elman_data::Error> for Failure {
    fn from(error: elman_data::Error) -> Self {
        match error.is_input() {
            true => Self::input(error),
            false => Self::Program(error.to_string()),
        }
    }
}

impl From<elman::task::Error> for Failure {
    fn from(error: elman::task::Error) -> Self {
        match error.is_input() {
            true => Self::input(error),
            false => Self::Program(error.to_string()),
        }
    }
}

impl From<elman_lessons::Error> for Failure {
    fn from(error: elman_lessons::Error) -> Self {
        Self::Program(error.to_string()) // a lesson is given nothing that could be wrong
    }
}

impl From<elman::task::forecast::Error> for Failure {
    fn from(error: elman::task::forecast::Error) -> Self {
        elman::task::Error::from(error).into()
    }
}

impl From<elman::compare::Error> for Failure {
    fn from(error: elman::compare::Error) -> Self {
        match error {
            elman::compare::Error::Run(error) => error.into(),
            other => Self::input(other),
        }
    }
}

impl From<elman::run::Error> for Failure {
    fn from(error: elman::run::Error) -> Self {
        elman::task::Error::from(error).into()
    }
}

/// A command that is about another task than the run's.
pub fn other_task(run: &RunFolder, recipe: &Recipe, command: &str) -> Failure {
    let (run, task) = (run.path().display(), recipe.task.name());
    let right = match task {
        "classify" | "recognize" | "map" => "predict",
        "similarity" | "resemble" => "nearest",
        task => task, // the others are called as what they do
    };
    Failure::input(format!(
        "`{run}` is a run of the task `{task}`, which `elman {command}` is not for: use `elman {right}` with it"
    ))
}
