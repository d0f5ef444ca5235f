//! Adam and AdamW.

use super::equation::{Equation, HostChange};
use burn::prelude::*;

/// ```text
/// g ← g + decay·w                 (Adam: the decay is in the gradient)
/// m ← β₁ m + (1 − β₁) g           v ← β₂ v + (1 − β₂) g²
/// w ← (1 − rate·decay_apart)·w    (AdamW: it is apart)
/// w ← w − rate · m̂ / (√v̂ + ε)     m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), t = 1, 2, …
/// ```
///
/// # References
/// Kingma & Ba (2015); Loshchilov & Hutter (2019).
#[derive(Clone, Debug)]
pub(crate) struct Adam {
    pub(crate) beta_1: f64,
    pub(crate) beta_2: f64,
    pub(crate) epsilon: f64,
    pub(crate) decay: f64,
    pub(crate) decay_apart: f64,
}

/// The factors of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    beta_1: f32,
    beta_2: f32,
    /// 1 − β, from the 64-bit β.
    rest_1: f32,
    rest_2: f32,
    decay: f32,
    keep: f32,
    /// rate / (1 − β₁ᵗ)
    rate: f32,
    /// 1 / √(1 − β₂ᵗ)
    root: f32,
    epsilon: f32,
}

impl Adam {
    /// The step of number `time`.
    pub(super) fn at(&self, rate: f64, time: u64) -> Factors {
        let correction = |beta: f64| 1.0 - beta.powf(time as f64);
        Factors {
            beta_1: self.beta_1 as f32,
            beta_2: self.beta_2 as f32,
            rest_1: (1.0 - self.beta_1) as f32,
            rest_2: (1.0 - self.beta_2) as f32,
            decay: self.decay as f32,
            keep: (1.0 - rate * self.decay_apart) as f32,
            rate: (rate / correction(self.beta_1)) as f32,
            root: (1.0 / correction(self.beta_2).sqrt()) as f32,
            epsilon: self.epsilon as f32,
        }
    }
}

impl Equation<3> for Factors {
    fn anywhere(
        self,
        [weight, first, second]: [Tensor<1>; 3],
        gradient: Tensor<1>,
    ) -> [Tensor<1>; 3] {
        let gradient = gradient + weight.clone().mul_scalar(self.decay);
        let first = first.mul_scalar(self.beta_1) + gradient.clone().mul_scalar(self.rest_1);
        let second = second.mul_scalar(self.beta_2) + gradient.square().mul_scalar(self.rest_2);
        let scale = second
            .clone()
            .sqrt()
            .mul_scalar(self.root)
            .add_scalar(self.epsilon);
        let weight = weight.mul_scalar(self.keep) - first.clone().mul_scalar(self.rate) / scale;
        [weight, first, second]
    }

    #[inline(always)]
    fn on_host(
        self,
        [weight, first, second]: [&mut [f32]; 3],
        gradient: &[f32],
        change: HostChange,
    ) {
        let moments = first.iter_mut().zip(second);
        for ((w, (m, v)), g) in weight.iter_mut().zip(moments).zip(gradient) {
            let g = change.of(*g) + self.decay * *w;
            *m = self.beta_1 * *m + self.rest_1 * g;
            *v = self.beta_2 * *v + self.rest_2 * (g * g);
            *w = self.keep * *w - self.rate * *m / (v.sqrt() * self.root + self.epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::equation::tests::in_place_equals_plain_operations;
    use super::*;

    #[test]
    fn in_place_equals_plain() {
        let adam = Adam {
            beta_1: 0.9,
            beta_2: 0.99,
            epsilon: 1e-3,
            decay: 0.1,
            decay_apart: 0.3,
        };
        in_place_equals_plain_operations::<3, _>(|time| adam.at(0.01, time));
    }
}
