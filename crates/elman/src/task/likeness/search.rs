//! What is nearest to what.

use crate::metric::retrieval::{RetrievalMetrics, rank, roc_auc};
use crate::train::loss::Distance;
use elman_data::random::spread;

/// Things whose pairs are compared for the area under the ROC curve.
const PAIRED: usize = 1_000;

/// How far two vectors are from each other, as [`Distance::between`] computes it.
pub fn distance(kind: Distance, left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    match kind {
        Distance::Cosine => {
            let norms = dot(left, left).sqrt() * dot(right, right).sqrt();
            match norms > f32::MIN_POSITIVE {
                // Rounded, it may fall below.
                true => (1.0 - dot(left, right) / norms).max(0.0),
                false => 1.0,
            }
        }
        Distance::Euclidean => {
            let squares = left.iter().zip(right).map(|(a, b)| (a - b) * (a - b));
            squares.sum::<f32>().sqrt()
        }
    }
}

/// Vectors to search among.
#[derive(Clone, Copy, Debug)]
pub struct Among<'a, V = Vec<f32>> {
    /// One vector for each item.
    pub vectors: &'a [V],
    /// How far two are from each other.
    pub distance: Distance,
}

impl<V: AsRef<[f32]>> Among<'_, V> {
    /// How close each item is to a query: the negative distance.
    pub fn scores(&self, query: &[f32]) -> Vec<f32> {
        let score = |item: &V| -distance(self.distance, query, item.as_ref());
        self.vectors.iter().map(score).collect()
    }

    /// The `count` nearest to a query, the nearest first, with their distances; the earlier of equals first.
    pub fn nearest(&self, query: &[f32], count: usize) -> Vec<(usize, f32)> {
        let scores = self.scores(query);
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        order.truncate(count);
        let far = |item: usize| (item, -scores[item]);
        order.into_iter().map(far).collect()
    }
}

/// The mean distance of every vector on the left from every one on the right.
///
/// # Panics
/// If there are none on a side.
pub fn mean_distance(kind: Distance, left: &[&[f32]], right: &[&[f32]]) -> f64 {
    assert!(
        !left.is_empty() && !right.is_empty(),
        "mean_distance: there is nothing to compare"
    );
    let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
    let sum: f64 = pairs.map(|(a, b)| f64::from(distance(kind, a, b))).sum();
    sum / (left.len() * right.len()) as f64
}

/// What a search found, query by query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The place of the first item with the query's label; `None` if there is none.
    pub ranks: Vec<Option<usize>>,
    /// The nearest item of each query.
    pub nearest: Vec<usize>,
}

impl Found {
    /// The figures; nothing without queries.
    pub fn metrics(&self) -> Option<RetrievalMetrics> {
        RetrievalMetrics::of(&self.ranks)
    }
}

/// Searches for the queries with these labels among items with those; `scores` gives the closeness of each item to a query.
pub fn evaluate(queries: &[usize], items: &[usize], scores: impl Fn(usize) -> Vec<f32>) -> Found {
    let mut found = Found::default();
    for (query, label) in queries.iter().enumerate() {
        let scores = scores(query);
        let belongs: Vec<bool> = items.iter().map(|item| item == label).collect();
        found.ranks.push(rank(&scores, &belongs));
        let nearest = (0..scores.len()).reduce(|best, item| match scores[item] > scores[best] {
            true => item,
            false => best,
        });
        found.nearest.push(nearest.unwrap_or(0));
    }
    found
}

/// Of so many things, those that [`pair_auc`] compares with each other, in order: all of them or, of many, a sample that is spread
/// over them and always the same.
pub fn paired(count: usize) -> Vec<usize> {
    spread(count, PAIRED, 0)
}

/// How well closeness tells pairs of one label from pairs of two, over all pairs of things that are [`paired`]: the area under the
/// ROC curve. `scores` gives the closeness of two of them, the earlier first.
pub fn pair_auc(labels: &[usize], scores: impl Fn(usize, usize) -> f32) -> Option<f64> {
    let rows = paired(labels.len());
    let later = |(at, a): (usize, &usize)| rows[at + 1..].iter().map(|b| (*a, *b)).collect();
    let pairs: Vec<(usize, usize)> = rows
        .iter()
        .enumerate()
        .flat_map::<Vec<_>, _>(later)
        .collect();
    let together = pairs.iter().map(|(a, b)| labels[*a] == labels[*b]);
    let scores: Vec<f32> = pairs.iter().map(|(a, b)| scores(*a, *b)).collect();
    roc_auc(&scores, &together.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_of_things_from_all_over_the_file() {
        // The first thousand are of one label: they alone would show nothing of two.
        let labels: Vec<usize> = (0..3_000).map(|row| row / 1_000).collect();
        let closeness = |a: usize, b: usize| -((a / 1_000).abs_diff(b / 1_000) as f32);
        assert_eq!(pair_auc(&labels, closeness), Some(1.0));
        assert_eq!(paired(3_000).len(), 1_000);
        assert_eq!(paired(20), (0..20).collect::<Vec<_>>());
        assert!(paired(3_000).is_sorted() && paired(3_000)[999] >= 2_997);
        assert_eq!(pair_auc(&labels[..500], closeness), None);
    }
}
