//! The simple search: texts as bags of counts, near when they share words.

use super::CountFeatures;
use elman_data::Ragged;

/// What a shared token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// Every token the same.
    Counts,
    /// Rare tokens more: `1 + ln((1 + texts) / (1 + texts with it))`, scikit-learn's smooth inverse document frequency.
    Rarity,
}

/// Texts as weighted counts of length one.
#[derive(Clone, Debug)]
pub struct Bags {
    features: CountFeatures,
    weights: Vec<f32>,
    /// The texts in which each feature occurs, with its weight there.
    postings: Vec<Vec<(u32, f32)>>,
    texts: usize,
}

impl Bags {
    /// The bags of texts to search among; the tokens and their rarity are known from `training`.
    pub fn new(training: &Ragged<u32>, texts: &Ragged<u32>, weighting: Weighting) -> Self {
        let features = CountFeatures::learn(training, 1, usize::MAX);
        let mut within = vec![0usize; features.len()];
        for text in training.iter() {
            for (feature, _) in features.count(text) {
                within[feature as usize] += 1;
            }
        }
        let rarity = |within: &usize| {
            let share = (1 + training.len()) as f64 / (1 + within) as f64;
            (1.0 + share.ln()) as f32
        };
        let weights = match weighting {
            Weighting::Counts => vec![1.0; features.len()],
            Weighting::Rarity => within.iter().map(rarity).collect(),
        };
        let mut bags = Self {
            postings: vec![Vec::new(); features.len()],
            features,
            weights,
            texts: texts.len(),
        };
        for (text, tokens) in (0..).zip(texts.iter()) {
            for (feature, weight) in bags.bag(tokens) {
                bags.postings[feature as usize].push((text, weight));
            }
        }
        bags
    }

    /// Weighted counts of length one, in rising order of their features; nothing for a text of unknown tokens.
    pub fn bag(&self, tokens: &[u32]) -> Vec<(u32, f32)> {
        let mut bag = self.features.count(tokens);
        for (feature, count) in &mut bag {
            *count *= self.weights[*feature as usize];
        }
        let length = bag
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f32>()
            .sqrt();
        for (_, weight) in &mut bag {
            *weight /= length.max(f32::MIN_POSITIVE);
        }
        bag
    }

    /// The cosine of a query with each text.
    pub fn scores(&self, query: &[u32]) -> Vec<f32> {
        let mut scores = vec![0.0; self.texts];
        for (feature, weight) in self.bag(query) {
            for (text, own) in &self.postings[feature as usize] {
                scores[*text as usize] += weight * own;
            }
        }
        scores
    }

    /// The place of the likest text, of equals the first; `None` if there are no texts.
    pub fn likest(&self, query: &[u32]) -> Option<usize> {
        let scores = self.scores(query);
        let places = (0..scores.len()).rev();
        places.max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
    }

    /// The cosine of two texts.
    pub fn closeness(&self, left: &[u32], right: &[u32]) -> f32 {
        let (left, right) = (self.bag(left), self.bag(right));
        let shared = |(feature, weight): &(u32, f32)| {
            let place = right
                .binary_search_by_key(feature, |(other, _)| *other)
                .ok()?;
            Some(weight * right[place].1)
        };
        left.iter().filter_map(shared).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_by_hand() {
        let texts = [vec![1, 1, 2], vec![2, 3], vec![9]];
        let [learned, texts] = [&texts[..2], &texts].map(|texts| texts.iter().collect());
        let plain = Bags::new(&learned, &texts, Weighting::Counts);
        let scores = plain.scores(&[2, 2, 3]);
        // (0, 2, 1) · (2, 1, 0) / √5 √5, and with (0, 1, 1) / √5 √2; the third shares nothing known.
        for (found, expected) in scores.iter().zip([0.4, 3.0 / 10f32.sqrt(), 0.0]) {
            assert!((found - expected).abs() < 1e-6, "{scores:?}");
        }
        assert!((plain.closeness(&[2, 2, 3], &texts[0]) - scores[0]).abs() < 1e-6);
        assert_eq!(plain.scores(&[77]), [0.0; 3]);
        // Token 2 is in both training texts, 1 and 3 in one: sharing 3 is worth more than sharing 2.
        let rare = Bags::new(&learned, &texts, Weighting::Rarity);
        assert!(rare.scores(&[2, 3])[1] > plain.scores(&[2, 3])[1] - 1e-6);
        assert!(rare.scores(&[2, 3])[0] < plain.scores(&[2, 3])[0]);
    }

    #[test]
    fn a_rare_shared_token_outweighs_a_common_one() {
        let texts = [vec![1, 2, 9], vec![1, 3, 9], vec![1, 3, 4, 9]];
        let texts: Ragged<u32> = texts.into_iter().collect();
        let bags = Bags::new(&texts, &texts, Weighting::Rarity);
        for (query, likest) in [(vec![1, 3, 9], 1), (vec![2, 3, 9], 0), (vec![4], 2)] {
            assert_eq!(bags.likest(&query), Some(likest), "{query:?}");
        }
        assert_eq!(bags.likest(&[77]), Some(0), "nothing is alike");
        assert_eq!(
            Bags::new(&texts, &Ragged::default(), Weighting::Counts).likest(&[1]),
            None
        );
    }
}
