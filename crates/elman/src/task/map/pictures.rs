//! The pictures of a mapping.

use super::results::Results;
use super::scores::Scored;
use crate::report::Picture;
use crate::report::plot::{self, Curves, Scatter, Series, StepErrors};

/// Most values that have a picture of their own.
const PICTURED: usize = 4;
/// Series that are drawn of each value.
const SERIES: usize = 4;

impl Results<'_> {
    pub(super) fn pictures(&self, model: &Scored) -> Vec<Picture> {
        let known = &self.job.data.preprocessing;
        let names = known.names();
        let mut pictures: Vec<Picture> = names
            .iter()
            .enumerate()
            .take(PICTURED)
            .map(|(value, name)| match known.steps {
                Some(_) => self.courses(model, value, name),
                None => self.scatter(model, value, name),
            })
            .collect();
        for (at, picture) in pictures.iter_mut().enumerate() {
            if names.len() > 1 {
                picture.file += &format!("-{}", at + 1);
            }
        }
        if known.steps.is_some_and(|steps| steps > 1) {
            let simple = self.job.baselines.iter();
            let simple: Vec<(String, &[f64])> = simple
                .map(|(kind, scored)| (kind.to_string(), &scored.steps[..]))
                .collect();
            let unit = if names.len() > 1 { " (deviations)" } else { "" };
            let svg = plot::step_errors(&StepErrors {
                title: "",
                error: &format!("mean absolute error{unit}"),
                model: Series {
                    name: "the model",
                    values: &model.steps,
                },
                baselines: &series(&simple),
            });
            pictures.push(Picture {
                file: "error-per-step".into(),
                svg,
                caption: "The error at each step.".into(),
            });
        }
        pictures
    }

    fn scatter(&self, model: &Scored, value: usize, name: &str) -> Picture {
        let count = self.job.data.preprocessing.targets.len();
        let of =
            |all: &[f64]| -> Vec<f64> { all[value..].iter().step_by(count).copied().collect() };
        let (actual, predicted) = (of(&self.job.data.test.actual), of(&model.predicted));
        let svg = plot::scatter(&Scatter {
            title: "",
            value: name,
            actual: &actual,
            predicted: &predicted,
        });
        Picture {
            file: "scatter".into(),
            svg,
            caption: format!("{name}: a dot for each test row; on the line the answer is exact."),
        }
    }

    /// Some series of the test part, evenly over it, beside what was said of them.
    fn courses(&self, model: &Scored, value: usize, name: &str) -> Picture {
        let (known, test) = (&self.job.data.preprocessing, &self.job.data.test);
        let [steps, count] = known.shape();
        let shown: Vec<usize> = match test.len() {
            few @ 0..=SERIES => (0..few).collect(),
            many => (0..SERIES).map(|k| k * (many - 1) / (SERIES - 1)).collect(),
        };
        let of = |all: &[f64], row: usize| -> Vec<f64> {
            let row = &all[row * steps * count..(row + 1) * steps * count];
            row[value..].iter().step_by(count).copied().collect()
        };
        let lines: Vec<[Vec<f64>; 2]> = shown
            .iter()
            .map(|row| [of(&test.actual, *row), of(&model.predicted, *row)])
            .collect();
        let simple: Vec<Vec<(String, Vec<f64>)>> = shown
            .iter()
            .map(|row| {
                let simple = self.job.baselines.iter();
                simple
                    .map(|(kind, scored)| (kind.to_string(), of(&scored.predicted, *row)))
                    .collect()
            })
            .collect();
        let simple: Vec<Vec<Series<'_>>> = simple.iter().map(|simple| series(simple)).collect();
        let curves: Vec<Curves<'_>> = lines
            .iter()
            .zip(&simple)
            .zip(&shown)
            .map(|(([actual, said], simple), row)| Curves {
                title: &test.places[*row],
                value: name,
                actual,
                model: Series {
                    name: "the model",
                    values: said,
                },
                baselines: simple,
            })
            .collect();
        Picture {
            file: "series".into(),
            svg: plot::curves("", &curves),
            caption: format!("{name}: some series of the test part, and what was said of them."),
        }
    }
}

fn series<'a, V: AsRef<[f64]>>(named: &'a [(String, V)]) -> Vec<Series<'a>> {
    let named = named.iter();
    named
        .map(|(name, values)| Series {
            name,
            values: values.as_ref(),
        })
        .collect()
}
