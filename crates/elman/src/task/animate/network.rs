//! From a vector and its last change to the mixture of the next change.

use super::config::AnimateConfig;
use crate::mixture::Mixture;
use crate::model::{Dense, Dropout, LayerSpec, Sequential, Shape};
use crate::recipe::ModelConfig;
use crate::task::Error;

/// What the network of vectors of so many numbers reads: each vector, and its change from the one before.
pub fn input(features: usize) -> Shape {
    Shape::sequence(features.saturating_mul(2))
}

/// The mixture over the changes of vectors of so many numbers.
pub fn mixture(own: &AnimateConfig, features: usize) -> Mixture {
    Mixture {
        components: own.components,
        features,
        floor: own.deviation_floor,
    }
}

/// The layers: the recurrent stack (or `model.layers`), dropout, and a dense layer that says the mixture.
///
/// # Errors
/// If the layers do not fit together, do not give a vector at each step, or look at steps to come.
pub fn network(
    model: &ModelConfig,
    features: usize,
    mixture: &Mixture,
) -> Result<Sequential, Error> {
    let layers = model.stack(true);
    let input = input(features);
    if !matches!(
        layers.output_shape(input)?,
        Shape::Sequence { time: None, .. }
    ) {
        return Err(Error::input(
            "model: the next step is said after each one, but the layers do not give a vector for each: set return_sequences = \
             true on every recurrent layer, and leave pooling, flatten and repeat_vector out",
        ));
    }
    if let Some(name) = layers.looking_ahead() {
        return Err(Error::input(format!(
            "model: the next step is said before it is known, and `{name}` has read it already: leave out `bidirectional`, `reverse` \
             and conv1d"
        )));
    }
    let forgets = |layer: &LayerSpec| match layer {
        LayerSpec::Conv1d(conv) => conv.kernel_size > 1,
        LayerSpec::Masking(_) => true,
        _ => false,
    };
    if layers.layers().iter().any(forgets) {
        return Err(Error::input(
            "model: a movement is made step by step, and conv1d and masking need more than one at a time; leave them out",
        ));
    }
    let layers = match model.dropout > 0.0 {
        true => layers.add(Dropout::new(model.dropout)),
        false => layers,
    };
    let Some(outputs) = mixture.outputs().filter(|outputs| *outputs <= 1_000_000) else {
        return Err(Error::input(format!(
            "animate.components: {} Gaussians over {features} numbers are more than 1,000,000 outputs; take fewer",
            mixture.components
        )));
    };
    let layers = layers.add(Dense::new(outputs));
    layers.output_shape(input)?; // whether it fits into memory
    Ok(layers)
}
