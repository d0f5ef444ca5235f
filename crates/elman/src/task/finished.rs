//! What a training came to, as the files of its run: figures, pictures, one page.

use super::{About, Error};
use crate::inspect::{Inspection, Training};
use crate::model::Summary;
use crate::recipe::Recipe;
use crate::report::plot::{self, LossCurve};
use crate::report::{Block, Picture, Report, Section, Table, Tone, duration, number};
use crate::run::RunFolder;
use crate::train::{Best, EpochRecord, Hint, Trained, hints};
use serde_json::{Map, Value, json};
use std::path::Path;

/// What the judgement of a trained network came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Is it any good? In one or two sentences.
    pub verdict: String,
    /// How good the news is.
    pub tone: Tone,
    /// The model beside what it must beat; printed, and first in the report.
    pub table: Table,
    /// Its heading in the report.
    pub heading: &'static str,
    /// Further blocks under that heading; texts and tables among them are printed, too.
    pub details: Vec<Block>,
    /// The figures for machines: what `result.json` has beside what every task has.
    pub figures: Map<String, Value>,
    /// Pictures, in reading order.
    pub pictures: Vec<Picture>,
    /// Further sections of the report.
    pub sections: Vec<Section>,
    /// Every answer beside what was right, as CSV: `predictions.csv`.
    pub predictions: Option<String>,
    /// What the loss is, as the title of its axis.
    pub loss: &'static str,
    /// Commands that use the model, without `elman`; `{run}` stands for the run's folder.
    pub next: Vec<String>,
}

/// A training that has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// The recipe's name.
    pub name: &'a str,
    /// Where everything goes.
    pub run: &'a RunFolder,
    /// The recipe.
    pub recipe: &'a Recipe,
    /// What was read.
    pub about: &'a About,
    /// The network.
    pub summary: &'a Summary,
    /// How the training went.
    pub trained: &'a Trained<()>,
    /// What it came to.
    pub outcome: &'a Outcome,
    /// The trained network at work on an example; nothing if none could be had.
    pub inspection: Option<&'a Inspection>,
    /// How long everything took.
    pub seconds: f64,
}

impl Outcome {
    /// What is printed: the tables and the verdict.
    pub fn text(&self) -> String {
        let tables = std::iter::once(self.table.to_string());
        let details = self.details.iter().filter_map(|block| match block {
            Block::Table(table) => Some(format!("\n{table}")),
            Block::Text(text) => Some(text.clone()),
            _ => None,
        });
        let lines: Vec<String> = tables.chain(details).collect();
        lines.join("\n") + "\n" + &self.verdict
    }

    /// The last line of `--json`, and `result.json`.
    pub fn event(&self, run: &Path, recipe: &Recipe, parameters: usize, seconds: f64) -> Value {
        let mut event = json!({
            "event": "result",
            "run": run.to_string_lossy(),
            "task": recipe.task.name(),
            "verdict": self.verdict,
            "parameters": parameters,
            "seconds": seconds,
        });
        let all = event.as_object_mut().expect("an object was written");
        all.extend(self.figures.clone());
        event
    }
}

