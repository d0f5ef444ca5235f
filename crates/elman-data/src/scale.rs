//! Scaling a column to the range in which networks learn, and back.

use serde::{Deserialize, Serialize};

/// How a column is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalerKind {
    /// Not at all.
    None,
    /// Mean 0, standard deviation 1 (population, as scikit-learn's `StandardScaler`).
    #[default]
    Standard,
    /// Smallest value 0, largest 1.
    #[serde(alias = "minmax")]
    MinMax,
    /// Median 0, interquartile range 1: one wild value does not flatten the rest.
    Robust,
}

/// A fitted scaler of one column: `scaled = (value - shift) / scale`.
///
/// A constant column gets `scale` 1: it becomes 0 everywhere, and nothing is divided by zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// How `shift` and `scale` were found.
    pub kind: ScalerKind,
    /// Subtracted first, in the column's unit.
    pub shift: f64,
    /// Divided by second, in the column's unit; never 0.
    pub scale: f64,
}

impl Scaler {
    /// Fits to `values`, which must be the training span alone. No values give the identity.
    pub fn fit(kind: ScalerKind, values: &[f64]) -> Self {
        let (shift, scale) = match kind {
            _ if values.is_empty() => (0.0, 1.0),
            ScalerKind::None => (0.0, 1.0),
            ScalerKind::Standard => {
                let moments = Moments::of(values.iter().copied());
                (moments.mean, moments.deviation())
            }
            ScalerKind::MinMax => {
                let (low, high) = bounds(values);
                (low, high - low)
            }
            ScalerKind::Robust => {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                (
                    quantile(&sorted, 0.5),
                    quantile(&sorted, 0.75) - quantile(&sorted, 0.25),
                )
            }
        };
        let (low, high) = bounds(values);
        let usable = low < high && scale.is_normal() && scale > 0.0;
        Self {
            kind,
            shift,
            scale: if usable { scale } else { 1.0 },
        }
    }

    /// From the column's unit to the scaled one.
    pub fn transform(&self, value: f64) -> f64 {
        (value - self.shift) / self.scale
    }

    /// From the scaled unit back to the column's.
    pub fn inverse(&self, scaled: f64) -> f64 {
        scaled * self.scale + self.shift
    }

    /// A difference (an error, a standard deviation) from the scaled unit back to the column's.
    pub fn inverse_difference(&self, scaled: f64) -> f64 {
        scaled * self.scale
    }
}

/// One scaler per column, in the columns' order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnScalers {
    /// The columns' names.
    pub names: Vec<String>,
    /// Their scalers.
    pub scalers: Vec<Scaler>,
}

impl ColumnScalers {
    /// The scaler of the column `name`.
    pub fn get(&self, name: &str) -> Option<&Scaler> {
        self.names
            .iter()
            .position(|known| known == name)
            .map(|i| &self.scalers[i])
    }
}

/// Mean and population standard deviation of values that come one by one, by Welford's recurrence, which does not
/// cancel for a large mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
    low: f64,
    high: f64,
}

impl Moments {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut moments = Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        };
        moments.extend(values);
        moments
    }

    pub(crate) fn extend(&mut self, values: impl Iterator<Item = f64>) {
        for value in values {
            self.count += 1;
            let difference = value - self.mean;
            self.mean += difference / self.count as f64;
            self.squares += difference * (value - self.mean);
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
    }

    fn deviation(&self) -> f64 {
        (self.squares / self.count as f64).sqrt()
    }

    /// The standard scaler of these values; the identity if there are none.
    pub(crate) fn scaler(&self) -> Scaler {
        let deviation = self.deviation();
        let usable = self.low < self.high && deviation.is_normal();
        Scaler {
            kind: ScalerKind::Standard,
            shift: self.mean,
            scale: if usable { deviation } else { 1.0 },
        }
    }
}

fn bounds(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| {
            (low.min(v), high.max(v))
        })
}

/// Linear interpolation between the nearest ranks, as NumPy's default.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let rank = q * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    below + (above - below) * rank.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [ScalerKind; 4] = [
        ScalerKind::None,
        ScalerKind::Standard,
        ScalerKind::MinMax,
        ScalerKind::Robust,
    ];

    #[test]
    fn standard_matches_numpy() {
        // numpy: a = [2, 4, 4, 4, 5, 5, 7, 9]; a.mean() == 5, a.std() == 2
        let scaler = Scaler::fit(
            ScalerKind::Standard,
            &[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0],
        );
        assert_eq!((scaler.shift, scaler.scale), (5.0, 2.0));
        assert_eq!(scaler.transform(9.0), 2.0);
        assert_eq!(scaler.inverse_difference(1.5), 3.0);
    }

    #[test]
    fn robust_matches_numpy() {
        // numpy: percentile([1, 2, 3, 4, 100], [25, 50, 75]) == [2, 3, 4]
        let scaler = Scaler::fit(ScalerKind::Robust, &[100.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!((scaler.shift, scaler.scale), (3.0, 2.0));
    }

    #[test]
    fn a_constant_column_is_not_divided_by_zero() {
        for kind in KINDS {
            let scaler = Scaler::fit(kind, &[0.1; 7]); // 0.1 is not exact, so a naive deviation is not exactly 0
            assert_eq!(scaler.scale, 1.0, "{kind:?}");
            assert!(scaler.transform(0.1).abs() <= 0.1, "{kind:?}");
        }
    }

    #[test]
    fn survives_json() {
        let scaler = Scaler::fit(ScalerKind::MinMax, &[0.1, 0.7]);
        let text = serde_json::to_string(&scaler).unwrap();
        assert!(text.contains(r#""kind":"min_max""#), "{text}");
        assert_eq!(serde_json::from_str::<Scaler>(&text).unwrap(), scaler);
    }

    proptest! {
        #[test]
        fn there_and_back(values in prop::collection::vec(-1e6f64..1e6, 1..40), probe in -1e6f64..1e6) {
            for kind in KINDS {
                let scaler = Scaler::fit(kind, &values);
                let back = scaler.inverse(scaler.transform(probe));
                prop_assert!((back - probe).abs() <= 1e-9 * (1.0 + probe.abs() + scaler.shift.abs()), "{:?}: {} {}", kind, probe, back);
            }
        }

        #[test]
        fn never_divides_by_nothing(values in prop::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), 0..20)) {
            for kind in KINDS {
                let scaler = Scaler::fit(kind, &values);
                prop_assert!(scaler.scale.is_normal() && scaler.scale > 0.0);
            }
        }
    }
}
