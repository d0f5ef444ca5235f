//! Gradients through time.

use crate::teach::{Examples, numbers};
use burn::prelude::*;
use elman::model::{Layer, Model, Signal};

/// ‖∂L/∂s_t‖ of every step t of the first recurrent layer, `s` its whole state (h, and c of an LSTM), the mean over examples.
///
/// A zero that has a gradient of its own is added to the state after each step: its gradient is the state's.
///
/// # Panics
/// If the model has no recurrent layer, or needs more than one step at a time.
pub(crate) fn through_time(model: &Model, examples: &Examples, picked: &[usize]) -> Vec<f64> {
    let device = Device::default().autodiff();
    let (signal, _) = examples.signal(picked, &device);
    let time = match &signal {
        Signal::Ids(ids) => ids.dims()[1],
        Signal::Sequence(steps) => steps.dims()[1],
        Signal::Vector(_) => panic!("a vector has no steps"),
    };
    let step = |t: usize| -> Signal {
        match &signal {
            Signal::Ids(ids) => ids.clone().narrow(1, t, 1).into(),
            Signal::Sequence(steps) => steps.clone().narrow(1, t, 1).into(),
            Signal::Vector(vector) => vector.clone().into(),
        }
    };
    let mut states: Option<Vec<Tensor<3>>> = None;
    let mut probes = Vec::with_capacity(time);
    for t in 0..time {
        let (_, mut after) = model.forward_from(step(t), None, states.take());
        let probe = Tensor::<3>::zeros(after[0].dims(), &device).require_grad();
        after[0] = after[0].clone() + probe.clone();
        probes.push(probe);
        states = Some(after);
    }
    let states = states.expect("there is a step");
    let output = top(model, states);
    let loss = examples.loss_of(output, picked, None, &device);
    let gradients = loss.backward();
    let norm = |probe: &Tensor<3>| {
        let Some(gradient) = probe.grad(&gradients) else {
            return 0.0;
        };
        let [parts, batch, hidden] = gradient.dims();
        let values = numbers(gradient);
        let squares = |row: usize| -> f64 {
            let part = |part: usize| {
                let from = (part * batch + row) * hidden;
                values[from..from + hidden].iter()
            };
            (0..parts)
                .flat_map(part)
                .map(|value| f64::from(*value).powi(2))
                .sum()
        };
        (0..batch).map(|row| squares(row).sqrt()).sum::<f64>() / batch as f64
    };
    probes.iter().map(norm).collect()
}

/// What the layers above a single recurrent layer say of its last state.
fn top(model: &Model, mut states: Vec<Tensor<3>>) -> Signal {
    assert_eq!(states.len(), 1, "one recurrent layer");
    let at = model
        .layers
        .iter()
        .position(|layer| matches!(layer, Layer::Recurrent(_)))
        .expect("a recurrent layer");
    let Layer::Recurrent(layer) = &model.layers[at] else {
        unreachable!("found above")
    };
    let mut above = model.clone();
    above.layers.drain(..=at);
    above.forward(layer.rnn.last(states.remove(0)), None)
}
