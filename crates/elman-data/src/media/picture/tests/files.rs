use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

use super::slope;
use crate::Error;
use crate::media::Limits;
use crate::media::picture::read::decode;
use crate::media::picture::{Picture, read_picture, write_png};
use crate::media::support::{png_chunk, png_header, with_file};

const FORMATS: [ImageFormat; 4] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Bmp,
    ImageFormat::Gif,
];

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn file(picture: &Picture, format: ImageFormat) -> Vec<u8> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let image = RgbImage::from_raw(width, height, picture.rgb.clone()).unwrap();
    encode(&image.into(), format)
}

fn read(bytes: &[u8]) -> Result<Picture, String> {
    with_file("a.picture", bytes, |path| {
        read_picture(path, &Limits::default())
    })
}

fn failure(bytes: &[u8]) -> String {
    let message = read(bytes).unwrap_err();
    assert!(message.starts_with("`a.picture`"), "{message}");
    message
}

#[test]
fn all_formats_whatever_the_name() {
    let picture = slope(13, 9);
    for format in FORMATS {
        let back = read(&file(&picture, format)).unwrap();
        assert_eq!((back.width, back.height), (13, 9));
        let most = if format == ImageFormat::Jpeg { 12 } else { 0 };
        let pairs = back.rgb.iter().zip(&picture.rgb);
        let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(worst <= most, "{format:?}: {worst}");
    }
}

#[test]
fn one_pixel_is_a_picture() {
    for format in FORMATS {
        let pixel = Picture {
            width: 1,
            height: 1,
            rgb: vec![200, 200, 200],
        };
        let back = read(&file(&pixel, format)).unwrap();
        assert_eq!((back.width, back.height), (1, 1));
        assert!(back.rgb.iter().all(|x| x.abs_diff(200) <= 2), "{format:?}");
    }
}

#[test]
fn greys_many_bits_and_what_is_transparent() {
    let grey = image::GrayImage::from_raw(2, 1, vec![0, 90]).unwrap();
    let back = read(&encode(&grey.into(), ImageFormat::Png)).unwrap();
    assert_eq!(back.rgb, [0, 0, 0, 90, 90, 90]);
    let deep = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(2, 1, vec![0, 65_535]).unwrap();
    let back = read(&encode(&deep.into(), ImageFormat::Png)).unwrap();
    assert_eq!(back.rgb, [0, 0, 0, 255, 255, 255]);
    let clear = vec![10, 20, 30, 255, 0, 0, 0, 0, 100, 200, 0, 51];
    let clear = image::RgbaImage::from_raw(3, 1, clear).unwrap();
    let back = read(&encode(&clear.into(), ImageFormat::Png)).unwrap();
    assert_eq!(back.rgb, [10, 20, 30, 255, 255, 255, 224, 244, 204]);
}

#[test]
fn photographs_are_turned_upright() {
    // Left half white, right half black, and a note that the camera was turned by 90°.
    let rgb = (0..8 * 16).flat_map(|n| if n % 16 < 8 { [255; 3] } else { [0; 3] });
    let wide = Picture {
        width: 16,
        height: 8,
        rgb: rgb.collect(),
    };
    let jpeg = file(&wide, ImageFormat::Jpeg);
    let tags = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = (tags.len() as u16 + 2).to_be_bytes();
    let turned = [&jpeg[..2], b"\xFF\xE1", &length, tags, &jpeg[2..]].concat();
    let back = read(&turned).unwrap();
    assert_eq!((back.width, back.height), (8, 16));
    let row = |y: usize| back.grey()[y * 8 + 4];
    assert!(row(2) > 0.9 && row(13) < 0.1);
}

#[test]
fn a_file_cut_off_is_refused() {
    for format in FORMATS {
        let whole = file(&slope(20, 11), format);
        let picture = read(&whole).unwrap();
        for length in (1..whole.len()).filter(|length| length % 7 == 1 || length + 30 > whole.len())
        {
            match read(&whole[..length]) {
                // What ends a PNG or GIF file may be missing: the picture is there.
                Ok(read) => {
                    let may = matches!(format, ImageFormat::Png | ImageFormat::Gif);
                    assert!(may && length + 20 > whole.len(), "{format:?}, {length}");
                    assert_eq!(read, picture, "{format:?}, {length}");
                }
                Err(message) => {
                    assert!(message.starts_with("`a.picture`"), "{message}");
                    let named = length < 100 || message.contains("cut off");
                    assert!(named, "{format:?}, {length}: {message}");
                }
            }
        }
    }
    assert!(failure(b"").ends_with("is empty: there is nothing to learn from"));
}

