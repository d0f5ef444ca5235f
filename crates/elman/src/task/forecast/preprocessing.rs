//! What happens to the data before windows: read, checked, transformed; and what of it is kept with a run.

use super::Recipe;
use super::config::{ForecastConfig, Transform};
use super::error::Error;
use crate::run::{self, RunFolder};
use elman_data::{
    ColumnScalers, Known, ReadReport, Scaler, Series, Splits, Step, read_series_like,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

/// What was learned from the training span before the model was: kept with the run, applied to new data as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// The columns that the model reads, in its order.
    pub inputs: Vec<InputColumn>,
    /// The columns that it forecasts, in its order.
    pub targets: Vec<String>,
    /// Size and shift of every column, from the training span.
    pub scalers: ColumnScalers,
    /// Rows of one season; 1 if there is none.
    pub season: usize,
    /// The step between rows, if it is regular.
    pub step: Option<Step>,
    /// How the data were written.
    #[serde(default)]
    pub known: Known,
    /// Rows (of a panel, series) of each part.
    pub splits: Splits,
}

/// What a run remembers of its data.
pub const PREPROCESSING: &str = "preprocessing.json";

impl Preprocessing {
    /// That of a run.
    ///
    /// # Errors
    /// If the file is missing, damaged, or has been changed so that it cannot be meant.
    pub fn remembered(run: &RunFolder) -> Result<Self, run::Error> {
        let known: Self = run.read_json(PREPROCESSING)?;
        match known.problem() {
            None => Ok(known),
            Some(problem) => Err(run.damaged(PREPROCESSING, problem)),
        }
    }

    /// Why this cannot be what a training found.
    fn problem(&self) -> Option<&'static str> {
        let ColumnScalers { names, scalers } = &self.scalers;
        let usable = |scaler: &Scaler| scaler.shift.is_finite() && scaler.scale.is_normal();
        let has = |name: &String| names.contains(name);
        let spans = [&self.splits.train, &self.splits.valid, &self.splits.test];
        let step = match self.step {
            Some(Step::Months(count) | Step::MonthEnds(count)) => count > 0,
            Some(Step::Duration(step)) => step.is_positive(),
            _ => true,
        };
        if names.len() != scalers.len() || !scalers.iter().all(usable) {
            Some("it must have a scaler of finite numbers for each column")
        } else if self.inputs.is_empty() || self.targets.is_empty() {
            Some("it names no column that is read, or none that is forecast")
        } else if !(self.inputs.iter().all(|input| has(&input.name))
            && self.targets.iter().all(has))
        {
            Some("it names a column that has no scaler")
        } else if spans.iter().any(|span| span.start > span.end)
            || spans.windows(2).any(|pair| pair[0].end > pair[1].start)
        {
            Some("its parts do not follow one another")
        } else if self.season == 0 || !step {
            Some("its season and step must be more than nothing")
        } else {
            None
        }
    }

    /// How new data are to be read: as those that the model was trained on, and at their step.
    pub(super) fn known(&self) -> Known {
        Known {
            step: self.step,
            ..self.known.clone()
        }
    }

    /// Fails unless a series has the columns and the step that the model knows.
    pub(super) fn check(&self, series: &Series) -> Result<(), Error> {
        if series.names != self.scalers.names {
            return Err(Error::OtherColumns {
                expected: self.scalers.names.join(", "),
                found: series.names.join(", "),
            });
        }
        let text =
            |step: Option<Step>| step.map_or("no regular step".into(), |step| step.to_string());
        match series.step == self.step {
            true => Ok(()),
            false => Err(Error::OtherStep {
                expected: text(self.step),
                found: text(series.step),
            }),
        }
    }
}

/// A column that the model reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputColumn {
    /// Its name.
    pub name: String,
    /// Whether it was made from the time, so that its future is known.
    pub calendar: bool,
}

/// The series of a recipe, and how long each is where there are many; written as a model knows it.
pub(super) fn read(
    recipe: &Recipe,
    base: &Path,
    known: Option<&Known>,
) -> Result<(Series, Option<ReadReport>, Option<usize>), Error> {
    let config = &recipe.task.forecast;
    let (series, report, panel) = match (&recipe.task.data, &recipe.task.generate) {
        (Some(source), _) => {
            let (series, report) = read_series_like(source, base, known)?;
            (series, Some(report), None)
        }
        (None, Some(generate)) => {
            let time = config.lookback + config.offset + config.horizon;
            let panel = elman_data::generate::time_series(generate.series, time, generate.seed);
            (panel.into_series(), None, Some(time))
        }
        (None, None) => unreachable!("a recipe without data is refused when it is read"),
    };
    for (name, column) in series.names.iter().zip(&series.columns) {
        if let Some(row) = column.iter().position(|value| value.abs() > LARGEST) {
            let label = series.labels(row..row + 1).remove(0);
            return Err(Error::TooLarge {
                column: name.clone(),
                value: column[row],
                label,
            });
        }
    }
    Ok((series, report, panel))
}

/// Values beyond this would overflow in the squares that losses and scalers are made of.
const LARGEST: f64 = 1e18;

/// The series with logarithms where the recipe wants them. What was made from the calendar stays.
pub(super) fn transformed<'s>(
    series: &'s Series,
    transform: Transform,
    calendar: &[String],
) -> Result<Cow<'s, Series>, Error> {
    if transform == Transform::None {
        return Ok(Cow::Borrowed(series));
    }
    let mut result = series.clone();
    for (index, column) in result.columns.iter_mut().enumerate() {
        let name = &series.names[index];
        if calendar.contains(name) {
            continue;
        }
        if let Some(row) = column.iter().position(|value| *value <= 0.0) {
            return Err(Error::NotPositive {
                column: name.clone(),
                value: column[row],
                label: series.labels(row..row + 1).remove(0),
            });
        }
        column.iter_mut().for_each(|value| *value = value.ln());
    }
    Ok(Cow::Owned(result))
}

/// Rows of one season: as the recipe says, or what the step of the series suggests (12 months, 7 days, 24 hours, …).
pub(super) fn season(config: &ForecastConfig, series: &Series, panel: bool) -> usize {
    if config.season > 0 {
        return config.season;
    }
    match series.step {
        Some(step) if !panel => step.season(),
        _ => 1,
    }
}
