//! The layers as they compute.

use super::pooling::{PoolingKind, filled, pooled};
use super::shape::Shape;
use super::spec::{ActivationKind, Conv1d, LayerSpec, Padding};
use crate::init::{Initializer, ParamSource};
use crate::layer::{AnyRecurrent, dropped};
use crate::ops::{self, dense};
use burn::module::Param;
use burn::nn;
use burn::prelude::*;
use burn::tensor::activation;

/// What flows through a model.
#[derive(Clone, Debug)]
pub enum Signal {
    /// `[batch, time]`
    Ids(Tensor<2, Int>),
    /// `[batch, time, features]`
    Sequence(Tensor<3>),
    /// `[batch, features]`
    Vector(Tensor<2>),
}

impl Signal {
    /// The vectors, `[batch, features]`.
    ///
    /// # Panics
    /// If the signal is not one vector for each example.
    pub fn vector(self) -> Tensor<2> {
        match self {
            Self::Vector(tensor) => tensor,
            _ => panic!("the model gives a sequence, not one vector for each example"),
        }
    }

    /// The sequences, `[batch, time, features]`.
    ///
    /// # Panics
    /// If the signal is not a sequence of vectors.
    pub fn sequence(self) -> Tensor<3> {
        match self {
            Self::Sequence(tensor) => tensor,
            _ => panic!("the model does not give a sequence of vectors"),
        }
    }

    fn map(
        self,
        vector: impl FnOnce(Tensor<2>) -> Tensor<2>,
        sequence: impl FnOnce(Tensor<3>) -> Tensor<3>,
    ) -> Self {
        match self {
            Self::Vector(tensor) => Self::Vector(vector(tensor)),
            Self::Sequence(tensor) => Self::Sequence(sequence(tensor)),
            Self::Ids(_) => panic!("an Embedding must come first where the input is numbers"),
        }
    }
}

impl From<Tensor<2, Int>> for Signal {
    fn from(tensor: Tensor<2, Int>) -> Self {
        Self::Ids(tensor)
    }
}

impl From<Tensor<3>> for Signal {
    fn from(tensor: Tensor<3>) -> Self {
        Self::Sequence(tensor)
    }
}

impl From<Tensor<2>> for Signal {
    fn from(tensor: Tensor<2>) -> Self {
        Self::Vector(tensor)
    }
}

/// A [`Sequential`](super::Sequential) with parameters.
#[derive(Module, Debug)]
pub struct Model {
    /// The layers, first to last.
    pub layers: Vec<Layer>,
    #[module(skip)]
    pub(super) names: Vec<String>,
}

impl Model {
    /// Runs the model on a batch. `lengths` gives each sequence's valid steps; all of them, if absent.
    ///
    /// # Panics
    /// If the input is not what the model was built for.
    pub fn forward(&self, input: impl Into<Signal>, lengths: Option<&[usize]>) -> Signal {
        self.forward_from(input, lengths, None).0
    }

    /// Runs the model from the states in which an earlier call left its recurrent layers, and returns them anew, in
    /// the order of the layers. Stateful training and step-by-step forecasting are made of this.
    ///
    /// # Panics
    /// As [`Self::forward`], or if `states` belong to another model or batch size.
    pub fn forward_from(
        &self,
        input: impl Into<Signal>,
        lengths: Option<&[usize]>,
        states: Option<Vec<Tensor<3>>>,
    ) -> (Signal, Vec<Tensor<3>>) {
        let mut signal = input.into();
        let mut lengths = lengths.map(<[usize]>::to_vec);
        let mut before = states.map(Vec::into_iter);
        let mut after = Vec::new();
        for (layer, name) in self.layers.iter().zip(&self.names) {
            let _here = ops::scope(format_args!("{name}"));
            signal = match layer {
                Layer::Recurrent(layer) => {
                    let state = before
                        .as_mut()
                        .map(|states| states.next().expect("a state for each recurrent layer"));
                    let (output, state) =
                        layer
                            .rnn
                            .forward(signal.sequence(), lengths.as_deref(), state);
                    after.push(state.clone());
                    match layer.return_sequences {
                        true => Signal::Sequence(output),
                        false => Signal::Vector(layer.rnn.last(state)),
                    }
                }
                layer => layer.forward(signal, &mut lengths),
            };
        }
        (signal, after)
    }

