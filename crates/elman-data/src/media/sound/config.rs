//! The keys of `[data.sound]`.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How a recording becomes a sequence of vectors: the keys of `[data.sound]` in a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoundConfig {
    /// Samples in a second; recordings of another rate are resampled to it.
    pub rate: u32,
    /// Length of what one vector describes, in milliseconds.
    pub window_ms: f32,
    /// From the beginning of one to that of the next, in milliseconds.
    pub hop_ms: f32,
    /// Numbers in each vector: bands between `low` and `high` of equal width on the mel scale.
    pub mels: usize,
    /// Where the lowest band begins, in Hz.
    pub low: f32,
    /// Where the highest band ends, in Hz; without it half of `rate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f32>,
    /// How much of the sample before is taken off each sample, which lifts high tones; 0 leaves the sound as it is.
    pub preemphasis: f32,
    /// Whether the slopes of the bands over time follow them in each vector, which is then twice as long.
    pub deltas: bool,
}

impl Default for SoundConfig {
    fn default() -> Self {
        Self {
            rate: 16_000,
            window_ms: 25.0,
            hop_ms: 10.0,
            mels: 40,
            low: 0.0,
            high: None,
            preemphasis: 0.97,
            deltas: false,
        }
    }
}

impl SoundConfig {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self) -> Result<(), Error> {
        let half = self.rate as f32 / 2.0;
        let high = self.high();
        let refuse = |key: &str, message: String| {
            Err(Error::Config {
                key: format!("data.sound.{key}"),
                message,
            })
        };
        if !(1_000..=400_000).contains(&self.rate) {
            return refuse(
                "rate",
                format!(
                    "{} is not from 1000 to 400000 samples per second",
                    self.rate
                ),
            );
        }
        for (key, ms) in [("window_ms", self.window_ms), ("hop_ms", self.hop_ms)] {
            // Comparisons are written so that NaN fails them.
            if !(ms > 0.0 && ms <= 1_000.0) {
                return refuse(key, format!("{ms} is not from 0 to 1000 milliseconds"));
            }
        }
        if self.window() < 8 {
            return refuse(
                "window_ms",
                format!(
                    "{} ms at {} samples per second are {} samples; 8 are needed",
                    self.window_ms,
                    self.rate,
                    self.window()
                ),
            );
        }
        if !(1..=512).contains(&self.mels) {
            return refuse("mels", format!("{} is not from 1 to 512", self.mels));
        }
        if !(self.low >= 0.0 && self.low < half) {
            return refuse(
                "low",
                format!(
                    "{} Hz is not between 0 and half the rate, {half} Hz",
                    self.low
                ),
            );
        }
        if !(high > self.low && high <= half) {
            return refuse(
                "high",
                format!(
                    "{high} Hz is not between `data.sound.low` = {} and half the rate, {half} Hz",
                    self.low
                ),
            );
        }
        if !(0.0..1.0).contains(&self.preemphasis) {
            return refuse(
                "preemphasis",
                format!("{} is not from 0 to below 1", self.preemphasis),
            );
        }
        Ok(())
    }

    /// Where the highest band ends, in Hz.
    pub(super) fn high(&self) -> f32 {
        self.high.unwrap_or(self.rate as f32 / 2.0)
    }

    /// Samples that one vector describes.
    pub(super) fn window(&self) -> usize {
        samples(self.rate, self.window_ms)
    }

    /// Samples from one vector to the next.
    pub(super) fn hop(&self) -> usize {
        samples(self.rate, self.hop_ms).max(1)
    }
}

/// Milliseconds in samples.
pub(super) fn samples(rate: u32, ms: f32) -> usize {
    (f64::from(rate) * f64::from(ms) / 1000.0).round() as usize
}
