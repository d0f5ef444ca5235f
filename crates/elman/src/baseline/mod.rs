//! The simple forecasts that always come first: what a model must beat to be worth its while.
//!
//! [`History`] answers the naive ones (last value, seasonal naive, mean), [`LinearLeastSquares`] the linear one, and
//! [`Verdict`] says in plain words how a model compares. The simple classifiers of texts are in [`text`].

mod lbfgs;
mod linear;
mod ngram;
pub mod text;
mod verdict;

use std::fmt;
use std::ops::Range;

pub use linear::LinearLeastSquares;
pub use ngram::NGram;
pub use verdict::{Outcome, Verdict, skill};

/// A simple forecast, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Baseline {
    /// Tomorrow is as today ([`History::last_value`]).
    LastValue,
    /// Tomorrow is as one season ago ([`History::seasonal_naive`]).
    SeasonalNaive,
    /// Every day is the mean of the training span ([`History::mean`]).
    Mean,
    /// A linear function of the window ([`LinearLeastSquares`]).
    Linear,
    /// The lecture notes' fixed window: the same inputs through a dense network, trained as the model is.
    Window,
}

impl Baseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 5] = [
        Self::LastValue,
        Self::SeasonalNaive,
        Self::Mean,
        Self::Linear,
        Self::Window,
    ];

    /// The key in recipes and results.
    pub fn key(self) -> &'static str {
        match self {
            Self::LastValue => "last_value",
            Self::SeasonalNaive => "seasonal_naive",
            Self::Mean => "mean",
            Self::Linear => "linear",
            Self::Window => "window",
        }
    }

    /// Whether it repeats or averages what it saw, and learns nothing: what a model must beat to be worth its name.
    pub fn is_naive(self) -> bool {
        matches!(self, Self::LastValue | Self::SeasonalNaive | Self::Mean)
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LastValue => "last value",
            Self::SeasonalNaive => "seasonal naive",
            Self::Mean => "training mean",
            Self::Linear => "linear regression",
            Self::Window => "fixed window network",
        })
    }
}

/// Why a baseline has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// No value was observed before the forecast's start.
    #[error(
        "the {baseline} forecast that starts at row {row} has no observed value of target {target} to repeat; \
         start forecasting later (a season needs {period} rows before it)"
    )]
    NoHistory {
        /// Which forecast.
        baseline: Baseline,
        /// First row to forecast, from 0.
        row: usize,
        /// Target, from 1.
        target: usize,
        /// Rows of one season; 1 for the last value.
        period: usize,
    },
    /// The training span has no observed value of a target.
    #[error(
        "target {target} has no observed value in training rows {start} to {end}; its mean is unknown"
    )]
    NoTraining {
        /// Target, from 1.
        target: usize,
        /// First row of the training span.
        start: usize,
        /// Row after the training span.
        end: usize,
    },
    /// A season of zero rows.
    #[error(
        "the seasonal naive forecast needs a period of at least 1 row; set it to the rows of one season (24 for hours of a day)"
    )]
    NoPeriod,
    /// Linear regression without a window to learn from.
    #[error("linear regression needs at least one training window")]
    NoWindows,
    /// A window with NaN or infinity, or with values too large to multiply.
    #[error(
        "training window {window} (counted from 1) holds a value that is not a usable number; fill or drop missing values first"
    )]
    NotFinite {
        /// Window, from 1.
        window: usize,
    },
    /// The normal equations have no finite solution.
    #[error(
        "linear regression found no finite solution; a column's values are too far apart, rescale or drop it"
    )]
    NoSolution,
}

/// An observed series that naive forecasts look back on: values `[rows, targets]` row-major in time order, in the
/// data's own units. NaN means missing: it is never repeated, the next older value is.
///
/// Forecasts answer `[origins, horizon, targets]` row-major. An origin is the first row to be forecast; only rows
/// before it are looked at. So the same whole series serves every window of every split, and a season may be longer
/// than the model's lookback.
///
/// # Panics
/// Every forecast panics if an origin is greater than the number of rows (equal looks ahead of the last one).
#[derive(Debug, Clone, Copy)]
pub struct History<'a, T> {
    values: &'a [T],
    targets: usize,
}

