//! Writing one token at a time.

use super::{AttentionKind, Decoder, Memory, check_lengths};
use crate::init::drawn_seed;
use crate::ops;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where the decoder is in its sequences: `[states × layers, batch, hidden_size]`.
#[derive(Clone, Debug)]
pub struct DecoderState(pub Tensor<3>);

impl DecoderState {
    /// These rows of the batch, in this order; a row may occur several times.
    pub fn select(&self, rows: &Tensor<1, Int>) -> Self {
        Self(self.0.clone().select(1, rows.clone()))
    }
}

/// What the decoder says after one more token.
#[derive(Clone, Debug)]
pub struct Step {
    /// Of the next token, `[batch, vocabulary]`.
    pub log_probabilities: Tensor<2>,
    /// What the decoder looked at, `[batch, source]`; absent without attention.
    pub attention: Option<Tensor<2>>,
    /// Where it is now.
    pub state: DecoderState,
}

impl Decoder {
    /// Tells the decoder one token of each sequence.
    ///
    /// # Shapes
    /// - `tokens`: `[batch]`
    ///
    /// # Panics
    /// If memory, state and tokens are not of one batch, or a token is not one of the target's vocabulary.
    pub fn step(&self, memory: &Memory, state: DecoderState, tokens: Tensor<1, Int>) -> Step {
        let (readout, weights, state) = self.advance(memory, state, tokens);
        let attention = weights.map(|weights| weights.squeeze_dim(1));
        Step {
            log_probabilities: log_softmax(self.logits(readout), 1),
            attention,
            state,
        }
    }

    /// One step: what the output layer is to read, the weights of attention and the state after it.
    fn advance(
        &self,
        memory: &Memory,
        mut state: DecoderState,
        tokens: Tensor<1, Int>,
    ) -> (Tensor<2>, Option<Tensor<3>>, DecoderState) {
        let embedded = ops::embedding(self.embedding.weight.val(), tokens.unsqueeze_dim(1));
        let (parts, weights) = match self.attention.kind() {
            AttentionKind::Bahdanau => {
                let (context, hidden, weights) =
                    self.attend_then_step(memory, embedded.clone(), &mut state);
                (vec![context, hidden, embedded], Some(weights))
            }
            kind => {
                let (hidden, after) = self.rnn.forward(embedded, None, Some(state.0));
                state = DecoderState(after);
                match kind {
                    AttentionKind::None => (vec![hidden], None),
                    _ => {
                        let (context, weights) = self.attention.look(hidden.clone(), memory);
                        (vec![context, hidden], Some(weights))
                    }
                }
            }
        };
        let parts = parts.into_iter().map(|part| part.squeeze_dim(1));
        (self.read_out(parts.collect()), weights, state)
    }

    /// Scheduled sampling (Bengio, Vinyals, Jaitly & Shazeer, 2015): the target, in which each token after the first is
    /// replaced, with `probability`, by the one that this model finds likeliest there, given what it was told so far.
    ///
    /// Which tokens are replaced follows from the device's generator (`device.seed`). What is chosen has no gradient, so the
    /// model is run without one, and without dropout; [`Self::teach`] then learns from the target that comes out.
    ///
    /// # Shapes
    /// - as [`Self::teach`]; the result as `target`, whose padded steps stay as they are
    ///
    /// # Panics
    /// As [`Self::teach`], or if the model is on an autodiff device: give this one `model.valid()`.
    pub fn sampled(
        &self,
        memory: &Memory,
        mut state: DecoderState,
        target: &Tensor<2, Int>,
        lengths: &[usize],
        probability: f64,
    ) -> Tensor<2, Int> {
        let device = self.embedding.weight.device();
        assert!(
            !device.is_autodiff(),
            "what is sampled has no gradient: call this of `model.valid()`"
        );
        let [batch, time] = target.dims();
        check_lengths("target", lengths, [batch, time]);
        let mut tokens: Vec<i64> = target.clone().into_data().iter::<i64>().collect();
        let mut rng = ChaCha8Rng::seed_from_u64(drawn_seed(&device));
        for step in 1..time {
            // Every step draws for every row, so that one row's draws do not depend on another's length.
            let chosen: Vec<bool> = (0..batch)
                .map(|row| rng.random_bool(probability) && step < lengths[row])
                .collect();
            let told = (0..batch).map(|row| tokens[row * time + step - 1]);
            let told = Tensor::from_data(TensorData::new(told.collect(), [batch]), &device);
            let (readout, _, after) = self.advance(memory, state, told);
            state = after;
            let rows: Vec<i64> = (0..batch as i64)
                .filter(|row| chosen[*row as usize])
                .collect();
            if rows.is_empty() {
                continue;
            }
            let places = TensorData::new(rows.clone(), [rows.len()]);
            let readout = readout.select(0, Tensor::from_data(places, &device));
            let likeliest = self.logits(readout).argmax(1).into_data();
            for (row, token) in rows.into_iter().zip(likeliest.iter::<i64>()) {
                tokens[row as usize * time + step] = token;
            }
        }
        Tensor::from_data(TensorData::new(tokens, [batch, time]), &target.device())
    }
}
