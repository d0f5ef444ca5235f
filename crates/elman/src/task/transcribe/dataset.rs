//! Recordings and what is said in them, read, divided, scaled and numbered.

use super::config::Transcribe;
use crate::task::Error;
use crate::task::recognize::within;
use elman_data::random::mix;
use elman_data::signal::{Example, Signal, SignalReport, SignalScaler, read_signal_parts};
use elman_data::text::{Parts, Special, Vocabulary, batches, padded_share};
use std::fmt::Write;
use std::path::Path;

/// The recordings of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spoken {
    /// The recordings as the network reads them.
    pub signals: Vec<Signal>,
    /// What is said in them.
    pub texts: Vec<String>,
    /// The same as labels: the number of the token and one, as 0 is the blank.
    pub labels: Vec<Vec<usize>>,
    /// Where they stand.
    pub places: Vec<String>,
}

impl Spoken {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// The steps of each.
    pub fn lengths(&self) -> Vec<usize> {
        self.signals.iter().map(Signal::time).collect()
    }
}

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
        let (parts, read) = read_signal_parts(&tables.data, &tables.split, base)?;
        if parts.test.is_empty() {
            return Err(Error::input(
                "there is nothing to judge the model by: name data.test_files, or set split.test above 0",
            ));
        }
        let field = tables.data.label_name();
        let (scaler, vocabulary) = match known {
            Some(known) => known,
            None => {
                let scaler = SignalScaler::fit(&tables.data.preparation(), &parts.train)?;
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
        let prepare = |examples: Vec<Example>| -> Result<Spoken, Error> {
            let mut part = Spoken::default();
            for example in scaler.prepare_all(&examples)? {
                let text = example.field(field)?;
                let tokens = vocabulary.encode(text)?;
                part.labels
                    .push(tokens.iter().map(|token| *token as usize + 1).collect());
                part.texts.push(vocabulary.as_read(text).into_owned());
                part.signals.push(example.signal);
                part.places.push(within(base, &example.place));
            }
            Ok(part)
        };
        let Parts { train, valid, test } = parts;
        let (mut train, valid, test) = (prepare(train)?, prepare(valid)?, prepare(test)?);
        let too_short = leave_out_short(&mut train);
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

    /// A digest of what is learned from, for checkpoints.
    pub fn digest(&self) -> String {
        let part = |part: &Spoken| -> u64 {
            let spoken = part.signals.iter().zip(&part.labels);
            let numbers = spoken.map(|(signal, labels)| {
                let values = signal.values.iter().map(|value| u64::from(value.to_bits()));
                let labels = labels.iter().map(|label| *label as u64);
                mix(&values.chain(labels).collect::<Vec<_>>())
            });
            mix(&numbers.collect::<Vec<_>>())
        };
        let (train, valid) = (part(&self.train), part(&self.valid));
        format!("{} {train:016x} {valid:016x}", self.vocabulary.digest())
    }

    /// What was found, in a few lines.
    pub fn report(&self, batch_size: usize) -> String {
        let mut text = self.read.to_string();
        let lengths = self.train.lengths();
        let padded = padded_share(&lengths, &batches(&lengths, batch_size.max(1), 0, 0));
        let tokens: usize = self.train.labels.iter().map(Vec::len).sum();
        let _ = writeln!(
            text,
            "{} {} in the vocabulary, {:.1} of them in a recording on average; {:.1} % of a batch is padding",
            self.vocabulary.len(),
            self.vocabulary.kind(),
            tokens as f64 / lengths.len().max(1) as f64,
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

/// Steps that a text needs at least: one for each label, and a blank between equal neighbours.
pub(super) fn needed(labels: &[usize]) -> usize {
    labels.len() + labels.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Takes recordings out that are too short for their text; how many.
fn leave_out_short(part: &mut Spoken) -> usize {
    let all = std::mem::take(part);
    let before = all.len();
    let rows = all
        .signals
        .into_iter()
        .zip(all.texts)
        .zip(all.labels)
        .zip(all.places);
    for (((signal, text), labels), place) in rows {
        if signal.time() >= needed(&labels).max(1) {
            part.signals.push(signal);
            part.texts.push(text);
            part.labels.push(labels);
            part.places.push(place);
        }
    }
    before - part.len()
}
