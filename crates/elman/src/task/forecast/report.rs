//! What a training came to, as the files of its run: figures, pictures, one page.

use super::{Error, Job, Results, Scored};
use crate::baseline::Baseline;
use crate::report::plot::{self, ForecastPlot, LossCurve, Positions, Series, StepErrors};
use crate::report::{Block, Report, Section, Svg, Table, Tone, duration, number};
use crate::run::RunFolder;
use crate::train::EpochRecord;
use serde_json::Value;

/// A training that has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// The recipe's name.
    pub name: &'a str,
    /// Where everything goes.
    pub run: &'a RunFolder,
    /// The recipe, its data and its network.
    pub job: &'a Job,
    /// What it came to.
    pub results: Results<'a>,
    /// The epochs.
    pub history: &'a [EpochRecord],
    /// The best of them.
    pub best: Option<usize>,
    /// How long everything took.
    pub seconds: f64,
}

impl Finished<'_> {
    /// Writes the files of the run and returns its result.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self) -> Result<Value, Error> {
        let result = self.results.event(
            self.run.path(),
            self.job.summary().parameters(),
            self.seconds,
        );
        self.run
            .write("predictions.csv", self.results.predictions())?;
        let pictures = self.pictures();
        for picture in &pictures {
            self.run.write(
                &format!("plots/{}.svg", picture.file),
                picture.svg.to_string(),
            )?;
        }
        self.run
            .write("report.html", self.page(pictures).to_html())?;
        self.run.write_json("result.json", &result)?; // last: a run with a result is whole
        Ok(result)
    }

    fn pictures(&self) -> Vec<Picture> {
        let model = self.results.model.expect("a finished run has a model");
        let [windows, horizon, targets] = self.results.trial.shape;
        let mut pictures = Vec::new();
        for target in 0..targets.min(PICTURED_TARGETS) {
            let name = &self.job.data.preprocessing.targets[target];
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
                    .map(|step| step.mae)
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
        let train: Vec<f64> = self
            .history
            .iter()
            .map(|record| record.train_loss)
            .collect();
        let valid: Vec<f64> = self
            .history
            .iter()
            .filter_map(|record| record.valid_loss)
            .collect();
        let svg = plot::loss_curve(&LossCurve {
            title: "",
            loss: "loss (scaled units)",
            train: &train,
            validation: &valid,
            best_epoch: self.best.map(|epoch| epoch + 1),
        });
        pictures.push(Picture {
            file: "loss".into(),
            svg,
            caption: "The loss of each epoch.".into(),
        });
        pictures
    }

    /// The baselines that a picture has room for: the best naive one and the best learned one.
    fn drawn(&self) -> impl Iterator<Item = &(Baseline, Scored)> {
        let best = |naive: bool| {
            let some = self
                .results
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
        let [_, horizon, _] = self.results.trial.shape;
        let (data, model) = (
            &self.job.data,
            self.results.model.expect("a finished run has a model"),
        );
        let offset = data.config().offset;
        let tail = (2 * horizon).clamp(24, 96);
        let drawn: Vec<_> = windows
            .iter()
            .map(|&window| {
                let origin = self.results.trial.origins[window];
                let first = match data.panel {
                    Some(time) => origin / time * time,
                    None => 0,
                };
                let rows =
                    origin.saturating_sub(tail - 1).max(first)..origin + 1 + offset + horizon;
                let start = origin + 1 + offset - rows.start;
                let actual: Vec<f64> = rows.clone().map(|row| data.actual(target, row)).collect();
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
        let (data, model) = (
            &self.job.data,
            self.results.model.expect("a finished run has a model"),
        );
        let trial = self.results.trial;
        let shown = trial.origins.len().min(SPAN_ROWS);
        let rows: Vec<usize> = trial.origins[..shown]
            .iter()
            .map(|origin| origin + 1 + data.config().offset)
            .collect();
        let actual: Vec<f64> = rows.iter().map(|row| data.actual(target, *row)).collect();
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
        let [_, horizon, targets] = self.results.trial.shape;
        (0..horizon)
            .map(|step| scored.predicted[(window * horizon + step) * targets + target])
            .collect()
    }

    fn page(&self, pictures: Vec<Picture>) -> Report {
        let skill = self.results.skill();
        let tone = match skill {
            Some(skill) if skill > 0.01 => Tone::Good,
            Some(skill) if skill < -0.01 => Tone::Bad,
            _ => Tone::Neutral,
        };
        let (data, recipe, run) = (&self.job.data, &self.job.recipe, self.run.path().display());
        let splits = &data.splits;
        let unit = if data.panel.is_some() {
            "series"
        } else {
            "rows"
        };
        let mut figures = Vec::new();
        for Picture { svg, caption, .. } in pictures {
            figures.push(Block::Figure { svg, caption });
        }
        let mut about = vec![Block::Text(format!(
            "{} {unit} to learn from, {} to choose by, {} to judge by, in {} of {}.",
            splits.train.len(),
            splits.valid.len(),
            splits.test.len(),
            counted(self.results.trial.shape[0], "forecast"),
            counted(self.results.trial.shape[1], "step"),
        ))];
        about.extend(
            data.report
                .as_ref()
                .map(|report| Block::Code(report.to_string())),
        );
        let absent = self.results.baselines.absent.iter();
        let mut errors = vec![Block::Table(self.results.table())];
        errors.extend(absent.map(|(kind, reason)| Block::Text(format!("No {kind}: {reason}."))));
        errors.extend(self.steps().map(|table| Block::Folded {
            summary: "The model's error at each step".into(),
            blocks: vec![Block::Table(table)],
        }));
        let steps_per_second = self
            .history
            .last()
            .map_or(0.0, |record| record.steps_per_second);
        Report {
            title: self.name.into(),
            subtitle: recipe.description.clone(),
            verdict: Some((tone, self.results.verdict())),
            sections: vec![
                Section::new("Errors on the test span", errors),
                Section::new("Pictures", figures),
                Section::new(
                    "Training",
                    vec![
                        Block::Text(format!(
                            "{} epochs in {} ({} steps a second at the end){}.",
                            self.history.len(),
                            duration(self.seconds),
                            number(steps_per_second.round()),
                            self.best.map_or(String::new(), |best| format!(
                                "; the best was epoch {}",
                                best + 1
                            )),
                        )),
                        Block::Folded {
                            summary: "Every epoch".into(),
                            blocks: vec![Block::Table(self.epochs())],
                        },
                    ],
                ),
                Section::new("Model", vec![Block::Code(self.job.summary().to_string())]),
                Section::new("Data", about),
                Section::new(
                    "Again",
                    vec![
                        Block::Code(format!(
                            "elman train {run}/recipe.toml --run again\nelman eval {run}\nelman forecast {run}"
                        )),
                        Block::Folded {
                            summary: "The recipe".into(),
                            blocks: vec![Block::Code(recipe.to_toml())],
                        },
                    ],
                ),
            ],
        }
    }

    fn steps(&self) -> Option<Table> {
        let model = self
            .results
            .model
            .filter(|scored| scored.errors.per_step.len() > 1)?;
        let mut table = Table::new(["step", "MAE", "RMSE", "MAPE %", "sMAPE %", "MASE"]);
        for (step, metrics) in model.errors.per_step.iter().enumerate() {
            let figures = [metrics.mae.into(), metrics.rmse.into(), metrics.mape.into()];
            let rest = [metrics.smape.into(), metrics.mase.into()];
            table.row(
                std::iter::once((step + 1).into())
                    .chain(figures)
                    .chain(rest),
            );
        }
        Some(table)
    }

    fn epochs(&self) -> Table {
        let mut table = Table::new([
            "epoch",
            "training",
            "validation",
            "gradient",
            "learning rate",
        ]);
        for record in self.history {
            table.row([
                (record.epoch + 1).into(),
                record.train_loss.into(),
                record.valid_loss.into(),
                record.gradient_norm_mean.into(),
                record.learning_rate.into(),
            ]);
        }
        table
    }

    /// What to do next, as commands.
    pub fn next(&self) -> String {
        let run = self.run.path().display();
        let forecast = match self.job.recipe.data.is_some() {
            true => format!("  elman forecast {run}\n"),
            false => String::new(),
        };
        format!(
            "next:\n  open {run}/report.html\n{forecast}  elman eval {run}\n  elman summary {run}"
        )
    }
}

/// A picture and the file it goes to.
struct Picture {
    file: String,
    svg: Svg,
    caption: String,
}

/// Most targets that have a picture of their own.
const PICTURED_TARGETS: usize = 4;
/// Most rows of one picture.
const SPAN_ROWS: usize = 400;

/// `1 step`, `2 steps`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

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
