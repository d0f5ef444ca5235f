//! What the header of a safetensors file says beside its tensors.

use super::error::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest header that is read, in bytes: as the format has it.
const LARGEST: u64 = 100_000_000;

/// The free text in a file's header, without reading its tensors.
///
/// # Errors
/// If the file cannot be read, or does not begin with a header.
pub fn header(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let mut size = [0; 8];
        file.read_exact(&mut size)?;
        let size = u64::from_le_bytes(size);
        let whole = file.metadata()?.len();
        if size > LARGEST.min(whole) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut header = Vec::new();
        file.take(size).read_to_end(&mut header)?;
        Ok(header)
    };
    let header = read().map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    let header: serde_json::Value =
        serde_json::from_slice(&header).map_err(|error| Error::NotSafetensors {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    let texts = header["__metadata__"].as_object().into_iter().flatten();
    let texts = texts.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())));
    Ok(texts.collect())
}