    /// The layers' names, as the summary has them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the output at a step depends on earlier steps alone, so that a sequence can be read as it arrives.
    pub fn is_causal(&self) -> bool {
        self.layers.iter().all(|layer| match layer {
            Layer::Recurrent(layer) => layer.rnn.is_causal(),
            Layer::Conv1d(_) | Layer::Flatten(_) | Layer::Pooling(_) => false,
            _ => true,
        })
    }
}

/// A recurrent layer and whether it gives every step.
#[derive(Module, Debug)]
pub struct RecurrentLayer {
    /// The recurrence.
    pub rnn: AnyRecurrent,
    return_sequences: bool,
}

/// A linear map and its activation.
#[derive(Module, Debug)]
pub struct DenseLayer {
    /// The map.
    pub linear: nn::Linear,
    #[module(skip)]
    activation: ActivationKind,
}

/// A convolution over time and its activation.
#[derive(Module, Debug)]
pub struct ConvLayer {
    /// The convolution.
    pub conv: nn::conv::Conv1d,
    #[module(skip)]
    padding: Padding,
    #[module(skip)]
    activation: ActivationKind,
}

/// A layer without parameters.
#[derive(Module, Debug)]
pub struct Fixed<T: Clone + std::fmt::Debug + Send> {
    #[module(skip)]
    setting: T,
}

impl<T: Clone + std::fmt::Debug + Send> Fixed<T> {
    /// The layer's setting.
    pub(super) fn setting(&self) -> &T {
        &self.setting
    }
}

/// One layer of a [`Model`].
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A model has a handful of layers.
pub enum Layer {
    /// Numbers to vectors.
    Embedding(nn::Embedding),
    /// Numbers to vectors of a single one.
    OneHot(Fixed<usize>),
    /// Any recurrent layer.
    Recurrent(RecurrentLayer),
    /// A linear map.
    Dense(DenseLayer),
    /// Drops values in training.
    Dropout(nn::Dropout),
    /// Normalises features.
    LayerNorm(nn::LayerNorm),
    /// A function of each value.
    Activation(Fixed<ActivationKind>),
    /// A vector as a sequence of so many equal steps.
    RepeatVector(Fixed<usize>),
    /// A convolution over time.
    Conv1d(ConvLayer),
    /// A sequence as a vector.
    Flatten(Fixed<()>),
    /// The valid steps of a sequence as a vector.
    Pooling(Fixed<PoolingKind>),
    /// Finds where sequences end.
    Masking(Fixed<f32>),
}

impl Layer {
    /// Builds a layer whose shapes have been checked.
    pub(super) fn new(spec: &LayerSpec, input: &Shape, source: &mut ParamSource) -> Self {
        let features = input.features().unwrap_or(0);
        if let Some((kind, spec)) = spec.recurrent() {
            let rnn = spec.config(kind, features).init_from(source);
            return Self::Recurrent(RecurrentLayer {
                rnn,
                return_sequences: spec.return_sequences,
            });
        }
        match spec {
            LayerSpec::Embedding(layer) => {
                Self::Embedding(embedding([layer.vocabulary, layer.features], source))
            }
            LayerSpec::OneHot(layer) => Self::OneHot(Fixed {
                setting: layer.vocabulary,
            }),
            LayerSpec::Dense(layer) => Self::Dense(DenseLayer {
                linear: linear([features, layer.units], source),
                activation: layer.activation,
            }),
            LayerSpec::Dropout(layer) => Self::Dropout(nn::DropoutConfig::new(layer.rate).init()),
            LayerSpec::LayerNorm(_) => {
                let mut norm = nn::LayerNormConfig::new(features).init(&source.device());
                norm.gamma = source.constant(1.0, [features]);
                norm.beta = Some(source.constant(0.0, [features]));
                Self::LayerNorm(norm)
            }
            LayerSpec::Activation(layer) => Self::Activation(Fixed {
                setting: layer.function,
            }),
            LayerSpec::RepeatVector(layer) => Self::RepeatVector(Fixed {
                setting: layer.times,
            }),
            LayerSpec::Conv1d(layer) => Self::Conv1d(convolution(layer, features, source)),
            LayerSpec::Flatten(_) => Self::Flatten(Fixed { setting: () }),
            LayerSpec::Pooling(layer) => Self::Pooling(Fixed {
                setting: layer.function,
            }),
            LayerSpec::Masking(layer) => Self::Masking(Fixed {
                setting: layer.value,
            }),
            LayerSpec::SimpleRnn(_) | LayerSpec::Lstm(_) | LayerSpec::Gru(_) => {
                unreachable!("built above")
            }
        }
    }

