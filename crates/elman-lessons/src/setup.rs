//! How a lesson is run, and how it may fail.

use crate::words::Words;
use elman::train::{Event, Observer};

/// How to run a lesson.
pub struct Setup<'a> {
    /// The shortened form: smaller, but the effect must still show.
    pub quick: bool,
    /// Who is told what goes on.
    pub watcher: &'a mut dyn Watcher,
}

impl Setup<'_> {
    /// One value for the whole lesson, another for its shortened form.
    pub fn pick<T>(&self, whole: T, quick: T) -> T {
        match self.quick {
            true => quick,
            false => whole,
        }
    }
}

/// Watches a lesson while it runs.
pub trait Watcher {
    /// Something that takes a while begins: a training, mostly.
    fn begin(&mut self, what: &Words);

    /// The training goes on.
    fn on(&mut self, event: &Event<'_>);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn begin(&mut self, _what: &Words) {}

    fn on(&mut self, _event: &Event<'_>) {}
}

impl Observer for Setup<'_> {
    fn on(&mut self, event: &Event<'_>) {
        self.watcher.on(event);
    }
}

/// Why a lesson did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A training failed.
    #[error(transparent)]
    Train(#[from] elman::train::Error),
    /// A simple forecast could not be fitted.
    #[error(transparent)]
    Baseline(#[from] elman::baseline::BaselineError),
    /// Series could not be cut into windows.
    #[error(transparent)]
    Data(#[from] elman_data::Error),
}
