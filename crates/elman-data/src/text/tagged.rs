//! Sentences whose words carry tags.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::files::{TextFile, read_texts};
use super::words;
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
///
/// All sentences of a file share its text: one is no more than where it stands there.
#[derive(Clone)]
pub struct Sentence {
    page: Arc<Page>,
    /// From its first word to its last.
    bytes: Range<usize>,
    words: usize,
    line: usize,
    document: usize,
}

impl Sentence {
    /// A text whose tags nobody knows, cut into words.
    pub fn of(text: &str) -> Self {
        let page = Page {
            path: PathBuf::new(),
            text: text.into(),
            layout: None,
        };
        Self {
            page: page.into(),
            bytes: 0..text.len(),
            words: words::split(text).count(),
            line: 1,
            document: 0,
        }
    }

    /// How many words it has.
    pub fn len(&self) -> usize {
        self.words
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// The words, as they are written.
    pub fn words(&self) -> impl Iterator<Item = &str> + Clone {
        let (text, layout) = self.read();
        let lined = layout.map(|layout| layout.column(text, layout.places[0]));
        let plain = layout.is_none().then(|| words::split(text));
        let plain = plain.into_iter().flatten().map(|(_, word)| word);
        lined.into_iter().flatten().chain(plain)
    }

    /// As many tags; they are empty where they are not read.
    pub fn tags(&self) -> impl Iterator<Item = &str> + Clone {
        let (text, layout) = self.read();
        let read = layout.filter(|layout| layout.tagged);
        let unread = if read.is_none() { self.words } else { 0 };
        let read = read.map(|layout| layout.column(text, layout.places[1]));
        let unread = std::iter::repeat_n("", unread);
        read.into_iter().flatten().chain(unread)
    }

    /// The words with a space between them.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes.len());
        for word in self.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text += word;
        }
        text
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.page.path
    }

    /// The line of its first word, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The number of its document among all that were read, from 1 (`# newdoc` in CoNLL-U, `-DOCSTART-` elsewhere); 0 before
    /// the first, and where the files mark none.
    pub fn document(&self) -> usize {
        self.document
    }

    /// File and line, as messages name them.
    pub fn place(&self) -> String {
        format!("`{}`, line {}", self.file().display(), self.line)
    }

    fn read(&self) -> (&str, Option<&Layout>) {
        let text = &self.page.text[self.bytes.clone()];
        (text, self.page.layout.as_ref())
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place())?;
        let words = self.words().zip(self.tags());
        f.debug_list().entries(words).finish()
    }
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Self) -> bool {
        (self.file(), self.line, self.document) == (other.file(), other.line, other.document)
            && self.words().eq(other.words())
            && self.tags().eq(other.tags())
    }
}

impl Eq for Sentence {}

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
        let layout = Layout::find(config, &file, true)?;
        let path = file.path.clone();
        Page::new(file, Some(layout)).read(&mut sentences, &mut documents)?;
        if sentences.len() == before {
            return Err(Error::Empty {
                path,
                what: "has no sentences",
            });
        }
    }
    Ok(sentences)
}

/// A file of sentences.
struct Page {
    path: PathBuf,
    text: String,
    /// How words stand on its lines; none where sentences do, which are cut into words.
    layout: Option<Layout>,
}

/// How words and tags stand on lines.
struct Layout {
    /// Whether every word must have a tag.
    tagged: bool,
    format: TaggedFormat,
    /// The columns of the word and its tag, from 0.
    places: [usize; 2],
    tabs: bool,
    /// Columns on every line.
    width: usize,
}

impl Layout {
    fn find(config: &TaggedConfig, file: &TextFile, tagged: bool) -> Result<Self, Error> {
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
        let width = match format {
            TaggedFormat::Conllu => 10,
            TaggedFormat::Columns => cells(first, tabs).len(),
        };
        if word.max(if tagged { tag } else { 0 }) > width {
            let before = file.text.lines().take_while(|line| *line != first);
            return Err(Error::Row {
                path: file.path.clone(),
                line: 1 + before.count() as u64,
                message: format!(
                    "there are {width} columns, but the word is to be in column {word} and the tag in {tag}; set data.word and data.tag"
                ),
            });
        }
        Ok(Self {
            tagged,
            format,
            places: [word - 1, tag - 1],
            tabs,
            width,
        })
    }

