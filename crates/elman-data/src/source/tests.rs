//! Whole readings, from files on disk to a series or a message.

use std::fs;

use proptest::prelude::*;

use super::*;

/// Files in a temporary folder and a `[data]` table, read.
fn read(files: &[(&str, &[u8])], toml: &str) -> Result<(Series, ReadReport), String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let mut config: SourceConfig = toml::from_str(toml).unwrap_or_else(|error| panic!("{error}"));
    if config.files.is_empty() {
        config.files = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    }
    // Messages name the file as it was asked for; the folder's random name is cut out for comparison.
    let prefix = format!("{}/", folder.path().display());
    read_series(&config, folder.path()).map_err(|error| error.to_string().replace(&prefix, ""))
}

fn csv(text: &str, toml: &str) -> Result<(Series, ReadReport), String> {
    read(&[("a.csv", text.as_bytes())], toml)
}

fn message(text: &str, toml: &str) -> String {
    csv(text, toml).expect_err("the reading should fail")
}

fn times(series: &Series) -> Vec<String> {
    series
        .times
        .as_ref()
        .unwrap()
        .iter()
        .map(|time| time.to_string())
        .collect()
}

#[test]
fn a_plain_file_needs_no_settings() {
    let (series, report) = csv(
        "\"Month\",\"Passengers\"\n\"1949-01\",112\n\"1949-02\",118\n\"1949-03\",132\n",
        "",
    )
    .unwrap();
    assert_eq!(series.names, ["Passengers"]);
    assert_eq!(series.column("Passengers").unwrap(), [112.0, 118.0, 132.0]);
    assert_eq!(series.step, Some(Step::Months(1)));
    assert_eq!(
        (series.inputs.as_slice(), series.targets.as_slice()),
        (&[0][..], &[0][..])
    );
    let time = report.time.as_ref().unwrap();
    assert_eq!(
        (time.columns.as_slice(), time.found, time.order),
        (&["Month".to_owned()][..], true, Order::Ascending)
    );
}

#[test]
fn delimiters_comments_blank_lines_and_quotes() {
    let text = "# made by hand\n\n\"a;b\";c\n# a comment between\n1;2\n\n\"3\";\"4\"\n";
    let (series, _) = csv(text, "").unwrap();
    assert_eq!(series.names, ["a;b", "c"]);
    assert_eq!(series.columns, [[1.0, 3.0], [2.0, 4.0]]);
    let (series, _) = csv("% note\na|b\n1|2\n", "comment = \"%\"\ndelimiter = \"|\"").unwrap();
    assert_eq!(series.columns, [[1.0], [2.0]]);
    let (series, _) = read(&[("a.tsv", b"a\tb\r\n1\t2\r\n")], "").unwrap();
    assert_eq!(series.columns, [[1.0], [2.0]]);
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let text = "# comment\nname,x\n\"two\nlines\",1\n\n# comment\nword,oops\n";
    let message = message(text, "columns = [\"x\"]");
    assert!(
        message.starts_with("`a.csv`, line 7, column `x`: \"oops\" is not a number"),
        "{message}"
    );
}

#[test]
fn files_without_header_or_time() {
    let (series, report) = csv(
        "1,2\n3,4\n",
        "header = [\"x\", \"y\"]\nnewest_first = true\ntargets = [\"y\"]",
    )
    .unwrap();
    assert_eq!(series.columns, [[3.0, 1.0], [4.0, 2.0]]);
    assert_eq!(
        (series.inputs.as_slice(), series.targets.as_slice()),
        (&[0, 1][..], &[1][..])
    );
    assert!(report.reversed && report.to_string().contains("turned round"));
    assert_eq!(
        csv("1,2\n3,4\n", "header = false").unwrap().0.names,
        ["c1", "c2"]
    );
    assert_eq!(series.labels(0..2), ["0", "1"]);
    assert_eq!(series.next_times(3), None);
}

