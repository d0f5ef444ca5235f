//! Where a run came from.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a run remembers about where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The recipe's name.
    pub name: String,
    /// The folder of the recipe's files.
    #[serde(with = "path")]
    pub base: PathBuf,
    /// The same as seen from the run's folder, so that both can be moved together.
    #[serde(with = "path", default, skip_serializing_if = "is_empty")]
    pub base_from_run: PathBuf,
    /// The version of this library that made the run.
    pub version: String,
}

impl Origin {
    /// Of a recipe called `name` whose files are in `base`, trained into the folder `run` by this version.
    pub fn new(name: &str, base: &Path, run: &Path) -> Self {
        let absolute = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let (base, run) = (absolute(base), absolute(run));
        Self {
            name: name.into(),
            base_from_run: between(&run, &base).unwrap_or_default(),
            base,
            version: crate::VERSION.into(),
        }
    }

    /// The folder of the recipe's files: where it was, or where it is as seen from the run's folder `run`.
    pub fn base(&self, run: &Path) -> PathBuf {
        let moved = run.join(&self.base_from_run);
        if !self.base.is_dir() && !is_empty(&self.base_from_run) && moved.is_dir() {
            return moved;
        }
        self.base.clone()
    }
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}

/// The way from one absolute path to another, if they have more than the root in common.
fn between(from: &Path, to: &Path) -> Option<PathBuf> {
    let common = from.components().zip(to.components());
    let common = common.take_while(|(a, b)| a == b).count();
    if common < 2 || !from.is_absolute() {
        return None;
    }
    let up = from.components().skip(common).map(|_| "..".as_ref());
    let down = to.components().skip(common).map(|part| part.as_os_str());
    let way: PathBuf = up.chain(down).collect();
    Some(if is_empty(&way) { ".".into() } else { way })
}

/// A path as JSON: a text, or where it is none its bytes in hexadecimal beside what can be read of it.
mod path {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use std::path::{Path, PathBuf};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Text(String),
        Bytes { text: String, bytes: String },
    }

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let text = path.to_string_lossy().into_owned();
        let stored = match (path.to_str(), bytes(path)) {
            (None, Some(bytes)) => {
                let bytes = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Stored::Bytes { text, bytes }
            }
            _ => Stored::Text(text),
        };
        stored.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        match Stored::deserialize(deserializer)? {
            Stored::Text(text) => Ok(text.into()),
            Stored::Bytes { text, bytes } => {
                let bytes =
                    unhex(&bytes).ok_or_else(|| D::Error::custom("bytes are not hexadecimal"))?;
                Ok(of_bytes(bytes).unwrap_or_else(|| text.into()))
            }
        }
    }

    fn unhex(text: &str) -> Option<Vec<u8>> {
        let pairs = text.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let even = text.len().is_multiple_of(2);
        even.then(|| pairs.map(byte).collect()).flatten()
    }

    #[cfg(unix)]
    fn bytes(path: &Path) -> Option<&[u8]> {
        Some(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()))
    }

    #[cfg(unix)]
    fn of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
        let path: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
        Some(path.into())
    }

    #[cfg(not(unix))]
    fn bytes(_: &Path) -> Option<&[u8]> {
        None
    }

    #[cfg(not(unix))]
    fn of_bytes(_: Vec<u8>) -> Option<PathBuf> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_between_folders() {
        let way = |from: &str, to: &str| between(from.as_ref(), to.as_ref());
        assert_eq!(way("/a/runs/x", "/a"), Some("../..".into()));
        assert_eq!(way("/a/runs/x", "/a/data"), Some("../../data".into()));
        assert_eq!(way("/a", "/a"), Some(".".into()));
        assert_eq!(way("/a/x", "/b"), None);
    }

    #[cfg(unix)]
    #[test]
    fn any_path_is_kept() {
        use std::os::unix::ffi::OsStringExt;
        for bytes in [&b"/d\xff"[..], b"/plain", "/가".as_bytes(), b"/a\x80b/\xc3"] {
            let path = PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec()));
            let origin = Origin {
                base: path.clone(),
                base_from_run: path,
                ..Origin::new("x", Path::new("."), Path::new("."))
            };
            let text = serde_json::to_string(&origin).unwrap();
            assert_eq!(serde_json::from_str::<Origin>(&text).unwrap(), origin);
        }
        let old = r#"{"name": "fc", "base": "/data/base", "version": "0.1.0"}"#;
        let old: Origin = serde_json::from_str(old).unwrap();
        assert_eq!(old.base, Path::new("/data/base"));
        assert_eq!(old.base(Path::new("run")), Path::new("/data/base"));
    }
}
