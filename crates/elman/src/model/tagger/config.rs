use super::super::crf::Crf;
use super::super::layer::{embedding, linear};
use super::super::shape::Shape;
use super::super::summary::{Summary, SummaryRow};
use super::{CharacterLayer, Tagger};
use crate::cell::{AnyCell, CellKind};
use crate::init::{Initializer, ParamSource};
use crate::layer::RecurrentConfig;
use crate::ops::Precision;
use burn::nn::DropoutConfig;
use burn::prelude::*;
use serde::{Deserialize, Serialize};

/// Words as vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordInput {
    /// How many words have a vector of their own, unknown ones and padding included.
    pub vocabulary: usize,
    /// Features of a vector.
    pub features: usize,
}

/// Words letter by letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterInput {
    /// How many letters there are, unknown ones and padding included.
    pub vocabulary: usize,
    /// Features of a letter's vector.
    pub features: usize,
    /// Units of each direction of the layer that reads them.
    pub hidden_size: usize,
}

/// How tags are chosen from their scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagOutput {
    /// The best of each word by itself.
    #[default]
    Softmax,
    /// The best path, where every tag has a score for following another: a conditional random field.
    Crf,
}

/// What a [`Tagger`] is made of.
///
/// ```
/// use burn::prelude::*;
/// use elman::model::{CharacterInput, Sentence, TaggerConfig, TaggerInput, WordInput};
///
/// let tagger = TaggerConfig::new(3, 16)
///     .with_words(WordInput { vocabulary: 100, features: 10 })
///     .with_characters(CharacterInput { vocabulary: 30, features: 5, hidden_size: 5 })
///     .init(&Device::default());
/// // "I am": word 7 is spelled by letter 9, word 8 by 1 and 13.
/// let (spellings, sentence) = ([vec![9], vec![1, 13]], Sentence { words: &[7, 8], spellings: &[0, 1] });
/// let answers = tagger.answer(&TaggerInput::new(&[sentence], &spellings, &Device::default()));
/// assert_eq!(answers[0].tags.len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct TaggerConfig {
    tags: usize,
    words: Option<WordInput>,
    characters: Option<CharacterInput>,
    cell: CellKind,
    hidden_size: usize,
    num_layers: usize,
    dropout: f64,
    recurrent_dropout: f64,
    checkpoint_every: Option<usize>,
    precision: Precision,
    output: TagOutput,
}

impl TaggerConfig {
    /// One bidirectional LSTM layer of so many units in each direction, and a softmax over so many tags. What it reads is
    /// still to be said.
    pub fn new(tags: usize, hidden_size: usize) -> Self {
        Self {
            tags,
            words: None,
            characters: None,
            cell: CellKind::Lstm,
            hidden_size,
            num_layers: 1,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            checkpoint_every: None,
            precision: Precision::F32,
            output: TagOutput::Softmax,
        }
    }

    /// Read words as vectors.
    pub fn with_words(mut self, words: impl Into<Option<WordInput>>) -> Self {
        self.words = words.into();
        self
    }

    /// Read words letter by letter.
    pub fn with_characters(mut self, characters: impl Into<Option<CharacterInput>>) -> Self {
        self.characters = characters.into();
        self
    }

    /// The cell of all recurrent layers.
    pub fn with_cell(mut self, cell: CellKind) -> Self {
        self.cell = cell;
        self
    }

    /// Layers over sentences, on top of each other.
    pub fn with_num_layers(mut self, num_layers: usize) -> Self {
        self.num_layers = num_layers;
        self
    }

