use std::cmp::Ordering;

use crate::media::Limits;
use crate::media::frames::folder::natural;
use crate::media::frames::{Frames, read_frames};
use crate::media::picture::encode_png;
use crate::media::support::with_files;

fn png(greys: &[u8], width: usize) -> Vec<u8> {
    encode_png("".as_ref(), greys, width, greys.len() / width).unwrap()
}

fn read(files: &[(&str, &[u8])]) -> Result<Frames, String> {
    with_files(files, |folder| read_frames(folder, &Limits::default()))
        .map_err(|message| message.replace("`/tmp/", "`"))
}

#[test]
fn numbers_are_counted() {
    let names = [
        "2.png",
        "10.png",
        "frame2.png",
        "frame02b.png",
        "frame10.png",
        "frame010a.png",
        "frame99999999999999999999999.png",
        "frame100000000000000000000000.png",
        "take1_9.png",
        "take1_10.png",
        "take2_1.png",
    ];
    for (place, first) in names.iter().enumerate() {
        assert_eq!(natural(first, first), Ordering::Equal);
        for second in &names[place + 1..] {
            assert_eq!(natural(first, second), Ordering::Less, "{first} {second}");
            assert_eq!(natural(second, first), Ordering::Greater);
        }
    }
    // Names that differ in zeros alone still have an order.
    assert_ne!(natural("a01", "a1"), Ordering::Equal);
}

#[test]
fn pictures_in_the_order_of_their_numbers() {
    let files = [
        ("frame10.png", png(&[30, 31], 2)),
        ("frame2.png", png(&[20, 21], 2)),
        ("frame1.PNG", png(&[10, 11], 2)),
        ("notes.txt", b"not a picture".to_vec()),
        (".frame3.png", b"nor this".to_vec()),
    ];
    let files = files
        .each_ref()
        .map(|(name, content)| (*name, &content[..]));
    let frames = read(&files).unwrap();
    assert_eq!((frames.width, frames.height, frames.time()), (2, 1, 3));
    let reds: Vec<f32> = frames.frames.iter().step_by(3).map(|x| x * 255.0).collect();
    assert_eq!(reds, [10.0, 11.0, 20.0, 21.0, 30.0, 31.0]);
}

#[test]
fn folders_that_are_no_film() {
    let small = png(&[1, 2], 2);
    let high = png(&[1, 2], 1);
    let message = read(&[("f1.png", &small), ("f2.png", &high)]).unwrap_err();
    assert!(
        message.starts_with("`f2.png`: this frame is 1 × 2 pixels, but `")
            && message.contains("f1.png` is 2 × 1"),
        "{message}"
    );
    let message = read(&[("f1.png", &small), ("f2.png", &small[..40])]).unwrap_err();
    assert!(message.starts_with("`f2.png`: cut off"), "{message}");
    let message = read(&[("a.txt", b"text")]).unwrap_err();
    assert!(
        message.contains("the folder holds no pictures"),
        "{message}"
    );
    let missing = read_frames("no such folder".as_ref(), &Limits::default()).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("cannot read `no such folder`")
    );
}
