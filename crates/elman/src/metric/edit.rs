//! How many changes lie between what was said and what should have been.

use serde::{Deserialize, Serialize};

/// Changes over all texts: `(substitutions + deletions + insertions) / length`, the error rate of speech recognition, by
/// characters CER and by words WER. It can exceed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRate {
    /// The fewest changes that make one sequence of the other, added up.
    pub changes: usize,
    /// What the right sequences hold, added up.
    pub length: usize,
}

impl ErrorRate {
    /// Adds what was said and what should have been.
    pub fn add<T: PartialEq>(&mut self, said: &[T], right: &[T]) {
        self.changes += distance(said, right);
        self.length += right.len();
    }

    /// Changes for each thing that should have been said; of nothing, as many as were made.
    pub fn rate(&self) -> f64 {
        self.changes as f64 / self.length.max(1) as f64
    }
}

/// The fewest substitutions, deletions and insertions that make one sequence of the other (Levenshtein, 1966).
pub fn distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = above + 1;
        for (place, y) in b.iter().enumerate() {
            let substituted = corner + usize::from(x != y);
            corner = row[place + 1];
            row[place + 1] = substituted.min(corner + 1).min(row[place] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changes_by_hand() {
        let changes = |a: &str, b: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            distance(&letters(a), &letters(b))
        };
        for (a, b, expected) in [
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abc", "", 3),
            ("flaw", "lawn", 2),
            ("한국어", "한국", 1),
        ] {
            assert_eq!(changes(a, b), expected, "{a} {b}");
        }
        let mut rate = ErrorRate::default();
        rate.add(&[1, 2, 3], &[1, 3]);
        rate.add(&[4], &[5, 6]);
        assert_eq!((rate.changes, rate.length, rate.rate()), (3, 4, 0.75));
        assert_eq!(ErrorRate::default().rate(), 0.0);
    }

    proptest! {
        #[test]
        fn it_is_a_distance(a in prop::collection::vec(0u8..3, 0..8), b in prop::collection::vec(0u8..3, 0..8), c in prop::collection::vec(0u8..3, 0..8)) {
            let near = distance(&a, &b);
            prop_assert_eq!(near, distance(&b, &a));
            prop_assert_eq!(near == 0, a == b);
            prop_assert!(near >= a.len().abs_diff(b.len()) && near <= a.len().max(b.len()));
            prop_assert!(distance(&a, &c) <= near + distance(&b, &c));
        }
    }
}
