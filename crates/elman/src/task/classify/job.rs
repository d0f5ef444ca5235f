//! The classification as a [`Job`]: what the command does with it.

use super::answers::answers;
use super::config::{Classify, ClassifyConfig};
use super::dataset::Dataset;
use super::network::{INPUT, classifier};
use super::objective::ClassifyObjective;
use super::results::Results;
use crate::baseline::text::TextBaseline;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Model, Sequential, Summary};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::classes::{Classes, Scored};
use crate::task::{self, About, Error, Job, Outcome, TaskTables};
use crate::train::loss::CrossEntropy;
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::text::{Special, Vocabulary};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a run remembers of its tokens.
pub const VOCABULARY: &str = "vocabulary.json";

/// A recipe with its texts, its network, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct ClassifyJob {
    /// The recipe.
    pub recipe: Recipe<Classify>,
    /// The texts.
    pub data: Dataset,
    /// The network.
    pub layers: Sequential,
    /// What the loss of each class is multiplied with.
    pub weights: Vec<f64>,
    /// The simple classifiers that were measured.
    pub baselines: Vec<(TextBaseline, Scored)>,
    /// Whether simple classifiers that are trained were left out, as the run that exists had them.
    pub left_out: bool,
}

impl ClassifyJob {
    /// Fits the network of a recipe to texts.
    ///
    /// # Errors
    /// If the network does not suit them.
    pub fn new(recipe: Recipe<Classify>, data: Dataset) -> Result<Self, Error> {
        let own = &recipe.task.classify;
        let (tokens, classes) = (data.vocabulary.len(), data.classes.len());
        Ok(Self {
            layers: classifier(&recipe.model, tokens, own.pooling, classes)?,
            weights: data.weights(&own.class_weights)?,
            recipe,
            data,
            baselines: Vec::new(),
            left_out: false,
        })
    }

    /// `[classify]`
    pub fn config(&self) -> &ClassifyConfig {
        &self.recipe.task.classify
    }

    pub(super) fn objective_on(&self, device: &Device) -> ClassifyObjective<'_> {
        let (data, train) = (&self.data, &self.recipe.train);
        let weighted = self.weights.iter().any(|weight| *weight != 1.0);
        let weights = || self.weights.iter().map(|weight| *weight as f32).collect();
        let unknown = data.vocabulary.special(Special::Unknown);
        let rate = self.config().word_dropout;
        ClassifyObjective {
            training: data.train.labelled(),
            validation: (!data.valid.is_empty()).then(|| data.valid.labelled()),
            criterion: CrossEntropy {
                label_smoothing: train.loss.label_smoothing.unwrap_or(0.0),
                class_weights: weighted.then(weights),
                ignored: None,
            },
            classes: data.classes.len(),
            batch_size: train.batch_size,
            seed: train.seed,
            padding: data.padding(),
            word_dropout: unknown
                .filter(|_| rate > 0.0)
                .map(|unknown| (unknown, rate)),
            other_strand: Some(self.config().reverse_complement)
                .filter(|rate| *rate > 0.0)
                .map(|rate| (&data.vocabulary, rate)),
            width: None,
            fingerprint: format!(
                "{} {:?} {:?}",
                data.digest(),
                self.recipe.model,
                self.config()
            ),
            device: device.clone(),
        }
    }
}

impl TaskTables for Classify {
    type Job = ClassifyJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to one"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["words", "a class"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<ClassifyJob, Error> {
        let data = Dataset::read(&recipe.task, base)?;
        ClassifyJob::new(recipe, data)
    }

    fn reopen(
        mut recipe: Recipe<Self>,
        base: &Path,
        run: &RunFolder,
    ) -> Result<ClassifyJob, Error> {
        // They would have to be trained again.
        let trained = [TextBaseline::Window, TextBaseline::BigWindow];
        let baselines = &mut recipe.task.classify.baselines;
        let asked = baselines.len();
        baselines.retain(|kind| !trained.contains(kind));
        let left_out = baselines.len() < asked;
        let (vocabulary, classes) = remembered(run)?;
        let data = Dataset::reread(&recipe.task, base, vocabulary, classes)?;
        let mut job = ClassifyJob::new(recipe, data)?;
        job.left_out = left_out;
        Ok(job)
    }
}

/// The vocabulary and the classes of a run.
///
/// # Errors
/// If a file is missing or broken.
pub fn remembered(run: &RunFolder) -> Result<(Vocabulary, Classes), Error> {
    let vocabulary = task::vocabulary(run, VOCABULARY)?;
    Ok((vocabulary, Classes::remembered(run)?))
}

impl Job for ClassifyJob {
    type Model = Model;
    type Objective<'a> = ClassifyObjective<'a>;

    fn summary(&self) -> Summary {
        self.layers.summary_of(INPUT).expect("the layers fit")
    }

    fn about(&self) -> About {
        let Dataset {
            train, valid, test, ..
        } = &self.data;
        let [train, valid, test] = [train, valid, test].map(|part| part.len());
        let classes = &self.data.classes;
        About {
            report: Some(self.data.report(self.recipe.train.batch_size)),
            sizes: format!(
                "{train} texts to learn from, {valid} to choose by, {test} to judge by, in {} classes",
                classes.len()
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "classes": classes.names,
                "vocabulary": self.data.vocabulary.len(),
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write(VOCABULARY, self.data.vocabulary.to_json())?;
        Ok(run.write_json(Classes::FILE, &self.data.classes)?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<ClassifyObjective<'_>, Error> {
        Ok(self.objective_on(device))
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        Ok(self.layers.init_from(INPUT, source)?)
    }

    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let mut found = Vec::new();
        for kind in self.config().baselines.clone() {
            found.push((kind, self.baseline(kind, stop, observer)?));
        }
        self.baselines = found;
        Ok((!self.baselines.is_empty()).then(|| Results::new(self, None).table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(&self.recipe.task, file)?;
        Ok(format!("{} texts", self.data.test.len()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let data = &self.data;
        let answers = answers(model, &data.test.tokens, None, data.padding());
        let parameters = self.summary().parameters();
        let scored = Scored::new(answers, &data.test.labels, data.classes.len(), parameters)?;
        Ok(Results::new(self, Some(&scored)).outcome())
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        self.look_at(choice)
    }
}
