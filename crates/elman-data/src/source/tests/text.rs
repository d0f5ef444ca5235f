//! Delimited text: delimiters, comments, headers, encodings, several files, and what can be wrong with them.

use super::*;

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
    let (series, _) = csv(text, "comment = \"#\"").unwrap();
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
    let message = message(text, "columns = [\"x\"]\ncomment = \"#\"");
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
        "`a.csv`, line 3: expected 2 cells as in the header, found 1; if the delimiter is another one, set data.delimiter"
    );
    assert_eq!(
        message("a,b\n1,2,3\n", ""),
        "`a.csv`, line 2: expected 2 cells as in the header, found 3; a cell that holds the delimiter must stand in quotes"
    );
    assert_eq!(
        message("a,b\n1,2\n3,4\n\"5,6\n7,8\n", ""),
        "`a.csv`, line 4: a quote is opened there and never closed as it should be; close it and double the quotes inside, or set data.quote = \"\" if quotes are letters (data.quote = \"\\\"\" if the cell spans lines)"
    );
    assert_eq!(
        message("a,a\n1,2\n", ""),
        "`a.csv`, line 1: two columns are named `a`; give every column its own name, in the file or with data.header = [\"…\", …]"
    );
    assert_eq!(
        message("1,2\n3,4\n", ""),
        "`a.csv`, line 1: the first row is one of data, numbers or a time with numbers; if the file has no header, set data.header = false (columns c1, c2, …) or give the names: data.header = [\"…\", \"…\"]"
    );
    assert!(
        message("a,b\n1,2\n", "header = [\"x\"]")
            .contains("expected 1 cells as in the header, found 2 (data.header gives the names)")
    );
    assert!(
        message("a\n1\n", "delimiter = \"é\"")
            .starts_with("`data.delimiter`: 'é' cannot separate cells")
    );
}

#[test]
fn a_folder_s_name_is_not_a_pattern() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("run[1]");
    fs::create_dir(&base).unwrap();
    fs::write(base.join("b.csv"), "x\n2\n").unwrap();
    fs::write(base.join("a.csv"), "x\n1\n").unwrap();
    let config = SourceConfig {
        files: vec!["*.csv".into()],
        ..SourceConfig::default()
    };
    assert_eq!(
        read_series(&config, &base).unwrap().0.columns,
        [[1.0, 2.0]],
        "in the order of the names"
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
        read(&[("a.bin", b"\x01\x02")], "")
            .unwrap_err()
            .contains("cannot tell the format")
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
