//! Training, validation and test spans, in time order.

use std::fmt;
use std::ops::Range;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::source::period;
use crate::{Error, Series};

/// Where the series is cut: the keys of `[split]` in a recipe.
///
/// The parts follow one another from the first row: training, validation, test. Each is a fraction (`0.7`) or a number
/// of rows (`24`); validation and test may begin at a date instead. What is not given:
/// `test` is 0.2 and `valid` 0.1 of the rows, `train` the rest; and where two parts are given, the third is the rest.
/// If all three are given and leave rows over, the last rows stay unused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitConfig {
    /// Rows to learn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<Amount>,
    /// Rows to choose the model by; `0` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<Amount>,
    /// Rows to judge the chosen model by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Amount>,
    /// Validation begins at this time, e.g. `"2013"` or `"2021-01-01"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Test begins at this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_from: Option<String>,
}

/// A part of the rows: an integer is a number of rows, a number with a decimal point a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a number of rows such as 24, or a fraction such as 0.2"
)]
pub enum Amount {
    /// Rows.
    Rows(usize),
    /// Fraction of all rows.
    Fraction(f64),
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows} rows"),
            Self::Fraction(fraction) => write!(f, "{fraction}"),
        }
    }
}

/// One of the three parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The rows to learn from.
    Train,
    /// The rows to choose the model by.
    Valid,
    /// The rows to judge the chosen model by.
    Test,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "training",
            Self::Valid => "validation",
            Self::Test => "test",
        })
    }
}

/// The spans of rows, each after the one before, `train` from row 0. Only `valid` may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splits {
    /// Rows to learn from.
    pub train: Range<usize>,
    /// Rows to choose the model by.
    pub valid: Range<usize>,
    /// Rows to judge the chosen model by.
    pub test: Range<usize>,
}

impl Splits {
    /// The span of one part.
    pub fn span(&self, part: Part) -> Range<usize> {
        match part {
            Part::Train => self.train.clone(),
            Part::Valid => self.valid.clone(),
            Part::Test => self.test.clone(),
        }
    }
}

impl SplitConfig {
    /// Cuts `series`.
    ///
    /// # Errors
    /// [`Error::Split`] when parts are empty, overlap, sum to more than there is, or a date lies outside the series.
    pub fn resolve(&self, series: &Series) -> Result<Splits, Error> {
        self.cut(series.len(), series.times.as_deref())
    }

    /// Cuts so many rows without times.
    ///
    /// # Errors
    /// As [`SplitConfig::resolve`]; dates are an error.
    pub fn resolve_rows(&self, rows: usize) -> Result<Splits, Error> {
        self.cut(rows, None)
    }

    fn cut(&self, rows: usize, times: Option<&[DateTime]>) -> Result<Splits, Error> {
        let valid_from = row_of(self.valid_from.as_deref(), "valid_from", rows, times)?;
        let test_from = row_of(self.test_from.as_deref(), "test_from", rows, times)?;
        for (key, amount, date) in [
            ("valid", self.valid, valid_from),
            ("test", self.test, test_from),
        ] {
            if amount.is_some() && date.is_some() && key == "valid" && test_from.is_some() {
                return fail(format!(
                    "`{key}`, `{key}_from` and `test_from` are all given; leave out `{key}`"
                ));
            }
        }
        if self.train.is_some() && (valid_from.is_some() || test_from.is_some()) {
            return fail("`train` and dates are both given; with dates, training is all that comes before: leave out `train`".into());
        }
        let splits = match (valid_from, test_from) {
            (None, None) => self.by_amounts(rows)?,
            (valid_from, test_from) => self.by_dates(rows, valid_from, test_from)?,
        };
        for part in [Part::Train, Part::Test] {
            if splits.span(part).is_empty() {
                return fail(format!(
                    "the {part} span is empty: {rows} rows give {}",
                    describe(&splits)
                ));
            }
        }
        let asked = |amount: Option<Amount>| {
            !matches!(amount, None | Some(Amount::Rows(0) | Amount::Fraction(0.0)))
        };
        if splits.valid.is_empty() && asked(self.valid) {
            return fail(format!(
                "the validation span is empty: {rows} rows give {}; set valid = 0 to do without",
                describe(&splits)
            ));
        }
        Ok(splits)
    }

