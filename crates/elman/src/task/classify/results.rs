//! What a classification of texts came to: the comparison, the worst mistakes, every answer.

use super::job::ClassifyJob;
use crate::report::{Block, Section, Table, csv_cell};
use crate::task::Outcome;
use crate::task::classes::{Compared, Scored, Simple};
use std::fmt::Write;

/// Classes whose probabilities are columns of `predictions.csv`.
const COLUMNS: usize = 50;
/// Letters of a text that are shown.
const SHOWN: usize = 240;

/// The model's and the simple classifiers' answers on the same texts.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    job: &'a ClassifyJob,
    compared: Compared<'a>,
    model: Option<&'a Scored>,
}

impl<'a> Results<'a> {
    /// What the job has measured, and the model once it is trained.
    pub fn new(job: &'a ClassifyJob, model: Option<&'a Scored>) -> Self {
        let simple = job.baselines.iter().map(|(kind, scored)| Simple {
            key: kind.key(),
            name: kind.to_string(),
            scored,
        });
        let compared = Compared {
            names: &job.data.classes.names,
            labels: &job.data.test.labels,
            examples: "texts",
            simple: simple.collect(),
            model,
        };
        Self {
            job,
            compared,
            model,
        }
    }

    /// Every classifier, the model last; the best of each column is marked.
    pub fn table(&self) -> Table {
        self.compared.table()
    }

    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub fn outcome(&self) -> Outcome {
        let compared = &self.compared;
        let (verdict, tone) = compared.verdict();
        let classes = Block::Folded {
            summary: "The model's figures for each class".into(),
            blocks: vec![Block::Table(compared.shown().table())],
        };
        let mut sections = Vec::new();
        if let Some(table) = self.worst() {
            let says = "Texts that the model is most sure about, and wrong. Look here for labels that are wrong themselves.";
            let blocks = vec![Block::Text(says.into()), Block::Table(table)];
            sections.push(Section::new("Worst mistakes", blocks));
            let blocks = vec![Block::Table(compared.confusions())];
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
            table: compared.table(),
            heading: "Right answers on the test part",
            details,
            figures: compared.figures(),
            pictures: vec![compared.shown().picture()],
            sections,
            predictions: Some(self.predictions()),
            loss: "cross-entropy (nats)",
            next: vec!["predict {run} \"some text\"".into()],
        }
    }

    /// Mistakes, the most confident first; nothing if there are none.
    fn worst(&self) -> Option<Table> {
        let model = self.model.expect("a model that is judged");
        let (test, names) = (&self.job.data.test, &self.job.data.classes.names);
        let wrong = self.compared.worst();
        if wrong.is_empty() {
            return None;
        }
        let mut table = Table::new(["is", "taken for", "probability %", "text", "line"]);
        for row in wrong {
            let text = test.rows[row].field(0);
            let mut shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            let predicted = model.predicted[row];
            table.row([
                names[test.labels[row]].as_str().into(),
                names[predicted].as_str().into(),
                (100.0 * model.answers[row][predicted]).into(),
                shown.into(),
                test.rows[row].line().into(),
            ]);
        }
        Some(table)
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
                csv_cell(&row.file().display().to_string()),
                row.line(),
                csv_cell(row.field(0)),
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
