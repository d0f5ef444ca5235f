//! What the tests of readers share.

use std::fs;
use std::path::Path;

use crate::Error;

/// Writes `files` into a temporary folder and gives what `read` makes of it, with the folder's name cut out of messages.
pub(crate) fn with_files<T>(
    files: &[(&str, &[u8])],
    read: impl FnOnce(&Path) -> Result<T, Error>,
) -> Result<T, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let prefix = format!("{}/", folder.path().display());
    read(folder.path()).map_err(|error| {
        assert!(error.is_input());
        error.to_string().replace(&prefix, "")
    })
}
