//! Order, duplicates, gaps and resampling: from rows with times to rows on a grid.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::config::{Aggregate, Duplicates, Gaps, Resample};
use super::frame::Frame;
use super::fullness;
use super::report::{GapReport, Order, StepsReport};
use super::several;
use super::table::Table;
use crate::{Error, Step};

/// Rows that filling may invent for every row there is; a stray time would otherwise make a series of nothing.
const MOST_INSERTED: usize = 20;

/// Puts rows in time order; rows of one time keep the file's order.
pub(super) fn sort(frame: &mut Frame) -> Order {
    let Some(times) = &frame.times else {
        return Order::Ascending;
    };
    if times.is_sorted() {
        return Order::Ascending;
    }
    let order = if times.iter().rev().is_sorted() {
        Order::Descending
    } else {
        Order::Unsorted
    };
    let mut rows: Vec<usize> = (0..times.len()).collect();
    rows.sort_by_key(|&row| times[row]);
    frame.select(&rows);
    order
}

/// Makes the times of a sorted frame distinct; gives the number of rows that repeated one.
pub(super) fn deduplicate(
    frame: &mut Frame,
    rule: Duplicates,
    table: &Table,
) -> Result<usize, Error> {
    let Some(times) = &frame.times else {
        return Ok(0);
    };
    let count = times.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if count == 0 {
        return Ok(0);
    }
    if rule == Duplicates::Error {
        let row = 1 + times
            .windows(2)
            .position(|pair| pair[0] == pair[1])
            .expect("counted above");
        return Err(Error::DuplicateTime {
            place: frame.describe(row, table),
            time: times[row].to_string().replace('T', " "),
            other: frame.describe(row - 1, table),
            count,
            advice: advice(frame, table, row, count),
        });
    }
    let groups: Vec<std::ops::Range<usize>> = runs(times);
    if rule == Duplicates::Mean {
        for column in &mut frame.columns {
            for group in &groups {
                column[group.start] = aggregate(&column[group.clone()], Aggregate::Mean);
            }
        }
    }
    let keep: Vec<usize> = groups
        .iter()
        .map(|group| {
            if rule == Duplicates::Last {
                group.end - 1
            } else {
                group.start
            }
        })
        .collect();
    frame.select(&keep);
    Ok(count)
}

/// What to do about `count` rows that repeat a time, of which `row` is the first.
fn advice(frame: &Frame, table: &Table, row: usize, count: usize) -> String {
    let rule = "set data.duplicates to \"first\", \"last\" or \"mean\"";
    let pair = frame.row_read(row - 1).zip(frame.row_read(row));
    if pair.is_some_and(|(one, other)| several::alike(table, one, other)) {
        return format!("; the two rows say the same: {rule}");
    }
    if count < 5 || count * 10 < frame.len() {
        return format!("; {rule}");
    }
    "; that is too many for slips: name the column with the time of day or the like in data.time as well, e.g. \
     data.time = [\"date\", \"time\"]; or, if the rows belong to several series, add a column that says which and choose one with \
     data.filter. data.duplicates = \"mean\" would make one row of those of a time"
        .into()
}

/// The stretches of equal items.
fn runs<T: PartialEq>(items: &[T]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    items
        .chunk_by(|a, b| a == b)
        .map(|run| {
            start += run.len();
            start - run.len()..start
        })
        .collect()
}

