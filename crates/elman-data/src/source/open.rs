//! A file's bytes, unpacked, and what they are.
//!
//! Every reader of tables and texts opens its files here, so that packed files and standard input are read everywhere.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use zip::ZipArchive;

use super::jsonl::Fields;
use crate::Error;

/// A few packed kilobytes can stand for any number: no file may unpack to more than so many times its size, if that is
/// more than [`FREE`], nor to more than [`MOST`].
const RATIO: u64 = 256;
const FREE: u64 = 64 << 20;
const MOST: u64 = 4 << 30;
/// The name that stands for standard input.
pub(crate) const STDIN: &str = "-";

/// The bytes of a file.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) bytes: Vec<u8>,
    /// The file's name without the ending of what packed it, which tells its format.
    pub(crate) name: PathBuf,
    /// What it was packed with.
    pub(crate) packed: Option<&'static str>,
}

/// What the first bytes of a file say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Parquet,
    /// A workbook.
    Spreadsheet,
    /// One JSON value: a list, or an object over several lines.
    Json,
    /// A JSON object on each line.
    JsonLines,
    Other,
}

/// Reads a file whole, and unpacks it if it is packed.
///
/// # Errors
/// [`Error::Io`]; [`Error::Packed`] if it cannot be unpacked, holds several files or would be too large.
pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
    let opened = unpack(read(path)?, path)?;
    match opened.packed {
        Some(_) => refuse_foreign(&opened.bytes, path).map(|()| opened),
        None => Ok(opened),
    }
}

/// Whether the path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    if !is_stdin(path) {
        return std::fs::read(path).map_err(failed);
    }
    // Whoever reads it again gets the same.
    static INPUT: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(bytes) = INPUT.get() {
        return Ok(bytes.clone());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(INPUT.get_or_init(|| bytes).clone())
}

/// What a packed file may unpack to.
pub(super) struct Packing;

impl Packing {
    /// Bytes that a packed file of `size` bytes may unpack to.
    pub(super) fn most(size: usize) -> u64 {
        MOST.min(FREE.max(RATIO.saturating_mul(size as u64)))
    }

    pub(super) fn too_large(size: usize, path: &Path) -> Error {
        too_large(Self::most(size), path)
    }
}

fn refuse_foreign(bytes: &[u8], path: &Path) -> Result<(), Error> {
    foreign(bytes).map_or(Ok(()), |(kind, advice)| {
        Err(Error::Packed {
            path: path.into(),
            message: format!("is {kind}; {advice}"),
        })
    })
}

/// What a file is that nothing here reads, and what to do: by its first bytes.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it and name the file in it";
    let begins: [(&[u8], &str, &str); 8] = [
        (b"BZh", "packed with bzip2", UNPACK),
        (b"\xfd7zXZ\0", "packed with xz", UNPACK),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
        (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
        (b"\x04\x22\x4d\x18", "packed with LZ4", UNPACK),
        (b"%PDF-", "a PDF", "save what it shows as a table or a text"),
        (
            b"SQLite format 3\0",
            "a SQLite database",
            "write the table to a CSV file, as `sqlite3 -csv -header` does",
        ),
        (
            b"version https://git-lfs.github.com/spec/",
            "a Git LFS pointer, not the file itself",
            "fetch it with `git lfs pull`",
        ),
    ];
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", UNPACK));
    }
    let found = begins.iter().find(|(begin, ..)| bytes.starts_with(begin));
    found.map(|(_, kind, advice)| (*kind, *advice))
}