    fn forward(&self, signal: Signal, lengths: &mut Option<Vec<usize>>) -> Signal {
        match self {
            Self::Recurrent(_) => {
                unreachable!("the model runs recurrent layers itself, for their states")
            }
            Self::Embedding(layer) => match signal {
                Signal::Ids(ids) => Signal::Sequence(ops::embedding(layer.weight.val(), ids)),
                _ => panic!("an Embedding reads numbers"),
            },
            Self::OneHot(layer) => match signal {
                Signal::Ids(ids) => Signal::Sequence(one_hot(ids, layer.setting)),
                _ => panic!("a OneHot layer reads numbers"),
            },
            Self::Dense(layer) => {
                let signal = signal.map(|x| dense(&layer.linear, x), |x| dense(&layer.linear, x));
                activate(layer.activation, signal)
            }
            Self::Dropout(layer) => signal.map(|x| dropped(layer, x), |x| dropped(layer, x)),
            Self::LayerNorm(layer) => signal.map(|x| layer.forward(x), |x| layer.forward(x)),
            Self::Activation(layer) => activate(layer.setting, signal),
            Self::RepeatVector(layer) => {
                *lengths = None;
                Signal::Sequence(
                    signal
                        .vector()
                        .unsqueeze_dim::<3>(1)
                        .repeat_dim(1, layer.setting),
                )
            }
            Self::Conv1d(layer) => layer.forward(signal.sequence(), lengths),
            Self::Flatten(_) => {
                let signal = cleared(signal.sequence(), lengths.as_deref());
                *lengths = None;
                Signal::Vector(signal.flatten(1, 2))
            }
            Self::Pooling(layer) => {
                let vector = pooled(layer.setting, signal.sequence(), lengths.as_deref());
                *lengths = None;
                Signal::Vector(vector)
            }
            Self::Masking(layer) => {
                let signal = signal.sequence();
                *lengths = Some(valid_steps(&signal, layer.setting));
                Signal::Sequence(signal)
            }
        }
    }
}

impl ConvLayer {
    fn forward(&self, signal: Tensor<3>, lengths: &mut Option<Vec<usize>>) -> Signal {
        let signal = cleared(signal, lengths.as_deref()).swap_dims(1, 2);
        let extra = self.conv.kernel_size - 1;
        let [_, _, time] = signal.dims();
        let (left, right) = match self.padding {
            // A sequence shorter than the kernel has one output, which its length says is none.
            Padding::Valid => (0, self.conv.kernel_size.saturating_sub(time)),
            Padding::Same => (extra / 2, extra - extra / 2),
            Padding::Causal => (extra, 0),
        };
        if let (Padding::Valid, Some(lengths)) = (self.padding, lengths.as_mut()) {
            lengths
                .iter_mut()
                .for_each(|length| *length = length.saturating_sub(extra));
        }
        let padded = signal.pad(
            (left, right, 0, 0),
            burn::tensor::ops::PadMode::Constant(0.0),
        );
        activate(
            self.activation,
            Signal::Sequence(self.conv.forward(padded).swap_dims(1, 2)),
        )
    }
}

