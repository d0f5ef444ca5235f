//! Recordings and what is said in them, read, divided, scaled and numbered.

use super::config::Transcribe;
use crate::task::Error;
use crate::task::signals::{self, padding};
use elman_data::signal::{SignalReport, SignalScaler};
use elman_data::text::{Special, Vocabulary};
use std::fmt::Write;
use std::path::Path;

/// What is said in a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// The same as labels: the number of the token and one, as 0 is the blank.
    pub labels: Vec<usize>,
}

/// The recordings of one part.
pub type Spoken = signals::Series<Said>;

/// Everything a transcriber learns from and is judged by.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// How what is read becomes what the network reads, from the training part alone.
    pub scaler: SignalScaler,
    /// Tokens and their numbers, from the training part alone.
    pub vocabulary: Vocabulary,
    /// To learn from; those that are too short for what is said in them are left out.
    pub train: Spoken,
    /// To choose the model by; may be empty.
    pub valid: Spoken,
    /// To judge it by.
    pub test: Spoken,
    /// What was read and what was left out.
    pub read: SignalReport,
    /// Training recordings with fewer steps than their text needs.
    pub too_short: usize,
}

impl Dataset {
    /// Reads the files of a recipe, relative to `base`; `known` is what a run that exists remembers.
    ///
    /// # Errors
    /// If files cannot be read or divided, or nothing is left to learn from.
    pub fn read(
        tables: &Transcribe,
        base: &Path,
        known: Option<(SignalScaler, Vocabulary)>,
    ) -> Result<Self, Error> {
        let (parts, read) = signals::read(&tables.data, &tables.split, base)?;
        let field = tables.data.label_name();
        let (scaler, vocabulary) = match known {
            Some(known) => known,
            None => {
                let scaler = signals::fitted(&tables.data, &parts.train, &read)?;
                let texts: Result<Vec<&str>, _> = parts
                    .train
                    .iter()
                    .map(|example| example.field(field))
                    .collect();
                let specials = [Special::Unknown];
                let texts = texts?.into_iter();
                let vocabulary = Vocabulary::build(&tables.vocabulary, &specials, base, texts)?;
                (scaler, vocabulary)
            }
        };
        let [mut train, valid, test] = signals::prepare(parts, &scaler, base, |example| {
            Said::new(example.field(field)?, &vocabulary)
        })?;
        let too_short = train.keep(|signal, said| signal.time() >= said.needed().max(1));
        if train.is_empty() {
            return Err(Error::input(
                "every recording to learn from has fewer steps than its text has tokens: take smaller steps (sound.hop_ms, data.stride), \
                 or larger tokens",
            ));
        }
        Ok(Self {
            scaler,
            vocabulary,
            train,
            valid,
            test,
            read,
            too_short,
        })
    }

    /// Puts the recordings of another file in the place of the test set.
    ///
    /// # Errors
    /// If it cannot be read as the files of training.
    pub fn test_on(&mut self, tables: &Transcribe, file: &Path) -> Result<(), Error> {
        let field = tables.data.label_name();
        let test = signals::test_on(&tables.data, &self.scaler, file, |example| {
            Said::new(example.field(field)?, &self.vocabulary)
        })?;
        self.test = test;
        Ok(())
    }

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let labels = |said: &Said| said.labels.iter().map(|label| *label as u64).collect();
        let [train, valid] = [&self.train, &self.valid].map(|part| part.digest(labels));
        format!("{} {train:016x} {valid:016x}", self.vocabulary.digest())
    }

    /// What was found, in a few lines.
    pub fn report(&self, batch_size: usize) -> String {
        let mut text = self.read.to_string();
        let padded = padding(&self.train.lengths(), batch_size);
        let tokens = self.train.labels.iter().map(|said| said.labels.len());
        let _ = writeln!(
            text,
            "{} {} in the vocabulary, {:.1} of them in a recording on average; {:.1} % of a batch is padding",
            self.vocabulary.len(),
            self.vocabulary.kind(),
            tokens.sum::<usize>() as f64 / self.train.len().max(1) as f64,
            100.0 * padded,
        );
        if self.too_short > 0 {
            let _ = writeln!(
                text,
                "{} recordings to learn from have fewer steps than their text needs, and are left out",
                self.too_short
            );
        }
        text.trim_end().into()
    }
}

impl Said {
    fn new(text: &str, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let tokens = vocabulary.encode(text)?;
        Ok(Self {
            labels: tokens.iter().map(|token| *token as usize + 1).collect(),
            text: vocabulary.as_read(text).into_owned(),
        })
    }

    /// Steps that it needs at least: one for each label, and a blank between equal neighbours.
    pub(super) fn needed(&self) -> usize {
        let pairs = self.labels.windows(2);
        self.labels.len() + pairs.filter(|pair| pair[0] == pair[1]).count()
    }
}

impl AsRef<str> for Said {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
