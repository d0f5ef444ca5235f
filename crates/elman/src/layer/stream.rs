use super::recurrent::Recurrent;
use crate::cell::Cell;
use crate::ops::Precision;
use elman_kernels::{Stepper, Weights};

/// Reads sequences as they arrive, one step at a time, from weights packed once.
///
/// Made by [`Recurrent::stream`]. One step of a small layer costs microseconds. A layer of [`Precision::Int8`] keeps its weights
/// in eight bits; one of [`Precision::Bf16`] streams in f32.
pub struct Stream {
    layers: Vec<Stepper>,
    states: Vec<Vec<f32>>,
    batch: usize,
    hidden: usize,
}

impl<C: Cell> Recurrent<C> {
    /// A stream over `batch` sequences that begin now.
    ///
    /// # Panics
    /// If the layer is bidirectional or reversed: it would need the steps to come.
    pub fn stream(&self, batch: usize) -> Stream {
        assert!(
            self.is_causal(),
            "a layer that reads backwards cannot be streamed"
        );
        let hidden = self.hidden_size();
        let stepper = |direction: &super::Direction| {
            let weights = direction.weights();
            let input = weights.ih.dims()[0];
            let (ih, hh) = (crate::values(weights.ih), crate::values(weights.hh));
            let bias_ih = weights.bias_ih.map(crate::values);
            let bias_hh = weights.bias_hh.map(crate::values);
            let weights = Weights {
                ih: &ih,
                hh: &hh,
                bias_ih: bias_ih.as_deref(),
                bias_hh: bias_hh.as_deref(),
            };
            let new = match self.mode().precision {
                Precision::Int8 => Stepper::int8,
                Precision::F32 | Precision::Bf16 => Stepper::new,
            };
            new(self.cell(), input, hidden, &weights)
        };
        let states = vec![vec![0.0; self.cell().states() * batch * hidden]; self.directions.len()];
        Stream {
            layers: self.directions.iter().map(stepper).collect(),
            states,
            batch,
            hidden,
        }
    }
}

impl Stream {
    /// Reads one step, `[batch, input_size]` row by row, and returns the output, `[batch, hidden_size]`.
    ///
    /// # Panics
    /// If `input` does not hold one step of each sequence.
    pub fn step(&mut self, input: &[f32]) -> &[f32] {
        let width = self.batch * self.hidden;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let (below, above) = self.states.split_at_mut(index);
            layer.step(
                below.last().map_or(input, |state| &state[..width]),
                &mut above[0],
            );
        }
        &self
            .states
            .last()
            .expect("a layer has at least one direction")[..width]
    }

    /// Begins anew: the next step is the first of new sequences.
    pub fn reset(&mut self) {
        self.states.iter_mut().for_each(|state| state.fill(0.0));
    }
}
