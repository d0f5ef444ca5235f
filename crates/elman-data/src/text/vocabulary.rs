//! Tokens and their numbers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::{Normal, Special, Tokens, VocabularyConfig};
use super::decoder::Decoder;
use super::normal::normalise;
use super::subword::Subwords;
use super::words;
use crate::Error;

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
    lowercase: bool,
    specials: Vec<Special>,
    /// All tokens by number.
    list: Vec<String>,
    /// Numbers of the tokens that are not special.
    index: HashMap<String, u32>,
    pub(super) subwords: Option<Arc<Subwords>>,
}

/// What `vocabulary.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    tokens: Tokens,
    normalise: Normal,
    lowercase: bool,
    specials: Vec<Special>,
    /// The tokens after the special ones; bytes and subwords need none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<String>,
    /// The text of `tokenizer.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokenizer: Option<String>,
}

impl Vocabulary {
    /// Learns the tokens of `texts`; `config.file` is relative to `base`.
    ///
    /// # Errors
    /// [`Error::Config`] for keys that cannot be meant, or that leave out tokens although [`Special::Unknown`] is not
    /// asked for; [`Error::Vocabulary`] when the texts hold no token.
    pub fn build<'a>(
        config: &VocabularyConfig,
        specials: &[Special],
        base: &Path,
        texts: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Self, Error> {
        let texts = texts.map(|text| normalise(text, config.lowercase, config.normalise));
        if config.file.is_some() || config.tokens.are_subwords() {
            let subwords = match &config.file {
                Some(file) => Subwords::load(file, base)?,
                None => {
                    let size = config.size.unwrap_or(DEFAULT_SUBWORDS);
                    let room = room(Some(size), specials)?.unwrap_or_default();
                    let texts: Vec<Cow<'_, str>> = texts.collect();
                    if texts.iter().all(|text| text.trim().is_empty()) {
                        return Err(no_token());
                    }
                    Subwords::train(config.tokens, room, config.min_count as u64, &texts)?
                }
            };
            return Self::from_saved(Saved {
                tokens: subwords.kind(),
                normalise: config.normalise,
                lowercase: config.lowercase,
                specials: specials.to_vec(),
                list: Vec::new(),
                tokenizer: Some(subwords.json),
            });
        }
        match config.tokens {
            Tokens::Bytes => {
                let limit = config
                    .size
                    .map(|_| "size")
                    .or((config.min_count > 1).then_some("min_count"));
                match limit {
                    Some(key) => Err(Error::Config {
                        key: format!("vocabulary.{key}"),
                        message: "there are always 256 bytes; leave the key out".into(),
                    }),
                    None => Self::new(config, specials, byte_names()),
                }
            }
            Tokens::Characters => {
                let mut counts: HashMap<char, u64> = HashMap::new();
                for text in texts {
                    text.chars()
                        .for_each(|c| *counts.entry(c).or_default() += 1);
                }
                Self::ranked(
                    config,
                    specials,
                    counts.into_iter().map(|(c, count)| (c.to_string(), count)),
                )
            }
            _ => {
                let mut counts = HashMap::new();
                for text in texts {
                    words::split(&text)
                        .into_iter()
                        .for_each(|(_, word)| count(&mut counts, word));
                }
                Self::ranked(config, specials, counts.into_iter())
            }
        }
    }

