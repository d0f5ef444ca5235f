//! Random cases, and comparing two answers to one.

use proptest::prelude::*;

use crate::oracle::{self, Real};
use crate::{
    Activation, CellKind, Dims, Forward, Gradients, GruReset, Mode, Sequence, Want, Weights,
    backward, forward,
};

pub(super) const CELLS: [CellKind; 6] = [
    CellKind::SimpleRnn(Activation::Tanh),
    CellKind::SimpleRnn(Activation::Relu),
    CellKind::SimpleRnn(Activation::Identity),
    CellKind::Lstm,
    CellKind::Gru(GruReset::After),
    CellKind::Gru(GruReset::Before),
];

/// Every gradient there is.
pub(super) const EVERY_GRADIENT: Want = Want {
    input: true,
    steps: true,
    weights: true,
};

/// All arguments of a forward and a backward pass.
#[derive(Clone, Debug)]
pub(super) struct Case<T> {
    pub cell: CellKind,
    pub dims: Dims,
    pub ih: Vec<T>,
    pub hh: Vec<T>,
    pub bias_ih: Option<Vec<T>>,
    pub bias_hh: Option<Vec<T>>,
    pub input: Vec<T>,
    pub state: Vec<T>,
    pub lengths: Option<Vec<usize>>,
    pub reverse: bool,
    pub mask: Option<Vec<T>>,
    pub d_output: Option<Vec<T>>,
    pub d_state: Option<Vec<T>>,
}

/// Which of the optional arguments a case has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub lengths: bool,
    pub reverse: bool,
    pub mask: bool,
    pub biases: [bool; 2],
    pub incoming: [bool; 2],
}

pub(super) fn options() -> impl Strategy<Value = Options> {
    (any::<[bool; 3]>(), any::<[bool; 2]>(), 0..4_u8).prop_map(
        |([lengths, reverse, mask], biases, incoming)| Options {
            lengths,
            reverse,
            mask,
            biases,
            incoming: [incoming != 1, incoming != 2],
        },
    )
}

/// SplitMix64 (Steele, Lea & Flood 2014), uniform in −1 … 1.
pub(super) struct Random(pub u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn values(&mut self, len: usize, scale: f64) -> Vec<f64> {
        (0..len)
            .map(|_| scale * ((self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0))
            .collect()
    }
}

impl Case<f64> {
    pub(super) fn random(cell: CellKind, dims: Dims, options: Options, seed: u64) -> Self {
        let Dims {
            batch,
            time,
            input,
            hidden,
        } = dims;
        let mut random = Random(seed);
        let columns = cell.gates() * hidden;
        // Fan-in scaling keeps a linear recurrence bounded.
        let scale = 1.5 / (hidden.max(1) as f64).sqrt();
        let mut maybe = |wanted: bool, len: usize| wanted.then(|| random.values(len, 1.0));
        let bias_ih = maybe(options.biases[0], columns);
        let bias_hh = maybe(options.biases[1], columns);
        let mask = maybe(options.mask, batch * hidden);
        let d_output = maybe(options.incoming[0], batch * time * hidden);
        let d_state = maybe(options.incoming[1], cell.states() * batch * hidden);
        Self {
            cell,
            dims,
            ih: random.values(input * columns, 1.0 / (input.max(1) as f64).sqrt()),
            hh: random.values(hidden * columns, scale),
            bias_ih,
            bias_hh,
            input: random.values(batch * time * input, 1.0),
            state: random.values(cell.states() * batch * hidden, 1.0),
            lengths: options.lengths.then(|| {
                (0..batch)
                    .map(|_| random.next() as usize % (time + 1))
                    .collect()
            }),
            reverse: options.reverse,
            mask: mask.map(|mask| {
                mask.iter()
                    .map(|&m| if m < -0.5 { 0.0 } else { 1.5 + m })
                    .collect()
            }),
            d_output,
            d_state,
        }
    }

    pub(super) fn to_f32(&self) -> Case<f32> {
        let cast = |values: &Vec<f64>| values.iter().map(|&v| v as f32).collect::<Vec<_>>();
        let maybe = |values: &Option<Vec<f64>>| values.as_ref().map(cast);
        Case {
            cell: self.cell,
            dims: self.dims,
            ih: cast(&self.ih),
            hh: cast(&self.hh),
            bias_ih: maybe(&self.bias_ih),
            bias_hh: maybe(&self.bias_hh),
            input: cast(&self.input),
            state: cast(&self.state),
            lengths: self.lengths.clone(),
            reverse: self.reverse,
            mask: maybe(&self.mask),
            d_output: maybe(&self.d_output),
            d_state: maybe(&self.d_state),
        }
    }
}

impl<T: Real> Case<T> {
    pub(super) fn weights(&self) -> Weights<'_, T> {
        Weights {
            ih: &self.ih,
            hh: &self.hh,
            bias_ih: self.bias_ih.as_deref(),
            bias_hh: self.bias_hh.as_deref(),
        }
    }

    pub(super) fn sequence(&self) -> Sequence<'_, T> {
        Sequence {
            dims: self.dims,
            input: &self.input,
            state: &self.state,
            lengths: self.lengths.as_deref(),
            reverse: self.reverse,
            recurrent_mask: self.mask.as_deref(),
        }
    }

    pub(super) fn oracle(&self) -> (Forward<T>, Gradients<T>) {
        let (weights, sequence) = (self.weights(), self.sequence());
        (
            oracle::forward(self.cell, &weights, &sequence),
            oracle::backward(
                self.cell,
                &weights,
                &sequence,
                self.d_output.as_deref(),
                self.d_state.as_deref(),
            ),
        )
    }
}

