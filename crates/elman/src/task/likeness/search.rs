//! What is nearest to what.

use crate::metric::retrieval::{RetrievalMetrics, rank, roc_auc};
use crate::train::loss::Distance;

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

/// Of so many things, how many [`pair_auc`] compares with each other.
pub fn paired(count: usize) -> usize {
    count.min(PAIRED)
}

/// How well closeness tells pairs of one label from pairs of two, over all pairs of the first things ([`paired`]): the area
/// under the ROC curve. `scores` gives the closeness of two of them, the earlier first.
pub fn pair_auc(labels: &[usize], scores: impl Fn(usize, usize) -> f32) -> Option<f64> {
    let count = paired(labels.len());
    let pairs = || (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
    let together: Vec<bool> = pairs().map(|(a, b)| labels[a] == labels[b]).collect();
    let scores: Vec<f32> = pairs().map(|(a, b)| scores(a, b)).collect();
    roc_auc(&scores, &together)
}
