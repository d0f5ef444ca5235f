use std::f64::consts::{PI, TAU};

use super::{noise, sine};
use crate::media::sound::{LogMel, Sound, SoundConfig};

/// Log-mel vectors as the documentation states them, by sums over all samples and frequencies, in 64 bits.
fn by_definition(config: &SoundConfig, sound: &Sound, points: usize) -> Vec<f64> {
    let rate = f64::from(config.rate);
    let window = (rate * f64::from(config.window_ms) / 1000.0).round() as usize;
    let hop = (rate * f64::from(config.hop_ms) / 1000.0).round() as usize;
    let high = config.high.map_or(rate / 2.0, f64::from);
    let mel = |f: f64| 2595.0 * (1.0 + f / 700.0).log10();
    let corners: Vec<f64> = (0..config.mels + 2)
        .map(|c| {
            let (low, high) = (mel(f64::from(config.low)), mel(high));
            let at = low + (high - low) * c as f64 / (config.mels as f64 + 1.0);
            700.0 * (10f64.powf(at / 2595.0) - 1.0)
        })
        .collect();
    let x: Vec<f64> = sound.samples.iter().map(|&x| f64::from(x)).collect();
    let y = |n: usize| x[n] - f64::from(config.preemphasis) * x[n.saturating_sub(1)];
    let mut values = Vec::new();
    for begin in (0..=x.len() - window).step_by(hop) {
        let mut power = Vec::new();
        for k in 0..=points / 2 {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for n in 0..window {
                let w = 0.5 - 0.5 * (2.0 * PI * n as f64 / window as f64).cos();
                let angle = -TAU * (k * n) as f64 / points as f64;
                real += w * y(begin + n) * angle.cos();
                imaginary += w * y(begin + n) * angle.sin();
            }
            power.push(real * real + imaginary * imaginary);
        }
        for band in corners.windows(3) {
            let filter = |f: f64| {
                if f < band[0] || f > band[2] {
                    0.0
                } else if f < band[1] {
                    (f - band[0]) / (band[1] - band[0])
                } else {
                    (band[2] - f) / (band[2] - band[1])
                }
            };
            let frequency = |k: usize| k as f64 * rate / points as f64;
            let sum: f64 = power
                .iter()
                .enumerate()
                .map(|(k, p)| filter(frequency(k)) * p)
                .sum();
            values.push((sum + 1e-6).ln());
        }
    }
    values
}

