//! Many independent series of one length.

use crate::Series;

/// Values `[series, time, columns]`: each series is one example.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Series.
    pub series: usize,
    /// Time steps of each.
    pub time: usize,
    /// Columns of each.
    pub columns: usize,
    /// The values, `series × time × columns`.
    pub data: Vec<f32>,
}

impl Panel {
    /// One series, `[time, columns]`.
    ///
    /// # Panics
    /// If there is no such series.
    pub fn one(&self, series: usize) -> &[f32] {
        let size = self.time * self.columns;
        &self.data[series * size..(series + 1) * size]
    }

    /// The series laid end to end, as one [`Series`] of columns `x` (or `x1`, `x2`, …) without times.
    pub fn into_series(self) -> Series {
        let name = |column: usize| match self.columns {
            1 => "x".to_string(),
            _ => format!("x{}", column + 1),
        };
        let column = |column: usize| {
            let values = self.data.iter().skip(column).step_by(self.columns);
            values.map(|&value| f64::from(value)).collect()
        };
        Series::from_columns(
            (0..self.columns).map(name).collect(),
            (0..self.columns).map(column).collect(),
        )
    }
}
