//! Similarity as a [`Job`]: what the command does with it.

use super::config::{Similarity, SimilarityConfig};
use super::encode::encode;
use super::objective::SimilarityObjective;
use super::results::{Results, Scored};
use super::search::{Items, distance, evaluate, pair_auc};
use crate::baseline::text::{Bags, Weighting};
use crate::model::{Dense, Model, Sequential, Summary};
use crate::recipe::{self, Head, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::classes::Classes;
use crate::task::classify::{Dataset, INPUT, VOCABULARY, encoder, remembered};
use crate::task::{About, Error, Job, Outcome, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A recipe with its texts, its encoder, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct SimilarityJob {
    /// The recipe.
    pub recipe: Recipe<Similarity>,
    /// The texts; a class is what belongs together.
    pub data: Dataset,
    /// The encoder.
    pub layers: Sequential,
    /// The simple searches that were measured, by name.
    pub baselines: Vec<(&'static str, Scored)>,
}

/// The encoder of a recipe for so many tokens.
///
/// # Errors
/// If the layers do not fit together.
pub fn network(recipe: &Recipe<Similarity>, vocabulary: usize) -> Result<Sequential, Error> {
    let own = &recipe.task.similarity;
    let layers = encoder(&recipe.model, vocabulary, own.pooling)?;
    Ok(match recipe.model.head {
        Head::Dense => layers.add(Dense::new(own.size)),
        Head::None => layers,
    })
}

impl SimilarityJob {
    /// Fits the encoder of a recipe to texts.
    ///
    /// # Errors
    /// If the network does not suit them, or no two texts of the training part have the same label.
    pub fn new(recipe: Recipe<Similarity>, data: Dataset) -> Result<Self, Error> {
        let mut labels = data.train.labels.clone();
        labels.sort_unstable();
        if !labels.is_sorted_by(|a, b| a < b) || labels.is_empty() {
            return Ok(Self {
                layers: network(&recipe, data.vocabulary.len())?,
                recipe,
                data,
                baselines: Vec::new(),
            });
        }
        Err(Error::input(format!(
            "each of the {} training texts has a label of its own: nothing shows what belongs together; name another column with \
             similarity.label",
            labels.len()
        )))
    }

    /// `[similarity]`
    pub fn config(&self) -> &SimilarityConfig {
        &self.recipe.task.similarity
    }

    fn simple(&self, weighting: Weighting) -> Result<Scored, Error> {
        let (train, test) = (&self.data.train, &self.data.test);
        let bags = Bags::new(&train.tokens, &train.tokens, weighting);
        let found = evaluate(&test.labels, &train.labels, |query| {
            bags.scores(&test.tokens[query])
        });
        let closeness = |a: usize, b: usize| bags.closeness(&test.tokens[a], &test.tokens[b]);
        Scored::new(found, pair_auc(&test.labels, closeness))
    }
}

impl TaskTables for Similarity {
    type Job = SimilarityJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to one, twice"
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<SimilarityJob, Error> {
        let data = Dataset::read_open(&recipe.task.texts(), base)?;
        SimilarityJob::new(recipe, data)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<SimilarityJob, Error> {
        let (vocabulary, classes) = remembered(run)?;
        let data = Dataset::reread(&recipe.task.texts(), base, vocabulary, classes)?;
        SimilarityJob::new(recipe, data)
    }
}

impl Job for SimilarityJob {
    type Model = Model;
    type Objective<'a> = SimilarityObjective<'a>;

    fn summary(&self) -> Summary {
        self.layers.summary_of(INPUT).expect("the layers fit")
    }

    fn about(&self) -> About {
        let Dataset {
            train, valid, test, ..
        } = &self.data;
        let [train, valid, test] = [train, valid, test].map(|part| part.len());
        let labels = self.data.classes.len();
        About {
            report: Some(self.data.report(self.recipe.train.batch_size)),
            sizes: format!(
                "{train} texts to learn from, {valid} to choose by, {test} to judge by, with {labels} labels"
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "labels": labels,
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

    fn objective(&self, device: &Device) -> Result<SimilarityObjective<'_>, Error> {
        Ok(SimilarityObjective {
            data: &self.data,
            config: self.config(),
            train: &self.recipe.train,
            network: format!("{:?}", self.recipe.model),
            device: device.clone(),
        })
    }

    fn build(&self, device: &Device) -> Result<Model, Error> {
        let (model, seed) = (&self.recipe.model, self.recipe.train.seed);
        Ok(self.layers.init(INPUT, model.initializer, seed, device)?)
    }

    fn baselines(
        &mut self,
        _: &Arc<AtomicBool>,
        _: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        self.baselines = vec![
            ("bag of counts", self.simple(Weighting::Counts)?),
            (
                "bag of counts, rare words more",
                self.simple(Weighting::Rarity)?,
            ),
        ];
        Ok(Some(Results::new(self, None).table()))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let (train, test, padding) = (&self.data.train, &self.data.test, self.data.padding());
        let known = encode(model, &train.tokens, padding);
        let asked = encode(model, &test.tokens, padding);
        let kind = self.config().distance;
        let items = Items {
            vectors: &known,
            distance: kind,
        };
        let found = evaluate(&test.labels, &train.labels, |query| {
            items.scores(&asked[query])
        });
        let closeness = |a: usize, b: usize| -distance(kind, &asked[a], &asked[b]);
        let scored = Scored::new(found, pair_auc(&test.labels, closeness))?;
        Ok(Results::new(self, Some(&scored)).outcome())
    }
}
