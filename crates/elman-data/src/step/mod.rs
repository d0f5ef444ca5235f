//! The regular step of a time axis: found from the times, counted, continued.

mod detect;
mod weekdays;

use std::fmt;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

pub(crate) use detect::session;
pub use weekdays::WeekdaySet;

/// The regular distance between the rows of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Stored")]
pub enum Step {
    /// A fixed time: an hour, a day, a week.
    Duration(SignedDuration),
    /// A day out of some days of the week: Monday to Friday as markets, Sunday to Thursday.
    Weekdays(WeekdaySet),
    /// Calendar months, one row each, whatever the day; 3 is a quarter, 12 a year.
    Months(i32),
    /// The last day of every so many calendar months.
    MonthEnds(i32),
}

/// A step as runs keep it. Earlier ones knew Monday to Friday alone, without a set.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Earlier(EarlierStep),
    Current(CurrentStep),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EarlierStep {
    Weekdays,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CurrentStep {
    Duration(SignedDuration),
    Weekdays(WeekdaySet),
    Months(i32),
    MonthEnds(i32),
}

impl From<Stored> for Step {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Earlier(EarlierStep::Weekdays) => Self::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY),
            Stored::Current(CurrentStep::Duration(step)) => Self::Duration(step),
            Stored::Current(CurrentStep::Weekdays(days)) => Self::Weekdays(days),
            Stored::Current(CurrentStep::Months(months)) => Self::Months(months),
            Stored::Current(CurrentStep::MonthEnds(months)) => Self::MonthEnds(months),
        }
    }
}

const DAY: i64 = 86_400;

impl Step {
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
            Self::Weekdays(days) => {
                let index = days.index(start).checked_add(count)?;
                Some(days.date(index)?.to_datetime(start.time()))
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
                let (from, to) = (month_index(from), month_index(to));
                i64::from(if months > 0 && 12 % months == 0 {
                    group(to, months) - group(from, months)
                } else {
                    group(to - from, months)
                })
            }
            Self::Weekdays(days) => days.index(to) - days.index(from),
        }
    }

    /// Whether `time` lies a whole number of steps from `start`. Any day of a calendar month will do for months.
    pub fn reaches(self, start: DateTime, time: DateTime) -> bool {
        match self {
            Self::Months(_) | Self::MonthEnds(_) => true,
            _ => self.advance(start, self.between(start, time)) == Some(time),
        }
    }

    /// Whether ascending times are plainly not at this step: most neighbours lie between two steps, or none of several lies
    /// one step from the next.
    pub(crate) fn is_contradicted(self, times: &[DateTime]) -> bool {
        let pairs = times.windows(2);
        let off = |pair: &&[DateTime]| {
            self.between(pair[0], pair[1]) < 1 || !self.reaches(pair[0], pair[1])
        };
        let one = |pair: &[DateTime]| self.between(pair[0], pair[1]) == 1;
        let off_grid = pairs.clone().filter(off).count();
        off_grid * 2 > pairs.len()
            || pairs.len() >= 2
                && !pairs.clone().any(one)
                && Self::detect(times).is_some_and(|own| own != self)
    }

    /// Steps after which the series is expected to look alike: 12 months, 4 quarters, 7 days, 5 days of work, 24 hours,
    /// 52 weeks; 1 where there is no such thing, as for years.
    pub fn season(self) -> usize {
        match self {
            Self::Months(months) | Self::MonthEnds(months) if months > 0 && 12 % months == 0 => {
                (12 / months) as usize
            }
            Self::Months(_) | Self::MonthEnds(_) => 1,
            Self::Weekdays(days) => days.count(),
            Self::Duration(step) => match step.as_secs() {
                _ if step.subsec_nanos() != 0 => 1,
                seconds
                    if seconds >= 7 * DAY
                        && 364 * DAY % seconds == 0
                        && seconds % (7 * DAY) == 0 =>
                {
                    (364 * DAY / seconds) as usize
                }
                DAY => 7,
                seconds if (1..DAY).contains(&seconds) && DAY % seconds == 0 => {
                    (DAY / seconds) as usize
                }
                _ => 1,
            },
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

/// Which run of `length` months a month lies in: its quarter for 3, its year for 12.
fn group(month: i32, length: i32) -> i32 {
    month.div_euclid(length.max(1))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |f: &mut fmt::Formatter<'_>, count: i64, unit: &str| {
            write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
        };
        match self {
            Self::Weekdays(days) => write!(f, "1 day, {days}"),
            Self::Months(months) if months % 12 == 0 => plural(f, i64::from(months / 12), "year"),
            Self::Months(months) => plural(f, i64::from(*months), "month"),
            Self::MonthEnds(months) => write!(f, "{} (month ends)", Self::Months(*months)),
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
mod tests;
