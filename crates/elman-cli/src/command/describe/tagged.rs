//! What a file of tagged sentences holds.

use super::text::about_labels;
use crate::content::name;
use crate::facts::Facts;
use crate::failure::Failure;
use elman_data::text::{Sentence, TaggedConfig, read_tagged};
use std::collections::HashSet;
use std::path::Path;

/// Sentences, words and tags, of the columns that a recipe reads unless it says otherwise.
pub fn describe(path: &Path) -> Result<Facts, Failure> {
    let base = path.parent().unwrap_or(Path::new(""));
    let sentences = read_tagged(&[name(path)], &TaggedConfig::default(), base)?;
    let words: usize = sentences.iter().map(Sentence::len).sum();
    let different: HashSet<&str> = sentences.iter().flat_map(Sentence::words).collect();
    let longest = sentences.iter().map(Sentence::len).max();
    let conllu = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("conllu"));
    let columns = match conllu {
        true => "CoNLL-U: words of column 2, tags of column 4 (data.word, data.tag for others)",
        false => "words of column 1, tags of column 2 (data.word, data.tag for others)",
    };
    let mut facts = Facts::default();
    facts
        .say("file", format_args!("{} ({columns})", path.display()))
        .say(
            "sentences",
            format_args!(
                "{}, {:.1} words on average, {} at most",
                sentences.len(),
                words as f64 / sentences.len().max(1) as f64,
                longest.unwrap_or(0)
            ),
        )
        .say(
            "words",
            format_args!("{words}, {} different", different.len()),
        )
        .figure("sentences", sentences.len())
        .figure("words", words)
        .figure("different_words", different.len());
    about_labels(
        &mut facts,
        "tags",
        sentences.iter().flat_map(Sentence::tags),
    );
    Ok(facts)
}
