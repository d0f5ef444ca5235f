//! Pieces of words, through the `tokenizers` crate: trained here, or loaded from a `tokenizer.json`.

mod file;
mod train;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use tokenizers::decoders::DecoderWrapper;
use tokenizers::{Model, ModelWrapper, PreTokenizerWrapper, Tokenizer};

use super::config::Tokens;
use super::words;
use crate::Error;
use crate::caught::caught;
use crate::source::files;

/// A tokenizer and what is needed to decode its numbers.
#[derive(Clone, Debug)]
pub(super) struct Subwords {
    /// As `tokenizer.json`; equal texts are equal tokenizers.
    pub(super) json: String,
    tokenizer: Tokenizer,
    unknown: Option<u32>,
    pub(super) style: Style,
    /// By number: whether it is left out of texts.
    hidden: Vec<bool>,
}

impl PartialEq for Subwords {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

/// How the text of a token is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Its characters stand for bytes.
    Bytes,
    /// It follows a space, or continues the word before if it begins with this.
    Words(String),
    /// As the tokenizer's own decoder says.
    Own,
}

impl Subwords {
    /// Learns `room` tokens from texts.
    pub(super) fn train(
        tokens: Tokens,
        room: usize,
        min_count: u64,
        texts: &[Cow<'_, str>],
    ) -> Result<Self, Error> {
        let tokenizer = match tokens {
            Tokens::WordPiece => train::word_piece(room, min_count, texts)?,
            Tokens::Unigram => train::unigram(room, min_count, texts)?,
            _ => train::byte_pairs(room, min_count, texts)?,
        };
        let json = tokenizer.to_string(false).map_err(failed)?;
        // Read again: what is trained with and what a run reads later are the same to the last bit.
        Self::from_json(json)
    }

    /// Reads a `tokenizer.json`.
    pub(super) fn load(file: &str, base: &Path) -> Result<Self, Error> {
        let path = base.join(file);
        if !path.is_file() {
            return Err(Error::FileMissing {
                nearby: files::nearby(&path),
                path,
            });
        }
        let bytes = files::read(&path)?;
        let json = String::from_utf8(bytes).map_err(|_| Error::Vocabulary {
            message: format!(
                "`{}` is not UTF-8 text, so no tokenizer.json",
                path.display()
            ),
        })?;
        Self::from_json(json).map_err(|error| match error {
            Error::Vocabulary { message } => Error::Vocabulary {
                message: format!("`{}`: {message}", path.display()),
            },
            other => other,
        })
    }

    /// Reads the text of a `tokenizer.json`.
    pub(super) fn from_json(json: String) -> Result<Self, Error> {
        caught(|| Self::parse(json)).unwrap_or_else(|| {
            Err(Error::Vocabulary {
                message: "this is no tokenizer.json that the tokenizers library can read: what it says does not fit together".into(),
            })
        })
    }

    fn parse(json: String) -> Result<Self, Error> {
        let foreign = |error: String| Error::Vocabulary {
            message: format!(
                "this is no tokenizer.json as the tokenizers library writes it: {error}"
            ),
        };
        let mended = file::checked(&json).map_err(foreign)?;
        let mended = mended.map(|file| file.to_string());
        let text = mended.as_ref().unwrap_or(&json);
        let mut tokenizer =
            Tokenizer::from_bytes(text.as_bytes()).map_err(|error| foreign(error.to_string()))?;
        // Lengths are the task's affair, and the same text must always give the same numbers.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(failed)?;
        if let ModelWrapper::BPE(model) = tokenizer.get_model()
            && model.dropout.is_some()
        {
            let mut model = model.clone();
            model.dropout = None;
            tokenizer.with_model(model);
        }
        let model = tokenizer.get_model();
        let unknown = match model {
            ModelWrapper::BPE(model) => model
                .unk_token
                .as_deref()
                .and_then(|name| model.token_to_id(name)),
            ModelWrapper::WordPiece(model) => model.token_to_id(&model.unk_token),
            ModelWrapper::WordLevel(model) => model.token_to_id(&model.unk_token),
            ModelWrapper::Unigram(_) => unigram_unknown(&json),
        };
        let style = match (model, tokenizer.get_decoder()) {
            (_, Some(DecoderWrapper::ByteLevel(_))) => Style::Bytes,
            (ModelWrapper::WordPiece(model), _) => {
                Style::Words(model.continuing_subword_prefix.clone())
            }
            (ModelWrapper::WordLevel(_), None) => Style::Words(String::new()),
            _ => Style::Own,
        };
        let vocabulary = tokenizer.get_vocab(true);
        let length = vocabulary
            .values()
            .max()
            .map_or(0, |&last| last as usize + 1);
        if length == 0 || length > 2 * vocabulary.len() + 1000 {
            return Err(Error::Vocabulary {
                message: format!("it numbers {} tokens up to {length}", vocabulary.len()),
            });
        }
        let mut hidden = vec![false; length];
        for (id, token) in tokenizer.get_added_tokens_decoder() {
            hidden[id as usize] = token.special;
        }
        if let Some(unknown) = unknown {
            hidden[unknown as usize] = true;
        }
        let subwords = Self {
            json,
            tokenizer,
            unknown,
            style,
            hidden,
        };
        // What fails at every text, or at one of the tokens, fails here and not when a network has been trained.
        subwords.encode("a 한\u{10fffd}")?;
        let all: Vec<u32> = (0..length as u32).collect();
        subwords.tokenizer.decode(&all, false).map_err(failed)?;
        Ok(subwords)
    }

    pub(super) fn kind(&self) -> Tokens {
        match self.tokenizer.get_model() {
            ModelWrapper::BPE(_) => Tokens::Bpe,
            ModelWrapper::WordPiece(_) => Tokens::WordPiece,
            ModelWrapper::WordLevel(_) => Tokens::Words,
            ModelWrapper::Unigram(_) => Tokens::Unigram,
        }
    }

    /// The tokens by number; numbers that are not used have none.
    pub(super) fn names(&self) -> Vec<Option<String>> {
        (0..self.hidden.len() as u32)
            .map(|id| self.tokenizer.id_to_token(id))
            .collect()
    }

    /// Whether a number is a token that stands for no text.
    pub(super) fn is_hidden(&self, id: usize) -> bool {
        self.hidden[id]
    }

    /// Numbers in the tokenizer's own counting, `None` for what it does not know.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<Option<u32>>, Error> {
        let encoding = caught(|| self.tokenizer.encode_fast(&*self.prepare(text), false));
        let encoding = encoding.ok_or_else(broken)?.map_err(failed)?;
        Ok(encoding
            .get_ids()
            .iter()
            .map(|&id| (Some(id) != self.unknown).then_some(id))
            .collect())
    }

