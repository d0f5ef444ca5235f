//! Public datasets that are not ours to ship: where they come from, what they may be used for, and how to get them.
//!
//! Most are fetched as they are published. Some are made here from what is fetched, by a rule that is code, and a few are drawn here.
//! Whatever the way, the files are those whose sums the registry lists.

mod archive;
mod download;
mod draw;
mod entry;
mod make;
mod many;
mod place;
mod sum;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::{Error, names};
use download::Fetcher;
pub use draw::Drawing;
pub use entry::{Archive, Dataset, DatasetFile, How};
pub use make::Maker;
pub use many::Many;
use place::Workplace;

/// How far the getting of a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being done.
    pub stage: Stage,
    /// The file or the repository that is fetched, or the dataset that is made or drawn.
    pub file: &'a str,
    /// How much is done: bytes, or files that are drawn.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

/// What is being done to get a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A file is being fetched; counted in bytes.
    Fetching,
    /// A repository, which is larger, is being fetched for some of its files; counted in bytes of these.
    Unpacking,
    /// The dataset is being made from what was fetched.
    Making,
    /// The dataset is being drawn; counted in files.
    Drawing,
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

/// The folder that `ELMAN_DATA` names.
fn own_root() -> Option<PathBuf> {
    std::env::var_os("ELMAN_DATA")
        .filter(|root| !root.is_empty())
        .map(PathBuf::from)
}

/// The folder of a dataset: `$ELMAN_DATA/<name>` if that exists, else its place in the cache (which may not exist yet).
///
/// # Errors
/// [`Error::NoDataset`]; [`Error::Config`] when the system names no cache folder.
pub fn resolve(name: &str) -> Result<PathBuf, Error> {
    let dataset = describe(name)?;
    if let Some(root) = own_root() {
        let folder = root.join(&dataset.name);
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    Ok(cache_folder()?.join(&dataset.name))
}

/// The folder that a dataset is put into: where it is, else `$ELMAN_DATA/<name>` if that can be written, else the cache.
fn destination(name: &str) -> Result<PathBuf, Error> {
    let found = resolve(name)?;
    if found.is_dir() {
        return Ok(found);
    }
    let writable = |root: &PathBuf| {
        std::fs::create_dir_all(root).is_ok() && tempfile::tempdir_in(root).is_ok()
    };
    Ok(own_root()
        .filter(writable)
        .map_or(found, |root| root.join(name)))
}

/// Makes sure that a dataset is there and whole, by fetching, making or drawing it, and gives its folder.
///
/// `progress` hears of every step.
///
/// # Errors
/// [`Error::NoDataset`], [`Error::Download`], [`Error::Checksum`], [`Error::Busy`], [`Error::Io`]. Files that were there whole before
/// stay; nothing unfinished does.
pub fn get(name: &str, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<PathBuf, Error> {
    let folder = destination(name)?;
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
    /// Puts into `folder` every file of the dataset that is not there with the right sum.
    ///
    /// # Errors
    /// As [`get`].
    pub fn get_into(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        self.get_with(&Fetcher::from_environment()?, folder, progress)
    }

    fn get_with(
        &self,
        fetcher: &Fetcher,
        folder: &Path,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        let right = |file: &&DatasetFile| {
            sum::of_file(&folder.join(&file.name), file.packed).as_ref() == Some(&file.sha256)
        };
        let lacking: Vec<&DatasetFile> = self.files.iter().filter(|file| !right(file)).collect();
        let many = self.many.as_ref();
        let lacks_many = many.is_some_and(|many| many.check(folder).is_err());
        if lacking.is_empty() && !lacks_many {
            return Ok(());
        }
        if let Some(drawing) = self.draw {
            drawing.check_place(folder)?;
        }
        let place = Workplace::open(folder)?;
        for file in &lacking {
            if let Some(url) = self.url(file) {
                fetcher.fetch(&url, file, &place.made().join(&file.name), progress)?;
                place.settle(&file.name)?;
            }
        }
        let made: Vec<&DatasetFile> = lacking
            .into_iter()
            .filter(|file| self.url(file).is_none())
            .collect();
        if made.is_empty() && !lacks_many {
            return Ok(());
        }
        self.make_in(&place, fetcher, progress)?;
        self.check_made(&place.made(), &made, lacks_many)?;
        // What is listed comes last: a folder that has it is whole.
        let listed = |name: &String| self.files.iter().any(|file| file.name == *name);
        let (last, first): (Vec<String>, _) = place::names_in(&place.made())?
            .into_iter()
            .partition(listed);
        for name in first.iter().chain(&last) {
            place.settle(name)?;
        }
        Ok(())
    }

    /// Fetches what is needed and makes or draws the dataset, where it is not yet checked.
    fn make_in(
        &self,
        place: &Workplace,
        fetcher: &Fetcher,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        if let Some(drawing) = self.draw {
            return drawing.draw(&place.made(), &self.name, progress);
        }
        let Some(maker) = self.make else {
            // Fetched, as a part of a repository.
            let archive = self.archive.as_ref().expect("the registry is tested");
            return archive::fetch(archive, fetcher, &place.made(), progress);
        };
        let upstream = place.upstream();
        if let Some(archive) = &self.archive {
            archive::fetch(archive, fetcher, &upstream, progress)?;
        }
        for file in &self.upstream {
            let url = self.address(file).expect("the registry is tested");
            fetcher.fetch(&url, file, &upstream.join(&file.name), progress)?;
        }
        progress(&Progress {
            stage: Stage::Making,
            file: &self.name,
            done: 0,
            total: self.size().1,
        });
        maker.make(&upstream, &place.made())
    }

    /// Whether what was made in `folder` is what the registry lists.
    fn check_made(&self, folder: &Path, made: &[&DatasetFile], many: bool) -> Result<(), Error> {
        let differs = |what: &str, found: String| Error::Made {
            name: self.name.clone(),
            file: what.into(),
            found,
        };
        for file in made {
            let found = sum::of_file(&folder.join(&file.name), file.packed);
            if found.as_ref() != Some(&file.sha256) {
                let found = found.unwrap_or_else(|| "no file".into());
                return Err(differs(&file.name, found));
            }
        }
        if let Some(many) = self.many.as_ref().filter(|_| many) {
            let checked = many.check(folder);
            checked.map_err(|found| differs(&many.names.join(", "), found))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
