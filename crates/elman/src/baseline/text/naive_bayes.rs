//! Naive Bayes on counts.

use super::counts::Counts;
use super::logistic::softmax;

/// Added to each count, so that a token never seen with a class does not rule that class out (Laplace).
const SMOOTHING: f64 = 1.0;

/// Class probabilities from counts by Bayes' rule, as if the tokens of a text were drawn independently.
///
/// ```text
/// p(c | text) ∝ p(c) · Π_f p(f | c)^count_f        p(f | c) = (count_{f,c} + 1) / (Σ_f count_{f,c} + features)
/// ```
///
/// # References
/// McCallum & Nigam, *A comparison of event models for naive Bayes text classification* (1998): the multinomial model.
#[derive(Debug, Clone)]
pub struct NaiveBayes {
    /// log p(c)
    prior: Vec<f64>,
    /// log p(f | c), `[features, classes]`
    likelihood: Vec<f64>,
}

impl NaiveBayes {
    /// Counts which features come with which class. A class without texts is never predicted.
    ///
    /// # Panics
    /// If there is not one label below `classes` for each text.
    pub fn fit(counts: &Counts, features: usize, labels: &[usize], classes: usize) -> Self {
        assert_eq!(counts.len(), labels.len(), "fit: one label for each text");
        let mut likelihood = vec![SMOOTHING; features * classes];
        let mut totals = vec![SMOOTHING * features as f64; classes];
        let mut prior = vec![0.0; classes];
        for (row, label) in labels.iter().enumerate() {
            prior[*label] += 1.0 / labels.len() as f64;
            for (feature, count) in counts.row(row) {
                likelihood[*feature as usize * classes + label] += f64::from(*count);
                totals[*label] += f64::from(*count);
            }
        }
        for of_feature in likelihood.chunks_exact_mut(classes.max(1)) {
            for (share, total) in of_feature.iter_mut().zip(&totals) {
                *share = (*share / total).ln();
            }
        }
        prior.iter_mut().for_each(|share| *share = share.ln());
        Self { prior, likelihood }
    }

    /// The probability of each class, given a text's counts.
    pub fn probabilities(&self, counts: &[(u32, f32)]) -> Vec<f64> {
        let mut values = self.prior.clone();
        let classes = values.len();
        for (feature, count) in counts {
            let likelihood = &self.likelihood[*feature as usize * classes..][..classes];
            for (value, likelihood) in values.iter_mut().zip(likelihood) {
                *value += f64::from(*count) * likelihood;
            }
        }
        softmax(&mut values);
        values
    }
}
