//! The simplest translator: what was answered to the likest source.

use super::pairs::Pair;
use crate::baseline::text::CountFeatures;

/// Sources by their tokens, rare ones weighing more, so that the likest can be looked up (Salton & Buckley, 1988).
pub(super) struct Memory<'a> {
    pairs: &'a [Pair],
    features: CountFeatures,
    rarity: Vec<f32>,
    /// The sources in which each token occurs, with its weight there.
    places: Vec<Vec<(usize, f32)>>,
}

impl<'a> Memory<'a> {
    pub(super) fn new(pairs: &'a [Pair]) -> Self {
        let sources: Vec<Vec<u32>> = pairs.iter().map(|pair| pair.read.clone()).collect();
        let features = CountFeatures::learn(&sources, 1, usize::MAX);
        let mut within = vec![0usize; features.len()];
        for source in &sources {
            for (feature, _) in features.count(source) {
                within[feature as usize] += 1;
            }
        }
        let rarity = |within: &usize| {
            let share = (1 + pairs.len()) as f32 / (1 + within) as f32;
            1.0 + share.ln()
        };
        let mut memory = Self {
            pairs,
            rarity: within.iter().map(rarity).collect(),
            places: vec![Vec::new(); features.len()],
            features,
        };
        for (place, source) in sources.iter().enumerate() {
            for (feature, weight) in memory.weights(source) {
                memory.places[feature as usize].push((place, weight));
            }
        }
        memory
    }

    /// Weighted counts of length one.
    fn weights(&self, source: &[u32]) -> Vec<(u32, f32)> {
        let mut weights = self.features.count(source);
        for (feature, weight) in &mut weights {
            *weight *= self.rarity[*feature as usize];
        }
        let squares = weights.iter().map(|(_, weight)| weight * weight);
        let length = squares.sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        weights.iter_mut().for_each(|(_, weight)| *weight /= length);
        weights
    }

    /// The target of the likest source by cosine, of equals the first.
    pub(super) fn answer(&self, source: &[u32]) -> &'a str {
        let mut cosines = vec![0.0f32; self.pairs.len()];
        for (feature, weight) in self.weights(source) {
            for (place, own) in &self.places[feature as usize] {
                cosines[*place] += weight * own;
            }
        }
        let best = (0..cosines.len()).rev();
        let best = best.max_by(|a, b| cosines[*a].total_cmp(&cosines[*b]));
        best.map_or("", |place| &self.pairs[place].target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_shared_token_outweighs_a_common_one() {
        let pair = |read: &[u32], target: &str| Pair {
            source: String::new(),
            target: target.into(),
            read: read.to_vec(),
            written: Vec::new(),
        };
        let pairs = [
            pair(&[1, 2, 9], "first"),
            pair(&[1, 3, 9], "second"),
            pair(&[1, 3, 4, 9], "third"),
        ];
        let memory = Memory::new(&pairs);
        assert_eq!(memory.answer(&[1, 3, 9]), "second");
        assert_eq!(memory.answer(&[2, 3, 9]), "first");
        assert_eq!(memory.answer(&[4]), "third");
        assert_eq!(memory.answer(&[77]), "first", "nothing is alike");
    }
}
