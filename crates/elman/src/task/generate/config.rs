use crate::recipe::{Error, Head, ModelConfig};
use crate::train::TrainConfig;
use elman_data::text::{RowSplit, VocabularyConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "generate"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Generate {
    /// The text to learn.
    pub data: TextConfig,
    /// How much of it is held back, where it has no files of its own for that.
    pub split: RowSplit,
    /// How the text becomes tokens.
    pub vocabulary: VocabularyConfig,
    /// How new text is made.
    pub sample: SampleConfig,
}

/// A text to learn: the keys of `[data]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextConfig {
    /// Files of the text, in their order; `*` stands for any part of a name.
    pub files: Vec<String>,
    /// The text itself, where it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Files to choose the model by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_files: Vec<String>,
    /// Files to judge the chosen model by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_files: Vec<String>,
    /// Where one document ends and another begins.
    pub documents: Documents,
    /// The files' encoding; UTF-8, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Where one document ends and another begins. Documents are held back whole, each ends with a token of its own, and new
/// text ends with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Documents {
    /// Nowhere: the text is one.
    #[default]
    Whole,
    /// Each file is one.
    File,
    /// At empty lines.
    BlankLine,
    /// Each line is one.
    Line,
}

/// How new text is made: the keys of `[sample]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleConfig {
    /// What logits are divided by: below 1 keeps to the likely, above 1 dares more; 0 always takes the likeliest.
    pub temperature: f64,
    /// Only so many of the likeliest tokens are drawn from; all, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<usize>,
    /// Only the likeliest tokens that together have this probability are drawn from (Holtzman et al., 2020); all, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// What the logits of tokens already said are divided by, or multiplied by where they are negative (Keskar et al., 2019).
    pub repetition_penalty: f64,
    /// The text that is gone on from.
    pub prompt: String,
    /// Most tokens after the prompt.
    pub length: usize,
    /// A text that ends it, and is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<String>,
    /// Which of the many possible texts.
    pub seed: u64,
    /// What a text must be, to be counted as right where a run is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// A form that texts can be checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A tune in ABC notation with a whole header and bars of equal length.
    Abc,
}

impl Default for SampleConfig {
    fn default() -> Self {
        Self {
            temperature: 0.8,
            top_k: None,
            top_p: None,
            repetition_penalty: 1.0,
            prompt: String::new(),
            length: 500,
            stop: None,
            seed: 0,
            check: None,
        }
    }
}

impl SampleConfig {
    /// Values that are impossible.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("sample.{key}"), problem));
        let Self {
            temperature,
            repetition_penalty,
            ..
        } = *self;
        if !(0.0..=100.0).contains(&temperature) {
            return wrong(
                "temperature",
                format!("is {temperature}; it is from 0 to 100"),
            );
        }
        if !(0.01..=100.0).contains(&repetition_penalty) {
            let problem = format!("is {repetition_penalty}; 1 is none, and it is at most 100");
            return wrong("repetition_penalty", problem);
        }
        if self.top_k == Some(0) {
            return wrong("top_k", "is 0; at least 1 token must be left".into());
        }
        if let Some(share) = self.top_p.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            return wrong("top_p", format!("is {share}; it is above 0 and at most 1"));
        }
        if self.length > 10_000_000 {
            return wrong("length", format!("is {}; at most 10,000,000", self.length));
        }
        match self.stop.as_deref() {
            Some("") => wrong("stop", "is empty; leave it out".into()),
            _ => Ok(()),
        }
    }
}

impl Generate {
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        match (&self.data.text, self.data.files.is_empty()) {
            (None, true) => return wrong("data.files", "is missing: say which files to read"),
            (Some(_), false) => {
                return wrong("data.text", "and data.files exclude each other: keep one");
            }
            _ => {}
        }
        if model.head != Head::Dense {
            return wrong(
                "model.head",
                "must be \"dense\": it says how likely each token is",
            );
        }
        if model.bidirectional {
            return wrong(
                "model.bidirectional",
                "would read the token that is to be said; leave it out",
            );
        }
        let loss = &train.loss;
        let plain = crate::train::LossConfig {
            label_smoothing: loss.label_smoothing,
            ..Default::default()
        };
        if *loss != plain {
            return wrong(
                "train.loss",
                "is the cross-entropy of the next token; only label_smoothing can be set",
            );
        }
        self.sample.check()
    }
}
