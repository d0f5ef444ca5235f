//! How well what belongs together is found.

use serde::{Deserialize, Serialize};

/// The figures of one search over several queries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetrievalMetrics {
    /// Share of the queries whose nearest item belongs to them.
    pub recall_1: f64,
    /// Share of the queries with one that belongs to them among the five nearest.
    pub recall_5: f64,
    /// Mean of `1 / rank` of the nearest item that belongs (mean reciprocal rank).
    pub mrr: f64,
    /// Queries.
    pub queries: usize,
}

impl RetrievalMetrics {
    /// From the [`rank`] of each query; one without any item that belongs counts as found nowhere. `None` without queries.
    pub fn of(ranks: &[Option<usize>]) -> Option<Self> {
        let queries = ranks.len();
        let share = |most: usize| {
            let found = ranks.iter().flatten().filter(|rank| **rank <= most);
            found.count() as f64 / queries as f64
        };
        (queries > 0).then(|| Self {
            recall_1: share(1),
            recall_5: share(5),
            mrr: ranks
                .iter()
                .flatten()
                .map(|rank| 1.0 / *rank as f64)
                .sum::<f64>()
                / queries as f64,
            queries,
        })
    }
}

/// The place, from 1, of the first item that belongs to a query when items are listed by falling score; of equal scores
/// the earlier item comes first. `None` if none belongs.
///
/// # Panics
/// If there is not one score for each item.
pub fn rank(scores: &[f32], belongs: &[bool]) -> Option<usize> {
    assert_eq!(scores.len(), belongs.len(), "one score for each item");
    let best = (0..scores.len())
        .filter(|item| belongs[*item])
        .reduce(|best, item| match scores[item] > scores[best] {
            true => item,
            false => best,
        })?;
    let before = |item: &usize| {
        scores[*item] > scores[best] || (scores[*item] == scores[best] && *item < best)
    };
    Some(1 + (0..scores.len()).filter(before).count())
}

/// The area under the ROC curve: how probably a pair that belongs together scores higher than one that does not, equal
/// scores counting half (Hanley & McNeil, 1982). `None` if either kind is missing. Scores must not be NaN.
///
/// # Panics
/// If there is not one score for each pair.
pub fn roc_auc(scores: &[f32], together: &[bool]) -> Option<f64> {
    assert_eq!(scores.len(), together.len(), "one score for each pair");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let positives = together.iter().filter(|one| **one).count() as f64;
    let negatives = scores.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    // The sum of the positives' ranks, equal scores sharing the mean of theirs (Mann & Whitney's U).
    let (mut sum, mut before) = (0.0, 0.0);
    for equal in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let count = equal.len() as f64;
        let own = equal.iter().filter(|pair| together[**pair]).count() as f64;
        sum += own * (before + (count + 1.0) / 2.0);
        before += count;
    }
    Some((sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_by_hand() {
        let belongs = [false, true, false, true, false];
        assert_eq!(rank(&[0.9, 0.2, 0.5, 0.6, 0.1], &belongs), Some(2));
        // Equal scores: the earlier item comes first.
        assert_eq!(rank(&[0.6, 0.2, 0.6, 0.6, 0.6], &belongs), Some(3));
        assert_eq!(rank(&[0.6; 5], &[false; 5]), None);
        assert_eq!(rank(&[], &[]), None);
    }

    #[test]
    fn recall_and_reciprocal_ranks_by_hand() {
        let found = RetrievalMetrics::of(&[Some(1), Some(4), None, Some(10)]).unwrap();
        assert_eq!((found.recall_1, found.recall_5), (0.25, 0.5));
        assert!((found.mrr - (1.0 + 0.25 + 0.1) / 4.0).abs() < 1e-12);
        assert_eq!(RetrievalMetrics::of(&[]), None);
    }

    /// `roc_auc_score([0, 1, 1, 0, 1, 0, 0], [0.1, 0.4, 0.35, 0.8, 0.8, 0.1, 0.35])` of scikit-learn
    #[test]
    fn the_area_is_that_of_scikit_learn() {
        let scores = [0.1, 0.4, 0.35, 0.8, 0.8, 0.1, 0.35];
        let together = [false, true, true, false, true, false, false];
        let area = roc_auc(&scores, &together).unwrap();
        assert!((area - 0.75).abs() < 1e-12, "{area}");
        assert_eq!(roc_auc(&[0.3, 0.2], &[true, true]), None);
        assert_eq!(roc_auc(&[0.3, 0.3], &[true, false]), Some(0.5));
    }
}
