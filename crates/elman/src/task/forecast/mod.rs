//! Forecasting: the next values of one series or many, from those before them.
//!
//! [`Forecaster`] is a recipe with its data and its network; [`Trial`] is what forecasts are judged by. The simple forecasts
//! come first, and the model is set beside them on the same windows.

mod config;
mod dataset;
mod error;
mod evaluate;
mod history;
mod job;
mod judged;
mod network;
mod objective;
mod predict;
mod preprocessing;
mod report;
mod results;
mod specimen;

pub use config::{Forecast, ForecastConfig, GenerateConfig, RelativeTo, Strategy, Transform};
pub use dataset::{Dataset, Inputs};
pub use error::Error;
pub use evaluate::{Baselines, Scored, Trial};
pub use history::{History, newest};
pub use job::ForecastJob;
pub use network::{Network, network, window_network};
pub use objective::{Batch, ForecastObjective};
pub use predict::forecast;
pub use preprocessing::{InputColumn, Preprocessing};
pub use results::Results;

use crate::init::ParamSource;
use crate::model::{Model, Summary};
use crate::weights;
use burn::prelude::*;
use std::path::Path;

/// A recipe that forecasts.
pub type Recipe = crate::recipe::Recipe<Forecast>;

/// A recipe with its data and its network, ready to be trained or to answer.
#[derive(Clone, Debug)]
pub struct Forecaster {
    /// What is to be done.
    pub recipe: Recipe,
    /// The data, divided and scaled.
    pub data: Dataset,
    /// The network.
    pub network: Network,
}

impl Forecaster {
    /// Reads the data of a recipe, whose files are in `base`, and fits the network to them.
    ///
    /// # Errors
    /// If the data cannot be used or the network does not suit them.
    pub fn prepare(recipe: Recipe, base: &Path) -> Result<Self, Error> {
        let data = Dataset::load(&recipe, base)?;
        let forecaster = Self::with_data(recipe, data)?;
        forecaster.objective(&Device::default().autodiff())?; // what training would refuse
        Ok(forecaster)
    }

    /// A trained run: the data divided and scaled as they were then.
    ///
    /// # Errors
    /// If the data cannot be used or are not those of the run.
    pub fn reload(recipe: Recipe, base: &Path, known: Preprocessing) -> Result<Self, Error> {
        let data = Dataset::reload(&recipe, base, known)?;
        Self::with_data(recipe, data)
    }

    /// The same for data already read.
    ///
    /// # Errors
    /// If the network does not suit the data.
    pub fn with_data(recipe: Recipe, data: Dataset) -> Result<Self, Error> {
        let network = network(&recipe, &data)?;
        Ok(Self {
            recipe,
            data,
            network,
        })
    }

    /// The network's layers and parameters.
    pub fn summary(&self) -> Summary {
        self.network
            .layers
            .summary_of(self.network.input)
            .expect("checked when the job was prepared")
    }

    fn objective(&self, device: &Device) -> Result<ForecastObjective<'_>, Error> {
        let strategy = self.recipe.task.forecast.strategy;
        ForecastObjective::new(&self.data, strategy, &self.recipe, device.clone())
    }

    /// The network with the parameters of a file.
    ///
    /// # Errors
    /// If the file cannot be read or belongs to another network.
    pub fn load(&self, weights: &Path) -> Result<Model, Error> {
        let network = &self.network;
        let model = network
            .layers
            .init_from(network.input, &mut ParamSource::blank(&Device::default()))?;
        Ok(weights::load(model, weights)?)
    }
}

/// The network with its first parameters.
pub(crate) fn build(network: &Network, recipe: &Recipe, device: &Device) -> Result<Model, Error> {
    Ok(network.layers.init(
        network.input,
        recipe.model.initializer,
        recipe.train.seed,
        device,
    )?)
}

/// Reads new history for a trained run: `input` instead of the recipe's own files.
///
/// # Errors
/// If the file cannot be read or has other columns than the run was trained on.
pub fn history(
    recipe: &Recipe,
    base: &Path,
    input: Option<&Path>,
    known: Preprocessing,
) -> Result<Dataset, Error> {
    match input {
        Some(input) => Dataset::for_model(&of_file(recipe, input, &known), Path::new(""), known),
        None => Dataset::for_model(recipe, base, known),
    }
}

/// The recipe with a file in the place of its data: all of it, and of it the columns that the run knows.
fn of_file(recipe: &Recipe, file: &Path, known: &Preprocessing) -> Recipe {
    let mut recipe = recipe.clone();
    let mut source = recipe.task.data.take().unwrap_or_default();
    source.files = vec![file.display().to_string()];
    (source.from, source.until) = (None, None);
    let read = known.inputs.iter().filter(|column| !column.calendar);
    source.columns = read.map(|column| column.name.clone()).collect();
    source.targets = known.targets.clone();
    recipe.task.data = Some(source);
    recipe.task.generate = None;
    recipe
}
