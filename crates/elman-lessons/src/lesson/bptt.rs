//! Backpropagation through time: the contributions of the steps, and that they sum to the whole gradient.

use super::Lesson;
use crate::claim::Expected;
use crate::network::Kind;
use crate::setup::{Error, Setup};
use crate::teach::{Examples, Input, Target, built, numbers};
use crate::told::{Entry, Grid, HeatPlot, Told};
use crate::words::{Words, say};
use burn::prelude::*;
use elman::model::{Dense, Layer, Model, Sequential};
use elman_data::random::Stream;

pub(super) const LESSON: Lesson = Lesson::new(
    "bptt",
    Words::new(
        "Backpropagation through time: the steps' contributions sum to the gradient",
        "시간 역전파: 걸음마다의 기여를 더하면 전체 기울기",
    ),
    run,
);

const UNITS: usize = 3;
const STEPS: usize = 6;

/// One sequence of single numbers; the target at each step is the sum so far.
fn example() -> Examples {
    let mut random = Stream::new(&[4]);
    let values: Vec<f32> = (0..STEPS).map(|_| random.between(-1.0, 1.0)).collect();
    let sums = values.iter().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    Examples {
        target: Target::StepValues {
            values: sums.collect(),
            time: STEPS,
            width: 1,
        },
        input: Input::Steps {
            values,
            time: STEPS,
            features: 1,
        },
        lengths: None,
    }
}

/// The parameters, for arithmetic by hand in f64.
struct Weights {
    xh: Vec<f64>,
    hh: Vec<f64>,
    hy: Vec<f64>,
}

impl Weights {
    fn of(model: &Model) -> Self {
        let [Layer::Recurrent(recurrent), Layer::Dense(dense)] = &model.layers[..] else {
            panic!("a recurrent layer and a dense one");
        };
        let direction = &recurrent.rnn.directions[0];
        let exact = |values: Vec<f32>| values.into_iter().map(f64::from).collect();
        Self {
            xh: exact(numbers(direction.weight_ih.val())),
            hh: exact(numbers(direction.weight_hh.val())),
            hy: exact(numbers(dense.linear.weight.val())),
        }
    }

    /// The states h_0 … h_T (biases are zero before training) and the answers y_1 … y_T.
    fn forward(&self, input: &[f32]) -> (Vec<[f64; UNITS]>, Vec<f64>) {
        let mut states = vec![[0.0; UNITS]];
        let mut answers = Vec::new();
        for x in input {
            let before = states[states.len() - 1];
            let unit = |unit: usize| {
                let own: f64 = (0..UNITS)
                    .map(|k| before[k] * self.hh[k * UNITS + unit])
                    .sum();
                (f64::from(*x) * self.xh[unit] + own).tanh()
            };
            let state: [f64; UNITS] = std::array::from_fn(unit);
            answers.push((0..UNITS).map(|unit| state[unit] * self.hy[unit]).sum());
            states.push(state);
        }
        (states, answers)
    }

    /// What the loss at step `t` contributes to the gradient of W_hh through its use at each step `k ≤ t`, `k` from 1.
    fn contributions(
        &self,
        states: &[[f64; UNITS]],
        error: f64,
        t: usize,
    ) -> Vec<[f64; UNITS * UNITS]> {
        let mut by_step = vec![[0.0; UNITS * UNITS]; t + 1];
        // ∂loss_t/∂h_t, then carried back: ∂/∂h_{k-1} = W_hh ((1 - h_k²) ∂/∂h_k).
        let mut gradient: [f64; UNITS] = std::array::from_fn(|unit| error * self.hy[unit]);
        for k in (1..=t).rev() {
            let inner: [f64; UNITS] =
                std::array::from_fn(|unit| (1.0 - states[k][unit].powi(2)) * gradient[unit]);
            for from in 0..UNITS {
                for to in 0..UNITS {
                    by_step[k][from * UNITS + to] = states[k - 1][from] * inner[to];
                }
            }
            gradient = std::array::from_fn(|from| {
                (0..UNITS)
                    .map(|to| self.hh[from * UNITS + to] * inner[to])
                    .sum()
            });
        }
        by_step
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value.powi(2)).sum::<f64>().sqrt()
}