fn unpack(bytes: Vec<u8>, path: &Path) -> Result<Opened, Error> {
    let most = Packing::most(bytes.len());
    let without = |endings: &[&str]| {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            true => path.with_extension(""),
            false => path.to_path_buf(),
        }
    };
    let opened = |bytes, name, packed| Opened {
        bytes,
        name,
        packed: Some(packed),
    };
    refuse_foreign(&bytes, path)?;
    match bytes.as_slice() {
        [0x1f, 0x8b, 8, ..] => {
            let reader = MultiGzDecoder::new(bytes.as_slice());
            Ok(opened(limited(reader, most, path)?, without(&["gz", "gzip"]), "gzip"))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let reader = zstd::Decoder::new(bytes.as_slice()).map_err(|e| damaged(path, &e))?;
            Ok(opened(limited(reader, most, path)?, without(&["zst", "zstd"]), "zstd"))
        }
        [b'P', b'K', 3, 4, ..] => match only_file(&bytes, most, path)? {
            Some((bytes, name)) => Ok(opened(bytes, name, "zip")),
            None => Ok(Opened {
                bytes,
                name: path.into(),
                packed: None,
            }),
        },
        _ => match path.extension().is_some_and(|ending| ending == "gz" || ending == "zst") {
            true => Err(Error::Packed {
                path: path.into(),
                message: "cannot be unpacked: it is not packed as its name says, or damaged; name it without the \
                          ending, or pack it anew"
                    .into(),
            }),
            false => Ok(Opened {
                bytes,
                name: path.into(),
                packed: None,
            }),
        },
    }
}

fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::Packed {
        path: path.into(),
        message: format!("cannot be unpacked: {reason}; it is damaged, or cut short"),
    }
}

fn limited(reader: impl Read, most: u64, path: &Path) -> Result<Vec<u8>, Error> {
    let mut unpacked = Vec::new();
    reader
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .map_err(|reason| damaged(path, &reason))?;
    if unpacked.len() as u64 > most {
        return Err(too_large(most, path));
    }
    Ok(unpacked)
}

fn too_large(most: u64, path: &Path) -> Error {
    Error::Packed {
        path: path.into(),
        message: format!(
            "unpacks to more than {} MiB, far more than such a file usually holds; if that is meant, unpack it and name the \
             unpacked file",
            most >> 20
        ),
    }
}

/// The one file in a zip archive, with its name; `None` for a workbook.
fn only_file(bytes: &[u8], most: u64, path: &Path) -> Result<Option<(Vec<u8>, PathBuf)>, Error> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for place in 0..archive.len() {
        let file = archive
            .by_index(place)
            .map_err(|reason| damaged(path, &reason))?;
        let name = file.name().map_err(|reason| damaged(path, &reason))?;
        names.push(name.into_owned());
    }
    let is_workbook = |name: &String| name == "[Content_Types].xml" || name == "mimetype";
    if names.iter().any(is_workbook) {
        return Ok(None);
    }
    names.retain(|name| !name.ends_with('/') && !name.starts_with("__MACOSX/"));
    let files = names;
    let [name] = files.as_slice() else {
        return Err(Error::Packed {
            path: path.into(),
            message: format!(
                "holds {} files ({}); unpack it and name the one that is meant",
                files.len(),
                crate::names::list(files.iter().map(String::as_str), 8)
            ),
        });
    };
    let file = archive
        .by_name(name)
        .map_err(|reason| damaged(path, &reason))?;
    let unpacked = limited(file, most, path)?;
    let inner = Path::new(name).file_name().unwrap_or_default();
    Ok(Some((unpacked, path.with_file_name(inner))))
}

impl Content {
    /// What the beginning of some bytes is.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        if bytes.starts_with(b"PK\x03\x04")
            || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        {
            return Self::Spreadsheet;
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text.trim_ascii_start();
        match text.first() {
            Some(b'[') => match text[1..].trim_ascii_start().first() {
                Some(b'{' | b'[' | b']') => Self::Json,
                _ => Self::Other,
            },
            Some(b'{') => {
                let (line, rest) = match memchr::memchr(b'\n', text) {
                    Some(end) => text.split_at(end),
                    None => (text, &[][..]),
                };
                // A single object of lists or objects is a table by columns.
                let is_only = rest.trim_ascii().is_empty();
                let is_nested = |value: &RawValue| value.get().starts_with(['[', '{']);
                match serde_json::from_slice::<Fields<&RawValue>>(line) {
                    Ok(Fields(fields))
                        if is_only && fields.iter().any(|(_, value)| is_nested(value)) =>
                    {
                        Self::Json
                    }
                    Ok(_) => Self::JsonLines,
                    Err(_) => Self::Json,
                }
            }
            _ => Self::Other,
        }
    }
}

