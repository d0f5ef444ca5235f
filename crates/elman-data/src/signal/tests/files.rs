//! What is said of files beside what they hold, and files that do not fit together.

use crate::Error;
use crate::signal::support::{example, fields, npy_f32, read};
use crate::signal::{Broken, Example, SignalConfig, SignalSplit, read_signal_parts};
use crate::text::support::with_files;
use crate::{Amount, Parts};

fn array(value: f32) -> Vec<u8> {
    npy_f32("(2, 1)", &[value; 2])
}

fn said(found: &[Example]) -> Vec<String> {
    found.iter().map(fields).collect()
}

#[test]
fn names_and_tables_become_fields() {
    let (a, b) = (array(1.0), array(2.0));
    let table = b"file,label,subject\nwalk/b_2.npy,w,anna\n./run/../run/a_1.npy,r,\n";
    let files: [(&str, &[u8]); 3] = [
        ("x/run/a_1.npy", &a),
        ("x/walk/b_2.npy", &b),
        ("x/labels.csv", table),
    ];
    let (found, _) = read(
        &files,
        "files = [\"x/*/*.npy\"]\nname = \"{label}/{who}_{take}.npy\"",
    )
    .unwrap();
    assert_eq!(
        said(&found),
        ["label=run take=1 who=a", "label=walk take=2 who=b"]
    );
    // A table alone names the files, in its order.
    let (found, _) = read(&files, "labels = \"x/labels.csv\"").unwrap();
    assert_eq!(
        said(&found),
        [
            "file=walk/b_2.npy label=w subject=anna",
            "file=./run/../run/a_1.npy label=r"
        ]
    );
    let (found, _) = read(
        &files,
        "files = [\"x/run/a_1.npy\"]\nlabels = \"x/labels.csv\"\nname = \"{who}_{}.npy\"",
    )
    .unwrap();
    assert_eq!(said(&found), ["file=./run/../run/a_1.npy label=r who=a"]);
}

#[test]
fn tables_and_files_must_fit() {
    let (a, b) = (array(1.0), array(2.0));
    let table = b"file,label\na.npy,x\ngone.npy,y\n";
    let files: [(&str, &[u8]); 3] = [("a.npy", &a), ("b.npy", &b), ("l.csv", table)];
    let toml = "files = [\"*.npy\"]\nlabels = \"l.csv\"";
    assert_eq!(
        read(&files, toml).unwrap_err(),
        "`l.csv`, line 3: there is no file `gone.npy`; the folder holds: a.npy, b.npy, l.csv"
    );
    let (found, report) = read(&files, &format!("{toml}\nbroken = \"skip\"")).unwrap();
    assert_eq!(said(&found), ["file=a.npy label=x"]);
    assert_eq!((report.broken, report.files), (2, 1));
    assert!(report.first_broken[1].contains("no row of `"), "{report}");
    let one: [(&str, &[u8]); 3] = [
        ("a.npy", &a),
        ("b.npy", &b),
        ("l.csv", b"file,label\na.npy,x\n"),
    ];
    assert_eq!(
        read(&one, toml).unwrap_err(),
        "`b.npy`: no row of `l.csv` names the file; add one, or leave such files out with data.broken = \"skip\""
    );
    let fails =
        |table: &[u8]| read(&[("a.npy", &a), ("l.csv", table)], "labels = \"l.csv\"").unwrap_err();
    assert_eq!(
        fails(b"file,label\na.npy,x\n./a.npy,y\n"),
        "`l.csv`, line 3: the file `./a.npy` is named in line 2 already, where the column `label` says \"x\" and not \"y\"; keep one of the lines"
    );
    assert_eq!(
        fails(b"fil,label\na.npy,x\n"),
        "`l.csv, data.labels`: there is no column `file`; did you mean `fil`?; the columns are: fil, label"
    );
    assert_eq!(
        fails(b"file,label\n,x\n"),
        "`l.csv`, line 2: the column `file` is empty"
    );
    assert_eq!(
        fails(b"file,label\n"),
        "`l.csv` has a header but no rows: there is nothing to learn from"
    );
    assert_eq!(
        fails(b"file,a,a\nx,1,2\n"),
        "`l.csv`, line 1: two columns are named `a`; give every column its own name, in the file or with data.header = [\"…\", …]"
    );
    assert!(fails(b"file,label\na.npy\n").starts_with("`l.csv`, line 2: expected 2 cells"));
    let none = read(&[("a.npy", &a)], "labels = \"k.csv\"").unwrap_err();
    assert_eq!(none, "there is no file `k.csv`; the folder holds: a.npy");
}

