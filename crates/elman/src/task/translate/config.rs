//! The tables of a recipe with `task = "translate"`.

use crate::metric::BleuConfig;
use crate::model::AttentionKind;
use crate::recipe::{Error, Head, ModelConfig};
use crate::task::classify::check_smoothing;
use crate::train::{LossConfig, TrainConfig};
use elman_data::text::{Column, RowSplit, RowsConfig, VocabularyConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "translate"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Translate {
    /// Files whose rows hold a source and its target each.
    pub data: RowsConfig,
    /// Files that hold the sources, and files that hold the targets, line by line.
    pub parallel: ParallelConfig,
    /// How pairs without files of their own for validation and test are divided.
    pub split: RowSplit,
    /// How texts become numbers.
    pub vocabulary: VocabularyConfig,
    /// The same for the targets, where it is not as for the sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_vocabulary: Option<VocabularyConfig>,
    /// What is translated, and how it is learned.
    pub translate: TranslateConfig,
    /// How answers are searched for.
    pub search: SearchConfig,
    /// How answers are compared with what was asked for.
    pub score: BleuConfig,
}

/// Files that are parallel, line by line: the keys of `[parallel]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParallelConfig {
    /// Files of the sources to learn from, in the order of `target`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Files of their targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<String>,
    /// Files of the sources to choose the model by; without them a part of `source`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_source: Vec<String>,
    /// Files of their targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_target: Vec<String>,
    /// Files of the sources to judge the model by; without them a part of `source`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_source: Vec<String>,
    /// Files of their targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_target: Vec<String>,
}

/// What is translated, and how it is learned: the keys of `[translate]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TranslateConfig {
    /// The column of the source, by its name or its number from 1.
    pub source: Column,
    /// The column of the target.
    pub target: Column,
    /// How the decoder looks back at the source: `luong`, `luong_dot`, `bahdanau` or `none`.
    pub attention: AttentionKind,
    /// Whether sources and targets share one vocabulary, as questions and answers of one language do.
    pub shared_vocabulary: bool,
    /// How often, in the last epoch, the decoder is told its own guess instead of the right token (scheduled sampling,
    /// Bengio et al., 2015); in the first it never is, and between them ever more often.
    pub sampling: f64,
    /// Pairs with more tokens on a side are not learned from; of longer sources no more is read.
    pub longest: usize,
}

impl Default for TranslateConfig {
    fn default() -> Self {
        Self {
            source: "source".into(),
            target: "target".into(),
            attention: AttentionKind::Luong,
            shared_vocabulary: false,
            sampling: 0.0,
            longest: 100,
        }
    }
}

/// How answers are searched for: the keys of `[search]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchConfig {
    /// Sequences that are followed at once; 1, without a consensus, is greedy.
    pub beam: usize,
    /// From 0, which prefers short answers, to about 1 (Wu et al., 2016).
    pub length_penalty: f64,
    /// Sequences that are drawn by their probabilities, to answer with the one, of these and the beam's, that they agree with
    /// most; 0 to answer with the likeliest.
    pub consensus: usize,
    /// Most tokens of an answer; twice those of the source and ten more, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            beam: 5,
            length_penalty: 1.0,
            consensus: 0,
            max_length: None,
        }
    }
}

impl SearchConfig {
    /// Values that are impossible.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("search.{key}"), problem));
        if !(1..=1_000).contains(&self.beam) {
            return wrong(
                "beam",
                format!("is {}; it is from 1, which is greedy, to 1000", self.beam),
            );
        }
        if !(0.0..=10.0).contains(&self.length_penalty) {
            return wrong(
                "length_penalty",
                format!(
                    "is {}; it is from 0 to 10, and mostly about 1",
                    self.length_penalty
                ),
            );
        }
        if self.consensus == 1 || self.consensus > 1_000 {
            return wrong(
                "consensus",
                format!(
                    "is {}; it is 0, for none, or the number of sequences that are to agree, from 2 to 1000",
                    self.consensus
                ),
            );
        }
        match self.max_length {
            Some(length) if !(1..=100_000).contains(&length) => wrong(
                "max_length",
                format!("is {length}; it is from 1 to 100,000 tokens"),
            ),
            _ => Ok(()),
        }
    }

    /// How answers are found; nothing where each token is the likeliest.
    pub(in crate::task) fn name(&self) -> Option<String> {
        match (self.consensus, self.beam) {
            (0, 1) => None,
            (0, beam) => Some(format!("beam of {beam}")),
            (consensus, _) => Some(format!("consensus of {consensus}")),
        }
    }

    /// Most tokens of the answer to a source of so many.
    pub(super) fn length(&self, source: usize) -> usize {
        self.max_length.unwrap_or(2 * source + 10)
    }
}

