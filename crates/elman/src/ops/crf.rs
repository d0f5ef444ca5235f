//! A linear-chain conditional random field over the steps of a sequence: its loss, forward and backward, in one pass each.
//!
//! In plain tensor operations a step of the recursion is half a dozen of them on tensors of a few hundred numbers.

use super::flex::{contiguous, tensor, values};
use super::has_own_path;
use super::value::Value;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::prelude::*;
use burn::tensor::DType;
use burn_autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_flex::FlexTensor;
pub use elman_kernels::BestPaths;
use std::sync::Arc;

mod reference;

/// What the loss of a random field is taken of.
#[derive(Clone, Debug, PartialEq)]
pub struct CrfRule {
    /// `[batch × time]`: the tag of each step; at padded steps anything.
    pub targets: Arc<[u32]>,
    /// `[batch]`: valid steps of each sequence.
    pub lengths: Arc<[usize]>,
}

/// The scores of a random field besides those that its input gives.
#[derive(Clone, Debug)]
pub struct CrfScores {
    /// `[tags, tags]`: of going from the row's tag to the column's.
    pub transitions: Tensor<2>,
    /// `[tags]`: of beginning with a tag.
    pub start: Tensor<1>,
    /// `[tags]`: of ending with a tag.
    pub end: Tensor<1>,
}

/// The loss of each sequence under a linear-chain conditional random field; 0 for a sequence without steps.
///
/// ```text
/// score(y) = start_{y_1} + Σ_t x_{t, y_t} + Σ_t transitions_{y_t, y_{t+1}} + end_{y_n}
/// loss     = log Σ_y e^{score(y)} − score(target)
/// ```
///
/// # Shapes
/// - emissions `[batch, time, tags]`: x; what stands at padded steps influences nothing
/// - result `[batch]`
///
/// # Panics
/// If targets, lengths or scores do not fit the emissions, or the target of a valid step is not a tag.
///
/// # References
/// Lafferty, McCallum & Pereira (2001); as the output of a bidirectional LSTM: Huang, Xu & Yu (2015), Lample et al. (2016).
pub fn crf(rule: &CrfRule, emissions: Tensor<3>, scores: &CrfScores) -> Tensor<1> {
    let [batch, time, tags] = emissions.dims();
    check(emissions.dims(), &rule.lengths, scores);
    assert_eq!(rule.targets.len(), batch * time, "one target for each step");
    for (targets, length) in rule.targets.chunks(time.max(1)).zip(rule.lengths.iter()) {
        let mut targets = targets[..*length].iter();
        if let Some(target) = targets.find(|target| **target as usize >= tags) {
            panic!("a target is {target}, but there are {tags} tags");
        }
    }
    let (emissions, transitions) = (
        emissions.into_dispatch(),
        scores.transitions.clone().into_dispatch(),
    );
    let [start, end] = [&scores.start, &scores.end].map(|score| score.clone().into_dispatch());
    let rule = rule.clone();
    Tensor::from_dispatch(match has_own_path(&emissions.kind) {
        true => <Dispatch as CrfBackend>::crf_forward(rule, emissions, transitions, start, end),
        false => reference::forward::<Dispatch>(&rule, emissions, transitions, start, end),
    })
}

/// The path of the highest score (Viterbi, 1967) for each sequence, and that score.
///
/// # Shapes
/// - emissions `[batch, time, tags]`; the paths are `[batch × time]`, zero at padded steps
///
/// # Panics
/// If lengths or scores do not fit the emissions.
pub fn crf_decode(emissions: Tensor<3>, lengths: &[usize], scores: &CrfScores) -> BestPaths {
    read(emissions, lengths, scores, |crf, x| crf.decode(x))
}

/// The probability of each tag at each step under all paths (the forward–backward algorithm), `[batch × time × tags]`; zero
/// at padded steps.
///
/// # Panics
/// As [`crf_decode`].
pub fn crf_marginals(emissions: Tensor<3>, lengths: &[usize], scores: &CrfScores) -> Vec<f32> {
    read(emissions, lengths, scores, |crf, x| crf.marginals(x))
}

