//! How well classes were told apart: accuracy with its interval, F1, and which class was taken for which.
//!
//! The figures are those of scikit-learn's `classification_report` over the classes that occur or are predicted; a
//! quotient without a denominator is `None`, where scikit-learn warns and puts zero.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The quantile of the normal distribution that leaves 2.5 % on either side.
const TWO_SIDED_95: f64 = 1.959_963_984_540_054;

/// Which class was taken for which, how often. Only pairs that occur are kept, so thousands of classes cost nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// By actual and predicted class.
    counts: BTreeMap<(usize, usize), u64>,
    classes: usize,
}

/// One class mistaken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// The class it was.
    pub actual: usize,
    /// The class it was taken for.
    pub predicted: usize,
    /// How often.
    pub count: u64,
}

/// The figures of one class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Share of its predictions that were right; `None` if it was never predicted.
    pub precision: Option<f64>,
    /// Share of its examples that were found; `None` if it has none.
    pub recall: Option<f64>,
    /// `2 · right / (examples + predictions)`, the harmonic mean of the two; `None` if it neither occurs nor was predicted.
    pub f1: Option<f64>,
    /// Its examples.
    pub support: u64,
}

/// The figures of one classifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Share of the examples that were classified rightly.
    pub accuracy: f64,
    /// 95 % interval of the accuracy, see [`wilson`].
    pub interval: Interval,
    /// Mean F1 of the classes: each counts the same, however rare.
    pub macro_f1: f64,
    /// Mean F1 of the classes, weighted by their examples.
    pub weighted_f1: f64,
    /// Examples.
    pub count: u64,
    /// One entry for each class.
    pub per_class: Vec<ClassFigures>,
}

/// Where a share probably lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Half its width, as written after ±.
    pub fn half(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The 95 % interval of a share of which `successes` out of `trials` were seen: all shares from which they are not a
/// surprise. Unlike `p ± 1.96 √(p (1 − p) / n)` it stays within 0 and 1 and has a width at 0 % and 100 %. `None` without trials.
///
/// # Panics
/// If there are more successes than trials.
///
/// # References
/// Wilson, *Probable inference, the law of succession, and statistical inference* (1927).
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    assert!(
        successes <= trials,
        "wilson: {successes} successes in {trials} trials"
    );
    if trials == 0 {
        return None;
    }
    let (n, z2) = (trials as f64, TWO_SIDED_95 * TWO_SIDED_95);
    let share = successes as f64 / n;
    let centre = share + z2 / (2.0 * n);
    let spread = TWO_SIDED_95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Some(Interval {
        low: ((centre - spread) / scale).max(0.0),
        high: ((centre + spread) / scale).min(1.0),
    })
}

