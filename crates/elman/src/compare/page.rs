//! A comparison as tables, pictures, a page and figures.

use super::{Comparison, Contender, Ranking, Touches, standing};
use crate::report::plot::{Lines, Places, Series, lines, spans_powers};
use crate::report::{Block, Cell, Picture, Report, Section, Table, Tone, number};
use serde_json::{Value, json};

/// Lines that look different.
const NAMED: usize = 5;
/// Up to so many runs, the table of differences has a column for each.
const FEW: usize = 5;
/// Letters of the names of runs that fit beside each other.
const NAMES: usize = 80;
/// Keys that a sentence names.
const KEYS: usize = 4;

impl Comparison {
    /// What the runs reach and cost, a row each.
    pub fn leaderboard(&self) -> Table {
        let unfinished = self.runs.iter().any(|run| !run.is_finished());
        let shown: Vec<(&str, bool)> = self.measured.metrics.to_vec();
        let with_skill = self
            .runs
            .iter()
            .any(|run| self.measured.skill(run).is_some());
        let mut columns = vec!["run".to_owned()];
        if unfinished {
            columns.push("is".into());
        }
        columns.extend(["epochs".into(), "validation".into()]);
        if let Ranking::Metric { name, .. } = self.ranking {
            columns.push(format!("validation {name}"));
        }
        let first = columns.len();
        columns.extend(shown.iter().map(|(name, _)| (*name).to_owned()));
        if with_skill {
            columns.push("skill, %".into());
        }
        columns.extend(["parameters", "seconds", "µs a step"].map(str::to_owned));
        let mut table = Table::new(columns);
        for run in &self.runs {
            let mut row: Vec<Cell> = vec![run.name.as_str().into()];
            if unfinished {
                let is = ["unfinished", "finished"][usize::from(run.is_finished())];
                row.push(is.into());
            }
            row.extend([run.history.len().into(), run.validation().into()]);
            if let Ranking::Metric { name, .. } = self.ranking {
                let epoch = run.kept_epoch();
                row.push(
                    epoch
                        .and_then(|epoch| epoch.metrics.get(name).copied())
                        .into(),
                );
            }
            row.extend(
                shown
                    .iter()
                    .map(|(name, _)| self.measured.metric(run, name).into()),
            );
            if with_skill {
                row.push(self.measured.skill(run).map(|skill| 100.0 * skill).into());
            }
            row.extend([
                run.parameters().into(),
                run.fit_seconds().into(),
                microseconds(run).map(f64::round).into(),
            ]);
            table.row(row);
        }
        // Of the test part nothing is marked: what is chosen by it is not tested by it any more.
        match &self.ranking {
            Ranking::Loss => table.mark_smallest(first - 1),
            Ranking::Metric { more: true, .. } => table.mark_largest(first - 1),
            Ranking::Metric { .. } => table.mark_smallest(first - 1),
            Ranking::None(_) => &mut table,
        };
        table
    }

    /// The keys in which the recipes differ: a column for each run, or a row where there are many, or few keys and long names.
    pub fn differences_table(&self) -> Table {
        let cell = |value: &Option<String>| Cell::from(value.clone());
        let names = self.runs.iter().map(|run| run.name.as_str());
        let width: usize = names.clone().map(|name| name.chars().count()).sum();
        let many_keys = self.differences.len() > self.runs.len();
        if self.runs.len() <= FEW && (width <= NAMES || many_keys) {
            let mut table = Table::new(std::iter::once("key").chain(names));
            for difference in &self.differences {
                let values = difference.values.iter().map(cell);
                table.row(std::iter::once(difference.key.as_str().into()).chain(values));
            }
            return table;
        }
        let keys = self.differences.iter().map(|one| one.key.as_str());
        let mut table = Table::new(std::iter::once("run").chain(keys));
        for (index, run) in self.runs.iter().enumerate() {
            let values = self.differences.iter().map(|one| cell(&one.values[index]));
            table.row(std::iter::once(run.name.as_str().into()).chain(values));
        }
        table
    }

