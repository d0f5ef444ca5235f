//! Losses, as numbers to descend.
//!
//! Each is a mean over everything by default. With [`OverTime::Sum`] it is the notes' `Loss(θ) = Σ_t loss(y_true,t,
//! y_pred,t)`: summed over the steps of a sequence, averaged over the sequences (and over the features of a step).

mod similarity;

pub use similarity::{Distance, contrastive, cosine_similarity, euclidean, triplet};

use crate::ops::{self, CrossEntropyRule};
use burn::prelude::*;
use burn::tensor::activation::log_sigmoid;
use serde::{Deserialize, Serialize};

/// What becomes of the losses of a sequence's steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverTime {
    /// The mean over all valid steps of all sequences.
    #[default]
    Mean,
    /// The sum over the valid steps of each sequence, then the mean over the sequences.
    Sum,
}

/// How the losses of single elements become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reduction<'a> {
    /// Over the steps of a sequence.
    pub over_time: OverTime,
    /// Valid steps of each sequence; all when absent. Steps beyond count for nothing, whatever they hold.
    pub lengths: Option<&'a [usize]>,
    /// Which elements count, in the order of the tensor of elements; all when absent. The others count for nothing as
    /// long as they are finite: targets that were not measured.
    pub counted: Option<&'a [bool]>,
}

impl Reduction<'_> {
    /// Joins element losses.
    ///
    /// # Shapes
    /// - elements `[batch, …]`, and `[batch, time, …]` if there are lengths or the steps are summed
    /// - result `[1]`
    ///
    /// # Panics
    /// If lengths or the sum over time meet a tensor without time, lengths do not fit it, lengths and `counted` are both
    /// given, or `counted` is not as long as there are elements.
    pub fn reduce<const D: usize>(&self, elements: Tensor<D>) -> Tensor<1> {
        let dims = elements.dims();
        let all = elements.shape().num_elements();
        let timed = self.lengths.is_some() || self.over_time == OverTime::Sum;
        assert!(
            !timed || D >= 2,
            "the loss of each step must be [batch, time, …], not {dims:?}"
        );
        let per_step: usize = dims.iter().skip(2).product();
        let (elements, valid) = match (self.lengths, self.counted) {
            (None, None) => (elements, all),
            (None, Some(counted)) => {
                assert_eq!(counted.len(), all, "one mark for each element");
                let skipped: Vec<bool> = counted.iter().map(|counts| !counts).collect();
                let valid = counted.iter().filter(|counts| **counts).count();
                let skipped = TensorData::new(skipped, dims);
                let skipped = Tensor::<D, Bool>::from_data(skipped, &elements.device());
                (elements.mask_fill(skipped, 0.0), valid)
            }
            (Some(lengths), counted) => {
                assert!(
                    counted.is_none(),
                    "lengths and marks of elements exclude each other"
                );
                let invalid = beyond::<D>(lengths, dims, &elements.device());
                let valid = lengths.iter().sum::<usize>() * per_step;
                (elements.mask_fill(invalid, 0.0), valid)
            }
        };
        let count = match self.over_time {
            OverTime::Mean => valid,
            OverTime::Sum => dims[0] * per_step,
        };
        elements.sum() / (count.max(1) as f64)
    }
}

/// True at the steps at and beyond each sequence's length, broadcast to `dims`.
fn beyond<const D: usize>(lengths: &[usize], dims: [usize; D], device: &Device) -> Tensor<D, Bool> {
    let [batch, time] = [dims[0], dims[1]];
    check_lengths(lengths, batch, time);
    let mut shape = [1; D];
    [shape[0], shape[1]] = [batch, time];
    let steps = lengths
        .iter()
        .flat_map(|length| (0..time).map(move |step| step >= *length));
    let mask = TensorData::new(steps.collect::<Vec<bool>>(), shape);
    Tensor::<D, Bool>::from_data(mask, device).expand(dims)
}

fn check_lengths(lengths: &[usize], batch: usize, time: usize) {
    assert_eq!(
        lengths.len(),
        batch,
        "one length for each sequence of the batch"
    );
    assert!(
        lengths.iter().all(|length| *length <= time),
        "a length exceeds the {time} steps of the loss"
    );
}

/// Mean squared error `(y − ŷ)²`.
///
/// # Shapes
/// - prediction and target alike, as [`Reduction::reduce`] takes them
///
/// # Panics
/// If the shapes differ, or as [`Reduction::reduce`]; so for each loss here.
pub fn mse<const D: usize>(
    prediction: Tensor<D>,
    target: Tensor<D>,
    reduction: Reduction<'_>,
) -> Tensor<1> {
    let error = difference(prediction, target);
    reduction.reduce(error.clone() * error)
}

/// Mean absolute error `|y − ŷ|`. Its gradient at an error of exactly 0 is 0.
pub fn mae<const D: usize>(
    prediction: Tensor<D>,
    target: Tensor<D>,
    reduction: Reduction<'_>,
) -> Tensor<1> {
    reduction.reduce(difference(prediction, target).abs())
}

