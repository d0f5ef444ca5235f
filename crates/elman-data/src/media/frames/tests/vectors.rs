use std::path::Path;

use crate::media::Limits;
use crate::media::frames::{Frames, read_frame_features, read_frames, write_gif};
use crate::media::picture::Picture;

#[test]
fn vectors_of_any_size() {
    let frames = Frames {
        width: 2,
        height: 2,
        channels: 3,
        frames: [[1.0, 0.0, 0.0]; 4]
            .concat()
            .into_iter()
            .chain([0.5; 12])
            .collect(),
        delay_ms: 100.0,
    };
    let plain = frames.to_features(None, false);
    assert_eq!((plain.features, plain.time()), (12, 2));
    assert_eq!(plain.values, frames.frames);
    let grey = frames.to_features(None, true);
    assert_eq!((grey.features, grey.time()), (4, 2));
    assert!(grey.values[..4].iter().all(|x| (x - 0.299).abs() < 1e-6));
    assert!(grey.values[4..].iter().all(|x| (x - 0.5).abs() < 1e-6));
    let larger = frames.to_features(Some((5, 3)), false);
    assert_eq!((larger.features, larger.time()), (45, 2));
    assert!((larger.values[3] - 1.0).abs() < 1e-6 && larger.values[4].abs() < 1e-6);
    let one = frames.to_features(Some((1, 1)), true);
    assert_eq!((one.features, one.values.len()), (1, 2));
    assert!((one.values[0] - 0.299).abs() < 1e-6 && (one.values[1] - 0.5).abs() < 1e-6);
}

#[test]
fn sizes_are_averages() {
    let frames = Frames {
        width: 4,
        height: 1,
        channels: 1,
        frames: vec![0.0, 1.0, 0.0, 1.0],
        delay_ms: 100.0,
    };
    // Triangles of width 4 around 1 and 3: weights ¼ ¾ ¾ ¼ of which the last lies outside, or the first.
    let half = frames.to_features(Some((2, 1)), true).values;
    assert!(
        (half[0] - 0.75 / 1.75).abs() < 1e-5 && (half[1] - 1.0 / 1.75).abs() < 1e-5,
        "{half:?}"
    );
}

#[test]
fn one_by_one_gives_the_same_as_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gif");
    let frames = Frames {
        width: 9,
        height: 7,
        channels: 1,
        frames: (0..5 * 63).map(|n| (n * n % 97) as f32 / 96.0).collect(),
        delay_ms: 100.0,
    };
    write_gif(&path, &frames).unwrap();
    let whole = read_frames(&path, &Limits::default()).unwrap();
    for (size, grey) in [
        (None, false),
        (None, true),
        (Some((4, 4)), true),
        (Some((3, 5)), false),
    ] {
        let at_once = whole.to_features(size, grey);
        let limits = Limits::default();
        assert_eq!(
            read_frame_features(&path, &limits, size, grey).unwrap(),
            at_once
        );
    }
    // What is kept counts, and what an animation's canvas is composed of; of other films what is read does not.
    let within = |path: &Path, film_pixels: u64, size: (usize, usize)| {
        let limits = Limits {
            film_pixels,
            ..Limits::default()
        };
        read_frame_features(path, &limits, Some(size), true).is_ok()
    };
    assert!(within(&path, 5 * 63, (4, 4)));
    assert!(!within(&path, 5 * 63 - 1, (4, 4)));
    assert!(!within(&path, 5 * 63, (8, 8)));
    let folder = folder.path().join("frames");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..5 {
        let picture = Picture {
            width: 9,
            height: 7,
            rgb: vec![number; 3 * 63],
        };
        picture
            .write_png(folder.join(format!("{number}.png")))
            .unwrap();
    }
    assert!(within(&folder, 5 * 16, (4, 4)));
    assert!(!within(&folder, 5 * 16, (4, 5)));
}