    /// Which run is best, and what must be known before figures are held against each other, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        let data = self.keys(Touches::Data);
        if !data.is_empty() {
            said.push(format!(
                "Their data differ ({}): no figure of one run can be held against that of another.",
                listed(&data)
            ));
        }
        let measures = self.keys(Touches::Measure);
        if !measures.is_empty() {
            said.push(format!(
                "They differ in {}: their losses do not measure the same.",
                listed(&measures)
            ));
        }
        for run in self.runs.iter().filter(|run| !run.is_finished()) {
            let epochs = run.recipe.train.epochs;
            let path = run.path.display();
            said.push(format!(
                "`{}` is not finished ({} of {epochs} epochs) and is not ranked: elman train {path} --resume",
                run.name,
                run.history.len()
            ));
        }
        if self.differences.is_empty() {
            said.push("Their recipes are the same.".into());
        }
        said
    }

    /// Which run is best by the validation part, or why none is named, and how good that news is.
    pub fn verdict(&self) -> (Tone, String) {
        let Some(best) = self.best() else {
            let Ranking::None(why) = self.ranking else {
                return (Tone::Neutral, "No run is ranked.".into());
            };
            return (Tone::Neutral, format!("No run is named the best: {why}."));
        };
        let epoch = best.kept_epoch().expect("a run that is ranked has one");
        let (what, value) = match &self.ranking {
            Ranking::Metric { name, .. } => (
                format!("{name} on the validation part"),
                epoch.metrics.get(*name).copied(),
            ),
            _ => ("validation loss".into(), epoch.valid_loss),
        };
        let value = number(value.unwrap_or(f64::NAN));
        let ranked = self
            .runs
            .iter()
            .filter(|run| standing(run, &self.ranking).is_some());
        let sentence = match ranked.count() {
            1 => format!("Only {} can be ranked: its {what} is {value}.", best.name),
            count => format!(
                "The best of {count} is {}: its {what} is {value}.",
                best.name
            ),
        };
        (Tone::Good, sentence)
    }

    /// The curves of all runs: the loss on the validation and on the training part.
    pub fn pictures(&self) -> Vec<Picture> {
        let valid = |run: &Contender| -> Vec<f64> {
            let losses = run.history.iter().map(|epoch| epoch.valid_loss);
            losses.map(|loss| loss.unwrap_or(f64::NAN)).collect()
        };
        let train = |run: &Contender| run.history.iter().map(|epoch| epoch.train_loss).collect();
        let mut pictures = Vec::new();
        if self.runs.iter().any(|run| run.validation().is_some()) {
            pictures.extend(self.picture("validation", &valid));
        }
        pictures.extend(self.picture("training", &train));
        pictures
    }

    fn picture(&self, part: &str, curve: &dyn Fn(&Contender) -> Vec<f64>) -> Option<Picture> {
        let curves: Vec<(&str, Vec<f64>)> = self
            .runs
            .iter()
            .map(|run| (run.name.as_str(), curve(run)))
            .collect();
        let series: Vec<Series<'_>> = curves
            .iter()
            .map(|(name, values)| Series { name, values })
            .collect();
        let logarithmic = spans_powers(curves.iter().flat_map(|(_, values)| values));
        let (named, behind) = series.split_at(series.len().min(NAMED));
        let svg = lines(&Lines {
            title: "",
            along: "epoch",
            places: Places::Counted(1),
            value: &format!(
                "{part} loss{}",
                ["", ", logarithmic"][usize::from(logarithmic)]
            ),
            logarithmic,
            series: named,
            behind,
            mark: None,
        });
        let rest = match behind.len() {
            0 => String::new(),
            count => format!(" The {count} others are drawn faintly."),
        };
        let caption = format!("The {part} loss of each epoch.{rest}");
        let file = part.into();
        let drawn = curves.iter().any(|(_, values)| !values.is_empty());
        drawn.then_some(Picture { file, svg, caption })
    }

    /// The page.
    pub fn report(&self, title: &str) -> Report {
        let text = |text: String| Block::Text(text);
        let mut leaders = vec![Block::Table(self.leaderboard())];
        leaders.push(text(LEGEND.into()));
        leaders.extend(self.remarks().into_iter().map(text));
        let pictures = self.pictures().into_iter();
        let figures = pictures.map(|Picture { svg, caption, .. }| Block::Figure { svg, caption });
        let mut sections = vec![
            Section::new("What they reach", leaders),
            Section::new("Curves", figures.collect()),
        ];
        if !self.differences.is_empty() {
            let table = Block::Table(self.differences_table());
            sections.push(Section::new("How their recipes differ", vec![table]));
        }
        let folded = self.runs.iter().map(|run| Block::Folded {
            summary: run.name.clone(),
            blocks: vec![
                text(run.path.display().to_string()),
                Block::Code(run.recipe.to_toml()),
            ],
        });
        sections.push(Section::new("Their recipes", folded.collect()));
        Report {
            title: title.into(),
            subtitle: format!(
                "{} runs of the task {}",
                self.runs.len(),
                self.runs[0].recipe.task.name()
            ),
            verdict: Some(self.verdict()),
            sections,
        }
    }

    /// Everything for machines.
    pub fn figures(&self) -> Value {
        let runs = self.runs.iter().enumerate().map(|(index, run)| {
            let differing = self.differences.iter();
            let recipe: serde_json::Map<_, _> = differing
                .map(|one| (one.key.clone(), json!(one.values[index])))
                .collect();
            json!({
                "run": run.path.to_string_lossy(),
                "name": run.name,
                "finished": run.is_finished(),
                "epochs": run.history.len(),
                "kept_epoch": run.kept_epoch().map(|epoch| epoch.epoch + 1),
                "validation_loss": run.validation(),
                "validation": run.kept_epoch().map(|epoch| &epoch.metrics),
                "metrics": run.result.as_ref().and_then(|result| result.get("metrics")),
                "skill": self.measured.skill(run),
                "parameters": run.parameters(),
                "fit_seconds": run.fit_seconds(),
                "microseconds_per_step": microseconds(run),
                "recipe": recipe,
            })
        });
        let ranked_by = match &self.ranking {
            Ranking::Loss => Some("validation_loss"),
            Ranking::Metric { name, .. } => Some(*name),
            Ranking::None(_) => None,
        };
        json!({
            "event": "result",
            "task": self.runs[0].recipe.task.name(),
            "best": self.best().map(|run| run.path.to_string_lossy()),
            "ranked_by": ranked_by,
            "verdict": self.verdict().1,
            "remarks": self.remarks(),
            "data_differ": self.data_differences(),
            "runs": runs.collect::<Vec<_>>(),
        })
    }
}

/// What the columns of the leaderboard mean.
const LEGEND: &str = "The column validation is the loss on the validation part of the weights that a run ended with; the figures \
    after it are of the test part, and nothing is chosen by them. Skill is how much of the error of the best simpler \
    answer is gone. Seconds are those of training and validation, and µs a step is the median time of one optimizer step.";

fn microseconds(run: &Contender) -> Option<f64> {
    let speed = run.steps_per_second().filter(|speed| *speed > 0.0)?;
    Some(1e6 / speed)
}

/// The first few keys.
fn listed(keys: &[&str]) -> String {
    match keys.len().checked_sub(KEYS) {
        None | Some(0) => keys.join(", "),
        Some(more) => format!("{} and {more} more", keys[..KEYS].join(", ")),
    }
}
