//! BLEU of whole corpora, as sacreBLEU counts it.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Longest n-grams that count.
const ORDERS: usize = 4;

/// How a text is cut into what BLEU compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BleuTokens {
    /// Words and punctuation as NIST's mteval-v13a cuts them: the convention for languages written with spaces.
    #[default]
    #[serde(rename = "13a")]
    Words,
    /// Characters, without spaces: for Korean, Chinese and Japanese, where words are a matter of opinion.
    #[serde(rename = "char")]
    Characters,
}

/// How BLEU is counted: the keys of `[score]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BleuConfig {
    /// How texts are cut.
    pub tokenize: BleuTokens,
    /// Whether capital letters are as small ones.
    pub lowercase: bool,
}

/// BLEU and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bleu {
    /// BLEU-4, from 0 to 100.
    pub score: f64,
    /// BLEU-1 to BLEU-4: up to single tokens, pairs, …
    pub by_order: [f64; ORDERS],
    /// Percentage of the n-grams that are in the reference, smoothed.
    pub precisions: [f64; ORDERS],
    /// What hypotheses shorter than their references are multiplied with.
    pub brevity_penalty: f64,
    /// Tokens of all hypotheses.
    pub hypothesis_length: usize,
    /// Tokens of all references.
    pub reference_length: usize,
}

/// BLEU of all `hypotheses` together, each with one reference.
///
/// ```text
/// p_n    = n-grams of the hypotheses that are in their reference, each at most as often as there / all of them
/// BLEU_N = BP · exp(1/N Σ_{n≤N} log p_n)        BP = min(1, e^{1 − reference length / hypothesis length})
/// ```
///
/// An order without a match counts as half a match, the next one as a quarter, and so on (NIST's smoothing, sacreBLEU's
/// `exp`). Without a single match, or with hypotheses too short for an order, the score is 0.
///
/// # Panics
/// If there are not as many references as hypotheses.
///
/// # References
/// Papineni, Roukos, Ward & Zhu (2002); Chen & Cherry (2014), smoothing 3; Post (2018), *A call for clarity in reporting BLEU
/// scores*, whose sacreBLEU gives the same figures (signature `nrefs:1|eff:no|smooth:exp`).
pub fn bleu(
    hypotheses: &[impl AsRef<str>],
    references: &[impl AsRef<str>],
    config: BleuConfig,
) -> Bleu {
    assert_eq!(
        hypotheses.len(),
        references.len(),
        "one reference for each hypothesis"
    );
    let references = references.iter().map(|reference| [reference]);
    bleu_of(hypotheses, references, config)
}

/// The same where a hypothesis may have several references: an n-gram counts as often as it stands in the reference that
/// has it most often, and the reference whose length is nearest counts for the brevity penalty, of two the shorter.
///
/// # Panics
/// If there are not references for each hypothesis.
pub fn bleu_of_many(
    hypotheses: &[impl AsRef<str>],
    references: &[Vec<impl AsRef<str>>],
    config: BleuConfig,
) -> Bleu {
    assert_eq!(
        hypotheses.len(),
        references.len(),
        "references for each hypothesis"
    );
    bleu_of(hypotheses, references.iter(), config)
}

fn bleu_of<R: AsRef<str>>(
    hypotheses: &[impl AsRef<str>],
    references: impl Iterator<Item = impl IntoIterator<Item = R>>,
    config: BleuConfig,
) -> Bleu {
    let mut counts = Counts::default();
    for (hypothesis, references) in hypotheses.iter().zip(references) {
        let hypothesis = prepared(hypothesis.as_ref(), config);
        let references = references.into_iter();
        let references: Vec<String> = references
            .map(|reference| prepared(reference.as_ref(), config))
            .collect();
        let cut_up: Vec<Vec<&str>> = references
            .iter()
            .map(|reference| cut(reference, config.tokenize))
            .collect();
        counts.add(&cut(&hypothesis, config.tokenize), &cut_up);
    }
    counts.score()
}

