//! What a run forecasts from when the data it was trained on are not at hand.

use super::dataset::Dataset;
use super::preprocessing::Preprocessing;
use super::{Error, Recipe, history};
use crate::run::RunFolder;
use elman_data::Series;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Where a run keeps its [`History`].
pub(super) const HISTORY: &str = "history.json";
/// Rows that are kept beyond what the model reads, so that a forecast can be drawn after them.
const MORE: usize = 64;

/// The last rows of a series: what a model needs to forecast what comes after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The rows, in the data's own units.
    pub series: Series,
    /// The columns that are made from the time.
    pub calendar: Vec<String>,
}

impl History {
    /// The last rows of `data`; none of a panel, which has no last row.
    pub fn of(data: &Dataset) -> Option<Self> {
        let report = data.report.as_ref().filter(|_| data.panel.is_none())?;
        Some(Self {
            series: data.series.tail(data.config().lookback + MORE),
            calendar: report.calendar.clone(),
        })
    }

    /// Why a model that knows these columns cannot go on from these rows, if it cannot.
    fn problem(&self, known: &Preprocessing) -> Option<String> {
        self.series.problem().or_else(|| {
            let inputs = known.inputs.iter().map(|column| column.name.as_str());
            let same = self.series.input_names().into_iter().eq(inputs)
                && self.series.target_names() == known.targets;
            (!same).then(|| "its columns are not those of the model".into())
        })
    }
}

/// What a trained run forecasts from: the file `input`, or else the data it was trained on with what has been added to
/// them since, or else its own last rows, and a sentence that says so.
///
/// # Errors
/// If the file cannot be read or has other columns than the run was trained on.
pub fn newest(
    recipe: &Recipe,
    run: &RunFolder,
    input: Option<&Path>,
    known: Preprocessing,
) -> Result<(Dataset, Option<String>), Error> {
    let missing = match history(recipe, &run.base()?, input, known.clone()) {
        Err(Error::Data(missing)) if input.is_none() && missing.is_missing() => missing,
        read => return Ok((read?, None)),
    };
    if !run.file(HISTORY).exists() {
        return Err(Error::NoHistory {
            run: run.path().into(),
            missing: missing.to_string(),
        });
    }
    let own: History = run.read_json(HISTORY)?;
    if let Some(problem) = own.problem(&known) {
        return Err(run.damaged(HISTORY, problem).into());
    }
    let data = Dataset::of_history(recipe, own, known)?;
    let last = data.series.len() - 1;
    let ends = data.series.labels(last..last + 1).remove(0);
    let from = format!(
        "The data that the run was trained on are not here ({missing}): it forecasts from its own last rows, which end at \
         {ends}. Newer ones are read with --input."
    );
    Ok((data, Some(from)))
}
