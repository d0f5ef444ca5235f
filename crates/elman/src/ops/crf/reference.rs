//! The random field in plain tensor operations: the recursions of Lafferty, McCallum & Pereira (2001), batch-wise.

use super::{CrfRule, FloatTensor, Value};
use burn::backend::{Backend, TensorMetadata, tensor::BoolTensor};
use burn::prelude::*;

/// The inputs, and what the targets have of each score.
struct Field<B: Backend> {
    dims: [usize; 3],
    lengths: Vec<usize>,
    /// Of each step `[batch, tags]`; zero at padded steps.
    emissions: Vec<Value<B>>,
    /// `[1, tags, tags]`
    transitions: Value<B>,
    /// `[1, tags]`
    start: Value<B>,
    /// `[1, tags]`
    end: Value<B>,
    /// Of each step `[batch, tags]`: one at the target, zero at padded steps.
    chosen: Vec<Value<B>>,
    /// `[batch, tags × tags]`: how often the target goes from one tag to another.
    pairs: Value<B>,
    /// `[batch, tags]`: one at the first tag.
    first: Value<B>,
    /// `[batch, tags]`: one at the last tag.
    last: Value<B>,
}

impl<B: Backend> Field<B> {
    fn new(
        rule: &CrfRule,
        emissions: FloatTensor<B>,
        transitions: FloatTensor<B>,
        start: FloatTensor<B>,
        end: FloatTensor<B>,
    ) -> Self {
        let emissions = Value::<B>(emissions);
        let dims @ [batch, time, tags] = emissions.dims();
        let mut chosen = vec![vec![0.0; batch * tags]; time];
        let mut pairs = vec![0.0; batch * tags * tags];
        let [mut first, mut last] = [(); 2].map(|()| vec![0.0; batch * tags]);
        for (row, length) in rule.lengths.iter().enumerate() {
            let targets = &rule.targets[row * time..][..*length];
            for (step, target) in targets.iter().enumerate() {
                chosen[step][row * tags + *target as usize] = 1.0;
            }
            for pair in targets.windows(2) {
                pairs[(row * tags + pair[0] as usize) * tags + pair[1] as usize] += 1.0;
            }
            for (place, target) in [(&mut first, targets.first()), (&mut last, targets.last())] {
                if let Some(target) = target {
                    place[row * tags + *target as usize] = 1.0;
                }
            }
        }
        let row = |score| Value::<B>(score).reshape([1, tags]);
        let constant = |values: &[f32]| emissions.constant(values, [batch, tags]);
        let mut field = Self {
            dims,
            lengths: rule.lengths.to_vec(),
            emissions: Vec::new(),
            transitions: Value::<B>(transitions).reshape([1, tags, tags]),
            start: row(start),
            end: row(end),
            chosen: chosen.iter().map(|step| constant(step)).collect(),
            pairs: emissions.constant(&pairs, [batch, tags * tags]),
            first: constant(&first),
            last: constant(&last),
        };
        let step = |t| emissions.entry(1, t).or_zero(&field.valid(t, &emissions));
        field.emissions = (0..time).map(step).collect();
        field
    }

    /// Where step `t` is valid, `[batch, tags]`.
    fn valid(&self, t: usize, like: &Value<B>) -> BoolTensor<B> {
        let [batch, _, tags] = self.dims;
        self.mask(|length| t < length, vec![batch, tags], like)
    }

    /// Whether a sequence is such, for all of its values.
    fn mask(
        &self,
        holds: impl Fn(usize) -> bool,
        shape: Vec<usize>,
        like: &Value<B>,
    ) -> BoolTensor<B> {
        let each: usize = shape[1..].iter().product();
        let rows = self.lengths.iter();
        let data = rows.flat_map(|length| std::iter::repeat_n(holds(*length), each));
        let data = TensorData::new(data.collect::<Vec<bool>>(), shape);
        B::bool_from_data(data, &like.0.device())
    }

    /// The log-sum of all paths to each tag at each step, kept from the last valid one on.
    fn alphas(&self) -> Vec<Value<B>> {
        let [batch, time, tags] = self.dims;
        let mut alphas = Vec::with_capacity(time);
        for t in 0..time {
            let x = &self.emissions[t];
            let Some(before) = alphas.last() else {
                alphas.push(&self.start + x);
                continue;
            };
            let before: &Value<B> = before;
            let onwards = &before.reshape([batch, tags, 1]) + &self.transitions;
            let alpha = &log_sum_exp(&onwards, 1).reshape([batch, tags]) + x;
            alphas.push(alpha.or(&self.valid(t, x), before));
        }
        alphas
    }

