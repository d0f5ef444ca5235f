//! A chart: lines over two axes, laid out and drawn. What the lines mean is said in [`super::plot`].

use super::svg::{Anchor, Canvas, Shape, escape, fit, text_width};
use super::ticks::{self, Tick};

const TITLE_SIZE: f64 = 15.0;
const TEXT_SIZE: f64 = 13.0;
const TICK_SIZE: f64 = 12.0;
/// Room above the lines for the words at a rule, so that they cover nothing.
const RULE_LABEL: f64 = 17.0;
/// Room between the axis and the first and last points, so that their marks stay off its labels.
const INSET: f64 = 6.0;
const LEGEND_LINE: f64 = 19.0;
const LEGEND_SAMPLE: f64 = 28.0;
/// Values beyond are left out: no axis can show them.
const LARGEST: f64 = 1e100;

const HALF_A_DAY: f64 = 43_200.0;

/// How an axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// Linear and from zero up, for amounts whose ratio is to be seen.
    FromZero,
    /// Whole numbers: epochs, horizon steps, rows.
    Count,
    /// Powers of ten. Values not above zero are left out.
    Logarithmic,
    /// Seconds since 1970-01-01 00:00.
    Time,
}

#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) scale: Scale,
}

/// How a line looks; see the style sheet in [`super::svg`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// What was observed.
    Actual,
    /// The model.
    Model,
    /// The counterpart of the model's line where there are just two.
    Second,
    /// A baseline, by its number.
    Baseline(usize),
    /// One of many that are there for the view as a whole; the legend does not name it.
    Behind,
}

impl Style {
    fn class(self) -> &'static str {
        match self {
            Self::Actual => "actual",
            Self::Model => "model",
            Self::Second => "second",
            Self::Baseline(index) => ["base0", "base1", "base2", "base3"][index % 4],
            Self::Behind => "behind",
        }
    }

    /// What a single point looks like.
    fn shape(self) -> Shape {
        match self {
            Self::Actual | Self::Model | Self::Behind => Shape::Disc,
            Self::Second => Shape::Square,
            Self::Baseline(index) => {
                [Shape::Square, Shape::Diamond, Shape::Cross, Shape::Triangle][index % 4]
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) style: Style,
    /// `[x, y]`; a point that is not finite is a gap.
    pub(super) points: Vec<[f64; 2]>,
    /// Whether every point gets a dot.
    pub(super) dots: bool,
}

/// A place marked across the whole height.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) at: f64,
    pub(super) label: String,
    /// A value to ring on the rule.
    pub(super) ring: Option<f64>,
}

#[derive(Debug, Clone)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// Drawn in this order, the last on top; the legend lists the last first.
    pub(super) lines: Vec<Line>,
    pub(super) rules: Vec<Rule>,
}

/// A part of the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    fn width(self) -> f64 {
        self.right - self.left
    }

    fn height(self) -> f64 {
        self.bottom - self.top
    }
}

impl Chart {
    /// Draws title, legend, axes and lines into `frame`.
    pub(super) fn draw(&self, canvas: &mut Canvas, mut frame: Frame) {
        frame.top = draw_title(canvas, frame, &self.title);
        frame.top = draw_legend(canvas, frame, &self.lines);
        self.draw_panel(canvas, frame);
    }

