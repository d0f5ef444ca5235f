//! Films: folders of numbered pictures, animated GIF and PNG, and YUV4MPEG2 (`.y4m`).
//!
//! ```no_run
//! use elman_data::media::{Limits, frames::{read_frames, write_gif}};
//! # fn main() -> Result<(), elman_data::Error> {
//! let clip = read_frames("wave.y4m".as_ref(), &Limits::default())?;
//! write_gif("wave.gif", &clip)?;
//! # Ok(()) }
//! ```

mod animation;
mod folder;
mod read;
#[cfg(test)]
mod tests;
mod write;
mod y4m;

use image::imageops::FilterType;
use image::{ImageBuffer, Luma, Pixel, Rgb};

pub use read::{read_frame_features, read_frames};
pub(crate) use write::encode_gif;
pub use write::write_gif;

use crate::media::Features;
use crate::media::picture::luma;

/// Pictures of one size, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Numbers for each pixel: 1 for greys, 3 for red, green and blue.
    pub channels: usize,
    /// The pictures in 0..1: `[time, height, width, channels]`.
    pub frames: Vec<f32>,
    /// How long a frame is shown, in milliseconds: the mean over all of them.
    pub delay_ms: f32,
}

impl Frames {
    /// How many frames there are.
    pub fn time(&self) -> usize {
        self.frames.len() / self.size().max(1)
    }

    /// One frame: `[height, width, channels]`.
    ///
    /// # Panics
    /// If there is no such frame.
    pub fn frame(&self, time: usize) -> &[f32] {
        &self.frames[time * self.size()..][..self.size()]
    }

    /// The frames as vectors, row by row: `[time, height × width × channels]`.
    ///
    /// `size` (width and height) makes each smaller or larger first, as
    /// [`Picture::resize`](super::picture::Picture::resize) does, and `grey` leaves its brightness only.
    ///
    /// # Panics
    /// If `size` holds a 0.
    pub fn to_features(&self, size: Option<(usize, usize)>, grey: bool) -> Features {
        let values = (0..self.time()).flat_map(|time| {
            frame_features(self.frame(time), (self.width, self.height), size, grey)
        });
        let (width, height) = size.unwrap_or((self.width, self.height));
        Features {
            values: values.collect(),
            features: width * height * if grey { 1 } else { self.channels },
        }
    }

    fn size(&self) -> usize {
        self.width * self.height * self.channels
    }
}

/// One frame `[height, width, channels]` as a vector.
fn frame_features(
    frame: &[f32],
    from: (usize, usize),
    to: Option<(usize, usize)>,
    grey: bool,
) -> Vec<f32> {
    let channels = frame.len() / (from.0 * from.1);
    let greyed: Vec<f32>;
    let (frame, channels) = if grey && channels == 3 {
        let pixels = frame.as_chunks().0;
        greyed = pixels.iter().map(|&pixel| luma(pixel)).collect();
        (&greyed[..], 1)
    } else {
        (frame, channels)
    };
    match to.filter(|&to| to != from) {
        None => frame.to_vec(),
        Some(to) if channels == 1 => resize::<Luma<f32>>(frame, from, to),
        Some(to) => resize::<Rgb<f32>>(frame, from, to),
    }
}

fn resize<P: Pixel<Subpixel = f32> + 'static>(
    frame: &[f32],
    from: (usize, usize),
    to: (usize, usize),
) -> Vec<f32> {
    assert!(to.0 > 0 && to.1 > 0, "frames of {} × {}", to.0, to.1);
    let buffer: ImageBuffer<P, &[f32]> =
        ImageBuffer::from_raw(from.0 as u32, from.1 as u32, frame).expect("whole pixels");
    image::imageops::resize(&buffer, to.0 as u32, to.1 as u32, FilterType::Triangle).into_raw()
}
