use super::*;

fn split(toml: &str) -> RowSplit {
    toml::from_str(toml).unwrap()
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("문장 {i}")).collect()
}

fn divide(toml: &str, texts: &[String]) -> Result<Vec<Part>, String> {
    split(toml)
        .divide(texts.iter().map(String::as_str))
        .map_err(|error| error.to_string())
}

fn count(parts: &[Part], part: Part) -> usize {
    parts.iter().filter(|&&found| found == part).count()
}

#[test]
fn fractions_are_met_and_do_not_move_when_rows_are_added() {
    let texts = texts(10_000);
    let parts = divide("valid = 0.05\ntest = 0.2", &texts).unwrap();
    // Standard deviations of 22 and 40.
    assert!(count(&parts, Part::Valid).abs_diff(500) < 100);
    assert!(count(&parts, Part::Test).abs_diff(2000) < 180);
    let mut fewer: Vec<String> = texts.iter().skip(1).step_by(2).cloned().collect();
    fewer.reverse();
    let mut kept: Vec<Part> = divide("valid = 0.05\ntest = 0.2", &fewer).unwrap();
    kept.reverse();
    assert_eq!(
        kept,
        parts.iter().skip(1).step_by(2).copied().collect::<Vec<_>>()
    );
    let other = divide("valid = 0.05\ntest = 0.2\nseed = 1", &texts).unwrap();
    assert_ne!(other, parts);
    // Whatever the validation part is, the test part stays.
    let without = divide("valid = 0\ntest = 0.2", &texts).unwrap();
    let is_test = |parts: &[Part]| {
        parts
            .iter()
            .map(|&part| part == Part::Test)
            .collect::<Vec<_>>()
    };
    assert_eq!(is_test(&without), is_test(&parts));
    assert_eq!(count(&without, Part::Valid), 0);
}

#[test]
fn numbers_of_rows_are_exact_but_for_rows_alike() {
    let parts = divide("valid = 7\ntest = 30", &texts(100)).unwrap();
    assert_eq!(
        [Part::Train, Part::Valid, Part::Test].map(|part| count(&parts, part)),
        [63, 7, 30]
    );
    let alike: Vec<String> = (0..300).map(|i| format!(" {} ", i % 100)).collect();
    let parts = divide("valid = 6\ntest = 31", &alike).unwrap();
    assert_eq!(
        [Part::Train, Part::Valid, Part::Test].map(|part| count(&parts, part)),
        [261, 6, 33]
    );
    assert_eq!(parts[..100], parts[100..200]);
    assert_eq!(parts[..100], parts[200..]);
}

#[test]
fn parts_with_files_of_their_own_are_not_divided_off() {
    let complete = |valid: Option<Vec<String>>, test: Option<Vec<String>>| {
        split("valid = 10\ntest = 20")
            .complete(texts(100), valid, test, |text| text.as_str().into())
            .unwrap()
    };
    let parts = complete(None, Some(vec!["x".into()]));
    assert_eq!(
        (parts.train.len(), parts.valid.len(), parts.test),
        (90, 10, vec!["x".into()])
    );
    let parts = complete(Some(vec!["y".into()]), None);
    assert_eq!(
        (parts.train.len(), parts.valid.len(), parts.test.len()),
        (80, 1, 20)
    );
    let parts = complete(Some(vec!["y".into()]), Some(vec!["x".into()]));
    assert_eq!(parts.train, texts(100));
}

#[test]
fn parts_that_cannot_be_had() {
    assert_eq!(
        divide("test = 0.1", &vec!["같은 문장".into(); 50]).unwrap_err(),
        "split: valid = 0.1, the validation part is empty: there are 50 rows with 1 different texts; give it more rows, or files of its own"
    );
    assert_eq!(
        divide("valid = 60\ntest = 40", &texts(100))
            .unwrap_err()
            .split(':')
            .nth(1)
            .unwrap(),
        " the training part is empty"
    );
    assert_eq!(
        divide("test = 101", &texts(100)).unwrap_err(),
        "split: `test` is 101 rows, but there are 100"
    );
    assert_eq!(
        divide("valid = 1.5", &texts(100)).unwrap_err(),
        "split: `valid` is 1.5; write a fraction from 0.0 to 1.0, or a number of rows without a decimal point"
    );
    assert!(
        divide("test = nan", &texts(100))
            .unwrap_err()
            .contains("`test` is NaN")
    );
    assert!(divide("test = 1", &[]).is_err());
}
