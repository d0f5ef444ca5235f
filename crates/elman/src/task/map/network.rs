//! From a vector to a vector, or to a series.

use crate::model::{ActivationKind, Dense, Dropout, LayerSpec, RepeatVector, Sequential, Shape};
use crate::recipe::{Head, ModelConfig};
use crate::task::Error;

/// What a network of so many inputs reads.
pub fn input(features: usize) -> Shape {
    Shape::Vector { features }
}

/// The layers from `inputs` numbers to an answer of `[steps, values]`, or to one vector of `values` without steps.
///
/// One to one: `num_layers` dense layers of `hidden_size` units with tanh, dropout after each, and a linear one. One to many:
/// the vector repeated at each step, the recurrent stack, and a dense layer at every step. `model.layers` stand for all but the
/// dense layer at the end; where a series is asked for and no `repeat_vector` is among them, one is put before them.
///
/// # Errors
/// If the layers do not fit together, or do not give what is asked for.
pub fn network(
    model: &ModelConfig,
    inputs: usize,
    steps: Option<usize>,
    values: usize,
) -> Result<Sequential, Error> {
    let repeats = |layer: &LayerSpec| matches!(layer, LayerSpec::RepeatVector(_));
    let mut layers = match steps {
        None if model.layers.is_empty() => dense(model),
        None => model.stack(false),
        Some(_) if model.layers.iter().any(repeats) => model.stack(true),
        Some(steps) => {
            let stack = model.stack(true);
            let first = Sequential::new().add(RepeatVector { times: steps });
            let layers = stack.layers().iter().cloned();
            layers.fold(first, Sequential::add)
        }
    };
    if steps.is_some() && model.layers.is_empty() && model.dropout > 0.0 {
        layers = layers.add(Dropout::new(model.dropout));
    }
    if model.head == Head::Dense {
        layers = layers.add(Dense::new(values));
    }
    let (input, wanted) = (input(inputs), answer(steps, values));
    let found = layers.output_shape(input)?;
    if found != wanted {
        let remedy = match (found, steps) {
            (Shape::Sequence { .. }, None) => {
                "leave repeat_vector out, or set map.steps where the answer is a series"
            }
            (Shape::Vector { .. }, Some(_)) => {
                "set return_sequences = true on every recurrent layer after repeat_vector, and leave pooling and flatten out"
            }
            _ if model.head == Head::None => {
                "set model.head = \"dense\", or give the last layer that many units"
            }
            _ => "give repeat_vector as many `times`, and keep the number of steps as it is",
        };
        return Err(Error::input(format!(
            "model: the last layer gives {found}, but the answer is {wanted}: {remedy}"
        )));
    }
    match layers.summary_of(input)?.parameters() {
        0 => Err(Error::input(
            "model: there is nothing to learn: add a layer with parameters, or set model.head = \"dense\"",
        )),
        _ => Ok(layers),
    }
}

/// What an answer looks like.
fn answer(steps: Option<usize>, values: usize) -> Shape {
    match steps {
        Some(steps) => Shape::Sequence {
            time: Some(steps),
            features: values,
        },
        None => Shape::Vector { features: values },
    }
}

fn dense(model: &ModelConfig) -> Sequential {
    (0..model.num_layers).fold(Sequential::new(), |layers, _| {
        let layers = layers.add(Dense::new(model.hidden_size).activation(ActivationKind::Tanh));
        match model.dropout > 0.0 {
            true => layers.add(Dropout::new(model.dropout)),
            false => layers,
        }
    })
}
