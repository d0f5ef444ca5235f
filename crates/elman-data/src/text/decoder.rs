//! From numbers back to text, one at a time.

use super::config::{Normal, Tokens};
use super::normal::Composer;
use super::utf8::Utf8;
use super::vocabulary::Vocabulary;
use super::words::Joiner;

/// Turns tokens into text as they are made: each call gives what is certain by then.
///
/// A part of a character (a byte, a jamo) is held back until the character is whole. All that is given, together,
/// is what [`Vocabulary::decode`] gives for all the tokens.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    vocabulary: &'a Vocabulary,
    utf8: Utf8,
    joiner: Joiner,
    /// Where texts are read decomposed.
    composer: Option<Composer>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            utf8: Utf8::default(),
            joiner: Joiner::default(),
            composer: (vocabulary.normalise == Normal::Nfd).then(Composer::default),
        }
    }

    /// Adds a token and gives the text that is now certain, which may be none. Special tokens, and numbers beyond the
    /// vocabulary, add nothing.
    pub fn push(&mut self, id: u32) -> String {
        let Some(own) = self.vocabulary.own(id) else {
            return String::new();
        };
        let token = self.vocabulary.token(id);
        let text = match self.vocabulary.tokens {
            Tokens::Bytes => self.utf8.push(&[own as u8]),
            Tokens::Characters => token.to_owned(),
            _ => self.joiner.push(token),
        };
        self.compose(text)
    }

    /// The text that is held back, when nothing follows. The decoder is then as new.
    pub fn finish(&mut self) -> String {
        let rest = self.utf8.finish();
        let mut text = self.compose(rest);
        text += &self
            .composer
            .as_mut()
            .map(Composer::finish)
            .unwrap_or_default();
        *self = Self::new(self.vocabulary);
        text
    }

    fn compose(&mut self, text: String) -> String {
        match &mut self.composer {
            Some(composer) => composer.push(&text),
            None => text,
        }
    }
}