#[test]
fn what_follows_a_jpeg_picture_does_not_matter() {
    let mut jpeg = file(&slope(40, 30), ImageFormat::Jpeg);
    jpeg.extend(b"\xFF\0 a second picture, or a maker's notes");
    assert_eq!(read(&jpeg).unwrap().width, 40);
}

#[test]
fn large_pictures_are_refused_by_their_header() {
    let side = 10_000u32;
    let png = [
        png_header(side, side),
        png_chunk(b"IDAT", &[0x78, 0x9c, 3, 0]),
        png_chunk(b"IEND", &[]),
    ];
    let mut bmp = file(&slope(2, 2), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&side.to_le_bytes());
    bmp[22..26].copy_from_slice(&side.to_le_bytes());
    let mut gif = file(&slope(2, 2), ImageFormat::Gif);
    gif[6..8].copy_from_slice(&(side as u16).to_le_bytes());
    gif[8..10].copy_from_slice(&(side as u16).to_le_bytes());
    let mut jpeg = file(&slope(2, 2), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&(side as u16).to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&(side as u16).to_be_bytes());
    for file in [png.concat(), bmp, gif, jpeg] {
        assert_eq!(
            failure(&file),
            "`a.picture`: its header says 10000 × 10000 pixels, 100.0 megapixels, but at most 40.0 are read; make it smaller, or raise limits.pixels in the recipe that is trained"
        );
    }
    let small = Limits {
        pixels: 99,
        ..Limits::default()
    };
    let picture = file(&slope(10, 10), ImageFormat::Png);
    let message = with_file("b.png", &picture, |path| read_picture(path, &small)).unwrap_err();
    assert!(message.contains("10 × 10 pixels"), "{message}");
}

#[test]
fn other_files_are_named() {
    assert_eq!(
        failure(b"a,b\n1,2\n"),
        "`a.picture`: not a picture; PNG, JPEG, BMP and GIF are"
    );
    assert_eq!(
        failure(b"RIFF\0\0\0\0WEBPVP8 and the rest"),
        "`a.picture`: a WebP picture, which is not read; PNG, JPEG, BMP and GIF are"
    );
    let missing = read_picture("no such file.png".as_ref(), &Limits::default()).unwrap_err();
    assert!(matches!(missing, Error::Io { action: "read", .. }));
}

#[test]
fn no_damage_makes_the_reader_panic() {
    for format in FORMATS {
        let whole = file(&slope(8, 6), format);
        for place in 0..whole.len() {
            for value in [0, 0x7F, 0xFF] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                let limits = Limits {
                    pixels: 10_000,
                    ..Limits::default()
                };
                if let Ok(picture) = decode("a".as_ref(), format, &damaged, &limits) {
                    assert_eq!(picture.rgb.len(), 3 * picture.width * picture.height);
                }
            }
        }
    }
}

#[test]
fn numbers_become_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.png");
    write_png(&path, &[0.0, 0.5, 1.0, 7.0, -3.0, f32::NAN], 3, 2).unwrap();
    let back = read_picture(&path, &Limits::default()).unwrap();
    let greys: Vec<u8> = back.rgb.iter().step_by(3).copied().collect();
    assert_eq!(greys, [0, 128, 255, 255, 0, 0]);
    write_png(&path, &[1.0, 0.0, 0.2], 1, 1).unwrap();
    assert_eq!(
        read_picture(&path, &Limits::default()).unwrap().rgb,
        [255, 0, 51]
    );
    let picture = slope(5, 4);
    picture.write_png(&path).unwrap();
    assert_eq!(read_picture(&path, &Limits::default()).unwrap(), picture);
    let nowhere = write_png(folder.path().join("no/c.png"), &[0.0], 1, 1).unwrap_err();
    assert!(!nowhere.is_input());
}
