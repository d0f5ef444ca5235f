//! Texts and their classes, read, divided and numbered.

use super::config::Classify;
use crate::baseline::text::Labelled;
use crate::task::classes::{ClassWeights, Classes};
use crate::task::{Error, overlap};
use elman_data::Ragged;
use elman_data::text::{
    Parts, Row, Special, Vocabulary, batches, padded_share, read_labelled, read_parts,
};
use std::fmt::Write;
use std::path::Path;

/// The texts of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// The texts as they were read, and where: the text is the first field, its label the second.
    pub rows: Vec<Row>,
    /// Their tokens, at most `longest` each.
    pub tokens: Ragged<u32>,
    /// Their classes.
    pub labels: Vec<usize>,
    /// How many were cut.
    pub cut: usize,
}

impl Texts {
    fn number(
        rows: Vec<Row>,
        vocabulary: &Vocabulary,
        classes: &Classes,
        longest: usize,
    ) -> Result<Self, Error> {
        let number = classes.numbering();
        let mut texts = Self {
            tokens: Ragged::with_capacity(rows.len()),
            labels: Vec::with_capacity(rows.len()),
            ..Self::default()
        };
        for row in &rows {
            texts.labels.push(number(row.field(1), &|| row.place())?);
            let tokens = vocabulary.encode(row.field(0))?;
            texts.cut += usize::from(tokens.len() > longest);
            texts.tokens.push(&tokens[..tokens.len().min(longest)]);
        }
        Ok(Self { rows, ..texts })
    }

    /// Tokens and classes.
    pub fn labelled(&self) -> Labelled<'_> {
        Labelled {
            texts: &self.tokens,
            labels: &self.labels,
        }
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Everything a classifier learns from and is judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Tokens and their numbers, from the training part alone.
    pub vocabulary: Vocabulary,
    /// The classes of the training part.
    pub classes: Classes,
    /// To learn from.
    pub train: Texts,
    /// To choose the model by; may be empty.
    pub valid: Texts,
    /// To judge it by.
    pub test: Texts,
}

impl Dataset {
    /// Reads the files of a recipe, relative to `base`. Vocabulary and classes follow from the training part.
    ///
    /// # Errors
    /// If files cannot be read or divided, there is one class only, or a label is in the validation or test part only.
    pub fn read(tables: &Classify, base: &Path) -> Result<Self, Error> {
        let parts = read(tables, base)?;
        let names = ("classify.names", &tables.classify.names);
        let column = tables.classify.label.to_string();
        let classes = Classes::learn(labels(&parts.train), &column, names)?;
        Self::learn(tables, base, parts, classes)
    }

    /// The same where a label may be in the validation or test part only: it is a class all the same.
    ///
    /// # Errors
    /// If files cannot be read or divided, or there is one class only.
    pub fn read_open(tables: &Classify, base: &Path) -> Result<Self, Error> {
        let parts = read(tables, base)?;
        let names = ("classify.names", &tables.classify.names);
        let mut known = Classes::learn_open(labels(&parts.train), names)?;
        known.add(labels(&parts.valid).chain(labels(&parts.test)));
        Self::learn(tables, base, parts, known)
    }

    fn learn(
        tables: &Classify,
        base: &Path,
        parts: Parts<Row>,
        classes: Classes,
    ) -> Result<Self, Error> {
        let texts = parts.train.iter().map(|row| row.field(0));
        let specials = [Special::Padding, Special::Unknown];
        let vocabulary = Vocabulary::build(&tables.vocabulary, &specials, base, texts)?;
        Self::number(parts, vocabulary, classes, tables.classify.longest)
    }

