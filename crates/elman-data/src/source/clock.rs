//! Reading times as people write them.
//!
//! One form is chosen for a whole column: the first of the common forms that reads every cell. So `12/31/2004` further
//! down decides what `1/2/2004` means, and a column that leaves it open is an error instead of a guess.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::{SignedDuration, Timestamp, tz};

use crate::Error;

/// Why a column could not be read.
pub(crate) enum Failure {
    Unreadable {
        row: usize,
        tried: String,
    },
    Ambiguous {
        row: usize,
        first: &'static str,
        second: &'static str,
    },
}

/// A civil time and, if it was written, the offset from UTC.
type Moment = (DateTime, Option<tz::Offset>);

type Form = fn(&str) -> Option<Moment>;

/// The common forms of a date, each in strptime's terms; any may be followed by a clock time.
const DATES: [&str; 22] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%Y-%m",
    "%Y/%m",
    "%Y.%m",
    "%m/%Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b-%d-%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %Y",
    "%b-%Y",
    "%Y년 %m월 %d일",
    "%Y년 %m월",
];

/// Forms that read the same digits in two ways.
const TWINS: [(&str, &str); 2] = [("%m/%d/%Y", "%d/%m/%Y"), ("%m-%d-%Y", "%d-%m-%Y")];

const TRIED: &str = "tried: 2020-01-31, 2020/1/31, 2020.1.31, 31.12.2020, 12/31/2020, 31/12/2020, 2020-01, Jan 31 2020, \
                     31 Jan 2020, each with or without 13:00[:00] and an offset, 20200131[hhmm], 2020 and Unix seconds";

