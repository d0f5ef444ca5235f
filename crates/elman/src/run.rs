//! The folder that one training makes.

mod held;
mod lock;
mod name;
mod origin;
mod trained;

pub use held::Held;
pub use lock::Lock;
pub use name::safe_name;
pub use origin::Origin;
pub use trained::provenance;

use crate::model::Summary;
use crate::recipe::Recipe;
use crate::train::EpochRecord;
use elman_data::write_atomic;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// A run folder and the places in it. Everything in it is written whole or not at all.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Where the recipe's files are, if not where the run says.
    base: Option<PathBuf>,
}

/// The figures of every epoch, a line of JSON each.
pub const METRICS: &str = "metrics.jsonl";

/// Why a run folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder exists and holds a run already.
    #[error("`{path}` already holds a run; go on with it by --resume, or choose another folder with --run", path = path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// Another process is training into the folder.
    #[error("`{path}` is in use by another training{}. Wait for its end, or choose another folder with --run", in_parentheses(by), path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Who has it, as far as is known.
        by: String,
    },
    /// The folder is no run.
    #[error("`{path}` is not a run folder: it has no `{missing}`. {advice}", path = path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// The file that is not there.
        missing: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A file in it cannot be understood.
    #[error("`{path}` cannot be understood: {reason}. Restore it, or train the recipe again", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The recipe in it is not one.
    #[error(transparent)]
    Recipe(#[from] crate::recipe::Error),
    /// A file or folder cannot be made or read.
    #[error("cannot {action} `{path}`: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] elman_data::Error),
}

impl Error {
    /// Whether the user named the wrong folder, rather than the disk failing.
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Taken { .. }
                | Self::Busy { .. }
                | Self::NotARun { .. }
                | Self::Damaged { .. }
                | Self::Recipe(_)
        )
    }
}

fn in_parentheses(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!(" ({text})"),
    }
}

const RECIPE: &str = "recipe.toml";
/// Where a run remembers its [`Origin`].
pub const ORIGIN: &str = "run.json";
/// Where a run remembers its network's layers.
pub const SUMMARY: &str = "summary.json";
const MODEL: &str = "model.safetensors";
const GIVE_A_RUN: &str = "Give the folder that `elman train` wrote, such as runs/air-passengers";
const FINISH_IT: &str = "Its training has not finished: go on with `elman train FOLDER --resume`";

impl RunFolder {
    fn at(path: &Path) -> Self {
        Self {
            path: path.into(),
            base: None,
        }
    }

    /// The same run, whose recipe's files are in `base`.
    pub fn with_base(mut self, base: PathBuf) -> Self {
        self.base = Some(base);
        self
    }

    /// The folder of the recipe's files.
    ///
    /// # Errors
    /// As [`Self::origin`].
    pub fn base(&self) -> Result<PathBuf, Error> {
        match &self.base {
            Some(base) => Ok(base.clone()),
            None => Ok(self.origin()?.base(&self.path)),
        }
    }

    /// Makes the folder of a new run, or takes up that of an interrupted one.
    ///
    /// # Errors
    /// If the folder holds a run and `resume` is not set, or it cannot be made.
    pub fn create(path: &Path, resume: bool) -> Result<Self, Error> {
        let run = Self::at(path);
        if Self::is_run(path) && !resume {
            return Err(Error::Taken { path: path.into() });
        }
        run.make()?;
        Ok(run)
    }

