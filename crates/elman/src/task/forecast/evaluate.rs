//! The model and the simple forecasts on the same windows, in the data's own units.

use super::Recipe;
use super::dataset::{Dataset, Inputs};
use super::error::Error;
use super::network::window_network;
use super::objective::ForecastObjective;
use super::predict::forecast;
use super::{Strategy, build};
use crate::baseline::{Baseline, History, LinearLeastSquares};
use crate::metric::{self, ForecastEvaluation};
use crate::model::Model;
use crate::train::{Observer, Trainer};
use burn::prelude::*;
use elman_data::{Part, Windows};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Most values that linear least squares reads from a window: its work grows with their square.
const LINEAR_LIMIT: usize = 2_000;
/// Windows that are read together.
const WINDOWS_AT_A_TIME: usize = 1024;

/// The windows that forecasts are judged by, and what really came.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The newest row that each forecast knows.
    pub origins: Vec<usize>,
    /// `[windows, horizon, targets]`; NaN where no value was measured: nothing is compared with it.
    pub actual: Vec<f64>,
    /// Windows, steps, targets.
    pub shape: [usize; 3],
    scales: Vec<Option<f64>>,
    pub(super) windows: Windows,
}

/// One forecaster's answers and their errors.
#[derive(Clone, Debug)]
pub struct Scored {
    /// `[windows, horizon, targets]`
    pub predicted: Vec<f64>,
    /// How wrong they are.
    pub errors: ForecastEvaluation,
}

/// The simple forecasts, the simplest first, and why others are absent.
#[derive(Clone, Debug, Default)]
pub struct Baselines {
    /// Those that could be made.
    pub scored: Vec<(Baseline, Scored)>,
    /// Those that could not.
    pub absent: Vec<(Baseline, String)>,
}

impl Trial {
    /// The windows of a part, each row forecast once (or every `test_stride` rows).
    ///
    /// # Errors
    /// If the part is too short for a window, or nothing in its windows was measured.
    pub fn new(data: &Dataset, part: Part) -> Result<Self, Error> {
        let config = data.config();
        let windows = data.windows(part, config.horizon, config.test_stride())?;
        let targets = data.target_size();
        let rows = (0..windows.len()).flat_map(|window| windows.target_rows(window));
        let actual = rows
            .flat_map(|row| (0..targets).map(move |target| data.observed(target, row)))
            .collect::<Vec<f64>>();
        if actual.iter().all(|value| value.is_nan()) {
            return Err(Error::NoneMeasured {
                column: data.preprocessing.targets.join("`, `"),
                part,
                rows: data.rows_of(part).len(),
            });
        }
        Ok(Self {
            origins: (0..windows.len())
                .map(|window| windows.origin(window))
                .collect(),
            actual,
            shape: [windows.len(), config.horizon, targets],
            scales: (0..targets)
                .map(|target| scale(data.learned(), target))
                .collect(),
            windows,
        })
    }

    /// Values that forecasts are compared with.
    pub fn measured(&self) -> usize {
        let measured = self.actual.iter().filter(|value| !value.is_nan());
        measured.count()
    }

    /// The errors of some answers to these windows, over what was measured.
    ///
    /// # Errors
    /// If an answer is not a finite number.
    pub fn score(&self, predicted: Vec<f64>) -> Result<Scored, Error> {
        let errors = metric::evaluate(&self.actual, &predicted, self.shape, &self.scales)?;
        Ok(Scored { predicted, errors })
    }

    /// The model's answers and their errors.
    ///
    /// # Errors
    /// As [`forecast`] and [`Self::score`].
    pub fn score_model(&self, model: &Model, data: &Dataset) -> Result<Scored, Error> {
        self.score(forecast(model, data, &self.origins, self.shape[1])?)
    }

