//! From files to pairs of token numbers.

use super::config::{ParallelConfig, Translate};
use crate::task::Error;
use elman_data::Part;
use elman_data::text::{
    Parts, Row, Special, Tokens, Vocabulary, VocabularyConfig, read_labelled, read_parallel,
    read_parts,
};
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
    pub train: Vec<Pair>,
    /// To choose the model by; may be empty.
    pub valid: Vec<Pair>,
    /// To judge the chosen model by; may be empty.
    pub test: Vec<Pair>,
    /// Training pairs that were too long.
    pub too_long: usize,
}

/// A source and its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// As it stands in the file.
    pub source: String,
    /// As it stands in the file.
    pub target: String,
    /// The source's tokens and, where the vocabulary has one, the end.
    pub read: Vec<u32>,
    /// The target's tokens, without start and end.
    pub written: Vec<u32>,
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
        let pairs = |rows: &[Row]| -> Result<Vec<Pair>, Error> {
            rows.iter()
                .map(|row| vocabularies.pair(row, longest))
                .collect()
        };
        let mut train = Vec::with_capacity(parts.train.len());
        for row in &parts.train {
            let pair = vocabularies.pair(row, usize::MAX)?;
            let [read, written] = [&pair.read, &pair.written].map(Vec::len);
            if read <= longest + 1 && written <= longest {
                train.push(pair);
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
            valid: pairs(&parts.valid)?,
            test: pairs(&parts.test)?,
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
        let pairs = rows
            .iter()
            .map(|row| self.vocabularies.pair(row, own.longest));
        self.test = pairs.collect::<Result<_, Error>>()?;
        Ok(())
    }

    /// The part that a trained model is judged by: the test part; or the validation part, or even the training part,
    /// where nothing is held back for it.
    pub fn judged(&self) -> (Part, &[Pair]) {
        let parts = [(Part::Test, &self.test), (Part::Valid, &self.valid)];
        let held = parts.into_iter().find(|(_, part)| !part.is_empty());
        let (part, pairs) = held.unwrap_or((Part::Train, &self.train));
        (part, pairs)
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
    let parts = tables.split.complete(rows, valid, test, |row| {
        row.fields.first().map_or("", String::as_str)
    });
    Ok(parts?)
}

impl Vocabularies {
    /// The tokens of the training part.
    ///
    /// # Errors
    /// If a vocabulary cannot be made.
    fn build(tables: &Translate, base: &Path, train: &[Row]) -> Result<Self, Error> {
        let side = |column: usize| train.iter().map(move |row| row.fields[column].as_str());
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

    fn pair(&self, row: &Row, longest: usize) -> Result<Pair, Error> {
        let [source, target] = row.fields.as_slice() else {
            unreachable!("two columns were asked for");
        };
        let placed = |error: String| Error::input(format!("{}: {error}", row.place()));
        let (read, _) = self
            .read(source, longest)
            .map_err(|error| placed(error.to_string()))?;
        let mut written = self
            .target
            .encode(target)
            .map_err(|error| placed(error.to_string()))?;
        written.truncate(longest);
        Ok(Pair {
            source: source.clone(),
            target: target.clone(),
            read,
            written,
        })
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