    /// The log-sum of how a path may go on from each tag at each step.
    fn betas(&self) -> Vec<Value<B>> {
        let [batch, time, tags] = self.dims;
        let end = &self.first.zeros_like([batch, tags]) + &self.end;
        let mut betas = vec![end.clone(); time];
        for t in (1..time).rev() {
            let ahead = &betas[t] + &self.emissions[t];
            let back = &ahead.reshape([batch, 1, tags]) + &self.transitions;
            let beta = log_sum_exp(&back, 2).reshape([batch, tags]);
            betas[t - 1] = beta.or(&self.valid(t, &end), &end);
        }
        betas
    }

    /// The log-sum of all paths, `[batch, 1]`.
    fn norm(&self, alphas: &[Value<B>]) -> Value<B> {
        let last = alphas.last().expect("a batch with steps");
        log_sum_exp(&(last + &self.end), 1)
    }
}

/// `log Σ eˣ` over a dimension, which stays with one entry.
fn log_sum_exp<B: Backend>(x: &Value<B>, dim: usize) -> Value<B> {
    let largest = Value::<B>(B::float_max_dim(x.0.clone(), dim));
    let sum = B::float_sum_dim((x - &largest).exp().0, dim);
    &Value::<B>(sum).log() + &largest
}

/// The loss of each sequence.
pub(super) fn forward<B: Backend>(
    rule: &CrfRule,
    emissions: FloatTensor<B>,
    transitions: FloatTensor<B>,
    start: FloatTensor<B>,
    end: FloatTensor<B>,
) -> FloatTensor<B> {
    let field = Field::<B>::new(rule, emissions, transitions, start, end);
    let [batch, time, tags] = field.dims;
    if time == 0 {
        return field.first.zeros_like([batch]).0;
    }
    let norm = field.norm(&field.alphas());
    let passed = field.transitions.reshape([1, tags * tags]);
    let mut score = (&field.pairs * &passed).sum_columns();
    for (factor, counts) in [(&field.start, &field.first), (&field.end, &field.last)] {
        score = &score + &(factor * counts).sum_columns();
    }
    for (x, chosen) in field.emissions.iter().zip(&field.chosen) {
        score = &score + &(x * chosen).sum_columns();
    }
    let present = field.mask(|length| length > 0, vec![batch, 1], &norm);
    (&norm - &score).or_zero(&present).reshape([batch]).0
}

/// The gradients of emissions, transitions, start and end: what is expected of each score less what the target has.
pub(super) fn backward<B: Backend>(
    rule: &CrfRule,
    emissions: FloatTensor<B>,
    transitions: FloatTensor<B>,
    start: FloatTensor<B>,
    end: FloatTensor<B>,
    d_losses: FloatTensor<B>,
) -> (
    FloatTensor<B>,
    FloatTensor<B>,
    FloatTensor<B>,
    FloatTensor<B>,
) {
    let field = Field::<B>::new(rule, emissions, transitions, start, end);
    let [batch, time, tags] = field.dims;
    let weight = Value::<B>(d_losses).reshape([batch, 1]);
    if time == 0 {
        let zeros = |shape: Vec<usize>| weight.zeros_like(shape).0;
        return (
            zeros(vec![batch, time, tags]),
            zeros(vec![tags, tags]),
            zeros(vec![tags]),
            zeros(vec![tags]),
        );
    }
    let (alphas, betas) = (field.alphas(), field.betas());
    let norm = field.norm(&alphas);
    let excess = |logs: &Value<B>, valid: &BoolTensor<B>, counts: &Value<B>| {
        &(&(logs - &norm).exp().or_zero(valid) - counts) * &weight
    };
    let d_emissions: Vec<Value<B>> = (0..time)
        .map(|t| {
            let valid = field.valid(t, &norm);
            excess(&(&alphas[t] + &betas[t]), &valid, &field.chosen[t])
        })
        .collect();

    let counts = (&field.pairs * &weight).sum_rows();
    let mut d_transitions = counts.zeros_like([tags * tags]);
    d_transitions = &d_transitions - &counts;
    for t in 1..time {
        let ahead = (&betas[t] + &field.emissions[t]).reshape([batch, 1, tags]);
        let before = alphas[t - 1].reshape([batch, tags, 1]);
        let logs = &(&before + &field.transitions) + &ahead;
        let logs = (&logs - &norm.reshape([batch, 1, 1])).reshape([batch, tags * tags]);
        let valid = field.mask(|length| t < length, vec![batch, tags * tags], &norm);
        let expected = &logs.exp().or_zero(&valid) * &weight;
        d_transitions = &d_transitions + &expected.sum_rows();
    }

    let present = field.valid(0, &norm);
    let last = &alphas[time - 1] + &field.end;
    let d_end = excess(&last, &present, &field.last).sum_rows();
    let d_start = d_emissions[0].sum_rows();
    (
        Value::<B>::stack(d_emissions, 1).0,
        d_transitions.reshape([tags, tags]).0,
        d_start.0,
        d_end.0,
    )
}
