//! The regular step of a time axis: found from the times, counted, continued.

use std::collections::HashMap;
use std::fmt;

use jiff::civil::{DateTime, Weekday};
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

/// The regular distance between the rows of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A fixed time: an hour, a day, a week.
    Duration(SignedDuration),
    /// Monday to Friday, as markets.
    Weekdays,
    /// Calendar months on the same day of the month; 3 is a quarter, 12 a year.
    Months(i32),
    /// The last day of every so many calendar months.
    MonthEnds(i32),
}

const DAY: i64 = 86_400;

impl Step {
    /// The step of ascending, distinct times: the commonest distance, if more than half of the rows keep it.
    ///
    /// Calendar months are told from days: every time falls on the same day of the month (or on the last one).
    pub fn detect(times: &[DateTime]) -> Option<Self> {
        if times.len() < 2 {
            return None;
        }
        if let Some(step) = Self::months(times) {
            return Some(step);
        }
        let commonest = mode(times.windows(2).map(|pair| pair[1].duration_since(pair[0])))?;
        let weekend =
            |time: &DateTime| matches!(time.weekday(), Weekday::Saturday | Weekday::Sunday);
        if commonest == SignedDuration::from_secs(DAY)
            && times.len() >= 10
            && !times.iter().any(weekend)
        {
            return Some(Self::Weekdays);
        }
        Some(Self::Duration(commonest))
    }

    fn months(times: &[DateTime]) -> Option<Self> {
        let same_time = times.iter().all(|t| t.time() == times[0].time());
        let same_day = times.iter().all(|t| t.day() == times[0].day());
        let ends = times.iter().all(|t| t.day() == t.days_in_month());
        if !same_time || !(same_day || ends) {
            return None;
        }
        let months = mode(
            times
                .windows(2)
                .map(|pair| month_index(pair[1]) - month_index(pair[0])),
        )?;
        (months > 0).then_some(if ends {
            Self::MonthEnds(months)
        } else {
            Self::Months(months)
        })
    }

    /// The time `count` steps after `start`, or before it when `count` is negative.
    ///
    /// `None` outside the calendar's range (years −9999 to 9999).
    pub fn advance(self, start: DateTime, count: i64) -> Option<DateTime> {
        let by_months = |months: i32| {
            start
                .checked_add(
                    Span::new()
                        .try_months(count.checked_mul(months.into())?)
                        .ok()?,
                )
                .ok()
        };
        match self {
            Self::Duration(step) => {
                let nanoseconds = step.as_nanos().checked_mul(count.into())?;
                start
                    .checked_add(SignedDuration::try_from_nanos_i128(nanoseconds)?)
                    .ok()
            }
            Self::Months(months) => by_months(months),
            Self::MonthEnds(months) => {
                by_months(months).map(|t| t.date().last_of_month().to_datetime(t.time()))
            }
            Self::Weekdays => {
                let monday_first = i64::from(start.weekday().to_monday_zero_offset());
                let position = monday_first.min(4).checked_add(count)?;
                let days = position
                    .div_euclid(5)
                    .checked_mul(7)?
                    .checked_add(position.rem_euclid(5))?;
                start
                    .checked_add(Span::new().try_days(days - monday_first).ok()?)
                    .ok()
            }
        }
    }

    /// Whole steps from `from` to `to`, rounded down; 1 for neighbours.
    pub fn between(self, from: DateTime, to: DateTime) -> i64 {
        match self {
            Self::Duration(step) => {
                let whole = to
                    .duration_since(from)
                    .as_nanos()
                    .div_euclid(step.as_nanos().max(1));
                i64::try_from(whole).unwrap_or(i64::MAX)
            }
            Self::Months(months) | Self::MonthEnds(months) => {
                i64::from((month_index(to) - month_index(from)).div_euclid(months.max(1)))
            }
            Self::Weekdays => weekday_index(to) - weekday_index(from),
        }
    }

    /// The times of a grid of this step are written without a clock time.
    pub(crate) fn is_daily_or_longer(self) -> bool {
        match self {
            Self::Duration(step) => step.as_nanos() % (i128::from(DAY) * 1_000_000_000) == 0,
            _ => true,
        }
    }
}

/// Months since year 0.
fn month_index(time: DateTime) -> i32 {
    i32::from(time.year()) * 12 + i32::from(time.month()) - 1
}