/// Reads all cells in one form, the user's or the first common one that fits, and says which.
pub(crate) fn read(
    cells: &[Cow<'_, str>],
    format: Option<&str>,
) -> Result<(Vec<DateTime>, String), Failure> {
    if let Some(format) = format {
        let parse = |text: &str| strptime(format, text);
        let times = column(cells, parse).map_err(|row| Failure::Unreadable {
            row,
            tried: format!("data.time_format is \"{format}\""),
        })?;
        return Ok((times, format.into()));
    }
    let mut furthest = (0, "");
    let digits: [(&str, Form); 3] = [("%Y%m%d", compact), ("%Y", bare_year), ("Unix time", unix)];
    for (name, parse) in digits {
        match column(cells, parse) {
            Ok(times) => return Ok((times, name.into())),
            Err(row) if row > furthest.0 => furthest = (row, name),
            Err(_) => {}
        }
    }
    for form in DATES {
        match column(cells, |text| dated(form, text)) {
            Ok(times) => return unambiguous(cells, form, times),
            Err(row) if row > furthest.0 => furthest = (row, form),
            Err(_) => {}
        }
    }
    let tried = match furthest {
        (_, "") => format!("{TRIED}; set data.time_format, e.g. \"%d.%m.%Y %H:%M\""),
        (_, form) => format!("the rows before are {form}; correct it, or set data.time_format"),
    };
    Err(Failure::Unreadable {
        row: furthest.0,
        tried,
    })
}

fn unambiguous(
    cells: &[Cow<'_, str>],
    form: &'static str,
    times: Vec<DateTime>,
) -> Result<(Vec<DateTime>, String), Failure> {
    if let Some((first, second)) = TWINS.into_iter().find(|(first, _)| *first == form)
        && let Ok(others) = column(cells, |text| dated(second, text))
        && let Some(row) = times.iter().zip(&others).position(|(a, b)| a != b)
    {
        return Err(Failure::Ambiguous { row, first, second });
    }
    Ok((times, form.into()))
}

/// Reads every cell, or gives the row of the first that does not fit.
///
/// Times with one and the same offset stay as they are written; where offsets differ (summer time) all are put into
/// UTC, so that no hour comes twice.
fn column(
    cells: &[Cow<'_, str>],
    parse: impl Fn(&str) -> Option<Moment>,
) -> Result<Vec<DateTime>, usize> {
    let moments: Vec<Moment> = cells
        .iter()
        .enumerate()
        .map(|(row, cell)| parse(cell.trim()).ok_or(row))
        .collect::<Result<_, _>>()?;
    let same = moments.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let utc = |(row, (time, offset)): (usize, &Moment)| {
        let timestamp = offset.ok_or(row)?.to_timestamp(*time).map_err(|_| row)?;
        Ok(tz::Offset::UTC.to_datetime(timestamp))
    };
    if same {
        Ok(moments.into_iter().map(|(time, _)| time).collect())
    } else {
        moments.iter().enumerate().map(utc).collect()
    }
}

/// A time in a stated format; a month or day the format does not have is the first.
pub(super) fn strptime(format: &str, text: &str) -> Option<Moment> {
    let mut broken = BrokenDownTime::parse(format, text).ok()?;
    if let Some(timestamp) = broken.timestamp() {
        return Some((tz::Offset::UTC.to_datetime(timestamp), None));
    }
    let date = date_of(&mut broken)?;
    if broken.hour().is_some() {
        // jiff needs every smaller unit to be there or all of them to be absent.
        if broken.minute().is_none() {
            broken.set_minute(Some(0)).ok()?;
        }
        if broken.second().is_none() {
            broken.set_second(Some(0)).ok()?;
        }
    }
    let time = if broken.hour().is_some() {
        broken.to_time().ok()?
    } else {
        Time::midnight()
    };
    Some((date.to_datetime(time), broken.offset()))
}

fn date_of(broken: &mut BrokenDownTime) -> Option<Date> {
    if broken.day_of_year().is_none() && broken.iso_week().is_none() {
        if broken.month().is_none() {
            broken.set_month(Some(1)).ok()?;
        }
        if broken.day().is_none() {
            broken.set_day(Some(1)).ok()?;
        }
    }
    broken.to_date().ok()
}

/// A date in one of the common forms, perhaps with a clock time after it.
fn dated(form: &'static str, text: &str) -> Option<Moment> {
    let (date, clock) = split_clock(text)?;
    let mut broken = BrokenDownTime::parse(form, date).ok()?;
    let date = date_of(&mut broken)?;
    // "01-02-20" must not become the year 1; "1-01" (the first year of a made-up calendar) may.
    if date.year() < 1000 && form.contains("%d") {
        return None;
    }
    let (since_midnight, offset) = match clock {
        Some(clock) => clock_time(clock)?,
        None => (SignedDuration::ZERO, None),
    };
    Some((
        date.to_datetime(Time::midnight())
            .checked_add(since_midnight)
            .ok()?,
        offset,
    ))
}

/// Splits "2020-01-31T13:00" before the hour; a text without a colon is all date.
fn split_clock(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(colon) = text.find(':') else {
        return Some((text, None));
    };
    let hour = text[..colon]
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .len();
    let date = text[..hour].strip_suffix(['T', 't', ' '])?;
    Some((date.trim_end(), Some(&text[hour..])))
}

/// `H:MM[:SS[.fff]] [AM|PM] [Z|±hh[:mm]]` as a time since midnight; 24:00 is the next day's midnight.
fn clock_time(text: &str) -> Option<(SignedDuration, Option<tz::Offset>)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut fields = clock.split(':');
    let field = |text: Option<&str>, most: i64| {
        let text = text.unwrap_or("0");
        let value: i64 = text.parse().ok()?;
        (text.len() <= 2 && value <= most).then_some(value)
    };
    let mut hour = field(fields.next(), 24)?;
    let minute = field(fields.next(), 59)?;
    let (second, fraction) = match fields.next() {
        Some(second) => second.split_once(['.', ',']).unwrap_or((second, "")),
        None => ("0", ""),
    };
    let second = field(Some(second), 60)?;
    if hour == 24 && (minute, second) != (0, 0) {
        return None;
    }
    if fields.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: i32 = format!("{fraction:0<9.9}").parse().ok()?;
    let mut rest = rest.trim();
    let half = rest.get(..2).unwrap_or_default().to_uppercase();
    if half == "AM" || half == "PM" {
        rest = rest[2..].trim_start();
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half == "PM" { 12 } else { 0 };
    }
    Some((
        SignedDuration::new(hour * 3600 + minute * 60 + second, nanoseconds),
        offset(rest)?,
    ))
}

/// An offset from UTC; outer `None` for text that is not one.
fn offset(text: &str) -> Option<Option<tz::Offset>> {
    match text {
        "" => return Some(None),
        "Z" | "z" | "UTC" | "GMT" => return Some(Some(tz::Offset::UTC)),
        _ => {}
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..)?.replace(':', "");
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let seconds = hours.parse::<i32>().ok()? * 3600
        + if minutes.is_empty() {
            0
        } else {
            minutes.parse::<i32>().ok()? * 60
        };
    Some(Some(tz::Offset::from_seconds(sign * seconds).ok()?))
}

/// `YYYYMMDD[hh[mm[ss]]]`, in years that cannot be Unix seconds by mistake.
fn compact(text: &str) -> Option<Moment> {
    if !text.is_ascii()
        || !text.bytes().all(|b| b.is_ascii_digit())
        || !matches!(text.len(), 8 | 10 | 12 | 14)
    {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        text.get(range)
            .map_or(Some(0), |part| part.parse::<i64>().ok())
    };
    let year = number(0..4)?;
    let date = Date::new(year as i16, number(4..6)? as i8, number(6..8)? as i8).ok()?;
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    if !(1700..2200).contains(&year) || hour > 24 || minute > 59 || second > 59 {
        return None;
    }
    let since_midnight = SignedDuration::from_secs(hour * 3600 + minute * 60 + second);
    Some((
        date.to_datetime(Time::midnight())
            .checked_add(since_midnight)
            .ok()?,
        None,
    ))
}

fn bare_year(text: &str) -> Option<Moment> {
    let year = text.strip_suffix(".0").unwrap_or(text);
    let four = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    four.then(|| Date::new(year.parse().ok()?, 1, 1).ok())
        .flatten()
        .map(|date| (date.to_datetime(Time::midnight()), None))
}

/// Seconds (9 or 10 digits, perhaps with a fraction) or milliseconds (12 or 13) since 1970, in UTC.
fn unix(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let timestamp = match whole.len() {
        9 | 10 => Timestamp::new(number, format!("{fraction:0<9.9}").parse().ok()?).ok()?,
        12 | 13 => Timestamp::from_millisecond(number).ok()?,
        _ => return None,
    };
    Some((tz::Offset::UTC.to_datetime(timestamp), None))
}

/// The first and the last moment of what a text names: a year, a month, a day, or a time of day (one moment).
pub(crate) fn period(text: &str, key: &str) -> Result<(DateTime, DateTime), Error> {
    let fail = || Error::Config {
        key: key.into(),
        message: format!(
            "cannot read \"{text}\" as a time; write 2020, 2020-01, 2020-01-31 or \"2020-01-31 13:00\""
        ),
    };
    let trimmed = text.trim();
    let moment = bare_year(trimmed)
        .or_else(|| dated("%Y-%m", trimmed))
        .or_else(|| dated("%Y-%m-%d", trimmed))
        .ok_or_else(fail)?;
    let (first, date) = (moment.0, moment.0.date());
    let last = match trimmed.matches('-').count() {
        _ if trimmed.contains(':') => return Ok((first, first)),
        0 => date.last_of_year(),
        1 => date.last_of_month(),
        _ => date,
    };
    Ok((first, last.to_datetime(Time::MAX)))
}
