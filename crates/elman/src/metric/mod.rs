//! How good answers are: of forecasts, in the data's own units and never in the scaled units of training, here; of
//! [`classes`] and translations ([`bleu()`]) in rooms of their own.
//!
//! [`evaluate`] compares what was forecast with what came, over every window, horizon step and target, and answers
//! three ways: all together, per horizon step and per target. [`mase_scale`] gives the yardstick of MASE.
//!
//! An undefined metric is `None`: a percentage of zero, or a scaled error whose scale is zero. It is never infinite
//! or NaN.

mod bleu;
pub mod classes;
mod edit;
mod overlap;
pub mod paired;
pub mod retrieval;
mod spans;

pub use bleu::{Bleu, BleuConfig, BleuTokens, bleu, bleu_of_many};
pub use edit::{ErrorRate, distance};
pub use overlap::{Overlap, overlap};
pub use spans::{Span, SpanCounts, SpanScores, marks_spans, spans};

use serde::{Deserialize, Serialize};

/// Values from here on are refused: their squares would overflow.
const LARGEST: f64 = 1e150;

/// What is wrong with the values to be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// There is nothing to compare: no window, no horizon step or no target.
    #[error(
        "there is no forecast to measure ({windows} windows × {horizon} steps × {targets} targets); \
         give the evaluated split at least lookback + horizon rows"
    )]
    Empty {
        /// Number of windows.
        windows: usize,
        /// Steps ahead.
        horizon: usize,
        /// Number of forecast columns.
        targets: usize,
    },
    /// None of the actual values was measured: all are NaN.
    #[error(
        "none of the {values} values to compare with was measured, all are missing or were filled in; \
         move the split so that the part holds measured values"
    )]
    NoneMeasured {
        /// Values that were to be compared with.
        values: usize,
    },
    /// An actual value is infinite or too large to square, or a predicted one not finite.
    #[error(
        "{side} value of window {window}, step {step}, target {target} (counted from 1) is not a usable number; \
         fill or drop missing values before measuring, and look for a diverged training if it is a predicted one"
    )]
    NotFinite {
        /// Which of the two sides: `actual` or `predicted`.
        side: &'static str,
        /// Window, from 1.
        window: usize,
        /// Horizon step, from 1.
        step: usize,
        /// Target, from 1.
        target: usize,
    },
}

/// Errors of a forecast. With `y` the actual value, `f` the forecast and means over all points compared:
///
/// | field | formula | unit |
/// |---|---|---|
/// | `mae` | mean of abs(y − f) | the data's |
/// | `rmse` | √mse | the data's |
/// | `mse` | mean of (y − f)² | the data's, squared |
/// | `mape` | 100 · mean of abs(y − f) / abs(y) | percent |
/// | `smape` | 100 · mean of 2 · abs(y − f) / (abs(y) + abs(f)) | percent, 0 to 200 |
/// | `mase` | mean of abs(y − f) / scale, the scale from [`mase_scale`] | none; below 1 beats the in-sample naive |
///
/// # References
/// MAE, RMSE, MAPE, MASE: Hyndman & Koehler, *Another look at measures of forecast accuracy* (2006). sMAPE: Makridakis,
/// Spiliotis & Assimakopoulos, *The M4 Competition* (2020).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastMetrics {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean squared error.
    pub mse: f64,
    /// Mean absolute percentage error; `None` where an actual value is zero.
    pub mape: Option<f64>,
    /// Symmetric MAPE of the M4 competition. A point where both sides are exactly zero is exact and adds zero.
    pub smape: Option<f64>,
    /// Mean absolute scaled error; `None` where a target's scale is unknown or zero. With several targets every error
    /// is divided by its own target's scale.
    pub mase: Option<f64>,
}

/// The metrics of one forecaster: all together, per horizon step and per target.
///
/// With targets of different units the overall figures add unlike things up; read `per_target` then (MASE, which has
/// no unit, stays meaningful).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastEvaluation {
    /// Over every window, step and target.
    pub overall: ForecastMetrics,
    /// One entry per horizon step, the nearest first; `None` where nothing was measured at that step.
    pub per_step: Vec<Option<ForecastMetrics>>,
    /// One entry per target; `None` where nothing of it was measured.
    pub per_target: Vec<Option<ForecastMetrics>>,
}

