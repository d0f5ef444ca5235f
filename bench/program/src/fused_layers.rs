//! Elman's own layers, as a user of the library has them: tensors, and gradients by Burn's autodiff.

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::Gradients;
use elman::cell::{AnyCell, Bias};
use elman::layer::{AnyRecurrent, Direction, RecurrentConfig, Stream};

use crate::case::{Case, PARAMETERS, transposed};
use crate::server::{Implementation, text};

/// A layer and what it reads, on one device.
struct Side {
    layer: AnyRecurrent,
    x: Tensor<3>,
    /// `[states × layers × directions, batch, hidden]`
    state: Tensor<3>,
}

/// A case for the layers: once for inference, once with gradients.
pub struct FusedLayers {
    plain: Side,
    tracked: Side,
    d_output: Tensor<3>,
    steps: Vec<Vec<f32>>,
    batch: usize,
    states: &'static [&'static str],
    names: Vec<[String; 4]>,
}

impl Side {
    fn new(case: &Case, device: &Device) -> Self {
        let leaf = |tensor: Tensor<3>| match device.is_autodiff() {
            true => tensor.require_grad(),
            false => tensor,
        };
        let mut layer =
            RecurrentConfig::with_cell(AnyCell(case.cell), case.dims.input, case.dims.hidden)
                .with_num_layers(case.layers)
                .with_bidirectional(case.directions == 2)
                .with_bias(Bias::Two)
                .init(device);
        layer.directions = (0..case.parts())
            .map(|part| direction(case, part, device))
            .collect();
        let states = case
            .state_names()
            .iter()
            .map(|name| tensor(case, name, device));
        Self {
            layer,
            x: leaf(tensor(case, "x", device)),
            state: leaf(Tensor::cat(states.collect(), 0)),
        }
    }

    fn output(&self) -> Tensor<3> {
        let state = Some(self.state.clone());
        self.layer.forward(self.x.clone(), None, state).0
    }
}

fn direction(case: &Case, part: usize, device: &Device) -> Direction {
    let matrix = |name: &str, columns: usize| {
        let values = transposed(&case.parameter(name, part).data, columns);
        let rows = values.len() / columns;
        Param::from_data(TensorData::new(values, [columns, rows]), device)
    };
    let bias = |name: &str| {
        let values = case.parameter(name, part).data.clone();
        let size = values.len();
        Some(Param::from_data(TensorData::new(values, [size]), device))
    };
    Direction {
        weight_ih: matrix("weight_ih", case.input_size(part)),
        weight_hh: matrix("weight_hh", case.dims.hidden),
        bias_ih: bias("bias_ih"),
        bias_hh: bias("bias_hh"),
    }
}

/// An array of the case as a tensor.
pub fn tensor(case: &Case, name: &str, device: &Device) -> Tensor<3> {
    let values = case.values(name);
    let data = TensorData::new(values.data.clone(), values.shape.clone());
    Tensor::from_data(data, device)
}

/// The values of a tensor.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, String> {
    tensor.try_into_vec_as().map_err(text)
}

/// The gradient of a leaf.
pub fn gradient<const D: usize>(
    leaf: &Tensor<D>,
    gradients: &Gradients,
) -> Result<Tensor<D>, String> {
    leaf.grad(gradients)
        .ok_or_else(|| "a leaf has no gradient".to_owned())
}

impl Implementation for FusedLayers {
    type Output = Tensor<3>;
    type Gradients = Gradients;
    type Stream = (Stream, Vec<f32>);

    fn new(case: &Case) -> Result<Self, String> {
        let device = Device::flex();
        let autodiff = Device::flex().autodiff();
        Ok(Self {
            plain: Side::new(case, &device),
            d_output: tensor(case, "d_output", &autodiff),
            tracked: Side::new(case, &autodiff),
            steps: (0..case.dims.time).map(|t| case.input_step(t)).collect(),
            batch: case.dims.batch,
            states: case.state_names(),
            names: (0..case.parts())
                .map(|part| PARAMETERS.map(|name| case.name(name, part)))
                .collect(),
        })
    }

    fn forward(&self) -> Result<Tensor<3>, String> {
        Ok(self.plain.output())
    }

    fn train(&self, weighted: bool) -> Result<Gradients, String> {
        let output = self.tracked.output();
        Ok(match weighted {
            true => (output * self.d_output.clone()).sum().backward(),
            false => output.backward(),
        })
    }

    fn stream(&self) -> Result<Self::Stream, String> {
        Ok((self.plain.layer.stream(self.batch), Vec::new()))
    }

    fn step(&self, (stream, last): &mut Self::Stream, t: usize) -> Result<(), String> {
        let output = stream.step(&self.steps[t]);
        last.clear();
        last.extend_from_slice(output);
        Ok(())
    }

    fn output(&self, output: Tensor<3>) -> Result<Vec<f32>, String> {
        values(output)
    }

    fn last(&self, (_, last): &Self::Stream) -> Result<Vec<f32>, String> {
        Ok(last.clone())
    }

    fn gradients(&self, gradients: Gradients) -> Result<Vec<(String, Vec<f32>)>, String> {
        let x = values(gradient(&self.tracked.x, &gradients)?)?;
        let states = values(gradient(&self.tracked.state, &gradients)?)?;
        let mut named = vec![("x".to_owned(), x)];
        let size = states.len() / self.states.len();
        let states = self.states.iter().zip(states.chunks_exact(size));
        named.extend(states.map(|(name, values)| (name.to_string(), values.to_vec())));
        for (direction, names) in self.tracked.layer.directions.iter().zip(&self.names) {
            let [weight_ih, weight_hh, bias_ih, bias_hh] = names.clone();
            for (name, weight) in [
                (weight_ih, &direction.weight_ih),
                (weight_hh, &direction.weight_hh),
            ] {
                let gradient = gradient(&weight.val(), &gradients)?.swap_dims(0, 1);
                named.push((name, values(gradient)?));
            }
            for (name, bias) in [(bias_ih, &direction.bias_ih), (bias_hh, &direction.bias_hh)] {
                let bias = bias.as_ref().expect("the case has both biases").val();
                named.push((name, values(gradient(&bias, &gradients)?)?));
            }
        }
        Ok(named)
    }
}