/// Huber's loss (1964) of the error `e`: `e²/2` up to `|e| = delta`, beyond it `delta (|e| − delta/2)`.
pub fn huber<const D: usize>(
    prediction: Tensor<D>,
    target: Tensor<D>,
    delta: f64,
    reduction: Reduction<'_>,
) -> Tensor<1> {
    let error = difference(prediction, target).abs();
    // With s the part of |e| up to delta: s (|e| − s/2) is either form.
    let near = error.clone().clamp_max(delta);
    reduction.reduce(near.clone() * (error - near.mul_scalar(0.5)))
}

/// Cross-entropy of independent yes-or-no targets, from logits `x`: `−y log σ(x) − (1 − y) log σ(−x)`.
///
/// Targets are from 0 to 1.
pub fn binary_cross_entropy<const D: usize>(
    logits: Tensor<D>,
    target: Tensor<D>,
    reduction: Reduction<'_>,
) -> Tensor<1> {
    assert_eq!(
        logits.dims(),
        target.dims(),
        "logits and target differ in shape"
    );
    let yes = log_sigmoid(logits.clone()) * target.clone();
    let no = log_sigmoid(-logits) * (-target + 1.0);
    reduction.reduce(-(yes + no))
}

fn difference<const D: usize>(prediction: Tensor<D>, target: Tensor<D>) -> Tensor<D> {
    assert_eq!(
        prediction.dims(),
        target.dims(),
        "prediction and target differ in shape"
    );
    prediction - target
}

/// Cross-entropy of one class out of several, from logits.
///
/// ```text
/// loss_i = −(1 − ε) w_y log p_y − ε/C Σ_c w_c log p_c      p = softmax(logits_i), y the target
/// mean   = Σ_i loss_i / Σ_i w_{y_i}
/// ```
///
/// with ε the label smoothing, C the classes, w their weights (1 when absent): PyTorch's definition. Targets equal to
/// `ignored` count for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// ε, from 0 to below 1 (Szegedy et al., 2016).
    pub label_smoothing: f64,
    /// One weight for each class.
    pub class_weights: Option<Vec<f32>>,
    /// The target that counts for nothing: padding, or an unknown label.
    pub ignored: Option<i64>,
}

impl CrossEntropy {
    /// The mean over all targets that count; 0 if none does.
    ///
    /// # Shapes
    /// - logits `[n, classes]`, targets `[n]` with values below `classes` (or `ignored`)
    ///
    /// # Panics
    /// If the shapes do not fit, or a target is not a class.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        let (losses, weight) = self.elements(logits, targets, |_| true);
        losses.sum() / weight
    }

    /// The loss over sequences.
    ///
    /// # Shapes
    /// - logits `[batch, time, classes]`, targets `[batch, time]`; targets beyond a sequence's length may be anything
    ///
    /// # Panics
    /// As [`forward`](Self::forward), and if lengths do not fit.
    pub fn forward_sequence(
        &self,
        logits: Tensor<3>,
        targets: Tensor<2, Int>,
        reduction: Reduction<'_>,
    ) -> Tensor<1> {
        let [batch, time, classes] = logits.dims();
        assert_eq!(targets.dims(), [batch, time], "one target for each step");
        if let Some(lengths) = reduction.lengths {
            check_lengths(lengths, batch, time);
        }
        let valid = |step: usize| match reduction.lengths {
            Some(lengths) => step % time < lengths[step / time],
            None => true,
        };
        let logits = logits.reshape([batch * time, classes]);
        let targets = targets.reshape([batch * time]);
        let (losses, weight) = self.elements(logits, targets, valid);
        match reduction.over_time {
            OverTime::Sum => losses.sum() / batch.max(1) as f64,
            OverTime::Mean => losses.sum() / weight,
        }
    }

    /// The loss of each target, `[n]`, and what the mean divides their sum by: the targets' weights. Targets that are
    /// ignored, or not `valid`, have no loss and no weight.
    fn elements(
        &self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        valid: impl Fn(usize) -> bool,
    ) -> (Tensor<1>, f64) {
        let [count, classes] = logits.dims();
        assert_eq!(targets.dims(), [count], "one target for each row of logits");
        if let Some(weights) = &self.class_weights {
            assert_eq!(weights.len(), classes, "one weight for each class");
        }
        let class = |(place, target): (usize, i64)| {
            if !valid(place) || Some(target) == self.ignored {
                return None;
            }
            let class = u32::try_from(target).ok();
            let class = class.filter(|class| (*class as usize) < classes);
            assert!(
                class.is_some(),
                "a target is {target}, but there are {classes} classes"
            );
            class
        };
        let targets = targets.into_data();
        let targets: Vec<_> = targets.iter::<i64>().enumerate().map(class).collect();
        let weight = |class: u32| match &self.class_weights {
            Some(weights) => f64::from(weights[class as usize]),
            None => 1.0,
        };
        let total: f64 = targets.iter().flatten().map(|class| weight(*class)).sum();
        let rule = CrossEntropyRule {
            targets: targets.into(),
            label_smoothing: self.label_smoothing as f32,
            class_weights: self.class_weights.as_deref().map(Into::into),
        };
        let losses = ops::cross_entropy(&rule, logits);
        (losses, if total == 0.0 { 1.0 } else { total })
    }
}

#[cfg(test)]
mod tests;