/// Weekdays since a Monday long ago.
fn weekday_index(time: DateTime) -> i64 {
    let monday = jiff::civil::date(1, 1, 1); // a Monday in the proleptic Gregorian calendar
    let days = time.date().duration_since(monday).as_secs().div_euclid(DAY);
    days.div_euclid(7) * 5 + days.rem_euclid(7).min(4)
}

/// The commonest item, if it makes up more than half; the first among equals otherwise does not count.
fn mode<T: std::hash::Hash + Eq + Copy>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    let mut total = 0;
    for item in items {
        *counts.entry(item).or_default() += 1;
        total += 1;
    }
    counts
        .into_iter()
        .find(|(_, count)| count * 2 > total)
        .map(|(item, _)| item)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |f: &mut fmt::Formatter<'_>, count: i64, unit: &str| {
            write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
        };
        match self {
            Self::Weekdays => f.write_str("1 day, Monday to Friday"),
            Self::Months(months) if months % 12 == 0 => plural(f, i64::from(months / 12), "year"),
            Self::Months(months) => plural(f, i64::from(*months), "month"),
            Self::MonthEnds(months) => {
                plural(f, i64::from(*months), "month")?;
                f.write_str(" (month ends)")
            }
            Self::Duration(step) => match (step.as_secs(), step.subsec_nanos()) {
                (seconds, 0) if seconds % DAY == 0 => plural(f, seconds / DAY, "day"),
                (seconds, 0) if seconds % 3600 == 0 => plural(f, seconds / 3600, "hour"),
                (seconds, 0) if seconds % 60 == 0 => plural(f, seconds / 60, "minute"),
                (seconds, 0) => plural(f, seconds, "second"),
                _ => write!(f, "{} seconds", step.as_secs_f64()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn grid(start: DateTime, step: Step, rows: i64) -> Vec<DateTime> {
        (0..rows).map(|k| step.advance(start, k).unwrap()).collect()
    }

    #[test]
    fn a_grid_is_recognised_and_counted() {
        let hour = Step::Duration(SignedDuration::from_hours(1));
        let cases = [
            (
                date(2020, 1, 31).at(0, 0, 0, 0),
                Step::MonthEnds(1),
                "1 month (month ends)",
            ),
            (date(2020, 1, 1).at(0, 0, 0, 0), Step::Months(1), "1 month"),
            (date(2020, 1, 1).at(0, 0, 0, 0), Step::Months(3), "3 months"),
            (date(1700, 1, 1).at(0, 0, 0, 0), Step::Months(12), "1 year"),
            (
                date(2020, 1, 3).at(0, 0, 0, 0),
                Step::Weekdays,
                "1 day, Monday to Friday",
            ),
            (date(2020, 2, 28).at(22, 0, 0, 0), hour, "1 hour"),
            (
                date(2020, 2, 28).at(0, 0, 0, 0),
                Step::Duration(SignedDuration::from_hours(24 * 7)),
                "7 days",
            ),
        ];
        for (start, step, name) in cases {
            let times = grid(start, step, 40);
            assert_eq!(Step::detect(&times), Some(step));
            assert_eq!(step.to_string(), name);
            assert!(
                times
                    .windows(2)
                    .all(|pair| step.between(pair[0], pair[1]) == 1),
                "{name}"
            );
            assert_eq!(step.between(times[0], times[39]), 39, "{name}");
        }
    }

    #[test]
    fn month_ends_come_back_after_february() {
        let times = grid(date(2021, 2, 28).at(0, 0, 0, 0), Step::MonthEnds(1), 3);
        assert_eq!(times[2].to_string(), "2021-04-30T00:00:00");
    }

    #[test]
    fn no_majority_is_no_step() {
        let times = [1, 2, 4, 7, 11].map(|day| date(2020, 1, day).at(0, 0, 0, 0));
        assert_eq!(Step::detect(&times), None);
    }

    #[test]
    fn steps_outside_the_calendar_are_none() {
        let last = date(9999, 12, 31).at(0, 0, 0, 0);
        for step in [
            Step::Months(1),
            Step::MonthEnds(12),
            Step::Weekdays,
            Step::Duration(SignedDuration::MAX),
        ] {
            assert_eq!(step.advance(last, i64::MAX), None);
            assert_eq!(step.advance(last, 1), None);
        }
    }
}