#[test]
fn korean_files_of_several_years() {
    let encode = |text: &str| encoding_rs::EUC_KR.encode(text).0.into_owned();
    let a = encode("일시,기온,비\n2014-12-30,1.5,\n2014-12-31,2.5,3\n");
    let b = encode("일시,비,기온,눈\n2015-01-01,,3.5,9\n");
    let toml = "files = [\"day_*.csv\"]\ncolumns = [\"기온\", \"비\"]\nmissing_by_column = { \"비\" = \"zero\" }";
    let files: [(&str, &[u8]); 3] = [
        ("day_2015.csv", &b),
        ("day_2014.csv", &a),
        ("other.csv", b"x\n1\n"),
    ];
    let (series, report) = read(&files, toml).unwrap();
    assert_eq!(series.columns, [[1.5, 2.5, 3.5], [0.0, 3.0, 0.0]]);
    assert_eq!(report.files[0].encoding, Some("CP949"));
    assert_eq!(report.columns[1].missing, 2);
    assert_eq!(
        report.columns[1].first_missing.as_deref(),
        Some("day_2014.csv, line 2")
    );
    let all = read(&files, "files = [\"day_*.csv\"]\nmissing = \"zero\"").unwrap_err();
    assert_eq!(
        all,
        "`day_2015.csv` has a column `눈` that `day_2014.csv` lacks; name the columns that all files have in data.columns"
    );
}

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
fn duplicates_follow_the_rule() {
    let text = "t,x\n2020-01-01,1\n2020-01-02,2\n2020-01-02,4\n2020-01-03,\n2020-01-03,5\n";
    let one = |rule: &str| {
        csv(
            text,
            &format!("duplicates = \"{rule}\"\nmissing = \"zero\""),
        )
        .unwrap()
        .0
        .columns[0]
            .clone()
    };
    assert_eq!(one("first"), [1.0, 2.0, 0.0]);
    assert_eq!(one("last"), [1.0, 4.0, 5.0]);
    assert_eq!(one("mean"), [1.0, 3.0, 5.0]);
    assert_eq!(
        message(text, ""),
        "`a.csv`, line 4: the time 2020-01-02 00:00:00 comes twice (before that: `a.csv`, line 3; 2 such rows in all); set data.duplicates to \"first\", \"last\" or \"mean\""
    );
}

#[test]
fn gaps_are_reported_filled_or_refused() {
    let text = "t,x\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-06,6\n2020-01-07,7\n2020-01-08,8\n2020-01-10,10\n";
    let (series, report) = csv(text, "").unwrap();
    assert_eq!(series.len(), 7);
    let gaps = report.time.unwrap().gaps.unwrap();
    assert_eq!(
        (gaps.gaps, gaps.missing, gaps.largest, gaps.filled),
        (2, 3, 2, false)
    );
    assert_eq!(gaps.largest_after.to_string(), "2020-01-03T00:00:00");
    let (series, report) = csv(text, "gaps = \"fill\"\nmissing = \"interpolate\"").unwrap();
    assert_eq!(
        series.columns[0],
        (1..=10).map(f64::from).collect::<Vec<_>>()
    );
    assert_eq!(times(&series)[3], "2020-01-04T00:00:00");
    assert_eq!(report.columns[0].missing, 3);
    assert!(message(text, "gaps = \"fill\"").contains(
        "3 of 10 values are missing, the first at the inserted time 2020-01-04 00:00:00"
    ));
    assert!(message(text, "gaps = \"error\"").starts_with(
        "3 time stamps are missing from the regular step of 1 day, the first after 2020-01-03"
    ));
    let stray = "t,x\n2020-01-01 00:00,1\n2020-01-01 01:00,1\n2020-01-01 02:00,1\n2020-01-01 03:00,1\n2099-01-01 00:00,1\n";
    assert!(message(stray, "gaps = \"fill\"").starts_with("filling the gaps would insert 692516 rows into 5: the largest gap follows 2020-01-01 03:00:00"));
    assert!(
        message("x\n1\n", "gaps = \"fill\"").starts_with("`data.gaps`: there is no time column")
    );
}

