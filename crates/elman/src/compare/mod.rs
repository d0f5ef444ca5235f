//! Runs of one task side by side: their curves, what they reach and cost, and how their recipes differ.
//!
//! [`Comparison::read`] takes the folders as they are, finished or not. Runs are ranked by what they reached on the
//! validation part, never by the test part, which is for the one that is chosen; and only where that measures the same
//! in all of them (see [`Ranking`]).

mod differences;
mod page;
mod scores;
#[cfg(test)]
mod tests;

pub use differences::{Difference, Touches};

use crate::recipe::Recipe;
use crate::run::{self, RunFolder};
use crate::train::EpochRecord;
use differences::differences;
use scores::{Measured, measured};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Why runs cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder is no run, or holds none.
    #[error(transparent)]
    Run(#[from] run::Error),
    /// There is nothing to compare with.
    #[error("{found} to compare: give at least two, or a folder that holds them", found = match count {
        0 => "there is no run",
        _ => "there is only one run",
    })]
    TooFew {
        /// Runs that were found.
        count: usize,
    },
    /// The runs are of several tasks.
    #[error(
        "`{}` is a run of the task `{first_task}` and `{}` of the task `{task}`: their figures measure different \
         things; compare runs of one task", first.display(), path.display()
    )]
    Tasks {
        /// The first run.
        first: PathBuf,
        /// Its task.
        first_task: String,
        /// The first run of another task.
        path: PathBuf,
        /// Its task.
        task: String,
    },
}

/// The file that a finished training leaves last.
const RESULT: &str = "result.json";

/// One run of a comparison.
#[derive(Clone, Debug)]
pub struct Contender {
    /// What it is called here: as much of its folder's name as tells it from the others.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// The folder of its recipe's files.
    pub base: PathBuf,
    /// Its recipe.
    pub recipe: Recipe,
    /// One record for each epoch that ended.
    pub history: Vec<EpochRecord>,
    /// What its training came to; nothing while it is not finished.
    pub result: Option<Value>,
}

impl Contender {
    /// Whether its training came to its end.
    pub fn is_finished(&self) -> bool {
        self.result.is_some()
    }

    /// The epoch whose weights the run ends with: the best if the recipe restores it, otherwise the last.
    pub fn kept_epoch(&self) -> Option<&EpochRecord> {
        let stopping = self.recipe.train.early_stopping.as_ref();
        let mut epochs = self.history.iter();
        match stopping.is_some_and(|stopping| stopping.restore_best) {
            true => epochs.min_by(|a, b| a.score().total_cmp(&b.score())),
            false => epochs.next_back(),
        }
    }

    /// The loss of [`kept_epoch`](Self::kept_epoch) on the validation part; nothing without such a part.
    pub fn validation(&self) -> Option<f64> {
        self.kept_epoch()?.valid_loss
    }

    /// Wall time of training and validation over all epochs, in seconds.
    pub fn fit_seconds(&self) -> f64 {
        self.history.iter().map(|epoch| epoch.seconds).sum()
    }

    /// Optimizer steps a second: the median over the epochs.
    pub fn steps_per_second(&self) -> Option<f64> {
        let mut speeds: Vec<f64> = self.history.iter().map(|e| e.steps_per_second).collect();
        speeds.sort_by(f64::total_cmp);
        speeds.get(speeds.len() / 2).copied()
    }

    /// Numbers that were learned; known once the training is finished.
    pub fn parameters(&self) -> Option<usize> {
        let count = self.result.as_ref()?.get("parameters")?.as_u64()?;
        usize::try_from(count).ok()
    }

    /// Reads a run, finished or not.
    ///
    /// # Errors
    /// If the folder is no run, or a file in it is damaged.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let run = RunFolder::existing(path)?;
        let origin = run.origin()?;
        let result = match run.file(RESULT).exists() {
            true => Some(run.read_json(RESULT)?),
            false => None,
        };
        Ok(Self {
            name: path.display().to_string(),
            path: path.into(),
            base: origin.base,
            recipe: run.recipe()?,
            history: run.history(),
            result,
        })
    }
}

/// What the runs are ranked by.
#[derive(Clone, Debug, PartialEq)]
pub enum Ranking {
    /// The loss on the validation part, lower is better.
    Loss,
    /// This figure of the validation part, since the losses measure different things.
    Metric {
        /// Its name.
        name: &'static str,
        /// Whether more of it is better.
        more: bool,
    },
    /// Nothing, and why.
    None(&'static str),
}

/// Runs of one task.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The runs; the best on the validation part first where they can be ranked, those that cannot at the end, and
    /// otherwise in the order in which they were given.
    pub runs: Vec<Contender>,
    /// The keys in which their recipes differ.
    pub differences: Vec<Difference>,
    /// What they are ranked by.
    pub ranking: Ranking,
    measured: Measured,
}

