//! Dividing rows into parts by what they say.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rows::Parts;
use crate::{Amount, Error, Part};

/// How rows without files of their own for validation and test are divided: the keys of `[split]` in a recipe.
///
/// A row's part follows from a hash of its text, so that rows with the same text are in the same part and, where the
/// amounts are fractions, a row that is added or taken away moves no other. An amount of rows is met or, where texts
/// come more than once, a little exceeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RowSplit {
    /// Rows to choose the model by; `0` for none.
    pub valid: Amount,
    /// Rows to judge the chosen model by.
    pub test: Amount,
    /// Another number gives another division.
    pub seed: u64,
}

impl Default for RowSplit {
    fn default() -> Self {
        Self {
            valid: Amount::Fraction(0.1),
            test: Amount::Fraction(0.1),
            seed: 0,
        }
    }
}

impl RowSplit {
    /// The part of each of `texts`.
    ///
    /// # Errors
    /// [`Error::Split`] for a fraction outside 0 to 1, parts that leave nothing to learn from, or a part that is asked
    /// for and would be empty.
    pub fn divide(&self, texts: impl Iterator<Item = impl AsRef<str>>) -> Result<Vec<Part>, Error> {
        self.assign(texts, true, true)
    }

    /// Makes whole what files give: parts that are `None` are divided off `rows`, by what `text` says of a row.
    ///
    /// # Errors
    /// As [`RowSplit::divide`].
    pub fn complete<T>(
        &self,
        rows: Vec<T>,
        valid: Option<Vec<T>>,
        test: Option<Vec<T>>,
        text: impl Fn(&T) -> Cow<'_, str>,
    ) -> Result<Parts<T>, Error> {
        let parts = self.assign(rows.iter().map(text), valid.is_none(), test.is_none())?;
        let count = |part| parts.iter().filter(|of| **of == part).count();
        let mut divided = Parts {
            train: Vec::with_capacity(count(Part::Train)),
            valid: valid.unwrap_or_else(|| Vec::with_capacity(count(Part::Valid))),
            test: test.unwrap_or_else(|| Vec::with_capacity(count(Part::Test))),
        };
        for (row, part) in rows.into_iter().zip(parts) {
            match part {
                Part::Train => divided.train.push(row),
                Part::Valid => divided.valid.push(row),
                Part::Test => divided.test.push(row),
            }
        }
        Ok(divided)
    }

    fn assign(
        &self,
        texts: impl Iterator<Item = impl AsRef<str>>,
        valid: bool,
        test: bool,
    ) -> Result<Vec<Part>, Error> {
        let hashes: Vec<u64> = texts.map(|text| self.hash(text.as_ref())).collect();
        let mut sorted = hashes.clone();
        sorted.sort_unstable();
        let distinct = sorted.chunk_by(u64::eq).count();
        // The test part takes the lowest hashes, the validation part the highest: neither moves when the other changes.
        let none = Amount::Rows(0);
        let below = limit("test", if test { self.test } else { none }, &sorted)?;
        sorted.iter_mut().for_each(|hash| *hash = !*hash);
        sorted.reverse();
        let above = limit("valid", if valid { self.valid } else { none }, &sorted)?;
        let part = |&hash: &u64| {
            if u128::from(hash) < below {
                Part::Test
            } else if u128::from(!hash) < above {
                Part::Valid
            } else {
                Part::Train
            }
        };
        let parts: Vec<Part> = hashes.iter().map(part).collect();
        self.check(&parts, valid, test, distinct)?;
        Ok(parts)
    }

    fn check(&self, parts: &[Part], valid: bool, test: bool, distinct: usize) -> Result<(), Error> {
        let is_none = |amount| matches!(amount, Amount::Rows(0) | Amount::Fraction(0.0));
        let needed = [
            (Part::Train, true, String::new()),
            (
                Part::Valid,
                valid && !is_none(self.valid),
                format!("valid = {}, ", self.valid),
            ),
            (
                Part::Test,
                test && !is_none(self.test),
                format!("test = {}, ", self.test),
            ),
        ];
        for (part, needed, given) in needed {
            if needed && !parts.contains(&part) {
                return Err(Error::Split {
                    message: format!(
                        "{given}the {part} part is empty: there are {} rows with {distinct} different texts; give it more rows, or files of its own",
                        parts.len()
                    ),
                });
            }
        }
        Ok(())
    }

    fn hash(&self, text: &str) -> u64 {
        let digest = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(text.trim())
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(first)
    }
}

/// Below which of the `sorted` hashes a part's are.
fn limit(key: &str, amount: Amount, sorted: &[u64]) -> Result<u128, Error> {
    let fail = |message| Err(Error::Split { message });
    match amount {
        Amount::Rows(0) => Ok(0),
        Amount::Rows(rows) => match sorted.get(rows - 1) {
            Some(&last) => Ok(u128::from(last) + 1),
            None => fail(format!(
                "`{key}` is {rows} rows, but there are {}",
                sorted.len()
            )),
        },
        Amount::Fraction(fraction) if (0.0..=1.0).contains(&fraction) => {
            Ok((fraction * (u64::MAX as f64 + 1.0)) as u128)
        }
        Amount::Fraction(fraction) => fail(format!(
            "`{key}` is {fraction}; write a fraction from 0.0 to 1.0, or a number of rows without a decimal point"
        )),
    }
}

#[cfg(test)]
mod tests;
