//! From a recipe's data to scaled windows, and from scaled answers back to the data's own units.

use super::Recipe;
use super::config::{ForecastConfig, RelativeTo, Transform};
use super::error::Error;
use super::history::History;
use super::preprocessing::{InputColumn, Preprocessing, read, season, transformed};
use elman_data::{
    Calendar, ColumnScalers, Measured, Part, ReadReport, Rows, Series, Splits, Windows,
};
use std::borrow::Cow;
use std::path::Path;

/// A series ready for windows.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The series in its own units.
    pub series: Series,
    /// What was done to it.
    pub report: Option<ReadReport>,
    /// Rows of each part, or series of each part of a panel.
    pub splits: Splits,
    /// Rows of each series, where there are many independent ones.
    pub panel: Option<usize>,
    /// How columns are scaled and named.
    pub preprocessing: Preprocessing,
    config: ForecastConfig,
    inputs: Rows,
    targets: Rows,
    /// The data that were learned from, where these are others.
    pub(super) learned: Option<Box<Self>>,
}

/// A batch of windows as the model reads them.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// `[windows, steps, columns]`, scaled and relative to the level
    pub values: Vec<f32>,
    /// `[windows, targets]`: what was subtracted from each target, in scaled units
    pub levels: Vec<f32>,
}

impl Dataset {
    /// Reads (or generates) what the recipe names, divides it and fits the scalers to the training part.
    ///
    /// # Errors
    /// If the data cannot be read, divided or scaled.
    pub fn load(recipe: &Recipe, base: &Path) -> Result<Self, Error> {
        let config = &recipe.task.forecast;
        let (mut series, mut report, panel) = read(recipe, base, None)?;
        let splits = match panel {
            Some(time) => recipe.task.split.resolve_rows(series.len() / time)?,
            None => recipe.task.split.resolve(&series)?,
        };
        let rows = panel.unwrap_or(1);
        let training = splits.train.start * rows..splits.train.end * rows; // all that the scalers may see
        forget_future(&mut series, training.end, report.as_mut());
        refuse_unmeasured(&series, training.clone())?;
        let calendar = report.as_ref().map_or(&[][..], |report| &report.calendar);
        let transformed = transformed(&series, config.transform, calendar)?;
        let input = |name: &str| InputColumn {
            name: name.into(),
            calendar: calendar.iter().any(|column| column == name),
        };
        let preprocessing = Preprocessing {
            inputs: series.input_names().into_iter().map(input).collect(),
            targets: series.target_names().into_iter().map(Into::into).collect(),
            scalers: transformed.fit_scalers(config.scaling, training),
            season: season(config, &series, panel.is_some()),
            step: series.step,
            known: report.as_ref().map(ReadReport::known).unwrap_or_default(),
            splits: splits.clone(),
        };
        let scaled = scaled(transformed, &preprocessing.scalers);
        Ok(Self::assemble(
            series,
            scaled,
            report,
            splits,
            panel,
            preprocessing,
            config,
        ))
    }

    /// The data of a trained run, divided and scaled as they were then, whatever has been added to the files since.
    ///
    /// # Errors
    /// If the data cannot be read, or are fewer or other columns than the run was trained on.
    pub fn reload(recipe: &Recipe, base: &Path, known: Preprocessing) -> Result<Self, Error> {
        let (mut series, mut report, panel) = read(recipe, base, Some(&known.known()))?;
        let rows = panel.unwrap_or(1);
        known.check(&series)?;
        if series.len() < known.splits.test.end * rows {
            let needed = known.splits.test.end * rows;
            return Err(Error::Shrunk {
                needed,
                found: series.len(),
            });
        }
        forget_future(&mut series, known.splits.train.end * rows, report.as_mut());
        let calendar = report.as_ref().map_or(&[][..], |report| &report.calendar);
        let transformed = transformed(&series, recipe.task.forecast.transform, calendar)?;
        let scaled = scaled(transformed, &known.scalers);
        let splits = known.splits.clone();
        Ok(Self::assemble(
            series,
            scaled,
            report,
            splits,
            panel,
            known,
            &recipe.task.forecast,
        ))
    }

    /// New data for a trained model, scaled as its training data was. All of it counts as history.
    ///
    /// # Errors
    /// If the data cannot be read or lacks a column.
    pub fn for_model(
        recipe: &Recipe,
        base: &Path,
        preprocessing: Preprocessing,
    ) -> Result<Self, Error> {
        let known = preprocessing.known();
        let (series, Some(report), None) = read(recipe, base, Some(&known))? else {
            return Err(Error::NoSeries);
        };
        preprocessing.check(&series)?;
        let transformed = transformed(&series, recipe.task.forecast.transform, &report.calendar)?;
        let scaled = scaled(transformed, &preprocessing.scalers);
        let end = series.len();
        let splits = Splits {
            train: 0..end,
            valid: end..end,
            test: end..end,
        };
        Ok(Self::assemble(
            series,
            scaled,
            Some(report),
            splits,
            None,
            preprocessing,
            &recipe.task.forecast,
        ))
    }

