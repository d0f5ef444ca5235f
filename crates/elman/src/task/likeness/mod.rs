//! What tasks share that learn how close two things are: one network for both, trained so that things of one label come near each
//! other, whatever the things are ([`Alike`]).

mod config;
mod job;
mod objective;
mod results;
mod sample;
mod search;

pub use config::{LikenessConfig, LossKind};
pub use job::{LikenessJob, headed};
pub use objective::{LabelBatch, LikenessObjective};
pub use results::{Results, Scored};
pub use sample::{Negatives, Triplet, class_batches, triplets};
pub use search::{Among, Found, distance, evaluate, mean_distance, pair_auc, paired};

use super::Error;
use super::classes::Classes;
use crate::model::{Model, Shape};
use crate::run::RunFolder;
use crate::train::Observer;
use burn::prelude::*;
use elman_data::Part;
use serde_json::Value;
use std::fmt::Debug;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Things of which those of one label are alike, and how a network reads them.
pub trait Alike: Clone + Debug {
    /// What one of them is called, and what several are.
    const NOUNS: [&'static str; 2];
    /// What [`Self::cells`] are, as the head of a table.
    const COLUMNS: &'static [&'static str];
    /// What to do where each of them has a label of its own.
    const ADVICE: &'static str;
    /// A command that searches, without `elman`; `{run}` stands for the run's folder.
    const COMMAND: &'static str;

    /// The labels.
    fn classes(&self) -> &Classes;

    /// The label of each thing of a part.
    fn labels(&self, part: Part) -> Vec<usize>;

    /// What the network reads.
    fn input(&self) -> Shape;

    /// What the network makes of things of the training part, as they are read in an epoch: `[rows, size]`. How they are varied
    /// follows from `seed` and `epoch`.
    fn learned(
        &self,
        model: &Model,
        rows: &[usize],
        seed: u64,
        epoch: usize,
        device: &Device,
    ) -> Tensor<2>;

    /// The vectors of things of a part, by a model without gradients.
    fn vectors(&self, model: &Model, part: Part, rows: &[usize]) -> Vec<Vec<f32>>;

    /// What a thing is called in tables for people.
    fn name(&self, part: Part, row: usize) -> &str;

    /// What a thing is and where it is from, for machines.
    fn cells(&self, part: Part, row: usize) -> Vec<String>;

    /// The searches without a network that it must beat, by name. They end early once `stop` is true, and tell `observer` how far
    /// they are.
    ///
    /// # Errors
    /// If nothing is searched for.
    fn searches(
        &self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'static str, Scored)>, Error>;

    /// Puts the things of another labelled file in the place of the test part.
    ///
    /// # Errors
    /// If the file cannot be read as those of training.
    fn test_on(&mut self, file: &Path) -> Result<(), Error>;

    /// What was read, in a few lines.
    fn report(&self, batch_size: usize) -> String;

    /// What machines should know of it beside the sizes of the parts and the number of labels: a name and a value.
    fn figure(&self) -> (&'static str, Value);

    /// Writes to a new run what its encoder will need beside the weights.
    ///
    /// # Errors
    /// If a file cannot be written.
    fn remember(&self, run: &RunFolder) -> Result<(), Error>;

    /// What, besides the keys that all such tasks have, a checkpoint belongs to.
    fn fingerprint(&self) -> String;
}