/// Counts the missing time stamps of a sorted, distinct frame and, if asked, inserts rows of missing values for them.
pub(super) fn gaps(
    frame: &mut Frame,
    step: Option<Step>,
    rule: Gaps,
) -> Result<Option<GapReport>, Error> {
    let config = |message: String| Error::Config {
        key: "data.gaps".into(),
        message,
    };
    let (Some(times), Some(step)) = (&frame.times, step) else {
        return match (&frame.times, rule) {
            (_, Gaps::Report) => Ok(None),
            (None, _) => Err(config(
                "there is no time column to find gaps in; name it in data.time".into(),
            )),
            (Some(_), _) => Err(config(
                "the times have no regular step; set data.resample, e.g. { every = \"1d\" }".into(),
            )),
        };
    };
    let missing: Vec<usize> = times
        .windows(2)
        .map(|pair| usize::try_from(step.between(pair[0], pair[1]) - 1).unwrap_or(0))
        .collect();
    let total = missing
        .iter()
        .fold(0usize, |sum, &count| sum.saturating_add(count));
    if rule == Gaps::Fill {
        on_grid(times, step).map_err(config)?;
    }
    let Some((row, &largest)) = missing
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(_, count)| **count)
        .filter(|(_, count)| **count > 0)
    else {
        return Ok(None);
    };
    let report = GapReport {
        gaps: missing.iter().filter(|&&count| count > 0).count(),
        missing: total,
        largest,
        largest_after: times[row],
        filled: rule == Gaps::Fill,
    };
    match rule {
        Gaps::Report => {}
        Gaps::Error => {
            let first = missing
                .iter()
                .position(|&count| count > 0)
                .expect("there is a largest");
            return Err(Error::Gaps {
                count: total,
                step: step.to_string(),
                after: times[first].to_string().replace('T', " "),
            });
        }
        Gaps::Fill => {
            affordable(times.len().saturating_add(total), times.len(), times[row])?;
            insert(frame, step, &missing);
        }
    }
    Ok(Some(report))
}

fn on_grid(times: &[DateTime], step: Step) -> Result<(), String> {
    let Some(&first) = times.first() else {
        return Ok(());
    };
    let off = times.iter().find(|&&time| !step.reaches(first, time));
    off.map_or(Ok(()), |time| {
        let time = time.to_string().replace('T', " ");
        Err(format!("{time} does not lie on the regular step of {step}; set data.resample to put the rows on a grid"))
    })
}

fn affordable(wanted: usize, rows: usize, after: DateTime) -> Result<(), Error> {
    if wanted > rows.saturating_mul(MOST_INSERTED).saturating_add(1000) {
        return Err(Error::GapTooLarge {
            inserted: wanted - rows,
            rows,
            after: after.to_string().replace('T', " "),
        });
    }
    Ok(())
}

/// Inserts `missing[row]` rows after each row.
fn insert(frame: &mut Frame, step: Step, missing: &[usize]) {
    let old = std::mem::take(&mut frame.times).expect("a frame with gaps has times");
    let mut times = Vec::new();
    let mut rows = Vec::new();
    for (row, &time) in old.iter().enumerate() {
        times.push(time);
        rows.push(Some(row));
        for k in 1..=missing.get(row).copied().unwrap_or(0) {
            times.push(step.advance(time, k as i64).unwrap_or(time));
            rows.push(None);
        }
    }
    for column in &mut frame.columns {
        *column = rows
            .iter()
            .map(|row| row.map_or(f64::NAN, |row| column[row]))
            .collect();
    }
    frame.renumber(rows.into_iter());
    frame.times = Some(times);
}

/// Puts a sorted frame, whose own regular step is `source`, on the grid of `resample`; steps without a row become rows
/// of missing values.
pub(super) fn resample(
    frame: &mut Frame,
    resample: &Resample,
    source: Option<Step>,
) -> Result<(Step, Option<GapReport>, StepsReport), Error> {
    let step = parse_step(&resample.every)?;
    let config = |message: &str| Error::Config {
        key: "data.resample".into(),
        message: message.into(),
    };
    let times = frame
        .times
        .as_ref()
        .ok_or_else(|| config("there is no time column to resample by; name it in data.time"))?;
    let (&first, &last) = times.first().zip(times.last()).ok_or(Error::NothingLeft {
        what: "data.from and data.until".into(),
    })?;
    let origin = origin(first, step);
    let steps = usize::try_from(step.between(origin, last))
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    affordable(steps, times.len(), first)?;
    let step_of: Vec<i64> = times
        .iter()
        .map(|&time| step.between(origin, time))
        .collect();
    let start = step_of[0];
    let mut members = vec![0..0; steps - start as usize];
    for run in runs(&step_of) {
        let step = (step_of[run.start] - start) as usize;
        members[step] = run;
    }
    let grid: Option<Vec<DateTime>> = (0..members.len())
        .map(|k| step.advance(origin, start + k as i64))
        .collect();
    let grid = grid.ok_or_else(|| config("the grid leaves the calendar (years -9999 to 9999)"))?;
    let held = fullness::held(frame, &members);
    let (report, keep) = fullness::check(frame, &grid, &held, source, step, resample)?;
    let (members, grid) = (&members[keep.clone()], grid[keep].to_vec());
    let gaps = empty_steps(members, &grid);
    for column in &mut frame.columns {
        *column = members
            .iter()
            .map(|rows| aggregate(&column[rows.clone()], resample.how))
            .collect();
    }
    let first = |rows: &std::ops::Range<usize>| (!rows.is_empty()).then_some(rows.start);
    frame.renumber(members.iter().map(first));
    frame.times = Some(grid);
    Ok((step, gaps, report))
}

