use super::*;
use crate::Step;
use jiff::civil::date;
use proptest::prelude::*;

fn config(toml: &str) -> SplitConfig {
    toml::from_str(toml).unwrap()
}

fn lengths(toml: &str, rows: usize) -> Result<[usize; 3], String> {
    let splits = config(toml)
        .resolve_rows(rows)
        .map_err(|error| error.to_string())?;
    assert_eq!(
        (splits.train.end, splits.valid.end),
        (splits.valid.start, splits.test.start)
    );
    Ok([splits.train.len(), splits.valid.len(), splits.test.len()])
}

fn monthly() -> Series {
    let times = (0..144)
        .map(|k| {
            Step::Months(1)
                .advance(date(1949, 1, 1).at(0, 0, 0, 0), k)
                .unwrap()
        })
        .collect();
    Series {
        times: Some(times),
        ..Series::from_columns(vec!["x".into()], vec![vec![0.0; 144]])
    }
}

fn dated(toml: &str) -> Result<Splits, String> {
    config(toml)
        .resolve(&monthly())
        .map_err(|error| error.to_string())
}

#[test]
fn amounts() {
    assert_eq!(lengths("", 10).unwrap(), [7, 1, 2]);
    assert_eq!(lengths("", 13).unwrap(), [9, 1, 3]);
    assert_eq!(lengths("test = 24", 144).unwrap(), [106, 14, 24]);
    assert_eq!(
        lengths("train = 0.67\nvalid = 0", 144).unwrap(),
        [96, 0, 48]
    );
    assert_eq!(lengths("train = 0.7\ntest = 0.3", 732).unwrap()[0], 512);
    // the Informer paper's ETTh1: 12, 4 and 4 months, the rest unused
    assert_eq!(
        lengths("train = 8640\nvalid = 2880\ntest = 2880", 17420).unwrap(),
        [8640, 2880, 2880]
    );
}

#[test]
fn dates() {
    let splits = dated("valid_from = \"1958\"\ntest_from = \"1959-01\"").unwrap();
    assert_eq!(
        splits,
        Splits {
            train: 0..108,
            valid: 108..120,
            test: 120..144
        }
    );
    let splits = dated("test_from = \"1959-01-01\"\nvalid = 0\ntest = 12").unwrap();
    assert_eq!(
        splits,
        Splits {
            train: 0..120,
            valid: 120..120,
            test: 120..132
        }
    );
}

#[test]
fn errors_teach() {
    let say = |toml, rows| lengths(toml, rows).unwrap_err();
    assert_eq!(
        say("train = 0.8", 100),
        "split: the parts sum to more than the 100 rows there are: train 0.8 + valid 0.1 (not given) + test 0.2 (not given)"
    );
    assert_eq!(
        say("", 1),
        "split: the training span is empty: 1 rows give training 0, validation 0, test 1"
    );
    assert!(say("test = 1.5", 9).starts_with("split: `test` is 1.5; write a fraction"));
    assert!(
        say("test = 10", 9)
            .contains("sum to more than the 9 rows there are: train 0 rows (not given)")
    );
    assert!(say("valid = 0.01\ntest = 0.2", 9).contains("set valid = 0 to do without"));
    assert!(say("test_from = \"1959\"", 9).contains("the series has no times"));
    let outside = dated("test_from = \"1961\"").unwrap_err();
    assert_eq!(
        outside,
        "split: `test_from` = \"1961\" lies outside the data, which run from 1949-01-01 00:00:00 to 1960-12-01 00:00:00"
    );
    assert!(
        dated("valid_from = \"1960\"\ntest_from = \"1959\"")
            .unwrap_err()
            .contains("after row 120")
    );
    assert!(
        dated("test_from = \"soon\"")
            .unwrap_err()
            .starts_with("`split.test_from`: cannot read \"soon\" as a time")
    );
    assert!(
        dated("train = 0.5\ntest_from = \"1959\"")
            .unwrap_err()
            .contains("leave out `train`")
    );
    assert!(
        toml::from_str::<SplitConfig>("tets = 3")
            .unwrap_err()
            .to_string()
            .contains("unknown field `tets`")
    );
}

proptest! {
    #[test]
    fn parts_are_in_order_and_inside(rows in 0usize..500, train in 0.0f64..1.0, valid in 0.0f64..0.5, test in 0usize..300) {
        for config in [
            SplitConfig::default(),
            SplitConfig { train: Some(Amount::Fraction(train)), valid: Some(Amount::Fraction(valid)), ..Default::default() },
            SplitConfig { valid: Some(Amount::Fraction(valid)), test: Some(Amount::Rows(test)), ..Default::default() },
        ] {
            if let Ok(splits) = config.resolve_rows(rows) {
                prop_assert_eq!(splits.train.start, 0);
                prop_assert!(splits.train.end == splits.valid.start && splits.valid.end == splits.test.start);
                prop_assert!(splits.test.end == rows, "two parts and a rest use every row");
                prop_assert!(!splits.train.is_empty() && !splits.test.is_empty());
            }
        }
    }
}
