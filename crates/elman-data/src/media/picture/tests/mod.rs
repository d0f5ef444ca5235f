mod files;
mod shape;

use super::Picture;

/// Colours that change smoothly, which JPEG keeps nearly.
fn slope(width: usize, height: usize) -> Picture {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| {
        let part = |place: usize, of: usize| (place * 200 / of.max(1)) as u8;
        [20 + part(x, width), 30 + part(y, height), 128]
    });
    Picture {
        width,
        height,
        rgb: rgb.collect(),
    }
}
