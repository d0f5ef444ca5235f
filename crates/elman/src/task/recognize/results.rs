//! What a recognition came to: the comparison, the worst mistakes with their pictures, every answer.

use super::config::Each;
use super::job::RecognizeJob;
use crate::report::{Block, Section, Table, csv_cell};
use crate::task::Outcome;
use crate::task::classes::{Compared, Scored, Simple};
use std::fmt::Write;

/// The model's and the simple classifiers' answers on the same series.
#[derive(Clone, Debug)]
pub(super) struct Results<'a> {
    job: &'a RecognizeJob,
    /// The right classes, in the order of the answers.
    labels: Vec<usize>,
    model: Option<&'a Scored>,
}

impl<'a> Results<'a> {
    /// What the job has measured, and the model once it is trained.
    pub(super) fn new(job: &'a RecognizeJob, model: Option<&'a Scored>) -> Self {
        Self {
            job,
            labels: job.data.test.labels.concat(),
            model,
        }
    }

    fn compared(&self) -> Compared<'_> {
        let each = self.job.config().each;
        let simple = self.job.baselines.iter().map(|(kind, scored)| Simple {
            key: kind.key(),
            name: self.job.name_of(*kind),
            scored,
        });
        Compared {
            names: &self.job.data.classes.names,
            labels: &self.labels,
            examples: each.noun(),
            simple: simple.collect(),
            model: self.model,
        }
    }

    /// Every classifier, the model last; the best of each column is marked.
    pub(super) fn table(&self) -> Table {
        self.compared().table()
    }

    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn outcome(&self) -> Outcome {
        let compared = self.compared();
        let (verdict, tone) = compared.verdict();
        let classes = Block::Folded {
            summary: "The model's figures for each class".into(),
            blocks: vec![Block::Table(compared.shown().table())],
        };
        let mut sections = Vec::new();
        if let Some(table) = self.worst(&compared) {
            let noun = compared.examples;
            let says = format!(
                "The {noun} that the model is most sure about, and wrong. Look here for labels that are wrong themselves."
            );
            let blocks = vec![Block::Text(says), Block::Table(table)];
            sections.push(Section::new("Worst mistakes", blocks));
            let blocks = vec![Block::Table(compared.confusions())];
            sections.push(Section::new("Most frequent confusions", blocks));
        }
        Outcome {
            verdict,
            tone,
            table: compared.table(),
            heading: "Right answers on the test part",
            details: vec![classes],
            figures: compared.figures(),
            pictures: vec![compared.shown().picture()],
            sections,
            predictions: Some(self.predictions()),
            loss: "cross-entropy (nats)",
            next: vec!["predict {run} FILE".into()],
        }
    }

    /// Where each answer belongs: its series, and its step in the file, from 1, where each has a class.
    fn places(&self) -> Vec<(usize, Option<usize>)> {
        let (test, each) = (&self.job.data.test, self.job.config().each);
        let of = |(series, labels): (usize, &Vec<usize>)| {
            let step = |step| match each {
                Each::Series => (series, None),
                Each::Step => (series, Some(test.own_step(series, step))),
            };
            (0..labels.len()).map(step).collect::<Vec<_>>()
        };
        test.labels.iter().enumerate().flat_map(of).collect()
    }

    /// Mistakes, the most confident first; nothing if there are none.
    fn worst(&self, compared: &Compared<'_>) -> Option<Table> {
        let model = self.model.expect("a model that is judged");
        let names = &self.job.data.classes.names;
        let wrong = compared.worst();
        if wrong.is_empty() {
            return None;
        }
        let places = self.places();
        let stepwise = self.job.config().each == Each::Step;
        let columns = ["is", "taken for", "probability %", "series", "step"];
        let mut table = Table::new(columns.into_iter().take(if stepwise { 5 } else { 4 }));
        for row in wrong {
            let (predicted, (series, step)) = (model.predicted[row], places[row]);
            let cells = [
                names[self.labels[row]].as_str().into(),
                names[predicted].as_str().into(),
                (100.0 * model.answers[row][predicted]).into(),
                self.job.data.test.places[series].as_str().into(),
            ];
            table.row(cells.into_iter().chain(step.map(Into::into)));
        }
        Some(table)
    }

    /// Every answer on the test part with the right class, the model's and its probability.
    fn predictions(&self) -> String {
        let model = self.model.expect("a model that is judged");
        let names = &self.job.data.classes.names;
        let mut text = String::from("series,step,actual,predicted,probability\n");
        for (row, (series, step)) in self.places().into_iter().enumerate() {
            let predicted = model.predicted[row];
            let _ = writeln!(
                text,
                "{},{},{},{},{:.6}",
                csv_cell(&self.job.data.test.places[series]),
                step.map_or(String::new(), |step| step.to_string()),
                csv_cell(&names[self.labels[row]]),
                csv_cell(&names[predicted]),
                model.answers[row][predicted],
            );
        }
        text
    }
}