impl<'a, T: Copy + Into<f64>> History<'a, T> {
    /// A series of `targets` columns.
    ///
    /// # Panics
    /// If `targets` is zero or does not divide the number of values.
    pub fn new(values: &'a [T], targets: usize) -> Self {
        assert!(
            targets > 0 && values.len().is_multiple_of(targets),
            "History: values are not [rows, {targets}]"
        );
        Self { values, targets }
    }

    /// Repeats the last value observed before each origin.
    ///
    /// # Errors
    /// [`BaselineError::NoHistory`] if nothing was observed before an origin.
    pub fn last_value(&self, origins: &[usize], horizon: usize) -> Result<Vec<f64>, BaselineError> {
        self.repeat_season(Baseline::LastValue, origins, horizon, 1)
    }

    /// Repeats the last `period` rows before each origin: step `h` (from 0) is the value `period − h mod period` rows
    /// before the origin, so beyond one period the last season comes again.
    ///
    /// # Errors
    /// [`BaselineError::NoHistory`] if less than one season was observed before an origin, [`BaselineError::NoPeriod`].
    pub fn seasonal_naive(
        &self,
        origins: &[usize],
        horizon: usize,
        period: usize,
    ) -> Result<Vec<f64>, BaselineError> {
        self.repeat_season(Baseline::SeasonalNaive, origins, horizon, period)
    }

    /// [`Self::seasonal_naive`] for rows that may leave steps out: `positions` counts the steps of the time axis up to each
    /// row, ascending, and a season is `period` steps, however many rows that is. A row is answered with the value one
    /// season before it, or two seasons and so on, where there is no such row or it lies not before the origin.
    ///
    /// # Errors
    /// [`BaselineError::NoHistory`] if no row lies whole seasons before one that is forecast, [`BaselineError::NoPeriod`].
    ///
    /// # Panics
    /// If there is not one position per row, or a forecast reaches beyond the rows.
    pub fn seasonal_naive_on(
        &self,
        positions: &[i64],
        origins: &[usize],
        horizon: usize,
        period: usize,
    ) -> Result<Vec<f64>, BaselineError> {
        assert_eq!(
            positions.len() * self.targets,
            self.values.len(),
            "one position per row"
        );
        let season = i64::try_from(period).ok().filter(|season| *season > 0);
        let season = season.ok_or(BaselineError::NoPeriod)?;
        let mut forecast = Vec::with_capacity(origins.len() * horizon * self.targets);
        for &origin in origins {
            for row in origin..origin + horizon {
                for target in 0..self.targets {
                    let seasons = (positions[row] - positions[0]) / season;
                    let seen = (1..=seasons)
                        .filter_map(|back| {
                            positions
                                .binary_search(&(positions[row] - back * season))
                                .ok()
                        })
                        .filter(|source| *source < origin)
                        .map(|source| self.at(source, target))
                        .find(|value| value.is_finite());
                    forecast.push(seen.ok_or(BaselineError::NoHistory {
                        baseline: Baseline::SeasonalNaive,
                        row,
                        target: target + 1,
                        period,
                    })?);
                }
            }
        }
        Ok(forecast)
    }

    /// Answers each of `windows` forecasts with the mean of the rows in `training`.
    ///
    /// # Errors
    /// [`BaselineError::NoTraining`] if a target was never observed there.
    ///
    /// # Panics
    /// If `training` reaches beyond the series.
    pub fn mean(
        &self,
        training: Range<usize>,
        windows: usize,
        horizon: usize,
    ) -> Result<Vec<f64>, BaselineError> {
        let means = (0..self.targets).map(|target| {
            let observed = training
                .clone()
                .map(|row| self.at(row, target))
                .filter(|value| value.is_finite());
            let (sum, count) =
                observed.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            if count > 0.0 {
                Ok(sum / count)
            } else {
                Err(BaselineError::NoTraining {
                    target: target + 1,
                    start: training.start,
                    end: training.end,
                })
            }
        });
        Ok(means
            .collect::<Result<Vec<_>, _>>()?
            .repeat(windows * horizon))
    }

