//! From vectors to a logit for each class.

use super::config::Each;
use crate::model::{Dense, Dropout, Pooling, PoolingKind, Sequential, Shape};
use crate::recipe::{Head, ModelConfig};
use crate::task::Error;
use crate::task::signals::check_steps;

/// The layers that make one vector of a series with so many channels, or one of each of its steps: the recurrent stack, and its
/// pooling where a series has one. `model.dropout` acts between recurrent layers and on what comes out. `model.layers` stand for
/// all of it; a pooling is put after them if one vector is wanted and they end with a sequence.
///
/// # Errors
/// If the layers do not fit together, or do not give what is asked for.
pub fn encoder(
    model: &ModelConfig,
    features: usize,
    each: Each,
    pooling: PoolingKind,
) -> Result<Sequential, Error> {
    let whole = each == Each::Series;
    let mut layers = model.stack(!(whole && pooling == PoolingKind::Last));
    let input = Shape::sequence(features);
    let is_sequence = |layers: &Sequential| -> Result<bool, Error> {
        Ok(matches!(
            layers.output_shape(input)?,
            Shape::Sequence { .. }
        ))
    };
    if is_sequence(&layers)? && whole {
        layers = layers.add(Pooling::new(pooling));
    }
    if is_sequence(&layers)? == whole {
        return Err(Error::input(
            "model: the layers give one vector for each series, but with recognize.each = \"step\" every step needs its own: set \
             return_sequences = true on the recurrent layers, and leave pooling out",
        ));
    }
    if !whole {
        check_steps(&layers, input)?;
    }
    Ok(match model.dropout > 0.0 {
        true => layers.add(Dropout::new(model.dropout)),
        false => layers,
    })
}

/// The [`encoder`] with a logit for each class on top.
///
/// # Errors
/// As [`encoder`]; if `model.head = "none"` and the last layer has not one unit for each class.
pub fn recognizer(
    model: &ModelConfig,
    features: usize,
    each: Each,
    pooling: PoolingKind,
    classes: usize,
) -> Result<Sequential, Error> {
    let layers = encoder(model, features, each, pooling)?;
    let output = layers.output_shape(Shape::sequence(features))?;
    match model.head {
        Head::Dense => Ok(layers.add(Dense::new(classes))),
        Head::None if output.features() == Some(classes) => Ok(layers),
        Head::None => Err(Error::input(format!(
            "model: the last layer gives {output}, but there are {classes} classes; set model.head = \"dense\", or give the last layer \
             that many units",
        ))),
    }
}
