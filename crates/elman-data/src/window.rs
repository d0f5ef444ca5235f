//! Windows: what a model reads and what it is to predict, row by row.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Error, Part, Rows, Splits};

/// How a series becomes examples.
///
/// ```text
///            ├──────── lookback ────────┤├ offset ┤├─ horizon ─┤
/// rows  ··· x · · x · · x · · x · · x · · x ········ y y y y y y y ···
///              (step 3: every third row, the newest always)    ^ origin is the newest x
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WindowConfig {
    /// Rows a window reaches back.
    pub lookback: usize,
    /// Rows to predict.
    pub horizon: usize,
    /// Rows between the origins of neighbouring windows.
    pub stride: usize,
    /// Every so many rows of the lookback are read, the newest always: lookback 720 and step 6 give 120 inputs.
    pub step: usize,
    /// Rows skipped between the newest input and the first row to predict.
    pub offset: usize,
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self {
            lookback: 24,
            horizon: 1,
            stride: 1,
            step: 1,
            offset: 0,
        }
    }
}

impl WindowConfig {
    /// Time steps a model reads: `lookback / step`.
    pub fn input_len(&self) -> usize {
        self.lookback / self.step.max(1)
    }

    fn check(&self) -> Result<(), Error> {
        let fail = |key: &str, message: String| {
            Err(Error::Config {
                key: format!("window.{key}"),
                message,
            })
        };
        for (key, value) in [
            ("lookback", self.lookback),
            ("horizon", self.horizon),
            ("stride", self.stride),
            ("step", self.step),
        ] {
            if value == 0 {
                return fail(key, "must be at least 1".into());
            }
        }
        if !self.lookback.is_multiple_of(self.step) {
            return fail(
                "step",
                format!(
                    "lookback {} is not a multiple of step {}",
                    self.lookback, self.step
                ),
            );
        }
        Ok(())
    }
}

/// The windows whose targets lie wholly inside one part of a split.
///
/// Inputs may reach back before the part (in validation and test that is history already known) but never past the
/// origin; as training begins with the first row, its windows lie wholly inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    config: WindowConfig,
    first_origin: usize,
    len: usize,
}

impl Windows {
    /// All windows of `part`.
    ///
    /// # Errors
    /// [`Error::TooShort`] says how many rows are needed; [`Error::Config`] if a length is 0 or `step` does not divide
    /// `lookback`.
    pub fn new(config: &WindowConfig, part: Part, splits: &Splits) -> Result<Self, Error> {
        config.check()?;
        let span = splits.span(part);
        let WindowConfig {
            lookback,
            horizon,
            stride,
            offset,
            ..
        } = *config;
        let too_short =
            |need: String, needed: usize, have: String| Err(Error::TooShort { need, needed, have });
        let sum = |a: usize, b: usize| a.saturating_add(b);
        // The first row to predict: inside the part, with the whole lookback and the offset before it.
        let first_target = span.start.max(sum(lookback, offset));
        if sum(first_target, horizon) > span.end {
            if span.start >= sum(lookback, offset) {
                let have = format!("the {part} span has {}", span.len());
                return too_short(format!("horizon {horizon}"), horizon, have);
            }
            let skipped = if offset == 0 {
                String::new()
            } else {
                format!(" + offset {offset}")
            };
            let need = format!("lookback {lookback}{skipped} + horizon {horizon}");
            let have = match part {
                Part::Train => format!("the training span has {}", span.end),
                _ => format!("up to the end of the {part} span there are {}", span.end),
            };
            return too_short(need, sum(sum(lookback, offset), horizon), have);
        }
        let len = (span.end - horizon - first_target) / stride + 1;
        Ok(Self {
            config: config.clone(),
            first_origin: first_target - offset - 1,
            len,
        })
    }

    /// One window for each of the independent series `series` of a panel laid end to end, `time` rows each: it reads
    /// the first rows and is to predict those that follow.
    ///
    /// # Errors
    /// [`Error::TooShort`] if a series is shorter than a window, [`Error::Config`] as [`Windows::new`].
    pub fn over_panel(
        config: &WindowConfig,
        series: Range<usize>,
        time: usize,
    ) -> Result<Self, Error> {
        config.check()?;
        let needed = config.lookback + config.offset + config.horizon;
        if needed > time || series.is_empty() {
            return Err(Error::TooShort {
                need: format!("lookback {} + horizon {}", config.lookback, config.horizon),
                needed,
                have: match series.is_empty() {
                    true => "and there is no series".into(),
                    false => format!("a series of the panel has {time}"),
                },
            });
        }
        Ok(Self {
            config: WindowConfig {
                stride: time,
                ..config.clone()
            },
            first_origin: series.start * time + config.lookback - 1,
            len: series.len(),
        })
    }

