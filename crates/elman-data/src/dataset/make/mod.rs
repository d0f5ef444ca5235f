//! Datasets that are made here from what others publish. Each maker is a function from texts or bytes to texts or bytes.

mod digits;
mod film_reviews;
mod novels;
mod photographs;
mod questions;
mod sentence_pairs;
mod skeletons;
mod squeezenet;
mod treebank;

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::place::{failed, names_in};
use crate::Error;

/// What makes a dataset from files that are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// The first 15,000 training digits of MNIST and all test digits.
    Digits,
    /// Film reviews of NSMC with clear ratings, split by film and balanced.
    FilmReviews,
    /// Novels by their number, joined into three texts.
    Novels,
    /// Which of the photographs of Flickr8k are for training, development and testing.
    Photographs,
    /// The questions in an archive.
    Questions,
    /// Short sentence pairs in the order of a hash.
    SentencePairs,
    /// Every second frame of skeletons as the rows of one table.
    Skeletons,
    /// The weights of SqueezeNet, decoded.
    Squeezenet,
    /// Words, parts of speech and tags of a treebank.
    Treebank,
}

impl Maker {
    /// Makes the files of the dataset in `into` from those in `from`.
    ///
    /// # Errors
    /// [`Error::Upstream`] for a file that is not as it should be; [`Error::Io`].
    pub(super) fn make(self, from: &Path, into: &Path) -> Result<(), Error> {
        let made = Made { from, into };
        match self {
            Self::Digits => {
                for (name, count) in digits::FILES {
                    let idx = made.bytes(name)?;
                    let first = digits::first(&idx, count).map_err(not_as_expected(name))?;
                    made.write(&format!("{name}-ubyte.gz"), &compressed(&first))?;
                }
                Ok(())
            }
            Self::FilmReviews => {
                let mut reviews = film_reviews::Reviews::default();
                for name in names_in(from)? {
                    reviews
                        .add(&made.bytes(&name)?)
                        .map_err(not_as_expected(&name))?;
                }
                made.write_parts("tsv", reviews.split(film_reviews::EACH))
            }
            Self::Novels => {
                let mut novels = novels::Novels::default();
                for name in names_in(from)? {
                    novels
                        .add(&name, &made.text(&name)?)
                        .map_err(not_as_expected(&name))?;
                }
                made.write_parts("txt", novels.join())
            }
            Self::Photographs => {
                let photographs = names_in(from)?.into_iter();
                let photographs: Vec<String> =
                    photographs.filter(|name| name.ends_with(".jpg")).collect();
                let lists = ["train", "dev", "test"]
                    .map(|part| Ok((part, made.text(&format!("{part}.txt"))?)));
                let lists = lists.into_iter().collect::<Result<Vec<_>, Error>>()?;
                made.write(
                    "official_split.tsv",
                    photographs::split(&photographs, &lists).as_bytes(),
                )?;
                photographs.iter().try_for_each(|name| made.keep(name))
            }
            Self::Questions => {
                let name = "qc.zip";
                let archive = made.bytes(name)?;
                for part in ["train.txt", "test.txt"] {
                    let text = questions::unpack(&archive, &format!("qc/{part}"));
                    made.write(part, &text.map_err(not_as_expected(name))?)?;
                }
                Ok(())
            }
            Self::SentencePairs => {
                let name = "fra-eng.zip";
                let text = questions::unpack(&made.bytes(name)?, "fra.txt")
                    .map_err(not_as_expected(name))?;
                let text =
                    String::from_utf8(text).map_err(|_| "`fra.txt` is not UTF-8".to_string());
                let text = text.map_err(not_as_expected(name))?;
                let parts = sentence_pairs::split(&text, sentence_pairs::EACH);
                made.write_parts("tsv", parts.map_err(not_as_expected(name))?)
            }
            Self::Skeletons => {
                let mut table = skeletons::Table::default();
                for name in names_in(from)? {
                    table
                        .add(&name, &made.text(&name)?)
                        .map_err(not_as_expected(&name))?;
                }
                made.write("sequences.csv.gz", &compressed(table.text.as_bytes()))
            }
            Self::Squeezenet => {
                let name = "compressed_SqueezeNet.net";
                let weights = squeezenet::decode(&made.bytes(name)?, &squeezenet::layers());
                made.write(
                    "squeezenet1_0.safetensors",
                    &weights.map_err(not_as_expected(name))?,
                )
            }
            Self::Treebank => {
                for name in names_in(from)? {
                    let table =
                        treebank::columns(&made.text(&name)?).map_err(not_as_expected(&name))?;
                    made.write(&name.replace(".conllu", ".tsv"), table.as_bytes())?;
                }
                Ok(())
            }
        }
    }
}

/// Training, validation and test set, in this order.
type Parts = [String; 3];

/// Files that are made from others.
struct Made<'a> {
    from: &'a Path,
    into: &'a Path,
}

impl Made<'_> {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.from.join(name);
        fs::read(&path).map_err(failed("read", &path))
    }

    fn text(&self, name: &str) -> Result<String, Error> {
        let text = String::from_utf8(self.bytes(name)?);
        text.map_err(|_| not_as_expected(name)("it is not UTF-8".into()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.into.join(name);
        fs::write(&path, bytes).map_err(failed("write", &path))
    }

    fn write_parts(&self, ending: &str, parts: Parts) -> Result<(), Error> {
        let named = ["train", "valid", "test"].into_iter().zip(parts);
        named
            .into_iter()
            .try_for_each(|(part, text)| self.write(&format!("{part}.{ending}"), text.as_bytes()))
    }

    /// Keeps a file as it was fetched.
    fn keep(&self, name: &str) -> Result<(), Error> {
        let (from, to) = (self.from.join(name), self.into.join(name));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(failed("create", folder))?;
        }
        fs::rename(from, &to).map_err(failed("write", &to))
    }
}

fn not_as_expected(file: &str) -> impl FnOnce(String) -> Error {
    move |message| Error::Upstream {
        file: file.into(),
        message,
    }
}

/// Compressed with gzip: the same bytes for the same contents, whatever the time.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    let written = packed.write_all(bytes);
    written
        .and_then(|()| packed.finish())
        .expect("a Vec takes all bytes")
}

/// The MD5 of a text as one number, whose order is that of its hexadecimal digits.
fn md5(text: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(text).into())
}

/// A text without spaces at its ends and with one space for each run of them. What separates words is what Python's `split` takes.
fn spaced_once(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// The words of a text, as Python's `split` finds them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_space = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    text.split(is_space).filter(|word| !word.is_empty())
}

#[cfg(test)]
pub(super) mod tests;