/// Measures `predicted` against `actual`, both `[windows, horizon, targets]` row-major, in the data's own units.
///
/// An actual value that is NaN was not measured: it counts in no figure, whatever was forecast for it. `mase_scales`
/// holds one entry per target (see [`mase_scale`]).
///
/// # Errors
/// [`MetricError::Empty`] without a single value, [`MetricError::NoneMeasured`] if all actual values are NaN,
/// [`MetricError::NotFinite`] on a predicted NaN, infinity or above 1e150.
///
/// # Panics
/// If a slice does not have the length that `shape` says, or `mase_scales` not one entry per target.
pub fn evaluate<A, P>(
    actual: &[A],
    predicted: &[P],
    shape: [usize; 3],
    mase_scales: &[Option<f64>],
) -> Result<ForecastEvaluation, MetricError>
where
    A: Copy + Into<f64>,
    P: Copy + Into<f64>,
{
    let [windows, horizon, targets] = shape;
    let len = windows * horizon * targets;
    assert_eq!(actual.len(), len, "evaluate: `actual` is not {shape:?}");
    assert_eq!(
        predicted.len(),
        len,
        "evaluate: `predicted` is not {shape:?}"
    );
    assert_eq!(
        mase_scales.len(),
        targets,
        "evaluate: one MASE scale per target"
    );
    if len == 0 {
        return Err(MetricError::Empty {
            windows,
            horizon,
            targets,
        });
    }

    let mut overall = Sums::default();
    let mut per_step = vec![Sums::default(); horizon];
    let mut per_target = vec![Sums::default(); targets];
    for (index, (&y, &f)) in actual.iter().zip(predicted).enumerate() {
        let (window, step, target) = (
            index / targets / horizon,
            index / targets % horizon,
            index % targets,
        );
        let (y, f): (f64, f64) = (y.into(), f.into());
        for (side, value) in [("actual", y), ("predicted", f)] {
            let unusable = value.is_nan() && side == "predicted";
            if unusable || value.abs() >= LARGEST {
                return Err(MetricError::NotFinite {
                    side,
                    window: window + 1,
                    step: step + 1,
                    target: target + 1,
                });
            }
        }
        if y.is_nan() {
            continue;
        }
        let point = Point::new(y, f, mase_scales[target]);
        overall.add(&point);
        per_step[step].add(&point);
        per_target[target].add(&point);
    }
    Ok(ForecastEvaluation {
        overall: overall
            .metrics()
            .ok_or(MetricError::NoneMeasured { values: len })?,
        per_step: per_step.iter().map(Sums::metrics).collect(),
        per_target: per_target.iter().map(Sums::metrics).collect(),
    })
}

/// The scale of MASE: the mean absolute error, inside the training span, of the naive forecast one season back,
/// `mean of abs(y_t − y_{t−period})`; with `period` 1 the last value (Hyndman & Koehler 2006; the seasonal form:
/// Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd edition, section 5.8).
///
/// `training` is one target's training span in time order. Pairs with a missing (non-finite) side are left out. `None`
/// if no pair is left, the span is constant, or `period` is zero: MASE is undefined then.
pub fn mase_scale<T: Copy + Into<f64>>(training: &[T], period: usize) -> Option<f64> {
    let rows: Vec<i64> = (0..training.len() as i64).collect();
    mase_scale_on(&rows, training, period)
}

/// [`mase_scale`] of rows that may leave steps out: `positions` counts the steps of the time axis up to each row,
/// ascending, and pairs lie `period` steps apart, however many rows that is.
///
/// # Panics
/// If there is not one position per row.
pub fn mase_scale_on<T: Copy + Into<f64>>(
    positions: &[i64],
    training: &[T],
    period: usize,
) -> Option<f64> {
    assert_eq!(positions.len(), training.len(), "one position per row");
    if period == 0 || training.len() < 2 {
        return None;
    }
    let difference = |(row, now): (usize, &T)| {
        let before = positions
            .binary_search(&(positions[row] - period as i64))
            .ok()?;
        Some(((*now).into() - training[before].into()).abs()).filter(|value| value.is_finite())
    };
    let differences = training.iter().enumerate().filter_map(difference);
    let (sum, count) = differences.fold((0.0, 0u32), |(sum, count), difference| {
        (sum + difference, count + 1)
    });
    let scale = sum / f64::from(count);
    (scale.is_finite() && scale > 0.0).then_some(scale)
}

