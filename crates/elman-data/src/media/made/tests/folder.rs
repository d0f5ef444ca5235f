use std::fs;
use std::path::Path;

use crate::media::Limits;
use crate::media::frames::read_frames;
use crate::media::made::{
    CaptionShapes, ClipFormat, GlyphPicture, MovingDigits, write_caption_shapes,
    write_moving_digits,
};
use crate::media::picture::read_picture;

/// The cells of a CSV file without line ends in cells.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let split = |line: &str| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                letter => cells.last_mut().unwrap().push(letter),
            }
        }
        cells
    };
    text.lines().map(split).collect()
}

#[test]
fn clips_and_their_labels() {
    let folder = tempfile::tempdir().unwrap();
    let settings = MovingDigits {
        frames: 5,
        bounce: true,
        ..MovingDigits::default()
    };
    for (name, format) in [("gif", ClipFormat::Gif), ("npy", ClipFormat::Npy)] {
        let target = folder.path().join(name);
        write_moving_digits(&target, &settings, None, 12, format).unwrap();
        let rows = cells(&target.join("labels.csv"));
        assert_eq!(
            rows[0],
            ["file", "digit", "direction", "directions", "bounced"]
        );
        assert_eq!(rows.len(), 13);
        for (index, row) in rows[1..].iter().enumerate() {
            let clip = settings.clip(index as u64).unwrap();
            assert_eq!(row[0], format!("clips/{index:05}.{name}"));
            assert_eq!(row[1..3], [clip.glyph.clone(), clip.direction.to_string()]);
            let directions: Vec<String> = clip.directions.iter().map(|x| x.to_string()).collect();
            assert_eq!(row[3].split(' ').collect::<Vec<_>>(), directions);
            let bounced: Vec<bool> = row[4].split(' ').map(|word| word == "yes").collect();
            assert_eq!(bounced, clip.bounced);
            let values = match format {
                ClipFormat::Gif => {
                    let frames = read_frames(&target.join(&row[0]), &Limits::default()).unwrap();
                    frames.to_features(None, true).values
                }
                ClipFormat::Npy => {
                    let bytes = fs::read(target.join(&row[0])).unwrap();
                    assert_eq!(bytes[..10], *b"\x93NUMPY\x01\x00\x76\x00");
                    let header = std::str::from_utf8(&bytes[10..128]).unwrap();
                    let stated = "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 32, 32), }";
                    assert_eq!(header.trim_end_matches(' '), format!("{stated:<117}\n"));
                    let values = bytes[128..].as_chunks().0;
                    values.iter().map(|&x| f32::from_le_bytes(x)).collect()
                }
            };
            assert_eq!(values.len(), clip.frames.frames.len());
            let most = values
                .iter()
                .zip(&clip.frames.frames)
                .map(|(a, b)| (a - b).abs());
            assert!(most.fold(0.0, f32::max) < 0.5 / 255.0 + 1e-6);
        }
    }
    let picture = GlyphPicture {
        label: "a, \"b\"".into(),
        width: 2,
        values: vec![1.0; 4],
    };
    let target = folder.path().join("own");
    write_moving_digits(&target, &settings, Some(&[picture]), 1, ClipFormat::Gif).unwrap();
    let text = fs::read_to_string(target.join("labels.csv")).unwrap();
    assert!(text.contains("clips/00000.gif,\"a, \"\"b\"\"\","), "{text}");
}

#[test]
fn pictures_and_their_captions() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new/shapes");
    let settings = CaptionShapes::default();
    write_caption_shapes(&target, &settings, 30).unwrap();
    let rows = cells(&target.join("captions.csv"));
    assert_eq!(rows[0], ["file", "english", "korean"]);
    assert_eq!(rows.len(), 31);
    for (row, captioned) in rows[1..].iter().zip(settings.captions(30).unwrap()) {
        assert_eq!(row[1..], [captioned.english, captioned.korean]);
        let picture = read_picture(&target.join(&row[0]), &Limits::default()).unwrap();
        assert_eq!(picture, captioned.picture);
    }
}

#[test]
fn nothing_is_mixed_with_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let message = write_caption_shapes(folder.path(), &CaptionShapes::default(), 1).unwrap_err();
    assert!(
        message
            .to_string()
            .ends_with("the folder is not empty; name a new one")
    );
    let wrong = MovingDigits {
        frames: 0,
        ..MovingDigits::default()
    };
    let new = folder.path().join("new");
    write_moving_digits(&new, &wrong, None, 1, ClipFormat::Npy).unwrap_err();
    assert!(!new.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
