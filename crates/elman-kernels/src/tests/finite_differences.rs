//! The twin's gradients against central differences in f64.

use super::case::{CELLS, Case, Options};
use crate::Dims;
use crate::oracle;

/// A loss that is linear in everything the forward pass returns, so that the incoming gradients are its coefficients.
fn loss(case: &Case<f64>) -> f64 {
    let run = oracle::forward(case.cell, &case.weights(), &case.sequence());
    let dot = |a: &[f64], b: &Option<Vec<f64>>| -> f64 {
        a.iter().zip(b.iter().flatten()).map(|(a, b)| a * b).sum()
    };
    dot(&run.output, &case.d_output) + dot(&run.state, &case.d_state)
}

fn check(
    case: &Case<f64>,
    name: &str,
    gradient: &[f64],
    values: impl Fn(&mut Case<f64>) -> &mut Vec<f64>,
) {
    const STEP: f64 = 1e-5;
    let mut case = case.clone();
    for (i, &found) in gradient.iter().enumerate() {
        let original = values(&mut case)[i];
        values(&mut case)[i] = original + STEP;
        let above = loss(&case);
        values(&mut case)[i] = original - STEP;
        let below = loss(&case);
        values(&mut case)[i] = original;
        let truth = (above - below) / (2.0 * STEP);
        assert!(
            (found - truth).abs() < 1e-6 * (1.0 + truth.abs()),
            "{:?} (reverse {}, mask {}): {name}[{i}] is {found}, by differences {truth}",
            case.cell,
            case.reverse,
            case.mask.is_some(),
        );
    }
}

#[test]
fn oracle_gradients_equal_finite_differences() {
    for cell in CELLS {
        for (reverse, mask) in [(false, false), (false, true), (true, false), (true, true)] {
            let dims = Dims {
                batch: 3,
                time: 4,
                input: 3,
                hidden: 4,
            };
            let options = Options {
                lengths: true,
                reverse,
                mask,
                biases: [true; 2],
                incoming: [true; 2],
            };
            let mut case = Case::random(cell, dims, options, 29);
            case.lengths = Some(vec![4, 0, 2]);
            let gradients = case.oracle().1;
            check(
                &case,
                "input",
                &gradients.input.clone().expect("always"),
                |case| &mut case.input,
            );
            check(&case, "state", &gradients.state, |case| &mut case.state);
            check(&case, "weight_ih", &gradients.weight_ih, |case| {
                &mut case.ih
            });
            check(&case, "weight_hh", &gradients.weight_hh, |case| {
                &mut case.hh
            });
            check(&case, "bias_ih", &gradients.bias_ih, |case| {
                case.bias_ih.as_mut().expect("given")
            });
            check(&case, "bias_hh", &gradients.bias_hh, |case| {
                case.bias_hh.as_mut().expect("given")
            });
        }
    }
}
