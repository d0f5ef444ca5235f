//! Spans that tags mark in a sentence (names, phrases), found and missed: what CoNLL's `conlleval` counts.
//!
//! A span counts only if its first word, its last word and its type are all right.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// Where a tag stands in its span.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Outside,
    Begin,
    Inside,
    End,
    Single,
}

/// A tag, taken apart: `B-PER` begins a `PER`.
#[derive(Clone, Copy)]
struct Mark<'a> {
    role: Role,
    kind: &'a str,
}

impl<'a> Mark<'a> {
    const OUTSIDE: Self = Self {
        role: Role::Outside,
        kind: "",
    };

    /// Nothing, if the tag is not one of a span scheme.
    fn parse(tag: &'a str) -> Option<Self> {
        let (role, kind) = tag.split_once('-').unwrap_or((tag, ""));
        let role = match role {
            "O" if kind.is_empty() => Role::Outside,
            "B" => Role::Begin,
            "I" | "M" => Role::Inside,
            "E" | "L" => Role::End,
            "S" | "U" => Role::Single,
            _ => return None,
        };
        Some(Self { role, kind })
    }

    /// Whether a span begins at `self`, which comes after `before`.
    fn begins(self, before: Self) -> bool {
        let ended = matches!(before.role, Role::Outside | Role::End | Role::Single);
        match self.role {
            Role::Outside => false,
            Role::Begin | Role::Single => true,
            Role::Inside | Role::End => ended || self.kind != before.kind,
        }
    }

    /// Whether the span of `self` ends there, before `after`.
    fn ends(self, after: Self) -> bool {
        let begun = matches!(after.role, Role::Outside | Role::Begin | Role::Single);
        match self.role {
            Role::Outside => false,
            Role::End | Role::Single => true,
            Role::Begin | Role::Inside => begun || self.kind != after.kind,
        }
    }
}

/// A stretch of words and its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Its words.
    pub words: Range<usize>,
    /// Its type, as `PER` in `B-PER`; empty for bare tags such as `B`.
    pub kind: String,
}

/// Whether a set of tags marks spans: all of them are `O`, or one of `B I M E L S U` alone or before a hyphen (IOB1, IOB2,
/// IOBES, BMES and BILOU), and not all are `O`.
pub fn marks_spans<'a>(tags: impl IntoIterator<Item = &'a str>) -> bool {
    let mut some = false;
    for tag in tags {
        match Mark::parse(tag) {
            None => return false,
            Some(mark) => some |= mark.role != Role::Outside,
        }
    }
    some
}

/// The spans of one sentence, in order. Whether the tags are IOB1, IOB2 or IOBES need not be said, and sequences that the scheme
/// forbids (an `I` after an `O`) are read as `conlleval` reads them: a span begins where the type changes.
///
/// A tag that belongs to no scheme is outside.
pub fn spans<S: AsRef<str>>(tags: &[S]) -> Vec<Span> {
    let marks = tags
        .iter()
        .map(|tag| Mark::parse(tag.as_ref()).unwrap_or(Mark::OUTSIDE));
    let marks: Vec<Mark<'_>> = marks.collect();
    let at = |place: Option<usize>| {
        let mark = place.and_then(|place| marks.get(place));
        mark.copied().unwrap_or(Mark::OUTSIDE)
    };
    let (mut spans, mut first) = (Vec::new(), 0);
    for (place, mark) in marks.iter().enumerate() {
        if mark.begins(at(place.checked_sub(1))) {
            first = place;
        }
        if mark.ends(at(Some(place + 1))) {
            spans.push(Span {
                words: first..place + 1,
                kind: mark.kind.to_owned(),
            });
        }
    }
    spans
}

/// How many spans there are, were found, and are both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanCounts {
    /// Spans that there are.
    pub actual: usize,
    /// Spans that were predicted.
    pub predicted: usize,
    /// Predicted spans that are right.
    pub correct: usize,
}

impl SpanCounts {
    /// Share of the predicted spans that are right; `None` if none was predicted.
    pub fn precision(&self) -> Option<f64> {
        share(self.correct, self.predicted)
    }

    /// Share of the actual spans that were found; `None` if there is none.
    pub fn recall(&self) -> Option<f64> {
        share(self.correct, self.actual)
    }

    /// The harmonic mean of precision and recall, `2 correct / (actual + predicted)`; `None` if there is no span at all.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.correct, self.actual + self.predicted)
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Spans and words counted over many sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanScores {
    /// Words.
    pub words: usize,
    /// Words with the right tag.
    pub correct_words: usize,
    /// All spans together: their F1 is the CoNLL score ("micro").
    pub overall: SpanCounts,
    /// By type.
    pub kinds: BTreeMap<String, SpanCounts>,
}

impl SpanScores {
    /// Counts a sentence.
    ///
    /// # Panics
    /// If it has not as many predicted tags as actual ones.
    pub fn add<A: AsRef<str>, P: AsRef<str>>(&mut self, actual: &[A], predicted: &[P]) {
        assert_eq!(
            actual.len(),
            predicted.len(),
            "one predicted tag for each word"
        );
        self.words += actual.len();
        let pairs = actual.iter().zip(predicted);
        self.correct_words += pairs.filter(|(a, p)| a.as_ref() == p.as_ref()).count();
        let (actual, predicted) = (spans(actual), spans(predicted));
        for span in &actual {
            self.count(span, |counts| counts.actual += 1);
        }
        for span in &predicted {
            self.count(span, |counts| counts.predicted += 1);
            // Spans are in order and do not overlap.
            if actual
                .binary_search_by_key(&span.words.start, |other| other.words.start)
                .is_ok_and(|place| actual[place] == *span)
            {
                self.count(span, |counts| counts.correct += 1);
            }
        }
    }