    /// The last rows that a run kept, scaled as its training data was.
    ///
    /// # Errors
    /// If they are not those of the run.
    pub(super) fn of_history(
        recipe: &Recipe,
        history: History,
        preprocessing: Preprocessing,
    ) -> Result<Self, Error> {
        let History { series, calendar } = history;
        let rows = series.len();
        if rows == 0 || series.columns.iter().any(|column| column.len() != rows) {
            return Err(Error::NoSeries);
        }
        preprocessing.check(&series)?;
        let transformed = transformed(&series, recipe.task.forecast.transform, &calendar)?;
        let scaled = scaled(transformed, &preprocessing.scalers);
        let splits = Splits {
            train: 0..rows,
            valid: rows..rows,
            test: rows..rows,
        };
        let config = &recipe.task.forecast;
        Ok(Self::assemble(
            series,
            scaled,
            None,
            splits,
            None,
            preprocessing,
            config,
        ))
    }

    pub(super) fn assemble(
        series: Series,
        [inputs, targets]: [Rows; 2],
        report: Option<ReadReport>,
        splits: Splits,
        panel: Option<usize>,
        preprocessing: Preprocessing,
        config: &ForecastConfig,
    ) -> Self {
        Self {
            series,
            report,
            splits,
            panel,
            preprocessing,
            config: config.clone(),
            inputs,
            targets,
            learned: None,
        }
    }

    /// The data that the model and the simple forecasts learned from: these, unless they are there to be judged by alone.
    pub fn learned(&self) -> &Self {
        self.learned.as_deref().unwrap_or(self)
    }