#[test]
fn resampling() {
    let text =
        "t,x\n2020-01-01 01:00,1\n2020-01-01 23:00,3\n2020-01-03 12:00,5\n2020-02-01 00:00,7\n";
    let day = |how: &str| {
        csv(
            text,
            &format!("missing = \"zero\"\nresample = {{ every = \"1d\", how = \"{how}\" }}"),
        )
        .unwrap()
    };
    let (series, report) = day("mean");
    assert_eq!(series.columns[0][..4], [2.0, 0.0, 5.0, 0.0]);
    assert_eq!(
        (
            series.len(),
            report.time.as_ref().unwrap().gaps.as_ref().unwrap().missing
        ),
        (32, 29)
    );
    for (how, expected) in [
        ("sum", 4.0),
        ("first", 1.0),
        ("last", 3.0),
        ("min", 1.0),
        ("max", 3.0),
    ] {
        assert_eq!(day(how).0.columns[0][0], expected, "{how}");
    }
    let (series, _) = csv(text, "resample = { every = \"1mo\", how = \"sum\" }").unwrap();
    assert_eq!(
        (series.columns[0].as_slice(), series.step),
        (&[9.0, 7.0][..], Some(Step::Months(1)))
    );
    assert_eq!(series.labels(0..2), ["2020-01", "2020-02"]);
    let (series, _) = csv(text, "missing = \"zero\"\nresample = { every = \"1w\" }").unwrap();
    assert_eq!(
        times(&series)[0],
        "2019-12-30T00:00:00",
        "weeks begin on Monday"
    );
    let bad = message(text, "resample = { every = \"1 moon\" }");
    assert!(
        bad.starts_with("`data.resample.every`: \"1 moon\" is not a length of time"),
        "{bad}"
    );
}

