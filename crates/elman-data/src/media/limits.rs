//! How large a picture or film may be.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a picture or film may ask for. Headers are held against it before anything of their size is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Pixels of a picture, or of one frame: 40 megapixels by default.
    pub pixels: u64,
    /// Frames of a film.
    pub frames: usize,
    /// Pixels of all frames of a film together, those that are kept and, of an animation, those that are composed on its canvas.
    /// [`read_frames`](super::frames::read_frames) keeps 12 bytes for each, so the default of 100 megapixels is 1.2 GB.
    pub film_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixels: 40_000_000,
            frames: 10_000,
            film_pixels: 100_000_000,
        }
    }
}

/// Pixels that a byte of a file can stand for, at most: the best that PNG does is 8,256, and a run in a BMP file 16,256.
const PACKED: u64 = 20_000;

impl Limits {
    /// Refuses a picture in a file of so many bytes that is empty, too large, or larger than they can say, by its header.
    pub(crate) fn check_picture(
        &self,
        path: &Path,
        [width, height]: [u32; 2],
        bytes: u64,
    ) -> Result<(), Error> {
        let pixels = u64::from(width) * u64::from(height);
        let message = if pixels == 0 {
            format!("the picture is {width} × {height} pixels: there is nothing in it")
        } else if let Some(much) = self.too_many(pixels) {
            format!("its header says {width} × {height} pixels, {much}")
        } else if pixels > bytes.saturating_mul(PACKED) {
            format!(
                "its header says {width} × {height} pixels, more than {bytes} bytes can hold: it is cut off or damaged; copy or save it again"
            )
        } else {
            return Ok(());
        };
        Err(Error::Media {
            path: path.into(),
            message,
        })
    }

    /// Refuses a frame of an animation that is too large, whatever the canvas is that it is laid on.
    pub(crate) fn check_frame(
        &self,
        path: &Path,
        number: usize,
        [width, height]: [u16; 2],
    ) -> Result<(), Error> {
        match self.too_many(u64::from(width) * u64::from(height)) {
            None => Ok(()),
            Some(much) => Err(Error::Media {
                path: path.into(),
                message: format!("frame {number} is {width} × {height} pixels, {much}"),
            }),
        }
    }

    fn too_many(&self, pixels: u64) -> Option<String> {
        (pixels > self.pixels).then(|| {
            format!(
                "{:.1} megapixels, but at most {:.1} are read; make it smaller, or raise limits.pixels in the recipe that is trained",
                pixels as f64 / 1e6,
                self.pixels as f64 / 1e6
            )
        })
    }

    /// Refuses one frame too many: `count` frames of this size with it.
    pub(crate) fn check_film(
        &self,
        path: &Path,
        count: usize,
        width: u64,
        height: u64,
    ) -> Result<(), Error> {
        let pixels = width.saturating_mul(height).saturating_mul(count as u64);
        let (key, message) = if count > self.frames {
            ("frames", format!("it has more than {} frames", self.frames))
        } else if pixels > self.film_pixels {
            let megapixels = self.film_pixels as f64 / 1e6;
            (
                "film_pixels",
                format!(
                    "{count} frames of {width} × {height} are more than {megapixels:.1} megapixels together"
                ),
            )
        } else {
            return Ok(());
        };
        Err(Error::Media {
            path: path.into(),
            message: format!(
                "{message}, the most that is read of a film; cut it, make it smaller or raise limits.{key}"
            ),
        })
    }

    /// The same for the decoders, whose working memory is a few times the picture.
    pub(crate) fn decoder(&self) -> image::Limits {
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(self.pixels.saturating_mul(16).saturating_add(1 << 20));
        limits
    }
}
