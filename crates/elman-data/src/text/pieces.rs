//! Long texts, a piece at a time.

use memchr::memchr;

/// No piece but the last is shorter, in bytes.
const SHORTEST: usize = 64 << 10;

/// A text in pieces that end with a line's end. Neither a word nor a normal form nor the case of a letter depends on what
/// stands in another line, so that pieces come to what the whole does.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let least = rest.len().min(SHORTEST);
        let end = memchr(b'\n', &rest.as_bytes()[least..]).map_or(rest.len(), |at| least + at + 1);
        let piece;
        (piece, rest) = rest.split_at(end);
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::config::Normal;
    use crate::text::normal::normalise;
    use crate::text::words;

    #[test]
    fn pieces_come_to_what_the_whole_does() {
        let line = "e\u{301}t\u{e9} \u{1112}\u{1161} well-known ΑΣ\n\u{301}Σ - x\n\n";
        let text = line.repeat(3 * SHORTEST / line.len()) + "re-";
        assert!((3..=4).contains(&pieces(&text).count()));
        assert_eq!(pieces(&text).collect::<String>(), text);
        for form in [Normal::Nfc, Normal::Nfkc, Normal::Nfd, Normal::None] {
            let normal = |text| normalise(text, true, form);
            let by_pieces: String = pieces(&text).map(normal).collect();
            assert_eq!(by_pieces, normal(&text));
        }
        let words = |text| words::split(text).map(|(_, word)| word);
        assert!(pieces(&text).flat_map(words).eq(words(&text)));
        assert_eq!(pieces("").count(), 0);
    }
}
