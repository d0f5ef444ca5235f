//! Checkpoints in time: the same answers as without them, from as little as was promised.

use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::case::{
    CELLS, Case, EVERY_GRADIENT, Options, assert_close, assert_same, options, parts,
};
use crate::simd::{Tier, with_tier};
use crate::{
    Activation, CellKind, Dims, Forward, Gradients, Mode, Precision, Want, backward, forward,
    saved_len, set_threads,
};

fn every(steps: usize) -> Mode {
    Mode {
        checkpoint_every: NonZeroUsize::new(steps),
        ..Mode::default()
    }
}

const DIMS: Dims = Dims {
    batch: 5,
    time: 11,
    input: 6,
    hidden: 21,
};

const ALL: Options = Options {
    lengths: true,
    reverse: false,
    mask: true,
    biases: [true; 2],
    incoming: [true; 2],
};

/// The same bits where nothing is summed over segments, elsewhere as near as `f32` sums in another order are. With a mask the
/// gradient of the hidden state is rounded once more where it leaves a segment.
fn assert_equal(
    found: &(Forward, Gradients),
    truth: &(Forward, Gradients),
    masked: bool,
    about: &str,
) {
    for ((name, found), (_, truth)) in parts(found).into_iter().zip(parts(truth)) {
        assert_eq!(found.len(), truth.len(), "{about}: {name}");
        let exact = match name {
            "output" | "state" => true,
            "d_input" | "d_state" => !masked,
            _ => false,
        };
        let scale = truth.iter().fold(0.0_f32, |scale, v| scale.max(v.abs()));
        for (i, (found, truth)) in found.iter().zip(truth).enumerate() {
            let near = match exact {
                true => found == truth,
                false => (found - truth).abs() <= 1e-6 * scale,
            };
            assert!(
                near,
                "{about}: {name}[{i}] is {found}, without segments {truth}"
            );
        }
    }
}

