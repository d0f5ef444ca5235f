//! A matrix as shades: alignments, confusions.

use super::super::chart::{Frame, draw_title};
use super::super::format::{MISSING, fixed, number};
use super::super::svg::{Anchor, Canvas, Svg, fit, text_width};
use super::{MARGIN, WIDTH};

const TICK_SIZE: f64 = 12.0;
const VALUE_SIZE: f64 = 10.0;
/// Longest label of a row or a column, in pixels.
const LABEL: f64 = 130.0;
/// Labels closer to each other than this would touch.
const LABEL_STEP: f64 = 15.0;
/// How far labels lean that do not fit above their columns: 60°, as sine and cosine.
const LEAN: [f64; 2] = [0.866, 0.5];
const LARGEST_CELL: f64 = 44.0;
/// Cells are not drawn smaller than this while the picture can grow instead.
const USUAL_CELL: f64 = 16.0;
/// The cells of one side together are never longer.
const LONGEST_SIDE: f64 = 1_400.0;
/// From this shade on, words on a cell change to the colour of the page.
const DARK: f64 = 0.7;
const SCALE_STEPS: usize = 5;

/// A matrix to be drawn as shades: rows down, columns across.
#[derive(Debug, Clone, Copy)]
pub struct HeatMap<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What the rows are, from the top.
    pub rows: &'a [String],
    /// What the columns are, from the left.
    pub columns: &'a [String],
    /// `rows × columns` values, row by row; the largest is darkest, zero is blank, NaN is a dash.
    pub values: &'a [f64],
    /// What the rows have in common: `actual`, `translation`.
    pub row_title: &'a str,
    /// What the columns have in common: `predicted`, `source`.
    pub column_title: &'a str,
    /// Write each value into its cell. Where the cells are too many for that, a scale is drawn instead; every value is
    /// also in the cell's hint.
    pub show_values: bool,
}

/// Draws a matrix as shades.
///
/// # Panics
/// If there are not `rows × columns` values.
pub fn heat_map(plot: &HeatMap<'_>) -> Svg {
    assert_eq!(
        plot.values.len(),
        plot.rows.len() * plot.columns.len(),
        "a heat map needs one value for each cell"
    );
    if plot.values.is_empty() {
        let mut canvas = Canvas::new(WIDTH, 90.0, plot.title);
        let frame = Frame {
            left: MARGIN,
            top: MARGIN,
            right: WIDTH - MARGIN,
            bottom: 90.0,
        };
        draw_title(&mut canvas, frame, plot.title);
        canvas.text(
            [WIDTH / 2.0, 60.0],
            Anchor::Middle,
            "soft",
            "nothing to draw",
        );
        return canvas.finish();
    }
    Layout::new(plot).draw(plot)
}

/// Sizes and places, in pixels.
struct Layout {
    /// Side of a cell.
    cell: f64,
    /// Left edge of the first column.
    left: f64,
    /// Upper edge of the first row.
    top: f64,
    /// Where the names of the columns start, and whether they lean.
    leaning: bool,
    width: f64,
    height: f64,
    rows: Vec<String>,
    columns: Vec<String>,
    /// What is written into the cells, if it fits.
    words: Option<Vec<String>>,
    /// The value that is darkest.
    largest: f64,
}

