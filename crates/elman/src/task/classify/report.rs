//! What a classification came to: tables, pictures and the worst mistakes.

use super::results::Results;
use crate::report::{Block, ClassReport, Section, Table};
use crate::task::Outcome;

/// Mistakes and confusions that are listed.
const LISTED: usize = 20;
/// Letters of a text that are shown.
const SHOWN: usize = 240;

impl Results<'_> {
    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub fn outcome(&self) -> Outcome {
        let (verdict, tone) = self.verdict();
        let classes = Block::Folded {
            summary: "The model's figures for each class".into(),
            blocks: vec![Block::Table(self.shown().table())],
        };
        let mut sections = Vec::new();
        if let Some(table) = self.worst() {
            let says = "Texts that the model is most sure about, and wrong. Look here for labels that are wrong themselves.";
            let blocks = vec![Block::Text(says.into()), Block::Table(table)];
            sections.push(Section::new("Worst mistakes", blocks));
            let blocks = vec![Block::Table(self.confusions())];
            sections.push(Section::new("Most frequent confusions", blocks));
        }
        let mut details = vec![classes];
        if self.job.left_out {
            let text = "The fixed windows, which would have to be trained again, are left out.";
            details.push(Block::Text(text.into()));
        }
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "Right answers on the test part",
            details,
            figures: self.figures(),
            pictures: vec![self.shown().picture()],
            sections,
            predictions: Some(self.predictions()),
            loss: "cross-entropy (nats)",
            next: vec!["predict {run} \"some text\"".into()],
        }
    }

    fn shown(&self) -> ClassReport<'_> {
        let model = self.model.expect("a model that is judged");
        ClassReport {
            names: self
                .job
                .data
                .classes
                .names
                .iter()
                .map(String::as_str)
                .collect(),
            metrics: &model.metrics,
            confusion: &model.confusion,
            class: "class",
            examples: "texts",
        }
    }

    /// Mistakes, the most confident first; nothing if there are none.
    fn worst(&self) -> Option<Table> {
        let model = self.model.expect("a model that is judged");
        let (test, names) = (&self.job.data.test, &self.job.data.classes.names);
        let sure = |row: usize| model.answers[row][model.predicted[row]];
        let mut wrong: Vec<usize> = (0..test.len())
            .filter(|row| model.predicted[*row] != test.labels[*row])
            .collect();
        wrong.sort_by(|a, b| sure(*b).total_cmp(&sure(*a)));
        if wrong.is_empty() {
            return None;
        }
        let mut table = Table::new(["is", "taken for", "probability %", "text", "line"]);
        for row in wrong.into_iter().take(LISTED) {
            let text = &test.rows[row].fields[0];
            let mut shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            table.row([
                names[test.labels[row]].as_str().into(),
                names[model.predicted[row]].as_str().into(),
                (100.0 * sure(row)).into(),
                shown.into(),
                test.rows[row].line.into(),
            ]);
        }
        Some(table)
    }

    fn confusions(&self) -> Table {
        let model = self.model.expect("a model that is judged");
        let names = &self.job.data.classes.names;
        let mut table = Table::new(["is", "taken for", "times"]);
        for mistake in model.confusion.mistakes().into_iter().take(LISTED) {
            table.row([
                names[mistake.actual].as_str().into(),
                names[mistake.predicted].as_str().into(),
                (mistake.count as usize).into(),
            ]);
        }
        table
    }
}
