//! The pictures of a run: its loss, its forecasts, its errors, its alignments.

mod curves;
mod heat;
mod lines;
mod movement;
mod paths;
mod scatter;
mod unrolled;

pub use curves::{Curves, curves};
pub use heat::{HeatMap, heat_map};
pub use lines::{Lines, Places, lines};
pub use movement::{Movement, MovementPanel, Skeleton, film, movement};
pub use paths::{LineKind, Paths, PlotPath, paths};
pub use scatter::{Scatter, scatter};
pub(crate) use unrolled::INPUT;
pub use unrolled::{Unrolled, UnrolledValues, UnrolledWords, unrolled};

use super::chart::{Axis, Chart, Frame, Line, Rule, Scale, Style, draw_legend, draw_title};
use super::svg::{Canvas, Svg};

/// Width of every picture in pixels: legible in one column of a page and on a phone.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 310.0;
const MARGIN: f64 = 10.0;
/// Up to so many points, each gets a dot.
const FEW_POINTS: usize = 30;
/// Losses that span more than this factor are drawn in powers of ten.
const WIDE_RANGE: f64 = 30.0;

/// A named line of values; NaN leaves a gap.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// Name in the legend.
    pub name: &'a str,
    /// One value per place.
    pub values: &'a [f64],
}

/// Loss by epoch.
#[derive(Debug, Clone, Copy)]
pub struct LossCurve<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is measured, with its unit: `mean squared error (scaled)`.
    pub loss: &'a str,
    /// Training loss of epoch 1, 2, …
    pub train: &'a [f64],
    /// Validation loss of epoch 1, 2, …; empty without validation.
    pub validation: &'a [f64],
    /// The epoch whose weights were kept, from 1.
    pub best_epoch: Option<usize>,
}

/// Draws training and validation loss, on a logarithmic axis where they span more than a factor of 30.
pub fn loss_curve(plot: &LossCurve<'_>) -> Svg {
    let logarithmic = spans_powers(plot.train.iter().chain(plot.validation));
    let lines = [
        ("training", Style::Second, plot.train),
        ("validation", Style::Model, plot.validation),
    ];
    let chart = Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: "epoch".to_owned(),
            scale: Scale::Count,
        },
        y: Axis {
            title: format!(
                "{}{}",
                plot.loss,
                if logarithmic { ", logarithmic" } else { "" }
            ),
            scale: if logarithmic {
                Scale::Logarithmic
            } else {
                Scale::Linear
            },
        },
        lines: lines
            .into_iter()
            .filter(|(.., values)| !values.is_empty())
            .map(|(name, style, values)| line(Series { name, values }, style, counted(1)))
            .collect(),
        rules: plot
            .best_epoch
            .map(|epoch| best_epoch(plot, epoch))
            .into_iter()
            .collect(),
    };
    single(&chart)
}

/// Whether losses are drawn in powers of ten: they span more than a factor of 30.
pub(crate) fn spans_powers<'a>(losses: impl Iterator<Item = &'a f64>) -> bool {
    let finite = losses.filter(|loss| loss.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, 0.0f64), |(low, high), loss| {
        (low.min(*loss), high.max(*loss))
    });
    low > 0.0 && high / low > WIDE_RANGE
}

fn best_epoch(plot: &LossCurve<'_>, epoch: usize) -> Rule {
    let index = epoch.wrapping_sub(1);
    let ring = plot
        .validation
        .get(index)
        .or(plot.train.get(index))
        .copied();
    Rule {
        at: epoch as f64,
        label: format!("best epoch {epoch}"),
        ring,
    }
}

/// Where the values of a series stand.
#[derive(Debug, Clone, Copy)]
pub enum Positions<'a> {
    /// One row after the other, the first with this number.
    Rows(usize),
    /// Moments in seconds since 1970-01-01 00:00 of the data's own clock.
    Times(&'a [f64]),
}

impl Positions<'_> {
    fn at(self, index: usize) -> f64 {
        match self {
            Self::Rows(first) => (first + index) as f64,
            Self::Times(times) => times.get(index).copied().unwrap_or(f64::NAN),
        }
    }

    fn axis(self) -> Axis {
        match self {
            Self::Rows(_) => Axis {
                title: "row".to_owned(),
                scale: Scale::Count,
            },
            Self::Times(_) => Axis {
                title: "time".to_owned(),
                scale: Scale::Time,
            },
        }
    }
}

/// A forecast beside what came.
#[derive(Debug, Clone, Copy)]
pub struct ForecastPlot<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is forecast, with its unit: `load (kW)`.
    pub value: &'a str,
    /// Place of every row of `actual` and of the forecast that goes beyond.
    pub positions: Positions<'a>,
    /// The history's tail, and then what came as far as it is known.
    pub actual: &'a [f64],
    /// Where the forecast begins: an index into `actual` (its length for a true look ahead).
    pub start: usize,
    /// Words at the boundary: `forecast`, `test split`.
    pub boundary: &'a str,
    /// The model's forecast from `start` on.
    pub model: Series<'a>,
    /// Simple forecasts from `start` on; up to four look different.
    pub baselines: &'a [Series<'a>],
}

