//! The parts of which networks that others trained are made.

use super::convolution::{Convolution, pooled};
use crate::init::ParamSource;
use burn::nn::pool::MaxPool2d;
use burn::prelude::*;
use burn::tensor::activation::relu;

/// What is frozen or trained on as a whole.
#[derive(Module, Debug)]
pub struct Block {
    /// What it does.
    pub part: Part,
    /// Every other place, the largest of those around it.
    pub halve: Option<MaxPool2d>,
}

/// What a block does.
#[derive(Module, Debug)]
pub enum Part {
    /// A convolution.
    Plain(Convolution),
    /// As in SqueezeNet.
    Fire(Fire),
    /// As in ResNet and MobileNetV2.
    Residual(Residual),
}

/// Few channels, then more again: half of them by 1 × 1, half by 3 × 3 (Iandola et al., 2016).
#[derive(Module, Debug)]
pub struct Fire {
    /// To few channels.
    pub squeeze: Convolution,
    /// To more, side by side: place by place, and with the neighbours.
    pub expand: Vec<Convolution>,
}

/// What is added to what came in: `x + f(x)` (He, Zhang, Ren & Sun, 2016; Sandler et al., 2018).
#[derive(Module, Debug)]
pub struct Residual {
    /// `f`: convolutions, one after the other.
    pub path: Vec<Convolution>,
    /// What brings `x` to the shape of `f(x)`.
    pub shortcut: Option<Convolution>,
    /// Whether anything is added: where the shapes differ, MobileNetV2 gives `f(x)` alone.
    #[module(skip)]
    pub(super) adds: bool,
    /// Whether only what is above 0 of the sum goes on, as in ResNet.
    #[module(skip)]
    pub(super) rectified: bool,
}

impl Block {
    pub(super) fn new(part: Part) -> Self {
        Self { part, halve: None }
    }

    pub(super) fn halved(self, pool: MaxPool2d) -> Self {
        Self {
            halve: Some(pool),
            ..self
        }
    }

    /// `[batch, channels, rows, columns]` to the same with other sizes.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let output = match &self.part {
            Part::Plain(convolution) => convolution.forward(input),
            Part::Fire(fire) => fire.forward(input),
            Part::Residual(residual) => residual.forward(input),
        };
        match &self.halve {
            Some(pool) => pool.forward(output),
            None => output,
        }
    }

    /// Rows and columns of what it gives, from those of what it reads.
    pub fn sides(&self, sides: [usize; 2]) -> [usize; 2] {
        let sides = match &self.part {
            Part::Plain(convolution) => convolution.sides(sides),
            // Its convolutions keep them.
            Part::Fire(_) => sides,
            Part::Residual(residual) => residual
                .path
                .iter()
                .fold(sides, |sides, next| next.sides(sides)),
        };
        match &self.halve {
            Some(pool) => pooled(pool, sides),
            None => sides,
        }
    }

    /// Channels of what it gives.
    pub fn channels(&self) -> usize {
        match &self.part {
            Part::Plain(convolution) => convolution.channels(),
            Part::Fire(fire) => fire.expand.iter().map(Convolution::channels).sum(),
            Part::Residual(residual) => residual.path.last().map_or(0, Convolution::channels),
        }
    }

    /// The same with parameters of a model, to be trained on.
    pub(super) fn owned(&self, source: &mut ParamSource) -> Self {
        let part = match &self.part {
            Part::Plain(convolution) => Part::Plain(convolution.owned(source)),
            Part::Fire(fire) => Part::Fire(Fire {
                squeeze: fire.squeeze.owned(source),
                expand: fire.expand.iter().map(|next| next.owned(source)).collect(),
            }),
            Part::Residual(residual) => Part::Residual(Residual {
                path: residual
                    .path
                    .iter()
                    .map(|next| next.owned(source))
                    .collect(),
                shortcut: residual.shortcut.as_ref().map(|own| own.owned(source)),
                ..residual.clone()
            }),
        };
        Self {
            part,
            halve: self.halve.clone(),
        }
    }
}

impl Fire {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let squeezed = self.squeeze.forward(input);
        let expanded = self.expand.iter();
        let expanded = expanded.map(|next| next.forward(squeezed.clone()));
        Tensor::cat(expanded.collect(), 1)
    }
}

impl Residual {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let mut output = input.clone();
        for convolution in &self.path {
            output = convolution.forward(output);
        }
        if self.adds {
            output = output
                + match &self.shortcut {
                    Some(shortcut) => shortcut.forward(input),
                    None => input,
                };
        }
        match self.rectified {
            true => relu(output),
            false => output,
        }
    }
}
