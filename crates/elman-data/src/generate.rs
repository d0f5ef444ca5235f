//! Made-up series with a known recipe.

use std::f64::consts::{PI, TAU};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Panel;
use crate::random::Stream;

/// Two sine waves of random frequency and phase, and a little noise, per series.
///
/// ```text
/// t = 0 … 1 in n_steps points
/// x = 0.5 sin((t − o₁)(10 f₁ + 10)) + 0.2 sin((t − o₂)(20 f₂ + 20)) + 0.1 (u − 0.5)
/// ```
/// with `f₁ f₂ o₁ o₂` uniform in [0, 1) per series and `u` per point. One column.
///
/// The same seed gives the same series on every machine up to the last bit of `sin`: the random numbers come from
/// ChaCha8, whose stream is fixed. Series `k` depends on `seed` and `k` alone, so a longer panel begins with the
/// shorter one.
///
/// # References
/// Géron, *Hands-On Machine Learning with Scikit-Learn, Keras, and TensorFlow*, chapter 15, `generate_time_series`.
pub fn time_series(batch: usize, n_steps: usize, seed: u64) -> Panel {
    let mut data = Vec::with_capacity(batch * n_steps);
    for series in 0..batch {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(series as u64);
        let [freq1, freq2, offset1, offset2]: [f64; 4] = std::array::from_fn(|_| random.random());
        for step in 0..n_steps {
            let time = if n_steps > 1 {
                step as f64 / (n_steps - 1) as f64
            } else {
                0.0
            };
            let noise: f64 = random.random();
            let value = 0.5 * ((time - offset1) * (freq1 * 10.0 + 10.0)).sin()
                + 0.2 * ((time - offset2) * (freq2 * 20.0 + 20.0)).sin()
                + 0.1 * (noise - 0.5);
            data.push(value as f32);
        }
    }
    Panel {
        series: batch,
        time: n_steps,
        columns: 1,
        data,
    }
}

/// Rows of numbers with what belongs to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Names of the targets.
    pub targets: Vec<String>,
    /// `[rows, inputs]`
    pub x: Vec<f64>,
    /// `[rows, targets]`
    pub y: Vec<f64>,
}

/// Damped oscillations of `steps` steps, from the four numbers that say what they look like.
///
/// ```text
/// t = 0 … 1 in steps points
/// y = amplitude · exp(−decay t) · sin(2π frequency t + phase) + noise · n
/// ```
/// with frequency uniform in [1, 4), amplitude in [0.5, 2), phase in [0, 2π), decay in [0, 4), and `n` standard normal. Row `k`
/// depends on `seed` and `k` alone.
pub fn oscillations(rows: usize, steps: usize, noise: f64, seed: u64) -> Mapping {
    let names = ["frequency", "amplitude", "phase", "decay"];
    let ranges = [(1.0, 4.0), (0.5, 2.0), (0.0, TAU), (0.0, 4.0)];
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let mut random = Stream::new(&[seed, row as u64]);
        let drawn = ranges.map(|(low, high)| low + (high - low) * random.unit());
        let [frequency, amplitude, phase, decay] = drawn;
        x.extend(drawn);
        y.extend((0..steps).map(|step| {
            let t = step as f64 / steps.saturating_sub(1).max(1) as f64;
            let exact = amplitude * (-decay * t).exp() * (TAU * frequency * t + phase).sin();
            exact + noise * f64::from(random.normal())
        }));
    }
    Mapping {
        inputs: names.map(String::from).to_vec(),
        targets: (1..=steps).map(|step| format!("y{step}")).collect(),
        x,
        y,
    }
}

