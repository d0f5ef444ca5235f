//! What the tests of this folder share.

use std::fs;
use std::path::Path;

use crate::Error;

/// Writes `files` into a temporary folder and gives what `read` makes of it, with the folder's name cut out of messages.
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
