//! The tagger and the most frequent tag of each word side by side: the table, the verdict, the figures, the pictures.

use super::dataset::Dataset;
use crate::metric::classes::{ClassMetrics, Confusion};
use crate::metric::paired::{Ahead, Paired};
use crate::metric::{SpanScores, marks_spans};
use crate::model::Tagged;
use crate::report::{Block, ClassReport, Section, Table, Tone, csv_cell};
use crate::task::Outcome;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Confusions that are listed, and words that show one.
const LISTED: usize = 15;
const EXAMPLES: usize = 4;

/// The tags that someone gave the words of the test part, and how right they are.
#[derive(Clone, Debug)]
pub struct Scored {
    said: Vec<Vec<u32>>,
    metrics: ClassMetrics,
    confusion: Confusion,
    /// Of the words that training never showed; none if there are none.
    unknown: Option<f64>,
    /// Where the tags mark spans.
    spans: Option<SpanScores>,
}

/// The most frequent tag of each word in the training part; of unknown words, the most frequent among those seen once.
pub fn frequent(data: &Dataset) -> Vec<Vec<u32>> {
    let most = |counts: &BTreeMap<u32, u32>| {
        let best = counts
            .iter()
            .max_by_key(|(tag, count)| (**count, std::cmp::Reverse(**tag)));
        best.map_or(0, |(tag, _)| *tag)
    };
    let mut by_word: BTreeMap<u32, BTreeMap<u32, u32>> = BTreeMap::new();
    let mut once: BTreeMap<u32, u32> = BTreeMap::new();
    for (words, tags) in data.train.words.iter().zip(data.train.tags.iter()) {
        for (word, tag) in words.iter().zip(tags) {
            let Some(tag) = tag else { continue };
            *by_word.entry(*word).or_default().entry(*tag).or_default() += 1;
            if data.counts[*word as usize] == 1 {
                *once.entry(*tag).or_default() += 1;
            }
        }
    }
    let unknown = most(&once);
    let known: BTreeMap<u32, u32> = by_word
        .iter()
        .map(|(word, tags)| (*word, most(tags)))
        .collect();
    let tag = |word: &u32| known.get(word).copied().unwrap_or(unknown);
    let sentences = data.test.words.iter();
    sentences
        .map(|words| words.iter().map(tag).collect())
        .collect()
}

impl Scored {
    /// Compares tags with the right ones of the test part.
    pub fn new(data: &Dataset, said: Vec<Vec<u32>>) -> Self {
        let tags = &data.lexicon.tags;
        // Tags that training never shows are one class more, which nothing is taken for.
        let strange = tags.len();
        let class = |tag: &Option<u32>| tag.map_or(strange, |tag| tag as usize);
        let pairs = || {
            let right = data.test.tags.values().iter().map(class);
            right.zip(said.iter().flatten().map(|tag| *tag as usize))
        };
        let confusion = Confusion::new(tags.len() + 1, pairs());
        let unknown_word = data.lexicon.unknown();
        let words = data.test.words.values().iter().zip(pairs());
        let unknown: Vec<bool> = words
            .filter(|(word, _)| **word == unknown_word)
            .map(|(_, (right, said))| right == said)
            .collect();
        let share =
            unknown.iter().filter(|right| **right).count() as f64 / unknown.len().max(1) as f64;
        let spans = marks_spans(tags.iter().map(String::as_str)).then(|| {
            let mut scores = SpanScores::default();
            for (sentence, said) in data.test.sentences.iter().zip(&said) {
                let said: Vec<&String> = said.iter().map(|tag| &tags[*tag as usize]).collect();
                scores.add(&sentence.tags().collect::<Vec<_>>(), &said);
            }
            scores
        });
        Self {
            metrics: confusion.metrics().expect("a test part has words"),
            confusion,
            unknown: (!unknown.is_empty()).then_some(share),
            spans,
            said,
        }
    }
}

