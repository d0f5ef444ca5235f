//! PNG files.

use std::io::Cursor;
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::Picture;
use crate::{Error, write_atomic};

/// Writes numbers in 0..1 as a PNG file, whole or not at all: `[height, width]` as greys, `[height, width, 3]` as
/// colours. What lies beyond 0..1 is cut to that.
///
/// # Errors
/// [`Error::Io`].
///
/// # Panics
/// If `values` is neither one nor three for each pixel, or there are no pixels.
pub fn write_png(
    path: impl AsRef<Path>,
    values: &[f32],
    width: usize,
    height: usize,
) -> Result<(), Error> {
    let pixels = width * height;
    assert!(
        pixels > 0 && (values.len() == pixels || values.len() == 3 * pixels),
        "{} numbers for a picture of {width} × {height}",
        values.len()
    );
    let bytes: Vec<u8> = values.iter().map(|&x| to_byte(x)).collect();
    let path = path.as_ref();
    let encoded = encode_png(path, &bytes, width, height)?;
    write_atomic(path, &encoded)
}

impl Picture {
    /// The bytes of a PNG file of it.
    pub fn to_png(&self) -> Vec<u8> {
        let encoded = encode_png(Path::new(""), &self.rgb, self.width, self.height);
        encoded.expect("a picture in memory has its size")
    }

    /// Writes it as a PNG file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_png(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let encoded = encode_png(path, &self.rgb, self.width, self.height)?;
        write_atomic(path, &encoded)
    }
}

/// A PNG file of greys or colours.
pub(crate) fn encode_png(
    path: &Path,
    bytes: &[u8],
    width: usize,
    height: usize,
) -> Result<Vec<u8>, Error> {
    let colour = if bytes.len() == width * height {
        ExtendedColorType::L8
    } else {
        ExtendedColorType::Rgb8
    };
    let mut encoded = Cursor::new(Vec::new());
    PngEncoder::new(&mut encoded)
        .write_image(bytes, width as u32, height as u32, colour)
        .map_err(|error| Error::Media {
            path: path.into(),
            message: format!("cannot be written as PNG: {error}"),
        })?;
    Ok(encoded.into_inner())
}

/// 0..1 to 0..255; what is no number is 0.
pub(crate) fn to_byte(value: f32) -> u8 {
    (value * 255.0).round() as u8
}