/// One compared point: the terms whose means are the metrics.
struct Point {
    absolute: f64,
    percentage: Option<f64>,
    symmetric: f64,
    scaled: Option<f64>,
}

impl Point {
    fn new(actual: f64, predicted: f64, scale: Option<f64>) -> Self {
        let absolute = (actual - predicted).abs();
        let size = actual.abs() + predicted.abs();
        Self {
            absolute,
            percentage: (actual != 0.0).then(|| 100.0 * absolute / actual.abs()),
            symmetric: if size == 0.0 {
                0.0
            } else {
                200.0 * absolute / size
            },
            scaled: scale
                .filter(|scale| *scale > 0.0)
                .map(|scale| absolute / scale),
        }
    }
}

/// Running sums of [`Point`]s; a sum that meets one undefined term is undefined.
#[derive(Clone)]
struct Sums {
    count: f64,
    absolute: f64,
    squared: f64,
    percentage: Option<f64>,
    symmetric: f64,
    scaled: Option<f64>,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            count: 0.0,
            absolute: 0.0,
            squared: 0.0,
            percentage: Some(0.0),
            symmetric: 0.0,
            scaled: Some(0.0),
        }
    }
}

impl Sums {
    fn add(&mut self, point: &Point) {
        let add = |sum: Option<f64>, term: Option<f64>| Some(sum? + term?);
        self.count += 1.0;
        self.absolute += point.absolute;
        self.squared += point.absolute * point.absolute;
        self.percentage = add(self.percentage, point.percentage);
        self.symmetric += point.symmetric;
        self.scaled = add(self.scaled, point.scaled);
    }

