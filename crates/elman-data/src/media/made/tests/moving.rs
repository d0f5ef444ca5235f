use std::f32::consts::TAU;

use crate::media::made::{Direction, GlyphPicture, Glyphs, MovingClip, MovingDigits};

fn clean(bounce: bool) -> MovingDigits {
    MovingDigits {
        noise: 0.0,
        bounce,
        ..MovingDigits::default()
    }
}

/// Where the digit is on a frame whose opposite edges are joined: the phase of the slowest wave along each side.
fn middle(clip: &MovingClip, time: usize) -> [f32; 2] {
    let side = clip.frames.width;
    let mut waves = [[0.0; 2]; 2];
    for (place, &value) in clip.frames.frame(time).iter().enumerate() {
        for (wave, at) in waves.iter_mut().zip([place % side, place / side]) {
            let angle = TAU * (at as f32 + 0.5) / side as f32;
            wave[0] += value * angle.cos();
            wave[1] += value * angle.sin();
        }
    }
    waves.map(|[real, imaginary]| imaginary.atan2(real) * side as f32 / TAU)
}

/// The movement between a frame and the next, the shorter way around.
fn movement(clip: &MovingClip, time: usize) -> [f32; 2] {
    let (from, to) = (middle(clip, time), middle(clip, time + 1));
    let half = clip.frames.width as f32 / 2.0;
    [0, 1].map(|axis| (to[axis] - from[axis] + half).rem_euclid(2.0 * half) - half)
}

#[test]
fn digits_move_as_the_labels_say() {
    for bounce in [false, true] {
        let settings = clean(bounce);
        let mut seen = 0;
        for index in 0..60 {
            let clip = settings.clip(index).unwrap();
            assert_eq!(
                (clip.frames.time(), clip.frames.frames.len()),
                (16, 16 * 32 * 32)
            );
            assert_eq!((clip.directions.len(), clip.bounced.len()), (16, 16));
            assert_eq!(
                (clip.directions[0], clip.bounced[0]),
                (clip.direction, false)
            );
            for time in 0..15 {
                let turned = clip.directions[time + 1] != clip.directions[time];
                assert_eq!(turned, clip.bounced[time + 1], "clip {index}, frame {time}");
                if turned {
                    continue;
                }
                let [right, down] = movement(&clip, time);
                let (x, y) = clip.directions[time + 1].step();
                let speed = right * x + down * y;
                let aside = (right * y - down * x).abs();
                assert!(
                    (1.3..3.2).contains(&speed) && aside < 0.4,
                    "clip {index}, frame {time}"
                );
                seen += 1;
            }
        }
        assert!(seen > 600, "{seen}");
    }
}

#[test]
fn clips_follow_from_seed_and_number() {
    let settings = MovingDigits::default();
    let clip = settings.clip(3).unwrap();
    assert_eq!(clip, settings.clip(3).unwrap());
    assert_ne!(clip.frames, settings.clip(4).unwrap().frames);
    let other = MovingDigits {
        seed: 1,
        ..settings
    };
    assert_ne!(clip.frames, other.clip(3).unwrap().frames);
    assert!(clip.frames.frames.iter().all(|x| (0.0..=1.0).contains(x)));
}

/// The first frame alone must not tell where a digit goes, or no order need be learnt: places are uniform for each
/// direction.
#[test]
fn starts_say_nothing_about_directions() {
    for bounce in [false, true] {
        let settings = MovingDigits {
            side: 16,
            frames: 2,
            speed: [1.0, 1.5],
            ..clean(bounce)
        };
        let mut counts = [[0; 4]; 8];
        let mut glyphs = [0; 10];
        for index in 0..8_000 {
            let clip = settings.clip(index).unwrap();
            let [x, y] = middle(&clip, 0).map(|place| place.rem_euclid(16.0) >= 8.0);
            counts[clip.direction as usize][usize::from(x) * 2 + usize::from(y)] += 1;
            glyphs[clip.glyph.parse::<usize>().unwrap()] += 1;
        }
        // 250 in each with a deviation of 15, and 800 of each digit with one of 27.
        let all = counts.as_flattened();
        assert!(
            all.iter().all(|count| (190..315).contains(count)),
            "{counts:?}"
        );
        assert!(
            glyphs.iter().all(|count| (690..910).contains(count)),
            "{glyphs:?}"
        );
    }
}

