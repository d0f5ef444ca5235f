//! Steps of a resampling that do not hold all of their rows. The sums, means and counts are those of pandas'
//! `s.resample("1D")` with `t = pd.date_range("2021-03-01 06:00", "2021-03-05 04:00", freq="h")`,
//! `s = pd.Series(range(95), t).drop("2021-03-03 10:00")`.

use super::*;

/// Hours from 2021-03-01 06:00 on, `rows` of them, without those that `leave_out`.
fn hours(rows: usize, leave_out: impl Fn(usize) -> bool, cell: impl Fn(usize) -> String) -> String {
    let line = |k: usize| {
        let hour = k + 6;
        format!(
            "2021-03-{:02} {:02}:00,{}\n",
            1 + hour / 24,
            hour % 24,
            cell(k)
        )
    };
    let lines: String = (0..rows).filter(|k| !leave_out(*k)).map(line).collect();
    format!("time,calls\n{lines}")
}

fn daily(how: &str, more: &str) -> String {
    format!("resample = {{ every = \"1d\", how = \"{how}\"{more} }}")
}

const MISSING: usize = 52; // 2021-03-03 10:00

#[test]
fn a_sum_over_a_part_of_a_day_is_left_out() {
    let text = hours(95, |k| k == MISSING, |k| k.to_string());
    let (series, report) = csv(&text, &daily("sum", "")).unwrap();
    assert_eq!(series.columns, [[708.0, 1232.0, 1860.0]]);
    assert_eq!(times(&series)[0], "2021-03-02T00:00:00");
    let said = report.to_string();
    for line in [
        "the first step, 2021-03-01, holds 18 of 24 rows; left out (data.resample.partial = \"keep\" keeps it)",
        "the last step, 2021-03-05, holds 5 of 24 rows; left out",
        "steps between that hold some of their rows, but not all: 1; kept",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let (series, report) = csv(&text, &daily("sum", ", partial = \"keep\"")).unwrap();
    assert_eq!(series.columns, [[153.0, 708.0, 1232.0, 1860.0, 460.0]]);
    assert!(report.to_string().contains("holds 5 of 24 rows; kept"));
}

#[test]
fn a_mean_is_kept_and_said_to_be_of_a_part() {
    let text = hours(95, |k| k == MISSING, |k| k.to_string());
    let (series, report) = csv(&text, &daily("mean", "")).unwrap();
    assert_eq!((series.columns[0][0], series.columns[0][4]), (8.5, 92.0));
    assert!(
        report
            .to_string()
            .contains("the last step, 2021-03-05, holds 5 of 24 rows; kept (data.resample.partial = \"drop\" leaves it out)")
    );
    let (series, _) = csv(&text, &daily("mean", ", partial = \"drop\"")).unwrap();
    assert_eq!(series.len(), 3);
}

/// An export of a day that is not over may have blank cells for the hours to come.
#[test]
fn rows_of_blanks_do_not_fill_a_step() {
    let cell = |k: usize| if k < 95 { k.to_string() } else { String::new() };
    let text = hours(114, |k| k < 18, cell);
    let (series, report) = csv(&text, &daily("sum", "")).unwrap();
    assert_eq!(series.columns, [[708.0, 1284.0, 1860.0]]);
    assert!(
        report
            .to_string()
            .contains("the last step, 2021-03-05, holds 5 of 24 rows")
    );
}

#[test]
fn whole_steps_and_coarser_rows_are_not_partial() {
    let whole = hours(90, |k| k < 18, |k| k.to_string());
    let (series, report) = csv(&whole, &daily("sum", "")).unwrap();
    assert_eq!(series.len(), 3);
    assert!(!report.to_string().contains("partial"), "{report}");
    let monthly = "t,x\n2020-01-01,1\n2020-02-01,2\n2020-03-01,3\n";
    let (series, report) = csv(monthly, "resample = { every = \"1mo\", how = \"sum\" }").unwrap();
    assert_eq!(series.len(), 3);
    assert!(!report.to_string().contains("partial"), "{report}");
}

/// 2021-04 has 30 days; weeks begin on Monday, 2021-03-29 and 2021-04-26.
#[test]
fn months_and_weeks_know_their_days() {
    let days = |from: usize, to: usize| -> String {
        let lines = (from..to).map(|k| format!("2021-{:02}-{:02},1\n", 3 + k / 31, 1 + k % 31));
        format!("t,x\n{}", lines.collect::<String>())
    };
    let (series, report) = csv(
        &days(0, 60),
        "resample = { every = \"1mo\", how = \"sum\" }",
    )
    .unwrap();
    assert_eq!(series.columns, [[31.0]]);
    assert!(
        report
            .to_string()
            .contains("the last step, 2021-04-01, holds 29 of 30 rows"),
        "{report}"
    );
    let (_, report) = csv(
        &days(28, 61),
        "resample = { every = \"1w\", how = \"sum\" }",
    )
    .unwrap();
    let said = report.to_string();
    assert!(
        said.contains("the last step, 2021-04-26, holds 5 of 7 rows"),
        "{said}"
    );
    assert!(!said.contains("the first step"), "{said}");
}

#[test]
fn rows_without_a_step_say_that_the_last_may_not_be_whole() {
    let text = "t,x\n2020-01-01 03:00,1\n2020-01-01 04:30,2\n2020-01-02 01:10,3\n2020-01-02 19:00,4\n2020-01-03 02:00,5\n";
    let (series, report) = csv(text, &daily("sum", "")).unwrap();
    assert_eq!(series.columns, [[3.0, 7.0, 5.0]]);
    assert!(
        report
            .to_string()
            .contains("the last step, 2020-01-03, may not be whole: the rows, which have no regular step, end at 2020-01-03 02:00:00"),
        "{report}"
    );
}

#[test]
fn nothing_but_parts_is_an_error() {
    let text = hours(10, |_| false, |k| k.to_string());
    let error = message(&text, &daily("sum", ""));
    assert!(
        error.starts_with("no rows are left after") && error.contains("partial = \"keep\""),
        "{error}"
    );
}
