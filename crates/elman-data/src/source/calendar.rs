//! Columns made from the time.

use std::f64::consts::TAU;

use jiff::civil::DateTime;

use super::config::Calendar;
use super::frame::Frame;
use crate::{Error, Step, TimeStyle};

/// Two columns per feature, named and complete.
pub(super) fn columns(
    frame: &Frame,
    features: &[Calendar],
    style: &TimeStyle,
) -> Result<Vec<(String, Vec<f64>)>, Error> {
    if features.is_empty() {
        return Ok(Vec::new());
    }
    let fail = |message: String| Error::Config {
        key: "data.calendar".into(),
        message,
    };
    let times = frame
        .times
        .as_ref()
        .ok_or_else(|| fail("there is no time column; name it in data.time".into()))?;
    let mut columns = Vec::new();
    for feature in features {
        for (part, name) in feature.names().into_iter().enumerate() {
            if frame.names.contains(&name) || columns.iter().any(|(known, _)| *known == name) {
                return Err(fail(format!("there is already a column `{name}`")));
            }
            let values: Vec<f64> = times
                .iter()
                .map(|&time| feature.values(style.local(time))[part])
                .collect();
            columns.push((name, values));
        }
    }
    Ok(columns)
}

impl Calendar {
    /// The names of the two columns.
    fn names(self) -> [String; 2] {
        ["sin", "cos"].map(|part| format!("{}_{part}", self.name()))
    }

    /// Their values at a time: the sine and the cosine of how far the period has turned.
    pub fn values(self, time: DateTime) -> [f64; 2] {
        let angle = TAU * self.turn(time);
        [angle.sin(), angle.cos()]
    }

    /// The features that suit rows at a regular step: those that change from row to row and come back.
    pub fn suited_to(step: Option<Step>) -> &'static [Self] {
        const DAY: i64 = 86_400;
        match step {
            Some(Step::Months(months) | Step::MonthEnds(months)) if months < 12 => &[Self::Month],
            Some(Step::Weekdays(_)) => &[Self::Weekday, Self::Month],
            Some(Step::Duration(step)) => match step.as_secs() {
                ..DAY => &[Self::Hour, Self::Weekday],
                DAY => &[Self::Weekday, Self::Month],
                seconds if seconds < 364 * DAY => &[Self::DayOfYear],
                _ => &[],
            },
            _ => &[],
        }
    }

    /// The feature's name in a recipe.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Month => "month",
            Self::DayOfYear => "day_of_year",
        }
    }

    /// How much of the period has passed, from 0 to 1.
    fn turn(self, time: DateTime) -> f64 {
        match self {
            Self::Hour => {
                let seconds = time
                    .time()
                    .duration_since(jiff::civil::Time::midnight())
                    .as_secs_f64();
                seconds / 86_400.0
            }
            Self::Weekday => f64::from(time.weekday().to_monday_zero_offset()) / 7.0,
            Self::Month => f64::from(time.month() - 1) / 12.0,
            Self::DayOfYear => f64::from(time.day_of_year() - 1) / f64::from(time.days_in_year()),
        }
    }
}
