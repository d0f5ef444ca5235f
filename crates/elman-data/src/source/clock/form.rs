//! The forms of dates: which number or name is the year, which the month, which the day.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::items::{Item, Items};

/// What an item of a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Four digits, from 1000.
    Year,
    /// Two digits: 69–99 are 1969–1999, 00–68 are 2000–2068 (POSIX).
    ShortYear,
    Month,
    Day,
    Quarter,
    Half,
    Week,
    /// 1 is Monday.
    Weekday,
    /// Three digits.
    DayOfYear,
    /// Digits without anything between: eight `%Y%m%d`, `%d%m%Y`, `%m%d%Y`, six `%Y%m`, seven `%Y%j`.
    Digits(&'static str),
}

/// A form by the roles of its items, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form(pub(super) &'static [Role]);

use Role::{
    Day, DayOfYear, Digits, Half, Month, Quarter, ShortYear, Week, Weekday as WeekDay, Year,
};

/// All forms. Of those that read the same text, the earlier is the usual one.
pub(super) const FORMS: [Form; 25] = [
    Form(&[Year, Month, Day]),
    Form(&[Month, Day, Year]),
    Form(&[Day, Month, Year]),
    Form(&[Year, Day, Month]),
    Form(&[Month, Day, ShortYear]),
    Form(&[Day, Month, ShortYear]),
    Form(&[ShortYear, Month, Day]),
    Form(&[Year, Month]),
    Form(&[Month, Year]),
    Form(&[Month, ShortYear]),
    Form(&[ShortYear, Month]),
    Form(&[Year, Quarter]),
    Form(&[Quarter, Year]),
    Form(&[ShortYear, Quarter]),
    Form(&[Quarter, ShortYear]),
    Form(&[Year, Half]),
    Form(&[Year, Week]),
    Form(&[Week, Year]),
    Form(&[Year, Week, WeekDay]),
    Form(&[Year, DayOfYear]),
    Form(&[Year]),
    Form(&[Digits("%Y%m%d")]),
    Form(&[Digits("%d%m%Y")]),
    Form(&[Digits("%m%d%Y")]),
    Form(&[Digits("%Y%m")]),
];

/// The first year of a date whose digits have nothing between them, and the year after the last.
const DIGITS_YEARS: std::ops::Range<i64> = 1700..2200;

/// The year that two digits mean (POSIX).
pub(crate) fn full_year(short: i64) -> i64 {
    short + if short < 69 { 2000 } else { 1900 }
}

impl Form {
    /// The first day of what the items name in this form, if they fit it.
    pub(super) fn date(&self, items: &Items) -> Option<Date> {
        if items.len() != self.0.len() {
            return None;
        }
        let (mut year, mut month, mut day) = (None, 1, 1);
        let (mut week, mut weekday, mut day_of_year) = (None, 1, None);
        for (index, role) in self.0.iter().enumerate() {
            let item = items.get(index);
            match role {
                Role::Year => year = Some(whole_year(item)?),
                Role::ShortYear => year = Some(short_year(item)?),
                Role::Month => {
                    // "Jan-18" is a month of a year; "01-18" may be many things.
                    let bare = self.0.len() == 2 && self.has_short_year();
                    month = match item {
                        Item::Month { value, .. } => value,
                        Item::Number {
                            value,
                            digits: 1 | 2,
                        } if !bare => value,
                        _ => return None,
                    };
                }
                Role::Day => {
                    // A year between a day and a month goes with names of months alone.
                    day = match item {
                        Item::Day(value)
                        | Item::Number {
                            value,
                            digits: 1 | 2,
                        } => value,
                        _ => return None,
                    };
                }
                Role::Quarter => match item {
                    Item::Quarter(quarter @ 1..=4) => month = quarter * 3 - 2,
                    _ => return None,
                },
                Role::Half => match item {
                    Item::Half(half @ 1..=2) => month = half * 6 - 5,
                    _ => return None,
                },
                Role::Week => match item {
                    Item::Week(nth @ 1..=53) => week = Some(nth),
                    _ => return None,
                },
                Role::Weekday => weekday = number(item, 1).filter(|day| (1..=7).contains(day))?,
                Role::DayOfYear => day_of_year = Some(number(item, 3)?),
                Role::Digits(form) => {
                    (year, month, day) = digits(item, form)?;
                }
            }
        }
        let names_month = |index: usize| matches!(items.get(index), Item::Month { .. });
        match self.0 {
            // Nobody writes a year, a day and the number of a month.
            [Role::Year, Role::Day, Role::Month] if !names_month(2) => return None,
            // With points the day comes before the month.
            [Role::Month, ..] if items.is_dotted() && items.len() > 2 => return None,
            _ => {}
        }
        let year = i16::try_from(year?).ok()?;
        if let Some(week) = week {
            let weekday = Weekday::from_monday_one_offset(weekday as i8).ok()?;
            return Some(ISOWeekDate::new(year, week as i8, weekday).ok()?.date());
        }
        if let Some(nth) = day_of_year {
            let first = Date::new(year, 1, 1).ok()?;
            let days = i64::from(first.days_in_year());
            let date = first.checked_add(jiff::SignedDuration::from_hours(24 * (nth - 1)));
            return date.ok().filter(|_| (1..=days).contains(&nth));
        }
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    pub(super) fn has_short_year(&self) -> bool {
        self.has(Role::ShortYear)
    }

    /// Whether the text is digits alone, which any number may be.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.0, [Role::Digits(_) | Role::Year])
    }

