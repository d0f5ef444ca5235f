//! The random field against all of its paths, written out one by one in f64.

use proptest::prelude::*;

use crate::{Crf, set_threads};

/// The parameters and emissions of a field, as numbers that can be nudged.
#[derive(Clone)]
struct Scores {
    tags: usize,
    /// `[steps, tags]` of one sequence.
    emissions: Vec<f64>,
    transitions: Vec<f64>,
    start: Vec<f64>,
    end: Vec<f64>,
}

impl Scores {
    fn steps(&self) -> usize {
        self.emissions.len() / self.tags
    }

    fn score(&self, path: &[usize]) -> f64 {
        let passed = path.windows(2);
        let passed = passed.map(|pair| self.transitions[pair[0] * self.tags + pair[1]]);
        let emitted = path.iter().enumerate();
        let emitted = emitted.map(|(step, tag)| self.emissions[step * self.tags + tag]);
        let ends = self.start[path[0]] + self.end[path[path.len() - 1]];
        ends + passed.sum::<f64>() + emitted.sum::<f64>()
    }

    /// Every path and its score; the last step counts fastest.
    fn paths(&self) -> Vec<(Vec<usize>, f64)> {
        let count = self.tags.pow(self.steps() as u32);
        let path = |mut number: usize| {
            let mut path = vec![0; self.steps()];
            for tag in path.iter_mut().rev() {
                *tag = number % self.tags;
                number /= self.tags;
            }
            let score = self.score(&path);
            (path, score)
        };
        (0..count).map(path).collect()
    }

    fn norm(&self) -> f64 {
        let paths = self.paths();
        let largest = paths.iter().map(|path| path.1);
        let largest = largest.fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = paths.iter().map(|path| (path.1 - largest).exp()).sum();
        largest + sum.ln()
    }

    fn loss(&self, target: &[u32]) -> f64 {
        if target.is_empty() {
            return 0.0;
        }
        let target: Vec<usize> = target.iter().map(|tag| *tag as usize).collect();
        self.norm() - self.score(&target)
    }

    /// Central differences of the loss in one of its arguments.
    fn slopes(&self, target: &[u32], part: fn(&mut Self) -> &mut Vec<f64>) -> Vec<f64> {
        let step = 1e-5;
        let count = part(&mut self.clone()).len();
        let nudged = |at: usize, by: f64| {
            let mut nudged = self.clone();
            part(&mut nudged)[at] += by;
            nudged.loss(target)
        };
        let slope = |at| (nudged(at, step) - nudged(at, -step)) / (2.0 * step);
        (0..count).map(slope).collect()
    }
}

/// A batch of ragged sequences, whose padding holds what must not matter.
struct Case {
    tags: usize,
    time: usize,
    lengths: Vec<usize>,
    emissions: Vec<f32>,
    targets: Vec<u32>,
    transitions: Vec<f32>,
    start: Vec<f32>,
    end: Vec<f32>,
    upstream: Vec<f32>,
}

impl Case {
    fn new(tags: usize, time: usize, lengths: &[usize], seed: usize, spread: f32) -> Self {
        let batch = lengths.len();
        let wave = |i: usize, pace: f32| ((i + 37 * seed) as f32 * pace).sin();
        let many = |count: usize, pace: f32| -> Vec<f32> {
            (0..count).map(|i| spread * wave(i, pace)).collect()
        };
        let mut case = Self {
            tags,
            time,
            lengths: lengths.to_vec(),
            emissions: many(batch * time * tags, 0.73),
            targets: (0..batch * time)
                .map(|i| ((i * 7 + seed) % tags) as u32)
                .collect(),
            transitions: many(tags * tags, 1.31),
            start: many(tags, 0.57),
            end: many(tags, 2.3),
            upstream: (0..batch).map(|i| 0.5 + wave(i, 0.9)).collect(),
        };
        for (sequence, length) in lengths.iter().enumerate() {
            let padding = sequence * time + length..(sequence + 1) * time;
            case.emissions[padding.start * tags..padding.end * tags].fill(f32::NAN);
            case.targets[padding].fill(u32::MAX);
        }
        case
    }

