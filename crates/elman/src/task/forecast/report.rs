//! What forecasts came to: tables and pictures.

use super::{Results, Scored};
use crate::baseline::Baseline;
use crate::metric::ForecastMetrics;
use crate::report::plot::{self, ForecastPlot, Positions, Series, StepErrors};
use crate::report::{Block, Picture, Svg, Table, Tone};
use crate::task::Outcome;

impl Results<'_> {
    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub fn outcome(&self) -> Outcome {
        let tone = match self.skill() {
            Some(skill) if skill > 0.01 => Tone::Good,
            Some(skill) if skill < -0.01 => Tone::Bad,
            _ => Tone::Neutral,
        };
        let absent = self.baselines.absent.iter();
        let absent = absent.map(|(kind, reason)| Block::Text(format!("No {kind}: {reason}.")));
        let steps = self.steps().map(|table| Block::Folded {
            summary: "The model's error at each step".into(),
            blocks: vec![Block::Table(table)],
        });
        let next = match self.data.report.is_some() {
            true => vec!["forecast {run}".into()],
            false => Vec::new(), // generated series have no future
        };
        Outcome {
            verdict: self.verdict(),
            tone,
            table: self.table(),
            heading: "Errors on the test span",
            details: self
                .unmeasured()
                .map(Block::Text)
                .into_iter()
                .chain(absent)
                .chain(steps)
                .collect(),
            figures: self.figures(),
            pictures: self.pictures(),
            sections: Vec::new(),
            predictions: Some(self.predictions()),
            loss: "loss (scaled units)",
            next,
        }
    }

    fn pictures(&self) -> Vec<Picture> {
        let model = self.model.expect("a model that is judged");
        let [windows, horizon, targets] = self.trial.shape;
        let mut pictures = Vec::new();
        for target in 0..targets.min(PICTURED_TARGETS) {
            let name = &self.data.preprocessing.targets[target];
            let shown: Vec<usize> = match windows {
                0..=4 => (0..windows).collect(),
                _ => (0..4).map(|k| k * (windows - 1) / 3).collect(),
            };
            let file = if targets == 1 {
                "forecast".into()
            } else {
                format!("forecast-{}", target + 1)
            };
            let svg = if horizon == 1 {
                self.whole_span(target)
            } else {
                self.examples(target, &shown)
            };
            let caption =
                format!("{name}: what came and what was forecast, without having seen it.");
            pictures.push(Picture { file, svg, caption });
        }
        if horizon > 1 {
            let steps = |scored: &Scored| {
                scored
                    .errors
                    .per_step
                    .iter()
                    .map(|step| step.map_or(f64::NAN, |step| step.mae))
                    .collect::<Vec<_>>()
            };
            let baselines: Vec<_> = self
                .drawn()
                .map(|(kind, scored)| (kind.to_string(), steps(scored)))
                .collect();
            let svg = plot::step_errors(&StepErrors {
                title: "",
                error: "mean absolute error",
                model: Series {
                    name: "the model",
                    values: &steps(model),
                },
                baselines: &series(&baselines),
            });
            let caption = "How the error grows with the distance.".into();
            pictures.push(Picture {
                file: "error-per-step".into(),
                svg,
                caption,
            });
        }
        pictures
    }

    /// The baselines that a picture has room for: the best naive one and the best learned one.
    fn drawn(&self) -> impl Iterator<Item = &(Baseline, Scored)> {
        let best = |naive: bool| {
            let some = self
                .baselines
                .scored
                .iter()
                .filter(move |(kind, _)| kind.is_naive() == naive);
            some.min_by(|a, b| a.1.errors.overall.mae.total_cmp(&b.1.errors.overall.mae))
        };
        best(true).into_iter().chain(best(false))
    }

    /// Some windows with the history before them.
    fn examples(&self, target: usize, windows: &[usize]) -> Svg {
        let [_, horizon, _] = self.trial.shape;
        let (data, model) = (&self.data, self.model.expect("a model that is judged"));
        let offset = data.config().offset;
        let tail = (2 * horizon).clamp(24, 96);
        let drawn: Vec<_> = windows
            .iter()
            .map(|&window| {
                let origin = self.trial.origins[window];
                let first = match data.panel {
                    Some(time) => origin / time * time,
                    None => 0,
                };
                let rows =
                    origin.saturating_sub(tail - 1).max(first)..origin + 1 + offset + horizon;
                let start = origin + 1 + offset - rows.start;
                let actual: Vec<f64> = rows.clone().map(|row| data.observed(target, row)).collect();
                let times = data
                    .series
                    .times
                    .as_ref()
                    .map(|times| seconds(&times[rows.clone()]));
                let baselines: Vec<_> = self
                    .drawn()
                    .map(|(kind, scored)| (kind.to_string(), self.values(scored, window, target)))
                    .collect();
                (
                    rows.start,
                    start,
                    actual,
                    times,
                    self.values(model, window, target),
                    baselines,
                )
            })
            .collect();
        let named: Vec<_> = drawn
            .iter()
            .map(|(.., baselines)| series(baselines))
            .collect();
        let plots: Vec<_> = drawn
            .iter()
            .zip(&named)
            .map(
                |((first, start, actual, times, model, _), baselines)| ForecastPlot {
                    title: "",
                    value: &data.preprocessing.targets[target],
                    positions: times
                        .as_ref()
                        .map_or(Positions::Rows(*first), |times| Positions::Times(times)),
                    actual,
                    start: *start,
                    boundary: "forecast",
                    model: Series {
                        name: "the model",
                        values: model,
                    },
                    baselines,
                },
            )
            .collect();
        match plots.as_slice() {
            [one] => plot::forecast(one),
            many => plot::forecast_grid("", many),
        }
    }

    /// One step ahead, over the whole test span.
    fn whole_span(&self, target: usize) -> Svg {
        let (data, model) = (&self.data, self.model.expect("a model that is judged"));
        let trial = self.trial;
        let shown = trial.origins.len().min(SPAN_ROWS);
        let rows: Vec<usize> = trial.origins[..shown]
            .iter()
            .map(|origin| origin + 1 + data.config().offset)
            .collect();
        let actual: Vec<f64> = rows.iter().map(|row| data.observed(target, *row)).collect();
        let line = |scored: &Scored| -> Vec<f64> {
            (0..shown)
                .map(|window| self.values(scored, window, target)[0])
                .collect()
        };
        let baselines: Vec<_> = self
            .drawn()
            .map(|(kind, scored)| (kind.to_string(), line(scored)))
            .collect();
        let times = data
            .series
            .times
            .as_ref()
            .map(|times| seconds(&rows.iter().map(|row| times[*row]).collect::<Vec<_>>()));
        plot::forecast(&ForecastPlot {
            title: "",
            value: &data.preprocessing.targets[target],
            positions: times
                .as_ref()
                .map_or(Positions::Rows(rows[0]), |times| Positions::Times(times)),
            actual: &actual,
            start: 0,
            boundary: "test span",
            model: Series {
                name: "the model",
                values: &line(model),
            },
            baselines: &series(&baselines),
        })
    }

    /// What a forecaster says about one target in one window.
    fn values(&self, scored: &Scored, window: usize, target: usize) -> Vec<f64> {
        let [_, horizon, targets] = self.trial.shape;
        (0..horizon)
            .map(|step| scored.predicted[(window * horizon + step) * targets + target])
            .collect()
    }

    fn steps(&self) -> Option<Table> {
        let model = self
            .model
            .filter(|scored| scored.errors.per_step.len() > 1)?;
        let mut table = Table::new(["step", "MAE", "RMSE", "MAPE %", "sMAPE %", "MASE"]);
        for (step, metrics) in model.errors.per_step.iter().enumerate() {
            let of =
                |figure: fn(&ForecastMetrics) -> Option<f64>| metrics.as_ref().and_then(figure);
            let figures = [
                of(|metrics| Some(metrics.mae)),
                of(|metrics| Some(metrics.rmse)),
                of(|metrics| metrics.mape),
                of(|metrics| metrics.smape),
                of(|metrics| metrics.mase),
            ];
            let figures = figures.map(Into::into);
            table.row(std::iter::once((step + 1).into()).chain(figures));
        }
        Some(table)
    }
}

/// Most targets that have a picture of their own.
const PICTURED_TARGETS: usize = 4;
/// Most rows of one picture.
const SPAN_ROWS: usize = 400;

fn series(named: &[(String, Vec<f64>)]) -> Vec<Series<'_>> {
    named
        .iter()
        .map(|(name, values)| Series { name, values })
        .collect()
}

/// Seconds since 1970 on the data's own clock.
fn seconds(times: &[jiff::civil::DateTime]) -> Vec<f64> {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    times
        .iter()
        .map(|time| time.duration_since(epoch).as_secs_f64())
        .collect()
}