/// Matches over a corpus.
#[derive(Default)]
struct Counts {
    correct: [usize; ORDERS],
    total: [usize; ORDERS],
    hypothesis_length: usize,
    reference_length: usize,
}

impl Counts {
    fn add(&mut self, hypothesis: &[&str], references: &[Vec<&str>]) {
        self.hypothesis_length += hypothesis.len();
        let lengths = references.iter().map(Vec::len);
        let nearest = lengths.min_by_key(|length| (length.abs_diff(hypothesis.len()), *length));
        self.reference_length += nearest.expect("a reference for each hypothesis");
        for order in 1..=ORDERS {
            let mut left: HashMap<&[&str], usize> = HashMap::new();
            for reference in references {
                let mut counts: HashMap<&[&str], usize> = HashMap::new();
                for gram in reference.windows(order) {
                    *counts.entry(gram).or_default() += 1;
                }
                for (gram, count) in counts {
                    let most = left.entry(gram).or_default();
                    *most = count.max(*most);
                }
            }
            for gram in hypothesis.windows(order) {
                self.total[order - 1] += 1;
                if let Some(count) = left.get_mut(gram).filter(|count| **count > 0) {
                    *count -= 1;
                    self.correct[order - 1] += 1;
                }
            }
        }
    }

    fn score(&self) -> Bleu {
        let (length, wanted) = (self.hypothesis_length as f64, self.reference_length as f64);
        let brevity_penalty = match length < wanted {
            true if length > 0.0 => (1.0 - wanted / length).exp(),
            true => 0.0,
            false => 1.0,
        };
        let mut bleu = Bleu {
            score: 0.0,
            by_order: [0.0; ORDERS],
            precisions: [0.0; ORDERS],
            brevity_penalty,
            hypothesis_length: self.hypothesis_length,
            reference_length: self.reference_length,
        };
        if self.correct[0] == 0 {
            return bleu;
        }
        let (mut logarithms, mut share) = (0.0, 1.0);
        for order in 0..ORDERS {
            if self.total[order] == 0 {
                break;
            }
            let matches = match self.correct[order] {
                0 => {
                    share /= 2.0;
                    share
                }
                correct => correct as f64,
            };
            bleu.precisions[order] = 100.0 * matches / self.total[order] as f64;
            logarithms += bleu.precisions[order].ln();
            bleu.by_order[order] = brevity_penalty * (logarithms / (order + 1) as f64).exp();
        }
        bleu.score = bleu.by_order[ORDERS - 1];
        bleu
    }
}

/// A text as it is to be cut.
pub(super) fn prepared(text: &str, config: BleuConfig) -> String {
    let lowered;
    let text = match config.lowercase {
        true => {
            lowered = text.to_lowercase();
            lowered.as_str()
        }
        false => text,
    };
    let text = text.trim_end_matches(is_space);
    match config.tokenize {
        BleuTokens::Words => spaced(text),
        BleuTokens::Characters => text.to_owned(),
    }
}

pub(super) fn cut(text: &str, tokenize: BleuTokens) -> Vec<&str> {
    match tokenize {
        BleuTokens::Words => text
            .split(is_space)
            .filter(|token| !token.is_empty())
            .collect(),
        BleuTokens::Characters => text
            .char_indices()
            .filter(|(_, letter)| !is_space(*letter))
            .map(|(place, letter)| &text[place..place + letter.len_utf8()])
            .collect(),
    }
}

/// As Python splits: the four separators of ASCII are spaces too.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

