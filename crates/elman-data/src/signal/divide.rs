//! Dividing sequences into parts: by label evenly, or by whole groups.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Example;
use crate::{Amount, Error, Part, Parts, names};

/// How sequences without files of their own for validation and test are divided: the keys of `[split]` in a recipe.
///
/// Without `by` a sequence's part follows from a hash of its values, so that equal sequences with the same label are in
/// the same part and the order of files means nothing; windows of one sequence are in the same part, too. Each label gives its share to each part: as many sequences as
/// its amount says, or one where that is less, as long as one is left to learn from.
///
/// With `by` all sequences with the same value of that field (the same subject, say) are in the same part, and `valid`
/// and `test` count such groups: `test = 2` are two subjects, `test = 0.2` a fifth of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalSplit {
    /// Sequences (or groups) to choose the model by; `0` for none.
    pub valid: Amount,
    /// Sequences (or groups) to judge the chosen model by.
    pub test: Amount,
    /// Another number gives another division.
    pub seed: u64,
    /// The field whose values stay together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The values of `by` that are the validation part, instead of `valid`: texts, whole numbers, or ranges of whole
    /// numbers with both ends such as `"0..4"`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_values: Vec<GroupValue>,
    /// The same for the test part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_values: Vec<GroupValue>,
}

impl Default for SignalSplit {
    fn default() -> Self {
        Self {
            valid: Amount::Fraction(0.1),
            test: Amount::Fraction(0.1),
            seed: 0,
            by: None,
            valid_values: Vec::new(),
            test_values: Vec::new(),
        }
    }
}

/// A value of a field, in a recipe a text or a whole number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TextOrNumber")]
#[serde(into = "String")]
pub struct GroupValue(pub String);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a text such as \"anna\", a whole number, or a range such as \"0..4\""
)]
enum TextOrNumber {
    Text(String),
    Number(i64),
}

impl From<TextOrNumber> for GroupValue {
    fn from(value: TextOrNumber) -> Self {
        match value {
            TextOrNumber::Text(text) => Self(text),
            TextOrNumber::Number(number) => Self(number.to_string()),
        }
    }
}

impl From<GroupValue> for String {
    fn from(value: GroupValue) -> Self {
        value.0
    }
}

impl GroupValue {
    fn holds(&self, text: &str) -> bool {
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let in_range = || {
            let (first, last) = self.0.split_once("..")?;
            Some((number(first)?..=number(last)?).contains(&number(text)?))
        };
        self.0.trim() == text.trim() || in_range().unwrap_or(false)
    }
}

impl SignalSplit {
    /// What is wrong with the keys whatever the sequences are.
    pub(super) fn check(&self, valid_files: bool, test_files: bool) -> Result<(), Error> {
        for (key, amount) in [("valid", self.valid), ("test", self.test)] {
            if let Amount::Fraction(fraction) = amount
                && !(0.0..=1.0).contains(&fraction)
            {
                return fail(format!(
                    "`{key}` is {fraction}; write a fraction from 0.0 to 1.0, or a number without a decimal point"
                ));
            }
        }
        let lists = [
            ("valid", &self.valid_values, valid_files),
            ("test", &self.test_values, test_files),
        ];
        for (key, values, has_files) in lists {
            if !values.is_empty() && self.by.is_none() {
                return fail(format!(
                    "`{key}_values` needs `by`, the field whose values they are, e.g. by = \"subject\""
                ));
            }
            if !values.is_empty() && has_files {
                return fail(format!(
                    "`{key}_values` and data.{key}_files are both given; leave one out"
                ));
            }
        }
        Ok(())
    }

    /// Makes whole what files give: parts that are `None` are divided off `examples`, evenly by the field `label`.
    ///
    /// # Errors
    /// [`Error::Split`] for amounts and values that cannot be had, or a part that is asked for and would be empty;
    /// [`Error::Signal`] for an example without the field `by`.
    pub fn complete(
        &self,
        examples: Vec<Example>,
        valid: Option<Vec<Example>>,
        test: Option<Vec<Example>>,
        label: &str,
    ) -> Result<Parts<Example>, Error> {
        self.check(valid.is_some(), test.is_some())?;
        let parts = match &self.by {
            Some(by) => self.by_groups(&examples, by, valid.is_none(), test.is_none())?,
            None => self.by_label(&examples, label, valid.is_none(), test.is_none())?,
        };
        let mut divided = Parts {
            train: Vec::new(),
            valid: valid.unwrap_or_default(),
            test: test.unwrap_or_default(),
        };
        for (example, part) in examples.into_iter().zip(parts) {
            match part {
                Part::Train => divided.train.push(example),
                Part::Valid => divided.valid.push(example),
                Part::Test => divided.test.push(example),
            }
        }
        match divided.train.is_empty() {
            true => fail("the training part is empty; give the others less".into()),
            false => Ok(divided),
        }
    }