    /// One number for everything that is learned from: other data, other number.
    pub fn digest(&self) -> u64 {
        // FNV-1a (Fowler, Noll & Vo).
        let mut digest = 0xcbf2_9ce4_8422_2325u64;
        let mut add = |bytes: &[u8]| {
            for byte in bytes {
                digest = (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        add(format!("{:?} {:?}", self.config, self.preprocessing).as_bytes());
        for measured in self.series.measured.iter().filter(|m| !m.is_all()) {
            add(format!("{measured:?}").as_bytes());
        }
        self.inputs
            .data
            .iter()
            .chain(&self.targets.data)
            .for_each(|value| add(&value.to_le_bytes()));
        digest
    }

    /// Columns that the model reads.
    pub fn input_size(&self) -> usize {
        self.inputs.width
    }

    /// Columns that it forecasts.
    pub fn target_size(&self) -> usize {
        self.targets.width
    }

    /// The windows of a part.
    ///
    /// # Errors
    /// If the part is too short for one.
    pub fn windows(&self, part: Part, horizon: usize, stride: usize) -> Result<Windows, Error> {
        let config = self.config.windows(horizon, stride);
        Ok(match self.panel {
            Some(time) => Windows::over_panel(&config, self.splits.span(part), time)?,
            None => Windows::new(&config, part, &self.splits)?,
        })
    }

    /// The inputs of some windows, and the level of each target.
    pub fn inputs(&self, windows: &Windows, batch: &[usize]) -> Inputs {
        let values = windows.gather_inputs(&self.inputs, batch);
        self.levelled(
            values,
            &windows.gather_inputs(&self.targets, batch),
            windows.config().input_len(),
        )
    }

    /// `values [windows, steps, columns]` made relative to their levels; `history [windows, steps, targets]` gives the
    /// levels of the targets.
    pub fn levelled(&self, mut values: Vec<f32>, history: &[f32], steps: usize) -> Inputs {
        let (columns, width) = (self.inputs.width, self.targets.width);
        if self.config.relative_to != RelativeTo::Nothing {
            let moving = self
                .preprocessing
                .inputs
                .iter()
                .enumerate()
                .filter(|(_, input)| !input.calendar);
            let moving: Vec<usize> = moving.map(|(column, _)| column).collect();
            for window in values.chunks_mut(steps * columns) {
                for &column in &moving {
                    let level = self.level(|step| window[step * columns + column], steps);
                    (0..steps).for_each(|step| window[step * columns + column] -= level);
                }
            }
        }
        let level =
            |window: &[f32], target| self.level(|step| window[step * width + target], steps);
        let levels = history
            .chunks(steps * width)
            .flat_map(|window| (0..width).map(move |t| level(window, t)));
        Inputs {
            values,
            levels: levels.collect(),
        }
    }

    /// The level that a window's values are made relative to.
    fn level(&self, value: impl Fn(usize) -> f32, steps: usize) -> f32 {
        match self.config.relative_to {
            RelativeTo::Nothing => 0.0,
            RelativeTo::Last => value(steps - 1),
            RelativeTo::Mean => (0..steps).map(value).sum::<f32>() / steps as f32,
        }
    }

    /// What the model is to answer at the end of each window, `[windows, horizon, targets]`, relative to the levels.
    pub fn targets(&self, windows: &Windows, batch: &[usize], levels: &[f32]) -> Vec<f32> {
        self.relative(windows.gather_targets(&self.targets, batch), levels)
    }

    /// What it is to answer at every step, `[windows, steps, horizon, targets]`, relative to the levels.
    pub fn step_targets(&self, windows: &Windows, batch: &[usize], levels: &[f32]) -> Vec<f32> {
        self.relative(windows.gather_step_targets(&self.targets, batch), levels)
    }

    /// Which of the answers of [`Self::targets`] were measured; `None` where every value of every target was.
    pub fn counted(&self, windows: &Windows, batch: &[usize]) -> Option<Vec<bool>> {
        let rows = batch.iter().flat_map(|&window| windows.target_rows(window));
        self.marks(rows)
    }

    /// The same for [`Self::step_targets`].
    pub fn step_counted(&self, windows: &Windows, batch: &[usize]) -> Option<Vec<bool>> {
        let config = windows.config();
        let ahead = move |row: usize| {
            let first = row + 1 + config.offset;
            first..first + config.horizon
        };
        let rows = batch.iter().flat_map(|&window| windows.input_rows(window));
        self.marks(rows.flat_map(ahead))
    }

    /// Which targets were measured, row by row; `None` where every value of every target was.
    pub fn marks(&self, rows: impl Iterator<Item = usize>) -> Option<Vec<bool>> {
        let targets: Vec<&Measured> = self.measured_targets().collect();
        if targets.iter().all(|measured| measured.is_all()) {
            return None;
        }
        let each = rows.flat_map(|row| targets.iter().map(move |measured| measured.at(row)));
        Some(each.collect())
    }

    /// Of each target, which rows were measured.
    pub fn measured_targets(&self) -> impl Iterator<Item = &Measured> {
        let of = |&column: &usize| &self.series.measured[column];
        self.series.targets.iter().map(of)
    }

    fn relative(&self, mut values: Vec<f32>, levels: &[f32]) -> Vec<f32> {
        self.with_levels(&mut values, levels, |value, level| value - level);
        values
    }

    /// Joins every value of `[windows, …, targets]` with the level of its window and target.
    fn with_levels(&self, values: &mut [f32], levels: &[f32], join: fn(f32, f32) -> f32) {
        let width = self.targets.width;
        let each = values.len() / (levels.len() / width).max(1);
        for (window, levels) in values.chunks_mut(each.max(1)).zip(levels.chunks(width)) {
            for row in window.chunks_mut(width) {
                let pairs = row.iter_mut().zip(levels);
                pairs.for_each(|(value, level)| *value = join(*value, *level));
            }
        }
    }

    /// Adds to scaled answers, `[windows, …, targets]`, the levels that they are relative to.
    pub fn add_levels(&self, answers: &mut [f32], levels: &[f32]) {
        self.with_levels(answers, levels, |answer, level| answer + level);
    }

    /// A scaled answer for target `target` in the data's own unit.
    pub fn restore(&self, target: usize, scaled: f32) -> f64 {
        let value = self.preprocessing.scalers.scalers[self.series.targets[target]]
            .inverse(f64::from(scaled));
        match self.config.transform {
            Transform::None => value,
            Transform::Log => value.exp(),
        }
    }

    /// Scaled answers `[windows, horizon, targets]`, relative to `levels`, in the data's own units.
    pub fn absolute(&self, mut answers: Vec<f32>, levels: &[f32]) -> Vec<f64> {
        self.add_levels(&mut answers, levels);
        self.restored(&answers)
    }

    /// Scaled answers `[…, targets]`, levels already added, in the data's own units.
    pub fn restored(&self, answers: &[f32]) -> Vec<f64> {
        let of = |(index, answer): (usize, &f32)| self.restore(index % self.targets.width, *answer);
        answers.iter().enumerate().map(of).collect()
    }

    /// The rows that are learned from.
    pub fn training_rows(&self) -> std::ops::Range<usize> {
        let rows = self.panel.unwrap_or(1);
        self.splits.train.start * rows..self.splits.train.end * rows
    }

    /// The rows of a part; of a panel those of all its series.
    pub fn rows_of(&self, part: Part) -> std::ops::Range<usize> {
        let (span, rows) = (self.splits.span(part), self.panel.unwrap_or(1));
        span.start * rows..span.end * rows
    }

    /// The value of target `target` that was measured at a row, in its own unit; NaN where none was.
    pub fn observed(&self, target: usize, row: usize) -> f64 {
        let column = self.series.targets[target];
        if self.series.measured[column].at(row) {
            self.series.columns[column][row]
        } else {
            f64::NAN
        }
    }

    /// The value of target `target` at a row, measured or filled in, in its own unit.
    pub fn actual(&self, target: usize, row: usize) -> f64 {
        self.series.columns[self.series.targets[target]][row]
    }

    /// The scaled inputs of row `row`, which has not happened: the calendar is known, everything else is `forecast`
    /// (`[targets]`, scaled).
    pub fn future_row(&self, forecast: &[f32], row: usize) -> Vec<f32> {
        let of = |(column, input): (usize, &InputColumn)| match input.calendar {
            true => self.inputs.row(row)[column],
            false => {
                let target = self
                    .preprocessing
                    .targets
                    .iter()
                    .position(|target| *target == input.name);
                forecast[target.expect("checked before: every input is forecast or known")]
            }
        };
        self.preprocessing
            .inputs
            .iter()
            .enumerate()
            .map(of)
            .collect()
    }

    /// The series with `rows` more rows after its end, of which only times and calendar are known; everything else in
    /// them is NaN and must come from forecasts.
    ///
    /// # Errors
    /// If the model reads the calendar and the times of those rows are not known.
    pub fn extended(&self, rows: usize, calendar: &[Calendar]) -> Result<Self, Error> {
        let mut extended = self.clone();
        let times = self.series.next_times(rows);
        if times.is_none() && self.preprocessing.inputs.iter().any(|input| input.calendar) {
            return Err(Error::NoFutureTimes { steps: rows });
        }
        let known = |row: usize| -> Vec<f64> {
            let at = |time| {
                calendar
                    .iter()
                    .flat_map(move |feature| feature.values(self.series.style.local(time)))
            };
            times
                .as_ref()
                .map_or_else(Vec::new, |times| at(times[row]).collect())
        };
        let scalers = &self.preprocessing.scalers.scalers;
        for row in 0..rows {
            let mut values = known(row).into_iter();
            for (input, &column) in self.preprocessing.inputs.iter().zip(&self.series.inputs) {
                let value = if input.calendar { values.next() } else { None }.unwrap_or(f64::NAN);
                extended
                    .inputs
                    .data
                    .push(scalers[column].transform(value) as f32);
            }
            extended
                .targets
                .data
                .extend(std::iter::repeat_n(f32::NAN, self.targets.width));
        }
        Ok(extended)
    }

    /// Fails unless the rows of the future can be made from forecasts and the calendar alone.
    pub fn check_feedback(&self, why: &'static str) -> Result<(), Error> {
        let known = |input: &&InputColumn| {
            input.calendar || self.preprocessing.targets.contains(&input.name)
        };
        match self.preprocessing.inputs.iter().find(|input| !known(input)) {
            Some(input) => Err(Error::UnknownFuture {
                column: input.name.clone(),
                why,
            }),
            None => Ok(()),
        }
    }

    /// The scaled input row `row` of the series.
    pub fn input_row(&self, row: usize) -> &[f32] {
        self.inputs.row(row)
    }

    /// The scaled targets at row `row` of the series.
    pub fn target_row(&self, row: usize) -> &[f32] {
        self.targets.row(row)
    }

    /// The recipe's `[forecast]`.
    pub fn config(&self) -> &ForecastConfig {
        &self.config
    }
}

/// The inputs and the targets of a series as a model reads them.
pub(super) fn scaled(series: Cow<'_, Series>, scalers: &ColumnScalers) -> [Rows; 2] {
    [&series.inputs, &series.targets].map(|columns| series.scaled(columns, scalers))
}

/// Takes off what interpolation took from rows from `first` on, and says so in the report.
pub(super) fn forget_future(series: &mut Series, first: usize, report: Option<&mut ReadReport>) {
    let held = series.forget_future(first);
    let columns = report.into_iter().flat_map(|report| &mut report.columns);
    for (column, held) in columns.zip(held) {
        column.held = held;
    }
}

/// Fails if a column was never measured in the training span: nothing can be fitted to it, and what it was filled with
/// comes from later rows.
fn refuse_unmeasured(series: &Series, training: std::ops::Range<usize>) -> Result<(), Error> {
    let empty = series
        .measured
        .iter()
        .position(|measured| measured.count(training.clone()) == 0);
    empty.map_or(Ok(()), |column| {
        Err(Error::NoneMeasured {
            column: series.names[column].clone(),
            part: Part::Train,
            rows: training.len(),
        })
    })
}