/// mteval-v13a: spaces around punctuation, but not inside numbers.
fn spaced(text: &str) -> String {
    let text = text
        .replace("<skipped>", "")
        .replace("-\n", "")
        .replace('\n', " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let mut apart = String::with_capacity(2 * text.len() + 2);
    apart.push(' ');
    for letter in text.chars() {
        // ASCII's signs except ' , - and the full stop.
        match letter {
            ' '..='&' | '('..='+' | '/' | ':'..='@' | '['..='`' | '{'..='~' => {
                apart.extend([' ', letter, ' ']);
            }
            _ => apart.push(letter),
        }
    }
    apart.push(' ');
    let is_stop = |letter: char| letter == '.' || letter == ',';
    let is_digit = |letter: char| letter.is_ascii_digit();
    let apart = pairs(
        &apart,
        |a, b| !is_digit(a) && is_stop(b),
        [false, true, true],
    );
    let apart = pairs(
        &apart,
        |a, b| is_stop(a) && !is_digit(b),
        [true, true, false],
    );
    pairs(&apart, |a, b| is_digit(a) && b == '-', [false, true, true])
}

/// Spaces before, between and after the two letters of each pair that `wanted` takes, from left to right; no letter is
/// part of two pairs.
fn pairs(text: &str, wanted: impl Fn(char, char) -> bool, spaces: [bool; 3]) -> String {
    let mut result = String::with_capacity(text.len() + text.len() / 4);
    let mut letters = text.chars().peekable();
    let put = |result: &mut String, wanted: bool| result.extend(wanted.then_some(' '));
    while let Some(first) = letters.next() {
        match letters.next_if(|second| wanted(first, *second)) {
            Some(second) => {
                put(&mut result, spaces[0]);
                result.push(first);
                put(&mut result, spaces[1]);
                result.push(second);
                put(&mut result, spaces[2]);
            }
            None => result.push(first),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        config: BleuConfig,
        hypotheses: Vec<String>,
        references: Vec<String>,
        by_order: [f64; ORDERS],
        precisions: [f64; ORDERS],
        brevity_penalty: f64,
        lengths: [usize; 2],
    }

    /// The figures of `tests/golden/bleu.py`.
    #[test]
    fn every_figure_is_sacrebleus() {
        let cases = include_str!("../../tests/golden/bleu.json");
        let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
        assert_eq!(cases.len(), 15);
        for case in cases {
            let found = bleu(&case.hypotheses, &case.references, case.config);
            let lengths = [found.hypothesis_length, found.reference_length];
            assert_eq!(lengths, case.lengths, "{}", case.name);
            let figures = found.by_order.iter().chain(&found.precisions);
            let expected = case.by_order.iter().chain(&case.precisions);
            for (found, expected) in figures.zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{}: {found} {expected}",
                    case.name
                );
            }
            assert!((found.brevity_penalty - case.brevity_penalty).abs() < 1e-9);
            assert_eq!(found.score, found.by_order[3]);
        }
    }

    #[derive(Deserialize)]
    struct Many {
        hypotheses: Vec<String>,
        references: Vec<Vec<String>>,
        by_order: [f64; ORDERS],
        brevity_penalty: f64,
        lengths: [usize; 2],
    }

    #[test]
    fn several_references_are_counted_as_sacrebleu_counts_them() {
        let case: Many =
            serde_json::from_str(include_str!("../../tests/golden/bleu_many.json")).unwrap();
        let found = bleu_of_many(&case.hypotheses, &case.references, BleuConfig::default());
        let lengths = [found.hypothesis_length, found.reference_length];
        assert_eq!(lengths, case.lengths);
        for (found, expected) in found.by_order.iter().zip(case.by_order) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert!((found.brevity_penalty - case.brevity_penalty).abs() < 1e-9);
        let alone = case
            .references
            .iter()
            .map(|references| vec![&references[0]]);
        let alone = bleu_of_many(
            &case.hypotheses,
            &alone.collect::<Vec<_>>(),
            BleuConfig::default(),
        );
        let firsts: Vec<&String> = case
            .references
            .iter()
            .map(|references| &references[0])
            .collect();
        assert_eq!(
            alone,
            bleu(&case.hypotheses, &firsts, BleuConfig::default())
        );
    }

    #[test]
    #[should_panic(expected = "one reference for each hypothesis")]
    fn a_missing_reference_is_refused() {
        bleu(&["a", "b"], &["a"], BleuConfig::default());
    }
}
