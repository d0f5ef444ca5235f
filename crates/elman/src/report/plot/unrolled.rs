//! The network unrolled in time: its layers up, the steps along, the same weights at each.

mod band;

use super::super::format::numbers;
use super::super::svg::{Anchor, Canvas, Svg, fit, text_width};
use super::MARGIN;
use crate::model::Summary;
use band::{Band, bands};

const NAMES: f64 = 196.0;
const COLUMN: f64 = 88.0;
const BOX: [f64; 2] = [62.0, 30.0];
/// Between the tops of two rows, without values.
const ROW: f64 = 66.0;
const LINE: f64 = 13.0;
const SMALL: f64 = 11.0;
/// Steps that are drawn of each half before the last.
const STEPS: usize = 3;
/// Values of one box that can be read; of more the first so many.
const VALUES: usize = 8;
/// Steps whose numbers are drawn; of more the first ones and the last.
const SHOWN: usize = 8;

/// A network to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Unrolled<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// Its layers.
    pub summary: &'a Summary,
    /// What it reads, and what it says: `words`, `a class`.
    pub ends: [&'a str; 2],
    /// The numbers of one example, if they are to be seen.
    pub values: Option<&'a UnrolledValues>,
    /// What stands beside its parts.
    pub words: UnrolledWords,
}

/// What a picture of a network unrolled in time says in words.
#[derive(Debug, Clone, Copy)]
pub struct UnrolledWords {
    /// Weights that stand once and are used at every step.
    pub shared: &'static str,
    /// The same of a layer that reads both ways.
    pub shared_both_ways: &'static str,
    /// What goes on of a layer that gives its last state alone.
    pub last_state: &'static str,
    /// What a part that writes is told.
    pub told: &'static str,
    /// Before the number of a layer on top of others.
    pub layer: &'static str,
    /// Before the number of a step.
    pub step: &'static str,
}

impl UnrolledWords {
    /// In English.
    pub const ENGLISH: Self = Self {
        shared: "the same at every step",
        shared_both_ways: "each way, same at every step",
        last_state: "its last state",
        told: "what was said before",
        layer: "layer",
        step: "step",
    };
}

/// The numbers of one example at every step.
#[derive(Debug, Clone, Default)]
pub struct UnrolledValues {
    /// What is read at each step.
    pub steps: Vec<String>,
    /// Of each layer by its place in the summary, and each layer on top of another within it: `[steps][values]`.
    pub layers: Vec<(usize, usize, Vec<Vec<f64>>)>,
    /// What is said at each step, in a word or two.
    pub said: Vec<String>,
}

/// The place of what is read among [`UnrolledValues::layers`], where the first layer is recurrent.
pub(crate) const INPUT: usize = usize::MAX - 1;

