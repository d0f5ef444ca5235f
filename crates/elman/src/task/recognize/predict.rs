//! A trained recognizer at work.

use super::answers::answers;
use super::config::{Each, Recognize};
use super::job::remembered;
use super::network::recognizer;
use crate::baseline::text::likeliest;
use crate::init::ParamSource;
use crate::model::{Model, Shape};
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::classes::Classes;
use crate::task::signals::asked;
use crate::weights;
use burn::prelude::Device;
use elman_data::signal::{SignalConfig, SignalReport, SignalScaler};
use std::path::Path;

/// A trained recognizer with all that it needs to answer: nothing of its training series.
#[derive(Debug)]
pub struct Recognizer {
    /// The classes.
    pub classes: Classes,
    /// What has a class.
    pub each: Each,
    data: SignalConfig,
    scaler: SignalScaler,
    model: Model,
}

/// What a recognizer says about one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Where the series stands in which file.
    pub place: String,
    /// Which steps of it were read, where each has a class; from 1.
    pub steps: Vec<usize>,
    /// The likeliest class: one, or one for each step.
    pub classes: Vec<usize>,
    /// The probabilities of each class, as many rows.
    pub probabilities: Vec<Vec<f64>>,
}

impl Recognizer {
    /// The recognizer of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Recognize>, run: &RunFolder) -> Result<Self, Error> {
        let (scaler, classes) = remembered(run)?;
        let own = &recipe.task.recognize;
        let features = scaler.output_features();
        let layers = recognizer(
            &recipe.model,
            features,
            own.each,
            own.pooling,
            classes.len(),
        )?;
        let model = layers.init_from(
            Shape::sequence(features),
            &mut ParamSource::blank(&Device::default()),
        )?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            each: own.each,
            data: recipe.task.data.clone(),
            scaler,
            classes,
        })
    }

    /// Reads the series of files, relative to `base`, as those of the recipe were read, and recognizes each. Labels are not
    /// needed, and not looked at. Beside the answers stands what was left out, where `data.broken` is `skip`.
    ///
    /// # Errors
    /// If a file cannot be read, or its series are not like those of training.
    pub fn recognize(
        &self,
        files: &[String],
        base: &Path,
    ) -> Result<(Vec<Answer>, SignalReport), Error> {
        let (series, report) = asked(&self.data.asking(files), &self.scaler, base)?;
        let answers = answers(&self.model, &series.signals, self.each);
        let answer = |(row, probabilities): (usize, Vec<Vec<f64>>)| Answer {
            place: series.places[row].clone(),
            steps: match self.each {
                Each::Series => Vec::new(),
                Each::Step => {
                    let steps = 0..probabilities.len();
                    steps.map(|step| series.own_step(row, step)).collect()
                }
            },
            classes: probabilities
                .iter()
                .map(|shares| likeliest(shares))
                .collect(),
            probabilities,
        };
        let answers = answers.into_iter().enumerate().map(answer).collect();
        Ok((answers, report))
    }
}
