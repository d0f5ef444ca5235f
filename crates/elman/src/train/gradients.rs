//! Sums over the gradients of all parameters, in visiting order.

use crate::weights::{Path, keep_path};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;

/// The size of a gradient over all parameters together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Size {
    /// Euclidean norm.
    pub(crate) norm: f64,
    /// Largest absolute component.
    pub(crate) largest: f64,
    /// The parameters whose gradients have a component that is not finite.
    pub(crate) non_finite: Vec<String>,
}

/// Measures the gradients of `model`: in 64 bits and always in the same order, so that the figure repeats exactly.
pub(crate) fn size<M: Module>(model: &M, gradients: &mut GradientsParams) -> Size {
    let mut visitor = Measure {
        path: Path::default(),
        gradients,
        squares: 0.0,
        size: Size::default(),
    };
    model.visit(&mut visitor);
    let norm = visitor.squares.sqrt();
    Size {
        norm,
        ..visitor.size
    }
}

/// `total + weight × gradients`; `weight × gradients` where there is no total yet.
pub(crate) fn add<M: Module>(
    model: &M,
    total: Option<GradientsParams>,
    gradients: GradientsParams,
    weight: f64,
) -> GradientsParams {
    let mut visitor = Add {
        total: total.unwrap_or_default(),
        gradients,
        weight,
    };
    model.visit(&mut visitor);
    visitor.total
}

struct Measure<'a> {
    path: Path,
    gradients: &'a mut GradientsParams,
    squares: f64,
    size: Size,
}

impl ModuleVisitor for Measure<'_> {
    keep_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Taken out and put back: the only owner of a tensor reads its numbers without a copy.
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let (device, dtype) = (gradient.device(), gradient.dtype());
        let data = gradient.into_data();
        let (squares, largest) = match data.as_slice::<f32>() {
            Ok(values) => {
                let found = elman_kernels::magnitude(values);
                (found.squares, f64::from(found.largest))
            }
            Err(_) => data
                .iter::<f64>()
                .fold((0.0, 0.0), |(squares, largest), value| {
                    (squares + value * value, value.abs().max(largest))
                }),
        };
        if !squares.is_finite() {
            self.size.non_finite.push(self.path.name());
        }
        self.squares += squares;
        self.size.largest = self.size.largest.max(largest);
        let gradient = Tensor::<D>::from_data(data, (&device, dtype));
        self.gradients.register(param.id, gradient);
    }
}

struct Add {
    total: GradientsParams,
    gradients: GradientsParams,
    weight: f64,
}

impl ModuleVisitor for Add {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let weighted = gradient.mul_scalar(self.weight);
        let sum = match self.total.remove::<D>(param.id) {
            Some(total) => total + weighted,
            None => weighted,
        };
        self.total.register(param.id, sum);
    }
}
