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

/// Rows (or sequences) to learn from, to choose a model by and to judge it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts<T> {
    /// To learn from.
    pub train: Vec<T>,
    /// To choose the model by; may be empty.
    pub valid: Vec<T>,
    /// To judge the chosen model by.
    pub test: Vec<T>,
}

impl<T> Parts<T> {
    /// One of the parts.
    pub fn of(&self, part: Part) -> &[T] {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
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
        let local = |time: &DateTime| series.style.local(*time);
        let times = series.times.as_ref();
        let times: Option<Vec<DateTime>> = times.map(|times| times.iter().map(local).collect());
        self.cut(series.len(), times.as_deref())
    }

    /// Cuts so many rows without times.
    ///
    /// # Errors
    /// As [`SplitConfig::resolve`]; dates are an error.
    pub fn resolve_rows(&self, rows: usize) -> Result<Splits, Error> {
        self.cut(rows, None)
    }

    fn cut(&self, rows: usize, times: Option<&[DateTime]>) -> Result<Splits, Error> {
        self.check()?;
        let valid_from = row_of(self.valid_from.as_deref(), "valid_from", rows, times)?;
        let test_from = row_of(self.test_from.as_deref(), "test_from", rows, times)?;
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
        let asked = !matches!(
            self.valid,
            None | Some(Amount::Rows(0) | Amount::Fraction(0.0))
        );
        if splits.valid.is_empty() && asked {
            let given = describe(&splits);
            return fail(format!(
                "the validation span is empty: {rows} rows give {given}; set valid = 0 to do without"
            ));
        }
        Ok(splits)
    }

    /// What is wrong with the keys whatever the data are.
    fn check(&self) -> Result<(), Error> {
        for (key, amount) in [
            ("train", self.train),
            ("valid", self.valid),
            ("test", self.test),
        ] {
            if let Some(Amount::Fraction(fraction)) = amount
                && !(0.0..=1.0).contains(&fraction)
            {
                return fail(format!(
                    "`{key}` is {fraction}; write a fraction from 0.0 to 1.0, or a number of rows without a decimal point"
                ));
            }
        }
        if self.valid.is_some() && self.valid_from.is_some() {
            return fail("`valid` and `valid_from` are both given; validation ends where the test span begins: leave out `valid`".into());
        }
        if self.train.is_some() && (self.valid_from.is_some() || self.test_from.is_some()) {
            return fail("`train` and dates are both given; training is all that comes before the dates: leave out `train`".into());
        }
        Ok(())
    }

    fn by_amounts(&self, rows: usize) -> Result<Splits, Error> {
        let rest = |a: Amount, b: Amount| {
            Amount::Rows(rows.saturating_sub(a.of(rows).saturating_add(b.of(rows))))
        };
        let (valid_default, test_default) = (Amount::Fraction(0.1), Amount::Fraction(0.2));
        let parts = match (self.train, self.valid, self.test) {
            (None, None, None) => [Amount::Fraction(0.7), valid_default, test_default],
            (Some(train), Some(valid), None) => [train, valid, rest(train, valid)],
            (Some(train), None, Some(test)) => [train, rest(train, test), test],
            (train, valid, test) => {
                let (valid, test) = (valid.unwrap_or(valid_default), test.unwrap_or(test_default));
                [train.unwrap_or(rest(valid, test)), valid, test]
            }
        };
        match ends(parts, rows) {
            Some([a, b, c]) => Ok(Splits {
                train: 0..a,
                valid: a..b,
                test: b..c,
            }),
            None => {
                let given = [
                    ("train", self.train),
                    ("valid", self.valid),
                    ("test", self.test),
                ];
                let say = |((key, given), part): ((&str, Option<Amount>), Amount)| {
                    format!(
                        "{key} {part}{}",
                        if given.is_some() { "" } else { " (not given)" }
                    )
                };
                let sum: Vec<String> = given.into_iter().zip(parts).map(say).collect();
                fail(format!(
                    "the parts sum to more than the {rows} rows there are: {}",
                    sum.join(" + ")
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
        let of = |amount: Option<Amount>, default: f64| {
            amount.unwrap_or(Amount::Fraction(default)).of(rows)
        };
        let test_at = test_from.unwrap_or(rows.saturating_sub(of(self.test, 0.2)));
        let end = match (test_from, self.test) {
            (Some(from), Some(test)) => from.saturating_add(test.of(rows)),
            _ => rows,
        };
        let valid_at = valid_from.unwrap_or(test_at.saturating_sub(of(self.valid, 0.1)));
        if valid_at > test_at {
            return fail(format!(
                "validation would begin at row {valid_at}, after row {test_at} where the test span begins"
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

impl Amount {
    pub(crate) fn of(self, rows: usize) -> usize {
        match self {
            Self::Rows(count) => count,
            Self::Fraction(fraction) => portion(fraction, rows),
        }
    }
}

/// The ends of three parts that follow one another; `None` if there are not so many rows.
///
/// Of fractions the running sums are rounded, not the parts, so that parts that sum to 1 use every row.
fn ends(parts: [Amount; 3], rows: usize) -> Option<[usize; 3]> {
    let ends = if let [
        Amount::Fraction(a),
        Amount::Fraction(b),
        Amount::Fraction(c),
    ] = parts
    {
        if a + b + c > 1.0 + 1e-9 {
            return None;
        }
        [
            portion(a, rows),
            portion(a + b, rows),
            portion(a + b + c, rows),
        ]
    } else {
        let [a, b, c] = parts.map(|part| part.of(rows));
        let b = a.checked_add(b)?;
        [a, b, b.checked_add(c)?]
    };
    (ends[2] <= rows).then_some(ends)
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

#[cfg(test)]
mod tests;
