//! Offsets, zones, numbers that are no times, dates with clock times beside them, and new data of a trained model.

use super::*;

/// Local midnights of Berlin, as pandas writes them: `pd.date_range("2022-03-25", "2022-03-30", tz="Europe/Berlin")`.
const MIDNIGHTS: &str = "day,x\n2022-03-25 00:00:00+01:00,1\n2022-03-26 00:00:00+01:00,2\n2022-03-27 00:00:00+01:00,3\n\
                         2022-03-28 00:00:00+02:00,4\n2022-03-29 00:00:00+02:00,5\n2022-03-30 00:00:00+02:00,6\n";

#[test]
fn local_midnights_stay_local_dates() {
    let (series, report) = csv(MIDNIGHTS, "").unwrap();
    assert_eq!(times(&series)[0], "2022-03-25T00:00:00");
    assert_eq!(times(&series)[5], "2022-03-30T00:00:00");
    assert_eq!(series.label(series.next_times(1).unwrap()[0]), "2022-03-31");
    assert!(
        report.to_string().contains("local dates are kept"),
        "{report}"
    );
    let months = "month,x\n2012-01-01 00:00:00+01:00,1\n2012-04-01 00:00:00+02:00,2\n2012-07-01 00:00:00+02:00,3\n\
                  2012-10-01 00:00:00+02:00,4\n2013-01-01 00:00:00+01:00,5\n";
    let (series, _) = csv(months, "").unwrap();
    assert_eq!(series.step, Some(Step::Months(3)));
    assert_eq!(series.label(series.next_times(1).unwrap()[0]), "2013-04");
    // In São Paulo the days on which summer time began had no midnight: pandas writes 01:00 for them.
    let mut text = String::from("day,x\n");
    for (day, offset, hour) in [
        (1, 3, 0),
        (2, 3, 0),
        (3, 3, 0),
        (4, 2, 1),
        (5, 2, 0),
        (6, 2, 0),
        (7, 2, 0),
        (8, 2, 0),
        (9, 2, 0),
        (10, 2, 0),
    ] {
        text += &format!("2018-11-{day:02} {hour:02}:00:00-{offset:02}:00,{day}\n");
    }
    let (series, _) = csv(&text, "").unwrap();
    assert_eq!(times(&series)[3], "2018-11-04T00:00:00");
}

/// Hours of 2022-03-27 in Berlin: 00:00+01:00, 01:00+01:00, 03:00+02:00.
#[test]
fn hours_with_offsets_that_change_are_utc_and_say_so() {
    let text = "t,x\n2022-03-27 00:00:00+01:00,1\n2022-03-27 01:00:00+01:00,2\n2022-03-27 03:00:00+02:00,3\n";
    let (series, report) = csv(text, "").unwrap();
    assert_eq!(
        times(&series),
        [
            "2022-03-26T23:00:00",
            "2022-03-27T00:00:00",
            "2022-03-27T01:00:00"
        ]
    );
    assert_eq!(series.labels(2..3), ["2022-03-27 01:00Z"]);
    assert!(
        report
            .to_string()
            .contains("2022-03-26 23:00Z to 2022-03-27 01:00Z"),
        "{report}"
    );
    assert!(report.to_string().contains("put into UTC"), "{report}");
    // With the zone the labels are local: pd.Timestamp("2022-03-27 02:00Z").tz_convert("Europe/Berlin") is 04:00+02:00.
    let (series, _) = csv(text, "zone = \"Europe/Berlin\"\ncalendar = [\"hour\"]").unwrap();
    assert_eq!(
        series.labels(0..3),
        [
            "2022-03-27 00:00+01:00",
            "2022-03-27 01:00+01:00",
            "2022-03-27 03:00+02:00"
        ]
    );
    assert_eq!(
        series.step,
        Some(Step::Duration(jiff::SignedDuration::from_hours(1)))
    );
    assert_eq!(
        series.label(series.next_times(1).unwrap()[0]),
        "2022-03-27 04:00+02:00"
    );
    // The calendar follows the local clock: at 03:00 an eighth of the day has passed.
    assert!((series.columns[1][2] - (45f64).to_radians().sin()).abs() < 1e-12);
    // Bounds too.
    let (series, _) = csv(
        text,
        "zone = \"Europe/Berlin\"\nfrom = \"2022-03-27 01:00\"",
    )
    .unwrap();
    assert_eq!(series.len(), 2);
}

