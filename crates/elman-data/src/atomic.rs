//! Files written whole or not at all, and what is no file written to.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::Error;

/// Writes `bytes` to `path` whole or not at all: temporary file beside it, fsync, rename, fsync of the folder.
///
/// Whoever opens `path` sees the old content or the new, also after a power cut, and a failed write leaves nothing
/// behind. The folder must exist. Links, pipes and devices are as for [`AtomicFile::create`].
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
    /// As it was named, for messages.
    path: PathBuf,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    /// A regular file, replaced as a whole.
    Replaced {
        target: PathBuf,
        temporary: BufWriter<Temporary>,
    },
    /// A pipe or a device: there is nothing to replace, it is written to.
    Written(BufWriter<File>),
}

impl AtomicFile {
    /// Opens a temporary file beside `path`.
    ///
    /// A symbolic link is followed: the file that it points to is replaced, and the link stays. A file that is replaced
    /// keeps its permissions. What is there and is no regular file (a pipe, a device) is opened and written to; opening
    /// a named pipe waits for its reader.
    ///
    /// # Errors
    /// [`Error::Io`] when `path` has no file name, is a folder or write-protected, or its folder is missing or not
    /// writable.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_path_buf();
        let sink = Sink::open(&path).map_err(|source| failed(&path, source))?;
        Ok(Self { path, sink })
    }

    /// Makes everything written durable and visible under the file's name.
    ///
    /// # Errors
    /// [`Error::Io`]; the temporary file is removed and the old content stays.
    pub fn commit(self) -> Result<(), Error> {
        let Self { path, sink } = self;
        sink.commit().map_err(|source| failed(&path, source))
    }

    fn error(&self, source: io::Error) -> Error {
        failed(&self.path, source)
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Io {
        action: "write",
        path: path.into(),
        source,
    }
}

impl Sink {
    fn open(path: &Path) -> io::Result<Self> {
        if path.file_name().is_none() {
            let message = "the path has no file name";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let there = fs::metadata(path); // of what a link points to
        if there.as_ref().is_ok_and(fs::Metadata::is_dir) {
            let message = "there is a folder of that name";
            return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
        }
        if is_descriptor(path) {
            let stream = OpenOptions::new().append(true).open(path)?;
            return Ok(Self::Written(BufWriter::new(stream)));
        }
        if there.as_ref().is_ok_and(|there| !there.is_file()) {
            let stream = OpenOptions::new().write(true).open(path)?;
            return Ok(Self::Written(BufWriter::new(stream)));
        }
        let target = followed(path)?;
        if !folder(&target).is_dir() {
            let message = format!("the folder `{}` does not exist", folder(&target).display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        if there.is_ok() {
            OpenOptions::new().write(true).open(&target)?; // a write-protected file is not to be replaced either
        }
        let temporary = BufWriter::new(Temporary::beside(&target)?);
        Ok(Self::Replaced { target, temporary })
    }

    fn commit(self) -> io::Result<()> {
        let (target, temporary) = match self {
            Self::Written(mut stream) => return stream.flush(),
            Self::Replaced { target, temporary } => (target, temporary),
        };
        let mut temporary = temporary.into_inner().map_err(|error| error.into_error())?;
        let file = temporary.file().as_file();
        keep_permissions(file, &target)?;
        file.sync_all()?;
        temporary.persist(&target)?;
        sync_folder(folder(&target))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Replaced { temporary, .. } => temporary.write(bytes),
            Sink::Written(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Replaced { temporary, .. } => temporary.flush(),
            Sink::Written(stream) => stream.flush(),
        }
    }
}

/// A temporary file that [`remove_temporary_files`] knows while it is there.
#[derive(Debug)]
struct Temporary {
    /// There until it is persisted.
    file: Option<NamedTempFile>,
    path: PathBuf,
}

/// The temporary files of this process.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

const PREFIX: &str = ".";
const SUFFIX: &str = ".partial";
/// Letters and digits that `tempfile` puts between both.
const RANDOM: usize = 6;

impl Temporary {
    fn beside(target: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
        // A temporary file is private (0600) by default; a result should be as readable as any other file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut known = known(); // held until the file is in it: a signal between both would leave the file behind
        let file = builder
            .tempfile_in(folder(target))
            .map_err(|error| without_path(&error))?;
        let path = file.path().to_path_buf();
        known.push(path.clone());
        Ok(Self {
            file: Some(file),
            path,
        })
    }

    fn file(&mut self) -> &mut NamedTempFile {
        self.file
            .as_mut()
            .expect("it is there until it is persisted")
    }

    fn persist(mut self, target: &Path) -> io::Result<()> {
        let file = self.file.take();
        let file = file.expect("it is there until it is persisted");
        file.persist(target).map(drop).map_err(|error| error.error)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        known().retain(|path| *path != self.path); // the file itself goes with `file`, where it is still there
    }
}

fn known() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a file of this process removed with its temporary files, should it end early.
pub fn remove_at_end(path: &Path) {
    known().push(path.into());
}

/// Forgets that a file is to be [removed](remove_at_end).
pub fn keep_at_end(path: &Path) {
    known().retain(|other| other != path);
}

/// Removes the temporary files of files that are not committed, and lets none be made any more: for a process that is
/// about to end.
pub fn remove_temporary_files() {
    let known = known();
    for path in known.iter() {
        let _ = fs::remove_file(path); // one that was persisted or dropped just now is not there any more
    }
    std::mem::forget(known); // whoever wants to make one waits for the end
}

/// Removes from `folder` the temporary files that killed processes left there; how many they were. Nobody else may be
/// writing to the folder.
pub fn remove_partial_files(folder: &Path) -> usize {
    let partial = |name: &OsStr| {
        let random = name.to_str().and_then(|name| {
            let random = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
            let right = random.bytes().all(|byte| byte.is_ascii_alphanumeric());
            Some(random.len() == RANDOM && right)
        });
        random.unwrap_or(false)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| partial(&entry.file_name()));
    files
        .filter(|entry| fs::remove_file(entry.path()).is_ok())
        .count()
}

/// Whether a path stands for something that this process has open, such as `/dev/stdout`.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix)
        && (path == Path::new("/dev/stdout")
            || path == Path::new("/dev/stderr")
            || fs::canonicalize(folder(path)).is_ok_and(|folder| {
                folder.starts_with("/dev/fd")
                    || (folder.starts_with("/proc") && folder.ends_with("fd"))
            }))
}

/// The path that a chain of symbolic links ends at; that of a link to nothing is the file that it would be.
fn followed(path: &Path) -> io::Result<PathBuf> {
    const LONGEST: usize = 40; // as Linux has it
    let mut path = path.to_path_buf();
    for _ in 0..LONGEST {
        match fs::read_link(&path) {
            Ok(next) => path = folder(&path).join(next),
            Err(_) => return Ok(path),
        }
    }
    let message = "there are too many symbolic links";
    Err(io::Error::other(message))
}

/// Gives a file the permissions, and where it may the owner, of the one that it is to replace.
fn keep_permissions(file: &File, target: &Path) -> io::Result<()> {
    let Ok(old) = fs::metadata(target) else {
        return Ok(());
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            let _ = fchown(file, Some(old.uid()), Some(old.gid())); // only root may, and nobody else needs to
        }
    }
    file.set_permissions(old.permissions())
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
mod tests;
