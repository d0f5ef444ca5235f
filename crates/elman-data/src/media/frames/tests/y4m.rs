use super::{bytes, read, read_within};
use crate::media::Limits;

fn film(header: &str, frames: &[&[u8]]) -> Vec<u8> {
    let frames = frames
        .iter()
        .flat_map(|frame| [b"FRAME\n", *frame].concat());
    format!("YUV4MPEG2 {header}\n")
        .into_bytes()
        .into_iter()
        .chain(frames)
        .collect()
}

/// Red, green and blue of 75 % colour bars and white, in BT.601's 8-bit television range.
const BARS: [([u8; 3], [u8; 3]); 5] = [
    ([180, 128, 128], [191, 191, 191]),
    ([65, 100, 212], [191, 0, 0]),
    ([112, 72, 58], [0, 191, 0]),
    ([35, 212, 114], [0, 0, 191]),
    ([16, 128, 128], [0, 0, 0]),
];

fn near(found: &[[u8; 3]], expected: [u8; 3], most: u8) {
    for pixel in found {
        let worst = (0..3)
            .map(|c| pixel[c].abs_diff(expected[c]))
            .max()
            .unwrap();
        assert!(worst <= most, "{pixel:?} for {expected:?}");
    }
}

#[test]
fn colour_bars_in_every_layout() {
    for ([y, cb, cr], rgb) in BARS {
        for (layout, width, height, luma, chroma) in [
            ("", 2, 2, 4, 1),
            (" C420jpeg", 3, 3, 9, 4),
            (" C420mpeg2 XYSCSS=420MPEG2", 3, 2, 6, 2),
            (" C411", 5, 1, 5, 2),
            (" C422", 3, 2, 6, 4),
            (" C444", 3, 2, 6, 6),
        ] {
            let frame = [vec![y; luma], vec![cb; chroma], vec![cr; chroma]].concat();
            let header = format!("W{width} H{height} F25:1 Ip A1:1{layout}");
            let frames = read("a.y4m", &film(&header, &[&frame, &frame])).unwrap();
            assert_eq!(
                (frames.width, frames.height, frames.time()),
                (width, height, 2)
            );
            assert_eq!(frames.delay_ms, 40.0);
            near(&bytes(&frames, 1), rgb, 2);
        }
        // 10 bits, the low byte first; a plane of transparency that is passed over.
        let wide = |x: u8, count: usize| (u16::from(x) * 4).to_le_bytes().repeat(count);
        let frame = [wide(y, 4), wide(cb, 1), wide(cr, 1)].concat();
        let frames = read("a.y4m", &film("W2 H2 F25:1 C420p10", &[&frame])).unwrap();
        near(&bytes(&frames, 0), rgb, 2);
        let frame = [vec![y; 4], vec![cb; 4], vec![cr; 4], vec![7; 4]].concat();
        let frames = read("a.y4m", &film("W2 H2 F25:1 C444alpha", &[&frame, &frame])).unwrap();
        near(&bytes(&frames, 1), rgb, 2);
    }
}

#[test]
fn every_sample_finds_its_pixel() {
    // Greys tell the pixels apart, and the colour of the right column is another: less red.
    let frame = [16, 71, 126, 180, 235, 16, 128, 128, 128, 90];
    let frames = read("a.y4m", &film("W3 H2 F25:1 C420", &[&frame])).unwrap();
    let found = bytes(&frames, 0);
    for (pixel, grey) in [(0, 0), (1, 64), (3, 191), (4, 255)] {
        near(&found[pixel..=pixel], [grey; 3], 1);
    }
    let red = 255.0 * ((126.0 - 16.0) / 219.0 + 1.402 * (90.0 - 128.0) / 224.0);
    assert!((f64::from(found[2][0]) - red).abs() < 1.0, "{found:?}");
    assert!(found[2][1] > found[2][2] && found[5][0] == 0, "{found:?}");
}

#[test]
fn greys_and_the_full_range() {
    let frames = read(
        "a.y4m",
        &film("W3 H1 F30000:1001 Cmono", &[&[16, 235, 255]]),
    )
    .unwrap();
    assert_eq!(bytes(&frames, 0), [[0; 3], [255; 3], [255; 3]]);
    assert!((frames.delay_ms - 33.3667).abs() < 1e-3);
    let full = read(
        "a.y4m",
        &film("W3 H1 F0:0 Cmono XCOLORRANGE=FULL", &[&[0, 128, 255]]),
    )
    .unwrap();
    assert_eq!(bytes(&full, 0), [[0; 3], [128; 3], [255; 3]]);
    assert_eq!(full.delay_ms, 100.0);
    let deep = read(
        "a.y4m",
        &film("W1 H1 F25:1 Cmono12", &[&(235u16 * 16).to_le_bytes()]),
    )
    .unwrap();
    assert_eq!(bytes(&deep, 0), [[255; 3]]);
}

#[test]
fn broken_films() {
    let fails = |file: &[u8]| read("a.y4m", file).unwrap_err();
    let whole = film("W2 H2 F25:1 Cmono", &[&[1, 2, 3, 4], &[5, 6, 7, 8]]);
    assert_eq!(read("a.y4m", &whole).unwrap().time(), 2);
    assert_eq!(
        fails(&whole[..whole.len() - 3]),
        "`a.y4m`: cut off: frame 2 has 1 of 4 bytes; copy or convert it again"
    );
    let first_ends = whole.len() - 10;
    for length in (9..whole.len()).filter(|&length| length != first_ends) {
        fails(&whole[..length]);
    }
    assert_eq!(
        fails(&film("W100000 H100000 F25:1", &[])),
        "`a.y4m`: its header says 100000 × 100000 pixels, 10000.0 megapixels, but at most 40.0 are read; make it smaller, or raise limits.pixels in the recipe that is trained"
    );
    assert_eq!(
        fails(&film("W6000 H6000 F25:1", &[&[0; 100]])),
        "`a.y4m`: cut off: its header says 6000 × 6000 pixels, 54000000 bytes a frame, but the whole file has 134"
    );
    assert!(fails(&film("W0 H4 F25:1", &[])).contains("\"W0\", which is no size"));
    assert!(fails(&film("W-1 H4 F25:1", &[])).contains("\"W-1\""));
    assert!(fails(&film("H4 F25:1", &[])).contains("no width"));
    assert!(fails(&film("W4 F25:1", &[])).contains("no height"));
    assert!(fails(&film("W2 H2 F25:1 Cmono", &[])).contains("no frames"));
    for colours in [
        "C999",
        "C420p8x",
        "C444p17",
        "Cmono7",
        "C420jpegp",
        "C420pépé",
    ] {
        let message = fails(&film(&format!("W2 H2 {colours}"), &[&[0; 12]]));
        assert!(
            message.contains(&format!("written as {colours}, which is not read")),
            "{message}"
        );
    }
    let mut damaged = whole.clone();
    damaged[first_ends] = b'f';
    assert!(fails(&damaged).contains("frame 2 does not begin with FRAME"));
    assert!(fails(b"").contains("is empty"));
    let limits = Limits {
        frames: 1,
        ..Limits::default()
    };
    assert!(
        read_within("a.y4m", &whole, limits)
            .unwrap_err()
            .contains("more than 1 frames")
    );
}
