//! A text cut into words and punctuation, and put together again.

use unicode_segmentation::UnicodeSegmentation;

/// The words and punctuation marks of a text with the byte at which each begins; white space separates and is left out.
///
/// Words end where Unicode Standard Annex 29 says, except that hyphens between two words hold them together:
/// `don't`, `3.14`, `well-known` and `고향은` are one token each, `(good),` is four.
pub(super) fn split(text: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    let mut pieces = text
        .split_word_bound_indices()
        .filter(|(_, piece)| !piece.chars().all(char::is_whitespace));
    // What follows the last word and is none of it: up to two pieces were looked at to know.
    let [mut next, mut after] = [pieces.next(), pieces.next()];
    std::iter::from_fn(move || {
        let (start, first) = next?;
        let mut end = start + first.len();
        (next, after) = (after, pieces.next());
        if is_word(first) {
            while let (Some((at, hyphen)), Some((then, word))) = (next, after)
                && at == end
                && is_hyphen(hyphen)
                && then == at + hyphen.len()
                && is_word(word)
            {
                end = then + word.len();
                [next, after] = [pieces.next(), pieces.next()];
            }
        }
        Some((start, &text[start..end]))
    })
}

fn is_word(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric)
}

fn is_hyphen(piece: &str) -> bool {
    matches!(piece, "-" | "\u{2010}" | "\u{2011}")
}

/// Puts words and marks in a row as a person would write them.
#[derive(Clone, Debug, Default)]
pub(super) struct Joiner {
    begun: bool,
    /// The mark before belongs to what follows.
    tight: bool,
    /// Whether a `"` and a `'` are open.
    open: [bool; 2],
}

impl Joiner {
    /// What `word` adds to the text: itself, after a space if one belongs there.
    pub(super) fn push(&mut self, word: &str) -> String {
        let (before, after) = self.sides(word);
        let space = self.begun && !self.tight && !before;
        (self.begun, self.tight) = (true, after);
        if space {
            format!(" {word}")
        } else {
            word.to_owned()
        }
    }

    /// Whether a word touches what comes before and what comes after it.
    fn sides(&mut self, word: &str) -> (bool, bool) {
        match word {
            "." | "," | "!" | "?" | ";" | ":" | "%" | ")" | "]" | "}" | "»" | "”" | "’" | "…"
            | "‥" | "°" | "~" | "。" | "、" | "，" | "．" | "！" | "？" | "；" | "：" | "）"
            | "」" | "』" | "】" | "》" | "〉" => (true, false),
            "(" | "[" | "{" | "«" | "“" | "‘" | "„" | "‚" | "¿" | "¡" | "$" | "£" | "€" | "₩"
            | "¥" | "#" | "@" | "（" | "「" | "『" | "【" | "《" | "〈" => (false, true),
            "/" => (true, true),
            "\"" | "'" => {
                let open = &mut self.open[usize::from(word == "'")];
                *open = !*open;
                (!*open, *open)
            }
            _ => (false, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let words: Vec<(usize, &str)> = split(text).collect();
        assert!(
            words
                .iter()
                .all(|&(start, word)| text[start..].starts_with(word))
        );
        words.into_iter().map(|(_, word)| word).collect()
    }

    fn joined(text: &str) -> String {
        let mut joiner = Joiner::default();
        words(text)
            .into_iter()
            .map(|word| joiner.push(word))
            .collect()
    }

    #[test]
    fn words_and_marks() {
        assert_eq!(
            words("The food was good, not bad at all."),
            [
                "The", "food", "was", "good", ",", "not", "bad", "at", "all", "."
            ]
        );
        assert_eq!(
            words("don't  3.14\t1,000 U.S. well-known re- -x a - b\n"),
            [
                "don't",
                "3.14",
                "1,000",
                "U.S",
                ".",
                "well-known",
                "re",
                "-",
                "-",
                "x",
                "a",
                "-",
                "b"
            ]
        );
        assert_eq!(
            words("내 고향은 서울입니다. \"정말?\" 네!!"),
            [
                "내",
                "고향은",
                "서울입니다",
                ".",
                "\"",
                "정말",
                "?",
                "\"",
                "네",
                "!",
                "!"
            ]
        );
        assert_eq!(
            words("좋아요👍🏽👨‍👩‍👧 e\u{301}te\u{301}"),
            ["좋아요", "👍🏽", "👨‍👩‍👧", "e\u{301}te\u{301}"]
        );
        assert_eq!(words(" \u{3000}\u{a0}\r\n"), [""; 0]);
        assert_eq!(words("-"), ["-"]);
        assert_eq!(words("state-of-the-art-"), ["state-of-the-art", "-"]);
    }

    #[test]
    fn put_together_again() {
        for text in [
            "good, not bad.",
            "The food was good, not bad at all.",
            "He said \"never (ever)\" to us; \"why?\"",
            "It's $5, don't you think?",
            "and/or a well-known man - no, 50% of them…",
            "¿Qué? «Oui»",
            "내 고향은 서울입니다. “정말?” 네!",
            "a 'quoted' word",
            "T-Shirt",
        ] {
            assert_eq!(joined(text), text);
        }
        assert_eq!(joined("a , b ."), "a, b.");
    }
}
