//! The folder of a dataset while it is being filled: what is unfinished lies in a folder of its own, under a lock.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::{AtomicFile, Error};

/// The folder of unfinished work in a dataset's folder.
const PARTIAL: &str = ".partial";

/// A dataset's folder while this process, and no other, fills it. Unfinished work goes when this is dropped, or with the next one
/// where the process was killed.
pub(super) struct Workplace {
    /// The dataset's folder.
    folder: PathBuf,
    lock: Option<File>,
}

impl Workplace {
    /// # Errors
    /// [`Error::Io`]; [`Error::Busy`] while another process fills the folder.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let partial = folder.join(PARTIAL);
        fs::create_dir_all(&partial).map_err(failed("create", &partial))?;
        let path = partial.join("lock");
        let lock = File::create(&path).map_err(failed("create", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy {
                    path: folder.into(),
                });
            }
            Err(TryLockError::Error(_)) => {} // a file system without locks
        }
        let place = Self {
            folder: folder.into(),
            lock: Some(lock),
        };
        for part in ["upstream", "new"] {
            let part = partial.join(part);
            if part.exists() {
                fs::remove_dir_all(&part).map_err(failed("remove", &part))?; // of a process that was killed
            }
            fs::create_dir(&part).map_err(failed("create", &part))?;
        }
        Ok(place)
    }

    /// Where files are put that others are made from.
    pub fn upstream(&self) -> PathBuf {
        self.folder.join(PARTIAL).join("upstream")
    }

    /// Where the dataset's files are put before they are checked.
    pub fn made(&self) -> PathBuf {
        self.folder.join(PARTIAL).join("new")
    }

    /// Moves a file that is whole to its place.
    pub fn settle(&self, name: &str) -> Result<(), Error> {
        let (from, to) = (self.made().join(name), self.folder.join(name));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(failed("create", parent))?;
        }
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let mut source = File::open(&from).map_err(failed("read", &from))?;
                let mut file = AtomicFile::create(&to)?;
                io::copy(&mut source, &mut file).map_err(failed("write", &to))?;
                file.commit()
            }
            moved => moved.map_err(failed("write", &to)),
        }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.lock = None; // some systems remove no open file
        let _ = fs::remove_dir_all(self.folder.join(PARTIAL));
        let _ = fs::remove_dir(&self.folder); // unless something is in it
    }
}

/// The files below `folder`, by their names from there with `/`, sorted; hidden ones are not seen.
pub(super) fn names_in(folder: &Path) -> Result<Vec<String>, Error> {
    let (mut names, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        for entry in fs::read_dir(&path).map_err(failed("read", &path))? {
            let entry = entry.map_err(failed("read", &path))?;
            let Some(name) = entry
                .file_name()
                .to_str()
                .map(|name| format!("{inner}{name}"))
            else {
                continue; // no file of a dataset
            };
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.path().is_dir() {
                folders.push(format!("{name}/"));
            } else {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_leaves_nothing_and_only_one_works_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("cache/set");
        let place = Workplace::open(&folder).unwrap();
        fs::write(place.made().join("half.txt"), "half").unwrap();
        let busy = Workplace::open(&folder).err().unwrap().to_string();
        assert!(busy.contains("another process is filling"), "{busy}");
        drop(place);
        assert!(!folder.exists());
        // A killed process leaves its folder, but no lock.
        fs::create_dir_all(folder.join(".partial/new")).unwrap();
        fs::write(folder.join(".partial/new/half.txt"), "half").unwrap();
        let place = Workplace::open(&folder).unwrap();
        assert!(!place.made().join("half.txt").exists());
        fs::create_dir(place.made().join("in")).unwrap();
        fs::write(place.made().join("in/whole.txt"), "whole").unwrap();
        place.settle("in/whole.txt").unwrap();
        drop(place);
        assert_eq!(names_in(&folder).unwrap(), ["in/whole.txt"]);
        assert!(!folder.join(".partial").exists());
    }
}
