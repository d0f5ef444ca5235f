//! Stochastic gradient descent, with momentum if wished.

use super::equation::{Equation, HostChange};
use burn::prelude::*;

/// ```text
/// g ← g + decay·w
/// b ← momentum·b + g
/// w ← w − rate·b                    (Nesterov: w − rate·(g + momentum·b))
/// ```
///
/// # References
/// Robbins & Monro (1951); Sutskever, Martens, Dahl & Hinton (2013).
#[derive(Clone, Debug)]
pub(crate) struct Sgd {
    pub(crate) momentum: f64,
    pub(crate) nesterov: bool,
    pub(crate) decay: f64,
}

/// The factors of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    momentum: f32,
    nesterov: bool,
    decay: f32,
    rate: f32,
}

impl Sgd {
    pub(super) fn at(&self, rate: f64) -> Factors {
        Factors {
            momentum: self.momentum as f32,
            nesterov: self.nesterov,
            decay: self.decay as f32,
            rate: rate as f32,
        }
    }
}

/// Without momentum: `b` is not kept.
impl Equation<1> for Factors {
    fn anywhere(self, [weight]: [Tensor<1>; 1], gradient: Tensor<1>) -> [Tensor<1>; 1] {
        let gradient = gradient + weight.clone().mul_scalar(self.decay);
        [weight - gradient.mul_scalar(self.rate)]
    }

    #[inline(always)]
    fn on_host(self, [weight]: [&mut [f32]; 1], gradient: &[f32], change: HostChange) {
        for (w, g) in weight.iter_mut().zip(gradient) {
            *w -= self.rate * (change.of(*g) + self.decay * *w);
        }
    }
}

impl Equation<2> for Factors {
    fn anywhere(self, [weight, velocity]: [Tensor<1>; 2], gradient: Tensor<1>) -> [Tensor<1>; 2] {
        let gradient = gradient + weight.clone().mul_scalar(self.decay);
        let velocity = velocity.mul_scalar(self.momentum) + gradient.clone();
        let move_by = match self.nesterov {
            true => gradient + velocity.clone().mul_scalar(self.momentum),
            false => velocity.clone(),
        };
        [weight - move_by.mul_scalar(self.rate), velocity]
    }

    #[inline(always)]
    fn on_host(self, [weight, velocity]: [&mut [f32]; 2], gradient: &[f32], change: HostChange) {
        for ((w, b), g) in weight.iter_mut().zip(velocity).zip(gradient) {
            let g = change.of(*g) + self.decay * *w;
            *b = self.momentum * *b + g;
            let move_by = match self.nesterov {
                true => g + self.momentum * *b,
                false => *b,
            };
            *w -= self.rate * move_by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::equation::tests::in_place_equals_plain_operations;
    use super::*;

    #[test]
    fn in_place_equals_plain() {
        for nesterov in [false, true] {
            let rule = Sgd {
                momentum: 0.7,
                nesterov,
                decay: 0.2,
            };
            in_place_equals_plain_operations::<1, _>(|_| rule.at(0.01));
            in_place_equals_plain_operations::<2, _>(|_| rule.at(0.01));
        }
    }
}