    /// Windows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never: a part too short for one window is an error.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lengths the windows were made with.
    pub fn config(&self) -> &WindowConfig {
        &self.config
    }

    /// The newest row that window `index` reads.
    ///
    /// # Panics
    /// If there is no such window (as do all methods that take an index).
    pub fn origin(&self, index: usize) -> usize {
        assert!(index < self.len, "window {index} of {}", self.len);
        self.first_origin + index * self.config.stride
    }

    /// The rows that window `index` reads, oldest first.
    pub fn input_rows(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        let (origin, step) = (self.origin(index), self.config.step);
        (0..self.config.input_len())
            .rev()
            .map(move |back| origin - back * step)
    }

    /// The rows that window `index` is to predict.
    pub fn target_rows(&self, index: usize) -> Range<usize> {
        let first = self.origin(index) + 1 + self.config.offset;
        first..first + self.config.horizon
    }

    /// Inputs of a batch: `[windows, lookback / step, rows.width]`.
    ///
    /// # Panics
    /// If `rows` is shorter than the series that was split.
    pub fn gather_inputs(&self, rows: &Rows, windows: &[usize]) -> Vec<f32> {
        let mut out = Vec::with_capacity(windows.len() * self.config.input_len() * rows.width);
        for &window in windows {
            self.input_rows(window)
                .for_each(|row| out.extend_from_slice(rows.row(row)));
        }
        out
    }

    /// Targets of a batch: `[windows, horizon, rows.width]`.
    ///
    /// # Panics
    /// As [`Windows::gather_inputs`].
    pub fn gather_targets(&self, rows: &Rows, windows: &[usize]) -> Vec<f32> {
        let mut out = Vec::with_capacity(windows.len() * self.config.horizon * rows.width);
        for &window in windows {
            self.target_rows(window)
                .for_each(|row| out.extend_from_slice(rows.row(row)));
        }
        out
    }