    /// Draws axes and lines alone into `frame`.
    pub(super) fn draw_panel(&self, canvas: &mut Canvas, mut frame: Frame) {
        if !self.y.title.is_empty() {
            let title = fit(&self.y.title, TICK_SIZE, frame.width());
            canvas.text(
                [frame.left, frame.top + 14.0],
                Anchor::Start,
                "tick soft",
                &title,
            );
            frame.top += 20.0;
        }
        frame.top += if self.rules.is_empty() {
            8.0
        } else {
            RULE_LABEL
        };
        frame.right -= 10.0;
        let x_titled = !self.x.title.is_empty();
        frame.bottom -= if x_titled { 42.0 } else { 22.0 };

        let (x_range, y_range) = (self.range(0), self.range(1));
        let (Some(x_range), Some(y_range)) = (x_range, y_range) else {
            let center = [
                (frame.left + frame.right) / 2.0,
                (frame.top + frame.bottom) / 2.0,
            ];
            return canvas.text(center, Anchor::Middle, "soft", "no finite value to draw");
        };
        let y_ticks = self.y.ticks(y_range, (frame.height() / 34.0) as usize);
        let label_width = y_ticks
            .iter()
            .map(|tick| text_width(&tick.label, TICK_SIZE))
            .fold(0.0, f64::max);
        frame.left += label_width + 8.0;
        let x_ticks = self.x.fitting_ticks(x_range, frame.width());

        let place = Placement {
            frame,
            x_range,
            y_range,
        };
        canvas.open(format_args!("panel\" {}", self.measures(&place)));
        draw_axes(canvas, &place, &x_ticks, &y_ticks);
        if x_titled {
            let title = fit(
                &self.x.full_title(x_range),
                TICK_SIZE,
                frame.width() + label_width,
            );
            let half = text_width(&title, TICK_SIZE) / 2.0;
            let middle = ((frame.left + frame.right) / 2.0).min(frame.right - half);
            let at = [middle, frame.bottom + 36.0];
            canvas.text(at, Anchor::Middle, "tick soft", &title);
        }
        for line in &self.lines {
            let name = escape(&line.name);
            canvas.open(format_args!("series\" data-name=\"{name}\""));
            self.draw_line(canvas, &place, line);
            canvas.close();
        }
        canvas.open(format_args!("rules\""));
        for rule in &self.rules {
            self.draw_rule(canvas, &place, rule);
        }
        canvas.close();
        canvas.close();
    }

    /// What the page's script needs to turn pixels into values again.
    fn measures(&self, place: &Placement) -> String {
        let Frame {
            left,
            top,
            right,
            bottom,
        } = place.frame;
        let ([x_low, x_high], [y_low, y_high]) = (place.x_range, place.y_range);
        let scale = |axis: &Axis| match axis.scale {
            Scale::Linear | Scale::FromZero => "linear",
            Scale::Count => "count",
            Scale::Logarithmic => "logarithmic",
            Scale::Time => "time",
        };
        format!(
            "data-x=\"{x_low} {x_high} {:.1} {:.1}\" data-y=\"{y_low} {y_high} {bottom:.1} {top:.1}\" data-x-scale=\"{}\" \
             data-y-scale=\"{}\" data-x-title=\"{}\"",
            left + INSET,
            right - INSET,
            scale(&self.x),
            scale(&self.y),
            escape(&self.x.title)
        )
    }

    /// The values that an axis must show; `None` if there are none.
    fn range(&self, side: usize) -> Option<[f64; 2]> {
        let points = self
            .lines
            .iter()
            .flat_map(|line| &line.points)
            .filter_map(|point| self.scaled(*point));
        let range = points
            .map(|point| point[side])
            .fold(None, |range: Option<[f64; 2]>, value| {
                let [low, high] = range.unwrap_or([value; 2]);
                Some([low.min(value), high.max(value)])
            });
        let [low, high] = range?;
        let axis = if side == 0 { &self.x } else { &self.y };
        if axis.scale == Scale::FromZero && low >= 0.0 {
            return Some([0.0, 1.06 * if high > 0.0 { high } else { 1.0 }]);
        }
        let size = low.abs().max(high.abs());
        let room = if high - low > 1e-12 * size {
            if side == 0 { 0.0 } else { 0.05 * (high - low) }
        } else {
            // One place only: some room on both sides of it, more than rounding takes away.
            let alone = match axis.scale {
                Scale::Count => 0.5,
                Scale::Time => HALF_A_DAY,
                _ if size > 1e-300 => 0.1 * size,
                _ => 1.0,
            };
            alone.max(1e-9 * size)
        };
        Some([low - room, high + room])
    }

