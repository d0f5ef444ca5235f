//! How a recurrence is computed, as far as the caller may choose.

use std::num::NonZeroUsize;

use crate::numbers::Numbers;
use crate::simd::Tier;

/// How a recurrence is computed: what it costs in time, memory and accuracy, not what it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mode {
    /// The numbers that products multiply.
    pub precision: Precision,
    /// Steps of a segment, of which the forward pass keeps nothing but the state it starts from; the backward pass computes the
    /// rest again (Chen et al. 2016; Gruslys et al. 2016). One more forward pass, and memory for one segment and for the states
    /// between them instead of for all steps: least near `√time` steps. Outputs are the same, to the bit; gradients are the same
    /// up to the order in which segments are summed, with [`Precision::Bf16`] up to its rounding of what is saved.
    ///
    /// A simple recurrent network needs nothing but its outputs and computes nothing again; segments still bound what its
    /// backward pass works with. As many steps as the sequence has, or more, are one segment: the layers of a stack then keep
    /// their values one at a time. Absent: everything is kept.
    pub checkpoint_every: Option<NonZeroUsize>,
}

impl Precision {
    /// Whether this processor computes so; where it does not, [`Precision::F32`] is computed.
    #[must_use]
    pub fn is_available(self) -> bool {
        let numbers = Numbers::of(self, Tier::current(), false);
        self == Self::F32 || numbers != Numbers::F32
    }
}

/// The numbers that products multiply; sums are always `f32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 24 bits of precision.
    #[default]
    F32,
    /// 8 bits of precision and the range of `f32`, on a CPU that multiplies them; on any other as [`Precision::F32`].
    Bf16,
    /// 8 bits, for inference on any CPU: weights in 127ths of the largest of their column, operands in 127ths of the largest of
    /// their row, sums exact. A pass that saves for the backward pass computes as [`Precision::F32`].
    Int8,
}
