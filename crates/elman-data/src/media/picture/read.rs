//! Picture files.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::{Picture, gif, jpeg};
use crate::Error;
use crate::media::Limits;
use crate::source::files;

/// Reads a PNG, JPEG, BMP or GIF file (of an animation its first frame), by its content, whatever its name ends in.
///
/// It is turned upright as its EXIF data says, 16-bit colours become 8-bit ones, greys become colours, and what is
/// transparent shows white.
///
/// # Errors
/// [`Error::Io`]; [`Error::Empty`]; [`Error::Media`] for what is none of these, is cut off or damaged, or is larger
/// than `limits.pixels`, which the header is held against before anything is decoded.
pub fn read_picture(path: &Path, limits: &Limits) -> Result<Picture, Error> {
    let (format, bytes) = with_format(path)?;
    decode(path, format, &bytes, limits)
}

pub(super) fn decode(
    path: &Path,
    format: ImageFormat,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Picture, Error> {
    if format == ImageFormat::Jpeg {
        jpeg::check_whole(bytes).map_err(|message| Error::Media {
            path: path.into(),
            message,
        })?;
    }
    if format == ImageFormat::Gif {
        gif::check_frames(path, bytes, limits)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.decoder());
    let decoding = |error| unreadable(path, error);
    let mut decoder = reader.into_decoder().map_err(decoding)?;
    let (width, height) = decoder.dimensions();
    limits.check_picture(path, [width, height], bytes.len() as u64)?;
    let orientation = decoder.orientation().map_err(decoding)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(decoding)?;
    image.apply_orientation(orientation);
    if image.color().has_alpha() {
        return Ok(Picture::over_white(&image.into_rgba8()));
    }
    let image = image.into_rgb8();
    Ok(Picture {
        width: image.width() as usize,
        height: image.height() as usize,
        rgb: image.into_raw(),
    })
}

/// The format of a picture file by its first bytes, and all of its bytes.
pub(crate) fn with_format(path: &Path) -> Result<(ImageFormat, Vec<u8>), Error> {
    let unread = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(unread)?;
    file.take(16).read_to_end(&mut head).map_err(unread)?;
    if head.is_empty() {
        return Err(Error::Empty {
            path: path.into(),
            what: "is empty",
        });
    }
    let format = match image::guess_format(&head) {
        Ok(
            format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Bmp | ImageFormat::Gif),
        ) => format,
        other => {
            let what = match other {
                Ok(format) => format!("a {format:?} picture, which is not read"),
                Err(_) => "not a picture".into(),
            };
            let message = format!("{what}; PNG, JPEG, BMP and GIF are");
            return Err(Error::Media {
                path: path.into(),
                message,
            });
        }
    };
    Ok((format, files::read(path)?))
}

/// What a decoder says, in words that help.
pub(crate) fn unreadable(path: &Path, error: image::ImageError) -> Error {
    let message = match error {
        image::ImageError::Limits(_) => {
            "larger than what is read; make it smaller, or raise limits.pixels in the recipe that is trained".into()
        }
        image::ImageError::Unsupported(error) => {
            format!("written in a way that is not read ({error}); save it again as PNG")
        }
        error => format!("cut off or damaged ({error}); copy or save it again"),
    };
    Error::Media {
        path: path.into(),
        message,
    }
}
