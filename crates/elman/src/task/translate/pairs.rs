//! From files to pairs of token numbers.

use super::config::{ParallelConfig, Translate};
use crate::task::Error;
use elman_data::text::{
    Parts, Row, Special, Tokens, Vocabulary, VocabularyConfig, read_labelled, read_parallel,
    read_parts,
};
use elman_data::{Part, Ragged};
use std::path::Path;

/// The tokens of sources and of targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Vocabularies {
    /// What is read.
    pub source: Vocabulary,
    /// What is written; it has a start and an end.
    pub target: Vocabulary,
}

/// Pairs as numbers, divided.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// What the numbers stand for.
    pub vocabularies: Vocabularies,
    /// To learn from; those that are too long are left out.
    pub train: PairList,
    /// To choose the model by; may be empty.
    pub valid: PairList,
    /// To judge the chosen model by; may be empty.
    pub test: PairList,
    /// Training pairs that were too long.
    pub too_long: usize,
}

/// Sources and their targets.
#[derive(Clone, Debug, Default)]
pub struct PairList {
    /// As they stand in the files.
    rows: Vec<Row>,
    read: Ragged<u32>,
    written: Ragged<u32>,
}

/// A source and its target.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub(super) row: &'a Row,
    /// The source's tokens and, where the vocabulary has one, the end.
    pub read: &'a [u32],
    /// The target's tokens, without start and end.
    pub written: &'a [u32],
}

impl<'a> Pair<'a> {
    /// The source as it stands in the file.
    pub fn source(&self) -> &'a str {
        self.row.field(0)
    }

    /// The target as it stands in the file.
    pub fn target(&self) -> &'a str {
        self.row.field(1)
    }
}

impl PairList {
    fn with_capacity(pairs: usize) -> Self {
        Self {
            rows: Vec::with_capacity(pairs),
            read: Ragged::with_capacity(pairs),
            written: Ragged::with_capacity(pairs),
        }
    }

    fn push(&mut self, row: &Row, read: &[u32], written: &[u32]) {
        self.rows.push(row.clone());
        self.read.push(read);
        self.written.push(written);
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One of them.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn get(&self, pair: usize) -> Pair<'_> {
        Pair {
            row: &self.rows[pair],
            read: &self.read[pair],
            written: &self.written[pair],
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Pair<'_>> + Clone {
        (0..self.len()).map(|pair| self.get(pair))
    }

    /// What is read of each.
    pub fn read(&self) -> &Ragged<u32> {
        &self.read
    }

    /// How many tokens each has on both sides.
    pub fn lengths(&self) -> Vec<usize> {
        let length = |pair: Pair<'_>| pair.read.len() + pair.written.len();
        self.iter().map(length).collect()
    }
}

impl<'a> FromIterator<Pair<'a>> for PairList {
    fn from_iter<I: IntoIterator<Item = Pair<'a>>>(pairs: I) -> Self {
        let mut list = Self::default();
        let pairs = pairs.into_iter();
        pairs.for_each(|pair| list.push(pair.row, pair.read, pair.written));
        list
    }
}

impl Pairs {
    /// Reads the pairs, divides them and numbers their tokens; `known` are the vocabularies of a run that exists.
    ///
    /// # Errors
    /// If a file cannot be read, a part is empty, or a vocabulary cannot be made or does not fit.
    pub fn read(
        tables: &Translate,
        base: &Path,
        known: Option<Vocabularies>,
    ) -> Result<Self, Error> {
        let parts = divide(tables, base)?;
        let vocabularies = match known {
            Some(vocabularies) => vocabularies,
            None => Vocabularies::build(tables, base, &parts.train)?,
        };
        let longest = tables.translate.longest;
        let mut train = PairList::with_capacity(parts.train.len());
        for row in &parts.train {
            let [read, written] = vocabularies.pair(row, usize::MAX)?;
            if read.len() <= longest + 1 && written.len() <= longest {
                train.push(row, &read, &written);
            }
        }
        if train.is_empty() {
            return Err(Error::input(format!(
                "all {} pairs to learn from are longer than translate.longest = {longest} tokens: raise it, or give shorter \
                 texts",
                parts.train.len()
            )));
        }
        Ok(Self {
            too_long: parts.train.len() - train.len(),
            train,
            valid: vocabularies.pairs(&parts.valid, longest)?,
            test: vocabularies.pairs(&parts.test, longest)?,
            vocabularies,
        })
    }

