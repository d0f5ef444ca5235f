//! From `data.files` to paths that exist.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::{Format, SourceConfig};
use super::load::{Asked, ending};
use super::open::{self, Content};
use crate::{Error, names};

/// The files to read, in order, each once.
pub(crate) fn expand(files: &[String], base: &Path) -> Result<Vec<PathBuf>, Error> {
    expand_to(files, base, Path::is_file)
}

/// The same for what `fits`: files, or folders too.
pub(crate) fn expand_to(
    files: &[String],
    base: &Path,
    fits: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, Error> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in files {
        let path = base.join(entry);
        let found = if entry == open::STDIN {
            vec![PathBuf::from(open::STDIN)]
        } else if fits(&path) {
            vec![path]
        } else if entry.contains(['*', '?', '[']) {
            matches(&path, base, entry, &fits)?
        } else {
            return Err(Error::FileMissing {
                nearby: nearby(&path),
                path,
            });
        };
        for path in found {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    if paths.is_empty() {
        Err(Error::NoFiles)
    } else {
        Ok(paths)
    }
}

fn matches(
    pattern: &Path,
    base: &Path,
    entry: &str,
    fits: &impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, Error> {
    let none = |nearby: String| Error::NoMatch {
        pattern: pattern.display().to_string(),
        nearby,
    };
    // The base folder is meant literally, whatever brackets its name holds.
    let base = base
        .to_str()
        .ok_or_else(|| none("; the folder's name is not Unicode".into()))?;
    let text = Path::new(&glob::Pattern::escape(base)).join(entry);
    let found = glob::glob(&text.to_string_lossy())
        .map_err(|error| none(format!("; it is not a valid pattern: {error}")))?;
    let mut paths: Vec<PathBuf> = found
        .filter_map(Result::ok)
        .filter(|path| fits(path))
        .collect();
    paths.sort();
    if paths.is_empty() {
        Err(none(nearby(pattern)))
    } else {
        Ok(paths)
    }
}

/// What the folder of a missing file holds, as the end of a sentence.
pub(crate) fn nearby(path: &Path) -> String {
    if path.is_dir() {
        return "; that is a folder: name the files in it, e.g. with a pattern such as \"folder/*.csv\"".into();
    }
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else {
        return format!("; the folder `{}` does not exist either", folder.display());
    };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    found.sort();
    let wanted = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let near = names::nearest_phrase(&wanted, found.iter().map(String::as_str));
    match found.len() {
        0 => format!("; the folder `{}` is empty", folder.display()),
        _ => format!(
            "{near}; the folder holds: {}",
            names::list(found.iter().map(String::as_str), 8)
        ),
    }
}

/// How to read `path`, where the configuration says it.
pub(super) fn asked(config: &SourceConfig) -> Option<Asked> {
    match config.format {
        Format::Auto | Format::Parquet => None,
        Format::Csv => Some(Asked::Delimited),
        Format::Jsonl => Some(Asked::JsonLines),
        Format::Json => Some(Asked::Json),
        Format::Xlsx => Some(Asked::Spreadsheet),
    }
}

/// Whether `path` is a Parquet file: by the configuration, its name or its first bytes.
pub(super) fn is_parquet(config: &SourceConfig, path: &Path) -> Result<bool, Error> {
    Ok(match config.format {
        Format::Auto => {
            matches!(ending(path).as_str(), "parquet" | "pq")
                || open::peek(path)?.0 == Content::Parquet
        }
        format => format == Format::Parquet,
    })
}

/// All bytes of a file that is not packed.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    })
}