#[test]
fn segments_change_no_answer() {
    for cell in CELLS {
        for [lengths, reverse, mask] in (0..8).map(|bits| [1, 2, 4].map(|bit| bits & bit > 0)) {
            let options = Options {
                lengths,
                reverse,
                mask,
                ..ALL
            };
            let case = Case::random(cell, DIMS, options, 41).to_f32();
            let whole = case.fused();
            for steps in [1, 3, DIMS.time, 2 * DIMS.time, usize::MAX] {
                let about = format!("{cell:?}, {options:?}, {steps} steps");
                assert_equal(&case.fused_in(every(steps)), &whole, mask, &about);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Also where an incoming gradient or a size is missing, and for every instruction set.
    #[test]
    fn segments_equal_the_oracle(
        cell in prop::sample::select(&CELLS[..]),
        (batch, time, input, hidden) in (0..6_usize, 0..9_usize, 0..9_usize, 0..24_usize),
        options in options(),
        steps in 1..10_usize,
        seed: u64,
    ) {
        let case = Case::random(cell, Dims { batch, time, input, hidden }, options, seed);
        let truth = case.oracle();
        for &tier in Tier::available() {
            let found = with_tier(tier, || case.to_f32().fused_in(every(steps)));
            assert_close(&found, &truth, 1e-5);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for cell in CELLS {
        // Few rows are divided by units, many by rows; segments large enough that it pays.
        for batch in [2, 60] {
            let dims = Dims {
                batch,
                time: 40,
                input: 40,
                hidden: 72,
            };
            let case = Case::random(cell, dims, ALL, 11).to_f32();
            set_threads(1);
            let one = case.fused_in(every(16));
            for threads in [2, 3, 7] {
                set_threads(threads);
                assert_same(&case.fused_in(every(16)), &one);
            }
        }
    }
}

#[test]
fn padding_influences_nothing() {
    for cell in CELLS {
        for reverse in [false, true] {
            let clean = Case::random(cell, DIMS, Options { reverse, ..ALL }, 5).to_f32();
            let mut dirty = clean.clone();
            for (b, &length) in clean.lengths.iter().flatten().enumerate() {
                let points = b * DIMS.time + length..(b + 1) * DIMS.time;
                dirty.input[points.start * DIMS.input..points.end * DIMS.input].fill(f32::NAN);
                let d_output = dirty.d_output.as_mut().expect("given");
                d_output[points.start * DIMS.hidden..points.end * DIMS.hidden].fill(f32::INFINITY);
            }
            assert_same(&dirty.fused_in(every(4)), &clean.fused_in(every(4)));
        }
    }
}

/// In bf16 the state that a segment starts from is kept in full: gradients are no worse than without segments, not the same.
#[test]
fn segments_of_bf16_products_come_close_to_the_oracle() {
    // A relu near its kink may fall to the other side of it, and its derivative with it.
    let smooth = |cell: &CellKind| *cell != CellKind::SimpleRnn(Activation::Relu);
    for cell in CELLS.into_iter().filter(smooth) {
        for reverse in [false, true] {
            let mode = |steps| Mode {
                precision: Precision::Bf16,
                ..every(steps)
            };
            let case = Case::random(cell, DIMS, Options { reverse, ..ALL }, 7);
            let truth = case.oracle();
            let case = case.to_f32();
            let whole = case.fused_in(mode(0));
            assert_close(&whole, &truth, 0.03);
            assert_eq!(
                whole.0.saved.len(),
                saved_len(cell, DIMS, mode(0)),
                "{cell:?}"
            );
            for steps in [1, 4, DIMS.time] {
                let segments = case.fused_in(mode(steps));
                assert_close(&segments, &truth, 0.03);
                assert_eq!(segments.0.output, whole.0.output, "{cell:?}");
                assert_eq!(segments.0.state, whole.0.state, "{cell:?}");
            }
        }
    }
}

/// Eight bits are for inference: what is saved for the backward pass was computed in full, with and without segments.
#[test]
fn segments_train_int8_as_f32() {
    for cell in CELLS {
        let case = Case::random(cell, DIMS, ALL, 19).to_f32();
        for steps in [0, 4] {
            let int8 = Mode {
                precision: Precision::Int8,
                ..every(steps)
            };
            assert_same(&case.fused_in(int8), &case.fused_in(every(steps)));
        }
    }
}

/// Long enough that sums in another order could drift apart.
#[test]
fn a_long_sequence_keeps_its_gradients() {
    for cell in [CELLS[0], CellKind::Lstm] {
        let dims = Dims {
            batch: 2,
            time: 500,
            input: 3,
            hidden: 16,
        };
        let case = Case::random(cell, dims, ALL, 13).to_f32();
        let about = format!("{cell:?}");
        assert_equal(&case.fused_in(every(22)), &case.fused(), true, &about);
    }
}

#[test]
fn as_little_is_saved_as_was_promised() {
    for cell in CELLS {
        let case = Case::random(cell, DIMS, ALL, 23).to_f32();
        let saved = |mode: Mode, save: bool| {
            let run = forward(cell, &case.weights(), &case.sequence(), mode, save);
            run.saved
        };
        let row = DIMS.batch * DIMS.hidden;
        let whole = cell.saved() * DIMS.time * row;
        assert_eq!(saved(Mode::default(), true).len(), whole, "{cell:?}");
        assert_eq!(saved_len(cell, DIMS, Mode::default()), whole, "{cell:?}");
        for (steps, boundaries) in [(1, 10), (3, 3), (4, 2), (10, 1), (11, 0), (12, 0)] {
            let saved_now = saved(every(steps), true);
            assert_eq!(saved_now.len(), (cell.states() - 1) * boundaries * row);
            assert_eq!(saved_now.len(), saved_len(cell, DIMS, every(steps)));
            assert!(
                saved_now.capacity() <= saved_now.len(),
                "{cell:?}: in memory as well"
            );
        }
        assert!(saved(every(3), false).is_empty());
    }
}

#[test]
fn the_gradient_of_the_input_is_left_out_on_demand() {
    let case = Case::random(CellKind::Lstm, DIMS, ALL, 3).to_f32();
    let (weights, sequence) = (case.weights(), case.sequence());
    let run = forward(case.cell, &weights, &sequence, every(4), true);
    let gradients = |input: bool| {
        let mut saved = run.saved.clone();
        backward(
            case.cell,
            &weights,
            &sequence,
            every(4),
            &run.output,
            &mut saved,
            case.d_output.as_deref(),
            case.d_state.as_deref(),
            Want {
                input,
                ..EVERY_GRADIENT
            },
        )
    };
    let (with, without) = (gradients(true), gradients(false));
    assert_eq!(without.input, None);
    assert_eq!(
        Gradients {
            input: None,
            ..with
        },
        without
    );
}

#[test]
#[should_panic(expected = "`saved` holds 5775 values, but its shape needs 210")]
fn another_mode_than_the_forward_pass_is_the_callers_bug() {
    let case = Case::random(CellKind::Lstm, DIMS, ALL, 3).to_f32();
    let (weights, sequence) = (case.weights(), case.sequence());
    let mut run = forward(case.cell, &weights, &sequence, Mode::default(), true);
    let _ = backward(
        case.cell,
        &weights,
        &sequence,
        every(4),
        &run.output,
        &mut run.saved,
        None,
        None,
        Want::default(),
    );
}
