//! Made data as folders of files, as one's own data would be.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{CaptionShapes, GlyphPicture, MovingDigits, npy};
use crate::media::frames::encode_gif;
use crate::media::picture::encode_png;
use crate::{Error, write_atomic};

/// How clips are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipFormat {
    /// Animated GIF files in greys, which any viewer shows.
    #[default]
    Gif,
    /// NumPy arrays `[time, side, side]` of 32-bit floats in 0..1.
    Npy,
}

/// Writes `count` clips into a new folder: `clips/00000.gif` and so on, and `labels.csv` with the columns `file`,
/// `digit`, `direction`, `directions` (one for each frame, with spaces between) and `bounced` (likewise, `yes` and `no`).
///
/// With `pictures` these move instead of our own digits. `labels.csv` is written last: a folder that has it is complete.
///
/// # Errors
/// [`Error::Config`] for settings that cannot be drawn; [`Error::Media`] for a folder that holds something already;
/// [`Error::Io`].
pub fn write_moving_digits(
    folder: &Path,
    settings: &MovingDigits,
    pictures: Option<&[GlyphPicture]>,
    count: usize,
    format: ClipFormat,
) -> Result<(), Error> {
    draw_moving_digits(folder, settings, pictures, count, format, &mut |_, _| {})
}

/// As [`write_moving_digits`]; `drawn` hears how many of how many are.
pub(crate) fn draw_moving_digits(
    folder: &Path,
    settings: &MovingDigits,
    pictures: Option<&[GlyphPicture]>,
    count: usize,
    format: ClipFormat,
    drawn: &mut dyn FnMut(usize, usize),
) -> Result<(), Error> {
    settings.check()?;
    prepare(folder, "clips")?;
    let mut labels = String::from("file,digit,direction,directions,bounced\n");
    for index in 0..count {
        let clip = match pictures {
            Some(pictures) => settings.clip_of(pictures, index as u64)?,
            None => settings.clip(index as u64)?,
        };
        let ending = match format {
            ClipFormat::Gif => "gif",
            ClipFormat::Npy => "npy",
        };
        let name = file_name("clips", index, count, ending);
        let path = folder.join(&name);
        let bytes = match format {
            ClipFormat::Gif => encode_gif(&path, &clip.frames)?,
            ClipFormat::Npy => {
                let shape = [settings.frames, settings.side, settings.side];
                npy::encode(&clip.frames.frames, &shape)
            }
        };
        write(&path, &bytes)?;
        let directions: Vec<String> = clip.directions.iter().map(ToString::to_string).collect();
        let bounced = clip.bounced.iter().map(|&x| if x { "yes" } else { "no" });
        let bounced: Vec<&str> = bounced.collect();
        labels += &row(&[
            &name,
            &clip.glyph,
            &clip.direction.to_string(),
            &directions.join(" "),
            &bounced.join(" "),
        ]);
        drawn(index + 1, count);
    }
    write_atomic(folder.join("labels.csv"), labels.as_bytes())
}

/// Writes `count` pictures into a new folder: `pictures/00000.png` and so on, and `captions.csv` with the columns `file`,
/// `english` and `korean`, which is written last.
///
/// # Errors
/// As [`write_moving_digits`].
pub fn write_caption_shapes(
    folder: &Path,
    settings: &CaptionShapes,
    count: usize,
) -> Result<(), Error> {
    draw_caption_shapes(folder, settings, count, &mut |_, _| {})
}

/// As [`write_caption_shapes`]; `drawn` hears how many of how many are.
pub(crate) fn draw_caption_shapes(
    folder: &Path,
    settings: &CaptionShapes,
    count: usize,
    drawn: &mut dyn FnMut(usize, usize),
) -> Result<(), Error> {
    settings.check()?;
    prepare(folder, "pictures")?;
    let mut captions = String::from("file,english,korean\n");
    for index in 0..count {
        let captioned = settings.captioned(index as u64)?;
        let name = file_name("pictures", index, count, "png");
        let path = folder.join(&name);
        let picture = &captioned.picture;
        let bytes = encode_png(&path, &picture.rgb, picture.width, picture.height)?;
        write(&path, &bytes)?;
        captions += &row(&[&name, &captioned.english, &captioned.korean]);
        drawn(index + 1, count);
    }
    write_atomic(folder.join("captions.csv"), captions.as_bytes())
}

/// Makes the folders, unless something is there that would be mixed with what is written.
fn prepare(folder: &Path, inner: &str) -> Result<(), Error> {
    let failed = |source| Error::Io {
        action: "write",
        path: folder.into(),
        source,
    };
    fs::create_dir_all(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        return Err(Error::Media {
            path: folder.into(),
            message: "the folder is not empty; name a new one".into(),
        });
    }
    fs::create_dir(folder.join(inner)).map_err(failed)
}

/// `clips/00042.gif`, with as many digits as the last number has, at least five, so that names sort as numbers do.
fn file_name(inner: &str, index: usize, count: usize, ending: &str) -> String {
    let digits = count.saturating_sub(1).to_string().len().max(5);
    format!("{inner}/{index:0digits$}.{ending}")
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|source| Error::Io {
        action: "write",
        path: path.into(),
        source,
    })
}

/// A line of CSV, in quotes what needs them (RFC 4180).
fn row(cells: &[&str]) -> String {
    let cell = |cell: &&str| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => (*cell).to_owned(),
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    cells.join(",") + "\n"
}
