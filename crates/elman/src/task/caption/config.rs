//! The tables of a recipe with `task = "caption"`.

use crate::metric::BleuConfig;
use crate::model::AttentionKind;
use crate::recipe::{Error, Head, ModelConfig};
use crate::task::translate::SearchConfig;
use crate::train::{LossConfig, TrainConfig};
use elman_data::media::Limits;
use elman_data::signal::Broken;
use elman_data::text::{Column, RowSplit, RowsConfig, VocabularyConfig};
use serde::{Deserialize, Serialize};

/// The tables of a recipe with `task = "caption"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caption {
    /// Files whose rows hold the name of a picture and a sentence about it each; a picture may have several.
    pub data: RowsConfig,
    /// How pictures without files of their own for validation and test are divided.
    pub split: RowSplit,
    /// How sentences become numbers.
    pub vocabulary: VocabularyConfig,
    /// What is described, and how it is seen.
    pub caption: CaptionConfig,
    /// How sentences are searched for.
    pub search: SearchConfig,
    /// How they are compared with those of the files.
    pub score: BleuConfig,
}

/// What sees the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EyeKind {
    /// A network that was trained on ImageNet: transfer learning.
    #[default]
    Pretrained,
    /// Three convolutions that are learned with the sentences: for pictures unlike photographs, and many of them.
    Learned,
}

/// What is described, and how it is seen: the keys of `[caption]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaptionConfig {
    /// The column of the picture's name, by its name or its number from 1.
    pub picture: Column,
    /// The column of the sentence.
    pub sentence: Column,
    /// The folder that pictures' names are relative to.
    pub folder: String,
    /// A table of two columns without header, a picture's name and its part: `train`, `dev` or `valid`, `test`; pictures with
    /// another part, or none, are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<String>,
    /// What sees the pictures: `pretrained` or `learned`.
    pub eye: EyeKind,
    /// For `pretrained`: the file of its weights (safetensors, or `.pth` of PyTorch), or the dataset that holds it. Which network it is,
    /// the file says: SqueezeNet, ResNet or MobileNetV2 with the names of torchvision.
    pub weights: String,
    /// For `pretrained`: how many of its last blocks are trained on; all but the first can be, and one to three are usual. Batch
    /// normalisations stay as they were: their convolutions, which they were folded into, are what is trained.
    pub finetune: usize,
    /// For `learned`: pixels of each side that pictures are brought to.
    pub side: usize,
    /// Places of each side that the decoder can look at.
    pub grid: usize,
    /// How the decoder looks at them: `bahdanau`, `luong`, `luong_dot` or `none`.
    pub attention: AttentionKind,
    /// Sentences with more tokens are not learned from.
    pub longest: usize,
    /// What becomes of pictures that cannot be read: `refuse` or `skip`.
    pub broken: Broken,
    /// How large a picture may be: `limits.pixels`.
    pub limits: Limits,
}

impl Default for CaptionConfig {
    fn default() -> Self {
        Self {
            picture: "image".into(),
            sentence: "caption".into(),
            folder: String::new(),
            parts: None,
            eye: EyeKind::Pretrained,
            weights: "squeezenet1_0".into(),
            finetune: 0,
            side: 64,
            grid: 7,
            attention: AttentionKind::Bahdanau,
            longest: 50,
            broken: Broken::Refuse,
            limits: Limits::default(),
        }
    }
}

impl Caption {
    /// What no single key can say about itself, and keys that would do nothing.
    pub(super) fn check(&self, model: &ModelConfig, train: &TrainConfig) -> Result<(), Error> {
        let wrong = |key: &str, problem: &str| Err(Error::value(key, problem));
        let (own, default) = (&self.caption, CaptionConfig::default());
        if self.data.files.is_empty() {
            return wrong(
                "data.files",
                "is missing: say which files hold the sentences",
            );
        }
        if own.picture == own.sentence {
            return wrong(
                "caption.sentence",
                "names the same column as caption.picture",
            );
        }
        let learned = own.eye == EyeKind::Learned;
        for (key, given, fits) in [
            ("caption.weights", own.weights != default.weights, !learned),
            ("caption.finetune", own.finetune != 0, !learned),
            ("caption.side", own.side != default.side, learned),
        ] {
            if given && !fits {
                return wrong(key, "does nothing for this caption.eye; leave it out");
            }
        }
        for (key, given) in [
            ("frames", own.limits.frames != default.limits.frames),
            (
                "film_pixels",
                own.limits.film_pixels != default.limits.film_pixels,
            ),
        ] {
            if given {
                let key = format!("caption.limits.{key}");
                return wrong(
                    &key,
                    "is about films, and does nothing for pictures; leave it out",
                );
            }
        }
        for (key, value, least, most) in [
            ("caption.side", own.side, 16, 512),
            ("caption.grid", own.grid, 1, 64),
            ("caption.longest", own.longest, 1, 1_000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::value(
                    key,
                    format!("is {value}; it must be from {least} to {most}"),
                ));
            }
        }
        if own.parts.is_some() && self.split != RowSplit::default() {
            return wrong(
                "split",
                "does nothing beside caption.parts; keep one of them",
            );
        }
        if !model.layers.is_empty() {
            return wrong(
                "model.layers",
                "cannot say what a decoder is; use cell, hidden_size, num_layers and dropout",
            );
        }
        if model.head == Head::None {
            return wrong("model.head", "must be dense: it gives the next token");
        }
        for (key, given) in [
            ("model.bidirectional", model.bidirectional),
            ("model.recurrent_dropout", model.recurrent_dropout > 0.0),
            ("model.checkpoint_every", model.checkpoint_every.is_some()),
            ("train.bptt_len", train.bptt_len.is_some()),
        ] {
            if given {
                return wrong(
                    key,
                    "does nothing for a decoder of short sentences; leave it out",
                );
            }
        }
        if model.embedding_size == Some(0) {
            return wrong(
                "model.embedding_size",
                "must be at least 1: a decoder reads vectors of tokens",
            );
        }
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
}
