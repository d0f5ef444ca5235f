//! What was said against what was right.

use super::super::chart::{Axis, Chart, Line, Scale, Style};
use super::super::svg::Svg;
use super::single;

/// Most dots that are drawn: more would be one blot.
const MOST_DOTS: usize = 1_500;

/// Answers against what was right.
#[derive(Debug, Clone, Copy)]
pub struct Scatter<'a> {
    /// Heading; may be empty.
    pub title: &'a str,
    /// What is answered, with its unit.
    pub value: &'a str,
    /// What was right.
    pub actual: &'a [f64],
    /// What was said.
    pub predicted: &'a [f64],
}

/// Draws a dot for each answer, and the line on which they are exact. Of very many the dots are evenly thinned out.
pub fn scatter(plot: &Scatter<'_>) -> Svg {
    let pairs: Vec<[f64; 2]> = plot
        .actual
        .iter()
        .zip(plot.predicted)
        .map(|(actual, predicted)| [*actual, *predicted])
        .filter(|pair| pair.iter().all(|value| value.is_finite()))
        .collect();
    let every = pairs.len().div_ceil(MOST_DOTS).max(1);
    let shown: Vec<[f64; 2]> = pairs.iter().step_by(every).copied().collect();
    let all = || shown.iter().flatten().copied();
    let (low, high) = (
        all().fold(f64::MAX, f64::min),
        all().fold(f64::MIN, f64::max),
    );
    let exact = match shown.is_empty() {
        true => Vec::new(),
        false => vec![[low; 2], [high; 2]],
    };
    // A gap after each point: they are no line.
    let dots = shown.into_iter().flat_map(|point| [point, [f64::NAN; 2]]);
    let line = |name: &str, style, points, dots| Line {
        name: name.into(),
        style,
        points,
        dots,
    };
    single(&Chart {
        title: plot.title.to_owned(),
        x: Axis {
            title: format!("{}, actual", plot.value),
            scale: Scale::Linear,
        },
        y: Axis {
            title: format!("{}, said", plot.value),
            scale: Scale::Linear,
        },
        lines: vec![
            line("", Style::Model, dots.collect(), true),
            line("exact", Style::Second, exact, false),
        ],
        rules: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_dot_and_the_diagonal_a_line() {
        let plot = |actual: &[f64], predicted: &[f64]| {
            scatter(&Scatter {
                title: "",
                value: "<y>",
                actual,
                predicted,
            })
        };
        let svg = plot(&[1.0, 2.0, f64::NAN, 4.0], &[1.5, 2.5, 3.0, 1.0]);
        assert_eq!(svg.as_str().matches("<circle").count(), 3);
        // The diagonal, and its sample in the legend.
        assert_eq!(svg.as_str().matches("<polyline").count(), 2);
        assert!(svg.as_str().contains("&lt;y&gt;, actual"));
        let many: Vec<f64> = (0..10_000).map(f64::from).collect();
        let dots = plot(&many, &many).as_str().matches("<circle").count();
        assert!((1_000..=MOST_DOTS).contains(&dots), "{dots}");
        assert!(plot(&[], &[]).as_str().contains("no finite value"));
        assert!(plot(&[2.0], &[2.0]).as_str().contains("<circle"));
    }
}
