//! What the registry says of a dataset.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::draw::Drawing;
use super::make::Maker;
use super::many::Many;

/// A dataset of the registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Its name, also that of its folder.
    pub name: String,
    /// What it is, in one line.
    pub about: String,
    /// Under which terms.
    pub licence: String,
    /// Who publishes it.
    pub source: String,
    /// How it is usually split.
    pub split: String,
    /// What the addresses of its files begin with, unless they are whole addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Files that are fetched to make others from; they are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<DatasetFile>,
    /// A repository of which some files are fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
    /// What makes its files from those that are fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make: Option<Maker>,
    /// What draws it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Drawing>,
    /// Its files, by name.
    #[serde(default)]
    pub files: Vec<DatasetFile>,
    /// Its files that are too many to be listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub many: Option<Many>,
}

/// One file of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// Its name in the dataset's folder.
    pub name: String,
    /// Its whole address, or the part after `base_url`, if that differs from `name`. In a dataset that is made, a file without an
    /// address is one that is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it is published compressed with gzip; what is kept is unpacked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gzip: bool,
    /// Whether it is kept compressed with gzip. Its sum and size are then those of its contents, because programs compress differently.
    #[serde(default, skip_serializing_if = "is_false")]
    pub packed: bool,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Some files of a repository, which is fetched as one `.tar.gz`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// Its address.
    pub url: String,
    /// What the names of the files begin with and lose.
    pub strip: String,
    /// Patterns of the files that are taken, below the archive's only folder.
    pub take: Vec<String>,
    /// More bytes than the unpacked archive has: what is longer is not unpacked any further.
    pub unpacked: u64,
    /// How many files are taken.
    pub files: usize,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// The sum of their list, as that of [`Many`].
    pub sha256: String,
}

/// How one comes by a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its files are published as they are used.
    Fetched,
    /// It is made here from files that are fetched.
    Made,
    /// It is drawn here; nothing need be fetched, or only the recordings of another dataset.
    Drawn,
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fetched => "fetched",
            Self::Made => "made",
            Self::Drawn => "drawn",
        })
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Dataset {
    /// How one comes by it.
    pub fn how(&self) -> How {
        match (self.draw, self.make) {
            (Some(_), _) => How::Drawn,
            (None, Some(_)) => How::Made,
            (None, None) => How::Fetched,
        }
    }

    /// How many files it has, and their bytes together. Files that are kept compressed count as they are unpacked.
    pub fn size(&self) -> (usize, u64) {
        let listed: u64 = self.files.iter().map(|file| file.bytes).sum();
        let (files, bytes) = self
            .many
            .as_ref()
            .map_or((0, 0), |many| (many.files, many.bytes));
        (self.files.len() + files, listed + bytes)
    }

    /// The dataset that it is drawn from, if it is drawn from another.
    pub fn drawn_from(&self) -> Option<&'static str> {
        self.draw.and_then(Drawing::recordings)
    }

    /// Whether every file is in `folder` with its right size.
    pub fn is_complete(&self, folder: &Path) -> bool {
        self.files.iter().all(|file| file.has_its_size(folder))
            && self.many.as_ref().is_none_or(|many| many.are_in(folder))
    }

    /// The address of one of its files, if it is fetched as it is.
    pub fn url(&self, file: &DatasetFile) -> Option<String> {
        let made = self.make.is_some() || self.draw.is_some();
        if made && file.url.is_none() {
            return None;
        }
        self.address(file)
    }

    /// The address of a file that is fetched.
    pub(super) fn address(&self, file: &DatasetFile) -> Option<String> {
        let tail = file.url.as_deref().unwrap_or(&file.name);
        if tail.starts_with("https://") {
            return Some(tail.into());
        }
        Some(format!("{}{tail}", self.base_url.as_ref()?))
    }
}

impl DatasetFile {
    fn has_its_size(&self, folder: &Path) -> bool {
        let path = folder.join(&self.name);
        if self.packed {
            return unpacked_size(&path) == Some(self.bytes as u32);
        }
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == self.bytes)
    }
}

/// What the end of a gzip file says of the size of its contents, modulo 2³².
fn unpacked_size(path: &Path) -> Option<u32> {
    let mut file = File::open(path).ok()?;
    let mut end = [0; 4];
    file.seek(SeekFrom::End(-4)).ok()?;
    file.read_exact(&mut end).ok()?;
    Some(u32::from_le_bytes(end))
}
