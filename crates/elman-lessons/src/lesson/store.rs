//! The task of the lessons on gates: keep the last number that was marked.

use crate::gradient::{watched, with_gradients};
use crate::network::{Kind, remembering};
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Plan, Target, built, mean_loss, train_from};
use crate::told::{HeatPlot, Told};
use crate::words::Words;
use elman::model::{Dense, Model, Sequential};
use elman::ops::Passage;
use elman_data::random::Stream;

pub(super) const UNITS: usize = 2;
/// Steps of one sequence.
pub(super) const STEPS: usize = 48;
/// The share of steps that are marked.
const MARKED: f64 = 0.08;
/// Steps that are drawn.
const DRAWN: usize = 24;

/// Each step is a random number from -1 to 1 and a mark, 1 or 0; the first is always marked. The answer at each step is the last
/// number that was marked.
fn examples(count: usize, seed: u64) -> Examples {
    let (mut values, mut right) = (Vec::new(), Vec::new());
    for row in 0..count {
        let mut random = Stream::new(&[seed, row as u64]);
        let mut stored = 0.0;
        for step in 0..STEPS {
            let number = random.between(-1.0, 1.0);
            let marked = step == 0 || random.unit() < MARKED;
            if marked {
                stored = number;
            }
            values.extend([number, f32::from(u8::from(marked))]);
            right.push(stored);
        }
    }
    Examples {
        input: Input::Steps {
            values,
            time: STEPS,
            features: 2,
        },
        lengths: None,
        target: Target::StepValues {
            values: right,
            time: STEPS,
            width: 1,
        },
    }
}

/// A trained network and what it did on unseen sequences.
pub(super) struct Stored {
    pub(super) model: Model,
    pub(super) test: Examples,
    /// Mean squared error on unseen sequences.
    pub(super) error: f64,
    /// What its recurrent layer did on all of them.
    pub(super) passage: Passage,
}

impl Stored {
    /// The largest difference between the hidden states of some sequences and those that were computed by hand.
    pub(super) fn apart(&self, by_hand: impl Fn(usize) -> Vec<f64>) -> f64 {
        let of_row = |row: usize| {
            let library = &self.passage.output[row * STEPS * UNITS..][..STEPS * UNITS];
            let hand = by_hand(row).into_iter();
            hand.zip(library)
                .map(|(hand, found)| (hand - f64::from(*found)).abs())
                .fold(0.0, f64::max)
        };
        (0..20).map(of_row).fold(0.0, f64::max)
    }

    pub(super) fn train(setup: &mut Setup<'_>, kind: Kind) -> Result<Self, Error> {
        let (training, test) = (examples(setup.pick(4_000, 2_500), 1), examples(200, 2));
        let network = Sequential::new()
            .add(kind.layer(UNITS, true))
            .add(Dense::new(1));
        let model = remembering(built(&network, training.shape(), 11), 10);
        let plan = Plan {
            epochs: setup.pick(40, 30),
            learning_rate: 1e-2,
            goal: Some(3e-4),
            ..Plan::default()
        };
        let name = Words::same(kind.name());
        let valid = examples(100, 3);
        let model = train_from(setup, name, model, &training, Some(&valid), plan)?.model;
        let all: Vec<usize> = (0..test.len()).collect();
        let mut passages = watched(&with_gradients(&model), &test, &all);
        Ok(Self {
            error: mean_loss(&model, &test),
            passage: passages.remove(0),
            model,
            test,
        })
    }

    fn values(&self) -> (&[f32], &[f32]) {
        match (&self.test.input, &self.test.target) {
            (Input::Steps { values, .. }, Target::StepValues { values: right, .. }) => {
                (values, right)
            }
            _ => unreachable!("as made above"),
        }
    }

    /// The number and the mark that a step of a sequence reads.
    pub(super) fn read(&self, row: usize, step: usize) -> [f32; 2] {
        let at = 2 * (row * STEPS + step);
        let (values, _) = self.values();
        [values[at], values[at + 1]]
    }

