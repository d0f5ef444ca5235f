//! The mapping as a [`Job`]: what the command does with it.

use super::config::{Map, MapBaseline, MapConfig};
use super::dataset::{Dataset, Preprocessing};
use super::network::{input, network};
use super::objective::{MapObjective, answers};
use super::results::Results;
use super::scores::Scored;
use crate::baseline::LinearLeastSquares;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Model, Sequential, Summary};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::{About, Error, Job, Outcome, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Most inputs of a least squares fit: its time grows with their square.
const LINEAR_LIMIT: usize = 4_000;

/// A recipe with its rows, its network, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct MapJob {
    /// The recipe.
    pub recipe: Recipe<Map>,
    /// The rows.
    pub data: Dataset,
    /// The network.
    pub layers: Sequential,
    /// The simple answers that were measured.
    pub baselines: Vec<(MapBaseline, Scored)>,
    /// Why others are absent, in sentences.
    pub absent: Vec<String>,
}

impl MapJob {
    /// Fits the network of a recipe to rows.
    ///
    /// # Errors
    /// If the network does not suit them.
    pub fn new(recipe: Recipe<Map>, data: Dataset) -> Result<Self, Error> {
        Ok(Self {
            layers: fitting(&recipe.model, &data.preprocessing)?,
            recipe,
            data,
            baselines: Vec::new(),
            absent: Vec::new(),
        })
    }

    /// `[map]`
    pub fn config(&self) -> &MapConfig {
        &self.recipe.task.map
    }

    /// A simple answer to every test row, learned from the training part alone; or why there is none.
    fn baseline(&self, kind: MapBaseline) -> Result<Vec<f64>, String> {
        let (train, test) = (&self.data.train, &self.data.test);
        let width = self.data.preprocessing.columns.targets.len();
        match kind {
            MapBaseline::Mean => {
                let mut mean = vec![0.0; width];
                for row in train.actual.chunks_exact(width) {
                    let sums = mean.iter_mut().zip(row);
                    sums.for_each(|(mean, value)| *mean += value / train.len() as f64);
                }
                Ok(mean.repeat(test.len()))
            }
            MapBaseline::Linear => {
                let inputs = self.data.preprocessing.inputs.len();
                if inputs > LINEAR_LIMIT {
                    return Err(format!(
                        "{inputs} inputs are too many for least squares (at most {LINEAR_LIMIT})"
                    ));
                }
                let fitted = LinearLeastSquares::fit(&train.inputs, &train.actual, train.len());
                let fitted = fitted.map_err(|error| error.to_string())?;
                Ok(fitted.predict(&test.inputs, test.len()))
            }
        }
    }
}

/// The network for rows like these.
pub(super) fn fitting(model: &ModelConfig, known: &Preprocessing) -> Result<Sequential, Error> {
    let [_, values] = known.shape();
    network(model, known.inputs.len(), known.steps, values)
}

impl TaskTables for Map {
    type Job = MapJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        match self.steps() {
            Some(_) => "one to many",
            None => "one to one",
        }
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a row of numbers", "numbers"]
    }

    fn is_generated(&self) -> bool {
        self.generate.is_some()
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<MapJob, Error> {
        let data = Dataset::read(&recipe.task, base, None)?;
        MapJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<MapJob, Error> {
        let known = Preprocessing::remembered(run)?;
        let data = Dataset::read(&recipe.task, base, Some(known))?;
        MapJob::new(recipe, data)
    }
}

impl Job for MapJob {
    type Model = Model;
    type Objective<'a> = MapObjective<'a>;

    fn summary(&self) -> Summary {
        let input = input(self.data.preprocessing.inputs.len());
        self.layers.summary_of(input).expect("the layers fit")
    }

    fn about(&self) -> About {
        let data = &self.data;
        let [train, valid, test] = [&data.train, &data.valid, &data.test].map(|part| part.len());
        let [steps, values] = data.preprocessing.shape();
        let inputs = data.preprocessing.inputs.len();
        let counted = |count: usize, noun: &str| match count {
            1 => format!("1 {noun}"),
            _ => format!("{count} {noun}s"),
        };
        let answer = match data.preprocessing.steps {
            Some(_) if values == 1 => counted(steps, "step"),
            Some(_) => format!("{} of {values} values", counted(steps, "step")),
            None => counted(values, "number"),
        };
        About {
            report: Some(data.report()),
            sizes: format!(
                "{train} rows to learn from, {valid} to choose by, {test} to judge by, from {} to {answer}",
                counted(inputs, "number"),
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "inputs": inputs, "steps": data.preprocessing.steps, "values": values,
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        self.data.preprocessing.remember(run)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<MapObjective<'_>, Error> {
        Ok(MapObjective {
            data: &self.data,
            train: &self.recipe.train,
            fingerprint: format!("{} {:?}", self.data.digest(), self.recipe.model),
            device: device.clone(),
        })
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        let input = input(self.data.preprocessing.inputs.len());
        Ok(self.layers.init_from(input, source)?)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        (self.baselines, self.absent) = (Vec::new(), Vec::new());
        for kind in self.config().baselines.clone() {
            match self.baseline(kind) {
                Ok(said) => {
                    let scored = Scored::measure(said, &self.data.test, &self.data.preprocessing)?;
                    self.baselines.push((kind, scored));
                }
                Err(reason) => self.absent.push(format!("No {kind}: {reason}.")),
            }
        }
        let results = Results {
            job: self,
            model: None,
        };
        Ok((!self.baselines.is_empty()).then(|| results.table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(&self.recipe.task, file)?;
        Ok(format!("{} rows", self.data.test.len()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let (known, test) = (&self.data.preprocessing, &self.data.test);
        let [steps, values] = known.shape();
        let said = answers(model, &test.inputs, known.inputs.len(), steps * values);
        let scored = Scored::measure(known.restored(&said), test, known)?;
        let results = Results {
            job: self,
            model: Some(&scored),
        };
        Ok(results.outcome(&scored))
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        self.look_at(choice)
    }
}
