//! The keys of `[vocabulary]`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a text becomes numbers: the keys of `[vocabulary]` in a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VocabularyConfig {
    /// What one number stands for.
    pub tokens: Tokens,
    /// The most tokens there may be, special ones included; the commonest are kept. Without it all words or characters,
    /// and 8000 subwords.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Tokens that are rarer than this in the training texts are left out.
    pub min_count: usize,
    /// Whether upper and lower case are the same.
    pub lowercase: bool,
    /// The Unicode form in which texts are read.
    pub normalise: Normal,
    /// A `tokenizer.json` to use instead of training subwords, relative to the recipe. It then decides what the tokens
    /// are, and `tokens`, `size` and `min_count` are not used; `lowercase` and `normalise` come before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Default for VocabularyConfig {
    fn default() -> Self {
        Self {
            tokens: Tokens::default(),
            size: None,
            min_count: 1,
            lowercase: false,
            normalise: Normal::default(),
            file: None,
        }
    }
}

/// What one number stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// A byte of UTF-8: 256 of them, and nothing is ever unknown.
    Bytes,
    /// A Unicode character (a Hangul syllable; a jamo with `normalise = "nfd"`).
    #[default]
    Characters,
    /// A letter of DNA or RNA: A, C, G, T (which U is read as) and the eleven letters of IUPAC for what is not known for sure.
    /// Case, white space and gaps (`-`, `.`) mean nothing.
    Dna,
    /// A word or a punctuation mark.
    Words,
    /// A piece of a word, by byte pair encoding over bytes: nothing is ever unknown.
    Bpe,
    /// A piece of a word as in BERT, with `##` before all but the first.
    WordPiece,
    /// A piece of a word by the likeliest division, as in SentencePiece.
    Unigram,
}

impl Tokens {
    /// Whether they are pieces of words.
    pub fn are_subwords(self) -> bool {
        matches!(self, Self::Bpe | Self::WordPiece | Self::Unigram)
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Characters => "characters",
            Self::Dna => "dna",
            Self::Words => "words",
            Self::Bpe => "bpe",
            Self::WordPiece => "word_piece",
            Self::Unigram => "unigram",
        })
    }
}

/// Tokens that stand for no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Special {
    /// Fills the end of a short sequence.
    Padding,
    /// Stands for what the training texts did not hold.
    Unknown,
    /// Begins a sequence.
    Start,
    /// Ends a sequence.
    End,
}

impl Special {
    /// How it is written where tokens are shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Padding => "<pad>",
            Self::Unknown => "<unk>",
            Self::Start => "<s>",
            Self::End => "</s>",
        }
    }
}

/// The Unicode form in which texts are read (Unicode Standard Annex 15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normal {
    /// Composed: `é` is one character, `한` is one character, however the file writes them.
    #[default]
    Nfc,
    /// Composed, and characters that are variants of another become that one: `ﬁ` is `fi`, `Ａ` is `A`, `①` is `1`.
    Nfkc,
    /// Decomposed: `한` is `ᄒ ᅡ ᆫ`. What is decoded is composed again.
    Nfd,
    /// As the file writes it.
    None,
}
