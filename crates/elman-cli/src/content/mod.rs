//! What a user's file holds: what `data describe` says of it and `recipe init` begins from.

mod head;
mod long;
mod parts;
mod plain;

pub use head::{Head, PICTURES, Rows, SENTENCES, Texts, hangul, is_dna};
pub use long::Long;
pub use parts::{Split, split_of};
pub use plain::{Beginning, Plain};

use crate::args::InitTask;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What kind of file it is, by its name and, where that does not say it, by its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows and columns.
    Table,
    /// Running text.
    Text,
    /// Sentences whose words carry tags, a word on each line.
    Tagged,
    /// A text on each line, its label before it.
    LabelFirst,
    /// The same with `__label__` before the label.
    Fasttext,
    /// An archive of labelled series (`.ts`).
    Archive,
    /// Arrays (`.npy`, IDX).
    Array,
    /// A recording.
    Sound,
    /// A picture, or a video.
    Picture,
    /// Tensors with names.
    Weights,
    /// Something else.
    Other,
}

/// Bytes that are looked at.
const BEGINNING: u64 = 1 << 18;

impl Kind {
    /// The kind of a file that exists.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let ending = ending(path);
        Ok(match ending.as_str() {
            "conllu" | "conll" | "iob" | "bio" => Self::Tagged,
            "ts" => Self::Archive,
            "npy" => Self::Array,
            "wav" | "wave" => Self::Sound,
            "png" | "jpg" | "jpeg" | "bmp" | "webp" | "gif" | "y4m" | "apng" => Self::Picture,
            "safetensors" | "pth" | "pt" | "ckpt" => Self::Weights,
            "csv" | "jsonl" | "ndjson" | "json" | "parquet" | "pq" | "xlsx" | "xlsm" | "xlsb"
            | "xls" | "ods" | "zip" => Self::Table,
            _ if name(path).contains("-ubyte") || ending == "idx" => Self::Array,
            _ => Self::by_content(path, &ending)?,
        })
    }

    fn by_content(path: &Path, ending: &str) -> std::io::Result<Self> {
        let table = matches!(ending, "tsv" | "tab" | "data" | "dat");
        if packed(path) {
            return Ok(if table { Self::Table } else { Self::Text });
        }
        let Some(beginning) = Beginning::read(path)? else {
            return Ok(if table { Self::Table } else { Self::Other });
        };
        Ok(match beginning.plain() {
            Plain::Tagged => Self::Tagged,
            Plain::Fasttext if !table => Self::Fasttext,
            Plain::LabelFirst if !table => Self::LabelFirst,
            Plain::Numbers => Self::Table,
            _ if table => Self::Table,
            _ => Self::Text,
        })
    }

    /// The task that such a file is usually for, whatever its columns are called.
    pub fn task(self) -> Option<InitTask> {
        match self {
            Self::Text => Some(InitTask::Generate),
            Self::Tagged => Some(InitTask::Tag),
            Self::LabelFirst | Self::Fasttext => Some(InitTask::Classify),
            Self::Archive | Self::Array => Some(InitTask::Recognize),
            Self::Table | Self::Sound | Self::Picture | Self::Weights | Self::Other => None,
        }
    }
}

/// The ending of a file's name in small letters, without that of a packed file.
pub fn ending(path: &Path) -> String {
    let stem = path.file_stem().map(Path::new).filter(|_| packed(path));
    let ending = stem.unwrap_or(path).extension();
    ending
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Whether a file is packed, by its name.
pub fn packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ["gz", "zst"]
            .iter()
            .any(|packed| ending.eq_ignore_ascii_case(packed))
    })
}

/// The name of a file without its folder.
pub fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The first bytes of a file, and whether they are all.
fn beginning(path: &Path) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(BEGINNING + 1)
        .read_to_end(&mut bytes)?;
    let whole = bytes.len() as u64 <= BEGINNING;
    bytes.truncate(BEGINNING as usize);
    Ok((bytes, whole))
}

/// Whether a cell says in so many words that there is no value.
pub fn means_nothing(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "\\n", "null", "none", "nil", "n/a", "#n/a", "na", "nan", "nat", "missing", "--", "---",
        ".", "(null)",
    ];
    WORDS.contains(&text.trim().to_lowercase().as_str())
}