    /// Learns words that are already cut, as those of a tagged corpus: none is divided further.
    ///
    /// # Errors
    /// As [`Vocabulary::build`]; [`Error::Config`] unless `config.tokens` is words.
    pub fn of_words<'a>(
        config: &VocabularyConfig,
        specials: &[Special],
        words: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        if config.tokens != Tokens::Words || config.file.is_some() {
            return Err(Error::Config {
                key: "vocabulary.tokens".into(),
                message:
                    "these texts are already cut into words; set tokens = \"words\" and no file"
                        .into(),
            });
        }
        let mut counts = HashMap::new();
        for word in words {
            count(
                &mut counts,
                &normalise(word, config.lowercase, config.normalise),
            );
        }
        Self::ranked(config, specials, counts.into_iter())
    }

    fn ranked(
        config: &VocabularyConfig,
        specials: &[Special],
        counts: impl Iterator<Item = (String, u64)>,
    ) -> Result<Self, Error> {
        let mut ranked: Vec<(String, u64)> = counts.collect();
        if ranked.is_empty() {
            return Err(no_token());
        }
        ranked.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        let all = ranked.len();
        let frequent = ranked.partition_point(|(_, count)| *count >= config.min_count as u64);
        let room = room(config.size, specials)?.unwrap_or(all);
        ranked.truncate(frequent.min(room));
        if ranked.len() < all && !specials.contains(&Special::Unknown) || ranked.is_empty() {
            let key = if frequent <= room {
                "min_count"
            } else {
                "size"
            };
            return Err(Error::Config {
                key: format!("vocabulary.{key}"),
                message: format!(
                    "leaves out {} of the {all} {} in the training texts, and nothing can stand for them here; leave the key out",
                    all - ranked.len(),
                    config.tokens
                ),
            });
        }
        Self::new(
            config,
            specials,
            ranked.into_iter().map(|(token, _)| token).collect(),
        )
    }

    fn new(
        config: &VocabularyConfig,
        specials: &[Special],
        list: Vec<String>,
    ) -> Result<Self, Error> {
        Self::from_saved(Saved {
            tokens: config.tokens,
            normalise: config.normalise,
            lowercase: config.lowercase,
            specials: specials.to_vec(),
            list,
            tokenizer: None,
        })
    }

    fn from_saved(saved: Saved) -> Result<Self, Error> {
        let fail = |message: String| Err(Error::Vocabulary { message });
        let Saved {
            tokens,
            normalise,
            lowercase,
            specials,
            list: own,
            tokenizer,
        } = saved;
        let subwords = tokenizer.map(Subwords::from_json).transpose()?;
        let own: Vec<Option<String>> = match &subwords {
            Some(subwords) if subwords.kind() == tokens && own.is_empty() => subwords.names(),
            None if tokens == Tokens::Bytes => byte_names().into_iter().map(Some).collect(),
            None if !tokens.are_subwords() => own.into_iter().map(Some).collect(),
            _ => {
                return fail(format!(
                    "its tokens are said to be {tokens}, but it holds others"
                ));
            }
        };
        if own.is_empty() {
            return fail("it holds no token".into());
        }
        for (i, special) in specials.iter().enumerate() {
            if specials[..i].contains(special) {
                return fail(format!("the special token {} comes twice", special.name()));
            }
        }
        let mut list: Vec<String> = specials
            .iter()
            .map(|special| special.name().to_owned())
            .collect();
        let mut index = HashMap::with_capacity(own.len());
        for token in own {
            let Some(token) = token else {
                list.push(String::new()); // a number that the tokenizer does not use
                continue;
            };
            if index.insert(token.clone(), list.len() as u32).is_some() {
                return fail(format!("the token {token:?} comes twice"));
            }
            list.push(token);
        }
        Ok(Self {
            tokens,
            normalise,
            lowercase,
            specials,
            list,
            index,
            subwords: subwords.map(Arc::new),
        })
    }

    /// The vocabulary as JSON, the same text for the same vocabulary.
    pub fn to_json(&self) -> String {
        let saved = Saved {
            tokens: self.tokens,
            normalise: self.normalise,
            lowercase: self.lowercase,
            specials: self.specials.clone(),
            list: match self.tokens {
                _ if self.subwords.is_some() => Vec::new(),
                Tokens::Bytes => Vec::new(),
                _ => self.list[self.specials.len()..].to_vec(),
            },
            tokenizer: self.subwords.as_ref().map(|subwords| subwords.json.clone()),
        };
        serde_json::to_string_pretty(&saved).expect("lists of texts are always JSON") + "\n"
    }

    /// The vocabulary that [`Vocabulary::to_json`] wrote.
    ///
    /// # Errors
    /// [`Error::Vocabulary`] with line and column if it is none.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let saved = serde_json::from_str(json).map_err(|error| Error::Vocabulary {
            message: format!("this is no vocabulary that Elman wrote: {error}"),
        })?;
        Self::from_saved(saved)
    }

    /// SHA-256 of [`Vocabulary::to_json`], in hexadecimal: equal for equal vocabularies only.
    pub fn digest(&self) -> String {
        Sha256::digest(self.to_json())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

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
        let text = self.normal(text);
        if let Some(subwords) = &self.subwords {
            return self.encode_subwords(subwords, &text);
        }
        let mut ids = Vec::new();
        self.cut(&text, |at, token| {
            ids.push(
                self.number(token)
                    .ok_or_else(|| unknown(&text, at, token))?,
            );
            Ok(())
        })?;
        Ok(ids)
    }

    fn encode_subwords(&self, subwords: &Subwords, text: &str) -> Result<Vec<u32>, Error> {
        let own = subwords.encode(text)?;
        let stand_in = self.special(Special::Unknown);
        if stand_in.is_none() && own.contains(&None) {
            let (at, token) = subwords.first_unknown(text)?.unwrap_or_default();
            return Err(unknown(text, at, &token));
        }
        let number = |id: Option<u32>| id.map(|id| id + self.specials.len() as u32).or(stand_in);
        Ok(own.into_iter().filter_map(number).collect())
    }

    /// The numbers of words that are already cut, one each. Only words vocabularies can do this.
    ///
    /// # Errors
    /// [`Error::UnknownToken`] as [`Vocabulary::encode`], with the number of the word as its column;
    /// [`Error::Vocabulary`] if the tokens are not words.
    pub fn encode_words(&self, words: &[impl AsRef<str>]) -> Result<Vec<u32>, Error> {
        if self.tokens != Tokens::Words || self.subwords.is_some() {
            return Err(Error::Vocabulary {
                message: format!(
                    "its tokens are {}, but one number for each word is asked for",
                    self.tokens
                ),
            });
        }
        let number = |(i, word): (usize, &_)| {
            let word = self.normal(AsRef::as_ref(word));
            self.number(&word).ok_or_else(|| Error::UnknownToken {
                token: word.into_owned(),
                place: format!("word {}", i + 1),
            })
        };
        words.iter().enumerate().map(number).collect()
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
            Ok(())
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
    fn cut(
        &self,
        text: &str,
        mut each: impl FnMut(usize, &str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let names = &self.list[self.specials.len()..];
        match self.tokens {
            Tokens::Bytes => text
                .bytes()
                .enumerate()
                .try_for_each(|(at, byte)| each(at, &names[usize::from(byte)])),
            Tokens::Characters => {
                let mut buffer = [0; 4];
                text.char_indices()
                    .try_for_each(|(at, c)| each(at, c.encode_utf8(&mut buffer)))
            }
            _ => words::split(text)
                .into_iter()
                .try_for_each(|(at, word)| each(at, word)),
        }
    }
}

fn count(counts: &mut HashMap<String, u64>, token: &str) {
    match counts.get_mut(token) {
        Some(count) => *count += 1,
        None => {
            counts.insert(token.to_owned(), 1);
        }
    }
}

fn no_token() -> Error {
    Error::Vocabulary {
        message: "the training texts hold no token; are they empty?".into(),
    }
}

/// How many subwords there are if the recipe does not say it.
const DEFAULT_SUBWORDS: usize = 8000;

/// How many tokens besides the special ones `size` allows.
fn room(size: Option<usize>, specials: &[Special]) -> Result<Option<usize>, Error> {
    let Some(size) = size else { return Ok(None) };
    match size.checked_sub(specials.len()) {
        None | Some(0) => Err(Error::Config {
            key: "vocabulary.size".into(),
            message: format!(
                "{size} leaves no room beside {} special tokens",
                specials.len()
            ),
        }),
        room => Ok(room),
    }
}

/// The names of the bytes: themselves where they can be seen, else `<0x0A>`.
fn byte_names() -> Vec<String> {
    (0..=u8::MAX)
        .map(|byte| match byte.is_ascii_graphic() {
            true => char::from(byte).to_string(),
            false => format!("<0x{byte:02X}>"),
        })
        .collect()
}

fn unknown(text: &str, at: usize, token: &str) -> Error {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
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
