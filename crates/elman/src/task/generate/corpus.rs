//! From text files to streams of tokens.

use super::config::{Documents, Generate};
use crate::task::Error;
use elman_data::text::{Special, Tokens, Vocabulary, read_text, read_texts};
use elman_data::{Amount, Part, Parts};
use std::path::Path;

/// A text as numbers, divided.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// What the numbers stand for.
    pub vocabulary: Vocabulary,
    /// To learn from.
    pub train: Stream,
    /// To choose the model by; may be empty.
    pub valid: Stream,
    /// To judge the chosen model by; may be empty.
    pub test: Stream,
    /// The training documents as they stand in the files, where what is made is checked as they are.
    pub documents: Vec<String>,
}

/// A part of a text, as one stream of tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// The tokens; each document ends with [`Special::End`], and where there are documents one more stands first.
    pub tokens: Vec<u32>,
    /// Characters that they stand for.
    pub characters: usize,
    /// Documents in it; 0 if the text is one.
    pub documents: usize,
}

impl Corpus {
    /// Reads the text, divides it and numbers its tokens; `known` is the vocabulary of a run that exists.
    ///
    /// # Errors
    /// If a file cannot be read, a part is empty, or the vocabulary cannot be made or does not fit.
    pub fn read(tables: &Generate, base: &Path, known: Option<Vocabulary>) -> Result<Self, Error> {
        let files = Files::read(tables, base)?;
        let parts = files.divide(tables)?;
        let vocabulary = match known {
            Some(vocabulary) => vocabulary,
            None => vocabulary(tables, base, &parts)?,
        };
        let stream = |texts: &[&str]| stream(&vocabulary, texts, tables.data.documents);
        Ok(Self {
            train: stream(&parts.train)?,
            valid: stream(&parts.valid)?,
            test: stream(&parts.test)?,
            documents: match (tables.sample.check, tables.data.documents) {
                (None, _) | (_, Documents::Whole) => Vec::new(),
                _ => parts.train.iter().map(|text| text.to_string()).collect(),
            },
            vocabulary,
        })
    }

    /// Puts the text of another file in the place of the test part.
    ///
    /// # Errors
    /// If it cannot be read, or holds what the vocabulary does not know.
    pub fn test_on(&mut self, tables: &Generate, file: &Path) -> Result<(), Error> {
        let data = &tables.data;
        let text = read_text(file, data.encoding.as_deref())?.text;
        let texts = Files::texts(vec![text], data.documents);
        let documents = match data.documents {
            Documents::Whole => texts.iter().map(String::as_str).collect(),
            how => documents(&texts, how),
        };
        self.test = stream(&self.vocabulary, &documents, data.documents)?;
        Ok(())
    }

    /// The part that a trained model is judged by: the test part; or the validation part, or even the training part,
    /// where nothing is held back for it.
    pub fn judged(&self) -> (Part, &Stream) {
        let parts = [(Part::Test, &self.test), (Part::Valid, &self.valid)];
        let held = parts.into_iter().find(|(_, part)| part.tokens.len() > 1);
        held.unwrap_or((Part::Train, &self.train))
    }
}

/// What the files of a recipe hold; parts without files of their own are divided off the first.
struct Files {
    all: Vec<String>,
    valid: Option<Vec<String>>,
    test: Option<Vec<String>>,
}

impl Files {
    fn read(tables: &Generate, base: &Path) -> Result<Self, Error> {
        let data = &tables.data;
        let read = |files: &[String]| -> Result<Option<Vec<String>>, Error> {
            if files.is_empty() {
                return Ok(None);
            }
            let files = read_texts(files, data.encoding.as_deref(), base)?;
            let texts = files.into_iter().map(|file| file.text).collect();
            Ok(Some(Self::texts(texts, data.documents)))
        };
        Ok(Self {
            all: match &data.text {
                Some(text) if data.documents == Documents::BlankLine => {
                    vec![text.lines().flat_map(|line| [line, "\n"]).collect()]
                }
                Some(text) => vec![text.clone()],
                None => read(&data.files)?.unwrap_or_default(),
            },
            valid: read(&data.valid_files)?,
            test: read(&data.test_files)?,
        })
    }

    /// The texts of files as documents are cut from them.
    fn texts(mut texts: Vec<String>, how: Documents) -> Vec<String> {
        match how {
            Documents::Whole => texts = vec![texts.into_iter().collect()],
            // Each line of such a document has an end.
            Documents::BlankLine => {
                for text in texts.iter_mut().filter(|text| !text.ends_with('\n')) {
                    text.reserve_exact(1);
                    text.push('\n');
                }
            }
            Documents::File | Documents::Line => {}
        }
        texts
    }