fn run(_setup: &mut Setup<'_>) -> Result<Told, Error> {
    let example = example();
    let network = Sequential::new()
        .add(Kind::Simple.layer(UNITS, true))
        .add(Dense::new(1));
    let model = built(&network, example.shape(), 7);
    let (Input::Steps { values: input, .. }, Target::StepValues { values: right, .. }) =
        (&example.input, &example.target)
    else {
        unreachable!("as made above")
    };

    let weights = Weights::of(&model);
    let (states, said) = weights.forward(input);
    // Loss = mean over the steps of (y - right)².
    let errors: Vec<f64> = said
        .iter()
        .zip(right)
        .map(|(said, right)| 2.0 * (said - f64::from(*right)) / STEPS as f64)
        .collect();
    let mut whole = [0.0; UNITS * UNITS];
    let mut by_use = vec![[0.0; UNITS * UNITS]; STEPS + 1];
    let mut sizes = vec![f64::NAN; STEPS * STEPS];
    for t in 1..=STEPS {
        let contributions = weights.contributions(&states, errors[t - 1], t);
        for (k, contribution) in contributions.iter().enumerate().skip(1) {
            sizes[(t - 1) * STEPS + k - 1] = norm(contribution);
            for (place, value) in contribution.iter().enumerate() {
                whole[place] += value;
                by_use[k][place] += value;
            }
        }
    }

    let device = Device::default().autodiff();
    let gradients = example.loss(&model, &[0], &device).backward();
    let Layer::Recurrent(recurrent) = &model.layers[0] else {
        unreachable!("as made above")
    };
    let weight = recurrent.rnn.directions[0].weight_hh.val();
    let automatic = weight.grad(&gradients).expect("W_hh has a gradient");
    let automatic: Vec<f64> = numbers(automatic).into_iter().map(f64::from).collect();
    let apart = whole.iter().zip(&automatic);
    let apart = apart
        .map(|(by_hand, found)| (by_hand - found).abs())
        .fold(0.0, f64::max);
    let without_past: Vec<f64> = whole
        .iter()
        .zip(&by_use[STEPS])
        .map(|(all, last)| all - last)
        .collect();

    let mut told = Told::default();
    told.text(say!(
        "A SimpleRnn with {UNITS} units reads {STEPS} numbers and is to say their sum so far at each step. W_hh is one \
         matrix, but it is used {STEPS} times, once at \
         each step. Changing it changes every use. Its gradient is therefore a sum: the loss at step t, through the use \
         at step k, for all k up to t. Each of these \
         parts was worked out by hand, going back from t with ∂h_k/∂h_(k-1) = W_hh · (1 - h_k²).",
        "유닛이 {UNITS}개인 SimpleRnn이 수 {STEPS}개를 읽으면서 걸음마다 지금까지의 합을 말해야 합니다. W_hh는 하나의 \
         행렬이지만 걸음마다 한 번씩 모두 {STEPS}번 쓰입니다. \
         그것을 바꾸면 모든 쓰임이 바뀝니다. 그래서 기울기는 합입니다. 걸음 t의 손실이 걸음 k의 쓰임을 거쳐 준 것을 \
         t까지의 모든 k에 대해 더합니다. 이 부분들을 하나씩, \
         t에서 거슬러 가면서 ∂h_k/∂h_(k-1) = W_hh · (1 - h_k²)로 계산했습니다."
    ));
    let mut grid = Grid::new([
        Words::new("use of W_hh at step", "W_hh가 쓰인 걸음"),
        Words::new("size of its contribution", "기여의 크기"),
        Words::new("sum so far, W_hh[1,1]", "지금까지의 합, W_hh[1,1]"),
    ]);
    let mut sum = 0.0;
    for (k, contribution) in by_use.iter().enumerate().skip(1) {
        sum += contribution[0];
        grid.row([
            Entry::from(k),
            norm(contribution).into(),
            format!("{sum:.7}").into(),
        ]);
    }
    grid.row([
        Words::new("automatic differentiation", "자동 미분").into(),
        norm(&automatic).into(),
        format!("{:.7}", automatic[0]).into(),
    ]);
    told.table(grid);
    told.text(Words::new(
        "At step 1 the state before is zero, so W_hh multiplies nothing and contributes nothing. The sum of all parts is \
         what automatic differentiation finds. It is not \
         an approximation: this is what backpropagation through time computes.",
        "걸음 1에서는 앞선 상태가 0이므로 W_hh가 곱하는 것이 없고 기여도 없습니다. 모든 부분을 더한 것이 자동 미분이 찾은 \
         것과 같습니다. 어림이 아닙니다. 시간 역전파가 \
         계산하는 것이 바로 이것입니다.",
    ));
    told.claim(
        say!(
            "largest difference between the sum by hand and automatic differentiation",
            "손으로 더한 합과 자동 미분의 가장 큰 차이"
        ),
        Expected::Below(1e-6),
        apart,
    );
    told.claim(
        say!(
            "size of the gradient that the last use alone would miss, against the whole",
            "마지막 쓰임만으로는 놓치는 기울기의 크기, 전체에 대한 비"
        ),
        Expected::Above(0.2),
        norm(&without_past) / norm(&whole),
    );
    told.claim(
        say!("contribution of step 1", "걸음 1의 기여"),
        Expected::Exactly(0.0),
        norm(&by_use[1]),
    );
    told.heat(
        "contributions",
        HeatPlot {
            title: Words::new(
                "Contributions to the gradient of W_hh",
                "W_hh의 기울기에 대한 기여",
            ),
            rows: (1..=STEPS)
                .map(|t| say!("loss at {t}", "{t}의 손실"))
                .collect(),
            columns: (1..=STEPS).map(|k| Words::same(k.to_string())).collect(),
            values: sizes,
            row_title: Words::new("from", "어디서"),
            column_title: Words::new("through the use at step", "거쳐 온 쓰임의 걸음"),
            show_values: true,
        },
        Words::new(
            "Each loss reaches back to every earlier use; the future has no say in the past.",
            "각 손실은 앞선 모든 쓰임에 닿고, 앞날은 지난 일에 영향을 주지 않습니다.",
        ),
    );
    Ok(told)
}
