//! A trained transcriber at work.

use super::answers::{answers, text, transcriber};
use super::config::Transcribe;
use super::job::remembered;
use crate::ctc;
use crate::init::ParamSource;
use crate::model::{Model, Shape};
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::signals::asked;
use crate::weights;
use burn::prelude::Device;
use elman_data::signal::{SignalConfig, SignalReport, SignalScaler};
use elman_data::text::Vocabulary;
use serde::Serialize;
use std::path::Path;

/// A trained transcriber with all that it needs to answer: nothing of its training recordings.
#[derive(Debug)]
pub struct Transcriber {
    /// What the labels stand for.
    pub vocabulary: Vocabulary,
    data: SignalConfig,
    scaler: SignalScaler,
    model: Model,
}

/// What a transcriber says about one recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Where the recording stands.
    pub place: String,
    /// The likeliest text.
    pub text: String,
    /// The logarithm of its probability.
    pub log_probability: f64,
    /// Its tokens, each with the step of the file, from 1, at which it begins.
    pub tokens: Vec<(String, usize)>,
    /// Steps of the recording in the file, read or passed over.
    pub steps: usize,
}

impl Transcriber {
    /// The transcriber of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Transcribe>, run: &RunFolder) -> Result<Self, Error> {
        let (scaler, vocabulary) = remembered(run)?;
        let features = scaler.output_features();
        let layers = transcriber(&recipe.model, features, vocabulary.len() + 1)?;
        let model = layers.init_from(
            Shape::sequence(features),
            &mut ParamSource::blank(&Device::default()),
        )?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            data: recipe.task.data.clone(),
            scaler,
            vocabulary,
        })
    }

    /// Reads the recordings of files, relative to `base`, as those of the recipe were read, and writes down what is said, searching
    /// among `beam` texts. Beside the answers stands what was left out, where `data.broken` is `skip`.
    ///
    /// # Errors
    /// If a file cannot be read, or its recordings are not like those of training.
    ///
    /// # Panics
    /// If `beam` is 0.
    pub fn transcribe(
        &self,
        files: &[String],
        base: &Path,
        beam: usize,
    ) -> Result<(Vec<Answer>, SignalReport), Error> {
        let (series, report) = asked(&self.data.asking(files), &self.scaler, base)?;
        let labels = self.vocabulary.len() + 1;
        let best = |said: &[f32]| ctc::best(said, labels, beam);
        let best = answers(&self.model, &series.signals, best);
        let answer = |(row, best): (usize, ctc::Reading)| {
            let token = |(label, step): (&usize, &usize)| {
                let step = series.own_step(row, *step);
                (text(&self.vocabulary, &[*label]), step)
            };
            Answer {
                place: series.places[row].clone(),
                text: text(&self.vocabulary, &best.labels),
                log_probability: best.log_probability,
                tokens: best.labels.iter().zip(&best.steps).map(token).collect(),
                steps: series.spans[row].steps,
            }
        };
        let answers = best.into_iter().enumerate().map(answer).collect();
        Ok((answers, report))
    }
}