    /// A point on the axes' scales; `None` if it cannot be shown.
    fn scaled(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let [x, y] = [self.x.scaled(x), self.y.scaled(y)];
        [x, y]
            .iter()
            .all(|value| value.abs() < LARGEST)
            .then_some([x, y])
    }

    fn draw_line(&self, canvas: &mut Canvas, place: &Placement, line: &Line) {
        let points: Vec<_> = line
            .points
            .iter()
            .map(|point| self.scaled(*point).map(|p| place.at(p)))
            .collect();
        let class = line.style.class();
        for run in points.split(Option::is_none) {
            let run: Vec<[f64; 2]> = run.iter().flatten().copied().collect();
            if run.len() > 1 {
                canvas.polyline(&thin(&run), class);
            }
            if line.dots || run.len() == 1 {
                run.iter()
                    .for_each(|point| canvas.mark(*point, line.style.shape(), class));
            }
        }
    }

    fn draw_rule(&self, canvas: &mut Canvas, place: &Placement, rule: &Rule) {
        let ([low, high], at) = (place.x_range, self.x.scaled(rule.at));
        if !(low..=high).contains(&at) {
            return;
        }
        let Frame {
            left,
            top,
            right,
            bottom,
        } = place.frame;
        let x = place.x(at);
        canvas.segment([x, top], [x, bottom], "rule");
        if let Some(ring) = rule.ring.and_then(|value| self.scaled([rule.at, value])) {
            canvas.ring(place.at(ring), "model");
        }
        let label = fit(&rule.label, TICK_SIZE, right - left);
        let half = text_width(&label, TICK_SIZE) / 2.0;
        let middle = x.min(right + 8.0 - half).max(left + half);
        canvas.text([middle, top - 4.0], Anchor::Middle, "tick", &label);
    }
}

/// Draws a title at the top of `frame`; answers the top of what is left.
pub(super) fn draw_title(canvas: &mut Canvas, frame: Frame, title: &str) -> f64 {
    if title.is_empty() {
        return frame.top;
    }
    // Bold letters are wider.
    let shown = fit(title, TITLE_SIZE * 1.15, frame.width());
    canvas.text(
        [frame.left, frame.top + TITLE_SIZE],
        Anchor::Start,
        "title",
        &shown,
    );
    frame.top + TITLE_SIZE + 8.0
}

/// Draws a sample and the name of each line, the topmost line first, over as many rows as it takes; answers the top of
/// what is left.
pub(super) fn draw_legend(canvas: &mut Canvas, frame: Frame, lines: &[Line]) -> f64 {
    let [mut x, mut y] = [frame.left, frame.top + 11.0];
    let named = |line: &&Line| !line.name.is_empty() && line.style != Style::Behind;
    for line in lines.iter().rev().filter(named) {
        let name = fit(
            &line.name,
            TEXT_SIZE,
            frame.width() / 2.0 - LEGEND_SAMPLE - 20.0,
        );
        let width = LEGEND_SAMPLE + 6.0 + text_width(&name, TEXT_SIZE);
        if x > frame.left && x + width > frame.right {
            [x, y] = [frame.left, y + LEGEND_LINE];
        }
        let class = line.style.class();
        canvas.polyline(
            &[[x + 1.0, y - 4.5], [x + LEGEND_SAMPLE - 1.0, y - 4.5]],
            class,
        );
        if line.dots {
            let center = [x + LEGEND_SAMPLE / 2.0, y - 4.5];
            canvas.mark(center, line.style.shape(), class);
        }
        canvas.text([x + LEGEND_SAMPLE + 5.0, y], Anchor::Start, "", &name);
        x += width + 14.0;
    }
    y + 9.0
}

