//! From one sequence to another that is neither aligned with it nor of its length: translation, answers.

mod attention;
mod config;
mod decoder;
mod decoding;
mod summary;
mod writing;

pub use attention::{Attention, AttentionKind, Memory};
pub use config::{DecoderConfig, EncoderDecoderConfig};
pub use decoder::{Decoder, Output};
pub use decoding::{DecoderState, Step};

use crate::layer::{AnyRecurrent, dropped};
use crate::ops::{self, dense};
use burn::nn::{Dropout, Embedding, Linear};
use burn::prelude::*;

/// An encoder that reads a sequence, and a decoder that writes another, token by token, looking back at the first.
///
/// ```text
/// s_1 … s_n = encoder(source)            d_0 = the encoder's last state
/// ```
///
/// and then as [`Decoder`] says. Where the encoder reads both ways, the decoder begins with `tanh(W [d→; d←] + b)` of each
/// layer's last states.
///
/// Built from an [`EncoderDecoderConfig`].
///
/// # References
/// Sutskever, Vinyals & Le (2014); Cho et al. (2014); Bahdanau, Cho & Bengio (2015); Luong, Pham & Manning (2015).
#[derive(Module, Debug)]
pub struct EncoderDecoder {
    /// Source tokens to vectors.
    pub source_embedding: Embedding,
    /// Reads the source.
    pub encoder: AnyRecurrent,
    /// From the encoder's last states to the decoder's first, one map for each state of each layer; empty where they are
    /// taken over as they are.
    pub bridge: Vec<Linear>,
    /// Writes the target.
    pub decoder: Decoder,
    dropout: Dropout,
}

impl EncoderDecoder {
    /// The logits of a target under teacher forcing, as [`Decoder::teach`] says.
    ///
    /// # Shapes
    /// - `source`: `[batch, source]`, valid up to `source_lengths`
    /// - `target`: `[batch, target]`, valid up to `target_lengths`
    ///
    /// # Panics
    /// If a source is empty, lengths do not fit the batch, or a token is not one of its vocabulary.
    pub fn forward(
        &self,
        source: Tensor<2, Int>,
        source_lengths: &[usize],
        target: Tensor<2, Int>,
        target_lengths: &[usize],
    ) -> Tensor<2> {
        let (memory, state) = self.encode(source, source_lengths);
        self.decoder.teach(&memory, state, target, target_lengths)
    }

    /// Reads sources: what the decoder looks back at, and where it begins.
    ///
    /// # Shapes
    /// - `source`: `[batch, time]`, valid up to `lengths`
    ///
    /// # Panics
    /// If a source is empty, lengths do not fit the batch, or a token is not one of the source's vocabulary.
    pub fn encode(&self, source: Tensor<2, Int>, lengths: &[usize]) -> (Memory, DecoderState) {
        let [batch, time] = source.dims();
        check_lengths("source", lengths, [batch, time]);
        assert!(
            lengths.iter().all(|length| *length > 0),
            "a source is empty: there is nothing to look at"
        );
        let embedded = dropped(
            &self.dropout,
            ops::embedding(self.source_embedding.weight.val(), source),
        );
        let _here = ops::scope(format_args!("encoder"));
        let (outputs, last) = self.encoder.forward(embedded, Some(lengths), None);
        let memory = self.decoder.attention.memory(outputs, lengths);
        (memory, DecoderState(self.bridged(last)))
    }

    /// The decoder's first state from the encoder's last, `[states × layers × directions, batch, hidden_size]`.
    fn bridged(&self, last: Tensor<3>) -> Tensor<3> {
        if self.bridge.is_empty() {
            return last;
        }
        // The two directions of a layer stand one after the other.
        let side = |index: usize| last.clone().narrow(0, index, 1);
        let carried = self.bridge.iter().enumerate().map(|(index, map)| {
            let both = Tensor::cat(vec![side(2 * index), side(2 * index + 1)], 2);
            dense(map, both).tanh()
        });
        Tensor::cat(carried.collect(), 0)
    }
}

fn check_lengths(side: &str, lengths: &[usize], [batch, time]: [usize; 2]) {
    assert_eq!(
        lengths.len(),
        batch,
        "one length for each {side} of the batch"
    );
    assert!(
        lengths.iter().all(|length| *length <= time),
        "a length exceeds the {time} steps of the {side}"
    );
}
