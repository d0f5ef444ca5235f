//! Times that are numbers: seconds since 1970, days of a spreadsheet, years with a fraction.

use jiff::civil::{Date, DateTime, Time, date};
use jiff::{SignedDuration, Timestamp, tz};

use super::{Cells, Moment, all};

/// A way in which a number is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberForm {
    /// `YYYYMMDDhh`, with minutes, with seconds.
    Digits,
    /// Seconds since 1970 in UTC.
    Unix,
    UnixMs,
    UnixUs,
    UnixNs,
    /// Days since 1970, as R counts them.
    UnixDays,
    /// Days of a spreadsheet: 1 is 1900-01-01, in the system that has a 29 February 1900.
    Excel,
    /// The year and how much of it has passed.
    DecimalYear,
}

pub(super) const NUMBER_FORMS: [NumberForm; 8] = [
    NumberForm::Digits,
    NumberForm::Unix,
    NumberForm::UnixMs,
    NumberForm::UnixUs,
    NumberForm::UnixNs,
    NumberForm::UnixDays,
    NumberForm::Excel,
    NumberForm::DecimalYear,
];

/// Instants that Unix time is taken for, in seconds: 1973 to 2100.
const UNIX: std::ops::Range<f64> = 1e8..4.102_444_8e9;
/// Days of a spreadsheet that are taken for such: 1927-05-18 to 2099-12-31.
const EXCEL: std::ops::RangeInclusive<f64> = 10_000.0..=73_050.0;
/// Days since 1970 that are taken for such: 1990 to 2039. Those after 1997 are days of a spreadsheet before 1970, too.
const UNIX_DAYS: std::ops::Range<f64> = 7_305.0..25_567.0;
const DECIMAL_YEARS: std::ops::Range<f64> = 1000.0..2300.0;

impl NumberForm {
    /// Its name in `data.time_format`, if it has one there.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Digits => "%Y%m%d%H%M%S",
            Self::Unix => "unix",
            Self::UnixMs => "unix_ms",
            Self::UnixUs => "unix_us",
            Self::UnixNs => "unix_ns",
            Self::UnixDays => "unix_days",
            Self::Excel => "excel",
            Self::DecimalYear => "decimal_year",
        }
    }

    /// The form that `data.time_format` names.
    pub(super) fn named(key: &str) -> Option<Self> {
        let named = |form: &NumberForm| form.key() == key && !key.starts_with('%');
        NUMBER_FORMS.into_iter().find(|form| named(form))
    }

    /// In words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Digits => "%Y%m%d%H[%M[%S]]",
            Self::Unix => "Unix time in s",
            Self::UnixMs => "Unix time in ms",
            Self::UnixUs => "Unix time in µs",
            Self::UnixNs => "Unix time in ns",
            Self::UnixDays => "days since 1970",
            Self::Excel => "days of a spreadsheet, 1900 system",
            Self::DecimalYear => "decimal years",
        }
    }

    pub(super) fn is_instant(self) -> bool {
        matches!(
            self,
            Self::Unix | Self::UnixMs | Self::UnixUs | Self::UnixNs
        )
    }

    /// Whether a number could be a time in this form. Of a form that was `stated` any number that has a date will do.
    pub(super) fn fits(self, text: &str, stated: bool) -> bool {
        let Some(value) = number(text) else {
            return false;
        };
        match self {
            Self::Digits => digits(text).is_some(),
            Self::UnixDays => stated || UNIX_DAYS.contains(&value),
            Self::Excel => stated || EXCEL.contains(&value),
            Self::DecimalYear => DECIMAL_YEARS.contains(&value),
            _ => stated || UNIX.contains(&(value / self.ticks() as f64)),
        }
    }

    /// Ticks of a second.
    fn ticks(self) -> i128 {
        match self {
            Self::UnixMs => 1_000,
            Self::UnixUs => 1_000_000,
            Self::UnixNs => 1_000_000_000,
            _ => 1,
        }
    }

    /// All times of a column; the row of the first that is outside the calendar otherwise.
    pub(super) fn read(self, cells: &(impl Cells + ?Sized)) -> Result<Vec<Moment>, usize> {
        let numbers = || {
            let number = |(row, cell): (usize, &str)| number(cell.trim()).ok_or(row);
            all(cells.iter().enumerate().map(number))
        };
        let each = |read: &dyn Fn(&str) -> Option<Moment>| {
            let moment = |(row, cell): (usize, &str)| read(cell.trim()).ok_or(row);
            all(cells.iter().enumerate().map(moment))
        };
        match self {
            Self::Digits => each(&digits),
            Self::UnixDays => {
                let days: Vec<f64> = numbers()?.iter().map(|days| days + UNIX_DAY).collect();
                excel(&days)
            }
            Self::Excel => excel(&numbers()?),
            Self::DecimalYear => decimal_years(&numbers()?),
            _ => each(&|text| unix(text, self.ticks())),
        }
    }
}

