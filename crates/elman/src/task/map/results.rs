//! What a mapping came to: the comparison, the pictures, every answer.

use super::config::MapBaseline;
use super::job::MapJob;
use super::scores::{Score, Scored};
use crate::baseline::{Outcome as Ahead, Verdict};
use crate::report::{Block, Cell, Table, Tone, csv_cell, number};
use crate::task::Outcome;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// So many values have their errors printed; those of more are folded away.
const PRINTED_VALUES: usize = 8;

/// The model's and the simple answers to the same rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Results<'a> {
    pub(super) job: &'a MapJob,
    /// The model, once it is trained.
    pub(super) model: Option<&'a Scored>,
}

impl<'a> Results<'a> {
    pub(super) fn rows(&self) -> Vec<(String, &'a Scored)> {
        let simple = self.job.baselines.iter();
        let simple = simple.map(|(kind, scored)| (kind.to_string(), scored));
        let model = self.model.map(|scored| ("the model".to_string(), scored));
        simple.chain(model).collect()
    }

    /// Every answer and its errors, the model's last; the best of each column is marked.
    pub(super) fn table(&self) -> Table {
        let units = match self.job.data.preprocessing.targets.len() {
            1 => ["answer", "MAE", "RMSE", "R²"],
            _ => [
                "answer",
                "MAE (deviations)",
                "RMSE (deviations)",
                "R² (mean)",
            ],
        };
        let mut table = Table::new(units);
        for (name, scored) in self.rows() {
            table.row(std::iter::once(name.into()).chain(cells(&scored.overall)));
        }
        best(&mut table, 1);
        table
    }

    /// The errors of each value in its own unit, where there are several.
    fn values(&self) -> Option<Block> {
        let names = self.job.data.preprocessing.names();
        if names.len() < 2 {
            return None;
        }
        let mut table = Table::new(["value", "answer", "MAE", "RMSE", "R²"]);
        for (at, name) in names.iter().enumerate() {
            for (answer, scored) in self.rows() {
                let first: [Cell; 2] = [name.as_str().into(), answer.into()];
                table.row(first.into_iter().chain(cells(&scored.values[at])));
            }
        }
        Some(match names.len() <= PRINTED_VALUES {
            true => Block::Table(table),
            false => Block::Folded {
                summary: "The errors of each value in its own unit".into(),
                blocks: vec![Block::Table(table)],
            },
        })
    }

    /// The model against the best simple answer, in plain words, and how good the news is.
    fn verdict(&self, model: &Scored) -> (String, Tone) {
        let simple = self.job.baselines.iter();
        let simple: Vec<(MapBaseline, f64)> = simple
            .map(|(kind, scored)| (*kind, scored.overall.mae))
            .collect();
        let r2 = model.overall.r2.map_or(String::new(), |r2| {
            format!(
                " It explains {} % of the variance.",
                number((1000.0 * r2).round() / 10.0)
            )
        });
        let Some(verdict) = Verdict::new(model.overall.mae, &simple) else {
            let text = format!("There is no simple answer to compare with.{r2}");
            return (text, Tone::Neutral);
        };
        match verdict.outcome {
            Ahead::Beats => (format!("{verdict}{r2}"), Tone::Good),
            Ahead::Ties => (format!("{verdict}{r2}"), Tone::Neutral),
            Ahead::DoesNotBeat => {
                let errors = [model.overall.mae, verdict.baseline_mae].map(number);
                let text = format!(
                    "The model does not beat the {name}: its mean absolute error is {}, that of the {name} {}. Use the {name}, or \
                     give the model more rows, more columns, or a longer training.{r2}",
                    errors[0],
                    errors[1],
                    name = verdict.baseline,
                );
                (text, Tone::Bad)
            }
        }
    }

    /// The judgement of the model.
    pub(super) fn outcome(&self, model: &'a Scored) -> Outcome {
        let (verdict, tone) = self.verdict(model);
        let absent = self
            .job
            .absent
            .iter()
            .map(|reason| Block::Text(reason.clone()));
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "Errors on the test part",
            details: self.values().into_iter().chain(absent).collect(),
            figures: self.figures(model),
            pictures: self.pictures(model),
            sections: Vec::new(),
            predictions: Some(self.predictions()),
            loss: "loss (scaled units)",
            next: vec!["predict {run} FILE.csv".into()],
        }
    }

    /// The errors for machines.
    fn figures(&self, model: &Scored) -> Map<String, Value> {
        let names = self.job.data.preprocessing.names();
        let of = |scored: &Scored| {
            let mut figures = json!(scored.overall);
            if names.len() > 1 {
                let values = names.iter().zip(&scored.values);
                let values: Map<_, _> = values
                    .map(|(name, score)| (name.clone(), json!(score)))
                    .collect();
                figures["values"] = Value::Object(values);
            }
            figures
        };
        let simple = self.job.baselines.iter();
        let simple: Map<_, _> = simple
            .map(|(kind, scored)| (kind.key().to_string(), of(scored)))
            .collect();
        let figures = [
            ("metrics", of(model)),
            ("per_step", json!(model.steps)),
            ("baselines", Value::Object(simple)),
            ("rows", json!(self.job.data.test.len())),
        ];
        let figures = figures.into_iter();
        figures
            .map(|(name, value)| (name.to_string(), value))
            .collect()
    }

    /// Every answer beside what was right, a line for each row, step and value.
    fn predictions(&self) -> String {
        let known = &self.job.data.preprocessing;
        let ([steps, count], test) = (known.shape(), &self.job.data.test);
        let names: Vec<String> = known
            .names()
            .iter()
            .map(|name| csv_cell(name).into())
            .collect();
        let mut text = String::from("row,step,value,actual");
        let rows = self.rows();
        for (kind, _) in &self.job.baselines {
            let _ = write!(text, ",{}", kind.key());
        }
        text += ",model\n";
        for (at, actual) in test.actual.iter().enumerate() {
            let (row, step) = (at / count / steps, at / count % steps);
            let place = csv_cell(&test.places[row]);
            let _ = write!(text, "{place},{},{},{actual}", step + 1, names[at % count]);
            for (_, scored) in &rows {
                let _ = write!(text, ",{}", scored.predicted[at]);
            }
            text.push('\n');
        }
        text
    }
}

fn cells(score: &Score) -> [Cell; 3] {
    [score.mae.into(), score.rmse.into(), score.r2.into()]
}

/// Marks the best of the three columns from `first` on.
fn best(table: &mut Table, first: usize) {
    table.mark_smallest(first).mark_smallest(first + 1);
    table.mark_largest(first + 2);
}
