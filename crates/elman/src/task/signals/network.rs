//! Whether a network of series says something of each step.

use crate::model::{Sequential, Shape};
use crate::task::Error;

/// Refuses layers that give more or fewer steps than they read: an answer for each step then belongs to none.
pub(in crate::task) fn check_steps(layers: &Sequential, input: Shape) -> Result<(), Error> {
    const STEPS: usize = 1 << 20;
    let probe = Shape::Sequence {
        time: Some(STEPS),
        features: input.features().unwrap_or(1),
    };
    match layers.output_shape(probe)? {
        Shape::Sequence {
            time: Some(STEPS), ..
        } => Ok(()),
        other => Err(Error::input(format!(
            "model: the layers make {other} of {STEPS} steps, but every step needs its own answer: set padding = \"same\" on conv1d, and \
             leave repeat_vector out"
        ))),
    }
}
