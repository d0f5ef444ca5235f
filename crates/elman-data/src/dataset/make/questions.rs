//! Files in a zip archive.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// No file in an archive of the registry has as many bytes.
const LIMIT: u64 = 64 << 20;

/// The contents of the file called `name`.
pub(super) fn unpack(archive: &[u8], name: &str) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("`{name}` cannot be unpacked: {error}");
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| failed(&error))?;
    let file = archive.by_name(name).map_err(|error| failed(&error))?;
    let mut contents = Vec::new();
    file.take(LIMIT + 1)
        .read_to_end(&mut contents)
        .map_err(|error| failed(&error))?;
    if contents.len() as u64 > LIMIT {
        return Err(failed(&format!("it has more than {LIMIT} bytes")));
    }
    Ok(contents)
}
