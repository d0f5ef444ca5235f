//! Clips of a digit that moves.

use serde::{Deserialize, Serialize};

use super::glyph::Glyph;
use super::{Direction, GlyphPicture, Glyphs};
use crate::Error;
use crate::media::frames::Frames;
use crate::random::Stream;

/// What clips of one moving digit are like.
///
/// The digit starts anywhere, with the same chance everywhere whatever its direction, and moves in a straight line. At
/// an edge it comes in again on the other side or, with `bounce`, turns back.
///
/// Without `bounce` one frame alone says nothing about the direction. Nor does the mean of all frames tell a direction
/// from its opposite: a clip shown backwards has the same mean and is as likely. What does not use the order of the
/// frames gets at most half of the clips right. With `bounce` the mean may show which walls were hit; there the
/// directions in each frame are the harder question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MovingDigits {
    /// Frames in a clip.
    pub frames: usize,
    /// Pixels of each side of a frame.
    pub side: usize,
    /// What moves.
    pub glyphs: Glyphs,
    /// How many directions there are: 4 (right, down, left, up) or 8.
    pub directions: usize,
    /// Whether the digit turns back at the edges.
    pub bounce: bool,
    /// Smallest and greatest height of the digit, as parts of the side.
    pub size: [f32; 2],
    /// Thinnest and thickest stroke, as parts of the digit's height.
    pub thickness: [f32; 2],
    /// Slowest and fastest movement, in pixels for each frame.
    pub speed: [f32; 2],
    /// Deviation of the normal noise on every pixel, where the digit is up to 1.
    pub noise: f32,
    /// What all that is random follows from.
    pub seed: u64,
}

impl Default for MovingDigits {
    fn default() -> Self {
        Self {
            frames: 16,
            side: 32,
            glyphs: Glyphs::Digits,
            directions: 8,
            bounce: false,
            size: [0.35, 0.5],
            thickness: [0.12, 0.2],
            speed: [1.5, 3.0],
            noise: 0.1,
            seed: 0,
        }
    }
}

/// A clip and what is true of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingClip {
    /// The frames in greys: `[time, side, side, 1]`.
    pub frames: Frames,
    /// What moves: `7`, `circle`, or the label of the caller's picture.
    pub glyph: String,
    /// The direction in which it sets out.
    pub direction: Direction,
    /// The direction in each frame: the one in which the digit came to its place, after a bounce the new one; in the
    /// first frame the one in which it sets out.
    pub directions: Vec<Direction>,
    /// Whether it bounced off an edge on the way to its place in each frame.
    pub bounced: Vec<bool>,
}

