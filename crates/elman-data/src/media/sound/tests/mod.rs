mod features;
mod join;
mod pcm;
mod rates;
mod wav;

use super::Sound;
use crate::random::Stream;

/// A sine of amplitude ½.
fn sine(rate: u32, hertz: f64, seconds: f64) -> Sound {
    let count = (f64::from(rate) * seconds) as usize;
    let sample = |n: usize| (0.5 * phase(rate, hertz, n).sin()) as f32;
    Sound {
        rate,
        samples: (0..count).map(sample).collect(),
    }
}

fn phase(rate: u32, hertz: f64, n: usize) -> f64 {
    std::f64::consts::TAU * hertz * n as f64 / f64::from(rate)
}

fn noise(rate: u32, count: usize, level: f32, seed: u64) -> Sound {
    let mut random = Stream::new(&[seed]);
    Sound {
        rate,
        samples: (0..count).map(|_| level * random.normal()).collect(),
    }
}

/// The root of the mean square.
fn level(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}