impl Translate {
    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        self.check_files()?;
        let own = &self.translate;
        if own.source == own.target {
            return wrong(
                "translate.target",
                "names the same column as translate.source; targets must be in another",
            );
        }
        if self.target_vocabulary.is_some() && own.shared_vocabulary {
            return wrong(
                "target_vocabulary",
                "is not used where translate.shared_vocabulary is true: keep one of them",
            );
        }
        if !(0.0..=1.0).contains(&own.sampling) {
            return wrong("translate.sampling", "is a probability, from 0 to 1");
        }
        if !(1..=10_000).contains(&own.longest) {
            return wrong("translate.longest", "must be from 1 to 10,000 tokens");
        }
        check_network(model, own.attention)?;
        if train.bptt_len.is_some() {
            return wrong("train.bptt_len", "cuts long streams; texts are read whole");
        }
        check_smoothing(&train.loss)?;
        let plain = LossConfig {
            label_smoothing: train.loss.label_smoothing,
            ..LossConfig::default()
        };
        if train.loss != plain {
            return wrong(
                "train.loss",
                "is the cross-entropy of the next token; only label_smoothing can be set",
            );
        }
        self.search.check()
    }

    /// Either rows or parallel files, and both sides of those.
    fn check_files(&self) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        let parallel = &self.parallel;
        match (self.data.files.is_empty(), parallel.source.is_empty()) {
            (true, true) if parallel.target.is_empty() => {
                return wrong(
                    "data.files",
                    "is missing: say which files hold the pairs, or name parallel.source and parallel.target",
                );
            }
            (false, false) => {
                return wrong(
                    "parallel.source",
                    "and data.files exclude each other: keep one",
                );
            }
            _ => {}
        }
        let ParallelConfig {
            source,
            target,
            valid_source,
            valid_target,
            test_source,
            test_target,
        } = parallel;
        for (name, source, target) in [
            ("", source, target),
            ("valid_", valid_source, valid_target),
            ("test_", test_source, test_target),
        ] {
            if source.is_empty() != target.is_empty() {
                let (missing, given) = match source.is_empty() {
                    true => ("source", "target"),
                    false => ("target", "source"),
                };
                return Err(Error::value(
                    format!("parallel.{name}{missing}"),
                    format!("is missing beside parallel.{name}{given}"),
                ));
            }
        }
        let held = [valid_source, test_source];
        if source.is_empty() && held.iter().any(|files| !files.is_empty()) {
            return wrong(
                "parallel.source",
                "is missing: there is nothing to learn from",
            );
        }
        let rows_only = RowsConfig {
            encoding: self.data.encoding.clone(),
            ..RowsConfig::default()
        };
        if !source.is_empty() && self.data != rows_only {
            return wrong(
                "data",
                "is about rows; beside [parallel] only its encoding is used: leave the other keys out",
            );
        }
        Ok(())
    }
}

/// Keys of `[model]` that an encoder–decoder cannot follow.
fn check_network(model: &ModelConfig, attention: AttentionKind) -> Result<(), Error> {
    let wrong = |key: &str, problem: &str| Err(Error::value(format!("model.{key}"), problem));
    if !model.layers.is_empty() {
        return wrong(
            "layers",
            "is one row of layers; an encoder and a decoder are two: use cell, hidden_size, num_layers and the like",
        );
    }
    if model.head != Head::Dense {
        return wrong(
            "head",
            "must be \"dense\": it says how likely each token is",
        );
    }
    if model.embedding_size() == 0 {
        return wrong("embedding_size", "must be at least 1 for this task");
    }
    if model.recurrent_dropout > 0.0 {
        return wrong(
            "recurrent_dropout",
            "is not used by this task; use model.dropout",
        );
    }
    if model.checkpoint_every.is_some() {
        return wrong(
            "checkpoint_every",
            "saves memory on long series; sentences are short: leave it out",
        );
    }
    if attention == AttentionKind::LuongDot && model.bidirectional {
        return Err(Error::value(
            "translate.attention",
            "is \"luong_dot\", which compares states as they are, and an encoder that reads both ways has two of them: use \
             \"luong\", which learns to compare them, or model.bidirectional = false",
        ));
    }
    Ok(())
}
