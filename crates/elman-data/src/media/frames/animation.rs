//! Animated GIF and PNG: the decoders compose the frames, with what each leaves behind, as browsers do.

use std::io::Cursor;
use std::path::Path;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, Frames, ImageDecoder};

use super::read::{Sink, USUAL_DELAY};
use crate::Error;
use crate::media::Limits;
use crate::media::picture::{Picture, check_frames, unreadable};

pub(super) fn each_gif_frame(
    path: &Path,
    bytes: &[u8],
    limits: &Limits,
    sink: Sink,
) -> Result<f32, Error> {
    let decoding = |error| unreadable(path, error);
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(decoding)?;
    let [width, height] = check(path, &decoder, bytes, limits)?;
    // Each frame is composed on the whole canvas, however small it is, so that a small file can ask for any amount of work.
    let count = check_frames(path, bytes, limits)?;
    limits.check_film(path, count, width.into(), height.into())?;
    decoder.set_limits(limits.decoder()).map_err(decoding)?;
    each(path, decoder.into_frames(), limits, sink)
}

pub(super) fn is_animated(path: &Path, bytes: &[u8], limits: &Limits) -> Result<bool, Error> {
    png(path, bytes, limits)?
        .is_apng()
        .map_err(|error| unreadable(path, error))
}

pub(super) fn each_png_frame(
    path: &Path,
    bytes: &[u8],
    limits: &Limits,
    sink: Sink,
) -> Result<f32, Error> {
    let decoding = |error| unreadable(path, error);
    let decoder = png(path, bytes, limits)?;
    let [width, height] = check(path, &decoder, bytes, limits)?;
    limits.check_film(path, png_frames(bytes), width.into(), height.into())?;
    let frames = decoder.apng().map_err(decoding)?;
    each(path, frames.into_frames(), limits, sink)
}

/// How many frames a PNG file has, by the chunks that control them.
fn png_frames(bytes: &[u8]) -> usize {
    const SIGNATURE: usize = 8;
    let (mut position, mut count) = (SIGNATURE, 0);
    while let Some(&[a, b, c, d, ref kind @ ..]) = bytes.get(position..position + 8) {
        count += usize::from(kind == b"fcTL");
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        // Length, kind and checksum of the chunk beside what it holds.
        position = position.saturating_add(12).saturating_add(length);
        if position > bytes.len() {
            break;
        }
    }
    count
}

fn png<'a>(
    path: &Path,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<PngDecoder<Cursor<&'a [u8]>>, Error> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits.decoder())
        .map_err(|error| unreadable(path, error))?;
    check(path, &decoder, bytes, limits)?;
    Ok(decoder)
}

/// Width and height of the canvas.
fn check(
    path: &Path,
    decoder: &impl ImageDecoder,
    bytes: &[u8],
    limits: &Limits,
) -> Result<[u32; 2], Error> {
    let (width, height) = decoder.dimensions();
    limits.check_picture(path, [width, height], bytes.len() as u64)?;
    Ok([width, height])
}

fn each(path: &Path, frames: Frames<'_>, limits: &Limits, sink: Sink) -> Result<f32, Error> {
    let (mut count, mut total) = (0, 0.0);
    for frame in frames {
        let frame = frame.map_err(|error| match unreadable(path, error) {
            Error::Media { path, message } => Error::Media {
                path,
                message: format!("frame {} is {message}", count + 1),
            },
            other => other,
        })?;
        count += 1;
        if count > limits.frames {
            limits.check_film(path, count, 0, 0)?;
        }
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let delay = numerator as f32 / denominator.max(1) as f32;
        // Browsers show frames that ask for 10 ms or less for 100 ms.
        total += if delay <= 10.0 { USUAL_DELAY } else { delay };
        sink(Picture::over_white(frame.buffer()))?;
    }
    if count == 0 {
        return Err(Error::Media {
            path: path.into(),
            message: "the animation has no frames".into(),
        });
    }
    Ok(total / count as f32)
}
