//! The same series, a little different in every epoch.

use elman_data::random::mix;
use elman_data::signal::Signal;
use std::borrow::Cow;
use std::f64::consts::TAU;

/// How series are varied in training.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Varied {
    /// Standard deviation of the noise on every value.
    pub noise: f64,
    /// By how much of its length a series is stretched or shrunk, at most.
    pub stretch: f64,
}

impl Varied {
    /// By these two keys, which all tasks on series have.
    pub fn of(noise: f64, stretch: f64) -> Self {
        Self { noise, stretch }
    }

    /// A series as [`read`](Self::read) varies it in an epoch of a training with this seed; `row` is its place in the training part.
    pub fn read_in(
        self,
        signal: &Signal,
        least: usize,
        seed: u64,
        epoch: usize,
        row: usize,
    ) -> Cow<'_, Signal> {
        self.read(signal, least, [seed, epoch as u64, row as u64])
    }

    /// A series made longer or shorter by up to `stretch` of its length, though no shorter than `least` steps, with noise on every
    /// value. What comes out follows from the numbers `from`.
    pub fn read<'a>(self, signal: &'a Signal, least: usize, from: [u64; 3]) -> Cow<'a, Signal> {
        let Self { noise, stretch } = self;
        let seed = mix(&from);
        if (noise == 0.0 && stretch == 0.0) || signal.time() == 0 {
            return Cow::Borrowed(signal);
        }
        // In (0, 1), from the upper bits: what `f64` holds.
        let draw = |number: u64| ((mix(&[seed, number]) >> 11) as f64 + 0.5) / 2f64.powi(53);
        let factor = 1.0 + stretch * (2.0 * draw(0) - 1.0);
        let time = (signal.time() as f64 * factor).round() as usize;
        let time = time.max(least.min(signal.time())).max(1);
        let mut read = match time == signal.time() {
            true => signal.clone(),
            false => signal.resampled(time),
        };
        if noise > 0.0 {
            for (value, number) in read.values.iter_mut().zip(1u64..) {
                // Box & Muller, 1958.
                let radius = (-2.0 * draw(2 * number).ln()).sqrt();
                *value += (noise * radius * (TAU * draw(2 * number + 1)).cos()) as f32;
            }
        }
        Cow::Owned(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_noise_are_as_asked_for() {
        let signal = Signal {
            values: (0..400).map(|k| (k / 2) as f32).collect(),
            features: 2,
        };
        let varied = |noise: f64, stretch: f64, least: usize, seed: u64| {
            Varied { noise, stretch }.read(&signal, least, [seed, 0, 0])
        };
        assert_eq!(varied(0.0, 0.0, 0, 1).as_ref(), &signal);
        let lengths: Vec<usize> = (0..500)
            .map(|seed| varied(0.0, 0.1, 0, seed).time())
            .collect();
        assert!(lengths.iter().all(|length| (180..=220).contains(length)));
        assert!(
            lengths.iter().any(|length| *length < 185)
                && lengths.iter().any(|length| *length > 215)
        );
        assert!((0..50).all(|seed| varied(0.0, 0.1, 195, seed).time() >= 195));
        let stretched = varied(0.0, 0.1, 0, 3);
        assert_eq!(stretched.values[..2], [0.0, 0.0]);
        assert_eq!(
            stretched.values[stretched.values.len() - 2..],
            [199.0, 199.0]
        );

        let noisy = varied(0.5, 0.0, 0, 7);
        let off = noisy
            .values
            .iter()
            .zip(&signal.values)
            .map(|(a, b)| f64::from(a - b));
        let off: Vec<f64> = off.collect();
        let mean = off.iter().sum::<f64>() / 400.0;
        let deviation = (off.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 400.0).sqrt();
        assert!(
            mean.abs() < 0.1 && (deviation - 0.5).abs() < 0.06,
            "{mean} {deviation}"
        );
        assert_eq!(noisy, varied(0.5, 0.0, 0, 7));
        assert_ne!(noisy, varied(0.5, 0.0, 0, 8));
    }
}
