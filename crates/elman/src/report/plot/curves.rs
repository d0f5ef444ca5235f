//! Series beside what was said of them.

use super::super::chart::{Axis, Chart, Scale, Style};
use super::super::svg::Svg;
use super::{Series, compared, counted, grid, line, single};

/// A series and what was said of it.
#[derive(Debug, Clone, Copy)]
pub struct Curves<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What the values are, with their unit.
    pub value: &'a str,
    /// What was right at step 1, 2, …
    pub actual: &'a [f64],
    /// What the model said.
    pub model: Series<'a>,
    /// What simpler answers say; up to four look different.
    pub baselines: &'a [Series<'a>],
}

impl Curves<'_> {
    fn chart(&self) -> Chart {
        let mut lines = compared(&self.model, self.baselines, counted(1));
        let actual = Series {
            name: "actual",
            values: self.actual,
        };
        let mut actual = line(actual, Style::Actual, counted(1));
        actual.dots = self.actual.len() == 1;
        lines.insert(lines.len() - 1, actual);
        Chart {
            title: self.title.to_owned(),
            x: Axis {
                title: "step".to_owned(),
                scale: Scale::Count,
            },
            y: Axis {
                title: self.value.to_owned(),
                scale: Scale::Linear,
            },
            lines,
            rules: Vec::new(),
        }
    }
}

/// Draws series as small multiples, two beside each other, under one legend; a single one by itself.
pub fn curves(title: &str, plots: &[Curves<'_>]) -> Svg {
    match plots {
        [one] => single(&one.chart()),
        many => grid(title, many.iter().map(Curves::chart).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_series_has_its_panel_and_lines_are_named_once() {
        let said = Series {
            name: "the model",
            values: &[1.0, 2.0, 2.5],
        };
        let mean = Series {
            name: "training mean",
            values: &[2.0; 3],
        };
        let one = Curves {
            title: "row 7",
            value: "y",
            actual: &[1.0, 2.0, 3.0],
            model: said,
            baselines: &[mean],
        };
        let single = curves("", &[one]);
        let three = curves("", &[one; 3]);
        for svg in [&single, &three] {
            assert_eq!(svg.as_str().matches(">training mean<").count(), 1);
            assert_eq!(svg.as_str().matches(">actual<").count(), 1);
        }
        // Three lines in each panel, and three samples in the legend.
        assert_eq!(single.as_str().matches("<polyline").count(), 6);
        assert_eq!(three.as_str().matches("<polyline").count(), 12);
        assert!(three.as_str().contains("row 7"));
    }
}
