//! What tasks share that read series, recordings, clips and movements: how files become series of numbers ([`read`], [`prepare`],
//! [`asked`]), how those are varied and put side by side in training ([`Training`]), how many are answered at a time
//! ([`in_batches`]), and the keys that all such recipes have.

mod batch;
mod keys;
mod network;
mod read;
mod series;
mod training;
mod vary;

#[cfg(test)]
pub(super) use batch::ragged;
pub(super) use batch::with_hidden;
pub use batch::{batch, in_batches};
pub(super) use keys::{check_series, check_varied, check_warping};
pub(super) use network::check_steps;
pub use read::{SCALER, asked, fitted, prepare, read, remembered, test_on, within};
pub use series::{Series, padding};
pub use training::{SeriesBatch, Training};
pub use vary::Varied;
