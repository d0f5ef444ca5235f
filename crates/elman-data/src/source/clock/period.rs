//! The bounds `data.from` and `data.until`.

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};

use super::form::{FORMS, Role};
use super::items::Items;
use super::{Ask, Numbers, dated, split};
use crate::Error;

/// The first and the last moment of what a text names: a year, a quarter, a month, a week, a day, or a time of day (one
/// moment).
pub(crate) fn period(text: &str, key: &str) -> Result<(DateTime, DateTime), Error> {
    let fail = |why: &str| Error::Config {
        key: key.into(),
        message: format!(
            "cannot read \"{text}\" as a time{why}; write 2020, 2020-Q1, 2020-01, 2020-W05, 2020-01-31 or \"2020-01-31 13:00\""
        ),
    };
    let text = text.trim();
    let mut items = Items::default();
    let fits = |index: &usize| !FORMS[*index].has_short_year();
    let mut read = (0..FORMS.len()).filter(fits).filter_map(|index| {
        let (time, offset) = dated(index, text, &mut items)?;
        offset.is_none().then_some((index, time))
    });
    let (index, first) = read.next().ok_or_else(|| fail(""))?;
    if read.any(|(_, other)| other != first) {
        let forms = Ask {
            numbers: Numbers::All,
            ..Ask::default()
        };
        return Err(match super::read(&[text][..], forms) {
            Err(super::Failure::Ambiguous { first, second, .. }) => {
                fail(&format!(": it may be {first} or {second}"))
            }
            _ => fail(""),
        });
    }
    if split(text).is_some_and(|(_, clock)| clock.is_some()) {
        return Ok((first, first));
    }
    let (form, date) = (&FORMS[index], first.date());
    let months = |count: i32| {
        let last = date.checked_add(jiff::Span::new().months(count - 1));
        last.map_or(date, |last| last.last_of_month())
    };
    let last = match form {
        _ if form.has(Role::Day) || form.has(Role::Weekday) || form.has(Role::DayOfYear) => date,
        _ if form.has(Role::Week) => date
            .checked_add(SignedDuration::from_hours(6 * 24))
            .unwrap_or(date),
        _ if form.has(Role::Quarter) => months(3),
        _ if form.has(Role::Half) => months(6),
        _ if form.has(Role::Month) || form.has(Role::Digits("%Y%m")) => date.last_of_month(),
        _ if form.has(Role::Year) => date.last_of_year(),
        _ => date,
    };
    Ok((first, last.to_datetime(Time::MAX)))
}
