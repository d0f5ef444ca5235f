//! Mixture densities: the output of a network as a distribution over vectors.

use burn::prelude::*;
use burn::tensor::activation::{log_sigmoid, log_softmax};
use elman_data::random::Stream;
use std::f64::consts::TAU;

/// A mixture of Gaussians with a deviation of its own for each number (diagonal covariances), as a network says it.
///
/// ```text
/// p(x) = Σ_k π_k Π_d N(x_d; μ_kd, σ_kd²)        π = softmax(a)        σ = floor + ln(1 + e^s)
/// ```
///
/// The network's output is, one after the other, `a` (a number for each component), `μ` and `s` (a vector for each component).
/// The floor keeps densities finite: without it a component that sits on one vector of the training part may become as high and
/// narrow as it likes.
///
/// # References
/// Bishop, "Mixture density networks" (1994); Graves, "Generating sequences with recurrent neural networks" (2013), section 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// Gaussians.
    pub components: usize,
    /// Numbers in a vector.
    pub features: usize,
    /// The smallest deviation; above 0.
    pub floor: f64,
}

impl Mixture {
    /// Numbers that a network says of each vector, if they can be counted.
    pub fn outputs(&self) -> Option<usize> {
        let each = self.features.checked_mul(2)?.checked_add(1)?;
        self.components.checked_mul(each)
    }

    /// `−ln p(target)` of each row, in nats. The exponents are taken relative to the largest, so that nothing overflows.
    ///
    /// # Shapes
    /// - outputs `[rows, components × (1 + 2 × features)]`, targets `[rows, features]`
    /// - result `[rows]`
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn surprise(&self, outputs: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let ([rows, width], (k, d)) = (outputs.dims(), (self.components, self.features));
        assert_eq!(
            Some(width),
            self.outputs(),
            "the outputs of {k} components of {d} features"
        );
        assert_eq!(targets.dims(), [rows, d], "a target for each row");
        let vectors = |part: usize| {
            let part = outputs.clone().narrow(1, k + part * k * d, k * d);
            part.reshape([rows, k, d])
        };
        let weights = log_softmax(outputs.clone().narrow(1, 0, k), 1);
        let deviations = -log_sigmoid(-vectors(1)) + self.floor;
        let off = (targets.unsqueeze_dim::<3>(1) - vectors(0)) / deviations.clone();
        let logs = (off.clone() * off).mul_scalar(0.5) + deviations.log();
        let constant = 0.5 * d as f64 * TAU.ln();
        let logs = -(logs.sum_dim(2).reshape([rows, k]) + constant);
        let joint = weights + logs;
        let largest = joint.clone().detach().max_dim(1);
        let rest = (joint - largest.clone()).exp().sum_dim(1).log();
        -(rest + largest).reshape([rows])
    }

    /// The distribution that one row of outputs stands for.
    ///
    /// # Panics
    /// If there are not as many outputs as the mixture has.
    pub fn density(&self, outputs: &[f32]) -> Density {
        let (k, d) = (self.components, self.features);
        assert_eq!(Some(outputs.len()), self.outputs(), "one row of outputs");
        let wide = |values: &[f32]| -> Vec<f64> { values.iter().map(|x| f64::from(*x)).collect() };
        let widths = wide(&outputs[k + k * d..]).into_iter();
        Density {
            features: d,
            logits: wide(&outputs[..k]),
            means: wide(&outputs[k..k + k * d]),
            // ln(1 + e^s) = max(s, 0) + ln(1 + e^−|s|)
            deviations: widths
                .map(|s| self.floor + s.max(0.0) + (-s.abs()).exp().ln_1p())
                .collect(),
        }
    }
}

/// A distribution over vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    features: usize,
    /// The weight of each component, as a logarithm that lacks a constant.
    logits: Vec<f64>,
    /// `[components, features]`
    means: Vec<f64>,
    /// `[components, features]`
    deviations: Vec<f64>,
}

impl Density {
    /// The probability of each component at a temperature above 0.
    fn weights(&self, temperature: f64) -> Vec<f64> {
        let largest = self.logits.iter().copied().fold(f64::MIN, f64::max);
        let shares = self.logits.iter();
        let shares = shares.map(|logit| ((logit - largest) / temperature).exp());
        let shares: Vec<f64> = shares.collect();
        let sum: f64 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    }

    /// The expected vector.
    pub fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.features];
        for (weight, means) in self
            .weights(1.0)
            .iter()
            .zip(self.means.chunks_exact(self.features))
        {
            let sums = mean.iter_mut().zip(means);
            sums.for_each(|(sum, mean)| *sum += weight * mean);
        }
        mean
    }

    /// Draws a vector. At temperature τ the logits of the components are divided by τ and variances multiplied with it (Ha & Eck, "A
    /// neural representation of sketch drawings", 2018); at 0 it is the mean of the likeliest component.
    pub fn sample(&self, temperature: f64, random: &mut Stream) -> Vec<f64> {
        let component = match temperature > 0.0 {
            true => {
                let mut left = random.unit();
                let weights = self.weights(temperature);
                let drawn = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                drawn.unwrap_or_else(|| largest(&self.logits)) // of what rounding left over
            }
            false => largest(&self.logits),
        };
        let of = component * self.features..(component + 1) * self.features;
        let spread = temperature.max(0.0).sqrt();
        let pairs = self.means[of.clone()].iter().zip(&self.deviations[of]);
        let draw = |(mean, deviation): (&f64, &f64)| match spread > 0.0 {
            true => mean + spread * deviation * f64::from(random.normal()),
            false => *mean,
        };
        pairs.map(draw).collect()
    }
}

/// The place of the largest value; the first of equals.
fn largest(values: &[f64]) -> usize {
    let better = |best: usize, other: usize| match values[other] > values[best] {
        true => other,
        false => best,
    };
    (0..values.len()).reduce(better).unwrap_or(0)
}

#[cfg(test)]
mod tests;