#[test]
fn four_directions_and_shapes() {
    let settings = MovingDigits {
        directions: 4,
        glyphs: Glyphs::Shapes,
        ..clean(false)
    };
    let clips: Vec<_> = (0..100)
        .map(|index| settings.clip(index).unwrap())
        .collect();
    for direction in [
        Direction::Right,
        Direction::Down,
        Direction::Left,
        Direction::Up,
    ] {
        assert!(
            clips
                .iter()
                .filter(|clip| clip.direction == direction)
                .count()
                > 10
        );
    }
    assert!(
        clips
            .iter()
            .all(|clip| (clip.direction as usize).is_multiple_of(2))
    );
    for shape in ["circle", "square", "triangle", "cross", "diamond"] {
        assert!(clips.iter().any(|clip| clip.glyph == shape));
    }
}

/// How much of a picture is ink.
fn ink(clip: &MovingClip) -> f32 {
    clip.frames.frame(0).iter().sum()
}

#[test]
fn strokes_have_their_width_and_digits_differ() {
    let thick = |part: f32| MovingDigits {
        side: 64,
        size: [0.5, 0.5],
        thickness: [part, part],
        ..clean(true)
    };
    let (thin, bold) = (thick(0.1), thick(0.2));
    let mut pictures = Vec::new();
    for index in 0..60 {
        let (thin, bold) = (thin.clip(index).unwrap(), bold.clip(index).unwrap());
        // The same draw, with strokes that are twice as wide and a little shorter.
        let ratio = ink(&bold) / ink(&thin);
        assert!((1.4..2.05).contains(&ratio), "{}: {ratio}", bold.glyph);
        let inside: Vec<bool> = bold.frames.frame(0).iter().map(|&x| x > 0.3).collect();
        let rows = inside.chunks(64).filter(|row| row.contains(&true)).count();
        assert!((31..=33).contains(&rows), "{}: {rows} rows", bold.glyph);
        pictures.push((bold.glyph, ink(&thin)));
    }
    let names: std::collections::BTreeSet<_> = pictures.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 10);
}

#[test]
fn pictures_of_the_caller_move_too() {
    // A bright bar at the right end of its picture.
    let bar = GlyphPicture {
        label: "bar".into(),
        width: 8,
        values: (0..64)
            .map(|n| if n % 8 >= 6 { 1.0 } else { 0.0 })
            .collect(),
    };
    let settings = clean(false);
    let clip = settings.clip_of(std::slice::from_ref(&bar), 7).unwrap();
    assert_eq!(clip.glyph, "bar");
    // A quarter of a square between 0.35 and 0.5 of 32 pixels, at brightness 0.7 to 1.
    assert!((0.7 * 31.0..66.0).contains(&ink(&clip)), "{}", ink(&clip));
    let [right, down] = movement(&clip, 4);
    let (x, y) = clip.direction.step();
    assert!(right * x + down * y > 1.3);

    let fails = |pictures: &[GlyphPicture]| settings.clip_of(pictures, 0).unwrap_err().to_string();
    assert!(fails(&[]).starts_with("`pictures`: there are none"));
    for (width, values) in [
        (0, vec![]),
        (3, vec![0.0; 8]),
        (8, vec![]),
        (8, vec![0.0; 8]),
    ] {
        let label = String::new();
        let message = fails(&[GlyphPicture {
            label,
            width,
            values,
        }]);
        assert!(message.starts_with("`pictures`: number 1 has"), "{message}");
    }
}

#[test]
fn wrong_settings_name_their_key() {
    let default = MovingDigits::default;
    #[rustfmt::skip]
    let wrong = [
        ("frames", MovingDigits { frames: 1, ..default() }),
        ("side", MovingDigits { side: 4, ..default() }),
        ("side", MovingDigits { side: 1_000, frames: 1_000, ..default() }),
        ("directions", MovingDigits { directions: 5, ..default() }),
        ("size", MovingDigits { size: [0.5, 0.4], ..default() }),
        ("size", MovingDigits { size: [0.5, f32::NAN], ..default() }),
        ("thickness", MovingDigits { thickness: [0.1, 0.9], ..default() }),
        ("speed", MovingDigits { speed: [1.0, 20.0], ..default() }),
        ("noise", MovingDigits { noise: -0.1, ..default() }),
    ];
    for (key, settings) in wrong {
        let message = settings.clip(0).unwrap_err().to_string();
        assert!(message.starts_with(&format!("`{key}`: ")), "{message}");
    }
}