/// `pd.date_range("2022-10-30 01:00", periods=4, freq="h", tz="Europe/Berlin").tz_localize(None)` is 01:00, 02:00, 02:00, 03:00.
#[test]
fn local_hours_of_a_zone_may_come_twice() {
    let text =
        "t,x\n2022-10-30 01:00,1\n2022-10-30 02:00,2\n2022-10-30 02:00,3\n2022-10-30 03:00,4\n";
    assert!(message(text, "").contains("comes twice"));
    let (series, _) = csv(text, "zone = \"Europe/Berlin\"").unwrap();
    assert_eq!(times(&series)[3], "2022-10-30T02:00:00");
    assert_eq!(
        series.labels(1..3),
        ["2022-10-30 02:00+02:00", "2022-10-30 02:00+01:00"]
    );
    let bad = message(
        "t,x\n2022-03-27 01:00,1\n2022-03-27 02:00,2\n",
        "zone = \"Europe/Berlin\"",
    );
    assert!(
        bad.contains("line 3") && bad.contains("does not exist in Europe/Berlin"),
        "{bad}"
    );
    let bad = message(text, "zone = \"Europe/Berln\"");
    assert!(
        bad.starts_with("`data.zone`: there is no time zone `Europe/Berln`"),
        "{bad}"
    );
}

/// `pd.to_datetime([1648306800, 1648393200], unit="s", utc=True).tz_convert("Asia/Seoul")`: midnights of 27 and 28 March.
#[test]
fn unix_time_becomes_local_dates_of_a_zone() {
    let (series, _) = csv(
        "ts,x\n1648306800,1\n1648393200,2\n1648479600,3\n",
        "zone = \"Asia/Seoul\"",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        [
            "2022-03-27T00:00:00",
            "2022-03-28T00:00:00",
            "2022-03-29T00:00:00"
        ]
    );
}

#[test]
fn an_offset_that_some_rows_lack_is_located() {
    let bad = message(
        "t,x\n2022-03-27T00:00+01:00,1\n2022-03-27T01:00+01:00,2\n2022-03-27T02:00,3\n",
        "",
    );
    assert!(bad.starts_with("`a.csv`, line 4, column `t`"), "{bad}");
    assert!(bad.contains("it has no offset from UTC"), "{bad}");
}

#[test]
fn numbers_called_times_that_are_none_are_left_out() {
    let (series, report) = csv("time,x\n0.0,1\n0.5,2\n1.0,3\n", "").unwrap();
    assert_eq!(
        (series.times.as_ref(), series.names),
        (None, vec!["x".to_owned()])
    );
    assert!(
        report
            .to_string()
            .contains("left out time (numbers that are not read as times"),
        "{report}"
    );
    let (series, _) = csv(
        "time,x\n0.0,1\n0.5,2\n1.0,3\n",
        "columns = [\"time\", \"x\"]",
    )
    .unwrap();
    assert_eq!(series.names, ["time", "x"]);
}

/// R writes row numbers and the decimal years of a monthly `ts`; pandas an index without a name.
#[test]
fn row_numbers_are_no_input() {
    let mut text = String::from("\"rownames\",\"time\",\"value\"\n");
    for row in 0..24 {
        text += &format!(
            "\"{}\",{:.6},{row}\n",
            row + 1,
            2012.0 + f64::from(row) / 12.0
        );
    }
    let (series, report) = csv(&text, "").unwrap();
    assert_eq!(
        (series.step, series.names),
        (Some(Step::Months(1)), vec!["value".to_owned()])
    );
    assert_eq!(report.time.unwrap().last.to_string(), "2013-12-01T00:00:00");
    for text in [
        "Unnamed: 0,x\n0,1\n1,2\n",
        ",x\n0,1\n1,2\n",
        ",x\n7,1\n9,2\n",
        "index,x\n1,5\n2,6\n",
    ] {
        let (series, report) = csv(text, "").unwrap();
        assert_eq!(series.names, ["x"], "{text}");
        assert!(report.to_string().contains("(row numbers;"), "{report}");
    }
    let (series, _) = csv("index,x\n3,1\n1,2\n", "").unwrap();
    assert_eq!(series.names, ["index", "x"]);
}

#[test]
fn a_date_and_a_clock_time_are_found_together() {
    let rows = |hour: fn(i32) -> String| -> String {
        (0..48)
            .map(|row| format!("2021-01-{:02};{};{row}\n", 10 + row / 24, hour(row % 24)))
            .collect()
    };
    type Write = fn(i32) -> String;
    let cases: [(&str, Write); 5] = [
        ("Date;Time;Power", |hour| format!("{hour:02}:00:00")),
        ("Date;Hour;Power", |hour| hour.to_string()),
        ("Date;Time;Power", |hour| format!("{}", hour * 100)),
        ("Date;von;Power", |hour| format!("{hour}:00")),
        ("Date;Time;Power", |hour| {
            format!(
                "{}:00 {}",
                (hour + 11) % 12 + 1,
                if hour < 12 { "AM" } else { "PM" }
            )
        }),
    ];
    for (head, hour) in cases {
        let text = format!("{head}\n{}", rows(hour));
        let (series, report) = csv(&text, "").unwrap();
        assert_eq!(times(&series)[47], "2021-01-11T23:00:00", "{head}");
        assert_eq!(series.names, ["Power"]);
        assert!(
            report.to_string().contains("data.time = [\"Date\", \"T") || !head.contains("Time"),
            "{report}"
        );
    }
    let bad = message(
        &format!(
            "Date;Time;Power\n{}",
            rows(|hour| format!("{hour:02}:00:00"))
        ),
        "time = \"Date\"",
    );
    assert!(
        bad.contains("set data.time to [\"Date\", \"Time\"]"),
        "{bad}"
    );
}

