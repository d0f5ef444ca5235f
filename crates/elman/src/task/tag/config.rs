use crate::model::TagOutput;
use crate::recipe::{Error, Head, ModelConfig};
use crate::train::{LossConfig, TrainConfig};
use elman_data::text::{RowSplit, TaggedConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "tag"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tag {
    /// The files.
    pub data: TaggedConfig,
    /// How sentences without files of their own for validation and test are divided.
    pub split: RowSplit,
    /// What the tagger reads and how it chooses.
    pub tag: TagConfig,
}

/// What the tagger reads and how it chooses: the keys of `[tag]`. Words have `model.embedding_size` numbers each (0: only
/// their letters are read).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TagConfig {
    /// Whether `The` and `the` are one word; their letters differ all the same.
    pub lowercase: bool,
    /// Words that are rarer than this in the training part are unknown.
    pub min_count: usize,
    /// How often, in training, a word that comes once is taken for an unknown one, so that those are learned as well.
    pub word_dropout: f64,
    /// Numbers that stand for a letter; 0 does not read letters.
    pub letter_size: usize,
    /// Units of each direction of the layer that reads them.
    pub letter_hidden_size: usize,
    /// Whether Hangul syllables are read as their letters, the jamo.
    pub jamo: bool,
    /// How tags are chosen: each by itself (`softmax`), or the best sequence of them (`crf`).
    pub output: TagOutput,
}

impl Default for TagConfig {
    fn default() -> Self {
        Self {
            lowercase: true,
            min_count: 1,
            word_dropout: 0.5,
            letter_size: 25,
            letter_hidden_size: 50,
            jamo: false,
            output: TagOutput::Softmax,
        }
    }
}

impl Tag {
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        if self.data.files.is_empty() {
            return wrong(
                "data.files",
                "is missing: say which files hold the sentences",
            );
        }
        let own = &self.tag;
        if !(0.0..=1.0).contains(&own.word_dropout) {
            return wrong("tag.word_dropout", "is a share, from 0 to 1");
        }
        for (key, value) in [
            ("tag.letter_size", own.letter_size),
            ("tag.letter_hidden_size", own.letter_hidden_size),
        ] {
            if value > 10_000 {
                return wrong(key, "is too large; at most 10,000");
            }
        }
        if own.letter_size > 0 && own.letter_hidden_size == 0 {
            return wrong(
                "tag.letter_hidden_size",
                "must be at least 1 where letters are read",
            );
        }
        if own.letter_size == 0 && model.embedding_size() == 0 {
            return wrong(
                "tag.letter_size",
                "and model.embedding_size are both 0: nothing is read",
            );
        }
        let idle = [
            (
                "model.layers",
                !model.layers.is_empty(),
                "cannot be listed: a tagger's layers follow from the other keys",
            ),
            (
                "model.bidirectional",
                !model.bidirectional,
                "must be true: a tagger reads a sentence from both ends",
            ),
            (
                "model.tie_weights",
                model.tie_weights,
                "is for models that say tokens; a tagger says tags",
            ),
            (
                "model.head",
                model.head != Head::Dense,
                "must be \"dense\": it scores the tags",
            ),
            (
                "train.bptt_len",
                train.bptt_len.is_some(),
                "is for long streams; sentences are read whole",
            ),
            (
                "train.loss",
                train.loss != LossConfig::default(),
                "follows from tag.output; leave it out",
            ),
        ];
        match idle.into_iter().find(|(_, wrong, _)| *wrong) {
            Some((key, _, problem)) => wrong(key, problem),
            None => Ok(()),
        }
    }
}
