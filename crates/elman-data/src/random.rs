//! The one generator behind every shuffle: all that is random in a run follows from its seed and the epoch.

/// A shuffled `0..count`, the same for the same seed and epoch.
pub fn shuffled(count: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = mix(&[seed, epoch as u64]);
    for last in (1..count).rev() {
        state = state.wrapping_add(GOLDEN);
        // The high half of a 128-bit product: a number in 0..=last, biased by less than count / 2⁶⁴.
        let draw = (u128::from(scramble(state)) * (last as u128 + 1)) >> 64;
        order.swap(last, draw as usize);
    }
    order
}

/// One number from several, each bit of which depends on all of them.
pub fn mix(numbers: &[u64]) -> u64 {
    numbers.iter().fold(GOLDEN, |state, number| {
        scramble(state.wrapping_add(GOLDEN) ^ scramble(number.wrapping_add(GOLDEN)))
    })
}

/// One number from a long series of them.
pub fn digest(numbers: impl IntoIterator<Item = u32>) -> u64 {
    let numbers = numbers.into_iter();
    numbers.fold(GOLDEN, |state, number| mix(&[state, u64::from(number)]))
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
fn scramble(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_a_permutation_that_depends_on_seed_and_epoch() {
        let first = shuffled(100, 7, 0);
        assert_eq!(first, shuffled(100, 7, 0));
        assert_ne!(first, shuffled(100, 7, 1));
        assert_ne!(first, shuffled(100, 8, 0));
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert!(shuffled(0, 7, 0).is_empty());
        assert_eq!(shuffled(1, 7, 0), [0]);
    }

    #[test]
    fn every_place_is_equally_likely() {
        let mut counts = [[0u32; 5]; 5];
        for seed in 0..10_000 {
            for (place, item) in shuffled(5, seed, 3).into_iter().enumerate() {
                counts[place][item] += 1;
            }
        }
        // 2000 expected in each cell with a standard deviation of 40.
        for count in counts.as_flattened() {
            assert!((1800..2200).contains(count), "{counts:?}");
        }
    }
}
