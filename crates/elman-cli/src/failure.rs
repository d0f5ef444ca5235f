//! How a command fails: because of what it was given, or for a reason of its own.

use elman::task::forecast;
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

impl From<forecast::Error> for Failure {
    fn from(error: forecast::Error) -> Self {
        match error.is_input() {
            true => Self::input(error),
            false => Self::Program(error.to_string()),
        }
    }
}

impl From<elman::run::Error> for Failure {
    fn from(error: elman::run::Error) -> Self {
        forecast::Error::from(error).into()
    }
}
