//! Offsets and zones: which clock the times of a column follow.

use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::Moment;
use crate::TimeStyle;

/// Times on one clock.
pub(crate) struct Settled {
    pub(crate) times: Vec<DateTime>,
    pub(crate) style: TimeStyle,
    /// The offset from UTC of the clock, where times are kept on one that has one.
    pub(crate) offset: Option<Offset>,
    /// What was done, for the report.
    pub(crate) note: Option<String>,
}

/// Puts the times of a column on one clock.
///
/// Without offsets, and with one and the same, times stay as they are written. Where offsets change (summer time), rows
/// that all stand at one time of day keep their local dates, and others are put into UTC, so that no hour comes twice.
/// With a `zone` instants become its local time, and local times instants. `known` is the style that a model was trained
/// with, and the offset of its clock: times with other offsets are put on that clock.
///
/// # Errors
/// The row of a time that has no offset where others do, or that does not exist in the zone, and what is wrong with it.
pub(crate) fn settle(
    moments: Vec<Moment>,
    zone: Option<&TimeZone>,
    known: Option<(&TimeStyle, Option<Offset>)>,
) -> Result<Settled, (usize, String)> {
    let (known, clock) = known.unzip();
    let clock = clock.flatten();
    let with = moments
        .iter()
        .filter(|(_, offset)| offset.is_some())
        .count();
    if with != 0 && with != moments.len() {
        let few = with * 2 < moments.len();
        let row = moments
            .iter()
            .position(|(_, offset)| offset.is_some() == few)
            .unwrap_or(0);
        let [this, others] = if few {
            ["an", "most others have none"]
        } else {
            ["no", "most others have one"]
        };
        return Err((
            row,
            format!("it has {this} offset from UTC, and {others}; correct it"),
        ));
    }
    let known_zone = match known {
        Some(TimeStyle::Zone(zone)) if with > 0 => Some(zone),
        _ => None,
    };
    if let Some(zone) = zone.or(known_zone) {
        return zoned(&moments, zone, known);
    }
    let offset = |moment: &Moment| moment.1.unwrap_or(Offset::UTC);
    let first = moments.first().map(offset);
    let same = moments.iter().all(|moment| Some(offset(moment)) == first);
    let written = |moments: &[Moment]| moments.iter().map(|(time, _)| *time).collect::<Vec<_>>();
    let on_clock = clock.is_none() || first == clock;
    if with == 0 || same && on_clock && known != Some(&TimeStyle::Utc) {
        let note = first
            .filter(|_| with > 0 && first != Some(Offset::UTC))
            .map(|offset| {
                format!(
                    "every time has the offset {}; they stay as they are written",
                    text(offset)
                )
            });
        let mut times: Vec<DateTime> = moments.into_iter().map(|(time, _)| time).collect();
        times.shrink_to_fit(); // they lie where the moments lay, which are larger
        return Ok(Settled {
            times,
            style: TimeStyle::Plain,
            offset: first.filter(|_| with > 0),
            note,
        });
    }
    let mut offsets: Vec<Offset> = moments.iter().map(offset).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let offsets: Vec<String> = offsets.into_iter().map(text).collect();
    let offsets = offsets.join(", ");
    // Summer time moves a clock by an hour; another offset is another place's.
    let is_near = |offset: &Offset| {
        clock.is_none_or(|clock| (offset.seconds() - clock.seconds()).abs() <= 3600)
    };
    if known != Some(&TimeStyle::Utc)
        && moments.iter().map(offset).all(|offset| is_near(&offset))
        && let Some((times, clock)) = one_time_of_day(&written(&moments))
        && distinct(&times) == distinct(&instants(&moments))
    {
        let note = format!(
            "offsets from UTC: {offsets}; every row stands at {} of its local day, and local dates are kept",
            short(clock)
        );
        return Ok(Settled {
            times,
            style: TimeStyle::Plain,
            offset: None,
            note: Some(note),
        });
    }
    let to = |clock: Offset| -> Result<Vec<DateTime>, (usize, String)> {
        let put = |(row, (time, offset)): (usize, &Moment)| {
            let timestamp = offset.unwrap_or(Offset::UTC).to_timestamp(*time);
            let outside = |_| (row, "it lies outside the calendar".to_owned());
            Ok(clock.to_datetime(timestamp.map_err(outside)?))
        };
        moments.iter().enumerate().map(put).collect()
    };
    if let Some(clock) = clock {
        return Ok(Settled {
            times: to(clock)?,
            style: TimeStyle::Plain,
            offset: Some(clock),
            note: Some(format!(
                "times with the offset {offsets} are put on the clock that the model knows, {}",
                text(clock)
            )),
        });
    }
    Ok(Settled {
        times: to(Offset::UTC)?,
        style: TimeStyle::Utc,
        offset: None,
        note: Some(format!(
            "the offset from UTC changes ({offsets}); times are put into UTC and shown with a Z. data.zone = \"Europe/Berlin\" and \
             the like show local time"
        )),
    })
}

