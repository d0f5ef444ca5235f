//! How full the steps of a resampling are.
//!
//! A file that is exported during the day ends in the middle of a step. How many rows a step has time for follows from the
//! regular step of the rows themselves.

use std::ops::Range;

use jiff::civil::DateTime;

use super::config::Resample;
use super::frame::Frame;
use super::report::{PartialStep, StepsReport};
use crate::{Error, Step};

/// Rows of each step of the grid that hold a value; a row of blanks is as good as absent.
pub(super) fn held(frame: &Frame, members: &[Range<usize>]) -> Vec<usize> {
    let has_value = |row: &usize| frame.columns.iter().any(|column| !column[*row].is_nan());
    let count = |rows: &Range<usize>| rows.clone().filter(has_value).count();
    members.iter().map(count).collect()
}

/// What there is to say about the steps `grid`, which hold `held` rows, and those of them that are kept.
///
/// # Errors
/// [`Error::NothingLeft`] if none is kept.
pub(super) fn check(
    frame: &Frame,
    grid: &[DateTime],
    held: &[usize],
    source: Option<Step>,
    step: Step,
    resample: &Resample,
) -> Result<(StepsReport, Range<usize>), Error> {
    let mut report = StepsReport {
        first: None,
        last: None,
        dropped: resample.drops_partial(),
        between: 0,
        unknown: None,
    };
    let mut keep = 0..grid.len();
    let times = frame.times.as_deref().unwrap_or_default();
    let (Some(source), Some(&first)) = (source, times.first()) else {
        report.unknown = times.last().copied();
        return Ok((report, keep));
    };
    let partial = |at: usize| {
        let of = slots(first, source, grid[at], step.advance(grid[at], 1)?);
        (held[at] < of).then_some(PartialStep {
            time: grid[at],
            rows: held[at],
            of,
        })
    };
    let last = grid.len() - 1;
    report.first = partial(0);
    report.last = if last > 0 { partial(last) } else { None };
    let between = (1..last).filter(|&at| held[at] > 0 && partial(at).is_some());
    report.between = between.count();
    if report.dropped {
        keep.start += usize::from(report.first.is_some());
        keep.end -= usize::from(report.last.is_some());
        // Behind an end that is left out nothing hangs on empty steps.
        while keep.start < keep.end && held[keep.start] == 0 {
            keep.start += 1;
        }
        while keep.start < keep.end && held[keep.end - 1] == 0 {
            keep.end -= 1;
        }
    }
    if keep.is_empty() {
        return Err(Error::NothingLeft {
            what: "the first and the last step, which do not hold all of their rows, were left out; data.resample.partial = \"keep\" \
                   keeps them"
                .into(),
        });
    }
    Ok((report, keep))
}

/// Rows from `from` to before `to` of a grid of `step` on which `first` lies.
fn slots(first: DateTime, step: Step, from: DateTime, to: DateTime) -> usize {
    // Places on the grid before a time, counted from `first`.
    let before = |time: DateTime| {
        let whole = step.between(first, time);
        let is_before = step.advance(first, whole).is_some_and(|at| at < time);
        whole.saturating_add(i64::from(is_before))
    };
    usize::try_from(before(to).saturating_sub(before(from))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::date;

    #[test]
    fn a_step_has_time_for_so_many_rows() {
        let day = |month, day| date(2021, month, day).at(0, 0, 0, 0);
        let hour = Step::Duration(SignedDuration::from_hours(1));
        let half_past = date(2021, 3, 1).at(7, 30, 0, 0);
        assert_eq!(slots(half_past, hour, day(3, 2), day(3, 3)), 24);
        assert_eq!(slots(half_past, hour, day(3, 1), day(3, 2)), 24);
        let daily = Step::Duration(SignedDuration::from_hours(24));
        assert_eq!(slots(day(1, 5), daily, day(2, 1), day(3, 1)), 28);
        // numpy: busday_count("2021-03-01", "2021-04-01") == 23
        let business = Step::Weekdays(crate::WeekdaySet::MONDAY_TO_FRIDAY);
        assert_eq!(slots(day(1, 5), business, day(3, 1), day(4, 1)), 23);
        let mid_months = Step::Months(1);
        assert_eq!(slots(day(1, 15), mid_months, day(1, 1), day(12, 31)), 12);
        let ends = Step::MonthEnds(1);
        assert_eq!(slots(day(1, 31), ends, day(1, 1), day(4, 1)), 3);
        // A coarser source has less than one row for each step.
        assert_eq!(slots(day(1, 1), Step::Months(1), day(1, 2), day(1, 3)), 0);
    }
}
