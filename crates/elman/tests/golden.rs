//! Every cell, depth, direction, with and without lengths and a given state, against PyTorch: outputs, final states
//! and every gradient. The cases are made by `golden/generate.py` in float64 and stored as float32.
//!
//! Each case runs four times: through the fused kernels (f32 on Flex), through them in segments of two steps, through the reference and its hand-written
//! backward (f64 on Flex, which the kernels do not take), and through the reference differentiated by Burn (NdArray, a
//! backend that the operator does not list; with `--features ndarray`).

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::DType;
use elman::cell::{Activation, AnyCell, Bias, CellKind, GruReset};
use elman::layer::{Direction, RecurrentConfig};
use elman::ops::{Mode, Recurrence, RecurrentWeights, recurrent};
use safetensors::SafeTensors;
use serde::Deserialize;
use std::num::NonZeroUsize;

/// Units of every case.
const H: usize = 3;

#[derive(Deserialize)]
struct Case {
    name: String,
    cell: String,
    layers: usize,
    directions: usize,
    reverse: bool,
    lengths: Option<Vec<usize>>,
    given: bool,
}

impl Case {
    fn kind(&self) -> CellKind {
        match self.cell.as_str() {
            "simple_rnn" => CellKind::SimpleRnn(Activation::Tanh),
            "simple_rnn_relu" => CellKind::SimpleRnn(Activation::Relu),
            "simple_rnn_identity" => CellKind::SimpleRnn(Activation::Identity),
            "lstm" => CellKind::Lstm,
            "gru" => CellKind::Gru(GruReset::After),
            "gru_before" => CellKind::Gru(GruReset::Before),
            other => panic!("unknown cell {other}"),
        }
    }
}

/// Where a case runs.
struct Path {
    device: Device,
    dtype: DType,
    mode: Mode,
    tolerance: [f32; 2],
}

struct Golden<'a> {
    file: SafeTensors<'a>,
    path: &'a Path,
    case: Case,
}

