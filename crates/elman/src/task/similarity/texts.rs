//! Texts as things of which those with one label are alike.

use super::config::{Similarity, SimilarityConfig};
use crate::baseline::text::{Bags, Weighting};
use crate::model::{Model, Sequential, Shape};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::run::RunFolder;
use crate::task::classes::Classes;
use crate::task::classify::{
    Classify, Dataset, INPUT, Texts, VOCABULARY, batch, drop_words, encoder, in_batches, remembered,
};
use crate::task::likeness::{Alike, LikenessJob, Scored, evaluate, headed, pair_auc};
use crate::task::{Error, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::*;
use elman_data::text::Special;
use elman_data::{Part, Ragged};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Texts with labels.
#[derive(Clone, Debug)]
pub struct LabelledTexts {
    /// The texts; a class is what belongs together.
    pub data: Dataset,
    /// How they are read.
    pub config: SimilarityConfig,
    /// The same in the words of a task that names the classes.
    tables: Classify,
}

/// The encoder of a recipe for so many tokens.
///
/// # Errors
/// If the layers do not fit together.
pub fn network(recipe: &Recipe<Similarity>, vocabulary: usize) -> Result<Sequential, Error> {
    let (model, tables) = (&recipe.model, &recipe.task);
    let layers = encoder(model, vocabulary, tables.similarity.pooling)?;
    Ok(headed(layers, model.head, tables.likeness.size))
}

fn job(recipe: &Recipe<Similarity>, data: Dataset) -> Result<LikenessJob<LabelledTexts>, Error> {
    let layers = network(recipe, data.vocabulary.len())?;
    let tables = &recipe.task;
    let data = LabelledTexts {
        data,
        config: tables.similarity.clone(),
        tables: tables.texts(),
    };
    LikenessJob::new(data, &tables.likeness, layers, &recipe.model, &recipe.train)
}

impl TaskTables for Similarity {
    type Job = LikenessJob<LabelledTexts>;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "many to one, twice"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["words", "a vector"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<Self::Job, Error> {
        job(&recipe, Dataset::read_open(&recipe.task.texts(), base)?)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<Self::Job, Error> {
        let (vocabulary, classes) = remembered(run)?;
        let data = Dataset::reread(&recipe.task.texts(), base, vocabulary, classes)?;
        job(&recipe, data)
    }
}

impl LabelledTexts {
    fn part(&self, part: Part) -> &Texts {
        match part {
            Part::Train => &self.data.train,
            Part::Valid => &self.data.valid,
            Part::Test => &self.data.test,
        }
    }

    fn bags(&self, weighting: Weighting) -> Result<Scored, Error> {
        let (train, test) = (&self.data.train, &self.data.test);
        let bags = Bags::new(&train.tokens, &train.tokens, weighting);
        let found = evaluate(&test.labels, &train.labels, |query| {
            bags.scores(&test.tokens[query])
        });
        let closeness = |a: usize, b: usize| bags.closeness(&test.tokens[a], &test.tokens[b]);
        Scored::new(found, pair_auc(&test.labels, closeness))
    }
}

impl Alike for LabelledTexts {
    const NOUNS: [&'static str; 2] = ["text", "texts"];
    const COLUMNS: &'static [&'static str] = &["file", "line", "text"];
    const ADVICE: &'static str = "name another column with similarity.label";
    const COMMAND: &'static str = "nearest {run} \"some text\"";

    fn classes(&self) -> &Classes {
        &self.data.classes
    }

    fn labels(&self, part: Part) -> Vec<usize> {
        self.part(part).labels.clone()
    }

    fn input(&self) -> Shape {
        INPUT
    }

    fn learned(
        &self,
        model: &Model,
        rows: &[usize],
        seed: u64,
        epoch: usize,
        device: &Device,
    ) -> Tensor<2> {
        let unknown = self.data.vocabulary.special(Special::Unknown);
        let drop = unknown.map(|unknown| (unknown, self.config.word_dropout));
        let read = |row: &usize| {
            let mut tokens = self.data.train.tokens[*row].to_vec();
            drop_words(&mut tokens, drop, &[seed, epoch as u64, *row as u64]);
            tokens
        };
        let texts: Vec<Vec<u32>> = rows.iter().map(read).collect();
        let (ids, lengths) = batch(&texts, None, self.data.padding(), device);
        model.forward(ids, Some(&lengths)).vector()
    }

    fn vectors(&self, model: &Model, part: Part, rows: &[usize]) -> Vec<Vec<f32>> {
        let texts = &self.part(part).tokens;
        let texts: Ragged<u32> = rows.iter().map(|row| &texts[*row]).collect();
        in_batches(model, &texts, None, self.data.padding(), |vectors| vectors)
    }

    fn name(&self, part: Part, row: usize) -> &str {
        self.part(part).rows[row].field(0)
    }

    fn cells(&self, part: Part, row: usize) -> Vec<String> {
        let row = &self.part(part).rows[row];
        let (file, line) = (row.file().display().to_string(), row.line().to_string());
        vec![file, line, row.field(0).to_owned()]
    }

    fn searches(
        &self,
        stop: &AtomicBool,
        _: &mut dyn Observer,
    ) -> Result<Vec<(&'static str, Scored)>, Error> {
        let mut found = Vec::new();
        for (name, weighting) in [
            ("bag of counts", Weighting::Counts),
            ("bag of counts, rare words more", Weighting::Rarity),
        ] {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            found.push((name, self.bags(weighting)?));
        }
        Ok(found)
    }

    fn test_on(&mut self, file: &Path) -> Result<(), Error> {
        self.data.test_on_open(&self.tables, file)
    }

    fn report(&self, batch_size: usize) -> String {
        self.data.report(batch_size)
    }

    fn figure(&self) -> (&'static str, Value) {
        ("vocabulary", json!(self.data.vocabulary.len()))
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        Ok(run.write(VOCABULARY, self.data.vocabulary.to_json())?)
    }

    fn fingerprint(&self) -> String {
        format!("{} {:?}", self.data.digest(), self.config)
    }
}
