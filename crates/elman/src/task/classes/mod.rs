//! What tasks share that say one of several classes: the labels of a run, and how right its answers are beside simpler ones.

mod compared;
mod labels;
mod scored;

pub(in crate::task) use compared::{Compared, Simple};
pub use labels::{ClassWeights, Classes, WeightRule};
pub use scored::Scored;
pub(in crate::task) use scored::evaluation;