/// Friedman's first table: ten inputs uniform in [0, 1), of which five matter.
///
/// ```text
/// y = 10 sin(π x₁ x₂) + 20 (x₃ − 0.5)² + 10 x₄ + 5 x₅ + noise · n
/// ```
/// with `n` standard normal: no answer can have a smaller root mean squared error than `noise`.
///
/// # References
/// Friedman, "Multivariate adaptive regression splines" (1991), section 4.3.
pub fn friedman(rows: usize, noise: f64, seed: u64) -> Mapping {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let mut random = Stream::new(&[seed, row as u64]);
        let drawn: [f64; 10] = std::array::from_fn(|_| random.unit());
        let exact = 10.0 * (PI * drawn[0] * drawn[1]).sin()
            + 20.0 * (drawn[2] - 0.5).powi(2)
            + 10.0 * drawn[3]
            + 5.0 * drawn[4];
        x.extend(drawn);
        y.push(exact + noise * f64::from(random.normal()));
    }
    Mapping {
        inputs: (1..=10).map(|input| format!("x{input}")).collect(),
        targets: vec!["y".into()],
        x,
        y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_series() {
        let panel = time_series(3, 50, 42);
        assert_eq!(panel, time_series(3, 50, 42));
        assert_ne!(panel, time_series(3, 50, 43));
        assert_eq!(panel.data, time_series(5, 50, 42).data[..150]);
        assert_ne!(panel.one(0), panel.one(1));
        assert!(time_series(0, 50, 1).data.is_empty());
        assert!(time_series(1, 1, 1).data[0].is_finite());
    }

    /// What the formula promises of any correct draw: bounds, mean 0 and the variance 0.5²/2 + 0.2²/2 + 0.1²/12.
    #[test]
    fn the_distribution_is_the_formula_s() {
        let panel = time_series(2000, 60, 7);
        assert!(panel.data.iter().all(|x| x.abs() <= 0.75));
        let count = panel.data.len() as f64;
        let mean = panel.data.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = panel
            .data
            .iter()
            .map(|&x| (f64::from(x) - mean).powi(2))
            .sum::<f64>()
            / count;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!(
            (variance - (0.125 + 0.02 + 0.01 / 12.0)).abs() < 0.004,
            "{variance}"
        );
    }

    /// Géron's naive forecast (repeat the last of 50 values) has a mean squared error near 0.020 on his draw.
    #[test]
    fn the_naive_forecast_errs_as_in_the_book() {
        let panel = time_series(10_000, 51, 42);
        let errors = (7000..9000)
            .map(|series| f64::from(panel.one(series)[50] - panel.one(series)[49]).powi(2));
        let mse = errors.sum::<f64>() / 2000.0;
        assert!((0.018..0.0225).contains(&mse), "{mse}");
    }

    #[test]
    fn the_stream_is_fixed() {
        // Recorded once; a change of the generator would change every result that was ever published with a seed.
        let expected = [-0.29205605, 0.62790436, 0.06398821];
        let first = time_series(1, 3, 42).data;
        assert!(
            first
                .iter()
                .zip(expected)
                .all(|(x, y)| (x - y).abs() < 1e-6),
            "{first:?}"
        );
    }

    #[test]
    fn oscillations_are_what_their_numbers_say() {
        let exact = oscillations(30, 21, 0.0, 5);
        assert_eq!((exact.x.len(), exact.y.len()), (30 * 4, 30 * 21));
        assert_eq!(
            (exact.inputs.len(), exact.targets.last().unwrap().as_str()),
            (4, "y21")
        );
        for (x, y) in exact.x.chunks(4).zip(exact.y.chunks(21)) {
            // At t = 0 and t = 0.5, by hand.
            assert!((y[0] - x[1] * x[2].sin()).abs() < 1e-12);
            let half = x[1] * (-x[3] / 2.0).exp() * (PI * x[0] + x[2]).sin();
            assert!((y[10] - half).abs() < 1e-12);
        }
        let noisy = oscillations(30, 21, 0.5, 5);
        assert_eq!(noisy.x, exact.x);
        let off = noisy.y.iter().zip(&exact.y).map(|(a, b)| (a - b).powi(2));
        let deviation = (off.sum::<f64>() / 630.0).sqrt();
        assert!((deviation - 0.5).abs() < 0.05, "{deviation}");
        assert_eq!(oscillations(9, 21, 0.5, 5).y, noisy.y[..9 * 21]);
        assert_ne!(oscillations(30, 21, 0.0, 6), exact);
        assert_eq!(oscillations(1, 1, 0.0, 1).y.len(), 1);
    }

    /// The mean of Friedman's function is 10 · 0.5246 (the integral of sin(π x y)) + 20/12 + 5 + 2.5.
    #[test]
    fn friedman_s_table_has_his_mean_and_its_noise() {
        let exact = friedman(20_000, 0.0, 3);
        let mean = exact.y.iter().sum::<f64>() / 20_000.0;
        assert!((mean - 14.413).abs() < 0.12, "{mean}");
        let noisy = friedman(20_000, 1.0, 3);
        let off = noisy.y.iter().zip(&exact.y).map(|(a, b)| (a - b).powi(2));
        assert!((off.sum::<f64>() / 20_000.0 - 1.0).abs() < 0.04);
        let x = &exact.x[..10];
        let by_hand = 10.0 * (PI * x[0] * x[1]).sin()
            + 20.0 * (x[2] - 0.5) * (x[2] - 0.5)
            + 10.0 * x[3]
            + 5.0 * x[4];
        assert!((exact.y[0] - by_hand).abs() < 1e-9);
    }
}