impl Golden<'_> {
    fn has(&self, key: &str) -> bool {
        self.file
            .tensor(&format!("{}/{key}", self.case.name))
            .is_ok()
    }

    fn data(&self, key: &str) -> TensorData {
        let view = self
            .file
            .tensor(&format!("{}/{key}", self.case.name))
            .unwrap_or_else(|_| panic!("no {key}"));
        let values: Vec<f32> = view
            .data()
            .chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect();
        TensorData::new(values, view.shape().to_vec())
    }

    fn leaf<const D: usize>(&self, key: &str) -> Tensor<D> {
        Tensor::from_data(self.data(key), (&self.path.device, self.path.dtype)).require_grad()
    }

    fn constant<const D: usize>(&self, key: &str) -> Tensor<D> {
        Tensor::from_data(self.data(key), (&self.path.device, self.path.dtype))
    }

    fn close<const D: usize>(&self, key: &str, found: Tensor<D>, tolerance: f32) {
        let expected = self.data(key);
        assert_eq!(
            &found.dims()[..],
            &expected.shape().to_vec()[..],
            "{}: shape of {key}",
            self.case.name
        );
        let expected: Vec<f32> = expected.try_to_vec().unwrap();
        let found: Vec<f32> = found.try_into_vec_as().unwrap();
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let gap = (found - expected).abs() / expected.abs().max(1.0);
            assert!(
                gap <= tolerance,
                "{}: {key}[{index}] is {found}, PyTorch says {expected}",
                self.case.name
            );
        }
    }

    fn check(&self) {
        if self.has("mask") {
            self.check_operator()
        } else {
            self.check_layer()
        }
    }

    fn direction(&self, k: usize) -> Direction {
        Direction {
            weight_ih: Param::from_tensor(self.leaf(&format!("{k}.weight_ih"))),
            weight_hh: Param::from_tensor(self.leaf(&format!("{k}.weight_hh"))),
            bias_ih: Some(Param::from_tensor(self.leaf(&format!("{k}.bias_ih")))),
            bias_hh: Some(Param::from_tensor(self.leaf(&format!("{k}.bias_hh")))),
        }
    }

    /// Hidden, then (LSTM) cell, along the first dimension.
    fn packed(&self, hidden: &str, cell: &str) -> Tensor<3> {
        match self.case.kind() {
            CellKind::Lstm => Tensor::cat(vec![self.constant(hidden), self.constant(cell)], 0),
            _ => self.constant(hidden),
        }
    }

    fn check_layer(&self) {
        let case = &self.case;
        let input: Tensor<3> = self.leaf("input");
        let mut layer = RecurrentConfig::with_cell(AnyCell(case.kind()), input.dims()[2], H)
            .with_num_layers(case.layers)
            .with_bidirectional(case.directions == 2)
            .with_reverse(case.reverse)
            .with_bias(Bias::Two)
            .with_checkpoint_every(self.path.mode.checkpoint_every.map(NonZeroUsize::get))
            .init(&self.path.device);
        layer.directions = (0..case.layers * case.directions)
            .map(|k| self.direction(k))
            .collect();
        let state = case.given.then(|| self.packed("h0", "c0").require_grad());
        let (output, last) = layer.forward(input.clone(), case.lengths.as_deref(), state.clone());
        let loss = (output.clone() * self.constant("d_output")).sum()
            + (last.clone() * self.packed("d_h", "d_c")).sum();
        let grads = loss.backward();

        let [values, gradients] = self.path.tolerance;
        self.close("output", output, values);
        self.close_state(["h", "c"], last, values);
        self.close("grad.input", input.grad(&grads).unwrap(), gradients);
        if let Some(state) = state {
            self.close_state(
                ["grad.h0", "grad.c0"],
                state.grad(&grads).unwrap(),
                gradients,
            );
        }
        for (k, direction) in layer.directions.iter().enumerate() {
            let of = |name: &str| format!("grad.{k}.{name}");
            self.close(
                &of("weight_ih"),
                direction.weight_ih.val().grad(&grads).unwrap(),
                gradients,
            );
            self.close(
                &of("weight_hh"),
                direction.weight_hh.val().grad(&grads).unwrap(),
                gradients,
            );
            for (name, bias) in [
                ("bias_ih", &direction.bias_ih),
                ("bias_hh", &direction.bias_hh),
            ] {
                self.close(
                    &of(name),
                    bias.as_ref().unwrap().val().grad(&grads).unwrap(),
                    gradients,
                );
            }
        }
    }

    fn close_state(&self, [hidden, cell]: [&str; 2], packed: Tensor<3>, tolerance: f32) {
        let parts = packed.dims()[0];
        match self.case.kind() {
            CellKind::Lstm => {
                self.close(hidden, packed.clone().narrow(0, 0, parts / 2), tolerance);
                self.close(cell, packed.narrow(0, parts / 2, parts / 2), tolerance);
            }
            _ => self.close(hidden, packed, tolerance),
        }
    }

    /// The cases with a dropout mask of their own: the operator itself.
    fn check_operator(&self) {
        let mask: Vec<f32> = self.data("mask").try_to_vec().unwrap();
        let recurrence = Recurrence {
            reverse: self.case.reverse,
            lengths: self.case.lengths.clone().map(Into::into),
            mask: Some(mask.into()),
            mode: self.path.mode,
            ..Recurrence::new(self.case.kind())
        };
        let (input, state) = (
            self.leaf::<3>("input"),
            self.packed("h0", "c0").require_grad(),
        );
        let weights = RecurrentWeights {
            ih: self.leaf("0.weight_ih"),
            hh: self.leaf("0.weight_hh"),
            bias_ih: Some(self.leaf("0.bias_ih")),
            bias_hh: Some(self.leaf("0.bias_hh")),
        };
        let (output, last) = recurrent(&recurrence, input.clone(), state.clone(), &weights);
        let loss = (output.clone() * self.constant("d_output")).sum()
            + (last.clone() * self.packed("d_h", "d_c")).sum();
        let grads = loss.backward();
        let [values, gradients] = self.path.tolerance;
        self.close("output", output, values);
        self.close_state(["h", "c"], last, values);
        self.close("grad.input", input.grad(&grads).unwrap(), gradients);
        self.close_state(
            ["grad.h0", "grad.c0"],
            state.grad(&grads).unwrap(),
            gradients,
        );
        self.close(
            "grad.0.weight_ih",
            weights.ih.grad(&grads).unwrap(),
            gradients,
        );
        self.close(
            "grad.0.weight_hh",
            weights.hh.grad(&grads).unwrap(),
            gradients,
        );
        self.close(
            "grad.0.bias_ih",
            weights.bias_ih.unwrap().grad(&grads).unwrap(),
            gradients,
        );
        self.close(
            "grad.0.bias_hh",
            weights.bias_hh.unwrap().grad(&grads).unwrap(),
            gradients,
        );
    }
}

/// Runs every case on a path; returns how many there were.
fn run(path: &Path) -> usize {
    let bytes = include_bytes!("golden/pytorch.safetensors");
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let cases = &header.metadata().as_ref().unwrap()["cases"];
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    let count = cases.len();
    for case in cases {
        let file = SafeTensors::deserialize(bytes).unwrap();
        Golden { file, path, case }.check();
    }
    count
}

#[test]
fn the_fused_kernels_match_pytorch() {
    let path = Path {
        device: Device::flex().autodiff(),
        dtype: DType::F32,
        mode: Mode::default(),
        tolerance: [1e-5, 1e-4],
    };
    assert_eq!(run(&path), 67);
}

#[test]
fn the_fused_kernels_in_segments_match_pytorch() {
    let path = Path {
        device: Device::flex().autodiff(),
        dtype: DType::F32,
        mode: Mode {
            checkpoint_every: NonZeroUsize::new(2),
            ..Mode::default()
        },
        tolerance: [1e-5, 1e-4],
    };
    assert_eq!(run(&path), 67);
}

#[test]
fn the_reference_and_its_backward_match_pytorch() {
    let path = Path {
        device: Device::flex().autodiff(),
        dtype: DType::F64,
        mode: Mode::default(),
        tolerance: [1e-6, 1e-6],
    };
    assert_eq!(run(&path), 67);
}

#[test]
#[cfg(feature = "ndarray")]
#[expect(deprecated)] // Burn retires NdArray for Flex; until it is gone it is the cheapest backend we do not list.
fn a_backend_without_a_path_of_its_own_matches_pytorch() {
    let path = Path {
        device: Device::ndarray().autodiff(),
        dtype: DType::F32,
        mode: Mode::default(),
        tolerance: [1e-5, 1e-4],
    };
    assert_eq!(run(&path), 67);
}
