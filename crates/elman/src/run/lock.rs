//! One training for a folder at a time.

use super::Error;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The file that is locked; what it says is for people.
pub(super) const LOCK: &str = "lock";

/// A folder that nobody else may train into while this is there. The system lets go of it when the process ends, however
/// it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    folder: PathBuf,
}

impl Lock {
    /// Takes the folder, which must be there.
    ///
    /// # Errors
    /// [`Error::Busy`] if another process has it, or if the file cannot be made.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LOCK);
        let failed = |source| Error::Io {
            action: "lock",
            path: path.clone(),
            source,
        };
        loop {
            let mut open = OpenOptions::new();
            open.read(true).write(true).create(true).truncate(false);
            let mut file = open.open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut by = String::new();
                    let _ = file.read_to_string(&mut by); // it may be just about to be written
                    return Err(Error::Busy {
                        path: folder.into(),
                        by: by.trim().into(),
                    });
                }
                // A file system without locks: better a training without one than none.
                Err(TryLockError::Error(error))
                    if error.kind() == std::io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let lock = Self {
                file,
                folder: folder.into(),
            };
            if !lock.is_held() {
                continue; // its training ended just now, and removed it: once more
            }
            elman_data::remove_at_end(&path);
            let _ = lock.file.set_len(0);
            let _ = writeln!(&lock.file, "{}", process());
            return Ok(lock);
        }
    }

    /// Whether the folder still is the one that was locked: it may have been removed, and made again by another.
    pub fn is_held(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let identity = |found: std::io::Result<std::fs::Metadata>| {
                found.ok().map(|found| (found.dev(), found.ino()))
            };
            let ours = identity(self.file.metadata());
            ours.is_some() && ours == identity(self.folder.join(LOCK).metadata())
        }
        #[cfg(not(unix))]
        self.folder.join(LOCK).exists()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.is_held() {
            elman_data::keep_at_end(&self.folder.join(LOCK));
            let _ = std::fs::remove_file(self.folder.join(LOCK)); // while it is still locked
        }
    }
}

/// This process, in words.
fn process() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let host = host.map_or(String::new(), |host| format!(" on {}", host.trim()));
    format!("process {}{host}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_and_a_removed_folder_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let message = Lock::take(folder.path()).unwrap_err().to_string();
        let by = format!("process {}", std::process::id());
        assert!(message.contains(&by), "{message}");
        assert!(lock.is_held());
        std::fs::remove_file(folder.path().join(LOCK)).unwrap();
        assert!(!lock.is_held());
        let second = Lock::take(folder.path()).unwrap();
        drop(lock); // it is not to remove what belongs to the second
        assert!(second.is_held());
        drop(second);
        assert!(!folder.path().join(LOCK).exists());
    }
}
