//! The animation as a [`Job`]: what the command does with it.

use super::config::{Animate, AnimateConfig};
use super::dataset::{Dataset, remembered};
use super::network::{input, mixture, network};
use super::objective::{AnimateObjective, Said, said};
use super::results::{Results, Score};
use super::simple::{AnimateBaseline, guessed};
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::mixture::Mixture;
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

/// A recipe with its movements, its network, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct AnimateJob {
    /// The recipe.
    pub recipe: Recipe<Animate>,
    /// The movements.
    pub data: Dataset,
    /// What the network says.
    pub mixture: Mixture,
    /// The network.
    pub layers: Sequential,
    /// The simple guesses that were measured, with what they say of each test movement.
    pub(super) baselines: Vec<(AnimateBaseline, Score, Vec<Said>)>,
}

impl AnimateJob {
    /// Fits the network of a recipe to movements.
    ///
    /// # Errors
    /// If the network does not suit them.
    pub fn new(recipe: Recipe<Animate>, data: Dataset) -> Result<Self, Error> {
        let mixture = mixture(&recipe.task.animate, data.features());
        Ok(Self {
            layers: network(&recipe.model, data.features(), &mixture)?,
            mixture,
            recipe,
            data,
            baselines: Vec::new(),
        })
    }

    /// `[animate]`
    pub fn config(&self) -> &AnimateConfig {
        &self.recipe.task.animate
    }
}

impl TaskTables for Animate {
    type Job = AnimateJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to many, aligned"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a movement", "its next change"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<AnimateJob, Error> {
        let data = Dataset::read(&recipe.task, base, None)?;
        AnimateJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<AnimateJob, Error> {
        let data = Dataset::read(&recipe.task, base, Some(remembered(run)?))?;
        AnimateJob::new(recipe, data)
    }
}

impl Job for AnimateJob {
    type Model = Model;
    type Objective<'a> = AnimateObjective<'a>;

    fn summary(&self) -> Summary {
        let input = input(self.data.features());
        self.layers.summary_of(input).expect("the layers fit")
    }

    fn about(&self) -> About {
        let data = &self.data;
        let [train, valid, test] = [&data.train, &data.valid, &data.test].map(|part| part.len());
        About {
            report: Some(data.report(self.recipe.train.batch_size)),
            sizes: format!(
                "{train} movements to learn from, {valid} to choose by, {test} to judge by, of {} numbers a step",
                data.features()
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "features": data.features(), "too_short": data.too_short,
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        self.data.remember(run)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<AnimateObjective<'_>, Error> {
        let (data, train, own) = (&self.data, &self.recipe.train, self.config());
        Ok(AnimateObjective {
            training: &data.train,
            validation: (!data.valid.is_empty()).then_some(&data.valid),
            manner: &data.manner,
            mixture: self.mixture,
            batch_size: train.batch_size,
            bptt_len: train.bptt_len,
            seed: train.seed,
            noise: own.noise,
            fingerprint: format!(
                "{} {:?} {:?} {}",
                data.digest(),
                self.recipe.model,
                self.mixture,
                own.noise
            ),
            device: device.clone(),
        })
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        let input = input(self.data.features());
        Ok(self.layers.init_from(input, source)?)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let floor = self.config().deviation_floor;
        let kinds = self.config().baselines.clone().into_iter();
        let measured = kinds.map(|kind| {
            let said = guessed(kind, &self.data, floor, &self.data.test.signals);
            (kind, Score::measure(&said, &self.data), said)
        });
        self.baselines = measured.collect();
        let results = Results {
            job: self,
            model: None,
        };
        Ok((!self.baselines.is_empty()).then(|| results.table()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let data = &self.data;
        let said = said(model, &self.mixture, &data.manner, &data.test.signals);
        let score = Score::measure(&said, data);
        let results = Results {
            job: self,
            model: Some((&score, &said)),
        };
        Ok(results.outcome(model))
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        self.look_at(choice)
    }
}
