//! Movements: vectors of each step as a figure that moves.

use super::super::chart::{Frame, Line, Style, draw_legend, draw_title};
use super::super::svg::{Anchor, Canvas, Svg, fit};
use super::{MARGIN, WIDTH};
use elman_data::media::frames::Frames;
use std::fmt::Write;

/// Sides of a panel, in pixels.
const PANEL: f64 = 230.0;
/// Room for the name above a panel.
const NAME: f64 = 20.0;
/// Room between the figure and the sides of its panel.
const INSET: f64 = 14.0;
/// Sides of a panel in a film, in pixels, and how thick lines and joints are there.
const FILM: usize = 240;
const THICK: f64 = 2.2;
const JOINT: f64 = 5.0;
/// Shades of a film.
const GIVEN: f32 = 0.55;
const MADE: f32 = 0.0;

/// How a vector becomes a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skeleton {
    /// Numbers that are the place of a joint; with 1 the numbers themselves are drawn as a curve.
    pub coordinates: usize,
    /// Which of the coordinates, from 0, go across and up.
    pub view: [usize; 2],
    /// Joints, from 0, that a line connects.
    pub bones: Vec<[usize; 2]>,
}

/// A movement, or the same one told in several ways, side by side.
#[derive(Debug, Clone, Copy)]
pub struct Movement<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// How a vector is drawn.
    pub skeleton: &'a Skeleton,
    /// Numbers in a vector.
    pub features: usize,
    /// One or more.
    pub panels: &'a [MovementPanel<'a>],
    /// How long a step is shown.
    pub seconds: f64,
}

/// One of the movements that stand side by side.
#[derive(Debug, Clone, Copy)]
pub struct MovementPanel<'a> {
    /// Its name; may be empty.
    pub name: &'a str,
    /// `[time, features]`
    pub values: &'a [f32],
    /// Steps at its beginning that were given; the others were made.
    pub given: usize,
}

impl Skeleton {
    /// The places of the joints of a vector, across and up.
    fn points(&self, step: &[f32]) -> Vec<[f64; 2]> {
        let wide = |value: f32| f64::from(value);
        if self.coordinates < 2 {
            let places = step.iter().enumerate();
            return places
                .map(|(at, value)| [at as f64, wide(*value)])
                .collect();
        }
        let joints = step.chunks_exact(self.coordinates);
        joints
            .map(|joint| self.view.map(|axis| wide(joint[axis])))
            .collect()
    }

    /// The lines of a figure of so many joints: its bones; those of a curve from each value to the next.
    fn bones(&self, joints: usize) -> Vec<[usize; 2]> {
        match self.coordinates < 2 && self.bones.is_empty() {
            true => (1..joints).map(|joint| [joint - 1, joint]).collect(),
            false => self.bones.clone(),
        }
    }
}

/// The figures of every panel and step, and where they stand.
struct Stage {
    /// `[panels][steps][joints]`, across and up.
    figures: Vec<Vec<Vec<[f64; 2]>>>,
    bones: Vec<[usize; 2]>,
    /// Steps of the longest panel.
    time: usize,
    low: [f64; 2],
    high: [f64; 2],
    /// Whether across and up are drawn to the same scale.
    square: bool,
}

impl Stage {
    fn new(plot: &Movement<'_>) -> Self {
        let features = plot.features.max(1);
        let figures: Vec<Vec<Vec<[f64; 2]>>> = plot
            .panels
            .iter()
            .map(|panel| {
                let steps = panel.values.chunks_exact(features);
                steps.map(|step| plot.skeleton.points(step)).collect()
            })
            .collect();
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for point in figures.iter().flatten().flatten() {
            for side in 0..2 {
                if point[side].is_finite() {
                    low[side] = low[side].min(point[side]);
                    high[side] = high[side].max(point[side]);
                }
            }
        }
        let joints = features / plot.skeleton.coordinates.max(1);
        Self {
            time: figures.iter().map(Vec::len).max().unwrap_or(0),
            bones: plot.skeleton.bones(joints),
            figures,
            low,
            high,
            square: plot.skeleton.coordinates > 1,
        }
    }