fn empty_steps(members: &[std::ops::Range<usize>], grid: &[DateTime]) -> Option<GapReport> {
    let empty: Vec<bool> = members.iter().map(|rows| rows.is_empty()).collect();
    let gaps: Vec<_> = runs(&empty)
        .into_iter()
        .filter(|run| empty[run.start])
        .collect();
    let largest = gaps.iter().max_by_key(|run| run.len())?;
    Some(GapReport {
        gaps: gaps.len(),
        missing: gaps.iter().map(|run| run.len()).sum(),
        largest: largest.len(),
        largest_after: grid[largest.start.saturating_sub(1)], // the first step has a row
        filled: true,
    })
}

/// Where the grid begins: at midnight, on Monday, on the first of a month or of January.
fn origin(first: DateTime, step: Step) -> DateTime {
    let date = first.date();
    let start = match step {
        Step::Duration(every) if every.as_secs() % (7 * 86_400) == 0 => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            date.checked_sub(SignedDuration::from_hours(24 * since_monday))
                .unwrap_or(date)
        }
        Step::Months(months) if months % 12 == 0 => Date::new(date.year(), 1, 1).unwrap_or(date),
        Step::Months(months) if 12 % months == 0 => {
            let month = (i32::from(date.month()) - 1) / months * months + 1;
            Date::new(date.year(), month as i8, 1).unwrap_or(date)
        }
        Step::Months(_) => date.first_of_month(),
        _ => date,
    };
    start.to_datetime(Time::midnight())
}

/// "15min", "1h", "7d", "2w", "1mo", "1y".
fn parse_step(text: &str) -> Result<Step, Error> {
    let fail = || Error::Config {
        key: "data.resample.every".into(),
        message: format!(
            "\"{text}\" is not a length of time; write a number and a unit out of s, min, h, d, w, mo, y, e.g. \"15min\" or \"1mo\""
        ),
    };
    let digits = text
        .trim()
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.trim().len());
    let (number, unit) = text.trim().split_at(digits);
    let number: i32 = if number.is_empty() {
        1
    } else {
        number.parse().map_err(|_| fail())?
    };
    let seconds = |unit: i64| Step::Duration(SignedDuration::from_secs(i64::from(number) * unit));
    if !(1..=1_000_000).contains(&number) {
        return Err(fail());
    }
    Ok(match unit.trim() {
        "s" | "sec" => seconds(1),
        "min" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        "w" => seconds(7 * 86_400),
        "mo" => Step::Months(number),
        "y" => Step::Months(number * 12),
        _ => return Err(fail()),
    })
}

/// One value out of several; missing ones do not count, none at all is missing.
fn aggregate(values: &[f64], how: Aggregate) -> f64 {
    let mut known = values.iter().copied().filter(|value| !value.is_nan());
    let Some(first) = known.next() else {
        return f64::NAN;
    };
    match how {
        Aggregate::First => first,
        Aggregate::Last => known.next_back().unwrap_or(first),
        Aggregate::Sum => known.fold(first, |sum, value| sum + value),
        Aggregate::Mean => {
            let (count, sum) = known.fold((1.0, first), |(count, sum), value| {
                (count + 1.0, sum + value)
            });
            sum / count
        }
        Aggregate::Min => known.fold(first, f64::min),
        Aggregate::Max => known.fold(first, f64::max),
    }
}
