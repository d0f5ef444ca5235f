//! The recurrences in plain tensor operations: what every backend without a path of its own runs, and what the
//! fused paths are compared with. A [`Mode`](super::Mode) changes nothing here: each step is kept, in the tensors' own type.

use super::value::Value;
use super::{Recurrence, cell};
use burn::backend::{
    Backend, TensorMetadata,
    tensor::{BoolTensor, FloatTensor},
};
use burn::tensor::TensorData;
use elman_kernels::Want;

/// What a recurrence reads. Shapes as in [`RecurrentBackend::recurrent_forward`](super::RecurrentBackend).
pub struct Inputs<B: Backend> {
    /// `[batch, time, input_size]`
    pub input: FloatTensor<B>,
    /// `[states, batch, hidden_size]`: hidden, then (for an LSTM) cell
    pub state: FloatTensor<B>,
    /// `[input_size, gates × hidden_size]`
    pub weight_ih: FloatTensor<B>,
    /// `[hidden_size, gates × hidden_size]`
    pub weight_hh: FloatTensor<B>,
    /// `[gates × hidden_size]`
    pub bias_ih: FloatTensor<B>,
    /// `[gates × hidden_size]`
    pub bias_hh: FloatTensor<B>,
}

/// What a recurrence answers with.
pub struct Outputs<B: Backend> {
    /// `[batch, time, hidden_size]`, zero at padded steps
    pub output: FloatTensor<B>,
    /// `[states, batch, hidden_size]`, as each sequence's last valid step left it
    pub state: FloatTensor<B>,
    /// `[batch, time, saved × hidden_size]`: what backward needs, or one zero where nothing is. Of the fused kernels:
    /// `[saved_len]`
    pub saved: FloatTensor<B>,
}

/// What the way back leaves.
pub struct Gradients<B: Backend> {
    /// Of each of the inputs.
    pub inputs: Inputs<B>,
    /// `[batch, time, states × hidden_size]`: of the states after each step, with all that follows from them; zero at padded
    /// steps.
    pub steps: FloatTensor<B>,
}

/// Which sequences are still running at each step.
struct Active<B: Backend> {
    steps: Option<Vec<BoolTensor<B>>>,
    all: Option<BoolTensor<B>>,
}

impl<B: Backend> Active<B> {
    /// Masks as wide as the values they select, since not every backend broadcasts a mask.
    fn new(recurrence: &Recurrence, input: &Value<B>, hidden: usize) -> Self {
        let [batch, time, input_size] = input.dims();
        let Some(lengths) = &recurrence.lengths else {
            return Self {
                steps: None,
                all: None,
            };
        };
        let mask = |data: Vec<bool>, shape: Vec<usize>| {
            B::bool_from_data(TensorData::new(data, shape), &input.0.device())
        };
        let repeat = |value: bool, n: usize| std::iter::repeat_n(value, n);
        let steps = (0..time)
            .map(|t| {
                let data = lengths
                    .iter()
                    .flat_map(|n| repeat(t < *n, hidden))
                    .collect();
                mask(data, vec![batch, hidden])
            })
            .collect();
        let all = lengths
            .iter()
            .flat_map(|n| (0..time).flat_map(move |t| repeat(t < *n, input_size)));
        let all = mask(all.collect(), vec![batch, time, input_size]);
        Self {
            steps: Some(steps),
            all: Some(all),
        }
    }

    fn step(&self, t: usize) -> Option<&BoolTensor<B>> {
        self.steps.as_ref().map(|steps| &steps[t])
    }
}

/// Padded inputs cleared, and all input projections in one product: `[batch, time, gates × hidden]`.
fn project<B: Backend>(inputs: &Inputs<B>, active: &Active<B>) -> (Value<B>, Value<B>) {
    let input = Value::<B>(inputs.input.clone());
    let input = match &active.all {
        Some(mask) => input.or_zero(mask),
        None => input,
    };
    let [batch, time, input_size] = input.dims();
    let weight = Value::<B>(inputs.weight_ih.clone());
    let [_, width] = weight.dims();
    let bias = Value::<B>(inputs.bias_ih.clone()).reshape([1, width]);
    let gates = &input.reshape([batch * time, input_size]).matmul(&weight) + &bias;
    (input, gates.reshape([batch, time, width]))
}

fn split_states<B: Backend>(state: &FloatTensor<B>, count: usize) -> Vec<Value<B>> {
    let state = Value::<B>(state.clone());
    (0..count).map(|index| state.entry(0, index)).collect()
}

fn order(time: usize, reverse: bool) -> Box<dyn DoubleEndedIterator<Item = usize>> {
    if reverse {
        Box::new((0..time).rev())
    } else {
        Box::new(0..time)
    }
}

/// Runs the recurrence over whole sequences, step by step.
pub(super) fn forward<B: Backend>(
    recurrence: &Recurrence,
    inputs: Inputs<B>,
    save: bool,
) -> Outputs<B> {
    let kind = recurrence.cell;
    let [batch, time, _]: [usize; 3] = inputs.input.shape().dims();
    let [hidden, _]: [usize; 2] = inputs.weight_hh.shape().dims();
    let active = Active::<B>::new(recurrence, &Value(inputs.input.clone()), hidden);
    let (_, gates) = project(&inputs, &active);
    let recurrent = cell::Recurrent::new(recurrence, &inputs, [batch, hidden]);

    let mut states = split_states::<B>(&inputs.state, kind.states());
    let mut outputs = vec![None; time];
    let mut kept = vec![None; time];
    for t in order(time, recurrence.reverse) {
        let step = recurrent.step(kind, &gates.entry(1, t), &states);
        outputs[t] = Some(match active.step(t) {
            Some(mask) => step.states[0].or_zero(mask),
            None => step.states[0].clone(),
        });
        states = match active.step(t) {
            Some(mask) => step
                .states
                .iter()
                .zip(&states)
                .map(|(new, old)| new.or(mask, old))
                .collect(),
            None => step.states,
        };
        if save && kind.saved() > 0 {
            kept[t] = Some(Value::cat(step.saved, 1));
        }
    }
    let saved = match save && kind.saved() > 0 {
        true => joined(kept, &gates, [batch, time, kind.saved() * hidden]),
        false => gates.zeros_like([1]),
    };
    Outputs {
        output: joined(outputs, &gates, [batch, time, hidden]).0,
        state: Value::stack(states, 0).0,
        saved: saved.0,
    }
}