impl Layout {
    fn new(plot: &HeatMap<'_>) -> Self {
        let short = |labels: &[String]| -> Vec<String> {
            labels
                .iter()
                .map(|label| fit(label, TICK_SIZE, LABEL))
                .collect()
        };
        let (rows, columns) = (short(plot.rows), short(plot.columns));
        let widest = |labels: &[String]| {
            labels
                .iter()
                .map(|label| text_width(label, TICK_SIZE))
                .fold(0.0, f64::max)
        };
        let row_title = text_width(&fit(plot.row_title, TICK_SIZE, LABEL), TICK_SIZE);
        let left = MARGIN + widest(&rows).max(row_title) + 8.0;

        let words: Vec<String> = plot.values.iter().map(|value| word(*value)).collect();
        let room_of_words = words
            .iter()
            .map(|word| text_width(word, VALUE_SIZE) + 4.0)
            .fold(0.0, f64::max);
        let (down, across) = (rows.len() as f64, columns.len() as f64);
        let most = LONGEST_SIDE / down.max(across);
        // What the page's column leaves, or what the words ask for; but no more than the longest side allows.
        let wanted = match plot.show_values {
            true => room_of_words.max(USUAL_CELL),
            false => USUAL_CELL,
        };
        let column = (WIDTH - MARGIN - left) / across;
        let cell = column
            .clamp(wanted.min(LARGEST_CELL), LARGEST_CELL)
            .min(most);
        let words = (plot.show_values && room_of_words <= cell).then_some(words);

        let leaning = widest(&columns) + 6.0 > cell;
        let head = match leaning {
            true => widest(&columns) * LEAN[0] + 12.0,
            false => 18.0,
        };
        let mut top = MARGIN + head;
        if !plot.title.is_empty() {
            top += 23.0;
        }
        if !plot.column_title.is_empty() {
            top += 18.0;
        }
        // The last names lean out over the right edge.
        let beyond = |(index, label): (usize, &String)| {
            let lean = if leaning { LEAN[1] } else { 0.0 };
            let start = left + (index as f64 + 0.5) * cell;
            start + text_width(label, TICK_SIZE) * lean + 4.0
        };
        let right = columns.iter().enumerate().map(beyond);
        let right = right.fold(left + across * cell, f64::max);
        let scale = if words.is_none() { 34.0 } else { 0.0 };
        let values = plot.values.iter().filter(|value| value.is_finite());
        Self {
            cell,
            left,
            top,
            leaning,
            width: (right + MARGIN).max(WIDTH).ceil(),
            height: (top + down * cell + scale + MARGIN).ceil(),
            rows,
            columns,
            words,
            largest: values.fold(0.0, |largest, value| largest.max(value.abs())),
        }
    }

    fn draw(&self, plot: &HeatMap<'_>) -> Svg {
        let mut canvas = Canvas::new(self.width, self.height, plot.title);
        let frame = Frame {
            left: MARGIN,
            top: MARGIN,
            right: self.width - MARGIN,
            bottom: self.height,
        };
        let top = draw_title(&mut canvas, frame, plot.title);
        let room = self.width - self.left - MARGIN;
        let title = fit(plot.column_title, TICK_SIZE, room);
        canvas.text([self.left, top + 12.0], Anchor::Start, "tick soft", &title);
        let title = fit(plot.row_title, TICK_SIZE, LABEL);
        canvas.text([MARGIN, self.top - 7.0], Anchor::Start, "tick soft", &title);
        self.draw_labels(&mut canvas);
        for (index, value) in plot.values.iter().enumerate() {
            let at = [index / self.columns.len(), index % self.columns.len()];
            let hint = format!(
                "{} · {}: {}",
                plot.rows[at[0]],
                plot.columns[at[1]],
                number(*value)
            );
            self.draw_cell(&mut canvas, at, *value, &hint);
            if let Some(words) = &self.words {
                self.draw_word(&mut canvas, at, *value, &words[index]);
            }
        }
        if self.words.is_none() {
            self.draw_scale(&mut canvas);
        }
        canvas.finish()
    }

    fn draw_labels(&self, canvas: &mut Canvas) {
        let every = (LABEL_STEP / self.cell).ceil().max(1.0) as usize;
        for (index, label) in self.rows.iter().enumerate().step_by(every) {
            let y = self.top + (index as f64 + 0.5) * self.cell + 4.0;
            canvas.text([self.left - 6.0, y], Anchor::End, "tick", label);
        }
        for (index, label) in self.columns.iter().enumerate().step_by(every) {
            let x = self.left + (index as f64 + 0.5) * self.cell;
            match self.leaning {
                true => canvas.leaning_text([x + 4.0, self.top - 5.0], -60, "tick", label),
                false => canvas.text([x, self.top - 6.0], Anchor::Middle, "tick", label),
            }
        }
    }

    /// How dark a value is, from 0 to 1.
    fn shade(&self, value: f64) -> f64 {
        match value.is_finite() && self.largest > 0.0 {
            true => value.abs() / self.largest,
            false => 0.0,
        }
    }

    fn draw_cell(&self, canvas: &mut Canvas, [row, column]: [usize; 2], value: f64, hint: &str) {
        let corner = [
            self.left + column as f64 * self.cell,
            self.top + row as f64 * self.cell,
        ];
        let class = if value < 0.0 { "heat minus" } else { "heat" };
        canvas.cell(corner, [self.cell; 2], self.shade(value), class, hint);
    }

