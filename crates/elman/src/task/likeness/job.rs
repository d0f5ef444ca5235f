//! Likeness as a [`Job`]: what the command does with it.

use super::Alike;
use super::config::LikenessConfig;
use super::objective::LikenessObjective;
use super::results::{Results, Scored};
use super::search::{Among, distance, evaluate, pair_auc};
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Asked, Choice, Reading, Specimen};
use crate::model::{Dense, Model, Sequential, Summary};
use crate::recipe::{Head, ModelConfig};
use crate::report::{Table, number};
use crate::run::RunFolder;
use crate::task::classes::Classes;
use crate::task::{About, Error, Job, Outcome};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::Part;
use elman_data::text::Parts;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Things with labels, their encoder, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct LikenessJob<D> {
    /// The things; a class is what belongs together.
    pub data: D,
    /// `[likeness]`
    pub config: LikenessConfig,
    /// `[model]`
    pub model: ModelConfig,
    /// `[train]`
    pub train: TrainConfig,
    /// The encoder.
    pub layers: Sequential,
    /// The simple searches that were measured, by name.
    pub baselines: Vec<(&'static str, Scored)>,
    /// The label of each thing.
    pub(super) labels: Parts<usize>,
}

/// The layers of an encoder with what makes `size` numbers of its output, where the recipe asks for that.
pub fn headed(layers: Sequential, head: Head, size: usize) -> Sequential {
    match head {
        Head::Dense => layers.add(Dense::new(size)),
        Head::None => layers,
    }
}

impl<D: Alike> LikenessJob<D> {
    /// A job with an encoder that fits the data.
    ///
    /// # Errors
    /// If no two things of the training part have the same label.
    pub fn new(
        data: D,
        config: &LikenessConfig,
        layers: Sequential,
        model: &ModelConfig,
        train: &TrainConfig,
    ) -> Result<Self, Error> {
        let labels = Parts {
            train: data.labels(Part::Train),
            valid: data.labels(Part::Valid),
            test: data.labels(Part::Test),
        };
        let mut sorted = labels.train.clone();
        sorted.sort_unstable();
        if sorted.is_sorted_by(|a, b| a < b) {
            return Err(Error::input(format!(
                "each of the {} training {} has a label of its own: nothing shows what belongs together; {}",
                sorted.len(),
                D::NOUNS[1],
                D::ADVICE
            )));
        }
        Ok(Self {
            data,
            config: config.clone(),
            model: model.clone(),
            train: train.clone(),
            layers,
            baselines: Vec::new(),
            labels,
        })
    }

    /// The vectors of a whole part.
    fn encode(&self, model: &Model, part: Part) -> Vec<Vec<f32>> {
        let rows: Vec<usize> = (0..self.labels.of(part).len()).collect();
        self.data.vectors(model, part, &rows)
    }
}

impl<D: Alike> Job for LikenessJob<D> {
    type Model = Model;
    type Objective<'a>
        = LikenessObjective<'a, D>
    where
        D: 'a;

    fn summary(&self) -> Summary {
        let input = self.data.input();
        self.layers.summary_of(input).expect("the layers fit")
    }

    fn about(&self) -> About {
        let Parts { train, valid, test } = &self.labels;
        let [train, valid, test] = [train, valid, test].map(Vec::len);
        let labels = self.data.classes().len();
        let (name, value) = self.data.figure();
        About {
            report: Some(self.data.report(self.train.batch_size)),
            sizes: format!(
                "{train} {} to learn from, {valid} to choose by, {test} to judge by, with {labels} labels",
                D::NOUNS[1]
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "labels": labels, name: value,
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), Error> {
        self.data.remember(run)?;
        Ok(run.write_json(Classes::FILE, self.data.classes())?)
    }

    fn training(&self) -> &TrainConfig {
        &self.train
    }

    fn objective(&self, device: &Device) -> Result<LikenessObjective<'_, D>, Error> {
        Ok(LikenessObjective {
            data: &self.data,
            labels: &self.labels,
            config: &self.config,
            train: &self.train,
            network: format!("{:?}", self.model),
            device: device.clone(),
        })
    }

    fn initializer(&self) -> Initializer {
        self.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, Error> {
        Ok(self.layers.init_from(self.data.input(), source)?)
    }

    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, Error> {
        self.baselines = self.data.searches(stop, observer)?;
        Ok((!self.baselines.is_empty()).then(|| Results::new(self, None).table()))
    }

    fn test_on(&mut self, file: &Path) -> Result<String, Error> {
        self.data.test_on(file)?;
        self.labels.test = self.data.labels(Part::Test);
        Ok(format!("{} {}", self.labels.test.len(), D::NOUNS[1]))
    }

    fn judge(&self, model: &Model) -> Result<Outcome, Error> {
        let (known, asked) = (
            self.encode(model, Part::Train),
            self.encode(model, Part::Test),
        );
        let Parts { train, test, .. } = &self.labels;
        let kind = self.config.distance;
        let among = Among {
            vectors: &known,
            distance: kind,
        };
        let found = evaluate(test, train, |query| among.scores(&asked[query]));
        let closeness = |a: usize, b: usize| -distance(kind, &asked[a], &asked[b]);
        let scored = Scored::new(found, pair_auc(test, closeness))?;
        Ok(Results::new(self, Some(&scored)).outcome())
    }

    /// One thing of the training part, and the first of another label. What is looked at is how far they are from each other.
    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, Error> {
        choice.no_text()?;
        let labels = &self.labels.train;
        let noun = D::NOUNS[1];
        let row = choice.of(labels.len(), &format!("training {noun}"))?;
        let other = labels.iter().position(|label| *label != labels[row]);
        let other = other
            .ok_or_else(|| Error::input("all have the same label: nothing is far from anything"))?;
        let names = &self.data.classes().names;
        let (own, far) = (&names[labels[row]], &names[labels[other]]);
        Ok(Specimen {
            title: format!(
                "{} {} and {} of the training {noun}, {own:?} and {far:?}",
                D::NOUNS[0],
                row + 1,
                other + 1
            ),
            steps: 0,
            reading: Reading::Numbers(Vec::new()),
            hides: false,
            measure: "their distance",
            ask: Box::new(move |model, _, device| {
                let vectors = self
                    .data
                    .learned(model, &[row, other], self.train.seed, 0, device);
                let [left, right] = [0, 1].map(|at| vectors.clone().narrow(0, at, 1));
                let value = self.config.distance.between(left, right);
                let apart = f64::from(value.clone().into_scalar::<f32>());
                Asked {
                    said: format!("they are {} apart", number(apart)),
                    steps: Vec::new(),
                    value,
                }
            }),
        })
    }
}
