//! Recurrent networks.
pub mod ops;
