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
    let canvas = check(path, &decoder, bytes, limits)?;
    check_frames(path, bytes, limits)?;
    decoder.set_limits(limits.decoder()).map_err(decoding)?;
    each(path, decoder.into_frames(), canvas, limits, sink)
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
    let canvas = check(path, &decoder, bytes, limits)?;
    let frames = decoder.apng().map_err(decoding)?;
    each(path, frames.into_frames(), canvas, limits, sink)
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

/// Each frame is composed on the whole canvas, however small it is, so that a small file can ask for any amount of work.
fn each(
    path: &Path,
    frames: Frames<'_>,
    [width, height]: [u32; 2],
    limits: &Limits,
    sink: Sink,
) -> Result<f32, Error> {
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
        limits.check_film(path, count, width.into(), height.into())?;
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
