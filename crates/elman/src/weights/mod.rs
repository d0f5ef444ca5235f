//! Parameters as files: safetensors, named by module path (`layers.0.weight_ih`).
//!
//! ```no_run
//! # use burn::{module::Module, nn::LinearConfig};
//! # use elman::weights;
//! # let device = Default::default();
//! # let model = LinearConfig::new(2, 3).init(&device);
//! weights::save(&model, "model.safetensors".as_ref(), &Default::default())?;
//! let model = weights::load(model, "model.safetensors".as_ref())?;
//! # Ok::<(), weights::Error>(())
//! ```

mod error;
mod file;
mod foreign;
mod header;
mod parameters;
mod pickle;

pub use error::Error;
pub use file::TensorFile;
pub use header::header;
pub use parameters::{assign, parameter_count, snapshot};

pub(crate) use error::shortened;
pub(crate) use parameters::{Path, keep_path};

use burn::module::Module;
use std::collections::BTreeMap;

/// Writes every parameter of `model` to a safetensors file, whole or not at all.
///
/// Values are stored exactly, in their own type, little-endian. `metadata` goes into the file's header.
///
/// # Errors
/// If the file cannot be written, or a parameter has a type that this crate does not store.
pub fn save<M: Module>(
    model: &M,
    path: &std::path::Path,
    metadata: &BTreeMap<String, String>,
) -> Result<(), Error> {
    TensorFile {
        metadata: metadata.clone(),
        tensors: snapshot(model),
    }
    .write(path)
}

/// Reads a safetensors file into `model`: every parameter of the model must be in the file, and nothing else.
///
/// # Errors
/// If the file is missing, cut off or no safetensors file, or a parameter is missing, unexpected, or of another shape
/// or type. The model given is then lost; make another from its configuration.
pub fn load<M: Module>(model: M, path: &std::path::Path) -> Result<M, Error> {
    assign(model, TensorFile::read(path)?.tensors, path)
}

#[cfg(test)]
mod tests;