    /// The form in strptime's terms, as in `text`.
    pub(super) fn pattern(&self, text: &str, items: &Items) -> String {
        let mut pattern = String::new();
        let mut end = 0;
        for (index, role) in self.0.iter().enumerate() {
            let span = items.span(index);
            let written = &text[span.clone()];
            pattern += &text[end..span.start];
            end = span.end;
            let suffix = written.trim_start_matches(|c: char| c.is_ascii_digit());
            let prefix = written.trim_end_matches(|c: char| c.is_ascii_digit());
            let numbered = |code: &str| match written.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("{code}{suffix}"),
                false => format!("{prefix}{code}"),
            };
            pattern += &match (role, items.get(index)) {
                (Role::Year, _) if self.has(Role::Week) => numbered("%G"),
                (Role::Year, _) => numbered("%Y"),
                (Role::ShortYear, _) => numbered("%y"),
                (Role::Month, Item::Month { named: true, .. }) => if written.chars().count() > 4 {
                    "%B"
                } else {
                    "%b"
                }
                .into(),
                (Role::Month, _) => numbered("%m"),
                (Role::Day, _) => numbered("%d"),
                (Role::Quarter, _) => numbered("%q"),
                (Role::Half, _) => numbered("1|2"),
                (Role::Week, _) => numbered("%V"),
                (Role::Weekday, _) => numbered("%u"),
                (Role::DayOfYear, _) => numbered("%j"),
                (Role::Digits(form), _) => (*form).into(),
            };
        }
        pattern + &text[end..]
    }
}

fn number(item: Item, length: usize) -> Option<i64> {
    match item {
        Item::Number { value, digits } if digits == length => Some(value),
        _ => None,
    }
}

fn whole_year(item: Item) -> Option<i64> {
    match item {
        Item::Number { value, digits: 4 } | Item::Year { value, digits: 4 } => {
            Some(value).filter(|year| *year >= 1000)
        }
        _ => None,
    }
}

fn short_year(item: Item) -> Option<i64> {
    match item {
        Item::Number { value, digits: 2 } | Item::Year { value, digits: 2 } => {
            Some(full_year(value))
        }
        _ => None,
    }
}

/// Year, month and day of digits without anything between.
fn digits(item: Item, form: &str) -> Option<(Option<i64>, i64, i64)> {
    let Item::Number { value, digits } = item else {
        return None;
    };
    let (year, month, day) = match (form, digits) {
        ("%Y%m%d", 8) => (value / 10_000, value / 100 % 100, value % 100),
        ("%d%m%Y", 8) => (value % 10_000, value / 10_000 % 100, value / 1_000_000),
        ("%m%d%Y", 8) => (value % 10_000, value / 1_000_000, value / 10_000 % 100),
        ("%Y%m", 6) => (value / 100, value % 100, 1),
        _ => return None,
    };
    DIGITS_YEARS
        .contains(&year)
        .then_some((Some(year), month, day))
}
