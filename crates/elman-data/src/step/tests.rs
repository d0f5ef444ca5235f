//! Steps found, counted and continued.

use super::*;
use jiff::civil::{Weekday, date};

fn grid(start: DateTime, step: Step, rows: i64) -> Vec<DateTime> {
    (0..rows).map(|k| step.advance(start, k).unwrap()).collect()
}

#[test]
fn a_grid_is_recognised_and_counted() {
    let hour = Step::Duration(SignedDuration::from_hours(1));
    let cases = [
        (
            date(2020, 1, 31).at(0, 0, 0, 0),
            Step::MonthEnds(1),
            "1 month (month ends)",
        ),
        (date(2020, 1, 1).at(0, 0, 0, 0), Step::Months(1), "1 month"),
        (date(2020, 1, 1).at(0, 0, 0, 0), Step::Months(3), "3 months"),
        (date(1700, 1, 1).at(0, 0, 0, 0), Step::Months(12), "1 year"),
        (
            date(2020, 1, 3).at(0, 0, 0, 0),
            Step::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY),
            "1 day, Monday to Friday",
        ),
        (date(2020, 2, 28).at(22, 0, 0, 0), hour, "1 hour"),
        (
            date(2020, 2, 28).at(0, 0, 0, 0),
            Step::Duration(SignedDuration::from_hours(24 * 7)),
            "7 days",
        ),
    ];
    for (start, step, name) in cases {
        let times = grid(start, step, 40);
        assert_eq!(Step::detect(&times), Some(step));
        assert_eq!(step.to_string(), name);
        assert!(
            times
                .windows(2)
                .all(|pair| step.between(pair[0], pair[1]) == 1),
            "{name}"
        );
        assert_eq!(step.between(times[0], times[39]), 39, "{name}");
    }
}

#[test]
fn month_ends_come_back_after_february() {
    let times = grid(date(2021, 2, 28).at(0, 0, 0, 0), Step::MonthEnds(1), 3);
    assert_eq!(times[2].to_string(), "2021-04-30T00:00:00");
}

#[test]
fn no_majority_is_no_step() {
    let times = [1, 2, 4, 7, 11].map(|day| date(2020, 1, day).at(0, 0, 0, 0));
    assert_eq!(Step::detect(&times), None);
}

#[test]
fn steps_outside_the_calendar_are_none() {
    let last = date(9999, 12, 31).at(0, 0, 0, 0);
    for step in [
        Step::Months(1),
        Step::MonthEnds(12),
        Step::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY),
        Step::Duration(SignedDuration::MAX),
    ] {
        assert_eq!(step.advance(last, i64::MAX), None);
        assert_eq!(step.advance(last, 1), None);
    }
}

/// Days of 2021 on which pandas' `CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu")` and others fall:
/// `pd.date_range("2021-01-03", periods=100, freq=pd.offsets.CustomBusinessDay(weekmask=...))`.
#[test]
fn other_working_weeks_are_steps_of_their_own() {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let midnight = |date: jiff::civil::Date| date.to_datetime(jiff::civil::Time::midnight());
    let cases: [(&[Weekday], &str, jiff::civil::Date, jiff::civil::Date); 4] = [
        // The case's own file ends on Thursday 2021-06-17 and goes on with Sunday 2021-06-20.
        (
            &[Sunday, Monday, Tuesday, Wednesday, Thursday],
            "1 day, Sunday to Thursday",
            date(2021, 1, 3),
            date(2021, 5, 23),
        ),
        (
            &[Monday, Tuesday, Wednesday, Thursday, Friday, Saturday],
            "1 day, Monday to Saturday",
            date(2021, 1, 4),
            date(2021, 4, 30),
        ),
        (
            &[Monday, Wednesday, Friday],
            "1 day, Monday, Wednesday, Friday",
            date(2021, 1, 4),
            date(2021, 8, 25),
        ),
        (
            &[Tuesday, Friday],
            "1 day, Tuesday, Friday",
            date(2021, 1, 5),
            date(2021, 12, 21),
        ),
    ];
    for (days, name, first, hundred_and_first) in cases {
        let set = WeekdaySet::new(days.iter().copied()).unwrap();
        let step = Step::Weekdays(set);
        let times = grid(midnight(first), step, 100);
        assert_eq!(Step::detect(&times), Some(step), "{name}");
        assert_eq!(step.to_string(), name);
        assert_eq!(step.season(), days.len());
        let last = times[99];
        assert_eq!(
            step.advance(last, 1),
            Some(midnight(hundred_and_first)),
            "{name}"
        );
        assert!(
            times
                .windows(2)
                .all(|pair| step.between(pair[0], pair[1]) == 1)
        );
    }
    // A single Saturday of work in half a year of Mondays to Fridays is a row off the grid, not a week of six days.
    let five = Step::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY);
    let mut times = grid(midnight(date(2021, 1, 4)), five, 130);
    times.insert(10, midnight(date(2021, 1, 16)));
    assert_eq!(Step::detect(&times), Some(five));
}

