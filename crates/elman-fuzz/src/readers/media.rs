//! Recordings, pictures and films.

use super::{Readers, place, said, tables};
use crate::reader::{Case, Reader};
use elman_data::media::Limits;
use elman_data::media::frames::{Frames, read_frame_features, read_frames, write_gif};
use elman_data::media::picture::read_picture;
use elman_data::media::sound::{LogMel, SoundConfig, read_wav};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::{self, Cursor, Write};
use std::path::Path;

pub(super) const READERS: Readers = &[
    ("wav", |_| Ok(wav())),
    ("gif", gif),
    ("png", |_| Ok(png())),
    ("jpeg", |_| picture("jpeg", ImageFormat::Jpeg)),
    ("bmp", |_| picture("bmp", ImageFormat::Bmp)),
    ("y4m", |_| Ok(y4m())),
    ("frames", |_| Ok(folder())),
];

/// What pictures and films may ask for here, so that a bound on memory can be told from a limit that was set.
const LIMITS: Limits = Limits {
    pixels: 60_000,
    frames: 500,
    film_pixels: 120_000,
};
/// The decoders' own limit is 16 bytes for each pixel and 1 MiB; 12 more are kept for each pixel of a film, twice as it grows.
const HELD: usize = 16 * 60_000 + 3 * 12 * 120_000 + (24 << 20);

fn wav_file(format: u16, channels: u16, bits: u16, extra: &[u8], data: &[u8]) -> Vec<u8> {
    let (rate, block) = (8_000u32, channels * bits / 8);
    let fmt = [
        &format.to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(block)).to_le_bytes(),
        &block.to_le_bytes(),
        &bits.to_le_bytes(),
        extra,
    ]
    .concat();
    let chunk =
        |name: &[u8], body: &[u8]| [name, &(body.len() as u32).to_le_bytes(), body].concat();
    let body = [
        b"WAVE".to_vec(),
        chunk(b"fmt ", &fmt),
        chunk(b"LIST", b"INFOsome"),
        chunk(b"data", data),
    ]
    .concat();
    chunk(b"RIFF", &body)
}

fn wav() -> Reader {
    let bytes = |count: usize| -> Vec<u8> { (0..count).map(|at| (at * 37 % 251) as u8).collect() };
    let floats: Vec<u8> = (0..400)
        .flat_map(|at| (tables::value(at) as f32 / 16.0).to_le_bytes())
        .collect();
    // The sub-format of PCM, behind the valid bits and the mask of speakers.
    let extensible = [
        &[22, 0, 24, 0, 4, 0, 0, 0, 1, 0][..],
        b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71",
    ]
    .concat();
    let cases = vec![
        Case::binary("a.wav", wav_file(1, 1, 16, &[], &bytes(1600))).whole(),
        Case::binary("b.wav", wav_file(1, 2, 8, &[], &bytes(800))).whole(),
        Case::binary("c.wav", wav_file(3, 1, 32, &[], &floats)).whole(),
        Case::binary("d.wav", wav_file(1, 1, 24, &[], &bytes(1200))).whole(),
        Case::binary("e.wav", wav_file(0xFFFE, 1, 32, &extensible, &bytes(1600))).whole(),
    ];
    let mel = LogMel::new(&SoundConfig {
        rate: 8_000,
        ..SoundConfig::default()
    });
    let mel = mel.expect("the default features suit a rate of 8000");
    Reader::new("wav", cases, move |_, path| {
        let sound = read_wav(path).map_err(said)?;
        mel.features(&sound);
        // As a recipe's `rate` asks for it; from 1000 samples a second to 8000 is eightfold.
        mel.features(&sound.resample(8_000));
        Ok(())
    })
    .holding(64 << 20, 1024)
}

fn colours(width: u32, height: u32) -> DynamicImage {
    let image = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 21) as u8, (y * 17) as u8, ((x ^ y) * 9) as u8])
    });
    image.into()
}