fn draw_axes(canvas: &mut Canvas, place: &Placement, x_ticks: &[Tick], y_ticks: &[Tick]) {
    let Frame {
        left,
        top: _,
        right,
        bottom,
    } = place.frame;
    for tick in y_ticks {
        let y = place.y(tick.at);
        canvas.segment([left, y], [right, y], "grid");
        canvas.text([left - 6.0, y + 4.0], Anchor::End, "tick", &tick.label);
    }
    canvas.segment([left, bottom], [right, bottom], "axis");
    canvas.open(format_args!("ticks\""));
    for tick in x_ticks {
        let x = place.x(tick.at);
        canvas.segment([x, bottom], [x, bottom + 4.0], "axis");
        // A label at the edge leans inwards rather than out of the picture.
        let half = text_width(&tick.label, TICK_SIZE) / 2.0;
        let middle = x.min(right + 8.0 - half).max(half);
        canvas.text([middle, bottom + 17.0], Anchor::Middle, "tick", &tick.label);
    }
    canvas.close();
}

impl Axis {
    /// A value as its axis counts it: on a logarithmic one its power of ten.
    fn scaled(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Logarithmic => value.log10(),
            _ => value,
        }
    }

    fn ticks(&self, [low, high]: [f64; 2], count: usize) -> Vec<Tick> {
        match self.scale {
            Scale::Linear | Scale::FromZero => ticks::linear(low, high, count, 0.0),
            Scale::Count => ticks::linear(low, high, count, 1.0),
            Scale::Logarithmic => ticks::logarithmic(low, high, count),
            Scale::Time => ticks::time(low, high, count),
        }
    }

    /// As many ticks as fit beside each other in `width` pixels.
    fn fitting_ticks(&self, range: [f64; 2], width: f64) -> Vec<Tick> {
        let pixels = (width - 2.0 * INSET) / (range[1] - range[0]);
        let fits = |ticks: &Vec<Tick>| {
            ticks.windows(2).all(|pair| {
                let labels =
                    text_width(&pair[0].label, TICK_SIZE) + text_width(&pair[1].label, TICK_SIZE);
                (pair[1].at - pair[0].at) * pixels > labels / 2.0 + 14.0
            })
        };
        (1..=9)
            .rev()
            .map(|count| self.ticks(range, count))
            .find(fits)
            .unwrap_or_default()
    }

    /// The title, with the dates between which the marks leave out year or day.
    fn full_title(&self, [low, high]: [f64; 2]) -> String {
        let with_clock = high - low < 4.0 * 86_400.0;
        match (
            self.scale,
            ticks::date(low, with_clock),
            ticks::date(high, with_clock),
        ) {
            (Scale::Time, Some(from), Some(to)) => format!("{}, {from} to {to}", self.title),
            _ => self.title.clone(),
        }
    }
}

/// Where values go.
struct Placement {
    frame: Frame,
    x_range: [f64; 2],
    y_range: [f64; 2],
}

impl Placement {
    fn x(&self, value: f64) -> f64 {
        let [low, high] = self.x_range;
        self.frame.left + INSET + (value - low) / (high - low) * (self.frame.width() - 2.0 * INSET)
    }

    fn y(&self, value: f64) -> f64 {
        let [low, high] = self.y_range;
        self.frame.bottom - (value - low) / (high - low) * self.frame.height()
    }

    fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x(x), self.y(y)]
    }
}

/// The points that matter of a line with many to the pixel: of each pixel column the first, the lowest, the highest and
/// the last.
fn thin(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let columns = points.chunk_by(|a, b| a[0].floor() == b[0].floor());
    let kept = columns.flat_map(|column| {
        let order = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
        let extremes = [column.iter().min_by(order), column.iter().max_by(order)];
        let mut kept: Vec<[f64; 2]> = [column.first(), column.last()]
            .into_iter()
            .chain(extremes)
            .flatten()
            .copied()
            .collect();
        kept.sort_by(|a, b| a[0].total_cmp(&b[0]));
        kept.dedup();
        if column.len() <= 4 {
            column.to_vec()
        } else {
            kept
        }
    });
    kept.collect()
}
