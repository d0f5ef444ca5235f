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

/// What follows from a step is a sequence of its own, begun with the state that the step left.
#[test]
fn gradients_of_steps_are_those_of_the_state_that_the_rest_begins_with() {
    let options = Options {
        lengths: false,
        reverse: false,
        mask: true,
        biases: [true; 2],
        incoming: [true; 2],
    };
    for cell in CELLS {
        let dims = Dims {
            batch: 1,
            time: 5,
            input: 3,
            hidden: 4,
        };
        let case = Case::random(cell, dims, options, 41);
        let (_, whole) = case.oracle();
        let steps = whole.steps.expect("the twin always gives them");
        let part = |from: usize, to: usize, state: &[f64]| {
            let cut = |values: &[f64], width: usize| values[from * width..to * width].to_vec();
            let mut part = case.clone();
            part.dims.time = to - from;
            part.input = cut(&case.input, dims.input);
            part.d_output = case.d_output.as_deref().map(|d| cut(d, dims.hidden));
            part.state = state.to_vec();
            part
        };
        for t in 0..dims.time - 1 {
            let (before, _) = part(0, t + 1, &case.state).oracle();
            let (_, rest) = part(t + 1, dims.time, &before.state).oracle();
            let row = &steps[t * cell.states() * dims.hidden..][..cell.states() * dims.hidden];
            let incoming = case.d_output.as_deref().expect("asked for");
            for u in 0..dims.hidden {
                let truth = rest.state[u] + incoming[t * dims.hidden + u];
                assert!((row[u] - truth).abs() < 1e-12, "{cell:?}: h of step {t}");
                if cell.states() == 1 {
                    continue;
                }
                // The cell state before a step reaches the one after it through the forget gate alone, which does not depend on
                // it: its value is what one more before makes more after.
                let state = match t {
                    0 => case.state.clone(),
                    _ => part(0, t, &case.state).oracle().0.state,
                };
                let mut more = state.clone();
                more[dims.hidden + u] += 1.0;
                let after = |state: &[f64]| part(t, t + 1, state).oracle().0.state[dims.hidden + u];
                let forget = after(&more) - after(&state);
                let (_, from_here) = part(t, dims.time, &state).oracle();
                let found = row[dims.hidden + u] * forget;
                let truth = from_here.state[dims.hidden + u];
                assert!(
                    (found - truth).abs() < 1e-12,
                    "c of step {t}: {found}, {truth}"
                );
            }
        }
    }
}
