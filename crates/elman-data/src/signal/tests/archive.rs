//! `.ts` files.

use crate::signal::support::{fields, gz, one, read, same, signal};

const HEAD: &str = "# A comment\n@problemName Test\n@timeStamps false\n@missing true\n@univariate false\n@dimensions 2\n\
                    @equalLength false\n@classLabel true walk run 1\n@data\n";

fn lines(lines: &str) -> Result<Vec<super::super::Example>, String> {
    one("a.ts", &format!("{HEAD}{lines}"), "")
}

#[test]
fn dimensions_become_features() {
    let found =
        lines("1,2,3:-4,5e-1,6:run\n\n# in between\n 7 , ? : NaN,8 : walk \n9:10:1.0\n").unwrap();
    assert_eq!(found[0].signal, signal(2, &[1.0, -4.0, 2.0, 0.5, 3.0, 6.0]));
    assert!(same(
        &found[1].signal,
        &signal(2, &[7.0, f64::NAN, f64::NAN, 8.0])
    ));
    assert_eq!(found[2].signal, signal(2, &[9.0, 10.0]));
    let said: Vec<String> = found.iter().map(fields).collect();
    // The header writes `1` where the line writes `1.0`.
    assert_eq!(said, ["label=run", "label=walk", "label=1"]);
    let places: Vec<&str> = found
        .iter()
        .map(|one| one.place.rsplit_once(", ").unwrap().1)
        .collect();
    assert_eq!(places, ["line 10", "line 13", "line 14"]);
}

#[test]
fn one_dimension_without_labels_packed_with_windows_line_ends() {
    let text = "@UNIVARIATE TRUE\r\n@classLabel False\r\n@data\r\n1.5,2\r\n3\r\n";
    let (found, report) = read(&[("a.TS.gz", &gz(text.as_bytes()))], "").unwrap();
    assert_eq!(found[0].signal, signal(1, &[1.5, 2.0]));
    assert!(found.iter().all(|one| one.fields.is_empty()));
    assert_eq!(
        report.to_string(),
        "2 sequences of 1 feature, 1 to 2 steps, from 1 file\n"
    );
    assert_eq!(
        found[0]
            .field("label")
            .unwrap_err()
            .to_string()
            .split(": ")
            .nth(1)
            .unwrap(),
        "the sequence has no field `label`; it has none (fields come from columns of the file, from data.name and from \
         data.labels; data.label names the one to learn)"
    );
}

#[test]
fn labels_by_another_name_targets_and_missing_labels() {
    let text = "@targetLabel true\n@data\n1,2:0.25\n";
    let found = one("a.ts", text, "label = \"rate\"").unwrap();
    assert_eq!(fields(&found[0]), "rate=0.25");
    assert_eq!(fields(&lines("1:2:?\n").unwrap()[0]), "");
}

#[test]
fn what_is_wrong_with_a_line() {
    let fails = |text: &str, expected: &str| {
        assert_eq!(
            lines(text).unwrap_err(),
            format!("`a.ts`, line 10: {expected}")
        );
    };
    fails(
        "1,2:3,4\n",
        "the label \"3,4\" is none of those after @classLabel (walk, run, 1); is the line cut short?",
    );
    fails(
        "1,2\n",
        "there is no `:` before the label; is the line cut short?",
    );
    fails(
        "1,2:3:run\n",
        "dimension 1 has 2 steps, but dimension 2 has 1; all must have equally many",
    );
    fails(
        "1,2::run\n",
        "dimension 1 has 2 steps, but dimension 2 has 0; all must have equally many",
    );
    fails(
        "1,2:3,4:5,6:run\n",
        "the line has 3 dimensions between `:`, but @dimensions promises 2",
    );
    fails(
        "1,x:3,4:run\n",
        "dimension 1, value 2: \"x\" is not a number",
    );
    fails(
        "1,2:3,1e39:run\n",
        "dimension 2, value 2: \"1e39\" is infinite, or too large for 32 bits; write ? or NaN where a value is missing",
    );
    fails(
        "1,2:-inf,4:run\n",
        "dimension 2, value 1: \"-inf\" is infinite, or too large for 32 bits; write ? or NaN where a value is missing",
    );
    fails("::run\n", "the sequence has no steps");
    fails(
        "(0,1.5),(1,2):(0,1):run\n",
        "values with time stamps are not read; resample them to regular steps",
    );
    assert_eq!(
        lines("").unwrap_err(),
        "`a.ts` has no lines after @data: there is nothing to learn from"
    );
}

#[test]
fn what_is_wrong_with_a_header() {
    let fails = |text: &str| one("a.ts", text, "").unwrap_err();
    let stamps = fails("@timeStamps true\n@data\n");
    assert!(
        stamps.starts_with("`a.ts`, line 1: sequences with time stamps of their own are not read"),
        "{stamps}"
    );
    assert_eq!(
        fails("1,2\n"),
        "`a.ts`, line 1: \"1,2\" stands before @data, where only lines with @ do; is this a .ts file?"
    );
    assert_eq!(
        fails("@classLabel false\n"),
        "`a.ts`: has no line @data; is this a .ts file?"
    );
    assert_eq!(
        fails("@data\n1:2\n"),
        "`a.ts`, line 1: no line before @data says @classLabel true or false"
    );
    assert_eq!(
        fails("@classLabel true\n@data\n"),
        "`a.ts`, line 1: @classLabel true must be followed by the labels there are"
    );
    assert_eq!(
        fails("@dimensions many\n"),
        "`a.ts`, line 1: @dimensions must be a number from 1"
    );
    assert_eq!(
        fails("@univariate\n"),
        "`a.ts`, line 1: @univariate must be true or false"
    );
    assert_eq!(
        fails("\n \n"),
        "`a.ts` is empty: there is nothing to learn from"
    );
    assert_eq!(
        fails("@equalLength true\n@seriesLength 3\n@classLabel false\n@data\n1,2,3\n1,2\n"),
        "`a.ts`, line 6: the sequence has 2 steps, but @seriesLength and @equalLength promise 3; correct the header or the line"
    );
    assert_eq!(
        fails("@univariate true\n@classLabel false\n@data\n1:2\n"),
        "`a.ts`, line 4: the line has 2 dimensions between `:`, but @univariate true promises 1"
    );
}

#[test]
fn files_that_cannot_be_unpacked() {
    let mut packed = gz(HEAD.repeat(100).as_bytes());
    packed.truncate(packed.len() / 2);
    for bytes in [packed.as_slice(), b"plain text"] {
        let message = read(&[("a.ts.gz", bytes)], "").unwrap_err();
        assert!(
            message.starts_with("`a.ts.gz`: cannot be unpacked: "),
            "{message}"
        );
    }
}
