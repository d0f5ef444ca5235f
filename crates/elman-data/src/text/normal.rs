//! Unicode normal forms, and composing a text that arrives in pieces.

use std::borrow::Cow;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{
    IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfd_quick, is_nfkc_quick,
};

use super::config::Normal;

/// `text` in lower case if asked for, then in the form.
pub(super) fn normalise(text: &str, lowercase: bool, form: Normal) -> Cow<'_, str> {
    let lower = if lowercase {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    if lower.is_ascii() {
        return lower;
    }
    let is_normal = match form {
        Normal::Nfc => is_nfc_quick(lower.chars()),
        Normal::Nfkc => is_nfkc_quick(lower.chars()),
        Normal::Nfd => is_nfd_quick(lower.chars()),
        Normal::None => IsNormalized::Yes,
    };
    if is_normal == IsNormalized::Yes {
        return lower;
    }
    Cow::Owned(match form {
        Normal::Nfc | Normal::None => lower.nfc().collect(),
        Normal::Nfkc => lower.nfkc().collect(),
        Normal::Nfd => lower.nfd().collect(),
    })
}

/// Composes (NFC) a text that arrives in pieces, holding back what the next character may still change.
#[derive(Clone, Debug, Default)]
pub(super) struct Composer {
    /// From the last character before which everything is certain.
    held: String,
}

impl Composer {
    /// Adds `piece` and gives what is now certain.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let mut certain = String::new();
        for c in piece.chars() {
            // Before such a character no composition reaches across (Unicode Standard Annex 15, section 9.1).
            if canonical_combining_class(c) == 0
                && is_nfc_quick([c].into_iter()) == IsNormalized::Yes
            {
                certain.extend(self.held.drain(..).nfc());
            }
            self.held.push(c);
        }
        certain
    }

    /// What is held back, when nothing follows.
    pub(super) fn finish(&mut self) -> String {
        self.held.drain(..).nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        let run = |text, lowercase, form| normalise(text, lowercase, form).into_owned();
        assert_eq!(run("한e\u{301}", false, Normal::Nfc), "한é");
        assert_eq!(
            run("한é", false, Normal::Nfd),
            "\u{1112}\u{1161}\u{11ab}e\u{301}"
        );
        assert_eq!(run("ﬁＡ①", false, Normal::Nfkc), "fiA1");
        assert_eq!(run("e\u{301}ﬁ", false, Normal::None), "e\u{301}ﬁ");
        assert_eq!(run("ÀÉ Straße ΑΣ", true, Normal::Nfc), "àé straße ας");
        assert!(matches!(
            normalise("한글 plain", false, Normal::Nfc),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn a_syllable_is_given_when_the_next_begins() {
        let mut composer = Composer::default();
        let pieces: Vec<String> = "한국어!"
            .nfd()
            .map(|jamo| composer.push(&jamo.to_string()))
            .collect();
        // ᄒ ᅡ ᆫ ᄀ ᅮ ᆨ ᄋ ᅥ !
        assert_eq!(pieces, ["", "", "", "한", "", "", "국", "", "어"]);
        assert_eq!(composer.finish(), "!");
        assert_eq!(composer.finish(), "");
    }

    proptest! {
        #[test]
        fn pieces_compose_to_what_the_whole_does(text in "([가-힣a-e\u{300}-\u{330}\u{1100}-\u{11ff}\u{9be}\u{9c7}\u{9d7}]|\\PC){0,40}") {
            let decomposed: String = text.nfd().collect();
            let mut composer = Composer::default();
            let mut composed: String = decomposed.chars().map(|c| composer.push(&c.to_string())).collect();
            composed += &composer.finish();
            prop_assert_eq!(composed, text.nfc().collect::<String>());
        }
    }
}
