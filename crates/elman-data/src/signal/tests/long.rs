//! Tables with a row for each step.

use crate::signal::support::{fields, one, read, same, signal};

const STEPS: &str = "seq,action,who,frame,x,note,y,phase\n\
                     1,wave,anna,0,1,a,10,up\n\
                     2,clap,ben,1,5,b,50,up\n\
                     1,wave,anna,2,3,c,?,down\n\
                     1,wave,anna,1,2,d,20,top\n\
                     2,clap,ben,0,4,,40,down\n";

#[test]
fn rows_are_grouped_and_put_in_order() {
    let toml =
        "id = \"seq\"\ntime = \"frame\"\nlabel = \"action\"\nfields = [\"who\"]\nsteps = \"phase\"";
    let (found, report) = read(&[("a.csv", STEPS.as_bytes())], toml).unwrap();
    assert!(same(
        &found[0].signal,
        &signal(2, &[1.0, 10.0, 2.0, 20.0, 3.0, f64::NAN])
    ));
    assert_eq!(found[1].signal, signal(2, &[4.0, 40.0, 5.0, 50.0]));
    assert_eq!(found[0].steps.as_deref().unwrap(), ["up", "top", "down"]);
    assert_eq!(found[1].steps.as_deref().unwrap(), ["down", "up"]);
    assert_eq!(fields(&found[0]), "action=wave seq=1 who=anna");
    assert!(found[1].place.ends_with("`, line 3"), "{}", found[1].place);
    assert_eq!(report.channels, ["x", "y"]);
    assert_eq!(
        report.to_string(),
        "2 sequences of 2 features, 2 to 3 steps, from 1 file\nno numbers in the columns: `note` (text in line 2)\n"
    );
}

#[test]
fn without_times_the_file_is_in_order_and_without_ids_one_sequence() {
    let found = one(
        "a.csv",
        STEPS,
        "id = [\"seq\", \"who\"]\ncolumns = [\"y\", \"frame\"]\nlabel = \"action\"",
    )
    .unwrap();
    assert!(same(
        &found[0].signal,
        &signal(2, &[10.0, 0.0, f64::NAN, 2.0, 20.0, 1.0])
    ));
    assert_eq!(found[0].steps, None);
    let whole = one("a.tsv", "1\t2\n3\t4\n5\t6\n", "layout = \"long\"").unwrap();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].signal, signal(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
}

#[test]
fn times_may_be_dates() {
    let text = "when,x\n2020-03-01 10:00,3\n2020-01-31,1\n2020-02-01 23:30,2\n";
    let found = one("a.csv", text, "time = \"when\"").unwrap();
    assert_eq!(found[0].signal, signal(1, &[1.0, 2.0, 3.0]));
    let text = "when,x\n1.3.2020,3\n31.1.2020,1\n";
    let found = one("a.csv", text, "time = \"when\"\ntime_format = \"%d.%m.%Y\"").unwrap();
    assert_eq!(found[0].signal, signal(1, &[1.0, 3.0]));
    let fails = |text: &str| one("a.csv", text, "time = \"when\"").unwrap_err();
    assert!(
        fails("when,x\n2020-01-01,1\nsoon,2\n")
            .starts_with("`a.csv`, line 3, column `when`: cannot read \"soon\" as a time")
    );
    assert_eq!(
        fails("when,x\n2,1\n,2\n"),
        "`a.csv`, line 3: the column `when` says \"\", where the time of the step is needed"
    );
    assert!(
        fails("when,x\n1/2/2020,1\n2/1/2020,2\n").contains("reads as %m/%d/%Y and as %d/%m/%Y")
    );
    assert_eq!(
        fails("when,x\n2,1\n1,2\n2.0,3\n"),
        "`a.csv`, line 4: the step has the time of line 2 of the same sequence; correct it, or tell sequences apart with data.id"
    );
}

