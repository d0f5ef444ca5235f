//! Captions as a [`Job`]: what the command does with them.

use super::config::{Caption, EyeKind};
use super::dataset::{Dataset, Shown};
use super::describer::{Search, answers};
use super::objective::{CaptionObjective, loss};
use super::results::{Results, Scores, best_sentence, likest};
use super::seen::{EYE, Seen};
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Captioner, CaptionerConfig, Shape, Summary, SummaryRow};
use crate::recipe::{self, ModelConfig, Recipe};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::{self, About, Error, Job, Outcome, TaskTables};
use crate::train::{Observer, TrainConfig};
use crate::weights;
use burn::prelude::Device;
use elman_data::text::Vocabulary;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a run remembers of its tokens.
pub(super) const VOCABULARY: &str = "vocabulary.json";

/// A recipe with its pictures and its network.
#[derive(Debug)]
pub struct CaptionJob {
    /// The recipe.
    pub recipe: Recipe<Caption>,
    /// The pictures.
    pub data: Dataset,
    pub(super) seen: Seen,
    network: CaptionerConfig,
    baselines: Vec<(String, Scores)>,
}

/// The network of a recipe for so many features of a place and so many tokens.
pub(super) fn network(
    recipe: &Recipe<Caption>,
    features: usize,
    vocabulary: usize,
) -> CaptionerConfig {
    let model = &recipe.model;
    CaptionerConfig::new(
        model.cell.kind(),
        features,
        vocabulary,
        model.embedding_size(),
        model.hidden_size,
    )
    .with_num_layers(model.num_layers)
    .with_attention(recipe.task.caption.attention)
    .with_dropout(model.dropout)
    .with_tied_output(model.tie_weights)
    .with_precision(model.precision)
}

impl CaptionJob {
    fn new(recipe: Recipe<Caption>, base: &Path, known: Option<Vocabulary>) -> Result<Self, Error> {
        let data = Dataset::read(&recipe.task, base, known)?;
        let seen = Seen::open(&recipe.task.caption, base)?;
        let network = network(&recipe, seen.features(), data.vocabulary.len());
        if let Some(problem) = network.problem() {
            return Err(Error::input(format!("[model] {problem}")));
        }
        Ok(Self {
            recipe,
            data,
            seen,
            network,
            baselines: Vec::new(),
        })
    }

    fn look(&mut self, observer: &mut dyn Observer) -> Result<(), Error> {
        self.data.look(&self.seen, &self.recipe.task, observer)
    }
}

impl TaskTables for Caption {
    type Job = CaptionJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        "one to many"
    }

    fn ends(&self) -> [&'static str; 2] {
        ["a picture", "a sentence"]
    }

    fn prepare(recipe: Recipe<Self>, base: &Path) -> Result<CaptionJob, Error> {
        CaptionJob::new(recipe, base, None)
    }

    fn reopen(recipe: Recipe<Self>, base: &Path, run: &RunFolder) -> Result<CaptionJob, Error> {
        let vocabulary = task::vocabulary(run, VOCABULARY)?;
        let job = CaptionJob::new(recipe, base, Some(vocabulary))?;
        job.seen.check(run)?;
        Ok(job)
    }
}

impl Job for CaptionJob {
    type Model = Captioner;
    type Objective<'a> = CaptionObjective<'a>;

    fn summary(&self) -> Summary {
        let mut summary = self.network.summary();
        let learned = match self.recipe.task.caption.eye {
            EyeKind::Learned => Some("convolutions"),
            EyeKind::Pretrained if self.recipe.task.caption.finetune > 0 => Some("last blocks"),
            EyeKind::Pretrained => None,
        };
        if let Some(layer) = learned {
            // The rest of the network is known by its shapes, however large it is.
            let eye = self.seen.eye(&mut ParamSource::blank(&Device::default()));
            let output = Shape::sequence(self.seen.features());
            let parameters = weights::parameter_count(&eye);
            let row = SummaryRow::new("eye", layer, output, parameters);
            summary.rows.insert(0, row);
        }
        summary
    }

    fn about(&self) -> About {
        let data = &self.data;
        let [train, valid, test] = [&data.train, &data.valid, &data.test].map(Shown::len);
        let mut report = format!(
            "{} {} in the vocabulary; {} sentences about {train} pictures to learn from",
            data.vocabulary.len(),
            data.vocabulary.kind(),
            data.pairs.len(),
        );
        for remark in &data.remarks {
            report += "\n";
            report += remark;
        }
        About {
            report: Some(report),
            sizes: format!(
                "{train} pictures to learn from, {valid} to choose by, {test} to judge by"
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "sentences": data.pairs.len(), "vocabulary": data.vocabulary.len(),
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        run.write_json(EYE, &self.seen.stamp())?;
        Ok(run.write(VOCABULARY, self.data.vocabulary.to_json())?)
    }

    fn training(&self) -> &TrainConfig {
        &self.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<CaptionObjective<'_>, Error> {
        Ok(CaptionObjective {
            data: &self.data,
            search: &self.recipe.task.search,
            longest: self.recipe.task.caption.longest,
            score: self.recipe.task.score,
            train: &self.recipe.train,
            device: device.clone(),
            network: format!("{:?} {:?}", self.recipe.model, self.recipe.task.caption),
        })
    }

    fn initializer(&self) -> Initializer {
        self.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Captioner, Error> {
        let eye = self.seen.eye(source);
        Ok(self.network.init(eye, source))
    }

    /// Looks at the pictures first. Then the sentence that suits most pictures, and what is said about the likest picture.
    fn ready(&mut self, observer: &mut dyn Observer) -> Result<(), Error> {
        self.look(observer)
    }

    fn baselines(
        &mut self,
        _stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        self.look(observer)?;
        let (data, score) = (&self.data, self.recipe.task.score);
        let single = best_sentence(data, score);
        let single = vec![single; data.test.len()];
        let near = likest(data, &self.seen);
        self.baselines = vec![
            (
                "the best single sentence".into(),
                Scores::measure(&single, &data.test, score),
            ),
            (
                "what is said about the likest picture".into(),
                Scores::measure(&near, &data.test, score),
            ),
        ];
        Ok(Some(
            Results {
                job: self,
                rows: self.baselines.clone(),
            }
            .table(),
        ))
    }

    fn judge(&self, model: &Captioner) -> Result<Outcome, Error> {
        let (data, tables) = (&self.data, &self.recipe.task);
        let search = Search::new(&data.vocabulary, &tables.search);
        let found = answers(model, &search, tables.caption.longest, data.test.grids());
        let name = tables.search.name();
        let greedy = match name {
            None => found.clone(),
            Some(_) => answers(
                model,
                &Search::new(&data.vocabulary, &tables.search).greedy(),
                tables.caption.longest,
                data.test.grids(),
            ),
        };
        let measure = |found: &[Vec<super::describer::Answer>]| {
            let texts: Vec<&str> = found.iter().map(|found| found[0].text.as_str()).collect();
            Scores::measure(&texts, &data.test, tables.score)
        };
        let mut rows = self.baselines.clone();
        rows.push(("the model, greedy".into(), measure(&greedy)));
        rows.extend(name.map(|name| (format!("the model, {name}"), measure(&found))));
        let loss = loss(model, data, &data.test);
        let grid = self.seen.places(data.test.grids().shape);
        Results { job: self, rows }.outcome(&found, loss, grid)
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Captioner>, Error> {
        self.look_at(choice)
    }
}
