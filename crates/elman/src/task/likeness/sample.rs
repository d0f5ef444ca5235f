//! What is set beside what: batches, and the triplets of a batch.

use elman_data::random::{mix, shuffled};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which thing of another class an anchor is held away from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negatives {
    /// The nearest of those that are farther than the positive, or the farthest if all are nearer (Schroff, Kalenichenko &
    /// Philbin, *FaceNet*, 2015): hard enough to learn from, and not so hard that everything collapses into one point.
    #[default]
    SemiHard,
    /// Any.
    Random,
}

/// An anchor, a thing of its own class and one of another, as places in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triplet {
    /// The anchor.
    pub anchor: usize,
    /// One of its class.
    pub positive: usize,
    /// One of another class.
    pub negative: usize,
}

/// Divides all rows into batches of about `batch_size`, each with `together` rows of most of its classes, so that every row
/// finds its like. Which rows, and in which order, follows from `(seed, epoch)`.
///
/// # Panics
/// If a size is zero.
pub fn class_batches(
    labels: &[usize],
    batch_size: usize,
    together: usize,
    seed: u64,
    epoch: usize,
) -> Vec<Vec<usize>> {
    assert!(batch_size > 0 && together > 0, "sizes must not be zero");
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for row in shuffled(labels.len(), seed, epoch) {
        classes.entry(labels[row]).or_default().push(row);
    }
    let groups: Vec<Vec<usize>> = classes
        .values()
        .flat_map(|rows| rows.chunks(together).map(<[usize]>::to_vec))
        .collect();
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for group in shuffled(groups.len(), seed.wrapping_add(1), epoch) {
        match batches.last_mut() {
            Some(last) if last.len() < batch_size => last.extend(&groups[group]),
            _ => batches.push(groups[group].clone()),
        }
    }
    batches
}

/// Every pair of one class in a batch, either way round, with a negative each; none for rows without a like or without an
/// unlike. `distances` is `[batch, batch]`; random negatives follow from `seed`.
///
/// # Panics
/// If there is not one distance for each pair of rows.
pub fn triplets(
    labels: &[usize],
    distances: &[f32],
    negatives: Negatives,
    seed: u64,
) -> Vec<Triplet> {
    let count = labels.len();
    assert_eq!(distances.len(), count * count, "a distance for each pair");
    let mut found = Vec::new();
    for anchor in 0..count {
        let unlike: Vec<usize> = (0..count)
            .filter(|row| labels[*row] != labels[anchor])
            .collect();
        let distance = |row: usize| distances[anchor * count + row];
        for positive in 0..count {
            if positive == anchor || labels[positive] != labels[anchor] {
                continue;
            }
            let near = |a: &&usize, b: &&usize| distance(**a).total_cmp(&distance(**b));
            let negative = match negatives {
                Negatives::SemiHard => unlike
                    .iter()
                    .filter(|row| distance(**row) > distance(positive))
                    .min_by(near)
                    .or_else(|| unlike.iter().max_by(near)),
                Negatives::Random => {
                    let draw = mix(&[seed, anchor as u64, positive as u64]);
                    unlike.get((draw % unlike.len().max(1) as u64) as usize)
                }
            };
            found.extend(negative.map(|negative| Triplet {
                anchor,
                positive,
                negative: *negative,
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [usize; 11] = [0, 1, 2, 0, 1, 2, 0, 1, 0, 3, 0];

    #[test]
    fn every_row_is_in_one_batch_beside_its_like() {
        let batches = class_batches(&LABELS, 4, 2, 7, 0);
        let mut rows = batches.concat();
        rows.sort_unstable();
        assert_eq!(rows, (0..11).collect::<Vec<_>>());
        assert_eq!(batches, class_batches(&LABELS, 4, 2, 7, 0));
        assert_ne!(batches, class_batches(&LABELS, 4, 2, 7, 1));
        assert_ne!(batches, class_batches(&LABELS, 4, 2, 8, 0));
        // Alone are only those whose class has an odd number of rows: one each of 0, 1 and 3.
        let alone = |batch: &Vec<usize>| {
            let like = |row: &usize| {
                batch
                    .iter()
                    .filter(|other| LABELS[**other] == LABELS[*row])
                    .count()
            };
            batch.iter().filter(|row| like(row) == 1).count()
        };
        assert!(batches.iter().map(alone).sum::<usize>() <= 3);
        assert!(batches.iter().all(|batch| batch.len() <= 5));
        assert!(class_batches(&[], 4, 2, 7, 0).is_empty());
    }

    #[test]
    fn semi_hard_negatives_by_hand() {
        // Rows 0 and 1 are of one class, 2 to 4 of others. Distances from row 0: 1 is at 2, the others at 1, 3 and 5.
        let labels = [0, 0, 1, 2, 2];
        let mut distances = vec![9.0; 25];
        distances[..5].copy_from_slice(&[0.0, 2.0, 1.0, 3.0, 5.0]);
        distances[5..10].copy_from_slice(&[2.0, 0.0, 1.0, 1.5, 0.5]); // all nearer than row 0
        let found = triplets(&labels, &distances, Negatives::SemiHard, 0);
        let expected = |anchor, positive, negative| Triplet {
            anchor,
            positive,
            negative,
        };
        assert_eq!(found[..2], [expected(0, 1, 3), expected(1, 0, 3)]);
        assert_eq!(found.len(), 4);
        let random = triplets(&labels, &distances, Negatives::Random, 5);
        assert_eq!(random.len(), 4);
        for triplet in random {
            assert_eq!(labels[triplet.anchor], labels[triplet.positive]);
            assert_ne!(labels[triplet.anchor], labels[triplet.negative]);
        }
    }

    #[test]
    fn a_batch_of_one_class_or_of_strangers_has_none() {
        for negatives in [Negatives::SemiHard, Negatives::Random] {
            assert!(triplets(&[4, 4], &[0.0; 4], negatives, 0).is_empty());
            assert!(triplets(&[1, 2, 3], &[0.0; 9], negatives, 0).is_empty());
            assert!(triplets(&[], &[], negatives, 0).is_empty());
        }
    }
}
