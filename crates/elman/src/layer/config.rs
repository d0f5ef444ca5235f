use super::recurrent::{Direction, Recurrent};
use crate::cell::{Bias, Cell, CellKind};
use crate::init::{Initializer, ParamSource};
use crate::ops::{Mode, Precision};
use burn::module::Param;
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// How the two directions of a bidirectional layer become one output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// Side by side: twice the features.
    #[default]
    Concat,
    /// Added.
    Sum,
    /// Multiplied, element by element.
    Mul,
    /// Averaged.
    Average,
}

/// What a [`Recurrent`] layer is made of.
///
/// ```
/// use burn::prelude::*;
/// use elman::layer::LstmConfig;
///
/// let device = Device::default();
/// let lstm = LstmConfig::new(3, 16).with_num_layers(2).with_bidirectional(true).init(&device);
/// let (output, state) = lstm.forward(Tensor::zeros([4, 10, 3], &device), None, None);
/// assert_eq!(output.dims(), [4, 10, 32]);
/// assert_eq!(state.cell.dims(), [4, 4, 16]);
/// ```
#[derive(Clone, Debug)]
pub struct RecurrentConfig<C: Cell> {
    pub(super) cell: C,
    pub(super) input_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_layers: usize,
    pub(super) bidirectional: bool,
    pub(super) merge: Merge,
    pub(super) reverse: bool,
    pub(super) bias: Bias,
    pub(super) dropout: f64,
    pub(super) recurrent_dropout: f64,
    pub(super) forget_bias: f32,
    pub(super) initializer: Initializer,
    pub(super) checkpoint_every: Option<usize>,
    pub(super) precision: Precision,
}

impl<C: Cell + Default> RecurrentConfig<C> {
    /// One forward layer with the cell's usual equations.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        Self::with_cell(C::default(), input_size, hidden_size)
    }
}

impl<C: Cell> RecurrentConfig<C> {
    /// One forward layer of this cell.
    pub fn with_cell(cell: C, input_size: usize, hidden_size: usize) -> Self {
        Self {
            cell,
            input_size,
            hidden_size,
            num_layers: 1,
            bidirectional: false,
            merge: Merge::Concat,
            reverse: false,
            bias: cell.default_bias(),
            dropout: 0.0,
            recurrent_dropout: 0.0,
            forget_bias: 1.0,
            initializer: Initializer::Keras,
            checkpoint_every: None,
            precision: Precision::F32,
        }
    }

    /// Layers on top of each other; each reads the output of the one below.
    pub fn with_num_layers(mut self, num_layers: usize) -> Self {
        self.num_layers = num_layers;
        self
    }

    /// Read each sequence in both directions (Schuster & Paliwal, 1997).
    pub fn with_bidirectional(mut self, bidirectional: bool) -> Self {
        self.bidirectional = bidirectional;
        self
    }

    /// How the two directions are joined, after each layer.
    pub fn with_merge(mut self, merge: Merge) -> Self {
        self.merge = merge;
        self
    }

    /// Read each sequence from its last valid step to its first. The output keeps the order of the input.
    pub fn with_reverse(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }

    /// Which biases the cell has.
    pub fn with_bias(mut self, bias: Bias) -> Self {
        self.bias = bias;
        self
    }

