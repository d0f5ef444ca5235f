use super::*;
use crate::signal::support::{example, signal};

fn split(toml: &str) -> SignalSplit {
    toml::from_str(toml).unwrap()
}

/// Sequences that all differ: `counts` of each label, four subjects in turn.
fn examples(counts: &[(&str, usize)]) -> Vec<Example> {
    let labels = counts
        .iter()
        .flat_map(|(label, count)| vec![*label; *count]);
    labels
        .enumerate()
        .map(|(i, label)| {
            example(
                signal(1, &[i as f64, 1.0]),
                &format!("label={label} subject={}", i % 4),
            )
        })
        .collect()
}

fn divide(toml: &str, examples: &[Example]) -> Result<Parts<Example>, String> {
    split(toml)
        .complete(examples.to_vec(), None, None, "label")
        .map_err(|error| error.to_string())
}

fn count(part: &[Example], field: &str, value: &str) -> usize {
    part.iter()
        .filter(|one| one.fields.get(field).is_some_and(|text| text == value))
        .count()
}

#[test]
fn every_label_gives_its_share() {
    let all = examples(&[("a", 50), ("b", 30), ("c", 20), ("d", 4)]);
    let parts = divide("valid = 0.1\ntest = 0.2", &all).unwrap();
    let counts = |part: &[Example]| ["a", "b", "c", "d"].map(|label| count(part, "label", label));
    // 20 of 104 for test: 9.6, 5.8, 3.8 and 0.8; 10 for validation: 4.8, 2.9, 1.9 and 0.4; d comes before the rest.
    assert_eq!(counts(&parts.test), [9, 6, 4, 1]);
    assert_eq!(counts(&parts.valid), [4, 3, 2, 1]);
    assert_eq!(counts(&parts.train), [37, 21, 14, 2]);
}

#[test]
fn the_division_follows_from_values_and_seed_alone() {
    let all = examples(&[("a", 40), ("b", 40)]);
    let mut turned = all.clone();
    turned.reverse();
    let values = |part: &[Example]| {
        let mut values: Vec<u32> = part.iter().map(|one| one.signal.values[0] as u32).collect();
        values.sort_unstable();
        values
    };
    let (parts, other) = (divide("", &all).unwrap(), divide("", &turned).unwrap());
    assert_eq!(
        (values(&parts.test), values(&parts.valid)),
        (values(&other.test), values(&other.valid))
    );
    assert_ne!(
        values(&divide("seed = 1", &all).unwrap().test),
        values(&parts.test)
    );
    // The test part stays, whatever the validation part is.
    assert_eq!(
        values(&divide("valid = 30", &all).unwrap().test),
        values(&parts.test)
    );
}

#[test]
fn numbers_are_exact_and_leave_one_of_each_label() {
    let all = examples(&[("a", 5), ("b", 2), ("c", 1), ("d", 1)]);
    let parts = divide("valid = 1\ntest = 3", &all).unwrap();
    assert_eq!((parts.test.len(), parts.valid.len()), (3, 1));
    for label in ["a", "b"] {
        assert!(
            count(&parts.train, "label", label) > 0 && count(&parts.test, "label", label) > 0,
            "{label}"
        );
    }
    // Labels of one sequence are divided as one.
    assert_eq!(
        count(&parts.test, "label", "c") + count(&parts.test, "label", "d"),
        1
    );
    assert_eq!(
        divide("valid = 0\ntest = 7", &all).unwrap_err(),
        "split: `test` asks for 7 of 9 sequences, which does not leave one of each label to learn from"
    );
    let different = examples(&(0..30).map(|_| ("x", 1)).collect::<Vec<_>>());
    let mut different = different;
    different.iter_mut().enumerate().for_each(|(i, one)| {
        one.fields.insert("label".into(), format!("text {i}"));
    });
    let parts = divide("", &different).unwrap();
    assert_eq!(
        (parts.train.len(), parts.valid.len(), parts.test.len()),
        (24, 3, 3)
    );
}

#[test]
fn equal_sequences_stay_together() {
    let mut all = examples(&[("a", 60)]);
    let copies = all.clone();
    all.extend(copies);
    let parts = divide("valid = 7\ntest = 11", &all).unwrap();
    assert!((11..=12).contains(&parts.test.len()) && (7..=8).contains(&parts.valid.len()));
    for part in [&parts.train, &parts.valid, &parts.test] {
        for one in part {
            assert_eq!(
                part.iter()
                    .filter(|other| other.signal == one.signal)
                    .count(),
                2
            );
        }
    }
    let same = vec![example(signal(1, &[1.0]), "label=a"); 5];
    assert_eq!(
        divide("valid = 0\ntest = 1", &same).unwrap_err(),
        "split: the test part is empty: too many of the 5 sequences are equal, or there are too few; give it more, or files of its own"
    );
    assert!(
        divide("valid = 1\ntest = 1", &same)
            .unwrap_err()
            .starts_with("split: the validation part is empty")
    );
}

