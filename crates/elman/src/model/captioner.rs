//! From a picture to a sentence: one to many.

use super::encoder_decoder::{AttentionKind, Decoder, DecoderConfig, DecoderState, Memory};
use super::layer::linear;
use super::{Shape, Summary, SummaryRow};
use crate::cell::CellKind;
use crate::init::ParamSource;
use crate::layer::dropped;
use crate::ops::{Precision, dense};
use crate::vision::Eye;
use burn::nn::{Dropout, DropoutConfig, Linear};
use burn::prelude::*;

/// A decoder that writes what stands in a grid of features, looking at its places.
///
/// ```text
/// s_i = tanh(W f_i + b)          f_i: the features of place i
/// d_0 = tanh(W_0 mean_i s_i + b_0)
/// ```
///
/// and then as [`Decoder`] says. Built from a [`CaptionerConfig`].
///
/// # References
/// Xu et al. (2015), *Show, attend and tell*; without attention Vinyals et al. (2015), *Show and tell*, but that the picture is the
/// first state instead of the first word.
#[derive(Module, Debug)]
pub struct Captioner {
    /// What is learned of seeing itself.
    pub eye: Eye,
    /// From the features of a place to what the decoder looks at.
    pub place: Linear,
    /// From their mean to the decoder's first states, one map for each state of each layer.
    pub start: Vec<Linear>,
    /// Writes the sentence.
    pub decoder: Decoder,
    dropout: Dropout,
}

/// What a [`Captioner`] is made of.
#[derive(Clone, Debug)]
pub struct CaptionerConfig {
    features: usize,
    dropout: f64,
    decoder: DecoderConfig,
}

impl CaptionerConfig {
    /// One layer with additive attention, for places of so many features.
    pub fn new(
        cell: CellKind,
        features: usize,
        vocabulary: usize,
        embedding_size: usize,
        hidden_size: usize,
    ) -> Self {
        let decoder =
            DecoderConfig::new(cell, vocabulary, embedding_size, hidden_size, hidden_size)
                .with_attention(AttentionKind::Bahdanau);
        Self {
            features,
            dropout: 0.0,
            decoder,
        }
    }

    /// Layers of the decoder on top of each other.
    pub fn with_num_layers(mut self, num_layers: usize) -> Self {
        self.decoder = self.decoder.with_num_layers(num_layers);
        self
    }

    /// How the decoder looks at the picture.
    pub fn with_attention(mut self, attention: AttentionKind) -> Self {
        self.decoder = self.decoder.with_attention(attention);
        self
    }

    /// Probability of dropping a feature, a value of the embeddings, between layers and before the output layer, in training.
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self.decoder = self.decoder.with_dropout(dropout);
        self
    }

    /// Whether the output layer shares the table of the embedding (Press & Wolf, 2017).
    pub fn with_tied_output(mut self, tied: bool) -> Self {
        self.decoder = self.decoder.with_tied_output(tied);
        self
    }

    /// The numbers that the products of recurrent layers multiply, where fused kernels run them.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.decoder = self.decoder.with_precision(precision);
        self
    }

    /// What is wrong with the settings, and what to do; nothing if the model can be built.
    pub fn problem(&self) -> Option<String> {
        self.decoder.problem().or_else(|| self.summary().problem())
    }

    /// Builds the model with parameters drawn from `source`.
    ///
    /// # Panics
    /// If there is a [`Self::problem`], the eye gives other features, or the vocabulary is empty.
    pub fn init(&self, eye: Eye, source: &mut ParamSource) -> Captioner {
        assert!(self.features > 0, "a place has features");
        let hidden = self.decoder.hidden_size();
        let place = linear([self.features, hidden], source);
        let start = (0..self.decoder.states()).map(|_| linear([hidden, hidden], source));
        Captioner {
            eye,
            place,
            start: start.collect(),
            decoder: self.decoder.init(source),
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }

    /// The table of layers.
    pub fn summary(&self) -> Summary {
        let hidden = self.decoder.hidden_size();
        let row = |name: &str, output: Shape, parameters: usize| {
            SummaryRow::new(name, "dense", output, parameters)
        };
        let places = Shape::sequence(hidden);
        let state = Shape::Vector { features: hidden };
        let starts = self.decoder.states() * (hidden + 1) * hidden;
        let mut rows = vec![
            row("place", places, (self.features + 1) * hidden),
            row("start", state, starts),
        ];
        rows.extend(self.decoder.rows());
        Summary {
            input: Shape::Vector {
                features: self.features,
            },
            rows,
        }
    }
}

impl Captioner {
    /// Looks at pictures: what the decoder looks back at, and where it begins.
    ///
    /// # Shapes
    /// - `seen`: `[batch, channels, rows, columns]`
    ///
    /// # Panics
    /// If there are no places, or they have other features than the model was built for.
    pub fn look(&self, seen: Tensor<4>) -> (Memory, DecoderState) {
        let features = self.eye.forward(seen);
        let [batch, places, _] = features.dims();
        assert!(places > 0, "a picture has places");
        let seen = dense(&self.place, dropped(&self.dropout, features)).tanh();
        let hidden = seen.dims()[2];
        let mean: Tensor<2> = seen.clone().mean_dim(1).reshape([batch, hidden]);
        let start = self
            .start
            .iter()
            .map(|map| dense(map, mean.clone()).tanh().unsqueeze_dim(0));
        let state = DecoderState(Tensor::cat(start.collect(), 0));
        (
            self.decoder.attention.memory(seen, &vec![places; batch]),
            state,
        )
    }

    /// The logits of sentences under teacher forcing, as [`Decoder::teach`] says.
    ///
    /// # Panics
    /// As [`Self::look`] and [`Decoder::teach`].
    pub fn forward(&self, seen: Tensor<4>, told: Tensor<2, Int>, lengths: &[usize]) -> Tensor<2> {
        let (memory, state) = self.look(seen);
        self.decoder.teach(&memory, state, told, lengths)
    }
}
