//! Tables with a row for each sequence.

use std::path::Path;

use crate::signal::support::{fields, one, read, same, signal};
use crate::signal::{Example, LearnedTables, SignalConfig, read_signals};
use crate::text::support::with_files;

#[test]
fn a_header_a_label_and_shorter_rows() {
    let text = "label,subject,t1,t2,t3\nwalk,a,1,2.5,-3\n\n# a comment\n\"run, fast\",b,4,,5\nrun,b,6,,\nrun,b,7\n";
    let found = one("a.csv", text, "fields = \"subject\"\ncomment = \"#\"").unwrap();
    let values: [&[f64]; 4] = [&[1.0, 2.5, -3.0], &[4.0, f64::NAN, 5.0], &[6.0], &[7.0]];
    for (found, values) in found.iter().zip(values) {
        assert!(same(&found.signal, &signal(1, values)), "{found:?}");
    }
    let said: Vec<String> = found.iter().map(fields).collect();
    assert_eq!(
        said,
        [
            "label=walk subject=a",
            "label=run, fast subject=b",
            "label=run subject=b",
            "label=run subject=b"
        ]
    );
    assert!(
        found[1].place.ends_with("a.csv`, line 5"),
        "{}",
        found[1].place
    );
}

#[test]
fn without_a_header_as_in_the_ucr_archive() {
    let text = "1\t0.5\t?\t1\n-1\t2\tNaN\n";
    let found = one("a.tsv", text, "label = 1").unwrap();
    assert!(same(&found[0].signal, &signal(1, &[0.5, f64::NAN, 1.0])));
    // A NaN at the end makes a row as long as others; anywhere else it is a missing value.
    assert_eq!(found[1].signal, signal(1, &[2.0]));
    assert_eq!(
        found.iter().map(fields).collect::<Vec<_>>(),
        ["label=1", "label=-1"]
    );
    // Texts where labels stand do not make a header.
    assert_eq!(
        one("a.csv", "walk;1;2\nrun;3;4\n", "label = 1")
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        one("a.csv", "walk;1;2\nrun;3;4\n", "label = 1\nheader = true")
            .unwrap()
            .len(),
        1
    );
    // Without a label column nothing is one.
    assert_eq!(
        one("a.csv", "1,2\n3,4\n", "").unwrap()[1].signal,
        signal(1, &[3.0, 4.0])
    );
}

#[test]
fn columns_of_values_and_labels_by_other_names() {
    let text = "id,a,b,c,class\n7,1,2,3,x\n";
    let found = one(
        "a.csv",
        text,
        "columns = [\"c\", 2]\nlabel = \"class\"\nid = \"id\"\nlayout = \"wide\"",
    )
    .unwrap();
    assert_eq!(found[0].signal, signal(1, &[3.0, 1.0]));
    assert_eq!(fields(&found[0]), "class=x id=7");
    // A table to predict need not have the label.
    assert_eq!(
        fields(&one("a.csv", "a,b\n1,2\n", "label = \"class\"").unwrap()[0]),
        ""
    );
    assert_eq!(
        one("a.csv", "1,2\n3,4\n", "label = \"class\"")
            .unwrap()
            .len(),
        2
    );
}

/// A table to be answered, by whoever learned from rows of so many cells.
fn asked(name: &str, text: &str, toml: &str, columns: usize) -> Result<Vec<Example>, String> {
    let mut config: SignalConfig = toml::from_str(toml).unwrap();
    config.files = vec![name.into()];
    let learned = LearnedTables {
        columns: Some(columns),
        ..LearnedTables::default()
    };
    let read = |base: &Path| read_signals(&config, Some(&learned), base);
    with_files(&[(name, text.as_bytes())], read).map(|(examples, _)| examples)
}

/// The values of a table to be answered, and whether it was read without labels, by whoever learned the labels 1 and 2.
fn told(text: &str, toml: &str, columns: Option<usize>) -> Result<(Vec<Vec<f64>>, bool), String> {
    let mut config: SignalConfig = toml::from_str(toml).unwrap();
    config.files = vec!["a.csv".into()];
    let learned = LearnedTables {
        columns,
        labels: ["1", "2"].map(String::from).into(),
    };
    let read = |base: &Path| read_signals(&config, Some(&learned), base);
    let (examples, report) = with_files(&[("a.csv", text.as_bytes())], read)?;
    assert_eq!(
        report.to_string().contains("without a column of labels"),
        report.unlabelled > 0
    );
    let values = examples.into_iter().map(|one| one.signal.values);
    Ok((values.collect(), report.unlabelled > 0))
}

