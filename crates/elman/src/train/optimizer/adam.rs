//! Adam and AdamW in one pass over memory.
//!
//! Burn's own take some fifteen tensor operations for each parameter, each with a buffer of its own: on small networks
//! they took two thirds as long as the forward and backward passes together.

use burn::backend::DispatchTensorKind;
use burn::optim::{AdamState, AdaptiveMomentumState, Optimizer};
use burn::prelude::*;
use burn::tensor::{DType, TensorData};
use rayon::prelude::*;

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

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: f64,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let (time, first, second) = match state.map(|state| state.momentum) {
            Some(state) => (state.time + 1, state.moment_1, state.moment_2),
            None => (1, weight.zeros_like(), weight.zeros_like()),
        };
        let step = self.at(rate, time);
        let tensors = [weight, first, second];
        let [weight, first, second] = match on_host(&tensors[0]) {
            true => step.on_host(tensors, gradient),
            false => step.anywhere(tensors, gradient),
        };
        let momentum = AdaptiveMomentumState::new(time, first, second);
        (weight, Some(AdamState::new(momentum)))
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

/// Whether a tensor's numbers are 32-bit floats that the processor can reach.
fn on_host<const D: usize>(tensor: &Tensor<D>) -> bool {
    let kind = tensor.clone().into_dispatch().kind;
    matches!(kind, DispatchTensorKind::Flex(_)) && tensor.dtype() == DType::F32
}

/// The factors of one step.
#[derive(Clone, Copy, Debug)]
struct Factors {
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
    fn at(&self, rate: f64, time: usize) -> Factors {
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

impl Factors {
    /// In plain tensor operations: the readable form of [`update`](Self::update).
    fn anywhere<const D: usize>(
        self,
        [weight, first, second]: [Tensor<D>; 3],
        gradient: Tensor<D>,
    ) -> [Tensor<D>; 3] {
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

    /// In place: the only owner of a tensor hands out its memory and gets it back changed.
    fn on_host<const D: usize>(
        self,
        tensors: [Tensor<D>; 3],
        gradient: Tensor<D>,
    ) -> [Tensor<D>; 3] {
        /// A thread with fewer numbers than this costs more to wake than it saves.
        const WORTH: usize = 32_768;
        let device = tensors[0].device();
        let mut data = tensors.map(Tensor::into_data);
        let gradient = gradient.into_data();
        let [weight, first, second] = data.each_mut().map(numbers_mut);
        let gradient = gradient
            .as_slice()
            .expect("a gradient has its weight's number type");
        let threads = elman_kernels::threads().min(weight.len() / WORTH).max(1);
        if threads == 1 {
            self.update(weight, first, second, gradient);
        } else {
            let part = weight.len().div_ceil(threads);
            weight
                .par_chunks_mut(part)
                .zip(first.par_chunks_mut(part))
                .zip(second.par_chunks_mut(part))
                .zip(gradient.par_chunks(part))
                .for_each(|(((w, m), v), g)| self.update(w, m, v, g));
        }
        data.map(|data| Tensor::from_data(data, (&device, DType::F32)))
    }

    fn update(self, weight: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
        let moments = first.iter_mut().zip(second);
        for ((w, (m, v)), g) in weight.iter_mut().zip(moments).zip(gradient) {
            let g = g + self.decay * *w;
            *m = self.beta_1 * *m + self.rest_1 * g;
            *v = self.beta_2 * *v + self.rest_2 * (g * g);
            *w = self.keep * *w - self.rate * *m / (v.sqrt() * self.root + self.epsilon);
        }
    }
}

fn numbers_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice()
        .expect("the numbers of an F32 tensor on the host are at hand")
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    /// The same values in the other form: by tensor operations.
    #[derive(Clone, Debug)]
    struct Plain(Adam);

    impl Plain {
        fn step(
            &self,
            rate: f64,
            time: usize,
            all: [Tensor<2>; 3],
            g: Tensor<2>,
        ) -> [Tensor<2>; 3] {
            self.0.at(rate, time).anywhere(all, g)
        }
    }

    #[test]
    fn in_place_equals_plain_tensor_operations_on_any_threads() {
        let device = Device::default();
        let adam = Adam {
            beta_1: 0.9,
            beta_2: 0.99,
            epsilon: 1e-3,
            decay: 0.1,
            decay_apart: 0.3,
        };
        // Enough for several threads, with a remainder.
        for shape in [[3, 5], [301, 333]] {
            let random = || Tensor::<2>::random(shape, Distribution::Default, &device) - 0.5;
            let weight = random();
            let zeros = weight.zeros_like();
            let mut plain = [weight.clone(), zeros.clone(), zeros];
            let (mut fused, mut state) = (weight.clone(), None);
            for time in 1..=4 {
                let gradient = random();
                plain = Plain(adam.clone()).step(0.01, time, plain, gradient.clone());
                (fused, state) = adam.step(0.01, fused, gradient, state);
            }
            let momentum = state.unwrap().momentum;
            assert_eq!(momentum.time, 4);
            let found = [fused, momentum.moment_1, momentum.moment_2];
            for (found, expected) in found.into_iter().zip(plain) {
                let difference = (found - expected).abs().max().into_scalar::<f32>();
                assert!(difference < 1e-6, "{difference}");
            }
            // The tensor that was cloned before keeps its numbers.
            assert!((weight.clone() - weight).abs().max().into_scalar::<f32>() == 0.0);
        }
    }
}
