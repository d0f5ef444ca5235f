//! One step of any rule, in place where the processor can reach the numbers.

use burn::backend::DispatchTensorKind;
use burn::prelude::*;
use burn::tensor::{DType, TensorData};

/// What is done to a gradient before it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// Multiplied by this,
    pub(crate) scale: f64,
    /// then every component limited to ± this.
    pub(crate) limit: Option<f64>,
}

impl Change {
    fn anywhere(self, mut gradient: Tensor<1>) -> Tensor<1> {
        if self.scale != 1.0 {
            gradient = gradient.mul_scalar(self.scale);
        }
        match self.limit {
            Some(limit) => gradient.clamp(-limit, limit),
            None => gradient,
        }
    }

    fn on_host(self) -> HostChange {
        HostChange {
            scale: self.scale as f32,
            limit: self.limit.map_or(f32::INFINITY, |limit| limit as f32),
        }
    }
}

/// A [`Change`] of 32-bit numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostChange {
    scale: f32,
    limit: f32,
}

impl HostChange {
    /// The gradient to use.
    #[inline(always)]
    pub(super) fn of(self, gradient: f32) -> f32 {
        (gradient * self.scale).clamp(-self.limit, self.limit)
    }
}

/// One step of a rule over a weight and the `N − 1` parts of its state, said twice.
pub(super) trait Equation<const N: usize>: Copy + Sync {
    /// In plain tensor operations: the readable form.
    fn anywhere(self, values: [Tensor<1>; N], gradient: Tensor<1>) -> [Tensor<1>; N];

    /// Number by number, in place. It must be `#[inline(always)]` to be compiled for vectors.
    fn on_host(self, values: [&mut [f32]; N], gradient: &[f32], change: HostChange);
}

/// As many numbers as a parameter has, side by side in its memory order.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // Two for each parameter at most.
pub(super) enum Part {
    /// Where the rule changes them in place.
    Host(Vec<f32>),
    Elsewhere(Tensor<1>),
}

impl Part {
    /// Numbers of the type and shape of `weight`.
    pub(super) fn new<const D: usize>(weight: &Tensor<D>, data: TensorData) -> Self {
        match on_host(weight) {
            true => Self::Host(data.iter::<f32>().collect()),
            false => {
                let (place, count) = ((&weight.device(), weight.dtype()), data.num_elements());
                Self::Elsewhere(Tensor::<D>::from_data(data, place).reshape([count]))
            }
        }
    }

    /// Zeros for a parameter like `weight`.
    pub(super) fn zeros<const D: usize>(weight: &Tensor<D>) -> Self {
        let count = weight.shape().num_elements();
        match on_host(weight) {
            true => Self::Host(vec![0.0; count]),
            false => Self::Elsewhere(Tensor::zeros([count], (&weight.device(), weight.dtype()))),
        }
    }
}

/// Moves `weight` and the parts of its state by an equation.
///
/// # Panics
/// If the parts are not those that [`Part::zeros`] makes for the weight, one less than the equation has values.
pub(super) fn advance<const N: usize, const D: usize>(
    equation: impl Equation<N>,
    change: Change,
    weight: Tensor<D>,
    gradient: Tensor<D>,
    parts: &mut [Part],
) -> Tensor<D> {
    match on_host(&weight) {
        true => in_place(equation, change.on_host(), weight, gradient, parts),
        false => elsewhere(equation, change, weight, gradient, parts),
    }
}

/// Whether a tensor's numbers are 32-bit floats that the processor can reach.
fn on_host<const D: usize>(tensor: &Tensor<D>) -> bool {
    let kind = tensor.clone().into_dispatch().kind;
    matches!(kind, DispatchTensorKind::Flex(_)) && tensor.dtype() == DType::F32
}