#[test]
fn labels_that_were_learned_tell_whether_a_table_has_them() {
    let (labelled, not) = ("2,0.5,7\n1,3\n", "0.5,7\n3,4,5\n");
    // Where rows differed there is no number of columns to go by.
    let all = vec![vec![0.5, 7.0], vec![3.0]];
    assert_eq!(told(labelled, "label = 1", None).unwrap(), (all, false));
    let all = vec![vec![0.5, 7.0], vec![3.0, 4.0, 5.0]];
    assert_eq!(told(not, "label = 1", None).unwrap(), (all, true));
    // A cell without a label is one.
    let found = told(",0.5,7\n?,3,4\n", "label = 1", None).unwrap();
    assert_eq!(found, (vec![vec![0.5, 7.0], vec![3.0, 4.0]], false));
    let unsure = |text: &str, columns| {
        let error = told(text, "label = 1", columns).unwrap_err();
        assert!(error.contains("cannot be told whether column 1"), "{error}");
    };
    unsure("0,5\n0,6\n", None);
    unsure("1,5\n3,6\n4,6\n", None);
    // A series of one value more is not cut at its first, nor is a label one of a series that is shorter.
    unsure("0.5,7,8\n3,4,5\n", Some(3));
    unsure("1,7\n2,8\n", Some(3));
    // Longer ones than those learned from.
    let found = told("1,7,8,9\n2,8,8,9\n", "label = 1", Some(3)).unwrap();
    assert_eq!(found, (vec![vec![7., 8., 9.], vec![8., 8., 9.]], false));
    assert!(told("3,7,8,9\n4,8,8,9\n", "label = 1", Some(3)).is_err());
    // A row too long is no reason to refuse the others.
    let skipped = told(
        "5,6\n7,8,9\n5,7\n",
        "label = 1\nlayout = \"long\"\nbroken = \"skip\"",
        Some(3),
    );
    assert_eq!(skipped.unwrap(), (vec![vec![5., 6., 5., 7.]], true));
}

#[test]
fn a_column_of_text_behind_a_missing_label_makes_no_header() {
    let read = |text: &str, toml: &str, columns| {
        let mut config: SignalConfig = toml::from_str(toml).unwrap();
        config.files = vec!["a.csv".into()];
        let learned = LearnedTables {
            columns: Some(columns),
            ..LearnedTables::default()
        };
        let read = |base: &Path| read_signals(&config, Some(&learned), base);
        with_files(&[("a.csv", text.as_bytes())], read).unwrap()
    };
    // A row a sequence: label, value, who.
    let wide = "label = 1\nfields = [3]";
    let (found, _) = read("0.5,anna,7\n3,boris,4\n", wide, 4);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].signal, signal(1, &[0.5, 7.0]));
    assert_eq!(found[1].fields["c3"], "boris");
    let (found, _) = read("1,0.5,anna,7\n2,3,boris,4\n", wide, 4);
    assert_eq!((found.len(), found[1].fields["c3"].as_str()), (2, "boris"));
    // A row a step, and columns are called as in labelled files.
    let long = "label = 1\nid = [3]\nlayout = \"long\"";
    let (found, unlabelled) = read("0.5,anna,7\n3,anna,4\n", long, 4);
    assert_eq!(found[0].signal, signal(2, &[0.5, 7.0, 3.0, 4.0]));
    let (found, labelled) = read("1,0.5,anna,7\n1,3,anna,4\n", long, 4);
    assert_eq!(found[0].signal.time(), 2);
    assert_eq!(unlabelled.channels, ["c2", "c4"]);
    assert_eq!(labelled.channels, unlabelled.channels);
    assert_eq!((unlabelled.unlabelled, labelled.unlabelled), (1, 0));
}

#[test]
fn one_ragged_row_does_not_hide_how_many_columns_there_are() {
    let toml = "label = 1\nlayout = \"long\"\nbroken = \"skip\"";
    let (_, report) = read(&[("a.csv", b"1,2,3\n1,2\n1,4,5\n")], toml).unwrap();
    assert_eq!((report.learned_columns(), report.broken), (Some(3), 1));
}

