//! Batches of sequences of like length, so that padding costs little.

use crate::random::{mix, shuffled};

/// The most batches' worth of sequences that are sorted together.
///
/// More would pad less, but would also tie a sequence to the same neighbours in every epoch.
const POOL: usize = 100;

/// By how many per cent a sequence may count as longer than it is, so that lengths of which no two are equal do not
/// make the same batches in every epoch.
const JITTER: u64 = 3;

/// Divides sequences into batches of `batch_size`, each of sequences of like length.
///
/// Which sequences share a batch, and the order of the batches, change with `seed` and `epoch` and with nothing else.
/// Every sequence is in exactly one batch. If `batch_size` does not divide their number, one batch is shorter.
///
/// # Panics
/// If `batch_size` is 0.
pub fn batches(lengths: &[usize], batch_size: usize, seed: u64, epoch: usize) -> Vec<Vec<usize>> {
    assert!(
        batch_size > 0,
        "batches: a batch holds at least one sequence"
    );
    let mut order = shuffled(lengths.len(), seed, epoch);
    // Pools of the same number of batches: a small one would pad much.
    let count = lengths.len().div_ceil(batch_size).max(1);
    let pool = count.div_ceil(count.div_ceil(POOL));
    for pool in order.chunks_mut(batch_size.saturating_mul(pool)) {
        // Equal lengths stay shuffled (the sort is stable), and those that are nearly equal change places.
        pool.sort_by_cached_key(|&sequence| {
            let length = lengths[sequence] as u64;
            let draw = mix(&[seed, epoch as u64, sequence as u64]) % 1024;
            length * 1024 + length * draw * JITTER / 100
        });
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(batch_size).map(<[usize]>::to_vec).collect();
    // Another stream of numbers than the first shuffle, which has the same seed and epoch.
    shuffled(batches.len(), mix(&[seed, ORDER]), epoch)
        .into_iter()
        .map(|batch| std::mem::take(&mut batches[batch]))
        .collect()
}

/// Tells the shuffle of the batches from that of the sequences.
const ORDER: u64 = 1;

/// The share of steps that are padding when every batch is padded to its longest sequence: 0 for none.
pub fn padded_share(lengths: &[usize], batches: &[Vec<usize>]) -> f64 {
    let (mut steps, mut valid) = (0, 0);
    for batch in batches {
        let longest = batch.iter().map(|&sequence| lengths[sequence]).max();
        steps += longest.unwrap_or(0) * batch.len();
        valid += batch
            .iter()
            .map(|&sequence| lengths[sequence])
            .sum::<usize>();
    }
    if steps == 0 {
        0.0
    } else {
        (steps - valid) as f64 / steps as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lengths with the mean and the deviation of those of SST-2, in words.
    fn sentences(count: usize) -> Vec<usize> {
        (0..count as u64)
            .map(|i| {
                let uniform = |salt| (mix(&[i, salt]) >> 11) as f64 / (1u64 << 53) as f64;
                let normal = (-2.0 * (1.0 - uniform(0)).ln()).sqrt()
                    * (std::f64::consts::TAU * uniform(1)).cos();
                (19.3 + 9.3 * normal).max(2.0) as usize
            })
            .collect()
    }

    #[test]
    fn padding_is_small_where_plain_shuffling_wastes_much() {
        for (count, batch_size) in [(12_544, 32), (6_920, 64), (29_000, 128)] {
            let lengths = sentences(count);
            let plain: Vec<Vec<usize>> = shuffled(count, 7, 0)
                .chunks(batch_size)
                .map(<[usize]>::to_vec)
                .collect();
            let (plain, bucketed) = (
                padded_share(&lengths, &plain),
                padded_share(&lengths, &batches(&lengths, batch_size, 7, 0)),
            );
            assert!(plain > 0.25 && bucketed < 0.05, "{plain} {bucketed}");
        }
    }

    #[test]
    fn composition_and_order_change_with_the_epoch() {
        let lengths: Vec<usize> = (200..1200).collect(); // no two alike
        let first = batches(&lengths, 16, 3, 0);
        assert_eq!(first, batches(&lengths, 16, 3, 0));
        for mut other in [batches(&lengths, 16, 3, 1), batches(&lengths, 16, 4, 0)] {
            assert_ne!(first, other);
            other.iter_mut().for_each(|batch| batch.sort_unstable());
            let kept = first.iter().filter(|batch| {
                let mut batch = (*batch).clone();
                batch.sort_unstable();
                other.contains(&batch)
            });
            let kept = kept.count();
            assert!(
                kept <= 3,
                "{kept} of {} batches are composed alike",
                first.len()
            );
        }
        // Not from short to long: the first half of the batches is about as long as the second.
        let mean = |batches: &[Vec<usize>]| {
            let all: Vec<usize> = batches.iter().flatten().map(|&i| lengths[i]).collect();
            all.iter().sum::<usize>() as f64 / all.len() as f64
        };
        let (front, back) = first.split_at(first.len() / 2);
        assert!((mean(front) / mean(back) - 1.0).abs() < 0.5);
    }

    #[test]
    fn nothing_and_empty_sequences() {
        assert!(batches(&[], 4, 0, 0).is_empty());
        assert_eq!(padded_share(&[], &[]), 0.0);
        assert_eq!(padded_share(&[0, 0], &[vec![0, 1]]), 0.0);
        assert_eq!(padded_share(&[1, 3], &[vec![0, 1]]), 2.0 / 6.0);
    }

    proptest! {
        #[test]
        fn every_sequence_is_in_one_batch(
            lengths in prop::collection::vec(0usize..50, 0..300), batch_size in 1usize..40, seed: u64, epoch in 0usize..5,
        ) {
            let batches = batches(&lengths, batch_size, seed, epoch);
            let mut all: Vec<usize> = batches.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
            let short = batches.iter().filter(|batch| batch.len() < batch_size).count();
            prop_assert!(short <= 1 && batches.iter().all(|batch| !batch.is_empty() && batch.len() <= batch_size));
        }
    }
}
