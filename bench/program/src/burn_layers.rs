//! Burn's own layers: `burn::nn::{Lstm, Gru, Rnn}` on its CPU backend.

use burn::module::Param;
use burn::nn::{
    GateController, Gru, GruConfig, Linear, Lstm, LstmConfig, LstmState, Rnn, RnnConfig, RnnState,
};
use burn::prelude::*;
use burn::tensor::Gradients;
use elman::cell::CellKind;

use crate::case::{Case, PARAMETERS, transposed};
use crate::fused_layers::{gradient, tensor, values};
use crate::server::Implementation;

/// A layer in one direction.
enum Layer {
    Lstm(Box<Lstm>),
    Gru(Box<Gru>),
    Rnn(Box<Rnn>),
}

impl Layer {
    fn new(case: &Case, part: usize, device: &Device) -> Self {
        let (input, hidden) = (case.input_size(part), case.dims.hidden);
        let mut gates = gates(case, part, device).into_iter();
        let mut next = || gates.next().expect("as many gates as the cell has");
        match case.cell {
            CellKind::SimpleRnn(_) => {
                let mut layer = RnnConfig::new(input, hidden, true).init(device);
                layer.gate = next();
                Self::Rnn(Box::new(layer))
            }
            CellKind::Lstm => {
                let mut layer = LstmConfig::new(input, hidden, true).init(device);
                layer.input_gate = next();
                layer.forget_gate = Some(next());
                layer.cell_gate = next();
                layer.output_gate = next();
                Self::Lstm(Box::new(layer))
            }
            CellKind::Gru(_) => {
                let mut layer = GruConfig::new(input, hidden, true).init(device);
                layer.reset_gate = next();
                layer.update_gate = next();
                layer.new_gate = next();
                Self::Gru(Box::new(layer))
            }
        }
    }

    /// In PyTorch's order.
    fn gates(&self) -> Vec<&GateController> {
        match self {
            Self::Rnn(layer) => vec![&layer.gate],
            Self::Gru(layer) => vec![&layer.reset_gate, &layer.update_gate, &layer.new_gate],
            Self::Lstm(layer) => [&layer.input_gate]
                .into_iter()
                .chain(&layer.forget_gate)
                .chain([&layer.cell_gate, &layer.output_gate])
                .collect(),
        }
    }

    /// The output of every step, and the state after the last (hidden, then cell).
    fn forward(&self, x: Tensor<3>, mut state: Vec<Tensor<2>>) -> (Tensor<3>, Vec<Tensor<2>>) {
        let cell = state.pop().expect("a cell has a state");
        match self {
            Self::Rnn(layer) => {
                let (output, state) = layer.forward(x, Some(RnnState::new(cell)));
                (output, vec![state.hidden])
            }
            Self::Gru(layer) => {
                let output = layer.forward(x, Some(cell));
                let last = output.dims()[1] - 1;
                let hidden = output.clone().narrow(1, last, 1).squeeze_dim(1);
                (output, vec![hidden])
            }
            Self::Lstm(layer) => {
                let hidden = state.pop().expect("an LSTM has two states");
                let (output, state) = layer.forward(x, Some(LstmState::new(cell, hidden)));
                (output, vec![state.hidden, state.cell])
            }
        }
    }
}

/// The gates of a layer, each with its rows of PyTorch's matrices.
fn gates(case: &Case, part: usize, device: &Device) -> Vec<GateController> {
    let hidden = case.dims.hidden;
    let linear = |gate: usize, side: &str, inputs: usize| {
        let rows = |name: &str, columns: usize| {
            let all = &case.parameter(&format!("{name}_{side}"), part).data;
            transposed(&all[gate * hidden * columns..][..hidden * columns], columns)
        };
        let weight = TensorData::new(rows("weight", inputs), [inputs, hidden]);
        let bias = TensorData::new(rows("bias", 1), [hidden]);
        Linear {
            weight: Param::from_data(weight, device),
            bias: Some(Param::from_data(bias, device)),
        }
    };
    (0..case.cell.gates())
        .map(|gate| GateController {
            input_transform: linear(gate, "ih", case.input_size(part)),
            hidden_transform: linear(gate, "hh", hidden),
        })
        .collect()
}

/// Layers and what they read, on one device.
struct Side {
    layers: Vec<Layer>,
    x: Tensor<3>,
    /// Hidden, then cell: `[layers × directions, batch, hidden]`
    states: Vec<Tensor<3>>,
}

impl Side {
    fn new(case: &Case, device: &Device) -> Self {
        let leaf = |name: &str| match device.is_autodiff() {
            true => tensor(case, name, device).require_grad(),
            false => tensor(case, name, device),
        };
        Self {
            layers: (0..case.parts())
                .map(|part| Layer::new(case, part, device))
                .collect(),
            x: leaf("x"),
            states: case.state_names().iter().map(|name| leaf(name)).collect(),
        }
    }

