//! A trained animator at work.

use super::config::{Animate, SampleConfig};
use super::dataset::{Manner, remembered};
use super::network::{input, mixture, network};
use super::sample::{beginning, go_on, restored};
use crate::init::ParamSource;
use crate::mixture::Mixture;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::report::Svg;
use crate::report::plot::{self, Movement, MovementPanel, Skeleton};
use crate::run::RunFolder;
use crate::task::Error;
use crate::task::signals::asked;
use crate::weights;
use burn::prelude::Device;
use elman_data::media::frames::Frames;
use elman_data::signal::{Signal, SignalScaler, Span};
use std::fmt::Write;
use std::path::Path;

/// A trained animator with all that it needs: nothing of its training movements.
#[derive(Debug)]
pub struct Animator {
    /// How vectors are drawn.
    pub skeleton: Skeleton,
    /// Steps a second, in pictures.
    pub rate: f64,
    tables: Animate,
    scaler: SignalScaler,
    manner: Manner,
    mixture: Mixture,
    model: Model,
}

/// A movement that can be gone on from.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed {
    /// Where it stands in which file.
    pub place: String,
    /// The movement as the model reads it.
    signal: Signal,
    /// Which steps of its file it is made of.
    span: Span,
}

/// A movement that goes on from its beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The movement in the data's own units.
    pub signal: Signal,
    /// Steps at its beginning that were given.
    pub given: usize,
    /// Which steps of a file those are made of.
    pub span: Span,
}

impl Animator {
    /// The animator of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Animate>, run: &RunFolder) -> Result<Self, Error> {
        let (scaler, manner) = remembered(run)?;
        let features = scaler.output_features();
        let mixture = mixture(&recipe.task.animate, features);
        let layers = network(&recipe.model, features, &mixture)?;
        let model =
            layers.init_from(input(features), &mut ParamSource::blank(&Device::default()))?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            skeleton: recipe.task.skeleton(),
            rate: recipe.task.animate.rate,
            tables: recipe.task.clone(),
            scaler,
            manner,
            mixture,
        })
    }

    /// The movements of files, relative to `base`, read as those of the recipe were.
    ///
    /// # Errors
    /// If a file cannot be read, or its movements are not like those of training.
    pub fn seeds(&self, files: &[String], base: &Path) -> Result<Vec<Seed>, Error> {
        let (series, _) = asked(&self.tables.data.asking(files), &self.scaler, base)?;
        let seeds = series.places.into_iter().zip(series.signals);
        let seeds = seeds.zip(series.spans);
        let seed = |((place, signal), span)| Seed {
            place,
            signal,
            span,
        };
        Ok(seeds.map(seed).collect())
    }

    /// Goes on from the first steps of a movement.
    ///
    /// # Errors
    /// If a setting is impossible.
    pub fn go_on(&self, seed: &Seed, config: &SampleConfig) -> Result<Made, Error> {
        config.check()?;
        let begun = beginning(&seed.signal, config.seed_steps);
        let rigid = self.tables.rigid(&self.scaler);
        let (model, rigid) = (&self.model, rigid.as_ref());
        let signal = go_on(model, &self.mixture, &self.manner, &begun, rigid, config);
        Ok(Made {
            signal: restored(&self.scaler, &signal),
            given: begun.time(),
            span: seed.span,
        })
    }

    /// The movement as a picture that moves.
    pub fn svg(&self, made: &Made, name: &str) -> Svg {
        self.drawn(made, name, plot::movement)
    }

    /// The movement as a film of greys.
    pub fn film(&self, made: &Made) -> Frames {
        self.drawn(made, "", plot::film)
    }

    fn drawn<T>(&self, made: &Made, name: &str, draw: fn(&Movement<'_>) -> T) -> T {
        let panel = MovementPanel {
            name,
            values: &made.signal.values,
            given: made.given,
        };
        draw(&Movement {
            title: "",
            skeleton: &self.skeleton,
            features: made.signal.features,
            panels: &[panel],
            seconds: 1.0 / self.rate,
        })
    }

    /// The movement as a table: a row for each step, numbered as in the file that it goes on from; `made` is 0 where it was given.
    pub fn csv(&self, made: &Made) -> String {
        let mut text = String::from("step,made");
        for name in self.manner.names() {
            let _ = write!(text, ",{}", crate::report::csv_cell(&name));
        }
        text.push('\n');
        for (step, values) in made.signal.steps().enumerate() {
            let own = self.scaler.preparation.own_step(made.span, step) + 1;
            let _ = write!(text, "{own},{}", u8::from(step >= made.given));
            values.iter().for_each(|value| {
                let _ = write!(text, ",{value}");
            });
            text.push('\n');
        }
        text
    }
}