    fn count(&mut self, span: &Span, add: impl Fn(&mut SpanCounts)) {
        add(&mut self.overall);
        match self.kinds.get_mut(&span.kind) {
            Some(counts) => add(counts),
            None => add(self.kinds.entry(span.kind.clone()).or_default()),
        }
    }

    /// Share of the words whose tag is right; `None` without a word.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.correct_words, self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &str) -> String {
        let tags: Vec<&str> = tags.split(' ').collect();
        let show = |span: &Span| format!("{}{}-{}", span.kind, span.words.start, span.words.end);
        let spans = spans(&tags);
        spans.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn schemes_are_read_without_being_named() {
        assert_eq!(found("B-PER I-PER O B-LOC"), "PER0-2 LOC3-4");
        assert_eq!(found("B-PER E-PER S-LOC O"), "PER0-2 LOC2-3");
        assert_eq!(found("B-PER I-PER L-PER U-LOC"), "PER0-3 LOC3-4");
        assert_eq!(found("I-PER I-PER B-PER I-LOC"), "PER0-2 PER2-3 LOC3-4");
        assert_eq!(found("B B I O S"), "0-1 1-3 4-5");
        assert_eq!(found("B-a-b I-a-b"), "a-b0-2");
    }

    /// As `conlleval` does: a span begins where the type changes.
    #[test]
    fn what_a_scheme_forbids_is_read_all_the_same() {
        assert_eq!(found("O I-PER I-LOC"), "PER1-2 LOC2-3");
        assert_eq!(found("B-PER I-LOC E-PER"), "PER0-1 LOC1-2 PER2-3");
        assert_eq!(found("S-PER I-PER E-PER I-PER"), "PER0-1 PER1-3 PER3-4");
        assert_eq!(found("NOUN VERB"), "");
        assert!(spans::<&str>(&[]).is_empty());
    }

    #[test]
    fn only_span_schemes_mark_spans() {
        assert!(marks_spans(["O", "B-PER", "I-PER"]));
        assert!(marks_spans(["B", "M", "E", "S"]));
        assert!(!marks_spans(["O"]));
        assert!(!marks_spans(["B-PER", "NOUN"]));
        assert!(!marks_spans(["X-PER"]));
        assert!(!marks_spans([]));
    }

    /// seqeval 1.2.2, which follows `conlleval`, on the same forty sentences.
    #[test]
    fn counts_agree_with_seqeval() {
        const TAGS: [&str; 9] = [
            "O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-LOC", "S-ORG", "O", "E-PER",
        ];
        let mut state = 1u64;
        let mut draw = |limit: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        let mut scores = SpanScores::default();
        for _ in 0..40 {
            let count = 1 + draw(12);
            let actual: Vec<&str> = (0..count).map(|_| TAGS[draw(9)]).collect();
            let mut other = |tag| match draw(3) {
                0 => TAGS[draw(9)],
                _ => tag,
            };
            let predicted: Vec<&str> = actual.iter().map(|tag| other(*tag)).collect();
            scores.add(&actual, &predicted);
        }
        let overall = scores.overall;
        assert_eq!((overall.actual, overall.predicted), (146, 143));
        assert_eq!((scores.correct_words, scores.words), (148, 211));
        let close = |found: Option<f64>, expected: f64| {
            assert!(
                (found.unwrap() - expected).abs() < 1e-12,
                "{found:?} {expected}"
            );
        };
        close(overall.precision(), 0.6783216783216783);
        close(overall.recall(), 0.6643835616438356);
        close(overall.f1(), 0.6712802768166091);
        for (kind, precision, recall, f1, actual) in [
            (
                "LOC",
                0.6756756756756757,
                0.6944444444444444,
                0.684931506849315,
                72,
            ),
            (
                "ORG",
                0.7777777777777778,
                0.5833333333333334,
                0.6666666666666666,
                24,
            ),
            ("PER", 0.6470588235294118, 0.66, 0.6534653465346535, 50),
        ] {
            let counts = scores.kinds[kind];
            assert_eq!(counts.actual, actual);
            close(counts.precision(), precision);
            close(counts.recall(), recall);
            close(counts.f1(), f1);
        }
    }

    #[test]
    fn what_there_is_none_of_has_no_share() {
        let mut scores = SpanScores::default();
        assert_eq!((scores.accuracy(), scores.overall.f1()), (None, None));
        scores.add(&["O", "B-PER"], &["O", "O"]);
        assert_eq!(scores.accuracy(), Some(0.5));
        assert_eq!(scores.overall.precision(), None);
        assert_eq!(
            (scores.overall.recall(), scores.overall.f1()),
            (Some(0.0), Some(0.0))
        );
    }
}
