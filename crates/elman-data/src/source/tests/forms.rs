//! The forms in which people write times, each against what Python's `datetime` and pandas read.

use super::*;

/// The first two times that a column of these two cells is read as; `time` names the column, so numbers count too.
fn read_two(first: &str, second: &str) -> Result<(String, String), String> {
    let quoted = |text: &str| format!("\"{text}\"");
    let text = format!("date,x\n{},1\n{},2\n", quoted(first), quoted(second));
    let (series, _) = csv(&text, "time = \"date\"")?;
    let mut times = times(&series).into_iter();
    Ok((times.next().unwrap(), times.next().unwrap()))
}

/// Two neighbours in each form. Expected values by Python 3.11:
/// `datetime.strptime(text, form)` for names and digits, `pd.Period(text)` for quarters,
/// `date.fromisocalendar(year, week, day)` for weeks, `pd.to_datetime(n, unit=...)` for Unix time and
/// `datetime(1899, 12, 30) + timedelta(days=n)` for days of a spreadsheet.
#[test]
fn forms_that_people_write() {
    let cases = [
        // Months by name, in any place and with any separator.
        (
            "Jan-2018",
            "Feb-2018",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "Jan-18",
            "Feb-18",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "Jan 18",
            "Feb 18",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "18-Jan",
            "18-Feb",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "Dec-68",
            "Jan-69",
            "1969-01-01T00:00:00",
            "2068-12-01T00:00:00",
        ),
        (
            "January 2018",
            "February 2018",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "2018 Jan",
            "2018 Feb",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "2018Jan",
            "2018Feb",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "JAN/2018",
            "FEB/2018",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "Sept 2018",
            "Oct 2018",
            "2018-09-01T00:00:00",
            "2018-10-01T00:00:00",
        ),
        (
            "1-Jan-2018",
            "2-Jan-2018",
            "2018-01-01T00:00:00",
            "2018-01-02T00:00:00",
        ),
        (
            "30-Jan-18",
            "31-Jan-18",
            "2018-01-30T00:00:00",
            "2018-01-31T00:00:00",
        ),
        (
            "Jan. 5, 2018",
            "Jan. 6, 2018",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "January 5th, 2018",
            "January 6th, 2018",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "05Jan2018",
            "06Jan2018",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "Fri, 05 Jan 2018",
            "Sat, 06 Jan 2018",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "5. März 2018",
            "6. März 2018",
            "2018-03-05T00:00:00",
            "2018-03-06T00:00:00",
        ),
        (
            "5 janvier 2018",
            "6 janvier 2018",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "2018년 1월",
            "2018년 2월",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "2018년 1월 5일",
            "2018년 1월 6일",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "2018年1月5日",
            "2018年1月6日",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "2018M01",
            "2018M02",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        // Quarters, halves, weeks, days of the year.
        (
            "2000-Q1",
            "2000-Q2",
            "2000-01-01T00:00:00",
            "2000-04-01T00:00:00",
        ),
        (
            "2000Q3",
            "2000Q4",
            "2000-07-01T00:00:00",
            "2000-10-01T00:00:00",
        ),
        (
            "Q1 2000",
            "Q2 2000",
            "2000-01-01T00:00:00",
            "2000-04-01T00:00:00",
        ),
        (
            "1Q2000",
            "2Q2000",
            "2000-01-01T00:00:00",
            "2000-04-01T00:00:00",
        ),
        ("1Q18", "2Q18", "2018-01-01T00:00:00", "2018-04-01T00:00:00"),
        (
            "2000년 1분기",
            "2000년 2분기",
            "2000-01-01T00:00:00",
            "2000-04-01T00:00:00",
        ),
        (
            "2000-S1",
            "2000-S2",
            "2000-01-01T00:00:00",
            "2000-07-01T00:00:00",
        ),
        (
            "2019-W01",
            "2019-W02",
            "2018-12-31T00:00:00",
            "2019-01-07T00:00:00",
        ),
        (
            "2019W01",
            "2019W02",
            "2018-12-31T00:00:00",
            "2019-01-07T00:00:00",
        ),
        (
            "2019-W01-3",
            "2019-W02-3",
            "2019-01-02T00:00:00",
            "2019-01-09T00:00:00",
        ),
        (
            "2019-045",
            "2019-046",
            "2019-02-14T00:00:00",
            "2019-02-15T00:00:00",
        ),
        // Digits and numbers.
        (
            "201801",
            "201802",
            "2018-01-01T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "20180105",
            "20180106",
            "2018-01-05T00:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "31012018",
            "01022018",
            "2018-01-31T00:00:00",
            "2018-02-01T00:00:00",
        ),
        (
            "20180105 0030",
            "20180105 0100",
            "2018-01-05T00:30:00",
            "2018-01-05T01:00:00",
        ),
        (
            "20180105T003000Z",
            "20180105T010000Z",
            "2018-01-05T00:30:00",
            "2018-01-05T01:00:00",
        ),
        (
            "1609459200",
            "1609462800",
            "2021-01-01T00:00:00",
            "2021-01-01T01:00:00",
        ),
        (
            "1609459200000",
            "1609462800000",
            "2021-01-01T00:00:00",
            "2021-01-01T01:00:00",
        ),
        (
            "1609459200000000",
            "1609462800000000",
            "2021-01-01T00:00:00",
            "2021-01-01T01:00:00",
        ),
        (
            "1609459200000000000",
            "1609462800000000000",
            "2021-01-01T00:00:00",
            "2021-01-01T01:00:00",
        ),
        (
            "1.6094592e9",
            "1.6094628e9",
            "2021-01-01T00:00:00",
            "2021-01-01T01:00:00",
        ),
        (
            "1609459200.5",
            "1609459201.5",
            "2021-01-01T00:00:00.5",
            "2021-01-01T00:00:01.5",
        ),
        (
            "44197",
            "44198",
            "2021-01-01T00:00:00",
            "2021-01-02T00:00:00",
        ),
        (
            "44197.041667",
            "44197.083333",
            "2021-01-01T01:00:00",
            "2021-01-01T02:00:00",
        ),
        (
            "2012",
            "2012.083333",
            "2012-01-01T00:00:00",
            "2012-02-01T00:00:00",
        ),
        (
            "2012.25",
            "2012.5",
            "2012-04-01T00:00:00",
            "2012-07-01T00:00:00",
        ),
        // Clock times.
        (
            "2018-01-05 1:05 PM",
            "2018-01-05 2:05 PM",
            "2018-01-05T13:05:00",
            "2018-01-05T14:05:00",
        ),
        (
            "2018-01-05 1 p.m.",
            "2018-01-05 2 p.m.",
            "2018-01-05T13:00:00",
            "2018-01-05T14:00:00",
        ),
        (
            "2018-01-05 13h30",
            "2018-01-05 14h30",
            "2018-01-05T13:30:00",
            "2018-01-05T14:30:00",
        ),
        (
            "2018-01-05 13h",
            "2018-01-05 14h",
            "2018-01-05T13:00:00",
            "2018-01-05T14:00:00",
        ),
        (
            "31.12.2018 13.30",
            "31.12.2018 14.30",
            "2018-12-31T13:30:00",
            "2018-12-31T14:30:00",
        ),
        (
            "2018-01-05 오후 1:00",
            "2018-01-05 오후 2:00",
            "2018-01-05T13:00:00",
            "2018-01-05T14:00:00",
        ),
        (
            "2018-01-05 23:00",
            "2018-01-05 24:00",
            "2018-01-05T23:00:00",
            "2018-01-06T00:00:00",
        ),
        (
            "10/Oct/2000:13:55:36 -0700",
            "10/Oct/2000:13:55:37 -0700",
            "2000-10-10T13:55:36",
            "2000-10-10T13:55:37",
        ),
        (
            "Fri Jan 05 13:00:00 2018",
            "Fri Jan 05 14:00:00 2018",
            "2018-01-05T13:00:00",
            "2018-01-05T14:00:00",
        ),
        (
            "12/31/2018, 1:00:00 PM",
            "12/31/2018, 2:00:00 PM",
            "2018-12-31T13:00:00",
            "2018-12-31T14:00:00",
        ),
        (
            "2018-01-05T13:00:00+09:00[Asia/Seoul]",
            "2018-01-05T14:00:00+09:00[Asia/Seoul]",
            "2018-01-05T13:00:00",
            "2018-01-05T14:00:00",
        ),
    ];
    let mut wrong = Vec::new();
    for (first, second, expected, then) in cases {
        let found = read_two(first, second);
        if found != Ok((expected.into(), then.into())) {
            wrong.push(format!("{first} | {second}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is no time, or could be two, is an error: no sign, no year below 1000, no year that is not there.
#[test]
fn forms_that_are_refused() {
    for text in [
        "-2018",
        "Jan--2018",
        "0018-01-01",
        "1-01",
        "13-Jan-018",
        "Jan",
        "5 Jan",
        "2020-13",
        "2020-Q5",
        "2019-W54",
        "2019-366",
        "2019-02-29",
        "01-02-03",
        "32/13/2020",
        "2020-01-31 25:00",
        "2020-01-31 13h77",
        "Smarch 2018",
        "99999999999999999999",
        "1e400",
        "1900-02-30",
        "2020-01-01 1:2:3:4",
        "+2020-01-01",
    ] {
        assert!(
            csv(&format!("date,x\n{text},1\n"), "time = \"date\"").is_err(),
            "{text}"
        );
    }
}

/// A column of `Mon-YYYY` as spreadsheets export months, in the order of the file.
#[test]
fn months_by_name_keep_their_order() {
    let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    for (form, write) in [
        (
            "%b-%Y",
            (|name, year: i32| format!("{name}-{year}")) as fn(&str, i32) -> String,
        ),
        ("%b-%y", |name, year| format!("{name}-{}", year % 100)),
        ("%b %y", |name, year| format!("{name} {}", year % 100)),
    ] {
        let mut text = String::from("month,sales\n");
        for row in 0..48 {
            text += &format!(
                "{},{row}\n",
                write(names[row as usize % 12], 2018 + row / 12)
            );
        }
        let (series, report) = csv(&text, "").unwrap();
        let time = report.time.unwrap();
        assert_eq!((time.format.as_str(), time.order), (form, Order::Ascending));
        assert_eq!(times(&series)[47], "2021-12-01T00:00:00");
        assert_eq!(series.label(series.next_times(1).unwrap()[0]), "2022-01");
        assert_eq!(series.columns[0][47], 47.0);
    }
}

/// Days of one month may be the years of one month: a question, not a guess.
#[test]
fn days_without_a_year_are_not_years() {
    let days: String = (1..=31).map(|day| format!("{day:02}-Jan,1\n")).collect();
    let bad = message(&format!("day,x\n{days}"), "");
    assert!(bad.contains("without a year"), "{bad}");
    let weeks = message(
        "week,x\n07-Jan,1\n14-Jan,2\n21-Jan,3\n28-Jan,4\n04-Feb,5\n",
        "",
    );
    assert!(weeks.contains("days without a year"), "{weeks}");
}

/// The order of day and month may follow from the step: first days of the months of two years.
#[test]
fn a_regular_step_decides_between_two_forms() {
    let mut text = String::from("date,x\n");
    for row in 0..24 {
        text += &format!("01/{:02}/{},1\n", row % 12 + 1, 2018 + row / 12);
    }
    let (series, report) = csv(&text, "").unwrap();
    assert_eq!(times(&series)[1], "2018-02-01T00:00:00");
    assert_eq!(series.step, Some(Step::Months(1)));
    let report = report.to_string();
    assert!(
        report.contains("data.time_format = \"%m/%d/%Y\""),
        "{report}"
    );
    // Twelve rows are twelve days or twelve months alike.
    let text: String = (1..=12).map(|k| format!("01/{k:02}/2018,1\n")).collect();
    assert!(message(&format!("date,x\n{text}"), "").contains("reads as %m/%d/%Y and as %d/%m/%Y"));
    // 20-01-19 to 28-02-19: as years, months and days they would not be in order.
    let day = |row: i32| (row % 31 + 1, row / 31 + 1);
    let text: String = (19..59)
        .map(day)
        .map(|(day, month)| format!("{day:02}-{month:02}-19,1\n"))
        .collect();
    let (series, _) = csv(&format!("date,x\n{text}"), "").unwrap();
    assert_eq!(times(&series)[39], "2019-02-28T00:00:00");
}

#[test]
fn a_slip_in_any_row_is_located() {
    let bad = message(
        "t,x\n2004-01-0l,1\n2004-01-02,2\n2004-01-03,3\n2004-01-04,3\n",
        "",
    );
    assert!(bad.starts_with("`a.csv`, line 2, column `t`: cannot read \"2004-01-0l\" as a time; most other rows are %Y-%m-%d"), "{bad}");
    let bad = message(
        "year,month,day,x\n2010,1,1,5\n2010,1,2,6\n2010,2,30,7\n",
        "",
    );
    assert!(
        bad.starts_with(
            "`a.csv`, line 4, column `year month day`: cannot read \"2010 2 30\" as a time"
        ),
        "{bad}"
    );
}

/// R: `as.Date(18628) == "2021-01-01"`; a spreadsheet shows 18628 as 1950-12-31, and 44197 as 2021-01-01.
#[test]
fn days_since_1970_are_asked_about_where_they_may_be_those_of_a_spreadsheet() {
    let asked = read_two("18628", "18629").unwrap_err();
    assert!(
        asked.contains("\"unix_days\"") && asked.contains("\"excel\""),
        "{asked}"
    );
    let text = "date,x\n18628,1\n18629,2\n";
    let first = |form: &str| {
        let keys = format!("time = \"date\"\ntime_format = \"{form}\"");
        times(&csv(text, &keys).unwrap().0).remove(0)
    };
    assert_eq!(first("unix_days"), "2021-01-01T00:00:00");
    assert_eq!(first("excel"), "1950-12-31T00:00:00");
    assert_eq!(read_two("44197", "44198").unwrap().0, "2021-01-01T00:00:00");
}

#[test]
fn a_year_and_a_month_in_six_digits_under_the_name_of_a_month() {
    let months = "month,y\n201811,1\n201812,2\n201901,3\n";
    let (series, _) = csv(months, "").unwrap();
    assert_eq!(times(&series)[2], "2019-01-01T00:00:00");
    assert_eq!(series.step, Some(Step::Months(1)));
    // The months of a year stay what they are: numbers.
    let (series, _) = csv("date,month,y\n2018-01-01,1,5\n2018-02-01,2,6\n", "").unwrap();
    assert_eq!(series.names, ["month", "y"]);
}

#[test]
fn clock_times_in_columns_of_their_parts() {
    let mut text = String::from("date,hour,minute,y\n");
    for quarter in 0..96 {
        text += &format!(
            "2021-01-01,{},{},{quarter}\n",
            quarter / 4,
            quarter % 4 * 15
        );
    }
    for toml in ["", "time = [\"date\", \"hour\", \"minute\"]"] {
        let (series, _) = csv(&text, toml).unwrap();
        assert_eq!(times(&series)[95], "2021-01-01T23:45:00", "{toml}");
        assert_eq!(series.names, ["y"]);
    }
    let bad = message(
        &text.replace(",7,30,", ",7,60,"),
        "time = [\"date\", \"hour\", \"minute\"]",
    );
    assert!(
        bad.contains("line 32") && bad.contains("2021-01-01 7 60"),
        "{bad}"
    );
    // Hours and minutes as one number, without leading noughts.
    let mut text = String::from("date,time,y\n");
    for half in 0..48 {
        text += &format!("2021-01-01,{},{half}\n", half / 2 * 100 + half % 2 * 30);
    }
    let (series, _) = csv(&text, "").unwrap();
    assert_eq!(times(&series)[1], "2021-01-01T00:30:00");
    assert_eq!(times(&series)[47], "2021-01-01T23:30:00");
}