#[test]
fn daily_rows_with_a_gap_are_no_working_week() {
    let day = Step::Duration(SignedDuration::from_hours(24));
    let mut times = grid(date(2021, 1, 4).at(0, 0, 0, 0), day, 5);
    times.extend(grid(date(2021, 1, 11).at(0, 0, 0, 0), day, 30));
    assert_eq!(Step::detect(&times), Some(day));
}

/// One row in each calendar month (quarter, year) is that step, whatever the day. Dates from
/// `pd.date_range("2012-01-01", periods=24, freq="BME")`, `"BMS"`, `"BQE"` and the middles of the months of 2012.
#[test]
fn one_row_in_each_month_is_monthly() {
    let at = |text: &str| text.parse::<DateTime>().unwrap();
    let business_ends = [
        "2012-01-31",
        "2012-02-29",
        "2012-03-30",
        "2012-04-30",
        "2012-05-31",
        "2012-06-29",
        "2012-07-31",
        "2012-08-31",
        "2012-09-28",
        "2012-10-31",
        "2012-11-30",
        "2012-12-31",
    ];
    let business_starts = [
        "2012-01-02",
        "2012-02-01",
        "2012-03-01",
        "2012-04-02",
        "2012-05-01",
        "2012-06-01",
    ];
    let middles = [
        "2012-01-16T12:00",
        "2012-02-15T12:00",
        "2012-03-16T12:00",
        "2012-04-16T00:00",
        "2012-05-16T12:00",
        "2012-06-16T00:00",
        "2012-07-16T12:00",
        "2012-08-16T12:00",
        "2012-09-16T00:00",
        "2012-10-16T12:00",
        "2012-11-16T00:00",
        "2012-12-16T12:00",
    ];
    let quarters = [
        "2012-03-30",
        "2012-06-29",
        "2012-09-28",
        "2012-12-31",
        "2013-03-29",
        "2013-06-28",
        "2013-09-30",
        "2013-12-31",
    ];
    let cases: [(&[&str], Step, usize); 4] = [
        (&business_ends, Step::Months(1), 12),
        (&business_starts, Step::Months(1), 12),
        (&middles, Step::Months(1), 12),
        (&quarters, Step::Months(3), 4),
    ];
    for (texts, step, season) in cases {
        let times: Vec<DateTime> = texts.iter().map(|text| at(text)).collect();
        assert_eq!(Step::detect(&times), Some(step), "{texts:?}");
        assert_eq!(step.season(), season);
    }
    // Rows 31 days apart drift through the months: days, not months.
    let days = Step::Duration(SignedDuration::from_hours(31 * 24));
    let times = grid(date(2021, 1, 1).at(0, 0, 0, 0), days, 8);
    assert_eq!(Step::detect(&times), Some(days));
}

#[test]
fn every_step_knows_its_season() {
    let seconds = |seconds| Step::Duration(SignedDuration::from_secs(seconds));
    let cases = [
        (Step::Months(1), 12),
        (Step::MonthEnds(1), 12),
        (Step::Months(3), 4),
        (Step::MonthEnds(3), 4),
        (Step::Months(12), 1),
        (Step::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY), 5),
        (seconds(7 * DAY), 52),
        (seconds(DAY), 7),
        (seconds(3600), 24),
        (seconds(1800), 48),
        (seconds(7000), 1),
    ];
    for (step, season) in cases {
        assert_eq!(step.season(), season, "{step}");
    }
}

#[test]
fn rows_of_trading_hours_come_in_sessions() {
    let times: Vec<DateTime> = (0..70)
        .map(|row| date(2021, 1, 4 + row / 7).at(9 + row % 7, 30, 0, 0))
        .collect();
    assert_eq!(Step::detect(&times), None);
    let (first, last) = session(&times).unwrap();
    assert_eq!(
        (first.to_string(), last.to_string()),
        ("09:30:00".into(), "15:30:00".into())
    );
}

#[test]
fn steps_of_earlier_runs_are_read() {
    let read = |json: &str| serde_json::from_str::<Step>(json).unwrap();
    let five = Step::Weekdays(WeekdaySet::MONDAY_TO_FRIDAY);
    assert_eq!(read("\"weekdays\""), five);
    for step in [
        five,
        Step::Months(3),
        Step::MonthEnds(1),
        Step::Duration(SignedDuration::from_hours(1)),
    ] {
        assert_eq!(read(&serde_json::to_string(&step).unwrap()), step);
    }
}