/// What a file is, and its name without the ending of what packed it. Of a plain file only the beginning is read.
pub(crate) fn peek(path: &Path) -> Result<(Content, PathBuf), Error> {
    let whole = || open(path).map(|opened| (Content::of(&opened.bytes), opened.name));
    if is_stdin(path) {
        return whole();
    }
    let failed = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(64 << 10).read_to_end(&mut head).map_err(failed)?;
    match head.as_slice() {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', 3, 4, ..] => whole(),
        head => Ok((Content::of(head), path.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = b"date,y\n2021-01-01,0\n";

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            out.start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn unpacked(bytes: Vec<u8>, name: &str) -> Result<(Vec<u8>, String), String> {
        let opened = unpack(bytes, Path::new(name)).map_err(|error| error.to_string())?;
        Ok((opened.bytes, opened.name.display().to_string()))
    }

    #[test]
    fn packed_files_by_their_bytes() {
        let expected = (TEXT.to_vec(), "y.csv".to_string());
        assert_eq!(unpacked(gz(TEXT), "y.csv.gz").unwrap(), expected);
        assert_eq!(unpacked(gz(TEXT), "y.csv").unwrap(), expected);
        let zst = zstd::encode_all(TEXT, 3).unwrap();
        assert_eq!(unpacked(zst, "y.csv.zst").unwrap(), expected);
        assert_eq!(
            unpacked(zipped(&[("y.csv", TEXT)]), "a.zip").unwrap(),
            expected
        );
        assert_eq!(unpacked(TEXT.to_vec(), "y.csv").unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_unpacked() {
        let two = zipped(&[("a.csv", TEXT), ("b.csv", TEXT)]);
        let says = |bytes: Vec<u8>, name: &str, part: &str| {
            let message = unpacked(bytes, name).unwrap_err();
            assert!(message.contains(part), "{message}");
        };
        says(two, "a.zip", "holds 2 files (a.csv, b.csv)");
        says(
            TEXT.to_vec(),
            "y.csv.gz",
            "it is not packed as its name says",
        );
        let mut short = gz(&TEXT.repeat(100));
        short.truncate(short.len() / 2);
        says(short, "y.csv.gz", "cannot be unpacked");
        says(
            gz(&vec![b'0'; (FREE + 1) as usize]),
            "zeros.csv.gz",
            "unpacks to more than 64 MiB",
        );
    }

    #[test]
    fn what_is_neither_a_text_nor_packed_as_this_program_reads() {
        // The first bytes as libmagic knows them.
        let says = |bytes: &[u8], part: &str| {
            let message = unpacked(bytes.to_vec(), "y.csv").unwrap_err();
            assert!(message.contains(part), "{message}");
        };
        says(b"BZh91AY&SY", "packed with bzip2; unpack it");
        says(b"\xfd7zXZ\0\0\x04", "packed with xz");
        says(b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive");
        says(b"%PDF-1.7\n", "a PDF");
        says(
            b"version https://git-lfs.github.com/spec/v1\n",
            "git lfs pull",
        );
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"y.csv");
        tar[257..262].copy_from_slice(b"ustar");
        says(&tar, "a tar archive");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("y.tar.gz");
        std::fs::write(&path, gz(&tar)).unwrap();
        let message = open(&path).unwrap_err().to_string();
        assert!(message.contains("a tar archive"), "{message}");
        assert!(unpacked(b"BZ hours,y\n".to_vec(), "y.csv").is_ok());
    }

    #[test]
    fn content_by_the_first_bytes() {
        assert_eq!(Content::of(b"PAR1..."), Content::Parquet);
        assert_eq!(Content::of(b"PK\x03\x04"), Content::Spreadsheet);
        assert_eq!(Content::of(b" [ {\"a\": 1}]"), Content::Json);
        assert_eq!(Content::of(b"{\"a\": 1}\n{\"a\": 2}\n"), Content::JsonLines);
        assert_eq!(Content::of(b"{\n\"a\": [1]}"), Content::Json);
        assert_eq!(Content::of(b"{\"a\": {\"0\": 1}}\n"), Content::Json);
        assert_eq!(
            Content::of(b"{\"a\": [1]}\n{\"a\": [2]}\n"),
            Content::JsonLines
        );
        assert_eq!(Content::of(b"[a],b\n"), Content::Other);
    }
}
