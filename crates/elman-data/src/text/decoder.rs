//! From numbers back to text, one at a time.

use super::config::{Normal, Tokens};
use super::normal::Composer;
use super::subword::{Style, Subwords, bytes_of};
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
    tail: Tail,
    /// Where texts are read decomposed.
    composer: Option<Composer>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            utf8: Utf8::default(),
            joiner: Joiner::default(),
            tail: Tail::default(),
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
        let text = match (&self.vocabulary.subwords, self.vocabulary.tokens) {
            (Some(subwords), _) => match &subwords.style {
                Style::Bytes => self.utf8.push(&bytes_of(token)),
                Style::Words(mark) => match token.strip_prefix(mark.as_str()) {
                    Some(rest) if !mark.is_empty() => rest.to_owned(),
                    _ => self.joiner.push(token),
                },
                Style::Own => self.tail.push(own as u32, subwords),
            },
            (None, Tokens::Bytes) => self.utf8.push(&[own as u8]),
            (None, Tokens::Characters | Tokens::Dna) => token.to_owned(),
            (None, _) => self.joiner.push(token),
        };
        self.compose(text)
    }

    /// The text that is held back, when nothing follows. The decoder is then as new.
    pub fn finish(&mut self) -> String {
        let mut rest = self.utf8.finish();
        if let Some(subwords) = &self.vocabulary.subwords {
            rest += &self.tail.finish(subwords);
        }
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

/// The last tokens of a tokenizer with a decoder of its own: what a token adds to the text depends on those before it.
#[derive(Clone, Debug, Default)]
struct Tail {
    /// Tokens whose text is given, then those that wait.
    ids: Vec<u32>,
    settled: usize,
    /// Bytes of text that the settled tokens make by themselves.
    given: usize,
}

/// No character is longer, in bytes and so in tokens.
const LONGEST_CHARACTER: usize = 4;

impl Tail {
    fn push(&mut self, id: u32, subwords: &Subwords) -> String {
        self.ids.push(id);
        let text = subwords.decode(&self.ids);
        let waiting = self.ids.len() - self.settled;
        if text.ends_with(char::REPLACEMENT_CHARACTER) && waiting < LONGEST_CHARACTER {
            return String::new();
        }
        let new = text.get(self.given..).unwrap_or_default().to_owned();
        self.ids.drain(..self.settled);
        self.settled = self.ids.len();
        self.given = subwords.decode(&self.ids).len();
        new
    }

    fn finish(&mut self, subwords: &Subwords) -> String {
        let text = subwords.decode(&self.ids);
        text.get(self.given..).unwrap_or_default().to_owned()
    }
}
