//! Animated GIF files.

use std::borrow::Cow;
use std::path::Path;

use super::Frames;
use crate::media::picture::to_byte;
use crate::{Error, write_atomic};

/// Writes frames as an animated GIF that repeats for ever, whole or not at all.
///
/// Greys are kept as they are, in 256 steps. Colours are kept where a frame has at most 256 of them; otherwise the
/// nearest 256 stand for all. Delays become whole hundredths of a second, at least two, the least that browsers obey.
///
/// # Errors
/// [`Error::Io`]; [`Error::Media`] for no frames, or frames larger than the 65,535 pixels of a side that a GIF holds.
///
/// # Panics
/// If `frames` does not hold whole frames, or `channels` is neither 1 nor 3.
pub fn write_gif(path: impl AsRef<Path>, frames: &Frames) -> Result<(), Error> {
    let path = path.as_ref();
    write_atomic(path, &encode_gif(path, frames)?)
}

/// The bytes of such a file.
pub(crate) fn encode_gif(path: &Path, frames: &Frames) -> Result<Vec<u8>, Error> {
    let refuse = |message: String| Error::Media {
        path: path.into(),
        message: format!("cannot be written as GIF: {message}"),
    };
    assert!(
        matches!(frames.channels, 1 | 3),
        "{} channels",
        frames.channels
    );
    if frames.frames.is_empty() {
        return Err(refuse("there are no frames".into()));
    }
    assert_eq!(frames.frames.len() % frames.size(), 0, "whole frames");
    let (Ok(width), Ok(height)) = (u16::try_from(frames.width), u16::try_from(frames.height))
    else {
        let (width, height) = (frames.width, frames.height);
        return Err(refuse(format!("{width} × {height} pixels are too many")));
    };
    let palette: Vec<u8> = match frames.channels {
        1 => (0..=255).flat_map(|grey| [grey; 3]).collect(),
        _ => Vec::new(),
    };
    let delay = (frames.delay_ms / 10.0).round().clamp(2.0, 65_535.0) as u16;
    let mut bytes = Vec::new();
    let encoded = (|| {
        let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette)?;
        encoder.set_repeat(gif::Repeat::Infinite)?;
        for time in 0..frames.time() {
            let pixels: Vec<u8> = frames.frame(time).iter().map(|&x| to_byte(x)).collect();
            let mut frame = match frames.channels {
                1 => gif::Frame {
                    width,
                    height,
                    buffer: Cow::Owned(pixels),
                    ..gif::Frame::default()
                },
                _ => gif::Frame::from_rgb_speed(width, height, &pixels, 10),
            };
            frame.delay = delay;
            encoder.write_frame(&frame)?;
        }
        Ok(())
    })();
    encoded.map_err(|error: gif::EncodingError| refuse(error.to_string()))?;
    Ok(bytes)
}
