//! The part of seeing that is learned with what reads it.

use super::{LastFires, SqueezeNet};
use crate::init::ParamSource;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::module::adaptive_avg_pool2d;

/// Channels of the convolutions of an eye that is learned from nothing.
const CHANNELS: [usize; 3] = [32, 64, 96];

/// From a picture, or what a frozen network saw in it, to a grid of features.
#[derive(Module, Debug)]
pub struct Eye {
    /// Convolutions of 3 × 3, each of which halves the sides.
    pub convolutions: Vec<Conv2d>,
    /// The end of a network that others trained.
    pub last: Option<LastFires>,
    #[module(skip)]
    grid: usize,
    /// Features of a network that others trained lie between 0 and some thousand: their logarithms are what is read.
    #[module(skip)]
    compressed: bool,
}

impl Eye {
    /// Channels of the grid of an eye that is learned from nothing.
    pub const LEARNED_CHANNELS: usize = CHANNELS[CHANNELS.len() - 1];

    /// Nothing to learn: the grid is made coarser than `grid` places a side, no more.
    pub fn frozen(grid: usize) -> Self {
        Self {
            convolutions: Vec::new(),
            last: None,
            grid,
            compressed: true,
        }
    }

    /// Learns to see pictures from red, green and blue alone.
    pub fn learned(grid: usize, source: &mut ParamSource) -> Self {
        let mut input = 3;
        let convolutions = CHANNELS.map(|output| {
            let mut conv = Conv2dConfig::new([input, output], [3, 3])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(&source.device());
            // He, Zhang, Ren & Sun (2015), for rectified units.
            let limit = (6.0 / (9 * input) as f32).sqrt();
            conv.weight = source.uniform(limit, [output, input, 3, 3]);
            conv.bias = Some(source.constant(0.0, [output]));
            input = output;
            conv
        });
        Self {
            convolutions: convolutions.into(),
            compressed: false,
            ..Self::frozen(grid)
        }
    }

    /// Goes on training the last `count` fire modules of a network.
    ///
    /// # Panics
    /// If it has not so many.
    pub fn tuned(grid: usize, network: SqueezeNet, count: usize) -> Self {
        Self {
            last: Some(network.last_fires(count)),
            ..Self::frozen(grid)
        }
    }

    /// `[batch, channels, rows, columns]` to `[batch, places, features]`.
    pub fn forward(&self, mut seen: Tensor<4>) -> Tensor<3> {
        for conv in &self.convolutions {
            seen = relu(conv.forward(seen));
        }
        if let Some(last) = &self.last {
            seen = last.forward(seen);
        }
        let places = places(seen, self.grid);
        match self.compressed {
            true => places.log1p(),
            false => places,
        }
    }
}

/// The places of a grid that is no finer than `grid` a side, each the mean of those that fall together, row by row.
pub(crate) fn places(mut seen: Tensor<4>, grid: usize) -> Tensor<3> {
    let [_, _, rows, columns] = seen.dims();
    if rows > grid || columns > grid {
        seen = adaptive_avg_pool2d(seen, [rows.min(grid), columns.min(grid)]);
    }
    let [batch, channels, rows, columns] = seen.dims();
    seen.reshape([batch, channels, rows * columns])
        .swap_dims(1, 2)
}
