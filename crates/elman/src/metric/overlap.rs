//! How much of an answer is in the right one: for answers where many are right, and none of them word for word.

use super::bleu::{BleuConfig, cut, prepared};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Agreement of answers with their references, mean over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// Percentage of answers that are the reference, token by token.
    pub exact: f64,
    /// Mean F1 of the tokens that an answer and its reference share, in per cent: the harmonic mean of the share of the answer
    /// that is in the reference and the share of the reference that is in the answer, each token as often as it occurs in
    /// both (SQuAD: Rajpurkar et al., 2016).
    pub f1: f64,
}

/// Compares answers with their references, cut as for BLEU.
///
/// # Panics
/// If there are not as many references as answers.
pub fn overlap(
    answers: &[impl AsRef<str>],
    references: &[impl AsRef<str>],
    config: BleuConfig,
) -> Overlap {
    assert_eq!(
        answers.len(),
        references.len(),
        "one reference for each answer"
    );
    let mut sums = Overlap::default();
    for (answer, reference) in answers.iter().zip(references) {
        let (answer, reference) = (
            prepared(answer.as_ref(), config),
            prepared(reference.as_ref(), config),
        );
        let (answer, reference) = (
            cut(&answer, config.tokenize),
            cut(&reference, config.tokenize),
        );
        sums.exact += f64::from(answer == reference);
        sums.f1 += f1(&answer, &reference);
    }
    let share = 100.0 / answers.len().max(1) as f64;
    Overlap {
        exact: share * sums.exact,
        f1: share * sums.f1,
    }
}

fn f1(answer: &[&str], reference: &[&str]) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for token in reference {
        *left.entry(token).or_default() += 1;
    }
    let mut shared = 0;
    for token in answer {
        if let Some(count) = left.get_mut(token).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    match answer.len() + reference.len() {
        0 => 1.0, // nothing was asked for, and nothing given
        tokens => 2.0 * f64::from(shared) / tokens as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let config = BleuConfig::default();
        let found = overlap(
            &["the cat sat", "yes.", "no", "a a"],
            &["a cat sat down", "yes .", "maybe", "a"],
            config,
        );
        // 2·2/7, 1, 0, 2·1/3
        let f1 = 100.0 * (4.0 / 7.0 + 1.0 + 2.0 / 3.0) / 4.0;
        assert!((found.f1 - f1).abs() < 1e-9, "{found:?}");
        assert_eq!(found.exact, 25.0);
        let nothing: [&str; 0] = [];
        assert_eq!(overlap(&nothing, &nothing, config), Overlap::default());
        assert_eq!(overlap(&[""], &[""], config).f1, 100.0);
    }
}
