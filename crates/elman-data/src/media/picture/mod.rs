//! Pictures: PNG, JPEG, BMP and GIF files, sizes and greys.
//!
//! ```no_run
//! use elman_data::media::{Limits, picture::read_picture};
//! # fn main() -> Result<(), elman_data::Error> {
//! let picture = read_picture("cat.jpg".as_ref(), &Limits::default())?;
//! let input = picture.resize_shorter(256).centre_crop(224, 224).to_f32(); // [224, 224, 3], 0..1
//! # Ok(()) }
//! ```

mod gif;
mod jpeg;
mod read;
mod resize;
#[cfg(test)]
mod tests;
mod write;

use image::RgbaImage;

pub(crate) use gif::check_frames;
pub use read::read_picture;
pub(crate) use read::{unreadable, with_format};
pub use write::write_png;
pub(crate) use write::{encode_png, to_byte};

/// A picture in colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of each pixel, row by row from the top: `[height, width, 3]`.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The same picture of another size; its proportions are not kept.
    ///
    /// The filter is a triangle as wide as two pixels of the coarser grid (bilinear where the picture grows, every
    /// pixel weighed where it shrinks), so fine patterns turn grey and do not become coarse ones: Pillow's `BILINEAR`, bit for
    /// bit.
    ///
    /// # Panics
    /// If `width` or `height` is 0.
    pub fn resize(&self, width: usize, height: usize) -> Picture {
        assert!(width > 0 && height > 0, "a picture of {width} × {height}");
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        Picture {
            width,
            height,
            rgb: resize::resize(&self.rgb, [self.width, self.height], [width, height]),
        }
    }

    /// The same picture with `side` pixels along its shorter side, its proportions kept.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn resize_shorter(&self, side: usize) -> Picture {
        let longer = |longer: usize, shorter: usize| {
            ((longer as f64 * side as f64 / shorter as f64).round() as usize).max(side)
        };
        if self.width <= self.height {
            self.resize(side, longer(self.height, self.width))
        } else {
            self.resize(longer(self.width, self.height), side)
        }
    }

    /// Its middle; what is asked for beyond its edges is not there, so the result may be smaller.
    ///
    /// # Panics
    /// If `width` or `height` is 0.
    pub fn centre_crop(&self, width: usize, height: usize) -> Picture {
        assert!(width > 0 && height > 0, "a picture of {width} × {height}");
        let (width, height) = (width.min(self.width), height.min(self.height));
        let (left, top) = ((self.width - width) / 2, (self.height - height) / 2);
        let rows = self.rgb.chunks_exact(3 * self.width).skip(top).take(height);
        let rgb = rows.flat_map(|row| &row[3 * left..3 * (left + width)]);
        Picture {
            width,
            height,
            rgb: rgb.copied().collect(),
        }
    }

    /// Its colours in 0..1: `[height, width, 3]`.
    pub fn to_f32(&self) -> Vec<f32> {
        self.rgb.iter().map(|&x| f32::from(x) / 255.0).collect()
    }

    /// Its brightness in 0..1, `0.299 red + 0.587 green + 0.114 blue` (BT.601): `[height, width]`.
    pub fn grey(&self) -> Vec<f32> {
        let pixels = self.rgb.chunks_exact(3);
        pixels
            .map(|pixel| luma(std::array::from_fn(|c| f32::from(pixel[c]) / 255.0)))
            .collect()
    }

    /// What is transparent shows white.
    pub(crate) fn over_white(image: &RgbaImage) -> Picture {
        let pixels = image.pixels().flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0.map(u32::from);
            // Rounded to the nearest.
            [red, green, blue].map(|x| ((x * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
        });
        Picture {
            rgb: pixels.collect(),
            width: image.width() as usize,
            height: image.height() as usize,
        }
    }
}

/// Brightness of a colour (BT.601).
pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}
