//! From one sequence to another that is neither aligned with it nor of its length: translation, answers.

mod attention;
mod config;
mod decoding;
mod summary;
mod writing;

pub use attention::{Attention, AttentionKind, Memory};
pub use config::EncoderDecoderConfig;
pub use decoding::{DecoderState, Step};

use crate::layer::{AnyRecurrent, dropped};
use crate::ops::{self, dense, tied};
use burn::module::Param;
use burn::nn::{Dropout, Embedding, Linear};
use burn::prelude::*;

/// An encoder that reads a sequence, and a decoder that writes another, token by token, looking back at the first.
///
/// ```text
/// s_1 … s_n = encoder(source)            d_0 = the encoder's last state
/// d_t = cell(e(y_{t−1}), d_{t−1})        e: the embedding of a token
/// p(y_t) = softmax(W_o readout(d_t, c_t))
/// ```
///
/// with `c_t` what the decoder attends to and `readout` as [`AttentionKind`] says. Where the encoder reads both ways, the
/// decoder begins with `tanh(W [d→; d←] + b)` of each layer's last states.
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
    /// Target tokens to vectors.
    pub target_embedding: Embedding,
    /// Writes the target.
    pub decoder: AnyRecurrent,
    /// Looks back at the source.
    pub attention: Attention,
    /// What the output layer reads, before its tanh.
    pub readout: Option<Linear>,
    /// To the logits.
    pub output: Output,
    dropout: Dropout,
}

/// The output layer: of its own, or the table of the target's embedding with a bias.
#[derive(Module, Debug)]
pub struct Output {
    /// The layer of its own.
    pub linear: Option<Linear>,
    /// The bias beside a shared table.
    pub bias: Option<Param<Tensor<1>>>,
}

impl EncoderDecoder {
    /// The logits of a target under teacher forcing: at each step the decoder is told the token before.
    ///
    /// # Shapes
    /// - `source`: `[batch, source]`, valid up to `source_lengths`
    /// - `target`: `[batch, target]`, the tokens the decoder is told, the first of each the start; valid up to
    ///   `target_lengths`
    /// - logits: `[Σ target_lengths, vocabulary]`, sequence after sequence: padded steps cost nothing and have none
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
        self.teach(&memory, state, target, target_lengths)
    }

    /// The logits of [`Self::forward`], of a source already read.
    ///
    /// # Panics
    /// As [`Self::forward`].
    pub fn teach(
        &self,
        memory: &Memory,
        state: DecoderState,
        target: Tensor<2, Int>,
        target_lengths: &[usize],
    ) -> Tensor<2> {
        let [batch, time] = target.dims();
        check_lengths("target", target_lengths, [batch, time]);
        let embedded = dropped(
            &self.dropout,
            ops::embedding(self.target_embedding.weight.val(), target),
        );
        let valid = valid_rows(target_lengths, time, &embedded.device());
        let parts = match self.attention.kind() {
            AttentionKind::None => {
                let hidden = self.whole(embedded, target_lengths, state);
                vec![hidden]
            }
            AttentionKind::Luong | AttentionKind::LuongDot => {
                let hidden = self.whole(embedded, target_lengths, state);
                let (contexts, _) = self.attention.look(hidden.clone(), memory);
                vec![contexts, hidden]
            }
            AttentionKind::Bahdanau => {
                let (contexts, hidden) = self.stepwise(memory, embedded.clone(), state);
                vec![contexts, hidden, embedded]
            }
        };
        let rows = parts.into_iter().map(|part| rows_of(part, &valid));
        let readout = dropped(&self.dropout, self.read_out(rows.collect()));
        self.logits(readout)
    }

    /// The decoder's hidden states over the whole target, in one go.
    fn whole(&self, embedded: Tensor<3>, lengths: &[usize], state: DecoderState) -> Tensor<3> {
        self.decoder
            .forward(embedded, Some(lengths), Some(state.0))
            .0
    }

    /// Contexts and hidden states where each step's input depends on the state before it.
    fn stepwise(
        &self,
        memory: &Memory,
        embedded: Tensor<3>,
        mut state: DecoderState,
    ) -> (Tensor<3>, Tensor<3>) {
        let time = embedded.dims()[1];
        let (mut contexts, mut hidden) = (Vec::with_capacity(time), Vec::with_capacity(time));
        for step in 0..time {
            let token = embedded.clone().narrow(1, step, 1);
            let (context, output, _) = self.attend_then_step(memory, token, &mut state);
            contexts.push(context);
            hidden.push(output);
        }
        (Tensor::cat(contexts, 1), Tensor::cat(hidden, 1))
    }

    /// One step of additive attention from a token's embedding, `[batch, 1, embedding_size]`: context, hidden state, weights.
    fn attend_then_step(
        &self,
        memory: &Memory,
        embedded: Tensor<3>,
        state: &mut DecoderState,
    ) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let before = self.decoder.last(state.0.clone()).unsqueeze_dim(1);
        let (context, weights) = self.attention.look(before, memory);
        let input = Tensor::cat(vec![embedded, context.clone()], 2);
        let (hidden, after) = self.decoder.forward(input, None, Some(state.0.clone()));
        state.0 = after;
        (context, hidden, weights)
    }

    /// What the output layer reads, from the rows of context (with attention), hidden state and (additive) embedding.
    fn read_out(&self, mut parts: Vec<Tensor<2>>) -> Tensor<2> {
        let joined = match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 1),
        };
        match &self.readout {
            Some(readout) => dense(readout, joined).tanh(),
            None => joined,
        }
    }

    fn logits(&self, readout: Tensor<2>) -> Tensor<2> {
        match (&self.output.linear, &self.output.bias) {
            (Some(linear), _) => dense(linear, readout),
            (None, Some(bias)) => tied(self.target_embedding.weight.val(), bias.val(), readout),
            (None, None) => unreachable!("an output layer has one or the other"),
        }
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

/// The places of valid steps in `[batch × time]`, sequence after sequence, as `[1, Σ lengths]`.
fn valid_rows(lengths: &[usize], time: usize, device: &Device) -> Tensor<2, Int> {
    let rows = lengths
        .iter()
        .enumerate()
        .flat_map(|(row, length)| (0..*length).map(move |step| (row * time + step) as i64));
    let rows: Vec<i64> = rows.collect();
    let shape = [1, rows.len()];
    Tensor::from_data(TensorData::new(rows, shape), device)
}

/// The rows of `[batch, time, features]` at these places. A table of rows is what an embedding is, and its gradient is one
/// pass.
fn rows_of(values: Tensor<3>, places: &Tensor<2, Int>) -> Tensor<2> {
    let [batch, time, features] = values.dims();
    let table = values.reshape([batch * time, features]);
    ops::embedding(table, places.clone()).reshape([places.dims()[1], features])
}
