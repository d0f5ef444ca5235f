//! A convolution of a network that others trained.

use crate::init::ParamSource;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2d;
use burn::prelude::*;
use burn::tensor::activation::relu;

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rectifier {
    /// Nothing.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

/// A convolution with a bias, and what follows it. A batch normalisation between them is part of it, as it was at the end of training.
#[derive(Module, Debug)]
pub struct Convolution {
    /// Weights and bias.
    pub conv: Conv2d,
    #[module(skip)]
    rectifier: Rectifier,
}

/// How a convolution goes over a picture: `channels` in and out, filters of `side` × `side`.
pub(super) fn filters(channels: [usize; 2], side: usize) -> Conv2dConfig {
    Conv2dConfig::new(channels, [side; 2])
}

/// A border of `width` zeros all around.
pub(super) fn border(width: usize) -> PaddingConfig2d {
    PaddingConfig2d::Explicit(width, width, width, width)
}

impl Convolution {
    pub(super) fn new(conv: Conv2d, rectifier: Rectifier) -> Self {
        Self { conv, rectifier }
    }

    /// `[batch, channels, rows, columns]` to the same with other channels.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let output = self.conv.forward(input);
        match self.rectifier {
            Rectifier::None => output,
            Rectifier::Relu => relu(output),
            Rectifier::Relu6 => output.clamp(0.0, 6.0),
        }
    }

    /// Rows and columns of what it gives.
    pub(super) fn sides(&self, sides: [usize; 2]) -> [usize; 2] {
        let conv = &self.conv;
        steps(sides, conv.kernel_size, conv.stride, &conv.padding, false)
    }

    /// Channels of what it gives.
    pub(super) fn channels(&self) -> usize {
        self.conv.weight.dims()[0]
    }

    /// The same with parameters of a model, to be trained on.
    pub(super) fn owned(&self, source: &mut ParamSource) -> Self {
        let mut own = self.clone();
        let shape = self.conv.weight.dims();
        own.conv.weight = source.param(crate::values(self.conv.weight.val()), shape);
        let bias = self.conv.bias.as_ref();
        own.conv.bias = bias.map(|bias| source.param(crate::values(bias.val()), bias.dims()));
        own
    }
}

/// Rows and columns of what a pooling gives.
pub(super) fn pooled(pool: &MaxPool2d, sides: [usize; 2]) -> [usize; 2] {
    steps(
        sides,
        pool.kernel_size,
        pool.stride,
        &pool.padding,
        pool.ceil_mode,
    )
}

/// How many times a window is put down along each side; `over` says whether it may reach past the end.
fn steps(
    sides: [usize; 2],
    window: [usize; 2],
    stride: [usize; 2],
    padding: &PaddingConfig2d,
    over: bool,
) -> [usize; 2] {
    // No block has borders of another kind.
    let (rows, columns) = match padding {
        PaddingConfig2d::Explicit(top, left, bottom, right) => ((*top, *bottom), (*left, *right)),
        _ => ((0, 0), (0, 0)),
    };
    let along = |side: usize, window: usize, stride: usize, (before, after): (usize, usize)| {
        let way = (side + before + after).saturating_sub(window);
        match over {
            // A window that would begin in the border after the end is left out, as PyTorch does.
            true => way
                .div_ceil(stride)
                .min((side + before - 1) / stride)
                .saturating_add(1),
            false => way / stride + 1,
        }
    };
    [
        along(sides[0], window[0], stride[0], rows),
        along(sides[1], window[1], stride[1], columns),
    ]
}
