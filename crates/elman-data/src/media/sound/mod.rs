//! Recordings: WAV files, other rates, log-mel features, and strings of clips joined with silence.
//!
//! ```no_run
//! use elman_data::media::sound::{LogMel, SoundConfig, read_wav};
//! # fn main() -> Result<(), elman_data::Error> {
//! let log_mel = LogMel::new(&SoundConfig { rate: 8000, ..SoundConfig::default() })?;
//! let features = log_mel.features(&read_wav("7_jackson_0.wav".as_ref())?);
//! println!("{} steps of {} numbers", features.time(), features.features);
//! # Ok(()) }
//! ```

mod config;
mod join;
mod mel;
mod pcm;
mod resample;
#[cfg(test)]
mod tests;
mod wav;

pub use config::SoundConfig;
pub use join::{Joined, SilenceConfig, draw_strings, join_with_silence};
pub use mel::LogMel;
pub use wav::{read_wav, write_wav};

/// A recording with one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Samples in a second.
    pub rate: u32,
    /// The samples, in −1..1 (a file of floats may exceed that).
    pub samples: Vec<f32>,
}

impl Sound {
    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate.max(1))
    }
}
