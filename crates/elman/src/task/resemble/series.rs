//! Series as things of which those with one label are alike.

use super::config::{Resemble, ResembleConfig};
use crate::model::{Model, Sequential, Shape};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::run::RunFolder;
use crate::task::classes::Classes;
use crate::task::likeness::{Alike, LikenessJob, Scored, headed};
use crate::task::recognize::{Dataset, Each, Recognize, Series, encoder, remembered, vectors};
use crate::task::signals::{SCALER, Varied, batch};
use crate::task::{Error, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::*;
use elman_data::Part;
use elman_data::signal::Signal;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Series with labels.
#[derive(Clone, Debug)]
pub struct LabelledSeries {
    /// The series; a class is what belongs together.
    pub data: Dataset,
    /// How they are read.
    pub config: ResembleConfig,
    /// The same in the words of a task that names the classes.
    tables: Recognize,
}

/// The encoder of a recipe for series with so many channels.
///
/// # Errors
/// If the layers do not fit together.
pub fn network(recipe: &Recipe<Resemble>, features: usize) -> Result<Sequential, Error> {
    let (model, tables) = (&recipe.model, &recipe.task);
    let layers = encoder(model, features, Each::Series, tables.resemble.pooling)?;
    Ok(headed(layers, model.head, tables.likeness.size))
}

fn job(recipe: &Recipe<Resemble>, data: Dataset) -> Result<LikenessJob<LabelledSeries>, Error> {
    let layers = network(recipe, data.features())?;
    let tables = &recipe.task;
    let data = LabelledSeries {
        data,
        config: tables.resemble.clone(),
        tables: tables.series(),
    };
    LikenessJob::new(data, &tables.likeness, layers, &recipe.model, &recipe.train)
}

impl TaskTables for Resemble {
    type Job = LikenessJob<LabelledSeries>;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to one, twice"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a series", "a vector"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<Self::Job, Error> {
        let data = Dataset::read_open(&recipe.task.series(), base, None)?;
        job(&recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<Self::Job, Error> {
        let known = remembered(run)?;
        let data = Dataset::read_open(&recipe.task.series(), base, Some(known))?;
        job(&recipe, data)
    }
}

impl LabelledSeries {
    fn part(&self, part: Part) -> &Series {
        match part {
            Part::Train => &self.data.train,
            Part::Valid => &self.data.valid,
            Part::Test => &self.data.test,
        }
    }
}

impl Alike for LabelledSeries {
    const NOUNS: [&'static str; 2] = ["series", "series"];
    const COLUMNS: &'static [&'static str] = &["series"];
    const ADVICE: &'static str = "name another column or field with data.label, or cut long series into several with data.windows";
    const COMMAND: &'static str = "nearest {run} FILE";

    fn classes(&self) -> &Classes {
        &self.data.classes
    }

    fn labels(&self, part: Part) -> Vec<usize> {
        self.part(part).labels.concat()
    }

    fn input(&self) -> Shape {
        Shape::sequence(self.data.features())
    }

    fn learned(
        &self,
        model: &Model,
        rows: &[usize],
        seed: u64,
        epoch: usize,
        device: &Device,
    ) -> Tensor<2> {
        let varied = Varied::of(self.config.noise, self.config.stretch);
        let train = &self.data.train.signals;
        let read = |row: &usize| varied.read_in(&train[*row], 1, seed, epoch, *row);
        let read: Vec<_> = rows.iter().map(read).collect();
        let signals: Vec<&Signal> = read.iter().map(AsRef::as_ref).collect();
        let (values, lengths) = batch(&signals, device);
        model.forward(values, Some(&lengths)).vector()
    }

    fn vectors(&self, model: &Model, part: Part, rows: &[usize]) -> Vec<Vec<f32>> {
        let signals = &self.part(part).signals;
        let signals: Vec<&Signal> = rows.iter().map(|row| &signals[*row]).collect();
        vectors(model, &signals)
    }

    fn name(&self, part: Part, row: usize) -> &str {
        &self.part(part).places[row]
    }

    fn cells(&self, part: Part, row: usize) -> Vec<String> {
        vec![self.name(part, row).into()]
    }

    fn searches(
        &self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(&'static str, Scored)>, Error> {
        self.compared(stop, observer)
    }

    fn test_on(&mut self, file: &Path) -> Result<(), Error> {
        self.data.test_on(&self.tables, file)
    }

    fn report(&self, batch_size: usize) -> String {
        let mut text = self.data.report(Each::Series, batch_size);
        if !self.is_warped() {
            text += "\nthe nearest by time warping would take too long to find and is left out; data.stride, data.resample or \
                     resemble.warping make it short enough";
        }
        text
    }

    fn figure(&self) -> (&'static str, Value) {
        ("channels", json!(self.data.features()))
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        Ok(run.write_json(SCALER, &self.data.scaler)?)
    }

    fn fingerprint(&self) -> String {
        format!("{} {:?}", self.data.digest(), self.config)
    }
}