    /// The unit whose memory goes with what is to be kept, by the square of their correlation.
    ///
    /// `memory` gives a unit's memory after a step of a sequence.
    pub(super) fn keeper(&self, memory: impl Fn(usize, usize) -> Vec<f32>) -> usize {
        let (_, right) = self.values();
        let memories: Vec<Vec<f32>> = (0..right.len())
            .map(|at| memory(at / STEPS, at % STEPS))
            .collect();
        let count = right.len() as f64;
        let mean =
            |values: &dyn Fn(usize) -> f64| (0..right.len()).map(values).sum::<f64>() / count;
        let stored = |at: usize| f64::from(right[at]);
        let strength = |unit: usize| {
            let kept = |at: usize| f64::from(memories[at][unit]);
            let means = [mean(&stored), mean(&kept)];
            let both = mean(&|at| (stored(at) - means[0]) * (kept(at) - means[1]));
            let own = [
                mean(&|at| (stored(at) - means[0]).powi(2)),
                mean(&|at| (kept(at) - means[1]).powi(2)),
            ];
            both * both / (own[0] * own[1])
        };
        (0..UNITS)
            .max_by(|left, right| strength(*left).total_cmp(&strength(*right)))
            .unwrap_or(0)
    }

    /// The mean of a gate of one unit where a number is marked, and where none is. The first step of a sequence, which has nothing to
    /// forget, is left out.
    pub(super) fn gate(&self, index: usize, unit: usize) -> [f64; 2] {
        let mut sums = [[0.0, 0.0]; 2];
        for row in 0..self.test.len() {
            for step in 1..STEPS {
                let which = usize::from(self.read(row, step)[1] < 0.5);
                sums[which][0] += f64::from(self.passage.kept_at(row, step, index)[unit]);
                sums[which][1] += 1.0;
            }
        }
        sums.map(|[sum, count]| sum / count)
    }

    /// A sequence with several marks among the steps that are drawn.
    fn shown(&self) -> usize {
        let marks = |row: &usize| {
            (0..DRAWN)
                .filter(|step| self.read(*row, *step)[1] > 0.5)
                .count()
        };
        (0..self.test.len())
            .find(|row| marks(row) == 4)
            .unwrap_or(0)
    }

    /// Draws gates and memory of one unit over the beginning of a sequence. `gates` are names and places among what a step leaves
    /// behind; `memory` gives the unit's memory after a step of a sequence.
    pub(super) fn draw(
        &self,
        told: &mut Told,
        unit: usize,
        gates: &[(Words, usize)],
        memory: (Words, &dyn Fn(usize, usize) -> f32),
        caption: Words,
    ) {
        let (_, right) = self.values();
        let row = self.shown();
        let mut names = Vec::new();
        let mut values = Vec::new();
        let mut add = |name: Words, value: &dyn Fn(usize) -> f32| {
            names.push(name);
            values.extend((0..DRAWN).map(|step| f64::from(value(step))));
        };
        add(Words::new("number read", "읽은 수"), &|step| {
            self.read(row, step)[0]
        });
        add(Words::new("marked", "표시"), &|step| {
            self.read(row, step)[1]
        });
        add(Words::new("to be kept", "지킬 수"), &|step| {
            right[row * STEPS + step]
        });
        for (name, index) in gates {
            add(name.clone(), &|step| {
                self.passage.kept_at(row, step, *index)[unit]
            });
        }
        add(memory.0, &|step| memory.1(row, step));
        told.heat(
            "gates",
            HeatPlot {
                title: Words::new(
                    "Gates of one unit over a sequence",
                    "열 하나에 걸친 유닛 하나의 게이트",
                ),
                rows: names,
                columns: (1..=DRAWN)
                    .map(|step| Words::same(step.to_string()))
                    .collect(),
                values,
                row_title: Words::same(""),
                column_title: Words::new("step", "걸음"),
                show_values: false,
            },
            caption,
        );
    }
}
