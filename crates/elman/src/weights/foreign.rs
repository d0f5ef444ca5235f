//! Weights that another program wrote: safetensors of any precision, and the files of PyTorch.

use super::error::Error;
use super::file::{self, TensorFile};
use super::pickle;
use burn::tensor::{TensorData, bf16, f16};
use pytorch_reader::{DType, PytorchError, PytorchReader, Tensor};
use safetensors::tensor::{Dtype, TensorView};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Endings of names under which PyTorch's files go.
const ENDINGS: [&str; 6] = ["pth", "pt", "bin", "ckpt", "pkl", "tar"];
/// Where a checkpoint keeps its weights beside what its training needed.
const NESTS: [&str; 3] = ["state_dict", "model_state_dict", "model"];
/// What `DataParallel` writes before every name.
const WRAPPED: &str = "module.";
/// How often all tensors of a file may say its bytes: weights that are tied are stored once, and named twice.
const SHARED: u64 = 4;
/// Characters of what is wrong that are told.
const TOLD: usize = 300;

impl TensorFile {
    /// Reads weights that another program wrote: a safetensors file, or one that `torch.save` wrote (`.pth`, `.pt`), of which no code
    /// is ever run. Which it is, is seen from its first bytes, and where they do not say it from its name.
    ///
    /// Numbers of half precision become `F32`; integers and truth values, which count batches and the like, are left out. Of a
    /// checkpoint the weights under `state_dict`, `model_state_dict` or `model` are read; where every name begins with `module.`, it
    /// is dropped.
    ///
    /// # Errors
    /// If the file cannot be read, is broken or of neither kind, holds no floating-point numbers, or says that a tensor is larger than
    /// the file.
    pub fn read_foreign(path: &Path) -> Result<Self, Error> {
        let tensors = match is_pytorch(path)? {
            true => read_pytorch(path)?,
            false => file::parse(&file::bytes(path)?, path, decode)?.tensors,
        };
        let wrapped = !tensors.is_empty() && tensors.keys().all(|name| name.starts_with(WRAPPED));
        let tensors = match wrapped {
            true => tensors
                .into_iter()
                .map(|(name, data)| (name[WRAPPED.len()..].to_owned(), data))
                .collect(),
            false => tensors,
        };
        Ok(Self {
            metadata: BTreeMap::new(),
            tensors,
        })
    }

    /// Whether a file of this name is taken for weights.
    pub(crate) fn is_named_so(name: &str) -> bool {
        let ending = Path::new(name).extension().and_then(|found| found.to_str());
        ending.is_some_and(|found| found == "safetensors" || ENDINGS.contains(&found))
    }
}

/// Whether a file is one of PyTorch's, rather than safetensors: the length of a header, and a brace.
fn is_pytorch(path: &Path) -> Result<bool, Error> {
    let io = |source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let mut first = Vec::new();
    file.take(9).read_to_end(&mut first).map_err(io)?;
    if let Some((length, [b'{'])) = first.split_first_chunk()
        && u64::from_le_bytes(*length) < size
    {
        return Ok(false);
    }
    let ending = path.extension().and_then(|found| found.to_str());
    Ok(first.starts_with(b"PK")
        || first.starts_with(&[0x80])
        || ending.is_some_and(|found| ENDINGS.contains(&found)))
}

/// A tensor of a safetensors file, if it holds floating-point numbers.
fn decode(name: &str, view: &TensorView<'_>) -> Result<Option<TensorData>, Error> {
    let shape = view.shape().to_vec();
    match view.dtype() {
        Dtype::F32 | Dtype::F64 => file::decode(name, view).map(Some),
        Dtype::F16 => Ok(Some(halves(view.data(), shape, f16::from_le_bytes))),
        Dtype::BF16 => Ok(Some(halves(view.data(), shape, bf16::from_le_bytes))),
        Dtype::BOOL
        | Dtype::U8
        | Dtype::I8
        | Dtype::U16
        | Dtype::I16
        | Dtype::U32
        | Dtype::I32
        | Dtype::U64
        | Dtype::I64 => Ok(None),
        other => Err(Error::UnsupportedType {
            name: name.to_owned(),
            found: format!("{other:?}"),
        }),
    }
}

fn halves<H: Into<f32>>(bytes: &[u8], shape: Vec<usize>, read: fn([u8; 2]) -> H) -> TensorData {
    let values: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| read(*bytes).into())
        .collect();
    TensorData::new(values, shape)
}

fn read_pytorch(path: &Path) -> Result<BTreeMap<String, TensorData>, Error> {
    let broken = |reason: String| Error::NotPyTorch {
        path: path.to_owned(),
        reason: reason.chars().take(TOLD).collect(),
    };
    pickle::check(path).map_err(broken)?;
    let found = open_pytorch(path).map_err(|error| broken(error.to_string()))?;
    let found = found.into_tensors().into_iter();
    let weights = found.filter(|(_, tensor)| is_float(tensor.dtype()));
    // In an order that does not change from one reading to the next.
    let weights: BTreeMap<String, Tensor> = weights.collect();
    if weights.is_empty() {
        return Err(broken(
            "it names no tensors of floating-point numbers".into(),
        ));
    }
    // A tensor may say one number many times, so that it is larger than all that is stored.
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    let mut all = 0u64;
    for tensor in weights.values() {
        let bytes = tensor.byte_len() as u64;
        all = all.saturating_add(bytes);
        if bytes > size || all > size.saturating_mul(SHARED) {
            return Err(broken(format!(
                "up to its tensor `{}`, of shape {:?}, it names {all} bytes of weights, but the file has {size}",
                tensor.name,
                tensor.shape()
            )));
        }
    }
    let mut tensors = BTreeMap::new();
    for tensor in weights.into_values() {
        let bytes = tensor.read().map_err(|error| broken(error.to_string()))?;
        let shape = tensor.shape().to_vec();
        // What is read lies as it does in this machine's memory.
        let data = match tensor.dtype() {
            DType::F16 => halves(&bytes, shape, f16::from_ne_bytes),
            DType::BF16 => halves(&bytes, shape, bf16::from_ne_bytes),
            DType::F64 => {
                let values = bytes.as_chunks().0.iter();
                let values: Vec<f64> = values.map(|bytes| f64::from_ne_bytes(*bytes)).collect();
                TensorData::new(values, shape)
            }
            _ => {
                let values = bytes.as_chunks().0.iter();
                let values: Vec<f32> = values.map(|bytes| f32::from_ne_bytes(*bytes)).collect();
                TensorData::new(values, shape)
            }
        };
        tensors.insert(tensor.name, data);
    }
    Ok(tensors)
}

/// The weights of a file, or of the part of it that holds them.
fn open_pytorch(path: &Path) -> Result<PytorchReader, PytorchError> {
    let whole = PytorchReader::new(path)?;
    for nest in NESTS {
        let within = |name: &String| {
            let rest = name.strip_prefix(nest);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        if whole.tensors().keys().any(within) {
            // A name may have a dot of its own; then there is no such part.
            if let Ok(part) = PytorchReader::with_top_level_key(path, nest) {
                return Ok(part);
            }
        }
    }
    Ok(whole)
}

fn is_float(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F64 | DType::F16 | DType::BF16)
}