    /// Probability of dropping a feature between layers, in training. The last layer's output is not touched.
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        self.dropout = dropout;
        self
    }

    /// Probability of dropping a hidden unit from the recurrent product, in training: one mask for all steps of a
    /// sequence (Gal & Ghahramani, 2016; Keras' `recurrent_dropout`).
    pub fn with_recurrent_dropout(mut self, recurrent_dropout: f64) -> Self {
        self.recurrent_dropout = recurrent_dropout;
        self
    }

    /// First value of the LSTM's forget bias under [`Initializer::Keras`] (Jozefowicz, Zaremba & Sutskever, 2015: one).
    pub fn with_forget_bias(mut self, forget_bias: f32) -> Self {
        self.forget_bias = forget_bias;
        self
    }

    /// Whose defaults the first values follow.
    pub fn with_initializer(mut self, initializer: Initializer) -> Self {
        self.initializer = initializer;
        self
    }

    /// Keep, in training, only the state at every so many steps and compute the steps between them again on the way back:
    /// one more forward pass for the memory of one segment instead of the whole sequence, least near `√time` steps
    /// (Chen et al., 2016; Gruslys et al., 2016). `None`, the default, keeps every step. Outputs are the same, gradients up to the
    /// order of sums.
    ///
    /// The fused kernels do so; a backend without them runs the reference, which keeps every step all the same.
    pub fn with_checkpoint_every(mut self, steps: impl Into<Option<usize>>) -> Self {
        self.checkpoint_every = steps.into();
        self
    }

    /// The numbers that the products of the fused kernels multiply; `f32` by default. Parameters, sums and results are `f32` always.
    ///
    /// A CPU without bf16 products, and a backend without the kernels, compute as if nothing had been said.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// How the kernels are to compute.
    pub(super) fn mode(&self) -> Mode {
        Mode {
            precision: self.precision,
            checkpoint_every: self.checkpoint_every.and_then(NonZeroUsize::new),
        }
    }

    /// Number of directions: 2 or 1.
    pub fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Features of the output.
    pub fn output_size(&self) -> usize {
        match (self.bidirectional, self.merge) {
            (true, Merge::Concat) => self.hidden_size.saturating_mul(2),
            _ => self.hidden_size,
        }
    }

    /// Parameters of the whole layer.
    pub fn parameter_count(&self) -> usize {
        let width = self.cell.kind().gates().saturating_mul(self.hidden_size);
        let biases = match self.bias {
            Bias::None => 0,
            Bias::One => 1,
            Bias::Two => 2,
        };
        let direction = |input: usize| {
            let rows = input.saturating_add(self.hidden_size.saturating_add(biases));
            rows.saturating_mul(width)
        };
        let input = |layer: usize| {
            if layer == 0 {
                self.input_size
            } else {
                self.output_size()
            }
        };
        (0..self.num_layers)
            .map(|layer| self.directions().saturating_mul(direction(input(layer))))
            .fold(0, usize::saturating_add)
    }

    /// Builds the layer; `device.seed` governs its first values.
    ///
    /// # Panics
    /// If a size is zero, a dropout is not in `[0, 1)`, or the layer is both bidirectional and reversed.
    pub fn init(&self, device: &Device) -> Recurrent<C> {
        self.init_from(&mut ParamSource::from_device(self.initializer, device))
    }

    /// Builds the layer with parameters drawn from `source`.
    ///
    /// # Panics
    /// As [`Self::init`].
    pub fn init_from(&self, source: &mut ParamSource) -> Recurrent<C> {
        assert!(
            self.input_size > 0 && self.hidden_size > 0 && self.num_layers > 0,
            "sizes must not be zero"
        );
        assert!(
            self.checkpoint_every != Some(0),
            "checkpoint_every must be at least one step"
        );
        for dropout in [self.dropout, self.recurrent_dropout] {
            assert!(
                (0.0..1.0).contains(&dropout),
                "a dropout of {dropout} is not in [0, 1)"
            );
        }
        assert!(
            !(self.bidirectional && self.reverse),
            "a bidirectional layer already reads both ways"
        );
        let layer = |layer: usize| {
            let input = if layer == 0 {
                self.input_size
            } else {
                self.output_size()
            };
            (0..self.directions())
                .map(|_| self.direction(input, source))
                .collect::<Vec<_>>()
        };
        let directions = (0..self.num_layers).flat_map(layer).collect();
        Recurrent::new(self, directions)
    }

    fn direction(&self, input: usize, source: &mut ParamSource) -> Direction {
        let (hidden, width) = (
            self.hidden_size,
            self.cell.kind().gates() * self.hidden_size,
        );
        let limit = 1.0 / (hidden as f32).sqrt();
        let (weight_ih, weight_hh) = match source.style() {
            Initializer::Keras => (
                source.glorot(input, width, [input, width]),
                source.orthogonal([hidden, width]),
            ),
            Initializer::PyTorch => (
                source.uniform(limit, [input, width]),
                source.uniform(limit, [hidden, width]),
            ),
        };
        let mut bias = |forget: f32| -> Param<Tensor<1>> {
            match (source.style(), self.cell.kind()) {
                (Initializer::PyTorch, _) => source.uniform(limit, [width]),
                (Initializer::Keras, CellKind::Lstm) => {
                    let is_forget = |column: usize| (hidden..2 * hidden).contains(&column);
                    let values =
                        (0..width).map(|column| if is_forget(column) { forget } else { 0.0 });
                    source.param(values.collect(), [width])
                }
                (Initializer::Keras, _) => source.constant(0.0, [width]),
            }
        };
        let bias_ih = (self.bias != Bias::None).then(|| bias(self.forget_bias));
        let bias_hh = (self.bias == Bias::Two).then(|| bias(0.0));
        Direction {
            weight_ih,
            weight_hh,
            bias_ih,
            bias_hh,
        }
    }
}

/// What a layer does from step to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecurrentShape {
    /// The cell.
    #[serde(with = "super::stored")]
    pub cell: CellKind,
    /// Values of each step that the first layer reads.
    pub input: usize,
    /// Units of each direction.
    pub hidden: usize,
    /// Layers on top of each other.
    pub layers: usize,
    /// Whether they read in both directions.
    pub both_ways: bool,
}

impl<C: Cell> From<&RecurrentConfig<C>> for RecurrentShape {
    fn from(config: &RecurrentConfig<C>) -> Self {
        Self {
            cell: config.cell.kind(),
            input: config.input_size,
            hidden: config.hidden_size,
            layers: config.num_layers,
            both_ways: config.bidirectional,
        }
    }
}
