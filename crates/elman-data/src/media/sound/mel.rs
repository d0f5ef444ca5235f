//! Log-mel features.

use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

use super::{Sound, SoundConfig};
use crate::Error;
use crate::media::Features;

/// Added to a band's power before the logarithm, so that silence is a number: 100 dB below the loudest sine in
/// a window of 400 samples.
const FLOOR: f32 = 1e-6;
/// Steps on each side from which a slope is taken.
const SLOPE: usize = 2;

/// Turns recordings into sequences of log-mel vectors.
///
/// ```text
/// y[n] = x[n] − preemphasis · x[n−1]                 x[−1] = x[0]
/// X_t[k] = Σ_n  w[n] y[t·hop + n] e^(−2πikn/N)        w[n] = ½ − ½ cos(2πn / window)
/// m_t[b] = ln( Σ_k filter_b(k · rate / N) |X_t[k]|² + 10⁻⁶ )
/// d_t[b] = Σ_θ θ (m_{t+θ}[b] − m_{t−θ}[b]) / (2 Σ_θ θ²)        θ = 1, 2; the ends repeat
/// ```
///
/// The corners of the filters lie at equal distances on the mel scale of HTK, `2595 log10(1 + f / 700)`; each rises
/// from 0 to 1 and falls to 0 between three of them, linearly in Hz. N is the least power of two that holds the window
/// and gives each filter a frequency of its own. Vectors begin with the first sample and end before the last window
/// that is not full; a sound shorter than one window is one vector, silence filling it up.
///
/// # References
/// Davis & Mermelstein (1980); Young et al., *The HTK Book* (2006), sections 5.2, 5.4 and 5.9.
#[derive(Clone)]
pub struct LogMel {
    config: SoundConfig,
    window: Vec<f32>,
    filters: Vec<Filter>,
    fft: Arc<dyn RealToComplex<f32>>,
}

/// The weights of one band from a frequency of the transform on.
#[derive(Clone, Debug)]
struct Filter {
    first: usize,
    weights: Vec<f32>,
}

impl LogMel {
    /// Prepares the window and the filters.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key that cannot be meant.
    pub fn new(config: &SoundConfig) -> Result<Self, Error> {
        config.check()?;
        let length = config.window();
        let hann = |n: usize| 0.5 - 0.5 * (2.0 * PI * n as f64 / length as f64).cos();
        let least = length.next_power_of_two();
        let (size, filters) = [1, 2, 4, 8, 16]
            .map(|times| least * times)
            .into_iter()
            .map(|size| (size, filters(config, size)))
            .find(|(_, filters)| filters.iter().all(|filter| !filter.weights.is_empty()))
            .ok_or_else(|| Error::Config {
                key: "data.sound.mels".into(),
                message: format!(
                    "{} bands between {} and {} Hz are narrower than a window of {} ms can tell apart; take fewer or a longer data.sound.window_ms",
                    config.mels,
                    config.low,
                    config.high(),
                    config.window_ms
                ),
            })?;
        Ok(Self {
            config: config.clone(),
            window: (0..length).map(|n| hann(n) as f32).collect(),
            filters,
            fft: RealFftPlanner::new().plan_fft_forward(size),
        })
    }

    /// What it was made from.
    pub fn config(&self) -> &SoundConfig {
        &self.config
    }

    /// Numbers in each vector.
    pub fn width(&self) -> usize {
        self.config.mels * if self.config.deltas { 2 } else { 1 }
    }

    /// The vectors of a recording, which is resampled if its rate is another: `[time, width]`, at least one.
    pub fn features(&self, sound: &Sound) -> Features {
        if sound.rate != self.config.rate {
            return self.features(&sound.resample(self.config.rate));
        }
        let samples = self.emphasised(&sound.samples);
        let (window, hop) = (self.window.len(), self.config.hop());
        let time = 1 + samples.len().saturating_sub(window) / hop;
        let mels = self.config.mels;
        let mut bands = Vec::with_capacity(time * mels);
        let mut frame = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut power = vec![0.0; spectrum.len()];
        for step in 0..time {
            frame.fill(0.0);
            let there = &samples[(step * hop).min(samples.len())..];
            for ((out, sample), weight) in frame.iter_mut().zip(there).zip(&self.window) {
                *out = sample * weight;
            }
            self.fft
                .process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                .expect("the buffers are the plan's own");
            for (power, value) in power.iter_mut().zip(&spectrum) {
                *power = value.norm_sqr();
            }
            bands.extend(self.filters.iter().map(|filter| {
                let sum: f32 = filter
                    .weights
                    .iter()
                    .zip(&power[filter.first..])
                    .map(|(weight, power)| weight * power)
                    .sum();
                (sum + FLOOR).ln()
            }));
        }
        if self.config.deltas {
            bands = with_deltas(&bands, mels);
        }
        Features {
            values: bands,
            features: self.width(),
        }
    }

    fn emphasised(&self, samples: &[f32]) -> Vec<f32> {
        let mut before = samples.first().copied().unwrap_or_default();
        let taken = self.config.preemphasis;
        samples
            .iter()
            .map(|&sample| sample - taken * std::mem::replace(&mut before, sample))
            .collect()
    }
}

impl fmt::Debug for LogMel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogMel")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The bands over a transform of `size` points; one between whose corners no frequency lies has no weights.
fn filters(config: &SoundConfig, size: usize) -> Vec<Filter> {
    let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    let hertz = |mel: f64| 700.0 * (10f64.powf(mel / 2595.0) - 1.0);
    let (low, high) = (mel(f64::from(config.low)), mel(f64::from(config.high())));
    let corner = |number: usize| {
        let part = number as f64 / (config.mels + 1) as f64;
        hertz(low + (high - low) * part)
    };
    let resolution = f64::from(config.rate) / size as f64;
    (0..config.mels)
        .map(|band| {
            let [left, centre, right] = [corner(band), corner(band + 1), corner(band + 2)];
            let weight = |bin: usize| {
                let f = bin as f64 * resolution;
                ((f - left) / (centre - left)).min((right - f) / (right - centre))
            };
            let bins = (left / resolution) as usize..=size / 2;
            let mut bins = bins
                .skip_while(|&bin| weight(bin) <= 0.0 && (bin as f64) * resolution < right)
                .take_while(|&bin| weight(bin) > 0.0)
                .peekable();
            Filter {
                first: bins.peek().copied().unwrap_or_default(),
                weights: bins.map(|bin| weight(bin) as f32).collect(),
            }
        })
        .collect()
}

/// Each vector with its slopes after it.
fn with_deltas(bands: &[f32], mels: usize) -> Vec<f32> {
    let rows: Vec<&[f32]> = bands.chunks_exact(mels).collect();
    let last = rows.len() - 1;
    let scale = 2.0 * (1..=SLOPE).map(|theta| (theta * theta) as f32).sum::<f32>();
    let slope = |time: usize, band: usize| {
        let sum: f32 = (1..=SLOPE)
            .map(|theta| {
                let (after, before) = ((time + theta).min(last), time.saturating_sub(theta));
                theta as f32 * (rows[after][band] - rows[before][band])
            })
            .sum();
        sum / scale
    };
    let mut both = Vec::with_capacity(bands.len() * 2);
    for (time, row) in rows.iter().enumerate() {
        both.extend_from_slice(row);
        both.extend((0..mels).map(|band| slope(time, band)));
    }
    both
}
