//! The tokens of training texts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::characters::Characters;
use super::config::{Special, Tokens, VocabularyConfig};
use super::normal::normalise;
use super::pieces::pieces;
use super::saved::Saved;
use super::subword::Subwords;
use super::vocabulary::Vocabulary;
use super::{dna, words};
use crate::Error;

/// How many subwords there are if the recipe does not say it.
const DEFAULT_SUBWORDS: usize = 8000;
/// More tokens than any vocabulary has: the largest in use have a quarter of a million.
const MOST_TOKENS: usize = 10_000_000;

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
        if let Some(size) = config.size.filter(|size| *size > MOST_TOKENS) {
            return Err(Error::Config {
                key: "vocabulary.size".into(),
                message: format!(
                    "{size} is more than the {MOST_TOKENS} tokens that a vocabulary may have"
                ),
            });
        }
        let normal = |text| normalise(text, config.lowercase, config.normalise);
        if config.file.is_some() || config.tokens.are_subwords() {
            let subwords = match &config.file {
                Some(file) => Subwords::load(file, base)?,
                None => {
                    let size = config.size.unwrap_or(DEFAULT_SUBWORDS);
                    let room = room(Some(size), specials)?.unwrap_or_default();
                    let texts: Vec<Cow<'_, str>> = texts.map(normal).collect();
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
            kind @ (Tokens::Bytes | Tokens::Dna) => {
                let limit = config
                    .size
                    .map(|_| "size")
                    .or((config.min_count > 1).then_some("min_count"));
                match limit {
                    Some(key) => Err(Error::Config {
                        key: format!("vocabulary.{key}"),
                        message: match kind {
                            Tokens::Bytes => "there are always 256 bytes; leave the key out".into(),
                            _ => "there are always 15 letters; leave the key out".into(),
                        },
                    }),
                    None if kind == Tokens::Dna => Self::new(config, specials, dna::letters()),
                    None => Self::new(config, specials, Vec::new()),
                }
            }
            Tokens::Characters => {
                let mut found = Characters::default();
                texts
                    .flat_map(pieces)
                    .for_each(|piece| found.add(&normal(piece)));
                let counts = found.counts().map(|(c, count)| (c.to_string(), count));
                Self::ranked(config, specials, counts)
            }
            _ => {
                let mut counts = HashMap::new();
                for piece in texts.flat_map(pieces) {
                    words::split(&normal(piece)).for_each(|(_, word)| count(&mut counts, word));
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
