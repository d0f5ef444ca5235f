//! How a decoder looks back at what the encoder said.

use crate::init::ParamSource;
use crate::model::layer::linear;
use crate::ops::dense;
use burn::module::Param;
use burn::nn::Linear;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use serde::{Deserialize, Serialize};

/// How the decoder looks back at the source.
///
/// With `s_i` what the encoder says at step i, `d_t` the decoder's hidden state at step t:
///
/// ```text
/// a_ti = softmax_i(score(d, s_i))        c_t = Σ_i a_ti s_i
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// Not at all: the decoder knows the encoder's last state alone (Sutskever, Vinyals & Le, 2014).
    None,
    /// Global attention with the general score (Luong, Pham & Manning, 2015), without input feeding:
    /// `score = d_tᵀ W s_i / √H`, and `tanh(W_c [c_t; d_t])` is what the output layer reads. H, the decoder's hidden size, is
    /// not in the paper: without it large scores tie the attention to one place before it has learned where to look
    /// (Vaswani et al., 2017).
    #[default]
    Luong,
    /// The same with `score = d_tᵀ s_i / √H`. The encoder must read one way only, so that the sizes fit.
    LuongDot,
    /// Additive attention (Bahdanau, Cho & Bengio, 2015): `score = vᵀ tanh(W_q d_{t−1} + W_k s_i + b)`, and `c_t` is part of
    /// the cell's input at step t. The output layer reads `tanh(W_o [d_t; c_t; e_t])`, e the token's embedding. Slower: the
    /// steps of the decoder can only be run one after the other.
    Bahdanau,
}

/// What the decoder looks back at.
#[derive(Clone, Debug)]
pub struct Memory {
    /// What the encoder says, `[batch, source, memory_size]`; zero at padded steps.
    pub outputs: Tensor<3>,
    /// What states are compared with, `[batch, source, hidden_size]`; the outputs themselves where they are not projected.
    pub(super) keys: Tensor<3>,
    /// True at padded steps, `[batch, 1, source]`; absent if there are none.
    pub(super) padding: Option<Tensor<3, Bool>>,
}

impl Memory {
    /// These rows of the batch, in this order; a row may occur several times.
    pub fn select(&self, rows: &Tensor<1, Int>) -> Self {
        Self {
            outputs: self.outputs.clone().select(0, rows.clone()),
            keys: self.keys.clone().select(0, rows.clone()),
            padding: self
                .padding
                .as_ref()
                .map(|padding| padding.clone().select(0, rows.clone())),
        }
    }
}

/// The parameters of an attention.
#[derive(Module, Debug)]
pub struct Attention {
    #[module(skip)]
    kind: AttentionKind,
    /// `W` of the general score, and `W_k` and `b` of the additive one.
    key: Option<Linear>,
    /// `W_q`
    query: Option<Linear>,
    /// `v`
    vector: Option<Param<Tensor<1>>>,
}

impl Attention {
    pub(super) fn new(
        kind: AttentionKind,
        memory_size: usize,
        hidden_size: usize,
        source: &mut ParamSource,
    ) -> Self {
        let without_bias = |sizes, source: &mut ParamSource| Linear {
            bias: None,
            ..linear(sizes, source)
        };
        let projected = [memory_size, hidden_size];
        let additive = kind == AttentionKind::Bahdanau;
        Self {
            kind,
            key: match kind {
                AttentionKind::None | AttentionKind::LuongDot => None,
                AttentionKind::Luong => Some(without_bias(projected, source)),
                AttentionKind::Bahdanau => Some(linear(projected, source)),
            },
            query: additive.then(|| without_bias([hidden_size; 2], source)),
            vector: additive.then(|| source.glorot(hidden_size, 1, [hidden_size])),
        }
    }

    pub(super) fn parameter_count(
        kind: AttentionKind,
        memory_size: usize,
        hidden_size: usize,
    ) -> usize {
        match kind {
            AttentionKind::None | AttentionKind::LuongDot => 0,
            AttentionKind::Luong => memory_size * hidden_size,
            AttentionKind::Bahdanau => (memory_size + hidden_size + 2) * hidden_size,
        }
    }

    /// Which attention.
    pub fn kind(&self) -> AttentionKind {
        self.kind
    }

    /// Prepares what the encoder said, `[batch, source, memory_size]`, to be looked at any number of times.
    pub(crate) fn memory(&self, outputs: Tensor<3>, lengths: &[usize]) -> Memory {
        let [batch, time, _] = outputs.dims();
        let padded = lengths.iter().any(|length| *length < time);
        let padding = padded.then(|| {
            let steps = lengths
                .iter()
                .flat_map(|length| (0..time).map(move |step| step >= *length));
            let steps = TensorData::new(steps.collect::<Vec<bool>>(), [batch, 1, time]);
            Tensor::from_data(steps, &outputs.device())
        });
        let keys = match &self.key {
            Some(key) => dense(key, outputs.clone()),
            None => outputs.clone(),
        };
        Memory {
            outputs,
            keys,
            padding,
        }
    }

    /// What each state of the decoder looks at.
    ///
    /// # Shapes
    /// - states `[batch, target, hidden_size]`
    /// - contexts `[batch, target, memory_size]`, weights `[batch, target, source]`: zero at padded steps, else a share of one
    ///
    /// # Panics
    /// If there is no attention.
    pub(super) fn look(&self, states: Tensor<3>, memory: &Memory) -> (Tensor<3>, Tensor<3>) {
        let mut scores = match self.kind {
            AttentionKind::None => panic!("a model without attention does not look back"),
            AttentionKind::Luong | AttentionKind::LuongDot => {
                let scale = (states.dims()[2] as f64).sqrt();
                (states / scale).matmul(memory.keys.clone().swap_dims(1, 2))
            }
            AttentionKind::Bahdanau => self.additive(states, memory),
        };
        if let Some(padding) = &memory.padding {
            let padding = padding.clone().expand(scores.dims());
            scores = scores.mask_fill(padding, f32::NEG_INFINITY);
        }
        let weights = softmax(scores, 2);
        (weights.clone().matmul(memory.outputs.clone()), weights)
    }

    /// `vᵀ tanh(W_q d + W_k s_i + b)`, `[batch, target, source]`.
    fn additive(&self, states: Tensor<3>, memory: &Memory) -> Tensor<3> {
        let (Some(query), Some(vector)) = (&self.query, &self.vector) else {
            unreachable!("additive attention has both");
        };
        let [batch, source, size] = memory.keys.dims();
        let target = states.dims()[1];
        let queries = dense(query, states);
        let score = |step: usize| {
            let query = queries.clone().narrow(1, step, 1);
            let hidden = (memory.keys.clone() + query).tanh();
            let vector = vector.val().reshape([size, 1]);
            let scores = hidden.reshape([batch * source, size]).matmul(vector);
            scores.reshape([batch, 1, source])
        };
        match target {
            1 => score(0),
            _ => Tensor::cat((0..target).map(score).collect(), 1),
        }
    }
}
