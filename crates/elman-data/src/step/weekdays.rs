//! Sets of weekdays: the days on which a market or an office is open.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Weekday, date};
use serde::{Deserialize, Serialize};

/// Some of the seven weekdays, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct WeekdaySet(u8);

const NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A Monday long ago, from which weeks are counted (in the proleptic Gregorian calendar).
const MONDAY: Date = date(1, 1, 1);

impl WeekdaySet {
    /// Monday to Friday.
    pub const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);

    /// The set of some weekdays; `None` if there are none.
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days
            .into_iter()
            .fold(0, |bits, day| bits | 1 << day.to_monday_zero_offset());
        (bits != 0).then_some(Self(bits))
    }

    /// Days of a week in the set, 1 to 7.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether a weekday belongs to the set.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & 1 << day.to_monday_zero_offset() != 0
    }

    /// Days of the set since a Monday long ago, up to and including the date of `time`, less one.
    pub(super) fn index(self, time: DateTime) -> i64 {
        let days = time
            .date()
            .duration_since(MONDAY)
            .as_secs()
            .div_euclid(86_400);
        let up_to = self.0 & ((2u16 << days.rem_euclid(7)) - 1) as u8;
        days.div_euclid(7) * self.count() as i64 + i64::from(up_to.count_ones()) - 1
    }

    /// The date with that index.
    pub(super) fn date(self, index: i64) -> Option<Date> {
        let count = self.count() as i64;
        let nth = index.rem_euclid(count) as usize;
        let day = (0..7).filter(|day| self.0 & 1 << day != 0).nth(nth)?;
        let days = index.div_euclid(count).checked_mul(7)?.checked_add(day)?;
        let since = SignedDuration::from_secs(days.checked_mul(86_400)?);
        MONDAY.checked_add(since).ok()
    }
}

impl fmt::Display for WeekdaySet {
    /// "Sunday to Thursday", or "Monday, Wednesday, Friday" where they do not follow each other.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |day: usize| self.0 & 1 << (day % 7) != 0;
        let starts: Vec<usize> = (0..7).filter(|&day| has(day) && !has(day + 6)).collect();
        match starts[..] {
            [first] if self.count() > 2 => {
                let last = (first + self.count() - 1) % 7;
                write!(f, "{} to {}", NAMES[first], NAMES[last])
            }
            _ => {
                let days: Vec<&str> = (0..7)
                    .filter(|&day| has(day))
                    .map(|day| NAMES[day])
                    .collect();
                f.write_str(&days.join(", "))
            }
        }
    }
}

impl From<WeekdaySet> for Vec<String> {
    fn from(set: WeekdaySet) -> Self {
        let names = NAMES.iter().enumerate();
        names
            .filter(|(day, _)| set.0 & 1 << day != 0)
            .map(|(_, name)| name.to_lowercase())
            .collect()
    }
}

impl TryFrom<Vec<String>> for WeekdaySet {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut bits = 0;
        for name in &names {
            let day = NAMES.iter().position(|day| day.eq_ignore_ascii_case(name));
            bits |= 1 << day.ok_or_else(|| format!("`{name}` is no weekday"))?;
        }
        (bits != 0)
            .then_some(Self(bits))
            .ok_or_else(|| "a set of weekdays has at least one".into())
    }
}
