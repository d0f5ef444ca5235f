//! The simple classifiers on the test part.

use super::ClassifyJob;
use super::answers::answers;
use super::dataset::Dataset;
use super::objective::ClassifyObjective;
use crate::baseline::text::{
    CountFeatures, CountsModel, Keep, Labelled, NaiveBayes, TextBaseline, Window, majority,
};
use crate::task::Error;
use crate::task::classes::Scored;
use crate::task::session::trainer;
use crate::train::Observer;
use burn::module::Module;
use burn::prelude::*;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Units of a window network's hidden layer.
const WINDOW_UNITS: usize = 64;
/// Features of a token in a window network.
const WINDOW_FEATURES: usize = 32;
/// Tokens that even the big window does not see beyond.
const BIGGEST_WINDOW: usize = 1000;

impl ClassifyJob {
    /// A simple classifier's answers on the test part. What it learns, it learns from the training part; the validation part
    /// chooses how strongly counts are fitted and which epoch of a window network is kept.
    pub(super) fn baseline(
        &self,
        kind: TextBaseline,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Scored, Error> {
        let data = &self.data;
        let (training, classes) = (data.train.labelled(), data.classes.len());
        let counts = |longest: usize| -> (Vec<Vec<f64>>, usize) {
            let model = match data.valid.is_empty() {
                true => CountsModel::fit(training, longest, &self.weights, 0.3),
                false => {
                    CountsModel::choose(training, data.valid.labelled(), longest, &self.weights)
                }
            };
            let answer = |text: &[u32]| model.probabilities(text);
            let answers = data.test.tokens.iter().map(answer).collect();
            (answers, model.parameters())
        };
        let (answers, parameters) = match kind {
            TextBaseline::Majority => {
                let shares = majority(training.labels, classes);
                (vec![shares; data.test.len()], classes)
            }
            TextBaseline::NaiveBayes => naive_bayes(training, data),
            TextBaseline::Counts => counts(1),
            TextBaseline::PairCounts => counts(2),
            TextBaseline::Window => self.window(self.config().window, stop, observer)?,
            TextBaseline::BigWindow => {
                let longest = data
                    .train
                    .tokens
                    .iter()
                    .map(<[u32]>::len)
                    .max()
                    .unwrap_or(1);
                self.window(longest.clamp(1, BIGGEST_WINDOW), stop, observer)?
            }
        };
        Scored::new(answers, &data.test.labels, classes, parameters)
    }

    fn window(
        &self,
        length: usize,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<(Vec<Vec<f64>>, usize), Error> {
        let window = Window {
            length,
            keep: Keep::First,
            vocabulary: self.data.vocabulary.len(),
            features: WINDOW_FEATURES,
            hidden_size: WINDOW_UNITS,
            classes: self.data.classes.len(),
        };
        let device = Device::default().autodiff();
        let recipe = &self.recipe;
        let (layers, seed) = (window.layers(), recipe.train.seed);
        let model = layers.init(window.input(), recipe.model.initializer, seed, &device)?;
        let objective = ClassifyObjective {
            width: Some(length),
            ..self.objective_on(&device)
        };
        let trainer = trainer(&recipe.train)?.with_stop_flag(stop.clone());
        let model = trainer.train(&objective, model, observer)?.model.valid();
        let answers = answers(
            &model,
            &self.data.test.tokens,
            Some(length),
            self.data.padding(),
        );
        let parameters = layers.summary_of(window.input())?.parameters();
        Ok((answers, parameters))
    }
}

fn naive_bayes(training: Labelled<'_>, data: &Dataset) -> (Vec<Vec<f64>>, usize) {
    let classes = data.classes.len();
    let features = CountFeatures::learn(training.texts, 1, usize::MAX);
    let counts = features.count_all(training.texts);
    let model = NaiveBayes::fit(&counts, features.len(), training.labels, classes);
    let answer = |text: &[u32]| model.probabilities(&features.count(text));
    let answers = data.test.tokens.iter().map(answer).collect();
    (answers, (features.len() + 1) * classes)
}
