//! The transcription as a [`Job`]: what the command does with it.

use super::answers::{answers, text, transcriber};
use super::config::Transcribe;
use super::dataset::Dataset;
use super::objective::TranscribeObjective;
use super::results::{Results, Scores};
use crate::ctc;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Model, Sequential, Shape, Summary};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::signals::{self, SCALER, Training, Varied};
use crate::task::{self, About, Error, Job, Outcome, TaskTables};
use crate::train::{Objective, Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::signal::SignalScaler;
use elman_data::text::Vocabulary;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a run remembers of its tokens.
const VOCABULARY: &str = "vocabulary.json";

/// A recipe with its recordings and its network.
#[derive(Clone, Debug)]
pub struct TranscribeJob {
    /// The recipe.
    pub recipe: Recipe<Transcribe>,
    /// The recordings.
    pub data: Dataset,
    /// The network.
    pub layers: Sequential,
}

impl TranscribeJob {
    fn new(recipe: Recipe<Transcribe>, data: Dataset) -> Result<Self, Error> {
        let (features, labels) = (data.scaler.output_features(), data.vocabulary.len() + 1);
        let layers = transcriber(&recipe.model, features, labels)?;
        Ok(Self {
            recipe,
            data,
            layers,
        })
    }

    /// The most frequent text of the training part, whatever the recording; of equals the first in the alphabet.
    fn frequent(&self) -> (&'static str, Scores, Vec<String>) {
        let (train, test) = (&self.data.train, &self.data.test);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for said in &train.labels {
            *counts.entry(&said.text).or_default() += 1;
        }
        let best = counts.iter().rev().max_by_key(|(_, count)| **count);
        let texts = vec![best.map_or(String::new(), |(text, _)| text.to_string()); test.len()];
        (
            "the most frequent text",
            Scores::measure(&texts, &test.labels),
            texts,
        )
    }
}

impl TaskTables for Transcribe {
    type Job = TranscribeJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to many, unaligned"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["sound", "letters, or none"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<TranscribeJob, Error> {
        let data = Dataset::read(&recipe.task, base, None)?;
        TranscribeJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<TranscribeJob, Error> {
        let data = Dataset::read(&recipe.task, base, Some(remembered(run)?))?;
        TranscribeJob::new(recipe, data)
    }
}

/// What a run remembers of its recordings and its tokens.
pub(super) fn remembered(run: &RunFolder) -> Result<(SignalScaler, Vocabulary), Error> {
    Ok((
        signals::remembered(run)?,
        task::vocabulary(run, VOCABULARY)?,
    ))
}

impl Job for TranscribeJob {
    type Model = Model;
    type Objective<'a> = TranscribeObjective<'a>;

    fn summary(&self) -> Summary {
        let input = Shape::sequence(self.data.scaler.output_features());
        self.layers.summary_of(input).expect("the layers fit")
    }

    fn about(&self) -> About {
        let Dataset {
            train, valid, test, ..
        } = &self.data;
        let [train, valid, test] = [train, valid, test].map(|part| part.len());
        About {
            report: Some(self.data.report(self.recipe.train.batch_size)),
            sizes: format!(
                "{train} recordings to learn from, {valid} to choose by, {test} to judge by"
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "vocabulary": self.data.vocabulary.len(),
                "too_short": self.data.too_short,
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write_json(SCALER, &self.data.scaler)?;
        Ok(run.write(VOCABULARY, self.data.vocabulary.to_json())?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<TranscribeObjective<'_>, Error> {
        let (data, train, own) = (&self.data, &self.recipe.train, &self.recipe.task.transcribe);
        Ok(TranscribeObjective {
            training: Training {
                series: &data.train,
                batch_size: train.batch_size,
                seed: train.seed,
                varied: Varied::of(own.noise, own.stretch),
            },
            validation: (!data.valid.is_empty()).then_some(&data.valid),
            vocabulary: &data.vocabulary,
            fingerprint: format!("{} {:?} {own:?}", data.digest(), self.recipe.model),
            device: device.clone(),
        })
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        let input = Shape::sequence(self.data.scaler.output_features());
        Ok(self.layers.init_from(input, source)?)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        _observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        let rows = vec![self.frequent()];
        Ok(Some(Results { job: self, rows }.table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(&self.recipe.task, file)?;
        Ok(format!("{} recordings", self.data.test.len()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let data = &self.data;
        let labels = data.vocabulary.len() + 1;
        let beam = self.recipe.task.transcribe.beam;
        let mut ways = vec![("the model, likeliest path", 1)];
        if beam > 1 {
            ways.push(("the model, likeliest text", beam));
        }
        // Every way to read what the network says at once: to keep all that it says would take too much memory.
        let read = |said: &[f32]| -> Vec<String> {
            let best = ways
                .iter()
                .map(|(_, width)| ctc::best(said, labels, *width));
            best.map(|best| text(&data.vocabulary, &best.labels))
                .collect()
        };
        let said = answers(model, &data.test.signals, read);
        let mut rows = vec![self.frequent()];
        for (way, (name, _)) in ways.iter().enumerate() {
            let texts: Vec<String> = said.iter().map(|texts| texts[way].clone()).collect();
            rows.push((name, Scores::measure(&texts, &data.test.labels), texts));
        }
        let objective = TranscribeObjective {
            validation: Some(&data.test),
            ..self.objective(&Device::default())?
        };
        let loss = objective.validate(model).map_or(0.0, |found| found.loss);
        Ok(Results { job: self, rows }.outcome(loss))
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        self.look_at(choice)
    }
}
