//! Strings of recordings with silence between them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Sound;
use super::config::samples;
use crate::Error;
use crate::random::{Stream, shuffled};

/// What comes between the recordings of a string, before the first and after the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SilenceConfig {
    /// The shortest silence, in milliseconds.
    pub least_ms: f32,
    /// The longest, in milliseconds.
    pub most_ms: f32,
    /// How loud its noise is, in dB of the loudest sine (−60 is a quiet room). Without it as loud as the quietest
    /// 20 milliseconds of the recordings, which is what their own silence sounds like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_db: Option<f32>,
}

impl Default for SilenceConfig {
    fn default() -> Self {
        Self {
            least_ms: 50.0,
            most_ms: 300.0,
            noise_db: None,
        }
    }
}

impl SilenceConfig {
    fn check(&self) -> Result<(), Error> {
        let refuse = |key: &str, message: String| {
            Err(Error::Config {
                key: format!("silence.{key}"),
                message,
            })
        };
        if !(self.least_ms >= 0.0 && self.least_ms <= 60_000.0) {
            let message = format!("{} is not from 0 to 60000 milliseconds", self.least_ms);
            return refuse("least_ms", message);
        }
        if !(self.most_ms >= self.least_ms && self.most_ms <= 60_000.0) {
            return refuse(
                "most_ms",
                format!(
                    "{} is not from `silence.least_ms` = {} to 60000 milliseconds",
                    self.most_ms, self.least_ms
                ),
            );
        }
        match self.noise_db {
            Some(db) if !(-200.0..=0.0).contains(&db) => refuse(
                "noise_db",
                format!("{db} is not from -200 to 0 dB, the loudest sound"),
            ),
            _ => Ok(()),
        }
    }
}

/// Recordings one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The whole.
    pub sound: Sound,
    /// Where each recording lies in it, in samples.
    pub spans: Vec<Range<usize>>,
}

/// Joins recordings, each after a silence of random length and one at the end. The same seed gives the same sound.
///
/// Recordings of another rate than the first are resampled to its rate. The silence is white noise, not zeros: a
/// network would learn that zeros, which no microphone gives, mean the end of a word.
///
/// # Errors
/// [`Error::Config`] for bounds that cannot be meant.
///
/// # Panics
/// If there are no recordings.
pub fn join_with_silence(
    clips: &[&Sound],
    silence: &SilenceConfig,
    seed: u64,
) -> Result<Joined, Error> {
    silence.check()?;
    let rate = clips.first().expect("recordings to join").rate;
    let mut random = Stream::new(&[seed]);
    let level = match silence.noise_db {
        // A sine of amplitude 1 has a level of √½.
        Some(db) => (10f32.powf(db / 20.0)) * std::f32::consts::FRAC_1_SQRT_2,
        None => quietest(clips),
    };
    let mut samples = Vec::new();
    let mut spans = Vec::with_capacity(clips.len());
    for clip in clips {
        quiet(&mut samples, silence, rate, level, &mut random);
        let first = samples.len();
        if clip.rate == rate {
            samples.extend_from_slice(&clip.samples);
        } else {
            samples.extend(clip.resample(rate).samples);
        }
        spans.push(first..samples.len());
    }
    quiet(&mut samples, silence, rate, level, &mut random);
    let sound = Sound { rate, samples };
    Ok(Joined { sound, spans })
}

/// Which of `clips` recordings go into each of `strings` strings of `lengths` recordings, by their numbers.
///
/// All recordings are used equally often, up to one, and each string's length is as likely as the others. The same seed
/// gives the same strings, and more of them begin with the fewer.
///
/// # Panics
/// If there are no recordings, or `lengths` is empty or begins with 0.
pub fn draw_strings(
    clips: usize,
    strings: usize,
    lengths: std::ops::RangeInclusive<usize>,
    seed: u64,
) -> Vec<Vec<usize>> {
    assert!(clips > 0, "recordings to draw from");
    let (least, most) = lengths.into_inner();
    assert!(least > 0 && least <= most, "lengths {least}..={most}");
    let mut random = Stream::new(&[seed, 1]);
    let mut order = (0..).flat_map(|round| shuffled(clips, seed, round));
    (0..strings)
        .map(|_| {
            let length = least + random.below(most - least + 1);
            order.by_ref().take(length).collect()
        })
        .collect()
}

fn quiet(out: &mut Vec<f32>, silence: &SilenceConfig, rate: u32, level: f32, random: &mut Stream) {
    let length = samples(rate, random.between(silence.least_ms, silence.most_ms));
    out.extend((0..length).map(|_| (level * random.normal()).clamp(-1.0, 1.0)));
}

/// The least level (root of the mean square) of 20 milliseconds in any of the recordings.
fn quietest(clips: &[&Sound]) -> f32 {
    let level = |part: &[f32]| {
        let sum: f64 = part.iter().map(|x| f64::from(*x).powi(2)).sum();
        (sum / part.len() as f64).sqrt() as f32
    };
    let of_clip = |clip: &&Sound| {
        let length = samples(clip.rate, 20.0).max(1);
        let parts = clip.samples.chunks(length);
        // A shorter rest says less, unless it is all there is.
        parts
            .enumerate()
            .filter(|(number, part)| *number == 0 || part.len() == length)
            .map(|(_, part)| level(part))
            .fold(f32::INFINITY, f32::min)
    };
    let least = clips.iter().map(of_clip).fold(f32::INFINITY, f32::min);
    if least.is_finite() { least } else { 0.0 }
}
