//! Made clips and pictures whose labels are known because we drew them: what a network cannot learn from them, it
//! cannot learn at all.
//!
//! All of it follows from a seed; example `k` depends on the seed and `k` alone, so a longer set begins with the shorter.
//!
//! ```
//! use elman_data::media::made::{CaptionShapes, MovingDigits};
//! let moving = MovingDigits { bounce: true, ..MovingDigits::default() };
//! let clip = moving.clip(0)?;
//! assert_eq!(clip.directions.len(), clip.frames.time());
//! let picture = CaptionShapes::default().captioned(0)?;
//! assert!(picture.english.starts_with("a ") && picture.korean.ends_with("있다"));
//! # Ok::<(), elman_data::Error>(())
//! ```

mod direction;
mod folder;
mod glyph;
mod moving;
mod npy;
mod scene;
mod shapes;
#[cfg(test)]
mod tests;

pub use direction::Direction;
pub use folder::{ClipFormat, write_caption_shapes, write_moving_digits};
pub(crate) use folder::{draw_caption_shapes, draw_moving_digits};
pub use glyph::{GlyphPicture, Glyphs};
pub use moving::{MovingClip, MovingDigits};
pub use shapes::{CaptionShapes, Captioned};