/// What is judged beside what.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    pub(super) data: &'a Dataset,
    pub(super) baseline: Option<&'a Scored>,
    pub(super) model: Option<&'a Scored>,
    /// The model's answers on the test part.
    pub(super) answers: &'a [Tagged],
}

impl Results<'_> {
    /// Who tags how well.
    pub fn table(&self) -> Table {
        let spans = self.rows().any(|(_, scored)| scored.spans.is_some());
        let columns = ["tagger", "accuracy %", "±", "unknown words %", "macro F1 %"];
        let more = ["span precision %", "span recall %", "span F1 %"];
        let more = more.into_iter().take(if spans { 3 } else { 0 });
        let mut table = Table::new(columns.into_iter().chain(more));
        for (name, scored) in self.rows() {
            let percent = |share: Option<f64>| share.map(|share| 100.0 * share).into();
            let metrics = &scored.metrics;
            let cells = [
                name.into(),
                (100.0 * metrics.accuracy).into(),
                (100.0 * metrics.interval.half()).into(),
                percent(scored.unknown),
                (100.0 * metrics.macro_f1).into(),
            ];
            let overall = scored.spans.as_ref().map(|spans| &spans.overall);
            let spans = overall.map(|spans| [spans.precision(), spans.recall(), spans.f1()]);
            table.row(
                cells
                    .into_iter()
                    .chain(spans.into_iter().flatten().map(percent)),
            );
        }
        [1, 3, 4]
            .into_iter()
            .chain(if spans { 5..8 } else { 0..0 })
            .for_each(|column| {
                table.mark_largest(column);
            });
        table
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &Scored)> {
        let baseline = self
            .baseline
            .map(|scored| ("most frequent tag of the word", scored));
        let model = self.model.map(|scored| ("the model", scored));
        baseline.into_iter().chain(model)
    }

    /// The judgement of the model.
    ///
    /// # Panics
    /// If there is none.
    pub fn outcome(&self) -> Outcome {
        let (verdict, tone) = self.verdict();
        let per_tag = Block::Folded {
            summary: "The model's figures for each tag".into(),
            blocks: vec![Block::Table(self.shown().table())],
        };
        let confusions = vec![Block::Table(self.confusions())];
        Outcome {
            verdict,
            tone,
            table: self.table(),
            heading: "Right tags on the test part",
            details: vec![per_tag],
            figures: self.figures(),
            pictures: vec![self.shown().picture()],
            sections: vec![Section::new("Most frequent confusions", confusions)],
            predictions: Some(self.predictions()),
            loss: "loss of a word (nats)",
            next: vec!["tag {run} \"I am so happy\"".into()],
        }
    }

    fn model(&self) -> &Scored {
        self.model.expect("a model that is judged")
    }

    fn verdict(&self) -> (String, Tone) {
        let errors = |scored: &Scored| 1.0 - scored.metrics.accuracy;
        let accuracy = 100.0 * self.model().metrics.accuracy;
        let Some(baseline) = self.baseline else {
            let text = format!("{accuracy:.1} % of the words have the right tag.");
            return (text, Tone::Neutral);
        };
        let names = format!(
            "{accuracy:.1} % of the words have the right tag, against {:.1} % by the most frequent tag of each word",
            100.0 * baseline.metrics.accuracy
        );
        let change = 100.0 * (1.0 - errors(self.model()) / errors(baseline).max(f64::MIN_POSITIVE));
        match Paired::between(self.right(self.model()), self.right(baseline)).ahead() {
            Ahead::First => (
                format!("{names}: {change:.0} % fewer mistakes."),
                Tone::Good,
            ),
            Ahead::Second => (
                format!(
                    "{names}: the network is not worth its cost here; give it more sentences, or letters to read."
                ),
                Tone::Bad,
            ),
            Ahead::Neither => (
                format!("{names}: no difference beyond chance."),
                Tone::Neutral,
            ),
        }
    }

    /// Whether each word of the test part got its tag.
    fn right<'a>(&'a self, scored: &'a Scored) -> impl Iterator<Item = bool> + 'a {
        let tags = self.data.test.tags.iter().flatten();
        let pairs = tags.zip(scored.said.iter().flatten());
        pairs.map(|(tag, said)| tag.as_ref() == Some(said))
    }

    /// The names of the classes: the tags, and those that training never shows.
    fn name(&self, class: usize) -> &str {
        let tags = &self.data.lexicon.tags;
        tags.get(class).map_or("(not in training)", String::as_str)
    }

    fn shown(&self) -> ClassReport<'_> {
        let model = self.model();
        ClassReport {
            names: (0..=self.data.lexicon.tags.len())
                .map(|tag| self.name(tag))
                .collect(),
            metrics: &model.metrics,
            confusion: &model.confusion,
            class: "tag",
            examples: "words",
        }
    }

    fn confusions(&self) -> Table {
        let mut examples: BTreeMap<(usize, usize), BTreeMap<&str, usize>> = BTreeMap::new();
        let strange = self.data.lexicon.tags.len();
        let test = &self.data.test;
        for (row, said) in self.model().said.iter().enumerate() {
            let words = test.sentences[row].words().zip(&test.tags[row]);
            for (said, (word, right)) in said.iter().zip(words) {
                let right = right.map_or(strange, |tag| tag as usize);
                let words = examples.entry((right, *said as usize)).or_default();
                *words.entry(word).or_default() += 1;
            }
        }
        let mut table = Table::new(["is", "taken for", "times", "most often"]);
        for mistake in self.model().confusion.mistakes().into_iter().take(LISTED) {
            let pair = (mistake.actual, mistake.predicted);
            let mut words: Vec<(&str, usize)> =
                examples.remove(&pair).into_iter().flatten().collect();
            words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            let words: Vec<&str> = words
                .into_iter()
                .take(EXAMPLES)
                .map(|(word, _)| word)
                .collect();
            table.row([
                self.name(mistake.actual).into(),
                self.name(mistake.predicted).into(),
                (mistake.count as usize).into(),
                words.join(" · ").into(),
            ]);
        }
        table
    }

    fn figures(&self) -> Map<String, Value> {
        let of = |scored: &Scored| {
            json!({
                "accuracy": scored.metrics.accuracy,
                "interval": scored.metrics.interval,
                "macro_f1": scored.metrics.macro_f1,
                "unknown_accuracy": scored.unknown,
                "words": scored.metrics.count,
                "spans": scored.spans.as_ref().map(|spans| json!({
                    "precision": spans.overall.precision(), "recall": spans.overall.recall(), "f1": spans.overall.f1(),
                })),
            })
        };
        let figures = [
            ("metrics", json!(self.model.map(of))),
            ("baselines", json!({"most_frequent": self.baseline.map(of)})),
            ("tags", json!(self.data.lexicon.tags)),
        ];
        figures
            .map(|(name, value)| (name.to_string(), value))
            .into_iter()
            .collect()
    }

    /// Every word of the test part with its tag, the model's and its probability.
    fn predictions(&self) -> String {
        let tags = &self.data.lexicon.tags;
        let mut text = String::from("file,sentence_line,word,actual,predicted,probability\n");
        for (sentence, answer) in self.data.test.sentences.iter().zip(self.answers) {
            let file = csv_cell(&sentence.file().display().to_string()).into_owned();
            let words = sentence.words().zip(sentence.tags());
            let scores = answer
                .tags
                .iter()
                .zip(answer.probabilities.chunks(tags.len()));
            for ((word, right), (said, shares)) in words.zip(scores) {
                let _ = writeln!(
                    text,
                    "{file},{},{},{},{},{:.6}",
                    sentence.line(),
                    csv_cell(word),
                    csv_cell(right),
                    csv_cell(&tags[*said as usize]),
                    shares[*said as usize],
                );
            }
        }
        text
    }
}
