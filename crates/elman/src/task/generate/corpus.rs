//! From text files to streams of tokens.

use super::config::{Documents, Generate};
use crate::task::Error;
use elman_data::text::{Special, Tokens, Vocabulary, read_texts};
use elman_data::{Amount, Part};
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
    /// The training documents as they stand in the files, where there are documents.
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
        let parts = divide(tables, base)?;
        let vocabulary = match known {
            Some(vocabulary) => vocabulary,
            None => vocabulary(tables, base, &parts)?,
        };
        let stream = |texts: &[String]| stream(&vocabulary, texts, tables.data.documents);
        let [train, valid, test] = &parts;
        Ok(Self {
            train: stream(train)?,
            valid: stream(valid)?,
            test: stream(test)?,
            documents: match tables.data.documents {
                Documents::Whole => Vec::new(),
                _ => train.clone(),
            },
            vocabulary,
        })
    }

    /// The part that a trained model is judged by: the test part; or the validation part, or even the training part,
    /// where nothing is held back for it.
    pub fn judged(&self) -> (Part, &Stream) {
        let parts = [(Part::Test, &self.test), (Part::Valid, &self.valid)];
        let held = parts.into_iter().find(|(_, part)| part.tokens.len() > 1);
        held.unwrap_or((Part::Train, &self.train))
    }
}

/// The documents of the three parts.
fn divide(tables: &Generate, base: &Path) -> Result<[Vec<String>; 3], Error> {
    let data = &tables.data;
    let read = |files: &[String]| -> Result<Option<Vec<String>>, Error> {
        if files.is_empty() {
            return Ok(None);
        }
        let files = read_texts(files, data.encoding.as_deref(), base)?;
        Ok(Some(documents(
            files.into_iter().map(|file| file.text),
            data.documents,
        )))
    };
    let train = match &data.text {
        Some(text) => documents(std::iter::once(text.clone()), data.documents),
        None => read(&data.files)?.unwrap_or_default(),
    };
    let (valid, test) = (read(&data.valid_files)?, read(&data.test_files)?);
    if data.documents == Documents::Whole {
        return whole(tables, train.concat(), valid, test);
    }
    let parts = tables.split.complete(train, valid, test, String::as_str)?;
    Ok([parts.train, parts.valid, parts.test])
}

fn documents(files: impl Iterator<Item = String>, how: Documents) -> Vec<String> {
    let cut = |text: String| -> Vec<String> {
        match how {
            Documents::Whole | Documents::File => vec![text],
            Documents::Line => text.lines().map(str::to_string).collect(),
            Documents::BlankLine => {
                let mut found = vec![String::new()];
                for line in text.lines() {
                    match line.trim().is_empty() {
                        true => found.push(String::new()),
                        false => {
                            let last = found.last_mut().expect("there is always one");
                            *last += line;
                            last.push('\n');
                        }
                    }
                }
                found
            }
        }
    };
    let all = files.flat_map(cut);
    all.filter(|document| !document.trim().is_empty()).collect()
}

/// One text, whose end is held back.
fn whole(
    tables: &Generate,
    text: String,
    valid: Option<Vec<String>>,
    test: Option<Vec<String>>,
) -> Result<[Vec<String>; 3], Error> {
    let mut rest = text.as_str();
    let whole = text.len();
    let mut part = |amount: Amount, key: &str, given: Option<Vec<String>>| match given {
        Some(texts) => Ok(vec![texts.concat()]),
        None => {
            let start = place(rest, whole, amount, key)?;
            let start = (start..=rest.len()).find(|at| rest.is_char_boundary(*at));
            let held;
            (rest, held) = rest.split_at(start.expect("the end is a boundary"));
            Ok::<_, Error>(vec![held.to_string()])
        }
    };
    let test = part(tables.split.test, "test", test)?;
    let valid = part(tables.split.valid, "valid", valid)?;
    if rest.trim().is_empty() {
        return Err(Error::input(
            "[split] leaves nothing to learn from: make split.valid and split.test smaller",
        ));
    }
    Ok([vec![rest.to_string()], valid, test])
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
fn vocabulary(
    tables: &Generate,
    base: &Path,
    [train, valid, test]: &[Vec<String>; 3],
) -> Result<Vocabulary, Error> {
    let config = &tables.vocabulary;
    let end = (tables.data.documents != Documents::Whole).then_some(Special::End);
    let build = |unknown: bool| {
        let specials: Vec<Special> = end
            .into_iter()
            .chain(unknown.then_some(Special::Unknown))
            .collect();
        Vocabulary::build(config, &specials, base, train.iter().map(String::as_str))
    };
    let limited = config.min_count > 1 || config.size.is_some();
    let lacks_some = || -> Result<bool, Error> {
        let plain = build(false)?;
        let mut all = train.iter().chain(valid).chain(test);
        Ok(all.any(|text| plain.encode(text).is_err()))
    };
    let unknown = match config.tokens {
        _ if config.file.is_some() => lacks_some()?,
        Tokens::Bytes | Tokens::Bpe => false,
        Tokens::WordPiece | Tokens::Unigram => true,
        Tokens::Characters | Tokens::Dna | Tokens::Words => limited || lacks_some()?,
    };
    Ok(build(unknown)?)
}

fn stream(vocabulary: &Vocabulary, texts: &[String], how: Documents) -> Result<Stream, Error> {
    let end = match how {
        Documents::Whole => None,
        _ => vocabulary.special(Special::End),
    };
    let mut stream = Stream {
        documents: if how == Documents::Whole {
            0
        } else {
            texts.len()
        },
        ..Stream::default()
    };
    if !texts.is_empty() {
        stream.tokens.extend(end);
    }
    for text in texts {
        stream.tokens.extend(vocabulary.encode(text)?);
        stream.tokens.extend(end);
        stream.characters += text.chars().count();
    }
    Ok(stream)
}