#[test]
fn missing_values_follow_the_rule() {
    let text = "t,x,y\n2020-01-01,NA,1\n2020-01-02,2,?\n2020-01-03,,3\n2020-01-04,4,4\n";
    let columns = |rule: &str| {
        csv(text, &format!("missing = \"{rule}\""))
            .unwrap()
            .0
            .columns
    };
    assert_eq!(
        columns("interpolate"),
        [[2.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]
    );
    assert_eq!(
        columns("forward_fill"),
        [[2.0, 2.0, 2.0, 4.0], [1.0, 1.0, 3.0, 4.0]]
    );
    assert_eq!(
        columns("zero"),
        [[0.0, 2.0, 0.0, 4.0], [1.0, 0.0, 3.0, 4.0]]
    );
    assert_eq!(columns("drop"), [[4.0], [4.0]]);
    assert_eq!(
        message(text, ""),
        "column `x`: 2 of 4 values are missing, the first at `a.csv`, line 2; set data.missing (or data.missing_by_column.\"x\") to \"interpolate\", \"forward_fill\", \"drop\" or \"zero\" (blank means nothing happened)"
    );
    // y is missing only in a row that x drops
    let (series, report) =
        csv("x,y\n1,1\n,\n3,3\n", "missing_by_column = { x = \"drop\" }").unwrap();
    assert_eq!((series.len(), report.dropped), (2, 1));
    assert!(
        message(text, "missing_by_column = { z = \"drop\" }")
            .starts_with("`data.missing_by_column`: there is no column `z`")
    );
    assert_eq!(
        message(
            "x,y\n1,\n2,NA\n",
            "columns = [\"x\", \"y\"]\nmissing = \"interpolate\""
        ),
        "column `y`: all 2 values are missing; leave the column out of data.columns and data.targets"
    );
    assert!(
        message("x,y\n1,\n,2\n", "missing = \"drop\"")
            .starts_with("no rows are left after rows with missing values were dropped")
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

#[test]
fn columns_of_words_are_left_out_and_slips_are_told() {
    let (series, report) = csv("t,wind,x,empty\n2020-01-01,NW,1,\n2020-01-02,S,2,\n", "").unwrap();
    assert_eq!(series.names, ["x"]);
    assert_eq!(
        report
            .skipped
            .iter()
            .map(|s| s.reason.as_str())
            .collect::<Vec<_>>(),
        ["text, e.g. \"NW\"", "no values"]
    );
    assert_eq!(
        message("x\n1\n2\noops\n", ""),
        "`a.csv`, line 4, column `x`: \"oops\" is not a number; correct it, add it to data.na if it means \"no value\", or leave the column out of data.columns"
    );
    assert!(message("x;y\n1,5;2\n", "columns = [\"x\"]").ends_with(
        "\"1,5\" is not a number; write decimals with a point and thousands without a comma"
    ));
    assert!(
        message("x,w\n1,a\n", "columns = [\"w\"]").contains("column `w`: \"a\" is not a number")
    );
    assert_eq!(
        message("w,v\na,b\nc,d\n", ""),
        "`a.csv` has no column of numbers; the columns are: w, v"
    );
}

#[test]
fn infinity_is_an_error_and_nan_is_missing() {
    for text in ["inf", "-Infinity", "1e999"] {
        let bad = message(&format!("x\n1\n{text}\n"), "");
        assert_eq!(
            bad,
            format!(
                "`a.csv`, line 3, column `x`: \"{text}\" is infinite; correct it or add it to data.na so that it counts as missing"
            )
        );
    }
    assert_eq!(
        csv("x\n1\nNaN\n3\n", "missing = \"interpolate\"")
            .unwrap()
            .0
            .columns,
        [[1.0, 2.0, 3.0]]
    );
    assert_eq!(
        csv("x\n1\nNaN\n3\n", "na = []\nmissing = \"interpolate\"")
            .unwrap()
            .0
            .columns,
        [[1.0, 2.0, 3.0]]
    );
}

#[test]
fn a_constant_column_is_flagged() {
    let (_, report) = csv("x,y\n5,1\n5,2\n", "").unwrap();
    assert!(report.columns[0].constant && !report.columns[1].constant);
    assert!(report.to_string().contains("CONSTANT"));
}

#[test]
fn broken_tables_are_located() {
    assert_eq!(
        message("", ""),
        "`a.csv` is empty: there is nothing to learn from"
    );
    assert_eq!(
        message("# only\n", ""),
        "`a.csv` holds only comments: there is nothing to learn from"
    );
    assert_eq!(
        message("a,b\n", ""),
        "`a.csv` has a header but no rows: there is nothing to learn from"
    );
    assert_eq!(
        message("a,b\n1,2\n3\n", ""),
        "`a.csv`, line 3: 1 cells where the header has 2; if the delimiter is another one, set data.delimiter"
    );
    assert_eq!(
        message("a,b\n1,2,3\n", ""),
        "`a.csv`, line 2: 3 cells where the header has 2; a cell that holds the delimiter must stand in quotes"
    );
    assert_eq!(
        message("a,b\n1,2\n3,4\n\"5,6\n7,8\n", ""),
        "`a.csv`, line 4: 1 cells where the header has 2; a quote is opened there and never closed"
    );
    assert_eq!(
        message("a,a\n1,2\n", ""),
        "`a.csv`, line 1: two columns are named `a`; give every column its own name"
    );
    assert_eq!(
        message("# Open,High\n1,2\n3,4\n", ""),
        "`a.csv`, line 2: the header holds only numbers; if the file has no header, set data.header = false (columns c1, c2, …) or give the names: data.header = [\"Open\", \"High\"]"
    );
    assert!(
        message("a,b\n1,2\n", "header = [\"x\"]")
            .contains("2 cells where the header has 1 (data.header gives the names)")
    );
    assert!(
        message("a\n1\n", "delimiter = \"é\"")
            .starts_with("`data.delimiter`: 'é' cannot separate cells")
    );
}

#[test]
fn absent_files_and_columns_name_the_nearest() {
    let files: [(&str, &[u8]); 2] = [("prices.csv", b"Open,Close\n1,2\n"), ("notes.txt", b"")];
    let say = |toml: &str| read(&files, toml).unwrap_err();
    assert_eq!(
        say("files = [\"price.csv\"]"),
        "there is no file `price.csv`; did you mean `prices.csv`?; the folder holds: notes.txt, prices.csv"
    );
    assert_eq!(
        say("files = [\"*.parquet\"]"),
        "no file matches `*.parquet`; the folder holds: notes.txt, prices.csv"
    );
    assert!(
        say("files = [\"none/a.csv\"]").contains("there is no file `none/a.csv`; the folder `")
    );
    assert_eq!(
        say("files = [\"prices.csv\"]\ncolumns = [\"close\"]"),
        "`data.columns`: there is no column `close`; did you mean `Close`?; the columns are: Open, Close"
    );
    assert!(
        say("files = [\"prices.csv\"]\ntime = \"Date\"")
            .starts_with("`data.time`: there is no column `Date`")
    );
    assert!(
        toml::from_str::<SourceConfig>("colums = []")
            .unwrap_err()
            .to_string()
            .contains("unknown field `colums`")
    );
    assert_eq!(
        read(&[], "").unwrap_err(),
        "`data.files` is empty: name at least one file, e.g. files = [\"series.csv\"]"
    );
    assert!(
        read(&[("a.xlsx", b"PK")], "")
            .unwrap_err()
            .contains("cannot tell the format")
    );
}

#[test]
fn json_lines() {
    let text = "{\"t\": \"2020-01-01\", \"z\": 1, \"a\": 1.5}\n\n{\"z\": null, \"t\": \"2020-01-02\", \"b\": true}\n";
    let (series, report) = read(&[("a.jsonl", text.as_bytes())], "missing = \"zero\"").unwrap();
    assert_eq!(series.names, ["z", "a", "b"], "in the order of the keys");
    assert_eq!(series.columns, [[1.0, 0.0], [1.5, 0.0], [0.0, 1.0]]);
    assert_eq!((report.files[0].format, series.len()), ("jsonl", 2));
    let say = |text: &str| read(&[("a.jsonl", text.as_bytes())], "").unwrap_err();
    assert!(say("{\"x\": 1}\n{\"x\": }\n").starts_with(
        "`a.jsonl`, line 2: not a JSON object of plain values: expected value at character 7"
    ));
    assert_eq!(
        say("{\"x\": [1]}\n"),
        "`a.jsonl`, line 1: the value of `x` is a list or an object; only plain values can become columns"
    );
    assert_eq!(
        say("{\"x\": 1, \"x\": 2}\n"),
        "`a.jsonl`, line 1: the key `x` comes twice"
    );
    assert!(say("[1, 2]\n").contains("expected an object such as {\"time\""));
    assert_eq!(
        say(""),
        "`a.jsonl` is empty: there is nothing to learn from"
    );
}

/// A Parquet file of two row groups: a time in microseconds (or days), an optional double, a decimal and a text.
fn parquet_file(compression: ::parquet::basic::Compression) -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use ::parquet::file::{properties::WriterProperties, writer::SerializedFileWriter};
    let schema = "message m {
        required int64 t (TIMESTAMP(MICROS,false));
        optional double x;
        required int32 price (DECIMAL(9,2));
        required binary word (STRING);
        required int32 day (DATE);
        required int64 big (INTEGER(64,false));
    }";
    let schema =
        std::sync::Arc::new(::parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = std::sync::Arc::new(
        WriterProperties::builder()
            .set_compression(compression)
            .build(),
    );
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    for group in 0..2i64 {
        let mut rows = writer.next_row_group().unwrap();
        let hour = 3_600_000_000i64;
        let first = 1_577_836_800_000_000 + 2 * group * hour; // 2020-01-01
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[first, first + hour], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&[1.5 + group as f64], Some(&[1, 0]), None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[12345, -50], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&[ByteArray::from("a"), ByteArray::from("b")], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[18262, 18263], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = rows.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[-1, 7], None, None)
            .unwrap();
        column.close().unwrap();
        rows.close().unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn parquet() {
    use ::parquet::basic::{Compression, ZstdLevel};
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let bytes = parquet_file(compression);
        let (series, report) = read(&[("a.parquet", &bytes)], "missing = \"interpolate\"").unwrap();
        assert_eq!(series.names, ["x", "price", "big"]);
        assert_eq!(series.columns[0], [1.5, 2.0, 2.5, 2.5]);
        assert_eq!(series.columns[1], [123.45, -0.5, 123.45, -0.5]);
        assert_eq!(series.columns[2][0], u64::MAX as f64);
        assert_eq!(times(&series)[3], "2020-01-01T03:00:00");
        assert_eq!(
            report.columns[0].first_missing.as_deref(),
            Some("a.parquet, row 2")
        );
        assert_eq!(report.skipped.len(), 2, "the text and the second time");
    }
    let bytes = parquet_file(::parquet::basic::Compression::SNAPPY);
    let (series, _) = read(
        &[("a.parquet", &bytes)],
        "time = \"day\"\nduplicates = \"first\"\ncolumns = [\"price\"]",
    )
    .unwrap();
    assert_eq!(
        times(&series),
        ["2020-01-01T00:00:00", "2020-01-02T00:00:00"]
    );
    let bad = read(&[("a.parquet", &bytes)], "columns = [\"word\"]").unwrap_err();
    assert!(
        bad.starts_with("`a.parquet`, row 1, column `word`: \"a\" is not a number"),
        "{bad}"
    );
    let bad = read(&[("a.parquet", &bytes[..100])], "").unwrap_err();
    assert!(
        bad.starts_with("`a.parquet` is not a readable Parquet file: "),
        "{bad}"
    );
}

#[test]
fn the_configuration_survives_toml() {
    let toml = "files = [\"a.csv\"]\nheader = [\"x\"]\ntime = [\"none\"]\nmissing = \"drop\"\nresample = { every = \"1h\" }\n";
    let config: SourceConfig = toml::from_str(toml).unwrap();
    assert_eq!(config.time, TimeColumns::Columns(vec!["none".into()]));
    for config in [
        config,
        SourceConfig::default(),
        SourceConfig {
            time: TimeColumns::None,
            ..Default::default()
        },
    ] {
        assert_eq!(
            toml::from_str::<SourceConfig>(&toml::to_string(&config).unwrap()).unwrap(),
            config
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers_written_are_numbers_read(
        rows in prop::collection::vec((any::<f64>().prop_filter("finite", |v| v.is_finite()), -1e6f64..1e6), 1..30),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
    ) {
        let lines: String = rows.iter().map(|(a, b)| format!("{a}{delimiter}\"{b}\"\n")).collect();
        let (series, _) = csv(&format!("a{delimiter}b\n{lines}"), "").unwrap();
        prop_assert_eq!(&series.columns[0], &rows.iter().map(|row| row.0).collect::<Vec<_>>());
        prop_assert_eq!(&series.columns[1], &rows.iter().map(|row| row.1).collect::<Vec<_>>());
    }

    /// A damaged Parquet file may give a message or other numbers, but no panic.
    #[test]
    fn damaged_parquet_does_not_panic(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = parquet_file(::parquet::basic::Compression::SNAPPY);
        for (place, byte) in hits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&[("a.parquet", &bytes)], "missing = \"zero\"\nduplicates = \"first\"");
    }

    /// Nothing a file can hold makes the reader panic, and what it returns is complete and finite.
    #[test]
    fn any_bytes_give_a_series_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[-0-9a,;\"#\n./: ]{0,200}") {
        for (name, content) in [("a.csv", bytes.as_slice()), ("a.csv", text.as_bytes()), ("a.jsonl", &bytes), ("a.parquet", &bytes)] {
            for toml in ["", "header = false\nmissing = \"interpolate\"\nduplicates = \"mean\"\ngaps = \"fill\"", "header = false\nresample = { every = \"1d\" }\nmissing = \"zero\""] {
                if let Ok((series, _)) = read(&[(name, content)], toml) {
                    prop_assert!(series.columns.iter().all(|c| c.len() == series.len() && c.iter().all(|v| v.is_finite())));
                    prop_assert!(series.times.is_none_or(|t| t.windows(2).all(|pair| pair[0] < pair[1])));
                }
            }
        }
    }
}
