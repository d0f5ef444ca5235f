//! Duplicates, gaps, resampling, missing values and cells that are no numbers.

use super::*;

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
fn columns_of_words_are_left_out_and_slips_are_told() {
    let (series, report) = csv("t,wind,x,empty\n2020-01-01,NW,1,\n2020-01-02,S,2,\n", "").unwrap();
    assert_eq!(series.names, ["x"]);
    assert_eq!(
        report
            .skipped
            .iter()
            .map(|s| s.reason.as_str())
            .collect::<Vec<_>>(),
        ["text, e.g. \"NW\"", "all values missing"]
    );
    assert_eq!(
        message("x\n1\n2\noops\n", ""),
        "`a.csv`, line 4, column `x`: \"oops\" is not a number; correct it, add it to data.na if it means \"no value\", or leave the column out of data.columns"
    );
    let (series, _) = csv("x;y\n1,5;2\n", "columns = [\"x\"]").unwrap();
    assert_eq!(series.columns, [[1.5]]);
    assert!(
        message("x,w\n1,a\n", "columns = [\"w\"]").contains("column `w`: \"a\" is not a number")
    );
    assert_eq!(
        message("w,v\na,b\nc,d\n", ""),
        "`a.csv` has no column of numbers; besides the time it has: w (text, e.g. \"a\"), v (text, e.g. \"b\")"
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