    fn draw_word(&self, canvas: &mut Canvas, [row, column]: [usize; 2], value: f64, word: &str) {
        let center = [
            self.left + (column as f64 + 0.5) * self.cell,
            self.top + (row as f64 + 0.5) * self.cell + 3.5,
        ];
        let class = match self.shade(value) >= DARK {
            true => "value over",
            false => "value",
        };
        canvas.text(center, Anchor::Middle, class, word);
    }

    /// What the shades mean, below the matrix.
    fn draw_scale(&self, canvas: &mut Canvas) {
        let [x, y] = [
            self.left,
            self.top + self.rows.len() as f64 * self.cell + 14.0,
        ];
        canvas.text([x - 6.0, y + 11.0], Anchor::End, "tick soft", "0");
        let (width, height) = (22.0, 14.0);
        for step in 0..SCALE_STEPS {
            let shade = step as f64 / (SCALE_STEPS - 1) as f64;
            let corner = [x + step as f64 * width, y];
            let hint = number(shade * self.largest);
            canvas.cell(corner, [width, height], shade, "heat", &hint);
        }
        let end = [x + SCALE_STEPS as f64 * width + 6.0, y + 11.0];
        canvas.text(end, Anchor::Start, "tick soft", &number(self.largest));
    }
}

/// A value as a cell has room for it: whole numbers in full, shares with two decimals, nothing where those are zeros.
fn word(value: f64) -> String {
    match value {
        _ if !value.is_finite() => MISSING.to_owned(),
        _ if value.fract() == 0.0 => number(value),
        _ if value.abs() < 0.005 => String::new(),
        _ if value.abs() < 10.0 => fixed(value, 2),
        _ => number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{count, stays_inside};
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn draw(rows: &[String], columns: &[String], values: &[f64], show_values: bool) -> String {
        heat_map(&HeatMap {
            title: "정렬",
            rows,
            columns,
            values,
            row_title: "translation",
            column_title: "source",
            show_values,
        })
        .to_string()
    }

    #[test]
    fn shades_names_and_values_are_all_there() {
        let (rows, columns) = (words("나는 간다"), words("I go <b>"));
        let svg = draw(&rows, &columns, &[0.8, 0.2, 0.0, 0.05, 0.4, f64::NAN], true);
        for part in [
            ">정렬<",
            ">translation<",
            ">source<",
            ">나는<",
            ">go<",
            ">0.80<",
            ">–<",
        ] {
            assert_eq!(count(&svg, part), 1, "{part}");
        }
        assert_eq!(count(&svg, "class=\"heat\""), 6);
        // 0.8 is the largest; 0.4 is half as dark.
        assert_eq!(count(&svg, "fill-opacity=\"1.000\""), 1);
        assert_eq!(count(&svg, "fill-opacity=\"0.500\""), 1);
        assert_eq!(count(&svg, "class=\"value over\""), 1);
        assert!(svg.contains("<title>간다 · &lt;b&gt;: –</title>"));
        stays_inside(&svg);
    }

    #[test]
    fn many_cells_show_a_scale_instead_of_values() {
        let names: Vec<String> = (0..120)
            .map(|index| format!("이름이 긴 분류 {index}"))
            .collect();
        let mut values = vec![0.0; 120 * 120];
        values[7] = 1_234.0;
        let svg = draw(&names, &names, &values, true);
        assert_eq!(count(&svg, "class=\"value"), 0);
        assert_eq!(count(&svg, ">1,234</text>"), 1);
        // Every other name: all would touch.
        assert_eq!(count(&svg, "rotate(-60"), 60);
        stays_inside(&svg);
    }

    #[test]
    fn any_matrix_is_a_picture() {
        assert!(draw(&[], &words("a b"), &[], true).contains("nothing to draw"));
        let one = vec!["긴".repeat(400)];
        for value in [0.0, -3.0, f64::NAN, f64::INFINITY, 1e300, 5e-324] {
            for show_values in [true, false] {
                stays_inside(&draw(&one, &one, &[value], show_values));
            }
        }
    }

    #[test]
    #[should_panic(expected = "one value for each cell")]
    fn a_missing_value_is_refused() {
        draw(&words("a b"), &words("c"), &[1.0], true);
    }
}