    /// Puts the pairs of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training, or those are files of sources and files of targets.
    pub fn test_on(&mut self, tables: &Translate, file: &Path) -> Result<(), Error> {
        if !tables.parallel.source.is_empty() {
            return Err(Error::input(format!(
                "`{}` is one file, and this run reads sources and targets from two: write them side by side in a run that reads \
                 data.files, or train again with parallel.test_source and parallel.test_target",
                file.display()
            )));
        }
        let own = &tables.translate;
        let columns = [own.source.clone(), own.target.clone()];
        let rows = read_labelled(&tables.data, &columns, file)?;
        self.test = self.vocabularies.pairs(&rows, own.longest)?;
        Ok(())
    }

    /// The part that a trained model is judged by: the test part; or the validation part, or even the training part,
    /// where nothing is held back for it.
    pub fn judged(&self) -> (Part, &PairList) {
        let parts = [(Part::Test, &self.test), (Part::Valid, &self.valid)];
        let held = parts.into_iter().find(|(_, part)| !part.is_empty());
        held.unwrap_or((Part::Train, &self.train))
    }
}

fn divide(tables: &Translate, base: &Path) -> Result<Parts<Row>, Error> {
    let columns = [
        tables.translate.source.clone(),
        tables.translate.target.clone(),
    ];
    if tables.parallel.source.is_empty() {
        return Ok(read_parts(&tables.data, &columns, &tables.split, base)?);
    }
    let read = |source: &[String], target: &[String]| match source {
        [] => Ok(None),
        source => read_parallel(source, target, tables.data.encoding.as_deref(), base).map(Some),
    };
    let ParallelConfig {
        source,
        target,
        valid_source,
        valid_target,
        test_source,
        test_target,
    } = &tables.parallel;
    let rows = read(source, target)?.unwrap_or_default();
    let (valid, test) = (
        read(valid_source, valid_target)?,
        read(test_source, test_target)?,
    );
    Ok(tables
        .split
        .complete(rows, valid, test, |row| row.field(0).into())?)
}

impl Vocabularies {
    /// The tokens of the training part.
    ///
    /// # Errors
    /// If a vocabulary cannot be made.
    fn build(tables: &Translate, base: &Path, train: &[Row]) -> Result<Self, Error> {
        let side = |column: usize| train.iter().map(move |row| row.field(column));
        let config = &tables.vocabulary;
        if tables.translate.shared_vocabulary {
            let specials = specials(config, true);
            let both = side(0).chain(side(1));
            let shared = Vocabulary::build(config, &specials, base, both)?;
            return Ok(Self {
                source: shared.clone(),
                target: shared,
            });
        }
        let own = tables.target_vocabulary.as_ref().unwrap_or(config);
        Ok(Self {
            source: Vocabulary::build(config, &specials(config, false), base, side(0))?,
            target: Vocabulary::build(own, &specials(own, true), base, side(1))?,
        })
    }

    /// The numbers of a source, of which no more than `longest` are read, and the end; whether it was cut.
    ///
    /// # Errors
    /// If it holds no token, or one that the vocabulary lacks and has nothing to stand for.
    pub fn read(&self, source: &str, longest: usize) -> Result<(Vec<u32>, bool), Error> {
        let mut tokens = self.source.encode(source)?;
        if tokens.is_empty() {
            return Err(Error::input(
                "the text holds no token: there is nothing to translate",
            ));
        }
        let cut = tokens.len() > longest;
        tokens.truncate(longest);
        tokens.extend(self.source.special(Special::End));
        Ok((tokens, cut))
    }

    fn pairs(&self, rows: &[Row], longest: usize) -> Result<PairList, Error> {
        let mut pairs = PairList::with_capacity(rows.len());
        for row in rows {
            let [read, written] = self.pair(row, longest)?;
            pairs.push(row, &read, &written);
        }
        Ok(pairs)
    }

    /// What is read and what is written of a row, no more than `longest` of each.
    fn pair(&self, row: &Row, longest: usize) -> Result<[Vec<u32>; 2], Error> {
        let placed = |error: String| Error::input(format!("{}: {error}", row.place()));
        let (read, _) = self
            .read(row.field(0), longest)
            .map_err(|error| placed(error.to_string()))?;
        let mut written = self
            .target
            .encode(row.field(1))
            .map_err(|error| placed(error.to_string()))?;
        written.truncate(longest);
        Ok([read, written])
    }
}

/// An end that says to the encoder that all is read, and to the decoder that all is written; a start; and something to stand
/// for unknown tokens, unless there can be none.
fn specials(config: &VocabularyConfig, written: bool) -> Vec<Special> {
    let complete = matches!(config.tokens, Tokens::Bytes | Tokens::Bpe) && config.file.is_none();
    let unknown = (!complete).then_some(Special::Unknown);
    let start = written.then_some(Special::Start);
    unknown
        .into_iter()
        .chain(start)
        .chain([Special::End])
        .collect()
}
