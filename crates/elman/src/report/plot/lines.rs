//! Named lines over one axis.

use super::super::chart::{Axis, Chart, Line, Rule, Scale, Style};
use super::super::svg::Svg;
use super::{Series, counted, line, single};

/// Where the values of lines stand.
#[derive(Debug, Clone, Copy)]
pub enum Places<'a> {
    /// One after the other, the first with this number.
    Counted(usize),
    /// At these whole numbers, which rise.
    Whole(&'a [f64]),
    /// Wherever they were measured, in powers of ten; places not above zero are left out.
    Powers(&'a [f64]),
}

impl Places<'_> {
    fn at(self, index: usize) -> f64 {
        match self {
            Self::Counted(first) => counted(first)(index),
            Self::Whole(places) | Self::Powers(places) => {
                places.get(index).copied().unwrap_or(f64::NAN)
            }
        }
    }
}

/// Lines that are compared with each other.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is counted along the axis: `steps back`.
    pub along: &'a str,
    /// Where along it the values of every line stand.
    pub places: Places<'a>,
    /// What the values are, with their unit.
    pub value: &'a str,
    /// Draw powers of ten at equal distances; values not above zero are left out.
    pub logarithmic: bool,
    /// The lines, the most important first; up to five look different.
    pub series: &'a [Series<'a>],
    /// Lines drawn faintly behind them, which the legend does not name.
    pub behind: &'a [Series<'a>],
    /// A place that is marked, and what it is.
    pub mark: Option<(f64, &'a str)>,
}

/// Draws lines under a legend.
pub fn lines(plot: &Lines<'_>) -> Svg {
    let place = |index: usize| plot.places.at(index);
    let behind = plot.behind.iter().rev();
    let behind = behind.map(|series| Line {
        dots: series.values.len() == 1,
        ..line(*series, Style::Behind, place)
    });
    let styled = plot.series.iter().enumerate().rev();
    single(&Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: plot.along.to_owned(),
            scale: match plot.places {
                Places::Counted(_) | Places::Whole(_) => Scale::Count,
                Places::Powers(_) => Scale::Logarithmic,
            },
        },
        y: Axis {
            title: plot.value.to_owned(),
            scale: match plot.logarithmic {
                true => Scale::Logarithmic,
                false => Scale::Linear,
            },
        },
        lines: behind
            .chain(styled.map(|(index, series)| {
                let style = match index {
                    0 => Style::Model,
                    other => Style::Baseline(other - 1),
                };
                line(*series, style, place)
            }))
            .collect(),
        rules: plot
            .mark
            .map(|(at, label)| Rule {
                at,
                label: label.to_owned(),
                ring: None,
            })
            .into_iter()
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_drawn_and_named_and_zero_has_no_power_of_ten() {
        let series = [
            Series {
                name: "gru",
                values: &[1.0, 0.5, 0.25],
            },
            Series {
                name: "simple_rnn",
                values: &[1.0, 0.0, 0.01],
            },
        ];
        let plot = Lines {
            title: "",
            along: "steps back",
            places: Places::Counted(0),
            value: "gradient",
            logarithmic: true,
            series: &series,
            behind: &[],
            mark: Some((1.0, "here")),
        };
        let svg = lines(&plot);
        for name in [">gru<", ">simple_rnn<", ">here<", ">steps back<"] {
            assert_eq!(svg.as_str().matches(name).count(), 1, "{name}");
        }
        // One line and two samples of the legend; the zero cuts the other line into two single points.
        assert_eq!(svg.as_str().matches("<polyline").count(), 3);
    }

    #[test]
    fn measured_places_are_marked_in_powers_of_ten_and_lines_behind_are_not_named() {
        let plot = |values: &[f64]| {
            lines(&Lines {
                title: "",
                along: "learning rate",
                places: Places::Powers(&[1e-6, 1e-4, 1e-2, 0.0]),
                value: "loss",
                logarithmic: false,
                series: &[Series {
                    name: "smoothed",
                    values,
                }],
                behind: &[Series {
                    name: "measured",
                    values: &[3.0, 2.0, 4.0, 1.0],
                }],
                mark: Some((1e-4, "use this")),
            })
        };
        let svg = plot(&[2.0, 1.0, 3.0, 2.0]);
        for name in [">1e-6<", ">0.01<", ">use this<", ">smoothed<"] {
            assert_eq!(svg.as_str().matches(name).count(), 1, "{name} in {svg}");
        }
        assert_eq!(svg.as_str().matches(">measured<").count(), 0);
        // Two lines and one sample; where the place is zero nothing can be drawn.
        assert_eq!(svg.as_str().matches("<polyline").count(), 3);
        assert!(svg.as_str().contains("data-x-scale=\"logarithmic\""));
        assert!(plot(&[]).as_str().contains("<polyline"));
    }
}