    /// Sequence-to-sequence targets of a batch: `[windows, lookback / step, horizon, rows.width]`.
    ///
    /// At every row that is read, the `horizon` rows that follow it (after `offset`). Those of the last row are
    /// [`Windows::gather_targets`]; those of earlier rows partly lie in the lookback, which is known.
    ///
    /// # Panics
    /// As [`Windows::gather_inputs`].
    pub fn gather_step_targets(&self, rows: &Rows, windows: &[usize]) -> Vec<f32> {
        let WindowConfig {
            horizon, offset, ..
        } = self.config;
        let mut out =
            Vec::with_capacity(windows.len() * self.config.input_len() * horizon * rows.width);
        for &window in windows {
            for row in self.input_rows(window) {
                let first = row + 1 + offset;
                out.extend_from_slice(
                    &rows.data[first * rows.width..(first + horizon) * rows.width],
                );
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SplitConfig;
    use proptest::prelude::*;

    fn splits(train: usize, valid: usize, test: usize) -> Splits {
        let (a, b) = (train, train + valid);
        Splits {
            train: 0..a,
            valid: a..b,
            test: b..b + test,
        }
    }

    fn rows(count: usize) -> Rows {
        Rows {
            width: 2,
            data: (0..count)
                .flat_map(|row| [row as f32, -(row as f32)])
                .collect(),
        }
    }

    #[test]
    fn counts_and_rows_by_hand() {
        let config = WindowConfig {
            lookback: 6,
            horizon: 2,
            stride: 3,
            step: 3,
            offset: 1,
        };
        let windows = Windows::new(&config, Part::Train, &splits(16, 4, 4)).unwrap();
        // first target row 7, last window's targets end at 16: first targets 7, 10, 13
        assert_eq!(windows.len(), 3);
        assert_eq!(windows.origin(0), 5);
        assert_eq!(windows.input_rows(1).collect::<Vec<_>>(), [5, 8]);
        assert_eq!(windows.target_rows(1), 10..12);
        let rows = rows(24);
        assert_eq!(windows.gather_inputs(&rows, &[1]), [5.0, -5.0, 8.0, -8.0]);
        assert_eq!(
            windows.gather_targets(&rows, &[0, 2]),
            [7.0, -7.0, 8.0, -8.0, 13.0, -13.0, 14.0, -14.0]
        );
        assert_eq!(
            windows.gather_step_targets(&rows, &[1]),
            [7.0, -7.0, 8.0, -8.0, 10.0, -10.0, 11.0, -11.0]
        );
    }

    #[test]
    fn the_weather_lab_reads_120_of_720_rows() {
        let config = WindowConfig {
            lookback: 720,
            step: 6,
            offset: 71,
            horizon: 1,
            stride: 1,
        };
        let windows = Windows::new(&config, Part::Train, &splits(1000, 0, 1)).unwrap();
        assert_eq!(windows.input_rows(0).count(), 120);
        assert_eq!(windows.target_rows(0).start, windows.origin(0) + 72); // twelve hours of ten minutes
    }

    #[test]
    fn a_panel_gives_one_window_for_each_series() {
        // series = arange(10).reshape(2, 5), n_steps = 3, horizon 2
        let panel = Rows {
            width: 1,
            data: (0..10u8).map(f32::from).collect(),
        };
        let config = WindowConfig {
            lookback: 3,
            horizon: 2,
            ..Default::default()
        };
        let windows = Windows::over_panel(&config, 0..2, 5).unwrap();
        assert_eq!(windows.len(), 2);
        let both = [1, 0];
        let inputs = windows.gather_inputs(&panel, &both);
        assert_eq!(inputs, [5.0, 6.0, 7.0, 0.0, 1.0, 2.0]); // series[:, :3]
        assert_eq!(windows.gather_targets(&panel, &[1]), [8.0, 9.0]); // series[:, -2:]
        // Y[..., a - 1] = series[..., a : a + 3] for a in 1, 2
        let steps = windows.gather_step_targets(&panel, &[1]);
        assert_eq!(steps, [6.0, 7.0, 7.0, 8.0, 8.0, 9.0]);
        assert_eq!(Windows::over_panel(&config, 1..2, 5).unwrap().origin(0), 7);
        assert!(Windows::over_panel(&config, 0..2, 4).is_err());
    }

    #[test]
    fn test_windows_begin_with_the_test_span() {
        let windows = Windows::new(
            &WindowConfig {
                lookback: 12,
                ..Default::default()
            },
            Part::Test,
            &splits(20, 0, 4),
        )
        .unwrap();
        assert_eq!(windows.len(), 4);
        assert_eq!(windows.target_rows(0), 20..21);
        assert_eq!(
            windows.input_rows(0).collect::<Vec<_>>(),
            (8..20).collect::<Vec<_>>()
        );
    }

    #[test]
    fn too_short_says_how_long() {
        let say = |lookback, horizon, part| {
            let config = WindowConfig {
                lookback,
                horizon,
                ..Default::default()
            };
            Windows::new(&config, part, &splits(90, 10, 5))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            say(120, 12, Part::Train),
            "lookback 120 + horizon 12 needs 132 rows, the training span has 90: shorten lookback or horizon, or give the span more rows"
        );
        assert!(say(12, 6, Part::Test).starts_with("horizon 6 needs 6 rows, the test span has 5"));
        assert!(say(usize::MAX, usize::MAX, Part::Test).starts_with("lookback"));
        let config = WindowConfig {
            lookback: 10,
            step: 3,
            ..Default::default()
        };
        let message = Windows::new(&config, Part::Train, &splits(90, 5, 5))
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "`window.step`: lookback 10 is not a multiple of step 3"
        );
    }

    proptest! {
        #[test]
        fn never_cross_a_split_and_never_look_ahead(
            count in 10usize..200, inputs in 1usize..8, step in 1usize..5, horizon in 1usize..6, stride in 1usize..7, offset in 0usize..5,
        ) {
            let splits = SplitConfig::default().resolve_rows(count).unwrap();
            let config = WindowConfig { lookback: inputs * step, horizon, stride, step, offset };
            for part in [Part::Train, Part::Valid, Part::Test] {
                let Ok(windows) = Windows::new(&config, part, &splits) else { continue };
                let span = splits.span(part);
                for i in 0..windows.len() {
                    let targets = windows.target_rows(i);
                    prop_assert!(span.start <= targets.start && targets.end <= span.end);
                    prop_assert_eq!(windows.input_rows(i).count(), inputs);
                    prop_assert!(windows.input_rows(i).all(|row| row + offset < targets.start));
                    prop_assert_eq!(windows.input_rows(i).last(), Some(windows.origin(i)));
                }
                // one more would not fit
                prop_assert!(windows.target_rows(windows.len() - 1).end + stride > span.end);
            }
        }
    }
}
