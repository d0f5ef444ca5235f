//! Sound and pictures to sequences of vectors, and made data whose labels are known.
//!
//! ```no_run
//! use elman_data::media::{Features, Limits, frames, sound};
//! # fn main() -> Result<(), elman_data::Error> {
//! let log_mel = sound::LogMel::new(&sound::SoundConfig::default())?;
//! let spoken: Features = log_mel.features(&sound::read_wav("seven.wav".as_ref())?); // [time, mels]
//! let clip = frames::read_frames("wave.gif".as_ref(), &Limits::default())?;
//! let seen: Features = clip.to_features(Some((32, 32)), true); // [time, 32 × 32]
//! # Ok(()) }
//! ```

pub mod frames;
mod limits;
pub mod made;
pub mod picture;
pub mod sound;
#[cfg(test)]
mod support;

pub use limits::Limits;

/// A sequence of vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The vectors, one after the other: `[time, features]`.
    pub values: Vec<f32>,
    /// Numbers in each.
    pub features: usize,
}

impl Features {
    /// How many vectors there are.
    pub fn time(&self) -> usize {
        self.values.len() / self.features.max(1)
    }
}