impl Case<f32> {
    pub(super) fn fused(&self) -> (Forward, Gradients) {
        self.fused_in(Mode::default())
    }

    pub(super) fn fused_in(&self, mode: Mode) -> (Forward, Gradients) {
        let (weights, sequence) = (self.weights(), self.sequence());
        let run = forward(self.cell, &weights, &sequence, mode, true);
        let mut saved = run.saved.clone();
        let gradients = backward(
            self.cell,
            &weights,
            &sequence,
            mode,
            &run.output,
            &mut saved,
            self.d_output.as_deref(),
            self.d_state.as_deref(),
            EVERY_GRADIENT,
        );
        (run, gradients)
    }
}

/// Every array of an answer by name.
pub(super) fn parts<T: Copy>(answer: &(Forward<T>, Gradients<T>)) -> Vec<(&'static str, &[T])> {
    let (run, gradients) = answer;
    vec![
        ("output", &run.output),
        ("state", &run.state),
        (
            "d_input",
            gradients
                .input
                .as_deref()
                .expect("the input's gradient was asked for"),
        ),
        ("d_state", &gradients.state),
        (
            "d_steps",
            gradients
                .steps
                .as_deref()
                .expect("the gradients of the steps were asked for"),
        ),
        ("d_weight_ih", &gradients.weight_ih),
        ("d_weight_hh", &gradients.weight_hh),
        ("d_bias_ih", &gradients.bias_ih),
        ("d_bias_hh", &gradients.bias_hh),
    ]
}

/// Every value within `tolerance` of the truth, relative to the largest of its array (or to one).
pub(super) fn assert_close(
    found: &(Forward<f32>, Gradients<f32>),
    truth: &(Forward<f64>, Gradients<f64>),
    tolerance: f64,
) {
    for ((name, found), (_, truth)) in parts(found).into_iter().zip(parts(truth)) {
        assert_eq!(found.len(), truth.len(), "{name}");
        let scale = truth
            .iter()
            .fold(1.0_f64, |scale, value| scale.max(value.abs()));
        for (i, (&found, &truth)) in found.iter().zip(truth).enumerate() {
            let error = (f64::from(found) - truth).abs() / scale;
            assert!(
                error <= tolerance,
                "{name}[{i}] is {found}, but the truth is {truth}"
            );
        }
    }
}

/// The same bits everywhere.
pub(super) fn assert_same(a: &(Forward<f32>, Gradients<f32>), b: &(Forward<f32>, Gradients<f32>)) {
    for ((name, a), (_, b)) in parts(a).into_iter().zip(parts(b)) {
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(a), bits(b), "{name}");
    }
}
