//! Pictures with what was looked at.

use crate::report::{Svg, SvgPicture};
use elman_data::media::picture::Picture;

/// Pixels of the longer side of a drawn picture.
const SIDE: usize = 240;

/// A picture, darkened where a model did not look: `weights` are those of a grid of rows and columns, row by row.
pub fn overlay(
    picture: &Picture,
    weights: &[f32],
    [rows, columns]: [usize; 2],
    title: &str,
) -> Svg {
    let (width, height) = fitted(picture);
    let small = picture.resize(width, height);
    let most = weights.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let shade = |place: usize| 0.75 * (1.0 - f64::from(weights[place] / most));
    let mut svg = SvgPicture::new(width, height, &small.to_png());
    let (wide, high) = (width as f64 / columns as f64, height as f64 / rows as f64);
    for place in 0..(rows * columns).min(weights.len()) {
        let (row, column) = (place / columns, place % columns);
        svg.shade(
            [column as f64 * wide, row as f64 * high, wide, high],
            shade(place),
        );
    }
    svg.finish(title)
}

/// A picture as it is, small.
pub(super) fn small(picture: &Picture, title: &str) -> Svg {
    let (width, height) = fitted(picture);
    SvgPicture::new(width, height, &picture.resize(width, height).to_png()).finish(title)
}

/// Width and height of a picture whose longer side is [`SIDE`].
fn fitted(picture: &Picture) -> (usize, usize) {
    let longer = picture.width.max(picture.height);
    let scaled = |side: usize| (side * SIDE / longer).max(1);
    (scaled(picture.width), scaled(picture.height))
}
