//! First values of parameters, from a seed of our own: the same on every machine and for any number of threads.

use burn::module::{Param, ParamId};
use burn::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// Whose defaults the first values follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initializer {
    /// Glorot uniform input weights, orthogonal recurrent weights, zero biases, and (LSTM) a forget bias of one.
    #[default]
    Keras,
    /// Everything uniform in ±1/√hidden_size (recurrent) or ±1/√inputs (dense).
    PyTorch,
}

/// Draws parameters one after the other and numbers them, so that a model built twice has the same parameters with
/// the same identities.
#[derive(Debug)]
pub struct ParamSource {
    rng: ChaCha8Rng,
    device: Device,
    style: Initializer,
    next_id: u64,
    /// Whether values are drawn at all.
    blank: bool,
}

/// A seed from the device's own generator (`device.seed` governs it).
pub(crate) fn drawn_seed(device: &Device) -> u64 {
    let device = device.clone().inner();
    let words = Tensor::<1>::random([2], burn::tensor::Distribution::Default, &device);
    crate::values(words)
        .iter()
        .fold(0, |seed, word| (seed << 32) | u64::from(word.to_bits()))
}

impl ParamSource {
    /// Parameters on `device` from `seed`.
    pub fn new(seed: u64, style: Initializer, device: &Device) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            device: device.clone(),
            style,
            next_id: 1,
            blank: false,
        }
    }

    /// Parameters without values of their own, for a network whose values are read from a file: they cost neither time nor memory,
    /// whatever their shapes.
    pub fn blank(device: &Device) -> Self {
        Self {
            blank: true,
            ..Self::new(0, Initializer::Keras, device)
        }
    }

    /// Parameters on `device`, seeded from that device's own generator (`device.seed` governs it).
    pub fn from_device(style: Initializer, device: &Device) -> Self {
        Self::new(drawn_seed(device), style, device)
    }

    /// Whose defaults this source follows.
    pub fn style(&self) -> Initializer {
        self.style
    }

    /// Where the parameters are.
    pub fn device(&self) -> Device {
        self.device.clone()
    }

    /// A parameter with these values.
    pub fn param<const D: usize>(
        &mut self,
        values: Vec<f32>,
        shape: [usize; D],
    ) -> Param<Tensor<D>> {
        self.named(Tensor::from_data(
            TensorData::new(values, shape),
            (&self.device, burn::tensor::DType::F32),
        ))
    }

    /// A parameter with the values that `draw` gives, or without any of its own.
    fn drawn<const D: usize>(
        &mut self,
        shape: [usize; D],
        draw: impl FnOnce(&mut Self) -> Vec<f32>,
    ) -> Param<Tensor<D>> {
        if self.blank {
            let zero = Tensor::<D>::zeros([1; D], (&self.device, burn::tensor::DType::F32));
            return self.named(zero.expand(shape)); // one number, seen everywhere
        }
        let values = draw(self);
        self.param(values, shape)
    }

    fn named<const D: usize>(&mut self, tensor: Tensor<D>) -> Param<Tensor<D>> {
        let id = ParamId::from(self.next_id);
        self.next_id += 1;
        Param::initialized(id, tensor).set_require_grad(true)
    }

    /// Every value the same.
    pub fn constant<const D: usize>(&mut self, value: f32, shape: [usize; D]) -> Param<Tensor<D>> {
        self.drawn(shape, |_| vec![value; shape.iter().product()])
    }

    /// Uniform in `-limit .. limit`.
    pub fn uniform<const D: usize>(&mut self, limit: f32, shape: [usize; D]) -> Param<Tensor<D>> {
        self.drawn(shape, |source| {
            (0..shape.iter().product())
                .map(|_| source.rng.random_range(-1.0f32..1.0) * limit)
                .collect()
        })
    }

    /// Standard normal.
    pub fn normal<const D: usize>(&mut self, shape: [usize; D]) -> Param<Tensor<D>> {
        self.drawn(shape, |source| {
            (0..shape.iter().product())
                .map(|_| source.rng.sample::<f32, _>(StandardNormal))
                .collect()
        })
    }

    /// Uniform in ±√(6 / (fan_in + fan_out)): Glorot & Bengio (2010).
    pub fn glorot<const D: usize>(
        &mut self,
        fan_in: usize,
        fan_out: usize,
        shape: [usize; D],
    ) -> Param<Tensor<D>> {
        self.uniform((6.0 / (fan_in + fan_out) as f32).sqrt(), shape)
    }

    /// Orthonormal rows or columns, whichever are fewer: Saxe, McClelland & Ganguli (2014).
    pub fn orthogonal(&mut self, shape: [usize; 2]) -> Param<Tensor<2>> {
        self.drawn(shape, |source| source.orthonormal(shape))
    }

    fn orthonormal(&mut self, [rows, columns]: [usize; 2]) -> Vec<f32> {
        let (short, long) = (rows.min(columns), rows.max(columns));
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(short);
        while basis.len() < short {
            let mut vector: Vec<f64> = (0..long).map(|_| self.rng.sample(StandardNormal)).collect();
            // Gram–Schmidt, twice: once is not enough in floating point.
            for _ in 0..2 {
                for other in &basis {
                    let along: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                    vector
                        .iter_mut()
                        .zip(other)
                        .for_each(|(a, b)| *a -= along * b);
                }
            }
            let norm = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
            if norm > 1e-6 {
                basis.push(vector.into_iter().map(|a| a / norm).collect());
            }
        }
        let at = |row: usize, column: usize| {
            if rows <= columns {
                basis[row][column]
            } else {
                basis[column][row]
            }
        };
        (0..rows * columns)
            .map(|index| at(index / columns, index % columns) as f32)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<const D: usize>(param: &Param<Tensor<D>>) -> Vec<f32> {
        crate::values(param.val())
    }

    #[test]
    fn orthogonal_rows_are_orthonormal_either_way_round() {
        let mut source = ParamSource::new(3, Initializer::Keras, &Device::default());
        for [rows, columns] in [[5, 20], [20, 5], [7, 7]] {
            let matrix = source.orthogonal([rows, columns]).val();
            let product = match rows <= columns {
                true => matrix.clone().matmul(matrix.transpose()),
                false => matrix.clone().transpose().matmul(matrix),
            };
            let n = rows.min(columns);
            let product = crate::values(product);
            for (index, value) in product.iter().enumerate() {
                let expected = if index / n == index % n { 1.0 } else { 0.0 };
                assert!(
                    (value - expected).abs() < 1e-5,
                    "{rows}×{columns}: {value} at {index}"
                );
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_values_and_identities() {
        let draw = |seed| {
            let mut source = ParamSource::new(seed, Initializer::PyTorch, &Device::default());
            let (a, b) = (source.glorot(3, 4, [3, 4]), source.normal([5]));
            ((values(&a), values(&b)), (a.id, b.id))
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1).0, draw(2).0);
        assert_ne!(draw(1).1.0, draw(1).1.1);
    }

    #[test]
    fn a_network_to_be_read_from_a_file_costs_nothing_to_make() {
        let mut source = ParamSource::blank(&Device::default());
        // A hundred billion numbers, which neither memory nor patience would hold.
        let matrix = source.orthogonal([1 << 16, 1 << 20]);
        assert_eq!(matrix.dims(), [1 << 16, 1 << 20]);
        assert_eq!(source.uniform(0.1, [1 << 36]).dims(), [1 << 36]);
    }
}
