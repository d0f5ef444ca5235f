//! Any film, frame by frame.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;

use super::{Frames, animation, folder, frame_features, y4m};
use crate::Error;
use crate::media::picture::{Picture, read_picture, with_format};
use crate::media::{Features, Limits};

/// How long a frame is shown where the file does not say it, in milliseconds.
pub(super) const USUAL_DELAY: f32 = 100.0;

/// Takes one frame after the other.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Picture) -> Result<(), Error>;

/// Reads a film: a folder of pictures of one size in the order of their numbers (`frame2` before `frame10`), an
/// animated GIF or PNG, or a `.y4m` file; a still picture is a film of one frame. What a file is, its content says.
///
/// Animations are composed as browsers do it, over white. Colours of `.y4m` files become red, green and blue by BT.601.
/// There are three channels.
///
/// # Errors
/// [`Error::Io`]; [`Error::Empty`]; [`Error::Media`] for what is none of these, is cut off or damaged, has frames of
/// several sizes, or is larger than `limits`.
pub fn read_frames(path: &Path, limits: &Limits) -> Result<Frames, Error> {
    let (mut size, mut count) = ((0, 0), 0);
    let mut frames = Vec::new();
    let delay_ms = each_frame(path, limits, &mut |picture| {
        count += 1;
        size = (picture.width, picture.height);
        limits.check_film(path, count, size.0 as u64, size.1 as u64)?;
        frames.extend(picture.rgb.iter().map(|&x| f32::from(x) / 255.0));
        Ok(())
    })?;
    Ok(Frames {
        width: size.0,
        height: size.1,
        channels: 3,
        frames,
        delay_ms,
    })
}

/// [`read_frames`] and [`Frames::to_features`] in one, of which only the vectors are ever held: for films that are too
/// large as a whole. `limits.film_pixels` counts what is kept.
///
/// # Errors
/// As [`read_frames`].
///
/// # Panics
/// If `size` holds a 0.
pub fn read_frame_features(
    path: &Path,
    limits: &Limits,
    size: Option<(usize, usize)>,
    grey: bool,
) -> Result<Features, Error> {
    let (mut values, mut count, mut kept) = (Vec::new(), 0, (0, 0));
    each_frame(path, limits, &mut |picture| {
        count += 1;
        let from = (picture.width, picture.height);
        kept = size.unwrap_or(from);
        limits.check_film(path, count, kept.0 as u64, kept.1 as u64)?;
        values.extend(frame_features(&picture.to_f32(), from, size, grey));
        Ok(())
    })?;
    let features = kept.0 * kept.1 * if grey { 1 } else { 3 };
    Ok(Features { values, features })
}

/// Gives `sink` each frame; all are of one size, and there is at least one. Returns the mean delay in milliseconds.
fn each_frame(path: &Path, limits: &Limits, sink: Sink) -> Result<f32, Error> {
    if path.is_dir() {
        folder::each_frame(path, limits, sink)?;
        return Ok(USUAL_DELAY);
    }
    if y4m::is_y4m(&head(path)?) {
        return y4m::each_frame(path, limits, sink);
    }
    match with_format(path)? {
        (ImageFormat::Gif, bytes) => animation::each_gif_frame(path, &bytes, limits, sink),
        (ImageFormat::Png, bytes) if animation::is_animated(path, &bytes, limits)? => {
            animation::each_png_frame(path, &bytes, limits, sink)
        }
        _ => {
            sink(read_picture(path, limits)?)?;
            Ok(USUAL_DELAY)
        }
    }
}

fn head(path: &Path) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut head))
        .map_err(|source| Error::Io {
            action: "read",
            path: path.into(),
            source,
        })?;
    Ok(head)
}