impl Comparison {
    /// Reads the runs in these folders. A folder that is no run but holds some stands for all of them, in the order of
    /// their names; one that is named twice is read once.
    ///
    /// # Errors
    /// If a folder is neither, there are fewer than two runs, they are not of one task, or one is damaged.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let (mut folders, mut known) = (Vec::new(), Vec::new());
        for path in paths {
            for folder in expanded(path)? {
                let place = std::fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
                if !known.contains(&place) {
                    known.push(place);
                    folders.push(folder);
                }
            }
        }
        if folders.len() < 2 {
            let count = folders.len();
            return Err(Error::TooFew { count });
        }
        let runs: Result<Vec<_>, _> = folders.iter().map(|path| Contender::read(path)).collect();
        Self::new(runs?)
    }

    fn new(mut runs: Vec<Contender>) -> Result<Self, Error> {
        let task = runs[0].recipe.task.name();
        if let Some(other) = runs.iter().find(|run| run.recipe.task.name() != task) {
            return Err(Error::Tasks {
                first: runs[0].path.clone(),
                first_task: task.into(),
                path: other.path.clone(),
                task: other.recipe.task.name().into(),
            });
        }
        name(&mut runs);
        let measured = measured(task);
        let ranking = ranking(&runs, &differences(&runs), &measured);
        let place = |run: &Contender| {
            let score = standing(run, &ranking);
            (score.is_none(), score.unwrap_or(0.0))
        };
        runs.sort_by(|a, b| {
            let (a, b) = (place(a), place(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        Ok(Self {
            differences: differences(&runs),
            runs,
            ranking,
            measured,
        })
    }

    /// The best finished run on the validation part, where the runs can be ranked.
    pub fn best(&self) -> Option<&Contender> {
        let first = self.runs.first()?;
        standing(first, &self.ranking).map(|_| first)
    }

    /// The keys in which the data of the runs differ; where there are any, no figure of one run can be held against
    /// that of another.
    pub fn data_differences(&self) -> Vec<&str> {
        self.keys(Touches::Data)
    }

    fn keys(&self, touches: Touches) -> Vec<&str> {
        let differences = self.differences.iter();
        let those = differences.filter(|difference| difference.touches == touches);
        those.map(|difference| difference.key.as_str()).collect()
    }
}

/// How good a run is, the lower the better; nothing if it is not finished or has nothing to be ranked by.
fn standing(run: &Contender, ranking: &Ranking) -> Option<f64> {
    let epoch = run.kept_epoch().filter(|_| run.is_finished())?;
    let score = match ranking {
        Ranking::Loss => epoch.valid_loss?,
        Ranking::Metric { name, more } => match more {
            true => -epoch.metrics.get(*name)?,
            false => *epoch.metrics.get(*name)?,
        },
        Ranking::None(_) => return None,
    };
    score.is_finite().then_some(score)
}

fn ranking(runs: &[Contender], differences: &[Difference], measured: &Measured) -> Ranking {
    let any = |touches| differences.iter().any(|one| one.touches == touches);
    if any(Touches::Data) {
        return Ranking::None("their data differ");
    }
    let of = |ranking: Ranking| {
        let ranked = runs.iter().any(|run| standing(run, &ranking).is_some());
        ranked.then_some(ranking)
    };
    if !runs.iter().any(Contender::is_finished) {
        return Ranking::None("none of them is finished");
    }
    if !any(Touches::Measure) {
        return of(Ranking::Loss).unwrap_or(Ranking::None("they have no validation part"));
    }
    let metric = measured.validated.map(|name| Ranking::Metric {
        name,
        more: measured.more(name),
    });
    metric
        .and_then(of)
        .unwrap_or(Ranking::None("their losses measure different things"))
}

/// The folder if it is a run, or the runs in it.
fn expanded(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !RunFolder::is_run(path) {
        let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut runs: Vec<PathBuf> = inside
            .map(|entry| entry.path())
            .filter(|path| RunFolder::is_run(path))
            .collect();
        if !runs.is_empty() {
            runs.sort();
            return Ok(runs);
        }
        RunFolder::existing(path)?;
    }
    Ok(vec![path.into()])
}

/// Calls each run by as many of the last parts of its path as tell all of them apart.
fn name(runs: &mut [Contender]) {
    let tail = |run: &Contender, count: usize| {
        let parts: Vec<_> = run.path.components().collect();
        let kept = &parts[parts.len().saturating_sub(count)..];
        kept.iter().collect::<PathBuf>().display().to_string()
    };
    let longest = runs.iter().map(|run| run.path.components().count());
    for count in 1..=longest.max().unwrap_or(1) {
        let names: Vec<String> = runs.iter().map(|run| tail(run, count)).collect();
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        if distinct.len() == names.len() {
            for (run, name) in runs.iter_mut().zip(names) {
                run.name = name;
            }
            return;
        }
    }
}
