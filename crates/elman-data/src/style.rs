//! How the times of a series are shown, and which clock they follow.

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::Step;

/// How the times of a series are shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStyle {
    /// As dates and clock times, without a time zone.
    #[default]
    Plain,
    /// As quarters, `2000-Q1`: so they were written.
    Quarters,
    /// As ISO weeks, `2019-W01`: so they were written.
    Weeks,
    /// In UTC, with a `Z`: they were written with offsets that change.
    Utc,
    /// Kept in UTC and shown in the local time of a zone, with its offset.
    Zone(#[serde(with = "jiff::fmt::serde::tz::required")] TimeZone),
}

impl TimeStyle {
    /// The clock time that people read for a time of a series: the zone's where the series is kept in UTC.
    pub fn local(&self, time: DateTime) -> DateTime {
        match self {
            Self::Zone(zone) => Offset::UTC
                .to_timestamp(time)
                .map_or(time, |timestamp| zone.to_datetime(timestamp)),
            _ => time,
        }
    }

    /// The time of a series at a clock time that people read; the earlier of two.
    pub(crate) fn kept(&self, local: DateTime) -> DateTime {
        match self {
            Self::Zone(zone) => zone
                .to_timestamp(local)
                .map_or(local, |timestamp| Offset::UTC.to_datetime(timestamp)),
            _ => local,
        }
    }

    /// The text for one time, as coarse as the step allows: `1949`, `1949-01`, `1949-01-31`, `1949-01-31 13:00`.
    pub fn label(&self, time: DateTime, step: Option<Step>) -> String {
        let suffix = match self {
            Self::Utc => "Z".into(),
            Self::Zone(zone) => Offset::UTC
                .to_timestamp(time)
                .map_or_else(|_| String::new(), |timestamp| offset(zone, timestamp)),
            _ => String::new(),
        };
        let time = self.local(time);
        let (year, month, date) = (time.year(), time.month(), time.date());
        match (self, step) {
            (Self::Quarters, _) => return format!("{year:04}-Q{}", (month + 2) / 3),
            (Self::Weeks, _) => {
                let week = date.iso_week_date();
                return format!("{:04}-W{:02}", week.year(), week.week());
            }
            (_, Some(Step::Months(months) | Step::MonthEnds(months))) => {
                return if months % 12 == 0 {
                    format!("{year:04}")
                } else {
                    format!("{year:04}-{month:02}")
                };
            }
            (Self::Plain, Some(step))
                if step.is_daily_or_longer() && time.time() == Time::midnight() =>
            {
                return date.to_string();
            }
            _ => {}
        }
        if time.second() == 0 && time.subsec_nanosecond() == 0 {
            format!("{date} {:02}:{:02}{suffix}", time.hour(), time.minute())
        } else {
            format!("{date} {}{suffix}", time.time())
        }
    }
}

/// `+09:00`
fn offset(zone: &TimeZone, timestamp: jiff::Timestamp) -> String {
    let minutes = zone.to_offset(timestamp).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
