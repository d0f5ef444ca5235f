//! A clean multivariate series, and the flat rows a network reads.

use std::ops::Range;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::names;
use crate::{ColumnScalers, Error, Measured, Scaler, ScalerKind, Step, TimeStyle};

/// A multivariate series in time order, complete and finite: the end of reading and cleaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The columns' names, calendar columns included.
    pub names: Vec<String>,
    /// The values, column by column, all of one length and finite.
    #[serde(with = "crate::kept")]
    pub columns: Vec<Vec<f64>>,
    /// The civil time of every row, strictly ascending, if the source has times.
    pub times: Option<Vec<DateTime>>,
    /// The regular step between rows, if there is one.
    pub step: Option<Step>,
    /// How the times are shown.
    pub style: TimeStyle,
    /// Which columns a model reads, as positions in `columns`.
    pub inputs: Vec<usize>,
    /// Which columns a model predicts, as positions in `columns`.
    pub targets: Vec<usize>,
    /// Of each column, the rows whose value was measured. What was filled in is read like any value, but nothing may be
    /// fitted to it, and no forecast compared with it.
    pub measured: Vec<Measured>,
    /// Of each column, the rows without a value of their own that lie on a line to a later one; none where missing.
    pub bridged: Vec<Vec<usize>>,
}

impl Series {
    /// A series of bare columns: every column is input and target, no times.
    ///
    /// # Panics
    /// If the columns differ in length, or names and columns in number.
    pub fn from_columns(names: Vec<String>, columns: Vec<Vec<f64>>) -> Self {
        assert_eq!(names.len(), columns.len(), "one name per column");
        assert!(
            columns
                .windows(2)
                .all(|pair| pair[0].len() == pair[1].len()),
            "columns differ in length"
        );
        let all: Vec<usize> = (0..columns.len()).collect();
        Self {
            measured: vec![Measured::all(); columns.len()],
            names,
            columns,
            times: None,
            step: None,
            style: TimeStyle::Plain,
            inputs: all.clone(),
            targets: all,
            bridged: Vec::new(),
        }
    }

    /// Why these fields are no series, if they are not: what was read from a file may hold anything.
    pub fn problem(&self) -> Option<String> {
        let (columns, rows) = (self.columns.len(), self.len());
        if columns == 0 || rows == 0 {
            return Some("there is no value in it".into());
        }
        if self.names.len() != columns || self.measured.len() != columns {
            return Some(format!(
                "it has {columns} columns, but names or marks of others"
            ));
        }
        if let Some(at) = self.columns.iter().position(|column| column.len() != rows) {
            let (name, found) = (&self.names[at], self.columns[at].len());
            return Some(format!(
                "column `{name}` has {found} rows, the first has {rows}"
            ));
        }
        let unknown = |places: &[usize]| places.iter().any(|place| *place >= columns);
        if unknown(&self.inputs) || unknown(&self.targets) {
            return Some(format!("it names a column beyond its {columns}"));
        }
        let mut bridged = self.bridged.iter().flatten();
        if self.bridged.len() > columns || bridged.any(|row| *row >= rows) {
            return Some(format!("rows beyond its {rows} are said to be filled"));
        }
        match &self.times {
            Some(times) if times.len() != rows => {
                Some(format!("it has {} times for {rows} rows", times.len()))
            }
            Some(times) if !times.is_sorted_by(|a, b| a < b) => {
                Some("its times do not rise".into())
            }
            _ => None,
        }
    }

    /// Forgets, from row `first` on, what interpolation took from the future: a gap that ends at or after `first` keeps
    /// the last value known before it. Nothing before `first` then depends on a row from `first` on, and a forecast
    /// made anywhere after it knows the past alone.
    ///
    /// Gives, of each column, how many values were taken off a line to a later one.
    pub fn forget_future(&mut self, first: usize) -> Vec<usize> {
        let mut held = vec![0; self.columns.len()];
        let columns = self.columns.iter_mut().zip(&self.bridged);
        for ((column, bridged), held) in columns.zip(&mut held) {
            for gap in bridged.chunk_by(|a, b| a + 1 == *b) {
                let (begin, end) = (gap[0], gap[gap.len() - 1] + 1);
                if end >= first && begin > 0 {
                    let known = column[begin - 1];
                    column[begin..end].fill(known);
                    if end < column.len() {
                        *held += end - begin;
                    }
                }
            }
        }
        held
    }

