//! Vocabularies as they are kept with a run.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::{Normal, Special, Tokens};
use super::subword::Subwords;
use super::vocabulary::Vocabulary;
use crate::Error;

/// What `vocabulary.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    pub(super) tokens: Tokens,
    pub(super) normalise: Normal,
    pub(super) lowercase: bool,
    pub(super) specials: Vec<Special>,
    /// The tokens after the special ones; bytes and subwords need none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) list: Vec<String>,
    /// The text of `tokenizer.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tokenizer: Option<String>,
}

impl Vocabulary {
    pub(super) fn from_saved(saved: Saved) -> Result<Self, Error> {
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
