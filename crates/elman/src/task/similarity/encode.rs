//! Texts as vectors.

use crate::model::Model;
use crate::task::classify::in_batches;

/// The vector of each text, by a model without gradients.
pub fn encode(model: &Model, texts: &[impl AsRef<[u32]>], padding: u32) -> Vec<Vec<f32>> {
    in_batches(model, texts, None, padding, |vectors| vectors)
}