impl Finished<'_> {
    /// Writes the files of the run and returns its result.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self) -> Result<Value, Error> {
        let parameters = self.summary.parameters();
        let mut result = self
            .outcome
            .event(self.run.path(), self.recipe, parameters, self.seconds);
        result["hints"] = json!(self.hints());
        if let Some(predictions) = &self.outcome.predictions {
            self.run.write("predictions.csv", predictions)?;
        }
        let mut pictures = self.outcome.pictures.clone();
        pictures.push(self.loss());
        for picture in &pictures {
            let name = format!("plots/{}.svg", picture.file);
            self.run.write(&name, picture.svg.to_string())?;
        }
        self.run
            .write("report.html", self.page(pictures).to_html())?;
        self.run.write_json("result.json", &result)?; // last: a run with a result is whole
        Ok(result)
    }

    /// What was seen that could be better, and what to try.
    pub fn hints(&self) -> Vec<Hint> {
        let mut found = hints(&self.trained.history, &self.recipe.train);
        found.extend(self.inspection.map(Inspection::hints).unwrap_or_default());
        if self.outcome.tone != Tone::Good {
            let verdict = self.outcome.verdict.split(". ").next().unwrap_or_default();
            found.push(Hint {
                kind: "simpler_is_as_good",
                seen: verdict.trim_end_matches('.').to_owned(),
                remedy: "the simpler one; or give the network what that one does not see".into(),
            });
        }
        found
    }

    /// What to do next, as commands.
    pub fn next(&self) -> String {
        let run = self.run.path().display().to_string();
        let own = self.outcome.next.iter();
        let own: String = own
            .map(|command| format!("  elman {}\n", command.replace("{run}", &run)))
            .collect();
        let open = match std::env::consts::OS {
            "macos" => "open ",
            "linux" => "xdg-open ",
            _ => "",
        };
        format!(
            "next:\n  {open}{run}/report.html\n{own}  elman inspect {run}\n  elman eval {run}\n  elman summary {run}"
        )
    }

    /// The best epoch, if the model is that of the best rather than of the last.
    fn best(&self) -> Option<usize> {
        let stopping = self.recipe.train.early_stopping.as_ref();
        let restored = stopping.is_some_and(|stopping| stopping.restore_best);
        let best = self.trained.best.filter(|_| restored);
        best.map(|Best { epoch, .. }| epoch + 1)
    }

    fn loss(&self) -> Picture {
        let history = &self.trained.history;
        let train: Vec<f64> = history.iter().map(|record| record.train_loss).collect();
        let valid = history.iter().filter_map(|record| record.valid_loss);
        let svg = plot::loss_curve(&LossCurve {
            title: "",
            loss: self.outcome.loss,
            train: &train,
            validation: &valid.collect::<Vec<f64>>(),
            best_epoch: self.best(),
        });
        Picture {
            file: "loss".into(),
            svg,
            caption: "The loss of each epoch.".into(),
        }
    }

    fn page(&self, pictures: Vec<Picture>) -> Report {
        let (outcome, run) = (self.outcome, self.run.path().display());
        let figures = pictures
            .into_iter()
            .map(|Picture { svg, caption, .. }| Block::Figure { svg, caption });
        let mut judged = vec![Block::Table(outcome.table.clone())];
        judged.extend(outcome.details.clone());
        let mut sections = vec![
            Section::new(outcome.heading, judged),
            Section::new("Pictures", figures.collect()),
        ];
        sections.extend(outcome.sections.clone());
        if let Some(inspection) = self.inspection {
            let seen = inspection.short(&Training::new(self.recipe, &self.trained.history));
            sections.push(Section::new(
                "Inside the network",
                seen.into_iter()
                    .map(|section| Block::Folded {
                        summary: section.title,
                        blocks: section.blocks,
                    })
                    .collect(),
            ));
        }
        let mut data = vec![Block::Text(format!("{}.", capitalised(&self.about.sizes)))];
        data.extend(self.about.report.clone().map(Block::Code));
        sections.extend([
            Section::new("Training", self.training()),
            Section::new(
                "Model",
                vec![self.network(), Block::Code(self.summary.to_string())],
            ),
            Section::new("Data", data),
            Section::new("Again", self.again(&run.to_string())),
        ]);
        Report {
            title: self.name.into(),
            subtitle: self.recipe.description.clone(),
            verdict: Some((outcome.tone, outcome.verdict.clone())),
            sections,
        }
    }

    /// The network unrolled in time.
    fn network(&self) -> Block {
        let svg = plot::unrolled(&plot::Unrolled {
            title: "",
            summary: self.summary,
            ends: self.recipe.task.ends(),
            words: plot::UnrolledWords::ENGLISH,
            values: None,
        });
        let caption = "The network, step by step: the same weights at every step.".into();
        Block::Figure { svg, caption }
    }

    fn training(&self) -> Vec<Block> {
        let history = &self.trained.history;
        let speed = history.last().map_or(0.0, |record| record.steps_per_second);
        let best = self
            .best()
            .map_or(String::new(), |best| format!("; the best was epoch {best}"));
        let text = format!(
            "{} in {} ({} steps a second at the end){best}.",
            match history.len() {
                1 => "1 epoch".to_owned(),
                epochs => format!("{epochs} epochs"),
            },
            duration(self.seconds),
            number(speed.round()),
        );
        let mut blocks = vec![Block::Text(text)];
        let hints = self.hints();
        if !hints.is_empty() {
            let mut table = Table::new(["seen", "to try"]);
            for hint in hints {
                table.row([hint.seen.into(), hint.remedy.into()]);
            }
            blocks.push(Block::Table(table));
        }
        blocks.push(Block::Folded {
            summary: "Every epoch".into(),
            blocks: vec![Block::Table(epochs(history))],
        });
        blocks
    }

    fn again(&self, run: &str) -> Vec<Block> {
        let own: String = self
            .outcome
            .next
            .iter()
            .map(|command| format!("\nelman {}", command.replace("{run}", run)))
            .collect();
        let commands = format!("elman train {run}/recipe.toml --run again\nelman eval {run}{own}");
        vec![
            Block::Code(commands),
            Block::Folded {
                summary: "The recipe".into(),
                blocks: vec![Block::Code(self.recipe.to_toml())],
            },
        ]
    }
}

fn epochs(history: &[EpochRecord]) -> Table {
    let columns = [
        "epoch",
        "training",
        "validation",
        "gradient",
        "learning rate",
    ];
    let mut table = Table::new(columns);
    for record in history {
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

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
