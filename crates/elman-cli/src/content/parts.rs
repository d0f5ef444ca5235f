//! Training, validation and test files beside each other.

use std::path::{Path, PathBuf};

/// The files that belong together by their names, such as `X_TRAIN.ts` and `X_TEST.ts`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The training set, where it is another file than the one named.
    pub train: Option<PathBuf>,
    /// The validation set.
    pub valid: Option<PathBuf>,
    /// The test set.
    pub test: Option<PathBuf>,
}

const TRAIN: [&str; 3] = ["train", "training", "trn"];
const VALID: [&str; 5] = ["valid", "validation", "val", "dev", "devel"];
const TEST: [&str; 3] = ["test", "testing", "tst"];

/// What stands beside a file whose name says that it is a part of a set: nothing where it does not say so, or stands alone.
pub fn split_of(path: &Path) -> Option<Split> {
    let name = super::name(path);
    let (start, end) = word(&name)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let (before, own, after) = (&name[..start], &name[start..end], &name[end..]);
    let find = |words: &[&str]| {
        words.iter().find_map(|word| {
            let other = folder.join(format!("{before}{}{after}", like(own, word)));
            other.is_file().then_some(other)
        })
    };
    let own = own.to_ascii_lowercase();
    let split = match TRAIN.contains(&own.as_str()) {
        true => Split {
            train: None,
            valid: find(&VALID),
            test: find(&TEST),
        },
        false => Split {
            train: Some(find(&TRAIN)?),
            valid: find(&VALID),
            test: find(&TEST),
        },
    };
    (split.valid.is_some() || split.test.is_some()).then_some(split)
}

/// Where the word stands in a name that says which part it is: the last one that no letter or digit touches.
fn word(name: &str) -> Option<(usize, usize)> {
    let stem = name.find('.').unwrap_or(name.len());
    let mut found = None;
    let mut start = 0;
    for piece in name[..stem].split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let bare = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let lower = bare.to_ascii_lowercase();
        if [&TRAIN[..], &VALID[..], &TEST[..]]
            .iter()
            .any(|words| words.contains(&lower.as_str()))
        {
            found = Some((start, start + bare.len()));
        }
        start += piece.len();
    }
    found
}

/// A word in the capitals of another.
fn like(own: &str, word: &str) -> String {
    match own {
        own if own.chars().all(|c| c.is_ascii_uppercase()) => word.to_ascii_uppercase(),
        own if own.starts_with(|c: char| c.is_ascii_uppercase()) => {
            word[..1].to_ascii_uppercase() + &word[1..]
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [
            "X_TRAIN.ts",
            "X_TEST.ts",
            "train.csv",
            "test.csv",
            "dev.csv",
            "en-ud-train.conllu",
            "en-ud-dev.conllu",
            "training_notes.txt",
            "contest.csv",
            "alone_train.csv",
        ] {
            std::fs::write(at(name), "").unwrap();
        }
        let found = |name: &str| split_of(&at(name));
        let test = |name: &str| found(name).and_then(|split| split.test);
        assert_eq!(test("X_TRAIN.ts"), Some(at("X_TEST.ts")));
        let csv = found("train.csv").unwrap();
        assert_eq!(
            (csv.valid, csv.test),
            (Some(at("dev.csv")), Some(at("test.csv")))
        );
        let conllu = found("en-ud-train.conllu").unwrap();
        assert_eq!(
            (conllu.valid, conllu.test),
            (Some(at("en-ud-dev.conllu")), None)
        );
        // Who names the test set means the training set beside it.
        assert_eq!(found("test.csv").unwrap().train, Some(at("train.csv")));
        for none in ["contest.csv", "alone_train.csv", "training_notes.txt"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
