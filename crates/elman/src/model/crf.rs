//! A conditional random field as the output of a network.

use crate::init::ParamSource;
use crate::ops::{self, BestPaths, CrfRule, CrfScores};
use burn::module::Param;
use burn::prelude::*;
use std::sync::Arc;

/// Tags that are chosen together: besides what the input says for each tag at each step, every tag has a score for following
/// another, for beginning and for ending a sequence.
///
/// # References
/// Lafferty, McCallum & Pereira (2001); as the output of a bidirectional LSTM: Huang, Xu & Yu (2015), Lample et al. (2016).
#[derive(Module, Debug)]
pub struct Crf {
    /// `[tags, tags]`: of going from the row's tag to the column's.
    pub transitions: Param<Tensor<2>>,
    /// `[tags]`: of beginning with a tag.
    pub start: Param<Tensor<1>>,
    /// `[tags]`: of ending with a tag.
    pub end: Param<Tensor<1>>,
}

impl Crf {
    /// A field without preferences: all scores zero.
    pub fn new(tags: usize, source: &mut ParamSource) -> Self {
        Self {
            transitions: source.constant(0.0, [tags, tags]),
            start: source.constant(0.0, [tags]),
            end: source.constant(0.0, [tags]),
        }
    }

    /// The negative log-likelihood of each sequence, `[batch]`; 0 for a sequence without steps.
    ///
    /// # Shapes
    /// - emissions `[batch, time, tags]`
    /// - targets `[batch × time]`; beyond a sequence's length anything
    ///
    /// # Panics
    /// If the shapes do not fit, or the target of a valid step is not a tag.
    pub fn loss(
        &self,
        emissions: Tensor<3>,
        targets: impl Into<Arc<[u32]>>,
        lengths: &[usize],
    ) -> Tensor<1> {
        let rule = CrfRule {
            targets: targets.into(),
            lengths: lengths.into(),
        };
        ops::crf(&rule, emissions, &self.scores())
    }

    /// The best path of each sequence and its score.
    ///
    /// # Shapes
    /// - emissions `[batch, time, tags]`
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn decode(&self, emissions: Tensor<3>, lengths: &[usize]) -> BestPaths {
        ops::crf_decode(emissions, lengths, &self.scores())
    }

    /// The probability of each tag at each step, `[batch × time × tags]`; zero at padded steps.
    ///
    /// # Shapes
    /// - emissions `[batch, time, tags]`
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn marginals(&self, emissions: Tensor<3>, lengths: &[usize]) -> Vec<f32> {
        ops::crf_marginals(emissions, lengths, &self.scores())
    }

    fn scores(&self) -> CrfScores {
        CrfScores {
            transitions: self.transitions.val(),
            start: self.start.val(),
            end: self.end.val(),
        }
    }
}
