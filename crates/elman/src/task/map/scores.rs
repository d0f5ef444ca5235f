//! How far answers are from what was right.

use super::dataset::{Preprocessing, Rows};
use crate::metric;
use crate::task::Error;
use serde::Serialize;

/// The errors of one value, or of all of them, over all rows and steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// The share of the variance that is explained: `1 − Σ(y − f)² / Σ(y − mean of y)²`, by the mean of the rows that are judged.
    /// Nothing where they do not vary.
    pub r2: Option<f64>,
}

/// Answers and their errors.
#[derive(Clone, Debug)]
pub struct Scored {
    /// `[rows, steps, values]`, in the data's own units.
    pub predicted: Vec<f64>,
    /// The errors of each value of a step, in its own unit.
    pub values: Vec<Score>,
    /// Of all: of a single value its own errors; of several the means over them, errors in deviations of the training part.
    pub overall: Score,
    /// The mean absolute error at each step, in the unit of `overall`.
    pub steps: Vec<f64>,
}

impl Scored {
    /// Measures answers `[rows, steps, values]` in the data's own units.
    ///
    /// # Errors
    /// If one of them is not a finite number.
    ///
    /// # Panics
    /// If there is not an answer for each target.
    pub fn measure(predicted: Vec<f64>, rows: &Rows, known: &Preprocessing) -> Result<Self, Error> {
        let [steps, count] = known.shape();
        let shape = [rows.len(), steps, count];
        // Refuses what is not finite, with its place.
        metric::evaluate(&rows.actual, &predicted, shape, &vec![None; count])?;
        let unit = |value: usize| match count {
            1 => 1.0,
            _ => known.targets[value].scale,
        };
        let values: Vec<Score> = (0..count)
            .map(|value| score(&rows.actual, &predicted, value, count))
            .collect();
        let mean = |of: &dyn Fn(usize) -> f64| (0..count).map(of).sum::<f64>() / count as f64;
        let explained: Vec<f64> = values.iter().filter_map(|score| score.r2).collect();
        let overall = Score {
            mae: mean(&|value| values[value].mae / unit(value)),
            rmse: mean(&|value| values[value].rmse / unit(value)),
            r2: (!explained.is_empty())
                .then(|| explained.iter().sum::<f64>() / explained.len() as f64),
        };
        let mut each = vec![0.0; steps];
        for (at, (actual, said)) in rows.actual.iter().zip(&predicted).enumerate() {
            each[at / count % steps] += (actual - said).abs() / unit(at % count);
        }
        let rows = (rows.len() * count) as f64;
        Ok(Self {
            steps: each.into_iter().map(|sum| sum / rows).collect(),
            predicted,
            values,
            overall,
        })
    }
}

fn score(actual: &[f64], predicted: &[f64], value: usize, count: usize) -> Score {
    fn of(all: &[f64], value: usize, count: usize) -> impl Iterator<Item = f64> {
        all[value..].iter().step_by(count).copied()
    }
    let rows = (actual.len() / count) as f64;
    let mean = of(actual, value, count).map(|y| y / rows).sum::<f64>();
    let (mut absolute, mut squared, mut spread) = (0.0, 0.0, 0.0);
    for (y, f) in of(actual, value, count).zip(of(predicted, value, count)) {
        absolute += (y - f).abs();
        squared += (y - f).powi(2);
        spread += (y - mean).powi(2);
    }
    // A spread of rounding errors alone is none.
    let varies = (spread / rows).sqrt() > 1e-12 * mean.abs().max(f64::MIN_POSITIVE);
    Score {
        mae: absolute / rows,
        rmse: (squared / rows).sqrt(),
        r2: varies.then_some(1.0 - squared / spread),
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::*;
    use elman_data::{Scaler, ScalerKind};

    fn known(values: usize, steps: Option<usize>, scales: &[f64]) -> Preprocessing {
        let targets = (0..values * steps.unwrap_or(1)).map(|k| (k + 2).into());
        let scaler = |scale: &f64| Scaler {
            kind: ScalerKind::Standard,
            shift: 0.0,
            scale: *scale,
        };
        Preprocessing {
            columns: Columns {
                inputs: vec![1.into()],
                targets: targets.collect(),
            },
            steps,
            inputs: vec![scaler(&1.0)],
            targets: scales.iter().map(scaler).collect(),
        }
    }

    fn rows(actual: &[f64], count: usize) -> Rows {
        Rows {
            actual: actual.to_vec(),
            places: vec![String::new(); count],
            ..Rows::default()
        }
    }

    #[test]
    fn every_figure_by_hand() {
        // errors 1, -2, 3; mean 5, so the spread is 25 + 225 + 100
        let one = known(1, None, &[4.0]);
        let scored = Scored::measure(
            vec![9.0, 22.0, -8.0],
            &rows(&[10.0, 20.0, -15.0 + 10.0], 3),
            &one,
        );
        let scored = scored.unwrap();
        let mean = 25.0 / 3.0;
        let spread = [10.0f64, 20.0, -5.0].map(|y| (y - mean).powi(2));
        let spread: f64 = spread.iter().sum();
        let exact = [2.0, (14.0f64 / 3.0).sqrt(), 1.0 - 14.0 / spread];
        let found = scored.overall;
        assert!((found.mae - exact[0]).abs() < 1e-12 && (found.rmse - exact[1]).abs() < 1e-12);
        assert!((found.r2.unwrap() - exact[2]).abs() < 1e-12);
        assert_eq!(scored.values, [found]);
    }

    #[test]
    fn several_values_are_weighed_by_their_deviations_and_steps_told_apart() {
        // Two rows of two steps of two values; the error of the first value is 1, then 2, of the second 10 times that.
        let known = known(2, Some(2), &[2.0, 40.0]);
        let actual = [0.0, 0.0, 1.0, 10.0, 3.0, 30.0, 4.0, 40.0];
        let off = [1.0, 10.0, 2.0, 20.0, -1.0, -10.0, -2.0, -20.0];
        let predicted = actual.iter().zip(off).map(|(y, e)| y + e).collect();
        let scored = Scored::measure(predicted, &rows(&actual, 2), &known).unwrap();
        assert_eq!([scored.values[0].mae, scored.values[1].mae], [1.5, 15.0]);
        assert_eq!(scored.overall.mae, (1.5 / 2.0 + 15.0 / 40.0) / 2.0);
        let step = (1.0 / 2.0 + 10.0 / 40.0) / 2.0;
        assert_eq!(scored.steps, [step, 2.0 * step]);
    }

    #[test]
    fn what_does_not_vary_has_no_share_and_nan_is_refused() {
        let one = known(1, None, &[1.0]);
        let scored = Scored::measure(vec![1.0, 2.0], &rows(&[0.1; 2], 2), &one).unwrap();
        assert_eq!(scored.overall.r2, None);
        assert!(Scored::measure(vec![1.0, f64::NAN], &rows(&[0.1; 2], 2), &one).is_err());
    }
}
