//! Text files to numbers: files, rows and tagged sentences, vocabularies, and batches of like length.
//!
//! ```no_run
//! use elman_data::text::{Special, Vocabulary, VocabularyConfig, read_texts};
//! # fn main() -> Result<(), elman_data::Error> {
//! let files = read_texts(&["input.txt".into()], None, "data".as_ref())?;
//! let texts = files.iter().map(|file| file.text.as_str());
//! let vocabulary = Vocabulary::build(&VocabularyConfig::default(), &[Special::Unknown], "data".as_ref(), texts)?;
//! let ids: Vec<u32> = vocabulary.encode(&files[0].text)?;
//! println!("{}", vocabulary.decode(&ids[..100]));
//! # Ok(()) }
//! ```

pub mod abc;
mod buckets;
mod characters;
mod config;
mod decoder;
mod divide;
mod dna;
mod files;
mod learn;
mod normal;
mod pieces;
mod rows;
mod saved;
mod subword;
#[cfg(test)]
pub(crate) mod support;
mod tagged;
#[cfg(test)]
mod tests;
mod utf8;
mod vocabulary;
mod words;

pub use buckets::{batches, padded_share};
pub use characters::Characters;
pub use config::{Normal, Special, Tokens, VocabularyConfig};
pub use decoder::Decoder;
pub use divide::RowSplit;
pub use files::{TextFile, read_text, read_texts};
pub use rows::{
    Column, NumberForms, Parts, Row, RowFormat, RowsConfig, TableHead, Unlabelled, read_columns,
    read_head, read_labelled, read_parallel, read_parts, read_rows, read_unlabelled,
};
pub use tagged::{Sentence, TaggedConfig, TaggedFormat, Untagged, read_tagged, read_untagged};
pub use vocabulary::Vocabulary;

/// The words and punctuation marks of a text, as vocabularies of words cut it: at white space and as Unicode Standard
/// Annex 29 says, but words held together by hyphens are one.
pub fn split_words(text: &str) -> Vec<&str> {
    words::split(text).map(|(_, word)| word).collect()
}
