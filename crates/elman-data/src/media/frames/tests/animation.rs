use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use gif::DisposalMethod;

use super::{BLUE, GREEN, RED, WHITE, bytes, read, read_within};
use crate::Error;
use crate::media::Limits;
use crate::media::frames::animation::{each_gif_frame, each_png_frame};
use crate::media::frames::read::Sink;
use crate::media::frames::{Frames, read_frame_features, read_frames, write_gif};
use crate::media::picture::read_picture;
use crate::media::support::{png_chunk, png_header, with_file};

/// Part of a 3 × 1 animation: left edge, colours (3 is transparent), what becomes of it.
fn part(left: u16, colours: &[u8], dispose: DisposalMethod) -> gif::Frame<'static> {
    gif::Frame {
        left,
        width: colours.len() as u16,
        height: 1,
        buffer: Cow::Owned(colours.to_vec()),
        transparent: Some(3),
        dispose,
        delay: 5,
        ..gif::Frame::default()
    }
}

fn animation(parts: &[gif::Frame]) -> Vec<u8> {
    let palette = [RED, GREEN, BLUE, [1, 2, 3]].concat();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 3, 1, &palette).unwrap();
    for part in parts {
        encoder.write_frame(part).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn parts_of_frames_are_composed() {
    let file = animation(&[
        part(0, &[0, 0, 0], DisposalMethod::Keep),
        part(1, &[1, 3], DisposalMethod::Background), // only its middle is seen
        part(0, &[2], DisposalMethod::Previous),      // what the one before covered is clear now
        part(2, &[1], DisposalMethod::Keep),
    ]);
    let frames = read("a.gif", &file).unwrap();
    assert_eq!((frames.width, frames.height, frames.channels), (3, 1, 3));
    assert_eq!((frames.time(), frames.delay_ms), (4, 50.0));
    assert_eq!(bytes(&frames, 0), [RED, RED, RED]);
    assert_eq!(bytes(&frames, 1), [RED, GREEN, RED]);
    assert_eq!(bytes(&frames, 2), [BLUE, WHITE, WHITE]);
    assert_eq!(bytes(&frames, 3), [RED, WHITE, GREEN]);
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.gif");
    let greys = Frames {
        width: 16,
        height: 16,
        channels: 1,
        frames: (0..512).map(|n| (n % 256) as f32 / 255.0).collect(),
        delay_ms: 40.0,
    };
    write_gif(&path, &greys).unwrap();
    let back = read_frames(&path, &Limits::default()).unwrap();
    assert_eq!((back.time(), back.delay_ms), (2, 40.0));
    assert_eq!(
        back.to_features(None, false)
            .values
            .iter()
            .step_by(3)
            .copied()
            .collect::<Vec<_>>(),
        greys.frames
    );

    let colours = Frames {
        width: 2,
        height: 1,
        channels: 3,
        frames: vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.2, 0.4, 0.6],
        delay_ms: 1.0,
    };
    write_gif(&path, &colours).unwrap();
    let back = read_frames(&path, &Limits::default()).unwrap();
    assert_eq!(bytes(&back, 0), [RED, GREEN]);
    assert_eq!(bytes(&back, 1), [BLUE, [51, 102, 153]]);
    assert_eq!(back.delay_ms, 20.0);
    // As many colours as pixels: 256 must stand for 4096.
    let many = Frames {
        width: 64,
        height: 64,
        channels: 3,
        frames: (0..4096)
            .flat_map(|n| [(n % 64) as f32 / 63.0, (n / 64) as f32 / 63.0, 0.5])
            .collect(),
        delay_ms: 100.0,
    };
    write_gif(&path, &many).unwrap();
    let back = read_frames(&path, &Limits::default()).unwrap();
    let errors = back
        .frames
        .iter()
        .zip(&many.frames)
        .map(|(a, b)| (a - b).abs());
    assert!(errors.sum::<f32>() / (3.0 * 4096.0) < 0.04);
}

#[test]
fn what_no_gif_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.gif");
    let frames = |width, count| Frames {
        width,
        height: 1,
        channels: 1,
        frames: vec![0.0; count],
        delay_ms: 40.0,
    };
    let message = write_gif(&path, &frames(5, 0)).unwrap_err().to_string();
    assert!(
        message.ends_with("cannot be written as GIF: there are no frames"),
        "{message}"
    );
    let message = write_gif(&path, &frames(70_000, 70_000))
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with("70000 × 1 pixels are too many"),
        "{message}"
    );
    assert!(!path.exists());
}

