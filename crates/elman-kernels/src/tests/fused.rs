//! The fast kernels: equal to the twin on every tier, indifferent to padding, threads and tiling.

use proptest::prelude::*;

use super::case::{CELLS, Case, Options, assert_close, assert_same, options, parts};
use crate::numbers::Numbers;
use crate::simd::{Tier, with_tier};
use crate::{Activation, CellKind, Dims, Mode, Precision, Stepper, forward, set_threads};

fn dims() -> impl Strategy<Value = Dims> {
    (0..9_usize, 0..8_usize, 0..20_usize, 0..40_usize).prop_map(|(batch, time, input, hidden)| {
        Dims {
            batch,
            time,
            input,
            hidden,
        }
    })
}

const ALL: Options = Options {
    lengths: true,
    reverse: false,
    mask: true,
    biases: [true; 2],
    incoming: [true; 2],
};

const BF16: Mode = Mode {
    precision: Precision::Bf16,
    checkpoint_every: None,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn equals_the_oracle(cell in prop::sample::select(&CELLS[..]), dims in dims(), options in options(), seed: u64) {
        let case = Case::random(cell, dims, options, seed);
        let truth = case.oracle();
        for &tier in Tier::available() {
            let found = with_tier(tier, || case.to_f32().fused());
            assert_close(&found, &truth, 1e-5);
        }
    }
}

/// Large enough for several blocks of the summed dimension, several row tiles, chunks and threads.
#[test]
fn equals_the_oracle_at_size() {
    for cell in CELLS {
        for reverse in [false, true] {
            let dims = Dims {
                batch: 23,
                time: 31,
                input: 67,
                hidden: 150,
            };
            let case = Case::random(cell, dims, Options { reverse, ..ALL }, 7);
            assert_close(&case.to_f32().fused(), &case.oracle(), 2e-5);
        }
    }
}

/// Products of bf16 (eight bits of precision) against the twin, where this processor has them; a value in the wrong place would
/// be off by as much as the values themselves.
#[test]
fn pairs_of_bf16_come_close_to_the_oracle() {
    if Numbers::of(Precision::Bf16, Tier::current(), true) == Numbers::F32 {
        eprintln!("skipped: this processor multiplies no bf16");
        return;
    }
    // A relu near its kink may fall to the other side of it, and its derivative with it.
    let smooth = |cell: &CellKind| *cell != CellKind::SimpleRnn(Activation::Relu);
    for cell in CELLS.into_iter().filter(smooth) {
        for (batch, time, input, hidden, reverse) in [
            (1, 1, 1, 1, false),
            (2, 3, 5, 7, true),
            (5, 9, 1, 19, false),
            (1, 30, 33, 65, true),
            (23, 31, 67, 150, false),
            (40, 12, 40, 64, true),
        ] {
            let dims = Dims {
                batch,
                time,
                input,
                hidden,
            };
            let case = Case::random(cell, dims, Options { reverse, ..ALL }, 7);
            assert_close(&case.to_f32().fused_in(BF16), &case.oracle(), 0.03);
        }
    }
}

/// Weights of eight bits against the twin, and the instruction for their sums against plain code.
#[test]
fn int8_comes_close_to_the_oracle_and_is_the_same_everywhere() {
    let smooth = |cell: &CellKind| *cell != CellKind::SimpleRnn(Activation::Identity);
    for cell in CELLS.into_iter().filter(smooth) {
        for (batch, input, hidden) in [(1, 1, 1), (3, 5, 7), (1, 33, 65), (23, 67, 150)] {
            let dims = Dims {
                batch,
                time: 12,
                input,
                hidden,
            };
            let options = Options {
                lengths: false,
                mask: false,
                ..ALL
            };
            let case = Case::random(cell, dims, options, 5);
            let truth = case.oracle().0;
            let case = case.to_f32();
            let run = |tier| with_tier(tier, || int8(&case));
            let answers: Vec<_> = Tier::available().iter().map(|&tier| run(tier)).collect();
            let size = truth.state.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
            for answer in &answers {
                for (found, truth) in answer.iter().zip(&truth.state) {
                    let error = (f64::from(*found) - truth).abs() / size;
                    assert!(
                        error < 0.05,
                        "{cell:?} {dims:?}: {found}, but the truth is {truth}"
                    );
                }
            }
            let fused = |tier: &&Tier| tier.lanes() > 4;
            let first = Tier::available().iter().find(fused).map(|&tier| run(tier));
            for tier in Tier::available().iter().filter(fused) {
                assert_eq!(Some(run(*tier)), first, "{cell:?} {dims:?} {tier:?}");
            }
        }
    }
}