    fn by_groups(
        &self,
        examples: &[Example],
        by: &str,
        valid: bool,
        test: bool,
    ) -> Result<Vec<Part>, Error> {
        let values: Vec<&str> = examples
            .iter()
            .map(|example| example.field(by))
            .collect::<Result<_, _>>()?;
        let groups: BTreeSet<&str> = values.iter().copied().collect();
        let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
        for (part, key, wanted) in [
            (Part::Valid, "valid_values", &self.valid_values),
            (Part::Test, "test_values", &self.test_values),
        ] {
            for value in wanted {
                let held: Vec<&str> = groups
                    .iter()
                    .copied()
                    .filter(|group| value.holds(group))
                    .collect();
                if held.is_empty() {
                    return fail(format!(
                        "`{key}`: no sequence has {by} = \"{}\"; there are: {}",
                        value.0,
                        names::list(groups.iter().copied(), 30)
                    ));
                }
                for group in held {
                    if parts.insert(group, part).is_some_and(|other| other != part) {
                        return fail(format!(
                            "{by} = \"{group}\" is in `valid_values` and in `test_values`"
                        ));
                    }
                }
            }
        }
        // The others in an order that only their names and the seed decide: test from one end, validation from the other.
        let mut rest: Vec<(u64, &str)> = groups
            .iter()
            .filter(|group| !parts.contains_key(*group))
            .map(|&group| (self.hash(|digest| digest.update(group)), group))
            .collect();
        rest.sort_unstable();
        let count = |amount, asked: bool, key: &str| match asked {
            false => Ok(0),
            true => whole(
                amount,
                groups.len(),
                key,
                &format!("different values of `{by}`"),
            ),
        };
        let test = count(self.test, test && self.test_values.is_empty(), "test")?;
        let valid = count(self.valid, valid && self.valid_values.is_empty(), "valid")?;
        if test + valid >= rest.len() && test + valid > 0 {
            return fail(format!(
                "{valid} and {test} of the {} different values of `{by}` that are left, for validation and test, leave \
                 none to learn from; set `valid` or `test` to less (0 for none)",
                rest.len()
            ));
        }
        parts.extend(rest[..test].iter().map(|&(_, group)| (group, Part::Test)));
        parts.extend(
            rest[rest.len() - valid..]
                .iter()
                .map(|&(_, group)| (group, Part::Valid)),
        );
        Ok(values
            .iter()
            .map(|value| parts.get(value).copied().unwrap_or(Part::Train))
            .collect())
    }

    fn by_label(
        &self,
        examples: &[Example],
        label: &str,
        valid: bool,
        test: bool,
    ) -> Result<Vec<Part>, Error> {
        let strata = self.strata(examples, label);
        let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
        // One sequence of each label is kept to learn from.
        let mut free: Vec<usize> = sizes.iter().map(|size| size.saturating_sub(1)).collect();
        let mut quotas = |amount, asked: bool, key: &str| -> Result<Vec<usize>, Error> {
            let total = match asked {
                false => 0,
                true => whole(amount, examples.len(), key, "sequences")?,
            };
            let quotas = share(total, &sizes, &free).ok_or_else(|| Error::Split {
                message: format!(
                    "`{key}` asks for {total} of {} sequences, which does not leave one of each label to learn from",
                    examples.len()
                ),
            })?;
            free.iter_mut()
                .zip(&quotas)
                .for_each(|(free, quota)| *free -= quota);
            Ok(quotas)
        };
        let tests = quotas(self.test, test, "test")?;
        let valids = quotas(self.valid, valid, "valid")?;
        let mut parts = vec![Part::Train; examples.len()];
        let windows = examples.windows(2).any(|pair| {
            pair[0].span.sequence > 0 && pair[0].span.sequence == pair[1].span.sequence
        });
        for ((stratum, tests), valids) in strata.iter().zip(tests).zip(valids) {
            let same = |a: usize, b: usize| {
                let (a, b) = (stratum[a], stratum[b]);
                a.0 == b.0 && (windows || course(&examples[a.1]).eq(course(&examples[b.1])))
            };
            let (mut low, mut high) = (tests, stratum.len() - valids);
            // Equal sequences, and windows of one, stay together, so that no part has what another has learned.
            while low > 0 && low < stratum.len() && same(low - 1, low) {
                low += 1;
            }
            if low == stratum.len() && tests < low {
                low = tests;
                while low > 0 && same(low - 1, low) {
                    low -= 1;
                }
            }
            while high < stratum.len() && high > low && same(high - 1, high) {
                high -= 1;
            }
            if high == low {
                high = stratum.len() - valids;
                while high < stratum.len() && high > low && same(high - 1, high) {
                    high += 1;
                }
            }
            stratum[..low]
                .iter()
                .for_each(|&(_, at)| parts[at] = Part::Test);
            stratum[high.max(low)..]
                .iter()
                .for_each(|&(_, at)| parts[at] = Part::Valid);
        }
        let asked =
            |amount, asked| asked && !matches!(amount, Amount::Rows(0) | Amount::Fraction(0.0));
        for (part, asked) in [
            (Part::Valid, asked(self.valid, valid)),
            (Part::Test, asked(self.test, test)),
        ] {
            if asked && !parts.contains(&part) {
                return fail(format!(
                    "the {part} part is empty: too many of the {} sequences are equal{}, or there are too few; give it more, \
                     or files of its own{}",
                    examples.len(),
                    if windows {
                        " or windows of one, which stay together"
                    } else {
                        ""
                    },
                    if windows {
                        ", or divide in time: by = \"window\" with valid_values and test_values"
                    } else {
                        ""
                    }
                ));
            }
        }
        Ok(parts)
    }

