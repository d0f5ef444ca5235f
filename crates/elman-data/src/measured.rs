//! Which values of a column were measured.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which rows of a column hold a value that was measured, one bit a row. The others were filled in: a rule for missing
/// values put something there so that a network can read the row, but nothing happened that a forecast could be compared
/// with. A column without filled rows keeps no bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// A set bit is a filled row; rows beyond the last word are measured.
    filled: Box<[u64]>,
}

impl Measured {
    /// Every row is measured.
    pub fn all() -> Self {
        Self::default()
    }

    /// The rows of `values` that are not NaN.
    pub fn of(values: &[f64]) -> Self {
        if !values.iter().any(|value| value.is_nan()) {
            return Self::all();
        }
        let word = |chunk: &[f64]| {
            let bits = chunk.iter().enumerate();
            bits.fold(0, |word, (bit, value)| {
                word | u64::from(value.is_nan()) << bit
            })
        };
        Self {
            filled: values.chunks(64).map(word).collect(),
        }
    }

    /// Whether row `row` is measured.
    pub fn at(&self, row: usize) -> bool {
        let word = self.filled.get(row / 64).copied().unwrap_or(0);
        word >> (row % 64) & 1 == 0
    }

    /// Whether no row was filled.
    pub fn is_all(&self) -> bool {
        self.filled.iter().all(|word| *word == 0)
    }

    /// The measured rows of `rows`.
    pub fn count(&self, rows: Range<usize>) -> usize {
        if self.filled.is_empty() {
            return rows.len();
        }
        rows.filter(|&row| self.at(row)).count()
    }

    /// The bits of the given rows, in the given order.
    pub fn select(&self, rows: &[usize]) -> Self {
        if self.filled.is_empty() {
            return Self::all();
        }
        let value = |&row: &usize| if self.at(row) { 0.0 } else { f64::NAN };
        Self::of(&rows.iter().map(value).collect::<Vec<f64>>())
    }

    /// `values` with NaN in place of those that were filled in.
    ///
    /// # Panics
    /// If `values` does not reach the end of `rows`.
    pub fn hide(&self, values: &[f64], rows: Range<usize>) -> Vec<f64> {
        let value = |row| if self.at(row) { values[row] } else { f64::NAN };
        rows.map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_follow_the_rows() {
        let mut values = vec![1.0; 130];
        for row in [0, 63, 64, 129] {
            values[row] = f64::NAN;
        }
        let measured = Measured::of(&values);
        let filled: Vec<usize> = (0..200).filter(|&row| !measured.at(row)).collect();
        assert_eq!(filled, [0, 63, 64, 129]);
        assert_eq!(measured.count(0..130), 126);
        assert_eq!(measured.count(63..66), 1);
        let chosen = measured.select(&[129, 1, 64, 2]);
        assert_eq!(
            (0..4).map(|row| chosen.at(row)).collect::<Vec<_>>(),
            [false, true, false, true]
        );
        assert!(!measured.is_all() && Measured::of(&[1.0]).is_all());
        assert_eq!(Measured::all().count(3..7), 4);
        assert!(measured.hide(&values, 0..2)[0].is_nan());
    }
}
