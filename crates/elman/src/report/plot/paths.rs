//! Lines through any points, all words given by who draws them.

use super::super::chart::{Axis, Chart, Line, Rule, Scale, Style};
use super::super::svg::Svg;
use super::{FEW_POINTS, single};

/// Lines through any points, with every word in the language of who draws them.
#[derive(Debug, Clone, Copy)]
pub struct Paths<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is counted from left to right.
    pub x: &'a str,
    /// Whether that is whole numbers.
    pub whole: bool,
    /// What the values are, with their unit.
    pub y: &'a str,
    /// Powers of ten upwards; values not above zero are left out.
    pub logarithmic: bool,
    /// The lines; the first that is not [`LineKind::Observed`] or [`LineKind::Level`] is drawn strongest.
    pub lines: &'a [PlotPath<'a>],
    /// Places marked across the whole height, and the words there.
    pub marks: &'a [(f64, &'a str)],
}

/// One line of [`Paths`].
#[derive(Debug, Clone, Copy)]
pub struct PlotPath<'a> {
    /// Name in the legend.
    pub name: &'a str,
    /// `[x, y]`; one that is not finite leaves a gap.
    pub points: &'a [[f64; 2]],
    /// What it is.
    pub kind: LineKind,
}

/// What a line is, which decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Compared with the others; up to five look different.
    Compared,
    /// What came about.
    Observed,
    /// A level to read the others against; without dots.
    Level,
}

/// Draws lines over two axes.
pub fn paths(plot: &Paths<'_>) -> Svg {
    let mut compared = 0;
    let mut drawn: Vec<Line> = plot
        .lines
        .iter()
        .map(|line| {
            let style = match line.kind {
                LineKind::Compared => {
                    compared += 1;
                    match compared {
                        1 => Style::Model,
                        number => Style::Baseline(number - 2),
                    }
                }
                LineKind::Observed | LineKind::Level => Style::Actual,
            };
            Line {
                name: line.name.to_owned(),
                style,
                points: line.points.to_vec(),
                dots: line.points.len() <= FEW_POINTS && line.kind == LineKind::Compared,
            }
        })
        .collect();
    drawn.reverse(); // the last is drawn on top and named first
    single(&Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: plot.x.to_owned(),
            scale: match plot.whole {
                true => Scale::Count,
                false => Scale::Linear,
            },
        },
        y: Axis {
            title: plot.y.to_owned(),
            scale: match plot.logarithmic {
                true => Scale::Logarithmic,
                false => Scale::Linear,
            },
        },
        lines: drawn,
        rules: plot
            .marks
            .iter()
            .map(|(at, label)| Rule {
                at: *at,
                label: (*label).to_owned(),
                ring: None,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_drawer_s_and_lines_are_named_in_order() {
        let points = [[1.0, 1.0], [2.0, 0.01], [3.0, 1e-4]];
        let line = |name, kind| PlotPath {
            name,
            points: &points,
            kind,
        };
        let plot = Paths {
            title: "기울기",
            x: "거리",
            whole: true,
            y: "크기",
            logarithmic: true,
            lines: &[
                line("SimpleRnn", LineKind::Compared),
                line("Lstm", LineKind::Compared),
                line("우연", LineKind::Level),
            ],
            marks: &[(2.0, "여기")],
        };
        let svg = paths(&plot);
        let at = |words: &str| {
            svg.as_str()
                .find(&format!(">{words}<"))
                .unwrap_or_else(|| panic!("{words} is missing"))
        };
        assert!(at("SimpleRnn") < at("Lstm") && at("Lstm") < at("우연"));
        at("기울기");
        at("거리");
        at("크기");
        at("여기");
        for style in ["line model", "line base0", "line actual"] {
            // The line itself and its sample in the legend.
            assert_eq!(svg.as_str().matches(style).count(), 2, "{style}");
        }
        // Dots on the compared lines, their samples included, and none on the level.
        assert_eq!(svg.as_str().matches("dot model").count(), 4);
        assert_eq!(svg.as_str().matches("dot actual").count(), 0);
    }
}
