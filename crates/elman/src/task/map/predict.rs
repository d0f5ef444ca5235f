//! A trained mapping at work.

use super::columns::Columns;
use super::config::Map;
use super::dataset::Preprocessing;
use super::job::fitting;
use super::network::input;
use super::objective::answers;
use super::read::read_inputs;
use crate::init::ParamSource;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::run::RunFolder;
use crate::task::Error;
use crate::weights;
use burn::prelude::Device;
use elman_data::text::RowsConfig;
use serde::Serialize;
use std::path::Path;

/// A trained mapping with all that it needs to answer: nothing of its training rows.
#[derive(Debug)]
pub struct Mapper {
    /// Columns and scalers.
    pub preprocessing: Preprocessing,
    data: RowsConfig,
    model: Model,
}

/// What a mapping says of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Where the row stands.
    pub place: String,
    /// `[steps, values]` in the data's own units; one step where the answer is one vector.
    pub values: Vec<Vec<f64>>,
}

impl Mapper {
    /// The mapping of a finished run.
    ///
    /// # Errors
    /// If a file of the run is missing, broken, or does not fit the others.
    pub fn open(recipe: &Recipe<Map>, run: &RunFolder) -> Result<Self, Error> {
        let preprocessing = Preprocessing::remembered(run)?;
        let layers = fitting(&recipe.model, &preprocessing)?;
        let input = input(preprocessing.inputs.len());
        let model = layers.init_from(input, &mut ParamSource::blank(&Device::default()))?;
        Ok(Self {
            model: weights::load(model, &run.model())?,
            data: recipe.task.data.clone(),
            preprocessing,
        })
    }

    /// The names of the columns that an answer fills, step after step.
    pub fn targets(&self) -> Vec<String> {
        Columns::names(&self.preprocessing.columns.targets)
    }

    /// Reads the rows of files, relative to `base`, as those of the recipe were read, and answers each. The targets are not
    /// needed, and not looked at.
    ///
    /// # Errors
    /// If a file cannot be read, lacks an input, or a cell is no number.
    pub fn answer(&self, files: &[String], base: &Path) -> Result<Vec<Answer>, Error> {
        let known = &self.preprocessing;
        let rows = read_inputs(&self.data, &known.columns.inputs, files, base)?;
        let inputs = rows.iter().flat_map(|(_, row)| known.scaled(row));
        let inputs: Vec<f32> = inputs.collect();
        let [steps, values] = known.shape();
        let said = answers(&self.model, &inputs, known.inputs.len(), steps * values);
        let said = known.restored(&said);
        let rows = rows.into_iter().zip(said.chunks_exact(steps * values));
        let answer = |((place, _), said): ((String, Vec<f64>), &[f64])| Answer {
            place,
            values: said.chunks_exact(values).map(<[f64]>::to_vec).collect(),
        };
        Ok(rows.map(answer).collect())
    }
}
