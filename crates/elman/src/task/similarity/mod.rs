//! How close two texts are: one encoder for both, trained so that texts of one label come near each other.

mod config;
mod encode;
mod job;
mod nearest;
mod objective;
mod results;
mod sample;
mod search;

pub use config::{LossKind, Similarity, SimilarityConfig};
pub use encode::encode;
pub use job::{SimilarityJob, network};
pub use nearest::Encoder;
pub use objective::{LabelBatch, SimilarityObjective};
pub use results::{Results, Scored};
pub use sample::{Negatives, Triplet, class_batches, triplets};
pub use search::{Found, Items, distance, evaluate, pair_auc};
