//! What an animation came to: how surprising the test part is, and movements that go on.

use super::dataset::Dataset;
use super::job::AnimateJob;
use super::objective::Said;
use super::sample::{beginning, go_on, restored};
use super::simple::changes;
use crate::model::Model;
use crate::report::plot::{self, Movement, MovementPanel};
use crate::report::{Block, Picture, Table, Tone, csv_cell, number};
use crate::task::Outcome;
use elman_data::signal::Signal;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Movements that are shown as they go on.
const SHOWN: usize = 3;
/// Steps that a picture shows, at most.
const PICTURED_STEPS: usize = 300;

/// How well the next step is said beforehand, over all steps of the test part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The surprise at a step, `−ln p`, in nats; changes are counted in the usual ones of the training part.
    pub nats: f64,
    /// The same for each number of a step.
    pub nats_per_value: f64,
    /// The mean absolute error of what was expected, in the data's own units.
    pub mae: f64,
}

impl Score {
    pub(super) fn measure(said: &[Said], data: &Dataset) -> Self {
        let (mut nats, mut error, mut steps) = (0.0, 0.0, 0usize);
        let unit = |feature: usize| {
            let scaler = data.scaler.scalers.get(feature);
            data.manner.usual[feature] * scaler.map_or(1.0, |scaler| scaler.scale)
        };
        let features = data.features();
        for (signal, said) in data.test.signals.iter().zip(said) {
            let expected = said.expected.chunks_exact(features);
            let each = changes(&data.manner, signal).zip(expected);
            for ((change, expected), surprise) in each.zip(&said.surprise) {
                nats += surprise;
                steps += 1;
                let off = change.iter().zip(expected).enumerate();
                error += off
                    .map(|(feature, (change, expected))| (change - expected).abs() * unit(feature))
                    .sum::<f64>();
            }
        }
        let steps = steps.max(1) as f64;
        Self {
            nats: nats / steps,
            nats_per_value: nats / steps / features as f64,
            mae: error / steps / features as f64,
        }
    }
}

/// The model's and the simple guesses at the same steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Results<'a> {
    pub(super) job: &'a AnimateJob,
    /// The model, once it is trained.
    pub(super) model: Option<(&'a Score, &'a [Said])>,
}

/// A movement that goes on, on the scale that the model reads.
struct GoneOn {
    row: usize,
    given: usize,
    signal: Signal,
}

