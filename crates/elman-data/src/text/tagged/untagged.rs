//! Sentences of a file whose tags nobody knows, or are not to be looked at.

use std::collections::HashSet;
use std::path::Path;

use super::{Layout, Page, Sentence, TaggedConfig, TaggedFormat, cells, is_document};
use crate::Error;
use crate::text::files::{TextFile, read_texts};
use crate::text::rows::located;

/// The sentences of a file, without tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untagged {
    /// The sentences; their tags are not read.
    pub sentences: Vec<Sentence>,
    /// Whether the file has a word on each line, rather than a sentence.
    pub word_per_line: bool,
    /// Whether tags stand beside the words; they were not read.
    pub tagged: bool,
}

/// Reads the sentences of a file. One with a word on each line (CoNLL-U, or columns with blank lines between sentences) is read as
/// `config` reads the files of training, its tags passed over if there are any; any other has a sentence on each line. `tags` are
/// those that training knows: columns between white space are told from a sentence by them.
///
/// # Errors
/// As [`read_tagged`](super::read_tagged), but for words without a tag.
pub fn read_untagged(
    file: &Path,
    config: &TaggedConfig,
    tags: &[String],
) -> Result<Untagged, Error> {
    let (base, name) = located(file);
    let file = read_texts(&[name], config.encoding.as_deref(), base)?.swap_remove(0);
    let known: HashSet<&str> = tags.iter().map(String::as_str).collect();
    let written = Written::of(&file, config, &known);
    let layout = match written {
        Written::Words { tagged } => {
            let config = TaggedConfig {
                word: config.word.filter(|_| tagged),
                ..config.clone()
            };
            Some(Layout::find(&config, &file, false)?)
        }
        Written::Sentences => None,
    };
    let path = file.path.clone();
    let mut sentences = Vec::new();
    Page::new(file, layout).read(&mut sentences, &mut 0)?;
    if sentences.is_empty() {
        return Err(Error::Empty {
            path,
            what: "has no sentences",
        });
    }
    let tagged = matches!(written, Written::Words { tagged: true });
    Ok(Untagged {
        sentences,
        word_per_line: matches!(written, Written::Words { .. }),
        tagged,
    })
}

#[derive(Clone, Copy)]
enum Written {
    Words { tagged: bool },
    Sentences,
}

impl Written {
    fn of(file: &TextFile, config: &TaggedConfig, known: &HashSet<&str>) -> Self {
        let is_conllu = file
            .path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("conllu"));
        let first = file.text.lines().find(|line| is_word(line));
        let ten = first.is_some_and(|line| line.split('\t').count() == 10);
        if is_conllu || ten && config.format == Some(TaggedFormat::Conllu) {
            return Self::Words { tagged: true };
        }
        let tabs = first.is_some_and(|line| line.contains('\t'));
        let words = || file.text.lines().filter(|line| is_word(line));
        let width = first.map_or(0, |line| cells(line, tabs).len());
        let even = words().all(|line| cells(line, tabs).len() == width);
        let parted = file.text.trim().lines().any(|line| line.trim().is_empty());
        if width == 1 && even && parted {
            return Self::Words { tagged: false };
        }
        let tag = config.tag.unwrap_or(2).checked_sub(1);
        let tag = |line| tag.and_then(|place| cells(line, tabs).get(place).copied());
        let known = words().filter(|line| tag(line).is_some_and(|tag| known.contains(tag)));
        // Most of what stands in the column of the tag is one.
        match width > 1 && even && (tabs || 2 * known.count() > words().count()) {
            true => Self::Words { tagged: true },
            false => Self::Sentences,
        }
    }
}

fn is_word(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#') && !is_document(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Untagged {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let tags = ["DET".to_string(), "NOUN".into(), "VERB".into()];
        read_untagged(&file, &TaggedConfig::default(), &tags).unwrap()
    }

    // Expected values: the words as they stand in the texts.
    #[test]
    fn words_are_found_however_the_file_is_written() {
        let conllu = "# text = The dog barks\n1\tThe\t_\tDET\t_\t_\t_\t_\t_\t_\n2\tdog\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\tbarks\t_\t_\t_\t_\t_\t_\t_\t_\n";
        for (name, text, per_line, tagged) in [
            ("a.conllu", conllu, true, true),
            ("a.txt", "The dog\nbarks\n", false, false),
            ("b.txt", "The\ndog\n\nbarks\n", true, false),
            ("c.tsv", "The\tDET\ndog\tNOUN\n\nbarks\tVERB\n", true, true),
            ("d.txt", "The DET\ndog NOUN\n\nbarks VERB\n", true, true),
            ("e.txt", "The dog\n\nbarks", false, false),
        ] {
            let found = read(name, text);
            let words: Vec<String> = found.sentences.iter().map(Sentence::text).collect();
            assert_eq!(words, ["The dog", "barks"], "{name}");
            assert_eq!(
                (found.word_per_line, found.tagged),
                (per_line, tagged),
                "{name}"
            );
        }
    }
}
