//! A run folder while a training writes to it.

use super::{Error, Lock, RunFolder};
use std::path::PathBuf;

/// A run folder that a training has to itself, and whose small files it can write once more.
#[derive(Debug)]
pub struct Held {
    run: RunFolder,
    lock: Lock,
    kept: Vec<(PathBuf, Vec<u8>)>,
}

impl Held {
    /// Takes a folder, and clears it of what killed trainings left half written.
    ///
    /// # Errors
    /// [`Error::Busy`] if another training has it.
    pub fn take(run: RunFolder) -> Result<Self, Error> {
        let lock = Lock::take(run.path())?;
        let held = Self {
            run,
            lock,
            kept: Vec::new(),
        };
        held.clear();
        Ok(held)
    }

    /// The folder.
    pub fn run(&self) -> &RunFolder {
        &self.run
    }

    /// Remembers the files that are in the folder now: what a training has been begun with.
    pub fn keep(&mut self) {
        let entries = std::fs::read_dir(self.run.path());
        let files = entries.into_iter().flatten().flatten();
        let files = files
            .map(|entry| entry.path())
            .filter(|path| path.is_file());
        let mine = files.filter(|path| !path.ends_with(super::lock::LOCK));
        let read = mine.filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes)));
        self.kept = read.collect();
    }

    /// Writes again what was remembered, where somebody has removed it; whether anything was.
    ///
    /// # Errors
    /// [`Error::Busy`] if the folder belongs to another training by now, or if a file cannot be written.
    pub fn restore(&mut self) -> Result<bool, Error> {
        let held = self.lock.is_held();
        if !held {
            self.run.make()?;
            self.lock = Lock::take(self.run.path())?;
        }
        let missing = self.kept.iter().filter(|(path, _)| !path.exists());
        let mut restored = !held;
        for (path, bytes) in missing {
            elman_data::write_atomic(path, bytes)?;
            restored = true;
        }
        Ok(restored)
    }

    fn clear(&self) {
        let run = &self.run;
        for folder in [run.path().into(), run.plots(), run.checkpoints()] {
            elman_data::remove_partial_files(&folder);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.lock.is_held() {
            self.clear();
        }
    }
}
