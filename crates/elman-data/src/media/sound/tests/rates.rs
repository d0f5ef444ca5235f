use super::{level, phase, sine};
use crate::media::sound::Sound;

/// The resampled sine against the sine itself, away from the ends: the greatest difference.
fn error(from: u32, to: u32, hertz: f64) -> f64 {
    let sound = sine(from, hertz, 0.5).resample(to);
    assert_eq!(sound.rate, to);
    assert!((sound.seconds() - 0.5).abs() < 2.0 / f64::from(to));
    let edge = sound.samples.len() / 4;
    let inner = sound.samples.iter().enumerate().skip(edge).take(2 * edge);
    inner
        .map(|(n, &x)| (f64::from(x) - 0.5 * phase(to, hertz, n).sin()).abs())
        .fold(0.0, f64::max)
}

#[test]
fn what_both_rates_hold_stays() {
    for (from, to, hertz) in [
        (44_100, 16_000, 1_000.0),
        (44_100, 16_000, 7_000.0),
        (8_000, 16_000, 3_500.0),
        (16_000, 8_000, 440.0),
        (11_025, 16_000, 4_900.0),
        (48_000, 44_100, 15_000.0),
        (7_919, 16_001, 3_000.0), // no common divisor
    ] {
        // −74 dB of the sine's amplitude.
        let error = error(from, to, hertz);
        assert!(error < 1e-4, "{from} to {to}, {hertz} Hz: {error:e}");
    }
}

#[test]
fn nothing_folds_back() {
    for (from, to, hertz) in [
        (44_100, 16_000, 8_050.0),
        (44_100, 16_000, 9_000.0),
        (44_100, 16_000, 15_000.0),
        (16_000, 8_000, 4_100.0),
        (48_000, 8_000, 20_000.0),
    ] {
        let sound = sine(from, hertz, 0.5).resample(to);
        let edge = sound.samples.len() / 4;
        let left = level(&sound.samples[edge..3 * edge]) / (0.5 * 0.5f64.sqrt());
        let decibel = 20.0 * left.log10();
        assert!(decibel < -76.0, "{from} to {to}, {hertz} Hz: {decibel} dB");
    }
}

#[test]
fn a_higher_rate_adds_no_tones() {
    // Of 3 kHz at 8 kHz the image would lie at 5 kHz.
    let sound = sine(8_000, 3_000.0, 0.5).resample(16_000);
    let part = &sound.samples[2_000..6_000];
    let sum = |f: fn(f64) -> f64| -> f64 {
        let terms = part.iter().enumerate();
        terms
            .map(|(n, &x)| f64::from(x) * f(phase(16_000, 5_000.0, n)))
            .sum()
    };
    let amplitude = 2.0 * sum(f64::sin).hypot(sum(f64::cos)) / part.len() as f64;
    assert!(amplitude < 0.5e-4, "{amplitude:e}");
}

#[test]
fn steady_values_and_short_sounds() {
    let steady = Sound {
        rate: 22_050,
        samples: vec![0.7; 2_205],
    };
    let resampled = steady.resample(16_000);
    assert_eq!(resampled.samples.len(), 1_600);
    assert!(
        resampled.samples[400..1_200]
            .iter()
            .all(|x| (x - 0.7).abs() < 1e-4)
    );
    assert_eq!(steady.resample(22_050), steady);
    let one = Sound {
        rate: 8_000,
        samples: vec![1.0],
    };
    assert_eq!(one.resample(100).samples.len(), 1);
    assert_eq!(one.resample(16_000).samples.len(), 2);
}