/// The state after the last step.
fn int8(case: &Case<f32>) -> Vec<f32> {
    let Dims {
        batch,
        time,
        input,
        hidden,
    } = case.dims;
    let mut stepper = Stepper::int8(case.cell, input, hidden, &case.weights());
    let mut state = case.state.clone();
    for t in 0..time {
        let row = |b: usize| &case.input[(b * time + t) * input..][..input];
        let step: Vec<f32> = (0..batch).flat_map(row).copied().collect();
        stepper.step(&step, &mut state);
    }
    let mode = Mode {
        precision: Precision::Int8,
        checkpoint_every: None,
    };
    if !case.reverse {
        let whole = forward(case.cell, &case.weights(), &case.sequence(), mode, false);
        assert_eq!(whole.state, state, "whole sequences and single steps");
    }
    state
}

#[test]
fn a_value_that_is_no_number_is_not_hidden_by_int8() {
    let weights = [0.5; 4 * 8];
    let hidden = [0.25; 2 * 8];
    let weights = crate::Weights {
        ih: &weights,
        hh: &hidden,
        bias_ih: None,
        bias_hh: None,
    };
    for wrong in [f32::NAN, f32::INFINITY] {
        let cell = CellKind::Lstm;
        let mut stepper = Stepper::int8(cell, 4, 2, &weights);
        let mut state = [0.0; 4];
        stepper.step(&[0.0, wrong, 1.0, 2.0], &mut state);
        assert!(state.iter().all(|value| value.is_nan()), "{state:?}");
    }
}

#[test]
fn weights_that_are_no_numbers_or_next_to_nothing_do_not_break_int8() {
    for (weight, finite) in [(f32::NAN, false), (f32::INFINITY, false), (1e-40, true)] {
        let (ih, hh) = ([weight; 4 * 8], [0.25; 2 * 8]);
        let weights = crate::Weights {
            ih: &ih,
            hh: &hh,
            bias_ih: None,
            bias_hh: None,
        };
        let mut stepper = Stepper::int8(CellKind::Lstm, 4, 2, &weights);
        let mut state = [0.0; 4];
        stepper.step(&[1.0; 4], &mut state);
        assert!(state.iter().all(|value| value.is_finite() == finite));
    }
}

