//! The model and the simple classifiers side by side: the table, the verdict, the figures.

use super::baselines::Scored;
use super::job::ClassifyJob;
use crate::metric::paired::{Ahead, Paired};
use crate::report::{Table, Tone, csv_cell};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Classes whose probabilities are columns of `predictions.csv`.
const COLUMNS: usize = 50;

/// The model's and the simple classifiers' answers on the same texts.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    pub(super) job: &'a ClassifyJob,
    pub(super) model: Option<&'a Scored>,
}

impl<'a> Results<'a> {
    /// What the job has measured, and the model once it is trained.
    pub fn new(job: &'a ClassifyJob, model: Option<&'a Scored>) -> Self {
        Self { job, model }
    }

    /// Every classifier, the model last; the best of each column is marked.
    pub fn table(&self) -> Table {
        let columns = ["classifier", "accuracy %", "±", "macro F1 %", "parameters"];
        let mut table = Table::new(columns);
        for (name, scored) in self.rows() {
            let metrics = &scored.metrics;
            table.row([
                name.into(),
                (100.0 * metrics.accuracy).into(),
                (100.0 * metrics.interval.half()).into(),
                (100.0 * metrics.macro_f1).into(),
                scored.parameters.into(),
            ]);
        }
        table.mark_largest(1);
        table.mark_largest(3);
        table
    }

    fn rows(&self) -> Vec<(String, &Scored)> {
        let baselines = self.job.baselines.iter();
        let baselines = baselines.map(|(kind, scored)| (kind.to_string(), scored));
        let model = self.model.map(|scored| ("the model".to_string(), scored));
        baselines.chain(model).collect()
    }

    /// The most accurate simple classifier; the simplest of equals.
    fn best(&self) -> Option<(String, &Scored)> {
        let all = self.job.baselines.iter();
        let better = |best: (String, &'a Scored), other: (String, &'a Scored)| match other
            .1
            .metrics
            .accuracy
            > best.1.metrics.accuracy
        {
            true => other,
            false => best,
        };
        all.map(|(kind, scored)| (kind.to_string(), scored))
            .reduce(better)
    }

    /// The model against the best simple classifier, in plain words, and how good the news is.
    ///
    /// # Panics
    /// If there is no model.
    pub fn verdict(&self) -> (String, Tone) {
        let model = self.model.expect("a model that is judged");
        let percent = |scored: &Scored| format!("{:.1} %", 100.0 * scored.metrics.accuracy);
        let right = format!(
            "{} ± {:.1} of {} test texts are right",
            percent(model),
            100.0 * model.metrics.interval.half(),
            model.metrics.count
        );
        let Some((name, best)) = self.best() else {
            let alone = format!("{right}; there is no simple classifier to compare with.");
            return (alone, Tone::Neutral);
        };
        let labels = &self.job.data.test.labels;
        let right_of = |scored: &Scored| -> Vec<bool> {
            let pairs = scored.predicted.iter().zip(labels);
            pairs.map(|(predicted, label)| predicted == label).collect()
        };
        let paired = Paired::between(right_of(model), right_of(best));
        let where_they_differ = format!(
            "where the two disagree, the model is right {} times and the {name} {} times",
            paired.only_first, paired.only_second
        );
        let (says, tone) = match paired.ahead() {
            Ahead::First => ("The model beats", Tone::Good),
            Ahead::Second => ("The model does not beat", Tone::Bad),
            Ahead::Neither => (
                "The model is no better or worse, beyond chance, than",
                Tone::Neutral,
            ),
        };
        let text = format!(
            "{says} the {name} ({}): {right}; {where_they_differ}.",
            percent(best)
        );
        (text, tone)
    }

    /// The figures for machines.
    pub(super) fn figures(&self) -> Map<String, Value> {
        let of = |scored: &Scored| {
            let metrics = serde_json::to_value(&scored.metrics).expect("made of numbers");
            let mut metrics = metrics;
            metrics["parameters"] = json!(scored.parameters);
            metrics
        };
        let baselines = self.job.baselines.iter();
        let baselines: Map<_, _> = baselines
            .map(|(kind, scored)| (kind.key().to_string(), of(scored)))
            .collect();
        let figures = [
            ("metrics", json!(self.model.map(of))),
            ("classes", json!(self.job.data.classes.names)),
            ("baselines", Value::Object(baselines)),
            (
                "confusions",
                json!(self.model.map(|scored| scored.confusion.mistakes())),
            ),
        ];
        let named = figures.map(|(name, value)| (name.to_string(), value));
        named.into_iter().collect()
    }

    /// Every text of the test part with its class, the model's and its probabilities.
    pub(super) fn predictions(&self) -> String {
        let model = self.model.expect("a model that is judged");
        let names = &self.job.data.classes.names;
        let test = &self.job.data.test;
        let listed = names.len() <= COLUMNS;
        let mut text = String::from("file,line,text,actual,predicted,probability");
        if listed {
            for name in names {
                let _ = write!(text, ",{}", csv_cell(&format!("p({name})")));
            }
        }
        text.push('\n');
        for (index, row) in test.rows.iter().enumerate() {
            let (predicted, shares) = (model.predicted[index], &model.answers[index]);
            let _ = write!(
                text,
                "{},{},{},{},{},{:.6}",
                csv_cell(&row.file.display().to_string()),
                row.line,
                csv_cell(&row.fields[0]),
                csv_cell(&names[test.labels[index]]),
                csv_cell(&names[predicted]),
                shares[predicted],
            );
            if listed {
                for share in shares {
                    let _ = write!(text, ",{share:.6}");
                }
            }
            text.push('\n');
        }
        text
    }
}
