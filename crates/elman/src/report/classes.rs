//! What was told apart, class by class: the figures of each, and which was taken for which.

use super::plot::{HeatMap, heat_map};
use super::{Picture, Table};
use crate::metric::classes::{ClassMetrics, Confusion};
use std::cmp::Reverse;

/// Classes in the confusion picture.
const PICTURED: usize = 25;

/// The answers of one classifier.
#[derive(Clone, Debug)]
pub struct ClassReport<'a> {
    /// What each class is called.
    pub names: Vec<&'a str>,
    /// How right the answers are.
    pub metrics: &'a ClassMetrics,
    /// Which class was taken for which.
    pub confusion: &'a Confusion,
    /// What a class is here: "class", "tag".
    pub class: &'static str,
    /// What has one: "texts", "words".
    pub examples: &'static str,
}

impl ClassReport<'_> {
    /// Whether a class is someone's, or someone's answer.
    fn occurs(&self, class: usize) -> bool {
        let figures = &self.metrics.per_class[class];
        figures.support > 0 || figures.precision.is_some()
    }

    /// The figures of each class that occurs or is an answer.
    pub fn table(&self) -> Table {
        let mut table = Table::new([self.class, "precision %", "recall %", "F1 %", self.examples]);
        let percent = |share: Option<f64>| share.map(|share| 100.0 * share).into();
        for class in (0..self.names.len()).filter(|class| self.occurs(*class)) {
            let figures = &self.metrics.per_class[class];
            table.row([
                self.names[class].into(),
                percent(figures.precision),
                percent(figures.recall),
                percent(figures.f1),
                (figures.support as usize).into(),
            ]);
        }
        table
    }

    /// Which class was taken for which, with its caption: the most frequent classes.
    pub fn picture(&self) -> Picture {
        let mut shown: Vec<usize> = (0..self.names.len())
            .filter(|class| self.occurs(*class))
            .collect();
        let Self {
            class, examples, ..
        } = self;
        let mut caption = format!(
            "Which {class} was taken for which: each row shows where the {examples} of one {class} went."
        );
        if shown.len() > PICTURED {
            caption += &format!(" The {PICTURED} most frequent of {}.", shown.len());
            shown.sort_by_key(|class| Reverse(self.metrics.per_class[*class].support));
            shown.truncate(PICTURED);
        }
        let names: Vec<String> = shown
            .iter()
            .map(|class| self.names[*class].into())
            .collect();
        let svg = heat_map(&HeatMap {
            title: "",
            rows: &names,
            columns: &names,
            values: &self.confusion.shares(&shown),
            row_title: "is",
            column_title: "taken for",
            show_values: true,
        });
        Picture {
            file: "confusion".into(),
            svg,
            caption,
        }
    }
}