#[test]
fn groups_stay_together() {
    let all = examples(&[("a", 20), ("b", 20)]);
    let parts = divide("by = \"subject\"\nvalid = 1\ntest = 0.5", &all).unwrap();
    assert_eq!(
        (parts.train.len(), parts.valid.len(), parts.test.len()),
        (10, 10, 20)
    );
    for subject in ["0", "1", "2", "3"] {
        let counts =
            [&parts.train, &parts.valid, &parts.test].map(|part| count(part, "subject", subject));
        assert_eq!(
            counts.iter().filter(|&&count| count == 10).count(),
            1,
            "{counts:?}"
        );
    }
    let named = divide(
        "by = \"subject\"\nvalid_values = [3]\ntest_values = [\"0..1\"]",
        &all,
    )
    .unwrap();
    assert_eq!(count(&named.valid, "subject", "3"), 10);
    assert_eq!(
        count(&named.test, "subject", "0") + count(&named.test, "subject", "1"),
        20
    );
    assert_eq!(count(&named.train, "subject", "2"), 10);
    // An amount takes of what is left.
    let mixed = divide("by = \"subject\"\nvalid = 1\ntest_values = [1, 3]", &all).unwrap();
    assert_eq!(
        (mixed.train.len(), mixed.valid.len(), mixed.test.len()),
        (10, 10, 20)
    );
    assert_eq!(
        count(&mixed.test, "subject", "1") + count(&mixed.test, "subject", "3"),
        20
    );
}

#[test]
fn values_and_ranges() {
    let holds = |value: &str, text| GroupValue(value.into()).holds(text);
    assert!(
        holds("0..4", "0") && holds("0..4", "4") && holds("-2..1", "-1") && holds("0..4", "04")
    );
    assert!(
        !holds("0..4", "5") && !holds("0..4", "x") && !holds("a..b", "a") && !holds("4..0", "2")
    );
    assert!(holds("a..b", "a..b") && holds(" anna", "anna") && !holds("1", "01"));
}

#[test]
fn parts_that_cannot_be_had() {
    let all = examples(&[("a", 20), ("b", 20)]);
    let fails = |toml: &str, expected: &str| {
        assert_eq!(
            divide(toml, &all).unwrap_err(),
            format!("split: {expected}")
        )
    };
    fails(
        "valid = 1.5",
        "`valid` is 1.5; write a fraction from 0.0 to 1.0, or a number without a decimal point",
    );
    fails(
        "test = nan",
        "`test` is NaN; write a fraction from 0.0 to 1.0, or a number without a decimal point",
    );
    fails("test = 41", "`test` is 41, but there are 40 sequences");
    fails(
        "test_values = [1]",
        "`test_values` needs `by`, the field whose values they are, e.g. by = \"subject\"",
    );
    fails(
        "by = \"subject\"\ntest_values = [7]",
        "`test_values`: no sequence has subject = \"7\"; there are: 0, 1, 2, 3",
    );
    fails(
        "by = \"subject\"\ntest_values = [1]\nvalid_values = [\"0..2\"]",
        "subject = \"1\" is in `valid_values` and in `test_values`",
    );
    fails(
        "by = \"subject\"\nvalid = 2\ntest = 2",
        "2 and 2 of the 4 different values of `subject` that are left, for validation and test, leave none to learn from; \
         set `valid` or `test` to less (0 for none)",
    );
    fails(
        "by = \"subject\"\ntest = 5",
        "`test` is 5, but there are 4 different values of `subject`",
    );
    fails(
        "by = \"subject\"\nvalid = 0\ntest_values = [\"0..3\"]",
        "the training part is empty; give the others less",
    );
    assert!(
        divide("by = \"who\"", &all)
            .unwrap_err()
            .starts_with("here: the sequence has no field `who`")
    );
    assert!(divide("", &[]).is_err());
}

/// Windows of ten sequences of each of two labels: none is on both sides.
#[test]
fn windows_of_one_sequence_stay_together() {
    let mut all = Vec::new();
    for sequence in 1..=20 {
        for window in 0..5 {
            let label = ["a", "b"][sequence % 2];
            let values = [sequence as f64, window as f64];
            let mut one = example(
                signal(1, &values),
                &format!("label={label} window={window}"),
            );
            one.span.sequence = sequence;
            all.push(one);
        }
    }
    let parts = divide("valid = 0.2\ntest = 0.2", &all).unwrap();
    let sequences = |part: &[Example]| -> BTreeSet<usize> {
        part.iter().map(|one| one.span.sequence).collect()
    };
    let [train, valid, test] =
        [&parts.train, &parts.valid, &parts.test].map(|part| sequences(part));
    assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
    assert_eq!(train.len() + valid.len() + test.len(), 20);
    assert!(parts.test.len() >= 20 && parts.valid.len() >= 20);
    assert!(count(&parts.test, "label", "a") > 0 && count(&parts.test, "label", "b") > 0);
    // A single sequence of each label cannot be on both sides.
    let one: Vec<Example> = all
        .into_iter()
        .filter(|one| one.span.sequence < 3)
        .collect();
    let error = divide("valid = 0\ntest = 0.2", &one).unwrap_err();
    assert!(
        error.contains("windows of one, which stay together") && error.contains("by = \"window\""),
        "{error}"
    );
}
