//! Burn's CTC loss, on which `transcribe` rests, against the definition: the sum over all paths, and its finite differences.

use burn::nn::loss::CTCLossConfig;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use elman::ctc::BLANK;

const TIME: usize = 5;
const LABELS: usize = 3;
/// Steps and texts of a batch: ragged, with equal neighbours, with a text that needs every step, and with none.
const CASES: [(usize, &[usize]); 5] = [
    (5, &[1, 2]),
    (4, &[1, 1]),
    (3, &[2, 2]),
    (2, &[1]),
    (5, &[]),
];

fn logits() -> Vec<f32> {
    let value = |k: usize| ((k * 37 % 101) as f32 / 50.0 - 1.0) * 1.5;
    (0..CASES.len() * TIME * LABELS).map(value).collect()
}

/// `−ln` of the share of a text, by trying every path.
fn by_all_paths(logits: &[f64], steps: usize, text: &[usize]) -> f64 {
    let rows: Vec<Vec<f64>> = logits
        .chunks(LABELS)
        .take(steps)
        .map(|row| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.iter().map(|x| x.exp() / sum).collect()
        })
        .collect();
    let mut share = 0.0;
    for mut number in 0..LABELS.pow(steps as u32) {
        let (mut said, mut before, mut chance) = (Vec::new(), BLANK, 1.0);
        for row in &rows {
            let label = number % LABELS;
            number /= LABELS;
            chance *= row[label];
            if label != BLANK && label != before {
                said.push(label);
            }
            before = label;
        }
        if said == text {
            share += chance;
        }
    }
    -share.ln()
}

/// The losses of the batch in f64, weighted so that no two rows count the same.
fn reference(logits: &[f64]) -> (Vec<f64>, f64) {
    let rows = logits.chunks(TIME * LABELS).zip(CASES);
    let losses: Vec<f64> = rows
        .map(|(row, (steps, text))| by_all_paths(row, steps, text))
        .collect();
    let weighted = losses.iter().zip(1..).map(|(loss, k)| loss * f64::from(k));
    (losses.clone(), weighted.sum())
}

#[test]
fn losses_and_gradients_are_those_of_the_definition() {
    let device = Device::default().autodiff();
    let values = logits();
    let shape = [CASES.len(), TIME, LABELS];
    let input =
        Tensor::<3>::from_data(TensorData::new(values.clone(), shape), &device).require_grad();
    let mut targets = vec![1i64; CASES.len() * 2];
    for (row, (_, text)) in targets.chunks_mut(2).zip(CASES) {
        for (place, label) in row.iter_mut().zip(text) {
            *place = *label as i64;
        }
    }
    let numbers = |values: Vec<i64>| {
        let count = values.len();
        Tensor::<1, Int>::from_data(TensorData::new(values, [count]), &device)
    };
    let losses = CTCLossConfig::new()
        .with_blank(BLANK)
        .with_zero_infinity(true)
        .init()
        .forward(
            log_softmax(input.clone(), 2).swap_dims(0, 1),
            Tensor::from_data(TensorData::new(targets, [CASES.len(), 2]), &device),
            numbers(CASES.iter().map(|(steps, _)| *steps as i64).collect()),
            numbers(CASES.iter().map(|(_, text)| text.len() as i64).collect()),
        );
    let wide: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
    let (expected, _) = reference(&wide);
    let found: Vec<f32> = losses.clone().into_data().try_to_vec().unwrap();
    for (found, expected) in found.iter().zip(&expected) {
        assert!(
            (f64::from(*found) - expected).abs() < 1e-5,
            "{found} and {expected}"
        );
    }
    let weights: Vec<f32> = (1..=CASES.len()).map(|k| k as f32).collect();
    let weights = Tensor::<1>::from_data(TensorData::new(weights, [CASES.len()]), &device);
    let gradients = (losses * weights).sum().backward();
    let found: Vec<f32> = input
        .grad(&gradients)
        .unwrap()
        .into_data()
        .try_to_vec()
        .unwrap();
    const STEP: f64 = 1e-5;
    for (place, found) in found.iter().enumerate() {
        let moved = |by: f64| {
            let mut wide = wide.clone();
            wide[place] += by;
            reference(&wide).1
        };
        let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        assert!(
            (f64::from(*found) - expected).abs() < 1e-4,
            "{place}: {found} and {expected}"
        );
    }
}
