//! Datasets that are drawn or put together here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::media::made::{
    CaptionShapes, ClipFormat, MovingDigits, write_caption_shapes, write_moving_digits,
};
use crate::media::sound::{
    SilenceConfig, Sound, draw_strings, join_with_silence, read_wav, write_wav,
};
use crate::{Error, write_atomic};

/// What makes a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// 3,000 clips of 16 frames in which a digit moves in one of eight directions.
    MovingDigits,
    /// 2,000 clips of 20 frames in which a digit moves in one of four directions and turns back at the edges.
    BouncingDigits,
    /// 6,000 pictures of one to three shapes, each with its sentence.
    CaptionShapes,
    /// Strings of three to six digits, from the recordings of the dataset `fsdd`: 1,500 to learn from, 300 to judge by.
    SpokenStrings,
}

/// Where the recordings are that strings are made of.
const RECORDINGS: &str = "fsdd";
/// Takes of each digit and speaker that strings to judge by are made of; the others are learned from.
const TEST_TAKES: u32 = 5;

impl Maker {
    /// Writes the dataset into `folder`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Media`] for a folder with other contents; [`Error::Io`]; [`Error::MadeByHand`] if it is made from another that is not
    /// there.
    pub(super) fn make(self, folder: &Path) -> Result<(), Error> {
        let io = |action| {
            move |source| Error::Io {
                action,
                path: folder.to_path_buf(),
                source,
            }
        };
        if fs::read_dir(folder).is_ok_and(|mut found| found.next().is_some()) {
            return Err(Error::Media {
                path: folder.into(),
                message: "the folder holds something else than the dataset that is drawn here; move it away first".into(),
            });
        }
        let parent = folder.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).map_err(io("create"))?;
        let place = tempfile::tempdir_in(parent).map_err(io("create"))?;
        let new = place.path().join("new");
        match self {
            Self::MovingDigits => {
                write_moving_digits(&new, &MovingDigits::default(), None, 3_000, ClipFormat::Gif)?;
            }
            Self::BouncingDigits => {
                let settings = MovingDigits {
                    bounce: true,
                    directions: 4,
                    frames: 20,
                    ..MovingDigits::default()
                };
                write_moving_digits(&new, &settings, None, 2_000, ClipFormat::Gif)?;
            }
            Self::CaptionShapes => write_caption_shapes(&new, &CaptionShapes::default(), 6_000)?,
            Self::SpokenStrings => write_strings(&new)?,
        }
        if folder.exists() {
            fs::remove_dir(folder).map_err(io("replace"))?; // it is empty
        }
        fs::rename(&new, folder).map_err(io("write"))
    }
}

/// Joins recordings called `{digit}_{speaker}_{take}.wav`, those of one speaker with each other.
fn write_strings(folder: &Path) -> Result<(), Error> {
    let from = super::resolve(RECORDINGS)?;
    super::describe(RECORDINGS)?.get_into(&from, &mut |_| {})?;
    let parts = [("train", 1_500), ("test", 300)];
    let mut clips: BTreeMap<(bool, String), Vec<(char, Sound)>> = BTreeMap::new();
    for path in recordings(&from)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut said = name.split('_');
        let (Some(digit), Some(speaker), Some(take)) = (said.next(), said.next(), said.next())
        else {
            continue;
        };
        let (Ok(digit), Ok(take)) = (digit.parse(), take.parse::<u32>()) else {
            continue;
        };
        let key = (take < TEST_TAKES, speaker.to_string());
        clips
            .entry(key)
            .or_default()
            .push((digit, read_wav(&path)?));
    }
    let mut table = String::from("file,label,part,speaker\n");
    for (part, count) in parts {
        let sounds = folder.join(part);
        fs::create_dir_all(&sounds).map_err(|source| Error::Io {
            action: "create",
            path: sounds.clone(),
            source,
        })?;
        let speakers = clips
            .iter()
            .filter(|((test, _), _)| *test == (part == "test"));
        let each = count / speakers.clone().count().max(1);
        for (number, ((_, speaker), clips)) in speakers.enumerate() {
            let seed = 2 * number as u64 + u64::from(part == "test");
            for (k, string) in draw_strings(clips.len(), each, 3..=6, seed)
                .iter()
                .enumerate()
            {
                let sounds: Vec<&Sound> = string.iter().map(|clip| &clips[*clip].1).collect();
                let joined = join_with_silence(
                    &sounds,
                    &SilenceConfig::default(),
                    seed * 10_000 + k as u64,
                )?;
                let file = format!("{part}/{speaker}_{k:04}.wav");
                write_wav(folder.join(&file), &joined.sound)?;
                let digits: String = string.iter().map(|clip| clips[*clip].0).collect();
                let _ = writeln!(table, "{file},{digits},{part},{speaker}");
            }
        }
    }
    write_atomic(folder.join("labels.csv"), table.as_bytes())
}

/// The recordings of a folder, in the order of their names.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|source| Error::Io {
        action: "read",
        path: folder.into(),
        source,
    })?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "wav"))
        .collect();
    paths.sort();
    Ok(paths)
}