/// How many different items there are.
fn distinct<T: Ord + Clone>(items: &[T]) -> usize {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items.len()
}

/// The times in UTC, as far as they are inside the calendar.
fn instants(moments: &[Moment]) -> Vec<Timestamp> {
    let instant = |(time, offset): &Moment| offset.unwrap_or(Offset::UTC).to_timestamp(*time).ok();
    moments.iter().filter_map(instant).collect()
}

/// The local time of a zone: dates where rows are of whole days, else instants that are shown in local time.
fn zoned(
    moments: &[Moment],
    zone: &TimeZone,
    known: Option<&TimeStyle>,
) -> Result<Settled, (usize, String)> {
    let mut instants = Vec::with_capacity(moments.len());
    let local_times = moments.first().is_some_and(|(_, offset)| offset.is_none());
    for (row, (time, offset)) in moments.iter().enumerate() {
        let instant = match offset {
            Some(offset) => offset
                .to_timestamp(*time)
                .map_err(|_| (row, "it lies outside the calendar".to_owned()))?,
            None => local_instant(*time, zone, instants.last().copied())
                .map_err(|error| (row, error))?,
        };
        instants.push(instant);
    }
    let name = zone.iana_name().unwrap_or("the zone");
    let local: Vec<DateTime> = instants
        .iter()
        .map(|&instant| zone.to_datetime(instant))
        .collect();
    let days = match known {
        Some(TimeStyle::Zone(_)) => None,
        _ => one_time_of_day(&local).filter(|(times, _)| distinct(times) == distinct(&instants)),
    };
    let [were, become_] = if local_times {
        ["local times", "kept as instants"]
    } else {
        ["instants", "shown in local time"]
    };
    if let Some((times, clock)) = days {
        let note = format!(
            "{were} of {name}: every row stands at {} of its local day, and local dates are kept",
            short(clock)
        );
        return Ok(Settled {
            times,
            style: TimeStyle::Plain,
            offset: None,
            note: Some(note),
        });
    }
    Ok(Settled {
        times: instants
            .iter()
            .map(|&instant| Offset::UTC.to_datetime(instant))
            .collect(),
        style: TimeStyle::Zone(zone.clone()),
        offset: None,
        note: Some(format!(
            "{were} of {name}, {become_}; steps are counted in UTC, so that the hour that autumn repeats and spring leaves out breaks none"
        )),
    })
}

/// The instant of a local time. Of an hour that autumn repeats, a row that would otherwise go back is the second.
fn local_instant(
    time: DateTime,
    zone: &TimeZone,
    last: Option<Timestamp>,
) -> Result<Timestamp, String> {
    let ambiguous = zone.to_ambiguous_timestamp(time);
    let outside = |_| "it lies outside the calendar".to_owned();
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => Err(format!(
            "that time does not exist in {}: clocks went forward over it; correct it, or leave data.zone out",
            zone.iana_name().unwrap_or("the zone")
        )),
        AmbiguousOffset::Fold { .. } => {
            let first = ambiguous.earlier().map_err(outside)?;
            match last.is_some_and(|last| last >= first) {
                true => ambiguous.later().map_err(outside),
                false => Ok(first),
            }
        }
        AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous().map_err(outside),
    }
}

/// The dates of rows that all stand at one time of day, and that time. A few may be an hour off: where clocks go forward
/// at midnight, a day begins at one.
fn one_time_of_day(times: &[DateTime]) -> Option<(Vec<DateTime>, Time)> {
    let mut clocks: Vec<Time> = times.iter().map(|time| time.time()).collect();
    clocks.sort_unstable();
    let common = clocks
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| run.len())
        .map(|run| (run[0], run.len()))?;
    let hour = SignedDuration::from_hours(1);
    let (clock, count) = common;
    let near = clocks
        .iter()
        .all(|other| other.duration_since(clock).abs() <= hour);
    (near && count * 10 >= times.len() * 9).then(|| {
        let at = |time: &DateTime| time.date().to_datetime(clock);
        (times.iter().map(at).collect(), clock)
    })
}

fn short(clock: Time) -> String {
    if clock.second() == 0 && clock.subsec_nanosecond() == 0 {
        format!("{:02}:{:02}", clock.hour(), clock.minute())
    } else {
        clock.to_string()
    }
}

/// `+01:00`
fn text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