/// Weights are cut for as many threads as there are when they are packed.
#[test]
fn a_stepper_outlives_the_number_of_threads_it_was_made_for() {
    let dims = Dims {
        batch: 1,
        time: 1,
        input: 600,
        hidden: 600,
    };
    let case = Case::random(CellKind::Lstm, dims, ALL, 2).to_f32();
    let answers = [(1, 7), (7, 1), (7, 7)].map(|(packed, stepped)| {
        set_threads(packed);
        let mut stepper = Stepper::new(case.cell, 600, 600, &case.weights());
        set_threads(stepped);
        let mut state = case.state.clone();
        stepper.step(&case.input, &mut state);
        state
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (cell, mode) in CELLS
        .into_iter()
        .flat_map(|cell| [(cell, Mode::default()), (cell, BF16)])
    {
        // Few rows are divided by units, many by rows.
        for (batch, lengths) in [(1, false), (13, false), (13, true), (90, true)] {
            let dims = Dims {
                batch,
                time: 20,
                input: 40,
                hidden: 72,
            };
            let case = Case::random(cell, dims, Options { lengths, ..ALL }, 11).to_f32();
            set_threads(1);
            let one = case.fused_in(mode);
            for threads in [2, 3, 7] {
                set_threads(threads);
                assert_same(&case.fused_in(mode), &one);
            }
        }
    }
}

/// Each sequence alone, without padding, gives what it gives among longer ones.
#[test]
fn padded_equals_unpadded() {
    for cell in CELLS {
        for reverse in [false, true] {
            let dims = Dims {
                batch: 6,
                time: 9,
                input: 5,
                hidden: 19,
            };
            let case = Case::random(cell, dims, Options { reverse, ..ALL }, 3).to_f32();
            let lengths = case.lengths.clone().expect("ragged");
            let padded = case.fused();
            let mut sums = vec![Vec::new(); 4];
            for (b, &length) in lengths.iter().enumerate() {
                let single = alone(&case, b, length);
                let answer = single.fused();
                for ((name, whole), (_, part)) in
                    parts(&padded).into_iter().zip(parts(&answer)).take(5)
                {
                    let states = if name.ends_with("state") {
                        cell.states()
                    } else {
                        1
                    };
                    for (s, part) in part.chunks(part.len().div_ceil(states).max(1)).enumerate() {
                        let row = whole.len() / states / dims.batch;
                        let whole = &whole[(s * dims.batch + b) * row..][..row];
                        assert_eq!(&whole[..part.len()], part, "{cell:?} {name}, row {b}");
                        assert!(
                            whole[part.len()..].iter().all(|&v| v == 0.0),
                            "{cell:?} {name}, padding of row {b}"
                        );
                    }
                }
                for (sum, (_, part)) in sums.iter_mut().zip(parts(&answer).into_iter().skip(5)) {
                    sum.resize(part.len(), 0.0);
                    sum.iter_mut()
                        .zip(part)
                        .for_each(|(sum, part)| *sum += part);
                }
            }
            for (sum, (name, whole)) in sums.iter().zip(parts(&padded).into_iter().skip(5)) {
                for (a, b) in sum.iter().zip(whole) {
                    assert!(
                        (a - b).abs() <= 1e-4 * (1.0 + b.abs()),
                        "{cell:?} {name}: {a} alone, {b} padded"
                    );
                }
            }
        }
    }
}

/// Row `b` of a case with its padding cut off.
fn alone(case: &Case<f32>, b: usize, length: usize) -> Case<f32> {
    let Dims {
        batch,
        time,
        input,
        hidden,
    } = case.dims;
    let states = |states: &[f32]| -> Vec<f32> {
        states
            .chunks(batch * hidden)
            .flat_map(|state| state[b * hidden..][..hidden].to_vec())
            .collect()
    };
    Case {
        dims: Dims {
            batch: 1,
            time: length,
            ..case.dims
        },
        input: case.input[b * time * input..][..length * input].to_vec(),
        state: states(&case.state),
        lengths: None,
        mask: case
            .mask
            .as_ref()
            .map(|mask| mask[b * hidden..][..hidden].to_vec()),
        d_output: case
            .d_output
            .as_ref()
            .map(|d| d[b * time * hidden..][..length * hidden].to_vec()),
        d_state: case.d_state.as_deref().map(states),
        ..case.clone()
    }
}

#[test]
fn padding_influences_nothing() {
    for cell in CELLS {
        for reverse in [false, true] {
            let dims = Dims {
                batch: 7,
                time: 8,
                input: 6,
                hidden: 21,
            };
            let clean = Case::random(cell, dims, Options { reverse, ..ALL }, 5).to_f32();
            let mut dirty = clean.clone();
            for (b, &length) in clean.lengths.iter().flatten().enumerate() {
                for t in length..dims.time {
                    dirty.input[(b * dims.time + t) * dims.input..][..dims.input].fill(f32::NAN);
                    let d_output = dirty.d_output.as_mut().expect("given");
                    d_output[(b * dims.time + t) * dims.hidden..][..dims.hidden]
                        .fill(f32::INFINITY);
                }
            }
            assert_same(&dirty.fused(), &clean.fused());
        }
    }
}

#[test]
fn nan_in_a_valid_step_reaches_the_output() {
    for cell in CELLS {
        let dims = Dims {
            batch: 2,
            time: 3,
            input: 2,
            hidden: 5,
        };
        let mut case = Case::random(
            cell,
            dims,
            Options {
                lengths: false,
                ..ALL
            },
            5,
        )
        .to_f32();
        case.input[2] = f32::NAN;
        let (run, _) = case.fused();
        assert!(
            run.output[..5].iter().all(|v| v.is_finite()),
            "{cell:?}: before"
        );
        assert!(
            run.output[5..15].iter().all(|v| v.is_nan()),
            "{cell:?}: from then on"
        );
        assert!(
            run.output[15..].iter().all(|v| v.is_finite()),
            "{cell:?}: the other row"
        );
    }
}

#[test]
fn stepping_equals_the_whole_sequence() {
    for cell in CELLS {
        let dims = Dims {
            batch: 3,
            time: 5,
            input: 4,
            hidden: 18,
        };
        let options = Options {
            lengths: false,
            mask: false,
            ..ALL
        };
        let case = Case::random(cell, dims, options, 17).to_f32();
        let whole = forward(
            cell,
            &case.weights(),
            &case.sequence(),
            Mode::default(),
            false,
        );
        let mut stepper = Stepper::new(cell, dims.input, dims.hidden, &case.weights());
        let mut state = case.state.clone();
        for t in 0..dims.time {
            let rows = case.input.chunks(dims.time * dims.input);
            let input: Vec<f32> = rows
                .flat_map(|row| row[t * dims.input..][..dims.input].to_vec())
                .collect();
            stepper.step(&input, &mut state);
            for b in 0..dims.batch {
                let output = &whole.output[(b * dims.time + t) * dims.hidden..][..dims.hidden];
                assert_eq!(
                    &state[b * dims.hidden..][..dims.hidden],
                    output,
                    "{cell:?}, step {t}, row {b}"
                );
            }
        }
        assert_eq!(state, whole.state, "{cell:?}");
    }
}

#[test]
fn saving_changes_no_result() {
    for cell in CELLS {
        let dims = Dims {
            batch: 5,
            time: 4,
            input: 3,
            hidden: 33,
        };
        let case = Case::random(cell, dims, ALL, 23).to_f32();
        let saving = forward(
            cell,
            &case.weights(),
            &case.sequence(),
            Mode::default(),
            true,
        );
        let plain = forward(
            cell,
            &case.weights(),
            &case.sequence(),
            Mode::default(),
            false,
        );
        assert_eq!(
            (saving.output, saving.state),
            (plain.output, plain.state),
            "{cell:?}"
        );
        assert_eq!(saving.saved.len(), cell.saved() * 5 * 4 * 33);
        assert!(plain.saved.is_empty());
    }
}

#[test]
#[should_panic(expected = "`weight_hh` holds 15 values, but its shape needs 16")]
fn a_short_slice_is_the_callers_bug() {
    let dims = Dims {
        batch: 1,
        time: 1,
        input: 1,
        hidden: 4,
    };
    let mut case =
        Case::random(CellKind::SimpleRnn(crate::Activation::Tanh), dims, ALL, 1).to_f32();
    case.hh.pop();
    let _ = forward(
        case.cell,
        &case.weights(),
        &case.sequence(),
        Mode::default(),
        false,
    );
}

#[test]
#[should_panic(expected = "lengths[0] is 2, but there are 1 time steps")]
fn a_length_beyond_the_time_is_the_callers_bug() {
    let dims = Dims {
        batch: 1,
        time: 1,
        input: 1,
        hidden: 4,
    };
    let mut case = Case::random(CellKind::Lstm, dims, ALL, 1).to_f32();
    case.lengths = Some(vec![2]);
    let _ = forward(
        case.cell,
        &case.weights(),
        &case.sequence(),
        Mode::default(),
        false,
    );
}