/// A finite number that is not negative.
fn number(text: &str) -> Option<f64> {
    let first = text.as_bytes().first()?;
    let value: f64 = first.is_ascii_digit().then(|| text.parse().ok())??;
    value.is_finite().then_some(value)
}

/// `YYYYMMDDhh[mm[ss]]`, in years that cannot be Unix seconds by mistake.
fn digits(text: &str) -> Option<Moment> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if !text.bytes().all(|b| b.is_ascii_digit()) || !matches!(text.len(), 10 | 12 | 14) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        text.get(range)
            .map_or(Some(0), |part| part.parse::<i64>().ok())
    };
    let year = number(0..4)?;
    let date = Date::new(year as i16, number(4..6)? as i8, number(6..8)? as i8).ok()?;
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let rounded = hour == 24 && (minute, second) != (0, 0);
    if !(1700..2200).contains(&year) || hour > 24 || minute > 59 || second > 59 || rounded {
        return None;
    }
    let since_midnight = SignedDuration::from_secs(hour * 3600 + minute * 60 + second);
    let time = date.to_datetime(Time::midnight());
    Some((time.checked_add(since_midnight).ok()?, None))
}

/// Ticks since 1970, exactly where they are written as digits.
fn unix(text: &str, ticks: i128) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let tick = 1_000_000_000 / ticks;
    let exact = || -> Option<i128> {
        let whole = whole.parse::<i128>().ok()?.checked_mul(tick)?;
        let digits = fraction.bytes().all(|b| b.is_ascii_digit());
        let part: i128 = format!("{fraction:0<9.9}").parse().ok()?;
        digits.then_some(whole + part * tick / 1_000_000_000)
    };
    let nanoseconds = match exact() {
        Some(nanoseconds) => nanoseconds,
        None => (number(text)? * tick as f64).round() as i128,
    };
    let timestamp = Timestamp::from_nanosecond(nanoseconds).ok()?;
    Some((
        tz::Offset::UTC.to_datetime(timestamp),
        Some(tz::Offset::UTC),
    ))
}

const DAY: f64 = 86_400.0;
/// The day of a spreadsheet that 1970 begins with.
const UNIX_DAY: f64 = 25_569.0;

/// Days since 1899-12-30 (for days from March 1900 on), to the second if that is within what the digits leave open.
fn excel(days: &[f64]) -> Result<Vec<Moment>, usize> {
    let origin = date(1899, 12, 30).at(0, 0, 0, 0);
    let off = |days: &f64| (days * DAY - (days * DAY).round()).abs();
    let whole_seconds = days.iter().all(|days| off(days) < 0.06);
    let time = |days: f64| -> Option<DateTime> {
        // The system knows a 29 February 1900: days before it are one later.
        let days = if days < 60.0 { days + 1.0 } else { days };
        let since = if whole_seconds {
            SignedDuration::from_secs((days * DAY).round() as i64)
        } else {
            SignedDuration::from_millis((days * DAY * 1e3).round() as i64)
        };
        origin.checked_add(since).ok()
    };
    let times = days.iter().enumerate();
    times
        .map(|(row, days)| Ok((time(*days).ok_or(row)?, None)))
        .collect()
}

/// Years with a fraction: twelfths where all are (or middles of twelfths), else days, else seconds.
fn decimal_years(years: &[f64]) -> Result<Vec<Moment>, usize> {
    let twelfths = |shift: f64| {
        let off = move |year: &f64| {
            let months = year.fract() * 12.0 - shift;
            (months - months.round()).abs()
        };
        years.iter().all(|year| off(year) < 0.07)
    };
    let shift = [0.0, 0.5].into_iter().find(|shift| twelfths(*shift));
    let within = |year: f64| -> Option<(Date, f64)> {
        let first = Date::new(year.floor() as i16, 1, 1).ok()?;
        Some((first, year.fract() * f64::from(first.days_in_year())))
    };
    let whole_days = years
        .iter()
        .all(|year| within(*year).is_some_and(|(_, days)| (days - days.round()).abs() < 0.05));
    let time = |year: f64| -> Option<DateTime> {
        if let Some(shift) = shift {
            let months = (year.floor() * 12.0 + (year.fract() * 12.0 - shift).round()) as i32;
            let day = if shift > 0.0 { 16 } else { 1 };
            let date = Date::new(
                i16::try_from(months.div_euclid(12)).ok()?,
                months.rem_euclid(12) as i8 + 1,
                day,
            );
            return Some(date.ok()?.to_datetime(Time::midnight()));
        }
        let (first, days) = within(year)?;
        let seconds = if whole_days {
            days.round() * DAY
        } else {
            (days * DAY).round()
        };
        let first = first.to_datetime(Time::midnight());
        first
            .checked_add(SignedDuration::from_secs(seconds as i64))
            .ok()
    };
    let times = years.iter().enumerate();
    times
        .map(|(row, year)| Ok((time(*year).ok_or(row)?, None)))
        .collect()
}
