use super::config::{Merge, RecurrentConfig};
use crate::cell::{Cell, CellKind, State};
use crate::ops::{self, Mode, Recurrence, RecurrentWeights};
use burn::module::Param;
use burn::nn::{Dropout, DropoutConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use std::sync::Arc;

/// The parameters of one layer in one direction. Gates stand side by side: `i f g o` (LSTM), `r z n` (GRU).
#[derive(Module, Debug)]
pub struct Direction {
    /// `[input_size, gates × hidden_size]`
    pub weight_ih: Param<Tensor<2>>,
    /// `[hidden_size, gates × hidden_size]`
    pub weight_hh: Param<Tensor<2>>,
    /// `[gates × hidden_size]`
    pub bias_ih: Option<Param<Tensor<1>>>,
    /// `[gates × hidden_size]`
    pub bias_hh: Option<Param<Tensor<1>>>,
}

impl Direction {
    pub(super) fn weights(&self) -> RecurrentWeights {
        RecurrentWeights {
            ih: self.weight_ih.val(),
            hh: self.weight_hh.val(),
            bias_ih: self.bias_ih.as_ref().map(Param::val),
            bias_hh: self.bias_hh.as_ref().map(Param::val),
        }
    }
}

/// A recurrent layer over whole sequences: any cell, any depth, one or both directions, ragged lengths.
///
/// Built from a [`RecurrentConfig`].
#[derive(Module, Debug)]
pub struct Recurrent<C: Cell> {
    /// The parameters, layer by layer; of each layer the forward direction first.
    pub directions: Vec<Direction>,
    dropout: Dropout,
    recurrent_dropout: f64,
    bidirectional: bool,
    reverse: bool,
    #[module(skip)]
    merge: Merge,
    #[module(skip)]
    mode: Mode,
    #[module(skip)]
    cell: C,
}

impl<C: Cell> Recurrent<C> {
    pub(super) fn new(config: &RecurrentConfig<C>, directions: Vec<Direction>) -> Self {
        Self {
            directions,
            dropout: DropoutConfig::new(config.dropout).init(),
            recurrent_dropout: config.recurrent_dropout,
            bidirectional: config.bidirectional,
            reverse: config.reverse,
            merge: config.merge,
            mode: config.mode(),
            cell: config.cell,
        }
    }

    /// Reads whole sequences; returns the output of every step and the state after the last valid one.
    ///
    /// `lengths` gives each sequence's valid steps (all, if absent): padded steps change no state, give zero output
    /// and no gradient. `state` is the state to begin with (zero, if absent).
    ///
    /// # Shapes
    /// - `input`: `[batch, time, input_size]`
    /// - output: `[batch, time, directions × hidden_size]`, or `hidden_size` if the directions are not concatenated
    ///
    /// # Panics
    /// If the input's last dimension is not `input_size`, or lengths or state do not fit the batch.
    pub fn forward(
        &self,
        input: Tensor<3>,
        lengths: Option<&[usize]>,
        state: Option<C::State>,
    ) -> (Tensor<3>, C::State) {
        let mut states = self.split(state, &input);
        let lengths: Option<Arc<[usize]>> = lengths.map(Into::into);
        let per_layer = if self.bidirectional { 2 } else { 1 };
        let layers = self.directions.len() / per_layer;

        let mut signal = input;
        for layer in 0..layers {
            let outputs = (0..per_layer).map(|side| {
                let index = layer * per_layer + side;
                let reverse = self.reverse || side == 1;
                let direction = if reverse { "backward" } else { "forward" };
                let _here = ops::scope(format_args!("layer {}.{direction}", layer + 1));
                let recurrence = Recurrence {
                    cell: self.cell.kind(),
                    reverse,
                    lengths: lengths.clone(),
                    mask: self.mask(&signal, index),
                    mode: self.mode,
                };
                let weights = self.directions[index].weights();
                let (output, state) =
                    ops::recurrent(&recurrence, signal.clone(), states[index].clone(), &weights);
                states[index] = state;
                output
            });
            let outputs = outputs.collect();
            signal = self.merged(outputs);
            if layer + 1 < layers {
                signal = super::dropped(&self.dropout, signal);
            }
        }
        (signal, self.joined(states))
    }

    /// Reads one step of each sequence.
    ///
    /// For many steps one by one, outside training, [`Self::stream`] is faster.
    ///
    /// # Shapes
    /// - `input`: `[batch, input_size]`
    /// - output: `[batch, hidden_size]`
    ///
    /// # Panics
    /// If the layer is bidirectional or reversed (it needs the steps to come), or the sizes do not fit.
    pub fn step(&self, input: Tensor<2>, state: Option<C::State>) -> (Tensor<2>, C::State) {
        assert!(
            !self.bidirectional && !self.reverse,
            "a layer that reads backwards cannot take one step at a time"
        );
        let (output, state) = self.forward(input.unsqueeze_dim(1), None, state);
        (output.squeeze_dim(1), state)
    }

    /// The state of `batch` sequences that have not begun.
    pub fn zero_state(&self, batch: usize, device: &Device) -> C::State {
        let parts = self.cell.kind().states() * self.directions.len();
        C::State::unpack(Tensor::zeros([parts, batch, self.hidden_size()], device))
    }

    /// What the last valid step of each sequence says, directions merged: `[batch, directions × hidden_size]`. This
    /// is Keras' output without `return_sequences`, read from the final state.
    pub fn last(&self, state: C::State) -> Tensor<2> {
        let per_layer = if self.bidirectional { 2 } else { 1 };
        let top = self.directions.len() - per_layer;
        let state = state.pack();
        let [parts, batch, hidden_size] = state.dims();
        let of = |index: usize| match parts {
            1 => state.clone(),
            _ => state.clone().narrow(0, index, 1),
        };
        if per_layer == 1 {
            return of(top).reshape([batch, hidden_size]);
        }
        let sides = top..self.directions.len();
        self.merged(sides.map(|index| of(index).swap_dims(0, 1)).collect())
            .squeeze_dim(1)
    }

    /// The cell.
    pub fn cell(&self) -> CellKind {
        self.cell.kind()
    }

    /// How the fused kernels compute it.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the layer reads both ways.
    pub fn is_bidirectional(&self) -> bool {
        self.bidirectional
    }

    /// Whether a sequence can be read as it arrives.
    pub fn is_causal(&self) -> bool {
        !self.bidirectional && !self.reverse
    }

    /// Units of each direction.
    pub fn hidden_size(&self) -> usize {
        self.directions[0].weight_hh.shape()[0]
    }

    /// The state of each direction, `[states, batch, hidden_size]`.
    fn split(&self, state: Option<C::State>, input: &Tensor<3>) -> Vec<Tensor<3>> {
        let (states, count, hidden) = (
            self.cell.kind().states(),
            self.directions.len(),
            self.hidden_size(),
        );
        let batch = input.dims()[0];
        let Some(state) = state else {
            let zero = Tensor::zeros([states, batch, hidden], (&input.device(), input.dtype()));
            return vec![zero; count];
        };
        let packed = state.pack();
        assert_eq!(
            packed.dims(),
            [states * count, batch, hidden],
            "each part of the state must be [layers × directions, batch, hidden_size]"
        );
        if count == 1 {
            return vec![packed];
        }
        let part = |index: usize| packed.clone().narrow(0, index, 1);
        let of =
            |index: usize| Tensor::cat((0..states).map(|s| part(s * count + index)).collect(), 0);
        (0..count).map(of).collect()
    }

    fn joined(&self, mut states: Vec<Tensor<3>>) -> C::State {
        if states.len() == 1 {
            return C::State::unpack(states.remove(0));
        }
        let part = |s: usize| {
            states
                .iter()
                .map(move |state| state.clone().narrow(0, s, 1))
        };
        C::State::unpack(Tensor::cat(
            (0..self.cell.kind().states()).flat_map(part).collect(),
            0,
        ))
    }

    fn merged(&self, mut outputs: Vec<Tensor<3>>) -> Tensor<3> {
        let first = outputs.remove(0);
        let Some(second) = outputs.pop() else {
            return first;
        };
        match self.merge {
            Merge::Concat => Tensor::cat(vec![first, second], 2),
            Merge::Sum => first + second,
            Merge::Mul => first * second,
            Merge::Average => (first + second) * 0.5,
        }
    }

    /// The dropout mask of one direction, in training only (as Burn's own dropout decides it).
    fn mask(&self, signal: &Tensor<3>, index: usize) -> Option<Arc<[f32]>> {
        let device = signal.device();
        if self.recurrent_dropout == 0.0
            || !device.is_autodiff()
            || !self.dropout.training.is_enabled()
        {
            return None;
        }
        let keep = 1.0 - self.recurrent_dropout;
        let shape = [
            signal.dims()[0],
            self.directions[index].weight_hh.shape()[0],
        ];
        let mask = Tensor::<2>::random(shape, Distribution::Bernoulli(keep), &device.inner())
            * (1.0 / keep);
        Some(crate::values(mask).into())
    }
}