#[test]
fn a_table_to_be_answered_has_the_column_of_labels_or_has_it_not() {
    let (with, without) = ("1\t0.5\t7\n2\t3\t4\n", "0.5\t7\n3\t4\n");
    let (_, report) = read(&[("a.tsv", with.as_bytes())], "label = 1").unwrap();
    assert_eq!(report.learned_columns(), Some(3));
    let values = |found: Vec<Example>| -> Vec<Vec<f64>> {
        found.into_iter().map(|one| one.signal.values).collect()
    };
    let all = [vec![0.5, 7.0], vec![3.0, 4.0]];
    assert_eq!(values(asked("a.tsv", with, "label = 1", 3).unwrap()), all);
    let found = asked("a.tsv", without, "label = 1", 3).unwrap();
    assert!(found.iter().all(|one| one.fields.is_empty()));
    assert_eq!(values(found), all);
    // Wherever the label stood, and whatever else is asked for by number.
    let ends = "0.5,7\n3\n";
    let found = asked("a.csv", ends, "label = 3", 3).unwrap();
    assert_eq!(values(found), [vec![0.5, 7.0], vec![3.0]]);
    let between = "a,0.5,7\nb,3,4\n";
    let found = asked(
        "a.csv",
        between,
        "label = 2\nfields = [1]\ncolumns = [4, 3]",
        4,
    )
    .unwrap();
    assert_eq!(found[0].fields["c1"], "a");
    assert_eq!(values(found), [[7.0, 0.5], [4.0, 3.0]]);
    let headed = "t1,t2\n0.5,7\n3,4\n";
    assert_eq!(values(asked("a.csv", headed, "label = 1", 3).unwrap()), all);
    // A row a step: the rows of a file are one sequence.
    let found = asked("a.csv", "0.5\n7\n", "label = 1\nlayout = \"long\"", 2).unwrap();
    assert_eq!(values(found), [[0.5, 7.0]]);
    let message = "`a.tsv`: it has 2 columns, but what was learned from has 4, of which column 1 is the label: give it as many, or 3 \
                   without the label; the row of a shorter sequence ends with empty cells";
    assert_eq!(
        asked("a.tsv", without, "label = 1", 4).unwrap_err(),
        message
    );
    // Rows that end before the place of the label.
    let found = asked("a.csv", "0.5\n3,4,5\n", "label = 4", 4).unwrap();
    assert_eq!(values(found), [vec![0.5], vec![3.0, 4.0, 5.0]]);
    let error = asked("a.csv", "1,2\n3\n", "label = 3\nlayout = \"long\"", 3).unwrap_err();
    assert!(
        error.starts_with("`a.csv`, line 2: expected 2 cells"),
        "{error}"
    );
    let message = "`a.tsv`, line 2: column `c2`: \"x\" is not a number";
    let error = asked("a.tsv", "0.5\t7\n3\tx\n", "label = 1", 3).unwrap_err();
    assert!(error.starts_with(message), "{error}");
    // Rows that differ, or a label with a name, tell nothing, and need not.
    let (_, report) = read(&[("a.tsv", b"1\t2\t3\n1\t2\n")], "label = 1").unwrap();
    assert_eq!(report.learned_columns(), None);
    let found = asked("a.csv", "t1,t2\n0.5,7\n3,4\n", "label = \"label\"", 9);
    assert_eq!(values(found.unwrap()), all);
}

#[test]
fn what_is_wrong_with_a_row() {
    let fails = |text: &str, toml: &str, expected: &str| {
        assert_eq!(one("a.csv", text, toml).unwrap_err(), expected)
    };
    fails(
        "label,name,t1\nx,anna,1\n",
        "",
        "`a.csv`, line 2: column `name`: \"anna\" is not a number; if the column holds no values, name it in data.label, \
         data.id or data.fields, or those that do in data.columns",
    );
    fails(
        "label,t1\nx,1\ny,2o\n",
        "columns = [\"t1\"]",
        "`a.csv`, line 3: column `t1`: \"2o\" is not a number",
    );
    fails(
        "label,t1\nx,1e99\n",
        "",
        "`a.csv`, line 2: column `t1`: \"1e99\" is infinite, or too large for 32 bits; write ? or NaN where a value is missing",
    );
    fails(
        "label,t1\nx,1,2\n",
        "",
        "`a.csv`, line 2: expected 2 cells as in the header, found 3; a cell that holds the delimiter must stand in quotes",
    );
    fails(
        "label,t1\nx,\n",
        "",
        "`a.csv`, line 2: the row has no values",
    );
    fails(
        "label,t1\n",
        "",
        "`a.csv` has a header but no rows: there is nothing to learn from",
    );
    fails(
        "# only this\n",
        "",
        "`a.csv` holds only comments: there is nothing to learn from",
    );
    fails(
        "label,a,a\nx,1,2\n",
        "columns = \"a\"",
        "`a.csv`, line 1: two columns are named `a`; give every column its own name, in the file or with data.header = [\"…\", …]",
    );
    fails(
        "a,b\n1,2\n",
        "delimiter = \"é\"",
        "`data.delimiter`: 'é' cannot separate cells; use an ASCII character such as \",\" or \"\\t\"",
    );
    fails(
        "a,b\n1,2\n",
        "time_format = \"%Y\"",
        "`data.time_format`: it means nothing to `a.csv`, which is read as csv, a row a sequence; leave it out",
    );
    assert!(
        read(&[("a.csv", b"a,b\n1,\xff\xff\n")], "encoding = \"utf-8\"")
            .unwrap_err()
            .starts_with("`a.csv`, line 2, column 3: bytes that are not UTF-8 text")
    );
}
