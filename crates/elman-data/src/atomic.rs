//! Files written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Error;

/// Writes `bytes` to `path` whole or not at all: temporary file beside it, fsync, rename, fsync of the folder.
///
/// Whoever opens `path` sees the old content or the new, also after a power cut, and a failed write leaves nothing
/// behind. The folder must exist.
///
/// # Errors
/// [`Error::Io`] naming `path` when the folder is missing or read-only or the disk is full.
pub fn write_atomic(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), Error> {
    let path = path.as_ref();
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|source| file.error(source))?;
    file.commit()
}

/// A file that appears under its name only when it is committed; dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Opens a temporary file beside `path`.
    ///
    /// # Errors
    /// [`Error::Io`] when `path` has no file name, is a folder, or its folder is missing or not writable.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let target = path.as_ref().to_path_buf();
        let failed = |source| Error::Io {
            action: "write",
            path: target.clone(),
            source,
        };
        if target.file_name().is_none() {
            return Err(failed(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path has no file name",
            )));
        }
        if target.is_dir() {
            return Err(failed(io::Error::new(
                io::ErrorKind::IsADirectory,
                "there is a folder of that name",
            )));
        }
        if !folder(&target).is_dir() {
            let message = format!("the folder `{}` does not exist", folder(&target).display());
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, message)));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".").suffix(".partial");
        // A temporary file is private (0600) by default; a result should be as readable as any other file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder
            .tempfile_in(folder(&target))
            .map_err(|error| failed(without_path(&error)))?;
        Ok(Self {
            target,
            temporary: BufWriter::new(temporary),
        })
    }

    /// Makes everything written durable and visible under the file's name.
    ///
    /// # Errors
    /// [`Error::Io`]; the temporary file is removed and the old content stays.
    pub fn commit(self) -> Result<(), Error> {
        let Self { target, temporary } = self;
        let failed = |source| Error::Io {
            action: "write",
            path: target.clone(),
            source,
        };
        let temporary = temporary
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        temporary.as_file().sync_all().map_err(failed)?;
        temporary
            .persist(&target)
            .map_err(|error| failed(error.error))?;
        sync_folder(folder(&target)).map_err(failed)
    }

    fn error(&self, source: io::Error) -> Error {
        Error::Io {
            action: "write",
            path: self.target.clone(),
            source,
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The system's reason alone; `tempfile` adds the temporary file's name, which says nothing to the user.
fn without_path(error: &io::Error) -> io::Error {
    let inner = error
        .get_ref()
        .and_then(|wrapped| wrapped.source()?.downcast_ref::<io::Error>());
    let code = inner.unwrap_or(error).raw_os_error();
    code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

/// Makes a rename durable. Only Unix can (and needs to) sync a folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()
    } else {
        fs::metadata(path).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_the_old_content_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(entries(folder.path()), ["a.txt"]);
    }

    #[test]
    fn dropped_before_commit_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(folder.path().join("a.txt")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(entries(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/a.txt");
        let message = write_atomic(&path, b"x").unwrap_err().to_string();
        let folder = folder.path().join("none");
        assert_eq!(
            message,
            format!(
                "cannot write `{}`: the folder `{}` does not exist",
                path.display(),
                folder.display()
            )
        );
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = write_atomic(folder.path(), b"x").unwrap_err().to_string();
        assert!(
            message.contains("there is a folder of that name"),
            "{message}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_read_only_folder_gives_an_error_and_keeps_the_old_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomic(&path, b"old").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let result = write_atomic(&path, b"new");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            return eprintln!("skipped: root may write into read-only folders");
        }
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("Permission denied")
        );
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
