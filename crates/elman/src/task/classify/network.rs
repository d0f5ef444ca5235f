//! From token numbers to one vector, and to one logit for each class.

use crate::model::{Dense, Dropout, LayerSpec, Pooling, PoolingKind, Sequential, Shape};
use crate::recipe::{Head, ModelConfig};
use crate::task::Error;

/// What every network of texts reads.
pub const INPUT: Shape = Shape::Ids { time: None };

/// The layers that make one vector of a text: an embedding, the recurrent stack and its pooling. `model.dropout` acts on the
/// embedded tokens, between recurrent layers and on the pooled vector. `model.layers` stand for all of it; an embedding is put
/// before them if they do not begin with one, and a pooling after them if they end with a sequence.
///
/// # Errors
/// If the layers do not fit together or an embedding has fewer rows than the vocabulary has tokens.
pub fn encoder(
    model: &ModelConfig,
    vocabulary: usize,
    pooling: PoolingKind,
) -> Result<Sequential, Error> {
    let last = pooling == PoolingKind::Last;
    let stack = model.stack(!last);
    let mut layers = Sequential::new();
    match model.layers.first() {
        Some(LayerSpec::Embedding(table)) if table.vocabulary < vocabulary => {
            return Err(Error::input(format!(
                "model: the embedding has {} rows, but the vocabulary has {vocabulary} tokens; leave the embedding out, and it is \
                 made to fit, or limit vocabulary.size",
                table.vocabulary
            )));
        }
        Some(LayerSpec::Embedding(_)) => {}
        _ => layers = model.token_layers(vocabulary),
    }
    layers = stack.layers().iter().cloned().fold(layers, Sequential::add);
    if matches!(layers.output_shape(INPUT)?, Shape::Sequence { .. }) {
        layers = layers.add(Pooling::new(pooling));
    }
    Ok(match model.dropout > 0.0 {
        true => layers.add(Dropout::new(model.dropout)),
        false => layers,
    })
}

/// The encoder with a logit for each class on top.
///
/// # Errors
/// As [`encoder`]; if `model.head = "none"` and the last layer has not one unit for each class.
pub fn classifier(
    model: &ModelConfig,
    vocabulary: usize,
    pooling: PoolingKind,
    classes: usize,
) -> Result<Sequential, Error> {
    let layers = encoder(model, vocabulary, pooling)?;
    match model.head {
        Head::Dense => Ok(layers.add(Dense::new(classes))),
        Head::None if layers.output_shape(INPUT)? == (Shape::Vector { features: classes }) => {
            Ok(layers)
        }
        Head::None => Err(Error::input(format!(
            "model: the last layer gives {}, but there are {classes} classes; set model.head = \"dense\", or give the last layer \
             that many units",
            layers.output_shape(INPUT)?
        ))),
    }
}