impl ForecastPlot<'_> {
    fn chart(&self) -> Chart {
        let ahead = |index: usize| self.positions.at(self.start + index);
        let mut lines = compared(&self.model, self.baselines, ahead);
        let actual = Series {
            name: "actual",
            values: self.actual,
        };
        let mut actual = line(actual, Style::Actual, |index| self.positions.at(index));
        actual.dots = false;
        // Dots that touch would hide what they are compared with.
        let rows = self.actual.len().max(self.start + self.model.values.len());
        let crowded = rows > FEW_POINTS && self.model.values.len() > 1;
        lines.iter_mut().for_each(|line| line.dots &= !crowded);
        lines.insert(lines.len() - 1, actual);
        let before = self
            .start
            .checked_sub(1)
            .map_or(f64::NAN, |last| self.positions.at(last));
        let at = if before.is_finite() {
            (before + ahead(0)) / 2.0
        } else {
            ahead(0)
        };
        Chart {
            title: self.title.to_owned(),
            x: self.positions.axis(),
            y: Axis {
                title: self.value.to_owned(),
                scale: Scale::Linear,
            },
            lines,
            rules: vec![Rule {
                at,
                label: self.boundary.to_owned(),
                ring: None,
            }],
        }
    }
}

/// Draws one forecast: history, what came, the model and the baselines, with the boundary between past and future.
pub fn forecast(plot: &ForecastPlot<'_>) -> Svg {
    single(&plot.chart())
}

/// Draws several forecasts as small multiples, two beside each other, under one legend. Lines are named by the first.
pub fn forecast_grid(title: &str, plots: &[ForecastPlot<'_>]) -> Svg {
    grid(title, plots.iter().map(ForecastPlot::chart).collect())
}

/// Draws charts two beside each other, under the legend of the first.
fn grid(title: &str, charts: Vec<Chart>) -> Svg {
    const COLUMNS: usize = 2;
    const PANEL_HEIGHT: f64 = 180.0;
    let rows = charts.len().div_ceil(COLUMNS);
    let lines: &[Line] = charts.first().map_or(&[], |chart| &chart.lines);
    let mut frame = Frame {
        left: MARGIN,
        top: MARGIN,
        right: WIDTH - MARGIN,
        bottom: 0.0,
    };
    // The legend's height depends on its words: measure it on a canvas that is thrown away.
    let mut canvas = Canvas::new(WIDTH, 0.0, title);
    frame.top = draw_title(&mut canvas, frame, title);
    let top = draw_legend(&mut canvas, frame, lines);
    let mut canvas = Canvas::new(WIDTH, top + rows as f64 * PANEL_HEIGHT + MARGIN, title);
    frame.top = draw_title(
        &mut canvas,
        Frame {
            top: MARGIN,
            ..frame
        },
        title,
    );
    draw_legend(&mut canvas, frame, lines);
    let width = (frame.right - frame.left) / COLUMNS as f64;
    for (index, mut chart) in charts.into_iter().enumerate() {
        let left = frame.left + (index % COLUMNS) as f64 * width;
        let top = top + (index / COLUMNS) as f64 * PANEL_HEIGHT;
        // One line of words above each panel: its heading and, in the first, the unit that all share.
        let words = [
            std::mem::take(&mut chart.title),
            std::mem::take(&mut chart.y.title),
        ];
        chart.y.title = words
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        chart.x.title = String::new();
        let panel = Frame {
            left: left + 4.0,
            top,
            right: left + width - 4.0,
            bottom: top + PANEL_HEIGHT - 8.0,
        };
        chart.draw_panel(&mut canvas, panel);
    }
    canvas.finish()
}

/// Error by horizon step.
#[derive(Debug, Clone, Copy)]
pub struct StepErrors<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is measured, with its unit: `mean absolute error (kW)`.
    pub error: &'a str,
    /// The model's error at step 1, 2, …
    pub model: Series<'a>,
    /// The simple forecasts' errors; up to four look different.
    pub baselines: &'a [Series<'a>],
}

/// Draws how errors grow with the horizon, from zero up.
pub fn step_errors(plot: &StepErrors<'_>) -> Svg {
    let chart = Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: "steps ahead".to_owned(),
            scale: Scale::Count,
        },
        y: Axis {
            title: plot.error.to_owned(),
            scale: Scale::FromZero,
        },
        lines: compared(&plot.model, plot.baselines, counted(1)),
        rules: Vec::new(),
    };
    single(&chart)
}

/// The baselines' lines and, on top, the model's.
fn compared(
    model: &Series<'_>,
    baselines: &[Series<'_>],
    place: impl Fn(usize) -> f64 + Copy,
) -> Vec<Line> {
    let numbered = baselines.iter().enumerate().rev();
    let mut lines: Vec<Line> = numbered
        .map(|(index, series)| line(*series, Style::Baseline(index), place))
        .collect();
    lines
        .iter_mut()
        .for_each(|line| line.dots = line.points.len() == 1);
    lines.push(line(*model, Style::Model, place));
    lines
}

fn line(series: Series<'_>, style: Style, place: impl Fn(usize) -> f64) -> Line {
    Line {
        name: series.name.to_owned(),
        style,
        points: series
            .values
            .iter()
            .enumerate()
            .map(|(index, value)| [place(index), *value])
            .collect(),
        dots: series.values.len() <= FEW_POINTS,
    }
}

fn counted(first: usize) -> impl Fn(usize) -> f64 + Copy {
    move |index| (first + index) as f64
}

fn single(chart: &Chart) -> Svg {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &chart.title);
    let frame = Frame {
        left: MARGIN,
        top: MARGIN,
        right: WIDTH - MARGIN,
        bottom: HEIGHT - MARGIN / 2.0,
    };
    chart.draw(&mut canvas, frame);
    canvas.finish()
}

#[cfg(test)]
mod tests;
