//! `task = "animate"`: movements that go on from their beginning, as those that were learned from would.
//!
//! After each step a recurrent network says how the next one is likely to differ: a [`Mixture`](crate::mixture::Mixture) of
//! Gaussians over the change of every number. A movement is drawn from it, step after step.
//!
//! ```text
//! files ─▶ elman_data::signal::read_signal_parts ─▶ Dataset (scaler, usual changes) ─▶ frame and last change ─▶ mixture of the next
//! ```

mod config;
mod dataset;
mod job;
mod network;
mod objective;
mod predict;
mod results;
mod sample;
mod simple;
mod specimen;

pub use config::{Animate, AnimateConfig, SampleConfig};
pub use dataset::{Dataset, Manner, Movements};
pub use job::AnimateJob;
pub use network::network;
pub use objective::{AnimateObjective, Chunk, Said, said};
pub use predict::{Animator, Made, Seed};
pub use sample::{Rigid, go_on};
pub use simple::AnimateBaseline;
