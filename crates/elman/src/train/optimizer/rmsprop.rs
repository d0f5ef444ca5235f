//! RMSprop, with momentum if wished.

use super::equation::{Equation, HostChange};
use burn::prelude::*;

/// ```text
/// g ← g + decay·w
/// v ← ρ v + (1 − ρ) g²
/// b ← momentum·b + g / (√v + ε)
/// w ← w − rate·b
/// ```
///
/// # References
/// Tieleman & Hinton (2012), *Lecture 6.5: rmsprop*.
#[derive(Clone, Debug)]
pub(crate) struct RmsProp {
    pub(crate) rho: f64,
    pub(crate) momentum: f64,
    pub(crate) epsilon: f64,
    pub(crate) decay: f64,
}

/// The factors of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    rho: f32,
    /// 1 − ρ, from the 64-bit ρ.
    rest: f32,
    momentum: f32,
    epsilon: f32,
    decay: f32,
    rate: f32,
}

impl RmsProp {
    pub(super) fn at(&self, rate: f64) -> Factors {
        Factors {
            rho: self.rho as f32,
            rest: (1.0 - self.rho) as f32,
            momentum: self.momentum as f32,
            epsilon: self.epsilon as f32,
            decay: self.decay as f32,
            rate: rate as f32,
        }
    }
}

impl Factors {
    /// `v` after the step, and `g / (√v + ε)`.
    fn scaled(
        self,
        weight: &Tensor<1>,
        squares: Tensor<1>,
        gradient: Tensor<1>,
    ) -> (Tensor<1>, Tensor<1>) {
        let gradient = gradient + weight.clone().mul_scalar(self.decay);
        let fresh = gradient.clone().square().mul_scalar(self.rest);
        let squares = squares.mul_scalar(self.rho) + fresh;
        let scale = squares.clone().sqrt().add_scalar(self.epsilon);
        (squares, gradient / scale)
    }

    #[inline(always)]
    fn scaled_number(self, weight: f32, squares: &mut f32, gradient: f32) -> f32 {
        let gradient = gradient + self.decay * weight;
        *squares = self.rho * *squares + self.rest * (gradient * gradient);
        gradient / (squares.sqrt() + self.epsilon)
    }
}

/// Without momentum: `b` is not kept.
impl Equation<2> for Factors {
    fn anywhere(self, [weight, squares]: [Tensor<1>; 2], gradient: Tensor<1>) -> [Tensor<1>; 2] {
        let (squares, scaled) = self.scaled(&weight, squares, gradient);
        [weight - scaled.mul_scalar(self.rate), squares]
    }

    #[inline(always)]
    fn on_host(self, [weight, squares]: [&mut [f32]; 2], gradient: &[f32], change: HostChange) {
        for ((w, v), g) in weight.iter_mut().zip(squares).zip(gradient) {
            *w -= self.rate * self.scaled_number(*w, v, change.of(*g));
        }
    }
}

impl Equation<3> for Factors {
    fn anywhere(
        self,
        [weight, squares, buffer]: [Tensor<1>; 3],
        gradient: Tensor<1>,
    ) -> [Tensor<1>; 3] {
        let (squares, scaled) = self.scaled(&weight, squares, gradient);
        let buffer = buffer.mul_scalar(self.momentum) + scaled;
        let weight = weight - buffer.clone().mul_scalar(self.rate);
        [weight, squares, buffer]
    }

    #[inline(always)]
    fn on_host(
        self,
        [weight, squares, buffer]: [&mut [f32]; 3],
        gradient: &[f32],
        change: HostChange,
    ) {
        let state = squares.iter_mut().zip(buffer);
        for ((w, (v, b)), g) in weight.iter_mut().zip(state).zip(gradient) {
            *b = self.momentum * *b + self.scaled_number(*w, v, change.of(*g));
            *w -= self.rate * *b;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::equation::tests::in_place_equals_plain_operations;
    use super::*;

    #[test]
    fn in_place_equals_plain() {
        let rule = RmsProp {
            rho: 0.8,
            momentum: 0.7,
            epsilon: 1e-2,
            decay: 0.2,
        };
        in_place_equals_plain_operations::<2, _>(|_| rule.at(0.01));
        in_place_equals_plain_operations::<3, _>(|_| rule.at(0.01));
    }
}
