//! Tensor arithmetic on the primitives of any backend, so that the reference reads like its equations.

use burn::backend::{
    Backend, TensorMetadata,
    tensor::{BoolTensor, FloatTensor},
};
use burn::tensor::{DType, FloatDType, Shape, Slice, TensorData};
use std::ops::{Add, Mul, Sub};

/// A float tensor of backend `B`, with the operators that the recurrences need.
pub(super) struct Value<B: Backend>(pub(super) FloatTensor<B>);

impl<B: Backend> Clone for Value<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:ident) => {
        impl<B: Backend> $trait for &Value<B> {
            type Output = Value<B>;
            fn $method(self, other: Self) -> Value<B> {
                Value(B::$op(self.0.clone(), other.0.clone()))
            }
        }
    };
}
operator!(Add, add, float_add);
operator!(Sub, sub, float_sub);
operator!(Mul, mul, float_mul);

impl<B: Backend> Value<B> {
    pub(super) fn zeros_like(&self, shape: impl Into<Shape>) -> Self {
        let dtype = float_dtype(self.0.dtype());
        Self(B::float_zeros(shape.into(), &self.0.device(), dtype))
    }

    /// `data` in this tensor's type and on its device.
    pub(super) fn constant<const D: usize>(&self, data: &[f32], shape: [usize; D]) -> Self {
        let data = TensorData::new(data.to_vec(), shape).convert_dtype(self.0.dtype());
        Self(B::float_from_data(data, &self.0.device()))
    }

    pub(super) fn dims<const D: usize>(&self) -> [usize; D] {
        self.0.shape().dims()
    }

    pub(super) fn matmul(&self, other: &Self) -> Self {
        Self(B::float_matmul(self.0.clone(), other.0.clone()))
    }

    pub(super) fn transpose(&self) -> Self {
        Self(B::float_transpose(self.0.clone()))
    }

    pub(super) fn reshape(&self, shape: impl Into<Shape>) -> Self {
        Self(B::float_reshape(self.0.clone(), shape.into()))
    }

    pub(super) fn tanh(&self) -> Self {
        Self(B::float_tanh(self.0.clone()))
    }

    pub(super) fn sigmoid(&self) -> Self {
        Self(B::sigmoid(self.0.clone()))
    }

    pub(super) fn relu(&self) -> Self {
        Self(B::relu(self.0.clone()))
    }

    /// The gradient through `relu`, given its output.
    pub(super) fn relu_backward(&self, gradient: &Self) -> Self {
        Self(B::relu_backward(self.0.clone(), gradient.0.clone()))
    }

    /// `1 - x`.
    pub(super) fn complement(&self) -> Self {
        Self(B::float_add_scalar(
            B::float_neg(self.0.clone()),
            1.0.into(),
        ))
    }

    /// Sum over the rows of a matrix: `[rows, n]` to `[n]`.
    pub(super) fn sum_rows(&self) -> Self {
        let [_, n] = self.dims();
        Self(B::float_sum_dim(self.0.clone(), 0)).reshape([n])
    }

    /// Sum over the columns of a matrix: `[rows, n]` to `[rows, 1]`.
    pub(super) fn sum_columns(&self) -> Self {
        Self(B::float_sum_dim(self.0.clone(), 1))
    }

    /// The largest value of each row of a matrix: `[rows, 1]`.
    pub(super) fn largest_of_rows(&self) -> Self {
        Self(B::float_max_dim(self.0.clone(), 1))
    }

    pub(super) fn exp(&self) -> Self {
        Self(B::float_exp(self.0.clone()))
    }

    pub(super) fn log(&self) -> Self {
        Self(B::float_log(self.0.clone()))
    }

    /// Columns `index·width .. (index + 1)·width` of a matrix.
    pub(super) fn block(&self, index: usize, width: usize) -> Self {
        self.range(1, index * width, (index + 1) * width)
    }

    /// Elements `start..end` of dimension `dim`, all of the others.
    pub(super) fn range(&self, dim: usize, start: usize, end: usize) -> Self {
        let mut slices = vec![Slice::full(); dim + 1];
        slices[dim] = Slice::from(start..end);
        Self(B::float_slice(self.0.clone(), &slices))
    }

    /// Entry `index` of dimension `dim` of a rank-3 tensor, as a matrix.
    pub(super) fn entry(&self, dim: usize, index: usize) -> Self {
        let shape: [usize; 3] = self.dims();
        let rest: Vec<usize> = (0..3).filter(|d| *d != dim).map(|d| shape[d]).collect();
        self.range(dim, index, index + 1)
            .reshape([rest[0], rest[1]])
    }

    pub(super) fn cat(parts: Vec<Self>, dim: usize) -> Self {
        Self(B::float_cat(
            parts.into_iter().map(|part| part.0).collect(),
            dim,
        ))
    }

    /// Matrices as the entries of dimension `dim` of a rank-3 tensor.
    pub(super) fn stack(parts: Vec<Self>, dim: usize) -> Self {
        let part = |part: Self| {
            let mut shape = part.dims::<2>().to_vec();
            shape.insert(dim, 1);
            part.reshape(shape)
        };
        Self::cat(parts.into_iter().map(part).collect(), dim)
    }

    /// This value where `mask` holds, `other` elsewhere.
    pub(super) fn or(&self, mask: &BoolTensor<B>, other: &Self) -> Self {
        Self(B::float_mask_where(
            other.0.clone(),
            mask.clone(),
            self.0.clone(),
        ))
    }

    /// This value where `mask` holds, zero elsewhere (a NaN elsewhere is gone).
    pub(super) fn or_zero(&self, mask: &BoolTensor<B>) -> Self {
        self.or(mask, &self.zeros_like(self.0.shape()))
    }
}

fn float_dtype(dtype: DType) -> FloatDType {
    dtype.into()
}
