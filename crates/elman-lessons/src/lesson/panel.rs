//! The generated series of the forecasting lessons: two waves and a little noise, each series by itself.

use crate::teach::{Examples, Input, Target};
use elman_data::Panel;
use elman_data::generate::time_series;

/// Values that are read before the forecast.
pub(super) const PAST: usize = 50;

/// Series for training, validation and test.
pub(super) struct Series {
    pub(super) panel: Panel,
    /// Where validation and test begin.
    bounds: [usize; 2],
}

/// Which of the series.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Train,
    Valid,
    Test,
}

impl Series {
    /// Seven tenths are for training, two for validation, one for the test, as in the notes.
    pub(super) fn new(count: usize, ahead: usize) -> Self {
        Self {
            panel: time_series(count, PAST + ahead, 42),
            bounds: [count * 7 / 10, count * 9 / 10],
        }
    }

    fn rows(&self, part: Part) -> std::ops::Range<usize> {
        let [valid, test] = self.bounds;
        match part {
            Part::Train => 0..valid,
            Part::Valid => valid..test,
            Part::Test => test..self.panel.series,
        }
    }

    /// The values `from..from + count` of each series of a part, one series after the other.
    pub(super) fn values(&self, part: Part, from: usize, count: usize) -> Vec<f32> {
        let of = |series: usize| self.panel.one(series)[from..from + count].iter().copied();
        self.rows(part).flat_map(of).collect()
    }

    fn input(&self, part: Part) -> Input {
        Input::Steps {
            values: self.values(part, 0, PAST),
            time: PAST,
            features: 1,
        }
    }

    /// The past, and the values that follow.
    pub(super) fn examples(&self, part: Part, ahead: usize) -> Examples {
        Examples {
            input: self.input(part),
            lengths: None,
            target: Target::Values {
                values: self.values(part, PAST, ahead),
                width: ahead,
            },
        }
    }

    /// The past, and at each of its steps the values that follow that step.
    pub(super) fn at_every_step(&self, part: Part, ahead: usize) -> Examples {
        let rows = self.rows(part);
        let of = |series: usize| {
            let one = self.panel.one(series);
            (1..=PAST).flat_map(move |step| one[step..step + ahead].iter().copied())
        };
        Examples {
            input: self.input(part),
            lengths: None,
            target: Target::StepValues {
                values: rows.flat_map(of).collect(),
                time: PAST,
                width: ahead,
            },
        }
    }

    /// The last value, again and again.
    pub(super) fn naive(&self, part: Part, ahead: usize) -> Vec<f32> {
        let last = self.values(part, PAST - 1, 1);
        last.into_iter()
            .flat_map(|value| std::iter::repeat_n(value, ahead))
            .collect()
    }
}