impl MovingDigits {
    /// Refuses what cannot be drawn.
    ///
    /// # Errors
    /// [`Error::Config`] naming the key.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |key: &str, message: String| {
            Err(Error::Config {
                key: key.into(),
                message,
            })
        };
        let bounds = |[low, high]: [f32; 2], least: f32, most: f32| {
            low >= least && low <= high && high <= most
        };
        if !(2..=10_000).contains(&self.frames) {
            return refuse("frames", format!("{} is not from 2 to 10000", self.frames));
        }
        if !(12..=1_024).contains(&self.side) {
            return refuse(
                "side",
                format!("{} is not from 12 to 1024 pixels", self.side),
            );
        }
        if self.frames * self.side * self.side > 100_000_000 {
            let message = format!("{} frames of this side are too large a clip", self.frames);
            return refuse("side", message);
        }
        if ![4, 8].contains(&self.directions) {
            return refuse(
                "directions",
                format!("{} is neither 4 nor 8", self.directions),
            );
        }
        if !bounds(self.size, 0.1, 0.7) {
            let message = format!(
                "{:?} are not two parts from 0.1 to 0.7 of the side",
                self.size
            );
            return refuse("size", message);
        }
        if !bounds(self.thickness, 0.01, 0.4) {
            let message = format!(
                "{:?} are not two parts from 0.01 to 0.4 of the digit's height",
                self.thickness
            );
            return refuse("thickness", message);
        }
        // Faster than that, and a step could be taken for one in another direction.
        let fastest = (1.0 - self.size[1]) * self.side as f32 / 2.0;
        if !bounds(self.speed, 0.1, fastest) {
            let message = format!(
                "{:?} are not two speeds from 0.1 to {fastest:.1} pixels for each frame, half of the room that a digit has",
                self.speed
            );
            return refuse("speed", message);
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return refuse("noise", format!("{} is not from 0 to 1", self.noise));
        }
        Ok(())
    }

    /// Clip number `index`.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn clip(&self, index: u64) -> Result<MovingClip, Error> {
        self.check()?;
        let mut random = Stream::new(&[self.seed, index]);
        let number = random.below(self.glyphs.count());
        let size = self.draw_size(&mut random);
        let thickness = random.between(self.thickness[0], self.thickness[1]) * size;
        let glyph = self.glyphs.glyph(number, size, thickness.max(1.0));
        Ok(self.film(&glyph, size, self.glyphs.label(number), random))
    }

    /// Clip number `index` of a picture that the caller has, chosen from `pictures`; `glyphs` and `thickness` are not
    /// used.
    ///
    /// # Errors
    /// As [`check`](Self::check); [`Error::Config`] where there are no pictures, or one has no pixels, is not of whole
    /// rows or is wider than twice its height.
    pub fn clip_of(&self, pictures: &[GlyphPicture], index: u64) -> Result<MovingClip, Error> {
        self.check()?;
        let refuse = |message: String| {
            Err(Error::Config {
                key: "pictures".into(),
                message,
            })
        };
        if pictures.is_empty() {
            return refuse("there are none to choose from".into());
        }
        let mut random = Stream::new(&[self.seed, index]);
        let number = random.below(pictures.len());
        let picture = &pictures[number];
        let height = picture.values.len().checked_div(picture.width).unwrap_or(0);
        if height == 0
            || !picture.values.len().is_multiple_of(picture.width)
            || picture.width > 2 * height
        {
            return refuse(format!(
                "number {} has {} pixels in rows of {}: whole rows are needed, and a width of at most twice the height",
                number + 1,
                picture.values.len(),
                picture.width
            ));
        }
        let size = self.draw_size(&mut random);
        let glyph = Glyph::picture(picture, size);
        Ok(self.film(&glyph, size, &picture.label, random))
    }

    fn draw_size(&self, random: &mut Stream) -> f32 {
        random.between(self.size[0], self.size[1]) * self.side as f32
    }

    fn film(&self, glyph: &Glyph, size: f32, label: &str, mut random: Stream) -> MovingClip {
        let side = self.side as f32;
        let direction = Direction::ALL[random.below(self.directions) * (8 / self.directions)];
        let speed = random.between(self.speed[0], self.speed[1]);
        let brightness = random.between(0.7, 1.0);
        let (mut right, mut down) = direction.step();
        let reach = if self.bounce { size / 2.0 } else { 0.0 };
        let (low, high) = (reach, side - reach);
        let (mut x, mut y) = (random.between(low, high), random.between(low, high));
        let mut clip = MovingClip {
            frames: Frames {
                width: self.side,
                height: self.side,
                channels: 1,
                frames: Vec::with_capacity(self.frames * self.side * self.side),
                delay_ms: 80.0,
            },
            glyph: label.into(),
            direction,
            directions: vec![direction],
            bounced: vec![false],
        };
        for time in 0..self.frames {
            if time > 0 {
                x += speed * right;
                y += speed * down;
                let bounced = if self.bounce {
                    let off_side = turn_back(&mut x, &mut right, low, high);
                    turn_back(&mut y, &mut down, low, high) | off_side
                } else {
                    (x, y) = (x.rem_euclid(side), y.rem_euclid(side));
                    false
                };
                clip.directions.push(Direction::of(right, down));
                clip.bounced.push(bounced);
            }
            // From the digit's middle to a pixel's, the shorter way around where the edges are joined.
            let offset = |pixel: usize, middle: f32| {
                let offset = pixel as f32 + 0.5 - middle;
                if self.bounce {
                    offset
                } else {
                    (offset + side / 2.0).rem_euclid(side) - side / 2.0
                }
            };
            for row in 0..self.side {
                let from_middle = offset(row, y);
                for column in 0..self.side {
                    let value = brightness * glyph.at(offset(column, x), from_middle);
                    let value = value + self.noise * random.normal();
                    clip.frames.frames.push(value.clamp(0.0, 1.0));
                }
            }
        }
        clip
    }
}

/// Reflects a place beyond the bounds, and its movement; says whether it did.
fn turn_back(place: &mut f32, movement: &mut f32, low: f32, high: f32) -> bool {
    let wall = if *place < low {
        low
    } else if *place > high {
        high
    } else {
        return false;
    };
    *place = 2.0 * wall - *place;
    *movement = -*movement;
    true
}
