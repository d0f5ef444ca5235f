use super::{level, noise, sine};
use crate::media::sound::{SilenceConfig, draw_strings, join_with_silence};

#[test]
fn clips_lie_where_the_spans_say_with_silence_around() {
    let clips = [
        sine(8_000, 400.0, 0.3),
        sine(8_000, 900.0, 0.1),
        sine(16_000, 400.0, 0.2),
    ];
    let silence = SilenceConfig {
        noise_db: Some(-50.0),
        ..SilenceConfig::default()
    };
    let clips: Vec<_> = clips.iter().collect();
    let mut lengths = Vec::new();
    for seed in 0..50 {
        let joined = join_with_silence(&clips, &silence, seed).unwrap();
        assert_eq!(joined.sound.rate, 8_000);
        assert_eq!(joined.spans.len(), 3);
        for (clip, span) in clips.iter().zip(&joined.spans) {
            let expected = clip.resample(8_000).samples;
            assert_eq!(joined.sound.samples[span.clone()], expected);
        }
        let mut end = 0;
        let last = joined.sound.samples.len();
        for begin in joined.spans.iter().map(|span| span.start).chain([last]) {
            let quiet = &joined.sound.samples[end..begin];
            lengths.push(quiet.len());
            // −50 dB of a sine's level of √½, with the spread of at least 400 samples.
            let decibel = 20.0 * (level(quiet) / 0.5f64.sqrt()).log10();
            assert!((decibel + 50.0).abs() < 1.5, "{decibel}");
            end = joined
                .spans
                .iter()
                .find(|s| s.start == begin)
                .map_or(0, |s| s.end);
        }
    }
    // 50 to 300 ms of 8000 samples per second, near to both ends in 200 draws.
    let (least, most) = (lengths.iter().min().unwrap(), lengths.iter().max().unwrap());
    assert!(
        (400..440).contains(least) && (2_360..=2_400).contains(most),
        "{least} {most}"
    );
}

#[test]
fn the_same_seed_gives_the_same_string() {
    let clips = [noise(8_000, 500, 0.3, 1), noise(8_000, 700, 0.2, 2)];
    let clips: Vec<_> = clips.iter().collect();
    let silence = SilenceConfig::default();
    let join = |seed| join_with_silence(&clips, &silence, seed).unwrap();
    assert_eq!(join(3), join(3));
    assert_ne!(join(3).sound.samples.len(), join(4).sound.samples.len());
}

#[test]
fn the_noise_is_that_of_the_quietest_moment() {
    let mut clip = sine(8_000, 400.0, 0.5);
    let hiss = noise(8_000, 400, 0.01, 3);
    clip.samples.extend(&hiss.samples);
    let joined = join_with_silence(&[&clip], &SilenceConfig::default(), 1).unwrap();
    let before = level(&joined.sound.samples[..joined.spans[0].start]);
    // The lowest of two parts of 160 samples, each with a relative deviation of 6 %.
    assert!((0.008..0.0115).contains(&before), "{before}");
}

#[test]
fn bounds_that_cannot_be_meant() {
    let clip = sine(8_000, 400.0, 0.1);
    let default = SilenceConfig::default;
    #[rustfmt::skip]
    let wrong = [
        ("silence.least_ms", SilenceConfig { least_ms: -1.0, ..default() }),
        ("silence.least_ms", SilenceConfig { least_ms: f32::NAN, ..default() }),
        ("silence.most_ms", SilenceConfig { most_ms: 20.0, ..default() }),
        ("silence.most_ms", SilenceConfig { most_ms: 1e9, ..default() }),
        ("silence.noise_db", SilenceConfig { noise_db: Some(1.0), ..default() }),
    ];
    for (key, silence) in wrong {
        let message = join_with_silence(&[&clip], &silence, 0)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with(&format!("`{key}`: ")), "{message}");
    }
}

#[test]
fn strings_use_all_clips_alike() {
    let strings = draw_strings(50, 400, 3..=6, 8);
    assert_eq!(strings, draw_strings(50, 400, 3..=6, 8));
    assert_ne!(strings, draw_strings(50, 400, 3..=6, 9));
    assert_eq!(strings[..100], draw_strings(50, 100, 3..=6, 8));
    let mut lengths = [0; 7];
    let mut used = [0; 50];
    for string in &strings {
        lengths[string.len()] += 1;
        string.iter().for_each(|&clip| used[clip] += 1);
    }
    assert!(
        lengths[3..].iter().all(|count| (70..130).contains(count)),
        "{lengths:?}"
    );
    assert!(used.iter().max().unwrap() - used.iter().min().unwrap() <= 1);
}
