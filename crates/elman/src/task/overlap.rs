//! What the test part has in common with the training part.

use std::borrow::Cow;
use std::collections::HashMap;

/// What to say of test texts that are in the training part too, word for word or but for upper and lower case, punctuation
/// and spaces: a model may have them by heart. Nothing where there are none. `what` they are is in the plural.
pub(super) fn remark<'a>(
    train: impl Iterator<Item = Cow<'a, str>>,
    test: impl Iterator<Item = Cow<'a, str>> + Clone,
    what: &str,
) -> Option<String> {
    // The test part is the smaller one: its texts are kept, and those of the training part looked up among them.
    let mut exact: HashMap<Cow<'_, str>, bool> = test.clone().map(|text| (text, false)).collect();
    let mut loose: HashMap<String, bool> = exact.keys().map(|text| (plain(text), false)).collect();
    for text in train {
        if let Some(found) = exact.get_mut(&text) {
            *found = true;
        }
        if let Some(found) = loose.get_mut(&plain(&text)) {
            *found = true;
        }
    }
    let (mut same, mut alike, mut all) = (0, 0, 0);
    for text in test {
        all += 1;
        if exact[&text] {
            same += 1;
        } else if loose[&plain(&text)] {
            alike += 1;
        }
    }
    let found = match (same, alike) {
        (0, 0) => return None,
        (_, 0) => format!("{same} of {all} test {what} are word for word"),
        (0, _) => format!(
            "{alike} of {all} test {what} are, but for upper and lower case, punctuation and spaces,"
        ),
        _ => format!(
            "{same} of {all} test {what} are word for word, and {alike} but for upper and lower case, punctuation and spaces,"
        ),
    };
    Some(format!(
        "{found} in the training part too: figures on the test part flatter"
    ))
}

/// The letters and digits of a text, in lower case; the text itself where it has none.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    if letters.is_empty() {
        text.trim().into()
    } else {
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_as_they_are_and_without_their_dress() {
        let train = ["Good film.", "좋은 영화", "...", "a b"];
        let say = |test: &[&'static str]| {
            let [train, test] =
                [&train[..], test].map(|texts| texts.iter().copied().map(Cow::from));
            remark(train, test, "texts")
        };
        assert_eq!(say(&["Bad film.", "!!!"]), None);
        assert_eq!(
            say(&["Good film.", "other"]).unwrap(),
            "1 of 2 test texts are word for word in the training part too: figures on the test part flatter"
        );
        assert!(
            say(&["good  FILM", "좋은영화!"])
                .unwrap()
                .starts_with("2 of 2 test texts are, but for")
        );
        let both = say(&["a b", "A, b", "c"]).unwrap();
        assert!(
            both.starts_with("1 of 3 test texts are word for word, and 1 but for"),
            "{both}"
        );
    }
}
