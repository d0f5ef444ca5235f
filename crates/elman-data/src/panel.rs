//! Many independent series of one length.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Error, Part};

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

/// How many series are learned from, chosen by and judged by, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelSplit {
    /// Series to learn from.
    pub train: usize,
    /// Series to choose the model by.
    pub valid: usize,
    /// Series to judge the chosen model by.
    pub test: usize,
}

impl PanelSplit {
    /// The span of one part.
    ///
    /// # Errors
    /// [`Error::Split`] when the parts ask for more than `series`.
    pub fn span(&self, part: Part, series: usize) -> Result<Range<usize>, Error> {
        let ends = self
            .train
            .checked_add(self.valid)
            .and_then(|valid| Some((valid, valid.checked_add(self.test)?)));
        let Some((valid, test)) = ends.filter(|(_, end)| *end <= series) else {
            let Self { train, valid, test } = self;
            let message = format!(
                "train {train} + valid {valid} + test {test} is more than the {series} series there are"
            );
            return Err(Error::Split { message });
        };
        Ok(match part {
            Part::Train => 0..self.train,
            Part::Valid => self.train..valid,
            Part::Test => valid..test,
        })
    }
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

    /// The first `time - horizon` steps of a batch: `[series, time - horizon, columns]`.
    ///
    /// # Panics
    /// If `horizon` is not shorter than the series (as do the other gatherings).
    pub fn gather_inputs(&self, horizon: usize, series: &[usize]) -> Vec<f32> {
        let steps = self.input_len(horizon);
        series
            .iter()
            .flat_map(|&one| &self.one(one)[..steps * self.columns])
            .copied()
            .collect()
    }

    /// The last `horizon` steps of a batch: `[series, horizon, columns]`.
    pub fn gather_targets(&self, horizon: usize, series: &[usize]) -> Vec<f32> {
        let steps = self.input_len(horizon);
        series
            .iter()
            .flat_map(|&one| &self.one(one)[steps * self.columns..])
            .copied()
            .collect()
    }

    /// At every input step the `horizon` steps that follow it: `[series, time - horizon, horizon, columns]`.
    pub fn gather_step_targets(&self, horizon: usize, series: &[usize]) -> Vec<f32> {
        let steps = self.input_len(horizon);
        let mut out = Vec::with_capacity(series.len() * steps * horizon * self.columns);
        for &one in series {
            let values = self.one(one);
            for step in 0..steps {
                out.extend_from_slice(
                    &values[(step + 1) * self.columns..(step + 1 + horizon) * self.columns],
                );
            }
        }
        out
    }

    fn input_len(&self, horizon: usize) -> usize {
        assert!(
            horizon < self.time,
            "horizon {horizon} leaves nothing of {} steps to read",
            self.time
        );
        self.time - horizon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gathers_as_the_slices_of_numpy() {
        // series = arange(10).reshape(2, 5, 1), n_steps = 3, horizon 2
        let panel = Panel {
            series: 2,
            time: 5,
            columns: 1,
            data: (0..10u8).map(f32::from).collect(),
        };
        assert_eq!(
            panel.gather_inputs(2, &[1, 0]),
            [5.0, 6.0, 7.0, 0.0, 1.0, 2.0]
        ); // series[:, :3]
        assert_eq!(panel.gather_targets(2, &[1]), [8.0, 9.0]); // series[:, -2:]
        // Y[..., a - 1] = series[..., a : a + 3, 0] for a in 1, 2
        assert_eq!(
            panel.gather_step_targets(2, &[1]),
            [6.0, 7.0, 7.0, 8.0, 8.0, 9.0]
        );
    }

    #[test]
    fn parts_follow_one_another() {
        let split = PanelSplit {
            train: 7000,
            valid: 2000,
            test: 1000,
        };
        assert_eq!(split.span(Part::Train, 10_000).unwrap(), 0..7000);
        assert_eq!(split.span(Part::Valid, 10_000).unwrap(), 7000..9000);
        assert_eq!(split.span(Part::Test, 10_000).unwrap(), 9000..10_000);
        let message = split.span(Part::Test, 9_999).unwrap_err().to_string();
        assert_eq!(
            message,
            "split: train 7000 + valid 2000 + test 1000 is more than the 9999 series there are"
        );
    }
}