    /// A point in a box of these sides whose upper left corner is `corner`.
    fn place(&self, point: [f64; 2], corner: [f64; 2], side: f64) -> [f64; 2] {
        let room = side - 2.0 * INSET;
        let size: [f64; 2] =
            std::array::from_fn(|axis| (self.high[axis] - self.low[axis]).max(1e-9));
        let scale = match self.square {
            true => [room / size[0].max(size[1]); 2],
            false => size.map(|size| room / size),
        };
        let middle: [f64; 2] = std::array::from_fn(|axis| (self.high[axis] + self.low[axis]) / 2.0);
        let off: [f64; 2] = std::array::from_fn(|axis| (point[axis] - middle[axis]) * scale[axis]);
        [
            corner[0] + side / 2.0 + off[0],
            corner[1] + side / 2.0 - off[1],
        ]
    }

    /// The figure of a panel at a step, in the box; the last of a panel stays until the longest one ends.
    fn figure(&self, panel: usize, step: usize, corner: [f64; 2], side: f64) -> Vec<[f64; 2]> {
        let steps = &self.figures[panel];
        let Some(last) = steps.len().checked_sub(1) else {
            return Vec::new();
        };
        let figure = steps[step.min(last)].iter();
        figure
            .map(|point| self.place(*point, corner, side))
            .collect()
    }

    /// The bones as a path; those that go on where the one before ends are one line.
    fn lines(&self, figure: &[[f64; 2]]) -> String {
        let (mut path, mut last) = (String::new(), None);
        for [from, to] in self.bones.iter().copied() {
            let (Some(a), Some(b)) = (seen(figure, from), seen(figure, to)) else {
                continue;
            };
            if last != Some(from) {
                let _ = write!(path, "M{:.1} {:.1}", a[0], a[1]);
            }
            let _ = write!(path, "L{:.1} {:.1}", b[0], b[1]);
            last = Some(to);
        }
        path
    }
}

/// A joint that has a place.
fn seen(figure: &[[f64; 2]], joint: usize) -> Option<&[f64; 2]> {
    let joint = figure.get(joint)?;
    joint.iter().all(|value| value.is_finite()).then_some(joint)
}

/// The joints as a path of dots.
fn dots(figure: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for joint in 0..figure.len() {
        if let Some([x, y]) = seen(figure, joint) {
            let _ = write!(path, "M{x:.1} {y:.1}h0");
        }
    }
    path
}

