//! Counting what follows what: the language model before there were networks.

use std::collections::HashMap;

/// The most tokens before the next one that are looked at: their numbers are packed into one key.
pub const LONGEST_CONTEXT: usize = 4;

/// Interpolated n-grams with Witten–Bell weights (Witten & Bell, 1991; Chen & Goodman, 1999):
///
/// ```text
/// p(w | c) = (count(c w) + kinds(c) · p(w | c without its first)) / (count(c) + kinds(c))
/// ```
///
/// with `kinds(c)` the number of different tokens seen after the context `c`, down to `1 / vocabulary` without any.
#[derive(Clone, Debug)]
pub struct NGram {
    vocabulary: usize,
    /// For contexts of 0, 1, … tokens.
    orders: Vec<Order>,
}

#[derive(Clone, Debug, Default)]
struct Order {
    /// How often, and before how many different tokens, a context was seen.
    contexts: HashMap<u128, (u32, u32)>,
    /// How often a token was seen after a context.
    pairs: HashMap<(u128, u32), u32>,
}

impl NGram {
    /// Counts all contexts of fewer than `order` tokens in a text.
    ///
    /// # Panics
    /// If `order` is not from 1 to 5.
    pub fn fit(tokens: &[u32], order: usize, vocabulary: usize) -> Self {
        assert!(
            (1..=LONGEST_CONTEXT + 1).contains(&order),
            "n-grams of 1 to {} tokens",
            LONGEST_CONTEXT + 1
        );
        let count = |length: usize| {
            let mut counts = Order::default();
            for at in length..tokens.len() {
                let context = key(&tokens[at - length..at]);
                let pair = counts.pairs.entry((context, tokens[at])).or_default();
                *pair += 1;
                let (seen, kinds) = counts.contexts.entry(context).or_default();
                *seen += 1;
                *kinds += u32::from(*pair == 1);
            }
            counts
        };
        Self {
            vocabulary,
            orders: (0..order).map(count).collect(),
        }
    }

    /// The probability of `token` after `before`, of which the last tokens count.
    pub fn probability(&self, before: &[u32], token: u32) -> f64 {
        let mut probability = 1.0 / self.vocabulary.max(1) as f64;
        for (length, order) in self.orders.iter().enumerate().take(before.len() + 1) {
            let context = key(&before[before.len() - length..]);
            let Some(&(seen, kinds)) = order.contexts.get(&context) else {
                break; // a longer one was not seen either
            };
            let pair = order.pairs.get(&(context, token)).copied().unwrap_or(0);
            let (seen, kinds) = (f64::from(seen), f64::from(kinds));
            probability = (f64::from(pair) + kinds * probability) / (seen + kinds);
        }
        probability
    }

    /// Mean of `−log p` over all tokens of a text but the first, in nats.
    pub fn loss(&self, tokens: &[u32]) -> f64 {
        let longest = self.orders.len() - 1;
        let losses = (1..tokens.len()).map(|at| {
            let before = &tokens[at.saturating_sub(longest)..at];
            -self.probability(before, tokens[at]).ln()
        });
        losses.sum::<f64>() / tokens.len().saturating_sub(1).max(1) as f64
    }
}

/// A context as one number.
fn key(context: &[u32]) -> u128 {
    context
        .iter()
        .fold(0, |key, token| (key << 32) | u128::from(*token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand for "abab a": after `a`, `b` was seen twice and nothing else.
    #[test]
    fn probabilities_follow_the_equation() {
        let model = NGram::fit(&[0, 1, 0, 1, 0], 2, 3);
        let alone = |count: f64| (count + 2.0 / 3.0) / 7.0; // 5 tokens of 2 kinds
        assert!((model.probability(&[], 0) - alone(3.0)).abs() < 1e-12);
        assert!((model.probability(&[], 2) - alone(0.0)).abs() < 1e-12);
        let after = (2.0 + alone(2.0)) / 3.0; // two tokens after `a`, of one kind
        assert!((model.probability(&[2, 0], 1) - after).abs() < 1e-12);
        assert!(
            (model.probability(&[2], 1) - alone(2.0)).abs() < 1e-12,
            "an unseen context says nothing"
        );
    }

    #[test]
    fn probabilities_sum_to_one_and_more_context_helps_on_its_own_text() {
        let text: Vec<u32> = (0..400u32).map(|k| k * k % 7 + k % 2).collect();
        let losses = [1, 2, 3, 5].map(|order| {
            let model = NGram::fit(&text, order, 9);
            let sum: f64 = (0..9)
                .map(|token| model.probability(&text[3..60], token))
                .sum();
            assert!((sum - 1.0).abs() < 1e-12, "{sum}");
            model.loss(&text)
        });
        assert!(
            losses.windows(2).all(|pair| pair[1] < pair[0]),
            "{losses:?}"
        );
    }
}