#[test]
fn what_disagrees() {
    let (a, wide) = (array(1.0), npy_f32("(1, 2)", &[1.0; 2]));
    let files: [(&str, &[u8]); 2] = [("a.npy", &a), ("b.npy", &wide)];
    assert_eq!(
        read(&files, "").unwrap_err(),
        "`b.npy`: the sequence has 2 features, but that of `a.npy` has 1; all must have equally many"
    );
    let (found, report) = read(&files, "broken = \"skip\"").unwrap();
    assert_eq!((found.len(), report.broken), (1, 1));
    let table = b"file,label\nwalk_1.npy,run\n";
    let message = read(
        &[("walk_1.npy", &a), ("l.csv", table)],
        "labels = \"l.csv\"\nname = \"{label}_{}\"",
    )
    .unwrap();
    // The table says it after the name, of the same file.
    assert_eq!(said(&message.0), ["file=walk_1.npy label=run"]);
    let csv = b"label,t1\nrun,1\n";
    assert_eq!(
        read(&[("walk_1.csv", csv)], "name = \"{label}_{}\"").unwrap_err(),
        "`walk_1.csv`, line 2: the field `label` is \"run\" in the file, but \"walk\" by data.name or data.labels"
    );
    assert_eq!(
        read(&[("a.npy", &a)], "id = \"s\"").unwrap_err(),
        "`data.id`: it means nothing to `a.npy`, which is read as npy; leave it out"
    );
    assert!(
        read(&[("a.npy", &a)], "label = 1")
            .unwrap_err()
            .starts_with("`data.label`: it means nothing")
    );
    assert!(
        read(&[("a.bin", &a)], "")
            .unwrap_err()
            .starts_with("`data.format`: the name of `a.bin` does not tell")
    );
    assert_eq!(
        read(&[("a.bin", &a)], "format = \"npy\"").unwrap().0.len(),
        1
    );
    assert!(
        read(&[("a.npy", &a)], "stride = 0")
            .unwrap_err()
            .starts_with("`data.stride`: it is 0")
    );
}

#[test]
fn a_rest_is_usable_where_some_is_broken() {
    let a = array(1.0);
    let files: [(&str, &[u8]); 4] = [
        ("a.npy", &a),
        ("b.npy", &a[..a.len() - 1]),
        ("c.npy", b""),
        ("d.npy", &a),
    ];
    assert!(
        read(&files, "")
            .unwrap_err()
            .starts_with("`b.npy`: its header promises")
    );
    let (found, report) = read(&files, "broken = \"skip\"").unwrap();
    assert_eq!((found.len(), report.files, report.broken), (2, 2, 2));
    let text = report.to_string();
    assert!(
        text.contains("left out as broken: 2\n") && text.contains("c.npy`: is no NumPy array"),
        "{text}"
    );
    let all = read(&files[1..3], "broken = \"skip\"").unwrap_err();
    assert!(
        all.starts_with(
            "data.files = [\"b.npy\", \"c.npy\"]: nothing can be used: all is broken, first: "
        ),
        "{all}"
    );
    // Keys that cannot be meant are not left out.
    assert!(
        read(&files, "broken = \"skip\"\ntime = \"x\"")
            .unwrap_err()
            .starts_with("`data.time`")
    );
}

fn parts(
    files: &[(&str, &[u8])],
    config: &SignalConfig,
    split: &str,
) -> Result<Parts<Example>, String> {
    let split: SignalSplit = toml::from_str(split).unwrap();
    with_files(files, |base| {
        read_signal_parts(config, &split, base).map(|(parts, _)| parts)
    })
}

#[test]
fn fields_that_are_to_be_learned_with_must_be_there() {
    let fails = |text: &str, toml: &str, expected: &str| {
        let config: SignalConfig = toml::from_str(&format!("files = [\"a.csv\"]\n{toml}")).unwrap();
        let error = parts(&[("a.csv", text.as_bytes())], &config, "").unwrap_err();
        assert_eq!(error, expected);
    };
    fails(
        "label,sub,t1\nx,y,1\n",
        "fields = [\"subj\"]",
        "`a.csv, data.fields`: there is no column `subj`; did you mean `sub`?; the columns are: label, sub, t1",
    );
    fails(
        "1,2\n",
        "fields = 3\nlabel = 1",
        "`a.csv, data.fields`: there is no column `3`; the first row is not taken for a header (see data.header); the columns are: c1, c2",
    );
}

