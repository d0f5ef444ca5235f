//! Some files of a repository that is fetched as one `.tar.gz`, unpacked as it arrives.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::download::{Broken, Fetcher, broke};
use super::entry::Archive;
use super::many::{Listing, matches, patterns};
use super::place::failed;
use super::sum::Summing;
use super::{Progress, Stage};
use crate::Error;

/// Fetches the archive and puts the files that are taken into the empty folder `into`.
pub(super) fn fetch(
    archive: &Archive,
    fetcher: &Fetcher,
    into: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), Error> {
    progress(&at(archive, 0));
    fetcher.get(&archive.url, |body, address| {
        fs::remove_dir_all(into).map_err(failed("remove", into))?; // of a try that broke
        fs::create_dir(into).map_err(failed("create", into))?;
        unpack(archive, body, address, into, progress)
    })
}

/// What is heard when `done` bytes are unpacked.
fn at(archive: &Archive, done: u64) -> Progress<'_> {
    Progress {
        stage: Stage::Unpacking,
        // …/REPOSITORY/tar.gz/COMMIT
        file: archive.url.rsplit('/').nth(2).unwrap_or(&archive.url),
        done,
        total: archive.bytes,
    }
}

fn unpack(
    archive: &Archive,
    body: &mut dyn Read,
    address: &str,
    into: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), Broken> {
    let wanted = patterns(&archive.take)?;
    let body = MultiGzDecoder::new(body.take(archive.unpacked)).take(archive.unpacked);
    let mut tar = tar::Archive::new(body);
    let (mut list, mut names, mut done) = (Listing::default(), BTreeSet::new(), 0);
    let broken = |error: &io::Error, done| broke(error, done, archive.bytes, address);
    for entry in tar.entries().map_err(|error| broken(&error, 0))? {
        let mut entry = entry.map_err(|error| broken(&error, done))?;
        let Some(name) = taken_name(&entry.path_bytes(), archive, |name| matches(&wanted, name))
        else {
            continue;
        };
        if entry.header().entry_type() != EntryType::Regular || !names.insert(name.clone()) {
            return Err(other(
                archive,
                address,
                &format!("`{name}` is no file, or comes twice"),
            ));
        }
        let size = entry.size();
        if size > archive.bytes - done {
            return Err(other(
                archive,
                address,
                &format!("`{name}` has {size} bytes, too many"),
            ));
        }
        let path = into.join(&name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("create", folder))?;
        }
        let file = File::create_new(&path).map_err(failed("create", &path))?;
        let mut file = Summing::new(file);
        let mut buffer = [0; 1 << 14];
        loop {
            match entry.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => io::Write::write_all(&mut file, &buffer[..read])
                    .map_err(failed("write", &path))?,
                Err(error) => return Err(broken(&error, done + file.bytes)),
            }
        }
        done += file.bytes;
        list.add(name, file.finish().1);
        progress(&at(archive, done));
        if names.len() == archive.files {
            break; // the rest is not waited for
        }
    }
    if names.len() < archive.files {
        let count = names.len();
        return Err(other(
            archive,
            address,
            &format!("it has {count} of {} files", archive.files),
        ));
    }
    let found = list.sum();
    if found != archive.sha256 {
        return Err(Broken::Lasting(Error::Checksum {
            url: address.into(),
            expected: archive.sha256.clone(),
            found,
        }));
    }
    Ok(())
}

/// The name under which an entry of the archive is kept, if it is taken: without the archive's only folder and without what all
/// names begin with. A name that leads elsewhere is never taken.
fn taken_name(path: &[u8], archive: &Archive, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    let (root, name) = path.split_once('/')?;
    if root.is_empty() || !is_taken(name) {
        return None;
    }
    let name = name.strip_prefix(&archive.strip)?;
    let plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0'])
    };
    name.split('/').all(plain).then(|| name.to_string())
}

fn other(archive: &Archive, address: &str, what: &str) -> Broken {
    Broken::Lasting(Error::Download {
        url: address.into(),
        message: format!(
            "the archive is not the one of the registry: {what} (of {} bytes in all)",
            archive.bytes
        ),
    })
}