    /// The documents of the three parts.
    fn divide(&self, tables: &Generate) -> Result<Parts<&str>, Error> {
        let how = tables.data.documents;
        if how == Documents::Whole {
            return self.whole(tables);
        }
        let all = documents(&self.all, how);
        let valid = self.valid.as_deref().map(|files| documents(files, how));
        let test = self.test.as_deref().map(|files| documents(files, how));
        Ok(tables
            .split
            .complete(all, valid, test, |text| (*text).into())?)
    }

    /// One text, whose end is held back.
    fn whole<'a>(&'a self, tables: &Generate) -> Result<Parts<&'a str>, Error> {
        let whole = self.all.first().map_or("", String::as_str);
        let mut rest = whole;
        let mut part = |amount: Amount, key: &str, given: &'a Option<Vec<String>>| match given {
            Some(texts) => Ok(texts.iter().map(String::as_str).collect()),
            None => {
                let start = place(rest, whole.len(), amount, key)?;
                let start = (start..=rest.len()).find(|at| rest.is_char_boundary(*at));
                let held;
                (rest, held) = rest.split_at(start.expect("the end is a boundary"));
                Ok::<_, Error>(vec![held])
            }
        };
        let test = part(tables.split.test, "test", &self.test)?;
        let valid = part(tables.split.valid, "valid", &self.valid)?;
        if rest.trim().is_empty() {
            return Err(Error::input(
                "[split] leaves nothing to learn from: make split.valid and split.test smaller",
            ));
        }
        let train = vec![rest];
        Ok(Parts { train, valid, test })
    }
}

/// The documents of files; those of white space are none.
fn documents(files: &[String], how: Documents) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for text in files {
        match how {
            Documents::Whole | Documents::File => found.push(text),
            Documents::Line => found.extend(text.lines()),
            Documents::BlankLine => {
                let (mut start, mut end) = (0, 0);
                for line in text.split_inclusive('\n') {
                    if line.trim().is_empty() {
                        found.push(&text[start..end]);
                        start = end + line.len();
                    }
                    end += line.len();
                }
                found.push(&text[start..]);
            }
        }
    }
    found.retain(|document| !document.trim().is_empty());
    found
}

/// Where the last lines of a text begin, or the last share of the `whole` text that it is the beginning of.
fn place(text: &str, whole: usize, amount: Amount, key: &str) -> Result<usize, Error> {
    match amount {
        Amount::Fraction(share) if (0.0..1.0).contains(&share) => {
            Ok(text.len().saturating_sub((whole as f64 * share) as usize))
        }
        Amount::Fraction(share) => Err(Error::input(format!(
            "split.{key} = {share} is no share: it must be at least 0 and below 1"
        ))),
        Amount::Rows(0) => Ok(text.len()),
        Amount::Rows(lines) => {
            let body = text.strip_suffix('\n').unwrap_or(text);
            let mut ends = body.rmatch_indices('\n').map(|(at, _)| at + 1);
            Ok(ends.nth(lines - 1).unwrap_or(0))
        }
    }
}

/// The tokens of the training part, with one for the unknown where it is needed: where training leaves tokens out, or
/// where the other parts hold some that it does not.
fn vocabulary(tables: &Generate, base: &Path, parts: &Parts<&str>) -> Result<Vocabulary, Error> {
    let config = &tables.vocabulary;
    let end = (tables.data.documents != Documents::Whole).then_some(Special::End);
    let build = |unknown: bool| {
        let unknown = unknown.then_some(Special::Unknown);
        let specials: Vec<Special> = end.into_iter().chain(unknown).collect();
        Vocabulary::build(config, &specials, base, parts.train.iter().copied())
    };
    let limited = config.min_count > 1 || config.size.is_some();
    let unknown = match config.tokens {
        _ if config.file.is_some() => None,
        Tokens::Bytes | Tokens::Bpe => Some(false),
        Tokens::WordPiece | Tokens::Unigram => Some(true),
        Tokens::Characters | Tokens::Dna | Tokens::Words => limited.then_some(true),
    };
    if let Some(unknown) = unknown {
        return Ok(build(unknown)?);
    }
    let plain = build(false)?;
    let mut all = [&parts.train, &parts.valid, &parts.test]
        .into_iter()
        .flatten();
    match all.all(|text| plain.knows(text)) {
        true => Ok(plain),
        false => Ok(build(true)?),
    }
}

fn stream(vocabulary: &Vocabulary, texts: &[&str], how: Documents) -> Result<Stream, Error> {
    let (end, documents) = match how {
        Documents::Whole => (None, 0),
        _ => (vocabulary.special(Special::End), texts.len()),
    };
    let mut tokens = vocabulary.encode_all(texts, end)?;
    if !texts.is_empty() {
        tokens.splice(..0, end);
    }
    Ok(Stream {
        tokens,
        characters: texts.iter().map(|text| text.chars().count()).sum(),
        documents,
    })
}
