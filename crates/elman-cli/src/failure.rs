//! How a command fails: because of what it was given, or for a reason of its own.

use elman::recipe::Recipe;
use elman::run::RunFolder;
use std::fmt;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// What the user gave is wrong: exit code 2.
    Input(String),
    /// Everything else, such as a full disk: exit code 1.
    Program(String),
}

impl Failure {
    /// 1 or 2.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Program(_) => 1,
            Self::Input(_) => 2,
        }
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