    fn crf(&self) -> Crf<'_> {
        Crf {
            time: self.time,
            tags: self.tags,
            lengths: &self.lengths,
            transitions: &self.transitions,
            start: &self.start,
            end: &self.end,
        }
    }

    fn target(&self, sequence: usize) -> &[u32] {
        &self.targets[sequence * self.time..][..self.lengths[sequence]]
    }

    fn oracle(&self, sequence: usize) -> Scores {
        let exact = |values: &[f32]| values.iter().copied().map(f64::from).collect();
        let width = self.time * self.tags;
        let emissions = &self.emissions[sequence * width..];
        Scores {
            tags: self.tags,
            emissions: exact(&emissions[..self.lengths[sequence] * self.tags]),
            transitions: exact(&self.transitions),
            start: exact(&self.start),
            end: exact(&self.end),
        }
    }
}

#[track_caller]
fn close(found: f32, expected: f64, scale: f64) {
    let error = (f64::from(found) - expected).abs();
    assert!(error <= 2e-6 * scale.max(1.0), "{found} {expected}");
}

fn agrees(case: &Case) {
    let (crf, tags) = (case.crf(), case.tags);
    let losses = crf.forward(&case.emissions, &case.targets);
    let gradients = crf.backward(&case.emissions, &case.targets, &case.upstream);
    let marginals = crf.marginals(&case.emissions);
    let best = crf.decode(&case.emissions);
    let mut expected = vec![vec![0.0; tags * tags], vec![0.0; tags], vec![0.0; tags]];
    for (sequence, &length) in case.lengths.iter().enumerate() {
        let (oracle, target) = (case.oracle(sequence), case.target(sequence));
        let row = sequence * case.time;
        let padding = (row + length) * tags..(row + case.time) * tags;
        assert!(marginals[padding.clone()].iter().all(|p| *p == 0.0));
        assert!(gradients.emissions[padding].iter().all(|d| *d == 0.0));
        assert!(
            best.tags[row + length..row + case.time]
                .iter()
                .all(|tag| *tag == 0)
        );
        if length == 0 {
            assert_eq!((losses[sequence], best.scores[sequence]), (0.0, 0.0));
            continue;
        }
        let loss = oracle.loss(target);
        close(losses[sequence], loss, loss);

        let (paths, norm) = (oracle.paths(), oracle.norm());
        let mut probabilities = vec![0.0; length * tags];
        for (path, score) in &paths {
            for (step, tag) in path.iter().enumerate() {
                probabilities[step * tags + tag] += (score - norm).exp();
            }
        }
        let found = &marginals[row * tags..][..length * tags];
        for (found, expected) in found.iter().zip(&probabilities) {
            close(*found, *expected, 1.0);
        }

        let highest = paths.iter().map(|path| path.1);
        let highest = highest.fold(f64::NEG_INFINITY, f64::max);
        let chosen: Vec<usize> = best.tags[row..][..length]
            .iter()
            .map(|tag| *tag as usize)
            .collect();
        assert!((oracle.score(&chosen) - highest).abs() < 1e-9 * highest.abs().max(1.0));
        assert!((best.scores[sequence] - highest).abs() < 1e-9 * highest.abs().max(1.0));

        let upstream = f64::from(case.upstream[sequence]);
        let slopes = oracle.slopes(target, |scores| &mut scores.emissions);
        let found = &gradients.emissions[row * tags..];
        for (found, slope) in found.iter().zip(slopes) {
            close(*found, slope * upstream, 10.0);
        }
        let parts: [fn(&mut Scores) -> &mut Vec<f64>; 3] = [
            |scores| &mut scores.transitions,
            |scores| &mut scores.start,
            |scores| &mut scores.end,
        ];
        for (sums, part) in expected.iter_mut().zip(parts) {
            let slopes = oracle.slopes(target, part);
            sums.iter_mut()
                .zip(slopes)
                .for_each(|(sum, d)| *sum += d * upstream);
        }
    }
    let found = [&gradients.transitions, &gradients.start, &gradients.end];
    for (found, expected) in found.into_iter().zip(&expected) {
        for (found, expected) in found.iter().zip(expected) {
            close(*found, *expected, 10.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn losses_gradients_marginals_and_paths_equal_those_of_all_paths(
        tags in 1usize..5,
        lengths in prop::collection::vec(0usize..5, 1..12),
        seed in 0usize..1000,
        spread in prop_oneof![Just(0.0f32), 0.1f32..5.0, 20.0f32..60.0],
    ) {
        agrees(&Case::new(tags, 4, &lengths, seed, spread));
    }
}

/// Tags that may not follow each other, written as scores so low that their exponentials vanish, on some paths and on all.
#[test]
fn scores_far_apart_lose_nothing() {
    for low in [-1e3, -1e4, -3e4] {
        let mut case = Case::new(3, 4, &[4, 3, 2, 1], 5, 2.0);
        // 0 leads nowhere but to 1, and 2 only to itself.
        for pair in [0, 2, 6, 7] {
            case.transitions[pair] = low;
        }
        case.start[2] = low;
        case.end[0] = low;
        agrees(&case);
        // Every path breaks a rule; the least bad ones share the probability.
        case.transitions.fill(low);
        agrees(&case);
    }
    let mut case = Case::new(3, 4, &[4, 4], 2, 1.0);
    // The first word is surely 0, whatever comes then.
    case.emissions[..3].copy_from_slice(&[2000.0, 0.0, -2000.0]);
    case.transitions[..3].copy_from_slice(&[-1500.0, -1500.0, -1500.0]);
    agrees(&case);
}

#[test]
fn what_is_impossible_has_probability_zero() {
    let mut case = Case::new(3, 3, &[3, 2], 1, 1.0);
    let never = f32::NEG_INFINITY;
    case.transitions = vec![0.5, never, 0.1, 0.2, 0.3, never, 0.4, 0.1, 0.2];
    case.start[1] = never;
    let crf = case.crf();
    let marginals = crf.marginals(&case.emissions);
    // 1 is reached from 1 and 2 alone.
    assert_eq!(marginals[1], 0.0);
    for sequence in 0..2 {
        for step in marginals[sequence * 9..][..case.lengths[sequence] * 3].chunks(3) {
            close(step.iter().sum(), 1.0, 1.0);
        }
    }
    let best = crf.decode(&case.emissions);
    assert!(best.scores.iter().all(|score| score.is_finite()));
    case.targets[..3].copy_from_slice(&[0, 0, 2]);
    case.targets[3..5].copy_from_slice(&[2, 1]);
    let crf = case.crf();
    let losses = crf.forward(&case.emissions, &case.targets);
    assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
    let gradients = crf.backward(&case.emissions, &case.targets, &[1.0, 1.0]);
    assert!(gradients.transitions.iter().all(|d| d.is_finite()));
    assert_eq!(gradients.transitions[1], 0.0);
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let lengths: Vec<usize> = (0..61).map(|i| (i * 5) % 38).collect();
    let case = Case::new(19, 37, &lengths, 3, 2.0);
    let run = |threads| {
        set_threads(threads);
        let crf = case.crf();
        (
            crf.forward(&case.emissions, &case.targets),
            crf.backward(&case.emissions, &case.targets, &case.upstream),
            crf.marginals(&case.emissions),
            crf.decode(&case.emissions),
        )
    };
    let expected = run(1);
    for threads in [2, 3, 7] {
        assert!(run(threads) == expected, "{threads}");
    }
}

#[test]
fn what_is_not_finite_shows_and_nothing_panics() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut case = Case::new(3, 4, &[4, 2], 1, 1.0);
        case.emissions[4] = value;
        let crf = case.crf();
        let losses = crf.forward(&case.emissions, &case.targets);
        assert!(losses[0].is_nan() && losses[1].is_finite());
        let _ = crf.backward(&case.emissions, &case.targets, &[1.0, 1.0]);
        let _ = crf.marginals(&case.emissions);
        assert!(crf.decode(&case.emissions).tags.iter().all(|tag| *tag < 3));
    }
    let empty = Crf {
        time: 0,
        tags: 3,
        lengths: &[0, 0],
        transitions: &[0.0; 9],
        start: &[0.0; 3],
        end: &[0.0; 3],
    };
    assert_eq!(empty.forward(&[], &[]), [0.0; 2]);
    assert_eq!(empty.decode(&[]).scores, [0.0; 2]);
    assert_eq!(empty.backward(&[], &[], &[1.0; 2]).start, [0.0; 3]);
}

#[test]
#[should_panic(expected = "the target of step 1 of sequence 1 is 9, but there are 3 tags")]
fn a_target_beyond_the_tags_is_refused() {
    let mut case = Case::new(3, 4, &[4, 2], 1, 1.0);
    case.targets[5] = 9;
    let _ = case.crf().forward(&case.emissions, &case.targets);
}
