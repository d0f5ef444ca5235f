//! `elman-kernels` as they are: layers and directions stacked by hand, as `elman::layer::Recurrent` stacks them.

use elman_kernels::{
    CellKind, Dims, Forward, Gradients, Mode, Precision, Sequence, Stepper, Weights, backward,
    forward,
};
use std::sync::OnceLock;

use crate::case::{Case, PARAMETERS, transposed};
use crate::server::Implementation;

/// The numbers that products multiply; f32 unless set before the first case.
pub static PRECISION: OnceLock<Precision> = OnceLock::new();

fn mode() -> Mode {
    Mode {
        precision: PRECISION.get().copied().unwrap_or_default(),
        checkpoint_every: None,
    }
}

/// The parameters and the first state of a layer in one direction.
struct Part {
    ih: Vec<f32>,
    hh: Vec<f32>,
    bias_ih: Vec<f32>,
    bias_hh: Vec<f32>,
    state: Vec<f32>,
    input: usize,
}

impl Part {
    fn weights(&self) -> Weights<'_> {
        Weights {
            ih: &self.ih,
            hh: &self.hh,
            bias_ih: Some(&self.bias_ih),
            bias_hh: Some(&self.bias_hh),
        }
    }
}

/// A case for the kernels.
pub struct Kernels {
    cell: CellKind,
    dims: Dims,
    directions: usize,
    parts: Vec<Part>,
    x: Vec<f32>,
    steps: Vec<Vec<f32>>,
    d_output: Vec<f32>,
    ones: Vec<f32>,
    names: Vec<[String; 4]>,
}

/// What the layers computed, bottom to top.
pub struct Layers {
    /// By layer and direction.
    runs: Vec<Forward>,
    /// Each layer's output, directions side by side; empty where there is one direction (it is the run's own).
    merged: Vec<Vec<f32>>,
}

/// Packed weights and states between two steps.
pub struct Stream {
    layers: Vec<(Stepper, Vec<f32>)>,
}

impl Kernels {
    fn sequence<'a>(&'a self, part: usize, input: &'a [f32]) -> Sequence<'a> {
        let here = &self.parts[part];
        Sequence {
            dims: Dims {
                input: here.input,
                ..self.dims
            },
            input,
            state: &here.state,
            lengths: None,
            reverse: part % self.directions == 1,
            recurrent_mask: None,
        }
    }

    fn layers(&self) -> usize {
        self.parts.len() / self.directions
    }

    /// What a layer reads.
    fn below<'a>(&'a self, layers: &'a Layers, layer: usize) -> &'a [f32] {
        match layer.checked_sub(1) {
            None => &self.x,
            Some(below) if self.directions == 1 => &layers.runs[below].output,
            Some(below) => &layers.merged[below],
        }
    }

    fn run(&self, save: bool) -> Layers {
        let mut layers = Layers {
            runs: Vec::with_capacity(self.parts.len()),
            merged: Vec::new(),
        };
        for layer in 0..self.layers() {
            let first = layer * self.directions;
            for part in first..first + self.directions {
                let sequence = self.sequence(part, self.below(&layers, layer));
                let run = forward(
                    self.cell,
                    &self.parts[part].weights(),
                    &sequence,
                    mode(),
                    save,
                );
                layers.runs.push(run);
            }
            if let [one, other] = &layers.runs[first..] {
                let merged = beside(&one.output, &other.output, self.dims.hidden);
                layers.merged.push(merged);
            }
        }
        layers
    }
}

impl Implementation for Kernels {
    type Output = Layers;
    /// By layer and direction, top to bottom.
    type Gradients = Vec<Gradients>;
    type Stream = Stream;

    fn new(case: &Case) -> Result<Self, String> {
        let part = |part: usize| {
            let matrix =
                |name: &str, columns: usize| transposed(&case.parameter(name, part).data, columns);
            let bias = |name: &str| case.parameter(name, part).data.clone();
            let input = case.input_size(part);
            Part {
                ih: matrix("weight_ih", input),
                hh: matrix("weight_hh", case.dims.hidden),
                bias_ih: bias("bias_ih"),
                bias_hh: bias("bias_hh"),
                state: case.state(part),
                input,
            }
        };
        let d_output = case.values("d_output").data.clone();
        Ok(Self {
            cell: case.cell,
            dims: case.dims,
            directions: case.directions,
            parts: (0..case.parts()).map(part).collect(),
            x: case.values("x").data.clone(),
            steps: (0..case.dims.time).map(|t| case.input_step(t)).collect(),
            ones: vec![1.0; d_output.len()],
            d_output,
            names: (0..case.parts())
                .map(|part| PARAMETERS.map(|name| case.name(name, part)))
                .collect(),
        })
    }

    fn forward(&self) -> Result<Layers, String> {
        Ok(self.run(false))
    }

