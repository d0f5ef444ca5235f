//! Characters from bytes that arrive in pieces.

use std::str::from_utf8;

/// Holds back the bytes of a character until it is whole; bytes that are no UTF-8 become U+FFFD.
#[derive(Clone, Debug, Default)]
pub(super) struct Utf8 {
    held: Vec<u8>,
}

impl Utf8 {
    /// Adds bytes and gives the text that is now certain.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let mut text = String::new();
        loop {
            let (valid, bad) = match from_utf8(&self.held) {
                Ok(valid) => (valid, Some(0)),
                Err(error) => (
                    from_utf8(&self.held[..error.valid_up_to()]).unwrap_or_default(),
                    error.error_len(),
                ),
            };
            text.push_str(valid);
            let valid = valid.len();
            self.held.drain(..valid + bad.unwrap_or(0));
            match bad {
                Some(0) | None => return text,
                Some(_) => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }

    /// What stands for bytes that are held back when nothing follows.
    pub(super) fn finish(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.held).into_owned();
        self.held.clear();
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_is_given_with_its_last_byte() {
        let mut utf8 = Utf8::default();
        let given: Vec<String> = "한a🙂".bytes().map(|byte| utf8.push(&[byte])).collect();
        assert_eq!(given, ["", "", "한", "a", "", "", "", "🙂"]);
        assert_eq!(utf8.push(b"\xed\x95a"), "\u{fffd}a");
        assert_eq!(
            (utf8.push(b"\xed\x95"), utf8.finish(), utf8.finish()),
            (String::new(), "\u{fffd}".into(), String::new())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_what_lossy_decoding_gives(pieces in prop::collection::vec(prop::collection::vec(prop_oneof![any::<u8>(), 0x80u8..0xf5], 0..4), 0..20)) {
            let mut utf8 = Utf8::default();
            let mut text: String = pieces.iter().map(|piece| utf8.push(piece)).collect();
            text += &utf8.finish();
            let bytes = pieces.concat();
            prop_assert_eq!(text, String::from_utf8_lossy(&bytes));
        }
    }
}
