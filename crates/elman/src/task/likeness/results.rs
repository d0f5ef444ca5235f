//! The encoder and the simple searches side by side.

use super::Alike;
use super::job::LikenessJob;
use super::search::{Found, paired};
use crate::metric::paired::{Ahead, Paired};
use crate::metric::retrieval::RetrievalMetrics;
use crate::report::{Block, Section, Table, Tone, csv_cell};
use crate::task::{Error, Outcome};
use elman_data::Part;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Searches that are shown in the report.
const SHOWN: usize = 20;

/// What one search found, measured.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Query by query.
    pub found: Found,
    /// The figures of the search.
    pub metrics: RetrievalMetrics,
    /// How well closeness tells pairs that belong together from others; nothing if there are not both.
    pub auc: Option<f64>,
}

impl Scored {
    /// Measures a search.
    ///
    /// # Errors
    /// If nothing was searched for.
    pub fn new(found: Found, auc: Option<f64>) -> Result<Self, Error> {
        let metrics = found
            .metrics()
            .ok_or_else(|| Error::input("there is nothing to judge by"))?;
        Ok(Self {
            found,
            metrics,
            auc,
        })
    }

    fn figures(&self) -> Value {
        let mut figures = serde_json::to_value(self.metrics).expect("made of numbers");
        figures["auc"] = json!(self.auc);
        figures
    }
}

/// The encoder's and the simple searches' answers to the same queries.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a, D> {
    job: &'a LikenessJob<D>,
    model: Option<&'a Scored>,
}

impl<'a, D: Alike> Results<'a, D> {
    /// What the job has measured, and the model once it is trained.
    pub fn new(job: &'a LikenessJob<D>, model: Option<&'a Scored>) -> Self {
        Self { job, model }
    }

    /// Every search, the model last; the best of each column is marked.
    pub fn table(&self) -> Table {
        let all = self.job.labels.test.len();
        let auc = match paired(all).len() {
            some if some < all => format!("AUC of pairs ({some} of {all})"),
            _ => format!("AUC of pairs (all {all})"),
        };
        let columns = ["search", "recall@1 %", "recall@5 %", "MRR", &auc];
        let mut table = Table::new(columns);
        let baselines = self
            .job
            .baselines
            .iter()
            .map(|(name, scored)| (*name, scored));
        for (name, scored) in baselines.chain(self.model.map(|scored| ("the model", scored))) {
            let metrics = &scored.metrics;
            table.row([
                name.into(),
                (100.0 * metrics.recall_1).into(),
                (100.0 * metrics.recall_5).into(),
                metrics.mrr.into(),
                scored.auc.into(),
            ]);
        }
        (1..5).for_each(|column| {
            table.mark_largest(column);
        });
        table
    }

    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub fn outcome(&self) -> Outcome {
        let model = self.model.expect("a model that is judged");
        let (verdict, tone) = self.verdict(model);
        let [one, many] = D::NOUNS;
        let says = format!("The nearest {one} of the training part to some of the test part.");
        let blocks = vec![Block::Text(says), Block::Table(self.examples(model))];
        let baselines = self.job.baselines.iter();
        let baselines: Map<_, _> = baselines
            .map(|(name, scored)| (name.to_string(), scored.figures()))
            .collect();
        let figures = [
            ("metrics", model.figures()),
            ("baselines", Value::Object(baselines)),
            ("paired", json!(paired(self.job.labels.test.len()).len())),
        ];
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "Searches on the test part",
            details: Vec::new(),
            figures: figures
                .map(|(name, value)| (name.to_string(), value))
                .into_iter()
                .collect(),
            pictures: Vec::new(),
            sections: vec![Section::new(format!("Nearest {many}"), blocks)],
            predictions: Some(self.predictions(model)),
            loss: "loss (distance)",
            next: vec![D::COMMAND.into()],
        }
    }

    fn verdict(&self, model: &Scored) -> (String, Tone) {
        let [one, many] = D::NOUNS;
        let first = |scored: &Scored| -> Vec<bool> {
            let ranks = scored.found.ranks.iter();
            ranks.map(|rank| *rank == Some(1)).collect()
        };
        let best = self
            .job
            .baselines
            .iter()
            .max_by(|a, b| a.1.metrics.recall_1.total_cmp(&b.1.metrics.recall_1));
        let percent = |scored: &Scored| format!("{:.1} %", 100.0 * scored.metrics.recall_1);
        let found = format!(
            "for {} of {} test {many} the nearest training {one} has the same label",
            percent(model),
            model.metrics.queries
        );
        let Some((name, best)) = best else {
            return (
                format!("There is no simple search to compare with; {found}."),
                Tone::Neutral,
            );
        };
        let paired = Paired::between(first(model), first(best));
        let (says, tone) = match paired.ahead() {
            Ahead::First => ("The model finds better than", Tone::Good),
            Ahead::Second => ("The model does not find as well as", Tone::Bad),
            Ahead::Neither => (
                "The model finds no better or worse, beyond chance, than",
                Tone::Neutral,
            ),
        };
        let text = format!(
            "{says} the {name} ({}): {found}; where the two disagree, the model is right {} times and the {name} {} times.",
            percent(best),
            paired.only_first,
            paired.only_second
        );
        (text, tone)
    }

    fn examples(&self, model: &Scored) -> Table {
        let (data, labels) = (&self.job.data, &self.job.labels);
        let names = &data.classes().names;
        let mut table = Table::new([D::NOUNS[0], "label", "nearest", "its label"]);
        for (row, nearest) in model.found.nearest.iter().enumerate().take(SHOWN) {
            table.row([
                data.name(Part::Test, row).into(),
                names[labels.test[row]].as_str().into(),
                data.name(Part::Train, *nearest).into(),
                names[labels.train[*nearest]].as_str().into(),
            ]);
        }
        table
    }

    /// Everything of the test part with the nearest of the training part.
    fn predictions(&self, model: &Scored) -> String {
        let (data, labels) = (&self.job.data, &self.job.labels);
        let names = &data.classes().names;
        let head = D::COLUMNS.join(",");
        let mut text = format!("{head},label,nearest,nearest_label,rank_of_label\n");
        for (row, (nearest, rank)) in model
            .found
            .nearest
            .iter()
            .zip(&model.found.ranks)
            .enumerate()
        {
            for cell in data.cells(Part::Test, row) {
                let _ = write!(text, "{},", csv_cell(&cell));
            }
            let _ = writeln!(
                text,
                "{},{},{},{}",
                csv_cell(&names[labels.test[row]]),
                csv_cell(data.name(Part::Train, *nearest)),
                csv_cell(&names[labels.train[*nearest]]),
                rank.map_or(String::new(), |rank| rank.to_string()),
            );
        }
        text
    }
}