    /// The last rows of the series, at most so many.
    pub fn tail(&self, rows: usize) -> Self {
        let first = self.len().saturating_sub(rows);
        let kept: Vec<usize> = (first..self.len()).collect();
        let bridged = |rows: &Vec<usize>| {
            rows.iter()
                .filter_map(|row| row.checked_sub(first))
                .collect()
        };
        Self {
            names: self.names.clone(),
            columns: self
                .columns
                .iter()
                .map(|column| column[first..].to_vec())
                .collect(),
            times: self.times.as_ref().map(|times| times[first..].to_vec()),
            step: self.step,
            style: self.style.clone(),
            inputs: self.inputs.clone(),
            targets: self.targets.clone(),
            measured: self
                .measured
                .iter()
                .map(|measured| measured.select(&kept))
                .collect(),
            bridged: self.bridged.iter().map(bridged).collect(),
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of the column `name`.
    ///
    /// # Errors
    /// [`Error::NoColumn`] offering the nearest name.
    pub fn column(&self, name: &str) -> Result<&[f64], Error> {
        Ok(&self.columns[names::position(&self.names, name, "column")?])
    }

    /// The names of the target columns.
    pub fn target_names(&self) -> Vec<&str> {
        self.targets
            .iter()
            .map(|&column| self.names[column].as_str())
            .collect()
    }

    /// The names of the input columns.
    pub fn input_names(&self) -> Vec<&str> {
        self.inputs
            .iter()
            .map(|&column| self.names[column].as_str())
            .collect()
    }

    /// The `count` times that follow the last row; `None` without times or without a regular step.
    pub fn next_times(&self, count: usize) -> Option<Vec<DateTime>> {
        let (last, step) = (*self.times.as_ref()?.last()?, self.step?);
        (1..=count)
            .map(|k| step.advance(last, i64::try_from(k).ok()?))
            .collect()
    }

    /// Steps of the time axis from the first row to each row: the numbers of the rows where there is no regular step, or none
    /// is missing.
    pub fn positions(&self) -> Vec<i64> {
        match (&self.times, self.step) {
            (Some(times), Some(step)) if !times.is_empty() => {
                let mut positions: Vec<i64> = times
                    .iter()
                    .map(|&time| step.between(times[0], time))
                    .collect();
                // Rows between two steps: each counts as a step.
                for row in 1..positions.len() {
                    positions[row] = positions[row].max(positions[row - 1] + 1);
                }
                positions
            }
            _ => (0..self.len() as i64).collect(),
        }
    }

    /// A short text for each of `rows`, for tables and axes: the time as coarse as the step allows, or the row number.
    pub fn labels(&self, rows: Range<usize>) -> Vec<String> {
        match &self.times {
            Some(times) => times[rows].iter().map(|&time| self.label(time)).collect(),
            None => rows.map(|row| row.to_string()).collect(),
        }
    }

    /// The text for one time, as coarse as the step allows: `1949`, `1949-01`, `1949-01-31` or `1949-01-31 13:00`.
    pub fn label(&self, time: DateTime) -> String {
        self.style.label(time, self.step)
    }

    /// Fits one scaler per column to what was measured in the rows `training` alone; nothing else is looked at.
    ///
    /// # Panics
    /// If `training` reaches past the end.
    pub fn fit_scalers(&self, kind: ScalerKind, training: Range<usize>) -> ColumnScalers {
        let fit = |(column, measured): (&Vec<f64>, &Measured)| {
            if measured.is_all() {
                return Scaler::fit(kind, &column[training.clone()]);
            }
            let mut values = measured.hide(column, training.clone());
            values.retain(|value| !value.is_nan());
            Scaler::fit(kind, &values)
        };
        let scalers = self.columns.iter().zip(&self.measured).map(fit).collect();
        ColumnScalers {
            names: self.names.clone(),
            scalers,
        }
    }

    /// The scaled values of `columns`, row by row, ready for [`crate::Windows`].
    ///
    /// # Panics
    /// If `scalers` were fitted to another set of columns, or a position in `columns` does not exist.
    pub fn scaled(&self, columns: &[usize], scalers: &ColumnScalers) -> Rows {
        assert_eq!(
            self.names, scalers.names,
            "the scalers belong to other columns"
        );
        let mut rows = Rows {
            width: columns.len(),
            data: Vec::with_capacity(self.len() * columns.len()),
        };
        for row in 0..self.len() {
            let value = |&c: &usize| scalers.scalers[c].transform(self.columns[c][row]) as f32;
            rows.data.extend(columns.iter().map(value));
        }
        rows
    }
}

/// Values `[rows, width]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Columns.
    pub width: usize,
    /// The values, `rows × width`.
    pub data: Vec<f32>,
}

impl Rows {
    /// Rows.
    pub fn len(&self) -> usize {
        self.data.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// One row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.width..(row + 1) * self.width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn monthly() -> Series {
        let step = Step::Months(1);
        let times = (0..3)
            .map(|k| step.advance(date(1949, 11, 1).at(0, 0, 0, 0), k).unwrap())
            .collect();
        Series {
            times: Some(times),
            step: Some(step),
            ..Series::from_columns(vec!["Passengers".into()], vec![vec![1.0, 2.0, 4.0]])
        }
    }