#[test]
fn numbers_are_those_of_the_definition() {
    let usual = SoundConfig {
        rate: 8_000,
        ..SoundConfig::default()
    };
    let narrow = SoundConfig {
        window_ms: 32.0,
        hop_ms: 16.0,
        mels: 23,
        low: 64.0,
        high: Some(3_300.0),
        preemphasis: 0.0,
        ..usual.clone()
    };
    for config in [usual, narrow] {
        let sound = noise(8_000, 1_000, 0.1, 5);
        let features = LogMel::new(&config).unwrap().features(&sound);
        let expected = by_definition(&config, &sound, 256);
        assert_eq!(features.features, config.mels);
        assert_eq!(features.values.len(), expected.len());
        for (found, expected) in features.values.iter().zip(expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 1e-4,
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn a_tone_is_loudest_in_its_band() {
    let config = SoundConfig::default();
    let log_mel = LogMel::new(&config).unwrap();
    let mel = |f: f64| 2595.0 * (1.0 + f / 700.0).log10();
    for hertz in [300.0, 1_000.0, 2_500.0, 6_000.0] {
        let features = log_mel.features(&sine(16_000, hertz, 0.2));
        assert_eq!(features.time(), 1 + (3_200 - 400) / 160);
        // Band b has its peak at (b + 1) / 41 of the mel scale.
        let expected = (mel(hertz) / mel(8_000.0) * 41.0 - 1.0).round() as usize;
        for vector in features.values.chunks_exact(40) {
            let loudest = (0..40)
                .max_by(|&a, &b| vector[a].total_cmp(&vector[b]))
                .unwrap();
            assert_eq!(loudest, expected, "{hertz} Hz");
        }
    }
}

#[test]
fn silence_short_clips_and_other_rates() {
    let log_mel = LogMel::new(&SoundConfig::default()).unwrap();
    let silence = |count| Sound {
        rate: 16_000,
        samples: vec![0.0; count],
    };
    for (count, time) in [(1, 1), (399, 1), (400, 1), (559, 1), (560, 2)] {
        let features = log_mel.features(&silence(count));
        assert_eq!(features.time(), time, "{count} samples");
        assert!(
            features
                .values
                .iter()
                .all(|x| (x - 1e-6f32.ln()).abs() < 1e-5)
        );
    }
    assert_eq!(log_mel.features(&silence(0)).time(), 1);
    // A sound at twice the rate gives what it gives at the rate of the features, below what the filter lets pass.
    let once = log_mel.features(&sine(16_000, 1_000.0, 0.3));
    let twice = log_mel.features(&sine(32_000, 1_000.0, 0.3));
    assert_eq!(once.time(), twice.time());
    let band = |values: &[f32]| values[10 * 40 + 13];
    assert!((band(&once.values) - band(&twice.values)).abs() < 1e-3);
}

#[test]
fn deltas_are_slopes() {
    let config = SoundConfig {
        rate: 8_000,
        mels: 5,
        ..SoundConfig::default()
    };
    let both = SoundConfig {
        deltas: true,
        ..config.clone()
    };
    let sound = noise(8_000, 800, 0.2, 9);
    let plain = LogMel::new(&config).unwrap().features(&sound);
    let both = LogMel::new(&both).unwrap().features(&sound);
    assert_eq!((both.features, both.time()), (10, plain.time()));
    let at = |time: isize, band: usize| {
        let time = time.clamp(0, plain.time() as isize - 1) as usize;
        plain.values[time * 5 + band]
    };
    for (time, row) in both.values.chunks_exact(10).enumerate() {
        let t = time as isize;
        for band in 0..5 {
            let slope = (at(t + 1, band) - at(t - 1, band)
                + 2.0 * (at(t + 2, band) - at(t - 2, band)))
                / 10.0;
            assert_eq!(row[band], at(t, band));
            assert!((row[5 + band] - slope).abs() < 1e-5);
        }
    }
}

#[test]
fn narrow_bands_get_a_finer_transform() {
    // 64 bands below 1000 Hz are narrower than the 31 Hz between the frequencies of a plain transform.
    let config = SoundConfig {
        rate: 8_000,
        mels: 64,
        high: Some(1_000.0),
        ..SoundConfig::default()
    };
    let loud = LogMel::new(&config)
        .unwrap()
        .features(&noise(8_000, 400, 0.5, 1));
    let floor = 1e-6f32.ln();
    assert!(loud.values.iter().all(|&x| x > floor + 3.0));
    let impossible = SoundConfig {
        mels: 500,
        high: Some(100.0),
        ..config
    };
    let message = LogMel::new(&impossible).unwrap_err().to_string();
    assert!(
        message.starts_with("`data.sound.mels`: 500 bands between 0 and 100 Hz"),
        "{message}"
    );
}

#[test]
fn wrong_settings_name_their_key() {
    let default = SoundConfig::default;
    #[rustfmt::skip]
    let wrong = [
        ("data.sound.rate", SoundConfig { rate: 0, ..default() }),
        ("data.sound.rate", SoundConfig { rate: u32::MAX, ..default() }),
        ("data.sound.window_ms", SoundConfig { window_ms: 0.0, ..default() }),
        ("data.sound.window_ms", SoundConfig { window_ms: f32::NAN, ..default() }),
        ("data.sound.window_ms", SoundConfig { window_ms: 0.1, ..default() }),
        ("data.sound.window_ms", SoundConfig { window_ms: 1e9, ..default() }),
        ("data.sound.hop_ms", SoundConfig { hop_ms: -10.0, ..default() }),
        ("data.sound.mels", SoundConfig { mels: 0, ..default() }),
        ("data.sound.mels", SoundConfig { mels: usize::MAX, ..default() }),
        ("data.sound.low", SoundConfig { low: -1.0, ..default() }),
        ("data.sound.low", SoundConfig { low: 8_000.0, ..default() }),
        ("data.sound.high", SoundConfig { high: Some(8_001.0), ..default() }),
        ("data.sound.high", SoundConfig { low: 300.0, high: Some(300.0), ..default() }),
        ("data.sound.preemphasis", SoundConfig { preemphasis: 1.0, ..default() }),
    ];
    for (key, config) in wrong {
        let message = LogMel::new(&config).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("`{key}`: ")),
            "{key}: {message}"
        );
    }
    let misspelled = toml::from_str::<SoundConfig>("mel = 20")
        .unwrap_err()
        .to_string();
    assert!(misspelled.contains("unknown field `mel`"), "{misspelled}");
    let set: SoundConfig = toml::from_str("mels = 20\nhigh = 3000").unwrap();
    assert_eq!((set.mels, set.high, set.rate), (20, Some(3_000.0), 16_000));
    let written = toml::to_string(&set).unwrap();
    assert_eq!(toml::from_str::<SoundConfig>(&written).unwrap(), set);
}