    fn train(&self, weighted: bool) -> Result<Vec<Gradients>, String> {
        if mode().precision == Precision::Int8 {
            return Err("int8 is for inference".to_owned());
        }
        let mut layers = self.run(true);
        let incoming = if weighted { &self.d_output } else { &self.ones };
        let mut from_above: Option<Vec<f32>> = None;
        let mut gradients = Vec::with_capacity(self.parts.len());
        for layer in (0..self.layers()).rev() {
            let incoming = from_above.as_ref().unwrap_or(incoming);
            let split = match self.directions {
                1 => None,
                _ => Some(apart(incoming, self.dims.hidden)),
            };
            let mut below: Option<Vec<f32>> = None;
            for side in 0..self.directions {
                let part = layer * self.directions + side;
                let mut saved = std::mem::take(&mut layers.runs[part].saved);
                let mut here = backward(
                    self.cell,
                    &self.parts[part].weights(),
                    &self.sequence(part, self.below(&layers, layer)),
                    mode(),
                    &layers.runs[part].output,
                    &mut saved,
                    Some(split.as_ref().map_or(incoming, |split| &split[side])),
                    None,
                    true,
                );
                if layer > 0 {
                    let d_input = here.input.take().expect("it was asked for");
                    below = Some(sum(below, d_input));
                }
                gradients.push(here);
            }
            from_above = below;
        }
        Ok(gradients)
    }

    fn stream(&self) -> Result<Stream, String> {
        let hidden = self.dims.hidden;
        let layer = |part: &Part| -> Result<_, String> {
            let new = match mode().precision {
                Precision::Int8 => Stepper::int8,
                Precision::F32 => Stepper::new,
                Precision::Bf16 => return Err("a stream has no bf16".to_owned()),
            };
            let stepper = new(self.cell, part.input, hidden, &part.weights());
            Ok((stepper, vec![0.0; part.state.len()]))
        };
        let layers = self.parts.iter().map(layer);
        Ok(Stream {
            layers: layers.collect::<Result<_, _>>()?,
        })
    }

    fn step(&self, stream: &mut Stream, t: usize) -> Result<(), String> {
        let width = self.dims.batch * self.dims.hidden;
        for index in 0..stream.layers.len() {
            let (below, here) = stream.layers.split_at_mut(index);
            let input = match below.last() {
                None => &self.steps[t],
                Some((_, state)) => &state[..width],
            };
            let (stepper, state) = &mut here[0];
            stepper.step(input, state);
        }
        Ok(())
    }

    fn output(&self, mut layers: Layers) -> Result<Vec<f32>, String> {
        let top = layers.merged.pop();
        let run = layers.runs.pop().map(|run| run.output);
        Ok(top.or(run).expect("a case has a layer"))
    }

    fn last(&self, stream: &Stream) -> Result<Vec<f32>, String> {
        let (_, state) = stream.layers.last().expect("a case has a layer");
        Ok(state[..self.dims.batch * self.dims.hidden].to_vec())
    }

    fn gradients(&self, gradients: Vec<Gradients>) -> Result<Vec<(String, Vec<f32>)>, String> {
        let columns = self.cell.gates() * self.dims.hidden;
        let size = self.dims.batch * self.dims.hidden;
        let mut states = vec![vec![0.0; self.parts.len() * size]; self.cell.states()];
        let mut x: Option<Vec<f32>> = None;
        let mut named = Vec::new();
        for (index, gradient) in gradients.into_iter().enumerate() {
            let layer = self.layers() - 1 - index / self.directions;
            let part = layer * self.directions + index % self.directions;
            for (states, here) in states.iter_mut().zip(gradient.state.chunks_exact(size)) {
                states[part * size..][..size].copy_from_slice(here);
            }
            if let Some(input) = gradient.input {
                x = Some(sum(x, input));
            }
            let values = [
                transposed(&gradient.weight_ih, columns),
                transposed(&gradient.weight_hh, columns),
                gradient.bias_ih,
                gradient.bias_hh,
            ];
            named.extend(self.names[part].iter().cloned().zip(values));
        }
        let states = ["h0", "c0"].iter().zip(states);
        named.extend(states.map(|(name, values)| (name.to_string(), values)));
        named.push(("x".to_owned(), x.expect("it was asked for")));
        Ok(named)
    }
}

/// Rows of two arrays side by side.
fn beside(one: &[f32], other: &[f32], width: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(one.len() + other.len());
    for (one, other) in one.chunks_exact(width).zip(other.chunks_exact(width)) {
        out.extend_from_slice(one);
        out.extend_from_slice(other);
    }
    out
}

/// The two halves of every row.
fn apart(rows: &[f32], width: usize) -> [Vec<f32>; 2] {
    let half = |side: usize| {
        let halves = rows.chunks_exact(width).skip(side).step_by(2);
        let mut out = Vec::with_capacity(rows.len() / 2);
        halves.for_each(|half| out.extend_from_slice(half));
        out
    };
    [half(0), half(1)]
}

fn sum(to: Option<Vec<f32>>, values: Vec<f32>) -> Vec<f32> {
    let Some(mut to) = to else { return values };
    to.iter_mut()
        .zip(values)
        .for_each(|(to, value)| *to += value);
    to
}