#[test]
fn new_rows_of_a_trained_model_are_read_alike() {
    let known = |step| Known {
        columns: vec!["t".into()],
        form: "%d/%m/%Y".into(),
        step: Some(step),
        ..Known::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str, known: &Known| {
        fs::write(folder.path().join("a.csv"), text).unwrap();
        let config = SourceConfig {
            files: vec!["a.csv".into()],
            ..SourceConfig::default()
        };
        read_series_like(&config, folder.path(), Some(known))
            .unwrap()
            .0
    };
    // Two rows say neither the order of day and month nor the step.
    let series = read("t,x\n01/02/2021,1\n01/03/2021,2\n", &known(Step::Months(1)));
    assert_eq!(series.label(series.next_times(1).unwrap()[0]), "2021-04");
    let five = Step::Weekdays(crate::WeekdaySet::MONDAY_TO_FRIDAY);
    let series = read("t,x\n07/01/2021,1\n08/01/2021,2\n", &known(five));
    assert_eq!(series.label(series.next_times(1).unwrap()[0]), "2021-01-11");
    let series = read("t,x\n08/01/2021,2\n", &known(five));
    assert_eq!(series.step, Some(five));
    // Rows of every hour contradict a step of a month.
    let series = read(
        "t,x\n07/01/2021 01:00,1\n07/01/2021 02:00,2\n",
        &known(Step::Months(1)),
    );
    assert_ne!(series.step, Some(Step::Months(1)));
    // Every mark has three digits behind it: what the model knows decides.
    let decimal = Known {
        decimal: Some('.'),
        ..known(Step::Months(1))
    };
    let series = read("t,x\n01/02/2021,100.000\n01/03/2021,180\n", &decimal);
    assert_eq!(series.columns[0], [100.0, 180.0]);
    let comma = Known {
        decimal: Some(','),
        ..decimal
    };
    let series = read("t,x\n01/02/2021,100.000\n01/03/2021,180\n", &comma);
    assert_eq!(series.columns[0], [100_000.0, 180.0]);
    // Hours of a clock one hour before UTC, whatever offsets the new rows have: datetime.astimezone(timezone(timedelta(hours=1))).
    let hours = Known {
        form: "%Y-%m-%d".into(),
        offset: Some(3600),
        ..known(Step::Duration(jiff::SignedDuration::from_hours(1)))
    };
    for text in [
        "t,x\n2022-01-03T05:00:00Z,1\n2022-01-03T06:00:00Z,2\n",
        "t,x\n2022-01-03T06:00:00+01:00,1\n2022-01-03T08:00:00+02:00,2\n",
    ] {
        let series = read(text, &hours);
        assert_eq!(
            times(&series),
            ["2022-01-03T06:00:00", "2022-01-03T07:00:00"]
        );
    }
    // A model of a zone reads what has offsets in it: pd.Timestamp("2022-07-01T15:00+09:00").tz_convert("Europe/Berlin").
    let zone = Known {
        style: TimeStyle::Zone(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()),
        offset: None,
        ..hours.clone()
    };
    let series = read(
        "t,x\n2022-07-01T15:00+09:00,1\n2022-07-01T16:00+09:00,2\n",
        &zone,
    );
    assert_eq!(
        series.label(series.times.as_ref().unwrap()[0]),
        "2022-07-01 08:00+02:00"
    );
    // Days of a place nine hours away are put on the clock.
    let series = read(
        "t,x\n2022-03-26T09:00:00+09:00,1\n2022-03-27T09:00:00+09:00,2\n",
        &hours,
    );
    assert_eq!(times(&series)[0], "2022-03-26T01:00:00");
    // Days stay the days that they are.
    let days = Known {
        step: Some(Step::Duration(jiff::SignedDuration::from_hours(24))),
        ..hours
    };
    let series = read(
        "t,x\n2022-03-26T00:00:00+01:00,1\n2022-03-28T00:00:00+02:00,2\n",
        &days,
    );
    assert_eq!(
        times(&series),
        ["2022-03-26T00:00:00", "2022-03-28T00:00:00"]
    );
}
