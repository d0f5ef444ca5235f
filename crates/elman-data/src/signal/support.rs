//! What the tests of this folder share.

use std::io::Write;

use super::{Example, Signal, SignalConfig, SignalReport, read_signals};
use crate::text::support::with_files;

/// Reads `files`, all of them named in `data.files` unless `toml` names some, with labels optional.
pub(super) fn read(
    files: &[(&str, &[u8])],
    toml: &str,
) -> Result<(Vec<Example>, SignalReport), String> {
    let mut config: SignalConfig = toml::from_str(toml).unwrap();
    if config.files.is_empty() && config.labels.is_none() {
        config.files = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    }
    with_files(files, |base| read_signals(&config, None, base))
}

/// One file of text.
pub(super) fn one(name: &str, text: &str, toml: &str) -> Result<Vec<Example>, String> {
    read(&[(name, text.as_bytes())], toml).map(|(examples, _)| examples)
}

pub(super) fn signal<T: Copy>(features: usize, values: &[T]) -> Signal<T> {
    Signal {
        values: values.to_vec(),
        features,
    }
}

/// An example with fields written as `label=walk subject=3`.
pub(super) fn example(signal: Signal<f64>, fields: &str) -> Example {
    let fields = fields.split_whitespace().map(|field| {
        let (name, text) = field.split_once('=').unwrap();
        (name.to_owned(), text.to_owned())
    });
    Example {
        signal,
        fields: fields.collect(),
        place: "here".into(),
        ..Example::default()
    }
}

/// The fields of an example, as [`example`] takes them.
pub(super) fn fields(example: &Example) -> String {
    let fields = example
        .fields
        .iter()
        .map(|(name, text)| format!("{name}={text}"));
    fields.collect::<Vec<_>>().join(" ")
}

/// Whether two sequences are the same, NaN equal to NaN.
pub(super) fn same(a: &Signal<f64>, b: &Signal<f64>) -> bool {
    let bits = |signal: &Signal<f64>| {
        signal
            .values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    a.features == b.features && bits(a) == bits(b)
}

pub(super) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A file of NumPy's format.
pub(super) fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A file of version 1 with elements of 32 bits.
pub(super) fn npy_f32(shape: &str, values: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    npy(
        1,
        &format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n"),
        &data,
    )
}