/// Draws movements as figures that move, for ever. Where nothing can move, the last step that was given and the last of all are
/// seen.
pub fn movement(plot: &Movement<'_>) -> Svg {
    let stage = Stage::new(plot);
    let count = plot.panels.len().max(1);
    let width = WIDTH.max(2.0 * MARGIN + PANEL * count as f64);
    let frame = Frame {
        left: MARGIN,
        top: MARGIN,
        right: width - MARGIN,
        bottom: 0.0,
    };
    let legend: Vec<Line> = [("made", Style::Model), ("given", Style::Actual)]
        .map(|(name, style)| Line {
            name: name.into(),
            style,
            points: Vec::new(),
            dots: false,
        })
        .into();
    let head = |canvas: &mut Canvas| {
        let top = draw_title(canvas, frame, plot.title);
        draw_legend(canvas, Frame { top, ..frame }, &legend)
    };
    let top = head(&mut Canvas::new(width, 0.0, plot.title)); // measured on a canvas that is thrown away
    let mut canvas = Canvas::new(width, top + NAME + PANEL + MARGIN, plot.title);
    head(&mut canvas);
    for (index, panel) in plot.panels.iter().enumerate() {
        let left = (width - PANEL * count as f64) / 2.0 + PANEL * index as f64;
        let name = fit(panel.name, 12.0, PANEL - 8.0);
        canvas.text(
            [left + PANEL / 2.0, top + 14.0],
            Anchor::Middle,
            "tick",
            &name,
        );
        let corner = [left, top + NAME];
        let figure = |step: usize| stage.figure(index, step, corner, PANEL);
        let length = stage.figures[index].len();
        let given = panel.given.min(length);
        for (class, steps) in [("actual", 0..given), ("model", given..stage.time)] {
            if steps.is_empty() {
                continue;
            }
            // What is given to its end stays as it is.
            let class = if given == length { "actual" } else { class };
            let still = figure(steps.end - 1);
            let seconds = plot.seconds * stage.time as f64;
            let draw = |of: &dyn Fn(&[[f64; 2]]) -> String| -> Vec<String> {
                let shown = |step| match steps.contains(&step) {
                    true => of(&figure(step)),
                    false => String::new(),
                };
                (0..stage.time).map(shown).collect()
            };
            let lines = |figure: &[[f64; 2]]| stage.lines(figure);
            canvas.moving_path(&lines(&still), &draw(&lines), seconds, class);
            if stage.square {
                let joints = format!("{class} joints");
                canvas.moving_path(&dots(&still), &draw(&dots), seconds, &joints);
            }
        }
    }
    canvas.finish()
}

/// The same as a film of greys: what was given is paler than what was made.
pub fn film(plot: &Movement<'_>) -> Frames {
    let stage = Stage::new(plot);
    let (width, height) = (FILM * plot.panels.len().max(1), FILM);
    let mut frames = Vec::with_capacity(width * height * stage.time);
    for step in 0..stage.time {
        let mut picture = Pixels::new(width, height);
        for (index, panel) in plot.panels.iter().enumerate() {
            let corner = [(FILM * index) as f64, 0.0];
            let figure = stage.figure(index, step, corner, FILM as f64);
            let shade = if step < panel.given { GIVEN } else { MADE };
            for [from, to] in &stage.bones {
                if let (Some(a), Some(b)) = (figure.get(*from), figure.get(*to)) {
                    picture.line(*a, *b, THICK, shade);
                }
            }
            if stage.square {
                figure
                    .iter()
                    .for_each(|joint| picture.line(*joint, *joint, JOINT, shade));
            }
        }
        frames.extend(picture.values);
    }
    Frames {
        width,
        height,
        channels: 1,
        frames,
        delay_ms: (1_000.0 * plot.seconds) as f32,
    }
}

/// A picture of greys being drawn.
struct Pixels {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Pixels {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            values: vec![1.0; width * height],
        }
    }

    /// A line with round ends; a pixel at its edge is as dark as the share of it that is covered.
    fn line(&mut self, a: [f64; 2], b: [f64; 2], thick: f64, shade: f32) {
        if [a, b].iter().flatten().any(|value| !value.is_finite()) {
            return;
        }
        let reach = thick / 2.0 + 1.0;
        let range = |axis: usize, size: usize| {
            let low = a[axis].min(b[axis]) - reach;
            let high = a[axis].max(b[axis]) + reach;
            (low.max(0.0) as usize)..(high.max(0.0).ceil() as usize).min(size)
        };
        for y in range(1, self.height) {
            for x in range(0, self.width) {
                let off = distance([x as f64 + 0.5, y as f64 + 0.5], a, b);
                let covered = (thick / 2.0 + 0.5 - off).clamp(0.0, 1.0) as f32;
                let value = &mut self.values[y * self.width + x];
                *value = value.min(1.0 - covered * (1.0 - shade));
            }
        }
    }
}

/// From a point to the nearest of a line between two others.
fn distance(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    let length = dx * dx + dy * dy;
    let along = match length > 0.0 {
        true => (((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    (point[0] - a[0] - along * dx).hypot(point[1] - a[1] - along * dy)
}

#[cfg(test)]
mod tests;