#[test]
fn parts_have_files_of_their_own() {
    let rows: String = (0..20)
        .map(|i| format!("{},{i}\n", if i % 2 == 0 { "a" } else { "b" }))
        .collect();
    let table = format!("label,t1\n{rows}");
    let test = b"label,t1\na,100\n";
    let files: [(&str, &[u8]); 2] = [("train.csv", table.as_bytes()), ("test.csv", test)];
    let config = SignalConfig {
        files: vec!["train.csv".into()],
        test_files: vec!["test.csv".into()],
        ..SignalConfig::default()
    };
    let found = parts(&files, &config, "valid = 4").unwrap();
    assert_eq!(
        (found.train.len(), found.valid.len(), found.test.len()),
        (16, 4, 1)
    );
    let mut labels = said(&found.valid);
    labels.sort();
    assert_eq!(labels, ["label=a", "label=a", "label=b", "label=b"]);
    let both = parts(&files, &config, "by = \"label\"\ntest_values = [\"a\"]").unwrap_err();
    assert_eq!(
        both,
        "split: `test_values` and data.test_files are both given; leave one out"
    );
    // Features of all parts must agree.
    let wide: [(&str, &[u8]); 2] = [files[0], ("test.npy", &npy_f32("(1, 2)", &[1.0; 2]))];
    let mixed = SignalConfig {
        test_files: vec!["test.npy".into()],
        ..config.clone()
    };
    assert!(
        parts(&wide, &mixed, "")
            .unwrap_err()
            .starts_with("`test.npy`: the sequence has 2 features")
    );
    // What is learned from needs the label that is asked for.
    let named = SignalConfig {
        label: Some("klass".into()),
        ..config.clone()
    };
    assert!(
        parts(&files, &named, "")
            .unwrap_err()
            .contains("there is no column `klass`")
    );
    let empty: [(&str, &[u8]); 2] = [("train.csv", b"label,t1\na,1\n,2\n"), files[1]];
    assert!(
        parts(&empty, &config, "valid = 0")
            .unwrap_err()
            .contains("line 3: the column `label` is empty")
    );
    let stray = SignalConfig {
        valid_label_files: vec!["x".into()],
        ..config
    };
    assert!(
        parts(&files, &stray, "")
            .unwrap_err()
            .starts_with("`data.label_files`: it means nothing")
    );
}

#[test]
fn keys_survive_toml() {
    let toml = "files = [\"a.csv\"]\nlabel = 1\nid = [\"s\", 2]\nfields = \"who\"\nbroken = \"skip\"\nscale = \"series\"";
    let config: SignalConfig = toml::from_str(toml).unwrap();
    assert_eq!(
        (config.broken, config.id.0.len(), config.label_name()),
        (Broken::Skip, 2, "label")
    );
    let again: SignalConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    assert!(toml::from_str::<SignalConfig>("file = \"a\"").is_err());
    let split: SignalSplit =
        toml::from_str("by = \"s\"\ntest_values = [2, \"4..6\"]\nvalid = 1").unwrap();
    assert_eq!(split.valid, Amount::Rows(1));
    let again: SignalSplit = toml::from_str(&toml::to_string(&split).unwrap()).unwrap();
    assert_eq!(again, split);
}

#[test]
fn fields_that_are_not_there_are_named() {
    let one = example(
        crate::signal::Signal {
            values: vec![1.0],
            features: 1,
        },
        "label=x subject=3",
    );
    let error = one.field("subjekt").unwrap_err();
    assert!(matches!(error, Error::Signal { .. }));
    assert!(error.to_string().starts_with(
        "here: the sequence has no field `subjekt`; did you mean `subject`?; it has: label, subject ("
    ));
}

/// One label a file can only mean one series a file: a table that `labels` names is not a series for each of its rows.
#[test]
fn a_table_that_labels_name_is_one_series() {
    let (a, b) = (b"x,y,z\n1,2,3\n4,5,6\n7,8,9\n", b"x,y,z\n0,0,1\n1,0,0\n");
    let table = b"file,label,who\na.csv,walk,ann\nb.csv,run,ben\n./a.csv,walk,ann\n";
    let files: [(&str, &[u8]); 3] = [("a.csv", a), ("b.csv", b), ("l.csv", table)];
    let (found, report) = read(&files, "labels = \"l.csv\"").unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].signal.values,
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    );
    assert_eq!((found[1].signal.features, found[1].signal.time()), (3, 2));
    assert!(said(&found)[1].contains("label=run who=ben"));
    assert!(
        report
            .to_string()
            .contains("rows of data.labels that name a file again, with the same labels: 1;"),
        "{report}"
    );
    // Rows that are series say so.
    let (found, _) = read(&files, "labels = \"l.csv\"\nlayout = \"wide\"").unwrap();
    assert_eq!(found.len(), 5);
    // A file of one row is the series of its cells.
    let rows: [(&str, &[u8]); 2] = [("a.csv", b"1,2,3,4\n"), ("l.csv", b"file,label\na.csv,x\n")];
    let (found, _) = read(&rows, "labels = \"l.csv\"").unwrap();
    assert_eq!((found[0].signal.features, found[0].signal.time()), (1, 4));
    // And so it stays where a trained model is asked about a file that no table names.
    let config: crate::signal::SignalConfig = toml::from_str("labels = \"l.csv\"").unwrap();
    let asking = config.asking(&["a.csv".into()]);
    let found = crate::text::support::with_files(&files, |base| {
        crate::signal::read_signals(&asking, None, base)
    });
    assert_eq!(found.unwrap().0[0].signal.time(), 3);
}