fn read<R>(
    emissions: Tensor<3>,
    lengths: &[usize],
    scores: &CrfScores,
    f: impl FnOnce(&elman_kernels::Crf<'_>, &[f32]) -> R,
) -> R {
    let [_, time, tags] = emissions.dims();
    check(emissions.dims(), lengths, scores);
    let emissions = crate::values(emissions);
    let transitions = crate::values(scores.transitions.clone());
    let [start, end] = [&scores.start, &scores.end].map(|score| crate::values(score.clone()));
    let crf = elman_kernels::Crf {
        time,
        tags,
        lengths,
        transitions: &transitions,
        start: &start,
        end: &end,
    };
    f(&crf, &emissions)
}

fn check([batch, time, tags]: [usize; 3], lengths: &[usize], scores: &CrfScores) {
    assert_eq!(
        lengths.len(),
        batch,
        "one length for each sequence of the batch"
    );
    assert!(
        lengths.iter().all(|length| *length <= time),
        "a length exceeds the {time} steps of the emissions"
    );
    assert_eq!(
        scores.transitions.dims(),
        [tags, tags],
        "the emissions have {tags} tags; transitions must be [tags, tags]"
    );
    for score in [&scores.start, &scores.end] {
        assert_eq!(score.dims(), [tags], "start and end must be [tags]");
    }
}

/// The random field of a backend, forward and backward. The default bodies are the reference.
#[backend_extension(Autodiff, Flex)]
#[allow(clippy::type_complexity)] // The dispatch macro returns tensors one by one.
pub trait CrfBackend: Backend {
    /// Returns the loss of each sequence.
    fn crf_forward(
        rule: CrfRule,
        emissions: FloatTensor<Self>,
        transitions: FloatTensor<Self>,
        start: FloatTensor<Self>,
        end: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        reference::forward::<Self>(&rule, emissions, transitions, start, end)
    }

    /// Returns the gradients of emissions, transitions, start and end, from those of the losses.
    fn crf_backward(
        rule: CrfRule,
        emissions: FloatTensor<Self>,
        transitions: FloatTensor<Self>,
        start: FloatTensor<Self>,
        end: FloatTensor<Self>,
        d_losses: FloatTensor<Self>,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        reference::backward::<Self>(&rule, emissions, transitions, start, end, d_losses)
    }
}

/// The kernel over tensors that are contiguous.
fn fused<'a>(
    rule: &'a CrfRule,
    [emissions, transitions, start, end]: &'a [FlexTensor; 4],
) -> elman_kernels::Crf<'a> {
    let [_, time, tags] = emissions.layout().shape().dims();
    elman_kernels::Crf {
        time,
        tags,
        lengths: &rule.lengths,
        transitions: values(transitions),
        start: values(start),
        end: values(end),
    }
}

impl CrfBackend for Flex {
    fn crf_forward(
        rule: CrfRule,
        emissions: FlexTensor,
        transitions: FlexTensor,
        start: FlexTensor,
        end: FlexTensor,
    ) -> FlexTensor {
        if emissions.dtype() != DType::F32 {
            return reference::forward::<Self>(&rule, emissions, transitions, start, end);
        }
        let inputs = [emissions, transitions, start, end].map(contiguous);
        let losses = fused(&rule, &inputs).forward(values(&inputs[0]), &rule.targets);
        tensor(losses, [rule.lengths.len()])
    }

    fn crf_backward(
        rule: CrfRule,
        emissions: FlexTensor,
        transitions: FlexTensor,
        start: FlexTensor,
        end: FlexTensor,
        d_losses: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor, FlexTensor) {
        if emissions.dtype() != DType::F32 {
            return reference::backward::<Self>(
                &rule,
                emissions,
                transitions,
                start,
                end,
                d_losses,
            );
        }
        let [batch, time, tags] = emissions.layout().shape().dims();
        let inputs = [emissions, transitions, start, end].map(contiguous);
        let d_losses = contiguous(d_losses);
        let gradients =
            fused(&rule, &inputs).backward(values(&inputs[0]), &rule.targets, values(&d_losses));
        (
            tensor(gradients.emissions, [batch, time, tags]),
            tensor(gradients.transitions, [tags, tags]),
            tensor(gradients.start, [tags]),
            tensor(gradients.end, [tags]),
        )
    }
}

#[derive(Debug)]
struct Step;

impl<B: CrfBackend> Backward<B, 4> for Step {
    type State = (CrfRule, [FloatTensor<B>; 4]);

    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let d_losses = gradients.consume::<B>(&ops.node);
        let (parents, (rule, inputs)) = (ops.parents, ops.state);
        let [emissions, transitions, start, end] = inputs;
        let computed = B::crf_backward(rule, emissions, transitions, start, end, d_losses);
        for (parent, gradient) in parents.into_iter().zip(<[_; 4]>::from(computed)) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}

impl<B: CrfBackend, C: CheckpointStrategy> CrfBackend for Autodiff<B, C> {
    fn crf_forward(
        rule: CrfRule,
        emissions: FloatTensor<Self>,
        transitions: FloatTensor<Self>,
        start: FloatTensor<Self>,
        end: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [(emissions, x), (transitions, t), (start, s), (end, e)] =
            [emissions, transitions, start, end].map(|tensor| tensor.into_parts());
        let inputs = [emissions, transitions, start, end];
        let [emissions, transitions, start, end] = inputs.clone();
        let losses = B::crf_forward(rule.clone(), emissions, transitions, start, end);
        match Backward::<B, 4>::prepare::<C>(Step, [x, t, s, e])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((rule, inputs), losses),
            OpsKind::UnTracked(prep) => prep.finish(losses),
        }
    }
}

#[cfg(test)]
mod tests;