#[test]
fn what_is_wrong_with_a_row() {
    let fails = |text: &str, expected: &str| {
        assert_eq!(one("a.csv", text, "id = \"s\"").unwrap_err(), expected)
    };
    fails(
        "s,label,x\n1,a,1\n1,b,2\n",
        "`a.csv`, line 3: the column `label` says \"b\", but \"a\" in line 2, of the same sequence; a label for each step belongs in data.steps",
    );
    fails("s,x\n1,1\n,2\n", "`a.csv`, line 3: the column `s` is empty");
    fails(
        "s,x,y\n1,1,2\n1,2\n",
        "`a.csv`, line 3: expected 3 cells as in the header, found 2",
    );
    // A column whose first value is a number is one of numbers; a text in it is a mistake.
    fails(
        "s,x\n1,\n1,1\n1,1.o\n",
        "`a.csv`, line 4: column `x`: \"1.o\" is not a number; if the column holds no values, name it in data.label, data.id \
         or data.fields, or those that do in data.columns",
    );
    fails(
        "s,x\n1,a\n",
        "`a.csv` has no column of numbers; besides the time it has: `x` (text in line 2)",
    );
    fails(
        "s,x\n",
        "`a.csv` has a header but no rows: there is nothing to learn from",
    );
    let steps = one("a.csv", "s,x,p\n1,2,\n", "id = \"s\"\nsteps = \"p\"").unwrap_err();
    assert_eq!(steps, "`a.csv`, line 2: the column `p` is empty");
}

#[test]
fn broken_sequences_are_left_out_whole() {
    let text = "s,x,y\n1,1,2\n2,1,2\n1,x,2\n3,5\n1,3,4\n2,3,4\n";
    let (found, report) = read(
        &[("a.csv", text.as_bytes())],
        "id = \"s\"\nbroken = \"skip\"",
    )
    .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].signal, signal(2, &[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(report.broken, 2);
    assert!(
        report.first_broken[0].contains("line 4: column `x`: \"x\" is not a number"),
        "{report}"
    );
    assert!(
        report.first_broken[1].contains("line 5: expected 3 cells"),
        "{report}"
    );
}

#[test]
fn files_must_agree_about_their_columns() {
    let files: [(&str, &[u8]); 2] = [("a.csv", b"t,x,y\n1,2,3\n"), ("b.csv", b"t,y,x\n1,3,2\n")];
    let message = read(&files, "time = \"t\"").unwrap_err();
    assert_eq!(
        message,
        "`b.csv`: column 1 of values is `y`, but `x` in `a.csv`; name the columns that all files have in data.columns"
    );
    let (found, _) = read(&files, "time = \"t\"\ncolumns = [\"x\", \"y\"]").unwrap();
    assert_eq!(found[0].signal, found[1].signal);
}

#[test]
fn blocks_of_one_id_are_one_series_and_ids_of_two_files_are_two() {
    let text = "id,t,x\na,1,1\nb,1,10\na,2,2\nb,2,20\na,3,3\n";
    let toml = "id = \"id\"\ntime = \"t\"";
    let found = one("a.csv", text, toml).unwrap();
    assert_eq!(
        (&found[0].signal, found.len()),
        (&signal(1, &[1.0, 2.0, 3.0]), 2)
    );
    let files: [(&str, &[u8]); 2] = [
        ("a.csv", text.as_bytes()),
        ("b.csv", b"id,t,x\na,1,5\nc,1,6\n"),
    ];
    let (found, report) = read(&files, toml).unwrap();
    assert_eq!(found.len(), 4);
    let report = report.to_string();
    assert!(
        report.contains("sequences whose id another file has, too: 1 (first \"a\", in `"),
        "{report}"
    );
}

/// Two recordings with one id, the second at other times: sorted into each other they would be one that never was.
#[test]
fn a_time_that_goes_back_within_an_id_is_a_border() {
    let rows = |first: usize| -> String {
        (0..6)
            .map(|k| format!("a,{},{k}\n", first + 2 * k))
            .collect()
    };
    let text = format!("id,t,x\n{}{}", rows(1), rows(2));
    let error = one("a.csv", &text, "id = \"id\"\ntime = \"t\"").unwrap_err();
    assert!(
        error.contains("line 8: the time goes back into that of the lines before")
            && error.contains("data.id"),
        "{error}"
    );
    // Blocks out of turn are put in order.
    let text = format!("id,t,x\n{}{}", rows(101), rows(1));
    let found = one("a.csv", &text, "id = \"id\"\ntime = \"t\"").unwrap();
    assert_eq!(found[0].signal.time(), 12);
}
