//! Named tensors in one safetensors file.

use super::error::Error;
use burn::tensor::{DType, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::BTreeMap;
use std::path::Path;

#[cfg(target_endian = "big")]
compile_error!("safetensors are little-endian, and tensors are written as they lie in memory");

/// Named tensors and text, as they stand in a safetensors file.
#[derive(Clone, Debug, Default)]
pub struct TensorFile {
    /// The header's free text.
    pub metadata: BTreeMap<String, String>,
    /// The tensors by name.
    pub tensors: BTreeMap<String, TensorData>,
}

impl TensorFile {
    /// The file's bytes.
    ///
    /// # Errors
    /// If a tensor's number type is none of F32, F64, I64 and I32.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut views = Vec::with_capacity(self.tensors.len());
        for (name, data) in &self.tensors {
            let dtype = stored_type(name, data.dtype())?;
            let view = TensorView::new(dtype, data.shape().to_vec(), data.as_bytes())
                .expect("a tensor's bytes fit its own shape and type");
            views.push((name, view));
        }
        let metadata = (!self.metadata.is_empty()).then(|| self.metadata.clone().into_iter());
        Ok(
            safetensors::serialize(views, metadata.map(Iterator::collect))
                .expect("tensors laid out one after the other make a valid file"),
        )
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes), and if the system refuses.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        Ok(elman_data::write_atomic(path, &self.to_bytes()?)?)
    }

    /// Reads a file; sizes in its header are believed only where the file is as long as they say.
    ///
    /// # Errors
    /// If the file cannot be read, is not a whole safetensors file, or holds another number type than F32, F64, I64
    /// and I32.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(&bytes(path)?, path)
    }

    /// Reads a file's bytes; `path` is for messages.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        parse(bytes, path, |name, view| decode(name, view).map(Some))
    }
}

/// All of a file.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

/// The tensors that `decode` makes something of.
pub(super) fn parse(
    bytes: &[u8],
    path: &Path,
    decode: impl Fn(&str, &TensorView<'_>) -> Result<Option<TensorData>, Error>,
) -> Result<TensorFile, Error> {
    let broken = |reason: String| Error::NotSafetensors {
        path: path.to_owned(),
        reason,
    };
    if bytes.is_empty() {
        return Err(broken("it is empty".to_owned()));
    }
    let (_, header) =
        SafeTensors::read_metadata(bytes).map_err(|error| broken(error.to_string()))?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| broken(error.to_string()))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        if let Some(data) = decode(name, &view)? {
            tensors.insert(name.to_owned(), data);
        }
    }
    let metadata = header.metadata().clone().unwrap_or_default();
    Ok(TensorFile {
        metadata: metadata.into_iter().collect(),
        tensors,
    })
}

fn stored_type(name: &str, dtype: DType) -> Result<Dtype, Error> {
    match dtype {
        DType::F32 => Ok(Dtype::F32),
        DType::F64 => Ok(Dtype::F64),
        DType::I64 => Ok(Dtype::I64),
        DType::I32 => Ok(Dtype::I32),
        other => Err(Error::UnsupportedType {
            name: name.to_owned(),
            found: format!("{other:?}"),
        }),
    }
}

/// Copies a tensor out of the file's bytes, which need not be aligned.
pub(super) fn decode(name: &str, view: &TensorView<'_>) -> Result<TensorData, Error> {
    macro_rules! numbers {
        ($number:ty) => {{
            let chunks = view.data().as_chunks().0.iter();
            let values: Vec<$number> = chunks
                .map(|bytes| <$number>::from_le_bytes(*bytes))
                .collect();
            Ok(TensorData::new(values, view.shape().to_vec()))
        }};
    }
    match view.dtype() {
        Dtype::F32 => numbers!(f32),
        Dtype::F64 => numbers!(f64),
        Dtype::I64 => numbers!(i64),
        Dtype::I32 => numbers!(i32),
        other => Err(Error::UnsupportedType {
            name: name.to_owned(),
            found: format!("{other:?}"),
        }),
    }
}