/// Draws a network unrolled in time. Weights are named once, beside the row that uses them at every step.
pub fn unrolled(plot: &Unrolled<'_>) -> Svg {
    let bands = bands(plot);
    let reads: Vec<&Band<'_>> = bands.iter().filter(|band| !band.writes).collect();
    let writes: Vec<&Band<'_>> = bands.iter().filter(|band| band.writes).collect();
    let halves = [reads, writes];
    let shown = plot
        .values
        .map_or(STEPS + 1, |values| values.steps.len().clamp(1, SHOWN));
    let columns: Vec<usize> = halves
        .iter()
        .map(|half| match half.iter().any(|band| band.every) {
            true => shown,
            false => usize::from(!half.is_empty()),
        })
        .collect();
    let height_of =
        |half: &[&Band<'_>]| half.iter().map(|band| row_height(plot, band)).sum::<f64>();
    let head = if plot.title.is_empty() { 0.0 } else { 26.0 };
    let tallest = halves
        .iter()
        .map(|half| height_of(half))
        .fold(0.0, f64::max);
    let height = MARGIN * 2.0 + head + tallest + 44.0;
    let two = !halves[1].is_empty();
    let gap = if two { NAMES + 20.0 } else { 0.0 };
    let width = MARGIN * 2.0 + NAMES + gap + COLUMN * columns.iter().sum::<usize>() as f64;
    let mut canvas = Canvas::new(width, height, plot.title);
    if !plot.title.is_empty() {
        let title = fit(plot.title, 17.0, width - 2.0 * MARGIN);
        canvas.text([MARGIN, MARGIN + 15.0], Anchor::Start, "title", &title);
    }
    let floor = height - MARGIN - 30.0;
    let mut left = MARGIN;
    let mut joint: Option<[f64; 2]> = None;
    for (half, count) in halves.iter().zip(&columns) {
        if half.is_empty() {
            continue;
        }
        let start = left + NAMES;
        let center = |column: usize| start + COLUMN * (column as f64 + 0.5);
        let mut bottom = floor;
        // The upper edge of the row below, and the column of the one box that it is, if it is one.
        let mut below: Option<(f64, Option<usize>)> = None;
        for (index, band) in half.iter().enumerate() {
            let tall = row_height(plot, band);
            let size = [BOX[0], BOX[1] + tall - ROW];
            let middle = bottom - size[1] / 2.0 - 8.0;
            row_names(&mut canvas, left, middle, band);
            // What stands once stands before the steps that follow from it, or at the end of those it follows from.
            let follows = half[..index].iter().any(|earlier| earlier.every);
            let once = match half[index..].iter().any(|later| later.every) && !follows {
                true => 0,
                false => count - 1,
            };
            let own: Vec<usize> = match band.every {
                true => (0..*count).collect(),
                false => vec![once],
            };
            for column in &own {
                let x = center(*column);
                if let Some((top, from)) = below {
                    let to = [x, middle + size[1] / 2.0 + 2.0];
                    arrow(&mut canvas, [from.map_or(x, center), top], to);
                }
                put_box(&mut canvas, plot, band, *column, [x, middle], size);
            }
            if let (Some(cell), true) = (band.cell, own.len() > 1) {
                for pair in own.windows(2) {
                    let skipped = leaves_out(plot, pair[1], *count);
                    let [from, to] = [
                        center(pair[0]) + size[0] / 2.0,
                        center(pair[1]) - size[0] / 2.0,
                    ];
                    let y = if cell.both_ways { middle - 5.0 } else { middle };
                    across(&mut canvas, from + 2.0, to - 2.0, y, skipped);
                    if cell.both_ways {
                        across(&mut canvas, to - 2.0, from + 2.0, middle + 6.0, skipped);
                    }
                }
            }
            if let (0, Some([x, y]), Some(first)) = (
                index,
                joint.take(),
                half.iter().find(|band| band.cell.is_some()),
            ) {
                // The state, or what is looked back at, goes over to the half that writes.
                let rows = half.iter().take_while(|band| !std::ptr::eq(**band, *first));
                let lower: f64 = rows.map(|band| row_height(plot, band)).sum();
                let to = [
                    left + NAMES + COLUMN * 0.5 - BOX[0] / 2.0 - 2.0,
                    floor - lower - row_height(plot, first) / 2.0 + 10.0,
                ];
                // Between the names of two rows, not through them.
                let (turn, under) = (left - 10.0, to[1] + ROW / 2.0 - 8.0);
                let end = left + NAMES - 8.0;
                canvas.polyline(
                    &[
                        [x, y],
                        [turn, y],
                        [turn, under],
                        [end, under],
                        [end, to[1]],
                        to,
                    ],
                    "second",
                );
            }
            below = Some((middle - size[1] / 2.0 - 2.0, (!band.every).then_some(once)));
            bottom -= tall;
        }
        for column in 0..*count {
            let label = match plot.values {
                Some(_) => format!("{} {}", plot.words.step, step_of(plot, column) + 1),
                None if column + 1 == *count && *count > 1 => "t = T".into(),
                None if half.iter().any(|band| band.every) => format!("t = {}", column + 1),
                None => String::new(),
            };
            canvas.text(
                [center(column), floor + 16.0],
                Anchor::Middle,
                "tick soft",
                &label,
            );
        }
        let top = below.map_or(floor, |(top, _)| top);
        joint = Some([
            center(count - 1) + BOX[0] / 2.0 + 4.0,
            top + BOX[1] / 2.0 + 2.0,
        ]);
        left = start + COLUMN * *count as f64 + 20.0;
    }
    canvas.finish()
}

/// The height of a row.
fn row_height(plot: &Unrolled<'_>, band: &Band<'_>) -> f64 {
    match values_of(plot, band, 0) {
        Some(values) => ROW + LINE * values.len().saturating_sub(1) as f64,
        None => ROW,
    }
}

fn row_names(canvas: &mut Canvas, left: f64, middle: f64, band: &Band<'_>) {
    let lines = band.notes.len() as f64;
    let mut y = middle + 4.0 - lines * (LINE + 1.0) / 2.0;
    let name = fit(&band.name, 13.0, NAMES - 20.0);
    canvas.text([left, y], Anchor::Start, "", &name);
    for note in &band.notes {
        y += LINE + 1.0;
        let note = fit(note, SMALL, NAMES - 14.0);
        canvas.text([left, y], Anchor::Start, "small soft", &note);
    }
}

/// The step that a column shows: the last column the last step.
fn step_of(plot: &Unrolled<'_>, column: usize) -> usize {
    match plot.values {
        Some(values) if values.steps.len() > SHOWN && column + 1 == SHOWN => values.steps.len() - 1,
        _ => column,
    }
}

/// Whether steps are left out before a column.
fn leaves_out(plot: &Unrolled<'_>, column: usize, count: usize) -> bool {
    match plot.values {
        Some(values) => values.steps.len() > SHOWN && column + 1 == count,
        None => column + 1 == count,
    }
}

/// The values that stand in a box, a line each; nothing where none are known or they are too many.
fn values_of(plot: &Unrolled<'_>, band: &Band<'_>, column: usize) -> Option<Vec<String>> {
    let values = plot.values?;
    let layers = values.layers.iter();
    // What the first layer reads stands in the row of the input where no layer gives it.
    let place = if band.sign == "x" { INPUT } else { band.place };
    let (.., steps) = layers
        .filter(|(place, ..)| *place != usize::MAX)
        .find(|(known, level, _)| (*known, *level) == (place, band.level))?;
    let step = if band.every {
        step_of(plot, column)
    } else {
        steps.len().checked_sub(1)?
    };
    let found = steps.get(step)?;
    // What is nothing but the rounding of a zero is one.
    let whole = |value: &f64| if value.abs() < 1e-9 { 0.0 } else { *value };
    let shown: Vec<f64> = found.iter().take(VALUES).map(whole).collect();
    let mut lines = numbers(&shown);
    if found.len() > VALUES {
        lines.push("…".into());
    }
    (!lines.is_empty()).then_some(lines)
}

fn put_box(
    canvas: &mut Canvas,
    plot: &Unrolled<'_>,
    band: &Band<'_>,
    column: usize,
    [x, y]: [f64; 2],
    [width, height]: [f64; 2],
) {
    let class = if band.cell.is_some() {
        "box cell"
    } else {
        "box"
    };
    canvas.rounded([x - width / 2.0, y - height / 2.0], [width, height], class);
    if let Some(lines) = values_of(plot, band, column) {
        let first = y + 4.0 - LINE * (lines.len() - 1) as f64 / 2.0;
        for (index, line) in lines.iter().enumerate() {
            let at = [x, first + LINE * index as f64];
            canvas.text(at, Anchor::Middle, "small", line);
        }
        return;
    }
    let word = plot
        .values
        .and_then(|values| match (band.sign, band.writes) {
            ("x", _) => values.steps.get(step_of(plot, column)),
            ("y", false) => values.said.get(if band.every {
                step_of(plot, column)
            } else {
                values.said.len().checked_sub(1)?
            }),
            _ => None,
        });
    let sign = word.map_or(band.sign, String::as_str);
    let shown = fit(sign, 12.0, width - 4.0);
    let class = if text_width(&shown, 13.0) > width - 6.0 {
        "small"
    } else {
        ""
    };
    canvas.text([x, y + 4.5], Anchor::Middle, class, &shown);
}

fn arrow(canvas: &mut Canvas, from: [f64; 2], to: [f64; 2]) {
    canvas.segment(from, to, "axis");
    let [x, y] = to;
    canvas.filled(&[[x, y], [x - 3.5, y + 7.0], [x + 3.5, y + 7.0]], "dot");
}

/// From one step to another; over those that are not drawn with dashes.
fn across(canvas: &mut Canvas, from: f64, to: f64, y: f64, skipped: bool) {
    canvas.segment([from, y], [to, y], if skipped { "rule" } else { "axis" });
    let back = if to > from { -7.0 } else { 7.0 };
    canvas.filled(
        &[[to, y], [to + back, y - 3.5], [to + back, y + 3.5]],
        "dot",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Dense, Embedding, Lstm, RepeatVector, Sequential, Shape, SimpleRnn};
    use crate::report::plot::tests::{count, stays_inside};

    fn draw(model: Sequential, input: Shape) -> String {
        let summary = model.summary_of(input).unwrap();
        let plot = Unrolled {
            title: "기온",
            summary: &summary,
            ends: ["numbers", "answers"],
            values: None,
            words: UnrolledWords::ENGLISH,
        };
        let svg = unrolled(&plot).to_string();
        stays_inside(&svg);
        svg
    }

    /// Boxes of cells, and boxes in all.
    fn boxes(svg: &str) -> [usize; 2] {
        [count(svg, "\"box cell\""), count(svg, "class=\"box")]
    }

    #[test]
    fn each_shape_of_the_notes_has_its_boxes() {
        let series = Shape::Sequence {
            time: None,
            features: 3,
        };
        let vector = Shape::Vector { features: 3 };
        let many_to_one = draw(
            Sequential::new().add(Lstm::new(4)).add(Dense::new(1)),
            series,
        );
        assert_eq!(
            boxes(&many_to_one),
            [4, 10],
            "four steps, their inputs, one state, one answer"
        );
        assert_eq!(
            count(&many_to_one, "W_xh [3 × 16]"),
            1,
            "weights are named once"
        );
        let aligned = draw(
            Sequential::new()
                .add(SimpleRnn::new(4).return_sequences(true))
                .add(Dense::new(2)),
            series,
        );
        assert_eq!(boxes(&aligned), [4, 12]);
        let one_to_many = draw(
            Sequential::new()
                .add(RepeatVector { times: 9 })
                .add(SimpleRnn::new(4).return_sequences(true))
                .add(Dense::new(1)),
            vector,
        );
        assert_eq!(
            boxes(&one_to_many),
            [4, 13],
            "one input, copied to four steps"
        );
        let one_to_one = draw(
            Sequential::new().add(Dense::new(8)).add(Dense::new(1)),
            vector,
        );
        assert_eq!(boxes(&one_to_one), [0, 3]);
        let stacked = draw(
            Sequential::new()
                .add(Embedding::new(9, 3))
                .add(Lstm::new(4).num_layers(2).return_sequences(true))
                .add(Dense::new(2)),
            Shape::Ids { time: None },
        );
        assert_eq!(boxes(&stacked), [8, 20]);
    }
}