/// A 2 × 1 APNG: red and clear; then blue over the right pixel alone for 1/4 s, in the second frame.
fn apng() -> Vec<u8> {
    let packed = |rows: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(rows).unwrap();
        packer.finish().unwrap()
    };
    let control = |number: u32, width: u32, left: u32, delay: [u16; 2]| {
        let [above, below] = delay.map(u16::to_be_bytes);
        let sides = [number, width, 1, left, 0].map(u32::to_be_bytes);
        // Nothing is taken away afterwards; the frame is laid over what is there.
        png_chunk(
            b"fcTL",
            &[sides.as_flattened(), &above, &below, &[0, 1]].concat(),
        )
    };
    let second = [&2u32.to_be_bytes()[..], &packed(&[0, 0, 0, 255, 255])].concat();
    [
        png_header(2, 1),
        png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        control(0, 2, 0, [0, 0]),
        png_chunk(b"IDAT", &packed(&[0, 255, 0, 0, 255, 0, 0, 0, 0])),
        control(1, 1, 1, [1, 4]),
        png_chunk(b"fdAT", &second),
        png_chunk(b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn animated_png() {
    let frames = read("a.png", &apng()).unwrap();
    assert_eq!(frames.time(), 2);
    assert_eq!(bytes(&frames, 0), [RED, WHITE]);
    assert_eq!(bytes(&frames, 1), [RED, BLUE]);
    // No delay stands for 100 ms, as in browsers.
    assert_eq!(frames.delay_ms, (100.0 + 250.0) / 2.0);
}

#[test]
fn animations_cut_off_are_refused() {
    let keep = DisposalMethod::Keep;
    let gif = animation(&[part(0, &[0, 1, 2], keep), part(0, &[2, 1, 0], keep)]);
    let apng = apng();
    for (name, whole, end) in [("a.gif", gif, 0), ("a.png", apng, 12)] {
        for length in 1..whole.len() - end {
            let message = read(name, &whole[..length]).unwrap_err();
            assert!(message.starts_with(&format!("`{name}`: ")), "{message}");
        }
        let message = read(name, &whole[..whole.len() - end - 4]).unwrap_err();
        assert!(
            message.contains("frame 2 is cut off or damaged"),
            "{message}"
        );
    }
}

type Each = fn(&Path, &[u8], &Limits, Sink) -> Result<f32, Error>;

#[test]
fn no_damage_makes_the_reader_panic() {
    let keep = DisposalMethod::Keep;
    let gif = animation(&[part(0, &[0, 1, 2], keep), part(1, &[2, 1], keep)]);
    let limits = Limits {
        pixels: 10_000,
        frames: 100,
        ..Limits::default()
    };
    for (each, whole) in [(each_gif_frame as Each, gif), (each_png_frame, apng())] {
        for place in 0..whole.len() {
            for value in [0, 0x3F, 0xFF] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                let mut count = 0;
                let mut sink = |_| {
                    count += 1;
                    Ok(())
                };
                let read = each("a".as_ref(), &damaged, &limits, &mut sink);
                assert!(read.is_err() || count > 0);
            }
        }
    }
}

#[test]
fn films_that_are_too_large() {
    let keep = DisposalMethod::Keep;
    let three = animation(&[
        part(0, &[0, 1, 2], keep),
        part(0, &[2], keep),
        part(0, &[1], keep),
    ]);
    let within = |frames, film_pixels| {
        let limits = Limits {
            frames,
            film_pixels,
            ..Limits::default()
        };
        read_within("a.gif", &three, limits)
    };
    assert_eq!(within(3, 9).unwrap().time(), 3);
    assert!(
        within(2, 9)
            .unwrap_err()
            .contains("`a.gif`: it has more than 2 frames")
    );
    assert!(
        within(3, 8)
            .unwrap_err()
            .contains("3 frames of 3 × 1 are more than 0.0 megapixels")
    );
    // Frames are composed on the whole canvas, which is what they cost, however small what is kept of them is.
    let mut canvas = three.clone();
    canvas[6..10].copy_from_slice(&[200, 0, 100, 0]);
    let limits = Limits {
        film_pixels: 40_000,
        ..Limits::default()
    };
    let small = |bytes: &[u8]| {
        with_file("a.gif", bytes, |path| {
            read_frame_features(path, &limits, Some((1, 1)), true)
        })
    };
    assert_eq!(small(&three).unwrap().time(), 3);
    let message = small(&canvas).unwrap_err();
    assert!(
        message.contains("3 frames of 200 × 100") && message.contains("limits.film_pixels"),
        "{message}"
    );
    let mut wide = three.clone();
    wide[6..10].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let message = read("a.gif", &wide).unwrap_err();
    assert!(message.contains("65535 × 65535 pixels"), "{message}");
    // A frame larger than the animation asks for memory too.
    let frame = three.iter().position(|&byte| byte == b',').unwrap();
    let mut part = three;
    part[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let message = read("a.gif", &part).unwrap_err();
    assert!(
        message.contains("frame 1 is 65535 × 65535 pixels") && message.contains("limits.pixels"),
        "{message}"
    );
    let message = with_file("a.gif", &part, |path| {
        read_picture(path, &Limits::default())
    });
    assert!(message.unwrap_err().contains("frame 1 is 65535 × 65535"));
}