    /// The means; `None` over nothing.
    fn metrics(&self) -> Option<ForecastMetrics> {
        if self.count == 0.0 {
            return None;
        }
        let mean = |sum: f64| sum / self.count;
        let defined = |sum: Option<f64>| sum.map(mean).filter(|value| value.is_finite());
        let mse = mean(self.squared);
        Some(ForecastMetrics {
            mae: mean(self.absolute),
            rmse: mse.sqrt(),
            mse,
            mape: defined(self.percentage),
            smape: defined(Some(self.symmetric)),
            mase: defined(self.scaled),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1.0)
    }

    #[test]
    fn every_formula_by_hand() {
        // errors 1, -2, 3 -> |e| 1 2 3; y 10 20 -5; f 9 22 -8
        let run = evaluate(
            &[10.0, 20.0, -5.0],
            &[9.0, 22.0, -8.0],
            [3, 1, 1],
            &[Some(0.5)],
        )
        .unwrap();
        let m = run.overall;
        assert!(close(m.mae, 2.0));
        assert!(close(m.mse, 14.0 / 3.0));
        assert!(close(m.rmse, (14.0f64 / 3.0).sqrt()));
        assert!(close(m.mape.unwrap(), 100.0 / 3.0 * (0.1 + 0.1 + 0.6)));
        assert!(close(
            m.smape.unwrap(),
            200.0 / 3.0 * (1.0 / 19.0 + 2.0 / 42.0 + 3.0 / 13.0)
        ));
        assert!(close(m.mase.unwrap(), 4.0));
    }

    #[test]
    fn steps_and_targets_are_told_apart() {
        // [2 windows, 2 steps, 2 targets]; the error is 1 + step + 10 * target, in both windows
        let actual = [0.0f32; 8];
        let predicted = [1.0f32, 11.0, 2.0, 12.0, 1.0, 11.0, 2.0, 12.0];
        let run = evaluate(&actual, &predicted, [2, 2, 2], &[Some(1.0), Some(10.0)]).unwrap();
        let mae = |rows: &[Option<ForecastMetrics>]| {
            let each = rows.iter().map(|m| m.unwrap().mae);
            each.collect::<Vec<_>>()
        };
        assert_eq!(mae(&run.per_step), [6.0, 7.0]);
        assert_eq!(mae(&run.per_target), [1.5, 11.5]);
        assert!(close(
            run.overall.mase.unwrap(),
            (1.0 + 1.1 + 2.0 + 1.2) / 4.0
        ));
    }

    #[test]
    fn undefined_metrics_are_none_and_serialise() {
        let run = evaluate(&[0.0, 1.0], &[0.0, 1.0], [1, 2, 1], &[None]).unwrap();
        assert_eq!((run.overall.mape, run.overall.mase), (None, None));
        assert_eq!(run.overall.smape, Some(0.0));
        assert_eq!(run.per_step[1].unwrap().mape, Some(0.0));
    }

    #[test]
    fn what_was_not_measured_counts_in_nothing() {
        // numpy: y = [1, nan, 4, nan], f = [2, 9, 2, 9]; e = abs(y - f); nanmean(e) == 1.5, nanmean(e**2) == 2.5,
        // 100 * nanmean(e / abs(y)) == 75, nanmean(e) / 0.5 == 3
        let (y, f) = ([1.0, f64::NAN, 4.0, f64::NAN], [2.0, 9.0, 2.0, 9.0]);
        let run = evaluate(&y, &f, [2, 2, 1], &[Some(0.5)]).unwrap();
        let m = run.overall;
        assert_eq!(
            (m.mae, m.mse, m.mape, m.mase),
            (1.5, 2.5, Some(75.0), Some(3.0))
        );
        assert_eq!(run.per_step[0].unwrap().mae, 1.5);
        assert_eq!(run.per_step[1], None);
        let error = evaluate(&[f64::NAN; 2], &[1.0; 2], [2, 1, 1], &[None]).unwrap_err();
        assert_eq!(error, MetricError::NoneMeasured { values: 2 });
        assert!(evaluate(&y, &[f64::NAN; 4], [2, 2, 1], &[None]).is_err());
    }

    #[test]
    fn a_value_that_is_not_finite_is_named() {
        let error = evaluate(
            &[1.0; 6],
            &[1.0, 1.0, 1.0, f64::NAN, 1.0, 1.0],
            [1, 3, 2],
            &[None; 2],
        )
        .unwrap_err();
        assert_eq!(
            error,
            MetricError::NotFinite {
                side: "predicted",
                window: 1,
                step: 2,
                target: 2
            }
        );
        let nothing: [f64; 0] = [];
        assert!(matches!(
            evaluate(&nothing, &nothing, [0, 3, 1], &[None]),
            Err(MetricError::Empty { .. })
        ));
    }

    /// Months 0, 1, 12, 13, 25 of a monthly series: pairs twelve months apart are (0, 12), (1, 13), (13, 25).
    #[test]
    fn mase_scale_of_rows_with_gaps_is_about_time() {
        let scale = mase_scale_on(&[0, 1, 12, 13, 25], &[1.0, 2.0, 4.0, 3.0, 8.0], 12);
        assert_eq!(scale, Some((3.0 + 1.0 + 5.0) / 3.0));
        assert_eq!(mase_scale_on(&[0, 5, 11], &[1.0, 2.0, 4.0], 12), None);
    }

    #[test]
    fn mase_scale_is_the_in_sample_seasonal_error() {
        assert_eq!(mase_scale(&[1.0, 3.0, 2.0], 1), Some(1.5));
        assert_eq!(mase_scale(&[1.0, 3.0, 2.0, 7.0], 2), Some(2.5));
        assert_eq!(mase_scale(&[1.0, f64::NAN, 2.0, 5.0], 1), Some(3.0));
        assert_eq!(mase_scale(&[4.0f32; 9], 1), None);
        assert_eq!(mase_scale(&[1.0, 2.0], 2), None);
        assert_eq!(mase_scale(&[1.0, 2.0], 0), None);
    }
}