    /// Probability of dropping a feature in training: of words, between layers, and before the output.
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self
    }

    /// Probability of dropping a hidden unit of the layers over sentences, in training: one mask for all words.
    pub fn with_recurrent_dropout(mut self, recurrent_dropout: f64) -> Self {
        self.recurrent_dropout = recurrent_dropout;
        self
    }

    /// Keep only the states at every so many words, in training: [`RecurrentConfig::with_checkpoint_every`].
    pub fn with_checkpoint_every(mut self, steps: impl Into<Option<usize>>) -> Self {
        self.checkpoint_every = steps.into();
        self
    }

    /// The numbers that recurrent layers multiply: [`RecurrentConfig::with_precision`].
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// How tags are chosen.
    pub fn with_output(mut self, output: TagOutput) -> Self {
        self.output = output;
        self
    }

    /// Builds the tagger; `device.seed` governs its first values.
    ///
    /// # Panics
    /// If it reads neither words nor letters, a size is zero, or a dropout is not in `[0, 1)`.
    pub fn init(&self, device: &Device) -> Tagger {
        self.init_from(&mut ParamSource::from_device(
            Initializer::default(),
            device,
        ))
    }

    /// Builds the tagger with parameters drawn from `source`.
    ///
    /// # Panics
    /// As [`Self::init`].
    pub fn init_from(&self, source: &mut ParamSource) -> Tagger {
        assert!(
            self.words.is_some() || self.characters.is_some(),
            "a tagger must read words, letters, or both"
        );
        assert!(self.tags > 0, "there are no tags");
        let words = self.words.map(|words| {
            let shape = [words.vocabulary, words.features];
            embedding(shape, source)
        });
        let characters = self.characters.map(|letters| CharacterLayer {
            embedding: embedding([letters.vocabulary, letters.features], source),
            rnn: self.spelling(letters).init_from(source),
        });
        let sentence = self.sentence();
        let rnn = sentence.init_from(source);
        Tagger {
            words,
            characters,
            rnn,
            output: linear([sentence.output_size(), self.tags], source),
            crf: (self.output == TagOutput::Crf).then(|| Crf::new(self.tags, source)),
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }

    /// Parameters of the whole tagger.
    pub fn parameter_count(&self) -> usize {
        self.summary().parameters()
    }

    /// Whether the tagger is too large for memory: what is wrong then, and what to do.
    pub fn problem(&self) -> Option<String> {
        self.summary().problem()
    }

    /// The table of its parts.
    pub fn summary(&self) -> Summary {
        Summary {
            input: Shape::Ids { time: None },
            rows: self.parts(),
        }
    }

    /// Its parts, from what it reads to what it says.
    pub fn parts(&self) -> Vec<SummaryRow> {
        let row = |name: &str, layer, features, parameters| {
            SummaryRow::new(name, layer, Shape::sequence(features), parameters)
        };
        let recurrent = |name: &str, config: &RecurrentConfig<AnyCell>| {
            let (features, parameters) = (config.output_size(), config.parameter_count());
            row(name, "bidirectional", features, parameters).with_recurrence(config)
        };
        let mut rows = Vec::new();
        if let Some(letters) = self.characters {
            let (features, spelling) = (letters.features, self.spelling(letters));
            rows.push(row(
                "letters",
                "embedding",
                features,
                letters.vocabulary * features,
            ));
            rows.push(recurrent("spelling", &spelling));
        }
        if let Some(words) = self.words {
            let parameters = words.vocabulary * words.features;
            rows.push(row("words", "embedding", words.features, parameters));
        }
        let sentence = self.sentence();
        let width = sentence.output_size();
        rows.push(recurrent("sentence", &sentence));
        rows.push(row("output", "dense", self.tags, (width + 1) * self.tags));
        if self.output == TagOutput::Crf {
            rows.push(row(
                "crf",
                "random field",
                self.tags,
                (self.tags + 2) * self.tags,
            ));
        }
        rows
    }

    /// The layer over the letters of a word.
    fn spelling(&self, letters: CharacterInput) -> RecurrentConfig<AnyCell> {
        RecurrentConfig::with_cell(AnyCell(self.cell), letters.features, letters.hidden_size)
            .with_bidirectional(true)
            .with_precision(self.precision)
    }

    /// The layers over the words of a sentence.
    fn sentence(&self) -> RecurrentConfig<AnyCell> {
        let letters = self.characters;
        let letters = letters.map_or(0, |letters| self.spelling(letters).output_size());
        let features = self.words.map_or(0, |words| words.features) + letters;
        RecurrentConfig::with_cell(AnyCell(self.cell), features, self.hidden_size)
            .with_num_layers(self.num_layers)
            .with_bidirectional(true)
            .with_dropout(self.dropout)
            .with_recurrent_dropout(self.recurrent_dropout)
            .with_checkpoint_every(self.checkpoint_every)
            .with_precision(self.precision)
    }
}
