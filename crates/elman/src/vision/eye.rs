//! The part of seeing that is learned with what reads it.

use super::Block;
use crate::init::ParamSource;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::module::adaptive_avg_pool2d;

/// Features that say where a place is.
pub(crate) const COORDINATES: usize = 2;

/// Channels of the convolutions of an eye that is learned from nothing.
const CHANNELS: [usize; 3] = [32, 64, 96];

/// From a picture, or what a frozen network saw in it, to a grid of features.
#[derive(Module, Debug)]
pub struct Eye {
    /// Convolutions of 3 × 3, each of which halves the sides.
    pub convolutions: Vec<Conv2d>,
    /// The last blocks of a network that others trained.
    pub last: Vec<Block>,
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
            last: Vec::new(),
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

    /// Rows and columns of what an eye that is learned from nothing gives, from those of the picture, before it is made coarser.
    pub(crate) fn learned_sides(sides: [usize; 2]) -> [usize; 2] {
        CHANNELS
            .iter()
            .fold(sides, |sides, _| sides.map(|side| side.div_ceil(2)))
    }

    /// Goes on training the last blocks of a network that others trained.
    pub fn tuned(grid: usize, last: &[Block], source: &mut ParamSource) -> Self {
        Self {
            last: last.iter().map(|block| block.owned(source)).collect(),
            ..Self::frozen(grid)
        }
    }

    /// `[batch, channels, rows, columns]` to `[batch, places, features]`, of which the last two say where the place is.
    pub fn forward(&self, mut seen: Tensor<4>) -> Tensor<3> {
        for conv in &self.convolutions {
            seen = relu(conv.forward(seen));
        }
        for block in &self.last {
            seen = block.forward(seen);
        }
        let [_, _, rows, columns] = seen.dims();
        let sides = [rows.min(self.grid), columns.min(self.grid)];
        let places = places(seen, self.grid);
        let places = match self.compressed {
            true => places.log1p(),
            false => places,
        };
        let [batch, count, _] = places.dims();
        let coordinates = coordinates(sides, &places.device()).expand([batch, count, COORDINATES]);
        Tensor::cat(vec![places, coordinates], 2)
    }
}

/// Row and column of each place of a grid, from −1 to 1, `[1, places, 2]`: convolutions see the same everywhere, and what reads
/// them must know where (Liu et al., 2018, *An intriguing failing of convolutional neural networks and the CoordConv solution*).
fn coordinates([rows, columns]: [usize; 2], device: &Device) -> Tensor<3> {
    let along = |place: usize, side: usize| match side {
        1 => 0.0,
        side => 2.0 * place as f32 / (side - 1) as f32 - 1.0,
    };
    let of = |row: usize| {
        (0..columns).flat_map(move |column| [along(row, rows), along(column, columns)])
    };
    let values: Vec<f32> = (0..rows).flat_map(of).collect();
    Tensor::from_data(
        TensorData::new(values, [1, rows * columns, COORDINATES]),
        device,
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Initializer;

    #[test]
    fn a_place_knows_where_it_is() {
        let device = Device::default();
        let seen = Tensor::<4>::zeros([2, 3, 4, 6], &device);
        let places = Eye::frozen(2).forward(seen.clone());
        assert_eq!(places.dims(), [2, 4, 3 + COORDINATES]);
        let values = crate::values(places);
        let where_it_is: Vec<&[f32]> = values.chunks(5).map(|place| &place[3..]).collect();
        assert_eq!(
            where_it_is[..4],
            [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
        );
        assert_eq!(where_it_is[..4], where_it_is[4..]);
        assert_eq!(Eye::frozen(1).forward(seen).dims(), [2, 1, 5]);

        let mut source = ParamSource::new(1, Initializer::PyTorch, &device);
        let learned = Eye::learned(8, &mut source);
        let picture = Tensor::<4>::ones([1, 3, 64, 64], &device);
        let places = learned.forward(picture);
        assert_eq!(places.dims(), [1, 64, Eye::LEARNED_CHANNELS + COORDINATES]);
    }

    #[test]
    fn places_are_the_means_of_what_falls_together() {
        let device = Device::default();
        let values: Vec<f32> = (0..16).map(|k| k as f32).collect();
        let seen = Tensor::<4>::from_data(TensorData::new(values, [1, 1, 4, 4]), &device);
        assert_eq!(
            crate::values(places(seen.clone(), 2)),
            [2.5, 4.5, 10.5, 12.5]
        );
        assert_eq!(places(seen, 9).dims(), [1, 16, 1]);
    }
}
