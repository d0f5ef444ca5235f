//! The half that writes: from what was seen to a text, token by token.

use super::attention::{Attention, AttentionKind, Memory};
use super::{DecoderState, check_lengths};
use crate::layer::{AnyRecurrent, dropped};
use crate::ops::{self, dense, tied};
use burn::module::Param;
use burn::nn::{Dropout, Embedding, Linear};
use burn::prelude::*;

/// Writes a sequence token by token, looking back at a [`Memory`]: what an encoder said of a text, or the places of a picture.
///
/// ```text
/// d_t = cell(e(y_{t−1}), d_{t−1})        e: the embedding of a token
/// p(y_t) = softmax(W_o readout(d_t, c_t))
/// ```
///
/// with `c_t` what the decoder attends to and `readout` as [`AttentionKind`] says. Built from a
/// [`DecoderConfig`](super::DecoderConfig).
#[derive(Module, Debug)]
pub struct Decoder {
    /// Tokens to vectors.
    pub embedding: Embedding,
    /// The recurrence.
    pub rnn: AnyRecurrent,
    /// Looks back.
    pub attention: Attention,
    /// What the output layer reads, before its tanh.
    pub readout: Option<Linear>,
    /// To the logits.
    pub output: Output,
    pub(super) dropout: Dropout,
}

/// The output layer: of its own, or the table of the embedding with a bias.
#[derive(Module, Debug)]
pub struct Output {
    /// The layer of its own.
    pub linear: Option<Linear>,
    /// The bias beside a shared table.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Decoder {
    /// The logits of a target under teacher forcing: at each step the decoder is told the token before.
    ///
    /// # Shapes
    /// - `target`: `[batch, target]`, the tokens the decoder is told, the first of each the start; valid up to `lengths`
    /// - logits: `[Σ lengths, vocabulary]`, sequence after sequence: padded steps cost nothing and have none
    ///
    /// # Panics
    /// If memory, state and lengths are not of one batch, or a token is not one of the vocabulary.
    pub fn teach(
        &self,
        memory: &Memory,
        state: DecoderState,
        target: Tensor<2, Int>,
        lengths: &[usize],
    ) -> Tensor<2> {
        let [batch, time] = target.dims();
        check_lengths("target", lengths, [batch, time]);
        let embedded = dropped(
            &self.dropout,
            ops::embedding(self.embedding.weight.val(), target),
        );
        let valid = valid_rows(lengths, time, &embedded.device());
        let _here = ops::scope(format_args!("decoder"));
        let parts = match self.attention.kind() {
            AttentionKind::None => {
                let hidden = self.whole(embedded, lengths, state);
                vec![hidden]
            }
            AttentionKind::Luong | AttentionKind::LuongDot => {
                let hidden = self.whole(embedded, lengths, state);
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
        self.rnn.forward(embedded, Some(lengths), Some(state.0)).0
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
    pub(super) fn attend_then_step(
        &self,
        memory: &Memory,
        embedded: Tensor<3>,
        state: &mut DecoderState,
    ) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let before = self.rnn.last(state.0.clone()).unsqueeze_dim(1);
        let (context, weights) = self.attention.look(before, memory);
        let input = Tensor::cat(vec![embedded, context.clone()], 2);
        let (hidden, after) = self.rnn.forward(input, None, Some(state.0.clone()));
        state.0 = after;
        (context, hidden, weights)
    }

    /// What the output layer reads, from the rows of context (with attention), hidden state and (additive) embedding.
    pub(super) fn read_out(&self, mut parts: Vec<Tensor<2>>) -> Tensor<2> {
        let joined = match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 1),
        };
        match &self.readout {
            Some(readout) => dense(readout, joined).tanh(),
            None => joined,
        }
    }

    pub(super) fn logits(&self, readout: Tensor<2>) -> Tensor<2> {
        match (&self.output.linear, &self.output.bias) {
            (Some(linear), _) => dense(linear, readout),
            (None, Some(bias)) => tied(self.embedding.weight.val(), bias.val(), readout),
            (None, None) => unreachable!("an output layer has one or the other"),
        }
    }
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
