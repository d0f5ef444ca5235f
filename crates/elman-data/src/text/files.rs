//! Text files, whole.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::source::{files, open, text};

/// A file and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its text with `\n` line ends and without a byte order mark.
    pub text: String,
}

/// Reads the files that `patterns` name (paths, or patterns such as `"*.abc"`), relative to `base`, each once and in
/// order.
///
/// `encoding` is a label of the WHATWG encoding standard or `cp949`; without it files are UTF-8 (or say what they are
/// with a byte order mark). `auto` also takes CP949 where a file is not UTF-8.
///
/// # Errors
/// [`Error::FileMissing`], [`Error::NoMatch`] and [`Error::NoFiles`]; [`Error::Undecodable`] with the line and column
/// of the first byte that does not fit; [`Error::Empty`] for a file without text.
pub fn read_texts(
    patterns: &[String],
    encoding: Option<&str>,
    base: &Path,
) -> Result<Vec<TextFile>, Error> {
    files::expand(patterns, base)?
        .into_iter()
        .map(|path| read_text(&path, encoding))
        .collect()
}

/// Reads one file, unpacked if it is packed.
///
/// # Errors
/// As [`read_texts`].
pub fn read_text(path: &Path, encoding: Option<&str>) -> Result<TextFile, Error> {
    let path = path.to_path_buf();
    let bytes = open::open(&path)?.bytes;
    let (text, _) = text::decode(bytes, encoding.unwrap_or("utf-8"), &path)?;
    if text.trim().is_empty() {
        let what = if text.is_empty() {
            "is empty"
        } else {
            "holds only white space"
        };
        return Err(Error::Empty { path, what });
    }
    Ok(TextFile { path, text })
}
