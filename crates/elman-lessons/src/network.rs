//! The networks that lessons compare, by a name.

use crate::teach::numbers;
use burn::module::Param;
use burn::prelude::*;
use elman::cell::CellKind;
use elman::layer::AnyRecurrent;
use elman::model::{
    ActivationKind, Dense, Embedding, Flatten, Gru, Layer, LayerSpec, Lstm, Model, Sequential,
    SimpleRnn,
};

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Simple,
    Lstm,
    Gru,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Simple, Self::Lstm, Self::Gru];

    /// As it is called everywhere.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simple => "SimpleRnn",
            Self::Lstm => "Lstm",
            Self::Gru => "Gru",
        }
    }

    /// A layer of it.
    pub(crate) fn layer(self, hidden_size: usize, return_sequences: bool) -> LayerSpec {
        match self {
            Self::Simple => SimpleRnn::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
            Self::Lstm => Lstm::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
            Self::Gru => Gru::new(hidden_size)
                .return_sequences(return_sequences)
                .into(),
        }
    }

    /// Reads words, answers once.
    pub(crate) fn reader(
        self,
        vocabulary: usize,
        features: usize,
        hidden_size: usize,
        classes: usize,
    ) -> Sequential {
        Sequential::new()
            .add(Embedding::new(vocabulary, features))
            .add(self.layer(hidden_size, false))
            .add(Dense::new(classes))
    }
}

/// Words side by side, each place with weights of its own.
pub(crate) fn window(
    vocabulary: usize,
    features: usize,
    hidden_size: usize,
    classes: usize,
) -> Sequential {
    Sequential::new()
        .add(Embedding::new(vocabulary, features))
        .add(Flatten {})
        .add(Dense::new(hidden_size).activation(ActivationKind::Relu))
        .add(Dense::new(classes))
}

/// Counts of words through one hidden layer.
pub(crate) fn counts(hidden_size: usize, classes: usize) -> Sequential {
    Sequential::new()
        .add(Dense::new(hidden_size).activation(ActivationKind::Relu))
        .add(Dense::new(classes))
}

/// The model with gates that begin so that its state is kept for about `time` steps: an LSTM's forget gates open and its input
/// gates closed, a GRU's update gates closed. A SimpleRnn has none and stays as it is.
///
/// # References
/// Tallec & Ollivier, "Can recurrent neural networks warp time?" (2018), with one time for all units.
///
/// # Panics
/// If the model's first recurrent layer has no bias.
pub(crate) fn remembering(mut model: Model, time: usize) -> Model {
    let open = (time as f32).ln();
    let rnn = first_recurrent(&mut model);
    let cell = rnn.cell();
    let direction = &mut rnn.directions[0];
    let hidden_size = direction.weight_hh.dims()[0];
    let old = direction.bias_ih.take().expect("the layer has a bias");
    let mut values = numbers(old.val());
    let gate = |number: usize| number * hidden_size..(number + 1) * hidden_size;
    match cell {
        CellKind::SimpleRnn(_) => {}
        CellKind::Lstm => {
            values[gate(0)].fill(-open); // the gates stand side by side: i f g o
            values[gate(1)].fill(open);
        }
        CellKind::Gru(_) => values[gate(1)].fill(open), // r z n
    }
    let shape = [values.len()];
    let tensor = Tensor::from_data(TensorData::new(values, shape), &old.val().device());
    direction.bias_ih = Some(Param::initialized(old.id, tensor).set_require_grad(true));
    model
}

/// The model with the recurrent weights of its first recurrent layer times a factor.
///
/// # Panics
/// If it has no recurrent layer.
pub(crate) fn stretched(mut model: Model, factor: f32) -> Model {
    let weight = &mut first_recurrent(&mut model).directions[0].weight_hh;
    let device = weight.val().device();
    let shape = weight.val().dims();
    let values = numbers(weight.val())
        .into_iter()
        .map(|value| factor * value);
    let data = TensorData::new(values.collect::<Vec<_>>(), shape);
    *weight =
        Param::initialized(weight.id, Tensor::from_data(data, &device)).set_require_grad(true);
    model
}

fn first_recurrent(model: &mut Model) -> &mut AnyRecurrent {
    let mut layers = model.layers.iter_mut();
    let layer = layers.find_map(|layer| match layer {
        Layer::Recurrent(layer) => Some(&mut layer.rnn),
        _ => None,
    });
    layer.expect("a recurrent layer")
}