    /// Makes the folder of a new run of this name: the first of `runs/name`, `runs/name-2`, … that is not there yet. Of two
    /// processes that do so at once, each gets its own.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create_numbered(name: &str) -> Result<Self, Error> {
        let (runs, name) = (Path::new("runs"), safe_name(name));
        let failed = |path: &Path, source| Error::Io {
            action: "make the run folder",
            path: path.into(),
            source,
        };
        std::fs::create_dir_all(runs).map_err(|source| failed(runs, source))?;
        let numbered = (2..).map(|n| runs.join(format!("{name}-{n}")));
        for path in std::iter::once(runs.join(&name)).chain(numbered) {
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    let run = Self::at(&path);
                    run.make()?;
                    return Ok(run);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path, error)),
            }
        }
        unreachable!("numbers do not end")
    }

    /// Makes the folder and those in it, where they are not there.
    fn make(&self) -> Result<(), Error> {
        for folder in [self.path.clone(), self.plots(), self.checkpoints()] {
            std::fs::create_dir_all(&folder).map_err(|source| Error::Io {
                action: "make the run folder",
                path: folder.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// A folder that holds a run, finished or not, as it is.
    ///
    /// # Errors
    /// If it does not hold one.
    pub fn existing(path: &Path) -> Result<Self, Error> {
        let run = Self::at(path);
        match Self::is_run(path) {
            true => Ok(run),
            false => Err(Error::NotARun {
                path: path.into(),
                missing: RECIPE,
                advice: GIVE_A_RUN,
            }),
        }
    }

    /// Where the run came from.
    ///
    /// # Errors
    /// If the file that says so is missing or damaged.
    pub fn origin(&self) -> Result<Origin, Error> {
        self.read_json(ORIGIN)
    }

    /// Opens the folder of a finished run.
    ///
    /// # Errors
    /// If it is not one.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let run = Self::existing(path)?;
        match run.model().exists() {
            true => Ok(run),
            false => Err(Error::NotARun {
                path: path.into(),
                missing: MODEL,
                advice: FINISH_IT,
            }),
        }
    }

    /// Whether a folder holds a run, finished or not.
    pub fn is_run(path: &Path) -> bool {
        path.join(RECIPE).is_file() && path.join(ORIGIN).is_file()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The trained parameters.
    pub fn model(&self) -> PathBuf {
        self.file(MODEL)
    }

    /// The folder of checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.file("checkpoint")
    }

    /// Whether a training has been begun, and can be gone on with.
    pub fn has_checkpoint(&self) -> bool {
        crate::train::has_checkpoint(&self.checkpoints())
    }

    /// The folder of pictures.
    pub fn plots(&self) -> PathBuf {
        self.file("plots")
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written; what was there before stays.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> Result<(), Error> {
        Ok(write_atomic(self.file(name), contents.as_ref())?)
    }

    /// Writes a file of JSON.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).expect("made of numbers and texts");
        self.write(name, text + "\n")
    }

    /// Reads a file of text.
    ///
    /// # Errors
    /// If it is missing, or no text.
    pub fn read(&self, name: &str) -> Result<String, Error> {
        let path = self.file(name);
        std::fs::read_to_string(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidData => self.damaged(name, "it is no UTF-8 text"),
            std::io::ErrorKind::NotFound => self.damaged(name, "it is not there"),
            _ => Error::Io {
                action: "read",
                path,
                source,
            },
        })
    }

    /// The figures of every epoch of the training so far, as `metrics.jsonl` has them; lines that a killed training left
    /// broken end them.
    pub fn history(&self) -> Vec<EpochRecord> {
        let text = std::fs::read_to_string(self.file(METRICS)).unwrap_or_default();
        let records = text.lines().map(serde_json::from_str);
        records.map_while(Result::ok).collect()
    }

    /// The network's layers, if the run remembers them: those of before do not.
    pub fn summary(&self) -> Option<Summary> {
        self.read_json(SUMMARY).ok()
    }

    /// Reads a file of JSON.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        serde_json::from_str(&self.read(name)?).map_err(|error| self.damaged(name, error))
    }

    /// That a file cannot be understood, for this reason.
    pub fn damaged(&self, name: &str, reason: impl std::fmt::Display) -> Error {
        Error::Damaged {
            path: self.file(name),
            reason: reason.to_string(),
        }
    }

    /// Writes the recipe, with every key.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_recipe(&self, recipe: &Recipe) -> Result<(), Error> {
        self.write(RECIPE, recipe.to_toml())
    }

    /// Reads the recipe.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn recipe(&self) -> Result<Recipe, Error> {
        Ok(Recipe::load(&self.file(RECIPE), &[])?)
    }
}
