//! Tokens and their numbers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::config::{Normal, Special, Tokens};
use super::decoder::Decoder;
use super::normal::normalise;
use super::pieces::pieces;
use super::subword::Subwords;
use super::{dna, words};
use crate::Error;

/// Bytes of texts that tell how many tokens there are in all.
const ENOUGH: usize = 64 << 10;

/// The tokens that a model knows, each with its number.
///
/// The special tokens come first, in the order in which they were asked for; the others follow by falling count (those
/// of equal count in alphabetical order), bytes by value, and subwords as their tokenizer numbers them.
///
/// ```
/// use elman_data::text::{Special, Vocabulary, VocabularyConfig};
/// # fn main() -> Result<(), elman_data::Error> {
/// let texts = ["hello"];
/// let vocabulary = Vocabulary::build(&VocabularyConfig::default(), &[Special::End], ".".as_ref(), texts.into_iter())?;
/// assert_eq!(vocabulary.encode("hell")?, [3, 2, 1, 1]); // </s> l e h o
/// assert_eq!(vocabulary.decode(&[3, 2, 1, 1, 4, 0]), "hello");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabulary {
    pub(super) tokens: Tokens,
    pub(super) normalise: Normal,
    pub(super) lowercase: bool,
    pub(super) specials: Vec<Special>,
    /// All tokens by number.
    pub(super) list: Vec<String>,
    /// Numbers of the tokens that are not special.
    pub(super) index: HashMap<String, u32>,
    pub(super) subwords: Option<Arc<Subwords>>,
}

impl Vocabulary {
    /// How many tokens there are, special ones included.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Never: a vocabulary without a token is an error.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What one number stands for.
    pub fn kind(&self) -> Tokens {
        self.tokens
    }

    /// The special tokens; their numbers are their places.
    pub fn specials(&self) -> &[Special] {
        &self.specials
    }

    /// The number of a special token, if the vocabulary has it.
    pub fn special(&self, special: Special) -> Option<u32> {
        self.specials
            .iter()
            .position(|&known| known == special)
            .map(|place| place as u32)
    }

    /// The token of a number as it is stored: a special one as `<unk>`, a byte as itself or `<0x0A>`.
    ///
    /// # Panics
    /// If `id` is not less than [`Vocabulary::len`].
    pub fn token(&self, id: u32) -> &str {
        &self.list[id as usize]
    }

    /// The number of a token as [`Vocabulary::token`] writes it.
    pub fn id(&self, token: &str) -> Option<u32> {
        let special = self.specials.iter().find(|special| special.name() == token);
        match special {
            Some(&special) => self.special(special),
            None => self.index.get(token).copied(),
        }
    }

