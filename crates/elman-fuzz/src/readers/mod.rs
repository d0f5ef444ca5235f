//! Everything that Elman reads, each with valid files of our own making.

mod answers;
mod media;
mod own;
mod projects;
mod recipes;
mod runs;
mod signals;
mod tables;
mod texts;
mod tokenizers;
mod weights;

use crate::reader::{Case, Reader};
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io;
use std::path::Path;

/// Makes a reader, with what it needs in a folder.
type Open = fn(&Path) -> io::Result<Reader>;

/// The readers of this part of Elman, by name.
type Readers = &'static [(&'static str, Open)];

const ALL: [Readers; 7] = [
    tables::READERS,
    texts::READERS,
    signals::READERS,
    media::READERS,
    weights::READERS,
    recipes::READERS,
    runs::READERS,
];

/// The names of all readers.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().flatten().map(|(name, _)| *name)
}

/// The reader of this name, with what it needs in the folder `work`. Those that the harness itself is tested with have names
/// of their own, which [`names`] leaves out.
///
/// # Errors
/// If the folder cannot be written to.
pub fn open(name: &str, work: &Path) -> io::Result<Option<Reader>> {
    let mut all = ALL.into_iter().chain([own::READERS]).flatten();
    let found = all.find(|(known, _)| *known == name);
    found.map(|(_, open)| open(work)).transpose()
}

/// A reader that reads each of its files in a way of its own, `how`.
fn each<C: 'static>(
    name: &'static str,
    cases: Vec<(Case, C)>,
    read: impl Fn(&C, &Path) -> Result<(), String> + 'static,
) -> Reader {
    let (cases, how): (Vec<Case>, Vec<C>) = cases.into_iter().unzip();
    let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    Reader::new(name, cases, move |case, path| {
        let place = names.iter().position(|name| *name == case.name);
        read(&how[place.expect("a case is one of the reader's")], path)
    })
}

/// A configuration, as JSON.
fn config<C: DeserializeOwned>(json: &str) -> C {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The folder and the name of a file.
fn place(path: &Path) -> (&Path, String) {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    (folder, name.unwrap_or_default())
}

fn said(error: impl Display) -> String {
    error.to_string()
}
