//! Named lines over one axis.

use super::super::chart::{Axis, Chart, Rule, Scale, Style};
use super::super::svg::Svg;
use super::{Series, counted, line, single};

/// Lines that are compared with each other.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is counted along the axis: `steps back`.
    pub along: &'a str,
    /// The number of the first place.
    pub first: usize,
    /// What the values are, with their unit.
    pub value: &'a str,
    /// Draw powers of ten at equal distances; values not above zero are left out.
    pub logarithmic: bool,
    /// The lines, the most important first; up to five look different.
    pub series: &'a [Series<'a>],
    /// A place that is marked, and what it is.
    pub mark: Option<(f64, &'a str)>,
}

/// Draws lines under a legend.
pub fn lines(plot: &Lines<'_>) -> Svg {
    let styled = plot.series.iter().enumerate().rev();
    single(&Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: plot.along.to_owned(),
            scale: Scale::Count,
        },
        y: Axis {
            title: plot.value.to_owned(),
            scale: match plot.logarithmic {
                true => Scale::Logarithmic,
                false => Scale::Linear,
            },
        },
        lines: styled
            .map(|(index, series)| {
                let style = match index {
                    0 => Style::Model,
                    other => Style::Baseline(other - 1),
                };
                line(*series, style, counted(plot.first))
            })
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
            first: 0,
            value: "gradient",
            logarithmic: true,
            series: &series,
            mark: Some((1.0, "here")),
        };
        let svg = lines(&plot);
        for name in [">gru<", ">simple_rnn<", ">here<", ">steps back<"] {
            assert_eq!(svg.as_str().matches(name).count(), 1, "{name}");
        }
        // One line and two samples of the legend; the zero cuts the other line into two single points.
        assert_eq!(svg.as_str().matches("<polyline").count(), 3);
    }
}
