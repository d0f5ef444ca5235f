//! The notes' fixed windows.

use crate::model::{ActivationKind, Dense, Embedding, Flatten, Sequential, Shape};

/// Which end of a text a window sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Its beginning.
    #[default]
    First,
    /// Its end.
    Last,
}

/// A network on a fixed number of tokens: their embeddings side by side through one hidden layer.
///
/// Every place has weights of its own, so what it learns about a word at the beginning of a text says nothing about the same
/// word at the end: a window over whole texts has many parameters ([`Self::layers`] summarises them), most of them seldom used.
///
/// # References
/// Bengio, Ducharme, Vincent & Jauvin, *A neural probabilistic language model* (2003), whose network this is without the
/// direct connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Tokens side by side.
    pub length: usize,
    /// Which end of longer texts is seen.
    pub keep: Keep,
    /// How many different tokens there are.
    pub vocabulary: usize,
    /// Features of a token.
    pub features: usize,
    /// Units of the hidden layer.
    pub hidden_size: usize,
    /// Classes.
    pub classes: usize,
}

impl Window {
    /// The layers, from token numbers to one logit for each class.
    pub fn layers(&self) -> Sequential {
        Sequential::new()
            .add(Embedding::new(self.vocabulary, self.features))
            .add(Flatten {})
            .add(Dense::new(self.hidden_size).activation(ActivationKind::Relu))
            .add(Dense::new(self.classes))
    }

    /// What the layers read.
    pub fn input(&self) -> Shape {
        Shape::Ids {
            time: Some(self.length),
        }
    }

    /// The part of a text that the window sees, at most `length` tokens.
    pub fn seen<'a>(&self, text: &'a [u32]) -> &'a [u32] {
        let beyond = text.len().saturating_sub(self.length);
        match self.keep {
            Keep::First => &text[..text.len() - beyond],
            Keep::Last => &text[beyond..],
        }
    }
}