    /// The tokens of a text.
    pub(super) fn cut(&self, text: &str) -> Result<Vec<String>, Error> {
        let encoding = caught(|| self.tokenizer.encode_fast(&*self.prepare(text), false));
        let encoding = encoding.ok_or_else(broken)?.map_err(failed)?;
        Ok(encoding.get_tokens().to_vec())
    }

    /// The first part of a text that the tokenizer does not know, and the byte at which it begins.
    pub(super) fn first_unknown(&self, text: &str) -> Result<Option<(usize, String)>, Error> {
        let prepared = self.prepare(text);
        let encoding = caught(|| self.tokenizer.encode(&*prepared, false));
        let encoding = encoding.ok_or_else(broken)?.map_err(failed)?;
        let place = encoding
            .get_ids()
            .iter()
            .position(|&id| Some(id) == self.unknown);
        Ok(place.map(|place| {
            let (start, end) = encoding.get_offsets()[place];
            (
                start,
                prepared.get(start..end).unwrap_or_default().to_owned(),
            )
        }))
    }

    /// The text of numbers by the tokenizer's own decoder; where that fails, the tokens as they are.
    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let text = caught(|| self.tokenizer.decode(ids, true)).and_then(Result::ok);
        text.unwrap_or_else(|| {
            let shown = ids.iter().filter(|id| !self.is_hidden(**id as usize));
            shown
                .filter_map(|id| self.tokenizer.id_to_token(*id))
                .collect()
        })
    }

    /// Words of WordPieces trained here are those of [`words::split`], between spaces.
    fn prepare<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.tokenizer.get_pre_tokenizer() {
            Some(PreTokenizerWrapper::WhitespaceSplit(_)) if self.kind() == Tokens::WordPiece => {
                Cow::Owned(spaced(text))
            }
            _ => Cow::Borrowed(text),
        }
    }
}

/// The model does not tell, so the file is asked.
fn unigram_unknown(json: &str) -> Option<u32> {
    let file: serde_json::Value = serde_json::from_str(json).ok()?;
    file["model"]["unk_id"]
        .as_u64()
        .and_then(|id| id.try_into().ok())
}

fn spaced(text: &str) -> String {
    let words: Vec<&str> = words::split(text).map(|(_, word)| word).collect();
    words.join(" ")
}

fn broken() -> Error {
    Error::Vocabulary {
        message: "the tokenizer failed: what its tokenizer.json says does not fit together".into(),
    }
}

fn failed(error: tokenizers::Error) -> Error {
    Error::Vocabulary {
        message: format!("the tokenizer failed: {error}"),
    }
}

/// The bytes of a byte-level token: each of its characters stands for one. A token that was added as text is itself.
pub(super) fn bytes_of(token: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = token.chars().map(|c| BYTES.get(&c).copied()).collect();
    bytes.unwrap_or_else(|| token.as_bytes().to_vec())
}

/// Bytes by the characters that stand for them: themselves where they can be seen in Latin-1, the others in order from
/// U+0100 (Radford et al., "Language models are unsupervised multitask learners", 2019).
static BYTES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
    let mut next = 0x100..;
    (0..=u8::MAX)
        .map(|byte| {
            let seen = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
            let code = if seen {
                u32::from(byte)
            } else {
                next.next().unwrap_or_default()
            };
            (char::from_u32(code).unwrap_or_default(), byte)
        })
        .collect()
});
