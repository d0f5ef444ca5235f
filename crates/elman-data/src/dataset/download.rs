//! Fetching one file, whole and checked, or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::DatasetFile;
use crate::{AtomicFile, Error};

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes that have arrived.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Fetches `url` to `path` if its sum is that of `file`; otherwise nothing appears under `path`.
pub(super) fn fetch(
    url: &str,
    file: &DatasetFile,
    path: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), Error> {
    let failed = |message: String| Error::Download {
        url: url.into(),
        message,
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .user_agent(concat!("elman/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let response = agent
        .get(url)
        .call()
        .map_err(|error| failed(explain(&error)))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::Io {
            action: "create",
            path: folder.into(),
            source,
        })?;
    }
    let mut out = AtomicFile::create(path)?;
    let body = response.into_body().into_reader();
    let mut body: Box<dyn Read> = match file.gzip {
        true => Box::new(MultiGzDecoder::new(body)),
        false => Box::new(body),
    };
    let (mut sum, mut done, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(failed(format!(
                    "the connection broke after {done} of {} bytes ({error}); try again",
                    file.bytes
                )));
            }
        };
        sum.update(&buffer[..read]);
        out.write_all(&buffer[..read]).map_err(|source| Error::Io {
            action: "write",
            path: path.into(),
            source,
        })?;
        done += read as u64;
        progress(&Progress {
            file: &file.name,
            done,
            total: file.bytes,
        });
        if done > file.bytes {
            break; // not the file of the registry: the sum says so below, without fetching the rest
        }
    }
    let found = hexadecimal(sum);
    if found != file.sha256 {
        return Err(Error::Checksum {
            url: url.into(),
            expected: file.sha256.clone(),
            found,
        });
    }
    out.commit()
}

/// SHA-256 of a file; `None` if it cannot be read.
pub(super) fn sum_of(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hexadecimal(sum)),
            read => sum.update(&buffer[..read]),
        }
    }
}

fn hexadecimal(sum: Sha256) -> String {
    sum.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(404) => "the server has no such file (404); it may have moved upstream".into(),
        ureq::Error::StatusCode(code) => format!("the server answered {code}"),
        ureq::Error::HostNotFound => "the host is not found: is this machine online? Without a network, put the files into $ELMAN_DATA/<name>/".into(),
        ureq::Error::Timeout(_) => format!("{error}; try again, or put the files into $ELMAN_DATA/<name>/"),
        other => format!("{other}; if this machine is offline, put the files into $ELMAN_DATA/<name>/"),
    }
}