    /// What stands in a column of the lines of a sentence that was read.
    fn column<'t>(&self, text: &'t str, place: usize) -> impl Iterator<Item = &'t str> + Clone {
        let words = text.lines().filter(|line| !self.is_aside(line));
        words.map(move |line| cell(line, self.tabs, place).unwrap_or_default().trim())
    }

    /// Whether a line between those of a sentence's words is none.
    fn is_aside(&self, line: &str) -> bool {
        let is_conllu = self.format == TaggedFormat::Conllu;
        line.starts_with('#') && (is_conllu || cells(line, self.tabs).len() != self.width)
            || is_document(line)
            || is_conllu && cell(line, self.tabs, 0).is_some_and(is_between)
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
}

impl Page {
    fn new(file: TextFile, layout: Option<Layout>) -> Arc<Self> {
        Arc::new(Self {
            path: file.path,
            text: file.text,
            layout,
        })
    }

    fn read(
        self: &Arc<Self>,
        sentences: &mut Vec<Sentence>,
        documents: &mut usize,
    ) -> Result<(), Error> {
        let mut open: Option<Sentence> = None;
        let mut end = 0;
        for (line, content) in (1..).zip(self.text.split_inclusive('\n')) {
            let start = end;
            end += content.len();
            let content = content.strip_suffix('\n').unwrap_or(content);
            if content.trim().is_empty() {
                sentences.extend(open.take());
                continue;
            }
            let words = match &self.layout {
                Some(layout) => self.words(layout, line, content, open.as_ref(), documents)?,
                None => words::split(content).count(),
            };
            if words == 0 {
                continue;
            }
            let sentence = open.get_or_insert_with(|| Sentence {
                page: self.clone(),
                bytes: start..start,
                words: 0,
                line,
                document: *documents,
            });
            sentence.bytes.end = start + content.len();
            sentence.words += words;
            if self.layout.is_none() {
                sentences.extend(open.take());
            }
        }
        sentences.extend(open);
        Ok(())
    }

    /// How many words a line is: none or one.
    fn words(
        &self,
        layout: &Layout,
        line: usize,
        content: &str,
        open: Option<&Sentence>,
        documents: &mut usize,
    ) -> Result<usize, Error> {
        let cells = cells(content, layout.tabs);
        let is_conllu = layout.format == TaggedFormat::Conllu;
        let other = is_conllu || cells.len() != layout.width;
        if content.starts_with('#') && other || is_document(content) {
            *documents += usize::from(is_document(content) || content.starts_with(NEW_DOCUMENT));
            return Ok(0);
        }
        if cells.len() != layout.width {
            return Err(self.error(line, layout.unfit(cells.len())));
        }
        if is_conllu && !self.takes(line, cells[0], open)? {
            return Ok(0);
        }
        let [word, tag] = layout
            .places
            .map(|at| cells.get(at).map_or("", |cell| cell.trim()));
        let tag = layout.tagged.then_some(tag);
        if word.is_empty() || tag == Some("") {
            let what = if word.is_empty() { "word" } else { "tag" };
            return Err(self.error(line, format!("the {what} is empty")));
        }
        if is_conllu && tag == Some("_") {
            let message = format!(
                "the word \"{word}\" has no tag in column {}",
                layout.places[1] + 1
            );
            return Err(self.error(line, message));
        }
        Ok(1)
    }

    /// Whether a line of CoNLL-U is a word, and not a range (`1-2`) or an empty node (`1.1`).
    fn takes(&self, line: usize, id: &str, open: Option<&Sentence>) -> Result<bool, Error> {
        let next = open.map_or(0, Sentence::len) + 1;
        if is_between(id) {
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

    fn error(&self, line: usize, message: String) -> Error {
        Error::Row {
            path: self.path.clone(),
            line: line as u64,
            message,
        }
    }
}

/// Whether a number of CoNLL-U is that of a range or an empty node.
fn is_between(id: &str) -> bool {
    let number = |text: &str| text.parse::<usize>().is_ok();
    id.split_once(['-', '.'])
        .is_some_and(|(from, to)| number(from) && number(to))
}

/// How the line begins with which CoNLL-U begins a document.
const NEW_DOCUMENT: &str = "# newdoc";

/// The line with which CoNLL-2003 begins a document.
fn is_document(line: &str) -> bool {
    line.split_whitespace().next() == Some("-DOCSTART-")
}

fn cell(line: &str, tabs: bool, place: usize) -> Option<&str> {
    match tabs {
        true => line.split('\t').nth(place),
        false => line.split_whitespace().nth(place),
    }
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
