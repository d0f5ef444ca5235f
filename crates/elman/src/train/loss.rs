//! Losses, as numbers to descend.
//!
//! Each is a mean over everything by default. With [`OverTime::Sum`] it is the notes' `Loss(θ) = Σ_t loss(y_true,t,
//! y_pred,t)`: summed over the steps of a sequence, averaged over the sequences (and over the features of a step).

use burn::prelude::*;
use burn::tensor::activation::{log_sigmoid, log_softmax};
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
}

impl Reduction<'_> {
    /// Joins element losses.
    ///
    /// # Shapes
    /// - elements `[batch, …]`, and `[batch, time, …]` if there are lengths or the steps are summed
    /// - result `[1]`
    ///
    /// # Panics
    /// If lengths or the sum over time meet a tensor without time, or lengths do not fit it.
    pub fn reduce<const D: usize>(&self, elements: Tensor<D>) -> Tensor<1> {
        let dims = elements.dims();
        let all = elements.shape().num_elements();
        let timed = self.lengths.is_some() || self.over_time == OverTime::Sum;
        assert!(
            !timed || D >= 2,
            "the loss of each step must be [batch, time, …], not {dims:?}"
        );
        let per_step: usize = dims.iter().skip(2).product();
        let (elements, valid) = match self.lengths {
            None => (elements, all),
            Some(lengths) => {
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
    assert_eq!(
        lengths.len(),
        batch,
        "one length for each sequence of the batch"
    );
    assert!(
        lengths.iter().all(|length| *length <= time),
        "a length exceeds the {time} steps of the loss"
    );
    let mut shape = [1; D];
    [shape[0], shape[1]] = [batch, time];
    let steps = lengths
        .iter()
        .flat_map(|length| (0..time).map(move |step| step >= *length));
    let mask = TensorData::new(steps.collect::<Vec<bool>>(), shape);
    Tensor::<D, Bool>::from_data(mask, device).expand(dims)
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
        let (losses, weights) = self.elements(logits, targets);
        let total = weights.sum();
        let none = total.clone().equal_elem(0.0);
        losses.sum() / total.mask_fill(none, 1.0)
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
        let mut padded = None;
        let (mut logits, mut targets) = (logits, targets);
        if let Some(lengths) = reduction.lengths {
            let device = logits.device();
            // Whatever stands in padding must not reach the loss, not even as 0 × NaN.
            logits = logits.mask_fill(beyond::<3>(lengths, [batch, time, classes], &device), 0.0);
            let beyond = beyond::<2>(lengths, [batch, time], &device);
            targets = targets.mask_fill(beyond.clone(), 0);
            padded = Some(beyond.reshape([batch * time]));
        }
        let logits = logits.reshape([batch * time, classes]);
        let (mut losses, mut weights) = self.elements(logits, targets.reshape([batch * time]));
        if let Some(padded) = padded {
            losses = losses.mask_fill(padded.clone(), 0.0);
            weights = weights.mask_fill(padded, 0.0);
        }
        match reduction.over_time {
            OverTime::Sum => losses.sum() / batch.max(1) as f64,
            OverTime::Mean => {
                let total = weights.sum();
                let none = total.clone().equal_elem(0.0);
                losses.sum() / total.mask_fill(none, 1.0)
            }
        }
    }

    /// The loss of each target and the weight it has in the mean, both `[n]`; 0 where the target is ignored.
    fn elements(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> (Tensor<1>, Tensor<1>) {
        let [count, classes] = logits.dims();
        assert_eq!(targets.dims(), [count], "one target for each row of logits");
        let device = logits.device();
        let ignored = self
            .ignored
            .map(|ignored| targets.clone().equal_elem(ignored));
        let targets = match &ignored {
            Some(ignored) => targets.mask_fill(ignored.clone(), 0),
            None => targets,
        };
        let log_p = log_softmax(logits, 1);
        let class_weights = self.class_weights.as_ref().map(|weights| {
            assert_eq!(weights.len(), classes, "one weight for each class");
            Tensor::<1>::from_floats(weights.as_slice(), &device)
        });
        let mut weights = match &class_weights {
            Some(weights) => weights.clone().gather(0, targets.clone()),
            None => Tensor::ones([count], &device),
        };
        let picked = log_p.clone().gather(1, targets.reshape([count, 1]));
        let mut losses = -picked.reshape([count]) * weights.clone();
        if self.label_smoothing > 0.0 {
            let spread = match class_weights {
                Some(weights) => log_p * weights.reshape([1, classes]),
                None => log_p,
            };
            let spread = spread.sum_dim(1).reshape([count]);
            let smoothing = self.label_smoothing;
            losses =
                losses.mul_scalar(1.0 - smoothing) - spread.mul_scalar(smoothing / classes as f64);
        }
        if let Some(ignored) = ignored {
            losses = losses.mask_fill(ignored.clone(), 0.0);
            weights = weights.mask_fill(ignored, 0.0);
        }
        (losses, weights)
    }
}

#[cfg(test)]
mod tests;
