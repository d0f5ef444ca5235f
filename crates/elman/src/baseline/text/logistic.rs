//! Multinomial logistic regression on counts.

use super::counts::Counts;
use crate::baseline::lbfgs::minimise;
use rayon::prelude::*;

/// No component of the gradient of the mean loss is larger at the end.
const TOLERANCE: f64 = 1e-6;
/// Descents of counts end after some dozens.
const ITERATIONS: usize = 500;

/// Class probabilities from counts by multinomial logistic regression.
///
/// ```text
/// p = softmax(b + Σ_f count_f · W_f)       W, b minimise  Σ_i v_{y_i} · −log p_{y_i}  +  ‖W‖² / (2 · strength)
/// ```
///
/// with `v` the class weights. This is scikit-learn's `LogisticRegression(C = strength)` for three and more classes; with two,
/// scikit-learn keeps one vector of weights, so that `strength` here is half its `C`. The minimum is unique, found by L-BFGS; the
/// result does not depend on the number of threads.
#[derive(Debug, Clone)]
pub struct Logistic {
    /// `[features + 1, classes]`, the intercept last.
    weights: Vec<f64>,
    classes: usize,
    /// Whether the descent reached the minimum.
    pub converged: bool,
}

impl Logistic {
    /// Fits `labels` on the counts of as many texts.
    ///
    /// # Panics
    /// If there is not one label below `classes` for each text and one weight for each class, or `strength` is not positive.
    pub fn fit(
        counts: &Counts,
        features: usize,
        labels: &[usize],
        class_weights: &[f64],
        strength: f64,
    ) -> Self {
        let classes = class_weights.len();
        assert_eq!(counts.len(), labels.len(), "fit: one label for each text");
        assert!(
            labels.iter().all(|label| *label < classes),
            "fit: labels are below {classes}"
        );
        assert!(strength > 0.0, "fit: the strength is positive");
        let columns = counts.by_feature(features);
        let rows = labels.len().max(1) as f64;
        let penalty = 1.0 / (strength * rows);
        let mut residuals = vec![0.0; labels.len() * classes];
        let start = vec![0.0; (features + 1) * classes];
        let found = minimise(start, TOLERANCE, ITERATIONS, |weights, gradient| {
            let losses: Vec<f64> = residuals
                .par_chunks_mut(classes.max(1))
                .enumerate()
                .map(|(row, residual)| {
                    let label = labels[row];
                    let share = class_weights[label] / rows;
                    logits(weights, counts.row(row), residual);
                    let loss = log_sum_exp(residual) - residual[label];
                    softmax(residual);
                    residual[label] -= 1.0;
                    residual.iter_mut().for_each(|r| *r *= share);
                    share * loss
                })
                .collect();
            let (features_part, intercept) = gradient.split_at_mut(features * classes);
            features_part
                .par_chunks_mut(classes.max(1))
                .enumerate()
                .for_each(|(feature, gradient)| {
                    let weights = &weights[feature * classes..][..classes];
                    for (gradient, weight) in gradient.iter_mut().zip(weights) {
                        *gradient = penalty * weight;
                    }
                    for (row, count) in columns.row(feature) {
                        let residual = &residuals[*row as usize * classes..][..classes];
                        for (gradient, residual) in gradient.iter_mut().zip(residual) {
                            *gradient += f64::from(*count) * residual;
                        }
                    }
                });
            intercept.fill(0.0);
            for residual in residuals.chunks_exact(classes.max(1)) {
                let pairs = intercept.iter_mut().zip(residual);
                pairs.for_each(|(sum, residual)| *sum += residual);
            }
            let squares: f64 = weights[..features * classes].iter().map(|w| w * w).sum();
            losses.iter().sum::<f64>() + penalty / 2.0 * squares
        });
        Self {
            weights: found.point,
            classes,
            converged: found.converged,
        }
    }

    /// Numbers that were fitted.
    pub fn parameters(&self) -> usize {
        self.weights.len()
    }

    /// The probability of each class, given a text's counts.
    pub fn probabilities(&self, counts: &[(u32, f32)]) -> Vec<f64> {
        let mut values = vec![0.0; self.classes];
        logits(&self.weights, counts, &mut values);
        softmax(&mut values);
        values
    }
}

fn logits(weights: &[f64], counts: &[(u32, f32)], logits: &mut [f64]) {
    let classes = logits.len();
    logits.copy_from_slice(&weights[weights.len() - classes..]);
    for (feature, count) in counts {
        let weights = &weights[*feature as usize * classes..][..classes];
        for (logit, weight) in logits.iter_mut().zip(weights) {
            *logit += f64::from(*count) * weight;
        }
    }
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = values.iter().map(|value| (value - largest).exp()).sum();
    largest + sum.ln()
}

/// Probabilities in place of logits.
pub(super) fn softmax(values: &mut [f64]) {
    let total = log_sum_exp(values);
    values
        .iter_mut()
        .for_each(|value| *value = (*value - total).exp());
}
