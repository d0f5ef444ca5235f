//! Another sampling rate.

use std::f64::consts::PI;

use super::Sound;

/// Half the filter's length, in samples of the lower rate.
const HALF: usize = 48;
/// Points of the table in each of them; what lies between two points is off by less than −100 dB.
const POINTS: usize = 512;
/// Kaiser's formula for 80 dB and `2 × HALF` taps: a transition of (80 − 7.95) / (14.36 × 96) = 0.0523 of the lower rate.
/// It ends at half that rate, so nothing folds back; what is below 0.895 of that half passes.
const CUT: f64 = 1.0 - 0.0523;
const BETA: f64 = 0.1102 * (80.0 - 8.7);

impl Sound {
    /// The same sound at another rate.
    ///
    /// A sinc under a Kaiser window, interpolated from a table: what the lower of both rates cannot hold is damped by
    /// 80 dB, what lies below 0.89 of its half stays as it is. There is no delay, and silence is taken for what comes
    /// before and after.
    ///
    /// # Panics
    /// If `rate` is 0.
    ///
    /// # References
    /// Smith & Gossett (1984), "A flexible sampling-rate conversion method"; Kaiser (1974).
    pub fn resample(&self, rate: u32) -> Sound {
        assert!(rate > 0, "a rate of 0");
        if rate == self.rate || self.samples.is_empty() {
            return Sound {
                rate,
                samples: self.samples.clone(),
            };
        }
        let (from, to) = (u64::from(self.rate), u64::from(rate));
        let table = table();
        // Samples of the input to those of the lower rate.
        let step = (to as f64 / from as f64).min(1.0);
        let reach = (HALF as f64 / step) as i64;
        let last = self.samples.len() as i64 - 1;
        let count = (self.samples.len() as u64 * to).div_ceil(from);
        let samples = (0..count).map(|place| {
            let (centre, part) = (place * from / to, place * from % to);
            let part = part as f64 / to as f64;
            let centre = centre as i64;
            let taps = (centre - reach).max(0)..=(centre + reach + 1).min(last);
            let sum: f64 = taps
                .map(|tap| {
                    let distance = ((tap - centre) as f64 - part).abs() * step;
                    f64::from(self.samples[tap as usize]) * look_up(&table, distance)
                })
                .sum();
            (sum * step) as f32
        });
        Sound {
            rate,
            samples: samples.collect(),
        }
    }
}

/// The right half of the filter, `POINTS` a sample, and zeros after it.
fn table() -> Vec<f64> {
    let filter = |point: usize| {
        let x = point as f64 / POINTS as f64;
        let sinc = if point == 0 {
            CUT
        } else {
            (PI * CUT * x).sin() / (PI * x)
        };
        let inside = (1.0 - (x / HALF as f64).powi(2)).max(0.0);
        sinc * bessel(BETA * inside.sqrt()) / bessel(BETA)
    };
    let mut table: Vec<f64> = (0..=HALF * POINTS).map(filter).collect();
    table.push(0.0);
    table
}

fn look_up(table: &[f64], distance: f64) -> f64 {
    let position = distance * POINTS as f64;
    let point = position as usize;
    match table.get(point..point + 2) {
        Some(near) => near[0] + (near[1] - near[0]) * (position - point as f64),
        None => 0.0,
    }
}

/// The modified Bessel function I₀ by its power series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..60 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}
