//! Datasets that are drawn here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Progress, Stage};
use crate::media::made::{
    CaptionShapes, ClipFormat, MovingDigits, draw_caption_shapes, draw_moving_digits,
};
use crate::media::sound::{
    SilenceConfig, Sound, draw_strings, join_with_silence, read_wav, write_wav,
};
use crate::{Error, write_atomic};

/// What draws a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawing {
    /// 3,000 clips of 16 frames in which a digit moves in one of eight directions.
    MovingDigits,
    /// 2,000 clips of 20 frames in which a digit moves in one of four directions and turns back at the edges.
    BouncingDigits,
    /// 6,000 pictures of one to three shapes, each with its sentence.
    CaptionShapes,
    /// Strings of three to six digits, from the recordings of the dataset `fsdd`: 1,500 for training, 300 for testing.
    SpokenStrings,
}

/// Where the recordings are that strings are made of.
const RECORDINGS: &str = "fsdd";
/// Takes of each digit and speaker that strings for testing are made of; the others are for training.
const TEST_TAKES: u32 = 5;

impl Drawing {
    /// The dataset whose recordings it needs.
    pub(super) fn recordings(self) -> Option<&'static str> {
        (self == Self::SpokenStrings).then_some(RECORDINGS)
    }

    /// A folder that holds something is not drawn into.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(super) fn check_place(self, folder: &Path) -> Result<(), Error> {
        let is_hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
        let mut found = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        if found.any(|entry| !is_hidden(&entry)) {
            return Err(Error::Media {
                path: folder.into(),
                message: "the folder holds something else than the dataset that is drawn here, or a part of it; move it away first".into(),
            });
        }
        Ok(())
    }

    /// Draws into the empty folder `folder`.
    ///
    /// # Errors
    /// [`Error::Io`]; those of getting another dataset that it is drawn from.
    pub(super) fn draw(
        self,
        folder: &Path,
        name: &str,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<(), Error> {
        let from = self
            .recordings()
            .map(|from| super::get(from, progress))
            .transpose()?;
        let drawn = &mut |done: usize, total: usize| {
            progress(&Progress {
                stage: Stage::Drawing,
                file: name,
                done: done as u64,
                total: total as u64,
            });
        };
        match self {
            Self::MovingDigits => {
                let settings = MovingDigits::default();
                draw_moving_digits(folder, &settings, None, 3_000, ClipFormat::Gif, drawn)
            }
            Self::BouncingDigits => {
                let settings = MovingDigits {
                    bounce: true,
                    directions: 4,
                    frames: 20,
                    ..MovingDigits::default()
                };
                draw_moving_digits(folder, &settings, None, 2_000, ClipFormat::Gif, drawn)
            }
            Self::CaptionShapes => {
                draw_caption_shapes(folder, &CaptionShapes::default(), 6_000, drawn)
            }
            Self::SpokenStrings => write_strings(&from.unwrap_or_default(), folder, drawn),
        }
    }
}

/// Joins recordings called `{digit}_{speaker}_{take}.wav`, those of one speaker with each other.
fn write_strings(
    from: &Path,
    folder: &Path,
    drawn: &mut dyn FnMut(usize, usize),
) -> Result<(), Error> {
    let parts = [("train", 1_500), ("test", 300)];
    let (mut done, total) = (0, parts.iter().map(|part| part.1).sum());
    let mut clips: BTreeMap<(bool, String), Vec<(char, Sound)>> = BTreeMap::new();
    for path in recordings(from)? {
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
                done += 1;
                drawn(done, total);
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