    /// The simple forecasts that the recipe asks for. What they learn, they learn from the training span; the window
    /// network, which is trained, tells `observer` how far it is and ends early once `stop` is true.
    ///
    /// # Errors
    /// If the window network cannot be trained.
    pub fn baselines(
        &self,
        data: &Dataset,
        recipe: &Recipe,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Baselines, Error> {
        let mut baselines = Baselines::default();
        for &kind in &recipe.task.forecast.baselines {
            let predicted = match kind {
                Baseline::Window => Ok(self.window(data, recipe, stop, observer)?),
                kind => self.baseline(kind, data)?,
            };
            match predicted {
                Ok(predicted) => baselines.scored.push((kind, self.score(predicted)?)),
                Err(reason) => baselines.absent.push((kind, reason)),
            }
        }
        Ok(baselines)
    }

    /// A simple forecast's answers, or why there are none.
    fn baseline(&self, kind: Baseline, data: &Dataset) -> Result<Result<Vec<f64>, String>, Error> {
        let [_, horizon, targets] = self.shape;
        let offset = data.config().offset;
        let values: Vec<f64> = (0..data.series.len())
            .flat_map(|row| (0..targets).map(move |target| data.actual(target, row)))
            .collect();
        let history = History::new(&values, targets);
        let next: Vec<usize> = self.origins.iter().map(|origin| origin + 1).collect();
        // The naive forecasts begin right after the origin; the rows of the offset are then left out.
        let after_offset = |all: Vec<f64>| -> Vec<f64> {
            let window = (offset + horizon) * targets;
            all.chunks(window.max(1))
                .flat_map(|window| &window[offset * targets..])
                .copied()
                .collect()
        };
        let season = data.preprocessing.season;
        Ok(match kind {
            Baseline::LastValue => text(
                history
                    .last_value(&next, offset + horizon)
                    .map(after_offset),
            ),
            Baseline::SeasonalNaive if season < 2 => {
                Err("the series has no known season (forecast.season)".into())
            }
            Baseline::SeasonalNaive => text(
                history
                    .seasonal_naive_on(&data.series.positions(), &next, offset + horizon, season)
                    .map(after_offset),
            ),
            Baseline::Mean => {
                let learned = data.learned();
                let rows = 0..learned.series.len();
                let observed: Vec<f64> = rows
                    .flat_map(|row| (0..targets).map(move |target| learned.observed(target, row)))
                    .collect();
                let observed = History::new(&observed, targets);
                text(observed.mean(learned.training_rows(), self.shape[0], horizon))
            }
            Baseline::Linear => self.linear(data)?,
            Baseline::Window => unreachable!("it is trained, by `window`"),
        })
    }

    fn linear(&self, data: &Dataset) -> Result<Result<Vec<f64>, String>, Error> {
        let config = data.config();
        let features = config.input_steps() * data.input_size();
        if features > LINEAR_LIMIT {
            return Ok(Err(format!(
                "a window of {features} values is too wide for least squares (at most {LINEAR_LIMIT})"
            )));
        }
        let learned = data.learned();
        let training = learned.windows(Part::Train, config.horizon, config.stride)?;
        let all: Vec<usize> = (0..training.len()).collect();
        let outputs = config.horizon * data.target_size();
        let counted = learned.counted(&training, &all);
        // Windows overlap, and all of them would take many times the memory of their series.
        let fit = |group: &[usize], windows: &[usize]| {
            LinearLeastSquares::fit_in_parts(windows.len(), |part| {
                let windows = &windows[part];
                let inputs = learned.inputs(&training, windows);
                let wanted = learned.targets(&training, windows, &inputs.levels);
                let of_group = |row: &[f32]| group.iter().map(|output| row[*output]).collect();
                let wanted = wanted
                    .chunks(outputs)
                    .flat_map(|row| -> Vec<f32> { of_group(row) });
                (inputs.values, wanted.collect())
            })
        };
        let mut maps = Vec::new();
        for group in alike(counted.as_deref(), outputs) {
            let fitted = match &counted {
                None => fit(&group, &all),
                Some(counted) => {
                    let measured = |window: &usize| counted[window * outputs + group[0]];
                    let windows: Vec<usize> = all.iter().copied().filter(measured).collect();
                    fit(&group, &windows)
                }
            };
            match fitted {
                Ok(map) => maps.push((group, map)),
                Err(error) => return Ok(Err(error.to_string())),
            }
        }
        let asked: Vec<usize> = (0..self.windows.len()).collect();
        let mut answers = Vec::with_capacity(asked.len() * outputs);
        for part in asked.chunks(WINDOWS_AT_A_TIME) {
            let inputs = data.inputs(&self.windows, part);
            let mut scaled = vec![0.0f32; part.len() * outputs];
            for (group, map) in &maps {
                let predicted = map.predict(&inputs.values, part.len());
                let rows = scaled.chunks_mut(outputs);
                for (answers, predicted) in rows.zip(predicted.chunks(group.len())) {
                    for (&output, value) in group.iter().zip(predicted) {
                        answers[output] = *value as f32;
                    }
                }
            }
            answers.extend(data.absolute(scaled, &inputs.levels));
        }
        Ok(Ok(answers))
    }

    fn window(
        &self,
        data: &Dataset,
        recipe: &Recipe,
        stop: &Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f64>, Error> {
        let device = Device::default().autodiff();
        let objective =
            ForecastObjective::new(data.learned(), Strategy::Vector, recipe, device.clone())?;
        let model = build(&window_network(data), recipe, &device)?;
        let train = crate::train::TrainConfig {
            bptt_len: None,
            ..recipe.train.clone()
        };
        let config = train
            .check()
            .map_err(|error| Error::Config(error.to_string()))?;
        let trainer = Trainer::new(config).with_stop_flag(stop.clone());
        let model = trainer.train(&objective, model, observer)?.model.valid();
        let inputs = self.inputs(data);
        let steps = self.windows.config().input_len();
        let shape = [self.windows.len(), steps, data.input_size()];
        let input =
            Tensor::<3>::from_data(TensorData::new(inputs.values, shape), &Device::default());
        Ok(data.absolute(
            crate::values(model.forward(input, None).vector()),
            &inputs.levels,
        ))
    }

    /// What the learned baselines read: the inputs of every window.
    fn inputs(&self, data: &Dataset) -> Inputs {
        let all: Vec<usize> = (0..self.windows.len()).collect();
        data.inputs(&self.windows, &all)
    }
}

/// The outputs that were measured in the same windows, together: each is fitted to the windows in which it was.
fn alike(counted: Option<&[bool]>, outputs: usize) -> Vec<Vec<usize>> {
    let Some(counted) = counted else {
        return vec![(0..outputs).collect()];
    };
    let column = |output: usize| counted.iter().skip(output).step_by(outputs);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for output in 0..outputs {
        let same = |group: &&mut Vec<usize>| column(group[0]).eq(column(output));
        match groups.iter_mut().find(same) {
            Some(group) => group.push(output),
            None => groups.push(vec![output]),
        }
    }
    groups
}

fn text<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// The scale of MASE: the error of the naive forecast inside the training span, where both of its rows were measured.
fn scale(data: &Dataset, target: usize) -> Option<f64> {
    let rows = data.training_rows();
    match data.panel {
        // Independent series have no season and must not be compared across their borders.
        Some(time) => {
            let pairs = rows.filter(|row| row % time != 0);
            let errors =
                pairs.map(|row| (data.actual(target, row) - data.actual(target, row - 1)).abs());
            let (sum, count) = errors.fold((0.0, 0usize), |(sum, count), error| {
                (sum + error, count + 1)
            });
            (sum > 0.0).then(|| sum / count as f64)
        }
        None => {
            let training: Vec<f64> = rows.map(|row| data.observed(target, row)).collect();
            let positions = &data.series.positions()[data.training_rows()];
            metric::mase_scale_on(positions, &training, data.preprocessing.season)
        }
    }
}