/// The only owner of a tensor hands out its memory and gets it back changed.
fn in_place<const N: usize, const D: usize>(
    equation: impl Equation<N>,
    change: HostChange,
    weight: Tensor<D>,
    gradient: Tensor<D>,
    parts: &mut [Part],
) -> Tensor<D> {
    const F32: &str = "an F32 tensor's numbers are F32, and its gradient's too";
    let device = weight.device();
    let (mut weight, gradient) = (weight.into_data(), gradient.into_data());
    let own = std::iter::once(weight.as_mut_slice().expect(F32));
    let parts = parts.iter_mut().map(|part| match part {
        Part::Host(numbers) => &mut numbers[..],
        Part::Elsewhere(_) => unreachable!("the parts are where the weight is"),
    });
    let mut values = own.chain(parts);
    let values = std::array::from_fn(|_| values.next().expect("the equation's parts"));
    elman_kernels::update::<N>(
        values,
        gradient.as_slice().expect(F32),
        #[inline(always)]
        |values, gradient| equation.on_host(values, gradient, change),
    );
    Tensor::from_data(weight, (&device, DType::F32))
}

fn elsewhere<const N: usize, const D: usize>(
    equation: impl Equation<N>,
    change: Change,
    weight: Tensor<D>,
    gradient: Tensor<D>,
    parts: &mut [Part],
) -> Tensor<D> {
    let (shape, count) = (weight.shape(), weight.shape().num_elements());
    let own = std::iter::once(weight.reshape([count]));
    let before = parts.iter().map(|part| match part {
        Part::Elsewhere(numbers) => numbers.clone(),
        Part::Host(_) => unreachable!("the parts are where the weight is"),
    });
    let mut values = own.chain(before);
    let values: [_; N] = std::array::from_fn(|_| values.next().expect("the equation's parts"));
    let gradient = change.anywhere(gradient.reshape([count]));
    let mut moved = equation.anywhere(values, gradient).into_iter();
    let weight = moved.next().expect("the weight comes first");
    for (part, moved) in parts.iter_mut().zip(moved) {
        *part = Part::Elsewhere(moved);
    }
    weight.reshape(shape)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use burn::tensor::Distribution;

    /// Four steps in place, with gradients scaled and limited, against the same in plain tensor operations.
    pub(in crate::train::optimizer) fn in_place_equals_plain_operations<
        const N: usize,
        E: Equation<N>,
    >(
        at: impl Fn(u64) -> E,
    ) {
        let device = Device::default();
        let change = Change {
            scale: 0.75,
            limit: Some(0.3),
        };
        // Enough for several threads, with a remainder.
        for shape in [[3, 5], [301, 333]] {
            let count = shape[0] * shape[1];
            let random = || Tensor::<2>::random(shape, Distribution::Default, &device) - 0.5;
            let weight = random();
            let zeros = || Tensor::<1>::zeros([count], &device);
            let mut plain = std::array::from_fn(|index| match index {
                0 => weight.clone().reshape([count]),
                _ => zeros(),
            });
            let mut fused = weight.clone();
            let mut parts: Vec<_> = (1..N).map(|_| Part::zeros(&weight)).collect();
            let start = crate::values(weight.clone());
            for time in 1..=4 {
                let gradient = random();
                let changed = change.anywhere(gradient.clone().reshape([count]));
                plain = at(time).anywhere(plain, changed);
                fused = advance(at(time), change, fused, gradient, &mut parts);
            }
            let mut found = vec![fused.clone().reshape([count])];
            found.extend(parts.into_iter().map(|part| match part {
                Part::Host(numbers) => Tensor::from_floats(&numbers[..], &device),
                Part::Elsewhere(_) => panic!("the host's path was to be tested"),
            }));
            for (found, expected) in found.into_iter().zip(plain) {
                let difference = (found - expected).abs().max().into_scalar::<f32>();
                assert!(difference < 1e-6, "{difference}");
            }
            assert!((fused - weight.clone()).abs().max().into_scalar::<f32>() > 1e-3);
            // The tensor that was cloned before keeps its numbers.
            assert_eq!(crate::values(weight), start);
        }
    }
}
