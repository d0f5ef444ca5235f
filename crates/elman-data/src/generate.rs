//! Made-up series with a known recipe.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Panel;

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
}
