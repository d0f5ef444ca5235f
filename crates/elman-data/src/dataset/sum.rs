//! SHA-256 of files.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

/// The sum of a file, or of what it holds compressed with gzip; `None` if it cannot be read.
pub(super) fn of_file(path: &Path, packed: bool) -> Option<String> {
    let file = File::open(path).ok()?;
    let mut file: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hexadecimal(sum)),
            read => sum.update(&buffer[..read]),
        }
    }
}

pub(super) fn hexadecimal(sum: Sha256) -> String {
    sum.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Writes to another, and knows the sum and the number of all bytes written.
pub(super) struct Summing<W> {
    pub inner: W,
    sum: Sha256,
    pub bytes: u64,
}

impl<W> Summing<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            sum: Sha256::new(),
            bytes: 0,
        }
    }

    pub fn finish(self) -> (W, String) {
        (self.inner, hexadecimal(self.sum))
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
