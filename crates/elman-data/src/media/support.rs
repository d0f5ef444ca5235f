//! What the tests of this folder share.

use std::fs;
use std::path::Path;

use crate::Error;

/// Writes `content` to a file of this name and gives what `read` makes of it; messages begin with the file's name alone.
pub(super) fn with_file<T>(
    name: &str,
    content: &[u8],
    read: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<T, String> {
    with_files(&[(name, content)], |folder| read(&folder.join(name)))
}

/// The same for a folder of files.
pub(super) fn with_files<T>(
    files: &[(&str, &[u8])],
    read: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<T, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let prefix = format!("{}/", folder.path().display());
    read(folder.path()).map_err(|error| {
        assert!(error.is_input());
        error.to_string().replace(&prefix, "")
    })
}

/// A chunk of a PNG file.
pub(super) fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], kind, data, &crc.sum().to_be_bytes()].concat()
}

/// The beginning of a PNG file in 8-bit red, green, blue and alpha.
pub(super) fn png_header(width: u32, height: u32) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 6, 0, 0, 0],
    ];
    let signature = b"\x89PNG\r\n\x1a\n".to_vec();
    [signature, png_chunk(b"IHDR", &header.concat())].concat()
}
