mod animation;
mod folder;
mod vectors;
mod y4m;

use super::Frames;
use crate::media::Limits;

fn read(name: &str, bytes: &[u8]) -> Result<Frames, String> {
    read_within(name, bytes, Limits::default())
}

fn read_within(name: &str, bytes: &[u8], limits: Limits) -> Result<Frames, String> {
    crate::media::support::with_file(name, bytes, |path| super::read_frames(path, &limits))
}

/// A frame's colours as bytes.
fn bytes(frames: &Frames, time: usize) -> Vec<[u8; 3]> {
    let frame = frames.frame(time).as_chunks().0;
    frame
        .iter()
        .map(|pixel: &[f32; 3]| pixel.map(|x| (x * 255.0).round() as u8))
        .collect()
}

const WHITE: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
