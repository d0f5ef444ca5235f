//! Public datasets that are not ours to ship: where they come from, what they may be used for, and how to get them.

mod download;
mod maker;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::{Error, names};
pub use download::Progress;
pub use maker::Maker;

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
    /// What the addresses of its files begin with. A dataset has this, `make` or `maker`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// How a user makes the files of a dataset that nobody publishes as they are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    /// What makes it, where no one need fetch it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<Maker>,
    /// Its files; of a dataset that is made here, those that are written last.
    pub files: Vec<DatasetFile>,
}

/// One file of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// Its name in the dataset's folder.
    pub name: String,
    /// Its address after `base_url`, if that differs from `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it is published compressed with gzip; what is kept is unpacked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gzip: bool,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Deserialize)]
struct Registry {
    dataset: Vec<Dataset>,
}

static REGISTRY: LazyLock<Vec<Dataset>> = LazyLock::new(|| {
    let registry: Registry =
        toml::from_str(include_str!("../datasets.toml")).expect("the embedded registry is tested");
    registry.dataset
});

/// All datasets, by name.
pub fn list() -> &'static [Dataset] {
    &REGISTRY
}

/// The dataset called `name`.
///
/// # Errors
/// [`Error::NoDataset`] offering the nearest name.
pub fn describe(name: &str) -> Result<&'static Dataset, Error> {
    let known = || list().iter().map(|dataset| dataset.name.as_str());
    list()
        .iter()
        .find(|dataset| dataset.name == name)
        .ok_or_else(|| Error::NoDataset {
            name: name.into(),
            nearest: names::nearest_phrase(name, known()),
            known: names::list(known(), 100),
        })
}

/// The folder of a dataset: `$ELMAN_DATA/<name>` if that exists, else its place in the cache (which may not exist yet).
///
/// # Errors
/// [`Error::NoDataset`]; [`Error::Config`] when the system names no cache folder.
pub fn resolve(name: &str) -> Result<PathBuf, Error> {
    let dataset = describe(name)?;
    if let Some(root) = std::env::var_os("ELMAN_DATA").filter(|root| !root.is_empty()) {
        let folder = Path::new(&root).join(&dataset.name);
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    Ok(cache_folder()?.join(&dataset.name))
}

/// Makes sure that a dataset is there and whole, downloading what is missing, and gives its folder.
///
/// `progress` is told of every piece that arrives.
///
/// # Errors
/// [`Error::NoDataset`], [`Error::Download`], [`Error::Checksum`], [`Error::Io`]; [`Error::MadeByHand`] saying how.
/// Whatever was fetched before stays.
pub fn get(name: &str, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<PathBuf, Error> {
    let folder = resolve(name)?;
    describe(name)?.get_into(&folder, progress)?;
    Ok(folder)
}

/// Where downloads are kept: `elman` in the user's cache folder.
///
/// # Errors
/// [`Error::Config`] when the system names no cache folder.
pub fn cache_folder() -> Result<PathBuf, Error> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| Error::Config {
        key: "ELMAN_DATA".into(),
        message: format!(
            "the system names no cache folder ({error}); set ELMAN_DATA to a folder for datasets"
        ),
    })?;
    Ok(strategy.cache_dir().join("elman"))
}

impl Dataset {
    /// Whether every file is in `folder` with its right size.
    pub fn is_complete(&self, folder: &Path) -> bool {
        self.files.iter().all(|file| {
            folder
                .join(&file.name)
                .metadata()
                .is_ok_and(|found| found.len() == file.bytes)
        })
    }

    /// The address of one of its files, if it can be fetched.
    pub fn url(&self, file: &DatasetFile) -> Option<String> {
        let base = self.base_url.as_ref()?;
        Some(format!(
            "{base}{}",
            file.url.as_deref().unwrap_or(&file.name)
        ))
    }

    /// Makes the dataset in `folder`, or downloads into it every file that is not there with the right sum.
    ///
    /// # Errors
    /// As [`get`].
    pub fn get_into(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        if let Some(maker) = self.maker.filter(|_| !self.is_complete(folder)) {
            maker.make(folder)?;
        }
        for file in &self.files {
            let path = folder.join(&file.name);
            if download::sum_of(&path).is_some_and(|sum| sum == file.sha256) {
                continue;
            }
            let Some(url) = self.url(file) else {
                return Err(Error::MadeByHand {
                    name: self.name.clone(),
                    path,
                    source_name: self.source.clone(),
                    make: self.make.clone().unwrap_or_default(),
                });
            };
            download::fetch(&url, file, &path, progress)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
