//! candle's layers: `candle_nn::rnn::{LSTM, GRU}`, stacked by hand.

use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Result as CandleResult, Tensor, Var};
use candle_nn::VarBuilder;
use candle_nn::rnn::{
    Direction, GRU, GRUConfig, GRUState, LSTM, LSTMConfig, LSTMState, RNN, gru, lstm,
};
use elman::cell::CellKind;

use crate::case::{Case, PARAMETERS};
use crate::server::{Implementation, text};

/// A layer in one direction.
enum Layer {
    Lstm(LSTM),
    Gru(GRU),
}

impl Layer {
    fn new(case: &Case, part: usize, leaves: &HashMap<String, Tensor>) -> CandleResult<Self> {
        let (input, hidden) = (case.input_size(part), case.dims.hidden);
        let builder = |named: HashMap<String, Tensor>| {
            VarBuilder::from_tensors(named, DType::F32, &Device::Cpu)
        };
        match case.cell {
            CellKind::Lstm => {
                let config = LSTMConfig {
                    layer_idx: part / case.directions,
                    direction: match part % case.directions {
                        0 => Direction::Forward,
                        _ => Direction::Backward,
                    },
                    ..LSTMConfig::default()
                };
                lstm(input, hidden, config, builder(leaves.clone())).map(Self::Lstm)
            }
            _ => {
                // It knows the names of a first layer only.
                let own = PARAMETERS
                    .map(|name| (format!("{name}_l0"), leaves[&case.name(name, part)].clone()));
                gru(input, hidden, GRUConfig::default(), builder(own.into())).map(Self::Gru)
            }
        }
    }

    /// The hidden state after every step.
    fn forward(&self, x: &Tensor, mut state: Vec<Tensor>) -> CandleResult<Tensor> {
        let cell = state.pop().expect("a cell has a state");
        let hidden: Vec<Tensor> = match self {
            Self::Lstm(layer) => {
                let hidden = state.pop().expect("an LSTM has two states");
                let states = layer.seq_init(x, &LSTMState::new(hidden, cell))?;
                states.into_iter().map(|state| state.h).collect()
            }
            Self::Gru(layer) => {
                let states = layer.seq_init(x, &GRUState { h: cell })?;
                states.into_iter().map(|state| state.h).collect()
            }
        };
        Tensor::stack(&hidden, 1)
    }

    fn step(&self, x: &Tensor, state: &mut Vec<Tensor>) -> CandleResult<()> {
        *state = match (self, &state[..]) {
            (Self::Lstm(layer), [hidden, cell]) => {
                let next = layer.step(x, &LSTMState::new(hidden.clone(), cell.clone()))?;
                vec![next.h, next.c]
            }
            (Self::Gru(layer), [hidden]) => vec![layer.step(x, &GRUState { h: hidden.clone() })?.h],
            _ => candle_core::bail!("a state of another cell"),
        };
        Ok(())
    }
}

/// Layers and what they read, all by PyTorch's names.
struct Side {
    layers: Vec<Layer>,
    leaves: HashMap<String, Tensor>,
}

impl Side {
    fn new(case: &Case, names: &[String], tracked: bool) -> CandleResult<Self> {
        let leaf = |name: &String| {
            let values = case.values(name);
            let tensor = Tensor::from_slice(&values.data, &values.shape[..], &Device::Cpu)?;
            let tensor = match tracked {
                true => Var::from_tensor(&tensor)?.into_inner(),
                false => tensor,
            };
            Ok((name.clone(), tensor))
        };
        let leaves: HashMap<String, Tensor> =
            names.iter().map(leaf).collect::<CandleResult<_>>()?;
        let layers = (0..case.parts()).map(|part| Layer::new(case, part, &leaves));
        Ok(Self {
            layers: layers.collect::<CandleResult<_>>()?,
            leaves,
        })
    }