impl Results<'_> {
    /// Every guess, the model's last; the best of each column is marked.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(["next step", "nats a step", "nats a number", "mean error"]);
        let simple = self.job.baselines.iter();
        let simple = simple.map(|(kind, score, _)| (kind.to_string(), score));
        let model = self
            .model
            .map(|(score, _)| ("the model".to_string(), score));
        for (name, score) in simple.chain(model) {
            table.row([
                name.into(),
                score.nats.into(),
                score.nats_per_value.into(),
                score.mae.into(),
            ]);
        }
        (1..4).for_each(|column| {
            table.mark_smallest(column);
        });
        table
    }

    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn outcome(&self, model: &Model) -> Outcome {
        let (score, _) = self.model.expect("a model that is judged");
        let (verdict, tone) = self.verdict(score);
        let made = self.go_on(model);
        let sizes = self.sizes(&made);
        let temperature = self.job.recipe.task.sample.temperature;
        let moves = format!(
            "At temperature {}, what it makes moves {} times as much from step to step as the movements of the test part.",
            number(temperature),
            number(sizes.1 / sizes.0),
        );
        let simple = self.job.baselines.iter();
        let simple: Map<_, _> = simple
            .map(|(kind, score, _)| (kind.key().to_string(), json!(score)))
            .collect();
        let steps = self.job.data.test.changes().iter().sum::<usize>();
        let figures = [
            ("metrics", json!(score)),
            ("baselines", Value::Object(simple)),
            ("steps", json!(steps)),
            ("change_real", json!(sizes.0)),
            ("change_made", json!(sizes.1)),
        ];
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "Surprise at each next step of the test part",
            details: vec![Block::Text(moves)],
            figures: figures
                .into_iter()
                .map(|(name, value)| (name.to_string(), value))
                .collect(),
            pictures: self.pictures(&made),
            sections: Vec::new(),
            predictions: Some(self.predictions()),
            loss: "surprise (nats a step)",
            next: vec!["animate {run} --seed-from FILE --output movement.svg".into()],
        }
    }

    /// The model against the best simple guess, in plain words.
    fn verdict(&self, score: &Score) -> (String, Tone) {
        let simple = self.job.baselines.iter();
        let Some((kind, best, _)) = simple.min_by(|a, b| a.1.nats.total_cmp(&b.1.nats)) else {
            let text = format!(
                "The model's surprise is {} nats a step; there is no simple guess to compare with.",
                number(score.nats)
            );
            return (text, Tone::Neutral);
        };
        let gain = best.nats - score.nats;
        let [own, other] = [score.nats, best.nats].map(number);
        match gain > 0.0 {
            true => (
                format!(
                    "The model beats \"{kind}\": its surprise at the next step is {own} nats, {} less than {other}.",
                    number(gain)
                ),
                Tone::Good,
            ),
            false => (
                format!(
                    "The model does not beat \"{kind}\": its surprise at the next step is {own} nats, that of \"{kind}\" {other}. Give it \
                     more movements, more units, or a longer training."
                ),
                Tone::Bad,
            ),
        }
    }

    /// Some movements of the test part, evenly over it, that go on from their beginnings.
    fn go_on(&self, model: &Model) -> Vec<GoneOn> {
        let (job, data) = (self.job, &self.job.data);
        let config = &job.recipe.task.sample;
        let count = data.test.len();
        let rows = (0..count.min(SHOWN)).map(|k| match count {
            0..=SHOWN => k,
            _ => (2 * k + 1) * count / (2 * SHOWN),
        });
        let rigid = job.recipe.task.rigid(&data.scaler);
        let mut config = config.clone();
        config.steps = config.steps.min(PICTURED_STEPS);
        let gone = |row: usize| {
            let begun = beginning(
                &data.test.signals[row],
                config.seed_steps.min(PICTURED_STEPS),
            );
            GoneOn {
                row,
                given: begun.time(),
                signal: go_on(
                    model,
                    &job.mixture,
                    &data.manner,
                    &begun,
                    rigid.as_ref(),
                    &config,
                ),
            }
        };
        rows.map(gone).collect()
    }

    /// How much real movements change from step to step, and made ones: roots of the mean squares.
    fn sizes(&self, made: &[GoneOn]) -> (f64, f64) {
        let manner = &self.job.data.manner;
        let root = |changes: &mut dyn Iterator<Item = Vec<f64>>| {
            let (mut sum, mut count) = (0.0, 0usize);
            for change in changes {
                sum += change.iter().map(|change| change * change).sum::<f64>();
                count += change.len();
            }
            (sum / count.max(1) as f64).sqrt()
        };
        let real = self.job.data.test.signals.iter();
        let real = root(&mut real.flat_map(|signal| changes(manner, signal)));
        let made = made.iter();
        let made = root(
            &mut made
                .flat_map(|gone| changes(manner, &gone.signal).skip(gone.given.saturating_sub(1))),
        );
        (real, made)
    }

    fn pictures(&self, made: &[GoneOn]) -> Vec<Picture> {
        let (job, data) = (self.job, &self.job.data);
        let skeleton = job.recipe.task.skeleton();
        let picture = |(at, gone): (usize, &GoneOn)| {
            let real = beginning(&data.test.signals[gone.row], gone.signal.time());
            let [real, made] = [&real, &gone.signal].map(|signal| restored(&data.scaler, signal));
            let panels = [
                MovementPanel {
                    name: "what really came",
                    values: &real.values,
                    given: real.time(),
                },
                MovementPanel {
                    name: "the model",
                    values: &made.values,
                    given: gone.given,
                },
            ];
            let svg = plot::movement(&Movement {
                title: "",
                skeleton: &skeleton,
                features: data.features(),
                panels: &panels,
                seconds: 1.0 / job.config().rate,
            });
            Picture {
                file: format!("movement-{}", at + 1),
                svg,
                caption: format!(
                    "{}: {} steps are given, the model goes on.",
                    data.test.places[gone.row], gone.given
                ),
            }
        };
        made.iter().enumerate().map(picture).collect()
    }

    /// The surprise at every step of the test part.
    fn predictions(&self) -> String {
        let (_, model) = self.model.expect("a model that is judged");
        let mut text = String::from("movement,step");
        for (kind, ..) in &self.job.baselines {
            let _ = write!(text, ",{}", kind.key());
        }
        text += ",model\n";
        let test = &self.job.data.test;
        for (row, (said, place)) in model.iter().zip(&test.places).enumerate() {
            let place = csv_cell(place);
            for (step, surprise) in said.surprise.iter().enumerate() {
                let _ = write!(text, "{place},{}", test.own_step(row, step + 1));
                for (.., said) in &self.job.baselines {
                    let _ = write!(text, ",{:.6}", said[row].surprise[step]);
                }
                let _ = writeln!(text, ",{surprise:.6}");
            }
        }
        text
    }
}