    /// The sequences of each label, by their hashes. Labels of a single sequence are together, last.
    fn strata(&self, examples: &[Example], label: &str) -> Vec<Vec<(u64, usize)>> {
        let mut hashes: Vec<u64> = examples
            .par_iter()
            .map(|example| self.hash_of(example))
            .collect();
        self.join_windows(examples, &mut hashes);
        let mut labels: BTreeMap<Option<&str>, Vec<(u64, usize)>> = BTreeMap::new();
        for (at, (example, hash)) in examples.iter().zip(hashes).enumerate() {
            let label = example.fields.get(label).map(String::as_str);
            labels.entry(label).or_default().push((hash, at));
        }
        let (single, mut strata): (Vec<_>, Vec<_>) =
            labels.into_values().partition(|stratum| stratum.len() == 1);
        strata.push(single.concat());
        // Of equal sequences the order means nothing. Those that differ by less than 32 bits hold have equal hashes.
        let compare = |a: &(u64, usize), b: &(u64, usize)| {
            let by_course = || course(&examples[a.1]).cmp(course(&examples[b.1]));
            a.0.cmp(&b.0).then_with(by_course).then(a.1.cmp(&b.1))
        };
        strata
            .iter_mut()
            .for_each(|stratum| stratum.sort_unstable_by(compare));
        strata
    }

    /// Gives all windows of a sequence one hash, that of the sequence.
    fn join_windows(&self, examples: &[Example], hashes: &mut [u64]) {
        let mut sequences: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, example) in examples
            .iter()
            .enumerate()
            .filter(|(_, one)| one.span.sequence > 0)
        {
            sequences.entry(example.span.sequence).or_default().push(at);
        }
        for windows in sequences.into_values().filter(|windows| windows.len() > 1) {
            let whole = self.hash(|digest| {
                let each = windows.iter().map(|&at| hashes[at].to_le_bytes());
                each.for_each(|bytes| digest.update(bytes));
            });
            windows.into_iter().for_each(|at| hashes[at] = whole);
        }
    }

    /// A hash of the values as 32 bits hold them, so that a division is the same as ever.
    fn hash_of(&self, example: &Example) -> u64 {
        self.hash(|digest| {
            digest.update((example.signal.features as u64).to_le_bytes());
            for chunk in example.signal.values.chunks(1024) {
                let bytes: Vec<u8> = chunk
                    .iter()
                    .flat_map(|value| (*value as f32).to_bits().to_le_bytes())
                    .collect();
                digest.update(&bytes);
            }
        })
    }

    fn hash(&self, feed: impl FnOnce(&mut Sha256)) -> u64 {
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        feed(&mut digest);
        let mut first = [0; 8];
        first.copy_from_slice(&digest.finalize()[..8]);
        u64::from_le_bytes(first)
    }
}

/// The bits of a sequence's values.
fn course(example: &Example) -> impl Iterator<Item = u64> + '_ {
    example.signal.values.iter().map(|value| value.to_bits())
}

/// An amount as a number; of a fraction at least one.
fn whole(amount: Amount, of: usize, key: &str, what: &str) -> Result<usize, Error> {
    match amount {
        Amount::Rows(count) if count > of => {
            fail(format!("`{key}` is {count}, but there are {of} {what}"))
        }
        Amount::Fraction(fraction) if fraction > 0.0 => Ok(amount.of(of).max(1)),
        amount => Ok(amount.of(of)),
    }
}

/// Shares `total` among strata in proportion to their sizes (largest remainders), none above what is `free` of it, and
/// none with nothing while another has two, as far as that goes. `None` if so many are not free.
fn share(total: usize, sizes: &[usize], free: &[usize]) -> Option<Vec<usize>> {
    if total > free.iter().sum() {
        return None;
    }
    let all = sizes.iter().sum::<usize>().max(1);
    let exact = |at: usize| total as u128 * sizes[at] as u128;
    let mut shares: Vec<usize> = (0..sizes.len())
        .map(|at| ((exact(at) / all as u128) as usize).min(free[at]))
        .collect();
    let mut left = total - shares.iter().sum::<usize>();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&at| {
        (
            shares[at] > 0,
            std::cmp::Reverse(exact(at) % all as u128),
            at,
        )
    });
    while left > 0 {
        for &at in &order {
            if left > 0 && shares[at] < free[at] {
                shares[at] += 1;
                left -= 1;
            }
        }
    }
    Some(shares)
}

fn fail<T>(message: String) -> Result<T, Error> {
    Err(Error::Split { message })
}

#[cfg(test)]
mod tests;
