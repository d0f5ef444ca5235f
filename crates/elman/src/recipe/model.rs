//! `[model]`: the network of a recipe.

use super::Error;
use crate::cell::{Activation, CellKind, GruReset};
use crate::init::Initializer;
use crate::model::{
    Dropout, Embedding, LayerSpec, OneHot, PrecisionName, RecurrentSpec, Sequential,
};
use crate::ops::Precision;
use serde::{Deserialize, Serialize};

/// The network of a recipe: either `layers`, or one recurrent stack in a few keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelConfig {
    /// `simple_rnn`, `lstm` or `gru`, where there are no `layers`.
    pub cell: CellName,
    /// Numbers that stand for a token, where the model reads tokens: as many as `hidden_size`, if absent. 0 is one-hot: as
    /// many as there are tokens, one of them 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<usize>,
    /// Units of each layer.
    pub hidden_size: usize,
    /// Layers on top of each other.
    pub num_layers: usize,
    /// Read in both directions.
    pub bidirectional: bool,
    /// Dropout between layers; where the model reads tokens, also before the first and after the last.
    pub dropout: f64,
    /// Dropout of the hidden state, one mask for all steps.
    pub recurrent_dropout: f64,
    /// Keep only the state at every so many steps in training and compute the rest again; every step, if absent. The
    /// fused CPU kernels do so, other backends keep every step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    /// The numbers that the products of the fused CPU kernels multiply: `f32`, `bf16`, or `int8`, which trains as `f32` and
    /// answers with weights of eight bits.
    #[serde(with = "PrecisionName")]
    pub precision: Precision,
    /// One table for the tokens that are read and those that are said (Press & Wolf, 2017), where the model says tokens.
    pub tie_weights: bool,
    /// What turns the last layer's output into the answer.
    pub head: Head,
    /// Whose first values the parameters have.
    pub initializer: Initializer,
    /// The layers one by one, instead of the keys above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerSpec>,
}

impl ModelConfig {
    /// The recurrent stack: `layers`, or what the other keys say, whose last layer then gives every step if
    /// `return_sequences`.
    pub fn stack(&self, return_sequences: bool) -> Sequential {
        if !self.layers.is_empty() {
            let layers = self.layers.iter().cloned();
            return layers.fold(Sequential::new(), Sequential::add);
        }
        let spec = RecurrentSpec {
            num_layers: self.num_layers,
            bidirectional: self.bidirectional,
            return_sequences,
            dropout: self.dropout,
            recurrent_dropout: self.recurrent_dropout,
            checkpoint_every: self.checkpoint_every,
            precision: self.precision,
            ..RecurrentSpec::new(self.hidden_size)
        };
        Sequential::new().add(match self.cell {
            CellName::SimpleRnn => LayerSpec::SimpleRnn(spec),
            CellName::Lstm => LayerSpec::Lstm(spec),
            CellName::Gru => LayerSpec::Gru(spec),
        })
    }

    /// Numbers that stand for a token; 0 for one-hot.
    pub fn embedding_size(&self) -> usize {
        self.embedding_size.unwrap_or(self.hidden_size)
    }

    /// The layer that reads the numbers of `vocabulary` tokens, and the dropout after it.
    pub fn token_layers(&self, vocabulary: usize) -> Sequential {
        let layers = match self.embedding_size() {
            0 => Sequential::new().add(OneHot::new(vocabulary)),
            features => Sequential::new().add(Embedding::new(vocabulary, features)),
        };
        match self.dropout > 0.0 {
            true => layers.add(Dropout::new(self.dropout)),
            false => layers,
        }
    }

    /// Has every recurrent layer compute in this precision; whether there is any.
    pub fn set_precision(&mut self, precision: Precision) -> bool {
        let mut found = self.layers.is_empty();
        if found {
            self.precision = precision;
        }
        for layer in &mut self.layers {
            if let LayerSpec::SimpleRnn(spec) | LayerSpec::Lstm(spec) | LayerSpec::Gru(spec) = layer
            {
                spec.precision = precision;
                found = true;
            }
        }
        found
    }
}

impl ModelConfig {
    /// Values that are impossible, and keys that would do nothing.
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |key: &str, problem: String| Err(Error::value(format!("model.{key}"), problem));
        for (key, value, most) in [
            ("hidden_size", self.hidden_size, 100_000),
            ("num_layers", self.num_layers, 1_000),
            ("embedding_size", self.embedding_size(), 100_000),
        ] {
            if value == 0 && key != "embedding_size" {
                return wrong(key, "must be at least 1".into());
            }
            if value > most {
                return wrong(key, format!("is {value}; at most {most} make sense"));
            }
        }
        if self.checkpoint_every == Some(0) {
            return wrong(
                "checkpoint_every",
                "is 0; it must be at least 1, or left out".into(),
            );
        }
        for (key, rate) in [
            ("dropout", self.dropout),
            ("recurrent_dropout", self.recurrent_dropout),
        ] {
            if !(0.0..1.0).contains(&rate) {
                return wrong(key, format!("is {rate}; it must be at least 0 and below 1"));
            }
        }
        if self.layers.is_empty() {
            return Ok(());
        }
        let plain = Self {
            layers: self.layers.clone(),
            embedding_size: self.embedding_size,
            tie_weights: self.tie_weights,
            head: self.head,
            initializer: self.initializer,
            ..Self::default()
        };
        match *self == plain {
            true => Ok(()),
            false => wrong("layers", "says all about the layers; remove cell, hidden_size, num_layers, bidirectional, the dropouts, checkpoint_every and precision".into()),
        }
    }
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            cell: CellName::Lstm,
            embedding_size: None,
            hidden_size: 32,
            num_layers: 1,
            bidirectional: false,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            checkpoint_every: None,
            precision: Precision::F32,
            tie_weights: false,
            head: Head::Dense,
            initializer: Initializer::Keras,
            layers: Vec::new(),
        }
    }
}

/// The cells by the names recipes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellName {
    /// Elman's network.
    SimpleRnn,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit.
    Gru,
}

impl CellName {
    /// The cell with its usual settings.
    pub fn kind(self) -> CellKind {
        match self {
            Self::SimpleRnn => CellKind::SimpleRnn(Activation::Tanh),
            Self::Lstm => CellKind::Lstm,
            Self::Gru => CellKind::Gru(GruReset::After),
        }
    }
}

/// What turns the last layer's output into the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// A linear map to as many values as are asked for.
    Dense,
    /// Nothing: the last layer already gives as many values as are asked for.
    None,
}