fn one_hot(ids: Tensor<2, Int>, vocabulary: usize) -> Tensor<3> {
    let ([batch, time], device) = (ids.dims(), ids.device());
    let mut values = vec![0.0f32; batch * time * vocabulary];
    for (row, id) in ids.into_data().iter::<i64>().enumerate() {
        let known = usize::try_from(id).ok().filter(|id| *id < vocabulary);
        let id = known.unwrap_or_else(|| panic!("there is no number {id} among {vocabulary}"));
        values[row * vocabulary + id] = 1.0;
    }
    let data = TensorData::new(values, [batch, time, vocabulary]);
    Tensor::from_data(data, (&device, burn::tensor::DType::F32))
}

fn activate(kind: ActivationKind, signal: Signal) -> Signal {
    match kind {
        ActivationKind::Linear => signal,
        ActivationKind::Tanh => signal.map(|x| x.tanh(), |x| x.tanh()),
        ActivationKind::Relu => signal.map(activation::relu, activation::relu),
        ActivationKind::Sigmoid => signal.map(activation::sigmoid, activation::sigmoid),
        ActivationKind::Softmax => {
            signal.map(|x| activation::softmax(x, 1), |x| activation::softmax(x, 2))
        }
    }
}

/// Zeros in place of whatever the padded steps hold.
fn cleared(signal: Tensor<3>, lengths: Option<&[usize]>) -> Tensor<3> {
    match lengths {
        Some(lengths) => filled(signal, lengths, 0.0),
        None => signal,
    }
}

/// Steps up to the last one that holds another value than `filler`.
fn valid_steps(signal: &Tensor<3>, filler: f32) -> Vec<usize> {
    let [batch, time, features] = signal.dims();
    let values = crate::values(signal.clone());
    let steps = |row: usize| &values[row * time * features..(row + 1) * time * features];
    let valid = |row| {
        steps(row)
            .chunks(features.max(1))
            .rposition(|step| step.iter().any(|value| *value != filler))
    };
    (0..batch)
        .map(|row| valid(row).map_or(0, |last| last + 1))
        .collect()
}

pub(super) fn linear([inputs, units]: [usize; 2], source: &mut ParamSource) -> nn::Linear {
    let limit = 1.0 / (inputs.max(1) as f32).sqrt();
    let (weight, bias) = match source.style() {
        Initializer::Keras => (
            source.glorot(inputs, units, [inputs, units]),
            source.constant(0.0, [units]),
        ),
        Initializer::PyTorch => (
            source.uniform(limit, [inputs, units]),
            source.uniform(limit, [units]),
        ),
    };
    nn::Linear {
        weight,
        bias: Some(bias),
    }
}

pub(super) fn embedding(shape: [usize; 2], source: &mut ParamSource) -> nn::Embedding {
    let weight = match source.style() {
        Initializer::Keras => source.uniform(0.05, shape),
        Initializer::PyTorch => source.normal(shape),
    };
    nn::Embedding { weight }
}

fn convolution(layer: &Conv1d, features: usize, source: &mut ParamSource) -> ConvLayer {
    let (shape, fan_in) = (
        [layer.filters, features, layer.kernel_size],
        features * layer.kernel_size,
    );
    let mut conv = nn::conv::Conv1dConfig::new(features, layer.filters, layer.kernel_size)
        .init(&source.device());
    let limit = 1.0 / (fan_in.max(1) as f32).sqrt();
    let (weight, bias): (Param<Tensor<3>>, Param<Tensor<1>>) = match source.style() {
        Initializer::Keras => (
            source.glorot(fan_in, layer.filters * layer.kernel_size, shape),
            source.constant(0.0, [layer.filters]),
        ),
        Initializer::PyTorch => (
            source.uniform(limit, shape),
            source.uniform(limit, [layer.filters]),
        ),
    };
    (conv.weight, conv.bias) = (weight, Some(bias));
    ConvLayer {
        conv,
        padding: layer.padding,
        activation: layer.activation,
    }
}
