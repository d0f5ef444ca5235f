//! Sentences whose words carry tags.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::files::{TextFile, read_texts};
use crate::Error;

/// Sentences whose words carry tags: the keys of `[data]` in a recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaggedConfig {
    /// Files of sentences to learn from.
    pub files: Vec<String>,
    /// Files to choose the model by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_files: Vec<String>,
    /// Files to judge the model by; without them a part of `files`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_files: Vec<String>,
    /// The column of the word, from 1; without it 2 (FORM) in CoNLL-U, else 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<usize>,
    /// The column of the tag, from 1; without it 4 (UPOS) in CoNLL-U, else 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<usize>,
    /// How the files are written; without it CoNLL-U where the extension is `.conllu`, else columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TaggedFormat>,
    /// A label of the WHATWG encoding standard or `cp949`; without it UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// How tagged sentences are written: a word on each line, a blank line after each sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaggedFormat {
    /// The ten columns of Universal Dependencies, between tabs. Multiword ranges and empty nodes are passed over.
    Conllu,
    /// Any columns, between tabs if the first line has one, else between white space.
    Columns,
}

/// The words of a sentence, each with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The words, as they are written.
    pub words: Vec<String>,
    /// As many tags.
    pub tags: Vec<String>,
    /// The file.
    pub file: Arc<Path>,
    /// The line of its first word, from 1.
    pub line: usize,
    /// The number of its document among all that were read, from 1 (`# newdoc` in CoNLL-U, `-DOCSTART-` elsewhere); 0 before the
    /// first, and where the files mark none.
    pub document: usize,
}

impl Sentence {
    /// File and line, as messages name them.
    pub fn place(&self) -> String {
        format!("`{}`, line {}", self.file.display(), self.line)
    }
}

/// Reads the sentences of the files that `patterns` name, relative to `base`, in order.
///
/// # Errors
/// As [`read_texts`]; [`Error::Config`] for columns from 0 or the same column twice; [`Error::Row`] with file and line
/// for a line with other columns than the first of its file, without word or tag, or (in CoNLL-U) out of turn.
pub fn read_tagged(
    patterns: &[String],
    config: &TaggedConfig,
    base: &Path,
) -> Result<Vec<Sentence>, Error> {
    let mut sentences = Vec::new();
    let mut documents = 0;
    for file in read_texts(patterns, config.encoding.as_deref(), base)? {
        let before = sentences.len();
        Reader::new(config, &file, true)?.read(&file.text, &mut sentences, &mut documents)?;
        if sentences.len() == before {
            return Err(Error::Empty {
                path: file.path,
                what: "has no sentences",
            });
        }
    }
    Ok(sentences)
}

struct Reader {
    /// Whether every word must have a tag.
    tagged: bool,
    file: Arc<Path>,
    format: TaggedFormat,
    /// The columns of the word and its tag, from 0.
    places: [usize; 2],
    tabs: bool,
    /// Columns on every line.
    width: usize,
}

