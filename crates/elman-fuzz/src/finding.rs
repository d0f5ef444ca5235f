//! What went wrong, and the file that makes it go wrong again.

use std::fmt;
use std::path::{Path, PathBuf};

/// In which of four ways a reader failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It panicked, or the process ended.
    Panic,
    /// It took far longer than a file of this size should.
    Hang,
    /// It asked for more memory than a file of this size should.
    Memory,
    /// It accepted what cannot be right.
    Garbage,
}

impl Kind {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Panic, Self::Hang, Self::Memory, Self::Garbage];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Hang => "hang",
            Self::Memory => "memory",
            Self::Garbage => "garbage",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that went wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// In which way.
    pub kind: Kind,
    /// What was said or measured.
    pub message: String,
    /// The number of the input.
    pub number: u64,
}

/// Where an input came from; the name of the file that keeps it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The reader's name.
    pub reader: String,
    /// Which of its files the input was made of.
    pub case: usize,
    /// The seed.
    pub seed: u64,
    /// The number of the input.
    pub number: u64,
    /// What went wrong.
    pub kind: Kind,
}

impl Source {
    /// The file in `folder` that keeps the input.
    pub fn path(&self, folder: &Path) -> PathBuf {
        let Self {
            reader,
            case,
            seed,
            number,
            kind,
        } = self;
        folder.join(format!("{reader}.{case}.{seed}.{number}.{kind}"))
    }

    /// What the name of such a file says.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let parts: Vec<&str> = name.split('.').collect();
        let [reader, case, seed, number, kind, ..] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            reader: (*reader).into(),
            case: case.parse().ok()?,
            seed: seed.parse().ok()?,
            number: number.parse().ok()?,
            kind: Kind::of(kind)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_where_its_input_came_from() {
        let source = Source {
            reader: "wav".into(),
            case: 2,
            seed: 9,
            number: 1234,
            kind: Kind::Memory,
        };
        let path = source.path("found".as_ref());
        assert_eq!(path, Path::new("found/wav.2.9.1234.memory"));
        assert_eq!(Source::of(&path), Some(source.clone()));
        assert_eq!(
            Source::of("found/wav.2.9.1234.memory.small".as_ref()),
            Some(source)
        );
        assert_eq!(Source::of("found/wav.2.9.x.memory".as_ref()), None);
    }
}
