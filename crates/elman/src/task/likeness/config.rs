//! How closeness is learned: the keys of `[likeness]`.

use super::sample::Negatives;
use crate::recipe::Error;
use crate::train::TrainConfig;
use crate::train::loss::Distance;
use serde::{Deserialize, Serialize};

/// How closeness is learned: the keys of `[likeness]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LikenessConfig {
    /// Numbers that stand for a thing, where `model.head = "dense"`.
    pub size: usize,
    /// `triplet` or `contrastive`.
    pub loss: LossKind,
    /// How far apart two things are.
    pub distance: Distance,
    /// By how much things of other labels must be farther.
    pub margin: f64,
    /// Which things of other labels a thing is compared with.
    pub negatives: Negatives,
    /// Things of one label that come together in a batch.
    pub together: usize,
}

impl Default for LikenessConfig {
    fn default() -> Self {
        Self {
            size: 64,
            loss: LossKind::Triplet,
            distance: Distance::Cosine,
            margin: 0.3,
            negatives: Negatives::SemiHard,
            together: 4,
        }
    }
}

/// The losses there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// A thing, one of its label and one of another: [`triplet`](crate::train::loss::triplet).
    Triplet,
    /// Pairs: [`contrastive`](crate::train::loss::contrastive).
    Contrastive,
}

impl LikenessConfig {
    /// What no single key can say about itself.
    pub(in crate::task) fn check(&self, train: &TrainConfig) -> Result<(), Error> {
        let wrong =
            |key: &str, problem: String| Err(Error::value(format!("likeness.{key}"), problem));
        if !(self.margin > 0.0 && self.margin.is_finite()) {
            return wrong("margin", format!("is {}; it must be above 0", self.margin));
        }
        if self.distance == Distance::Cosine && self.margin > 2.0 {
            return wrong(
                "margin",
                format!("is {}, but cosine distances end at 2", self.margin),
            );
        }
        for (key, value, least, most) in [
            ("size", self.size, 1, 100_000),
            ("together", self.together, 2, 1_000),
        ] {
            if !(least..=most).contains(&value) {
                return wrong(
                    key,
                    format!("is {value}; it must be at least {least} and at most {most}"),
                );
            }
        }
        let least = 2 * self.together;
        match train.batch_size < least {
            true => Err(Error::value(
                "train.batch_size",
                format!(
                    "is {}; with likeness.together = {} a batch needs at least {least} to hold two labels",
                    train.batch_size, self.together,
                ),
            )),
            false => Ok(()),
        }
    }
}