    /// The numbers of a text, without start and end.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] with its place if the text holds a token that the vocabulary lacks, and the vocabulary
    /// has no [`Special::Unknown`] to stand for it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let mut ids = Vec::new();
        self.encode_into(text, &mut ids)?;
        Ok(ids)
    }

    /// The numbers of texts one after another, and `end` after each.
    ///
    /// # Errors
    /// As [`Vocabulary::encode`], whose places are those in the text that is at fault.
    pub fn encode_all(&self, texts: &[&str], end: Option<u32>) -> Result<Vec<u32>, Error> {
        let mut ids = Vec::new();
        // A vector that doubles holds its numbers twice while it does. The first texts tell how many there will be.
        let all = texts.iter().map(|text| text.len() + 1).sum::<usize>() as f64;
        let (mut bytes, mut tokens) = (0, 0);
        for first in texts.iter().flat_map(|text| pieces(text)) {
            bytes += first.len() + 1;
            tokens += self.encode(first)?.len() + 1;
            if bytes >= ENOUGH {
                break;
            }
        }
        if bytes > 0 {
            ids.reserve_exact((1.125 * all * tokens as f64 / bytes as f64) as usize);
        }
        for text in texts {
            self.encode_into(text, &mut ids)?;
            ids.extend(end);
        }
        Ok(ids)
    }

    /// Whether [`Vocabulary::encode`] gives numbers for a text.
    pub fn knows(&self, text: &str) -> bool {
        if self.subwords.is_some() {
            return self.encode(text).is_ok();
        }
        let known = |_, token: &str| self.number(token).map(drop).ok_or(());
        pieces(text).all(|piece| self.cut(&self.normal(piece), known).is_ok())
    }

    /// Adds the numbers of a text to `ids`.
    fn encode_into(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), Error> {
        if let Some(subwords) = &self.subwords {
            ids.extend(self.encode_subwords(subwords, &self.normal(text))?);
            return Ok(());
        }
        let mut lines = 0;
        for piece in pieces(text) {
            let normal = self.normal(piece);
            self.cut(&normal, |at, token| {
                let id = self.number(token);
                ids.push(id.ok_or_else(|| unknown(&normal, at, token, lines))?);
                Ok::<_, Error>(())
            })?;
            lines += piece.matches('\n').count();
        }
        Ok(())
    }

    /// A text as it is read before it is cut: in the Unicode form and case that the vocabulary has.
    pub fn as_read<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.normal(text)
    }

    /// The other strand, read in its own direction: complements from the last to the first. Special tokens stay what they are.
    ///
    /// # Panics
    /// If the tokens are not those of [`Tokens::Dna`], or one is not in the vocabulary.
    pub fn reverse_complement(&self, ids: &[u32]) -> Vec<u32> {
        assert!(
            self.tokens == Tokens::Dna,
            "a strand is made of the letters of DNA"
        );
        let other = |id: &u32| {
            let complement = dna::complement(self.token(*id));
            complement.and_then(|letter| self.id(letter)).unwrap_or(*id)
        };
        ids.iter().rev().map(other).collect()
    }

    fn encode_subwords(&self, subwords: &Subwords, text: &str) -> Result<Vec<u32>, Error> {
        let own = subwords.encode(text)?;
        let stand_in = self.special(Special::Unknown);
        if stand_in.is_none() && own.contains(&None) {
            let (at, token) = subwords.first_unknown(text)?.unwrap_or_default();
            return Err(unknown(text, at, &token, 0));
        }
        let number = |id: Option<u32>| id.map(|id| id + self.specials.len() as u32).or(stand_in);
        Ok(own.into_iter().filter_map(number).collect())
    }

    /// The numbers of words that are already cut, one each. Only words vocabularies can do this.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] as [`Vocabulary::encode`], with the number of the word as its column;
    /// [`Error::Vocabulary`] if the tokens are not words.
    pub fn encode_words(
        &self,
        words: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<u32>, Error> {
        if self.tokens != Tokens::Words || self.subwords.is_some() {
            return Err(Error::Vocabulary {
                message: format!(
                    "its tokens are {}, but one number for each word is asked for",
                    self.tokens
                ),
            });
        }
        let number = |(i, word): (usize, _)| {
            let word = self.normal(AsRef::as_ref(&word));
            self.number(&word).ok_or_else(|| Error::UnknownToken {
                token: word.into_owned(),
                place: format!("word {}", i + 1),
            })
        };
        words.into_iter().enumerate().map(number).collect()
    }

    /// The pieces that a text is cut into before they are numbered.
    ///
    /// # Errors
    /// [`Error::Vocabulary`] if a loaded tokenizer fails.
    pub fn tokens(&self, text: &str) -> Result<Vec<String>, Error> {
        if let Some(subwords) = &self.subwords {
            return subwords.cut(&self.normal(text));
        }
        let mut tokens = Vec::new();
        self.cut(&self.normal(text), |_, token| {
            tokens.push(token.to_owned());
            Ok::<_, Error>(())
        })?;
        Ok(tokens)
    }

    /// The text of numbers, as a person would write it; special tokens and numbers beyond the vocabulary are left out.
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut decoder = self.decoder();
        let mut text: String = ids.iter().map(|&id| decoder.push(id)).collect();
        text += &decoder.finish();
        text
    }

    /// A number as people read it: the text it stands for, a special token by its name, and a piece of a letter as the
    /// vocabulary writes it.
    ///
    /// # Panics
    /// If the number is beyond the vocabulary.
    pub fn shown(&self, id: u32) -> String {
        let text = self.decode(&[id]);
        match text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
            true => self.token(id).to_owned(),
            false => text,
        }
    }

    /// Decodes one number at a time.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder::new(self)
    }

    /// Whether a number is a token that stands for text, and if so which of those (from 0).
    pub(super) fn own(&self, id: u32) -> Option<usize> {
        let own = (id as usize).checked_sub(self.specials.len())?;
        let shown = |subwords: &Arc<Subwords>| !subwords.is_hidden(own);
        (own < self.list.len() - self.specials.len() && self.subwords.as_ref().is_none_or(shown))
            .then_some(own)
    }

    fn normal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        normalise(text, self.lowercase, self.normalise)
    }

    fn number(&self, token: &str) -> Option<u32> {
        self.index
            .get(token)
            .copied()
            .or_else(|| self.special(Special::Unknown))
    }

    /// Tells `each` the tokens of a normal text and the byte at which each begins.
    fn cut<E>(
        &self,
        text: &str,
        mut each: impl FnMut(usize, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let names = &self.list[self.specials.len()..];
        match self.tokens {
            Tokens::Bytes => text
                .bytes()
                .enumerate()
                .try_for_each(|(at, byte)| each(at, &names[usize::from(byte)])),
            Tokens::Dna => dna::read(text).try_for_each(|(at, letter)| each(at, letter)),
            Tokens::Characters => {
                let mut buffer = [0; 4];
                text.char_indices()
                    .try_for_each(|(at, c)| each(at, c.encode_utf8(&mut buffer)))
            }
            _ => words::split(text).try_for_each(|(at, word)| each(at, word)),
        }
    }
}

/// A token that stands at a byte of a text, before which there are so many lines.
fn unknown(text: &str, at: usize, token: &str, lines: usize) -> Error {
    let before = text.get(..at).unwrap_or_default();
    let line = lines + before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    Error::UnknownToken {
        token: token.to_owned(),
        place: format!("line {line}, column {column}"),
    }
}
