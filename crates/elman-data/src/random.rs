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

/// At most `most` of `0..count`, in order and spread over all of it: one of each of as many parts of equal size, drawn by the seed.
/// All of them, where there are no more.
pub fn spread(count: usize, most: usize, seed: u64) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let bound = |part: usize| (part as u128 * count as u128 / most as u128) as usize;
    let mut stream = Stream::new(&[seed, count as u64]);
    let draw = |part: usize| bound(part) + stream.below(bound(part + 1) - bound(part));
    (0..most).map(draw).collect()
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

/// A stream of numbers that follows from its seeds alone, the same on every machine: SplitMix64.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// The stream of these seeds, e.g. `[seed, number of the example]`.
    pub fn new(seeds: &[u64]) -> Self {
        Self(mix(seeds))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        scramble(self.0)
    }

    /// One of `0..count`, each as likely as the others up to `count / 2⁶⁴`.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        assert!(count > 0, "there is nothing to choose from");
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// A number in `[0, 1)`, a multiple of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in `[low, high)`; `low` where both are the same.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        (f64::from(low) + (f64::from(high) - f64::from(low)) * self.unit()) as f32
    }

    /// A number of the normal distribution with mean 0 and deviation 1 (Box & Muller, 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.unit()).cos()) as f32
    }
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
    fn a_sample_is_spread_over_all_and_depends_on_the_seed() {
        assert_eq!(spread(5, 9, 1), [0, 1, 2, 3, 4]);
        assert_eq!(spread(5, 5, 1), [0, 1, 2, 3, 4]);
        assert!(spread(5, 0, 1).is_empty() && spread(0, 5, 1).is_empty());
        let some = spread(1_000, 300, 1);
        assert_eq!(some, spread(1_000, 300, 1));
        assert_ne!(some, spread(1_000, 300, 2));
        assert!(some.len() == 300 && some.is_sorted_by(|a, b| a < b));
        // One of each three or four side by side.
        for (part, row) in some.iter().enumerate() {
            assert!(
                (part * 10 / 3..(part + 1) * 10 / 3).contains(row),
                "{part}: {row}"
            );
        }
    }

    #[test]
    fn a_stream_follows_its_seeds_and_its_distributions() {
        let take = |seeds: &[u64]| -> Vec<u64> {
            let mut stream = Stream::new(seeds);
            (0..4).map(|_| stream.bits()).collect()
        };
        assert_eq!(take(&[1, 2]), take(&[1, 2]));
        assert_ne!(take(&[1, 2]), take(&[2, 1]));
        let mut stream = Stream::new(&[3]);
        let numbers: Vec<f64> = (0..40_000).map(|_| f64::from(stream.normal())).collect();
        let moment = |power| numbers.iter().map(|x| x.powi(power)).sum::<f64>() / 40_000.0;
        // Standard errors of the first four moments: 0.005, 0.007, 0.02 and 0.05.
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03);
        assert!(moment(3).abs() < 0.08 && (moment(4) - 3.0).abs() < 0.2);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[stream.below(7)] += 1;
        }
        assert!(
            counts.iter().all(|count| (9_600..10_400).contains(count)),
            "{counts:?}"
        );
        let uniform: Vec<f32> = (0..10_000).map(|_| stream.between(-2.0, 6.0)).collect();
        assert!(uniform.iter().all(|x| (-2.0..6.0).contains(x)));
        let mean = uniform.iter().sum::<f32>() / 10_000.0;
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        assert_eq!(stream.between(0.5, 0.5), 0.5);
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
