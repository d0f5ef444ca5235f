//! Layouts of small texts; whole readings are tested with the series.

use super::*;

fn find(text: &str, purpose: Purpose) -> Result<Layout, String> {
    let keys = DialectConfig::default();
    Layout::find(text, &keys, purpose, Path::new("a.csv")).map_err(|error| error.to_string())
}

fn delimiter(text: &str) -> char {
    char::from(find(text, Purpose::Series).unwrap().dialect.delimiter)
}

#[test]
fn rows_decide_the_delimiter() {
    assert_eq!(
        delimiter("Datum;Temperatur, Mittel\n2021-01-01;8,0\n2021-01-02;8,2\n"),
        ';'
    );
    assert_eq!(
        delimiter("Date, UTC|Flow, m3/s|Stage, m\n2021-01-01|1,5|2,5\n2021-01-02|1,7|2,6\n"),
        '|'
    );
    assert_eq!(
        delimiter("time;a b;c d\n2021-01-01 00:00;1;2\n2021-01-01 01:00;3;4\n"),
        ';'
    );
    assert_eq!(
        delimiter("date time,value\n2021-01-01 00:00,5.0\n2021-01-01 01:00,6.0\n"),
        ','
    );
    assert_eq!(
        delimiter("date time value\n2021-01-01 00:00 5.0\n2021-01-01 01:00 6.0\n"),
        ' '
    );
    assert_eq!(delimiter("\"a;b\",\"c;d\"\n1,2\n3,4\n"), ',');
    assert_eq!(delimiter("value\n1,5\n2,5\n"), '\u{1f}');
}

#[test]
fn two_delimiters_that_fit_are_a_question() {
    let message = find("a;b,c\nx;y,z\nu;v,w\n", Purpose::Series).unwrap_err();
    assert!(
        message.starts_with("`data.delimiter`: the rows of `a.csv` fit"),
        "{message}"
    );
}

#[test]
fn what_stands_above_the_rows() {
    let text = "Station 12\nFirmware 3.1\n\ntime,temp,flow\n2021-01-01,1,2\n2021-01-02,3,4\n2021-01-03,5,6\n";
    let layout = find(text, Purpose::Series).unwrap();
    assert_eq!((layout.line, layout.titles), (4, 2));
    let text = "# a\n# time,flow\n2021-01-01,1.5\n2021-01-02,2.5\n";
    let layout = find(text, Purpose::Series).unwrap();
    assert_eq!(layout.above.unwrap(), ["time", "flow"]);
    assert_eq!((layout.line, layout.comments, layout.is_data), (3, 2, true));
    let layout = find("sep=;\na;b\n1;2\n", Purpose::Series).unwrap();
    assert_eq!(
        (layout.line, layout.dialect.delimiter, layout.says_separator),
        (2, b';', true)
    );
    let text = "time,temp,flow\n,°C,m3/s\n2021-01-01,1,2\n2021-01-02,3,4\n2021-01-03,5,6\n2021-01-04,7,8\n";
    let layout = find(text, Purpose::Series).unwrap();
    assert_eq!(layout.units.unwrap(), (2, "°C, m3/s".into()));
    // A header whose names are years is one; a first row of times and numbers is not.
    assert!(
        !find(
            "country,1990,1991\nFrance,1.5,2.5\nItaly,3.5,4.5\n",
            Purpose::Series
        )
        .unwrap()
        .is_data
    );
    assert!(
        find("2021-01-01,1.5\n2021-01-02,2.5\n", Purpose::Series)
            .unwrap()
            .is_data
    );
}

#[test]
fn texts_are_what_they_are() {
    let layout = find("# fun day\tp\n# sad day\tn\n", Purpose::Texts).unwrap();
    assert_eq!(
        (layout.line, layout.comments, layout.dialect.delimiter),
        (1, 0, b'\t')
    );
    let message = find("a,b\n1,\0\n", Purpose::Series).unwrap_err();
    assert!(
        message.starts_with("`a.csv`, line 2: it holds a zero byte"),
        "{message}"
    );
}
