//! The forecast as a [`Job`]: what the command does with it.

use super::history::{HISTORY, History};
use super::{
    Baselines, Dataset, Error, Forecast, ForecastObjective, Forecaster, Preprocessing, Recipe,
    Results, Strategy, Trial,
};
use crate::baseline::Baseline;
use crate::init::{Initializer, ParamSource};
use crate::inspect::{Choice, Specimen};
use crate::model::{Model, Summary};
use crate::recipe::{self, ModelConfig};
use crate::report::Table;
use crate::run::RunFolder;
use crate::task::{self, About, Job, Outcome, TaskTables};
use crate::train::{Observer, TrainConfig};
use burn::prelude::Device;
use elman_data::{Measured, Part};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a run remembers of its data.
pub use super::preprocessing::PREPROCESSING;

/// A forecaster with the windows it is judged by, and what it is judged beside.
#[derive(Clone, Debug)]
pub struct ForecastJob {
    /// The recipe, its data and its network.
    pub forecaster: Forecaster,
    pub(super) trial: Trial,
    baselines: Baselines,
}

impl ForecastJob {
    /// The windows of the test part are found; nothing is measured yet.
    ///
    /// # Errors
    /// If the test part is too short for a window.
    pub fn new(forecaster: Forecaster) -> Result<Self, Error> {
        Ok(Self {
            trial: Trial::new(&forecaster.data, Part::Test)?,
            forecaster,
            baselines: Baselines::default(),
        })
    }
}

impl TaskTables for Forecast {
    type Job = ForecastJob;

    fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), recipe::Error> {
        self.check(model, train)
    }

    fn shape(&self) -> &'static str {
        match self.forecast.strategy {
            Strategy::Sequence => "many to many, aligned",
            _ => "many to one",
        }
    }

    fn ends(&self) -> [&'static str; 2] {
        ["values", "the next values"]
    }

    fn is_generated(&self) -> bool {
        self.generate.is_some()
    }

    fn prepare(recipe: Recipe, base: &Path) -> Result<ForecastJob, task::Error> {
        let forecaster = Forecaster::prepare(recipe, base)?;
        Ok(ForecastJob::new(forecaster)?)
    }

    fn reopen(
        mut recipe: Recipe,
        base: &Path,
        run: &RunFolder,
    ) -> Result<ForecastJob, task::Error> {
        let baselines = &mut recipe.task.forecast.baselines;
        baselines.retain(|kind| *kind != Baseline::Window); // it would have to be trained again
        let known = Preprocessing::remembered(run)?;
        let forecaster = Forecaster::reload(recipe, base, known)?;
        Ok(ForecastJob::new(forecaster)?)
    }
}

impl Job for ForecastJob {
    type Model = Model;
    type Objective<'a> = ForecastObjective<'a>;

    fn summary(&self) -> Summary {
        self.forecaster.summary()
    }

    fn about(&self) -> About {
        let data = &self.forecaster.data;
        let splits = &data.splits;
        let [train, valid, test] =
            [&splits.train, &splits.valid, &splits.test].map(|part| part.len());
        let unit = if data.panel.is_some() {
            "series"
        } else {
            "rows"
        };
        let [windows, horizon, _] = self.trial.shape;
        let filled = |part: Part| -> usize {
            let rows = data.rows_of(part);
            let of = |measured: &Measured| rows.len() - measured.count(rows.clone());
            data.measured_targets().map(of).sum()
        };
        let filled = [Part::Train, Part::Valid, Part::Test].map(filled);
        let unmeasured = match filled {
            [0, 0, 0] => String::new(),
            [train, valid, test] => format!(
                ". Of the values to forecast {train}, {valid} and {test} were not measured but filled in: they count in \
                 no loss and in no error"
            ),
        };
        About {
            report: data.report.as_ref().map(ToString::to_string),
            sizes: format!(
                "{train} {unit} to learn from, {valid} to choose by, {test} to judge by, in {} of {}{unmeasured}",
                counted(windows, "forecast"),
                counted(horizon, "step"),
            ),
            figures: json!({
                "train": train, "valid": valid, "test": test, "forecasts": windows, "report": data.report,
                "not_measured": {"train": filled[0], "valid": filled[1], "test": filled[2]},
            }),
        }
    }

    fn remember(&self, run: &RunFolder) -> Result<(), task::Error> {
        let data = &self.forecaster.data;
        if let Some(history) = History::of(data) {
            run.write_json(HISTORY, &history)?;
        }
        Ok(run.write_json(PREPROCESSING, &data.preprocessing)?)
    }

    fn baselines(
        &mut self,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Table>, task::Error> {
        let Forecaster { data, recipe, .. } = &self.forecaster;
        self.baselines = self.trial.baselines(data, recipe, stop, observer)?;
        let results = Results {
            data,
            trial: &self.trial,
            baselines: &self.baselines,
            model: None,
        };
        Ok(Some(results.table()))
    }

    fn training(&self) -> &TrainConfig {
        &self.forecaster.recipe.train
    }

    fn objective(&self, device: &Device) -> Result<ForecastObjective<'_>, task::Error> {
        Ok(self.forecaster.objective(device)?)
    }

    fn initializer(&self) -> Initializer {
        self.forecaster.recipe.model.initializer
    }

    fn network(&self, source: &mut ParamSource) -> Result<Model, task::Error> {
        let network = &self.forecaster.network;
        Ok(network.layers.init_from(network.input, source)?)
    }

    fn test_on(&mut self, file: &Path) -> Result<String, task::Error> {
        let Forecaster { recipe, data, .. } = &self.forecaster;
        if data.panel.is_some() {
            return Err(task::Error::input(
                "the run learned from many generated series, each a forecast of its own: it cannot be judged on one from a file",
            ));
        }
        let (other, found) = Dataset::judging(recipe, file, data.clone())?;
        self.trial = Trial::new(&other, Part::Test)?;
        self.forecaster.data = other;
        Ok(found)
    }

    fn judge(&self, model: &Model) -> Result<Outcome, task::Error> {
        let scored = self.trial.score_model(model, &self.forecaster.data)?;
        let results = Results {
            data: &self.forecaster.data,
            trial: &self.trial,
            baselines: &self.baselines,
            model: Some(&scored),
        };
        Ok(results.outcome())
    }

    fn specimen(&self, choice: &Choice) -> Result<Specimen<'_, Model>, task::Error> {
        self.look_at(choice)
    }
}

/// `1 step`, `2 steps`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
