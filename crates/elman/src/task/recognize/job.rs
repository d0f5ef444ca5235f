//! The recognition as a [`Job`]: what the command does with it.

use super::answers::answers;
use super::baselines::SignalBaseline;
use super::config::{Each, Recognize, RecognizeConfig};
use super::dataset::Dataset;
use super::network::recognizer;
use super::objective::RecognizeObjective;
use super::results::Results;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Model, Sequential, Shape, Summary};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::classes::{Classes, Scored};
use crate::task::signals::{self, SCALER, Training, Varied};
use crate::task::{About, Error, Job, Outcome, TaskTables};
use crate::train::loss::CrossEntropy;
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::signal::SignalScaler;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A recipe with its series, its network, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct RecognizeJob {
    /// The recipe.
    pub recipe: Recipe<Recognize>,
    /// The series.
    pub data: Dataset,
    /// The network.
    pub layers: Sequential,
    /// What the loss of each class is multiplied with.
    pub weights: Vec<f64>,
    /// The simple classifiers that were measured.
    pub baselines: Vec<(SignalBaseline, Scored)>,
}

impl RecognizeJob {
    /// Fits the network of a recipe to series.
    ///
    /// # Errors
    /// If the network does not suit them.
    pub fn new(recipe: Recipe<Recognize>, data: Dataset) -> Result<Self, Error> {
        let own = &recipe.task.recognize;
        let (features, classes) = (data.features(), &data.classes);
        let labels = data.train.labels.concat();
        Ok(Self {
            layers: recognizer(
                &recipe.model,
                features,
                own.each,
                own.pooling,
                classes.len(),
            )?,
            weights: classes.weights(&own.class_weights, "recognize.class_weights", &labels)?,
            recipe,
            data,
            baselines: Vec::new(),
        })
    }

    /// `[recognize]`
    pub fn config(&self) -> &RecognizeConfig {
        &self.recipe.task.recognize
    }
}

impl TaskTables for Recognize {
    type Job = RecognizeJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        match self.recognize.each {
            Each::Series => "many to one",
            Each::Step => "many to many, aligned",
        }
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a series", "classes"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<RecognizeJob, Error> {
        let data = Dataset::read(&recipe.task, base, None)?;
        RecognizeJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<RecognizeJob, Error> {
        let data = Dataset::read(&recipe.task, base, Some(remembered(run)?))?;
        RecognizeJob::new(recipe, data)
    }
}

/// What a run remembers of its series and its classes.
pub(in crate::task) fn remembered(run: &RunFolder) -> Result<(SignalScaler, Classes), Error> {
    Ok((signals::remembered(run)?, Classes::remembered(run)?))
}

impl Job for RecognizeJob {
    type Model = Model;
    type Objective<'a> = RecognizeObjective<'a>;

    fn summary(&self) -> Summary {
        let input = Shape::sequence(self.data.features());
        self.layers.summary_of(input).expect("the layers fit")
    }

    fn about(&self) -> About {
        let Dataset {
            train, valid, test, ..
        } = &self.data;
        let [train, valid, test] = [train, valid, test].map(|part| part.len());
        let (classes, own) = (&self.data.classes, self.config());
        About {
            report: Some(self.data.report(own.each, self.recipe.train.batch_size)),
            sizes: format!(
                "{train} series to learn from, {valid} to choose by, {test} to judge by, in {} classes",
                classes.len()
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "classes": classes.names, "channels": self.data.features(),
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write_json(SCALER, &self.data.scaler)?;
        Ok(run.write_json(Classes::FILE, &self.data.classes)?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<RecognizeObjective<'_>, Error> {
        let (data, train, own) = (&self.data, &self.recipe.train, self.config());
        let weighted = self.weights.iter().any(|weight| *weight != 1.0);
        let weights = || self.weights.iter().map(|weight| *weight as f32).collect();
        Ok(RecognizeObjective {
            training: Training {
                series: &data.train,
                batch_size: train.batch_size,
                seed: train.seed,
                varied: Varied::of(own.noise, own.stretch),
            },
            validation: (!data.valid.is_empty()).then_some(&data.valid),
            each: own.each,
            criterion: CrossEntropy {
                label_smoothing: train.loss.label_smoothing.unwrap_or(0.0),
                class_weights: weighted.then(weights),
                ignored: None,
            },
            classes: data.classes.len(),
            fingerprint: format!("{} {:?} {own:?}", data.digest(), self.recipe.model),
            device: device.clone(),
        })
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        let input = Shape::sequence(self.data.features());
        Ok(self.layers.init_from(input, source)?)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let mut found = Vec::new();
        for kind in self.config().baselines.clone() {
            if let Some(scored) = self.baseline(kind)? {
                found.push((kind, scored));
            }
        }
        self.baselines = found;
        Ok((!self.baselines.is_empty()).then(|| Results::new(self, None).table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(&self.recipe.task, file)?;
        Ok(format!("{} series", self.data.test.len()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let data = &self.data;
        let answers = answers(model, &data.test.signals, self.config().each).concat();
        let parameters = self.summary().parameters();
        let labels = data.test.labels.concat();
        let scored = Scored::new(answers, &labels, data.classes.len(), parameters)?;
        Ok(Results::new(self, Some(&scored)).outcome())
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        self.look_at(choice)
    }
}