    fn at(&self, row: usize, target: usize) -> f64 {
        self.values[row * self.targets + target].into()
    }

    fn repeat_season(
        &self,
        baseline: Baseline,
        origins: &[usize],
        horizon: usize,
        period: usize,
    ) -> Result<Vec<f64>, BaselineError> {
        if period == 0 {
            return Err(BaselineError::NoPeriod);
        }
        let rows = self.values.len() / self.targets;
        let mut forecast = Vec::with_capacity(origins.len() * horizon * self.targets);
        for &row in origins {
            assert!(
                row <= rows,
                "History: origin {row} of a series of {rows} rows"
            );
            for step in 0..horizon {
                for target in 0..self.targets {
                    // The same phase, one season earlier again and again until one was observed.
                    let seen = (1..)
                        .map_while(|season| (row + step % period).checked_sub(season * period))
                        .map(|source| self.at(source, target))
                        .find(|value| value.is_finite());
                    forecast.push(seen.ok_or(BaselineError::NoHistory {
                        baseline,
                        row,
                        target: target + 1,
                        period,
                    })?);
                }
            }
        }
        Ok(forecast)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasonal_naive_by_hand_and_beyond_one_season() {
        let series = [9.0, 9.0, 1.0, 2.0, 3.0];
        let forecast = History::new(&series, 1)
            .seasonal_naive(&[5, 4], 7, 3)
            .unwrap();
        assert_eq!(forecast[..7], [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]);
        assert_eq!(forecast[7..], [9.0, 1.0, 2.0, 9.0, 1.0, 2.0, 9.0]);
    }

    /// Months 0 to 3 and 12, 13, 15 of a monthly series: month 14 is missing, and month 15 repeats month 3.
    #[test]
    fn seasonal_naive_is_about_time_where_rows_are_missing() {
        let series = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let months = [0, 1, 2, 3, 12, 13, 15];
        let history = History::new(&series, 1);
        let forecast = history.seasonal_naive_on(&months, &[4, 5], 2, 12).unwrap();
        assert_eq!(forecast, [1.0, 2.0, 2.0, 4.0]);
        assert!(
            history
                .seasonal_naive_on(&[0, 1, 2, 3, 12, 14, 17], &[5], 2, 12)
                .is_err()
        );
        // Without gaps it is the seasonal naive of rows.
        let rows: Vec<i64> = (0..7).collect();
        assert_eq!(
            history.seasonal_naive_on(&rows, &[4], 3, 2),
            history.seasonal_naive(&[4], 3, 2)
        );
    }

    #[test]
    fn last_value_looks_only_back_and_past_gaps() {
        let series = [1.0f32, 10.0, 2.0, f32::NAN, 3.0, 30.0];
        let forecast = History::new(&series, 2).last_value(&[1, 2], 2).unwrap();
        assert_eq!(forecast, [1.0, 10.0, 1.0, 10.0, 2.0, 10.0, 2.0, 10.0]);
    }

    #[test]
    fn mean_is_of_the_training_rows_only() {
        let series = [1.0, 5.0, 3.0, 7.0, 100.0, 100.0];
        assert_eq!(
            History::new(&series, 2).mean(0..2, 1, 2).unwrap(),
            [2.0, 6.0, 2.0, 6.0]
        );
        let error = History::new(&[f64::NAN, 1.0], 1)
            .mean(0..1, 1, 1)
            .unwrap_err();
        assert_eq!(
            error,
            BaselineError::NoTraining {
                target: 1,
                start: 0,
                end: 1
            }
        );
    }

    #[test]
    fn too_short_a_history_is_an_error_not_a_panic() {
        let history = History::new(&[1.0, 2.0], 1);
        assert!(matches!(
            history.seasonal_naive(&[2], 1, 3),
            Err(BaselineError::NoHistory { period: 3, .. })
        ));
        assert!(matches!(
            history.last_value(&[0], 1),
            Err(BaselineError::NoHistory { row: 0, .. })
        ));
        assert_eq!(
            history.seasonal_naive(&[2], 1, 0),
            Err(BaselineError::NoPeriod)
        );
    }
}