    /// Reads the files again, for a run whose vocabulary and classes are known.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn reread(
        tables: &Classify,
        base: &Path,
        vocabulary: Vocabulary,
        classes: Classes,
    ) -> Result<Self, Error> {
        Self::number(
            read(tables, base)?,
            vocabulary,
            classes,
            tables.classify.longest,
        )
    }

    fn number(
        parts: Parts<Row>,
        vocabulary: Vocabulary,
        classes: Classes,
        longest: usize,
    ) -> Result<Self, Error> {
        let texts = |rows| Texts::number(rows, &vocabulary, &classes, longest);
        let (train, valid, test) = (texts(parts.train)?, texts(parts.valid)?, texts(parts.test)?);
        Ok(Self {
            vocabulary,
            classes,
            train,
            valid,
            test,
        })
    }

    /// Puts the labelled texts of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training, or has a label that training does not know.
    pub fn test_on(&mut self, tables: &Classify, file: &Path) -> Result<(), Error> {
        let rows = labelled(tables, file)?;
        self.test = self.texts(rows, tables)?;
        Ok(())
    }

    /// The same where a label that training does not know is one more class.
    ///
    /// # Errors
    /// If it cannot be read as the files of training.
    pub fn test_on_open(&mut self, tables: &Classify, file: &Path) -> Result<(), Error> {
        let rows = labelled(tables, file)?;
        self.classes.add(labels(&rows));
        self.test = self.texts(rows, tables)?;
        Ok(())
    }

    fn texts(&self, rows: Vec<Row>, tables: &Classify) -> Result<Texts, Error> {
        let longest = tables.classify.longest;
        Texts::number(rows, &self.vocabulary, &self.classes, longest)
    }

    /// The number of the padding token.
    pub fn padding(&self) -> u32 {
        self.vocabulary.special(Special::Padding).unwrap_or(0)
    }

    /// What the loss of each class is multiplied with.
    ///
    /// # Errors
    /// If a weight is given to a label that is no class.
    pub fn weights(&self, rule: &ClassWeights) -> Result<Vec<f64>, Error> {
        let key = "classify.class_weights";
        self.classes.weights(rule, key, &self.train.labels)
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let part = |texts: &Texts| -> u64 {
            let numbers = texts
                .tokens
                .iter()
                .zip(&texts.labels)
                .map(|(tokens, label)| {
                    let tokens = tokens.iter().map(|token| u64::from(*token));
                    elman_data::random::mix(&tokens.chain([*label as u64]).collect::<Vec<_>>())
                });
            elman_data::random::mix(&numbers.collect::<Vec<_>>())
        };
        format!(
            "{} {:?} {:016x} {:016x}",
            self.vocabulary.digest(),
            self.classes.labels,
            part(&self.train),
            part(&self.valid),
        )
    }

    /// What was found, in a few lines.
    pub fn report(&self, batch_size: usize) -> String {
        let mut text = String::new();
        let parts = [
            ("training", &self.train),
            ("validation", &self.valid),
            ("test", &self.test),
        ];
        for (name, part) in parts {
            let (count, classes) = (part.len(), self.classes.counted(&part.labels));
            let _ = writeln!(text, "{name}: {count} texts ({classes})");
        }
        let _ = writeln!(text, "{}", self.about_tokens(batch_size));
        for remark in self.remarks() {
            let _ = writeln!(text, "{remark}");
        }
        text.trim_end().into()
    }

    fn about_tokens(&self, batch_size: usize) -> String {
        let lengths = self.train.tokens.lengths();
        let unknown = self.vocabulary.special(Special::Unknown);
        let unseen = |part: &Texts| {
            let all = part.tokens.values();
            let unseen = all.iter().filter(|token| Some(**token) == unknown).count();
            100.0 * unseen as f64 / all.len().max(1) as f64
        };
        let padded = padded_share(&lengths, &batches(&lengths, batch_size.max(1), 0, 0));
        format!(
            "{} {} in the vocabulary, {:.1} tokens a text on average, {} at most; {:.1} % of the test part's tokens are unknown; \
             {:.1} % of a batch is padding",
            self.vocabulary.len(),
            self.vocabulary.kind(),
            lengths.iter().sum::<usize>() as f64 / lengths.len().max(1) as f64,
            lengths.iter().max().unwrap_or(&0),
            unseen(&self.test),
            100.0 * padded,
        )
    }

    /// What a reader of the figures should know.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let [train, test] = [&self.train, &self.test].map(|part| part.rows.iter());
        let [train, test] = [train, test].map(|rows| rows.map(|row| row.field(0).into()));
        remarks.extend(overlap::remark(train, test, "texts"));
        let all = [&self.train, &self.valid, &self.test];
        let cut: usize = all.iter().map(|part| part.cut).sum();
        if cut > 0 {
            remarks.push(format!(
                "{cut} texts are longer than `longest` and were cut"
            ));
        }
        let empty: usize = all
            .iter()
            .map(|part| {
                part.tokens
                    .iter()
                    .filter(|tokens| tokens.is_empty())
                    .count()
            })
            .sum();
        if empty > 0 {
            remarks.push(format!(
                "{empty} texts have no token; all of them get the same answer"
            ));
        }
        remarks
    }
}

/// The rows of another file, with their labels.
fn labelled(tables: &Classify, file: &Path) -> Result<Vec<Row>, Error> {
    let columns = [tables.classify.text.clone(), tables.classify.label.clone()];
    Ok(read_labelled(&tables.data, &columns, file)?)
}

fn labels(rows: &[Row]) -> impl Iterator<Item = &str> {
    rows.iter().map(|row| row.field(1))
}

fn read(tables: &Classify, base: &Path) -> Result<Parts<Row>, Error> {
    let columns = [tables.classify.text.clone(), tables.classify.label.clone()];
    let parts = read_parts(&tables.data, &columns, &tables.split, base)?;
    if parts.test.is_empty() {
        return Err(Error::input(
            "there is nothing to judge the model by: name data.test_files, or set split.test above 0",
        ));
    }
    Ok(parts)
}