impl Reader {
    fn new(config: &TaggedConfig, file: &TextFile, tagged: bool) -> Result<Self, Error> {
        let is_conllu = file
            .path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("conllu"));
        let format = config.format.unwrap_or(if is_conllu {
            TaggedFormat::Conllu
        } else {
            TaggedFormat::Columns
        });
        let defaults = if format == TaggedFormat::Conllu {
            [2, 4]
        } else {
            [1, 2]
        };
        let [word, tag] = [
            config.word.unwrap_or(defaults[0]),
            config.tag.unwrap_or(defaults[1]),
        ];
        if word == 0 || tag == 0 || word == tag {
            return Err(Error::Config {
                key: "data.word, data.tag".into(),
                message: format!(
                    "{word} and {tag} are not two columns; columns are numbered from 1"
                ),
            });
        }
        // A word may begin with #, but not the first line that is no comment.
        let words = || file.text.lines().filter(|line| !line.trim().is_empty());
        let first = words().find(|line| !line.starts_with('#') && !is_document(line));
        let first = first.or_else(|| words().next()).unwrap_or_default();
        let tabs = format == TaggedFormat::Conllu || first.contains('\t');
        let reader = Self {
            tagged,
            file: file.path.as_path().into(),
            format,
            places: [word - 1, tag - 1],
            tabs,
            width: if format == TaggedFormat::Conllu {
                10
            } else {
                cells(first, tabs).len()
            },
        };
        let line = 1 + file.text.lines().take_while(|line| *line != first).count();
        match word.max(if tagged { tag } else { 0 }) > reader.width {
            true => Err(reader.error(
                line,
                format!(
                    "there are {} columns, but the word is to be in column {word} and the tag in {tag}; set data.word and data.tag",
                    reader.width
                ),
            )),
            false => Ok(reader),
        }
    }

    fn read(
        &self,
        text: &str,
        sentences: &mut Vec<Sentence>,
        documents: &mut usize,
    ) -> Result<(), Error> {
        let mut open: Option<Sentence> = None;
        for (line, content) in (1..).zip(text.lines()) {
            if content.trim().is_empty() {
                sentences.extend(open.take());
                continue;
            }
            let cells = cells(content, self.tabs);
            let other = self.format == TaggedFormat::Conllu || cells.len() != self.width;
            if content.starts_with('#') && other || is_document(content) {
                *documents +=
                    usize::from(is_document(content) || content.starts_with(NEW_DOCUMENT));
                continue;
            }
            if cells.len() != self.width {
                return Err(self.error(line, self.unfit(cells.len())));
            }
            if self.format == TaggedFormat::Conllu && !self.takes(line, cells[0], open.as_ref())? {
                continue;
            }
            let [word, tag] = self
                .places
                .map(|at| cells.get(at).map_or("", |cell| cell.trim()));
            let tag = if self.tagged { tag } else { "_" };
            if word.is_empty() || tag.is_empty() {
                let what = if word.is_empty() { "word" } else { "tag" };
                return Err(self.error(line, format!("the {what} is empty")));
            }
            if self.tagged && self.format == TaggedFormat::Conllu && tag == "_" {
                let message = format!(
                    "the word \"{word}\" has no tag in column {}",
                    self.places[1] + 1
                );
                return Err(self.error(line, message));
            }
            let sentence = open.get_or_insert_with(|| Sentence {
                words: Vec::new(),
                tags: Vec::new(),
                file: self.file.clone(),
                line,
                document: *documents,
            });
            sentence.words.push(word.into());
            sentence.tags.push(tag.into());
        }
        sentences.extend(open);
        Ok(())
    }

    /// Whether a line of CoNLL-U is a word, and not a range (`1-2`) or an empty node (`1.1`).
    fn takes(&self, line: usize, id: &str, open: Option<&Sentence>) -> Result<bool, Error> {
        let next = open.map_or(0, |sentence| sentence.words.len()) + 1;
        let number = |text: &str| text.parse::<usize>().is_ok();
        if id
            .split_once(['-', '.'])
            .is_some_and(|(from, to)| number(from) && number(to))
        {
            return Ok(false);
        }
        match id.parse::<usize>() {
            Ok(id) if id == next => Ok(true),
            Ok(1) => Err(self.error(line, "a sentence begins here; a blank line must stand before it".into())),
            Ok(id) => Err(self.error(line, format!("word {id} stands where word {next} of the sentence should"))),
            Err(_) => Err(self.error(
                line,
                format!("the first column is \"{id}\", but CoNLL-U has the number of the word there; for other files set data.format = \"columns\""),
            )),
        }
    }

    fn unfit(&self, found: usize) -> String {
        let between = if self.tabs {
            "between tabs"
        } else {
            "between white space"
        };
        match self.format {
            TaggedFormat::Conllu => {
                format!(
                    "CoNLL-U has 10 columns {between}, found {found}; for other files set data.format = \"columns\""
                )
            }
            TaggedFormat::Columns => {
                format!(
                    "expected {} columns {between} as on the first line, found {found}",
                    self.width
                )
            }
        }
    }

    fn error(&self, line: usize, message: String) -> Error {
        Error::Row {
            path: self.file.to_path_buf(),
            line: line as u64,
            message,
        }
    }
}

/// How the line begins with which CoNLL-U begins a document.
const NEW_DOCUMENT: &str = "# newdoc";

/// The line with which CoNLL-2003 begins a document.
fn is_document(line: &str) -> bool {
    line.split_whitespace().next() == Some("-DOCSTART-")
}

fn cells(line: &str, tabs: bool) -> Vec<&str> {
    match tabs {
        true => line.split('\t').collect(),
        false => line.split_whitespace().collect(),
    }
}

#[cfg(test)]
mod tests;
mod untagged;
pub use untagged::{Untagged, read_untagged};
