//! Pictures of scenes.

use serde::{Deserialize, Serialize};

use super::scene::{Colour, Form, Line, Place, Relation, Scene, Shape, Size};
use crate::Error;
use crate::media::picture::Picture;
use crate::random::Stream;

/// What pictures of coloured shapes are like, each of which has exactly one caption.
///
/// One to three shapes in five colours, three forms and two sizes lie on a dark ground: one in the middle or in a
/// corner; two above or beside each other, of which the larger is named first, and of two that are alike large the
/// upper or the left one; three in a row or a column. That makes 55,950 sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaptionShapes {
    /// Pixels of each side.
    pub side: usize,
    /// The most shapes in a picture, 1 to 3.
    pub shapes: usize,
    /// Deviation of the normal noise on every colour, of 255.
    pub noise: f32,
    /// What all that is random follows from.
    pub seed: u64,
}

impl Default for CaptionShapes {
    fn default() -> Self {
        Self {
            side: 64,
            shapes: 3,
            noise: 6.0,
            seed: 0,
        }
    }
}

/// A picture and the sentence that describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captioned {
    /// The picture.
    pub picture: Picture,
    /// The sentence in English: `a large red circle above a small blue square`.
    pub english: String,
    /// In Korean: `큰 빨간 원이 작은 파란 사각형 위에 있다`.
    pub korean: String,
}

/// A shape and where its middle is, in parts of the side.
type Placed = (Shape, [f32; 2]);

impl CaptionShapes {
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
        if !(32..=1_024).contains(&self.side) {
            return refuse(
                "side",
                format!("{} is not from 32 to 1024 pixels", self.side),
            );
        }
        if !(1..=3).contains(&self.shapes) {
            return refuse("shapes", format!("{} is not from 1 to 3", self.shapes));
        }
        if !(0.0..=50.0).contains(&self.noise) {
            return refuse("noise", format!("{} is not from 0 to 50", self.noise));
        }
        Ok(())
    }

    /// Picture number `index` and its caption.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn captioned(&self, index: u64) -> Result<Captioned, Error> {
        self.check()?;
        let mut random = Stream::new(&[self.seed, index]);
        let scene = Scene::draw(self.shapes, &mut random);
        Ok(Captioned {
            picture: self.draw(&scene, &mut random),
            english: scene.english(),
            korean: scene.korean(),
        })
    }

    /// The first `count` of them.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn captions(&self, count: usize) -> Result<Vec<Captioned>, Error> {
        (0..count as u64)
            .map(|index| self.captioned(index))
            .collect()
    }

    pub(super) fn draw(&self, scene: &Scene, random: &mut Stream) -> Picture {
        let side = self.side as f32;
        let ground = random.between(10.0, 70.0);
        let mut pixels = vec![[ground; 3]; self.side * self.side];
        for (shape, [x, y]) in place(scene, random) {
            let radius = side
                * random.between(0.92, 1.08)
                * match shape.size {
                    Size::Large => 0.132,
                    Size::Small => 0.066,
                };
            let colour = paint(shape.colour).map(|x| x + random.between(-18.0, 18.0));
            for (number, pixel) in pixels.iter_mut().enumerate() {
                let right = (number % self.side) as f32 + 0.5 - x * side;
                let down = (number / self.side) as f32 + 0.5 - y * side;
                let cover = (0.5 - beyond(shape.form, right, down, radius)).clamp(0.0, 1.0);
                for (pixel, colour) in pixel.iter_mut().zip(colour) {
                    *pixel += cover * (colour - *pixel);
                }
            }
        }
        let rgb = pixels.as_flattened().iter();
        Picture {
            width: self.side,
            height: self.side,
            rgb: rgb
                .map(|x| (x + self.noise * random.normal()).round() as u8)
                .collect(),
        }
    }
}

/// Where the shapes of a scene are; they never touch.
fn place(scene: &Scene, random: &mut Stream) -> Vec<Placed> {
    let mut near = |[x, y]: [f32; 2], most: f32| {
        [
            x + random.between(-most, most),
            y + random.between(-most, most),
        ]
    };
    match scene {
        Scene::One(shape, place) => {
            let middle = match place {
                Place::Middle => [0.5, 0.5],
                Place::TopLeft => [0.25, 0.25],
                Place::TopRight => [0.75, 0.25],
                Place::BottomLeft => [0.25, 0.75],
                Place::BottomRight => [0.75, 0.75],
            };
            vec![(*shape, near(middle, 0.06))]
        }
        Scene::Two(first, relation, second) => {
            let (one, other) = match relation {
                Relation::Above => ([0.5, 0.28], [0.5, 0.72]),
                Relation::Below => ([0.5, 0.72], [0.5, 0.28]),
                Relation::LeftOf => ([0.28, 0.5], [0.72, 0.5]),
                Relation::RightOf => ([0.72, 0.5], [0.28, 0.5]),
            };
            let shift = near([0.0, 0.0], 0.06);
            [(*first, one), (*second, other)]
                .map(|(shape, [x, y])| (shape, near([x + shift[0], y + shift[1]], 0.04)))
                .to_vec()
        }
        Scene::Three(shapes, line) => {
            // Along the line there is no room to spare, across it there is.
            let across = near([0.5, 0.5], 0.15)[0];
            let along = [0.175, 0.5, 0.825].into_iter();
            let places = shapes.iter().zip(along).map(|(shape, along)| {
                let [along, across] = near([along, across], 0.005);
                match line {
                    Line::Row => (*shape, [along, across]),
                    Line::Column => (*shape, [across, along]),
                }
            });
            places.collect()
        }
    }
}

fn paint(colour: Colour) -> [f32; 3] {
    match colour {
        Colour::Red => [225.0, 35.0, 35.0],
        Colour::Green => [35.0, 185.0, 60.0],
        Colour::Blue => [45.0, 85.0, 235.0],
        Colour::Yellow => [235.0, 215.0, 40.0],
        Colour::Purple => [175.0, 60.0, 205.0],
    }
}

/// How far a point lies beyond the edge of a form whose middle is at 0; within it less than 0.
fn beyond(form: Form, right: f32, down: f32, radius: f32) -> f32 {
    match form {
        Form::Circle => right.hypot(down) - radius,
        Form::Square => right.abs().max(down.abs()) - 0.89 * radius,
        Form::Triangle => {
            // Equal sides, 1.2 radii from the centre to a corner, lowered so that it reaches as far up as down.
            let down = down - 0.3 * radius;
            let slant = 0.75f32.sqrt() * right.abs() - 0.5 * down;
            slant.max(down) - 0.6 * radius
        }
    }
}