    fn output(&self, directions: usize, states: &[&str]) -> CandleResult<Tensor> {
        let mut signal = self.leaves["x"].clone();
        for (index, layer) in self.layers.chunks_exact(directions).enumerate() {
            let outputs = layer.iter().enumerate().map(|(side, direction)| {
                let part = index * directions + side;
                let state = states.iter().map(|name| self.leaves[*name].get(part));
                let state = state.collect::<CandleResult<_>>()?;
                match side {
                    0 => direction.forward(&signal, state),
                    _ => direction.forward(&signal.flip(&[1])?, state)?.flip(&[1]),
                }
            });
            let outputs: Vec<Tensor> = outputs.collect::<CandleResult<_>>()?;
            signal = Tensor::cat(&outputs, 2)?;
        }
        Ok(signal)
    }
}

/// A case for candle's layers: once for inference, once with gradients.
pub struct CandleLayers {
    plain: Side,
    tracked: Side,
    directions: usize,
    states: &'static [&'static str],
    d_output: Tensor,
    steps: Vec<Tensor>,
    state: Vec<Tensor>,
}

impl CandleLayers {
    fn build(case: &Case) -> CandleResult<Self> {
        let parts = 0..case.parts();
        let parameters = parts.flat_map(|part| PARAMETERS.map(|name| case.name(name, part)));
        let states = case.state_names();
        let others = ["x"].iter().chain(states).map(|name| name.to_string());
        let names: Vec<String> = parameters.chain(others).collect();
        let (batch, input) = (case.dims.batch, case.dims.input);
        let step = |t| Tensor::from_vec(case.input_step(t), (batch, input), &Device::Cpu);
        let zero = Tensor::zeros((batch, case.dims.hidden), DType::F32, &Device::Cpu)?;
        let d_output = case.values("d_output");
        Ok(Self {
            plain: Side::new(case, &names, false)?,
            tracked: Side::new(case, &names, true)?,
            directions: case.directions,
            states,
            d_output: Tensor::from_slice(&d_output.data, &d_output.shape[..], &Device::Cpu)?,
            steps: (0..case.dims.time).map(step).collect::<CandleResult<_>>()?,
            state: vec![zero; states.len()],
        })
    }

    fn differentiate(&self, weighted: bool) -> CandleResult<GradStore> {
        let output = self.tracked.output(self.directions, self.states)?;
        match weighted {
            true => (output * &self.d_output)?.sum_all()?.backward(),
            false => output.backward(),
        }
    }

    fn advance(&self, stream: &mut [Vec<Tensor>], t: usize) -> CandleResult<()> {
        let mut signal = self.steps[t].clone();
        for (layer, state) in self.plain.layers.iter().zip(stream) {
            layer.step(&signal, state)?;
            signal = state[0].clone();
        }
        Ok(())
    }
}

fn values(tensor: &Tensor) -> Result<Vec<f32>, String> {
    tensor
        .flatten_all()
        .and_then(|flat| flat.to_vec1())
        .map_err(text)
}

impl Implementation for CandleLayers {
    type Output = Tensor;
    type Gradients = GradStore;
    /// By layer: hidden, then cell.
    type Stream = Vec<Vec<Tensor>>;

    fn new(case: &Case) -> Result<Self, String> {
        match case.cell {
            CellKind::SimpleRnn(_) => Err("candle has no simple recurrent layer".to_owned()),
            _ => Self::build(case).map_err(text),
        }
    }

    fn forward(&self) -> Result<Tensor, String> {
        self.plain
            .output(self.directions, self.states)
            .map_err(text)
    }

    fn train(&self, weighted: bool) -> Result<GradStore, String> {
        self.differentiate(weighted).map_err(text)
    }

    fn stream(&self) -> Result<Self::Stream, String> {
        Ok(vec![self.state.clone(); self.plain.layers.len()])
    }

    fn step(&self, stream: &mut Self::Stream, t: usize) -> Result<(), String> {
        self.advance(stream, t).map_err(text)
    }

    fn output(&self, output: Tensor) -> Result<Vec<f32>, String> {
        values(&output)
    }

    fn last(&self, stream: &Self::Stream) -> Result<Vec<f32>, String> {
        values(&stream[stream.len() - 1][0])
    }

    fn gradients(&self, gradients: GradStore) -> Result<Vec<(String, Vec<f32>)>, String> {
        let named = self.tracked.leaves.iter().map(|(name, leaf)| {
            let gradient = gradients.get(leaf).ok_or("a leaf has no gradient")?;
            Ok((name.clone(), values(gradient)?))
        });
        named.collect()
    }
}
