//! Every way to write one table: delimiter × decimal mark × thousands × quotes × header × comments. What the cells hold is known by
//! construction.

use super::*;

const VALUES: [f64; 9] = [
    0.5,
    -12.25,
    999.75,
    1234.5,
    1_234_567.125,
    7.0,
    12_000.0,
    -1000.5,
    3.25,
];

/// A number with the marks given.
fn write(value: f64, decimal: char, thousands: Option<char>) -> String {
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if let Some(mark) = thousands
            && place > 0
            && (whole.len() - place).is_multiple_of(3)
        {
            grouped.push(mark);
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    match fraction {
        "" => format!("{sign}{grouped}"),
        fraction => format!("{sign}{grouped}{decimal}{fraction}"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Head {
    Plain,
    Hash,
    Titles,
}

#[test]
fn every_way_to_write_a_table() {
    let mut read_files = 0;
    for delimiter in [',', ';', '\t', '|', ' '] {
        for (decimal, thousands) in [
            ('.', None),
            (',', None),
            ('.', Some(',')),
            (',', Some('.')),
            ('.', Some('\'')),
            (',', Some('\u{202f}')),
        ] {
            for quoted in [false, true] {
                for head in [Head::Plain, Head::Hash, Head::Titles] {
                    for comments in [0, 2] {
                        let is_clash =
                            !quoted && [Some(decimal), thousands].contains(&Some(delimiter));
                        if is_clash || delimiter == ' ' && thousands == Some('\u{202f}') {
                            continue;
                        }
                        one(delimiter, decimal, thousands, quoted, head, comments);
                        read_files += 1;
                    }
                }
            }
        }
    }
    assert!(read_files >= 60, "{read_files}");
}

fn one(
    delimiter: char,
    decimal: char,
    thousands: Option<char>,
    quoted: bool,
    head: Head,
    comments: usize,
) {
    let cell = |text: &str| match quoted {
        true => format!("\"{text}\""),
        false => text.to_owned(),
    };
    let mut text = "# a comment, with; marks\n".repeat(comments);
    match head {
        Head::Plain => {}
        Head::Hash => text.push('#'),
        Head::Titles => text += "Station\nAll of 2021\n\n",
    }
    let names = ["date", "flow", "count"].map(|name| match head {
        Head::Hash => name.to_owned(),
        _ => cell(name),
    });
    text += &(names.join(&delimiter.to_string()) + "\n");
    for (day, value) in (1..).zip(VALUES) {
        let number = write(value, decimal, thousands);
        let cells = [format!("2021-01-{day:02}"), number, day.to_string()].map(|text| cell(&text));
        text += &(cells.join(&delimiter.to_string()) + "\n");
    }
    let what =
        format!("{delimiter:?} {decimal} {thousands:?} {quoted} {head:?} {comments}\n{text}");
    // A title of several words looks like a row of them between blanks.
    if head == Head::Titles && delimiter == ' ' {
        return;
    }
    let (series, report) = csv(&text, "").unwrap_or_else(|error| panic!("{error}\n{what}"));
    assert_eq!(series.names, ["flow", "count"], "{what}");
    assert_eq!(series.columns[0], VALUES, "{what}");
    assert_eq!(
        series.columns[1],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        "{what}"
    );
    assert_eq!(times(&series)[8], "2021-01-09T00:00:00", "{what}");
    let said = report.files[0].dialect.clone().unwrap();
    assert_eq!(
        said.contains("comment line"),
        comments > 0 || head == Head::Hash,
        "{said}"
    );
    assert_eq!(
        said.contains("above the header passed over"),
        head == Head::Titles,
        "{said}"
    );
}

#[test]
fn points_that_can_be_both_are_a_question() {
    let rows = |sep: &str| {
        let numbers = ["900", "950", "998", "1.005", "1.012"];
        let row = |(day, number): (usize, &&str)| format!("2021-01-{:02}{sep}{number}\n", day + 1);
        let rows: String = numbers.iter().enumerate().map(row).collect();
        format!("datum{sep}umsatz\n{rows}")
    };
    for sep in [";", ",", "\t"] {
        let said = message(&rows(sep), "");
        assert!(
            said.starts_with(
                "`data.decimal`: `a.csv`, line 5, column `umsatz`: \"1.005\" can be 1.005 or 1005"
            ),
            "{said}"
        );
    }
    let read = |toml: &str| csv(&rows(";"), toml).unwrap().0.columns[0][3];
    assert_eq!(read("decimal = \".\""), 1.005);
    assert_eq!(read("decimal = \",\""), 1005.0);
    assert_eq!(read("thousands = \".\""), 1005.0);
    assert_eq!(read("thousands = \"\""), 1.005);
    // Another column says which mark is which.
    let text = "t;a;b\n1;900;1,5\n2;1.005;2,5\n3;1.100;3,5\n";
    assert_eq!(
        csv(text, "columns = [\"a\"]").unwrap().0.columns[0],
        [900.0, 1005.0, 1100.0]
    );
    let text = "t;a;b\n1;900;1.5\n2;1.005;2.5\n3;1.100;3.5\n";
    assert_eq!(
        csv(text, "columns = [\"a\"]").unwrap().0.columns[0],
        [900.0, 1.005, 1.1]
    );
    // Between commas a comma in quotes groups digits.
    let text = "date,revenue\n2021-01-01,\"998\"\n2021-01-02,\"1,005\"\n2021-01-03,\"1,012\"\n";
    let (series, report) = csv(text, "").unwrap();
    assert_eq!(series.columns[0], [998.0, 1005.0, 1012.0]);
    assert!(
        report.to_string().contains("thousands with `,`"),
        "{report}"
    );
}

#[test]
fn signs_and_units_of_numbers() {
    let text =
        "t,share,won,change\n1,5 %,\"₩1,000\",(12)\n2,7.5 %,₩900,\u{2212}3\n3,0 %,\"₩12,000\",4\n";
    let (series, report) = csv(text, "columns = [\"share\", \"won\", \"change\"]").unwrap();
    assert_eq!(
        series.columns,
        [
            [5.0, 7.5, 0.0],
            [1000.0, 900.0, 12000.0],
            [-12.0, -3.0, 4.0]
        ]
    );
    assert!(report.to_string().contains("`%` left out"), "{report}");
    let said = message("t,x\n1,5 %\n2,0.06\n3,7 %\n", "columns = [\"x\"]");
    assert!(
        said.starts_with("`a.csv`, line 3, column `x`: \"0.06\" is not a number"),
        "{said}"
    );
    let said = message("t;x\n1;8,0\n2;8,5\n3;8.2\n", "columns = [\"x\"]");
    assert!(
        said.starts_with("`a.csv`, line 4, column `x`: \"8.2\" is not a number; it is one, but"),
        "{said}"
    );
    let (series, report) = csv("x,on\n1,true\n2,false\n", "").unwrap();
    assert_eq!(series.names, ["x"]);
    assert!(report.skipped[0].reason.contains("true and false"));
    assert_eq!(
        csv("x,on\n1,yes\n2,no\n", "columns = [\"on\"]")
            .unwrap()
            .0
            .columns[0],
        [1.0, 0.0]
    );
}

#[test]
fn first_rows_that_name_nothing() {
    let (series, report) = csv("#date,flow\n2021-01-01,5.0\n2021-01-02,5.2\n", "").unwrap();
    assert_eq!(
        (series.names.as_slice(), series.columns[0].as_slice()),
        (&["flow".to_owned()][..], &[5.0, 5.2][..])
    );
    assert!(
        report.files[0]
            .dialect
            .as_ref()
            .unwrap()
            .contains("names in the comment above line 2")
    );
    let said = message("2021-01-01,5.0\n2021-01-02,5.2\n", "");
    assert!(
        said.contains("line 1: the first row is one of data"),
        "{said}"
    );
    let (series, _) = csv(
        "2021-01-01,5.0\n2021-01-02,5.2\n",
        "header = [\"date\", \"flow\"]",
    )
    .unwrap();
    assert_eq!(series.columns[0], [5.0, 5.2]);
    // Names that are given stand for those of a header that is there.
    let text = "date,x,x\n2021-01-01,1,2\n2021-01-02,3,4\n2021-01-03,5,6\n";
    let (series, _) = csv(text, "header = [\"date\", \"a\", \"b\"]").unwrap();
    assert_eq!(series.columns, [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
}

#[test]
fn lines_that_are_no_rows_are_counted() {
    let text = "date,x\n2021-01-01,1\n#2021-01-02,2\n2021-01-03,3\n";
    let said = message(text, "");
    assert!(said.contains("#2021-01-02"), "{said}");
    let (series, report) = csv(text, "comment = \"#\"").unwrap();
    assert_eq!(series.columns[0], [1.0, 3.0]);
    assert!(
        report.files[0]
            .dialect
            .as_ref()
            .unwrap()
            .contains("1 comment line passed over")
    );
    let said = message("date,x\n2021-01-01,1\n# a note\n2021-01-03,3\n", "");
    assert!(said.contains("set data.comment = \"#\""), "{said}");
    let (series, report) = csv("date,x,\n2021-01-01,1,\n2021-01-02,2,\n", "").unwrap();
    assert_eq!(series.columns, [[1.0, 2.0]]);
    assert!(
        report.files[0]
            .dialect
            .as_ref()
            .unwrap()
            .contains("ends each line")
    );
    let (series, report) = csv("date,x\n2021-01-01,1\n2021-01-02,2\n,\n,\n", "").unwrap();
    assert_eq!(series.columns, [[1.0, 2.0]]);
    assert!(
        report.files[0]
            .dialect
            .as_ref()
            .unwrap()
            .contains("2 empty rows at the end")
    );
    // As R's write.table() writes a data frame.
    let (series, report) = csv("\"a\" \"b\"\n\"1\" 1.5 2\n\"2\" 2.5 3\n", "").unwrap();
    assert_eq!(series.columns, [[1.5, 2.5], [2.0, 3.0]]);
    assert!(
        report.files[0]
            .dialect
            .as_ref()
            .unwrap()
            .contains("numbers of the rows passed over")
    );
}

#[test]
fn encodings_by_what_they_say() {
    let western = b"datum;Temp [\xb0C]\n2021-01-01;8.0\n2021-01-02;8.2\n";
    let (series, report) = read(&[("a.csv", western)], "").unwrap();
    assert_eq!(
        (series.names[0].as_str(), report.files[0].encoding),
        ("Temp [°C]", Some("windows-1252"))
    );
    let said = read(&[("a.csv", b"datum;x\xc0\xc1\n2021-01-01;8.0\n")], "").unwrap_err();
    assert!(
        said.starts_with("`data.encoding`: `a.csv`, line 1"),
        "{said}"
    );
}

#[test]
fn rows_of_numbers_behind_labels_have_no_header() {
    let text = "a,0.09,0.40,0.35\nb,0.2,0.1,0.4\na,0.3,0.4,0.1\n";
    let said = message(text, "");
    assert!(said.contains("data.header"), "{said}");
    // Doses are names of counts.
    let (series, _) = csv("gene,0.5,2.0,0.1\nx,3,4,5\ny,4,6,6\n", "").unwrap();
    assert_eq!(series.names, ["0.5", "2.0", "0.1"]);
    // Wavelengths rise: they are names.
    let (series, _) = csv("sample,400.5,401.0,401.5\nx,1,2,3\ny,4,5,6\n", "").unwrap();
    assert_eq!(series.names, ["400.5", "401.0", "401.5"]);
}

#[test]
fn units_in_a_comment_below_the_names() {
    let rows = "2021-01-01,5.0\n2021-01-02,6.0\n2021-01-03,6.5\n";
    let (series, _) = csv(&format!("#date,flow\n# d,m3/s\n{rows}"), "").unwrap();
    assert_eq!(series.names, ["flow"]);
    let (series, _) = csv(&format!("# Berlin, Germany\n# t,y\n{rows}"), "").unwrap();
    assert_eq!(series.names, ["y"]);
    let (series, _) = csv(&format!("# made by a logger, v2\n#date,flow\n{rows}"), "").unwrap();
    assert_eq!(series.names, ["flow"]);
}

#[test]
fn a_page_is_no_table() {
    for page in [
        "<!DOCTYPE html>\n<html><body>404, not found</body></html>\n",
        "\n<HTML lang=\"en\">\n<a,b>\n",
    ] {
        let said = message(page, "");
        assert!(said.contains("a web page, not a table"), "{said}");
    }
}

#[test]
fn a_title_with_empty_cells_beside_it_is_no_header() {
    for text in [
        "Sales of 2021,\ndate,y\n2021-01-01,5\n2021-01-02,6\n2021-01-03,7\n",
        "Sales of 2021;\n;\ndate;y\n2021-01-01;5\n2021-01-02;6\n2021-01-03;7\n",
    ] {
        let (series, _) = csv(text, "").unwrap();
        assert_eq!(
            (series.names, series.columns),
            (vec!["y".to_string()], vec![vec![5.0, 6.0, 7.0]])
        );
    }
    // A sparse table keeps its rows.
    let sparse =
        "station,,\n1,1,\n2,,2\n3,x,3\n4,4,5\n5,6,7\n6,8,9\n7,1,2\n8,1,2\n9,2,3\n10,3,4\n11,4,5\n";
    let said = message(sparse, "");
    assert!(said.contains("line 4"), "{said}");
    // Nothing is left of a header of one empty cell.
    message("\"\"\n1,\n2,\n3,\n", "");
    // A column without a name is one.
    let (series, _) = csv("date,\n2021-01-01,5\n2021-01-02,6\n2021-01-03,7\n", "").unwrap();
    assert_eq!(series.names, ["c2"]);
}
