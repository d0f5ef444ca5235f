//! The model and the simple classifiers side by side: the table, the verdict, the figures.

use super::Scored;
use crate::metric::paired::{Ahead, Paired};
use crate::report::{ClassReport, Table, Tone};
use serde_json::{Map, Value, json};

/// Mistakes and confusions that are listed.
const LISTED: usize = 20;

/// The model's and the simple classifiers' answers on the same examples.
#[derive(Clone, Debug)]
pub(in crate::task) struct Compared<'a> {
    /// What the classes are called.
    pub names: &'a [String],
    /// The right classes of the test part.
    pub labels: &'a [usize],
    /// What the examples are: "texts", "series".
    pub examples: &'static str,
    /// The simple classifiers, the simplest first.
    pub simple: Vec<Simple<'a>>,
    /// The model, once it is trained.
    pub model: Option<&'a Scored>,
}

/// A simple classifier.
#[derive(Clone, Debug)]
pub(in crate::task) struct Simple<'a> {
    /// Its name for machines.
    pub key: &'static str,
    /// Its name.
    pub name: String,
    /// Its answers.
    pub scored: &'a Scored,
}

impl<'a> Compared<'a> {
    /// Every classifier, the model last; the best of each column is marked.
    pub(in crate::task) fn table(&self) -> Table {
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

    fn rows(&self) -> impl Iterator<Item = (&str, &Scored)> {
        let simple = self.simple.iter();
        let simple = simple.map(|simple| (simple.name.as_str(), simple.scored));
        simple.chain(self.model.map(|scored| ("the model", scored)))
    }

    /// The most accurate simple classifier; the simplest of equals.
    fn best(&self) -> Option<&Simple<'a>> {
        let accuracy = |simple: &&Simple<'a>| simple.scored.metrics.accuracy;
        let better = |best, other| match accuracy(&other) > accuracy(&best) {
            true => other,
            false => best,
        };
        self.simple.iter().reduce(better)
    }

    /// What is told apart, class by class.
    pub(in crate::task) fn shown(&self) -> ClassReport<'_> {
        let model = self.model.expect("a model that is judged");
        ClassReport {
            names: self.names.iter().map(String::as_str).collect(),
            metrics: &model.metrics,
            confusion: &model.confusion,
            class: "class",
            examples: self.examples,
        }
    }

    /// What was mistaken for what, the most frequent first.
    pub(in crate::task) fn confusions(&self) -> Table {
        let model = self.model.expect("a model that is judged");
        let mut table = Table::new(["is", "taken for", "times"]);
        for mistake in model.confusion.mistakes().into_iter().take(LISTED) {
            table.row([
                self.names[mistake.actual].as_str().into(),
                self.names[mistake.predicted].as_str().into(),
                (mistake.count as usize).into(),
            ]);
        }
        table
    }

    /// Mistakes, the most confident first.
    pub(in crate::task) fn worst(&self) -> Vec<usize> {
        let model = self.model.expect("a model that is judged");
        let sure = |row: &usize| model.answers[*row][model.predicted[*row]];
        let mut wrong: Vec<usize> = (0..self.labels.len())
            .filter(|row| model.predicted[*row] != self.labels[*row])
            .collect();
        wrong.sort_by(|a, b| sure(b).total_cmp(&sure(a)));
        wrong.truncate(LISTED);
        wrong
    }

    /// The model against the best simple classifier, in plain words, and how good the news is.
    ///
    /// # Panics
    /// If there is no model.
    pub(in crate::task) fn verdict(&self) -> (String, Tone) {
        let model = self.model.expect("a model that is judged");
        let percent = |scored: &Scored| format!("{:.1} %", 100.0 * scored.metrics.accuracy);
        let right = format!(
            "{} ± {:.1} of {} test {} are right",
            percent(model),
            100.0 * model.metrics.interval.half(),
            model.metrics.count,
            self.examples,
        );
        let Some(Simple {
            name, scored: best, ..
        }) = self.best()
        else {
            let alone = format!("{right}; there is no simple classifier to compare with.");
            return (alone, Tone::Neutral);
        };
        let right_of = |scored: &Scored| -> Vec<bool> {
            let pairs = scored.predicted.iter().zip(self.labels);
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
    pub(in crate::task) fn figures(&self) -> Map<String, Value> {
        let of = |scored: &Scored| {
            let metrics = serde_json::to_value(&scored.metrics).expect("made of numbers");
            let mut metrics = metrics;
            metrics["parameters"] = json!(scored.parameters);
            metrics
        };
        let simple = self.simple.iter();
        let simple: Map<_, _> = simple
            .map(|simple| (simple.key.to_string(), of(simple.scored)))
            .collect();
        let figures = [
            ("metrics", json!(self.model.map(of))),
            ("classes", json!(self.names)),
            ("baselines", Value::Object(simple)),
            (
                "confusions",
                json!(self.model.map(|scored| scored.confusion.mistakes())),
            ),
        ];
        let named = figures.map(|(name, value)| (name.to_string(), value));
        named.into_iter().collect()
    }
}
