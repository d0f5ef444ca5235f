//! What moves: digits and shapes drawn with strokes, or pictures that the caller has.

use image::imageops::FilterType;
use image::{ImageBuffer, Luma};
use serde::{Deserialize, Serialize};

/// What is drawn where the caller gives no pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Glyphs {
    /// The digits 0 to 9.
    #[default]
    Digits,
    /// Outlines: circle, square, triangle, cross, diamond.
    Shapes,
}

/// A picture that moves, e.g. a digit of MNIST.
#[derive(Clone, Debug, PartialEq)]
pub struct GlyphPicture {
    /// What it shows.
    pub label: String,
    /// Pixels in a row.
    pub width: usize,
    /// Its pixels in 0..1, row by row; 0 is the background.
    pub values: Vec<f32>,
}

/// A cell for each bit, the highest first; a stroke joins the middles of neighbouring cells.
struct Bits {
    label: &'static str,
    width: u32,
    rows: [u8; 7],
}

const fn digit(label: &'static str, rows: [u8; 7]) -> Bits {
    Bits {
        label,
        width: 5,
        rows,
    }
}

#[rustfmt::skip]
const DIGITS: [Bits; 10] = [
    digit("0", [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    digit("1", [0b00100, 0b01100, 0b10100, 0b00100, 0b00100, 0b00100, 0b11111]),
    digit("2", [0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111]),
    digit("3", [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110]),
    digit("4", [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    digit("5", [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    digit("6", [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    digit("7", [0b11111, 0b00001, 0b00001, 0b00010, 0b00100, 0b00100, 0b00100]),
    digit("8", [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    digit("9", [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100]),
];

const fn shape(label: &'static str, rows: [u8; 7]) -> Bits {
    Bits {
        label,
        width: 7,
        rows,
    }
}

#[rustfmt::skip]
const SHAPES: [Bits; 5] = [
    shape("circle", [0b0011100, 0b0100010, 0b1000001, 0b1000001, 0b1000001, 0b0100010, 0b0011100]),
    shape("square", [0b1111111, 0b1000001, 0b1000001, 0b1000001, 0b1000001, 0b1000001, 0b1111111]),
    shape("triangle", [0b0001000, 0b0001000, 0b0010100, 0b0010100, 0b0100010, 0b0100010, 0b1111111]),
    shape("cross", [0b0001000, 0b0001000, 0b0001000, 0b1111111, 0b0001000, 0b0001000, 0b0001000]),
    shape("diamond", [0b0001000, 0b0010100, 0b0100010, 0b1000001, 0b0100010, 0b0010100, 0b0001000]),
];

impl Glyphs {
    fn all(self) -> &'static [Bits] {
        match self {
            Self::Digits => &DIGITS,
            Self::Shapes => &SHAPES,
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.all().len()
    }

    /// What one is called.
    ///
    /// # Panics
    /// If there is no such glyph.
    pub fn label(self, number: usize) -> &'static str {
        self.all()[number].label
    }

    /// One of them, `size` pixels high, its strokes `thickness` pixels wide.
    pub(super) fn glyph(self, number: usize, size: f32, thickness: f32) -> Glyph {
        let bits = &self.all()[number];
        let is_set = |x: i32, y: i32| {
            (0..bits.width as i32).contains(&x)
                && (0..7).contains(&y)
                && bits.rows[y as usize] >> (bits.width as i32 - 1 - x) & 1 == 1
        };
        let cell = (size - thickness) / 6.0;
        let middle = (bits.width as f32 - 1.0) / 2.0;
        let place = |x: i32, y: i32| [(x as f32 - middle) * cell, (y as f32 - 3.0) * cell];
        let mut strokes = Vec::new();
        for (x, y) in (0..7).flat_map(|y| (0..bits.width as i32).map(move |x| (x, y))) {
            if !is_set(x, y) {
                continue;
            }
            for (right, down) in [(1, 0), (0, 1), (1, 1), (-1, 1)] {
                // Cells that touch at a corner are joined unless a way around the corner joins them.
                let corner = right != 0 && down != 0;
                let around = corner && (is_set(x + right, y) || is_set(x, y + down));
                if is_set(x + right, y + down) && !around {
                    strokes.push([place(x, y), place(x + right, y + down)]);
                }
            }
        }
        Glyph::Strokes {
            strokes,
            half: thickness / 2.0,
        }
    }
}

/// Something to draw, its middle at 0.
pub(super) enum Glyph {
    Strokes {
        strokes: Vec<[[f32; 2]; 2]>,
        /// Half their width.
        half: f32,
    },
    Picture {
        width: usize,
        height: usize,
        values: Vec<f32>,
    },
}

impl Glyph {
    /// A picture made `size` pixels high.
    pub(super) fn picture(picture: &GlyphPicture, size: f32) -> Self {
        let from = (picture.width, picture.values.len() / picture.width);
        let height = (size.round() as usize).max(1);
        let width = ((size * from.0 as f32 / from.1 as f32).round() as usize).max(1);
        let buffer: ImageBuffer<Luma<f32>, &[f32]> =
            ImageBuffer::from_raw(from.0 as u32, from.1 as u32, &picture.values[..])
                .expect("whole rows");
        let (w, h) = (width as u32, height as u32);
        let resized = image::imageops::resize(&buffer, w, h, FilterType::Triangle);
        Self::Picture {
            width,
            height,
            values: resized.into_raw(),
        }
    }

    /// How bright it is `right` and `down` of its middle, 0..1.
    pub(super) fn at(&self, right: f32, down: f32) -> f32 {
        match self {
            Self::Strokes { strokes, half } => {
                let nearest = strokes
                    .iter()
                    .map(|&[from, to]| distance([right, down], from, to))
                    .fold(f32::INFINITY, f32::min);
                (half - nearest.sqrt() + 0.5).clamp(0.0, 1.0)
            }
            Self::Picture {
                width,
                height,
                values,
            } => {
                let x = right + (*width as f32 - 1.0) / 2.0;
                let y = down + (*height as f32 - 1.0) / 2.0;
                let (column, row) = (x.floor(), y.floor());
                let (part_x, part_y) = (x - column, y - row);
                let pixel = |x: f32, y: f32| {
                    let inside = x >= 0.0 && y >= 0.0 && x < *width as f32 && y < *height as f32;
                    if inside {
                        values[y as usize * width + x as usize]
                    } else {
                        0.0
                    }
                };
                let above = pixel(column, row) * (1.0 - part_x) + pixel(column + 1.0, row) * part_x;
                let below = pixel(column, row + 1.0) * (1.0 - part_x)
                    + pixel(column + 1.0, row + 1.0) * part_x;
                above * (1.0 - part_y) + below * part_y
            }
        }
    }
}

/// The square of the distance from a point to a line between two others.
fn distance(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let line = [to[0] - from[0], to[1] - from[1]];
    let away = [point[0] - from[0], point[1] - from[1]];
    let length = line[0] * line[0] + line[1] * line[1];
    let along = if length > 0.0 {
        ((away[0] * line[0] + away[1] * line[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (away[0] - along * line[0]).powi(2) + (away[1] - along * line[1]).powi(2)
}
