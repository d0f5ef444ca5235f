//! Files that are too many to be listed one by one: their number, their size and one sum of all.

use std::fs;
use std::path::Path;

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sum;
use crate::Error;

/// Files of a folder that are described together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Many {
    /// Patterns of their names, in which `*` stands for no `/`.
    pub names: Vec<String>,
    /// How many they are.
    pub files: usize,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// SHA-256 of their list, a line of sum, two spaces and name for each in the order of the names' bytes, as
    /// `LC_ALL=C sha256sum … | sha256sum` gives it. Files that are drawn have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Many {
    /// Whether they are in `folder`, by their number and size. Of files that are drawn the number alone counts: a later encoder may
    /// draw the same in fewer bytes.
    pub(super) fn are_in(&self, folder: &Path) -> bool {
        let Ok(names) = self.found_in(folder) else {
            return false;
        };
        let sizes = names
            .iter()
            .map(|name| fs::metadata(folder.join(name)).map_or(0, |found| found.len()));
        names.len() == self.files && (self.sha256.is_none() || sizes.sum::<u64>() == self.bytes)
    }

    /// Whether they are in `folder` and have their sum; `Err` is the sum that was found.
    pub(super) fn check(&self, folder: &Path) -> Result<(), String> {
        let expected = match &self.sha256 {
            None => {
                return if self.are_in(folder) {
                    Ok(())
                } else {
                    Err("not all there".into())
                };
            }
            Some(expected) => expected,
        };
        let names = self.found_in(folder).unwrap_or_default();
        let mut list = Listing::default();
        for name in names {
            let sum = sum::of_file(&folder.join(&name), false).unwrap_or_default();
            list.add(name, sum);
        }
        let found = list.sum();
        if found == *expected {
            Ok(())
        } else {
            Err(found)
        }
    }

    /// The names in `folder` that are theirs.
    fn found_in(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let patterns = patterns(&self.names)?;
        let mut names = super::place::names_in(folder)?;
        names.retain(|name| matches(&patterns, name));
        Ok(names)
    }
}

/// The sums of files by their names.
#[derive(Default)]
pub(super) struct Listing {
    lines: Vec<(String, String)>,
}

impl Listing {
    pub fn add(&mut self, name: String, sum: String) {
        self.lines.push((name, sum));
    }

    /// The sum of the list.
    pub fn sum(mut self) -> String {
        self.lines.sort();
        let mut all = Sha256::new();
        for (name, sum) in &self.lines {
            all.update(format!("{sum}  {name}\n"));
        }
        sum::hexadecimal(all)
    }
}

/// Patterns of names.
pub(super) fn patterns(names: &[String]) -> Result<Vec<Pattern>, Error> {
    let read = |name: &String| {
        Pattern::new(name).map_err(|error| Error::Config {
            key: name.clone(),
            message: format!("is no pattern of file names ({error})"),
        })
    };
    names.iter().map(read).collect()
}

/// Whether one of the patterns is that of `name`.
pub(super) fn matches(patterns: &[Pattern], name: &str) -> bool {
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::default()
    };
    patterns
        .iter()
        .any(|pattern| pattern.matches_with(name, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_many_is_what_sha256sum_gives() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        for (name, text) in [
            ("in/b.wav", "two"),
            ("in/a.wav", "one"),
            ("in/c.txt", "three"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        // printf one > in/a.wav; printf two > in/b.wav; LC_ALL=C sha256sum in/*.wav | sha256sum
        let mut many = Many {
            names: vec!["in/*.wav".into()],
            files: 2,
            bytes: 6,
            sha256: Some("SUM".into()),
        };
        let found = many.check(folder.path()).unwrap_err();
        assert_eq!(
            found,
            "ad29deaafe61e2fc47f77a26913193efe158c8256785bd36af52bcd6a5694569"
        );
        many.sha256 = Some(found);
        many.check(folder.path()).unwrap();
        assert!(many.are_in(folder.path()));
        fs::write(folder.path().join("in/d.wav"), "").unwrap();
        assert!(!many.are_in(folder.path()), "one too many");
    }
}