    fn by_amounts(&self, rows: usize) -> Result<Splits, Error> {
        let size = |amount: Amount, key: &str| match amount {
            Amount::Rows(count) => Ok(count),
            Amount::Fraction(fraction) if (0.0..=1.0).contains(&fraction) => {
                Ok(portion(fraction, rows))
            }
            Amount::Fraction(fraction) => fail(format!(
                "`{key}` is {fraction}; write a fraction from 0.0 to 1.0, or a number of rows without a decimal point"
            )),
        };
        let given =
            |amount: Option<Amount>, key| amount.map(|amount| size(amount, key)).transpose();
        let (train, valid, test) = (
            given(self.train, "train")?,
            given(self.valid, "valid")?,
            given(self.test, "test")?,
        );
        let rest = |a: usize, b: usize| rows.saturating_sub(a.saturating_add(b));
        let (train, valid, test) = match (train, valid, test) {
            (None, None, None) => {
                // The ends of the parts are rounded, not their sizes, so that they sum to the whole.
                let (a, b) = (portion(0.7, rows), portion(0.8, rows));
                (a, b - a, rows - b)
            }
            (Some(train), Some(valid), test) => (train, valid, test.unwrap_or(rest(train, valid))),
            (Some(train), None, Some(test)) => (train, rest(train, test), test),
            (train, valid, test) => {
                let (valid, test) = (
                    valid.unwrap_or(portion(0.1, rows)),
                    test.unwrap_or(portion(0.2, rows)),
                );
                (train.unwrap_or(rest(valid, test)), valid, test)
            }
        };
        let end = train
            .checked_add(valid)
            .and_then(|sum| sum.checked_add(test))
            .filter(|&end| end <= rows);
        match end {
            Some(end) => Ok(Splits {
                train: 0..train,
                valid: train..train + valid,
                test: train + valid..end,
            }),
            None => {
                let say = |key: &str, amount: Option<Amount>, default: &str| {
                    format!(
                        "{key} {}",
                        amount.map_or(default.to_owned(), |amount| amount.to_string())
                    )
                };
                let parts = [
                    say("train", self.train, "the rest"),
                    say("valid", self.valid, "0.1 (not given)"),
                    say("test", self.test, "0.2 (not given)"),
                ];
                fail(format!(
                    "the parts sum to more than the {rows} rows there are: {}",
                    parts.join(" + ")
                ))
            }
        }
    }

    fn by_dates(
        &self,
        rows: usize,
        valid_from: Option<usize>,
        test_from: Option<usize>,
    ) -> Result<Splits, Error> {
        let size = |amount: Option<Amount>, default: f64| match amount {
            Some(Amount::Rows(count)) => count,
            Some(Amount::Fraction(fraction)) => portion(fraction.clamp(0.0, 1.0), rows),
            None => portion(default, rows),
        };
        let test_at = test_from.unwrap_or(rows.saturating_sub(size(self.test, 0.2)));
        let end = match (test_from, self.test) {
            (Some(from), Some(_)) => from.saturating_add(size(self.test, 0.2)),
            _ => rows,
        };
        let valid_at = valid_from.unwrap_or(test_at.saturating_sub(size(self.valid, 0.1)));
        if valid_at > test_at {
            return fail(format!(
                "validation would begin at row {valid_at}, after the test span's row {test_at}; swap `valid_from` and `test_from`"
            ));
        }
        if end > rows {
            return fail(format!(
                "the test span would end at row {end}, but there are {rows} rows"
            ));
        }
        Ok(Splits {
            train: 0..valid_at,
            valid: valid_at..test_at,
            test: test_at..end,
        })
    }
}

fn fail<T>(message: String) -> Result<T, Error> {
    Err(Error::Split { message })
}

fn describe(splits: &Splits) -> String {
    format!(
        "training {}, validation {}, test {}",
        splits.train.len(),
        splits.valid.len(),
        splits.test.len()
    )
}

/// The whole rows in a fraction; 0.7 of 10 is 7 although 0.7 × 10 is a little less in binary.
fn portion(fraction: f64, rows: usize) -> usize {
    ((fraction * rows as f64 + 1e-9) as usize).min(rows)
}

/// The first row at or after the time that `text` names.
fn row_of(
    text: Option<&str>,
    key: &str,
    rows: usize,
    times: Option<&[DateTime]>,
) -> Result<Option<usize>, Error> {
    let Some(text) = text else { return Ok(None) };
    let Some(times) = times else {
        return fail(format!(
            "`{key}` is a date, but the series has no times; name the time column in data.time, or cut by rows or fractions"
        ));
    };
    let (from, _) = period(text, &format!("split.{key}"))?;
    let row = times.partition_point(|&time| time < from);
    if row == 0 || row == rows {
        let (first, last) = (times.first(), times.last());
        let say = |time: Option<&DateTime>| {
            time.map_or(String::new(), |time| time.to_string().replace('T', " "))
        };
        return fail(format!(
            "`{key}` = \"{text}\" lies outside the data, which run from {} to {}",
            say(first),
            say(last)
        ));
    }
    Ok(Some(row))
}