impl Confusion {
    /// Counts pairs of an actual and a predicted class.
    ///
    /// # Panics
    /// If a class is not below `classes`.
    pub fn new(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = BTreeMap::new();
        for pair in pairs {
            let (actual, predicted) = pair;
            assert!(
                actual < classes && predicted < classes,
                "Confusion: {pair:?} is not a pair of {classes} classes"
            );
            *counts.entry(pair).or_default() += 1;
        }
        Self { counts, classes }
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often class `actual` was taken for class `predicted`.
    pub fn count(&self, actual: usize, predicted: usize) -> u64 {
        self.counts
            .get(&(actual, predicted))
            .copied()
            .unwrap_or_default()
    }

    /// The mistakes, the most frequent first.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let wrong = self.counts.iter().filter(|((a, p), _)| a != p);
        let mut mistakes: Vec<_> = wrong
            .map(|(&(actual, predicted), &count)| Mistake {
                actual,
                predicted,
                count,
            })
            .collect();
        mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.count));
        mistakes
    }

    /// The share of each of these classes that was taken for each of them, row-major, a row for each actual class; a
    /// class without examples has a row of zeros.
    ///
    /// # Panics
    /// If one is not a class.
    pub fn shares(&self, of: &[usize]) -> Vec<f64> {
        let support = self.sums().0;
        let share = |actual: usize, predicted: usize| {
            self.count(actual, predicted) as f64 / support[actual].max(1) as f64
        };
        of.iter()
            .flat_map(|actual| of.iter().map(move |predicted| (*actual, *predicted)))
            .map(|(actual, predicted)| share(actual, predicted))
            .collect()
    }

    /// All figures; `None` if nothing was counted.
    pub fn metrics(&self) -> Option<ClassMetrics> {
        let (support, predicted) = self.sums();
        let count: u64 = support.iter().sum();
        let right = |class| self.count(class, class);
        let correct: u64 = (0..self.classes).map(right).sum();
        let interval = wilson(correct, count)?;
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        let per_class: Vec<_> = (0..self.classes)
            .map(|class| ClassFigures {
                precision: share(right(class), predicted[class]),
                recall: share(right(class), support[class]),
                f1: share(2 * right(class), support[class] + predicted[class]),
                support: support[class],
            })
            .collect();
        let f1 = || per_class.iter().filter_map(|class| class.f1);
        let weighted = per_class
            .iter()
            .map(|class| class.f1.unwrap_or_default() * class.support as f64);
        Some(ClassMetrics {
            accuracy: correct as f64 / count as f64,
            interval,
            macro_f1: f1().sum::<f64>() / f1().count() as f64,
            weighted_f1: weighted.sum::<f64>() / count as f64,
            count,
            per_class,
        })
    }

    /// Examples, and predictions, of each class.
    fn sums(&self) -> (Vec<u64>, Vec<u64>) {
        let (mut support, mut predicted) = (vec![0; self.classes], vec![0; self.classes]);
        for (&(a, p), &count) in &self.counts {
            support[a] += count;
            predicted[p] += count;
        }
        (support, predicted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-12
    }

    /// The figures of scikit-learn 1.9:
    ///
    /// ```python
    /// accuracy_score(y, p), f1_score(y, p, average="macro"), f1_score(y, p, average="weighted")
    /// precision_recall_fscore_support(y, p, zero_division=numpy.nan)
    /// ```
    #[test]
    fn figures_are_those_of_scikit_learn() {
        let actual = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 0, 1];
        let predicted = [0, 1, 0, 1, 1, 2, 0, 2, 2, 1, 0, 2];
        // A fifth class that neither occurs nor is predicted changes nothing.
        let confusion = Confusion::new(5, actual.into_iter().zip(predicted));
        let metrics = confusion.metrics().unwrap();
        assert!(close(metrics.accuracy, 2.0 / 3.0));
        assert!(
            close(metrics.macro_f1, 0.517_857_142_857_142_8),
            "{}",
            metrics.macro_f1
        );
        assert!(
            close(metrics.weighted_f1, 0.642_857_142_857_142_8),
            "{}",
            metrics.weighted_f1
        );
        let figures: Vec<_> = metrics
            .per_class
            .iter()
            .map(|c| (c.precision, c.recall, c.f1, c.support))
            .collect();
        let (half, three_quarters) = (Some(0.5), Some(0.75));
        assert_eq!(
            figures,
            [
                (three_quarters, three_quarters, three_quarters, 4),
                (half, Some(2.0 / 3.0), Some(4.0 / 7.0), 3),
                (three_quarters, three_quarters, three_quarters, 4),
                (None, Some(0.0), Some(0.0), 1),
                (None, None, None, 0),
            ]
        );
    }

    #[test]
    fn mistakes_and_shares_by_hand() {
        let pairs = [(0, 1), (1, 0), (0, 1), (1, 1), (0, 0), (0, 1)];
        let confusion = Confusion::new(3, pairs);
        assert_eq!(confusion.count(0, 1), 3);
        let mistakes: Vec<_> = confusion
            .mistakes()
            .iter()
            .map(|m| (m.actual, m.predicted, m.count))
            .collect();
        assert_eq!(mistakes, [(0, 1, 3), (1, 0, 1)]);
        assert_eq!(
            confusion.shares(&[1, 0, 2]),
            [0.5, 0.5, 0.0, 0.75, 0.25, 0.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(Confusion::new(3, []).metrics(), None);
    }

    /// `scipy.stats.binomtest(k, n).proportion_ci(0.95, "wilson")`
    #[test]
    fn intervals_are_those_of_scipy() {
        for (successes, trials, low, high) in [
            (81, 100, 0.722_211_546_209_356_2, 0.874_852_484_902_312_6),
            (0, 5, 0.0, 0.434_482_464_783_174_8),
            (5, 5, 0.565_517_535_216_825_1, 1.0),
            (1500, 1821, 0.805_545_173_210_022_4, 0.840_538_350_539_997_1),
        ] {
            let found = wilson(successes, trials).unwrap();
            assert!(
                close(found.low, low) && close(found.high, high),
                "{found:?}"
            );
        }
        assert_eq!(wilson(0, 0), None);
    }
}