fn encoded(format: ImageFormat, width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    colours(width, height)
        .write_to(&mut bytes, format)
        .map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// Reads a picture, or a film, in the ways in which recipes do.
fn look(path: &Path) -> Result<(), String> {
    let film = read_frames(path, &LIMITS).map_err(said);
    let features = read_frame_features(path, &LIMITS, Some((9, 7)), true).map_err(said);
    if let Ok(film) = &film {
        film.to_features(Some((5, 5)), false);
    }
    if path.is_file()
        && let Ok(picture) = read_picture(path, &LIMITS)
    {
        picture.resize_shorter(6).centre_crop(6, 6);
    }
    film.and(features.map(drop))
}

fn reader(name: &'static str, cases: Vec<Case>) -> Reader {
    Reader::new(name, cases, |_, path| look(path)).holding(HELD, 256)
}

fn picture(name: &'static str, format: ImageFormat) -> io::Result<Reader> {
    let file = |width, height| {
        encoded(format, width, height).map(|bytes| Case::binary(format!("{width}.{name}"), bytes))
    };
    // JPEG ends with a mark of two bytes.
    Ok(reader(
        name,
        vec![
            file(13, 9)?.whole_but(2),
            file(40, 24)?.whole_but(2),
            file(1, 1)?.whole_but(2),
        ],
    ))
}

fn film(width: usize, height: usize, channels: usize, time: usize) -> Frames {
    let count = width * height * channels * time;
    Frames {
        width,
        height,
        channels,
        frames: (0..count).map(|at| (at % 256) as f32 / 255.0).collect(),
        delay_ms: 40.0,
    }
}

fn gif(work: &Path) -> io::Result<Reader> {
    let mut cases = Vec::new();
    for (place, frames) in [film(12, 8, 1, 4), film(6, 5, 3, 3)].iter().enumerate() {
        let path = work.join(format!("made-{place}.gif"));
        write_gif(&path, frames).map_err(io::Error::other)?;
        // The last byte, `;`, says that nothing follows.
        cases.push(Case::binary(format!("{place}.gif"), std::fs::read(path)?).whole_but(1));
    }
    cases.push(Case::binary("still.gif", encoded(ImageFormat::Gif, 9, 7)?).whole_but(1));
    Ok(reader("gif", cases))
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    [
        &(data.len() as u32).to_be_bytes()[..],
        kind,
        data,
        &sum.sum().to_be_bytes(),
    ]
    .concat()
}

/// Rows of red, green, blue and alpha, each behind its filter, compressed.
fn rows(width: usize, height: usize, shade: u8) -> Vec<u8> {
    let row = |y: usize| {
        std::iter::once(0).chain((0..4 * width).map(move |x| (x * 13 + y * 29) as u8 ^ shade))
    };
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let rows: Vec<u8> = (0..height).flat_map(row).collect();
    encoder
        .write_all(&rows)
        .and_then(|()| encoder.finish())
        .expect("memory takes what is written to it")
}

fn animated(width: usize, height: usize, time: u32) -> Vec<u8> {
    let [w, h] = [width, height].map(|side| (side as u32).to_be_bytes());
    let control = |number: u32| {
        [
            &number.to_be_bytes()[..],
            &w,
            &h,
            &[0; 8],
            &[0, 4, 0, 100, 0, 1],
        ]
        .concat()
    };
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[&w[..], &h, &[8, 6, 0, 0, 0]].concat()));
    file.extend(chunk(
        b"acTL",
        &[time.to_be_bytes(), 0u32.to_be_bytes()].concat(),
    ));
    file.extend(chunk(b"fcTL", &control(0)));
    file.extend(chunk(b"IDAT", &rows(width, height, 0)));
    for frame in 1..time {
        let number = 2 * frame - 1;
        file.extend(chunk(b"fcTL", &control(number)));
        file.extend(chunk(
            b"fdAT",
            &[
                &(number + 1).to_be_bytes()[..],
                &rows(width, height, frame as u8),
            ]
            .concat(),
        ));
    }
    file.extend(chunk(b"IEND", &[]));
    file
}

fn png() -> Reader {
    let film = animated(10, 6, 3);
    let still = encoded(ImageFormat::Png, 13, 9).expect("memory takes what is written to it");
    // The chunk of the pixels has a checksum behind it.
    let at = still
        .windows(4)
        .position(|four| four == b"IDAT")
        .expect("a PNG file has pixels");
    let length = u32::from_be_bytes(still[at - 4..at].try_into().expect("four bytes")) as usize;
    let pixels = at + 4..at + 8 + length;
    // Nothing is read behind the pixels.
    let still = Case::binary("still.png", still)
        .whole_to(pixels.end)
        .sealed(pixels);
    // The twelve bytes of the last chunk say only that it is the last.
    reader(
        "png",
        vec![
            still,
            Case::binary("film.png", film.clone()).whole_but(12),
            Case::binary("film.apng", film).whole_but(12),
        ],
    )
}

fn y4m() -> Reader {
    let file = |head: &str, frame: usize, time: usize| {
        let frames =
            (0..time).flat_map(|at| [b"FRAME\n".to_vec(), vec![(at * 40) as u8; frame]].concat());
        [head.as_bytes().to_vec(), frames.collect()].concat()
    };
    let cases = vec![
        Case::binary(
            "a.y4m",
            file("YUV4MPEG2 W8 H6 F25:1 Ip A1:1 C420jpeg\n", 72, 3),
        ),
        Case::binary("b.y4m", file("YUV4MPEG2 W5 H3 F10:1 Cmono\n", 15, 4)),
        Case::binary("c.y4m", file("YUV4MPEG2 W4 H4 C444 XSOMETHING\n", 48, 2)),
    ];
    reader("y4m", cases)
}

/// A folder of pictures, one of which is mutated.
fn folder() -> Reader {
    let picture = encoded(ImageFormat::Png, 8, 6).expect("memory takes what is written to it");
    let cases = vec![Case::binary("film/frame2.png", picture.clone())];
    Reader::new("frames", cases, move |_, path| {
        let folder = place(path).0;
        for name in ["frame1.png", "frame10.png"] {
            if !folder.join(name).exists() {
                std::fs::write(folder.join(name), &picture).map_err(said)?;
            }
        }
        look(folder)
    })
    .holding(HELD, 256)
}