    fn output(&self, directions: usize) -> Tensor<3> {
        let mut signal = self.x.clone();
        for (index, layer) in self.layers.chunks_exact(directions).enumerate() {
            let outputs = layer.iter().enumerate().map(|(side, direction)| {
                let part = index * directions + side;
                let state = |states: &Tensor<3>| states.clone().narrow(0, part, 1).squeeze_dim(0);
                let state = self.states.iter().map(state).collect();
                match side {
                    0 => direction.forward(signal.clone(), state).0,
                    _ => direction
                        .forward(signal.clone().flip([1]), state)
                        .0
                        .flip([1]),
                }
            });
            let mut outputs: Vec<Tensor<3>> = outputs.collect();
            signal = match outputs.len() {
                1 => outputs.remove(0),
                _ => Tensor::cat(outputs, 2),
            };
        }
        signal
    }
}

/// A case for Burn's layers: once for inference, once with gradients.
pub struct BurnLayers {
    plain: Side,
    tracked: Side,
    directions: usize,
    d_output: Tensor<3>,
    steps: Vec<Tensor<3>>,
    state: Vec<Tensor<2>>,
    names: Vec<[String; 4]>,
}

/// The output of a step, and the state of each layer.
pub struct Stream {
    output: Option<Tensor<3>>,
    states: Vec<Vec<Tensor<2>>>,
}

impl Implementation for BurnLayers {
    type Output = Tensor<3>;
    type Gradients = Gradients;
    type Stream = Stream;

    fn new(case: &Case) -> Result<Self, String> {
        let device = Device::flex();
        let autodiff = Device::flex().autodiff();
        let [batch, hidden, input] = [case.dims.batch, case.dims.hidden, case.dims.input];
        let step = |t: usize| TensorData::new(case.input_step(t), [batch, 1, input]);
        let zero = Tensor::zeros([batch, hidden], &device);
        Ok(Self {
            plain: Side::new(case, &device),
            d_output: tensor(case, "d_output", &autodiff),
            tracked: Side::new(case, &autodiff),
            directions: case.directions,
            steps: (0..case.dims.time)
                .map(|t| Tensor::from_data(step(t), &device))
                .collect(),
            state: vec![zero; case.cell.states()],
            names: (0..case.parts())
                .map(|part| PARAMETERS.map(|name| case.name(name, part)))
                .collect(),
        })
    }

    fn forward(&self) -> Result<Tensor<3>, String> {
        Ok(self.plain.output(self.directions))
    }

    fn train(&self, weighted: bool) -> Result<Gradients, String> {
        let output = self.tracked.output(self.directions);
        Ok(match weighted {
            true => (output * self.d_output.clone()).sum().backward(),
            false => output.backward(),
        })
    }

    fn stream(&self) -> Result<Stream, String> {
        Ok(Stream {
            output: None,
            states: vec![self.state.clone(); self.plain.layers.len()],
        })
    }

    fn step(&self, stream: &mut Stream, t: usize) -> Result<(), String> {
        let mut signal = self.steps[t].clone();
        for (layer, state) in self.plain.layers.iter().zip(&mut stream.states) {
            (signal, *state) = layer.forward(signal, std::mem::take(state));
        }
        stream.output = Some(signal);
        Ok(())
    }

    fn output(&self, output: Tensor<3>) -> Result<Vec<f32>, String> {
        values(output)
    }

    fn last(&self, stream: &Stream) -> Result<Vec<f32>, String> {
        values(stream.output.clone().ok_or("no step was taken")?)
    }

    fn gradients(&self, gradients: Gradients) -> Result<Vec<(String, Vec<f32>)>, String> {
        let mut named = vec![(
            "x".to_owned(),
            values(gradient(&self.tracked.x, &gradients)?)?,
        )];
        for (name, state) in ["h0", "c0"].iter().zip(&self.tracked.states) {
            named.push((name.to_string(), values(gradient(state, &gradients)?)?));
        }
        for (layer, names) in self.tracked.layers.iter().zip(&self.names) {
            let mut sums: [Vec<f32>; 4] = Default::default();
            for gate in layer.gates() {
                let sides = [&gate.input_transform, &gate.hidden_transform];
                for (side, linear) in sides.into_iter().enumerate() {
                    let weight = gradient(&linear.weight.val(), &gradients)?.swap_dims(0, 1);
                    sums[side].extend(values(weight)?);
                    let bias = linear
                        .bias
                        .as_ref()
                        .expect("the case has both biases")
                        .val();
                    sums[2 + side].extend(values(gradient(&bias, &gradients)?)?);
                }
            }
            named.extend(names.iter().cloned().zip(sums));
        }
        Ok(named)
    }
}
