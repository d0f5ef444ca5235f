//! Tasks: what ties data to a model, a loss, metrics and an answer. One file (or folder) each.

pub mod forecast;
