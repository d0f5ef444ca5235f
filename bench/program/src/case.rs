//! What is computed: sizes, and a safetensors file with PyTorch's names and layouts.

use std::collections::BTreeMap;
use std::path::Path;

use elman_kernels::{Activation, CellKind, Dims, GruReset};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::server::text;

/// An array, row by row.
#[derive(Clone, Debug)]
pub struct Values {
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
    /// As many values as the shape has.
    pub data: Vec<f32>,
}

/// A stack of recurrent layers with its weights, its input and its first state.
#[derive(Debug)]
pub struct Case {
    /// The equations.
    pub cell: CellKind,
    /// Sizes; `input` is the first layer's.
    pub dims: Dims,
    /// Layers, each reading the one below.
    pub layers: usize,
    /// One, or two for layers that read both ways.
    pub directions: usize,
    values: BTreeMap<String, Values>,
}

/// The parameters of a layer in one direction, in PyTorch's order.
pub const PARAMETERS: [&str; 4] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

impl Case {
    /// Reads `<cell> B T I H <layers> <directions> FILE`; everything that the case needs must be in the file.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let [cell, sizes @ .., file] = words else {
            return Err("case <cell> B T I H <layers> <directions> FILE".to_owned());
        };
        let sizes: Vec<usize> = sizes
            .iter()
            .map(|size| match size.parse() {
                Ok(0) | Err(_) => Err(format!("`{size}`: a size of at least 1")),
                Ok(size) => Ok(size),
            })
            .collect::<Result<_, _>>()?;
        let [batch, time, input, hidden, layers, directions @ 1..=2] = sizes[..] else {
            return Err("six sizes: B T I H <layers> <directions, 1 or 2>".to_owned());
        };
        let cell = match *cell {
            "simple_rnn" => CellKind::SimpleRnn(Activation::Tanh),
            "lstm" => CellKind::Lstm,
            "gru" => CellKind::Gru(GruReset::After),
            other => return Err(format!("unknown cell `{other}`")),
        };
        let dims = Dims {
            batch,
            time,
            input,
            hidden,
        };
        let case = Self {
            cell,
            dims,
            layers,
            directions,
            values: read(Path::new(file))?,
        };
        case.check().map(|()| case)
    }

    fn check(&self) -> Result<(), String> {
        let Dims {
            batch,
            time,
            input,
            hidden,
        } = self.dims;
        let (rows, out) = (self.cell.gates() * hidden, self.directions * hidden);
        let states = vec![self.parts(), batch, hidden];
        let mut expected = vec![
            ("x".to_owned(), vec![batch, time, input]),
            ("d_output".to_owned(), vec![batch, time, out]),
            ("h0".to_owned(), states.clone()),
        ];
        if self.cell == CellKind::Lstm {
            expected.push(("c0".to_owned(), states));
        }
        for part in 0..self.parts() {
            let shapes = [
                vec![rows, self.input_size(part)],
                vec![rows, hidden],
                vec![rows],
                vec![rows],
            ];
            expected.extend(
                PARAMETERS
                    .iter()
                    .zip(shapes)
                    .map(|(name, shape)| (self.name(name, part), shape)),
            );
        }
        for (name, shape) in expected {
            match self.values.get(&name) {
                Some(values) if values.shape == shape => {}
                Some(values) => {
                    return Err(format!("`{name}` is {:?}, not {shape:?}", values.shape));
                }
                None => return Err(format!("the file has no `{name}`")),
            }
        }
        Ok(())
    }

    /// Layers × directions.
    pub fn parts(&self) -> usize {
        self.layers * self.directions
    }

    /// PyTorch's name of a parameter: `weight_ih_l1_reverse`.
    pub fn name(&self, parameter: &str, part: usize) -> String {
        let (layer, side) = (part / self.directions, part % self.directions);
        format!("{parameter}_l{layer}{}", ["", "_reverse"][side])
    }

    /// Features that a layer reads.
    pub fn input_size(&self, part: usize) -> usize {
        match part / self.directions {
            0 => self.dims.input,
            _ => self.directions * self.dims.hidden,
        }
    }

    /// An array of the file: `x`, `d_output`, `h0`, `c0`, or a parameter.
    ///
    /// # Panics
    /// If the case has no such array.
    pub fn values(&self, name: &str) -> &Values {
        self.values
            .get(name)
            .unwrap_or_else(|| panic!("a case has no `{name}`"))
    }

    /// A parameter of a layer in one direction.
    pub fn parameter(&self, parameter: &str, part: usize) -> &Values {
        self.values(&self.name(parameter, part))
    }

    /// The state that a part begins with, `[states, batch, hidden]`.
    pub fn state(&self, part: usize) -> Vec<f32> {
        let size = self.dims.batch * self.dims.hidden;
        self.state_names()
            .iter()
            .flat_map(|name| &self.values(name).data[part * size..][..size])
            .copied()
            .collect()
    }

    /// `h0`, and `c0` where the cell has one.
    pub fn state_names(&self) -> &'static [&'static str] {
        &["h0", "c0"][..self.cell.states()]
    }

    /// Step `t` of the input, `[batch, input]`.
    pub fn input_step(&self, t: usize) -> Vec<f32> {
        let Dims {
            batch, time, input, ..
        } = self.dims;
        let x = &self.values("x").data;
        (0..batch)
            .flat_map(|b| &x[(b * time + t) * input..][..input])
            .copied()
            .collect()
    }
}

/// `[rows, columns]` to `[columns, rows]`.
pub fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

fn read(path: &Path) -> Result<BTreeMap<String, Values>, String> {
    let of_file = |error: String| format!("`{}`: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|error| of_file(text(error)))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| of_file(text(error)))?;
    let values = |view: &TensorView| match view.dtype() {
        Dtype::F32 => Ok(Values {
            shape: view.shape().to_vec(),
            data: view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect(),
        }),
        other => Err(of_file(format!("holds {other:?}, but F32 is read"))),
    };
    file.tensors()
        .iter()
        .map(|(name, view)| Ok((name.clone(), values(view)?)))
        .collect()
}

/// Writes named arrays as a safetensors file.
pub fn write(path: &Path, arrays: impl Iterator<Item = (String, Values)>) -> Result<(), String> {
    let arrays: Vec<(String, Vec<usize>, Vec<u8>)> = arrays
        .map(|(name, values)| {
            let bytes = values.data.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, values.shape, bytes)
        })
        .collect();
    let views = arrays.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes)
            .expect("the bytes of an array fit its own shape");
        (name, view)
    });
    let bytes = safetensors::serialize(views, None).map_err(text)?;
    std::fs::write(path, bytes).map_err(|error| format!("`{}`: {error}", path.display()))
}
