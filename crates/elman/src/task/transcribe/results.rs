//! What a transcription came to.

use super::dataset::Spoken;
use super::job::TranscribeJob;
use crate::metric::ErrorRate;
use crate::report::{Block, Section, Table, Tone, csv_cell, number};
use crate::task::Outcome;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write;

/// Transcripts that are shown.
const SHOWN: usize = 20;

/// How far texts are from what was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// By characters, white space included.
    pub characters: ErrorRate,
    /// By words.
    pub words: ErrorRate,
    /// Texts without any mistake.
    pub exact: usize,
    /// All texts.
    pub count: usize,
}

impl Scores {
    /// Compares texts, one by one.
    ///
    /// # Panics
    /// If there is not one right text for each.
    pub fn measure(said: &[impl AsRef<str>], right: &[impl AsRef<str>]) -> Self {
        assert_eq!(said.len(), right.len(), "one right text for each");
        let mut scores = Self::default();
        for (said, right) in said.iter().zip(right) {
            let (said, right) = (said.as_ref(), right.as_ref());
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let words = |text: &str| {
                text.split_whitespace()
                    .map(String::from)
                    .collect::<Vec<_>>()
            };
            scores.characters.add(&letters(said), &letters(right));
            scores.words.add(&words(said), &words(right));
            scores.exact += usize::from(said == right);
            scores.count += 1;
        }
        scores
    }
}

/// Texts in the order of the test part, each with what was measured.
#[derive(Clone, Debug)]
pub(super) struct Results<'a> {
    pub(super) job: &'a TranscribeJob,
    /// Who says it, its scores, and the texts.
    pub(super) rows: Vec<(&'static str, Scores, Vec<String>)>,
}

impl Results<'_> {
    fn test(&self) -> &Spoken {
        &self.job.data.test
    }

    /// What was said in the recordings of the test part.
    fn right(&self) -> impl Iterator<Item = &str> + Clone {
        self.test().labels.iter().map(AsRef::as_ref)
    }

    /// Every way to answer; the best of each column is marked.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new([
            "",
            "characters wrong %",
            "words wrong %",
            "without mistake %",
        ]);
        for (name, scores, _) in &self.rows {
            table.row([
                (*name).into(),
                (100.0 * scores.characters.rate()).into(),
                (100.0 * scores.words.rate()).into(),
                (100.0 * scores.exact as f64 / scores.count.max(1) as f64).into(),
            ]);
        }
        table.mark_smallest(1);
        table.mark_smallest(2);
        table.mark_largest(3);
        table
    }

    /// The judgement; the model's answers stand last.
    pub(super) fn outcome(&self, loss: f64) -> Outcome {
        let [.., (_, scores, texts)] = self.rows.as_slice() else {
            unreachable!("a model that is judged");
        };
        let (first, others) = (self.rows[0].1.characters.rate(), scores.characters.rate());
        let tone = match others < 0.5 * first {
            true => Tone::Good,
            false if others < first => Tone::Neutral,
            false => Tone::Bad,
        };
        let verdict = format!(
            "{} % of the characters are wrong in {} test recordings, {} % of the recordings are without mistake; always saying the most \
             frequent text gets {} % of the characters wrong.",
            number(100.0 * others),
            scores.count,
            number(100.0 * scores.exact as f64 / scores.count.max(1) as f64),
            number(100.0 * first),
        );
        let said = texts.iter().zip(self.right());
        let mut shown = Table::new(["recording", "was said", "the model"]);
        for ((said, right), place) in said.clone().zip(&self.test().places).take(SHOWN) {
            shown.row([place.as_str().into(), right.into(), said.as_str().into()]);
        }
        let mut wrong = Table::new(["recording", "was said", "the model"]);
        let mistakes = said
            .zip(&self.test().places)
            .filter(|((said, right), _)| said.as_str() != *right);
        for ((said, right), place) in mistakes.take(SHOWN) {
            wrong.row([place.as_str().into(), right.into(), said.as_str().into()]);
        }
        let mut sections = vec![Section::new("What was said", vec![Block::Table(shown)])];
        if scores.exact < scores.count {
            sections.push(Section::new("Mistakes", vec![Block::Table(wrong)]));
        }
        let names = ["most_frequent", "greedy", "beam"];
        let figures = names.iter().zip(&self.rows);
        let figures = figures.map(|(name, (_, scores, _))| {
            let figures = json!({
                "cer": scores.characters.rate(), "wer": scores.words.rate(), "exact": scores.exact, "count": scores.count,
            });
            (name.to_string(), figures)
        });
        let mut figures: serde_json::Map<String, _> = figures.collect();
        figures.insert(
            "metrics".into(),
            json!({"cer": scores.characters.rate(), "wer": scores.words.rate(), "nats_per_label": loss}),
        );
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "How much is wrong on the test part",
            details: Vec::new(),
            figures,
            pictures: Vec::new(),
            sections,
            predictions: Some(self.predictions(texts)),
            loss: "nats a label",
            next: vec!["transcribe {run} FILE".into()],
        }
    }

    fn predictions(&self, texts: &[String]) -> String {
        let mut csv = String::from("recording,actual,predicted\n");
        let test = self.test();
        for ((said, right), place) in texts.iter().zip(self.right()).zip(&test.places) {
            let _ = writeln!(
                csv,
                "{},{},{}",
                csv_cell(place),
                csv_cell(right),
                csv_cell(said)
            );
        }
        csv
    }
}