/// Steps, `[batch, width]` each, as one `[batch, time, width]` tensor of the kind of `like`.
fn joined<B: Backend>(
    steps: Vec<Option<Value<B>>>,
    like: &Value<B>,
    shape: [usize; 3],
) -> Value<B> {
    match steps.into_iter().collect::<Option<Vec<_>>>() {
        Some(steps) if !steps.is_empty() => Value::stack(steps, 1),
        _ => like.zeros_like(shape),
    }
}

/// A gradient as long as what it belongs to, where a single zero stands for an absent one.
fn present<B: Backend>(gradient: FloatTensor<B>, like: &FloatTensor<B>) -> Value<B> {
    match gradient.shape().num_dims() {
        1 => Value::<B>(gradient).zeros_like(like.shape()),
        _ => Value(gradient),
    }
}

/// Back-propagation through time, from what [`forward`] saved.
///
/// Werbos (1990), *Backpropagation through time: what it does and how to do it*.
pub(super) fn backward<B: Backend>(
    recurrence: &Recurrence,
    inputs: Inputs<B>,
    outputs: Outputs<B>,
    d_output: FloatTensor<B>,
    d_state: FloatTensor<B>,
    want: Want,
) -> Gradients<B> {
    let kind = recurrence.cell;
    let [batch, time, input_size]: [usize; 3] = inputs.input.shape().dims();
    let [hidden, width]: [usize; 2] = inputs.weight_hh.shape().dims();
    let active = Active::<B>::new(recurrence, &Value(inputs.input.clone()), hidden);
    let (input, gates) = project(&inputs, &active);
    let recurrent = cell::Recurrent::new(recurrence, &inputs, [batch, hidden]);
    let d_output = present::<B>(d_output, &outputs.output);
    let d_state = present::<B>(d_state, &outputs.state);
    let (output, saved) = (Value::<B>(outputs.output), Value::<B>(outputs.saved));
    let first = split_states::<B>(&inputs.state, kind.states());

    // The states before step t: those after the step that ran before it, where that step was valid.
    let before = |t: usize| -> Vec<Value<B>> {
        let previous = if recurrence.reverse {
            (t + 1 < time).then_some(t + 1)
        } else {
            t.checked_sub(1)
        };
        let Some(previous) = previous else {
            return first.clone();
        };
        let after = cell::states_after(kind, &output, &saved, previous, hidden);
        match active.step(previous) {
            Some(mask) => after
                .iter()
                .zip(&first)
                .map(|(after, first)| after.or(mask, first))
                .collect(),
            None => after,
        }
    };

    let mut d_states = split_states::<B>(&d_state.0, kind.states());
    let mut d_gates = vec![None; time];
    let mut d_steps = vec![None; time];
    let mut d_weight_hh = Value::<B>(inputs.weight_hh.clone()).zeros_like([hidden, width]);
    let mut d_bias_hh = d_weight_hh.zeros_like([width]);
    for t in order(time, recurrence.reverse).rev() {
        let (mask, states) = (active.step(t), before(t));
        let masked = |value: Value<B>| match mask {
            Some(mask) => value.or_zero(mask),
            None => value,
        };
        // A padded step hands its gradients on unchanged; the masked copies below carry none.
        let mut d_after: Vec<_> = d_states.iter().cloned().map(masked).collect();
        d_after[0] = &d_after[0] + &masked(d_output.entry(1, t));
        let kept = (kind.saved() > 0).then(|| saved.entry(1, t));
        if want.steps {
            let total = cell::total(kind, kept.as_ref(), &d_after, hidden);
            d_steps[t] = Some(Value::cat(total, 1));
        }
        let step = recurrent.backward(kind, &states, &output.entry(1, t), kept.as_ref(), &d_after);
        d_weight_hh = &d_weight_hh + &step.weight_hh;
        d_bias_hh = &d_bias_hh + &step.recurrent_gates.sum_rows();
        d_gates[t] = Some(step.gates);
        d_states = match mask {
            Some(mask) => step
                .states
                .iter()
                .zip(&d_states)
                .map(|(new, old)| new.or(mask, old))
                .collect(),
            None => step.states,
        };
    }
    let d_gates = joined(d_gates, &gates, [batch, time, width]).reshape([batch * time, width]);
    let d_input = d_gates.matmul(&Value::<B>(inputs.weight_ih).transpose());
    let d_weight_ih = input
        .reshape([batch * time, input_size])
        .transpose()
        .matmul(&d_gates);
    Gradients {
        steps: match want.steps {
            true => joined(d_steps, &gates, [batch, time, kind.states() * hidden]).0,
            false => gates.zeros_like([1]).0,
        },
        inputs: Inputs {
            input: d_input.reshape([batch, time, input_size]).0,
            state: Value::stack(d_states, 0).0,
            weight_ih: d_weight_ih.0,
            weight_hh: d_weight_hh.0,
            bias_ih: d_gates.sum_rows().0,
            bias_hh: d_bias_hh.0,
        },
    }
}
