//! Finding the step of a column of times.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time, Weekday};

use super::{DAY, Step, WeekdaySet, group, month_index};

impl Step {
    /// The step of ascending, distinct times: calendar months (quarters, years), some days of each week, or the
    /// commonest distance; `None` if no step holds for more than half of the rows, or rows come in sessions.
    pub fn detect(times: &[DateTime]) -> Option<Self> {
        if times.len() < 2 {
            return None;
        }
        if let Some(step) = same_day(times) {
            return Some(step);
        }
        let commonest = mode(times.windows(2).map(|pair| pair[1].duration_since(pair[0])));
        if let Some(distance) = commonest
            && times.len() > 2
            && times
                .windows(2)
                .all(|pair| pair[1].duration_since(pair[0]) == distance)
        {
            return Some(Self::Duration(distance));
        }
        any_day(times).or_else(|| weekdays(times)).or_else(|| {
            commonest
                .filter(|_| session(times).is_none())
                .map(Self::Duration)
        })
    }
}

/// Months whose rows fall on one day of the month, or on the last.
fn same_day(times: &[DateTime]) -> Option<Step> {
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
        Step::MonthEnds(months)
    } else {
        Step::Months(months)
    })
}

/// Months, quarters or years with one row each, on whatever day: business month ends, middles of months.
fn any_day(times: &[DateTime]) -> Option<Step> {
    [1, 3, 12].into_iter().find_map(|length| {
        let index = |time: &DateTime| group(month_index(*time), length);
        let ascending = times
            .windows(2)
            .all(|pair| index(&pair[0]) < index(&pair[1]));
        if !ascending {
            return None;
        }
        let count = mode(
            times
                .windows(2)
                .map(|pair| index(&pair[1]) - index(&pair[0])),
        )?;
        let known = match length {
            1 => times.len() >= 12 || times.len() >= 3 && about_one_day(times),
            _ => times.len() >= 8 && count == 1,
        };
        known.then_some(Step::Months(count * length))
    })
}

/// Whether all times lie within a week of each other, counted from the first or from the last of their months.
fn about_one_day(times: &[DateTime]) -> bool {
    let within = |day: &dyn Fn(&DateTime) -> i8| {
        let days = times.iter().map(day);
        days.clone().max() <= days.min().map(|first| first + 7)
    };
    within(&|time| time.day()) || within(&|time| time.day() - time.days_in_month())
}

/// Dates of some weekdays, the others passed over week after week.
fn weekdays(times: &[DateTime]) -> Option<Step> {
    let same_time = times.iter().all(|t| t.time() == times[0].time());
    if !same_time || times.len() < 10 {
        return None;
    }
    let mut counts = [0usize; 7];
    for time in times {
        counts[time.weekday().to_monday_zero_offset() as usize] += 1;
    }
    let most = *counts.iter().max()?;
    let open = |day: &i8| counts[*day as usize] * 5 >= most;
    let set = WeekdaySet::new(
        (0..7)
            .filter(open)
            .filter_map(|day| Weekday::from_monday_zero_offset(day).ok()),
    )?;
    // A Saturday of work in a country of five-day weeks now and then makes no week of six days.
    let others = times
        .iter()
        .filter(|time| !set.contains(time.weekday()))
        .count();
    if !(2..7).contains(&set.count()) || others * 50 > times.len() {
        return None;
    }
    let neighbours = || {
        times
            .windows(2)
            .filter(|pair| set.index(pair[1]) - set.index(pair[0]) == 1)
    };
    let one_day = SignedDuration::from_secs(DAY);
    let skips = neighbours()
        .filter(|pair| pair[1].duration_since(pair[0]) > one_day)
        .count();
    let needed = if set == WeekdaySet::MONDAY_TO_FRIDAY {
        1
    } else {
        2
    };
    (neighbours().count() * 2 > times.len() - 1 && skips >= needed).then_some(Step::Weekdays(set))
}

/// The first and the last time of day of rows that come in sessions, such as the hours of trading: at a regular distance
/// of less than a day, but never in a part of the day.
pub(crate) fn session(times: &[DateTime]) -> Option<(Time, Time)> {
    let distance = mode(times.windows(2).map(|pair| pair[1].duration_since(pair[0])))?;
    let seconds = distance.as_secs();
    if seconds <= 0 || seconds >= DAY {
        return None;
    }
    let days = times
        .windows(2)
        .filter(|pair| pair[0].date() != pair[1].date());
    let nights = days
        .filter(|pair| pair[1].duration_since(pair[0]) > distance)
        .count();
    let mut clocks: Vec<Time> = times.iter().map(|time| time.time()).collect();
    clocks.sort_unstable();
    clocks.dedup();
    let covered = clocks.len() as i64 * seconds;
    (nights >= 3 && covered * 5 <= DAY * 4).then(|| (clocks[0], clocks[clocks.len() - 1]))
}

/// The commonest item, if it makes up more than half.
fn mode<T: Hash + Eq + Copy>(items: impl Iterator<Item = T>) -> Option<T> {
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
