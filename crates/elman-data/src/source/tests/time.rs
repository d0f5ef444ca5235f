//! Times: how they are written, ordered, cut and turned into columns.

use super::*;

#[test]
fn times_in_parts_and_pairs() {
    let (series, report) = csv(
        "No,year,month,day,hour,x\n1,2010,1,1,23,5\n2,2010,1,2,0,6\n",
        "columns = [\"x\"]",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        ["2010-01-01T23:00:00", "2010-01-02T00:00:00"]
    );
    assert!(report.time.unwrap().found);
    let (series, _) = csv(
        "d,t,x\n1.2.2010,23:30,5\n2.2.2010,0:30,6\n",
        "time = [\"d\", \"t\"]",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        ["2010-02-01T23:30:00", "2010-02-02T00:30:00"]
    );
    let bad = message(
        "year,month,x\n2010,1,5\n2010,13,6\n",
        "time = [\"year\", \"month\"]",
    );
    assert!(
        bad.starts_with("`a.csv`, line 3, column `year month`: cannot read \"2010 13\" as a time"),
        "{bad}"
    );
}

#[test]
fn the_common_forms_of_time() {
    let cases = [
        ("2020-01-31", "2020-01-31T00:00:00"),
        ("2020-1-5 7:05", "2020-01-05T07:05:00"),
        ("2020-01-31T13:00:05.25", "2020-01-31T13:00:05.25"),
        ("2020-01-31 13:00:00+09:00", "2020-01-31T13:00:00"),
        ("2020-01-31T13:00:00Z", "2020-01-31T13:00:00"),
        ("2020-01-31 24:00", "2020-02-01T00:00:00"),
        ("2020-01", "2020-01-01T00:00:00"),
        ("2020/1/31", "2020-01-31T00:00:00"),
        ("2020.01.31", "2020-01-31T00:00:00"),
        ("31.12.2020", "2020-12-31T00:00:00"),
        ("12/31/2020 1:00 PM", "2020-12-31T13:00:00"),
        ("31/12/2020", "2020-12-31T00:00:00"),
        ("20200131", "2020-01-31T00:00:00"),
        ("202001311330", "2020-01-31T13:30:00"),
        ("1700", "1700-01-01T00:00:00"),
        ("1577836800", "2020-01-01T00:00:00"),
        ("1577836800000", "2020-01-01T00:00:00"),
        ("1577836800.5", "2020-01-01T00:00:00.5"),
        ("Jan 1 2000", "2000-01-01T00:00:00"),
        ("Jan-1-1995", "1995-01-01T00:00:00"),
        ("\"January 31, 2020\"", "2020-01-31T00:00:00"),
        ("31 Jan 2020 08:00", "2020-01-31T08:00:00"),
        ("Jan 2020", "2020-01-01T00:00:00"),
        ("2020년 1월 31일", "2020-01-31T00:00:00"),
    ];
    for (text, expected) in cases {
        let read = csv(&format!("date,x\n{text},1\n"), "time = \"date\"");
        assert_eq!(
            times(&read.unwrap_or_else(|error| panic!("{text}: {error}")).0),
            [expected],
            "{text}"
        );
    }
    for text in [
        "01-02-20",
        "2020-02-30",
        "2020-01-01 25:00",
        "noon",
        "",
        "2020-01-01 1:2:3:4",
        "12:30",
    ] {
        assert!(
            csv(&format!("date,x\n{text},1\n"), "time = \"date\"").is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_stated_format_is_the_only_one() {
    let (series, _) = csv(
        "t,x\n31-01-20 13h,1\n",
        "time = \"t\"\ntime_format = \"%d-%m-%y %Hh\"",
    )
    .unwrap();
    assert_eq!(times(&series), ["2020-01-31T13:00:00"]);
    let bad = message(
        "t,x\n2020-01-31,1\n",
        "time = \"t\"\ntime_format = \"%d.%m.%Y\"",
    );
    assert_eq!(
        bad,
        "`a.csv`, line 2, column `t`: cannot read \"2020-01-31\" as a time; data.time_format is \"%d.%m.%Y\""
    );
}

#[test]
fn day_and_month_are_told_apart_or_asked_for() {
    let (series, _) = csv("t,x\n1/2/2004,1\n12/31/2004,2\n", "").unwrap();
    assert_eq!(times(&series)[0], "2004-01-02T00:00:00");
    let open = message("t,x\n3/3/2004,1\n1/2/2004,2\n", "");
    assert_eq!(
        open,
        "column `t`: \"1/2/2004\" reads as %m/%d/%Y and as %d/%m/%Y; set data.time_format to \"%m/%d/%Y\" or \"%d/%m/%Y\""
    );
}

#[test]
fn an_unreadable_time_is_located() {
    let bad = message("t,x\n2004-01-01,1\n2004-01-32,2\n", "");
    assert_eq!(
        bad,
        "`a.csv`, line 3, column `t`: cannot read \"2004-01-32\" as a time; the rows before are %Y-%m-%d; correct it, or set data.time_format"
    );
    let bad = message("t,x\nlater,1\n", "time = \"t\"");
    assert!(
        bad.contains("cannot read \"later\" as a time; tried: 2020-01-31, "),
        "{bad}"
    );
}

#[test]
fn offsets_that_change_are_put_into_utc() {
    let (series, _) = csv(
        "t,x\n2020-10-25T02:30:00+02:00,1\n2020-10-25T02:30:00+01:00,2\n",
        "",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        ["2020-10-25T00:30:00", "2020-10-25T01:30:00"]
    );
}

#[test]
fn order_is_found_out_and_reported() {
    let (series, report) = csv("t,x\n2020-01-03,3\n2020-01-02,2\n2020-01-01,1\n", "").unwrap();
    assert_eq!(series.columns, [[1.0, 2.0, 3.0]]);
    assert_eq!(report.time.unwrap().order, Order::Descending);
    let (series, report) = csv("t,x\n2020-01-02,2\n2020-01-03,3\n2020-01-01,1\n", "").unwrap();
    assert_eq!(series.columns, [[1.0, 2.0, 3.0]]);
    assert!(
        report
            .to_string()
            .contains("not in time order in the file; sorted")
    );
}

#[test]
fn from_until_and_calendar() {
    let text =
        "t,x\n2019-12-31 23:00,1\n2020-01-01 00:00,2\n2020-01-31 23:00,3\n2020-02-01 00:00,4\n";
    let (series, report) = csv(
        text,
        "from = \"2020\"\nuntil = \"2020-01\"\ncalendar = [\"hour\", \"month\"]",
    )
    .unwrap();
    assert_eq!(series.columns[0], [2.0, 3.0]);
    assert_eq!(report.cut, 2);
    assert_eq!(
        series.names,
        ["x", "hour_sin", "hour_cos", "month_sin", "month_cos"]
    );
    assert_eq!(
        (series.inputs.as_slice(), series.targets.as_slice()),
        (&[0, 1, 2, 3, 4][..], &[0][..])
    );
    assert!(
        (series.columns[1][1] - (-15f64).to_radians().sin()).abs() < 1e-12,
        "23:00 is a 24th before midnight"
    );
    assert_eq!(series.columns[2][0], 1.0);
    assert!(
        message(text, "from = \"2021\"")
            .starts_with("no rows are left after data.from and data.until")
    );
    assert!(
        message("x\n1\n", "calendar = [\"hour\"]")
            .starts_with("`data.calendar`: there is no time column")
    );
    assert!(
        message("x\n1\n", "from = \"2020\"")
            .starts_with("`data.from, data.until`: there is no time column")
    );
}
