//! Times in columns of their own: year, month, day, hour.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};

use super::clock;

/// A part of a date that a column may hold by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name.trim().to_lowercase().as_str() {
            "year" | "yr" | "yyyy" | "jahr" | "jaar" | "anno" | "ano" | "año" | "année" | "년"
            | "연도" | "년도" | "年" => Self::Year,
            "quarter" | "qtr" | "분기" => Self::Quarter,
            "month" | "mon" | "mo" | "월" => Self::Month,
            "week" | "isoweek" | "iso_week" | "주차" => Self::Week,
            "day" | "dy" | "일" => Self::Day,
            "hour" | "hr" | "시" => Self::Hour,
            "minute" | "min" | "분" => Self::Minute,
            "second" | "sec" | "초" => Self::Second,
            _ => return None,
        })
    }
}

impl Part {
    /// Whether it is a part of a time of day.
    pub(super) fn is_of_a_day(self) -> bool {
        self >= Self::Hour
    }
}

/// Whether a column of years has two digits each.
pub(super) fn short_years<'a>(mut years: impl Iterator<Item = &'a str>) -> bool {
    years.all(|year| matches!(whole(year), Some(0..=99)))
}

/// A whole number. Spreadsheets write "2010.0" when a column has blanks.
fn whole(cell: &str) -> Option<i64> {
    cell.trim()
        .strip_suffix(".0")
        .unwrap_or(cell.trim())
        .parse()
        .ok()
}

/// The time that the cells of a row make up; `None` if it is no real date.
///
/// A year has two digits where `short` says so and four otherwise; a month may be a name, a quarter `Q1`.
pub(super) fn time(parts: &[Part], cells: &[&str], short: bool) -> Option<DateTime> {
    let (mut year, mut month, mut day, mut week, mut seconds) = (None, 1, 1, None, 0i64);
    for (part, cell) in parts.iter().zip(cells) {
        let value = whole(cell);
        let within = |low: i64, high: i64| value.filter(|value| (low..=high).contains(value));
        match part {
            Part::Year if short => year = Some(clock::full_year(within(0, 99)?)),
            Part::Year => year = Some(within(1000, 9999)?),
            Part::Quarter => {
                let quarter = within(1, 4).or_else(|| clock::quarter(cell))?;
                month = (quarter - 1) * 3 + 1;
            }
            Part::Month => month = within(1, 12).or_else(|| clock::month(cell))?,
            Part::Week => week = Some(within(1, 53)?),
            Part::Day => day = within(1, 31)?,
            Part::Hour => seconds += within(0, 24)? * 3600,
            Part::Minute => seconds += within(0, 59)? * 60,
            Part::Second => seconds += within(0, 59)?,
        }
    }
    let year = i16::try_from(year?).ok()?;
    let date = match week {
        Some(week) if !parts.contains(&Part::Month) => {
            let day = if parts.contains(&Part::Day) { day } else { 1 };
            let weekday = Weekday::from_monday_one_offset(day as i8).ok()?;
            ISOWeekDate::new(year, week as i8, weekday).ok()?.date()
        }
        _ => Date::new(year, month as i8, day as i8).ok()?,
    };
    date.to_datetime(Time::midnight())
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()
}
