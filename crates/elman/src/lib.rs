//! Recurrent networks.
pub mod ops;
pub mod train;
pub mod weights;
