//! Tagging as a [`Job`]: what the command does with it.

use super::config::Tag;
use super::dataset::{Dataset, Lexicon};
use super::objective::{TagObjective, answers};
use super::results::{Results, Scored, frequent};
use super::{Recipe, network};
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Summary, Tagged, Tagger};
use crate::recipe::{self, ModelConfig};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::{About, Error, Job, Outcome, TaskTables};
use crate::train::{Objective, Observer, TrainConfig};
use burn::prelude::Device;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A recipe with its sentences, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct TagJob {
    recipe: Recipe,
    /// The sentences.
    pub data: Dataset,
    /// The most frequent tag of each word, on the test part.
    baseline: Option<Scored>,
}

impl TagJob {
    fn new(recipe: Recipe, data: Dataset) -> Result<Self, Error> {
        if let Some(problem) = network(&recipe, &data.lexicon).problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        Ok(Self {
            recipe,
            data,
            baseline: None,
        })
    }

    fn objective_on(&self, device: &Device) -> TagObjective<'_> {
        TagObjective {
            data: &self.data,
            train: &self.recipe.train,
            word_dropout: self.recipe.task.tag.word_dropout,
            device: device.clone(),
            network: format!("{:?} {:?}", self.recipe.model, self.recipe.task.tag),
        }
    }
}

impl TaskTables for Tag {
    type Job = TagJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to many, aligned"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["words", "a tag for each"]
    }

    fn prepare(recipe: Recipe, base: &Path) -> Result<TagJob, Error> {
        let data = Dataset::read(&recipe.task, base, None)?;
        TagJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe, base: &Path, run: &RunFolder) -> Result<TagJob, Error> {
        let known = Lexicon::open(run)?;
        let data = Dataset::read(&recipe.task, base, Some(known))?;
        TagJob::new(recipe, data)
    }
}

impl Job for TagJob {
    type Model = Tagger;
    type Objective<'a> = TagObjective<'a>;

    fn summary(&self) -> Summary {
        network(&self.recipe, &self.data.lexicon).summary()
    }

    fn about(&self) -> About {
        let Dataset {
            train, valid, test, ..
        } = &self.data;
        let batches = self.objective_on(&Device::default()).rows(0);
        let [a, b, c] = [train, valid, test].map(|part| part.sentences.len());
        About {
            report: Some(self.data.report(&self.recipe.model, &batches)),
            sizes: format!(
                "{a} sentences ({} words) to learn from, {b} to choose by, {c} ({} words) to judge by",
                train.count(),
                test.count()
            ),
            figures: json!({"train": a, "valid": b, "test": c, "tags": self.data.lexicon.tags}),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        self.data.lexicon.remember(run)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<TagObjective<'_>, Error> {
        Ok(self.objective_on(device))
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Tagger, Error> {
        Ok(network(&self.recipe, &self.data.lexicon).init_from(source))
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        self.baseline = Some(Scored::new(&self.data, frequent(&self.data)));
        Ok(Some(self.results(None).table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(&self.recipe.task, file)?;
        let test = &self.data.test;
        Ok(format!(
            "{} sentences, {} words",
            test.sentences.len(),
            test.count()
        ))
    }

    fn judge(&self, model: &Tagger) -> Result<Outcome, Error> {
        let answers = answers(model, &self.data.test, &self.data.spellings);
        let said = answers.iter().map(|answer| answer.tags.clone()).collect();
        let scored = Scored::new(&self.data, said);
        Ok(self.results(Some((&scored, &answers))).outcome())
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Tagger>, Error> {
        self.look_at(choice)
    }
}

impl TagJob {
    fn results<'a>(&'a self, model: Option<(&'a Scored, &'a [Tagged])>) -> Results<'a> {
        Results {
            data: &self.data,
            baseline: self.baseline.as_ref(),
            model: model.map(|(scored, _)| scored),
            answers: model.map_or(&[], |(_, answers)| answers),
        }
    }
}

impl TagObjective<'_> {
    /// The sentences of each batch of an epoch.
    fn rows(&self, epoch: usize) -> Vec<Vec<usize>> {
        let batches = self.batches(epoch);
        batches.into_iter().map(super::Batch::into_rows).collect()
    }
}