    #[test]
    fn fields_that_are_no_series_are_told_apart() {
        assert_eq!(monthly().problem(), None);
        type Spoil = fn(&mut Series);
        let broken: [(&str, Spoil); 7] = [
            ("no value", |series| series.columns.clear()),
            ("names", |series| series.names.clear()),
            ("3 rows, the first has 1", |series| {
                series.columns.insert(0, vec![1.0]);
                series.names.push("x".into());
                series.measured.push(Measured::all());
            }),
            ("beyond its 1", |series| series.targets = vec![1]),
            ("filled", |series| series.bridged = vec![vec![3]]),
            ("2 times for 3 rows", |series| {
                series.times.as_mut().unwrap().pop();
            }),
            ("do not rise", |series| {
                series.times.as_mut().unwrap().swap(0, 1)
            }),
        ];
        for (says, spoil) in broken {
            let mut series = monthly();
            spoil(&mut series);
            let problem = series.problem().unwrap_or_default();
            assert!(problem.contains(says), "{says}: {problem:?}");
        }
    }

    #[test]
    fn the_future_is_labelled_like_the_past() {
        let series = monthly();
        assert_eq!(series.labels(0..3), ["1949-11", "1949-12", "1950-01"]);
        let next: Vec<String> = series
            .next_times(2)
            .unwrap()
            .into_iter()
            .map(|t| series.label(t))
            .collect();
        assert_eq!(next, ["1950-02", "1950-03"]);
        let hourly = Series {
            step: Some(Step::Duration(jiff::SignedDuration::from_hours(1))),
            ..series
        };
        assert_eq!(hourly.labels(0..1), ["1949-11-01 00:00"]);
    }

    #[test]
    fn a_misspelled_column_is_offered() {
        let message = monthly().column("passenger").unwrap_err().to_string();
        assert_eq!(
            message,
            "`column`: there is no column `passenger`; did you mean `Passengers`?; the columns are: Passengers"
        );
    }

    proptest! {
        /// The test that catches leakage: whatever comes after the training span, the scalers are the same bits.
        #[test]
        fn scalers_see_the_training_span_only(
            train in prop::collection::vec(-1e3f64..1e3, 2..30),
            later in prop::collection::vec(-1e9f64..1e9, 1..30),
            other in prop::collection::vec(-1e9f64..1e9, 1..30),
        ) {
            for kind in [ScalerKind::Standard, ScalerKind::MinMax, ScalerKind::Robust] {
                let fit = |tail: &[f64]| {
                    Series::from_columns(vec!["x".into()], vec![[&train[..], tail].concat()]).fit_scalers(kind, 0..train.len())
                };
                prop_assert_eq!(fit(&later), fit(&other));
            }
        }
    }
}
